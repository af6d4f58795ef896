package ctrlclient

import (
	"strings"
)

// Event is one unsolicited message.
type Event struct {
	Ifname string // from the IFNAME= prefix of the global socket, else empty
	Level  int    // 0 excessive, 1 msgdump, 2 debug, 3 info, 4 warning, 5 error; 3 if the prefix is unreadable
	Text   string // without prefixes; may hold any byte
}

// ParseEvent splits an unsolicited message into its parts and reports whether
// msg was one: "<N>text", "IFNAME=name <N>text" or "IFNAME=name text".
func ParseEvent(msg string) (Event, bool) {
	e := Event{Level: 3}
	rest, global := strings.CutPrefix(msg, "IFNAME=")
	if global {
		name, text, ok := strings.Cut(rest, " ")
		if !ok {
			return Event{}, false
		}
		e.Ifname, rest = name, text
	} else if !strings.HasPrefix(rest, "<") {
		return Event{}, false
	}
	if len(rest) >= 3 && rest[0] == '<' && rest[1] >= '0' && rest[1] <= '9' && rest[2] == '>' {
		e.Level, rest = int(rest[1]-'0'), rest[3:]
	} else if rest != "" && rest[0] == '<' {
		if _, text, ok := strings.Cut(rest, ">"); ok {
			rest = text
		}
	}
	e.Text = rest
	return e, true
}

package ctrl

import (
	"context"
	"errors"
	"log/slog"
	"strings"

	"gosupplicant/engine"
	"gosupplicant/engine/logs"
)

// Replies without data.
const (
	replyOK      = "OK\n"
	replyFail    = "FAIL\n"
	replyBusy    = "FAIL-BUSY\n"
	replyUnknown = "UNKNOWN COMMAND\n"
	replyNoIface = "FAIL-NO-IFNAME-MATCH\n"
)

// Limits of data replies in bytes: a byte less than upstream's buffers, which
// end with a zero.
const (
	maxIfaceReply  = 4095
	maxGlobalReply = 2047
)

// request is one command under way.
type request struct {
	srv   *Server
	ep    *endpoint // where it came in; nil inside IFNAME=
	from  string
	iface *watched // nil for commands of the global socket
	arg   string   // what follows the command's name
	// reply sends the answer of a handler that returned "" with later set.
	reply func(string)
	later bool
}

// scope says on which sockets a command is known.
type scope uint8

const (
	onIface scope = 1 << iota
	onGlobal
	onBoth = onIface | onGlobal
)

// match says how the text must fit the name.
type match uint8

const (
	exact   match = 1 << iota // the name alone
	withArg                   // the name, a blank, the argument
	prefix                    // anything that begins with the name
)

// command is one row of the table.
type command struct {
	name  string
	match match
	scope scope
	run   func(*request) string
	about string
}

// commands lists the commands; among prefixes the first that fits is taken.
func commands(yield func(*command) bool) {
	for _, part := range [...][]command{
		generalCommands, stateCommands, settingCommands, scanCommands, bssCommands,
		networkCommands, credCommands, connectCommands, eapCommands, interfaceCommands, driverCommands, testCommands, laterCommands,
	} {
		for k := range part {
			if !yield(&part[k]) {
				return
			}
		}
	}
}

// lookup finds the row for text and the argument.
func lookup(text string, on scope) (*command, string) {
	word, arg, spaced := strings.Cut(text, " ")
	for c := range commands {
		if c.name == word && c.scope&on != 0 && (spaced && c.match&withArg != 0 || !spaced && c.match&exact != 0) {
			return c, arg
		}
	}
	for c := range commands {
		if c.match&prefix != 0 && c.scope&on != 0 && strings.HasPrefix(text, c.name) {
			return c, text[len(c.name):]
		}
	}
	return nil, ""
}

// handle answers one datagram.
func (s *Server) handle(ep *endpoint, msg, from string) {
	r := &request{srv: s, ep: ep, from: from, iface: ep.iface}
	r.reply = func(text string) {
		if from == "" || ep.sock.closed {
			return
		}
		if err := ep.sock.send(from, text); err != nil {
			ep.log().Debug("Control reply not sent", "err", err)
		}
	}
	on := onIface
	if ep.iface == nil {
		on = onGlobal
		if rest, ok := strings.CutPrefix(msg, "IFNAME="); ok {
			if name, text, ok := strings.Cut(rest, " "); ok {
				i := s.sup.InterfaceByName(name)
				if i == nil {
					r.reply(replyNoIface)
					return
				}
				r.iface, r.ep, msg, on = s.find(i), nil, text, onIface
			}
		}
	}
	s.dispatch(r, msg, on)
}

// dispatch runs a command.
func (s *Server) dispatch(r *request, msg string, on scope) {
	c, arg := lookup(msg, on)
	if c == nil || on == onIface && r.iface == nil {
		r.reply(replyUnknown)
		return
	}
	r.arg = arg
	r.log().Log(context.Background(), c.logLevel(), "Control interface command '"+c.name+"'")
	if text := c.run(r); !r.later {
		r.reply(text)
	}
}

// limit is the room for a data reply.
func (r *request) limit() int {
	if r.iface == nil {
		return maxGlobalReply
	}
	return maxIfaceReply
}

// result is the reply for an error; why it failed is in the log only.
func (r *request) result(err error) string {
	if err == nil {
		return replyOK
	}
	r.refused(err)
	return replyFail
}

// refused notes why a command failed. Errors of the engine never show secrets.
func (r *request) refused(err error) { r.log().Debug("Control command refused", "err", err) }

func (r *request) log() *slog.Logger {
	if r.iface != nil {
		return r.iface.Log()
	}
	return r.srv.sup.Log()
}

// logLevel keeps what clients send all the time out of the debug log. Arguments,
// which may be secrets, are in no log.
func (c *command) logLevel() slog.Level {
	if c.name == "PING" {
		return logs.LevelExcessive
	}
	return logs.LevelDebug
}

// scanResult also tells a busy radio apart.
func (r *request) scanResult(err error) string {
	if errors.Is(err, engine.ErrBusy) {
		return replyBusy
	}
	return r.result(err)
}

// list builds a reply of whole entries within a limit.
type list struct {
	b     []byte
	limit int
	full  bool
}

func (r *request) list() *list { return &list{limit: r.limit()} }

// add appends an entry and reports whether it found room; after one that did not
// nothing is added any more.
func (l *list) add(entry string) bool {
	if l.full || len(l.b)+len(entry) > l.limit {
		l.full = true
		return false
	}
	l.b = append(l.b, entry...)
	return true
}

func (l *list) String() string { return string(l.b) }

// always makes a handler of a fixed reply.
func always(text string) func(*request) string { return func(*request) string { return text } }

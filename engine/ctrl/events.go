package ctrl

import (
	"fmt"
	"log/slog"
	"strings"

	"gosupplicant/engine"
	"gosupplicant/engine/dot11"
	"gosupplicant/engine/logs"
)

// line is what an event says to monitors.
type line struct {
	iface *engine.Interface
	level slog.Level
	text  string
	log   bool // goes to the log too
}

// event and logged make lines of the usual level.
func event(i *engine.Interface, format string, args ...any) (line, bool) {
	return line{iface: i, level: logs.LevelInfo, text: fmt.Sprintf(format, args...)}, true
}

func logged(i *engine.Interface, format string, args ...any) (line, bool) {
	return line{iface: i, level: logs.LevelInfo, text: fmt.Sprintf(format, args...), log: true}, true
}

// lineOf is the table of events; false for those that say nothing here.
func lineOf(ev engine.Event) (line, bool) {
	switch e := ev.(type) {
	case engine.ScanStarted:
		return event(e.Iface, "CTRL-EVENT-SCAN-STARTED %s", scanID(e.ID))
	case engine.ScanDone:
		if !e.Success {
			return line{}, false
		}
		return event(e.Iface, "CTRL-EVENT-SCAN-RESULTS %s", scanID(e.ID))
	case engine.ScanFailed:
		retry := ""
		if e.Retry {
			retry = " retry=1"
		}
		return logged(e.Iface, "CTRL-EVENT-SCAN-FAILED ret=%d%s", -e.Errno, retry)
	case engine.BSSAdded:
		return event(e.Iface, "CTRL-EVENT-BSS-ADDED %d %v", e.BSS.ID, e.BSS.BSSID)
	case engine.BSSRemoved:
		return event(e.Iface, "CTRL-EVENT-BSS-REMOVED %d %v", e.BSS.ID, e.BSS.BSSID)
	case engine.NetworkAdded:
		return event(e.Iface, "CTRL-EVENT-NETWORK-ADDED %d", e.Network.ID)
	case engine.NetworkRemoved:
		return event(e.Iface, "CTRL-EVENT-NETWORK-REMOVED %d", e.Network.ID)
	case engine.NetworkNotFound:
		return event(e.Iface, "CTRL-EVENT-NETWORK-NOT-FOUND ")
	case engine.NetworkReenabled:
		return logged(e.Iface, `CTRL-EVENT-SSID-REENABLED id=%d ssid="%s"`, e.Network.ID, dot11.EscapeText(e.Network.SSID))
	case engine.SignalChanged:
		return event(e.Iface, "CTRL-EVENT-SIGNAL-CHANGE above=%d signal=%d noise=%d txrate=%d",
			digit(e.Signal.Above), e.Signal.Signal.Signal, e.Signal.Signal.Noise, e.Signal.Signal.TxRate)
	case engine.RegulatoryChanged:
		alpha2 := ""
		if e.Change.Alpha2 != "" {
			alpha2 = " alpha2=" + e.Change.Alpha2
		}
		return logged(e.Iface, "CTRL-EVENT-REGDOM-CHANGE init=%s type=%s%s", e.Change.Initiator, e.Change.Type, alpha2)
	case engine.Terminating:
		return logged(e.Iface, "CTRL-EVENT-TERMINATING ")
	case engine.Message:
		return line{iface: e.Iface, level: e.Level, text: e.Text, log: true}, true
	}
	return lineOfLists(ev)
}

// lineOfLists is the part of the table about lists and radio work.
func lineOfLists(ev engine.Event) (line, bool) {
	switch e := ev.(type) {
	case engine.BSSIDIgnored:
		if e.Count == 1 {
			return logged(e.Iface, "Added BSSID %v into ignore list, ignoring for %d seconds", e.BSSID, e.Seconds)
		}
		return logged(e.Iface, "BSSID %v ignore list count incremented to %d, ignoring for %d seconds", e.BSSID, e.Count, e.Seconds)
	case engine.BSSIDUnignored:
		why := ""
		if e.Why != "" {
			why = " (" + e.Why + ")"
		}
		return logged(e.Iface, "Removed BSSID %v from ignore list%s", e.BSSID, why)
	case engine.CredAdded:
		return logged(e.Iface, "CRED-ADDED %d", e.ID)
	case engine.CredRemoved:
		return logged(e.Iface, "CRED-REMOVED %d", e.ID)
	case engine.RadioWorkStarted:
		return logged(e.Iface, "EXT-RADIO-WORK-START %d", e.ID)
	case engine.RadioWorkTimeout:
		return logged(e.Iface, "EXT-RADIO-WORK-TIMEOUT %d", e.ID)
	}
	return lineOfJoining(ev)
}

func scanID(id int) string {
	if id == 0 {
		return ""
	}
	return fmt.Sprintf("id=%d", id)
}

func digit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// printable is text as a line of the log may show it: control characters, which
// could forge other lines, become \xNN.
func printable(text string) string {
	if !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return text
	}
	var b strings.Builder
	for i := range len(text) {
		if c := text[i]; c < ' ' || c == 0x7f {
			fmt.Fprintf(&b, `\x%02x`, c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

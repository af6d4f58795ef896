package lab

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Names on the bus.
const (
	Service   = "fi.w1.wpa_supplicant1"
	RootPath  = "/fi/w1/wpa_supplicant1"
	Interface = Service + ".Interface"
	BSS       = Service + ".BSS"
	Network   = Service + ".Network"
)

// Bus is a private dbus-daemon that plays the system bus.
type Bus struct {
	t       T
	Process *Process
	Path    string // of its socket
}

const busConfig = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>%s</type>
  <listen>unix:path=%s</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
%s  </policy>
  <policy user="root">
    <allow send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus.Monitoring"/>
  </policy>
%s</busconfig>
`

// systemRules are what a system bus allows before any service's policy.
const systemRules = `    <allow user="*"/>
    <deny own="*"/>
    <deny send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
    <allow send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus"/>
    <allow send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus.Introspectable"/>
    <allow send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus.Properties"/>
`

const openRules = `    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
`

// StartBus starts a message bus. With policies (files of services) it is as
// strict as a system bus; with none, everything is allowed on it. Nothing can
// be activated through it: whoever owns a name was started by the test.
func StartBus(t T, policies ...string) *Bus {
	t.Helper()
	dir := t.TempDir()
	b := &Bus{t: t, Path: filepath.Join(dir, "bus")}
	kind, rules, includes := "session", openRules, ""
	if len(policies) > 0 {
		kind, rules = "system", systemRules
		for _, p := range policies {
			includes += fmt.Sprintf("  <include>%s</include>\n", p)
		}
	}
	config := filepath.Join(dir, "bus.conf")
	text := fmt.Sprintf(busConfig, kind, b.Path, rules, includes)
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		t.Fatalf("lab: bus: %v", err)
	}
	b.Process = Start(t, "dbus-daemon", nil, "dbus-daemon", "--nofork", "--nopidfile", "--nosyslog", "--print-address=1", "--config-file="+config)
	b.Process.WaitText("unix:path=")
	return b
}

// Env makes a program use this bus as the system bus.
func (b *Bus) Env() []string {
	return []string{"DBUS_SYSTEM_BUS_ADDRESS=unix:path=" + b.Path}
}

// WaitName waits until somebody owns a name.
func (b *Bus) WaitName(name string) {
	b.t.Helper()
	Run(b.t, b.Env(), "gdbus", "wait", "--system", "--timeout", fmt.Sprint(int(Patience.Seconds())), name)
}

// Monitor shows every message that concerns a service.
type Monitor struct{ *Process }

// Message is one message seen by a Monitor.
type Message struct {
	Type      string `json:"type"`
	Path      string `json:"path"`
	Interface string `json:"interface"`
	Member    string `json:"member"`
	Payload   struct {
		Type string            `json:"type"`
		Data []json.RawMessage `json:"data"`
	} `json:"payload"`
}

// Monitor attaches a monitor and waits until it sees.
func (b *Bus) Monitor() *Monitor {
	b.t.Helper()
	m := &Monitor{Start(b.t, "busctl monitor", b.Env(), "busctl", "--system", "--json=short", "monitor", Service)}
	// busctl says when it has become a monitor; older ones say nothing, and
	// then the first message is the proof.
	m.WaitText("Monitoring bus message stream")
	return m
}

// WaitSignal waits for the next signal with that member for which match (may
// be nil) holds.
func (m *Monitor) WaitSignal(member string, match func(Message) bool) Message {
	m.t.Helper()
	var found Message
	m.Wait("signal "+member, func(line string) bool {
		msg, ok := parseMessage(line)
		if !ok || msg.Type != "signal" || msg.Member != member || (match != nil && !match(msg)) {
			return false
		}
		found = msg
		return true
	})
	return found
}

// TrySignal is WaitSignal that reports failure.
func (m *Monitor) TrySignal(member string, limit time.Duration) bool {
	_, ok := m.TryWait(func(line string) bool {
		msg, ok := parseMessage(line)
		return ok && msg.Type == "signal" && msg.Member == member
	}, limit)
	return ok
}

func parseMessage(line string) (Message, bool) {
	var m Message
	if !strings.HasPrefix(line, "{") || json.Unmarshal([]byte(line), &m) != nil {
		return Message{}, false
	}
	return m, true
}

package main

import (
	"context"
	"os/exec"
	"strings"
	"testing"

	"gosupplicant/cmd/wpa_supplicant/stage"
	"gosupplicant/dbus/bus"
)

// playedIWD answers as iwd does, on the same bus as the station under test.
type playedIWD struct {
	conn   *bus.Conn
	agent  string      // who is asked for passwords
	said   chan string // its answers
	refuse bool        // every Connect fails
}

const (
	playedDevice  = iwdRoot + "/2/4"
	playedNetwork = playedDevice + "/62656e6368_psk"
)

func (p *playedIWD) take(batch []bus.Event) {
	for _, ev := range batch {
		switch ev := ev.(type) {
		case *bus.Answer:
			ev.Deliver()
		case *bus.Call:
			p.call(ev)
		}
	}
	p.conn.Flush()
}

func (p *playedIWD) call(c *bus.Call) {
	switch c.Member {
	case "GetManagedObjects":
		p.conn.Reply(c, bus.Array{Elem: "{oa{sa{sv}}}", Items: []any{
			bus.Struct{playedDevice, ifaces(bus.Struct{iwdDevice, dict("State", "disconnected")})},
			bus.Struct{playedNetwork, ifaces(bus.Struct{iwdNetwork, dict("Name", ssid)})},
			bus.Struct{iwdRoot + "/known", ifaces(bus.Struct{iwdKnown, dict("Name", ssid)})},
		}})
	case "RegisterAgent":
		p.agent = c.Sender
		p.conn.Reply(c)
	case "Disconnect", "Forget":
		p.change("State", "disconnected")
		p.conn.Reply(c)
	case "Scan":
		p.conn.Error(c, iwdService+".InProgress")
		p.change("Scanning", true)
		p.change("Scanning", false)
	case "GetDiagnostics":
		p.conn.Reply(c, dict("ConnectedBss", "02:00:00:00:00:00"))
	case "Introspect":
		p.conn.Reply(c, `<node><interface><method name="Roam"></method></interface></node>`)
	case "Connect":
		p.connect(c)
	default:
		p.conn.Error(c, "org.freedesktop.DBus.Error.UnknownMethod", c.Member)
	}
}

// connect asks the agent first.
func (p *playedIWD) connect(c *bus.Call) {
	if p.refuse {
		p.conn.Error(c, iwdService+".Failed", "Operation failed")
		return
	}
	p.change("State", "connecting")
	p.conn.Call(bus.Target{Dest: p.agent, Path: agentPath, Interface: iwdService + ".Agent", Member: "RequestPassphrase"}, func(a *bus.Answer) {
		if args, err := a.Args(); err == nil {
			text, _ := args[0].(string)
			p.said <- text
		}
		p.change("State", "connected")
		p.conn.Reply(c)
	}, playedNetwork)
}

func (p *playedIWD) change(property string, value any) {
	p.conn.Emit(playedDevice, properties, "PropertiesChanged", iwdDevice, dict(property, value), []string{})
}

// playIWD gives a station that sees a played iwd.
func playIWD(t *testing.T, refuse bool) (*iwdStation, *playedIWD) {
	t.Helper()
	if _, err := exec.LookPath("dbus-daemon"); err != nil {
		t.Skip("needs dbus-daemon")
	}
	b, err := stage.StartBus(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Stop)
	conn, err := bus.Dial(context.Background(), b.Address, bus.Options{Name: iwdService})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	p := &playedIWD{conn: conn, said: make(chan string, 1), refuse: refuse}
	go conn.Run(p.take)
	client, err := stage.ConnectTo(context.Background(), b.Address, iwdService, answerAgent)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return &iwdStation{client: client}, p
}

// TestIWDStation has a network forgotten and joined again with the agent's password.
func TestIWDStation(t *testing.T) {
	s, p := playIWD(t, false)
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{"find", s.findObjects}, {"forget", s.forget}, {"look", s.look}, {"pick", s.pick},
	} {
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
	}
	if s.device != playedDevice || s.network != playedNetwork || s.known != iwdRoot+"/known" {
		t.Errorf("found %s, %s, %s", s.device, s.network, s.known)
	}
	if _, err := s.connected(); err != nil {
		t.Fatal(err)
	}
	if bssid, err := s.bssid(); err != nil || bssid != "02:00:00:00:00:00" {
		t.Errorf("connected with %q, %v", bssid, err)
	}
	if text := <-p.said; text != password {
		t.Errorf("the agent said %q", text)
	}
	for method, want := range map[string]bool{"Roam": true, "Fly": false} {
		if ok, err := s.offers(method); ok != want || err != nil {
			t.Errorf("offers %s: %v, %v", method, ok, err)
		}
	}
}

// TestIWDRefuses ends the wait with the reason.
func TestIWDRefuses(t *testing.T) {
	s, _ := playIWD(t, true)
	if err := s.findObjects(); err != nil {
		t.Fatal(err)
	}
	if err := s.join(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.connected(); err == nil || !strings.Contains(err.Error(), "Operation failed") {
		t.Errorf("waited until %v", err)
	}
	if err := s.roam("no address"); err == nil {
		t.Error("roamed to no address")
	}
}

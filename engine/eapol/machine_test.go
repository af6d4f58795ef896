package eapol_test

import (
	"crypto/rand"
	"fmt"
	"strings"
	"testing"
	"time"

	"gosupplicant/engine/dot11"
	"gosupplicant/engine/eap"
	"gosupplicant/engine/eap/eaptest"
	"gosupplicant/engine/eapol"
)

var peer = dot11.MAC{2, 0, 0, 0, 0, 1}

func newMachine(change func(*eapol.Config)) *eapol.Machine {
	cfg := eapol.Config{EAP: eap.MachineConfig{Config: &eap.Config{Identity: []byte("user"), Wired: true}, Rand: rand.Reader,
		Registry: eap.Registry{eaptest.Plain(true)}, Now: func() time.Time { return time.Unix(0, 0) }}}
	if change != nil {
		change(&cfg)
	}
	return eapol.New(cfg)
}

// words tells outputs in words; timers that stop and states passed on the way are
// left out.
func words(outputs []eapol.Output) string {
	var w []string
	for _, o := range outputs {
		switch o := o.(type) {
		case eapol.Send:
			w = append(w, "send("+o.Type.String()+")")
		case eapol.SetTimer:
			if o.Timer != eapol.TimerEAP {
				w = append(w, fmt.Sprintf("%v=%v", o.Timer, o.After))
			}
		case eapol.PortStatus:
			w = append(w, fmt.Sprintf("port(%v)", o.Authorized))
		case eapol.Success:
			w = append(w, "success")
		case eapol.Failure:
			w = append(w, "failure("+o.Reason.Check+")")
		case eapol.StateChanged:
			w = append(w, o.To.String())
		case eapol.EAP:
			if n, ok := o.Output.(eap.NeedCredential); ok {
				w = append(w, "need("+n.Field.String()+")")
			}
		}
	}
	return strings.Join(w, " ")
}

func packet(p []byte) []byte { return eapol.AppendPDU(nil, 2, eapol.PacketEAP, p) }

func request(id uint8, t eap.Type, data string) []byte {
	return packet(eap.AppendPacket(nil, eap.CodeRequest, id, t, []byte(data)))
}

func end(code eap.Code, id uint8) []byte { return packet([]byte{byte(code), id, 0, 4}) }

func expect(t *testing.T, got []eapol.Output, want string) {
	t.Helper()
	if g := words(got); g != want {
		t.Errorf("\n got %s\nwant %s", g, want)
	}
}

const (
	answer = "send(EAP-Packet) authWhile=30s"
	begun  = "RESTART AUTHENTICATING authWhile=30s " + answer
)

func authenticate(t *testing.T, m *eapol.Machine) {
	t.Helper()
	expect(t, m.Receive(peer, request(1, eap.TypeIdentity, "")), begun)
	expect(t, m.Receive(peer, request(2, eaptest.PlainType, "good")), answer)
	expect(t, m.Receive(peer, end(eap.CodeSuccess, 2)), "success AUTHENTICATED port(true)")
}

func TestCable(t *testing.T) {
	m := newMachine(nil)
	m.PortValid(true)
	expect(t, m.PortEnabled(true), "CONNECTING send(EAPOL-Start) startWhen=2s")
	authenticate(t, m)
	// The authenticator asks again: the port stays open meanwhile.
	expect(t, m.Receive(peer, request(7, eap.TypeIdentity, "")), begun)
	if !m.Authorized() {
		t.Error("reauthentication closed the port")
	}
	expect(t, m.Receive(peer, request(8, eaptest.PlainType, "maycont")), answer)
	expect(t, m.Receive(peer, end(eap.CodeFailure, 8)), "failure(server refused) HELD heldWhile=1m0s port(false)")
	expect(t, m.Timeout(eapol.TimerHeld), "CONNECTING send(EAPOL-Start) startWhen=30s")
	expect(t, m.PortEnabled(false), "DISCONNECTED")
	if s := m.Stats(); s.StartTx != 2 || s.RespTx != 4 || s.ReqIDRx != 2 || s.ReqRx != 2 || s.LastSource != peer || s.LastVersion != 2 {
		t.Errorf("%+v", s)
	}
}

// TestAir opens the port only when the keys are in place.
func TestAir(t *testing.T) {
	m := newMachine(func(c *eapol.Config) { c.StartDelay = time.Second })
	expect(t, m.PortEnabled(true), "CONNECTING startWhen=1s")
	expect(t, m.Receive(peer, request(1, eap.TypeIdentity, "")), begun)
	expect(t, m.Receive(peer, request(2, eaptest.PlainType, "good")), answer)
	if m.Keys() == nil {
		t.Error("no keys although the method is content")
	}
	expect(t, m.Receive(peer, end(eap.CodeSuccess, 2)), "success")
	expect(t, m.PortValid(true), "AUTHENTICATED port(true)")
	expect(t, m.PortValid(false), "DISCONNECTED port(false) CONNECTING startWhen=1s")
}

func TestLostSuccess(t *testing.T) {
	m := newMachine(nil)
	m.PortEnabled(true)
	m.Receive(peer, request(1, eap.TypeIdentity, ""))
	expect(t, m.LowerSuccess(), "")
	m.Receive(peer, request(2, eaptest.PlainType, "good"))
	expect(t, m.LowerSuccess(), "success")
	expect(t, m.PortValid(true), "AUTHENTICATED port(true)")
}

func TestStartIsRepeated(t *testing.T) {
	for _, valid := range []bool{true, false} {
		m := newMachine(nil)
		m.PortValid(valid)
		expect(t, m.PortEnabled(true), "CONNECTING send(EAPOL-Start) startWhen=2s")
		for range 3 {
			expect(t, m.Timeout(eapol.TimerStart), "send(EAPOL-Start) startWhen=30s")
		}
		if valid {
			expect(t, m.Timeout(eapol.TimerStart), "AUTHENTICATED port(true)") // nobody there
			expect(t, m.Receive(peer, request(1, eap.TypeIdentity, "")), begun)
		} else {
			expect(t, m.Timeout(eapol.TimerStart), "HELD heldWhile=1m0s")
			expect(t, m.Receive(peer, request(1, eap.TypeIdentity, "")), begun)
		}
	}
}

func TestSilence(t *testing.T) {
	m := newMachine(nil)
	m.PortEnabled(true)
	m.Receive(peer, request(1, eap.TypeIdentity, ""))
	m.Receive(peer, request(2, eaptest.PlainType, "x"))
	expect(t, m.Timeout(eapol.TimerAuth), "failure(timeout) HELD heldWhile=1m0s CONNECTING send(EAPOL-Start) startWhen=30s")
	expect(t, m.Timeout(eapol.TimerAuth), "")
}

// TestForgeries: nothing but a request begins anything, and a lone success opens
// nothing.
func TestForgeries(t *testing.T) {
	m := newMachine(nil)
	m.PortValid(true)
	m.PortEnabled(true)
	expect(t, m.Receive(peer, end(eap.CodeSuccess, 0)), "")
	expect(t, m.Receive(peer, end(eap.CodeFailure, 0)), "")
	expect(t, m.Receive(peer, request(1, eap.TypeIdentity, "")), begun)
	for id := range 256 {
		expect(t, m.Receive(peer, end(eap.CodeSuccess, uint8(id))), "")
	}
	for _, pdu := range [][]byte{nil, {2}, {2, 0, 0, 9, 1}, {0, 0, 0, 0}, {2, 3, 0, 0}, {2, 99, 0, 0}, {2, 0, 0, 2, 1, 1}, eapol.AppendPDU(nil, 2, eapol.PacketStart, nil)} {
		expect(t, m.Receive(peer, pdu), "")
	}
	if s := m.Stats(); s.InvalidRx != 3 || s.LengthErrorRx != 3 {
		t.Errorf("%+v", s)
	}
	expect(t, m.Receive(peer, request(2, eaptest.PlainType, "good")), answer)
	expect(t, m.Receive(peer, end(eap.CodeSuccess, 2)), "success AUTHENTICATED port(true)")
	expect(t, m.Receive(peer, end(eap.CodeFailure, 2)), "")
}

func TestLogoffAndLogon(t *testing.T) {
	m := newMachine(nil)
	m.PortValid(true)
	m.PortEnabled(true)
	authenticate(t, m)
	expect(t, m.Logoff(), "DISCONNECTED port(false) LOGOFF send(EAPOL-Logoff)")
	expect(t, m.Logoff(), "")
	expect(t, m.Receive(peer, request(1, eap.TypeIdentity, "")), "")
	expect(t, m.Reauthenticate(), "")
	expect(t, m.Logon(), "DISCONNECTED CONNECTING send(EAPOL-Start) startWhen=2s")
	authenticate(t, m)
	expect(t, m.Reauthenticate(), "CONNECTING send(EAPOL-Start) startWhen=30s")
	if !m.Authorized() {
		t.Error("reauthentication closed the port")
	}
	authenticateOpen(t, m)
}

func authenticateOpen(t *testing.T, m *eapol.Machine) {
	t.Helper()
	expect(t, m.Receive(peer, request(1, eap.TypeIdentity, "")), begun)
	expect(t, m.Receive(peer, request(2, eaptest.PlainType, "good")), answer)
	expect(t, m.Receive(peer, end(eap.CodeSuccess, 2)), "success AUTHENTICATED")
}

func TestPortControl(t *testing.T) {
	m := newMachine(nil)
	m.PortEnabled(true)
	m.SetPortControl(eapol.PortControlForceAuthorized)
	if !m.Authorized() || m.State() != eapol.StateForceAuth {
		t.Error("forced open and is not")
	}
	expect(t, m.Receive(peer, request(1, eap.TypeIdentity, "")), "")
	m.SetPortControl(eapol.PortControlForceUnauthorized)
	if m.Authorized() {
		t.Error("forced shut and is not")
	}
	m.SetPortControl(eapol.PortControlAuto)
	authenticateWith(t, m)
}

func authenticateWith(t *testing.T, m *eapol.Machine) {
	t.Helper()
	m.PortValid(true)
	authenticate(t, m)
}

func TestCached(t *testing.T) {
	m := newMachine(nil)
	m.PortEnabled(true)
	expect(t, m.Cached(), "AUTHENTICATING")
	expect(t, m.PortValid(true), "AUTHENTICATED port(true)")
	// The access point does not know the key after all and asks.
	m = newMachine(nil)
	m.PortEnabled(true)
	m.Cached()
	expect(t, m.Receive(peer, request(1, eap.TypeIdentity, "")), begun)
}

// TestUserThinks: the authenticator's silence does not count while the user types.
func TestUserThinks(t *testing.T) {
	m := newMachine(func(c *eapol.Config) { c.EAP.Config.Identity = nil })
	m.PortValid(true)
	m.PortEnabled(true)
	expect(t, m.Receive(peer, request(1, eap.TypeIdentity, "")), "RESTART AUTHENTICATING authWhile=30s need(IDENTITY)")
	expect(t, m.Timeout(eapol.TimerAuth), "")
	expect(t, m.Answer(eap.FieldIdentity, []byte("me")), answer)
	expect(t, m.Receive(peer, request(2, eaptest.PlainType, "good")), answer)
	expect(t, m.Receive(peer, end(eap.CodeSuccess, 2)), "success AUTHENTICATED port(true)")
}

func TestReports(t *testing.T) {
	m := newMachine(nil)
	m.PortValid(true)
	m.PortEnabled(true)
	authenticate(t, m)
	got := fmt.Sprint(m.Status(true))
	want := "[{Supplicant PAE state AUTHENTICATED} {suppPortStatus Authorized} {heldPeriod 60} {authPeriod 30} {startPeriod 30} {maxStart 3} {portControl Auto} " +
		"{Supplicant Backend state IDLE} {EAP state SUCCESS} {selectedMethod 250 (EAP-PLAIN)} {reqMethod 0} {methodState DONE} {decision COND_SUCC} {ClientTimeout 60}]"
	if got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
	if mib := m.MIB(); len(mib) != 18 || mib[0].Value != "5" || mib[len(mib)-1].Value != peer.String() {
		t.Errorf("%v", mib)
	}
}

func FuzzReceive(f *testing.F) {
	f.Add(request(1, eap.TypeIdentity, ""), end(eap.CodeSuccess, 1))
	f.Add(request(1, eap.TypeIdentity, ""), request(2, eaptest.PlainType, "good"))
	f.Add([]byte{2, 3, 0, 1, 9}, []byte{1, 0, 0, 0})
	f.Fuzz(func(t *testing.T, a, b []byte) {
		m := newMachine(nil)
		m.PortValid(true)
		m.PortEnabled(true)
		out := words(m.Receive(peer, a)) + words(m.Receive(peer, b))
		if strings.Contains(out, "port(true)") {
			t.Errorf("two frames opened the port: %s", out)
		}
	})
}

func FuzzParsePDU(f *testing.F) {
	f.Add(request(1, eap.TypeIdentity, ""))
	f.Add([]byte{1, 1, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := eapol.ParsePDU(b)
		if err == nil && len(p.Body)+4 > len(b) {
			t.Errorf("body of %d bytes in %d", len(p.Body), len(b))
		}
	})
}

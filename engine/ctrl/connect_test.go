package ctrl

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"gosupplicant/drivers/sim"
	"gosupplicant/engine"
	"gosupplicant/engine/dot11"
	"gosupplicant/engine/logs"
)

// connectAir holds networks of each kind that can be joined, and two BSSs of one.
const connectAir = `country DE
dwell active=5ms passive=5ms
radio phy0 interfaces=sim0
ap "plain" bssid=02:22:00:00:00:01 channel=1 signal=-40 security=open
ap "two" bssid=02:22:00:00:00:02 channel=6 signal=-50 security=wpa2 passphrase="right right"
ap "two" bssid=02:22:00:00:00:03 channel=11 signal=-60 security=wpa2 passphrase="right right"
ap "three" bssid=02:22:00:00:00:04 channel=36 signal=-60 security=wpa3 passphrase="right right"
owe "cafe" bssid=02:22:00:00:00:08 twin=02:22:00:00:00:09 channel=1 signal=-74
`

// story is a virtual daemon that writes down what monitors hear and are told.
type story struct {
	*virtual
	b    strings.Builder
	from int // where the last network begins
}

func newStory(t *testing.T) *story {
	s := &story{virtual: newVirtual(t, connectAir)}
	s.sup.Observe(func(ev engine.Event) {
		l, ok := lineOf(ev)
		if ok && !strings.HasPrefix(l.text, "CTRL-EVENT-BSS-") && !strings.HasPrefix(l.text, "CTRL-EVENT-SCAN-") && !strings.HasPrefix(l.text, "EAPOL-RX ") {
			fmt.Fprintf(&s.b, "<%d>%s\n", logs.Number(l.level), l.text)
		}
	})
	return s
}

// say runs commands and writes their replies down where they come.
func (s *story) say(cmds ...string) {
	for _, cmd := range cmds {
		r := &request{srv: s.srv, iface: s.srv.find(s.sup.InterfaceByName("sim0")), reply: func(reply string) {
			fmt.Fprintf(&s.b, "> %s\n%s", cmd, reply)
			if !strings.HasSuffix(reply, "\n") {
				s.b.WriteString("\n")
			}
		}}
		s.srv.dispatch(r, cmd, onIface)
		s.loop.Drain()
	}
}

// until lets time pass up to a state.
func (s *story) until(state engine.State) {
	s.t.Helper()
	i := s.sup.InterfaceByName("sim0")
	if !s.loop.Until(2*time.Minute, func() bool { return i.State() == state }) {
		s.t.Fatalf("state %v is not reached, but %v:\n%s", state, i.State(), s.b.String())
	}
	s.loop.Drain()
}

// compare holds the story against a golden file.
func (s *story) compare(file string) {
	s.t.Helper()
	got := s.b.String()
	if *golden {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			s.t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		s.t.Fatal(err)
	}
	if got != string(want) {
		s.t.Errorf("not as in %s:\n%s", file, got)
	}
}

// TestConnectStory joins a network of each kind by commands; events, STATUS and
// the other answers about a connection are kept golden.
func TestConnectStory(t *testing.T) {
	s := newStory(t)
	for k, set := range [][]string{
		{`ssid "plain"`, "key_mgmt NONE", `id_str "home \"office\""`},
		{`ssid "two"`, `psk "right right"`},
		{`ssid "three"`, "key_mgmt SAE", `sae_password "right right"`, "ieee80211w 2"},
		{`ssid "cafe"`, "key_mgmt OWE", "ieee80211w 2"},
	} {
		s.ask("ADD_NETWORK")
		for _, f := range set {
			if got := s.ask(fmt.Sprintf("SET_NETWORK %d %s", k, f)); got != replyOK {
				t.Fatalf("%s: %q", f, got)
			}
		}
		s.say(fmt.Sprintf("SELECT_NETWORK %d", k))
		s.until(engine.StateCompleted)
		s.say("STATUS", "PMKSA", "LIST_NETWORKS", "BSS CURRENT MASK=0x6")
		if k == 0 || k == 2 {
			s.say("MIB")
		}
		s.say("DISCONNECT", "STATUS")
		if k == 2 {
			s.say("RECONNECT") // with the PMK of the first exchange
			s.until(engine.StateCompleted)
			s.say("STATUS", "PMKSA_FLUSH", "DISCONNECT")
		}
	}
	s.compare("testdata/golden_connect.txt")
}

// network adds a network and selects it.
func (s *story) network(fields ...string) {
	s.t.Helper()
	s.from = s.b.Len()
	k := strings.TrimSpace(s.ask("ADD_NETWORK"))
	for _, f := range fields {
		if got := s.ask("SET_NETWORK " + k + " " + f); got != replyOK {
			s.t.Fatalf("%s: %q", f, got)
		}
	}
	s.say("SELECT_NETWORK " + k)
}

// untilText lets time pass until an event since the last network holds text.
func (s *story) untilText(text string) {
	s.t.Helper()
	if !s.loop.Until(5*time.Minute, func() bool { return strings.Contains(s.b.String()[s.from:], text) }) {
		s.t.Fatalf("%q does not come:\n%s", text, s.b.String())
	}
}

// TestWrongKeyStory: a wrong passphrase, and a wrong SAE password.
func TestWrongKeyStory(t *testing.T) {
	s := newStory(t)
	s.network(`ssid "two"`, `psk "wrong wrong"`)
	s.untilText("CTRL-EVENT-ATTEMPT-FAILED")
	s.say("STATUS", "LIST_NETWORKS", "FAILURES 0", "DISCONNECT", "REMOVE_NETWORK 0")
	s.network(`ssid "three"`, "key_mgmt SAE", `sae_password "wrong wrong"`, "ieee80211w 2")
	s.untilText("CTRL-EVENT-ATTEMPT-FAILED")
	s.say("LIST_NETWORKS", "FAILURES", "ENABLE_NETWORK 0", "FAILURES x", "FAILURES 9", "DISCONNECT")
	s.compare("testdata/golden_wrongkey.txt")
}

// TestRoamStory: ROAM, REATTACH and REASSOCIATE, the access point that leaves, and
// the answers without a connection.
func TestRoamStory(t *testing.T) {
	s := newStory(t)
	s.say("ROAM 02:22:00:00:00:03", "REATTACH", "SIGNAL_POLL", "PKTCNT_POLL", "SIGNAL_MONITOR THRESHOLD=-60", "PMKSA_GET 0", "FAILURES")
	s.network(`ssid "two"`, `psk "right right"`)
	s.until(engine.StateCompleted)
	s.say("ROAM 02:22:00:00:00:03")
	s.until(engine.StateCompleted)
	s.say("STATUS", "BSS CURRENT MASK=0x6", "SIGNAL_POLL", "PKTCNT_POLL", "ROAM 02:22:00:00:00:77", "ROAM 02:22:00:00:00:01", "ROAM x")
	s.say("REATTACH")
	s.until(engine.StateCompleted)
	s.say("REASSOCIATE")
	s.until(engine.StateCompleted)
	s.say("STATUS", "DISCONNECT", "REASSOCIATE")
	s.until(engine.StateCompleted)
	s.say("DISABLE_NETWORK 0", "LIST_NETWORKS")
	s.compare("testdata/golden_roam.txt")
}

// TestTroubleStory: refusals, silence, an access point that renews its keys, moves,
// sends away and forgets.
func TestTroubleStory(t *testing.T) {
	s := newStory(t)
	mac := func(last byte) dot11.MAC { return dot11.MAC{2, 0x22, 0, 0, 0, last} }
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		s.loop.Drain()
	}
	air := s.air.Air()
	must(air.RefuseAP(mac(1), dot11.StatusUnspecifiedFailure, dot11.StatusSuccess))
	s.network(`ssid "plain"`, "key_mgmt NONE")
	s.untilText("CTRL-EVENT-ATTEMPT-FAILED")
	s.say("STATUS", "DISCONNECT", "REMOVE_NETWORK all")
	must(air.RefuseAP(mac(1), dot11.StatusSuccess, 17))
	s.network(`ssid "plain"`, "key_mgmt NONE")
	s.untilText("CTRL-EVENT-ATTEMPT-FAILED")
	s.say("DISCONNECT", "REMOVE_NETWORK all")
	air.OnFrame(func(f sim.Frame) sim.Fate { return sim.Fate{Drop: f.ToAP} })
	s.network(`ssid "plain"`, "key_mgmt NONE")
	s.untilText("CTRL-EVENT-ATTEMPT-FAILED")
	air.OnFrame(nil)
	s.say("FAILURES", "DISCONNECT", "REMOVE_NETWORK all")

	s.network(`ssid "two"`, `psk "right right"`, "bssid 02:22:00:00:00:02")
	s.until(engine.StateCompleted)
	must(air.Rekey(mac(2), false))
	must(air.Rekey(mac(2), true))
	must(air.SwitchChannel(mac(2), 2412))
	s.say("STATUS")
	must(air.Kick(mac(2), dot11.ReasonDeauthLeaving, false))
	s.until(engine.StateCompleted)
	s.say("LIST_NETWORKS", "FAILURES")
	s.compare("testdata/golden_trouble.txt")
}

// TestExternalPMKSA: what PMKSA_GET shows can be given back with PMKSA_ADD, and
// serves a connection without another exchange.
func TestExternalPMKSA(t *testing.T) {
	s := newStory(t)
	s.network(`ssid "three"`, "key_mgmt SAE", `sae_password "right right"`, "ieee80211w 2")
	s.until(engine.StateCompleted)
	entry := strings.TrimSuffix(s.ask("PMKSA_GET 0"), "\n")
	if f := strings.Fields(entry); len(f) != 7 || f[0] != "02:22:00:00:00:04" || len(f[2]) != 64 || f[5] != "1024" || f[6] != "0" {
		t.Fatalf("PMKSA_GET: %q", entry)
	}
	s.ask("DISCONNECT")
	s.ask("PMKSA_FLUSH")
	if got := s.ask("PMKSA_GET 0"); got != "" {
		t.Errorf("PMKSA_GET after PMKSA_FLUSH: %q", got)
	}
	for _, bad := range []string{"PMKSA_ADD 0 " + entry + " zz", "PMKSA_ADD 7 " + entry, "PMKSA_ADD 0 x", "PMKSA_ADD x " + entry, "PMKSA_GET 7", "PMKSA_GET x"} {
		if got := s.ask(bad); got != replyFail {
			t.Errorf("%.40s: %q", bad, got)
		}
	}
	if got := s.ask("PMKSA_ADD 0 " + entry); got != replyOK {
		t.Fatalf("PMKSA_ADD: %q", got)
	}
	if got := strings.TrimSuffix(s.ask("PMKSA_GET 0"), "\n"); got != entry {
		t.Errorf("PMKSA_GET %q after PMKSA_ADD of %q", got, entry)
	}
	s.b.Reset()
	s.ask("RECONNECT")
	s.until(engine.StateCompleted)
	if strings.Contains(s.b.String(), "PMKSA-CACHE-ADDED") || strings.Contains(s.ask("STATUS"), "sae_group=") {
		t.Errorf("the exchange ran anew:\n%s", s.b.String())
	}
}

package ctrl

import (
	"testing"
	"time"

	"gosupplicant/conf"
	"gosupplicant/drivers"
	"gosupplicant/engine"
	"gosupplicant/engine/dot11"
	"gosupplicant/engine/logs"
)

// TestLinkLines: the lines of events that no story of the simulated air has.
func TestLinkLines(t *testing.T) {
	mac := dot11.MAC{2, 0, 0, 0, 0, 1}
	n := conf.NewNetwork()
	n.ID = 7
	if _, err := n.Set("ssid", `P"a\"b\n"`); err != nil {
		t.Fatal(err)
	}
	moved := func(freq, cf1, cf2, width int, done bool) engine.ChannelSwitched {
		return engine.ChannelSwitched{Switch: drivers.EventChannelSwitch{Freq: freq, CenterFreq1: cf1, CenterFreq2: cf2, Width: width, Done: done}}
	}
	for _, tt := range []struct {
		ev    engine.Event
		want  string
		level int
	}{
		{engine.Joining{Step: engine.JoinAssociate, SSID: dot11.SSID("x\n")}, `Trying to associate with SSID 'x\n'`, 3},
		{engine.AssocRejected{BSSID: mac, Status: 17}, "CTRL-EVENT-ASSOC-REJECT bssid=02:00:00:00:00:01 status_code=17", 3},
		{engine.AssocRejected{Status: 1, TimedOut: true}, "CTRL-EVENT-ASSOC-REJECT status_code=1 timeout", 3},
		{engine.AuthRejected{BSSID: mac, Alg: 0, Transaction: 2, Status: 13, IEs: []byte{0xdd, 1, 0}},
			"CTRL-EVENT-AUTH-REJECT 02:00:00:00:00:01 auth_type=0 auth_transaction=2 status_code=13 ie=dd0100", 3},
		{engine.Disconnected{BSSID: mac, Reason: 4}, "CTRL-EVENT-DISCONNECTED bssid=02:00:00:00:00:01 reason=4", 3},
		{engine.ConnectTimeout{BSSID: mac}, "Authentication with 02:00:00:00:00:01 timed out.", 3},
		{engine.UnknownPasswordID{BSSID: mac}, "CTRL-EVENT-SAE-UNKNOWN-PASSWORD-IDENTIFIER 02:00:00:00:00:01", 3},
		{engine.NetworkHeld{Network: n, Failures: 2, Duration: 20 * time.Second, Reason: "AUTH_FAILED"},
			`CTRL-EVENT-SSID-TEMP-DISABLED id=7 ssid="a\"b\n" auth_failures=2 duration=20 reason=AUTH_FAILED`, 3},
		{engine.KeysNegotiated{BSSID: mac, Group: true, RSN: true, GTK: dot11.CipherTKIP}, "RSN: Group rekeying completed with 02:00:00:00:00:01 [GTK=TKIP]", 3},
		{engine.KeysNegotiated{BSSID: mac, Group: true, GTK: dot11.CipherTKIP}, "WPA: Group rekeying completed with 02:00:00:00:00:01 [GTK=TKIP]", 3},
		{engine.TransitionDisabled{Bitmap: 3}, "TRANSITION-DISABLE 03", 3},
		{engine.BeaconsLost{}, "CTRL-EVENT-BEACON-LOSS ", 3},
		{engine.MICFailed{}, "Michael MIC failure detected", 4},
		{engine.Countermeasures{On: true}, "TKIP countermeasures started", 4},
		{engine.Countermeasures{}, "WPA: TKIP countermeasures stopped", 3},
		{moved(2412, 2412, 0, 20, false), "CTRL-EVENT-STARTED-CHANNEL-SWITCH freq=2412 ht_enabled=1 ch_offset=0 ch_width=20 MHz cf1=2412 cf2=0", 3},
		{moved(2412, 2412, 0, 0, true), "CTRL-EVENT-CHANNEL-SWITCH freq=2412 ht_enabled=0 ch_offset=0 ch_width=20 MHz (no HT) cf1=2412 cf2=0", 3},
		{moved(5180, 5190, 0, 40, true), "CTRL-EVENT-CHANNEL-SWITCH freq=5180 ht_enabled=1 ch_offset=1 ch_width=40 MHz cf1=5190 cf2=0", 3},
		{moved(5240, 5210, 0, 80, true), "CTRL-EVENT-CHANNEL-SWITCH freq=5240 ht_enabled=1 ch_offset=-1 ch_width=80 MHz cf1=5210 cf2=0", 3},
		{moved(5220, 5210, 5530, 80, true), "CTRL-EVENT-CHANNEL-SWITCH freq=5220 ht_enabled=1 ch_offset=1 ch_width=80+80 MHz cf1=5210 cf2=5530", 3},
	} {
		l, ok := lineOf(tt.ev)
		if !ok || l.text != tt.want || logs.Number(l.level) != tt.level || !l.log {
			t.Errorf("%T: %v %q level %d log %v, want %q level %d", tt.ev, ok, l.text, logs.Number(l.level), l.log, tt.want, tt.level)
		}
	}
	if l, ok := lineOf(engine.WrongKey{SAE: true}); ok {
		t.Errorf("SAE mismatch: %q", l.text)
	}
}

// TestFailureText: nothing that came from the air ends a quote or a line.
func TestFailureText(t *testing.T) {
	f := &engine.Failure{NetworkID: 1, SSID: dot11.SSID("x\" by=user\n"), BSSID: dot11.MAC{2}, Freq: 2412, Phase: engine.PhaseAssociation,
		By: engine.ByPeer, Code: 17, CodeName: dot11.Status(17).String(), Cause: "a\"b\n", Took: 1500 * time.Millisecond, Count: 3, Next: "n", Tried: "open"}
	want := `id=1 ssid="x\" by=user\n" bssid=02:00:00:00:00:00 freq=2412 phase=association by=ap code=17 code_name="` + codeName(f) +
		`" cause="a\"b\n" tried="open" took=1500 count=3 next="n" advice=""`
	if got := failureText(f); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	f.EAP = &engine.EAPFailure{Method: "PEAP", Inner: "MSCHAPV2", Check: "certificate", Alert: "unknown CA", Subject: "/CN=a\"\n"}
	want += ` eap_method="PEAP" eap_inner="MSCHAPV2" eap_check="certificate" tls_alert="unknown CA" cert_subject="/CN=a\"\n"`
	if got := failureText(f); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if name := codeName(f); name == "" || name == f.CodeName {
		t.Errorf("name of code 17: %q of %q", name, f.CodeName)
	}
}

//go:build vm && testoptions

// Package options tries the commands for test programs on a real kernel, with
// hostapd as the peer. It runs in a virtual machine with three radios, with a daemon
// built with the tag testoptions. From the top of the repository:
//
//	CGO_ENABLED=0 go build -tags testoptions -o /var/tmp/options/ ./cmd/wpa_supplicant
//	CGO_ENABLED=0 go test -tags 'vm testoptions' -c -o /var/tmp/options/test ./cmd/wpa_supplicant/vmtest/options
//	go run ./cmd/wpa_supplicant/vmtest/vmrun -radios 3 -share /var/tmp/options -- /mnt/share/test -test.run TestVM -test.v
package options

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gosupplicant/cmd/wpa_supplicant/vmtest/lab"
)

const (
	apPMF, apPSK = "02:00:00:00:09:00", "02:00:00:00:09:01"
	secrets      = "wpa=2\nrsn_pairwise=CCMP\nwpa_passphrase=correct horse\n"
)

// bench is the daemon with two interfaces: the station, and one that serves the data
// test at the access point's end.
type bench struct {
	t        *testing.T
	sup      *lab.Supplicant
	sta, far *lab.Ctrl // commands
	events   *lab.Ctrl // of the station
	arrivals *lab.Ctrl // of the far end
	own      string
}

func (b *bench) ok(c *lab.Ctrl, cmds ...string) {
	b.t.Helper()
	for _, cmd := range cmds {
		if got := c.Ask(cmd); got != "OK\n" {
			b.t.Fatalf("%s: %q", cmd, got)
		}
	}
}

// event waits for an event of the station and returns what follows prefix.
func (b *bench) event(prefix string) string {
	b.t.Helper()
	_, text, _ := strings.Cut(b.events.WaitEvent(prefix), prefix)
	return text
}

// network makes one and returns its number.
func (b *bench) network(ssid, bssid string, fields ...string) string {
	id := strings.TrimSpace(b.sta.Ask("ADD_NETWORK"))
	for _, f := range append([]string{`ssid "` + ssid + `"`, "bssid " + bssid, `psk "correct horse"`, "scan_freq 2412"}, fields...) {
		b.ok(b.sta, "SET_NETWORK "+id+" "+f)
	}
	return id
}

func (b *bench) completed() {
	b.t.Helper()
	if status := b.sta.Ask("STATUS"); !strings.Contains(status, "wpa_state=COMPLETED\n") {
		b.t.Fatalf("not connected:\n%s", status)
	}
}

func newBench(t *testing.T) *bench {
	lab.StartHostapd(t, lab.Radio{Interface: "wlan0", Channel: 1, APs: []lab.AP{
		{SSID: "options-pmf", BSSID: apPMF, Lines: secrets + "wpa_key_mgmt=WPA-PSK-SHA256\nieee80211w=2\n"},
		{SSID: "options-psk", BSSID: apPSK, Lines: secrets + "wpa_key_mgmt=WPA-PSK\n"},
	}})
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, sup: lab.StartSupplicant(t, lab.Options{Bin: filepath.Join(filepath.Dir(self), "wpa_supplicant"), Interface: "wlan1", Driver: "nl80211", Config: "update_config=0\n"})}
	b.ok(b.sup.Dial(t, ""), "INTERFACE_ADD wlan2\t\tnl80211\tDIR="+b.sup.CtrlDir)
	b.sta, b.events = b.sup.Dial(t, "wlan1"), b.sup.Dial(t, "wlan1")
	b.far, b.arrivals = b.sup.Dial(t, "wlan2"), b.sup.Dial(t, "wlan2")
	b.events.Attach()
	b.arrivals.Attach()
	text, err := os.ReadFile("/sys/class/net/wlan1/address")
	if err != nil {
		t.Fatal(err)
	}
	b.own = strings.TrimSpace(string(text))
	return b
}

func TestVM(t *testing.T) {
	b := newBench(t)
	pmf := b.network("options-pmf", apPMF, "key_mgmt WPA-PSK-SHA256", "ieee80211w 2")
	psk := b.network("options-psk", apPSK, "key_mgmt WPA-PSK", "ieee80211w 0")
	b.ok(b.sta, "SELECT_NETWORK "+pmf)
	b.event("CTRL-EVENT-CONNECTED")
	for _, c := range []struct {
		name string
		run  func(*bench)
	}{
		{"data", (*bench).data},
		{"numbers", (*bench).numbers},
		{"query", (*bench).query},
		{"action", (*bench).action},
		{"hand", func(b *bench) { b.hand(psk) }},
		{"resend", (*bench).resend},
	} {
		if !t.Run(c.name, func(t *testing.T) {
			n := *b
			n.t = t
			n.sta, n.far, n.events, n.arrivals = b.sta.In(t), b.far.In(t), b.events.In(t), b.arrivals.In(t)
			c.run(&n)
		}) {
			return // the next one begins where this one ends
		}
	}
}

// data sends frames of the data test across the air, both ways.
func (b *bench) data() {
	b.ok(b.sta, "DATA_TEST_CONFIG 1")
	b.ok(b.far, "DATA_TEST_CONFIG 1 ifname=wlan0")
	for range 5 {
		b.ok(b.sta, "DATA_TEST_TX "+apPMF+" "+b.own+" 0")
		b.arrivals.WaitEvent("DATA-TEST-RX " + apPMF + " " + b.own)
	}
	b.ok(b.far, "DATA_TEST_TX "+b.own+" "+apPMF+" 0 len=100")
	b.events.WaitEvent("DATA-TEST-RX " + b.own + " " + apPMF + " len=100")
	b.ok(b.far, "DATA_TEST_TX ff:ff:ff:ff:ff:ff "+apPMF+" 0 len=101")
	b.events.WaitEvent("DATA-TEST-RX ff:ff:ff:ff:ff:ff " + apPMF + " len=101")
}

// numbers begins the packet numbers anew: the AP drops as replays what has a number
// that was there before. Then a key request makes new keys.
func (b *bench) numbers() {
	tk := b.sta.Ask("GET_TK")
	b.ok(b.sta, "RESET_PN", "DATA_TEST_TX "+apPMF+" "+b.own+" 0 len=200")
	for range 20 { // more than were sent before
		b.ok(b.sta, "DATA_TEST_TX "+apPMF+" "+b.own+" 0 len=201")
	}
	if got := b.arrivals.WaitEvent("DATA-TEST-RX"); !strings.HasSuffix(got, "len=201") {
		b.t.Errorf("arrived: %s", got)
	}
	b.ok(b.sta, "KEY_REQUEST 0 1")
	b.event("WPA: Key negotiation completed")
	if now := b.sta.Ask("GET_TK"); len(tk) != 32 || len(now) != 32 || now == tk {
		b.t.Errorf("TK %s, before %s", now, tk)
	}
	b.ok(b.sta, "DATA_TEST_TX "+apPMF+" "+b.own+" 0 len=202")
	b.arrivals.WaitEvent("len=202")
}

// query has the station ask hostapd whether it still knows it; the answer comes by
// hand the second time.
func (b *bench) query() {
	b.ok(b.sta, "SET ext_mgmt_frame_handling 1", "UNPROT_DEAUTH")
	text := b.event("MGMT-RX ")
	b.ok(b.sta, "MGMT_RX_PROCESS freq=2412 datarate=0 ssi_signal=-30 frame="+text[strings.LastIndex(text, " ")+1:])
	b.sup.WaitText("SA Query answered")
	b.ok(b.sta, "SET ext_mgmt_frame_handling 0")
	b.completed()
}

// action sends an action frame (an SA Query response that nobody asked for).
func (b *bench) action() {
	b.ok(b.sta, "MGMT_TX "+apPMF+" "+apPMF+" freq=2412 wait_time=10 action=0801abcd")
	want := "freq=2412 dst=" + apPMF + " src=" + b.own + " bssid=" + apPMF + " result=SUCCESS"
	if got := b.event("MGMT-TX-STATUS "); got != want {
		b.t.Errorf("status %q, want %q", got, want)
	}
}

// hand carries the station's side of a handshake by hand.
func (b *bench) hand(psk string) {
	b.ok(b.sta, "SET ext_eapol_frame_io 1", "SELECT_NETWORK "+psk)
	for range 2 { // messages 2 and 4
		b.ok(b.sta, "EAPOL_TX "+b.event("EAPOL-TX "))
	}
	b.event("CTRL-EVENT-CONNECTED")
	b.ok(b.sta, "SET ext_eapol_frame_io 0")
	b.ok(b.far, "DATA_TEST_CONFIG 0", "DATA_TEST_CONFIG 1 ifname=wlan0_1")
	b.ok(b.sta, "DATA_TEST_TX "+apPSK+" "+b.own+" 0 len=300")
	b.arrivals.WaitEvent("DATA-TEST-RX " + apPSK + " " + b.own + " len=300")
}

// resend drops the keys and associates once more, which makes new ones with hostapd.
func (b *bench) resend() {
	tk := b.sta.Ask("GET_TK")
	b.ok(b.sta, "DROP_SA", "RESEND_ASSOC")
	b.event("CTRL-EVENT-CONNECTED")
	b.completed()
	if now := b.sta.Ask("GET_TK"); len(now) != 32 || now == tk {
		b.t.Errorf("TK %s, before %s", now, tk)
	}
}

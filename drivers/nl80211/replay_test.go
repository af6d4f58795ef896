package nl80211

import (
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
)

// The tests of this file replay what mac80211_hwsim of Linux 6.1 said.

func TestReplayWiphy(t *testing.T) {
	msgs := recorded(t, "wiphy")
	if len(msgs) < 20 {
		t.Errorf("the dump has %d messages only", len(msgs))
	}
	w, err := decodeWiphy(msgs)
	if err != nil {
		t.Fatal(err)
	}
	c := w.capability(params{})
	if want := drivers.Flags(0xE4000D31FB5BFBE0); c.Flags != want { // of wpa_supplicant 2.10 on this device
		t.Errorf("flags %#x, want %#x: %v", uint64(c.Flags), uint64(want), (c.Flags ^ want).Names())
	}
	if w.name != "phy0" || c.MaxScanSSIDs != 4 || c.MaxRemainOnChannel != 5000 || !c.SMEInUser || !c.ControlPort || !c.SAE ||
		!c.ScanInPlace || !c.RandomMACScan || c.RandomMACSchedScan || c.MaxSchedScanPlans != 0 || c.MaxScanIELen == 0 {
		t.Errorf("%s: %+v", w.name, c)
	}
	if want := []uint32{0x000fac01, 0x000fac05, 0x000fac02, 0x000fac04, 0x000fac0a, 0x000fac08, 0x000fac09, 0x000fac06, 0x000fac0d, 0x000fac0b, 0x000fac0c}; !slices.Equal(c.Ciphers, want) {
		t.Errorf("ciphers %x", c.Ciphers)
	}
	if want := drivers.ModeStation | drivers.ModeAP | drivers.ModeIBSS | drivers.ModeMesh | drivers.ModeMonitor |
		drivers.ModeP2PClient | drivers.ModeP2PGO | drivers.ModeP2PDevice | drivers.ModeAPVLAN; c.Modes != want {
		t.Errorf("modes %b, want %b", c.Modes, want)
	}
	widths := map[drivers.BandID]int{drivers.Band2GHz: 40, drivers.Band5GHz: 160, drivers.Band6GHz: 320}
	for _, b := range c.Bands {
		if b.MaxWidth != widths[b.ID] || len(b.Rates) == 0 || !b.HE || !b.EHT || len(b.HECapa) != heMACLen+hePHYLen {
			t.Errorf("band %d: width %d, %+v", b.ID, b.MaxWidth, b)
		}
		delete(widths, b.ID)
	}
	if len(widths) != 0 {
		t.Errorf("bands missing: %v", widths)
	}
	two := c.Bands[0]
	if len(two.Channels) != 14 || two.Channels[0].Freq != 2412 || two.Channels[0].Flags&drivers.ChanNoHT40Minus == 0 ||
		two.Channels[13].Flags&drivers.ChanNoIR == 0 || !slices.Equal(two.Rates, []int{10, 20, 55, 110, 60, 90, 120, 180, 240, 360, 480, 540}) {
		t.Errorf("2.4 GHz: %+v", two)
	}
}

// TestReplayWiphyTruncated cuts every message of the dump; nothing may panic,
// and a cut attribute is an error.
func TestReplayWiphyTruncated(t *testing.T) {
	for _, m := range recorded(t, "wiphy") {
		for n := range m.attrs {
			_, _ = decodeWiphy([]message{{attrs: m.attrs[:n]}})
		}
	}
	if _, err := decodeWiphy(nil); err == nil {
		t.Error("an empty dump is a radio")
	}
	other := attrs(t, onIndex(1))
	if _, err := decodeWiphy([]message{recorded(t, "wiphy")[0], {attrs: other}}); err == nil {
		t.Error("a message without radio was accepted")
	}
}

func TestReplayScan(t *testing.T) {
	res, bad := scanResults(recorded(t, "scan"), 1<<62)
	if bad != nil {
		t.Fatal(bad)
	}
	names := map[string]drivers.ScanResult{}
	for _, r := range res.Results {
		ssid, _ := dot11.Elements(r.IEs).Find(0)
		names[r.BSSID.String()+" "+strings.Trim(string(ssid), "\x00")] = r
		if err := dot11.Elements(r.IEs).Check(); err != nil {
			t.Errorf("%v: %v", r.BSSID, err)
		}
	}
	open, ok := names["02:00:00:00:01:00 open-net"]
	if !ok || open.Freq != 2412 || open.Flags&drivers.ResultAssociated == 0 || open.BeaconInterval != 100 {
		t.Errorf("open network: %+v", open)
	}
	if hidden, ok := names["02:00:00:00:02:00 hidden-net"]; !ok || hidden.Freq != 2437 || !dot11.Elements(hidden.IEs).Has(48) {
		t.Errorf("hidden network: %+v among %d", hidden, len(names))
	}
}

func TestReplayTables(t *testing.T) {
	surveyed := false
	for _, m := range recorded(t, "survey") {
		s, ok, err := decodeSurvey(m.attrs)
		if err != nil || !ok {
			t.Errorf("survey: %t, %v", ok, err)
		}
		surveyed = surveyed || s.Noise == -92 && s.Freq > 2400
	}
	if !surveyed {
		t.Error("no survey with the noise of hwsim")
	}
	for _, m := range recorded(t, "station") {
		sig, peer, err := decodeStation(m.attrs)
		if err != nil || peer.addr.String() != "02:00:00:00:01:00" || !peer.isAP() || sig.Signal >= 0 || sig.TxRate == 0 || sig.TxPackets == 0 {
			t.Errorf("station %v: %+v, %v", peer, sig, err)
		}
	}
	for _, m := range recorded(t, "interface") {
		info, err := decodeIface(m.attrs)
		if err != nil || info.ifname != "wlan0" || info.iftype != unix.NL80211_IFTYPE_STATION || string(info.ssid) != "open-net" || info.freq != 2412 {
			t.Errorf("interface %+v, %v", info, err)
		}
	}
}

// TestReplayEvents feeds a whole recorded session to an interface that started
// the scans itself.
func TestReplayEvents(t *testing.T) {
	b := newBench(t)
	msgs := recorded(t, "events")
	first, err := decodeEvent(msgs[0])
	if err != nil {
		t.Fatal(err)
	}
	b.info.Ifindex, b.wiphyIndex, b.wdev = first.ifindex, first.wiphy, first.wdev
	b.links.link.Index = first.ifindex
	b.watchdog.Reset(time.Hour)
	for _, m := range msgs {
		if m.cmd == unix.NL80211_CMD_TRIGGER_SCAN {
			b.scan.accepted()
		}
		ev, err := decodeEvent(m)
		if err != nil {
			t.Fatal(err)
		}
		if b.concerned(ev) {
			b.event(ev)
		}
	}
	var kinds []string
	for _, ev := range b.take() {
		kinds = append(kinds, strings.TrimPrefix(printedType(ev), "drivers.Event"))
	}
	got := strings.Join(kinds, " ")
	for _, want := range []string{"ScanStarted ScanDone", "Auth Assoc", "Disconnected ScanStarted ScanDone", "Regulatory Regulatory"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in %s", want, got)
		}
	}
}

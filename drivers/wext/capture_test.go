package wext

import (
	"strconv"
	"testing"

	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
)

// The files of testdata/*.bin are what Linux 6.1 (amd64, cfg80211 with
// mac80211_hwsim) gave: see vm_test.go, which records them.

func native64(t *testing.T) {
	if strconv.IntSize != 64 || order.Uint16([]byte{1, 0}) != 1 {
		t.Skip("the captures are of a little-endian machine of 64 bits")
	}
}

func TestCapturedEvents(t *testing.T) {
	native64(t)
	ap := dot11.MAC{2, 0, 0, 0, 1, 0}
	for name, want := range map[string]notice{
		"event-scan.bin":     {kind: noticeScanDone},
		"event-ap-true.bin":  {kind: noticeAP, addr: ap},
		"event-ap-false.bin": {kind: noticeAP},
	} {
		got, err := native.parseEvents(readCapture(t, name))
		if err != nil || len(got) != 1 || got[0].kind != want.kind || got[0].addr != want.addr {
			t.Errorf("%s: %+v, %v, want %+v", name, got, err, want)
		}
	}
}

// TestCapturedScan reads the results of a scan of hostapd's open, WPA2 and WPA3
// networks.
func TestCapturedScan(t *testing.T) {
	native64(t)
	got, err := native.parseResults(readCapture(t, "scan.bin"))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, r := range got {
		es := dot11.Elements(r.IEs)
		ssid, _ := es.Find(dot11.ElementSSID)
		seen[string(ssid)] = true
		var akms dot11.AKMSet
		if body, ok := es.Find(dot11.ElementRSN); ok {
			e, err := dot11.ParseRSNE(body)
			if err != nil {
				t.Fatal(err)
			}
			akms = e.KeyMgmt()
		}
		want := map[string]struct {
			freq, level int
			caps        dot11.Caps
			akms        dot11.AKMSet
		}{
			"open-net": {2412, -20, dot11.CapESS, 0},
			"wpa2-net": {2437, -20, dot11.CapESS | dot11.CapPrivacy, dot11.AKMs(dot11.AKMPSK)},
			"wpa3-net": {5180, -27, dot11.CapESS | dot11.CapPrivacy, dot11.AKMs(dot11.AKMSAE)},
		}[string(ssid)]
		if err := es.Check(); err != nil || r.Freq != want.freq || r.Level != want.level || dot11.Caps(r.Capability) != want.caps || akms != want.akms ||
			r.Flags != drivers.ResultLevelDBm|drivers.ResultNoiseInvalid || r.TSF == 0 || r.Age == 0 || r.Qual != 70 {
			t.Errorf("%q: %+v, AKMs %v, %v", ssid, r, akms, err)
		}
	}
	if len(got) != 3 || len(seen) != 3 {
		t.Errorf("%d results, %v", len(got), seen)
	}
}

func TestCapturedRange(t *testing.T) {
	native64(t)
	r, err := parseRange(readCapture(t, "range.bin"))
	if err != nil {
		t.Fatal(err)
	}
	if r.weCompiled != 22 || r.encCapa != encCapaWPA|encCapaWPA2|encCapaTKIP|encCapaCCMP || len(r.frequencies) < 20 || r.frequencies[0] != 2412 ||
		r.scanCapa&scanCapaESSID == 0 || r.maxQual.qual != 70 {
		t.Errorf("%+v", r)
	}
}

package wext

import (
	"strconv"
	"testing"

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
	for name, want := range map[string]wirelessEvents{
		"event-scan.bin":     {scanDone: true},
		"event-ap-true.bin":  {ap: []dot11.MAC{ap}},
		"event-ap-false.bin": {ap: []dot11.MAC{{}}},
	} {
		got, err := native.parseEvents(readCapture(t, name))
		if err != nil || got.scanDone != want.scanDone || len(got.ap) != len(want.ap) || len(got.ap) == 1 && got.ap[0] != want.ap[0] {
			t.Errorf("%s: %+v, %v, want %+v", name, got, err, want)
		}
	}
}

package engine

import (
	"slices"
	"testing"

	"gosupplicant/drivers"
	"gosupplicant/engine/bss"
	"gosupplicant/engine/dot11"
)

func TestRestrictions(t *testing.T) {
	a, b := dot11.MAC{2, 0, 0, 0, 0, 1}, dot11.MAC{2, 0, 0, 0, 0, 2}
	r := restrictions{filter: []dot11.MAC{a}, bssids: []dot11.MAC{b}, ssids: [][]byte{[]byte("bad")}, bands: Bands5GHz | Bands6GHz}
	if !r.taken(a) || r.taken(b) {
		t.Error("the filter takes the wrong results")
	}
	for _, tt := range []struct {
		bss  bss.BSS
		want string
	}{
		{bss.BSS{BSSID: a, SSID: dot11.SSID("good"), Freq: 5180}, ""},
		{bss.BSS{BSSID: a, SSID: dot11.SSID("good"), Freq: 5955}, ""},
		{bss.BSS{BSSID: b, SSID: dot11.SSID("good"), Freq: 5180}, "BSSID disallowed"},
		{bss.BSS{BSSID: a, SSID: dot11.SSID("bad"), Freq: 5180}, "SSID disallowed"},
		{bss.BSS{BSSID: a, SSID: dot11.SSID("good"), Freq: 2412}, "band not selected"},
		{bss.BSS{BSSID: a, SSID: dot11.SSID("good"), Freq: 58320}, "band not selected"},
	} {
		if got := r.reject(&tt.bss); got != tt.want {
			t.Errorf("%v %s %d: %q, want %q", tt.bss.BSSID, tt.bss.SSID, tt.bss.Freq, got, tt.want)
		}
	}
	capa := &drivers.Capability{Bands: []drivers.Band{
		{ID: drivers.Band2GHz, Channels: []drivers.Channel{{Freq: 2412}}},
		{ID: drivers.Band5GHz, Channels: []drivers.Channel{{Freq: 5180}, {Freq: 5200, Flags: drivers.ChanDisabled}}},
		{ID: drivers.Band6GHz, Channels: []drivers.Channel{{Freq: 5955}}},
	}}
	if got := r.freqs(capa); !slices.Equal(got, []int{5180, 5955}) {
		t.Errorf("channels %v", got)
	}
	var none restrictions
	if none.freqs(capa) != nil || !none.taken(b) || none.reject(&bss.BSS{BSSID: b, Freq: 2412}) != "" {
		t.Error("no restriction restricts")
	}
}

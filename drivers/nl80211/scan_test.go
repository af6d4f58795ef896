package nl80211

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
)

// able is a device that can do everything.
var able = &drivers.Capability{
	MaxScanSSIDs: 4, MaxScanIELen: 100, ScanFlush: true, ScanLowPriority: true, ScanDwell: true, RandomMACScan: true,
	Flags: drivers.FlagOCESTA, Bands: []drivers.Band{{ID: drivers.Band6GHz}},
	MaxSchedScanSSIDs: 2, MaxMatchSets: 2, MaxSchedScanPlans: 2, MaxSchedScanIntervalSec: 100, MaxSchedScanIELen: 10,
	RandomMACSchedScan: true,
}

// top returns the payloads of the outermost attributes.
func top(t *testing.T, b []byte) map[uint16][]byte {
	t.Helper()
	out := map[uint16][]byte{}
	if err := each("request", b, func(ad *netlink.AttributeDecoder) error {
		out[ad.Type()] = ad.Bytes()
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

func request(t *testing.T, p *drivers.ScanParams, capa *drivers.Capability) map[uint16][]byte {
	t.Helper()
	fn, err := scanAttrs(p, capa)
	if err != nil {
		t.Fatal(err)
	}
	return top(t, attrs(t, fn))
}

func TestScanDefault(t *testing.T) {
	got := request(t, &drivers.ScanParams{}, &drivers.Capability{MaxScanSSIDs: 1})
	if want := []byte{4, 0, 1, 0}; len(got) != 1 || !bytes.Equal(got[unix.NL80211_ATTR_SCAN_SSIDS], want) {
		t.Errorf("a wildcard scan is %v", got)
	}
}

func TestScanPassive(t *testing.T) {
	got := request(t, &drivers.ScanParams{Passive: true, SSIDs: [][]byte{[]byte("a")}}, &drivers.Capability{})
	if len(got) != 0 {
		t.Errorf("a passive scan is %v", got)
	}
}

func TestScanEverything(t *testing.T) {
	bssid := dot11.MAC{2, 1, 1, 1, 1, 1}
	got := request(t, &drivers.ScanParams{
		SSIDs: [][]byte{[]byte("ab"), nil}, Freqs: []int{2412, 5955}, IEs: []byte{221, 0}, BSSID: &bssid,
		Flush: true, LowPrio: true, RandomMAC: true, MACAddr: dot11.MAC{2, 2}, MACMask: dot11.MAC{3, 3},
		Dwell: 20480 * time.Microsecond, DwellFixed: true, NoCCK: true, OCEScan: true,
	}, able)
	for typ, want := range map[uint16][]byte{
		unix.NL80211_ATTR_SCAN_SSIDS:                     {6, 0, 1, 0, 'a', 'b', 0, 0, 4, 0, 2, 0},
		unix.NL80211_ATTR_SCAN_FREQUENCIES:               {8, 0, 1, 0, 0x6c, 9, 0, 0, 8, 0, 2, 0, 0x43, 0x17, 0, 0},
		unix.NL80211_ATTR_IE:                             {221, 0},
		unix.NL80211_ATTR_BSSID:                          bssid[:],
		unix.NL80211_ATTR_MAC:                            {2, 2, 0, 0, 0, 0},
		unix.NL80211_ATTR_MAC_MASK:                       {3, 3, 0, 0, 0, 0},
		unix.NL80211_ATTR_SCAN_FLAGS:                     {0x01 | 0x02 | 0x08 | 0xf0, 0x40, 0, 0},
		unix.NL80211_ATTR_TX_NO_CCK_RATE:                 {},
		unix.NL80211_ATTR_MEASUREMENT_DURATION:           {20, 0},
		unix.NL80211_ATTR_MEASUREMENT_DURATION_MANDATORY: {},
	} {
		if v, ok := got[typ]; !ok || !bytes.Equal(v, want) {
			t.Errorf("attribute %d is %v, want %v", typ, v, want)
		}
		delete(got, typ)
	}
	if len(got) != 0 {
		t.Errorf("more attributes: %v", got)
	}
}

// TestScanWishes leaves out what the device cannot do.
func TestScanWishes(t *testing.T) {
	bssid := dot11.MAC{2}
	got := request(t, &drivers.ScanParams{
		Passive: true, Flush: true, LowPrio: true, RandomMAC: true, Dwell: time.Second, OCEScan: true, BSSID: &bssid,
	}, &drivers.Capability{})
	if len(got) != 2 || !bytes.Equal(got[unix.NL80211_ATTR_MAC], bssid[:]) || !bytes.Equal(got[unix.NL80211_ATTR_BSSID], bssid[:]) {
		t.Errorf("a scan of a poor device is %v", got)
	}
}

func TestScanRefused(t *testing.T) {
	for name, p := range map[string]drivers.ScanParams{
		"5 SSIDs":     {SSIDs: make([][]byte, 5)},
		"33 bytes":    {SSIDs: [][]byte{make([]byte, 33)}},
		"101 bytes":   {IEs: make([]byte, 101)},
		"-1 MHz":      {Freqs: []int{2412, -1}},
		"2097152 MHz": {Freqs: []int{1 << 21}},
	} {
		if _, err := scanAttrs(&p, able); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSchedScan(t *testing.T) {
	p := &drivers.SchedScanParams{
		ScanParams: drivers.ScanParams{SSIDs: [][]byte{[]byte("a")}, RandomMAC: true, FilterRSSI: -70},
		Plans:      []drivers.SchedScanPlan{{Interval: 10 * time.Second, Iterations: 3}, {Interval: time.Minute}},
		StartDelay: 5 * time.Second,
		MatchSSIDs: [][]byte{[]byte("a")},
	}
	fn, err := schedAttrs(p, able)
	if err != nil {
		t.Fatal(err)
	}
	got := top(t, attrs(t, fn))
	for typ, want := range map[uint16][]byte{
		unix.NL80211_ATTR_SCHED_SCAN_DELAY: {5, 0, 0, 0},
		unix.NL80211_ATTR_SCHED_SCAN_PLANS: {
			20, 0, 1, 0x80, 8, 0, 1, 0, 10, 0, 0, 0, 8, 0, 2, 0, 3, 0, 0, 0,
			12, 0, 2, 0x80, 8, 0, 1, 0, 60, 0, 0, 0,
		},
		unix.NL80211_ATTR_SCHED_SCAN_MATCH: {20, 0, 1, 0x80, 5, 0, 1, 0, 'a', 0, 0, 0, 8, 0, 2, 0, 0xba, 0xff, 0xff, 0xff},
	} {
		if !bytes.Equal(got[typ], want) {
			t.Errorf("attribute %d is %v, want %v", typ, got[typ], want)
		}
	}
	p.Plans = []drivers.SchedScanPlan{{Interval: 2 * time.Second}}
	p.MatchSSIDs = nil
	if fn, err = schedAttrs(p, able); err != nil {
		t.Fatal(err)
	}
	if got = top(t, attrs(t, fn)); !bytes.Equal(got[unix.NL80211_ATTR_SCHED_SCAN_INTERVAL], []byte{0xd0, 7, 0, 0}) {
		t.Errorf("one plan is %v", got)
	}
}

func TestSchedScanRefused(t *testing.T) {
	forever := []drivers.SchedScanPlan{{Interval: time.Second}}
	for name, tc := range map[string]drivers.SchedScanParams{
		"no plan":                 {},
		"three plans":             {Plans: make([]drivers.SchedScanPlan, 3)},
		"last plan ends":          {Plans: []drivers.SchedScanPlan{{Interval: time.Second, Iterations: 1}}},
		"first plan does not end": {Plans: []drivers.SchedScanPlan{{Interval: time.Second}, {Interval: time.Second}}},
		"half a second":           {Plans: []drivers.SchedScanPlan{{Interval: time.Second / 2}}},
		"interval too long":       {Plans: []drivers.SchedScanPlan{{Interval: 101 * time.Second}}},
		"three matches":           {Plans: forever, MatchSSIDs: make([][]byte, 3)},
		"three SSIDs":             {Plans: forever, ScanParams: drivers.ScanParams{SSIDs: make([][]byte, 3)}},
	} {
		if _, err := schedAttrs(&tc, able); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := schedAttrs(&drivers.SchedScanParams{Plans: forever}, &drivers.Capability{}); !errors.Is(err, drivers.ErrNotSupported) {
		t.Errorf("device without scheduled scans: %v", err)
	}
}

func TestScanState(t *testing.T) {
	var s scanState
	steps := []struct {
		what string
		do   func() bool
		ours bool
		want scanState
	}{
		{"another's start", s.started, false, scanNone},
		{"another's end", s.ended, false, scanNone},
		{"accepted", func() bool { s.accepted(); return true }, true, scanAwaited},
		{"the end of one before", s.ended, false, scanAwaited},
		{"our start", s.started, true, scanRunning},
		{"another's start, seen late", s.started, false, scanRunning},
		{"our end", s.ended, true, scanNone},
		{"another's end again", s.ended, false, scanNone},
		{"nothing to lose", s.lost, false, scanNone},
		{"accepted again", func() bool { s.accepted(); return true }, true, scanAwaited},
		{"lost", s.lost, true, scanNone},
	}
	for _, st := range steps {
		if got := st.do(); got != st.ours || s != st.want {
			t.Fatalf("%s: ours=%t in state %v, want %t in %v", st.what, got, s, st.ours, st.want)
		}
	}
}

package nl80211

import (
	"encoding/hex"
	"errors"
	"slices"
	"testing"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
)

// probing is a device that can probe on channel 1, and may not on 12 and 52.
var probing = drivers.Capability{
	ScanProbe: true, MaxScanSSIDs: 1, MaxScanIELen: 20,
	Bands: []drivers.Band{
		{
			ID: drivers.Band2GHz, Rates: []int{10, 20, 55, 110, 60, 90, 120, 180, 240, 360, 480, 540},
			Channels: []drivers.Channel{{Freq: 2412}, {Freq: 2467, Flags: drivers.ChanNoIR}, {Freq: 2472, Flags: drivers.ChanDisabled}},
		},
		{ID: drivers.Band5GHz, Rates: []int{60, 120, 240}, Channels: []drivers.Channel{{Freq: 5180}, {Freq: 5260, Flags: drivers.ChanRadar}}},
	},
}

var probeIEs = []byte{221, 4, 0, 0x10, 0x18, 1}

// TestProbeRequest compares with frames laid out by hand after 9.3.3.9.
func TestProbeRequest(t *testing.T) {
	own := dot11.MAC{2, 0, 0, 0, 2, 0}
	for _, tc := range []struct {
		p    drivers.ScanParams
		want string
	}{
		{
			drivers.ScanParams{Freqs: []int{2412}, SSIDs: [][]byte{[]byte("net")}, IEs: probeIEs},
			"40000000ffffffffffff020000000200ffffffffffff0000" + "00036e6574" + "010802040b160c121824" + "32043048606c" + "dd0400101801",
		},
		{drivers.ScanParams{Freqs: []int{5180}}, "40000000ffffffffffff020000000200ffffffffffff0000" + "0000" + "01030c1830"},
	} {
		got, err := probeRequest(&tc.p, &probing, own)
		if err != nil || hex.EncodeToString(got) != tc.want {
			t.Errorf("%+v: %x, %v; want %s", tc.p, got, err, tc.want)
		}
	}
}

func TestProbeRefused(t *testing.T) {
	one := []int{2412}
	for name, p := range map[string]drivers.ScanParams{
		"passive":       {Freqs: one, Passive: true},
		"random source": {Freqs: one, RandomMAC: true},
		"two channels":  {Freqs: []int{2412, 5180}},
		"everywhere":    {},
		"two names":     {Freqs: one, SSIDs: [][]byte{nil, []byte("a")}},
		"one BSS":       {Freqs: one, BSSID: &dot11.MAC{2}},
		"long name":     {Freqs: one, SSIDs: [][]byte{make([]byte, 33)}},
		"much to say":   {Freqs: one, IEs: make([]byte, 21)},
		"listen only":   {Freqs: []int{2467}},
		"disabled":      {Freqs: []int{2472}},
		"radar":         {Freqs: []int{5260}},
		"no channel":    {Freqs: []int{2413}},
	} {
		if got, err := probeRequest(&p, &probing, dot11.MAC{}); err == nil {
			t.Errorf("%s: %x", name, got)
		}
	}
	if _, err := probeRequest(&drivers.ScanParams{Freqs: one}, &drivers.Capability{Bands: probing.Bands}, dot11.MAC{}); !errors.Is(err, drivers.ErrNotSupported) {
		t.Errorf("a device that cannot: %v", err)
	}
}

// probeBench is an interface that probes; the kernel numbers the first probe 7.
func probeBench(t *testing.T) *bench {
	b := newBench(t)
	b.capa.Store(&probing)
	b.frames = 7
	if err := b.Scan(&drivers.ScanParams{Freqs: []int{2412}, Probe: true}); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(b.sent, []uint8{unix.NL80211_CMD_FRAME}) {
		t.Fatalf("sent %v", b.sent)
	}
	return b
}

func (b *bench) over(t *testing.T, cookie uint64) {
	b.deliver(t, unix.NL80211_CMD_FRAME_WAIT_CANCEL, func(ae *netlink.AttributeEncoder) {
		ae.Uint32(unix.NL80211_ATTR_IFINDEX, benchIndex)
		ae.Uint64(unix.NL80211_ATTR_COOKIE, cookie)
	})
}

// TestProbeEvents: a probe ends once, with its own end, whatever others do meanwhile.
func TestProbeEvents(t *testing.T) {
	b := probeBench(t)
	if err := b.Scan(&drivers.ScanParams{}); !errors.Is(err, drivers.ErrBusy) {
		t.Errorf("scan beside it: %v", err)
	}
	b.over(t, 6) // another program's frame
	b.deliver(t, unix.NL80211_CMD_TRIGGER_SCAN, onIndex(benchIndex))
	b.deliver(t, unix.NL80211_CMD_NEW_SCAN_RESULTS, onIndex(benchIndex))
	got := b.take()
	if len(got) != 2 || got[0] != (drivers.EventScanStarted{External: true}) || !got[1].(drivers.EventScanDone).External {
		t.Errorf("others: %+v", got)
	}
	for range 2 {
		b.over(t, 7)
	}
	if got := b.take(); len(got) != 1 || got[0].(drivers.EventScanDone).External || got[0].(drivers.EventScanDone).Aborted {
		t.Errorf("end: %+v", got)
	}
	if err := b.Scan(&drivers.ScanParams{}); err != nil {
		t.Errorf("the next scan: %v", err)
	}
	b.over(t, 7)
	if got := b.take(); len(got) != 0 {
		t.Errorf("a late end: %+v", got)
	}
}

func TestProbeAborted(t *testing.T) {
	for errno, what := range map[unix.Errno]string{0: "it listens", unix.ENOENT: "it has just ended"} {
		b := probeBench(t)
		b.errno[unix.NL80211_CMD_FRAME_WAIT_CANCEL] = errno
		if err := b.AbortScan(); err != nil || b.sent[len(b.sent)-1] != unix.NL80211_CMD_FRAME_WAIT_CANCEL {
			t.Errorf("%s: %v, sent %v", what, err, b.sent)
		}
		if got := b.take(); len(got) != 0 {
			t.Errorf("%s: told before the kernel did: %+v", what, got)
		}
		b.over(t, 7)
		if got := b.take(); len(got) != 1 || !got[0].(drivers.EventScanDone).Aborted {
			t.Errorf("%s: %+v", what, got)
		}
	}
}

// TestProbeNeverEnds: kernels that do not tell the end, and events that were lost.
func TestProbeNeverEnds(t *testing.T) {
	for _, errno := range []unix.Errno{0, unix.ENOENT, unix.EOPNOTSUPP} {
		b := probeBench(t)
		b.errno[unix.NL80211_CMD_FRAME_WAIT_CANCEL] = errno
		b.scanOverdue()
		if got := b.take(); len(got) != 1 || got[0].(drivers.EventScanDone).Aborted != (errno == unix.EOPNOTSUPP) {
			t.Errorf("%v: %+v", errno, got)
		}
		b.over(t, 7)
		b.scanOverdue()
		if got := b.take(); len(got) != 0 {
			t.Errorf("%v: a second end: %+v", errno, got)
		}
	}
}

func TestProbeNotTaken(t *testing.T) {
	b := newBench(t)
	b.capa.Store(&probing)
	p := &drivers.ScanParams{Freqs: []int{2412}, Probe: true}
	if err := b.Scan(p); err == nil || b.scan.ours() {
		t.Errorf("without a number: %v, %v", err, b.scan)
	}
	b.errno[unix.NL80211_CMD_FRAME] = unix.EBUSY
	if err := b.Scan(p); !errors.Is(err, drivers.ErrBusy) || b.scan.ours() {
		t.Errorf("refused: %v, %v", err, b.scan)
	}
}

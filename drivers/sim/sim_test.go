package sim

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
	"gosupplicant/engine/loop/looptest"
)

// zeros is a seeded reader: the same chance in every test.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

// bench is an air in virtual time with a trace of events.
type bench struct {
	t    *testing.T
	loop *looptest.Loop
	drv  *Driver
	air  *Air
	log  []string
}

func newBench(t *testing.T, air string) *bench {
	t.Helper()
	b := &bench{t: t, loop: looptest.New()}
	d, err := New(b.loop, zeros{})
	if err != nil {
		t.Fatal(err)
	}
	b.drv = d
	p, err := ParsePlan(t.Name(), []byte(air))
	if err != nil {
		t.Fatal(err)
	}
	if b.air, err = d.Load(p); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bench) open(name string) *handle {
	b.t.Helper()
	i, err := b.drv.Open(drivers.Config{Ifname: name, Events: func(e drivers.Event) {
		b.log = append(b.log, fmt.Sprintf("%v %s %s", b.loop.Now().Sub(looptest.Start), name, describe(e)))
	}})
	if err != nil {
		b.t.Fatal(err)
	}
	return i.(*handle)
}

func describe(e drivers.Event) string {
	switch e := e.(type) {
	case drivers.EventScanStarted:
		return fmt.Sprintf("started external=%v", e.External)
	case drivers.EventScanDone:
		return fmt.Sprintf("done aborted=%v external=%v freqs=%d ssids=%q", e.Aborted, e.External, len(e.Freqs), e.SSIDs)
	case drivers.EventState:
		return fmt.Sprintf("state up=%v rfkill=%d mac=%v", e.State.Up, e.State.RFKill, e.State.MAC)
	default:
		return fmt.Sprintf("%T%+v", e, e)
	}
}

// trace takes the trace so far.
func (b *bench) trace() string {
	b.loop.Drain()
	s := strings.Join(b.log, "\n")
	b.log = nil
	return s
}

func (b *bench) want(trace ...string) {
	b.t.Helper()
	if got, want := b.trace(), strings.Join(trace, "\n"); got != want {
		b.t.Errorf("events:\n%s\nwant:\n%s", got, want)
	}
}

// scan runs a scan to its end and returns the results by BSSID and name.
func (b *bench) scan(h *handle, p drivers.ScanParams) map[string]drivers.ScanResult {
	b.t.Helper()
	if err := h.Scan(&p); err != nil {
		b.t.Fatal(err)
	}
	if !b.loop.Until(time.Minute, func() bool { return strings.Contains(strings.Join(b.log, "\n"), "done aborted=false external=false") }) {
		b.t.Fatalf("no end of the scan within a minute: %q", b.log)
	}
	return b.results(h)
}

func (b *bench) results(h *handle) map[string]drivers.ScanResult {
	b.t.Helper()
	res, err := h.ScanResults()
	if err != nil {
		b.t.Fatal(err)
	}
	out := map[string]drivers.ScanResult{}
	for _, r := range res.Results {
		ssid, ok := dot11.Elements(r.IEs).Find(dot11.ElementSSID)
		if !ok || dot11.Elements(r.IEs).Check() != nil {
			b.t.Errorf("%v: elements % x", r.BSSID, r.IEs)
		}
		key := fmt.Sprintf("%v %q", r.BSSID, ssid)
		if _, dup := out[key]; dup {
			b.t.Errorf("%s reported twice", key)
		}
		out[key] = r
	}
	return out
}

func bssNames(m map[string]drivers.ScanResult) string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

const twoAPs = `
country DE
radio phy0 interfaces=sim0 addr=02:00:00:00:00:00 bands=2
ap "near" bssid=02:00:00:00:aa:01 channel=6 signal=-40
ap "far"  bssid=02:00:00:00:aa:02 channel=11 signal=-80 security=wpa2
`

func TestScan(t *testing.T) {
	b := newBench(t, twoAPs)
	h := b.open("sim0")
	got := b.scan(h, drivers.ScanParams{})
	// Thirteen channels of 30 ms: 14 is closed in Europe.
	b.want("0s sim0 started external=false",
		`390ms sim0 done aborted=false external=false freqs=13 ssids=[]`)
	if k, want := bssNames(got), "02:00:00:00:aa:01 \"near\"\n02:00:00:00:aa:02 \"far\""; k != want {
		t.Errorf("results:\n%s\nwant:\n%s", k, want)
	}
	r := got[`02:00:00:00:aa:01 "near"`]
	if r.Freq != 2437 || r.Level != -40 || r.Flags&drivers.ResultLevelDBm == 0 || r.BeaconInterval != 100 || r.TSF == 0 {
		t.Errorf("near: %+v", r)
	}
	if r.Age < 200*time.Millisecond || r.Age > 240*time.Millisecond {
		t.Errorf("near: age %v, heard about 225 ms before the end", r.Age)
	}
	if !b.loop.Idle() {
		t.Error("timers or posts are left after the scan")
	}
}

func TestScanPassive(t *testing.T) {
	b := newBench(t, twoAPs+`ap "hush" bssid=02:00:00:00:aa:03 channel=1 signal=-50 hidden`)
	probes := 0
	b.air.OnProbe(func(Probe) { probes++ })
	h := b.open("sim0")
	got := b.scan(h, drivers.ScanParams{Passive: true, SSIDs: [][]byte{[]byte("hush")}})
	b.want("0s sim0 started external=false",
		`1.43s sim0 done aborted=false external=false freqs=13 ssids=[]`)
	if k, want := bssNames(got), "02:00:00:00:aa:01 \"near\"\n02:00:00:00:aa:02 \"far\"\n02:00:00:00:aa:03 \"\""; k != want {
		t.Errorf("results:\n%s\nwant:\n%s", k, want)
	}
	if probes != 0 {
		t.Errorf("%d probe requests in a passive scan", probes)
	}
}

func TestScanHidden(t *testing.T) {
	b := newBench(t, `
radio phy0 interfaces=sim0 bands=2
ap "hush" bssid=02:00:00:00:aa:03 channel=1 signal=-50 hidden interval=30
ap "null" bssid=02:00:00:00:aa:04 channel=1 signal=-50 hidden=zeros interval=30
`)
	h := b.open("sim0")
	anonymous := "02:00:00:00:aa:03 \"\"\n02:00:00:00:aa:04 \"\\x00\\x00\\x00\\x00\""
	if k := bssNames(b.scan(h, drivers.ScanParams{SSIDs: [][]byte{nil}})); k != anonymous {
		t.Errorf("wildcard scan:\n%s\nwant:\n%s", k, anonymous)
	}
	b.trace()
	got := b.scan(h, drivers.ScanParams{SSIDs: [][]byte{[]byte("hush"), nil}})
	both := "02:00:00:00:aa:03 \"\"\n02:00:00:00:aa:03 \"hush\"\n02:00:00:00:aa:04 \"\\x00\\x00\\x00\\x00\""
	if k := bssNames(got); k != both {
		t.Errorf("directed scan:\n%s\nwant:\n%s", k, both)
	}
	r := got[`02:00:00:00:aa:03 "hush"`]
	if s, ok := dot11.Elements(r.BeaconIEs).Find(dot11.ElementSSID); !ok || len(s) != 0 {
		t.Errorf("beacon elements of the answer: % x", r.BeaconIEs)
	}
}

func TestScanFlushAndAge(t *testing.T) {
	b := newBench(t, twoAPs)
	h := b.open("sim0")
	b.scan(h, drivers.ScanParams{})
	b.trace()
	b.loop.Advance(10 * time.Second)
	if got := b.scan(h, drivers.ScanParams{Freqs: []int{2437}}); len(got) != 2 {
		t.Errorf("results without flush: %s", bssNames(got))
	} else if a := got[`02:00:00:00:aa:02 "far"`].Age; a < 10*time.Second {
		t.Errorf("age of a BSS heard 10 s ago: %v", a)
	}
	b.trace()
	if got := b.scan(h, drivers.ScanParams{Freqs: []int{2437}, Flush: true}); bssNames(got) != `02:00:00:00:aa:01 "near"` {
		t.Errorf("results after flush: %s", bssNames(got))
	}
	b.loop.Advance(31 * time.Second)
	if got := b.results(h); len(got) != 0 {
		t.Errorf("results 31 s later: %s", bssNames(got))
	}
}

func TestScanFilter(t *testing.T) {
	b := newBench(t, twoAPs)
	h := b.open("sim0")
	if got := b.scan(h, drivers.ScanParams{FilterSSIDs: [][]byte{[]byte("far")}}); bssNames(got) != `02:00:00:00:aa:02 "far"` {
		t.Errorf("filter by SSID: %s", bssNames(got))
	}
	b.trace()
	if got := b.scan(h, drivers.ScanParams{FilterRSSI: -60, Flush: true}); bssNames(got) != `02:00:00:00:aa:01 "near"` {
		t.Errorf("filter by signal: %s", bssNames(got))
	}
	b.loop.Advance(31 * time.Second) // forget the answers
	b.trace()
	bssid := dot11.MAC{2, 0, 0, 0, 0xaa, 2}
	var answered []string
	got := b.scan(h, drivers.ScanParams{BSSID: &bssid, Flush: true})
	for k, r := range got {
		if dot11.Elements(r.IEs).Has(dot11.ElementTIM) { // only heard by beacon
			continue
		}
		answered = append(answered, k)
	}
	if len(answered) != 1 || answered[0] != `02:00:00:00:aa:02 "far"` {
		t.Errorf("answers to a scan for one BSSID: %q", answered)
	}
}

func TestScanRandomMAC(t *testing.T) {
	b := newBench(t, twoAPs)
	h := b.open("sim0")
	seen := map[dot11.MAC]int{}
	b.air.OnProbe(func(p Probe) { seen[p.Source]++ })
	b.scan(h, drivers.ScanParams{})
	if len(seen) != 1 || seen[dot11.MAC{2}] != 13 {
		t.Errorf("own address: probes from %v", seen)
	}
	clear(seen)
	p := drivers.ScanParams{RandomMAC: true, MACAddr: dot11.MAC{2, 0x11, 0x22}, MACMask: dot11.MAC{0xff, 0xff, 0xff}}
	for range 2 {
		b.trace()
		b.scan(h, p)
	}
	if len(seen) != 2 {
		t.Errorf("two random scans: probes from %v", seen)
	}
	for m := range seen {
		if m[0] != 2 || m[1] != 0x11 || m[2] != 0x22 || m == (dot11.MAC{2, 0x11, 0x22}) {
			t.Errorf("random address %v does not follow the mask", m)
		}
	}
}

func TestScanRefused(t *testing.T) {
	b := newBench(t, twoAPs)
	h := b.open("sim0")
	for name, p := range map[string]drivers.ScanParams{
		"too many SSIDs":    {SSIDs: make([][]byte, 17)},
		"long SSID":         {SSIDs: [][]byte{make([]byte, 33)}},
		"long elements":     {IEs: make([]byte, 2049)},
		"unknown frequency": {Freqs: []int{2413}},
		"other band":        {Freqs: []int{5180}},
		"disabled channel":  {Freqs: []int{2484}},
	} {
		if err := h.Scan(&p); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	b.want()
	if err := h.Scan(&drivers.ScanParams{}); err != nil {
		t.Fatal(err)
	}
	if err := h.Scan(&drivers.ScanParams{}); !errors.Is(err, drivers.ErrBusy) {
		t.Errorf("second scan: %v, want ErrBusy", err)
	}
}

func TestAbort(t *testing.T) {
	b := newBench(t, twoAPs)
	h := b.open("sim0")
	if err := h.AbortScan(); err == nil {
		t.Error("aborting nothing succeeds")
	}
	if err := h.Scan(&drivers.ScanParams{}); err != nil {
		t.Fatal(err)
	}
	b.loop.Advance(200 * time.Millisecond)
	if err := h.AbortScan(); err != nil {
		t.Fatal(err)
	}
	b.want("0s sim0 started external=false", "200ms sim0 done aborted=true external=false freqs=6 ssids=[]")
	if !b.loop.Idle() {
		t.Error("timers are left")
	}
	if err := h.Scan(&drivers.ScanParams{}); err != nil {
		t.Errorf("scan after abort: %v", err)
	}
}

func TestLoss(t *testing.T) {
	b := newBench(t, strings.Replace(twoAPs, "country", "loss 100%\ncountry", 1))
	h := b.open("sim0")
	if got := b.scan(h, drivers.ScanParams{}); len(got) != 0 {
		t.Errorf("heard with every frame lost: %s", bssNames(got))
	}
	b.air.SetLoss(0.5)
	heard := 0
	for range 200 {
		b.trace()
		heard += len(b.scan(h, drivers.ScanParams{Flush: true, Freqs: []int{2437}}))
	}
	// A probe and its answer, or a beacon in 30 of 102 ms, survive half of the
	// time each: 1/4 + 3/4 · 0.29 · 1/2 = 0.36.
	if heard < 50 || heard > 95 {
		t.Errorf("heard %d of 200 times, expected about 72", heard)
	}
}

func TestDelay(t *testing.T) {
	b := newBench(t, strings.Replace(twoAPs, "country", "delay 40ms\ncountry", 1))
	h := b.open("sim0")
	for _, r := range b.scan(h, drivers.ScanParams{}) {
		if !dot11.Elements(r.IEs).Has(dot11.ElementTIM) {
			t.Errorf("%v: an answer after 40 ms was heard in 30 ms of dwell", r.BSSID)
		}
	}
	b.trace()
	for _, r := range b.scan(h, drivers.ScanParams{Dwell: 50 * time.Millisecond}) {
		if dot11.Elements(r.IEs).Has(dot11.ElementTIM) {
			t.Errorf("%v: an answer after 40 ms was missed in 50 ms of dwell", r.BSSID)
		}
	}
}

func TestDrift(t *testing.T) {
	d := Drift{DB: 10, Period: 40 * time.Second}
	for at, want := range map[int]int{0: 0, 5: 5, 10: 10, 15: 5, 20: 0, 25: -5, 30: -10, 35: -5, 40: 0, 45: 5} {
		if got := d.at(time.Duration(at) * time.Second); got != want {
			t.Errorf("drift after %d s: %d, want %d", at, got, want)
		}
	}
	b := newBench(t, `
radio phy0 interfaces=sim0 bands=2
ap "bus" bssid=02:00:00:00:aa:01 channel=1 signal=-88 drift=10/40s
ap "pub" bssid=02:00:00:00:aa:02 channel=1 signal=-50 from=35s until=45s
`)
	h := b.open("sim0")
	one := drivers.ScanParams{Freqs: []int{2412}, Flush: true}
	for _, tc := range []struct {
		at   time.Duration
		want string
	}{{10 * time.Second, `02:00:00:00:aa:01 "bus"`}, {30 * time.Second, ""},
		{40 * time.Second, "02:00:00:00:aa:01 \"bus\"\n02:00:00:00:aa:02 \"pub\""}, {70 * time.Second, ""}} {
		b.loop.Advance(tc.at - b.air.Uptime())
		b.trace()
		if got := bssNames(b.scan(h, one)); got != tc.want {
			t.Errorf("at %v: %q, want %q", tc.at, got, tc.want)
		}
	}
}

func TestBands(t *testing.T) {
	b := newBench(t, `
country US
radio phy0 interfaces=sim0
ap "two"   bssid=02:00:00:00:aa:01 channel=1   signal=-50
ap "five"  bssid=02:00:00:00:aa:02 channel=36  signal=-50 phy=vht
ap "dfs"   bssid=02:00:00:00:aa:03 channel=100 signal=-50 phy=vht
ap "dfsh"  bssid=02:00:00:00:aa:04 channel=104 signal=-50 phy=vht hidden
ap "psc"   bssid=02:00:00:00:aa:05 channel=5 band=6 signal=-50 phy=he
ap "alone" bssid=02:00:00:00:aa:06 channel=9 band=6 signal=-50 phy=he
ap "twin6" bssid=02:00:00:00:aa:07 channel=13 band=6 signal=-50 phy=he
ap "twin"  bssid=02:00:00:00:aa:08 channel=40 signal=-50 phy=he colocated=02:00:00:00:aa:07
`)
	h := b.open("sim0")
	got := b.scan(h, drivers.ScanParams{SSIDs: [][]byte{[]byte("dfsh"), nil}})
	want := []string{"two", "five", "dfs", "", "psc", "twin6", "twin"}
	var names []string
	for _, r := range got {
		s, _ := dot11.Elements(r.IEs).Find(dot11.ElementSSID)
		names = append(names, string(s))
	}
	slices.Sort(names)
	slices.Sort(want)
	if !slices.Equal(names, want) {
		t.Errorf("default scan finds %q, want %q", names, want)
	}
	b.trace()
	if got := b.scan(h, drivers.ScanParams{NonColoc6GHz: true}); len(got) != 8 {
		t.Errorf("scan of all 6 GHz channels finds %s", bssNames(got))
	}
	b.trace()
	if got := b.scan(h, drivers.ScanParams{Freqs: []int{5995}, Flush: true}); bssNames(got) != `02:00:00:00:aa:06 "alone"` {
		t.Errorf("scan of channel 9: %s", bssNames(got))
	}
	if err := h.SetCountry("DE"); err != nil {
		t.Fatal(err)
	}
	b.trace()
	if err := h.Scan(&drivers.ScanParams{Freqs: []int{6875}}); err == nil {
		t.Error("channel 185 of 6 GHz is scanned in Europe")
	}
}

func TestCountry(t *testing.T) {
	b := newBench(t, twoAPs)
	h := b.open("sim0")
	flags := func(freq int) drivers.ChannelFlags {
		for _, band := range h.Capability().Bands {
			for _, c := range band.Channels {
				if c.Freq == freq {
					return c.Flags
				}
			}
		}
		t.Fatalf("no channel %d", freq)
		return 0
	}
	if f := flags(2472); f != 0 {
		t.Errorf("channel 13 in DE: flags %#x", f)
	}
	if err := h.SetCountry("us"); err != nil {
		t.Fatal(err)
	}
	b.want("0s sim0 drivers.EventRegulatory{Initiator:USER Type:COUNTRY Alpha2:US}")
	if f := flags(2472); f != drivers.ChanDisabled {
		t.Errorf("channel 13 in US: flags %#x", f)
	}
	if cc, err := h.Country(); err != nil || cc != "US" {
		t.Errorf("Country = %q, %v", cc, err)
	}
	for _, bad := range []string{"", "D", "DEU", "1A", "ÄÖ"} {
		if err := h.SetCountry(bad); err == nil {
			t.Errorf("SetCountry(%q) succeeds", bad)
		}
	}
	if err := h.SetCountry("00"); err != nil {
		t.Fatal(err)
	}
	b.want("0s sim0 drivers.EventRegulatory{Initiator:USER Type:WORLD Alpha2:}")
}

func TestDeterministic(t *testing.T) {
	run := func() string {
		b := newBench(t, string(defaultAir))
		h := b.open("sim0")
		var out strings.Builder
		for range 3 {
			got := b.scan(h, drivers.ScanParams{})
			out.WriteString(b.trace())
			for _, k := range strings.Split(bssNames(got), "\n") {
				r := got[k]
				fmt.Fprintln(&out, k, r.Freq, r.Level, r.TSF, r.Age, len(r.IEs), len(r.BeaconIEs))
			}
			b.loop.Advance(7 * time.Second)
		}
		return out.String()
	}
	one, two := run(), run()
	if one != two {
		t.Errorf("two runs differ:\n%s\n\n%s", one, two)
	}
}

// TestDefaultPlan scans the default air and counts what a user should see.
func TestDefaultPlan(t *testing.T) {
	b := newBench(t, string(defaultAir))
	if DefaultPlan().Name == "" {
		t.Error("no default plan")
	}
	h := b.open("sim0")
	got := b.scan(h, drivers.ScanParams{})
	if len(got) < 10 {
		t.Errorf("one scan shows %d networks:\n%s", len(got), bssNames(got))
	}
	if d := b.loop.Now().Sub(looptest.Start); d > 5*time.Second {
		t.Errorf("a full scan takes %v", d)
	}
	seen := map[dot11.MAC]bool{}
	for range 10 {
		b.trace()
		for _, r := range b.scan(h, drivers.ScanParams{}) {
			seen[r.BSSID] = true
		}
	}
	for _, s := range b.air.aps {
		if !seen[s.ap.BSSID()] {
			t.Errorf("%v %v is never heard", s.ap.BSSID(), s.ap.SSID())
		}
	}
}

// TestLoad scans 5,000 access points ten times; memory is shared.
func TestLoad(t *testing.T) {
	b := newBench(t, "radio phy0 interfaces=sim0\nmany count=5000\n")
	h := b.open("sim0")
	for n := range 10 {
		b.trace()
		if got := len(b.scan(h, drivers.ScanParams{})); got != 5000 {
			t.Fatalf("scan %d: %d results", n, got)
		}
	}
	a, _ := h.ScanResults()
	c, _ := h.ScanResults()
	if &a.Results[0].IEs[0] != &c.Results[0].IEs[0] {
		t.Error("element bytes are copied")
	}
}

func BenchmarkScan5000(b *testing.B) {
	p, err := ParsePlan("bench", []byte("radio phy0 interfaces=sim0\nmany count=5000\n"))
	if err != nil {
		b.Fatal(err)
	}
	l := looptest.New()
	d, _ := New(l, zeros{})
	if _, err := d.Load(p); err != nil {
		b.Fatal(err)
	}
	done := false
	h, err := d.Open(drivers.Config{Ifname: "sim0", Events: func(e drivers.Event) {
		if _, ok := e.(drivers.EventScanDone); ok {
			done = true
		}
	}})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		done = false
		if err := h.Scan(&drivers.ScanParams{}); err != nil {
			b.Fatal(err)
		}
		l.Until(time.Minute, func() bool { return done })
		if r, err := h.ScanResults(); err != nil || len(r.Results) != 5000 {
			b.Fatal(len(r.Results), err)
		}
	}
}

package bss

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"gosupplicant/engine/dot11"
)

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// addr returns the n-th address of the test air.
func addr(n int) dot11.MAC { return dot11.MAC{2, 0, 0, byte(n >> 16), byte(n >> 8), byte(n)} }

// ies returns SSID, rates and whatever more.
func ies(ssid string, more ...[]byte) []byte {
	b := dot11.AppendElement(nil, dot11.ElementSSID, []byte(ssid)...)
	b = dot11.AppendElement(b, dot11.ElementSupportedRates, 0x82, 0x84, 0x8b, 0x96, 0x0c, 0x12, 0x18, 0x24)
	for _, m := range more {
		b = append(b, m...)
	}
	return b
}

// rsn returns an RSN element with CCMP and the given AKM.
func rsn(a dot11.AKM) []byte {
	e := dot11.RSNE{Version: 1}
	e.Group, _ = dot11.CipherCCMP.RSNSuite()
	e.Pairwise = []dot11.Suite{e.Group}
	s, _ := a.RSNSuite()
	e.AKMs = []dot11.Suite{s}
	return e.Append(nil)
}

// result returns a BSS heard just now.
func result(n int, ssid string, more ...[]byte) Result {
	return Result{BSSID: addr(n), Freq: 2412, BeaconInt: 100, Caps: dot11.CapESS, Level: -50,
		Flags: FlagLevelDBm | FlagNoiseInvalid | FlagQualInvalid, IEs: ies(ssid, more...)}
}

// names lists SSIDs.
func names(list []*BSS) []string {
	out := []string{}
	for _, b := range list {
		out = append(out, string(b.SSID))
	}
	return out
}

// check verifies that all orders and lookups agree.
func check(t *testing.T, tb *Table) {
	t.Helper()
	n := 0
	last := int64(-1)
	for b := range tb.All() {
		if int64(b.ID) <= last {
			t.Fatalf("identifiers out of order: %d behind %d", b.ID, last)
		}
		last = int64(b.ID)
		if tb.ByID(b.ID) != b || tb.Get(b.BSSID, b.SSID) != b || tb.At(n) != b || b.removed || b.pending != 0 {
			t.Fatalf("entry %d %v %q is not found by its keys", b.ID, b.BSSID, b.SSID)
		}
		n++
	}
	m := 0
	for b := range tb.ByUpdate() {
		if tb.ByID(b.ID) != b {
			t.Fatalf("entry %d is in one order only", b.ID)
		}
		m++
	}
	chained := 0
	for bssid, b := range tb.byBSSID {
		for ; b != nil; b = b.sameBSSID {
			chained++
			if b.BSSID != bssid {
				t.Fatalf("entry %d in the chain of another BSSID", b.ID)
			}
		}
	}
	if n != tb.Len() || m != n || chained != n {
		t.Fatalf("%d entries by identifier, %d by update, %d by BSSID, Len %d", n, m, chained, tb.Len())
	}
}

func TestUpdateAddAndKeys(t *testing.T) {
	tb := New()
	d := tb.Update([]Result{result(1, "a"), result(1, "b"), result(2, ""), result(2, "\x00\x00"), result(2, "named")}, UpdateOpts{Now: start})
	check(t, tb)
	if got := names(d.Added); !slices.Equal(got, []string{"a", "b", "", "\x00\x00", "named"}) || len(d.Changed) != 0 || len(d.Removed) != 0 {
		t.Fatalf("%+v", d)
	}
	if d.Added[0].ID != 0 || d.Added[4].ID != 4 || tb.UpdateIndex() != 1 {
		t.Error("identifiers do not start at 0")
	}
	if b := tb.Get(addr(2), []byte{}); b == nil || b.SSID == nil || !b.SSID.IsHidden() || b.ID != 2 {
		t.Errorf("hidden entry %+v", b)
	}
	if tb.Get(addr(1), []byte("c")) != nil || tb.Get(addr(9), nil) != nil || tb.Latest(addr(9)) != nil {
		t.Error("found what is not there")
	}
	if b := tb.Latest(addr(2)); b == nil || b.ID != 4 {
		t.Errorf("latest %+v", b)
	}
	b := tb.ByID(0)
	if b.SNR != 39 || b.EstThroughput != 18000 || b.UpdateIndex != 1 || b.SeenCount != 1 || !b.LastUpdate.Equal(start) {
		t.Errorf("%+v", b)
	}
	if tb.After(1).ID != 2 || tb.After(4) != nil || tb.At(5) != nil || tb.At(-1) != nil || tb.ByID(77) != nil {
		t.Error("positions")
	}
}

func TestUpdateCopiesResults(t *testing.T) {
	tb := New()
	r := result(1, "a")
	r.BeaconIEs = ies("")
	tb.Update([]Result{r}, UpdateOpts{Now: start})
	for i := range r.IEs {
		r.IEs[i] = 0xee
	}
	for i := range r.BeaconIEs {
		r.BeaconIEs[i] = 0xee
	}
	b := tb.ByID(0)
	if string(b.SSID) != "a" || string(b.IEs) != string(ies("a")) || string(b.BeaconIEs) != string(ies("")) {
		t.Errorf("entry shares memory with its result: %q %x", b.SSID, b.IEs)
	}
	grown := append(b.IEs, 1)
	if b.BeaconIEs[0] == 1 || grown == nil {
		t.Error("appending to IEs overwrites BeaconIEs")
	}
}

func TestUpdateChanges(t *testing.T) {
	wpa := dot11.AppendVendorElement(nil, dot11.OUIMicrosoft, dot11.MicrosoftWPA, 1, 0)
	wps := dot11.AppendVendorElement(nil, dot11.OUIMicrosoft, dot11.MicrosoftWPS, 0x10, 0x44, 0, 1, 2)
	base := func() Result { return result(1, "a", rsn(dot11.AKMPSK)) }
	tests := []struct {
		name string
		edit func(*Result)
		want Fields
	}{
		{"nothing", func(*Result) {}, 0},
		{"TSF, noise and quality", func(r *Result) { r.TSF, r.Noise, r.Qual = 5, -90, 3 }, 0},
		{"frequency", func(r *Result) { r.Freq = 2417 }, FieldFreq},
		{"level", func(r *Result) { r.Level = -51 }, FieldSignal},
		{"privacy", func(r *Result) { r.Caps |= dot11.CapPrivacy }, FieldPrivacy},
		{"mode", func(r *Result) { r.Caps = dot11.CapIBSS }, FieldMode},
		{"mesh", func(r *Result) { r.IEs = append(r.IEs, 114, 0) }, FieldMode | FieldIEs},
		{"another capability", func(r *Result) { r.Caps |= dot11.CapQoS }, 0},
		{"RSN", func(r *Result) { r.IEs = ies("a", rsn(dot11.AKMSAE)) }, FieldRSN | FieldIEs},
		{"no RSN", func(r *Result) { r.IEs = ies("a") }, FieldRSN | FieldIEs},
		{"WPA", func(r *Result) { r.IEs = append(r.IEs, wpa...) }, FieldWPA | FieldIEs},
		{"WPS", func(r *Result) { r.IEs = append(r.IEs, wps...) }, FieldWPS | FieldIEs},
		{"rates", func(r *Result) { r.IEs = append(r.IEs, 50, 1, 0x6c) }, FieldRates | FieldIEs},
		{"an element without property", func(r *Result) { r.IEs = append(r.IEs, 5, 1, 0) }, FieldIEs},
		{"heard again", func(r *Result) { r.Age = 0 }, FieldAge},
	}
	for _, tt := range tests {
		tb := New()
		first := base()
		tb.Update([]Result{first}, UpdateOpts{Now: start})
		next := base()
		next.Age = 10 * time.Second // what the kernel remembers of the first time
		tt.edit(&next)
		d := tb.Update([]Result{next}, UpdateOpts{Now: start.Add(10 * time.Second), NewScan: true})
		var got Fields
		for _, c := range d.Changed {
			got |= c.Fields
		}
		if got != tt.want || len(d.Added)+len(d.Removed) != 0 || (tt.want == 0) != (len(d.Changed) == 0) {
			t.Errorf("%s: %b, want %b; %+v", tt.name, got, tt.want, d)
		}
		check(t, tb)
	}
}

func TestUpdateAgeJitter(t *testing.T) {
	tb := New()
	tb.Update([]Result{result(1, "a")}, UpdateOpts{Now: start})
	r := result(1, "a")
	r.Age = time.Second - 3*time.Millisecond
	if d := tb.Update([]Result{r}, UpdateOpts{Now: start.Add(time.Second)}); len(d.Changed) != 0 {
		t.Errorf("jitter of 3 ms reported: %+v", d)
	}
	r.Age = 3 * time.Second
	tb.Update([]Result{r}, UpdateOpts{Now: start.Add(2 * time.Second)})
	if b := tb.ByID(0); b.LastUpdate.Before(start) {
		t.Errorf("time of hearing went back to %v", b.LastUpdate)
	}
	r.Age = -time.Hour
	tb.Update([]Result{r}, UpdateOpts{Now: start.Add(3 * time.Second)})
	if b := tb.ByID(0); b.LastUpdate.After(start.Add(3*time.Second)) || b.Age(start) != 0 {
		t.Errorf("heard in the future: %v", b.LastUpdate)
	}
}

func TestUpdateDuplicates(t *testing.T) {
	old, young := result(1, "a"), result(1, "a")
	old.Freq, old.Age = 2412, 8*time.Second
	young.Freq, young.Age = 2462, time.Second
	for _, order := range [][]Result{{old, young}, {young, old}, {old, young, old}} {
		for _, known := range []bool{false, true} {
			tb := New()
			if known {
				tb.Update([]Result{result(1, "a")}, UpdateOpts{Now: start.Add(-time.Minute)})
			}
			d := tb.Update(order, UpdateOpts{Now: start})
			check(t, tb)
			if tb.Len() != 1 || tb.ByID(0).Freq != 2462 || len(d.Added)+len(d.Changed) != 1 {
				t.Errorf("known %v: %d entries, %+v", known, tb.Len(), d)
			}
		}
	}
}

func TestUpdateIgnored(t *testing.T) {
	tb := New()
	none, long, huge := result(1, ""), result(2, ""), result(3, "x")
	none.IEs = []byte{1, 1, 0x82}
	long.IEs = dot11.AppendElement(nil, dot11.ElementSSID, make([]byte, 33)...)
	huge.BeaconIEs = make([]byte, maxElementBytes+1)
	d := tb.Update([]Result{none, long, huge}, UpdateOpts{Now: start, NewScan: true})
	if len(d.Ignored) != 3 || tb.Len() != 0 || d.Ignored[0] != (Ignored{addr(1), "no SSID element"}) {
		t.Errorf("%+v", d)
	}
	full := result(4, string(make([]byte, 32)))
	full.IEs = append(full.IEs, 48, 200, 1) // cut short at the end
	if d := tb.Update([]Result{full}, UpdateOpts{Now: start}); len(d.Added) != 1 {
		t.Errorf("%+v", d)
	}
}

func TestScanMisses(t *testing.T) {
	two, five := result(1, "two"), result(2, "five")
	five.Freq = 5180
	fresh := func() *Table {
		tb := New()
		tb.Update([]Result{two, five, result(3, "")}, UpdateOpts{Now: start, NewScan: true})
		return tb
	}
	tests := []struct {
		name string
		opts UpdateOpts
		want []string // left after two scans without results
	}{
		{"full scan", UpdateOpts{NewScan: true}, []string{}},
		{"not a scan", UpdateOpts{}, []string{"two", "five", ""}},
		{"other band", UpdateOpts{NewScan: true, Freqs: []int{5180, 5200}}, []string{"two", ""}},
		{"one name", UpdateOpts{NewScan: true, SSIDs: []dot11.SSID{dot11.SSID("five")}}, []string{"two", ""}},
		{"name and wildcard", UpdateOpts{NewScan: true, SSIDs: []dot11.SSID{dot11.SSID("five"), {}}}, []string{}},
		{"in use", UpdateOpts{NewScan: true, InUse: func(b *BSS) bool { return b.Freq == 5180 }}, []string{"five"}},
		{"three misses", UpdateOpts{NewScan: true, MaxMiss: 3}, []string{"two", "five", ""}},
	}
	for _, tt := range tests {
		tb := fresh()
		tt.opts.Now = start.Add(time.Second)
		if d := tb.Update(nil, tt.opts); len(d.Removed) != 0 {
			t.Errorf("%s: removed at the first miss: %v", tt.name, names(d.Removed))
		}
		d := tb.Update(nil, tt.opts)
		check(t, tb)
		if got := names(slices.Collect(tb.All())); !slices.Equal(got, tt.want) || len(d.Removed) != 3-len(tt.want) {
			t.Errorf("%s: left %q, want %q; %+v", tt.name, got, tt.want, d)
		}
	}
	tb := fresh()
	tb.Update(nil, UpdateOpts{NewScan: true})
	tb.Update([]Result{two}, UpdateOpts{NewScan: true})
	if b := tb.ByID(0); b == nil || b.ScanMissCount != 0 || tb.Len() != 1 {
		t.Error("being found does not clear the count")
	}
}

func TestFlush(t *testing.T) {
	tb := New()
	for i := range 4 {
		r := result(i, fmt.Sprint(i))
		r.Age = time.Duration(10*i) * time.Second
		tb.Update([]Result{r}, UpdateOpts{Now: start})
	}
	inUse := func(b *BSS) bool { return string(b.SSID) == "3" }
	if at, ok := tb.NextExpiry(180*time.Second, inUse); !ok || !at.Equal(start.Add(160*time.Second)) {
		t.Errorf("next expiry %v %v", at, ok)
	}
	if got := tb.FlushAge(start, 20*time.Second, inUse); len(got) != 0 {
		t.Errorf("exactly as old as allowed: %v removed", names(got))
	}
	if got := names(tb.FlushAge(start, 15*time.Second, inUse)); !slices.Equal(got, []string{"2"}) {
		t.Errorf("removed %v", got)
	}
	check(t, tb)
	if got := names(tb.FlushAge(start, 0, inUse)); !slices.Equal(got, []string{"0", "1"}) {
		t.Errorf("removed %v", got)
	}
	if _, ok := tb.NextExpiry(time.Second, inUse); ok {
		t.Error("an entry in use expires")
	}
	gone := tb.ByID(3)
	tb.Remove(gone)
	tb.Remove(gone)
	tb.Remove(nil)
	check(t, tb)
	if tb.Len() != 0 || string(gone.SSID) != "3" {
		t.Error("Remove")
	}
	tb.Update([]Result{result(1, "again")}, UpdateOpts{Now: start})
	if tb.ByID(4) == nil {
		t.Error("identifier used twice")
	}
	if got := tb.FlushAll(nil); len(got) != 1 || tb.Len() != 0 {
		t.Error("FlushAll")
	}
}

func TestUpdateOrder(t *testing.T) {
	tb := New()
	tb.Update([]Result{result(1, "a"), result(2, "b"), result(3, "c")}, UpdateOpts{Now: start})
	tb.Update([]Result{result(4, "d"), result(1, "a")}, UpdateOpts{Now: start})
	if got := names(slices.Collect(tb.ByUpdate())); !slices.Equal(got, []string{"b", "c", "d", "a"}) {
		t.Errorf("order of update %v", got)
	}
	if got := names(slices.Collect(tb.All())); !slices.Equal(got, []string{"a", "b", "c", "d"}) {
		t.Errorf("order of identifiers %v", got)
	}
}

func TestDerived(t *testing.T) {
	tb := New()
	local := func(int) dot11.LocalPHY { return dot11.LocalPHY{HT: true} }
	r := result(1, "a", rsn(dot11.AKMSAE), dot11.AppendElement(nil, dot11.ElementHTCapabilities, make([]byte, 26)...),
		(&dot11.MultiLink{MLDAddr: addr(99)}).Append(nil))
	tb.Update([]Result{r}, UpdateOpts{Now: start, Local: local})
	b := tb.ByID(0)
	e, err := b.RSN()
	if err != nil || e.KeyMgmt() != dot11.AKMs(dot11.AKMSAE) || b.EstThroughput != 65000 || !b.HasMLD || b.MLDAddr != addr(99) {
		t.Errorf("%+v %v %+v", e, err, b)
	}
	if w, err := b.WPA(); w != nil || err != nil {
		t.Error("WPA out of nothing")
	}
	if got := string(b.AppendFlags(nil, addr(0), true)); got != "[WPA2-SAE-CCMP][ESS]" {
		t.Error(got)
	}
	if b.Mode() != dot11.ModeInfrastructure || b.Privacy() || b.Rates()[0] != 18000000 {
		t.Error("properties")
	}
	tb.Update([]Result{result(1, "a", rsn(dot11.AKMPSK))}, UpdateOpts{Now: start, Local: local})
	if e, err := b.RSN(); err != nil || e.KeyMgmt() != dot11.AKMs(dot11.AKMPSK) || b.HasMLD || b.EstThroughput != 18000 {
		t.Errorf("stale after new elements: %+v %v %+v", e, err, b)
	}
	tb.Update([]Result{result(1, "a", []byte{48, 1, 1})}, UpdateOpts{Now: start})
	if _, err := b.RSN(); err == nil {
		t.Error("broken RSNE parsed")
	}
	if _, err := b.RSN(); err == nil {
		t.Error("broken RSNE forgotten")
	}
}

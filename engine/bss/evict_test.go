package bss

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

func known(b *BSS) bool { return strings.HasPrefix(string(b.SSID), "known") }

// leveled returns a result with a level.
func leveled(n int, ssid string, level int) Result {
	r := result(n, ssid)
	r.Level = level
	return r
}

func TestEviction(t *testing.T) {
	inUse := func(b *BSS) bool { return string(b.SSID) == "current" }
	tests := []struct {
		name   string
		before []Result
		after  []Result
		max    int
		want   []string // in order of identifiers
	}{
		{"oldest unseen goes first",
			[]Result{result(1, "old"), result(2, "newer")}, []Result{result(3, "x")}, 2, []string{"newer", "x"}},
		{"current and known stay",
			[]Result{result(1, "current"), result(2, "known"), result(3, "other")}, []Result{result(4, "x")}, 3,
			[]string{"current", "known", "x"}},
		{"known makes room for known",
			[]Result{result(1, "current"), result(2, "known1"), result(3, "known2")}, []Result{result(4, "known3")}, 3,
			[]string{"current", "known2", "known3"}},
		{"known is not dropped for unknown",
			[]Result{result(1, "known1"), result(2, "known2")}, []Result{result(3, "x")}, 2, []string{"known1", "known2"}},
		{"seen stays, unless clearly weaker",
			[]Result{leveled(1, "a", -60), leveled(2, "b", -80)},
			[]Result{leveled(1, "a", -60), leveled(2, "b", -80), leveled(3, "c", -75), leveled(4, "d", -70)}, 2, []string{"a", "d"}},
		{"no turning over",
			[]Result{leveled(1, "a", -60), leveled(2, "b", -61)},
			[]Result{leveled(3, "c", -59), leveled(1, "a", -60), leveled(4, "d", -58), leveled(2, "b", -61)}, 2, []string{"a", "b"}},
		{"known replaces unknown of the same scan",
			[]Result{leveled(1, "a", -40)}, []Result{leveled(1, "a", -40), leveled(2, "known", -90)}, 1, []string{"known"}},
		{"strongest of the new",
			nil, []Result{leveled(1, "a", -90), leveled(2, "b", -50), leveled(3, "known", -95), leveled(4, "d", -60)}, 3,
			[]string{"b", "known", "d"}},
		{"lower limit", []Result{result(1, "a"), result(2, "b"), result(3, "current"), result(4, "d")}, nil, 2, []string{"current", "d"}},
		{"all in use", []Result{result(1, "current")}, []Result{result(2, "current"), result(3, "x")}, 1, []string{"current", "current"}},
		{"duplicates count once", []Result{result(1, "a")}, []Result{result(2, "b"), result(2, "b")}, 2, []string{"a", "b"}},
	}
	for _, tt := range tests {
		tb := New()
		opts := UpdateOpts{Now: start, InUse: inUse, Known: known}
		tb.Update(tt.before, opts)
		opts.MaxCount, opts.Now, opts.NewScan = tt.max, start.Add(time.Second), true
		d := tb.Update(tt.after, opts)
		check(t, tb)
		if got := names(slices.Collect(tb.All())); !slices.Equal(got, tt.want) {
			t.Errorf("%s: left %q, want %q; %+v", tt.name, got, tt.want, d)
		}
	}
}

// Ten scans of an air that is too large for the table change nothing after the
// first.
func TestNoChurn(t *testing.T) {
	var air []Result
	for i := range 500 {
		air = append(air, leveled(i, fmt.Sprint("net", i), -40-i%50))
	}
	tb := New()
	rng := rand.New(rand.NewPCG(1, 2))
	var first []string
	for scan := range 10 {
		rng.Shuffle(len(air), func(i, j int) { air[i], air[j] = air[j], air[i] })
		d := tb.Update(air, UpdateOpts{Now: start, NewScan: true, MaxCount: 100})
		check(t, tb)
		if scan == 0 {
			first = names(slices.Collect(tb.All()))
			slices.Sort(first)
			continue
		}
		if len(d.Added)+len(d.Removed)+len(d.Changed) != 0 || len(d.Ignored) != 400 {
			t.Fatalf("scan %d: %d added, %d removed, %d changed", scan, len(d.Added), len(d.Removed), len(d.Changed))
		}
	}
	for b := range tb.All() {
		if b.Level < -50 {
			t.Errorf("%s with %d dBm was kept", b.SSID, b.Level)
		}
	}
	if len(first) != 100 {
		t.Errorf("%d entries", len(first))
	}
}

// Random operations: the table stays consistent, obeys its limits, and the
// differences it reports add up to its contents.
func TestRandomOperations(t *testing.T) {
	for seed := range uint64(40) {
		rng := rand.New(rand.NewPCG(seed, 7))
		tb := New()
		mirror := map[uint32]bool{}
		inUse := func(b *BSS) bool { return b.BSSID == addr(3) }
		now := start
		for step := range 60 {
			now = now.Add(time.Duration(rng.IntN(20)) * time.Second)
			var rs []Result
			for range rng.IntN(40) {
				r := leveled(rng.IntN(25), []string{"", "a", "known", "b"}[rng.IntN(4)], -30-rng.IntN(60))
				r.Age = time.Duration(rng.IntN(5000)) * time.Millisecond
				rs = append(rs, r)
			}
			limit := 10 + rng.IntN(30)
			d := tb.Update(rs, UpdateOpts{Now: now, NewScan: rng.IntN(4) > 0, MaxCount: limit, InUse: inUse, Known: known})
			check(t, tb)
			for _, b := range d.Removed {
				if !mirror[b.ID] || inUse(b) {
					t.Fatalf("seed %d step %d: removed %d, which was not there or in use", seed, step, b.ID)
				}
				delete(mirror, b.ID)
			}
			for _, c := range d.Changed {
				if !mirror[c.BSS.ID] || c.Fields == 0 {
					t.Fatalf("seed %d step %d: change %+v", seed, step, c)
				}
			}
			for _, b := range d.Added {
				if mirror[b.ID] {
					t.Fatalf("seed %d step %d: added %d twice", seed, step, b.ID)
				}
				mirror[b.ID] = true
			}
			for _, b := range tb.FlushAge(now, time.Duration(rng.IntN(100))*time.Second+time.Second, inUse) {
				delete(mirror, b.ID)
			}
			check(t, tb)
			if len(mirror) != tb.Len() || tb.Len() > limit+4 {
				t.Fatalf("seed %d step %d: %d entries, differences make %d, limit %d", seed, step, tb.Len(), len(mirror), limit)
			}
		}
	}
}

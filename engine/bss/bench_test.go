package bss

import (
	"fmt"
	"testing"
	"time"

	"gosupplicant/engine/dot11"
)

// largeAir returns n results with about 300 bytes of elements each.
func largeAir(n int) []Result {
	more := append(rsn(dot11.AKMSAE), dot11.AppendElement(nil, dot11.ElementHTCapabilities, make([]byte, 26)...)...)
	more = dot11.AppendElement(more, dot11.ElementVHTCapabilities, make([]byte, 12)...)
	more = dot11.AppendExtElement(more, dot11.ExtIDHECapabilities, make([]byte, 29)...)
	more = dot11.AppendVendorElement(more, dot11.OUIMicrosoft, dot11.MicrosoftWPS, make([]byte, 140)...)
	out := make([]Result, n)
	for i := range out {
		out[i] = result(i, fmt.Sprintf("network %d", i), more)
		out[i].BeaconIEs = out[i].IEs
	}
	return out
}

func benchUpdate(b *testing.B, n int, edit func(scan int, r *Result)) {
	air := largeAir(n)
	tb := New()
	opts := UpdateOpts{Now: start, NewScan: true, MaxCount: 10000,
		Local: func(int) dot11.LocalPHY { return dot11.LocalPHY{HT: true, VHT: true, HE: true} }}
	tb.Update(air, opts)
	scan := 0
	b.ReportAllocs()
	for b.Loop() {
		scan++
		opts.Now = opts.Now.Add(10 * time.Second)
		for i := range air {
			edit(scan, &air[i])
		}
		tb.Update(air, opts)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/BSS")
}

// A scan that finds the same air again, heard anew.
func BenchmarkUpdateSame(b *testing.B) {
	for _, n := range []int{100, 5000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) { benchUpdate(b, n, func(int, *Result) {}) })
	}
}

// A scan in which every signal moved.
func BenchmarkUpdateSignal(b *testing.B) {
	benchUpdate(b, 5000, func(scan int, r *Result) { r.Level = -40 - scan%30 })
}

// A scan in which the elements of every BSS changed.
func BenchmarkUpdateElements(b *testing.B) {
	benchUpdate(b, 5000, func(scan int, r *Result) { r.IEs[len(r.IEs)-1] = byte(scan) })
}

// A first scan.
func BenchmarkUpdateNew(b *testing.B) {
	air := largeAir(5000)
	b.ReportAllocs()
	for b.Loop() {
		New().Update(air, UpdateOpts{Now: start, NewScan: true, MaxCount: 10000})
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/5000, "ns/BSS")
}

// A table five times too small for the air.
func BenchmarkUpdateOverflow(b *testing.B) {
	air := largeAir(5000)
	tb := New()
	b.ReportAllocs()
	for b.Loop() {
		tb.Update(air, UpdateOpts{Now: start, NewScan: true})
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/5000, "ns/BSS")
}

// One BSSID with very many names, as a hostile sender can make up.
func BenchmarkUpdateOneBSSID(b *testing.B) {
	air := largeAir(1000)
	for i := range air {
		air[i].BSSID = addr(1)
	}
	tb := New()
	b.ReportAllocs()
	for b.Loop() {
		tb.Update(air, UpdateOpts{Now: start, NewScan: true})
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/BSS")
}

func BenchmarkLookup(b *testing.B) {
	air := largeAir(5000)
	tb := New()
	tb.Update(air, UpdateOpts{Now: start, MaxCount: 10000})
	ssid := []byte("network 4711")
	for b.Loop() {
		if tb.ByID(4711) == nil || tb.Get(addr(4711), ssid) == nil || tb.Latest(addr(4711)) == nil {
			b.Fatal("not found")
		}
	}
}

package wext

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
)

var (
	macA = dot11.MAC{2, 0, 0, 0, 0xaa, 1}
	macB = dot11.MAC{2, 0, 0, 0, 0xaa, 2}
)

// TestEventLayout spells one event of each kind byte by byte, so that the
// builder of the other tests cannot hide a mistake (little-endian machines).
func TestEventLayout(t *testing.T) {
	if order.Uint16([]byte{1, 0}) != 1 {
		t.Skip("the bytes below are little-endian")
	}
	quality64 := []byte{
		0x0c, 0x00, 0x01, 0x8c, 0, 0, 0, 0, // length 12, IWEVQUAL, padding
		0x46, 0xce, 0x00, 0x4b, // 70, -50, 0, flags
	}
	ssid64 := []byte{
		0x13, 0x00, 0x1b, 0x8b, 0, 0, 0, 0, // length 19, SIOCGIWESSID, padding
		0x03, 0x00, 0x01, 0x00, 0, 0, 0, 0, // 3 bytes, flags 1, padding
		'a', 'b', 'c',
	}
	ssid32 := []byte{
		0x0b, 0x00, 0x1b, 0x8b, // length 11, SIOCGIWESSID
		0x03, 0x00, 0x01, 0x00, // 3 bytes, flags 1
		'a', 'b', 'c',
	}
	e, n, why := layout64.event(quality64)
	if why != "" || n != 12 || e.cmd != evQual || !bytes.Equal(e.fixed, quality64[8:]) {
		t.Errorf("quality: %+v, %d, %s", e, n, why)
	}
	for name, c := range map[string]struct {
		l layout
		b []byte
	}{"64": {layout64, ssid64}, "32": {layout32, ssid32}} {
		e, n, why := c.l.event(c.b)
		if why != "" || n != len(c.b) || e.cmd != cmdGetESSID || string(e.data) != "abc" || e.flags != 1 {
			t.Errorf("SSID %s: %+v, %d, %s", name, e, n, why)
		}
	}
}

// fullBSS is what cfg80211 sends for one BSS.
func fullBSS(l layout) *stream {
	ies := dot11.AppendElement(nil, dot11.ElementSSID, []byte("net")...)
	ies = dot11.AppendElement(ies, dot11.ElementSupportedRates, 0x82)
	s := &stream{l: l}
	return s.ap(macA).freq(6, 0).freq(2437, 6).qual(60, 0xce, 0, 0x4b).point(cmdGetEnc, 0x0800).
		point(cmdGetESSID, 1, []byte("net")...).mode(modeMaster).rates(1e6, 2e6).custom("tsf=00000000000a1b2c").
		custom(" Last beacon: 48ms ago").point(evGenIE, 0, ies...)
}

func TestParseResults(t *testing.T) {
	ies := dot11.AppendElement(nil, dot11.ElementSSID, []byte("net")...)
	ies = dot11.AppendElement(ies, dot11.ElementSupportedRates, 0x82)
	want := drivers.ScanResult{BSSID: macA, Freq: 2437, Qual: 60, Level: -50, TSF: 0xa1b2c, Age: 48 * time.Millisecond,
		Capability: uint16(dot11.CapESS | dot11.CapPrivacy), Flags: drivers.ResultLevelDBm | drivers.ResultNoiseInvalid, IEs: ies}
	for name, l := range layouts {
		s := fullBSS(l).ap(macB)
		got, err := l.parseResults(s.b)
		if err != nil || len(got) != 2 {
			t.Fatalf("%s: %d results, %v", name, len(got), err)
		}
		if r := got[0]; !bytes.Equal(r.IEs, want.IEs) || r.BSSID != want.BSSID || r.Freq != want.Freq || r.Qual != want.Qual || r.Level != want.Level ||
			r.TSF != want.TSF || r.Age != want.Age || r.Capability != want.Capability || r.Flags != want.Flags {
			t.Errorf("%s: %+v, want %+v", name, r, want)
		}
		if r := got[1]; r.BSSID != macB || r.Flags&drivers.ResultLevelInvalid == 0 || !bytes.Equal(r.IEs, []byte{0, 0}) {
			t.Errorf("%s: bare BSS: %+v", name, r)
		}
	}
}

// TestParseResultsOld reads what drivers before cfg80211 gave: no elements, WPA
// as text, channel numbers, plain quality.
func TestParseResultsOld(t *testing.T) {
	s := &stream{l: native}
	s.ap(macA).point(cmdGetESSID, 1, []byte("old")...).mode(modeMaster).freq(11, 0).point(cmdGetEnc, encodeDisabled).
		qual(40, 180, 90, 0x10).rates(5.5e6, 11e6).custom("bcn_int=200").custom("wpa_ie=dd060050f2010100\x00").
		custom("rsn_ie=30020100").custom("rsn_ie=3002").custom("rsn_ie=xx").custom("anything").
		ap(macB).mode(modeAdHoc).freq(5180, 6).freq(36, 0).freq(-1, 0)
	got, err := native.parseResults(s.b)
	if err != nil || len(got) != 2 {
		t.Fatalf("%d results, %v", len(got), err)
	}
	r := got[0]
	want := []byte{0, 3, 'o', 'l', 'd', 1, 1, 22, 0xdd, 6, 0, 0x50, 0xf2, 1, 1, 0, 0x30, 2, 1, 0}
	if !bytes.Equal(r.IEs, want) {
		t.Errorf("elements % x, want % x", r.IEs, want)
	}
	if r.Freq != 2462 || r.BeaconInterval != 200 || r.Capability != uint16(dot11.CapESS) || r.Qual != 40 || r.Level != 180 || r.Noise != 90 ||
		r.Flags != drivers.ResultQualInvalid {
		t.Errorf("%+v", r)
	}
	if r := got[1]; r.Freq != 5180 || r.Capability != uint16(dot11.CapIBSS) {
		t.Errorf("%+v", r)
	}
}

// TestParseResultsTruncated: every prefix is either whole events or an error,
// and what was complete before the fault is kept.
func TestParseResultsTruncated(t *testing.T) {
	for name, l := range layouts {
		whole := fullBSS(l).b
		ends := map[int]bool{0: true}
		for off := 0; off < len(whole); {
			_, n, why := l.event(whole[off:])
			if why != "" {
				t.Fatal(why)
			}
			off += n
			ends[off] = true
		}
		for n := range len(whole) {
			got, err := l.parseResults(whole[:n])
			var fault *streamError
			if (err == nil) != ends[n] || err != nil && !errors.As(err, &fault) {
				t.Errorf("%s: %d bytes: %v", name, n, err)
			}
			if len(got) > 1 {
				t.Errorf("%s: %d bytes: %d results", name, n, len(got))
			}
		}
	}
}

func TestEventLies(t *testing.T) {
	for name, s := range map[string]*stream{
		"length 0":             (&stream{l: native}).raw(0, evQual, nil),
		"length under header":  (&stream{l: native}).raw(native.header-1, evQual, nil),
		"length over buffer":   (&stream{l: native}).raw(native.header+9, evQual, []byte{1, 2, 3, 4, 5, 6, 7, 8}),
		"point without header": (&stream{l: native}).raw(native.header+2, evCustom, []byte{1, 0}),
		"point beyond length":  (&stream{l: native}).raw(native.point+1, evCustom, append([]byte{2, 0, 0, 0}, make([]byte, native.point-native.header-4+1)...)),
		"point of 65535":       (&stream{l: native}).raw(native.point, evGenIE, append([]byte{0xff, 0xff, 0, 0}, make([]byte, native.point-native.header-4)...)),
	} {
		if _, err := native.parseResults(s.b); err == nil {
			t.Errorf("%s: accepted", name)
		}
		if _, err := native.parseEvents(s.b); err == nil {
			t.Errorf("%s: accepted as event", name)
		}
	}
	// Too many elements for one BSS: the first ones count.
	s := (&stream{l: native}).ap(macA)
	for range 20 {
		s.point(evGenIE, 0, dot11.AppendElement(nil, dot11.ElementVendorSpecific, make([]byte, 200)...)...)
		s.point(evGenIE, 0, dot11.AppendElement(nil, dot11.ElementVendorSpecific, make([]byte, 250)...)...)
	}
	got, err := native.parseResults(s.b)
	if err != nil || len(got) != 1 || len(got[0].IEs) > maxIEs+2 || dot11.Elements(got[0].IEs).Check() != nil {
		t.Errorf("%d results, %v", len(got), err)
	}
	long := (&stream{l: native}).ap(macA).point(cmdGetESSID, 1, make([]byte, 33)...)
	if got, err := native.parseResults(long.b); err != nil || !bytes.Equal(got[0].IEs, []byte{0, 0}) {
		t.Errorf("SSID of 33 bytes: %+v, %v", got, err)
	}
}

func TestParseEvents(t *testing.T) {
	for name, l := range layouts {
		s := (&stream{l: l}).custom("x").ap(macA).point(cmdGetScan, 0).ap(dot11.MAC{}).ap(dot11.MAC{0x44, 0x44, 0x44, 0x44, 0x44, 0x44}).
			ap(dot11.Broadcast).value(cmdGetAP, 1)
		got, err := l.parseEvents(s.b)
		if want := (notice{kind: noticeAP, addr: macA}); err != nil || len(got) != 6 || !reflect.DeepEqual(got[0], want) || got[1].kind != noticeScanDone {
			t.Fatalf("%s: %+v, %v", name, got, err)
		}
		for _, n := range got[2:] {
			if n.kind != noticeAP || !n.addr.IsZero() {
				t.Errorf("%s: %+v counts as association", name, n)
			}
		}
	}
}

func TestDBm(t *testing.T) {
	for b, want := range map[byte]int{0: 0, 20: 20, 63: 63, 64: -192, 0xce: -50, 0xff: -1} {
		if got := dBm(b); got != want {
			t.Errorf("dBm(%#x) = %d, want %d", b, got, want)
		}
	}
}

func TestFreqMHz(t *testing.T) {
	for _, tc := range []struct {
		m    int32
		e    int16
		want int
	}{
		{2437, 6, 2437}, {243700000, 1, 2437}, {6, 0, 2437}, {14, 0, 2484}, {36, 0, 5180}, {184, 0, 4920}, {5180000, 3, 5180},
		{0, 0, 0}, {-5, 6, 0}, {15, 0, 0}, {500, 0, 0}, {2437, -1, 0}, {2437, 13, 0}, {2147483647, 12, 0}, {1001, 0, 0}, {5955, 6, 5955},
	} {
		if got := freqMHz(tc.m, tc.e); got != tc.want {
			t.Errorf("freqMHz(%d, %d) = %d, want %d", tc.m, tc.e, got, tc.want)
		}
	}
}

// rangeBytes makes a struct iw_range of version 22.
func rangeBytes() []byte {
	b := make([]byte, rangeSize)
	b[rangeScanCapa], b[rangeWECompiled], b[rangeWESource] = scanCapaESSID, 22, 21
	b[rangeMaxQual] = 100
	b[rangeNumFreq] = 2
	order.PutUint32(b[rangeFreq:], 2412)
	order.PutUint16(b[rangeFreq+4:], 6)
	order.PutUint32(b[rangeFreq+8:], 2417)
	order.PutUint16(b[rangeFreq+12:], 6)
	order.PutUint32(b[rangeEncCapa:], encCapaWPA|encCapaWPA2|encCapaTKIP|encCapaCCMP)
	return b
}

func TestParseRange(t *testing.T) {
	r, err := parseRange(rangeBytes())
	if err != nil || r.weCompiled != 22 || r.weSource != 21 || len(r.frequencies) != 2 || r.frequencies[1] != 2417 || r.encCapa != 15 || r.maxQual.qual != 100 {
		t.Fatalf("%+v, %v", r, err)
	}
	c := r.capability()
	if c.Enc != drivers.EncWEP40|drivers.EncWEP104|drivers.EncTKIP|drivers.EncCCMP || len(c.AKMs) != 2 || len(c.Ciphers) != 4 || c.MaxScanSSIDs != 1 {
		t.Errorf("capability %+v", c)
	}
	r.encCapa = 0
	if c := r.capability(); len(c.AKMs) != 0 || len(c.Ciphers) != 2 {
		t.Errorf("capability without WPA %+v", c)
	}
	lies := rangeBytes()
	lies[rangeNumFreq] = 255
	if r, err := parseRange(lies); err != nil || len(r.frequencies) != 2 {
		t.Errorf("255 frequencies: %+v, %v", r, err)
	}
	old := rangeBytes()
	old[rangeWECompiled] = 15
	if _, err := parseRange(old); err == nil {
		t.Error("version 15 is accepted")
	}
	for n := range rangeSize {
		r, err := parseRange(rangeBytes()[:n])
		if n <= rangeNumFreq && err == nil {
			t.Errorf("%d bytes are accepted", n)
		}
		if err == nil && r.encCapa != 0 {
			t.Errorf("%d bytes have encryption capabilities", n)
		}
	}
}

func TestScanRequest(t *testing.T) {
	if req, flags := scanRequest(&drivers.ScanParams{SSIDs: [][]byte{nil}}); req != nil || flags != 0 {
		t.Errorf("wildcard: %d bytes, flags %#x", len(req), flags)
	}
	req, flags := scanRequest(&drivers.ScanParams{SSIDs: [][]byte{nil, []byte("abc")}, Freqs: []int{2437, 5180}})
	if len(req) != 316 || flags != 2|8 || req[0] != 0 || req[1] != 3 || req[2] != 2 || !bytes.Equal(req[6:12], dot11.Broadcast[:]) ||
		string(req[20:23]) != "abc" || order.Uint32(req[60:]) != 2437 || order.Uint16(req[64:]) != 6 || order.Uint32(req[68:]) != 5180 {
		t.Errorf("flags %#x, % x", flags, req)
	}
	req, flags = scanRequest(&drivers.ScanParams{Passive: true, SSIDs: [][]byte{[]byte("abc")}})
	if len(req) != 316 || flags != 0 || req[0] != scanPassive || req[1] != 0 {
		t.Errorf("passive: flags %#x, % x", flags, req)
	}
	req, flags = scanRequest(&drivers.ScanParams{SSIDs: [][]byte{[]byte("abc")}, Freqs: make([]int, 33)})
	if flags != scanThisESSID || req[2] != 0 {
		t.Errorf("33 frequencies: flags %#x, % x", flags, req)
	}
}

func readCapture(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func FuzzResults(f *testing.F) {
	f.Add(fullBSS(layout64).b, true)
	f.Add(fullBSS(layout32).b, false)
	for _, name := range []string{"scan.bin", "event-scan.bin", "event-ap-true.bin"} {
		f.Add(readCapture(f, name), true)
	}
	f.Fuzz(func(t *testing.T, b []byte, wide bool) {
		l := layout32
		if wide {
			l = layout64
		}
		got, _ := l.parseResults(b)
		if len(got) > len(b)/l.header {
			t.Errorf("%d results out of %d bytes", len(got), len(b))
		}
		for _, r := range got {
			if len(r.IEs) > maxIEs+maxESSID+2+3 {
				t.Errorf("%d bytes of elements", len(r.IEs))
			}
		}
	})
}

func FuzzRange(f *testing.F) {
	f.Add(rangeBytes())
	f.Add(readCapture(f, "range.bin"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := parseRange(b); err == nil {
			if len(r.frequencies) > maxChannels {
				t.Errorf("%d frequencies", len(r.frequencies))
			}
			r.capability()
		}
	})
}

package dot11

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
)

// Two neighbours: one with two entries of 13 bytes on 6 GHz, one with a single
// entry of 16 bytes.
var rnrBody = []byte{
	0x10, 0x0d, 131, 37, // two entries of 13 bytes
	0xff, 0x02, 0, 0, 0, 0, 0x01, 0x78, 0x56, 0x34, 0x12, 0x40, 0xfe,
	0x05, 0x02, 0, 0, 0, 0, 0x02, 0x78, 0x56, 0x34, 0x12, 0x40, 0x14,
	0x04, 0x10, 115, 36, // one entry of 16 bytes, filtered
	0x0a, 0x02, 0, 0, 0, 0, 0x03, 1, 0, 0, 0, 0x02, 0x00, 0x00, 0xa1, 0x1b,
}

func TestReducedNeighborReport(t *testing.T) {
	aps, err := ParseReducedNeighborReport(rnrBody)
	if err != nil || len(aps) != 2 || len(aps[0].Infos) != 2 || len(aps[1].Infos) != 1 {
		t.Fatalf("%+v %v", aps, err)
	}
	a, b := aps[0].Infos[0], aps[1].Infos[0]
	if aps[0].OpClass != 131 || aps[0].Channel != 37 || aps[0].InfoLen != 13 || aps[0].Filtered || !aps[1].Filtered {
		t.Errorf("%+v", aps)
	}
	if *a.Offset != 255 || *a.BSSID != (MAC{2, 0, 0, 0, 0, 1}) || *a.ShortSSID != 0x12345678 || *a.BSSParams != 0x40 || *a.PSD != -2 || a.MLD != nil {
		t.Errorf("%+v", a)
	}
	if want := (NeighborMLD{ID: 0, LinkID: 1, ChangeCount: 0xba, AllUpdates: true}); b.MLD == nil || *b.MLD != want {
		t.Errorf("%+v, want %+v", b.MLD, want)
	}
	whole := map[int]bool{0: true, 30: true, len(rnrBody): true}
	for n := range len(rnrBody) + 1 {
		if _, err := ParseReducedNeighborReport(rnrBody[:n]); (err == nil) != whole[n] {
			t.Errorf("prefix of %d bytes: %v", n, err)
		}
	}
	if _, err := ParseReducedNeighborReport([]byte{0, 0, 1, 1}); err == nil || !strings.Contains(err.Error(), "length 0") {
		t.Errorf("entries of no length: %v", err)
	}
}

func TestTBTTLayouts(t *testing.T) {
	for n := 1; n <= 40; n++ {
		body := append([]byte{0, byte(n), 81, 1}, bytes.Repeat([]byte{1}, n)...)
		aps, err := ParseReducedNeighborReport(body)
		if err != nil {
			t.Fatal(n, err)
		}
		got := aps[0].Infos[0]
		_, known := tbttLayouts[min(n, 16)]
		if known != (got.Offset != nil) || len(got.Raw) != n || (got.MLD != nil) != (n >= 16) {
			t.Errorf("entry of %d bytes: %+v", n, got)
		}
	}
	// Type 1 holds MLD parameters alone.
	aps, err := ParseReducedNeighborReport([]byte{0x01, 0x03, 81, 1, 0xff, 0x0f, 0x20})
	if err != nil || aps[0].Infos[0].MLD == nil || *aps[0].Infos[0].MLD != (NeighborMLD{ID: 255, LinkID: 15, Disabled: true}) {
		t.Errorf("%+v %v", aps, err)
	}
}

func TestCountry(t *testing.T) {
	c, err := ParseCountry([]byte{'D', 'E', ' ', 1, 13, 20, 0})
	if err != nil || string(c.Code[:]) != "DE " || !reflect.DeepEqual(c.Triplets, []CountryTriplet{{1, 13, 20}}) {
		t.Errorf("%+v %v", c, err)
	}
	for n, ok := range []bool{false, false, false, true, true, false, true, true} {
		body := []byte{'D', 'E', ' ', 1, 13, 20, 0}
		if n > len(body) {
			break
		}
		if _, err := ParseCountry(body[:n]); (err == nil) != ok {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
	l, err := ParseBSSLoad([]byte{3, 0, 128, 0x10, 0x27})
	if err != nil || *l != (BSSLoad{3, 128, 10000}) {
		t.Errorf("%+v %v", l, err)
	}
	if _, err := ParseBSSLoad(make([]byte, 6)); err == nil {
		t.Error("six bytes accepted")
	}
}

// mbssid returns a Multiple BSSID element of the given profiles.
func mbssid(indicator byte, profiles ...[]byte) []byte {
	body := []byte{indicator}
	for _, p := range profiles {
		body = append(append(body, 0, byte(len(p))), p...)
	}
	return AppendElement(nil, ElementMultipleBSSID, body...)
}

func TestMultipleBSSID(t *testing.T) {
	profile := func(index byte, ssid string, more ...[]byte) []byte {
		return build(AppendElement(nil, ElementNontransmittedBSSIDCapability, 0x11, 0x04), AppendElement(nil, ElementSSID, []byte(ssid)...),
			AppendElement(nil, ElementMultipleBSSIDIndex, index), build(more...))
	}
	guest := profile(1, "guest", AppendExtElement(nil, ExtIDNonInheritance, 1, byte(ElementRSN), 1, byte(ExtIDHEOperation)))
	wpa3 := profile(3, "wpa3", rsnWith(CipherGCMP256, []Cipher{CipherGCMP256}, []AKM{AKMSAEExtKey}, 0))
	es := build(AppendElement(nil, ElementSSID, []byte("main")...), AppendElement(nil, ElementSupportedRates, 0x82),
		rsnWith(CipherCCMP, []Cipher{CipherCCMP}, []AKM{AKMPSK}, 0),
		mbssid(3, guest, wpa3[:9]), mbssid(3, wpa3[9:]), // the second profile is split
		AppendExtElement(nil, ExtIDHEOperation, 1, 2, 3))
	got, err := ParseMultipleBSSID(MAC{2, 0, 0, 0, 0, 0x16}, es)
	if err != nil || len(got) != 2 {
		t.Fatalf("%+v %v", got, err)
	}
	g, w := got[0], got[1]
	if g.BSSID != (MAC{2, 0, 0, 0, 0, 0x17}) || string(g.SSID) != "guest" || g.Caps != 0x0411 || g.Index != 1 {
		t.Errorf("first: %+v", g)
	}
	if w.BSSID != (MAC{2, 0, 0, 0, 0, 0x11}) || string(w.SSID) != "wpa3" {
		t.Errorf("second, whose address wraps around: %+v", w)
	}
	if g.Elements.Has(ElementRSN) || g.Elements.Has(ElementMultipleBSSID) || !g.Elements.Has(ElementSupportedRates) {
		t.Errorf("inherited elements of the first: % x", g.Elements)
	}
	if _, ok := g.Elements.FindExt(ExtIDHEOperation); ok {
		t.Error("extension element inherited against the list")
	}
	if b, _ := w.Elements.Find(ElementRSN); !bytes.Contains(b, []byte{0, 0x0f, 0xac, 24}) || bytes.Contains(b, []byte{0, 0x0f, 0xac, 2}) {
		t.Errorf("RSN element of the second: % x", b)
	}
	if b, _ := w.Elements.Find(ElementSSID); string(b) != "wpa3" || w.Elements.Check() != nil {
		t.Errorf("elements of the second: % x", w.Elements)
	}
}

func TestMultipleBSSIDRefused(t *testing.T) {
	for _, es := range []Elements{mbssid(0), mbssid(9), AppendElement(nil, ElementMultipleBSSID), AppendElement(nil, ElementMultipleBSSID, 3, 0),
		AppendElement(nil, ElementMultipleBSSID, 3, 0, 9, 1)} {
		if got, err := ParseMultipleBSSID(MAC{2}, es); err == nil {
			t.Errorf("% x gives %+v", []byte(es), got)
		}
	}
	// Incomplete profiles are passed over.
	incomplete := build(AppendElement(nil, ElementNontransmittedBSSIDCapability, 0x11, 0x04), AppendElement(nil, ElementSSID, 'x'))
	zero := build(incomplete, AppendElement(nil, ElementMultipleBSSIDIndex, 0))
	if got, err := ParseMultipleBSSID(MAC{2}, mbssid(8, incomplete, zero)); err != nil || len(got) != 0 {
		t.Errorf("%+v %v", got, err)
	}
}

func FuzzReducedNeighborReport(f *testing.F) {
	f.Add(rnrBody)
	f.Fuzz(func(t *testing.T, b []byte) {
		aps, err := ParseReducedNeighborReport(b)
		if err != nil {
			return
		}
		n := 0
		for _, ap := range aps {
			n += 4 + len(ap.Infos)*int(ap.InfoLen)
		}
		if n != len(b) {
			t.Fatalf("%d of %d bytes accounted for", n, len(b))
		}
	})
}

func FuzzSmallElements(f *testing.F) {
	f.Add([]byte{'D', 'E', ' ', 1, 13, 20, 0})
	f.Add([]byte{2, 0, 0, 0, 0, 7, 3, 'o', 'w', 'e', 115, 36})
	f.Add([]byte{0x00, 0xc0, 0x02, 0xc5, 0xfc, 0xff, 37, 0x02, 39, 0, 6, 1, 2, 3, 4})
	f.Fuzz(func(t *testing.T, b []byte) {
		if c, err := ParseCountry(b); err == nil && len(c.Triplets)*3+3 > len(b) {
			t.Fatal("triplets out of nothing")
		}
		if o, err := ParseOWETransition(b); err == nil {
			p, err := ParseOWETransition(o.Append(nil)[6:])
			if err != nil || !reflect.DeepEqual(o, p) {
				t.Fatalf("%+v came back as %+v, %v", o, p, err)
			}
		}
		_, _ = ParseFILSIndication(b)
		_, _ = ParseMeshConfiguration(b)
		_, _ = ParseTimeoutInterval(b)
		_, _ = ParseBSSLoad(b)
		_, _ = ParseHTCapabilities(b)
		_, _ = ParseHTOperation(b)
		_, _ = ParseVHTCapabilities(b)
		_, _ = ParseVHTOperation(b)
		_, _ = ParseHECapabilities(b)
		_, _ = ParseHEOperation(b)
		_, _ = ParseEHTCapabilities(b)
		_, _ = ParseEHTOperation(b)
	})
}

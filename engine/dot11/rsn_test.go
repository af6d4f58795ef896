package dot11

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
)

// A WPA2/WPA3 transition network with one PMKID and BIP-GMAC-256.
var rsneFull = []byte{
	0x01, 0x00, // version
	0x00, 0x0f, 0xac, 0x04, // group CCMP
	0x02, 0x00, // two pairwise
	0x00, 0x0f, 0xac, 0x04, // CCMP
	0x00, 0x0f, 0xac, 0x09, // GCMP-256
	0x03, 0x00, // three AKMs
	0x00, 0x0f, 0xac, 0x02, // PSK
	0x00, 0x0f, 0xac, 0x08, // SAE
	0x00, 0x40, 0x96, 0x00, // somebody else's
	0x8d, 0x00, // MFPC, 16 PTKSA counters, preauthentication
	0x01, 0x00, // one PMKID
	0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07,
	0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f,
	0x00, 0x0f, 0xac, 0x0c, // BIP-GMAC-256
}

func TestParseRSNE(t *testing.T) {
	e, err := ParseRSNE(rsneFull)
	if err != nil {
		t.Fatal(err)
	}
	if e.GroupCipher() != CipherCCMP || e.PairwiseCiphers() != Ciphers(CipherCCMP, CipherGCMP256) ||
		e.KeyMgmt() != AKMs(AKMPSK, AKMSAE) || e.MgmtGroupCipher() != CipherBIPGMAC256 {
		t.Errorf("suites: %v %v %v %v", e.GroupCipher(), e.PairwiseCiphers(), e.KeyMgmt(), e.MgmtGroupCipher())
	}
	if e.Caps != RSNCapMFPC|RSNCapPreauth|3<<2 || e.Caps.PTKSAReplayCounters() != 16 || e.Caps.GTKSAReplayCounters() != 1 {
		t.Errorf("capabilities %#x", e.Caps)
	}
	if len(e.PMKIDs) != 1 || e.PMKIDs[0][15] != 15 || len(e.AKMs) != 3 {
		t.Errorf("lists: %v %v", e.PMKIDs, e.AKMs)
	}
	if got := e.AppendBody(nil); !bytes.Equal(got, rsneFull) {
		t.Errorf("written back as % x", got)
	}
}

func TestParseRSNEPrefixes(t *testing.T) {
	complete := map[int]RSNField{2: RSNFieldVersion, 6: RSNFieldGroup, 16: RSNFieldPairwise, 30: RSNFieldAKM,
		32: RSNFieldCaps, 50: RSNFieldPMKID, 54: RSNFieldGroupMgmt}
	// Too few bytes for the next field, which are ignored.
	partial := map[int]int{31: 30, 33: 32, 51: 50, 52: 50, 53: 50}
	for n := range len(rsneFull) + 1 {
		e, err := ParseRSNE(rsneFull[:n])
		end := n
		if p, ok := partial[n]; ok {
			end = p
		}
		field, ok := complete[end]
		if ok != (err == nil) {
			t.Errorf("prefix of %d bytes: %v", n, err)
			continue
		}
		if err != nil {
			if !strings.HasPrefix(err.Error(), "dot11: RSNE: offset ") {
				t.Errorf("prefix of %d bytes: %v", n, err)
			}
			continue
		}
		if e.Fields != field || !bytes.Equal(e.AppendBody(nil), rsneFull[:end]) {
			t.Errorf("prefix of %d bytes: fields %d, written back % x", n, e.Fields, e.AppendBody(nil))
		}
	}
}

func TestRSNEDefaults(t *testing.T) {
	e, err := ParseRSNE([]byte{1, 0})
	if err != nil {
		t.Fatal(err)
	}
	if e.GroupCipher() != CipherCCMP || e.PairwiseCiphers() != Ciphers(CipherCCMP) ||
		e.KeyMgmt() != AKMs(AKMEAP) || e.MgmtGroupCipher() != CipherUnknown {
		t.Error("defaults of an RSNE with only a version")
	}
	e.Caps = RSNCapMFPC
	if e.MgmtGroupCipher() != CipherBIPCMAC128 {
		t.Error("default group management cipher")
	}
	zero, err := ParseRSNE([]byte{1, 0, 0, 0, 0, 0})
	if err != nil || zero.GroupCipher() != CipherUnknown {
		t.Errorf("group suite of zeros taken for the default: %v", err)
	}
}

func TestRSNERefused(t *testing.T) {
	tests := map[string][]byte{
		"version 0, want 1":             {0, 0},
		"version 258, want 1":           {2, 1, 0, 0x0f, 0xac, 4},
		"pairwise cipher count 0":       {1, 0, 0, 0x0f, 0xac, 4, 0, 0},
		"pairwise cipher count 2":       {1, 0, 0, 0x0f, 0xac, 4, 2, 0, 0, 0x0f, 0xac, 4},
		"pairwise cipher count 65535":   {1, 0, 0, 0x0f, 0xac, 4, 0xff, 0xff, 0, 0x0f, 0xac, 4},
		"AKM count 0":                   {1, 0, 0, 0x0f, 0xac, 4, 1, 0, 0, 0x0f, 0xac, 4, 0, 0},
		"PMKID count 4096 with 1 bytes": append(append([]byte{}, rsneFull[:32]...), 0, 0x10, 1),
		"group cipher needs 4 bytes, 3": rsneFull[:5],
		"version needs 2 bytes, 0 left": {},
	}
	for want, body := range tests {
		if e, err := ParseRSNE(body); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("% x: %v, %v; want %q", body, e, err, want)
		}
	}
	// Bytes of a later revision do not hurt.
	if e, err := ParseRSNE(append(rsneFull[:54:54], 1, 2, 3)); err != nil || e.MgmtGroupCipher() != CipherBIPGMAC256 {
		t.Errorf("trailing bytes: %v", err)
	}
}

func TestRSNECheck(t *testing.T) {
	ok := bytes.Clone(rsneFull)
	for at, want := range map[int]string{5: "group cipher 00-0f-ac-6", 53: "group management cipher 00-0f-ac-4"} {
		body := bytes.Clone(ok)
		body[at] = 4
		if at == 5 {
			body[at] = 6
		}
		e, err := ParseRSNE(body)
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	for _, n := range []int{2, 6, 32, 54} {
		e, err := ParseRSNE(ok[:n])
		if err != nil || e.Check() != nil {
			t.Errorf("%d bytes: %v %v", n, err, e.Check())
		}
	}
	ok[53] = 7 // no group addressed management frames
	if e, err := ParseRSNE(ok); err != nil || e.Check() != nil {
		t.Error("group addressed traffic not allowed is a valid choice")
	}
	if e, err := ParseWPAIE([]byte{1, 0, 0, 0x50, 0xf2, 9}); err != nil || e.Check() == nil {
		t.Errorf("unknown group cipher: %v", err)
	}
}

func TestRSNEBuild(t *testing.T) {
	ccmp, _ := CipherCCMP.RSNSuite()
	sae, _ := AKMSAE.RSNSuite()
	e := RSNE{Version: 1, Group: ccmp, Pairwise: []Suite{ccmp}, AKMs: []Suite{sae}, Caps: RSNCapMFPC | RSNCapMFPR}
	want := []byte{
		0x30, 0x14, 0x01, 0x00,
		0x00, 0x0f, 0xac, 0x04,
		0x01, 0x00, 0x00, 0x0f,
		0xac, 0x04, 0x01, 0x00,
		0x00, 0x0f, 0xac, 0x08,
		0xc0, 0x00,
	}
	if got := e.Append(nil); !bytes.Equal(got, want) {
		t.Errorf("got % x\nwant % x", got, want)
	}
	e.GroupMgmt, _ = CipherBIPCMAC128.RSNSuite()
	want = append(append([]byte{0x30, 0x1a}, want[2:]...), 0, 0, 0, 0x0f, 0xac, 6)
	if got := e.Append(nil); !bytes.Equal(got, want) {
		t.Errorf("got % x\nwant % x", got, want)
	}
}

var wpaFull = []byte{
	0x01, 0x00,
	0x00, 0x50, 0xf2, 0x02, // group TKIP
	0x02, 0x00,
	0x00, 0x50, 0xf2, 0x04, // CCMP
	0x00, 0x50, 0xf2, 0x02, // TKIP
	0x01, 0x00,
	0x00, 0x50, 0xf2, 0x02, // PSK
	0x0c, 0x00,
}

func TestWPAIE(t *testing.T) {
	e, err := ParseWPAIE(wpaFull)
	if err != nil {
		t.Fatal(err)
	}
	if e.GroupCipher() != CipherTKIP || e.PairwiseCiphers() != Ciphers(CipherCCMP, CipherTKIP) || e.KeyMgmt() != AKMs(AKMPSK) {
		t.Errorf("%v %v %v", e.GroupCipher(), e.PairwiseCiphers(), e.KeyMgmt())
	}
	want := append([]byte{0xdd, 28, 0x00, 0x50, 0xf2, 0x01}, wpaFull...)
	if got := e.Append(nil); !bytes.Equal(got, want) {
		t.Errorf("written back as % x", got)
	}
	complete := map[int]bool{2: true, 6: true, 16: true, 22: true, 23: true, 24: true}
	for n := range len(wpaFull) + 1 {
		e, err := ParseWPAIE(wpaFull[:n])
		if complete[n] != (err == nil) {
			t.Errorf("prefix of %d bytes: %v", n, err)
		}
		end := n
		if n == 23 { // too few bytes for capabilities
			end = 22
		}
		if err == nil && !bytes.Equal(e.Append(nil)[6:], wpaFull[:end]) {
			t.Errorf("prefix of %d bytes written back as % x", n, e.Append(nil)[6:])
		}
	}
	e, err = ParseWPAIE([]byte{1, 0})
	if err != nil || e.GroupCipher() != CipherTKIP || e.PairwiseCiphers() != Ciphers(CipherTKIP) || e.KeyMgmt() != AKMs(AKMEAP) {
		t.Error("defaults")
	}
	if _, err := ParseWPAIE([]byte{2, 0}); err == nil {
		t.Error("version 2 accepted")
	}
}

func TestRSNXE(t *testing.T) {
	x := NewRSNXE(RSNXSAEH2E, RSNXSAEPK, RSNXSSIDProtection)
	if want := (RSNXE{0x62, 0x00, 0x20}); !bytes.Equal(x, want) {
		t.Fatalf("built % x, want % x", x, want)
	}
	got, err := ParseRSNXE(x)
	if err != nil || !got.Has(RSNXSAEH2E) || !got.Has(RSNXSSIDProtection) || got.Has(RSNXProtectedTWT) || got.Has(RSNXSPPAMSDU) {
		t.Errorf("parsed % x, %v", got, err)
	}
	if got.Has(1) || got.Has(RSNXBit(900)) {
		t.Error("length bits or bits beyond the field taken for capabilities")
	}
	for n := range len(x) {
		if _, err := ParseRSNXE(x[:n]); err == nil {
			t.Errorf("prefix of %d bytes accepted", n)
		}
	}
	if got, err := ParseRSNXE([]byte{0x20, 0xff}); err != nil || len(got) != 1 {
		t.Errorf("bytes behind the announced length: % x, %v", got, err)
	}
	if !bytes.Equal(x.Append(nil), append([]byte{0xf4, 3}, x...)) {
		t.Errorf("element % x", x.Append(nil))
	}
	if NewRSNXE() != nil || NewRSNXE(2) != nil {
		t.Error("empty field is not nil")
	}
}

func TestRSNOverride(t *testing.T) {
	first, err := ParseRSNE(rsneFull[:32])
	if err != nil {
		t.Fatal(err)
	}
	second, err := ParseRSNE(rsneFull)
	if err != nil {
		t.Fatal(err)
	}
	in := RSNOverride{RSNE: first, RSNE2: second, RSNXE: NewRSNXE(RSNXSAEH2E)}
	es := Elements(in.Append(AppendElement(nil, ElementSSID, 'x')))
	if !bytes.Contains(es, []byte{0x50, 0x6f, 0x9a, 0x29, 1, 0}) || !bytes.Contains(es, []byte{0x50, 0x6f, 0x9a, 0x2b, 0x20}) {
		t.Errorf("elements % x", es)
	}
	got, err := ParseRSNOverride(es)
	if err != nil || !reflect.DeepEqual(got, in) {
		t.Errorf("got %+v, %v", got, err)
	}
	if got, err := ParseRSNOverride(walkBytes); err != nil || got.RSNE != nil || got.RSNE2 != nil || got.RSNXE != nil {
		t.Errorf("nothing there: %+v, %v", got, err)
	}
	for _, typ := range []uint8{WFARSNEOverride, WFARSNEOverride2, WFARSNXEOverride} {
		if _, err := ParseRSNOverride(AppendVendorElement(nil, OUIWFA, typ)); err == nil {
			t.Errorf("empty override element of type %d accepted", typ)
		}
	}
}

func FuzzRSNE(f *testing.F) {
	f.Add(rsneFull)
	f.Add([]byte{1, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := ParseRSNE(b)
		if err != nil {
			return
		}
		if out := e.AppendBody(nil); !bytes.HasPrefix(b, out) {
			t.Fatalf("% x written back as % x", b, out)
		}
		_, _, _, _ = e.GroupCipher(), e.PairwiseCiphers(), e.KeyMgmt(), e.MgmtGroupCipher()
	})
}

func FuzzWPAIE(f *testing.F) {
	f.Add(wpaFull)
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := ParseWPAIE(b)
		if err != nil || len(b) > 251 {
			return
		}
		if out := e.Append(nil)[6:]; !bytes.HasPrefix(b, out) {
			t.Fatalf("% x written back as % x", b, out)
		}
	})
}

func FuzzRSNXE(f *testing.F) {
	f.Add([]byte{0x62, 0x00, 0x20})
	f.Fuzz(func(t *testing.T, b []byte) {
		x, err := ParseRSNXE(b)
		if err != nil {
			return
		}
		var bits []RSNXBit
		for i := range RSNXBit(256) {
			if x.Has(i) {
				bits = append(bits, i)
			}
		}
		y := NewRSNXE(bits...)
		for _, i := range bits {
			if !y.Has(i) {
				t.Fatalf("bit %d lost", i)
			}
		}
	})
}

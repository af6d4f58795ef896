package dot11

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
)

func ptr[T any](v T) *T { return &v }

// A Basic Multi-Link element of an AP with two links, body behind the
// extension identifier.
var mleBody = []byte{
	0xb0, 0x01, // basic; link ID, change count, EML, MLD capabilities
	0x0d,                               // common info of 13 bytes
	0x02, 0x00, 0x00, 0x00, 0x00, 0x10, // MLD address
	0x01,       // link ID
	0x07,       // change count
	0x34, 0x12, // EML capabilities
	0x78, 0x56, // MLD capabilities
	0x00, 0x11, // per-STA profile of 17 bytes
	0x72, 0x00, // link 2, complete, address and beacon interval
	0x09,                               // STA info of 9 bytes
	0x02, 0x00, 0x00, 0x00, 0x00, 0x12, // address
	0x64, 0x00, // beacon interval
	0x11, 0x04, 0x00, 0x00, 0x01, 0x00, // profile
	0xdd, 0x03, 0x01, 0x02, 0x03, // vendor specific, skipped
}

func wantMLE() *MultiLink {
	return &MultiLink{Control: 0x01b0, CommonLen: 13, MLDAddr: MAC{2, 0, 0, 0, 0, 0x10}, LinkID: ptr(uint8(1)),
		ChangeCount: ptr(uint8(7)), EMLCaps: ptr(uint16(0x1234)), MLDCaps: ptr(uint16(0x5678)),
		Profiles: []StationProfile{{LinkID: 2, Complete: true, Addr: &MAC{2, 0, 0, 0, 0, 0x12}, BeaconInt: ptr(uint16(100)),
			Body: []byte{0x11, 0x04, 0, 0, 1, 0}}}}
}

func TestParseMultiLink(t *testing.T) {
	m, err := ParseMultiLink(mleBody)
	if err != nil || !reflect.DeepEqual(m, wantMLE()) {
		t.Fatalf("%+v %v", m, err)
	}
	es := Elements(m.Append(AppendElement(nil, ElementSSID, 'x')))
	if !bytes.Equal(es[6:], mleBody[:len(mleBody)-5]) {
		t.Errorf("written back as % x", es[6:])
	}
	if a, ok := MLDAddress(es); !ok || a != m.MLDAddr {
		t.Errorf("MLD address %v %v", a, ok)
	}
	whole := map[int]bool{13 + 2: true, 15 + 19: true, len(mleBody): true}
	for n := range len(mleBody) + 1 {
		if _, err := ParseMultiLink(mleBody[:n]); (err == nil) != whole[n] {
			t.Errorf("prefix of %d bytes: %v", n, err)
		}
	}
}

func TestMultiLinkRefused(t *testing.T) {
	set := func(at int, v byte) []byte {
		b := bytes.Clone(mleBody)
		b[at] = v
		return b
	}
	double := append(bytes.Clone(mleBody[:34]), mleBody[15:34]...)
	tests := map[string][]byte{
		"type 1 is not basic":                         set(0, 0xb1),
		"common info length 6":                        set(2, 6),
		"common info needs 254 bytes":                 set(2, 255),
		"MLD capabilities needs 2 bytes, 1 left":      set(2, 12),
		"extended MLD capabilities needs 2 bytes, 0 ": set(1, 0x05),
		"STA info length 0":                           set(19, 0),
		"STA info needs 200 bytes":                    set(19, 201),
		"beacon interval needs 2 bytes, 1 left":       set(19, 8),
		"control needs 2 bytes, 0 left":               set(16, 0),
		"second profile for link 2":                   double,
	}
	for want, body := range tests {
		if m, err := ParseMultiLink(body); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v, %v; want %q", m, err, want)
		}
	}
	// Unknown bytes at the end of the common info are skipped.
	longer := append(bytes.Clone(mleBody[:15]), 0xaa)
	longer[2]++
	if m, err := ParseMultiLink(longer); err != nil || m.CommonLen != 14 {
		t.Errorf("longer common info: %v", err)
	}
}

func TestMultiLinkFragments(t *testing.T) {
	m := &MultiLink{MLDAddr: MAC{2}, MediumSync: ptr(uint16(1)), MLDID: ptr(uint8(3)), ExtMLDCaps: ptr(uint16(4))}
	for i := range 3 {
		body := make([]byte, 100+250*i)
		for k := range body {
			body[k] = byte(k)
		}
		m.Profiles = append(m.Profiles, StationProfile{LinkID: uint8(i), TSFOffset: ptr(uint64(1) << 60), DTIM: &[2]uint8{1, 3},
			NSTR: make([]byte, i), ChangeCount: ptr(uint8(i)), Body: body})
	}
	m.Profiles[0].NSTR = nil
	es := Elements(m.Append(nil))
	if err := es.Check(); err != nil {
		t.Fatal(err)
	}
	body, ok := FindBasicMultiLink(es)
	if !ok {
		t.Fatal("not found")
	}
	got, err := ParseMultiLink(body)
	if err != nil {
		t.Fatal(err)
	}
	m.Control, m.CommonLen = got.Control, got.CommonLen
	if !reflect.DeepEqual(got, m) {
		t.Errorf("got %+v\nwant %+v", got, m)
	}
	// A probe request variant in front is passed over.
	probe := AppendExtElement(nil, ExtIDMultiLink, 1, 0, 1)
	if a, ok := MLDAddress(append(probe, es...)); !ok || a != m.MLDAddr {
		t.Error("basic element behind another not found")
	}
	if _, ok := MLDAddress(probe); ok {
		t.Error("found an address in a probe request variant")
	}
	if _, ok := MLDAddress(AppendExtElement(nil, ExtIDMultiLink, 0, 0, 3)); ok {
		t.Error("found an address in a broken element")
	}
}

func FuzzMultiLink(f *testing.F) {
	f.Add(mleBody)
	f.Add([]byte{0, 0, 7, 2, 0, 0, 0, 0, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := ParseMultiLink(b)
		if err != nil {
			return
		}
		again := m.Append(nil)
		body, ok := FindBasicMultiLink(again)
		if !ok {
			t.Fatal("own element not found")
		}
		n, err := ParseMultiLink(body)
		if err != nil {
			t.Fatalf("own element: %v", err)
		}
		m.Control, m.CommonLen = n.Control, n.CommonLen
		for i := range m.Profiles {
			if len(m.Profiles[i].Body) == 0 {
				m.Profiles[i].Body, n.Profiles[i].Body = nil, nil
			}
		}
		if !reflect.DeepEqual(m, n) {
			t.Fatalf("%+v came back as %+v", m, n)
		}
	})
}

package dot11

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
)

var walkBytes = Elements{
	0x00, 0x04, 'h', 'o',
	'm', 'e', 0x01, 0x02,
	0x82, 0x84, 0xff, 0x03,
	0x23, 0xaa, 0xbb, 0xdd,
	0x06, 0x00, 0x50, 0xf2,
	0x04, 0x10, 0x4a, 0xdd,
	0x05, 0x00, 0x50, 0xf2,
	0x04, 0x99, 0x30, 0x00,
}

func TestElementsWalk(t *testing.T) {
	var ids []ElementID
	for e := range walkBytes.All() {
		ids = append(ids, e.ID)
		if !bytes.Equal(e.Raw(), walkBytes[e.Offset:e.Offset+len(e.Raw())]) {
			t.Errorf("raw of %d", e.ID)
		}
	}
	want := []ElementID{ElementSSID, ElementSupportedRates, ElementExtension, ElementVendorSpecific, ElementVendorSpecific, ElementRSN}
	if !slices.Equal(ids, want) {
		t.Errorf("identifiers %v, want %v", ids, want)
	}
	if err := walkBytes.Check(); err != nil {
		t.Error(err)
	}
	if b, ok := walkBytes.Find(ElementSSID); !ok || string(b) != "home" {
		t.Errorf("SSID %q %v", b, ok)
	}
	if b, ok := walkBytes.Find(ElementRSN); !ok || len(b) != 0 {
		t.Errorf("empty RSNE %v %v", b, ok)
	}
	if walkBytes.Has(ElementCountry) {
		t.Error("found a country")
	}
	if b, ok := walkBytes.FindExt(ExtIDHECapabilities); !ok || !bytes.Equal(b, []byte{0xaa, 0xbb}) {
		t.Errorf("HE %x %v", b, ok)
	}
	if b, ok := walkBytes.FindVendor(OUIMicrosoft, MicrosoftWPS); !ok || !bytes.Equal(b, []byte{0x10, 0x4a}) {
		t.Errorf("WPS %x %v", b, ok)
	}
	if b, ok := walkBytes.JoinVendor(OUIMicrosoft, MicrosoftWPS); !ok || !bytes.Equal(b, []byte{0x10, 0x4a, 0x99}) {
		t.Errorf("WPS joined %x %v", b, ok)
	}
	if _, ok := walkBytes.JoinVendor(OUIMicrosoft, MicrosoftWPA); ok {
		t.Error("found WPA")
	}
}

func TestElementsTruncated(t *testing.T) {
	whole := map[int]bool{0: true}
	for e := range walkBytes.All() {
		whole[e.Offset+len(e.Raw())] = true
	}
	for n := range len(walkBytes) + 1 {
		err := walkBytes[:n].Check()
		if whole[n] != (err == nil) {
			t.Errorf("prefix of %d: %v", n, err)
		}
		var pe *ParseError
		if err != nil && (!errors.As(err, &pe) || !whole[pe.Offset] || pe.Reason == "") {
			t.Errorf("prefix of %d: offset not at an element: %v", n, err)
		}
	}
	err := Elements{0x00, 0x00, 0x30, 0x05, 1, 2}.Check()
	if err == nil || !strings.Contains(err.Error(), "offset 2") || !strings.Contains(err.Error(), "length 5, 2 bytes left") {
		t.Errorf("error text: %v", err)
	}
	if err := (Elements{0xff, 0x00}).Check(); err == nil {
		t.Error("extension element without identifier accepted")
	}
}

func TestFragments(t *testing.T) {
	for _, n := range []int{0, 1, 253, 254, 255, 509, 510, 1000} {
		body := make([]byte, n)
		for i := range body {
			body[i] = byte(i * 7)
		}
		es := Elements(AppendExtElement(nil, ExtIDMultiLink, body...))
		es = AppendElement(es, ElementFragment, 1, 2, 3) // belongs to nothing unless the last one was full
		es = AppendElement(es, ElementSSID, 'x')
		if err := es.Check(); err != nil {
			t.Fatal(err)
		}
		got, ok := es.FindExtReassembled(ExtIDMultiLink)
		want := body
		if n > 0 && (n+1)%255 == 0 {
			want = append(body[:n:n], 1, 2, 3)
		}
		if !ok || !bytes.Equal(got, want) {
			t.Errorf("%d bytes came back as %d", n, len(got))
		}
	}
	es := AppendElement(nil, ElementRSN, make([]byte, 300)...)
	if Elements(es).Check() != nil || es[257] != byte(ElementFragment) || es[258] != 45 {
		t.Errorf("long element not fragmented: % x", es[255:260])
	}
}

func FuzzElements(f *testing.F) {
	f.Add([]byte(walkBytes))
	f.Add([]byte(AppendExtElement(nil, ExtIDMultiLink, make([]byte, 600)...)))
	f.Fuzz(func(t *testing.T, b []byte) {
		es := Elements(b)
		var joined []byte
		for e := range es.All() {
			joined = append(joined, e.Raw()...)
			if got := es.reassemble(e); len(got) < len(e.Data) {
				t.Fatal("reassembly lost bytes")
			}
		}
		if !bytes.HasPrefix(b, joined) {
			t.Fatal("elements are not a prefix of the input")
		}
		if (es.Check() == nil) != (len(joined) == len(b)) {
			t.Fatalf("Check %v, walked %d of %d", es.Check(), len(joined), len(b))
		}
		es.JoinVendor(OUIMicrosoft, MicrosoftWPS)
		es.Rates()
		_ = AppendFlags(nil, FlagsInput{Elements: es, Caps: CapESS | CapPrivacy, Freq: 2412, ScanResults: true})
		_, _ = ParseMultipleBSSID(MAC{2, 0, 0, 0, 0, 1}, es)
		_, _ = ParseRSNOverride(es)
		all := LocalPHY{true, true, true, true, true, true, true, true, true, true}
		if e := EstimateThroughput(es, 5955, 60, all); e < 0 {
			t.Fatal("negative estimate")
		}
	})
}

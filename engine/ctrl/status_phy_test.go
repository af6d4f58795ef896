package ctrl

import (
	"testing"

	"gosupplicant/engine"
	"gosupplicant/engine/dot11"
)

// Elements of a station and of access points, by hand.
var (
	htCapa = []byte{0x02, 0x00, 0x17, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}
	htOne  = []byte{0x00, 0x00, 0x17, 0xff, 0x00, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x00, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}
	// Two streams received, one sent (Tx and Rx MCS sets differ).
	htTxOne = []byte{0x02, 0x00, 0x17, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x03, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}
	vhtCapa = []byte{0x04, 0, 0, 0, 0xfa, 0xff, 0, 0, 0xea, 0xff, 0, 0} // 160 MHz, 2 received, 3 sent
	heCapa  = []byte{0, 0, 0, 0, 0, 0, 1 << 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xaa, 0xff, 0xfa, 0xff}
	ehtCapa = []byte{0, 0, 1 << 1, 0, 0, 0, 0, 0, 0, 0, 0, 0x22, 0x22, 0x22}
	htOp40  = []byte{36, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}
)

func elements(parts ...any) dot11.Elements {
	var b []byte
	for k := 0; k < len(parts); k += 2 {
		switch id := parts[k].(type) {
		case dot11.ElementID:
			b = dot11.AppendElement(b, id, parts[k+1].([]byte)...)
		case dot11.ExtID:
			b = dot11.AppendElement(b, dot11.ElementExtension, append([]byte{byte(id)}, parts[k+1].([]byte)...)...)
		}
	}
	return b
}

func TestPHYOfAssociation(t *testing.T) {
	ht, vht, he, eht := dot11.ElementHTCapabilities, dot11.ElementVHTCapabilities, dot11.ExtIDHECapabilities, dot11.ExtIDEHTCapabilities
	modern := elements(ht, htCapa, vht, vhtCapa, he, heCapa, eht, ehtCapa)
	rates := elements(dot11.ElementSupportedRates, []byte{2, 4})
	for _, tt := range []struct {
		name      string
		req, resp dot11.Elements
		want      phy
		known     bool
	}{
		{"not known", nil, rates, phy{}, false},
		{"legacy", modern, rates, phy{0, 1, 1, 20}, true},
		{"HT on 20 MHz, one stream", modern, elements(ht, htOne), phy{4, 1, 1, 20}, true},
		{"HT on 40 MHz", modern, elements(ht, htCapa, dot11.ElementHTOperation, htOp40), phy{4, 2, 2, 40}, true},
		{"the AP sends one stream", modern, elements(ht, htTxOne), phy{4, 1, 2, 20}, true},
		{"VHT on 80 MHz", modern, elements(ht, htCapa, vht, vhtCapa, dot11.ElementVHTOperation, []byte{1, 42, 0, 0, 0}), phy{5, 3, 2, 80}, true},
		{"VHT on 160 MHz, new style", modern, elements(ht, htCapa, vht, vhtCapa, dot11.ElementVHTOperation, []byte{1, 42, 50, 0, 0}), phy{5, 3, 2, 160}, true},
		{"HE on 6 GHz, 80 MHz", modern, elements(he, heCapa, dot11.ExtIDHEOperation, []byte{0, 0, 1 << 1, 1, 0xfc, 0xff, 5, 2, 7, 0, 6}), phy{6, 2, 3, 80}, true},
		{"EHT on 6 GHz, 320 MHz", modern, elements(he, heCapa, eht, ehtCapa, dot11.ExtIDEHTOperation, []byte{1, 0, 0, 0, 0, 4, 31, 63}), phy{7, 2, 3, 320}, true},
		{"station with 40 MHz on a wide AP", elements(ht, htCapa), elements(ht, htCapa, vht, vhtCapa, dot11.ElementVHTOperation, []byte{2, 50, 0, 0, 0}), phy{4, 2, 2, 40}, true},
		{"cut elements are none", modern, elements(ht, htCapa[:25], vht, vhtCapa[:11], he, heCapa[:20], eht, ehtCapa[:11]), phy{0, 1, 1, 20}, true},
	} {
		got, known := phyOf(&engine.LinkInfo{ReqIEs: tt.req, RespIEs: tt.resp})
		if got != tt.want || known != tt.known {
			t.Errorf("%s: %+v %v, want %+v %v", tt.name, got, known, tt.want, tt.known)
		}
	}
}

// FuzzPHY: elements of any kind give numbers in their ranges.
func FuzzPHY(f *testing.F) {
	f.Add([]byte(elements(dot11.ElementHTCapabilities, htCapa, dot11.ExtIDHEOperation, []byte{0, 0xc0, 2, 1, 0, 0, 1, 2, 3, 4, 5, 3, 0, 0, 0})))
	f.Add([]byte(elements(dot11.ExtIDEHTCapabilities, ehtCapa, dot11.ExtIDEHTOperation, []byte{1, 0, 0, 0, 0, 7})))
	f.Add([]byte(elements(dot11.ElementVHTCapabilities, vhtCapa, dot11.ElementVHTOperation, []byte{3, 1, 255})))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, known := phyOf(&engine.LinkInfo{ReqIEs: b, RespIEs: b})
		if known != (len(b) > 0) || known && (p.rx < 1 || p.rx > 15 || p.tx < 1 || p.tx > 15 || p.width < 20 || p.width > 320) {
			t.Errorf("%x: %+v %v", b, p, known)
		}
	})
}

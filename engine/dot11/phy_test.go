package dot11

import (
	"slices"
	"testing"
)

func TestRates(t *testing.T) {
	es := build(AppendElement(nil, ElementSupportedRates, 0x82, 0x84, 0x8b, 0x96, 0x0c, 0x12, 0x18, 0x24),
		AppendElement(nil, ElementExtendedSupportedRates, 0x30, 0x48, 0x60, 0x6c, 0xfb))
	want := []uint32{61500000, 54000000, 48000000, 36000000, 24000000, 18000000, 12000000, 11000000, 9000000, 6000000, 5500000, 2000000, 1000000}
	if got := es.Rates(); !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
	if es.MaxLegacyRate() != 108 || !es.HasSelector(SelectorSAEH2E) || es.HasSelector(SelectorHT) {
		t.Errorf("highest %d", es.MaxLegacyRate())
	}
	if got := (Elements{}).Rates(); len(got) != 0 {
		t.Errorf("no elements: %v", got)
	}
}

func TestHTOperation(t *testing.T) {
	body := make([]byte, 22)
	body[0] = 36
	for v, want := range map[byte]int8{0: 0, 1: 1, 2: 0, 3: -1} {
		body[1] = v
		o, err := ParseHTOperation(body)
		if err != nil || o.Secondary != want || o.Primary != 36 {
			t.Errorf("secondary %d: %+v %v", v, o, err)
		}
	}
	body[2], body[3] = 0xa0, 0x05 // centre segment 2 in bits 5 to 12
	if o, err := ParseHTOperation(body); err != nil || o.Center2 != 0x2d {
		t.Errorf("%+v %v", o, err)
	}
}

func TestPHYTruncated(t *testing.T) {
	tests := []struct {
		name  string
		min   int
		bytes []byte
		parse func([]byte) error
	}{
		{"HT capabilities", 26, make([]byte, 26), func(b []byte) error { _, err := ParseHTCapabilities(b); return err }},
		{"HT operation", 22, make([]byte, 22), func(b []byte) error { _, err := ParseHTOperation(b); return err }},
		{"VHT capabilities", 12, make([]byte, 12), func(b []byte) error { _, err := ParseVHTCapabilities(b); return err }},
		{"VHT operation", 5, make([]byte, 5), func(b []byte) error { _, err := ParseVHTOperation(b); return err }},
		{"HE capabilities 160", 29, append([]byte{0, 0, 0, 0, 0, 0, HEWidth160 | HEWidth80Plus80}, make([]byte, 22)...),
			func(b []byte) error { _, err := ParseHECapabilities(b); return err }},
		{"HE operation", 15, append([]byte{0, 0xc0, 2}, make([]byte, 12)...), func(b []byte) error { _, err := ParseHEOperation(b); return err }},
		{"EHT capabilities", 11, make([]byte, 11), func(b []byte) error { _, err := ParseEHTCapabilities(b); return err }},
		{"EHT operation", 10, append([]byte{3}, make([]byte, 9)...), func(b []byte) error { _, err := ParseEHTOperation(b); return err }},
		{"BSS load", 5, make([]byte, 5), func(b []byte) error { _, err := ParseBSSLoad(b); return err }},
	}
	for _, tt := range tests {
		for n := range len(tt.bytes) + 1 {
			if err := tt.parse(tt.bytes[:n]); (err == nil) != (n >= tt.min) {
				t.Errorf("%s of %d bytes: %v", tt.name, n, err)
			}
		}
	}
}

func TestHEOperation(t *testing.T) {
	o, err := ParseHEOperation([]byte{0x00, 0x00, 0x02, 0xc5, 0xfc, 0xff, 37, 0x02, 39, 0, 6})
	if err != nil || o.BSSColor != 5 || !o.PartialColor || !o.ColorOff || o.VHT != nil || o.CoHosted {
		t.Fatalf("%+v %v", o, err)
	}
	if o.SixGHz == nil || o.SixGHz.Primary != 37 || o.SixGHz.MHz() != 80 || o.SixGHz.Center0 != 39 || o.SixGHz.MinRate != 6 {
		t.Errorf("%+v", o.SixGHz)
	}
	e, err := ParseEHTOperation([]byte{0x03, 0x44, 0x44, 0x44, 0x44, 4, 31, 47, 0x0f, 0xf0})
	if err != nil || e.MHz() != 320 || e.Center1 != 47 || e.Disabled != 0xf00f {
		t.Errorf("%+v %v", e, err)
	}
	if e, err := ParseEHTOperation([]byte{0, 0, 0, 0, 0}); err != nil || e.MHz() != 0 {
		t.Errorf("%+v %v", e, err)
	}
}

func TestVHTWidth(t *testing.T) {
	for in, want := range map[VHTOperation]int{{0, 0, 0}: 0, {1, 42, 0}: 80, {1, 42, 50}: 160, {1, 58, 50}: 160,
		{1, 42, 155}: 160, {1, 42, 58}: 80, {2, 50, 0}: 160, {3, 42, 155}: 160, {9, 0, 0}: 0} {
		if got := in.MHz(); got != want {
			t.Errorf("%+v: %d, want %d", in, got, want)
		}
	}
}

func TestSNR(t *testing.T) {
	for _, tt := range []struct {
		in   SNRInput
		want int
	}{
		{SNRInput{Level: -50, LevelDBm: true, Freq: 2412}, 39},
		{SNRInput{Level: -50, LevelDBm: true, Freq: 5180}, 42},
		{SNRInput{Level: -50, LevelDBm: true, Freq: 5955}, 42},
		{SNRInput{Level: -50, LevelDBm: true, Noise: -95, NoiseValid: true, Freq: 5180}, 45},
		{SNRInput{Level: 70, Freq: 5180}, 70},
	} {
		if got := SNR(tt.in); got != tt.want {
			t.Errorf("%+v: %d", tt.in, got)
		}
	}
}

// throughputAir returns the elements of an AP that offers everything.
func throughputAir() Elements {
	he := make([]byte, 29)
	he[6] = HEWidth40In2GHz | HEWidth80 | HEWidth160
	eht := make([]byte, 14)
	eht[2] = EHT320In6GHz
	return build(AppendElement(nil, ElementSupportedRates, 0x8c, 0x12, 0x98, 0x24, 0xb0, 0x48, 0x60, 0x6c),
		AppendElement(nil, ElementHTCapabilities, make([]byte, 26)...),
		AppendElement(nil, ElementHTOperation, append([]byte{36, 1}, make([]byte, 20)...)...),
		AppendElement(nil, ElementVHTCapabilities, make([]byte, 12)...),
		AppendElement(nil, ElementVHTOperation, 1, 42, 50, 0, 0),
		AppendExtElement(nil, ExtIDHECapabilities, he...), AppendExtElement(nil, ExtIDEHTCapabilities, eht...))
}

func TestEstimateThroughput(t *testing.T) {
	es := throughputAir()
	tests := []struct {
		name      string
		freq, snr int
		local     LocalPHY
		want      int // kbit/s, from the rate tables of the standard
	}{
		{"legacy only, no signal", 5180, -5, LocalPHY{}, 1000},
		{"legacy only", 5180, 40, LocalPHY{}, 54000},
		{"legacy only, weak", 5180, 7, LocalPHY{}, 18000},
		{"HT20 MCS7", 5180, 40, LocalPHY{HT: true}, 65000},
		{"HT40 MCS7", 5180, 40, LocalPHY{HT: true, HT40: true}, 135000},
		{"VHT80 MCS9", 5180, 60, LocalPHY{HT: true, HT40: true, VHT: true}, 390001},
		{"VHT80 MCS8", 5180, 35, LocalPHY{HT: true, HT40: true, VHT: true}, 351001},
		{"VHT80 MCS7", 5180, 31, LocalPHY{HT: true, HT40: true, VHT: true}, 292501},
		{"VHT160 MCS9", 5180, 60, LocalPHY{HT: true, HT40: true, VHT: true, VHT160: true}, 780001},
		{"HE20 MCS11", 5180, 60, LocalPHY{HE: true}, 143384},
		{"HE40 at 2.4 GHz", 2412, 60, LocalPHY{HE: true, HE40: true, HE80: true, HE160: true}, 286766},
		{"HE80 MCS11", 5180, 60, LocalPHY{HE: true, HE80: true}, 600492},
		{"HE160 MCS11", 5180, 60, LocalPHY{HE: true, HE80: true, HE160: true}, 1200982},
		{"EHT320 MCS13", 5955, 60, LocalPHY{HE: true, HE80: true, HE160: true, EHT: true, EHT320: true}, 2882355},
	}
	for _, tt := range tests {
		if got := EstimateThroughput(es, tt.freq, tt.snr, tt.local); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
}

func TestEstimateMonotonic(t *testing.T) {
	es := throughputAir()
	all := LocalPHY{true, true, true, true, true, true, true, true, true, true}
	for _, freq := range []int{2412, 5180, 5955} {
		last := 0
		for snr := -10; snr <= 80; snr++ {
			got := EstimateThroughput(es, freq, snr, all)
			if got < last {
				t.Errorf("%d MHz: %d kbit/s at %d dB, %d below", freq, got, snr, last)
			}
			last = got
		}
	}
}

func BenchmarkEstimateThroughput(b *testing.B) {
	es := throughputAir()
	all := LocalPHY{true, true, true, true, true, true, true, true, true, true}
	b.ReportAllocs()
	for b.Loop() {
		EstimateThroughput(es, 5180, 30, all)
	}
}

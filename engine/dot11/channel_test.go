package dot11

import "testing"

func TestChannel(t *testing.T) {
	tests := []struct {
		freq int
		band Band
		ch   int
	}{
		{2412, Band2GHz, 1}, {2472, Band2GHz, 13}, {2484, Band2GHz, 14}, {2407, BandUnknown, 0}, {2413, BandUnknown, 0},
		{5180, Band5GHz, 36}, {5825, Band5GHz, 165}, {5885, Band5GHz, 177}, {4920, Band5GHz, 184}, {5000, BandUnknown, 0},
		{5935, Band6GHz, 2}, {5955, Band6GHz, 1}, {7115, Band6GHz, 233}, {5950, BandUnknown, 0}, {7116, BandUnknown, 0},
		{58320, Band60GHz, 1}, {64800, Band60GHz, 4}, {58321, BandUnknown, 0}, {0, BandUnknown, 0}, {-5, BandUnknown, 0},
	}
	for _, tt := range tests {
		band, ch := Channel(tt.freq)
		if band != tt.band || ch != tt.ch {
			t.Errorf("%d MHz: %v %d, want %v %d", tt.freq, band, ch, tt.band, tt.ch)
		}
		if band == BandUnknown {
			continue
		}
		if got := Freq(band, ch); got != tt.freq {
			t.Errorf("%v channel %d: %d MHz, want %d", band, ch, got, tt.freq)
		}
		if BandOf(tt.freq) != band {
			t.Errorf("%d MHz lies in %v", tt.freq, BandOf(tt.freq))
		}
	}
	for _, bad := range []struct {
		band Band
		ch   int
	}{{Band2GHz, 0}, {Band2GHz, 15}, {Band5GHz, 0}, {Band5GHz, 300}, {Band6GHz, 0}, {Band6GHz, 234}, {Band60GHz, 0}, {Band60GHz, 9}, {BandUnknown, 1}} {
		if f := Freq(bad.band, bad.ch); f != 0 {
			t.Errorf("%v channel %d: %d MHz", bad.band, bad.ch, f)
		}
	}
}

func TestOpClass(t *testing.T) {
	tests := []struct {
		class uint8
		ch    int
		freq  int
	}{
		{81, 1, 2412}, {81, 13, 2472}, {82, 14, 2484}, {83, 9, 2452}, {115, 36, 5180}, {118, 64, 5320}, {121, 144, 5720},
		{125, 177, 5885}, {128, 42, 5210}, {128, 138, 5690}, {128, 171, 5855}, {129, 50, 5250}, {131, 1, 5955},
		{133, 7, 5985}, {136, 2, 5935}, {137, 31, 6105}, {180, 2, 60480}, {128, 36, 5180}, {134, 5, 5975},
	}
	for _, tt := range tests {
		if f, err := OpClassFreq(tt.class, tt.ch); err != nil || f != tt.freq {
			t.Errorf("class %d channel %d: %d, %v; want %d", tt.class, tt.ch, f, err, tt.freq)
		}
	}
	for _, bad := range []struct {
		class uint8
		ch    int
	}{{81, 14}, {82, 1}, {115, 38}, {115, 52}, {128, 43}, {131, 2}, {0, 1}, {255, 1}, {118, -4}, {121, 300}} {
		if f, err := OpClassFreq(bad.class, bad.ch); err == nil {
			t.Errorf("class %d channel %d: %d MHz, want error", bad.class, bad.ch, f)
		}
	}
	for _, tt := range []struct {
		freq int
		sec  int8
		want uint8
	}{{2412, 0, 81}, {2484, 0, 82}, {2412, 1, 83}, {2472, -1, 84}, {5180, 0, 115}, {5180, 1, 116}, {5200, -1, 117},
		{5500, 1, 122}, {5745, 0, 124}, {5825, 0, 125}, {5955, 0, 131}, {5955, 1, 131}, {5935, 0, 136}, {60480, 0, 180}} {
		class, ch, ok := OpClassOf(tt.freq, tt.sec)
		if !ok || class != tt.want {
			t.Errorf("%d MHz %+d: class %d %v, want %d", tt.freq, tt.sec, class, ok, tt.want)
		}
		if f, err := OpClassFreq(class, ch); err != nil || f != tt.freq {
			t.Errorf("class %d channel %d leads to %d, %v", class, ch, f, err)
		}
	}
	for _, freq := range []int{2500, 5190, 5180} {
		if class, _, ok := OpClassOf(freq, -1); ok {
			t.Errorf("%d MHz with secondary below: class %d", freq, class)
		}
	}
	if o, ok := OpClassInfo(128); !ok || o.Width != 80 || o.Band != Band5GHz {
		t.Errorf("class 128: %+v", o)
	}
}

package dot11

import "fmt"

// Band is a frequency band.
type Band uint8

// Bands.
const (
	BandUnknown Band = iota
	Band2GHz
	Band5GHz
	Band6GHz
	Band60GHz
)

// String returns e.g. "2.4 GHz".
func (b Band) String() string {
	switch b {
	case Band2GHz:
		return "2.4 GHz"
	case Band5GHz:
		return "5 GHz"
	case Band6GHz:
		return "6 GHz"
	case Band60GHz:
		return "60 GHz"
	case BandUnknown:
	}
	return "unknown band"
}

// Channel returns the band and channel number of a channel whose centre is at
// freq MHz; BandUnknown and 0 for a frequency that is no channel centre. 4.9
// GHz channels count as 5 GHz with numbers 183 to 196.
func Channel(freq int) (Band, int) {
	switch {
	case freq == 2484:
		return Band2GHz, 14
	case freq >= 2412 && freq <= 2472 && (freq-2407)%5 == 0:
		return Band2GHz, (freq - 2407) / 5
	case freq >= 4915 && freq <= 4980 && freq%5 == 0:
		return Band5GHz, (freq - 4000) / 5
	case freq == 5935:
		return Band6GHz, 2
	case freq > 5000 && freq <= 5925 && freq%5 == 0:
		return Band5GHz, (freq - 5000) / 5
	case freq > 5950 && freq <= 7115 && freq%5 == 0:
		return Band6GHz, (freq - 5950) / 5
	case freq >= 58320 && freq <= 70200 && (freq-56160)%2160 == 0:
		return Band60GHz, (freq - 56160) / 2160
	}
	return BandUnknown, 0
}

// BandOf returns the band in which freq MHz lies, channel centre or not.
func BandOf(freq int) Band {
	switch {
	case freq >= 2400 && freq < 2500:
		return Band2GHz
	case freq == 5935 || freq > 5945 && freq <= 7125:
		return Band6GHz
	case freq >= 4900 && freq <= 5945:
		return Band5GHz
	case freq >= 57000 && freq <= 71000:
		return Band60GHz
	}
	return BandUnknown
}

// Freq returns the centre in MHz of a channel; 0 when the band has no such
// channel.
func Freq(band Band, channel int) int {
	f := 0
	switch band {
	case Band2GHz:
		f = 2407 + 5*channel
		if channel == 14 {
			f = 2484
		}
	case Band5GHz:
		f = 5000 + 5*channel
		if channel >= 183 && channel <= 196 {
			f = 4000 + 5*channel
		}
	case Band6GHz:
		f = 5950 + 5*channel
		if channel == 2 {
			f = 5935
		}
	case Band60GHz:
		f = 56160 + 2160*channel
	case BandUnknown:
	}
	if b, c := Channel(f); b != band || c != channel {
		return 0
	}
	return f
}

// OpClass describes a global operating class (annex E, table E-4).
type OpClass struct {
	Class     uint8
	Band      Band
	Width     int  // MHz
	Secondary int8 // side of the secondary channel in a 40 MHz class: +1 above, -1 below, 0 otherwise
	first     uint8
	last      uint8
	step      uint8
}

// opClasses holds the classes with their primary channels in 20 and 40 MHz
// classes and their centre channels in wider ones. 5 GHz ranges that do not
// continue with the same step have several rows.
var opClasses = []OpClass{
	{81, Band2GHz, 20, 0, 1, 13, 1},
	{82, Band2GHz, 20, 0, 14, 14, 1},
	{83, Band2GHz, 40, 1, 1, 9, 1},
	{84, Band2GHz, 40, -1, 5, 13, 1},
	{115, Band5GHz, 20, 0, 36, 48, 4},
	{116, Band5GHz, 40, 1, 36, 44, 8},
	{117, Band5GHz, 40, -1, 40, 48, 8},
	{118, Band5GHz, 20, 0, 52, 64, 4},
	{119, Band5GHz, 40, 1, 52, 60, 8},
	{120, Band5GHz, 40, -1, 56, 64, 8},
	{121, Band5GHz, 20, 0, 100, 144, 4},
	{122, Band5GHz, 40, 1, 100, 140, 8},
	{123, Band5GHz, 40, -1, 104, 144, 8},
	{124, Band5GHz, 20, 0, 149, 161, 4},
	{125, Band5GHz, 20, 0, 149, 177, 4},
	{126, Band5GHz, 40, 1, 149, 173, 8},
	{127, Band5GHz, 40, -1, 153, 177, 8},
	{128, Band5GHz, 80, 0, 42, 58, 16},
	{128, Band5GHz, 80, 0, 106, 138, 16},
	{128, Band5GHz, 80, 0, 155, 171, 16},
	{129, Band5GHz, 160, 0, 50, 50, 1},
	{129, Band5GHz, 160, 0, 114, 114, 1},
	{129, Band5GHz, 160, 0, 163, 163, 1},
	{130, Band5GHz, 80, 0, 42, 58, 16},
	{130, Band5GHz, 80, 0, 106, 138, 16},
	{130, Band5GHz, 80, 0, 155, 171, 16},
	{131, Band6GHz, 20, 0, 1, 233, 4},
	{132, Band6GHz, 40, 0, 3, 227, 8},
	{133, Band6GHz, 80, 0, 7, 215, 16},
	{134, Band6GHz, 160, 0, 15, 207, 32},
	{135, Band6GHz, 80, 0, 7, 215, 16},
	{136, Band6GHz, 20, 0, 2, 2, 1},
	{137, Band6GHz, 320, 0, 31, 191, 32},
	{180, Band60GHz, 2160, 0, 1, 8, 1},
}

func (o *OpClass) has(channel int) bool {
	first, last, step := int(o.first), int(o.last), int(o.step)
	return channel >= first && channel <= last && (channel-first)%step == 0
}

// OpClassFreq returns the centre in MHz of a channel of a global operating
// class. In classes of 80 MHz and more (and class 132) the channel number is
// that of the centre of the whole channel; for compatibility with those who
// send the primary channel there, any 20 MHz channel of the band is accepted
// too.
func OpClassFreq(class uint8, channel int) (int, error) {
	known := false
	for i := range opClasses {
		o := &opClasses[i]
		if o.Class != class {
			continue
		}
		known = true
		if o.has(channel) || o.Width >= 40 && o.Band != Band2GHz && isPrimary20(o.Band, channel) {
			return Freq(o.Band, channel), nil
		}
	}
	if !known {
		return 0, fmt.Errorf("dot11: operating class %d is not known", class)
	}
	return 0, fmt.Errorf("dot11: operating class %d has no channel %d", class, channel)
}

// isPrimary20 reports whether channel is a 20 MHz channel of a 5 or 6 GHz band.
func isPrimary20(band Band, channel int) bool {
	for i := range opClasses {
		o := &opClasses[i]
		if o.Band == band && o.Width == 20 && o.has(channel) {
			return true
		}
	}
	return false
}

// OpClassInfo returns band, width and side of a global operating class.
func OpClassInfo(class uint8) (OpClass, bool) {
	for _, o := range opClasses {
		if o.Class == class {
			return o, true
		}
	}
	return OpClass{}, false
}

// OpClassOf returns the global operating class and channel number of a 20 or
// 40 MHz operation whose primary channel is at freq MHz; secondary is the side
// of the secondary channel, 0 for 20 MHz. False when there is none.
func OpClassOf(freq int, secondary int8) (class uint8, channel int, ok bool) {
	band, channel := Channel(freq)
	if band == Band6GHz {
		secondary = 0
	}
	for i := range opClasses {
		o := &opClasses[i]
		width := 20
		switch {
		case band == Band60GHz:
			width = 2160
		case secondary != 0:
			width = 40
		}
		if o.Band == band && o.Width == width && o.Secondary == secondary && o.has(channel) {
			return o.Class, channel, true
		}
	}
	return 0, 0, false
}

package dot11

import "slices"

// Rates returns the rates of a BSS in bit/s, highest first: the Supported
// Rates and Extended Supported Rates elements without the basic-rate bit.
// BSS membership selectors are not filtered out, as users of the D-Bus
// property expect them there.
func (es Elements) Rates() []uint32 {
	var out []uint32
	for _, raw := range es.rawRates() {
		out = append(out, uint32(raw&0x7f)*500000)
	}
	slices.SortFunc(out, func(a, b uint32) int {
		switch {
		case a > b:
			return -1
		case a < b:
			return 1
		}
		return 0
	})
	return out
}

func (es Elements) rawRates() []byte {
	a, _ := es.Find(ElementSupportedRates)
	b, _ := es.Find(ElementExtendedSupportedRates)
	if len(b) == 0 {
		return a
	}
	return append(a[:len(a):len(a)], b...)
}

// Membership selectors: values with the basic-rate bit that are no rates but
// features a station must have (9.4.2.3).
const (
	SelectorHT     = 127
	SelectorVHT    = 126
	SelectorGLK    = 125
	SelectorEPD    = 124
	SelectorSAEH2E = 123
	SelectorHE     = 122
)

// MaxLegacyRate returns the highest rate in units of 500 kbit/s, membership
// selectors left out; 0 when no rate is known.
func (es Elements) MaxLegacyRate() int {
	best := 0
	for _, raw := range es.rawRates() {
		if raw&0x80 != 0 && raw&0x7f >= SelectorHE {
			continue
		}
		best = max(best, int(raw&0x7f))
	}
	return best
}

// HasSelector reports whether the BSS demands the feature of a membership
// selector, e.g. SelectorSAEH2E.
func (es Elements) HasSelector(selector uint8) bool {
	return slices.Contains(es.rawRates(), 0x80|selector)
}

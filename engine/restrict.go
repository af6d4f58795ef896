package engine

import (
	"bytes"
	"slices"

	"gosupplicant/drivers"
	"gosupplicant/engine/bss"
	"gosupplicant/engine/dot11"
)

// restrictions are limits set at run time and not kept in the configuration.
type restrictions struct {
	filter []dot11.MAC // only these are taken from scan results
	bssids []dot11.MAC // never selected
	ssids  [][]byte    // never selected
	bands  Bands
}

// maxRestricted bounds each list.
const maxRestricted = 1024

// Bands is a set of bands; the zero value is all.
type Bands uint8

// Members of Bands.
const (
	Bands2GHz Bands = 1 << iota
	Bands5GHz
	Bands6GHz
)

// has reports whether b lets the band of freq (MHz) in.
func (b Bands) has(freq int) bool {
	switch {
	case b == 0:
		return true
	case freq < 4000:
		return b&Bands2GHz != 0
	case freq < 5945:
		return b&Bands5GHz != 0
	case freq < 7200:
		return b&Bands6GHz != 0
	}
	return false
}

// SetBSSIDFilter makes scans take only these BSSs; empty takes all.
func (i *Interface) SetBSSIDFilter(list []dot11.MAC) error {
	if len(list) > maxRestricted {
		return ErrLimit
	}
	i.restrict.filter = list
	return nil
}

// SetDisallowed keeps BSSs with these addresses or names out of selection, the
// present one too.
func (i *Interface) SetDisallowed(bssids []dot11.MAC, ssids [][]byte) error {
	if len(bssids) > maxRestricted || len(ssids) > maxRestricted {
		return ErrLimit
	}
	i.restrict.bssids, i.restrict.ssids = bssids, ssids
	i.leaveRestricted("BSS is disallowed")
	return nil
}

// SetBands limits scans and selection to bands; 0 is all.
func (i *Interface) SetBands(b Bands) { i.restrict.bands = b }

func (i *Interface) leaveRestricted(why string) {
	if b := i.current.bss; b != nil && i.restrict.reject(b) != "" {
		i.leave(why)
		i.searchSoon()
	}
}

// reject tells why b is not selected, or "".
func (r *restrictions) reject(b *bss.BSS) string {
	switch {
	case slices.Contains(r.bssids, b.BSSID):
		return "BSSID disallowed"
	case slices.ContainsFunc(r.ssids, func(s []byte) bool { return bytes.Equal(s, b.SSID) }):
		return "SSID disallowed"
	case !r.bands.has(b.Freq):
		return "band not selected"
	}
	return ""
}

// taken reports whether a scan result enters the table.
func (r *restrictions) taken(b dot11.MAC) bool {
	return len(r.filter) == 0 || slices.Contains(r.filter, b)
}

// freqs are the channels of the selected bands, nil for all.
func (r *restrictions) freqs(capa *drivers.Capability) []int {
	if r.bands == 0 {
		return nil
	}
	var out []int
	for _, band := range capa.Bands {
		for _, c := range band.Channels {
			if c.Flags&drivers.ChanDisabled == 0 && r.bands.has(c.Freq) {
				out = append(out, c.Freq)
			}
		}
	}
	return out
}

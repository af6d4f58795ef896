package nl80211

import (
	"encoding/binary"
	"fmt"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"gosupplicant/drivers"
)

const (
	vendorQCA          = 0x001374
	qcaAvoidFrequency  = 10
	maxFrequencyRanges = 64
)

// vendorEvent is a decoded NL80211_CMD_VENDOR message.
type vendorEvent struct {
	id, subcmd uint32
	data       []byte
}

func decodeVendor(attrs []byte) (v vendorEvent, err error) {
	err = each("vendor event", attrs, func(ad *netlink.AttributeDecoder) error {
		switch ad.Type() {
		case unix.NL80211_ATTR_VENDOR_ID:
			v.id = ad.Uint32()
		case unix.NL80211_ATTR_VENDOR_SUBCMD:
			v.subcmd = ad.Uint32()
		case unix.NL80211_ATTR_VENDOR_DATA:
			v.data = ad.Bytes()
		}
		return nil
	})
	return v, err
}

// frequencyRange is a range of MHz, both ends included.
type frequencyRange struct{ first, last uint32 }

// decodeAvoid decodes the list of ranges that Qualcomm devices want avoided: a
// count and pairs of 32-bit numbers in native byte order.
func decodeAvoid(b []byte) ([]frequencyRange, error) {
	if len(b) < 4 {
		return nil, fmt.Errorf("nl80211: avoid-frequency event of %d bytes has no count", len(b))
	}
	count := binary.NativeEndian.Uint32(b)
	b = b[4:]
	if count > maxFrequencyRanges || len(b) < int(count)*8 {
		return nil, fmt.Errorf("nl80211: avoid-frequency event announces %d ranges in %d bytes", count, len(b))
	}
	var out []frequencyRange
	for ; count > 0; count, b = count-1, b[8:] {
		out = append(out, frequencyRange{binary.NativeEndian.Uint32(b), binary.NativeEndian.Uint32(b[4:])})
	}
	return out, nil
}

// channelsIn lists the device's channels inside the ranges, MHz.
func channelsIn(ranges []frequencyRange, capa *drivers.Capability) []int {
	var freqs []int
	for _, b := range capa.Bands {
		for _, ch := range b.Channels {
			for _, r := range ranges {
				if ch.Freq >= int(r.first) && ch.Freq <= int(r.last) {
					freqs = append(freqs, ch.Freq)
					break
				}
			}
		}
	}
	return freqs
}

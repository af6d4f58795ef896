package nl80211

import (
	"encoding/binary"
	"fmt"

	"github.com/mdlayher/netlink"

	"gosupplicant/engine/dot11"
)

// each calls fn for every attribute in b and reports malformed ones by the name
// of what they belong to.
func each(what string, b []byte, fn func(ad *netlink.AttributeDecoder) error) error {
	ad, err := netlink.NewAttributeDecoder(b)
	if err != nil {
		return fmt.Errorf("nl80211: %s: %w", what, err)
	}
	for ad.Next() {
		if err := fn(ad); err != nil {
			return fmt.Errorf("nl80211: %s: attribute %d: %w", what, ad.Type(), err)
		}
	}
	if err := ad.Err(); err != nil {
		return fmt.Errorf("nl80211: %s: %w", what, err)
	}
	return nil
}

// nested calls fn for every attribute inside the present one.
func nested(ad *netlink.AttributeDecoder, fn func(ad *netlink.AttributeDecoder) error) error {
	var inner error
	ad.Nested(func(nad *netlink.AttributeDecoder) error {
		for nad.Next() {
			if inner = fn(nad); inner != nil {
				return inner
			}
		}
		return nil
	})
	return inner
}

// mac decodes an address attribute.
func mac(ad *netlink.AttributeDecoder) (dot11.MAC, error) {
	b := ad.Bytes()
	var m dot11.MAC
	if len(b) != len(m) {
		return m, fmt.Errorf("address of %d bytes, want %d", len(b), len(m))
	}
	copy(m[:], b)
	return m, nil
}

// uint32s decodes an array of 32-bit numbers in native byte order.
func uint32s(b []byte) ([]uint32, error) {
	if len(b)%4 != 0 {
		return nil, fmt.Errorf("array of %d bytes is no array of 32-bit numbers", len(b))
	}
	out := make([]uint32, 0, len(b)/4)
	for ; len(b) > 0; b = b[4:] {
		out = append(out, binary.NativeEndian.Uint32(b))
	}
	return out, nil
}

// types is a set of interface types (bit n is NL80211_IFTYPE n).
type types uint32

func (t types) has(iftype int) bool { return t>>iftype&1 != 0 }

// typeSet decodes a nested attribute with one flag for each interface type.
func typeSet(ad *netlink.AttributeDecoder) (types, error) {
	var t types
	err := nested(ad, func(ad *netlink.AttributeDecoder) error {
		if ad.Type() < 32 {
			t |= 1 << ad.Type()
		}
		return nil
	})
	return t, err
}

// signed is the value of an 8-bit attribute that holds dBm.
func signed(v uint8) int { return int(int8(v)) }

package dot11

import (
	"bytes"
	"fmt"
)

// MAC is a 48-bit MAC address in transmission order.
type MAC [6]byte

// Broadcast is the group address of everybody, ff:ff:ff:ff:ff:ff.
var Broadcast = MAC{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}

const lowerHex = "0123456789abcdef"

// String returns the lower-case form with colons, as every interface prints it.
func (m MAC) String() string {
	return string(m.Append(make([]byte, 0, 17)))
}

// Append appends the form of String to dst.
func (m MAC) Append(dst []byte) []byte {
	for i, b := range m {
		if i > 0 {
			dst = append(dst, ':')
		}
		dst = append(dst, lowerHex[b>>4], lowerHex[b&15])
	}
	return dst
}

// IsZero reports whether m is 00:00:00:00:00:00.
func (m MAC) IsZero() bool { return m == MAC{} }

// IsGroup reports whether m is a group (multicast or broadcast) address.
func (m MAC) IsGroup() bool { return m[0]&1 != 0 }

// IsLocal reports whether m is locally administered.
func (m MAC) IsLocal() bool { return m[0]&2 != 0 }

// Compare orders addresses by their bytes; -1, 0 or +1.
func (m MAC) Compare(o MAC) int { return bytes.Compare(m[:], o[:]) }

// ParseMAC reads six groups of two hexadecimal digits, upper or lower case,
// separated by colons throughout, by dashes throughout, or not at all.
func ParseMAC(s string) (MAC, error) {
	var m MAC
	step := 3
	switch {
	case len(s) == 12:
		step = 2
	case len(s) == 17 && (s[2] == ':' || s[2] == '-'):
	default:
		return MAC{}, fmt.Errorf("dot11: %q is not a MAC address", s)
	}
	for i := range m {
		hi, ok1 := hexDigit(s[i*step])
		lo, ok2 := hexDigit(s[i*step+1])
		if !ok1 || !ok2 || step == 3 && i > 0 && s[i*3-1] != s[2] {
			return MAC{}, fmt.Errorf("dot11: %q is not a MAC address", s)
		}
		m[i] = hi<<4 | lo
	}
	return m, nil
}

// MACFromBytes returns the address in b, which must have exactly six bytes.
func MACFromBytes(b []byte) (MAC, error) {
	if len(b) != 6 {
		return MAC{}, fmt.Errorf("dot11: MAC address of %d bytes, want 6", len(b))
	}
	return MAC(b), nil
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10, true
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}

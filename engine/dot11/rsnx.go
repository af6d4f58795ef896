package dot11

// RSNXE is the Extended RSN Capabilities field (9.4.2.240): bits in order of
// transmission, the first four of which hold the field's length minus one.
type RSNXE []byte

// RSNXBit numbers a capability in the RSNXE.
type RSNXBit uint

// RSNXE capability bits.
const (
	RSNXProtectedTWT   RSNXBit = 4
	RSNXSAEH2E         RSNXBit = 5 // SAE hash-to-element
	RSNXSAEPK          RSNXBit = 6
	RSNXProtectedWUR   RSNXBit = 7
	RSNXSecureLTF      RSNXBit = 8
	RSNXSecureRTT      RSNXBit = 9
	RSNXURNMMFPR       RSNXBit = 15
	RSNXKEKInPASN      RSNXBit = 18
	RSNXSSIDProtection RSNXBit = 21
	RSNXSPPAMSDU       RSNXBit = 22
	maxRSNXELen                = 16
	rsnxeLengthMask            = 0x0f
	rsnxeErrEmpty              = "no capability bytes"
)

// ParseRSNXE parses the body of an RSNX element. The length field must not
// exceed the body; bytes behind the announced length are ignored.
func ParseRSNXE(body []byte) (RSNXE, error) {
	r := newReader("RSNXE", body)
	if len(body) == 0 {
		r.fail("no capability bytes")
		return nil, r.err
	}
	n := int(body[0]&0x0f) + 1
	b := r.bytes(n, "capabilities")
	if r.err != nil {
		return nil, r.err
	}
	return RSNXE(b), nil
}

// NewRSNXE returns the shortest field with the given bits set; nil without
// any. Bits beyond the field's largest size are not representable and ignored.
func NewRSNXE(bits ...RSNXBit) RSNXE {
	var x RSNXE
	for _, b := range bits {
		if b < 4 || b >= maxRSNXELen*8 {
			continue
		}
		for len(x) <= int(b/8) {
			x = append(x, 0)
		}
		x[b/8] |= 1 << (b % 8)
	}
	if len(x) > 0 {
		x[0] |= byte(len(x) - 1)
	}
	return x
}

// Has reports whether the capability bit is set.
func (x RSNXE) Has(b RSNXBit) bool {
	return b >= 4 && int(b/8) < len(x) && x[b/8]>>(b%8)&1 != 0
}

// Append appends the whole element to dst.
func (x RSNXE) Append(dst []byte) []byte { return AppendElement(dst, ElementRSNX, x...) }

// RSNOverride holds the RSN Overriding elements of an AP (Wi-Fi Alliance,
// WPA3 Specification 3.4): what newer stations use in place of RSNE and RSNXE.
type RSNOverride struct {
	RSNE  *RSNE // RSNE Override, nil when absent
	RSNE2 *RSNE // RSNE Override 2, nil when absent
	RSNXE RSNXE // RSNXE Override, nil when absent
}

// ParseRSNOverride finds and parses the override elements in es. Absent ones
// are no error.
func ParseRSNOverride(es Elements) (RSNOverride, error) {
	var o RSNOverride
	var err error
	if b, ok := es.FindVendor(OUIWFA, WFARSNEOverride); ok {
		if o.RSNE, err = parseRSNBody(newReader("RSNE Override", b)); err != nil {
			return RSNOverride{}, err
		}
	}
	if b, ok := es.FindVendor(OUIWFA, WFARSNEOverride2); ok {
		if o.RSNE2, err = parseRSNBody(newReader("RSNE Override 2", b)); err != nil {
			return RSNOverride{}, err
		}
	}
	if b, ok := es.FindVendor(OUIWFA, WFARSNXEOverride); ok {
		if o.RSNXE, err = ParseRSNXE(b); err != nil {
			return RSNOverride{}, err
		}
	}
	return o, nil
}

// Append appends the elements that are there to dst.
func (o RSNOverride) Append(dst []byte) []byte {
	if o.RSNE != nil {
		dst = AppendVendorElement(dst, OUIWFA, WFARSNEOverride, o.RSNE.AppendBody(nil)...)
	}
	if o.RSNE2 != nil {
		dst = AppendVendorElement(dst, OUIWFA, WFARSNEOverride2, o.RSNE2.AppendBody(nil)...)
	}
	if o.RSNXE != nil {
		dst = AppendVendorElement(dst, OUIWFA, WFARSNXEOverride, o.RSNXE...)
	}
	return dst
}

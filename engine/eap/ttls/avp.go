package ttls

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Codes of AVPs, and the vendor of Microsoft's (RFC 5281, 10; RFC 2548).
const (
	avpUserName      = 1
	avpUserPassword  = 2
	avpCHAPPassword  = 3
	avpReplyMessage  = 18
	avpCHAPChallenge = 60
	avpEAPMessage    = 79

	vendorMicrosoft    = 311
	avpMSCHAPResponse  = 1
	avpMSCHAPError     = 2
	avpMSCHAPChallenge = 11
	avpMSCHAP2Response = 25
	avpMSCHAP2Success  = 26

	flagVendor    = 0x80
	flagMandatory = 0x40

	maxAVPs = 64 // in one message
)

// ErrAVP is what errors about AVPs wrap.
var ErrAVP = errors.New("ttls: malformed AVPs")

// avp is one attribute-value pair.
type avp struct {
	code, vendor uint32
	mandatory    bool
	data         []byte
}

// parseAVPs decodes the AVPs of one message; data shares b's memory.
func parseAVPs(b []byte) ([]avp, error) {
	var out []avp
	for len(b) > 0 {
		if len(b) < 8 {
			return nil, fmt.Errorf("%w: %d bytes left, a header has 8", ErrAVP, len(b))
		}
		a := avp{code: binary.BigEndian.Uint32(b), mandatory: b[4]&flagMandatory != 0}
		n := int(binary.BigEndian.Uint32(b[4:]) & 0xffffff)
		head := 8
		if b[4]&flagVendor != 0 {
			head = 12
		}
		if n < head || n > len(b) {
			return nil, fmt.Errorf("%w: code %d has length %d, %d bytes are left", ErrAVP, a.code, n, len(b))
		}
		if head == 12 {
			a.vendor = binary.BigEndian.Uint32(b[8:])
		}
		a.data = b[head:n:n]
		if len(out) == maxAVPs {
			return nil, fmt.Errorf("%w: more than %d", ErrAVP, maxAVPs)
		}
		out = append(out, a)
		b = b[min((n+3)&^3, len(b)):]
	}
	return out, nil
}

// appendAVP appends a mandatory AVP with its padding.
func appendAVP(b []byte, code, vendor uint32, data ...[]byte) []byte {
	n, flags := 8, uint32(flagMandatory)
	if vendor != 0 {
		n, flags = 12, flagMandatory|flagVendor
	}
	for _, d := range data {
		n += len(d)
	}
	b = binary.BigEndian.AppendUint32(b, code)
	b = binary.BigEndian.AppendUint32(b, flags<<24|uint32(n))
	if vendor != 0 {
		b = binary.BigEndian.AppendUint32(b, vendor)
	}
	for _, d := range data {
		b = append(b, d...)
	}
	return append(b, make([]byte, -n&3)...)
}

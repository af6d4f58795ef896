package teap

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// tlvType is the type of a TLV (RFC 7170, 4.2.1).
type tlvType uint16

const (
	tlvAuthorityID   tlvType = 1
	tlvIdentityType  tlvType = 2
	tlvResult        tlvType = 3
	tlvNAK           tlvType = 4
	tlvError         tlvType = 5
	tlvRequestAction tlvType = 8
	tlvEAPPayload    tlvType = 9
	tlvIntermediate  tlvType = 10
	tlvCryptoBinding tlvType = 12
	tlvBasicRequest  tlvType = 13
	tlvBasicResponse tlvType = 14
)

const (
	mandatoryBit = 0x8000
	typeMask     = 0x3fff
)

// Values of Result and Intermediate-Result, and of Identity-Type.
const (
	statusSuccess   uint16 = 1
	statusFailure   uint16 = 2
	identityUser    uint16 = 1
	identityMachine uint16 = 2
)

// Error codes (RFC 7170, 4.2.6).
const (
	errorCompromise uint32 = 2001
	errorUnexpected uint32 = 2002
)

// ErrMalformed is what every refusal of a message wraps.
var ErrMalformed = errors.New("teap: malformed message")

// message is what one message of the tunnel holds; nil and zero are absence.
type message struct {
	identityType uint16
	result       uint16
	intermediate uint16
	nak          bool
	errorCode    uint32
	action       bool
	payload      []byte
	binding      []byte // the whole TLV
	basic        bool
	unknown      tlvType // a mandatory one that is not built
	unknownFound bool
}

// parseMessage reads TLVs; those of a kind that may be there once may not be
// there twice.
func parseMessage(b []byte) (message, error) {
	var m message
	seen := map[tlvType]bool{}
	for at := 0; at < len(b); {
		if len(b)-at < 4 {
			return m, fmt.Errorf("%w: offset %d: %d bytes left of a TLV", ErrMalformed, at, len(b)-at)
		}
		head, n := binary.BigEndian.Uint16(b[at:]), int(binary.BigEndian.Uint16(b[at+2:]))
		if n > len(b)-at-4 {
			return m, fmt.Errorf("%w: offset %d: TLV of %d bytes with %d left", ErrMalformed, at, n, len(b)-at-4)
		}
		t := tlvType(head & typeMask)
		if seen[t] {
			return m, fmt.Errorf("%w: offset %d: TLV %d is there twice", ErrMalformed, at, t)
		}
		seen[t] = t >= tlvIdentityType && t <= tlvBasicResponse && t != tlvNAK
		if err := m.take(t, head&mandatoryBit != 0, b[at:at+4+n]); err != nil {
			return m, fmt.Errorf("%w: offset %d: TLV %d: %w", ErrMalformed, at, t, err)
		}
		at += 4 + n
	}
	return m, nil
}

// take stores one TLV.
func (m *message) take(t tlvType, mandatory bool, whole []byte) (err error) {
	value := whole[4:]
	switch t {
	case tlvIdentityType:
		m.identityType, err = number(value)
	case tlvResult:
		m.result, err = status(value)
	case tlvIntermediate:
		m.intermediate, err = status(value[:min(2, len(value))]) // TLVs may follow the status
	case tlvNAK:
		m.nak = true
	case tlvError:
		if len(value) != 4 {
			return fmt.Errorf("%d bytes, want 4", len(value))
		}
		m.errorCode = binary.BigEndian.Uint32(value)
	case tlvEAPPayload:
		m.payload = value
	case tlvCryptoBinding:
		if m.binding = whole; len(whole) != bindingLen {
			err = fmt.Errorf("%d bytes, want %d", len(whole), bindingLen)
		}
	case tlvBasicRequest:
		m.basic = true
	case tlvAuthorityID:
	case tlvRequestAction:
		m.action = true
	default:
		if mandatory && !m.unknownFound {
			m.unknown, m.unknownFound = t, true
		}
	}
	return err
}

func number(value []byte) (uint16, error) {
	if len(value) != 2 {
		return 0, fmt.Errorf("%d bytes, want 2", len(value))
	}
	return binary.BigEndian.Uint16(value), nil
}

func status(value []byte) (uint16, error) {
	n, err := number(value)
	if err == nil && n != statusSuccess && n != statusFailure {
		err = fmt.Errorf("status %d", n)
	}
	return n, err
}

// appendTLV appends a mandatory TLV.
func appendTLV(b []byte, t tlvType, value ...byte) []byte {
	b = binary.BigEndian.AppendUint16(b, mandatoryBit|uint16(t))
	b = binary.BigEndian.AppendUint16(b, uint16(len(value)))
	return append(b, value...)
}

func appendNumber(b []byte, t tlvType, n uint16) []byte { return appendTLV(b, t, byte(n>>8), byte(n)) }

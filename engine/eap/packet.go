package eap

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Code is the first byte of an EAP packet.
type Code uint8

// Codes (4).
const (
	CodeRequest  Code = 1
	CodeResponse Code = 2
	CodeSuccess  Code = 3
	CodeFailure  Code = 4
	CodeInitiate Code = 5 // RFC 6696
	CodeFinish   Code = 6
)

// String returns e.g. "EAP-Request".
func (c Code) String() string {
	names := [...]string{"", "EAP-Request", "EAP-Response", "EAP-Success", "EAP-Failure", "EAP-Initiate", "EAP-Finish"}
	if c >= 1 && int(c) < len(names) {
		return names[c]
	}
	return fmt.Sprintf("EAP code %d", uint8(c))
}

const (
	headerLen   = 4
	expandedLen = 8 // type 254, vendor (3), number (4)
	// MaxPacket is the longest EAP packet, which its 16-bit length tells.
	MaxPacket = 1<<16 - 1
)

// ErrPacket is what every refusal of ParsePacket wraps.
var ErrPacket = errors.New("eap: malformed packet")

// Packet is a decoded EAP packet.
type Packet struct {
	Code Code
	ID   uint8
	Type Type   // of requests and responses
	Data []byte // what follows the type; shares the input's memory
	Raw  []byte // the whole packet without padding; shares the input's memory
}

// ParsePacket decodes an EAP packet (4). Bytes behind its length are padding
// and ignored; a length beyond the input is an error.
func ParsePacket(b []byte) (Packet, error) {
	if len(b) < headerLen {
		return Packet{}, fmt.Errorf("%w: %d bytes, a header has %d", ErrPacket, len(b), headerLen)
	}
	n := int(binary.BigEndian.Uint16(b[2:]))
	if n < headerLen || n > len(b) {
		return Packet{}, fmt.Errorf("%w: length field %d in %d bytes", ErrPacket, n, len(b))
	}
	p := Packet{Code: Code(b[0]), ID: b[1], Raw: b[:n:n]}
	body := p.Raw[headerLen:]
	switch p.Code {
	case CodeRequest, CodeResponse:
	case CodeSuccess, CodeFailure:
		return p, nil
	default:
		p.Data = body
		return p, nil
	}
	if len(body) == 0 {
		return Packet{}, fmt.Errorf("%w: %v without a type", ErrPacket, p.Code)
	}
	if body[0] != typeExpanded {
		p.Type, p.Data = Type{Number: uint32(body[0])}, body[1:]
		return p, nil
	}
	if len(body) < expandedLen {
		return Packet{}, fmt.Errorf("%w: expanded type of %d bytes, want %d", ErrPacket, len(body), expandedLen)
	}
	p.Type = Type{
		Vendor: binary.BigEndian.Uint32(body) & 0xffffff,
		Number: binary.BigEndian.Uint32(body[4:]),
	}
	p.Data = body[expandedLen:]
	return p, nil
}

// AppendPacket appends an EAP packet with a type to b: parts are concatenated
// behind the type. A packet longer than MaxPacket is a programming error and
// panics: methods fragment.
func AppendPacket(b []byte, code Code, id uint8, t Type, parts ...[]byte) []byte {
	start := len(b)
	b = append(b, byte(code), id, 0, 0)
	if t.Vendor == 0 && t.Number <= 255 && t.Number != typeExpanded {
		b = append(b, byte(t.Number))
	} else {
		b = binary.BigEndian.AppendUint32(b, typeExpanded<<24|t.Vendor&0xffffff)
		b = binary.BigEndian.AppendUint32(b, t.Number)
	}
	for _, p := range parts {
		b = append(b, p...)
	}
	n := len(b) - start
	if n > MaxPacket {
		panic("eap: packet too long")
	}
	binary.BigEndian.PutUint16(b[start+2:], uint16(n))
	return b
}

// Response returns the EAP-Response with that identifier and type.
func Response(id uint8, t Type, parts ...[]byte) []byte {
	return AppendPacket(nil, CodeResponse, id, t, parts...)
}

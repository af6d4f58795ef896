package eapol

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// PacketType is the type of an EAPOL PDU (11.3.2).
type PacketType uint8

// Packet types.
const (
	PacketEAP    PacketType = 0
	PacketStart  PacketType = 1
	PacketLogoff PacketType = 2
	PacketKey    PacketType = 3
	PacketASF    PacketType = 4
	PacketMKA    PacketType = 5
)

// String returns e.g. "EAPOL-Start".
func (t PacketType) String() string {
	names := [...]string{"EAP-Packet", "EAPOL-Start", "EAPOL-Logoff", "EAPOL-Key", "EAPOL-Encapsulated-ASF-Alert", "EAPOL-MKA"}
	if int(t) < len(names) {
		return names[t]
	}
	return fmt.Sprintf("EAPOL type %d", uint8(t))
}

const headerLen = 4

// ErrPDU is what every refusal of ParsePDU wraps.
var ErrPDU = errors.New("eapol: malformed PDU")

// PDU is a decoded EAPOL PDU.
type PDU struct {
	Version uint8
	Type    PacketType
	Body    []byte // shares the input's memory
}

// ParsePDU decodes a PDU, which begins with the protocol version. Bytes behind
// its body are padding. Versions beyond the known ones are read like them (11.4).
func ParsePDU(b []byte) (PDU, error) {
	if len(b) < headerLen {
		return PDU{}, fmt.Errorf("%w: %d bytes, a header has %d", ErrPDU, len(b), headerLen)
	}
	if b[0] == 0 {
		return PDU{}, fmt.Errorf("%w: protocol version 0", ErrPDU)
	}
	n := int(binary.BigEndian.Uint16(b[2:]))
	if n > len(b)-headerLen {
		return PDU{}, fmt.Errorf("%w: body of %d bytes announced, %d are there", ErrPDU, n, len(b)-headerLen)
	}
	return PDU{Version: b[0], Type: PacketType(b[1]), Body: b[headerLen : headerLen+n : headerLen+n]}, nil
}

// AppendPDU appends a PDU to b. A body longer than 65535 bytes is a programming
// error and panics: EAP packets are not.
func AppendPDU(b []byte, version uint8, t PacketType, body []byte) []byte {
	if len(body) > 1<<16-1 {
		panic("eapol: body too long")
	}
	b = append(b, version, byte(t))
	b = binary.BigEndian.AppendUint16(b, uint16(len(body)))
	return append(b, body...)
}

package peap

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/keys"
)

// TLVs of the EAP extensions method ([MS-PEAP], 2.2.8).
const (
	tlvResult  = 3
	tlvNak     = 4
	tlvBinding = 12

	tlvMandatory = 0x8000

	bindingLen   = 56
	macLen       = sha1.Size
	resultOK     = 1
	resultFailed = 2
)

// ErrTLV is what errors about TLVs wrap.
var ErrTLV = errors.New("peap: malformed TLVs")

// extensions is a decoded request of the EAP extensions method.
type extensions struct {
	result    uint16 // 0 when absent
	binding   []byte // the whole TLV, or nil
	mandatory uint16 // an unknown TLV that may not be ignored, or 0
}

// parseExtensions walks the TLVs. Result and crypto-binding come once at most.
func parseExtensions(b []byte) (extensions, error) {
	var x extensions
	for len(b) > 0 {
		if len(b) < 4 {
			return x, fmt.Errorf("%w: %d bytes left", ErrTLV, len(b))
		}
		t, n := binary.BigEndian.Uint16(b), int(binary.BigEndian.Uint16(b[2:]))
		if n > len(b)-4 {
			return x, fmt.Errorf("%w: type %d has %d bytes, %d are left", ErrTLV, t&0x3fff, n, len(b)-4)
		}
		whole := b[:4+n]
		b = b[4+n:]
		switch t & 0x3fff {
		case tlvResult:
			if n != 2 || x.result != 0 {
				return x, fmt.Errorf("%w: result of %d bytes, or a second one", ErrTLV, n)
			}
			x.result = binary.BigEndian.Uint16(whole[4:])
			if x.result != resultOK && x.result != resultFailed {
				return x, fmt.Errorf("%w: result %d", ErrTLV, x.result)
			}
		case tlvBinding:
			if n != bindingLen || x.binding != nil {
				return x, fmt.Errorf("%w: crypto-binding of %d bytes, or a second one", ErrTLV, n)
			}
			x.binding = whole
		default:
			if t&tlvMandatory != 0 && x.mandatory == 0 {
				x.mandatory = t & 0x3fff
			}
		}
	}
	return x, nil
}

// prfPlus is PRF+ of [MS-PEAP], 3.1.5.5.2.1: iterated HMAC-SHA1.
func prfPlus(key []byte, label string, seed []byte, n int) keys.Secret {
	m := hmac.New(sha1.New, key)
	out := make(keys.Secret, 0, n+macLen)
	var t []byte
	for i := byte(1); len(out) < n; i++ {
		m.Reset()
		m.Write(t)
		m.Write([]byte(label))
		m.Write(seed)
		m.Write([]byte{i, 0, 0})
		t = m.Sum(nil)
		out = append(out, t...)
	}
	return out[:n]
}

// compound holds the keys that bind the method inside to the tunnel.
type compound struct{ ipmk, cmk keys.Secret }

// newCompound derives them ([MS-PEAP], 3.1.5.5.2.2): tunnel is the tunnel's key
// material, isk the first 32 bytes of the inner method's key or zeros.
func newCompound(tunnel, isk keys.Secret) compound {
	var k [32]byte
	copy(k[:], isk)
	out := prfPlus(tunnel[:40], "Inner Methods Compound Keys", k[:], 60)
	return compound{ipmk: out[:40:40], cmk: out[40:]}
}

// keys returns MSK and EMSK of a bound tunnel ([MS-PEAP], 3.1.5.5.2.3).
func (c compound) keys() (msk, emsk keys.Secret) {
	out := prfPlus(c.ipmk, "Session Key Generating Function", []byte{0}, 128)
	return out[:64:64], out[64:]
}

// mac computes the compound MAC over a crypto-binding TLV of 60 bytes.
func (c compound) mac(tlv []byte) []byte {
	m := hmac.New(sha1.New, c.cmk)
	m.Write(tlv[:len(tlv)-macLen])
	m.Write(make([]byte, macLen))
	m.Write([]byte{byte(eap.TypePEAP.Number)})
	return m.Sum(nil)
}

// Offsets in a crypto-binding TLV, and its subtypes.
const (
	bindVersion  = 5
	bindReceived = 6
	bindSubtype  = 7
	bindNonce    = 8

	bindRequest  = 0
	bindResponse = 1
)

// checkBinding verifies a request's crypto-binding TLV.
func (c compound) checkBinding(tlv []byte, version uint8) error {
	switch {
	case tlv[bindVersion] != version || tlv[bindReceived] != version:
		return fmt.Errorf("versions %d and %d in the crypto-binding, the tunnel has %d", tlv[bindVersion], tlv[bindReceived], version)
	case tlv[bindSubtype] != bindRequest:
		return fmt.Errorf("subtype %d in the crypto-binding of a request", tlv[bindSubtype])
	case !keys.Equal(c.mac(tlv), tlv[len(tlv)-macLen:]):
		return errors.New("compound MAC mismatch: the method inside and the tunnel do not end at the same server")
	}
	return nil
}

// answerBinding builds the response's TLV.
func (c compound) answerBinding(version uint8, rand io.Reader) ([]byte, error) {
	tlv := make([]byte, 4+bindingLen)
	tlv[0], tlv[1], tlv[3] = tlvMandatory>>8, tlvBinding, bindingLen
	tlv[bindVersion], tlv[bindReceived], tlv[bindSubtype] = version, version, bindResponse
	if _, err := io.ReadFull(rand, tlv[bindNonce:bindNonce+32]); err != nil {
		return nil, fmt.Errorf("peap: no random bytes: %w", err)
	}
	copy(tlv[len(tlv)-macLen:], c.mac(tlv))
	return tlv, nil
}

package teap

import (
	"crypto/subtle"
	"errors"
	"fmt"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/keys"
)

// The Crypto-Binding TLV (RFC 7170, 4.2.13), offsets in bytes.
const (
	bindingLen    = 80
	bindVersion   = 5
	bindReceived  = 6
	bindFlags     = 7 // upper half: which MACs are there; lower half: sub-type
	bindNonce     = 8
	bindEMSKMAC   = 40
	bindMSKMAC    = 60
	compoundLen   = 20
	flagEMSK      = 1
	flagMSK       = 2
	bindRequest   = 0
	bindResponse  = 1
	seedLen       = 40
	innerKeyLen   = 32
	teapVersion   = 1
	labelSeed     = "EXPORTER: teap session key seed"
	labelCompound = "Inner Methods Compound Keys"
	labelBindKey  = "TEAPbindkey@ietf.org"
	labelMSK      = "Session Key Generating Function"
	labelEMSK     = "Extended Session Key Generating Function"
)

var errBinding = errors.New("the server's Crypto-Binding does not verify: somebody else may be at the other end of the tunnel")

// prf is the PRF of the tunnel's TLS, hash its hash.
type prf struct {
	expand func(secret []byte, label string, seed []byte, n int) keys.Secret
	hash   keys.Hash
}

// link is one step of the chain of compound keys (5.2).
type link struct {
	simck keys.Secret // 40 bytes
	cmk   keys.Secret // 20 bytes; nil of the seed
}

// next binds an inner key of 32 bytes.
func (p prf) next(from link, inner []byte) link {
	out := p.expand(from.simck, labelCompound, inner, seedLen+compoundLen)
	return link{simck: out[:seedLen:seedLen], cmk: out[seedLen:]}
}

// candidates are the two ways on from a link with the keys of a method inside,
// which may have none: by its EMSK (ok tells whether it has one), and by its MSK.
func (p prf) candidates(from link, inner *eap.Keys) (byEMSK link, ok bool, byMSK link) {
	key := make(keys.Secret, innerKeyLen)
	if inner != nil {
		copy(key, inner.MSK)
		if len(inner.EMSK) > 0 {
			bind := p.expand(inner.EMSK, labelBindKey, []byte{0, 0, 64}, 64)
			byEMSK, ok = p.next(from, bind[:innerKeyLen]), true
			bind.Zero()
		}
	}
	byMSK = p.next(from, key)
	key.Zero()
	return byEMSK, ok, byMSK
}

// mac is a compound MAC: over the TLV without MACs, the type, and the outer TLVs.
func (p prf) mac(l link, tlv, outer []byte) []byte {
	blank := append([]byte(nil), tlv...)
	clear(blank[bindEMSKMAC:])
	return p.hash.HMAC(l.cmk, blank, []byte{byte(eap.TypeTEAP.Number)}, outer)[:compoundLen]
}

// verify checks the server's TLV against the candidates and returns the link
// that goes on: by EMSK when both sides have one.
func (p prf) verify(tlv, outer []byte, byEMSK link, haveEMSK bool, byMSK link) (link, byte, error) {
	flags := tlv[bindFlags] >> 4
	switch {
	case tlv[bindVersion] != teapVersion || tlv[bindReceived] != teapVersion:
		return link{}, 0, fmt.Errorf("Crypto-Binding for version %d, received %d: somebody changed the version", tlv[bindVersion], tlv[bindReceived])
	case tlv[bindFlags]&0x0f != bindRequest || flags == 0 || flags > flagEMSK|flagMSK || tlv[bindNonce+31]&1 != 0:
		return link{}, 0, fmt.Errorf("Crypto-Binding with flags %#02x is no request", tlv[bindFlags])
	}
	if flags&flagMSK != 0 && subtle.ConstantTimeCompare(p.mac(byMSK, tlv, outer), tlv[bindMSKMAC:]) != 1 {
		return link{}, 0, errBinding
	}
	if flags&flagEMSK != 0 && haveEMSK {
		if subtle.ConstantTimeCompare(p.mac(byEMSK, tlv, outer), tlv[bindEMSKMAC:bindMSKMAC]) != 1 {
			return link{}, 0, errBinding
		}
		return byEMSK, flagEMSK, nil
	}
	if flags&flagMSK == 0 {
		return link{}, 0, errors.New("Crypto-Binding by EMSK alone, and the method inside makes none")
	}
	return byMSK, flagMSK, nil
}

// response answers a verified TLV.
func (p prf) response(request, outer []byte, l link, flag byte) []byte {
	tlv := append([]byte(nil), request[:bindEMSKMAC]...)
	tlv = append(tlv, make([]byte, 2*compoundLen)...)
	tlv[0] = mandatoryBit >> 8
	tlv[bindFlags] = flag<<4 | bindResponse
	tlv[bindNonce+31] |= 1
	at := bindMSKMAC
	if flag == flagEMSK {
		at = bindEMSKMAC
	}
	copy(tlv[at:], p.mac(l, tlv, outer))
	return tlv
}

// exported are the keys that leave the method (5.4).
func (p prf) exported(l link) *eap.Keys {
	return &eap.Keys{MSK: p.expand(l.simck, labelMSK, nil, 64), EMSK: p.expand(l.simck, labelEMSK, nil, 64)}
}

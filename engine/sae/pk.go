package sae

import (
	"crypto/ecdsa"
	"crypto/subtle"
	"fmt"
	"io"

	"gosupplicant/engine/dot11"
	"gosupplicant/engine/ecc"
	"gosupplicant/engine/keys"
)

// Parts of an SAE-PK proof in the access point's confirm (WPA3 3.1, 6.4).
const (
	wfaSAEPK       uint8 = 31 // type of the vendor element with the modifier
	pkModifierSize       = 16 // bytes
	pkKeyTypeECDSA       = 2  // FILS Public Key: uncertified key, RFC 5480
	pkMaxKey             = 200
	pkMaxSignature       = 160
)

// PKKey is an access point's SAE-PK key and the modifier that gives its
// fingerprint the zero bytes.
type PKKey struct {
	Key      *ecdsa.PrivateKey // on P-256, P-384 or P-521
	Modifier [pkModifierSize]byte
}

// String names the curve and nothing else.
func (k *PKKey) String() string { return "SAE-PK key on " + k.Key.Curve.Params().Name }

// GoString is String.
func (k *PKKey) GoString() string { return k.String() }

// digest hashes the parts one after the other.
func digest(h keys.Hash, parts ...[]byte) []byte {
	d := h.New()
	for _, p := range parts {
		d.Write(p)
	}
	return d.Sum(nil)
}

// transcript is what both sides of an SAE-PK exchange know.
type transcript struct {
	ssid                []byte
	apScalar, staScalar []byte
	ap, sta             element
	apAddr, staAddr     dot11.MAC
}

// signed is the digest that the access point signs.
func (t *transcript) signed(h keys.Hash, modifier, key []byte) []byte {
	return digest(h, t.ap, t.sta, t.apScalar, t.staScalar, modifier, key, t.apAddr[:], t.staAddr[:])
}

// pkProof is an SAE-PK proof as it travels.
type pkProof struct {
	modifier  []byte // encrypted
	key       []byte // DER of a SubjectPublicKeyInfo, the point compressed
	signature []byte // DER of an ECDSA signature
}

func parsePKProof(es dot11.Elements) (*pkProof, error) {
	p := &pkProof{}
	key, ok := es.FindExtReassembled(dot11.ExtIDFILSPublicKey)
	switch {
	case !ok:
		return nil, fmt.Errorf("%w: SAE-PK: no public key", ErrMalformed)
	case len(key) < 2 || len(key) > 1+pkMaxKey:
		return nil, fmt.Errorf("%w: SAE-PK: public key element of %d bytes", ErrMalformed, len(key))
	case key[0] != pkKeyTypeECDSA:
		return nil, fmt.Errorf("%w: SAE-PK: public key of type %d", ErrMalformed, key[0])
	}
	p.key = key[1:]
	if p.signature, ok = es.FindExtReassembled(dot11.ExtIDFILSKeyConfirmation); !ok || len(p.signature) == 0 || len(p.signature) > pkMaxSignature {
		return nil, fmt.Errorf("%w: SAE-PK: signature of %d bytes", ErrMalformed, len(p.signature))
	}
	if p.modifier, ok = es.FindVendor(dot11.OUIWFA, wfaSAEPK); !ok || len(p.modifier) != sivSize+pkModifierSize {
		return nil, fmt.Errorf("%w: SAE-PK: encrypted modifier of %d bytes, want %d", ErrMalformed, len(p.modifier), sivSize+pkModifierSize)
	}
	return p, nil
}

func (p *pkProof) append(dst []byte) []byte {
	dst = dot11.AppendVendorElement(dst, dot11.OUIWFA, wfaSAEPK, p.modifier...)
	dst = dot11.AppendExtElement(dst, dot11.ExtIDFILSPublicKey, append([]byte{pkKeyTypeECDSA}, p.key...)...)
	return dot11.AppendExtElement(dst, dot11.ExtIDFILSKeyConfirmation, p.signature...)
}

// verify checks that the key is the one whose fingerprint the password is, and
// that its owner took part in this exchange.
func (p *pkProof) verify(kek []byte, want pkFingerprint, t *transcript) error {
	modifier, err := sivOpen(kek, p.modifier)
	if err != nil {
		return fmt.Errorf("SAE-PK modifier: %w", err)
	}
	key, h, err := parsePKKey(p.key)
	if err != nil {
		return err
	}
	if !want.begins(digest(h, t.ssid, modifier, p.key)) {
		return ErrFingerprint
	}
	if !ecdsa.VerifyASN1(key, t.signed(h, modifier, p.key), p.signature) {
		return ErrKeyAuth
	}
	return nil
}

// prove makes the proof of an access point.
func (k *PKKey) prove(rand io.Reader, kek []byte, t *transcript) (*pkProof, error) {
	der, h, err := marshalPKKey(&k.Key.PublicKey)
	if err != nil {
		return nil, err
	}
	sig, err := ecdsa.SignASN1(rand, k.Key, t.signed(h, k.Modifier[:], der))
	if err != nil {
		return nil, fmt.Errorf("sae: SAE-PK signature: %w", err)
	}
	sealed, err := sivSeal(kek, k.Modifier[:])
	if err != nil {
		return nil, err
	}
	return &pkProof{modifier: sealed, key: der, signature: sig}, nil
}

// PKPassword returns the SAE-PK password of the key for a network: the one with
// 3 zero bytes if hash and modifier give that many, or with 5; chars, a multiple
// of 4 of at least 12, is its length without hyphens. False if the modifier does
// not give 3 zero bytes, or the length does not fit.
func (k *PKKey) PKPassword(ssid []byte, chars int) (keys.Secret, bool) {
	der, h, err := marshalPKKey(&k.Key.PublicKey)
	if err != nil || chars < pkMinChar || chars > pkMaxChar || chars%pkGroup != 0 {
		return nil, false
	}
	sum := digest(h, ssid, k.Modifier[:], der)
	sec, first := 3, byte(0x10)
	switch {
	case ecc.ZeroBytes(sum[:5]) == 1:
		sec, first = 5, 0
	case ecc.ZeroBytes(sum[:3]) == 0:
		return nil, false
	}
	if 8*sec+19*chars/4-5 > 8*len(sum) {
		return nil, false
	}
	return pkSpell(sum[sec:], first, chars), true
}

// pkSpell writes the bits of a fingerprint behind its zero bytes as a password.
func pkSpell(bits []byte, first byte, chars int) keys.Secret {
	at := 0
	next := func(n int) (v byte) {
		for ; n > 0; n-- {
			v = v<<1 | bits[at/8]>>(7-at%8)&1
			at++
		}
		return v
	}
	var values []byte
	for i := range chars - 1 {
		if i%pkGroup == 0 {
			values = append(values, first|next(4))
		} else {
			values = append(values, next(5))
		}
	}
	values = append(values, checkValue(values))
	var out keys.Secret
	for i, v := range values {
		if i > 0 && i%pkGroup == 0 {
			out = append(out, '-')
		}
		out = append(out, base32Char(v))
	}
	return out
}

// equal compares in constant time.
func equal(a, b []byte) bool { return subtle.ConstantTimeCompare(a, b) == 1 }

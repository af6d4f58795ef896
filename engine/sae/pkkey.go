package sae

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/asn1"
	"fmt"

	"filippo.io/nistec"
	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"gosupplicant/engine/keys"
)

// An SAE-PK key travels as the DER of a SubjectPublicKeyInfo (RFC 5480) with a
// compressed point, which crypto/x509 does not read or write.

var oidECPublicKey = asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}

// pkCurve is a curve that SAE-PK keys can be on.
type pkCurve struct {
	curve      elliptic.Curve
	oid        asn1.ObjectIdentifier
	hash       keys.Hash
	compress   func(b []byte) ([]byte, error) // of any encoding of a point
	decompress func(b []byte) ([]byte, error)
}

func pkCurves() []pkCurve {
	return []pkCurve{
		newPKCurve(elliptic.P256(), asn1.ObjectIdentifier{1, 2, 840, 10045, 3, 1, 7}, keys.HashSHA256, nistec.NewP256Point),
		newPKCurve(elliptic.P384(), asn1.ObjectIdentifier{1, 3, 132, 0, 34}, keys.HashSHA384, nistec.NewP384Point),
		newPKCurve(elliptic.P521(), asn1.ObjectIdentifier{1, 3, 132, 0, 35}, keys.HashSHA512, nistec.NewP521Point),
	}
}

// encodable is a point that has both encodings of SEC 1.
type encodable[P any] interface {
	SetBytes(b []byte) (P, error)
	Bytes() []byte
	BytesCompressed() []byte
}

func newPKCurve[P encodable[P]](c elliptic.Curve, oid asn1.ObjectIdentifier, h keys.Hash, fresh func() P) pkCurve {
	return pkCurve{
		curve: c, oid: oid, hash: h,
		compress: func(b []byte) ([]byte, error) {
			p, err := fresh().SetBytes(b)
			if err != nil {
				return nil, err
			}
			return p.BytesCompressed(), nil
		},
		decompress: func(b []byte) ([]byte, error) {
			p, err := fresh().SetBytes(b)
			if err != nil {
				return nil, err
			}
			return p.Bytes(), nil
		},
	}
}

// pkCurveOf returns the curve's row, false if SAE-PK does not have it.
func pkCurveOf(c elliptic.Curve) (pkCurve, bool) {
	for _, p := range pkCurves() {
		if p.curve == c {
			return p, true
		}
	}
	return pkCurve{}, false
}

// parsePKKey reads a public key, its point compressed or not.
func parsePKKey(der []byte) (*ecdsa.PublicKey, keys.Hash, error) {
	bad := func(what string) (*ecdsa.PublicKey, keys.Hash, error) {
		return nil, 0, fmt.Errorf("%w: SAE-PK: public key: %s", ErrMalformed, what)
	}
	var info, algorithm cryptobyte.String
	var kind, name asn1.ObjectIdentifier
	var point []byte
	in := cryptobyte.String(der)
	if !in.ReadASN1(&info, cbasn1.SEQUENCE) || !in.Empty() || !info.ReadASN1(&algorithm, cbasn1.SEQUENCE) ||
		!algorithm.ReadASN1ObjectIdentifier(&kind) || !info.ReadASN1BitStringAsBytes(&point) || !info.Empty() {
		return bad("not a SubjectPublicKeyInfo")
	}
	if !kind.Equal(oidECPublicKey) || !algorithm.ReadASN1ObjectIdentifier(&name) || !algorithm.Empty() {
		return bad("algorithm " + kind.String())
	}
	for _, c := range pkCurves() {
		if !c.oid.Equal(name) {
			continue
		}
		whole, err := c.decompress(point)
		if err != nil {
			return bad(err.Error())
		}
		key, err := ecdsa.ParseUncompressedPublicKey(c.curve, whole)
		if err != nil {
			return bad(err.Error())
		}
		return key, c.hash, nil
	}
	return bad("curve " + name.String())
}

// marshalPKKey writes a public key as SAE-PK wants it.
func marshalPKKey(key *ecdsa.PublicKey) ([]byte, keys.Hash, error) {
	c, ok := pkCurveOf(key.Curve)
	if !ok {
		return nil, 0, fmt.Errorf("sae: SAE-PK key on %s", key.Curve.Params().Name)
	}
	whole, err := key.Bytes()
	if err != nil {
		return nil, 0, fmt.Errorf("sae: SAE-PK key: %w", err)
	}
	point, err := c.compress(whole)
	if err != nil {
		return nil, 0, fmt.Errorf("sae: SAE-PK key: %w", err)
	}
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(oidECPublicKey)
			b.AddASN1ObjectIdentifier(c.oid)
		})
		b.AddASN1BitString(point)
	})
	der, err := b.Bytes()
	if err != nil {
		return nil, 0, fmt.Errorf("sae: SAE-PK key: %w", err)
	}
	return der, c.hash, nil
}

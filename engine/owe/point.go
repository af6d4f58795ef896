package owe

import (
	"crypto/ecdh"
	"errors"
	"fmt"

	"filippo.io/nistec"
)

// decompress finds the public key with an abscissa. Either ordinate gives the
// same shared secret, which is an abscissa too; the even one is taken.
func decompress(g group, x []byte) (*ecdh.PublicKey, error) {
	compressed := append([]byte{2}, x...)
	var full []byte
	var err error
	switch g.size {
	case 32:
		var p *nistec.P256Point
		if p, err = nistec.NewP256Point().SetBytes(compressed); err == nil {
			full = p.Bytes()
		}
	case 48:
		var p *nistec.P384Point
		if p, err = nistec.NewP384Point().SetBytes(compressed); err == nil {
			full = p.Bytes()
		}
	case 66:
		var p *nistec.P521Point
		if p, err = nistec.NewP521Point().SetBytes(compressed); err == nil {
			full = p.Bytes()
		}
	default:
		err = errors.New("no curve of this size")
	}
	if err != nil {
		return nil, fmt.Errorf("owe: public key is not on the curve: %w", err)
	}
	pub, err := g.curve.NewPublicKey(full)
	if err != nil {
		return nil, fmt.Errorf("owe: public key: %w", err)
	}
	return pub, nil
}

package pwd

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/ecc"
	"gosupplicant/engine/keys"
)

// hash is H (2.4): HMAC-SHA-256 with a key of zeros.
func hash(parts ...[]byte) keys.Secret {
	return keys.HashSHA256.HMAC(make([]byte, hashLen), parts...)
}

// kdf is KDF-n (2.5) for so many bits. Beyond whole bytes the bits are the upper
// ones of the last byte.
func kdf(key, label []byte, bits int) keys.Secret {
	n := (bits + 7) / 8
	length := binary.BigEndian.AppendUint16(nil, uint16(bits))
	var out, last []byte
	for i := uint16(1); len(out) < n; i++ {
		last = keys.HashSHA256.HMAC(key, last, binary.BigEndian.AppendUint16(nil, i), label, length)
		out = append(out, last...)
	}
	return out[:n:n]
}

// value is kdf as a number: right-aligned.
func value(key, label []byte, bits int) []byte {
	out := kdf(key, label, bits)
	if shift := (8 - bits%8) % 8; shift != 0 {
		for i := len(out) - 1; i > 0; i-- {
			out[i] = out[i]>>shift | out[i-1]<<(8-shift)
		}
		out[0] >>= shift
	}
	return out
}

// passwordElement is PWE (2.8.3.1).
func passwordElement(c *ecc.Curve, token [tokenLen]byte, peer, server, password []byte) ([]byte, error) {
	f, err := c.Field()
	if err != nil {
		return nil, err
	}
	return c.Hunt(f, func(counter byte, bits int) ([]byte, []byte) {
		seed := hash(token[:], peer, server, password, []byte{counter})
		return seed, value(seed, []byte("EAP-pwd Hunting And Pecking"), bits)
	})
}

// private is one side's commit with what it keeps to itself (2.8.4).
type private struct {
	rand            []byte
	scalar, element []byte
}

// newPrivate draws scalar = (rand + mask) mod order and element = -(mask · PWE).
func newPrivate(c *ecc.Curve, rand io.Reader, pwe []byte) (*private, error) {
	for range ecc.MaxDraws {
		own, err := c.Order.Random(rand)
		if err != nil {
			return nil, err
		}
		mask, err := c.Order.Random(rand)
		if err != nil {
			return nil, err
		}
		scalar, err := c.Order.Sum(own, mask)
		if err != nil {
			return nil, err
		}
		if c.Order.Check(scalar) != nil {
			continue
		}
		back, err := c.Order.Negated(mask)
		if err != nil {
			return nil, err
		}
		element, err := c.Mul(back, pwe)
		clear(mask)
		clear(back)
		if err != nil {
			return nil, err
		}
		return &private{rand: own, scalar: scalar, element: element}, nil
	}
	return nil, fmt.Errorf("%w: no scalar in %d draws", ecc.ErrRandomness, ecc.MaxDraws)
}

// check is what a commit of the other side must pass (2.8.5.2); our own one sent
// back does not.
func (p *private) check(c *ecc.Curve, other commit) error {
	if err := c.Order.Check(other.scalar); err != nil {
		return fmt.Errorf("pwd: server's %w", err)
	}
	if err := c.Check(other.element); err != nil {
		return fmt.Errorf("pwd: server's %w", err)
	}
	if bytes.Equal(other.scalar, p.scalar) || bytes.Equal(other.element, p.element) {
		return ErrReflection
	}
	return nil
}

// shared is k: the x of rand · (scalar · PWE + element).
func (p *private) shared(c *ecc.Curve, pwe []byte, other commit) (keys.Secret, error) {
	e, err := c.Mul(other.scalar, pwe)
	if err == nil {
		e, err = c.Add(e, other.element)
	}
	if err == nil {
		e, err = c.Mul(p.rand, e)
	}
	if err != nil {
		return nil, fmt.Errorf("pwd: shared element: %w", err)
	}
	return keys.Secret(c.X(e)).Clone(), nil
}

// confirmOf is the proof of the side that owns the first pair (2.8.4.3).
func confirmOf(k, element, scalar, otherElement, otherScalar, suite []byte) []byte {
	return hash(k, element, scalar, otherElement, otherScalar, suite)
}

// exported derives what leaves the method (2.9).
func exported(k, confirmP, confirmS, suite, scalarP, scalarS []byte) *eap.Keys {
	mk := hash(k, confirmP, confirmS)
	defer mk.Zero()
	id := append([]byte{byte(eap.TypePWD.Number)}, hash(suite, scalarP, scalarS)...)
	both := kdf(mk, id, 1024)
	return &eap.Keys{MSK: both[:64:64], EMSK: both[64:], SessionID: id}
}

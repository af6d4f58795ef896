package sae

import (
	"bytes"
	"crypto/hkdf"
	"encoding/binary"
	"fmt"

	"gosupplicant/engine/keys"
)

// pmkSize is the length of the PMK with AKMs 8 and 9, in bytes.
const pmkSize = 32

// secrets is what both sides own after two commits (12.4.5.4).
type secrets struct {
	hash  keys.Hash
	kck   keys.Secret
	pmk   keys.Secret
	kek   keys.Secret // SAE-PK alone
	pmkid keys.PMKID
}

func (s *secrets) zero() {
	s.kck.Zero()
	s.pmk.Zero()
	s.kek.Zero()
}

// schedule says how secrets are derived.
type schedule struct {
	h2e, extKey, pk bool
	salt            []byte // rejected groups, those of the side with the greater address first
}

// secretsFrom derives the secrets from the shared number k and the sum of both
// scalars.
func (g *group) secretsFrom(k, sum []byte, how schedule) (*secrets, error) {
	s := &secrets{hash: keys.HashSHA256, pmkid: keys.PMKID(sum[:16])}
	if how.h2e {
		s.hash = g.hash
	}
	size := s.hash.Size()
	salt := how.salt
	if len(salt) == 0 {
		salt = make([]byte, size)
	}
	seed, err := hkdf.Extract(s.hash.New, k, salt)
	if err != nil {
		return nil, fmt.Errorf("sae: %w", err)
	}
	defer clear(seed)
	pmkLen := pmkSize
	if how.extKey {
		pmkLen = size
	}
	label, total := "SAE KCK and PMK", size+pmkLen
	if how.pk {
		label, total = "SAE-PK keys", total+size
	}
	all := keys.KDF(s.hash, seed, label, total, sum)
	s.kck, s.pmk, s.kek = all[:size:size], all[size:size+pmkLen:size+pmkLen], all[size+pmkLen:]
	return s, nil
}

// verifier is the confirm field (12.4.5.5) of the side that owns the first pair.
func (s *secrets) verifier(counter uint16, scalar []byte, e element, peerScalar []byte, peer element) []byte {
	return s.hash.HMAC(s.kck, binary.LittleEndian.AppendUint16(nil, counter), scalar, e, peerScalar, peer)
}

// private is one side's commit with what it must keep to itself (12.4.5.3).
type private struct {
	rand    []byte
	scalar  []byte
	element element
}

// commitTo makes a commit from the password element and two random numbers:
// scalar = (rand + mask) mod order, element = inverse(mask · PWE). An
// ErrScalarRange asks for other numbers.
func (g *group) commitTo(pwe element, rand, mask []byte) (*private, error) {
	scalar, err := g.order.Sum(rand, mask)
	if err != nil {
		return nil, err
	}
	if err := g.order.Check(scalar); err != nil {
		return nil, err
	}
	back, err := g.order.Negated(mask)
	if err != nil {
		return nil, err
	}
	defer clear(back)
	e, err := g.mul(back, pwe)
	if err != nil {
		return nil, err
	}
	return &private{rand: bytes.Clone(rand), scalar: scalar, element: e}, nil
}

// sharedWith returns the number k (12.4.5.4), after the checks that the peer's
// commit must pass, and the sum of both scalars.
func (g *group) sharedWith(own *private, pwe element, peer *commit) (k, sum []byte, err error) {
	if err := g.order.Check(peer.scalar); err != nil {
		return nil, nil, err
	}
	if bytes.Equal(own.scalar, peer.scalar) || bytes.Equal(own.element, peer.element) {
		return nil, nil, ErrReflection
	}
	if err := g.check(peer.element); err != nil {
		return nil, nil, err
	}
	e, err := g.mul(peer.scalar, pwe)
	if err != nil {
		return nil, nil, err
	}
	if e, err = g.add(e, peer.element); err != nil {
		return nil, nil, err
	}
	if e, err = g.mul(own.rand, e); err != nil {
		return nil, nil, err
	}
	if sum, err = g.order.Sum(own.scalar, peer.scalar); err != nil {
		return nil, nil, err
	}
	return g.shared(e), sum, nil
}

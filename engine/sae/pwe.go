package sae

import (
	"bytes"
	"crypto/hkdf"
	"encoding/binary"
	"fmt"

	"filippo.io/bigmod"

	"gosupplicant/engine/dot11"
	"gosupplicant/engine/ecc"
	"gosupplicant/engine/keys"
)

// hunted is the password element by hunting-and-pecking (12.4.4.2.2, 12.4.4.3.2).
// The hash is SHA-256, whatever the group.
func hunted(g *group, f *ecc.Field, a, b dot11.MAC, password []byte) (element, error) {
	addrs := sortedAddrs(a, b)
	return g.hunt(f, func(counter byte, bits int) ([]byte, []byte) {
		seed := keys.HashSHA256.HMAC(addrs, password, []byte{counter})
		return seed, kdfBits(keys.HashSHA256, seed, "SAE Hunting and Pecking", bits, g.prime)
	})
}

// sortedAddrs returns the greater address before the lesser one.
func sortedAddrs(a, b dot11.MAC) []byte {
	if bytes.Compare(a[:], b[:]) < 0 {
		a, b = b, a
	}
	return append(a[:], b[:]...)
}

// kdfBits is keys.KDF for a number of bits that need not be a multiple of 8
// (12.7.1.6.2). The result is right-aligned: a big-endian number.
func kdfBits(h keys.Hash, key []byte, label string, bits int, context []byte) []byte {
	n := (bits + 7) / 8
	if bits%8 == 0 {
		return keys.KDF(h, key, label, n, context)
	}
	var out []byte
	length := binary.LittleEndian.AppendUint16(nil, uint16(bits))
	for i := uint16(1); len(out) < n; i++ {
		counter := binary.LittleEndian.AppendUint16(nil, i)
		out = append(out, h.HMAC(key, counter, []byte(label), context, length)...)
	}
	out = out[:n]
	shift := 8 - bits%8
	for i := n - 1; i > 0; i-- {
		out[i] = out[i]>>shift | out[i-1]<<(8-shift)
	}
	out[0] >>= shift
	return out
}

// expand is HKDF-Expand (RFC 5869).
func expand(h keys.Hash, prk []byte, info string, n int) ([]byte, error) {
	out, err := hkdf.Expand(h.New, prk, info, n)
	if err != nil {
		return nil, fmt.Errorf("sae: %w", err)
	}
	return out, nil
}

// PT is the secret element that hash-to-element derives from a network's name,
// password and password identifier for one group (12.4.4.2.3, 12.4.4.3.3). It is
// good for every peer of the network. It prints as its group.
type PT struct {
	group *group
	elem  element
}

// DerivePT derives the PT for a group. It takes less than a millisecond for an
// elliptic curve on a desktop processor. The error is about the group, an empty
// SSID or password, or an identifier of more than 254 bytes.
func DerivePT(id uint16, ssid []byte, password keys.Secret, identifier []byte) (*PT, error) {
	g, err := newGroup(id)
	if err != nil {
		return nil, err
	}
	if len(ssid) == 0 || len(ssid) > dot11.MaxSSIDLen || len(password) == 0 || len(identifier) > maxIdentifier {
		return nil, fmt.Errorf("sae: PT needs an SSID, a password, and an identifier of at most %d bytes", maxIdentifier)
	}
	f, err := g.field()
	if err != nil {
		return nil, err
	}
	return derivePT(g, f, ssid, password, identifier)
}

func derivePT(g *group, f *ecc.Field, ssid, password, identifier []byte) (*PT, error) {
	secret := append(append(make([]byte, 0, len(password)+len(identifier)), password...), identifier...)
	defer clear(secret)
	seed, err := hkdf.Extract(g.hash.New, secret, ssid)
	if err != nil {
		return nil, fmt.Errorf("sae: %w", err)
	}
	e, err := g.hashTo(f, g.hash, seed)
	if err != nil {
		return nil, err
	}
	return &PT{group: g, elem: e}, nil
}

// Group returns the number of the group.
func (p *PT) Group() uint16 { return p.group.id }

// String names the group and nothing else.
func (p PT) String() string { return fmt.Sprintf("PT of group %d", p.group.id) }

// GoString is String.
func (p PT) GoString() string { return p.String() }

// pwe is the password element for a pair of addresses (12.4.5.2).
func (p *PT) pwe(a, b dot11.MAC) (element, error) {
	g := p.group
	val := g.hash.HMAC(make([]byte, g.hash.Size()), sortedAddrs(a, b))
	q := g.order.Modulus()
	qMinus1, err := bigmod.NewModulus(bigmod.NewNat().ExpandFor(q).SubOne(q).Bytes(q))
	if err != nil {
		return nil, fmt.Errorf("sae: %w", err)
	}
	k, err := bigmod.NewNat().SetBytes(ecc.Reduce(val, qMinus1).Bytes(qMinus1), q)
	if err != nil {
		return nil, fmt.Errorf("sae: %w", err)
	}
	one := bigmod.NewNat().SetUint(1).ExpandFor(q)
	return g.mul(k.Add(one, q).Bytes(q), p.elem)
}

// PTs derives the PTs of one network when they are first needed, and keeps them.
type PTs struct {
	ssid, identifier []byte
	password         keys.Secret
	known            map[uint16]*PT
}

// NewPTs returns an empty set for a network. Nothing is derived yet.
func NewPTs(ssid []byte, password keys.Secret, identifier []byte) *PTs {
	return &PTs{ssid: bytes.Clone(ssid), identifier: bytes.Clone(identifier), password: password.Clone(), known: map[uint16]*PT{}}
}

// For returns the PT for a group, deriving it unless that has been done. Errors
// are those of DerivePT.
func (s *PTs) For(id uint16) (*PT, error) {
	if pt := s.known[id]; pt != nil {
		return pt, nil
	}
	pt, err := DerivePT(id, s.ssid, s.password, s.identifier)
	if err != nil {
		return nil, err
	}
	s.known[id] = pt
	return pt, nil
}

// DropPassword forgets the password, after which only the groups derived so far
// are there, until GivePassword.
func (s *PTs) DropPassword() {
	s.password.Zero()
	s.password = nil
}

// GivePassword takes the password of the set again, to derive for further groups.
func (s *PTs) GivePassword(password keys.Secret) { s.password = password.Clone() }

// String tells how many PTs are there.
func (s PTs) String() string { return fmt.Sprintf("%d PTs", len(s.known)) }

// GoString is String.
func (s PTs) GoString() string { return s.String() }

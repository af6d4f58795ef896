package sae

import (
	"encoding/hex"
	"fmt"

	"filippo.io/bigmod"

	"gosupplicant/engine/ecc"
	"gosupplicant/engine/keys"
)

// element is a member of a group as it stands in a commit: both coordinates of
// a point, or a number, big-endian and padded to the length of the prime.
type element []byte

// arith is the arithmetic of a group. Its time depends on the group alone as
// long as results are not the identity, which is an error.
type arith interface {
	// check returns nil if e is in the group and not the identity.
	check(e element) error
	add(a, b element) (element, error)
	// mul is the scalar operation, k being as long as the order.
	mul(k []byte, e element) (element, error)
	// shared is the function F of 12.4.4.2.1 and 12.4.4.3.1: x, or the number itself.
	shared(e element) []byte
	// hunt is hunting-and-pecking, with f as its field.
	hunt(f *ecc.Field, seed ecc.Seeder) (element, error)
	// hashTo is hash-to-element, with f as its field.
	hashTo(f *ecc.Field, h keys.Hash, seed []byte) (element, error)
}

// group is one finite cyclic group.
type group struct {
	arith
	id    uint16
	prime []byte
	size  int // bytes of the prime, and of a scalar
	width int // bytes of an element
	order *ecc.Order
	hash  keys.Hash // with hash-to-element
}

// GroupSupported reports whether the group can be configured: 15, 16, 19, 20 or 21.
func GroupSupported(id uint16) bool {
	switch id {
	case 15, 16, 19, 20, 21:
		return true
	}
	return false
}

func newGroup(id uint16) (*group, error) {
	switch id {
	case 15:
		return newMODP(id, modp3072, keys.HashSHA384)
	case 16:
		return newMODP(id, modp4096, keys.HashSHA512)
	case 19:
		return newCurve(id, keys.HashSHA256)
	case 20:
		return newCurve(id, keys.HashSHA384)
	case 21:
		return newCurve(id, keys.HashSHA512)
	}
	return nil, fmt.Errorf("sae: group %d: %w", id, ErrGroup)
}

func newCurve(id uint16, h keys.Hash) (*group, error) {
	c, err := ecc.NewCurve(id)
	if err != nil {
		return nil, fmt.Errorf("sae: %w", err)
	}
	return &group{arith: &curve{c}, id: id, prime: c.Prime(), size: c.Size, width: 2 * c.Size, order: c.Order, hash: h}, nil
}

func newMODP(id uint16, prime string, h keys.Hash) (*group, error) {
	p, err := hex.DecodeString(prime)
	if err != nil {
		return nil, fmt.Errorf("sae: group %d: %w", id, err)
	}
	mod, err := bigmod.NewModulus(p)
	if err != nil {
		return nil, fmt.Errorf("sae: group %d: %w", id, err)
	}
	half := make([]byte, len(p)) // (p-1)/2
	for i, b := range p {
		half[i] = b >> 1
		if i > 0 {
			half[i] |= p[i-1] << 7
		}
	}
	order, err := ecc.NewOrder(half)
	if err != nil {
		return nil, fmt.Errorf("sae: group %d: %w", id, err)
	}
	return &group{arith: &modp{mod: mod, prime: p, order: half}, id: id, prime: p, size: len(p), width: len(p), order: order, hash: h}, nil
}

// field returns a field of the group's prime for one derivation.
func (g *group) field() (*ecc.Field, error) { return ecc.NewField(g.prime) }

package sae

import (
	"fmt"

	"filippo.io/bigmod"

	"gosupplicant/engine/ecc"
	"gosupplicant/engine/keys"
)

// modp is the group of squares modulo a safe prime. One exponentiation takes tens
// of milliseconds and a station's part of an exchange needs five, during which
// its caller stands still: for those who ask for it.
type modp struct {
	mod          *bigmod.Modulus
	prime, order []byte // order = (prime-1)/2
}

func (m *modp) decode(e element) (*bigmod.Nat, error) {
	n, err := bigmod.NewNat().SetBytes(e, m.mod)
	if err != nil || len(e) != len(m.prime) || n.IsZero() == 1 || n.IsOne() == 1 || n.IsMinusOne(m.mod) == 1 {
		return nil, ErrElement
	}
	return n, nil
}

func (m *modp) encode(n *bigmod.Nat) (element, error) {
	if n.IsZero() == 1 || n.IsOne() == 1 {
		return nil, fmt.Errorf("identity: %w", ErrElement)
	}
	return n.Bytes(m.mod), nil
}

// check is the test of 12.4.5.4: 1 < e < p-1 and e^order = 1.
func (m *modp) check(e element) error {
	n, err := m.decode(e)
	if err != nil {
		return err
	}
	if bigmod.NewNat().Exp(n, m.order, m.mod).IsOne() == 0 {
		return ErrElement
	}
	return nil
}

func (m *modp) add(a, b element) (element, error) {
	x, err := m.decode(a)
	if err != nil {
		return nil, err
	}
	y, err := m.decode(b)
	if err != nil {
		return nil, err
	}
	return m.encode(x.Mul(y, m.mod))
}

func (m *modp) mul(k []byte, e element) (element, error) {
	n, err := m.decode(e)
	if err != nil {
		return nil, err
	}
	return m.encode(bigmod.NewNat().Exp(n, k, m.mod))
}

func (m *modp) shared(e element) []byte { return e }

// hunt is 12.4.4.3.2. (p-1)/order is 2 for safe primes, so a value's square is
// in the group.
func (m *modp) hunt(f *ecc.Field, seed ecc.Seeder) (element, error) {
	found, pwe := uint(0), f.Small(0)
	for n := 1; n <= ecc.HuntRounds || found == 0; n++ {
		if n > ecc.HuntLimit {
			return nil, fmt.Errorf("sae: no element in %d rounds", ecc.HuntLimit)
		}
		_, value := seed(byte(n), m.mod.BitLen())
		cand := f.Square(f.Reduce(value))
		take := ecc.Less(value, m.prime) & (1 ^ cand.IsZero()) & (1 ^ cand.IsOne()) & (found ^ 1)
		pwe = f.Choose(take, cand, pwe)
		found |= take
	}
	return m.encode(pwe)
}

// hashTo is 12.4.4.3.3, up to the PT.
func (m *modp) hashTo(f *ecc.Field, h keys.Hash, seed []byte) (element, error) {
	value, err := expand(h, seed, "SAE Hash to Element", len(m.prime)+(len(m.prime)+1)/2)
	if err != nil {
		return nil, err
	}
	less2 := append([]byte(nil), m.prime...) // p-2; the primes end in ff
	less2[len(less2)-1] -= 2
	mod2, err := bigmod.NewModulus(less2)
	if err != nil {
		return nil, fmt.Errorf("sae: %w", err)
	}
	// value mod (p-2) + 2 is below p.
	n := f.Known(ecc.Reduce(value, mod2).Bytes(mod2))
	return m.encode(f.Square(f.Add(n, f.Small(2))))
}

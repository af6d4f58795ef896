package sae

import (
	"bytes"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"fmt"
	"hash"
	"io"
	"math/big"
	"testing"

	"gosupplicant/engine/dot11"
	"gosupplicant/engine/keys"
)

// The reference computes what this package computes a second time, plainly, with
// math/big and affine formulas, branches and all, after the text of the clauses.

// reference is a group: a curve, or squares modulo a safe prime where b is nil.
type reference struct {
	p, q, b, z *big.Int
	h          func() hash.Hash
}

func referenceOf(id uint16) *reference {
	curve := func(c elliptic.Curve, z int64, h func() hash.Hash) *reference {
		p := c.Params()
		return &reference{p.P, p.N, p.B, big.NewInt(z), h}
	}
	modp := func(hex string, h func() hash.Hash) *reference {
		p, _ := new(big.Int).SetString(hex, 16)
		return &reference{p: p, q: new(big.Int).Rsh(p, 1), h: h}
	}
	switch id {
	case 15:
		return modp(modp3072, sha512.New384)
	case 16:
		return modp(modp4096, sha512.New)
	case 19:
		return curve(elliptic.P256(), -10, sha256.New)
	case 20:
		return curve(elliptic.P384(), -12, sha512.New384)
	}
	return curve(elliptic.P521(), -4, sha512.New)
}

// refElement is a point, or a number with y nil.
type refElement struct{ x, y *big.Int }

func (r *reference) mod(n *big.Int) *big.Int { return n.Mod(n, r.p) }

func (r *reference) rhs(x *big.Int) *big.Int {
	y := new(big.Int).Exp(x, big.NewInt(3), r.p)
	y.Sub(y, new(big.Int).Mul(big.NewInt(3), x))
	return r.mod(y.Add(y, r.b))
}

// add is nil for the identity.
func (r *reference) add(a, c *refElement) *refElement {
	switch {
	case a == nil:
		return c
	case c == nil:
		return a
	case r.b == nil:
		return &refElement{x: r.mod(new(big.Int).Mul(a.x, c.x))}
	}
	num, den := new(big.Int).Sub(c.y, a.y), new(big.Int).Sub(c.x, a.x)
	if r.mod(den).Sign() == 0 {
		if a.y.Cmp(c.y) != 0 {
			return nil
		}
		num.Mul(a.x, a.x).Mul(num, big.NewInt(3)).Sub(num, big.NewInt(3))
		den.Lsh(a.y, 1)
	}
	l := r.mod(num.Mul(num, new(big.Int).ModInverse(r.mod(den), r.p)))
	x := new(big.Int).Mul(l, l)
	r.mod(x.Sub(x, a.x).Sub(x, c.x))
	y := new(big.Int).Sub(a.x, x)
	return &refElement{x, r.mod(y.Mul(y, l).Sub(y, a.y))}
}

func (r *reference) mul(k *big.Int, e *refElement) (out *refElement) {
	if r.b == nil {
		return &refElement{x: new(big.Int).Exp(e.x, k, r.p)}
	}
	for i := k.BitLen() - 1; i >= 0; i-- {
		if out != nil {
			out = r.add(out, out)
		}
		if k.Bit(i) == 1 {
			out = r.add(out, e)
		}
	}
	return out
}

func (r *reference) size() int { return (r.p.BitLen() + 7) / 8 }

func (r *reference) encode(e *refElement) []byte {
	b := e.x.FillBytes(make([]byte, r.size()))
	if e.y != nil {
		b = append(b, e.y.FillBytes(make([]byte, r.size()))...)
	}
	return b
}

func refMAC(h func() hash.Hash, key []byte, parts ...[]byte) []byte {
	m := hmac.New(h, key)
	m.Write(bytes.Join(parts, nil))
	return m.Sum(nil)
}

// refKDF returns the leftmost bits as a number.
func refKDF(h func() hash.Hash, key []byte, label string, bits int, context []byte) *big.Int {
	var out []byte
	for i := 1; len(out)*8 < bits; i++ {
		out = append(out, refMAC(h, key, []byte{byte(i), 0}, []byte(label), context, []byte{byte(bits), byte(bits >> 8)})...)
	}
	n := new(big.Int).SetBytes(out)
	return n.Rsh(n, uint(len(out)*8-bits))
}

func refAddrs(a, b dot11.MAC) []byte {
	if bytes.Compare(a[:], b[:]) > 0 {
		return append(a[:], b[:]...)
	}
	return append(b[:], a[:]...)
}

func (r *reference) hunted(a, b dot11.MAC, password string) *refElement {
	for counter := byte(1); ; counter++ {
		seed := refMAC(sha256.New, refAddrs(a, b), []byte(password), []byte{counter})
		v := refKDF(sha256.New, seed, "SAE Hunting and Pecking", r.p.BitLen(), r.p.Bytes())
		if v.Cmp(r.p) >= 0 {
			continue
		}
		if r.b == nil {
			if e := new(big.Int).Exp(v, big.NewInt(2), r.p); e.Cmp(big.NewInt(1)) > 0 {
				return &refElement{x: e}
			}
			continue
		}
		if y := new(big.Int).ModSqrt(r.rhs(v), r.p); y != nil {
			if y.Bit(0) != uint(seed[31]&1) {
				y.Sub(r.p, y)
			}
			return &refElement{v, y}
		}
	}
}

func (r *reference) hashed(t testing.TB, a, b dot11.MAC, ssid, password string) *refElement {
	prk, err := hkdf.Extract(r.h, []byte(password), []byte(ssid))
	if err != nil {
		t.Fatal(err)
	}
	value := func(info string) *big.Int {
		b, err := hkdf.Expand(r.h, prk, info, r.size()+(r.size()+1)/2)
		if err != nil {
			t.Fatal(err)
		}
		return new(big.Int).SetBytes(b)
	}
	var pt *refElement
	if r.b == nil {
		v := value("SAE Hash to Element")
		v.Mod(v, new(big.Int).Sub(r.p, big.NewInt(2))).Add(v, big.NewInt(2))
		pt = &refElement{x: v.Exp(v, big.NewInt(2), r.p)}
	} else {
		u1, u2 := value("SAE Hash to Element u1 P1"), value("SAE Hash to Element u2 P2")
		pt = r.add(r.sswu(r.mod(u1)), r.sswu(r.mod(u2)))
	}
	n := new(big.Int).SetBytes(refMAC(r.h, make([]byte, r.h().Size()), refAddrs(a, b)))
	n.Mod(n, new(big.Int).Sub(r.q, big.NewInt(1))).Add(n, big.NewInt(1))
	return r.mul(n, pt)
}

func (r *reference) sswu(u *big.Int) *refElement {
	a := big.NewInt(-3)
	zu2 := r.mod(new(big.Int).Mul(r.z, new(big.Int).Mul(u, u)))
	m := r.mod(new(big.Int).Add(new(big.Int).Mul(zu2, zu2), zu2))
	x := new(big.Int)
	if m.Sign() == 0 {
		x.Mul(r.b, new(big.Int).ModInverse(r.mod(new(big.Int).Mul(r.z, a)), r.p))
	} else {
		m.ModInverse(m, r.p).Add(m, big.NewInt(1))
		x.Neg(r.b).Mul(x, new(big.Int).ModInverse(r.mod(a), r.p)).Mul(x, m)
	}
	r.mod(x)
	y := new(big.Int).ModSqrt(r.rhs(x), r.p)
	if y == nil {
		r.mod(x.Mul(x, zu2))
		y = new(big.Int).ModSqrt(r.rhs(x), r.p)
	}
	if y.Bit(0) != u.Bit(0) {
		y.Sub(r.p, y)
	}
	return &refElement{x, y}
}

func TestAgainstReference(t *testing.T) {
	for id, rounds := range map[uint16]int{19: 12, 20: 6, 21: 6, 15: 1, 16: 1} {
		r := referenceOf(id)
		g, err := newGroup(id)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(g.order.Bytes(), r.q.FillBytes(make([]byte, g.size))) || !bytes.Equal(g.prime, r.p.Bytes()) {
			t.Fatalf("group %d: other numbers", id)
		}
		for n := range rounds {
			s := seeded(uint64(1000*int(id) + n))
			var a, b dot11.MAC
			s.Read(a[:])
			s.Read(b[:])
			password, ssid := fmt.Sprintf("password %d", n), fmt.Sprintf("net %d", n)
			f, err := g.field()
			if err != nil {
				t.Fatal(err)
			}
			loop, err := hunted(g, f, a, b, []byte(password))
			if want := r.encode(r.hunted(a, b, password)); err != nil || !bytes.Equal(loop, want) {
				t.Fatalf("group %d, round %d: loop %x, want %x (%v)", id, n, []byte(loop), want, err)
			}
			pt, err := DerivePT(id, []byte(ssid), keys.Secret(password), nil)
			if err != nil {
				t.Fatal(err)
			}
			pwe, err := pt.pwe(a, b)
			refPWE := r.hashed(t, a, b, ssid, password)
			if want := r.encode(refPWE); err != nil || !bytes.Equal(pwe, want) {
				t.Fatalf("group %d, round %d: H2E %x, want %x (%v)", id, n, []byte(pwe), want, err)
			}
			checkExchange(t, g, r, pwe, refPWE, s)
		}
	}
}

// checkExchange follows two commits and the keys after them.
func checkExchange(t *testing.T, g *group, r *reference, pwe element, refPWE *refElement, s io.Reader) {
	t.Helper()
	type half struct {
		own        *private
		rand, mask []byte
		scalar     *big.Int
		element    *refElement
	}
	make1 := func() *half {
		h := &half{}
		var err1, err2, err3 error
		h.rand, err1 = g.order.Random(s)
		h.mask, err2 = g.order.Random(s)
		h.own, err3 = g.commitTo(pwe, h.rand, h.mask)
		if err1 != nil || err2 != nil || err3 != nil {
			t.Fatal(err1, err2, err3)
		}
		h.scalar = new(big.Int).SetBytes(h.rand)
		h.scalar.Add(h.scalar, new(big.Int).SetBytes(h.mask)).Mod(h.scalar, r.q)
		h.element = r.mul(new(big.Int).SetBytes(h.mask), refPWE)
		if h.element.y == nil {
			h.element.x.ModInverse(h.element.x, r.p)
		} else {
			h.element.y.Sub(r.p, h.element.y)
		}
		if !bytes.Equal(h.own.scalar, h.scalar.FillBytes(make([]byte, g.size))) || !bytes.Equal(h.own.element, r.encode(h.element)) {
			t.Fatalf("group %d: commit %x %x, want %x %x", g.id, h.own.scalar, []byte(h.own.element), h.scalar, r.encode(h.element))
		}
		return h
	}
	a, b := make1(), make1()
	k, sum, err := g.sharedWith(a.own, pwe, &commit{group: g.id, scalar: b.own.scalar, element: b.own.element})
	if err != nil {
		t.Fatal(err)
	}
	shared := r.mul(new(big.Int).SetBytes(a.rand), r.add(r.mul(b.scalar, refPWE), b.element))
	refK := shared.x.FillBytes(make([]byte, g.size))
	refSum := new(big.Int).Add(a.scalar, b.scalar)
	context := refSum.Mod(refSum, r.q).FillBytes(make([]byte, g.size))
	if !bytes.Equal(k, refK) || !bytes.Equal(sum, context) {
		t.Fatalf("group %d: k %x, want %x", g.id, k, refK)
	}
	for _, how := range []schedule{{}, {h2e: true}, {h2e: true, extKey: true}, {h2e: true, pk: true}, {h2e: true, salt: []byte{20, 0, 21, 0}}} {
		got, err := g.secretsFrom(k, sum, how)
		if err != nil {
			t.Fatal(err)
		}
		h, label := sha256.New, "SAE KCK and PMK"
		if how.h2e {
			h = r.h
		}
		n := h().Size()
		pmk, total := 32, n+32
		if how.extKey {
			pmk, total = n, n+n
		}
		if how.pk {
			label, total = "SAE-PK keys", total+n
		}
		salt := how.salt
		if salt == nil {
			salt = make([]byte, n)
		}
		all := refKDF(h, refMAC(h, salt, refK), label, total*8, context).FillBytes(make([]byte, total))
		if !got.kck.Equal(all[:n]) || !got.pmk.Equal(all[n:n+pmk]) || !got.kek.Equal(all[n+pmk:]) || !bytes.Equal(got.pmkid[:], context[:16]) {
			t.Fatalf("group %d, %+v: keys differ", g.id, how)
		}
		want := refMAC(h, all[:n], binary.LittleEndian.AppendUint16(nil, 7), b.own.scalar, b.own.element, a.own.scalar, a.own.element)
		if v := got.verifier(7, b.own.scalar, b.own.element, a.own.scalar, a.own.element); !bytes.Equal(v, want) {
			t.Fatalf("group %d: verifier differs", g.id)
		}
	}
}

// TestPrimes holds the MODP primes against their definition in RFC 3526: with
// [x] the integer part, p = 2^n - 2^(n-64) - 1 + 2^64 · ([2^(n-130) pi] + c).
func TestPrimes(t *testing.T) {
	for _, v := range []struct {
		bits, c int64
		hex     string
	}{{3072, 1690314, modp3072}, {4096, 240904, modp4096}} {
		one := big.NewInt(1)
		n := uint(v.bits)
		want := new(big.Int).Lsh(one, n)
		want.Sub(want, new(big.Int).Lsh(one, n-64)).Sub(want, one)
		k := new(big.Int).Add(scaledPi(n-130), big.NewInt(v.c))
		want.Add(want, k.Lsh(k, 64))
		got, ok := new(big.Int).SetString(v.hex, 16)
		if !ok || got.Cmp(want) != 0 {
			t.Errorf("%d bits: %x, want %x", v.bits, got, want)
		}
	}
}

// scaledPi returns the integer part of pi · 2^n by Machin's formula.
func scaledPi(n uint) *big.Int {
	const guard = 64
	one := new(big.Int).Lsh(big.NewInt(1), n+guard)
	arctan := func(inverse int64) *big.Int {
		term := new(big.Int).Quo(one, big.NewInt(inverse))
		sum := new(big.Int).Set(term)
		for k := int64(3); term.Sign() != 0; k += 2 {
			term.Quo(term, big.NewInt(-inverse*inverse))
			sum.Add(sum, new(big.Int).Quo(term, big.NewInt(k)))
		}
		return sum
	}
	pi := arctan(5)
	pi.Lsh(pi, 2).Sub(pi, arctan(239)).Lsh(pi, 2)
	return pi.Rsh(pi, guard)
}

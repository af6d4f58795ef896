package ecc

import (
	"bytes"
	"crypto/elliptic"
	"crypto/sha256"
	"errors"
	"io"
	"math/big"
	"testing"

	"filippo.io/bigmod"
)

// counted is a stream that no two reads get the same bytes of.
type counted struct{ n byte }

func (c *counted) Read(b []byte) (int, error) {
	for i := range b {
		c.n++
		s := sha256.Sum256([]byte{c.n, byte(i)})
		b[i] = s[0]
	}
	return len(b), nil
}

func curves(t *testing.T, f func(t *testing.T, c *Curve, params *elliptic.CurveParams)) {
	for id, e := range map[uint16]elliptic.Curve{19: elliptic.P256(), 20: elliptic.P384(), 21: elliptic.P521()} {
		c, err := NewCurve(id)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(e.Params().Name, func(t *testing.T) { f(t, c, e.Params()) })
	}
}

// TestField compares with math/big.
func TestField(t *testing.T) {
	curves(t, func(t *testing.T, c *Curve, params *elliptic.CurveParams) {
		f, err := c.Field()
		if err != nil {
			t.Fatal(err)
		}
		src := &counted{}
		for range 8 {
			wide := make([]byte, 2*c.Size)
			src.Read(wide)
			x, y := new(big.Int).SetBytes(wide), new(big.Int).SetBytes(wide[5:])
			x.Mod(x, params.P)
			y.Mod(y, params.P)
			a, b := f.Reduce(wide), f.Reduce(wide[5:])
			same := func(what string, got *bigmod.Nat, want *big.Int) {
				t.Helper()
				want.Mod(want, params.P)
				if new(big.Int).SetBytes(f.Bytes(got)).Cmp(want) != 0 {
					t.Errorf("%s: %x, want %x", what, f.Bytes(got), want)
				}
			}
			same("reduce", a, new(big.Int).Set(x))
			same("add", f.Add(a, b), new(big.Int).Add(x, y))
			same("sub", f.Sub(a, b), new(big.Int).Sub(x, y))
			same("neg", f.Neg(a), new(big.Int).Neg(x))
			same("mul", f.Mul(a, b), new(big.Int).Mul(x, y))
			same("inverse", f.Inverse(a), new(big.Int).ModInverse(x, params.P))
			root, ok := f.Root(a)
			if want := new(big.Int).ModSqrt(x, params.P); (want != nil) != (ok == 1) {
				t.Errorf("root of %x: %d", x, ok)
			} else if ok == 1 {
				same("root²", f.Square(root), new(big.Int).Set(x))
			}
			if got := Less(f.Bytes(a), f.Bytes(b)); got != map[bool]uint{true: 1}[x.Cmp(y) < 0] {
				t.Errorf("less: %d", got)
			}
			if !bytes.Equal(f.Bytes(f.Choose(1, a, b)), f.Bytes(a)) || !bytes.Equal(f.Bytes(f.Choose(0, a, b)), f.Bytes(b)) {
				t.Error("choose takes the wrong one")
			}
		}
		if ZeroBytes(f.Bytes(f.Inverse(f.Small(0)))) != 1 || ZeroBytes(f.Bytes(f.Small(1))) != 0 {
			t.Error("zero")
		}
	})
}

// TestScalars: 1 and the order are out of range, what adds up to the order is no
// point any more.
func TestScalars(t *testing.T) {
	curves(t, func(t *testing.T, c *Curve, params *elliptic.CurveParams) {
		g := append(params.Gx.FillBytes(make([]byte, c.Size)), params.Gy.FillBytes(make([]byte, c.Size))...)
		one := make([]byte, c.Size)
		one[c.Size-1] = 1
		for what, s := range map[string][]byte{"zero": make([]byte, c.Size), "one": one, "order": c.Order.Bytes(),
			"all ones": bytes.Repeat([]byte{0xff}, c.Size), "empty": nil, "long": append([]byte{0}, c.Prime()...)} {
			if err := c.Order.Check(s); !errors.Is(err, ErrScalarRange) {
				t.Errorf("%s: %v", what, err)
			}
		}
		k, err := c.Order.Random(&counted{})
		if err != nil || c.Order.Check(k) != nil {
			t.Fatal(err)
		}
		minus, err := c.Order.Negated(k)
		if err != nil {
			t.Fatal(err)
		}
		if sum, err := c.Order.Sum(k, minus); err != nil || ZeroBytes(sum) != 1 {
			t.Errorf("k - k = %x, %v", sum, err)
		}
		p, err1 := c.Mul(k, g)
		q, err2 := c.Mul(minus, g)
		if err1 != nil || err2 != nil || !bytes.Equal(c.X(p), c.X(q)) || bytes.Equal(p, q) {
			t.Errorf("k·G = %x, -k·G = %x; %v, %v", p, q, err1, err2)
		}
		if _, err := c.Add(p, q); !errors.Is(err, ErrElement) {
			t.Errorf("identity: %v", err)
		}
		p[2*c.Size-1] ^= 1
		if err := c.Check(p); !errors.Is(err, ErrElement) {
			t.Errorf("off the curve: %v", err)
		}
	})
	c, _ := NewCurve(19)
	if _, err := c.Order.Random(bytes.NewReader(nil)); !errors.Is(err, ErrRandomness) || !errors.Is(err, io.EOF) {
		t.Errorf("no randomness: %v", err)
	}
	if _, err := c.Order.Random(zeros{}); !errors.Is(err, ErrRandomness) {
		t.Errorf("zeros: %v", err)
	}
	if _, err := NewCurve(22); !errors.Is(err, ErrGroup) {
		t.Errorf("group 22: %v", err)
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// TestPasswordToPoint: both ways give points, the same of the same password, and
// do the same work for every password (CVE-2019-9495, CVE-2022-23304).
func TestPasswordToPoint(t *testing.T) {
	curves(t, func(t *testing.T, c *Curve, params *elliptic.CurveParams) {
		hunts, maps := map[int]int{}, map[int]int{}
		for n := range 6 {
			rounds := 0
			seed := func(counter byte, bits int) ([]byte, []byte) {
				rounds++
				s := sha256.Sum256([]byte{byte(n), counter})
				v := bytes.Repeat(s[:], 3)[:c.Size]
				v[0] &= byte(0xff >> (8*c.Size - bits))
				return s[:], v
			}
			f, _ := c.Field()
			p, err := c.Hunt(f, seed)
			if err != nil || c.Check(p) != nil || rounds != HuntRounds {
				t.Fatalf("%v after %d rounds", err, rounds)
			}
			x := new(big.Int).SetBytes(c.X(p))
			for i := byte(1); ; i++ { // the first that is on the curve
				s, v := seed(i, c.Bits)
				if cand := new(big.Int).SetBytes(v); cand.Cmp(params.P) < 0 && (c.Check(append(c.X(v), p[c.Size:]...)) == nil) {
					if cand.Cmp(x) != 0 || s[31]&1 != p[2*c.Size-1]&1 {
						t.Errorf("found %x with y of bit %d, want %x", x, p[2*c.Size-1]&1, cand)
					}
					break
				} else if cand.Cmp(params.P) < 0 && onCurve(params, cand) {
					t.Errorf("counter %d was passed over", i)
					break
				}
			}
			hunts[f.Muls()]++
			f, _ = c.Field()
			if err := c.Check(c.SSWU(f, f.Small(byte(n)))); err != nil {
				t.Errorf("SSWU(%d): %v", n, err)
			}
			maps[f.Muls()]++
		}
		if len(hunts) != 1 || len(maps) != 1 {
			t.Errorf("work differs: %v, %v", hunts, maps)
		}
	})
}

func onCurve(c *elliptic.CurveParams, x *big.Int) bool {
	y := new(big.Int).Exp(x, big.NewInt(3), nil)
	y.Sub(y, new(big.Int).Mul(big.NewInt(3), x)).Add(y, c.B).Mod(y, c.P)
	return new(big.Int).ModSqrt(y, c.P) != nil
}

package ecc

import (
	"crypto/elliptic"
	"errors"
	"fmt"

	"filippo.io/bigmod"
	"filippo.io/nistec"
)

// Sentinels that errors of this package wrap.
var (
	ErrElement     = errors.New("element not in the group")
	ErrScalarRange = errors.New("scalar out of range")
	ErrRandomness  = errors.New("no usable randomness")
	ErrGroup       = errors.New("unsupported group")
)

// uncompressed is the first byte of a SEC 1 encoding with both coordinates.
const uncompressed = 4

// Curve is a NIST curve: a = -3, cofactor 1, p = 3 mod 4. Points are 2·Size
// bytes, x before y.
type Curve struct {
	Group uint16 // number in the registry of RFC 2409: 19, 20 or 21
	Size  int    // bytes of a coordinate, and of a scalar
	Bits  int    // of the prime
	Order *Order

	ops    arith
	prime  []byte
	b      []byte
	minusZ byte
}

// arith hides the type parameter of points.
type arith interface {
	check(p []byte) error
	add(p, q []byte) ([]byte, error)
	mul(k, p []byte) ([]byte, error)
}

// NewCurve returns P-256 (19), P-384 (20) or P-521 (21); ErrGroup for any other
// number.
func NewCurve(group uint16) (*Curve, error) {
	switch group {
	case 19:
		return newCurve(group, elliptic.P256().Params(), 10, nistec.NewP256Point)
	case 20:
		return newCurve(group, elliptic.P384().Params(), 12, nistec.NewP384Point)
	case 21:
		return newCurve(group, elliptic.P521().Params(), 4, nistec.NewP521Point)
	}
	return nil, fmt.Errorf("ecc: group %d: %w", group, ErrGroup)
}

// newCurve makes a curve; minusZ is the negative of Z for the simplified SWU
// map (IEEE Std 802.11-2024, table 12-1).
func newCurve[P point[P]](group uint16, c *elliptic.CurveParams, minusZ byte, fresh func() P) (*Curve, error) {
	size := (c.BitSize + 7) / 8
	order, err := NewOrder(c.N.Bytes())
	if err != nil {
		return nil, fmt.Errorf("ecc: group %d: %w", group, err)
	}
	return &Curve{
		Group: group, Size: size, Bits: c.BitSize, Order: order,
		ops:   &points[P]{fresh: fresh, size: size},
		prime: c.P.Bytes(), b: c.B.FillBytes(make([]byte, size)), minusZ: minusZ,
	}, nil
}

// Prime returns the prime, Size bytes.
func (c *Curve) Prime() []byte { return append([]byte(nil), c.prime...) }

// Field returns a field of the prime for one derivation.
func (c *Curve) Field() (*Field, error) { return NewField(c.prime) }

// Check returns nil if p is a point of the curve; the identity has no encoding
// and so is none.
func (c *Curve) Check(p []byte) error { return c.ops.check(p) }

// Add returns p + q, ErrElement if that is the identity.
func (c *Curve) Add(p, q []byte) ([]byte, error) { return c.ops.add(p, q) }

// Mul returns k·p, k being as long as the order; ErrElement if that is the
// identity.
func (c *Curve) Mul(k, p []byte) ([]byte, error) { return c.ops.mul(k, p) }

// X returns the abscissa of a point.
func (c *Curve) X(p []byte) []byte { return p[:c.Size] }

// RHS returns x³ - 3x + b.
func (c *Curve) RHS(f *Field, x *bigmod.Nat) *bigmod.Nat {
	y := f.Mul(f.Square(x), x)
	y = f.Sub(y, f.Mul(f.Small(3), x))
	return f.Add(y, f.Known(c.b))
}

// withSign returns the point (x, ±y) whose y has the wanted lowest bit.
func withSign(f *Field, x, y *bigmod.Nat, odd uint) []byte {
	y = f.Choose(y.IsOdd()^odd, f.Neg(y), y)
	return append(f.Bytes(x), f.Bytes(y)...)
}

// point is what the curves of nistec have in common.
type point[P any] interface {
	Add(p, q P) P
	ScalarMult(q P, scalar []byte) (P, error)
	SetBytes(b []byte) (P, error)
	Bytes() []byte
}

// points is the arithmetic of one curve of nistec.
type points[P point[P]] struct {
	fresh func() P
	size  int
}

func (c *points[P]) decode(b []byte) (P, error) {
	p, err := c.fresh().SetBytes(append([]byte{uncompressed}, b...))
	if err != nil || len(b) != 2*c.size {
		return p, ErrElement
	}
	return p, nil
}

func (c *points[P]) encode(p P) ([]byte, error) {
	b := p.Bytes()
	if len(b) != 1+2*c.size {
		return nil, fmt.Errorf("identity: %w", ErrElement)
	}
	return b[1:], nil
}

func (c *points[P]) check(b []byte) error {
	_, err := c.decode(b)
	return err
}

func (c *points[P]) add(a, b []byte) ([]byte, error) {
	p, err := c.decode(a)
	if err != nil {
		return nil, err
	}
	q, err := c.decode(b)
	if err != nil {
		return nil, err
	}
	return c.encode(c.fresh().Add(p, q))
}

func (c *points[P]) mul(k, b []byte) ([]byte, error) {
	p, err := c.decode(b)
	if err != nil {
		return nil, err
	}
	r, err := c.fresh().ScalarMult(p, k)
	if err != nil {
		return nil, fmt.Errorf("ecc: scalar: %w", err)
	}
	return c.encode(r)
}

package bus

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"strings"
)

// ErrMalformed is wrapped by every error about bytes that are no D-Bus message
// or no values of the announced signature.
var ErrMalformed = errors.New("malformed")

// DecodeBody decodes the values of a message body of the given signature. Body
// must start at a multiple of 8 bytes of the message, as bodies do, and must
// hold the values and nothing else. The strings and slices of the result share
// no memory with body.
func DecodeBody(order binary.ByteOrder, sig Signature, body []byte) ([]any, error) {
	d := decoder{data: string(body), swap: order == binary.ByteOrder(binary.BigEndian)}
	return d.body(sig)
}

// decoder walks bytes held in a string, so that the strings it returns need no
// copy. Offsets count from the start of data, which must be 8-aligned in the
// message. The first error sticks.
type decoder struct {
	data  string
	pos   int
	swap  bool // big-endian
	clone bool // copy strings, so that they do not keep data alive
	err   error
}

// maxValues bounds what one body may cost: a byte on the wire can become an
// interface value of 16 bytes and more.
const maxValues = 1 << 17

func (d *decoder) fail(format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf("bus: %w at byte %d: "+format, append([]any{ErrMalformed, d.pos}, args...)...)
		d.pos = len(d.data)
	}
}

func (d *decoder) body(sig Signature) ([]any, error) {
	if sig == "" {
		if len(d.data) != 0 {
			return nil, fmt.Errorf("bus: %w: body of %d bytes without a signature", ErrMalformed, len(d.data))
		}
		return nil, nil
	}
	if !sig.Valid() {
		return nil, fmt.Errorf("bus: %w: %.80q is not a signature", ErrMalformed, string(sig))
	}
	budget := maxValues
	values := make([]any, 0, min(len(sig), 4))
	for rest := sig; rest != ""; {
		n := completeType(string(rest))
		values = append(values, d.value(rest[:n], 0, &budget))
		if d.err != nil {
			return nil, d.err
		}
		rest = rest[n:]
	}
	if d.pos != len(d.data) {
		d.fail("%d bytes follow the last value of %.40q", len(d.data)-d.pos, string(sig))
		return nil, d.err
	}
	return values, nil
}

// take returns the next n bytes.
func (d *decoder) take(n int) string {
	if n < 0 || n > len(d.data)-d.pos {
		d.fail("%d bytes wanted, %d left", n, len(d.data)-d.pos)
		return ""
	}
	s := d.data[d.pos : d.pos+n]
	d.pos += n
	return s
}

// align skips padding, which must be zero.
func (d *decoder) align(n int) {
	for d.pos&(n-1) != 0 && d.err == nil {
		if s := d.take(1); s != "" && s[0] != 0 {
			d.pos--
			d.fail("padding is not zero")
		}
	}
}

func (d *decoder) byte() byte {
	if s := d.take(1); s != "" {
		return s[0]
	}
	return 0
}

func (d *decoder) uint16() uint16 {
	d.align(2)
	s := d.take(2)
	if s == "" {
		return 0
	}
	v := uint16(s[0]) | uint16(s[1])<<8
	if d.swap {
		v = bits.ReverseBytes16(v)
	}
	return v
}

func (d *decoder) uint32() uint32 {
	d.align(4)
	s := d.take(4)
	if s == "" {
		return 0
	}
	v := uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
	if d.swap {
		v = bits.ReverseBytes32(v)
	}
	return v
}

func (d *decoder) uint64() uint64 {
	d.align(8)
	s := d.take(8)
	if s == "" {
		return 0
	}
	lo := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24
	hi := uint64(s[4]) | uint64(s[5])<<8 | uint64(s[6])<<16 | uint64(s[7])<<24
	if d.swap {
		return bits.ReverseBytes64(hi<<32 | lo)
	}
	return hi<<32 | lo
}

func (d *decoder) bool() bool {
	v := d.uint32()
	if v > 1 {
		d.fail("boolean of value %d", v)
	}
	return v == 1
}

// counted returns n bytes that must be followed by a NUL.
func (d *decoder) counted(n uint32) string {
	if uint64(n) >= uint64(len(d.data)-d.pos) {
		d.fail("string of %d bytes, %d left", n, len(d.data)-d.pos)
		return ""
	}
	s := d.take(int(n))
	if end := d.take(1); d.err != nil || end[0] != 0 {
		d.fail("string does not end with NUL")
		return ""
	}
	if d.clone {
		s = strings.Clone(s)
	}
	return s
}

func (d *decoder) string() string {
	s := d.counted(d.uint32())
	if d.err == nil && !validString(s) {
		d.fail("string is not UTF-8 or holds a NUL")
		return ""
	}
	return s
}

func (d *decoder) path() ObjectPath {
	p := ObjectPath(d.counted(d.uint32()))
	if d.err == nil && !p.Valid() {
		d.fail("%.80q is not an object path", string(p))
	}
	return p
}

func (d *decoder) signature() Signature {
	s := Signature(d.counted(uint32(d.byte())))
	if d.err == nil && !s.Valid() {
		d.fail("%.80q is not a signature", string(s))
	}
	return s
}

// value decodes one value of the complete type sig.
func (d *decoder) value(sig Signature, depth int, budget *int) any {
	if *budget--; *budget < 0 {
		d.fail("more than %d values", maxValues)
		return nil
	}
	if depth > maxDepth {
		d.fail("nested deeper than %d", maxDepth)
		return nil
	}
	if d.err != nil {
		return nil
	}
	switch sig[0] {
	case 'v':
		return d.variant(depth, budget)
	case 'a':
		return d.array(sig, depth, budget)
	case '(', '{':
		return d.structure(sig, depth, budget)
	}
	return d.basic(sig[0])
}

func (d *decoder) basic(c byte) any {
	switch c {
	case 'y':
		return d.byte()
	case 'b':
		return d.bool()
	case 'n':
		return int16(d.uint16())
	case 'q':
		return d.uint16()
	case 'i':
		return int32(d.uint32())
	case 'u':
		return d.uint32()
	case 'x':
		return int64(d.uint64())
	case 't':
		return d.uint64()
	case 'd':
		return math.Float64frombits(d.uint64())
	case 's':
		return d.string()
	case 'o':
		return d.path()
	case 'g':
		return d.signature()
	case 'h':
		d.fail("file descriptors are not accepted")
		return nil
	}
	d.fail("type %q is not known", c)
	return nil
}

func (d *decoder) variant(depth int, budget *int) Variant {
	sig := d.signature()
	if d.err == nil && !sig.Single() {
		d.fail("variant of signature %.40q, want one complete type", string(sig))
	}
	if d.err != nil {
		return Variant{}
	}
	return Variant{Sig: sig, Value: d.value(sig, depth+1, budget)}
}

func (d *decoder) structure(sig Signature, depth int, budget *int) Struct {
	d.align(8)
	var fields Struct
	for rest := sig[1 : len(sig)-1]; rest != "" && d.err == nil; {
		n := completeType(string(rest))
		fields = append(fields, d.value(rest[:n], depth+1, budget))
		rest = rest[n:]
	}
	return fields
}

// array decodes an array after checking that its length fits what is left.
func (d *decoder) array(sig Signature, depth int, budget *int) any {
	n := d.uint32()
	d.align(alignment(sig[1]))
	if d.err == nil && uint64(n) > uint64(len(d.data)-d.pos) {
		d.fail("array of %d bytes, %d left", n, len(d.data)-d.pos)
	}
	if d.err != nil {
		return nil
	}
	if sig == "ay" {
		return []byte(d.take(int(n)))
	}
	end := d.pos + int(n)
	// The elements see no further than the array reaches.
	whole := d.data
	d.data = whole[:end]
	v := d.elements(sig[1:], depth, budget)
	if d.err != nil {
		return nil
	}
	d.data = whole
	return v
}

func (d *decoder) elements(elem Signature, depth int, budget *int) any {
	switch elem {
	case "{sv}":
		return d.dict(depth, budget)
	case "s":
		return collect(d, budget, (*decoder).string)
	case "o":
		return collect(d, budget, (*decoder).path)
	case "ay":
		return collect(d, budget, (*decoder).byteArray)
	case "q":
		return collect(d, budget, (*decoder).uint16)
	case "u":
		return collect(d, budget, (*decoder).uint32)
	case "i":
		return collect(d, budget, func(d *decoder) int32 { return int32(d.uint32()) })
	}
	a := Array{Elem: elem}
	if d.clone {
		a.Elem = Signature(strings.Clone(string(elem)))
	}
	for d.pos < len(d.data) && d.err == nil {
		a.Items = append(a.Items, d.value(elem, depth+1, budget))
	}
	return a
}

func (d *decoder) byteArray() []byte {
	n := d.uint32()
	if uint64(n) > uint64(len(d.data)-d.pos) {
		d.fail("array of %d bytes, %d left", n, len(d.data)-d.pos)
		return nil
	}
	return []byte(d.take(int(n)))
}

func collect[T any](d *decoder, budget *int, one func(*decoder) T) []T {
	out := []T{}
	for d.pos < len(d.data) && d.err == nil {
		if *budget--; *budget < 0 {
			d.fail("more than %d values", maxValues)
		}
		out = append(out, one(d))
	}
	return out
}

func (d *decoder) dict(depth int, budget *int) Dict {
	out := Dict{}
	for d.pos < len(d.data) && d.err == nil {
		if *budget--; *budget < 0 || depth+2 > maxDepth {
			d.fail("too many or too deeply nested values")
		}
		d.align(8)
		key := d.string()
		out = append(out, Entry{Key: key, Value: d.variant(depth+1, budget)})
	}
	return out
}

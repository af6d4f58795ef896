package bus

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Encoder appends values to a message body, little-endian, each aligned as the
// D-Bus specification asks. The zero Encoder is an empty body. The typed
// methods do not check that their sequence fits a signature; that is for the
// caller who uses them to build a body for [Conn.ReplyRaw]. The first error
// sticks and is returned by [Encoder.Err].
type Encoder struct {
	buf   []byte
	start int // offset in buf of the byte alignment counts from
	err   error
}

// EncodeBody encodes values as the body of a message. The result may be kept
// and sent any number of times with [Conn.ReplyRaw] and [Conn.EmitRaw].
func EncodeBody(values ...any) (Signature, []byte, error) {
	sig, err := SignatureOf(values...)
	if err != nil {
		return "", nil, err
	}
	var e Encoder
	if err := e.values(sig, values); err != nil {
		return "", nil, err
	}
	return sig, e.buf, nil
}

// Bytes returns what was encoded so far.
func (e *Encoder) Bytes() []byte { return e.buf[e.start:] }

// Err returns the first error met.
func (e *Encoder) Err() error { return e.err }

func (e *Encoder) fail(format string, args ...any) {
	if e.err == nil {
		e.err = fmt.Errorf("bus: encoding: "+format, args...)
	}
}

// Align pads with zero bytes to a multiple of n, a power of two.
func (e *Encoder) Align(n int) {
	for (len(e.buf)-e.start)&(n-1) != 0 {
		e.buf = append(e.buf, 0)
	}
}

// Byte appends a y.
func (e *Encoder) Byte(v byte) { e.buf = append(e.buf, v) }

// Bool appends a b.
func (e *Encoder) Bool(v bool) {
	var u uint32
	if v {
		u = 1
	}
	e.Uint32(u)
}

// Uint16 appends a q, or an n after conversion.
func (e *Encoder) Uint16(v uint16) {
	e.Align(2)
	e.buf = binary.LittleEndian.AppendUint16(e.buf, v)
}

// Uint32 appends a u, or an i after conversion.
func (e *Encoder) Uint32(v uint32) {
	e.Align(4)
	e.buf = binary.LittleEndian.AppendUint32(e.buf, v)
}

// Uint64 appends a t, or an x after conversion.
func (e *Encoder) Uint64(v uint64) {
	e.Align(8)
	e.buf = binary.LittleEndian.AppendUint64(e.buf, v)
}

// String appends an s.
func (e *Encoder) String(v string) {
	if !validString(v) {
		e.fail("string %.40q is not UTF-8 or holds a NUL", v)
		v = ""
	}
	e.text(v)
}

// ObjectPath appends an o.
func (e *Encoder) ObjectPath(v ObjectPath) {
	if !v.Valid() {
		e.fail("%.80q is not an object path", string(v))
		v = "/"
	}
	e.text(string(v))
}

func (e *Encoder) text(v string) {
	e.Uint32(uint32(len(v)))
	e.buf = append(e.buf, v...)
	e.buf = append(e.buf, 0)
}

// Signature appends a g.
func (e *Encoder) Signature(v Signature) {
	if !v.Valid() {
		e.fail("%.80q is not a signature", string(v))
		v = ""
	}
	e.signature(v)
}

func (e *Encoder) signature(v Signature) {
	e.buf = append(e.buf, byte(len(v)))
	e.buf = append(e.buf, v...)
	e.buf = append(e.buf, 0)
}

// ByteArray appends an ay.
func (e *Encoder) ByteArray(v []byte) {
	e.Uint32(uint32(len(v)))
	e.buf = append(e.buf, v...)
}

// Variant appends a v.
func (e *Encoder) Variant(v Variant) { e.variant(v, 0) }

// ArrayMark is the place of an array being encoded.
type ArrayMark struct{ length, first int }

// beginArray opens an array whose elements align to n bytes.
func (e *Encoder) BeginArray(n int) ArrayMark {
	e.Align(4)
	m := ArrayMark{length: len(e.buf)}
	e.buf = append(e.buf, 0, 0, 0, 0)
	e.Align(n)
	m.first = len(e.buf)
	return m
}

// EndArray closes the array and writes its length.
func (e *Encoder) EndArray(m ArrayMark) {
	n := len(e.buf) - m.first
	if n > maxArray {
		e.fail("array of %d bytes, at most %d are allowed", n, maxArray)
		return
	}
	binary.LittleEndian.PutUint32(e.buf[m.length:], uint32(n))
}

func (e *Encoder) variant(v Variant, depth int) {
	// The common signatures are single types by construction.
	if v.Sig != plainSignature(v.Value) || v.Sig == "" {
		if !v.Sig.Single() {
			e.fail("variant of %T has the signature %.40q, want one complete type", v.Value, string(v.Sig))
			return
		}
	}
	e.signature(v.Sig)
	e.value(v.Sig, v.Value, depth+1)
}

// values encodes one value for each complete type of sig.
func (e *Encoder) values(sig Signature, values []any) error {
	rest := sig
	for i, v := range values {
		n := completeType(string(rest))
		if n == 0 {
			return fmt.Errorf("bus: encoding: value %d (%T) has no type in %.40q", i, v, string(sig))
		}
		e.value(rest[:n], v, 0)
		if e.err != nil {
			return e.err
		}
		rest = rest[n:]
	}
	if rest != "" {
		return fmt.Errorf("bus: encoding: no value for %.40q of %.40q", string(rest), string(sig))
	}
	return nil
}

// value encodes v, which must be of the one complete type sig.
func (e *Encoder) value(sig Signature, v any, depth int) {
	if depth > maxDepth {
		e.fail("nested deeper than %d", maxDepth)
		return
	}
	if e.err != nil {
		return
	}
	if plain := plainSignature(v); plain != "" {
		if plain != sig {
			e.fail("%T where %.40q was announced", v, string(sig))
			return
		}
		e.plain(v, depth)
		return
	}
	switch v := v.(type) {
	case Struct:
		e.structure(sig, v, depth)
	case Array:
		e.array(sig, v, depth)
	default:
		e.fail("type %T cannot be sent", v)
	}
}

func (e *Encoder) plain(v any, depth int) {
	switch v := v.(type) {
	case byte:
		e.Byte(v)
	case bool:
		e.Bool(v)
	case int16:
		e.Uint16(uint16(v))
	case uint16:
		e.Uint16(v)
	case int32:
		e.Uint32(uint32(v))
	case uint32:
		e.Uint32(v)
	case int64:
		e.Uint64(uint64(v))
	case uint64:
		e.Uint64(v)
	case float64:
		e.Uint64(math.Float64bits(v))
	case string:
		e.String(v)
	case ObjectPath:
		e.ObjectPath(v)
	case Signature:
		e.Signature(v)
	case Variant:
		e.variant(v, depth)
	case Dict:
		e.dict(v, depth)
	case []byte:
		e.ByteArray(v)
	default:
		e.slice(v)
	}
}

func (e *Encoder) slice(v any) {
	m := e.BeginArray(4)
	switch v := v.(type) {
	case [][]byte:
		for _, x := range v {
			e.ByteArray(x)
		}
	case []string:
		for _, x := range v {
			e.String(x)
		}
	case []ObjectPath:
		for _, x := range v {
			e.ObjectPath(x)
		}
	case []uint16:
		for _, x := range v {
			e.Uint16(x)
		}
	case []int32:
		for _, x := range v {
			e.Uint32(uint32(x))
		}
	case []uint32:
		for _, x := range v {
			e.Uint32(x)
		}
	}
	e.EndArray(m)
}

func (e *Encoder) dict(d Dict, depth int) {
	m := e.BeginArray(8)
	for i := range d {
		e.Align(8)
		e.String(d[i].Key)
		e.variant(d[i].Value, depth+1)
		if e.err != nil {
			e.err = fmt.Errorf("%w (entry %.40q)", e.err, d[i].Key)
			return
		}
	}
	e.EndArray(m)
}

func (e *Encoder) structure(sig Signature, v Struct, depth int) {
	if len(sig) < 3 || (sig[0] != '(' && sig[0] != '{') {
		e.fail("Struct where %.40q was announced", string(sig))
		return
	}
	if !sig.element() {
		e.fail("%.40q is not one complete type", string(sig))
		return
	}
	e.Align(8)
	rest := sig[1 : len(sig)-1]
	for _, f := range v {
		n := completeType(string(rest))
		if n == 0 {
			e.fail("Struct of %d fields where %.40q was announced", len(v), string(sig))
			return
		}
		e.value(rest[:n], f, depth+1)
		rest = rest[n:]
	}
	if rest != "" {
		e.fail("Struct of %d fields where %.40q was announced", len(v), string(sig))
	}
}

func (e *Encoder) array(sig Signature, v Array, depth int) {
	if len(sig) < 2 || sig[0] != 'a' || sig[1:] != v.Elem {
		e.fail("Array of %.40q where %.40q was announced", string(v.Elem), string(sig))
		return
	}
	if !v.Elem.element() {
		e.fail("%.40q is not one complete type", string(v.Elem))
		return
	}
	m := e.BeginArray(alignment(v.Elem[0]))
	for _, x := range v.Items {
		e.value(v.Elem, x, depth+1)
		if e.err != nil {
			return
		}
	}
	e.EndArray(m)
}

// element reports whether s can be the element type of an array: one complete
// type or one dictionary entry.
func (s Signature) element() bool {
	return len(s) < maxSignature && s != "" && completeType("a"+string(s)) == len(s)+1
}

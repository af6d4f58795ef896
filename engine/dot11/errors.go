package dot11

import (
	"encoding/binary"
	"fmt"
)

// ParseError tells what could not be parsed, where and why.
type ParseError struct {
	What   string // what was being read, e.g. "RSNE"
	Offset int    // byte offset inside it
	Reason string
}

// Error formats the three parts in one line.
func (e *ParseError) Error() string {
	return fmt.Sprintf("dot11: %s: offset %d: %s", e.What, e.Offset, e.Reason)
}

// reader walks a buffer with checked reads. The first failure sticks and
// every later read returns zero values, so callers test err once.
type reader struct {
	what string
	buf  []byte
	off  int
	err  error
}

func newReader(what string, b []byte) *reader { return &reader{what: what, buf: b} }

func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = &ParseError{What: r.what, Offset: r.off, Reason: fmt.Sprintf(format, args...)}
	}
}

func (r *reader) left() int { return len(r.buf) - r.off }

// bytes returns the next n bytes; field names them in the error.
func (r *reader) bytes(n int, field string) []byte {
	if r.err != nil {
		return nil
	}
	if n < 0 || n > r.left() {
		r.fail("%s needs %d bytes, %d left", field, n, r.left())
		return nil
	}
	b := r.buf[r.off : r.off+n : r.off+n]
	r.off += n
	return b
}

func (r *reader) u8(field string) uint8 {
	b := r.bytes(1, field)
	if b == nil {
		return 0
	}
	return b[0]
}

func (r *reader) u16(field string) uint16 {
	b := r.bytes(2, field)
	if b == nil {
		return 0
	}
	return binary.LittleEndian.Uint16(b)
}

func (r *reader) u32(field string) uint32 {
	b := r.bytes(4, field)
	if b == nil {
		return 0
	}
	return binary.LittleEndian.Uint32(b)
}

func (r *reader) u64(field string) uint64 {
	b := r.bytes(8, field)
	if b == nil {
		return 0
	}
	return binary.LittleEndian.Uint64(b)
}

func (r *reader) mac(field string) MAC {
	b := r.bytes(6, field)
	if b == nil {
		return MAC{}
	}
	return MAC(b)
}

// rest returns what remains, possibly nothing.
func (r *reader) rest() []byte { return r.bytes(r.left(), "rest") }

package wext

import (
	"fmt"
	"iter"
)

// event is one struct iw_event of a stream.
type event struct {
	cmd    command
	fixed  []byte // what stands behind the header, points excepted
	data   []byte // bytes of a point
	flags  uint16 // flags of a point
	offset int    // in the stream
}

// streamError tells where a stream is malformed.
type streamError struct {
	offset int
	reason string
}

func (e *streamError) Error() string {
	return fmt.Sprintf("wext: event stream, offset %d: %s", e.offset, e.reason)
}

// events yields the events of a stream, and once a *streamError, as last, when
// the rest cannot be read. Data aliases the stream.
func (l layout) events(b []byte) iter.Seq2[event, error] {
	return func(yield func(event, error) bool) {
		for off := 0; off < len(b); {
			e, n, err := l.event(b[off:])
			if err != "" {
				yield(event{}, &streamError{off, err})
				return
			}
			e.offset = off
			if !yield(e, nil) {
				return
			}
			off += n
		}
	}
}

// event reads the first event and its length; reason is empty on success.
func (l layout) event(b []byte) (e event, n int, reason string) {
	if len(b) < 4 {
		return e, 0, fmt.Sprintf("%d bytes, an event has at least %d", len(b), l.header)
	}
	n = int(order.Uint16(b))
	e.cmd = command(order.Uint16(b[2:]))
	switch {
	case n < l.header:
		return e, 0, fmt.Sprintf("%v of length %d, at least %d", e.cmd, n, l.header)
	case n > len(b):
		return e, 0, fmt.Sprintf("%v of length %d in %d bytes", e.cmd, n, len(b))
	}
	if !e.cmd.isPoint() {
		e.fixed = b[l.header:n]
		return e, n, ""
	}
	// A point: its length and flags, padding, data.
	if n < l.header+4 {
		return e, 0, fmt.Sprintf("%v of length %d has no point header", e.cmd, n)
	}
	size := int(order.Uint16(b[l.header:]))
	e.flags = order.Uint16(b[l.header+2:])
	if size == 0 {
		return e, n, ""
	}
	if n < l.point || size > n-l.point {
		return e, 0, fmt.Sprintf("%v with %d bytes of data in length %d", e.cmd, size, n)
	}
	e.data = b[l.point : l.point+size]
	return e, n, ""
}

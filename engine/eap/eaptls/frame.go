package eaptls

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Flags of the first byte of type data (RFC 5216, 3.1). The low three bits are
// the version of PEAP, TTLS and TEAP.
const (
	FlagLength = 0x80
	FlagMore   = 0x40
	FlagStart  = 0x20
	FlagOuter  = 0x10 // outer TLVs, TEAP only
	maskVer    = 0x07
)

// maxMessage bounds a reassembled message, in bytes.
const maxMessage = 1 << 16

// ErrFrame is what errors about the framing wrap.
var ErrFrame = errors.New("eaptls: framing")

// Header is the beginning of type data, decoded.
type Header struct {
	Flags   uint8
	Version uint8
	Total   int // of the TLS message, when Flags has FlagLength; else -1
	Body    []byte
}

// ParseHeader decodes type data; the outer TLVs of TEAP are left in Body.
func ParseHeader(data []byte) (Header, error) {
	if len(data) == 0 {
		return Header{}, fmt.Errorf("%w: no flags", ErrFrame)
	}
	h := Header{Flags: data[0] &^ maskVer, Version: data[0] & maskVer, Total: -1, Body: data[1:]}
	if h.Flags&FlagLength != 0 {
		if len(h.Body) < 4 {
			return Header{}, fmt.Errorf("%w: message length cut after %d bytes", ErrFrame, len(h.Body))
		}
		n := binary.BigEndian.Uint32(h.Body)
		if n > maxMessage {
			return Header{}, fmt.Errorf("%w: message of %d bytes announced, at most %d are taken", ErrFrame, n, maxMessage)
		}
		h.Total, h.Body = int(n), h.Body[4:]
	}
	return h, nil
}

// reassembly collects the fragments of one message.
type reassembly struct {
	buf   []byte
	total int // announced, or -1
	open  bool
}

// add takes one fragment; done tells that the message is complete.
func (r *reassembly) add(h Header) (msg []byte, done bool, err error) {
	more := h.Flags&FlagMore != 0
	if !r.open {
		r.buf, r.total, r.open = r.buf[:0], h.Total, true
	} else if h.Total >= 0 && h.Total != r.total {
		total := r.total
		r.open = false
		return nil, false, fmt.Errorf("%w: length changed from %d to %d between fragments", ErrFrame, total, h.Total)
	}
	n := len(r.buf) + len(h.Body)
	switch {
	case n > maxMessage:
		err = fmt.Errorf("%w: message grew beyond %d bytes", ErrFrame, maxMessage)
	case r.total >= 0 && n > r.total:
		err = fmt.Errorf("%w: %d bytes of a message of %d", ErrFrame, n, r.total)
	case more && len(h.Body) == 0:
		err = fmt.Errorf("%w: empty fragment", ErrFrame)
	case !more && r.total >= 0 && n < r.total:
		err = fmt.Errorf("%w: last fragment ends at %d of %d bytes", ErrFrame, n, r.total)
	}
	if err != nil {
		r.open = false
		return nil, false, err
	}
	r.buf = append(r.buf, h.Body...)
	if more {
		return nil, false, nil
	}
	r.open = false
	return r.buf, true, nil
}

// fragmenter hands out a message in pieces.
type fragmenter struct {
	msg    []byte
	off    int
	limit  int // bytes of type data
	length bool
	ver    uint8
}

func (f *fragmenter) pending() bool { return f.off > 0 && f.off < len(f.msg) }

func (f *fragmenter) load(msg []byte) { f.msg, f.off = msg, 0 }

// next returns the type data of the next fragment, or an acknowledgement when
// there is nothing to send.
func (f *fragmenter) next() []byte {
	flags := f.ver & maskVer
	rest := len(f.msg) - f.off
	if rest == 0 {
		f.load(nil)
		return []byte{flags}
	}
	first := f.off == 0
	room := max(f.limit, 16) - 1
	if first && (f.length || rest > room) {
		flags |= FlagLength
		room -= 4
	}
	n := min(rest, room)
	if n < rest {
		flags |= FlagMore
	}
	out := []byte{flags}
	if flags&FlagLength != 0 {
		out = binary.BigEndian.AppendUint32(out, uint32(len(f.msg)))
	}
	out = append(out, f.msg[f.off:f.off+n]...)
	f.off += n
	if f.off == len(f.msg) {
		f.load(nil)
	}
	return out
}

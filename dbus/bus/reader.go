package bus

import "io"

const readBuffer = 32 << 10

// reader cuts the byte stream into messages. Its buffer is bounded by
// maxIncoming; the body of a longer message is skipped as it comes.
type reader struct {
	buf  []byte
	r, w int // unread bytes are buf[r:w]
	skip int // bytes of an overlong message still to come
}

// fill reads once.
func (in *reader) fill(src io.Reader) error {
	in.makeRoom()
	n, err := src.Read(in.buf[in.w:])
	in.w += n
	if n > 0 {
		return nil
	}
	if err == nil {
		err = io.ErrNoProgress
	}
	return err
}

// makeRoom moves unread bytes to the front of a buffer that is large enough
// for the message they begin.
func (in *reader) makeRoom() {
	want := readBuffer
	if in.w-in.r >= fixedHeader {
		if p, err := parsePrefix(in.buf[in.r:in.w]); err == nil {
			want = max(want, in.need(p))
		}
	}
	rest := in.buf[in.r:in.w]
	if len(in.buf) != want {
		in.buf = make([]byte, want)
	} else if in.r == 0 {
		return
	}
	in.w = copy(in.buf, rest)
	in.r = 0
}

// need returns how many bytes of the message must be at hand to deal with it.
func (in *reader) need(p prefix) int {
	if n := p.header() + p.body; n <= maxIncoming {
		return n
	}
	return p.header()
}

// next returns the next message in the buffer; frame is "" when more bytes are
// needed. A message over maxIncoming comes without its body and whole false.
func (in *reader) next() (p prefix, frame string, whole bool, err error) {
	if in.skip > 0 {
		n := min(in.skip, in.w-in.r)
		in.r += n
		in.skip -= n
	}
	have := in.buf[in.r:in.w]
	if len(have) < fixedHeader {
		return p, "", false, nil
	}
	if p, err = parsePrefix(have); err != nil {
		return p, "", false, err
	}
	need := in.need(p)
	if len(have) < need {
		return p, "", false, nil
	}
	in.r += need
	total := p.header() + p.body
	in.skip = total - need
	return p, string(have[:need]), in.skip == 0, nil
}

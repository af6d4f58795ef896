package bus

import (
	"encoding/binary"
	"fmt"
)

// Message types and flags of the wire.
const (
	typeCall   = 1
	typeReturn = 2
	typeError  = 3
	typeSignal = 4

	flagNoReply     = 1
	flagNoAutoStart = 2
)

// Codes of header fields.
const (
	fieldPath = 1 + iota
	fieldInterface
	fieldMember
	fieldErrorName
	fieldReplySerial
	fieldDestination
	fieldSender
	fieldSignature
	fieldUnixFDs
)

const (
	fixedHeader = 16 // bytes, the length of the field array included
	// maxFields bounds the header fields. The longest a bus relays (a path
	// and seven names of 255 bytes) stays far below, but for the path.
	maxFields = 64 << 10
	// maxWire is the bound of the D-Bus specification for one message.
	maxWire = 128 << 20
)

// prefix is what the first 16 bytes of a message say.
type prefix struct {
	swap   bool // big-endian
	typ    byte
	flags  byte
	body   int // bytes
	serial uint32
	fields int // bytes, without padding
}

// header returns the bytes before the body.
func (p prefix) header() int { return (fixedHeader + p.fields + 7) &^ 7 }

// parsePrefix reads the first 16 bytes of a message. An error means that the
// stream can no longer be followed.
func parsePrefix(b []byte) (prefix, error) {
	var order binary.ByteOrder = binary.LittleEndian
	var p prefix
	switch b[0] {
	case 'l':
	case 'B':
		p.swap = true
		order = binary.BigEndian
	default:
		return p, fmt.Errorf("bus: %w: byte order mark %#x", ErrMalformed, b[0])
	}
	p.typ, p.flags = b[1], b[2]
	if b[3] != 1 {
		return p, fmt.Errorf("bus: %w: protocol version %d", ErrMalformed, b[3])
	}
	body, fields := order.Uint32(b[4:]), order.Uint32(b[12:])
	p.serial = order.Uint32(b[8:])
	if body > maxWire || fields > maxFields {
		return p, fmt.Errorf("bus: %w: header fields of %d and body of %d bytes", ErrMalformed, fields, body)
	}
	p.body, p.fields = int(body), int(fields)
	return p, nil
}

// message is one received message, its body not yet decoded. Its strings are
// parts of the frame.
type message struct {
	prefix
	path        ObjectPath
	iface       string
	member      string
	errorName   string
	destination string
	sender      string
	sig         Signature
	replySerial uint32
	fds         uint32
	raw         string // the body
}

// parseMessage reads the header of a whole frame, or of a frame without its
// body when truncated is set.
func parseMessage(p prefix, frame string) (message, error) {
	m := message{prefix: p}
	d := decoder{data: frame[:fixedHeader+p.fields], pos: fixedHeader, swap: p.swap}
	seen := 0
	for d.pos < len(d.data) && d.err == nil {
		d.align(8)
		code := d.byte()
		sig := d.signature()
		if d.err != nil {
			break
		}
		if code <= fieldUnixFDs {
			if seen&(1<<code) != 0 {
				d.fail("header field %d comes twice", code)
			}
			seen |= 1 << code
		}
		m.field(&d, code, sig)
	}
	if d.err != nil {
		return m, d.err
	}
	m.raw = frame[p.header():]
	return m, m.check()
}

// field decodes one header field; those the specification does not name are
// skipped.
func (m *message) field(d *decoder, code byte, sig Signature) {
	want := Signature("s")
	switch code {
	case fieldPath:
		want = "o"
	case fieldReplySerial, fieldUnixFDs:
		want = "u"
	case fieldSignature:
		want = "g"
	case fieldInterface, fieldMember, fieldErrorName, fieldDestination, fieldSender:
	default:
		if !sig.Single() {
			d.fail("header field %d has the signature %.40q", code, string(sig))
			return
		}
		budget := 256
		d.value(sig, 1, &budget)
		return
	}
	if sig != want {
		d.fail("header field %d has the signature %.40q, want %s", code, string(sig), string(want))
		return
	}
	switch code {
	case fieldPath:
		m.path = d.path()
	case fieldInterface:
		m.iface = d.string()
	case fieldMember:
		m.member = d.string()
	case fieldErrorName:
		m.errorName = d.string()
	case fieldReplySerial:
		m.replySerial = d.uint32()
	case fieldDestination:
		m.destination = d.string()
	case fieldSender:
		m.sender = d.string()
	case fieldSignature:
		m.sig = d.signature()
	case fieldUnixFDs:
		m.fds = d.uint32()
	}
}

// check refuses messages without the fields their type needs, or with names
// that are none.
func (m *message) check() error {
	bad := ""
	switch {
	case m.serial == 0:
		bad = "serial number 0"
	case m.iface != "" && !validInterface(m.iface):
		bad = "interface name"
	case m.member != "" && !validMember(m.member):
		bad = "member name"
	case m.errorName != "" && !validInterface(m.errorName):
		bad = "error name"
	case m.sender != "" && !validBusName(m.sender):
		bad = "sender"
	case m.typ == typeCall && (m.path == "" || m.member == ""):
		bad = "method call without path or member"
	case m.typ == typeSignal && (m.path == "" || m.member == "" || m.iface == ""):
		bad = "signal without path, interface or member"
	case (m.typ == typeReturn || m.typ == typeError) && m.replySerial == 0:
		bad = "reply without reply serial"
	case m.typ == typeError && m.errorName == "":
		bad = "error without a name"
	case m.typ == 0:
		bad = "message type 0"
	}
	if bad != "" {
		return fmt.Errorf("bus: %w: %s", ErrMalformed, bad)
	}
	return nil
}

// args decodes the body.
func (m *message) args() ([]any, error) {
	d := decoder{data: m.raw, swap: m.swap, clone: len(m.raw) > 4096}
	return d.body(m.sig)
}

// outgoing is the header of a message to send.
type outgoing struct {
	typ, flags  byte
	serial      uint32
	path        ObjectPath
	iface       string
	member      string
	errorName   string
	destination string
	replySerial uint32
}

// payload is the body of a message to send: values, or bytes encoded before.
type payload struct {
	sig    Signature
	values []any
	raw    []byte
	isRaw  bool
}

// appendMessage appends a whole message to buf, which is returned unchanged in
// length with an error when the message cannot be sent.
func appendMessage(buf []byte, o *outgoing, p *payload) ([]byte, error) {
	if err := o.check(); err != nil {
		return buf, err
	}
	start := len(buf)
	e := Encoder{buf: buf, start: start}
	e.buf = append(e.buf, 'l', o.typ, o.flags, 1, 0, 0, 0, 0)
	e.Uint32(o.serial)
	e.buf = append(e.buf, 0, 0, 0, 0)
	o.fields(&e, p.sig)
	binary.LittleEndian.PutUint32(e.buf[start+12:], uint32(len(e.buf)-start-fixedHeader))
	e.Align(8)
	body := len(e.buf)
	if p.isRaw {
		e.buf = append(e.buf, p.raw...)
	} else if err := e.values(p.sig, p.values); err != nil {
		return e.buf[:start], err
	}
	if e.err != nil {
		return e.buf[:start], e.err
	}
	n := len(e.buf) - body
	if n > maxWire/2 {
		return e.buf[:start], fmt.Errorf("bus: body of %d bytes is too long to send", n)
	}
	binary.LittleEndian.PutUint32(e.buf[start+4:], uint32(n))
	return e.buf, nil
}

func (o *outgoing) fields(e *Encoder, sig Signature) {
	if o.path != "" {
		e.textField(fieldPath, 'o', string(o.path))
	}
	if o.iface != "" {
		e.textField(fieldInterface, 's', o.iface)
	}
	if o.member != "" {
		e.textField(fieldMember, 's', o.member)
	}
	if o.errorName != "" {
		e.textField(fieldErrorName, 's', o.errorName)
	}
	if o.replySerial != 0 {
		e.Align(8)
		e.buf = append(e.buf, fieldReplySerial, 1, 'u', 0)
		e.Uint32(o.replySerial)
	}
	if o.destination != "" {
		e.textField(fieldDestination, 's', o.destination)
	}
	if sig != "" {
		e.Align(8)
		e.buf = append(e.buf, fieldSignature, 1, 'g', 0)
		e.Signature(sig)
	}
}

func (e *Encoder) textField(code, typ byte, v string) {
	e.Align(8)
	e.buf = append(e.buf, code, 1, typ, 0)
	e.text(v)
}

// check refuses a header that the bus would answer by closing the connection.
func (o *outgoing) check() error {
	switch {
	case o.path != "" && !o.path.Valid():
		return fmt.Errorf("bus: %.80q is not an object path", string(o.path))
	case o.iface != "" && !validInterface(o.iface):
		return fmt.Errorf("bus: %.80q is not an interface name", o.iface)
	case o.member != "" && !validMember(o.member):
		return fmt.Errorf("bus: %.80q is not a member name", o.member)
	case o.errorName != "" && !validInterface(o.errorName):
		return fmt.Errorf("bus: %.80q is not an error name", o.errorName)
	case o.destination != "" && !validBusName(o.destination):
		return fmt.Errorf("bus: %.80q is not a bus name", o.destination)
	case o.typ == typeCall && (o.path == "" || o.member == ""),
		o.typ == typeSignal && (o.path == "" || o.member == "" || o.iface == ""):
		return fmt.Errorf("bus: message without path, interface or member")
	case o.typ == typeError && o.errorName == "":
		return fmt.Errorf("bus: error reply without a name")
	}
	return nil
}

package pwd

import (
	"encoding/binary"
	"errors"
	"fmt"

	"gosupplicant/engine/ecc"
)

// exchange is PWD-Exch (3.1).
type exchange uint8

const (
	exchID      exchange = 1
	exchCommit  exchange = 2
	exchConfirm exchange = 3
)

// Flags beside it.
const (
	flagLength   = 0x80
	flagMore     = 0x40
	exchangeMask = 0x3f
)

// Lengths in bytes.
const (
	hashLen  = 32
	tokenLen = 4
	maxTotal = 4096 // of a whole message; the longest honest one is an ID with a long name
	// totalSlack is by how much Total-Length may exceed the data: some servers
	// count the first fragment's header too, RFC 5931 being silent.
	totalSlack = 3
)

// ErrMalformed is what every refusal of a message wraps.
var ErrMalformed = errors.New("pwd: malformed message")

// fragment is one packet.
type fragment struct {
	exch  exchange
	first bool // total is there
	more  bool
	total int
	data  []byte
}

func parseFragment(b []byte) (fragment, error) {
	if len(b) == 0 {
		return fragment{}, fmt.Errorf("%w: empty", ErrMalformed)
	}
	f := fragment{exch: exchange(b[0] & exchangeMask), first: b[0]&flagLength != 0, more: b[0]&flagMore != 0, data: b[1:]}
	if f.exch < exchID || f.exch > exchConfirm {
		return fragment{}, fmt.Errorf("%w: PWD-Exch %d", ErrMalformed, f.exch)
	}
	if !f.first {
		return f, nil
	}
	if len(f.data) < 2 {
		return fragment{}, fmt.Errorf("%w: Total-Length of %d bytes", ErrMalformed, len(f.data))
	}
	f.total, f.data = int(binary.BigEndian.Uint16(f.data)), f.data[2:]
	if f.total > maxTotal || f.total < len(f.data) {
		return fragment{}, fmt.Errorf("%w: Total-Length %d with %d bytes in the first fragment, at most %d", ErrMalformed, f.total, len(f.data), maxTotal)
	}
	return f, nil
}

// reassembly puts fragments together.
type reassembly struct {
	exch  exchange
	total int
	data  []byte // nil between messages
}

// add takes a fragment. It returns the whole message once it is there, nil while
// more is to come. A fragment that does not fit changes nothing.
func (r *reassembly) add(f fragment) ([]byte, error) {
	switch {
	case r.data == nil && !f.more: // a message of its own
		if f.first && f.total-len(f.data) > totalSlack {
			return nil, fmt.Errorf("%w: Total-Length %d, %d bytes came", ErrMalformed, f.total, len(f.data))
		}
		return f.data, nil
	case r.data == nil && !f.first:
		return nil, fmt.Errorf("%w: first fragment without Total-Length", ErrMalformed)
	case r.data == nil:
		*r = reassembly{exch: f.exch, total: f.total, data: append(make([]byte, 0, f.total), f.data...)}
		return nil, nil
	case f.first || f.exch != r.exch:
		return nil, fmt.Errorf("%w: a new message in the middle of another", ErrMalformed)
	case len(f.data) == 0 || len(r.data)+len(f.data) > r.total:
		return nil, fmt.Errorf("%w: fragment of %d bytes behind %d of %d", ErrMalformed, len(f.data), len(r.data), r.total)
	case !f.more && r.total-len(r.data)-len(f.data) > totalSlack:
		return nil, fmt.Errorf("%w: Total-Length %d, %d bytes came", ErrMalformed, r.total, len(r.data)+len(f.data))
	}
	r.data = append(r.data, f.data...)
	if f.more {
		return nil, nil
	}
	whole := r.data
	*r = reassembly{}
	return whole, nil
}

// identity is the message of the ID exchange (3.2.1).
type identity struct {
	group  uint16
	random uint8 // random function
	prf    uint8
	token  [tokenLen]byte
	prep   prep
	name   []byte
}

const identityFixed = 9

func parseIdentity(b []byte) (identity, error) {
	if len(b) < identityFixed {
		return identity{}, fmt.Errorf("%w: ID of %d bytes, at least %d", ErrMalformed, len(b), identityFixed)
	}
	return identity{
		group: binary.BigEndian.Uint16(b), random: b[2], prf: b[3],
		token: [tokenLen]byte(b[4:]), prep: prep(b[8]), name: b[identityFixed:],
	}, nil
}

// suite is the Ciphersuite that hashes cover.
func (i *identity) suite() []byte {
	return append(binary.BigEndian.AppendUint16(nil, i.group), i.random, i.prf)
}

func (i *identity) marshal() []byte {
	b := append(i.suite(), i.token[:]...)
	return append(append(b, byte(i.prep)), i.name...)
}

// commit is the message of the Commit exchange (3.2.2).
type commit struct {
	salt            []byte
	element, scalar []byte
}

func parseCommit(b []byte, c *ecc.Curve, salted bool) (commit, error) {
	var m commit
	if salted {
		if len(b) == 0 || b[0] == 0 || int(b[0]) > len(b)-1 {
			return commit{}, fmt.Errorf("%w: salt beyond %d bytes, or empty", ErrMalformed, len(b))
		}
		m.salt, b = b[1:1+int(b[0])], b[1+int(b[0]):]
	}
	if len(b) != 3*c.Size {
		return commit{}, fmt.Errorf("%w: commit of %d bytes, group %d has %d", ErrMalformed, len(b), c.Group, 3*c.Size)
	}
	m.element, m.scalar = b[:2*c.Size], b[2*c.Size:]
	return m, nil
}

package sim

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// attribute is the type of an attribute (RFC 4186, 10; RFC 4187, 10; RFC 9048, 3).
type attribute uint8

const (
	atRand            attribute = 1
	atAutn            attribute = 2
	atRes             attribute = 3
	atAuts            attribute = 4
	atPadding         attribute = 6
	atNonceMT         attribute = 7
	atPermanentIDReq  attribute = 10
	atMAC             attribute = 11
	atNotification    attribute = 12
	atAnyIDReq        attribute = 13
	atIdentity        attribute = 14
	atVersionList     attribute = 15
	atSelectedVersion attribute = 16
	atFullAuthIDReq   attribute = 17
	atCounter         attribute = 19
	atCounterTooSmall attribute = 20
	atNonceS          attribute = 21
	atClientErrorCode attribute = 22
	atKDFInput        attribute = 23
	atKDF             attribute = 24
	atSkippable       attribute = 128 // from here on unknown ones are skipped
	atIV              attribute = 129
	atEncrData        attribute = 130
	atNextPseudonym   attribute = 132
	atNextReauthID    attribute = 133
	atCheckcode       attribute = 134
	atResultInd       attribute = 135
	atBidding         attribute = 136
)

// Lengths in bytes.
const (
	randLen  = 16
	autnLen  = 16
	macLen   = 16
	nonceLen = 16
	ivLen    = 16
	autsLen  = 14
	sqnLen   = 6
	maxRands = 3
)

// ErrMalformed is what every refusal of a message wraps.
var ErrMalformed = errors.New("sim: malformed message")

// attrs are the attributes of one request, or of its encrypted part. Slices
// share the message's memory; nil is absence.
type attrs struct {
	rands         [][]byte
	autn          []byte
	mac           []byte
	macAt         int // where mac begins
	versions      []byte
	idRequest     attribute // one of the three, or 0
	notification  uint16
	notified      bool
	counter       uint16
	counted       bool
	nonceS        []byte
	kdfInput      []byte
	kdf           []uint16
	iv, encrypted []byte
	nextPseudonym []byte
	nextReauthID  []byte
	checkcode     []byte // empty, not nil, when it has no hash
	resultInd     bool
	bidding       uint16
}

// parseAttrs reads attributes (RFC 4186, 8.1): type, length in words of four
// bytes, two bytes of value or reserve, and what follows.
func parseAttrs(b []byte) (*attrs, error) {
	a := &attrs{}
	seen := map[attribute]bool{}
	for at := 0; at < len(b); {
		rest := b[at:]
		if len(rest) < 4 {
			return nil, fmt.Errorf("%w: offset %d: %d bytes left of an attribute", ErrMalformed, at, len(rest))
		}
		t, n := attribute(rest[0]), int(rest[1])*4
		if n == 0 || n > len(rest) {
			return nil, fmt.Errorf("%w: offset %d: attribute %d of %d bytes with %d left", ErrMalformed, at, t, n, len(rest))
		}
		if seen[t] && t != atKDF {
			return nil, fmt.Errorf("%w: offset %d: attribute %d is there twice", ErrMalformed, at, t)
		}
		seen[t] = true
		if err := a.take(t, binary.BigEndian.Uint16(rest[2:]), rest[4:n:n], at+4); err != nil {
			return nil, fmt.Errorf("%w: offset %d: attribute %d: %w", ErrMalformed, at, t, err)
		}
		at += n
	}
	return a, nil
}

// fixed returns body if it has n bytes.
func fixed(body []byte, n int) ([]byte, error) {
	if len(body) != n {
		return nil, fmt.Errorf("%d bytes, want %d", len(body), n)
	}
	return body, nil
}

// counted returns the first n bytes of body, behind which is less than a word of
// padding.
func counted(body []byte, n uint16) ([]byte, error) {
	if int(n) > len(body) || len(body)-int(n) > 3 {
		return nil, fmt.Errorf("length %d in %d bytes", n, len(body))
	}
	return body[:n:n], nil
}

// take stores one attribute; at is where body begins.
func (a *attrs) take(t attribute, value uint16, body []byte, at int) (err error) {
	switch t {
	case atAutn:
		a.autn, err = fixed(body, autnLen)
	case atMAC:
		a.macAt = at
		a.mac, err = fixed(body, macLen)
	case atNonceS:
		a.nonceS, err = fixed(body, nonceLen)
	case atIV:
		a.iv, err = fixed(body, ivLen)
	case atVersionList:
		a.versions, err = counted(body, value)
	case atKDFInput:
		a.kdfInput, err = counted(body, value)
	case atNextPseudonym:
		a.nextPseudonym, err = counted(body, value)
	case atNextReauthID:
		a.nextReauthID, err = counted(body, value)
	case atRand:
		err = a.takeRands(body)
	case atEncrData:
		if a.encrypted = body; len(body) == 0 || len(body)%16 != 0 {
			err = fmt.Errorf("%d bytes are no blocks of 16", len(body))
		}
	case atCheckcode:
		if a.checkcode = body[:len(body):len(body)]; len(body) != 0 && len(body) != 20 && len(body) != 32 {
			err = fmt.Errorf("%d bytes", len(body))
		}
	case atPadding:
		err = checkPadding(value, body)
	default:
		err = a.takeWord(t, value, body)
	}
	return err
}

// takeWord stores an attribute that is a number or its own presence.
func (a *attrs) takeWord(t attribute, value uint16, body []byte) error {
	switch t {
	case atPermanentIDReq, atAnyIDReq, atFullAuthIDReq:
		if a.idRequest != 0 {
			return fmt.Errorf("another identity request beside it")
		}
		a.idRequest = t
	case atNotification:
		a.notification, a.notified = value, true
	case atCounter:
		a.counter, a.counted = value, true
	case atKDF:
		a.kdf = append(a.kdf, value)
	case atResultInd:
		a.resultInd = true
	case atBidding:
		a.bidding = value
	default:
		if t < atSkippable {
			return fmt.Errorf("unknown, and not to be skipped")
		}
		return nil
	}
	_, err := fixed(body, 0)
	return err
}

func (a *attrs) takeRands(body []byte) error {
	if len(body) == 0 || len(body)%randLen != 0 || len(body) > maxRands*randLen {
		return fmt.Errorf("%d bytes are not 1 to %d challenges", len(body), maxRands)
	}
	for ; len(body) > 0; body = body[randLen:] {
		a.rands = append(a.rands, body[:randLen:randLen])
	}
	return nil
}

// checkPadding is RFC 4186, 10.12: 4, 8 or 12 bytes of zeros.
func checkPadding(value uint16, body []byte) error {
	if len(body) > 8 {
		return fmt.Errorf("padding of %d bytes", 4+len(body))
	}
	for _, b := range body {
		value |= uint16(b)
	}
	if value != 0 {
		return fmt.Errorf("padding is not zero")
	}
	return nil
}

// appendAttr appends an attribute, filling up the last word.
func appendAttr(b []byte, t attribute, value uint16, body []byte) []byte {
	words := (4 + len(body) + 3) / 4
	b = append(b, byte(t), byte(words), byte(value>>8), byte(value))
	b = append(b, body...)
	return append(b, make([]byte, 4*words-4-len(body))...)
}

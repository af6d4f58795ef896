package mschapv2

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// opCode is the first byte of a message.
type opCode uint8

const (
	opChallenge      opCode = 1
	opResponse       opCode = 2
	opSuccess        opCode = 3
	opFailure        opCode = 4
	opChangePassword opCode = 7
)

// ErrMalformed is what every refusal of a message wraps.
var ErrMalformed = errors.New("mschapv2: malformed message")

// headerLen is OpCode, MS-CHAPv2-ID and MS-Length.
const headerLen = 4

// message is a request of the server.
type message struct {
	op   opCode
	id   uint8
	body []byte // behind the header
}

// parseMessage reads a request. An MS-Length that does not fit is put up with
// when lenient: some servers get it wrong.
func parseMessage(b []byte, lenient bool) (message, error) {
	if len(b) < headerLen {
		return message{}, fmt.Errorf("%w: %d bytes, a header has %d", ErrMalformed, len(b), headerLen)
	}
	if n := int(binary.BigEndian.Uint16(b[2:])); n != len(b) && !lenient {
		return message{}, fmt.Errorf("%w: MS-Length %d in %d bytes", ErrMalformed, n, len(b))
	}
	return message{op: opCode(b[0]), id: b[1], body: b[headerLen:]}, nil
}

// parseChallenge returns the authenticator's challenge; its name says nothing.
func parseChallenge(body []byte) ([]byte, error) {
	if len(body) < 1+ChallengeLen || body[0] != ChallengeLen {
		return nil, fmt.Errorf("%w: challenge of %d bytes, want a value of %d", ErrMalformed, len(body), ChallengeLen)
	}
	return body[1 : 1+ChallengeLen], nil
}

// parseSuccess returns the server's proof out of "S=<40 hexadecimal digits> M=<text>".
func parseSuccess(body []byte) ([]byte, error) {
	text, ok := strings.CutPrefix(string(body), "S=")
	if !ok || len(text) < 40 {
		return nil, fmt.Errorf("%w: success without S= and 40 digits", ErrMalformed)
	}
	proof, err := hex.DecodeString(text[:40])
	if err != nil {
		return nil, fmt.Errorf("%w: success: S=: %w", ErrMalformed, err)
	}
	return proof, nil
}

// Error numbers of failures (RFC 2759, 6).
const (
	errRestrictedHours = 646
	errDisabled        = 647
	errExpired         = 648
	errNoDialin        = 649
	errAuthentication  = 691
	errChanging        = 709
)

// failure is "E=<number> R=<0|1> C=<challenge> V=<version> M=<text>".
type failure struct {
	code      int
	retry     bool
	challenge []byte // nil without a whole one
	version   int
	text      string
}

// reason returns the number's meaning.
func (f *failure) reason() string {
	switch f.code {
	case errRestrictedHours:
		return "not at this hour"
	case errDisabled:
		return "account disabled"
	case errExpired:
		return "password expired"
	case errNoDialin:
		return "no permission to dial in"
	case errAuthentication:
		return "wrong user name or password"
	case errChanging:
		return "the password could not be changed"
	}
	return "error " + strconv.Itoa(f.code)
}

// parseFailure reads what it finds: servers leave fields out.
func parseFailure(body []byte) (*failure, error) {
	f := &failure{}
	rest := string(body)
	for rest != "" {
		if text, ok := strings.CutPrefix(rest, "M="); ok { // the last one: it may have blanks
			f.text = text
			break
		}
		word, after, _ := strings.Cut(rest, " ")
		rest = after
		name, value, _ := strings.Cut(word, "=")
		switch name {
		case "E":
			n, err := strconv.Atoi(value)
			if err != nil {
				return nil, fmt.Errorf("%w: failure: E=%q", ErrMalformed, value)
			}
			f.code = n
		case "R":
			f.retry = value == "1"
		case "C":
			if b, err := hex.DecodeString(value); err == nil && len(b) == ChallengeLen {
				f.challenge = b
			}
		case "V":
			if n, err := strconv.Atoi(value); err == nil {
				f.version = n
			}
		}
	}
	return f, nil
}

// appendHeader begins a message whose body has n bytes.
func appendHeader(op opCode, id uint8, n int) []byte {
	return binary.BigEndian.AppendUint16([]byte{byte(op), id}, uint16(headerLen+n))
}

// buildResponse is the answer to a challenge.
func buildResponse(id uint8, peer []byte, response [ResponseLen]byte, name []byte) []byte {
	const value = ChallengeLen + 8 + ResponseLen + 1
	b := appendHeader(opResponse, id, 1+value+len(name))
	b = append(append(b, value), peer...)
	b = append(b, make([]byte, 8)...)
	b = append(append(b, response[:]...), 0)
	return append(b, name...)
}

// buildChange asks for another password (RFC 2759, 7).
func buildChange(id uint8, block, oldHash, peer []byte, response [ResponseLen]byte) []byte {
	b := appendHeader(opChangePassword, id, len(block)+len(oldHash)+len(peer)+8+ResponseLen+2)
	b = append(append(append(b, block...), oldHash...), peer...)
	b = append(b, make([]byte, 8)...)
	return append(append(b, response[:]...), 0, 0)
}

// Package md5 is EAP-MD5 (RFC 3748, 5.4) as a method of engine/eap: CHAP over
// EAP. It makes no keys, does not authenticate the server and invites guessing,
// so that it serves cables and the inside of tunnels only.
package md5

import (
	"crypto/md5"
	"errors"
	"fmt"

	"gosupplicant/engine/eap"
)

// ErrMalformed is what every refusal of a request wraps.
var ErrMalformed = errors.New("md5: malformed request")

// Kind describes the method.
func Kind() eap.Kind {
	return eap.Kind{Type: eap.TypeMD5, Name: "MD5", Outer: true, Inner: true, New: newMethod}
}

type method struct{ env *eap.Env }

func newMethod(env *eap.Env) (eap.Method, error) {
	if env.Config.Password.Hash {
		return nil, fmt.Errorf("%w: MD5 needs the password itself, not its NT hash", eap.ErrConfig)
	}
	return &method{env: env}, nil
}

// parseChallenge returns the value; the server's name behind it says nothing.
func parseChallenge(b []byte) ([]byte, error) {
	switch {
	case len(b) == 0:
		return nil, fmt.Errorf("%w: empty", ErrMalformed)
	case b[0] == 0:
		return nil, fmt.Errorf("%w: challenge without a value", ErrMalformed)
	case int(b[0]) > len(b)-1:
		return nil, fmt.Errorf("%w: Value-Size %d with %d bytes left", ErrMalformed, b[0], len(b)-1)
	}
	return b[1 : 1+int(b[0])], nil
}

// Digest is the answer of CHAP with MD5 (RFC 1994, 4.1).
func Digest(id uint8, password, challenge []byte) [md5.Size]byte {
	h := md5.New()
	h.Write([]byte{id})
	h.Write(password)
	h.Write(challenge)
	return [md5.Size]byte(h.Sum(nil))
}

// Process answers a challenge.
func (m *method) Process(r eap.Request) eap.Result {
	challenge, err := parseChallenge(r.Data)
	if err != nil {
		return eap.Result{Ignore: err}
	}
	pw, need := m.env.Password()
	if need != nil {
		return eap.Result{Need: need}
	}
	sum := Digest(r.ID, pw.Value, challenge)
	return eap.Result{
		Response: eap.Response(r.ID, eap.TypeMD5, []byte{md5.Size}, sum[:]),
		State:    eap.MethodStateDone, Decision: eap.DecisionCondSucc,
	}
}

// Keys returns nil: the method makes none.
func (m *method) Keys() *eap.Keys { return nil }

// Status has nothing to tell.
func (m *method) Status() []eap.KeyValue { return nil }

// Close has nothing to free.
func (m *method) Close() {}

// Package gtc is EAP-GTC (RFC 3748, 5.6) as a method of engine/eap: the server
// shows a text, the user answers. It makes no keys and what is answered travels
// as it is, so that it belongs inside a tunnel.
//
// The answer is, in this order: what the user typed for this very text, the
// configured or earlier typed password, or else it is asked for.
package gtc

import (
	"fmt"
	"strings"
	"unicode"

	"gosupplicant/engine/eap"
)

// maxText is how much of a server's text is shown, in characters.
const maxText = 255

// Kind describes the method.
func Kind() eap.Kind { return Prompted(eap.TypeGTC, "GTC") }

// Prompted describes a method of the type that works this way; EAP-OTP does too.
func Prompted(t eap.Type, name string) eap.Kind {
	return eap.Kind{Type: t, Name: name, Outer: true, Inner: true, New: func(env *eap.Env) (eap.Method, error) {
		if env.Config.Password.Hash {
			return nil, fmt.Errorf("%w: %s needs the password itself, not its NT hash", eap.ErrConfig, name)
		}
		return &method{kind: t, env: env}, nil
	}}
}

type method struct {
	kind eap.Type
	env  *eap.Env
}

// shown returns a server's text fit for a line of a prompt.
func shown(text []byte) string {
	var b strings.Builder
	n := 0
	for _, r := range strings.ToValidUTF8(string(text[:min(len(text), 4*maxText)]), "?") {
		if n++; n > maxText {
			break
		}
		if !unicode.IsPrint(r) {
			r = ' '
		}
		b.WriteRune(r)
	}
	return strings.TrimSpace(b.String())
}

// Process answers a text. The server may go on asking: tokens want a second code
// now and then.
func (m *method) Process(r eap.Request) eap.Result {
	answer, ok := m.env.Answers.Take(eap.FieldOTP)
	if !ok {
		pw, need := m.env.Password()
		if need != nil {
			return eap.Result{Need: &eap.Need{Field: eap.FieldOTP, Text: shown(r.Data)}}
		}
		answer = pw.Value
	}
	return eap.Result{
		Response: eap.Response(r.ID, m.kind, answer),
		State:    eap.MethodStateMayCont, Decision: eap.DecisionCondSucc,
	}
}

// Keys returns nil: the method makes none.
func (m *method) Keys() *eap.Keys { return nil }

// Status has nothing to tell.
func (m *method) Status() []eap.KeyValue { return nil }

// Close has nothing to free.
func (m *method) Close() {}

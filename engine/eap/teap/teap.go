package teap

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/eap/eaptls"
)

// Kind describes the method.
func Kind() eap.Kind {
	return eap.Kind{Type: eap.TypeTEAP, Name: "TEAP", Outer: true, New: newMethod}
}

// binding is how far the conversation inside has come. It is a value, so that a
// message which has to wait for a credential can be taken back.
type binding struct {
	link     link // the last one bound; its cmk is nil before the first
	finished bool // a method inside ended well and is not bound yet
	proven   bool // one was bound
	identity uint16
}

type method struct {
	env   *eap.Env
	s     *eaptls.Session
	names []string // methods of the user
	byMSK bool     // never bind by EMSK

	outer   []byte // the server's outer TLVs
	prf     prf
	b       binding
	inner   *eap.Inner
	pending []byte // plaintext that waits for a credential

	done     bool // the last message is prepared
	decision eap.Decision
	why      *eap.Reason
	keys     *eap.Keys
}

func newMethod(env *eap.Env) (eap.Method, error) {
	if env.Options().Int("tls_disable_tlsv1_3", 1) == 0 {
		return nil, fmt.Errorf("%w: tls_disable_tlsv1_3=0: TEAP with TLS 1.3 is not built", eap.ErrConfig)
	}
	m := &method{env: env, names: authNames(env.Config.Phase2), b: binding{identity: identityUser}}
	if v, ok := env.Options().Get("teap_compat"); ok {
		if v != "freeradius" {
			return nil, fmt.Errorf("%w: teap_compat=%s is not known", eap.ErrConfig, v)
		}
		m.byMSK = true
	}
	for _, phase2 := range []string{env.Config.Phase2, env.Config.MachinePhase2} {
		if _, err := eap.NewInner(env, authNames(phase2)); err != nil {
			return nil, err
		}
	}
	var err error
	m.s, err = eaptls.New(env, eaptls.Options{Type: eap.TypeTEAP, Version: teapVersion, NoVersion10: true})
	if err != nil {
		return nil, err
	}
	return m, nil
}

// authNames returns the methods that a phase2 string names.
func authNames(phase2 string) []string { return eap.Options(phase2).All("auth") }

// start takes the outer TLVs off the server's first message (4.1).
func (m *method) start(data []byte) ([]byte, error) {
	h, err := eaptls.ParseHeader(data)
	if err != nil {
		return nil, err
	}
	switch {
	case h.Flags&eaptls.FlagStart == 0 && h.Flags&eaptls.FlagOuter != 0:
		return nil, fmt.Errorf("%w: outer TLVs behind the first message", ErrMalformed)
	case h.Flags&eaptls.FlagStart == 0:
		return data, nil
	case h.Version < teapVersion:
		return nil, fmt.Errorf("%w: the server offers version %d", ErrMalformed, h.Version)
	}
	var outer []byte
	if h.Flags&eaptls.FlagOuter != 0 {
		if len(h.Body) < 4 || int64(binary.BigEndian.Uint32(h.Body)) != int64(len(h.Body)-4) {
			return nil, fmt.Errorf("%w: length of outer TLVs in %d bytes", ErrMalformed, len(h.Body))
		}
		outer = h.Body[4:]
		if _, err := parseMessage(outer); err != nil {
			return nil, err
		}
	}
	if !m.s.Established() && m.outer == nil {
		m.outer = append([]byte{}, outer...)
	}
	return []byte{eaptls.FlagStart | teapVersion}, nil
}

// Process implements eap.Method.
func (m *method) Process(req eap.Request) eap.Result {
	r := eap.Result{State: eap.MethodStateMayCont}
	if m.pending != nil {
		return m.inside(req, r, m.pending)
	}
	data, err := m.start(req.Data)
	if err != nil {
		return eap.Result{Ignore: err}
	}
	st := m.s.Process(data)
	r.Need, r.Ignore, r.Outputs = st.Need, st.Ignore, st.Outputs
	switch {
	case r.Need != nil || r.Ignore != nil:
		return r
	case st.Failed != nil:
		r.State, r.Why = eap.MethodStateDone, st.Failed
		r.Response = eap.Response(req.ID, eap.TypeTEAP, st.Reply)
		return r
	case st.Reply != nil:
		return m.reply(req, r, st.Reply)
	}
	if st.JustEstablished {
		if err := m.established(); err != nil {
			return m.fail(req, r, nil, &eap.Reason{Check: "keys", Detail: err.Error()})
		}
	}
	if len(st.Plain) > 0 {
		return m.inside(req, r, st.Plain)
	}
	return m.reply(req, r, m.s.Reply())
}

// established derives the seed of the chain (5.1).
func (m *method) established() error {
	seed, err := m.s.Export(labelSeed, nil, seedLen)
	if err != nil {
		return err
	}
	m.prf = prf{expand: m.s.PRF, hash: m.s.Hash()}
	m.b.link = link{simck: seed}
	return nil
}

// reply sends type data; the end counts only when all of it is out.
func (m *method) reply(req eap.Request, r eap.Result, data []byte) eap.Result {
	r.Response = eap.Response(req.ID, eap.TypeTEAP, data)
	if m.done && !m.s.Sending() {
		r.State, r.Decision = eap.MethodStateDone, m.decision
	}
	return r
}

// send puts TLVs into the tunnel.
func (m *method) send(req eap.Request, r eap.Result, tlvs []byte) eap.Result {
	if len(tlvs) > 0 {
		if err := m.s.Write(tlvs); err != nil {
			m.done, m.decision = true, eap.DecisionFail
			r.Why = &eap.Reason{Check: "tls", Detail: err.Error()}
		}
	}
	if r.Why != nil {
		m.why = r.Why
	}
	return m.reply(req, r, m.s.Reply())
}

// fail ends the method, telling the server.
func (m *method) fail(req eap.Request, r eap.Result, more []byte, why *eap.Reason) eap.Result {
	m.done, m.decision, m.keys = true, eap.DecisionFail, nil
	r.Why = why
	return m.send(req, r, append(appendNumber(nil, tlvResult, statusFailure), more...))
}

func (m *method) reason(check, format string, args ...any) *eap.Reason {
	return &eap.Reason{Check: check, Detail: fmt.Sprintf(format, args...), Inner: m.innerType()}
}

func (m *method) innerType() eap.Type {
	if m.inner == nil {
		return eap.TypeNone
	}
	return m.inner.Type()
}

// Keys implements eap.Method.
func (m *method) Keys() *eap.Keys {
	if !m.done || m.decision == eap.DecisionFail {
		return nil
	}
	return m.keys
}

// Status implements eap.Method.
func (m *method) Status() []eap.KeyValue {
	out := m.s.Status()
	if m.inner != nil && m.inner.Name() != "" {
		out = append(out, eap.KeyValue{Key: "EAP-TEAPv1 Phase2 method", Value: m.inner.Name()})
	}
	return out
}

// End implements eap.Ender.
func (m *method) End(success bool) {
	if success {
		m.s.Remember()
	} else {
		m.s.Forget()
	}
}

// Refused implements eap.Refuser.
func (m *method) Refused() *eap.Reason {
	if r := m.s.Refused(); r != nil || m.inner == nil {
		return r
	}
	return &eap.Reason{Check: "server refused", Remote: true, Inner: m.inner.Type(), Detail: "the server did not accept the user's name or password"}
}

// Close implements eap.Method.
func (m *method) Close() {
	if m.inner != nil {
		m.inner.Close()
	}
	m.s.Close()
	clear(m.pending)
	m.b.link.simck.Zero()
	m.b.link.cmk.Zero()
	if m.keys != nil {
		m.keys.MSK.Zero()
		m.keys.EMSK.Zero()
	}
}

// String names the method and nothing else.
func (m *method) String() string { return "EAP-TEAP" }

// GoString is String.
func (m *method) GoString() string { return m.String() }

// plainAllowed tells whether a password may be told as it is.
func (m *method) plainAllowed() bool {
	names := m.names
	if m.b.identity == identityMachine {
		names = authNames(m.env.Config.MachinePhase2)
	}
	return len(names) == 0 || slices.Contains(names, "GTC")
}

// credentials returns the environment of the methods inside for the identity in
// use.
func (m *method) credentials() *eap.Env {
	if m.b.identity != identityMachine {
		return m.env
	}
	c := *m.env.Config
	c.Identity, c.Password, c.Phase2, c.Certs2 = c.MachineIdentity, c.MachinePassword, c.MachinePhase2, c.MachineCerts
	env := *m.env
	env.Config, env.Answers = &c, &eap.Answers{}
	return &env
}

// sessionID is the type and tls-unique (RFC 7170, 3.4).
func (m *method) sessionID() []byte {
	if u := m.s.Unique(); len(u) > 0 {
		return append([]byte{byte(eap.TypeTEAP.Number)}, u...)
	}
	return nil
}

// basic answers Basic-Password-Auth: name and password, a length byte before each.
func (m *method) basic() (tlv []byte, need *eap.Need, why *eap.Reason) {
	env := m.credentials()
	name, need := env.Identity()
	if need != nil {
		return nil, need, nil
	}
	pw, need := env.Password()
	if need != nil {
		return nil, need, nil
	}
	switch {
	case pw.Hash:
		return nil, nil, m.reason("password", "the server asks for the password itself, and only its NT hash is known")
	case len(name) > 255 || len(pw.Value) > 255:
		return nil, nil, m.reason("password", "name or password is longer than the 255 bytes that fit")
	}
	value := bytes.Join([][]byte{{byte(len(name))}, name, {byte(len(pw.Value))}, pw.Value}, nil)
	defer clear(value)
	return appendTLV(nil, tlvBasicResponse, value...), nil, nil
}

// describe tells a server's error code.
func describe(code uint32) string {
	known := map[uint32]string{1001: "user account expired or not known", 1002: "user account locked out", 2001: "tunnel compromised",
		2002: "unexpected TLVs", 1031: "certificate refused"}
	if s, ok := known[code]; ok {
		return fmt.Sprintf("%s (error %d)", s, code)
	}
	return strings.TrimSpace(fmt.Sprintf("error %d", code))
}

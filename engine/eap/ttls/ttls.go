package ttls

import (
	"crypto/tls"
	"fmt"
	"strings"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/eap/eaptls"
	"gosupplicant/engine/eap/mschapv2"
)

// Kind describes the method.
func Kind() eap.Kind {
	return eap.Kind{Type: eap.TypeTTLS, Name: "TTLS", Outer: true, New: newMethod}
}

type method struct {
	env    *eap.Env
	s      *eaptls.Session
	auth   string     // "PAP", "CHAP", "MSCHAP", "MSCHAPV2" or "EAP"
	inner  *eap.Inner // with auth EAP
	phase2 int

	begun    bool // the first message inside was sent
	waiting  bool // for a credential, to begin
	pending  []byte
	decision eap.Decision
	done     bool
	why      *eap.Reason
	keys     *eap.Keys

	proof proof // of MSCHAPv2
}

// proof is what the server's answer of MS-CHAPv2 has to be.
type proof struct {
	ident byte
	want  string // "S=" and 40 hexadecimal digits
}

// auths are the protocols other than EAP.
var auths = map[string]func(*method) ([]byte, *eap.Need, error){
	"PAP": (*method).pap, "CHAP": (*method).chap, "MSCHAP": (*method).mschap, "MSCHAPV2": (*method).mschapv2,
}

func newMethod(env *eap.Env) (eap.Method, error) {
	m := &method{env: env, phase2: env.Options().Int("phase2_auth", 1)}
	if m.phase2 < 0 || m.phase2 > 2 {
		return nil, fmt.Errorf("%w: phase2_auth=%d is out of range", eap.ErrConfig, m.phase2)
	}
	var names []string
	for _, w := range strings.Fields(env.Config.Phase2) {
		if v, ok := strings.CutPrefix(w, "autheap="); ok {
			names = append(names, v)
		} else if v, ok := strings.CutPrefix(w, "auth="); ok {
			if auths[v] == nil {
				return nil, fmt.Errorf("%w: phase2 %q is none of PAP, CHAP, MSCHAP, MSCHAPV2", eap.ErrConfig, w)
			}
			if m.auth != "" {
				return nil, fmt.Errorf("%w: phase2 %q has more than one protocol", eap.ErrConfig, env.Config.Phase2)
			}
			m.auth = v
		}
	}
	if m.auth != "" && len(names) > 0 {
		return nil, fmt.Errorf("%w: phase2 %q has more than one protocol", eap.ErrConfig, env.Config.Phase2)
	}
	var err error
	if m.auth == "" {
		m.auth = "EAP"
		if m.inner, err = eap.NewInner(env, names); err != nil {
			return nil, err
		}
	}
	if err := m.checkPassword(); err != nil {
		return nil, err
	}
	if m.s, err = eaptls.New(env, eaptls.Options{Type: eap.TypeTTLS}); err != nil {
		return nil, err
	}
	return m, nil
}

// checkPassword refuses a password that cannot serve before anything is sent.
func (m *method) checkPassword() error {
	p := m.env.Config.Password
	if p.Hash && (m.auth == "PAP" || m.auth == "CHAP") {
		return fmt.Errorf("%w: %s needs the password itself, an NT hash will not do", eap.ErrConfig, m.auth)
	}
	if p.Set() && strings.HasPrefix(m.auth, "MSCHAP") {
		h, err := mschapv2.HashOf(p)
		if err != nil {
			return fmt.Errorf("%w: %w", eap.ErrConfig, err)
		}
		h.Zero()
	}
	return nil
}

// Process implements eap.Method.
func (m *method) Process(req eap.Request) eap.Result {
	r := eap.Result{State: eap.MethodStateMayCont}
	switch {
	case m.waiting:
		return m.begin(req, r)
	case m.pending != nil:
		return m.inside(req, r, m.pending)
	}
	st := m.s.Process(req.Data)
	r.Need, r.Ignore, r.Outputs = st.Need, st.Ignore, st.Outputs
	switch {
	case r.Need != nil || r.Ignore != nil:
		return r
	case st.Failed != nil:
		r.State, r.Why = eap.MethodStateDone, st.Failed
		r.Response = eap.Response(req.ID, eap.TypeTTLS, st.Reply)
		return r
	case st.Reply != nil:
		return m.reply(req, r, st.Reply)
	}
	if st.JustEstablished {
		return m.established(req, r, st.Plain)
	}
	return m.tunnel(req, r, st.Plain)
}

// established begins what is inside, or waits whether the server wants it: after
// resumption, and with TLS 1.3, whose last message is this side's.
func (m *method) established(req eap.Request, r eap.Result, plain []byte) eap.Result {
	k, err := m.s.Keys(eaptls.LabelTTLS)
	if err != nil {
		return m.fail(req, r, &eap.Reason{Check: "keys", Detail: err.Error()})
	}
	m.keys = k
	if m.s.Resumed() && m.phase2 < 2 {
		m.decision = eap.DecisionCondSucc
	}
	if len(plain) > 0 {
		return m.inside(req, r, plain)
	}
	if m.s.Resumed() || m.s.TLSVersion() >= tls.VersionTLS13 {
		return m.reply(req, r, m.s.Reply())
	}
	return m.begin(req, r)
}

// tunnel handles a message of the server in the finished tunnel.
func (m *method) tunnel(req eap.Request, r eap.Result, plain []byte) eap.Result {
	switch {
	case len(plain) == 1 && plain[0] == 0 && m.s.TLSVersion() >= tls.VersionTLS13 && m.decision != eap.DecisionFail:
		m.done = true // protected success indication (RFC 9427)
		return m.reply(req, r, m.s.Reply())
	case len(plain) > 0:
		return m.inside(req, r, plain)
	case !m.begun:
		return m.begin(req, r)
	}
	return m.reply(req, r, m.s.Reply())
}

// reply sends type data; success counts only when all of it is out.
func (m *method) reply(req eap.Request, r eap.Result, data []byte) eap.Result {
	r.Response = eap.Response(req.ID, eap.TypeTTLS, data)
	if m.s.Sending() {
		return r
	}
	r.Decision = m.decision
	if m.done {
		r.State = eap.MethodStateDone
	}
	return r
}

// send puts AVPs into the tunnel.
func (m *method) send(req eap.Request, r eap.Result, avps []byte) eap.Result {
	if err := m.s.Write(avps); err != nil {
		return m.fail(req, r, &eap.Reason{Check: "tls", Detail: err.Error()})
	}
	return m.reply(req, r, m.s.Reply())
}

// fail ends the method with an acknowledgement, so that the server goes on to
// its failure.
func (m *method) fail(req eap.Request, r eap.Result, why *eap.Reason) eap.Result {
	m.done, m.decision, m.why = true, eap.DecisionFail, why
	r.Why = why
	return m.reply(req, r, m.s.Reply())
}

// Keys implements eap.Method.
func (m *method) Keys() *eap.Keys { return m.keys }

// Status implements eap.Method.
func (m *method) Status() []eap.KeyValue {
	name := m.auth
	if m.inner != nil {
		if name = m.inner.Name(); name != "" {
			name = "EAP-" + name
		}
	}
	out := m.s.Status()
	if name != "" {
		out = append(out, eap.KeyValue{Key: "EAP-TTLSv0 Phase2 method", Value: name})
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
	if r := m.s.Refused(); r != nil || !m.begun {
		return r
	}
	return &eap.Reason{Check: "server refused", Remote: true, Inner: m.innerType(), Detail: "the server did not accept the user's name or password"}
}

// Close implements eap.Method.
func (m *method) Close() {
	if m.inner != nil {
		m.inner.Close()
	}
	m.s.Close()
	clear(m.pending)
	if m.keys != nil {
		m.keys.MSK.Zero()
		m.keys.EMSK.Zero()
	}
}

func (m *method) innerType() eap.Type {
	if m.inner == nil {
		return eap.TypeNone
	}
	return m.inner.Type()
}

package peap

import (
	"crypto/tls"
	"fmt"
	"strings"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/eap/eaptls"
	"gosupplicant/engine/keys"
)

// Kind describes the method.
func Kind() eap.Kind {
	return eap.Kind{Type: eap.TypePEAP, Name: "PEAP", Outer: true, New: newMethod}
}

// maxVersion is the greatest version of PEAP this side speaks.
const maxVersion = 1

type method struct {
	env   *eap.Env
	s     *eaptls.Session
	inner *eap.Inner

	version uint8
	started bool
	force   int // peapver, or -1
	binding int
	phase2  int
	outer   int
	label   string

	innerOK     bool   // a method inside ended well
	innerSeen   bool   // one was begun
	pending     []byte // plaintext that waits for a credential
	keys        *eap.Keys
	bound       bool        // keys come from the crypto-binding
	shortTunnel keys.Secret // see derive
	cmp         compound
	why         *eap.Reason
}

func newMethod(env *eap.Env) (eap.Method, error) {
	o := env.Options()
	m := &method{env: env, force: -1, version: maxVersion, label: eaptls.LabelClientEAP}
	if v, ok := o.Get("tnc"); ok {
		return nil, fmt.Errorf("%w: tnc=%s is not built", eap.ErrConfig, v)
	}
	for _, c := range []struct {
		name      string
		to        *int
		def, most int
	}{
		{"peapver", &m.force, -1, maxVersion}, {"crypto_binding", &m.binding, 1, 2},
		{"phase2_auth", &m.phase2, 1, 2}, {"peap_outer_success", &m.outer, 2, 2},
	} {
		*c.to = o.Int(c.name, c.def)
		if *c.to > c.most || *c.to < min(c.def, 0) {
			return nil, fmt.Errorf("%w: %s=%d is out of range", eap.ErrConfig, c.name, *c.to)
		}
	}
	if o.Int("peaplabel", 0) == 1 {
		m.label = eaptls.LabelPEAP
	}
	var names []string
	for _, w := range strings.Fields(env.Config.Phase2) {
		if v, ok := strings.CutPrefix(w, "auth="); ok {
			names = append(names, v)
		}
	}
	inner, err := eap.NewInner(env, names)
	if err != nil {
		return nil, err
	}
	m.inner = inner
	if m.s, err = eaptls.New(env, eaptls.Options{Type: eap.TypePEAP, Version: m.version}); err != nil {
		return nil, err
	}
	return m, nil
}

// negotiate takes the server's version out of its start.
func (m *method) negotiate(data []byte) error {
	h, err := eaptls.ParseHeader(data)
	if err != nil {
		return err
	}
	if h.Flags&eaptls.FlagStart == 0 || m.started {
		return nil
	}
	v := min(h.Version, maxVersion)
	if m.force >= 0 {
		if int(h.Version) < m.force {
			return fmt.Errorf("peap: the server offers version %d, peapver=%d asks for more", h.Version, m.force)
		}
		v = uint8(m.force)
	}
	m.started, m.version = true, v
	m.s.SetVersion(v)
	return nil
}

// Process implements eap.Method.
func (m *method) Process(req eap.Request) eap.Result {
	if m.pending != nil {
		return m.inside(req, eap.Result{State: eap.MethodStateMayCont}, m.pending)
	}
	if err := m.negotiate(req.Data); err != nil {
		return eap.Result{State: eap.MethodStateDone, Why: &eap.Reason{Check: "configuration", Detail: err.Error()}}
	}
	st := m.s.Process(req.Data)
	r := eap.Result{Need: st.Need, Ignore: st.Ignore, Outputs: st.Outputs, State: eap.MethodStateMayCont}
	switch {
	case r.Need != nil || r.Ignore != nil:
		return r
	case st.Failed != nil:
		r.State, r.Why = eap.MethodStateDone, st.Failed
		r.Response = eap.Response(req.ID, eap.TypePEAP, st.Reply)
		return r
	case st.Reply != nil:
		r.Response = eap.Response(req.ID, eap.TypePEAP, st.Reply)
		m.keepState(&r)
		return r
	}
	if st.JustEstablished {
		if err := m.derive(); err != nil {
			r.State, r.Why = eap.MethodStateDone, &eap.Reason{Check: "keys", Detail: err.Error()}
		}
	}
	if len(st.Plain) > 0 && r.Why == nil {
		return m.inside(req, r, st.Plain)
	}
	if m.s.Resumed() && m.phase2 < 2 && r.Why == nil {
		// A server that resumes may be done now: its EAP-Success counts (upstream
		// and [MS-PEAP] 3.1.5.6 agree), unless a crypto-binding has to come.
		m.innerDone(&r)
	}
	return m.send(req, r, nil)
}

// innerDone makes a success acceptable when nothing inside has to follow.
func (m *method) innerDone(r *eap.Result) {
	if m.binding < 2 {
		r.Decision = eap.DecisionCondSucc
	}
}

// keepState repeats where the method stands while fragments go out.
func (m *method) keepState(r *eap.Result) {
	if m.s.Established() && m.s.Resumed() && m.phase2 < 2 && m.why == nil {
		m.innerDone(r)
	}
}

func (m *method) derive() error {
	k, err := m.s.Keys(m.label)
	if err != nil {
		return err
	}
	m.keys = k
	if m.s.TLSVersion() >= tls.VersionTLS13 {
		// In TLS 1.3 the length is a part of what an exporter derives, and hostapd
		// asks for 64 bytes where it binds. The two ends of this tunnel alone know
		// either value.
		if m.shortTunnel, err = m.s.Export(eaptls.Label13Key, []byte{byte(eap.TypePEAP.Number)}, 64); err != nil {
			return err
		}
	}
	return nil
}

// send puts plain into the tunnel and sends what TLS has, or an acknowledgement.
func (m *method) send(req eap.Request, r eap.Result, plain []byte) eap.Result {
	if plain != nil {
		if err := m.s.Write(plain); err != nil {
			r.State, r.Decision, r.Why = eap.MethodStateDone, eap.DecisionFail, &eap.Reason{Check: "tls", Detail: err.Error()}
		}
	}
	if r.Why != nil {
		m.why = r.Why
	}
	r.Response = eap.Response(req.ID, eap.TypePEAP, m.s.Reply())
	return r
}

// Keys implements eap.Method.
func (m *method) Keys() *eap.Keys { return m.keys }

// Status implements eap.Method.
func (m *method) Status() []eap.KeyValue {
	out := m.s.Status()
	if n := m.inner.Name(); n != "" {
		out = append(out, eap.KeyValue{Key: fmt.Sprintf("EAP-PEAPv%d Phase2 method", m.version), Value: n})
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
	if r := m.s.Refused(); r != nil || !m.innerSeen {
		return r
	}
	return &eap.Reason{Check: "server refused", Remote: true, Inner: m.inner.Type(), Detail: "the server did not accept the user's name or password"}
}

// Close implements eap.Method.
func (m *method) Close() {
	m.inner.Close()
	m.s.Close()
	clear(m.pending)
	m.shortTunnel.Zero()
	m.cmp.ipmk.Zero()
	m.cmp.cmk.Zero()
	if m.keys != nil {
		m.keys.MSK.Zero()
		m.keys.EMSK.Zero()
	}
}

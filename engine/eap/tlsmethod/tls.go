// Package tlsmethod is EAP-TLS (RFC 5216, with TLS 1.3 RFC 9190) as a method of
// engine/eap: both sides show certificates, and nothing is carried inside.
//
// With TLS 1.3 the method is content only after the server's protected success
// indication (RFC 9190, 2.5), one zero byte of application data: before it the
// server may still refuse the client's certificate, and a success may be forged.
// Only for a resumed session, and only with eap_workaround, success without it
// counts.
package tlsmethod

import (
	"crypto/tls"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/eap/eaptls"
)

// Kind describes the method.
func Kind() eap.Kind {
	return eap.Kind{Type: eap.TypeTLS, Name: "TLS", Outer: true, Inner: true, New: newMethod}
}

type method struct {
	env  *eap.Env
	s    *eaptls.Session
	keys *eap.Keys
	done bool
}

func newMethod(env *eap.Env) (eap.Method, error) {
	s, err := eaptls.New(env, eaptls.Options{Type: eap.TypeTLS, ClientCert: true, TLS13: true})
	if err != nil {
		return nil, err
	}
	return &method{env: env, s: s}, nil
}

// Process implements eap.Method.
func (m *method) Process(req eap.Request) eap.Result {
	st := m.s.Process(req.Data)
	r := eap.Result{Need: st.Need, Ignore: st.Ignore, Outputs: st.Outputs, State: eap.MethodStateMayCont}
	if r.Need != nil || r.Ignore != nil {
		return r
	}
	if st.Failed != nil {
		r.State, r.Why = eap.MethodStateDone, st.Failed
		r.Response = eap.Response(req.ID, eap.TypeTLS, st.Reply)
		return r
	}
	if st.Reply == nil {
		st.Reply = m.s.Reply()
	}
	r.Response = eap.Response(req.ID, eap.TypeTLS, st.Reply)
	if !m.s.Established() || m.s.Sending() || m.done {
		return r
	}
	switch {
	case m.s.TLSVersion() < tls.VersionTLS13 || len(st.Plain) > 0:
		m.finish(&r, st.Plain)
	case m.s.Resumed() && m.env.Config.Workaround:
		// hostapd 2.10 forgets the indication on resumption. There the client was
		// accepted before, and proved itself by the binder the server has seen.
		m.finish(&r, nil)
		if r.Why == nil {
			m.done, r.State = false, eap.MethodStateMayCont
		}
	}
	return r
}

// finish ends the method; plain is the protected success indication of TLS 1.3.
func (m *method) finish(r *eap.Result, plain []byte) {
	m.done = true
	r.State = eap.MethodStateDone
	if len(plain) > 0 && (m.s.TLSVersion() < tls.VersionTLS13 || len(plain) != 1 || plain[0] != 0) {
		r.Why = &eap.Reason{Check: "tls", Detail: "application data in EAP-TLS where only a protected success indication may be"}
		return
	}
	k, err := m.s.Keys(eaptls.LabelClientEAP)
	if err != nil {
		r.Why = &eap.Reason{Check: "keys", Detail: err.Error()}
		return
	}
	m.keys = k
	r.Decision = eap.DecisionCondSucc
}

// Keys implements eap.Method.
func (m *method) Keys() *eap.Keys { return m.keys }

// Status implements eap.Method.
func (m *method) Status() []eap.KeyValue { return m.s.Status() }

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
	if m.s.Established() {
		return &eap.Reason{Check: "client certificate", Remote: true, Detail: "the server did not accept the client's certificate"}
	}
	return m.s.Refused()
}

// Close implements eap.Method.
func (m *method) Close() {
	m.s.Close()
	if m.keys != nil {
		m.keys.MSK.Zero()
		m.keys.EMSK.Zero()
	}
}

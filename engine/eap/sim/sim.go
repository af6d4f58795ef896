package sim

import (
	"bytes"
	"fmt"
	"io"

	"gosupplicant/engine/eap"
)

// KindSIM describes EAP-SIM.
func KindSIM() eap.Kind {
	return eap.Kind{Type: eap.TypeSIM, Name: "SIM", Outer: true, Inner: true, New: newSIM, Identity: identityOf(eap.TypeSIM)}
}

// simMethod is EAP-SIM.
type simMethod struct {
	*base
	minimum  int // challenges
	nonceMT  []byte
	versions []byte // as the server listed them
	started  bool   // a full authentication was begun with our nonce
}

func newSIM(env *eap.Env) (eap.Method, error) {
	b, err := newBase(env, eap.TypeSIM)
	if err != nil {
		return nil, err
	}
	m := &simMethod{base: b, minimum: env.Options().Int("sim_min_num_chal", defaultChallenges)}
	if m.minimum < 2 || m.minimum > maxRands {
		return nil, fmt.Errorf("%w: sim_min_num_chal=%d, want 2 or 3", eap.ErrConfig, m.minimum)
	}
	return m, nil
}

// Process takes one request.
func (m *simMethod) Process(r eap.Request) eap.Result {
	if need := m.begin(); need != nil {
		return eap.Result{Need: need}
	}
	sub, a, err := split(r.Data)
	if err != nil {
		return m.clientError(r.ID, clientUnable, "protocol", err)
	}
	switch {
	case sub == subSIMStart && m.state == stateBegin:
		return m.start(r, a)
	case sub == subSIMChallenge && m.state == stateBegin && m.started:
		return m.challenge(r, a)
	case sub == subNotification:
		return m.notification(r, a)
	case sub == subReauth:
		return m.reauthenticate(r, a, func(nonceS, mac []byte) []byte {
			return bytes.Join([][]byte{{byte(m.kind.Number)}, nonceS, mac}, nil)
		})
	}
	return m.clientError(r.ID, clientUnable, "protocol", fmt.Errorf("%w: subtype %d", errState, sub))
}

// start is the version and identity round (RFC 4186, 9.1).
func (m *simMethod) start(r eap.Request, a *attrs) eap.Result {
	found := false
	for v := a.versions; len(v) >= 2; v = v[2:] {
		found = found || uint16(v[0])<<8|uint16(v[1]) == supportedVersion
	}
	switch {
	case len(a.versions) == 0 || len(a.versions)%2 != 0:
		return m.clientError(r.ID, clientUnable, "protocol", fmt.Errorf("%w: version list of %d bytes", ErrMalformed, len(a.versions)))
	case !found:
		return m.clientError(r.ID, clientVersion, "version", fmt.Errorf("sim: the server does not list version %d", supportedVersion))
	}
	if m.nonceMT == nil {
		m.nonceMT = make([]byte, nonceLen)
		if _, err := io.ReadFull(m.env.Rand, m.nonceMT); err != nil {
			return m.fail(nil, "randomness", fmt.Errorf("sim: randomness: %w", err))
		}
	}
	if a.idRequest != 0 {
		if err := m.identify(a.idRequest); err != nil {
			return m.clientError(r.ID, clientUnable, "protocol", err)
		}
	}
	m.versions = bytes.Clone(a.versions)
	resp := m.message(r.ID, subSIMStart)
	if m.started = a.idRequest == 0 || !m.offersReauth(); m.started {
		resp = add(resp, atNonceMT, 0, m.nonceMT)
		resp = add(resp, atSelectedVersion, supportedVersion, nil)
	}
	if a.idRequest != 0 {
		resp = add(resp, atIdentity, uint16(len(m.identity)), m.identity)
	}
	return m.result(resp)
}

// challenge is the proof of both sides (RFC 4186, 9.3).
func (m *simMethod) challenge(r eap.Request, a *attrs) eap.Result {
	if len(a.rands) < m.minimum {
		return m.clientError(r.ID, clientFewRands, "challenges", fmt.Errorf("sim: %d challenges, want at least %d", len(a.rands), m.minimum))
	}
	for i, x := range a.rands {
		for _, y := range a.rands[:i] {
			if bytes.Equal(x, y) {
				return m.clientError(r.ID, clientStaleRands, "challenges", fmt.Errorf("sim: the same challenge twice"))
			}
		}
	}
	triplets, need, err := m.card.gsm(a.rands)
	if need != nil {
		return eap.Result{Need: need}
	}
	if err != nil {
		return m.clientError(r.ID, clientUnable, "card", err)
	}
	k, out := fromMaster(simMaster(m.identity, triplets, m.nonceMT, m.versions, supportedVersion))
	if err := m.verify(r, a, m.nonceMT, &k); err != nil {
		return m.clientError(r.ID, clientUnable, "server proof", err)
	}
	inner, err := opened(a, &k)
	if err != nil {
		return m.clientError(r.ID, clientUnable, "protocol", err)
	}
	m.keys, m.out = k, out
	m.out.SessionID = append([]byte{byte(m.kind.Number)}, append(bytes.Join(a.rands, nil), m.nonceMT...)...)
	m.finish(a)
	m.learn(inner)
	var sres []byte
	for _, t := range triplets {
		sres = append(sres, t.sres[:]...)
	}
	resp := m.message(r.ID, subSIMChallenge)
	if m.protected {
		resp = add(resp, atResultInd, 0, nil)
	}
	return m.result(m.seal(resp, sres))
}

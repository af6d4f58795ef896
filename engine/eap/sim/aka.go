package sim

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"fmt"
	"hash"
	"slices"

	"gosupplicant/engine/eap"
)

// KindAKA describes EAP-AKA.
func KindAKA() eap.Kind {
	return eap.Kind{Type: eap.TypeAKA, Name: "AKA", Outer: true, Inner: true, New: newAKA(eap.TypeAKA), Identity: identityOf(eap.TypeAKA)}
}

// KindAKAPrime describes EAP-AKA'.
func KindAKAPrime() eap.Kind {
	return eap.Kind{Type: eap.TypeAKAPrime, Name: "AKA'", Outer: true, Inner: true, New: newAKA(eap.TypeAKAPrime), Identity: identityOf(eap.TypeAKAPrime)}
}

// akaMethod is EAP-AKA and EAP-AKA'.
type akaMethod struct {
	*base
	prime     bool
	rounds    hash.Hash // over the identity messages; nil while there are none
	syncs     int
	offered   []uint16 // key derivation functions, once we asked for another one
	networked []byte   // name of the access network with offered
}

func newAKA(kind eap.Type) func(*eap.Env) (eap.Method, error) {
	return func(env *eap.Env) (eap.Method, error) {
		b, err := newBase(env, kind)
		if err != nil {
			return nil, err
		}
		return &akaMethod{base: b, prime: kind == eap.TypeAKAPrime}, nil
	}
}

// Process takes one request.
func (m *akaMethod) Process(r eap.Request) eap.Result {
	if need := m.begin(); need != nil {
		return eap.Result{Need: need}
	}
	sub, a, err := split(r.Data)
	if err != nil {
		return m.clientError(r.ID, clientUnable, "protocol", err)
	}
	switch {
	case sub == subAKAIdentity && m.state == stateBegin:
		return m.askedIdentity(r, a)
	case sub == subAKAChallenge && m.state == stateBegin:
		return m.challenge(r, a)
	case sub == subNotification:
		return m.notification(r, a)
	case sub == subReauth:
		if err := m.checkRounds(a); err != nil {
			return m.clientError(r.ID, clientUnable, "protocol", err)
		}
		return m.reauthenticate(r, a, func(nonceS, mac []byte) []byte {
			return bytes.Join([][]byte{{byte(m.kind.Number)}, nonceS, mac}, nil)
		})
	}
	return m.clientError(r.ID, clientUnable, "protocol", fmt.Errorf("%w: subtype %d", errState, sub))
}

// askedIdentity is RFC 4187, 9.1.
func (m *akaMethod) askedIdentity(r eap.Request, a *attrs) eap.Result {
	if a.idRequest == 0 {
		return m.clientError(r.ID, clientUnable, "protocol", fmt.Errorf("%w: identity message without a request for one", ErrMalformed))
	}
	if err := m.identify(a.idRequest); err != nil {
		return m.clientError(r.ID, clientUnable, "protocol", err)
	}
	resp := add(m.message(r.ID, subAKAIdentity), atIdentity, uint16(len(m.identity)), m.identity)
	if m.rounds == nil {
		m.rounds = sha1.New()
		if m.prime {
			m.rounds = sha256.New()
		}
	}
	m.rounds.Write(r.Packet)
	m.rounds.Write(resp)
	return m.result(resp)
}

// code is our AT_CHECKCODE: empty when no identity messages were exchanged.
func (m *akaMethod) code() []byte {
	if m.rounds == nil {
		return []byte{}
	}
	return m.rounds.Sum(nil)
}

// checkRounds compares the server's checkcode, where it sends one, with ours.
func (m *akaMethod) checkRounds(a *attrs) error {
	if a.checkcode != nil && !bytes.Equal(a.checkcode, m.code()) {
		return fmt.Errorf("sim: AT_CHECKCODE does not fit: identity messages were changed on the way")
	}
	return nil
}

// reject tells that the network is not the operator's (RFC 4187, 6.3.2).
func (m *akaMethod) reject(id uint8, check string, err error) eap.Result {
	m.forgetReauth()
	return m.fail(m.message(id, subAKAReject), check, err)
}

// challenge is the proof of both sides (RFC 4187, 9.3; RFC 9048, 3).
func (m *akaMethod) challenge(r eap.Request, a *attrs) eap.Result {
	if len(a.rands) != 1 || a.autn == nil || a.mac == nil {
		return m.clientError(r.ID, clientUnable, "protocol", fmt.Errorf("%w: challenge without one AT_RAND, AT_AUTN and AT_MAC", ErrMalformed))
	}
	if res, done := m.negotiate(r, a); done {
		return res
	}
	q, need, err := m.card.umts(a.rands[0], a.autn)
	switch {
	case need != nil:
		return eap.Result{Need: need}
	case err != nil:
		return m.reject(r.ID, "card", err)
	case q.auts != nil:
		return m.resync(r.ID, q.auts)
	}
	k, out := m.derive(q, a)
	if err := m.verify(r, a, nil, &k); err != nil {
		return m.clientError(r.ID, clientUnable, "server proof", err)
	}
	if err := m.checkRounds(a); err != nil {
		return m.clientError(r.ID, clientUnable, "protocol", err)
	}
	inner, err := opened(a, &k)
	if err != nil {
		return m.clientError(r.ID, clientUnable, "protocol", err)
	}
	m.keys, m.out = k, out
	m.out.SessionID = append([]byte{byte(m.kind.Number)}, append(bytes.Clone(a.rands[0]), a.autn...)...)
	m.finish(a)
	m.learn(inner)
	resp := add(m.message(r.ID, subAKAChallenge), atRes, uint16(8*len(q.res)), q.res)
	if a.checkcode != nil {
		resp = add(resp, atCheckcode, 0, m.code())
	}
	if m.protected {
		resp = add(resp, atResultInd, 0, nil)
	}
	return m.result(m.seal(resp, nil))
}

func (m *akaMethod) derive(q *quintet, a *attrs) (transient, *eap.Keys) {
	if m.prime {
		ck, ik := bindNetwork(q.ck, q.ik, a.kdfInput, a.autn)
		defer ck.Zero()
		defer ik.Zero()
		return fromPrime(m.identity, ck, ik)
	}
	return fromMaster(akaMaster(m.identity, q.ik, q.ck))
}

// resync answers a sequence number that was used before.
func (m *akaMethod) resync(id uint8, auts []byte) eap.Result {
	if m.syncs++; m.syncs > maxSyncFailures {
		return m.reject(id, "card", fmt.Errorf("%w: the server's sequence number stays behind after %d resynchronisations", errCard, maxSyncFailures))
	}
	m.offered = nil
	resp := m.message(id, subAKASync)
	resp = add(resp, atAuts, uint16(auts[0])<<8|uint16(auts[1]), auts[2:])
	return m.result(resp)
}

// negotiate settles which method and key derivation is used; done means that
// its result is the answer.
func (m *akaMethod) negotiate(r eap.Request, a *attrs) (res eap.Result, done bool) {
	if !m.prime {
		if a.bidding&biddingPrime != 0 && m.primeAllowed() {
			return m.reject(r.ID, "bidding down", fmt.Errorf("sim: the server prefers EAP-AKA', and so does this side: somebody talked them down to EAP-AKA")), true
		}
		return res, false
	}
	switch {
	case len(a.kdfInput) == 0 || len(a.kdf) == 0:
		return m.reject(r.ID, "protocol", fmt.Errorf("%w: AKA' challenge without AT_KDF_INPUT and AT_KDF", ErrMalformed)), true
	case a.autn[sqnLen]&separationBit == 0:
		return m.reject(r.ID, "separation bit", fmt.Errorf("sim: AUTN lacks the separation bit that AKA' needs")), true
	case m.offered != nil: // the list must be the old one with our choice before it
		want := append([]uint16{kdfPrime}, m.offered...)
		if !slices.Equal(a.kdf, want) || !bytes.Equal(a.kdfInput, m.networked) {
			return m.reject(r.ID, "bidding down", fmt.Errorf("sim: AT_KDF %v after our choice, want %v", a.kdf, want)), true
		}
		return res, false
	case hasTwice(a.kdf) || !slices.Contains(a.kdf, kdfPrime):
		return m.reject(r.ID, "key derivation", fmt.Errorf("sim: AT_KDF %v, want %d among them, none twice", a.kdf, kdfPrime)), true
	case a.kdf[0] != kdfPrime:
		m.offered, m.networked = slices.Clone(a.kdf), bytes.Clone(a.kdfInput)
		return m.result(add(m.message(r.ID, subAKAChallenge), atKDF, kdfPrime, nil)), true
	}
	return res, false
}

func hasTwice(list []uint16) bool {
	for i, v := range list {
		if slices.Contains(list[:i], v) {
			return true
		}
	}
	return false
}

// primeAllowed reports whether AKA' could have been chosen.
func (m *akaMethod) primeAllowed() bool {
	if m.env.Registry.Find(eap.TypeAKAPrime) == nil {
		return false
	}
	list := m.env.Config.Methods
	return len(list) == 0 || slices.Contains(list, eap.TypeAKAPrime)
}

package eaptls

import (
	"crypto/tls"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/keys"
)

// ticketKey is the key of a session in eap.Memory.
type ticketKey struct {
	method eap.Type
	phase2 bool
}

// ticket is a session that can be resumed.
type ticket struct {
	state  *tls.ClientSessionState
	master keys.Secret // of TLS 1.2 and older, for the derivation of keys
}

// ticketStore is the cache crypto/tls sees. A new ticket is kept aside until the
// whole method succeeded: resumption skips what is inside the tunnel.
type ticketStore struct {
	env    *eap.Env
	key    ticketKey
	fresh  *tls.ClientSessionState
	offer  *ticket
	usable bool
}

func newTicketStore(env *eap.Env, method eap.Type) *ticketStore {
	t := &ticketStore{env: env, key: ticketKey{method, env.Phase2}}
	t.usable = env.Config.FastReauth && env.Memory != nil && env.Options().Int("tls_disable_session_ticket", 0) == 0
	if t.usable {
		t.offer, _ = env.Memory.Load(t.key).(*ticket)
	}
	return t
}

// Get implements tls.ClientSessionCache.
func (t *ticketStore) Get(string) (*tls.ClientSessionState, bool) {
	if t.offer == nil {
		return nil, false
	}
	return t.offer.state, true
}

// Put implements tls.ClientSessionCache; nil means that the session is of no use.
func (t *ticketStore) Put(_ string, cs *tls.ClientSessionState) {
	if cs == nil {
		t.offer = nil
		t.env.Memory.Store(t.key, nil)
		return
	}
	t.fresh = cs
}

func (t *ticketStore) drop() { t.fresh = nil }

// Remember keeps the session for resumption: the method succeeded.
func (s *Session) Remember() {
	if t := s.tickets; t.usable && t.fresh != nil {
		s.env.Memory.Store(t.key, &ticket{state: t.fresh, master: s.master.Clone()})
		t.fresh = nil
	}
}

// Forget drops the session that was resumed: it did not lead to success.
func (s *Session) Forget() {
	s.tickets.drop()
	s.tickets.offer = nil
	s.env.Memory.Store(s.tickets.key, nil)
}

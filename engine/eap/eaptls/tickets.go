package eaptls

import (
	"crypto/tls"
	"time"

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
	state    *tls.ClientSessionState
	master   keys.Secret // of TLS 1.2 and older, for the derivation of keys
	verified *verified   // the server's chain, nil when it has none
	id       []byte      // what the server knows it by, nil when it gave out a ticket
	until    time.Time   // the end of one with an id
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

// identifier is that of the session on offer, or nil. One that has expired is no
// longer on offer: crypto/tls would see that after the hello was made.
func (t *ticketStore) identifier(now time.Time) []byte {
	if t.offer == nil || t.offer.id == nil {
		return nil
	}
	if now.After(t.offer.until) {
		t.Put("", nil)
		return nil
	}
	return t.offer.id
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
	t := s.tickets
	if !t.usable {
		return
	}
	if t.fresh != nil {
		s.env.Memory.Store(t.key, &ticket{state: t.fresh, master: s.master.Clone(), verified: s.verified})
		t.fresh = nil
		return
	}
	if known, err := s.byIdentifier(); err == nil && known != nil { // else there is nothing to offer
		s.env.Memory.Store(t.key, known)
	}
}

// Forget drops the session that was resumed: it did not lead to success.
func (s *Session) Forget() {
	s.tickets.drop()
	s.tickets.offer = nil
	s.env.Memory.Store(s.tickets.key, nil)
}

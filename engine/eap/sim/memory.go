package sim

import (
	"bytes"

	"gosupplicant/engine/eap"
)

// maxReauths is how many fast reauthentications follow a full one.
const maxReauths = 1000

// memoryKey is where a method keeps its memory in eap.Memory, as *memory.
type memoryKey struct{ kind eap.Type }

// memory is what a server gave us for later. Its contents do not change: a new
// one takes its place.
type memory struct {
	pseudonym []byte // with realm
	reauthID  []byte // with realm; nil when none is left
	keys      transient
	counter   uint16 // of the last reauthentication
}

// String tells what is there, not its value.
func (m *memory) String() string {
	s := "memory of EAP-SIM"
	if m.pseudonym != nil {
		s += " with a pseudonym"
	}
	if m.reauthID != nil {
		s += " with a reauthentication identity"
	}
	return s
}

// GoString is String.
func (m *memory) GoString() string { return m.String() }

func recall(env *eap.Env, kind eap.Type) memory {
	if m, ok := env.Memory.Load(memoryKey{kind}).(*memory); ok {
		return *m
	}
	return memory{}
}

func (m memory) store(env *eap.Env, kind eap.Type) { env.Memory.Store(memoryKey{kind}, &m) }

// usableReauth reports whether a fast reauthentication may be tried.
func (m *memory) usableReauth(env *eap.Env) bool {
	return env.Config.FastReauth && len(m.reauthID) > 0 && m.counter < maxReauths
}

// preferred is the identity that a server which knows us likes best; nil when it
// gave us none.
func (m *memory) preferred(env *eap.Env) []byte {
	if m.usableReauth(env) {
		return m.reauthID
	}
	if len(m.pseudonym) > 0 {
		return m.pseudonym
	}
	return nil
}

// withRealm appends the realm of an identity to a pseudonym, which comes without.
func withRealm(name, identity []byte) []byte {
	out := bytes.Clone(name)
	if at := bytes.IndexByte(identity, '@'); at >= 0 && !bytes.ContainsRune(name, '@') {
		out = append(out, identity[at:]...)
	}
	return out
}

// learn stores what the encrypted part of a message brings, in place of what was
// known. A reauthentication identity serves once.
func (b *base) learn(a *attrs) {
	m := memory{pseudonym: b.mem.pseudonym}
	if a != nil && len(a.nextPseudonym) > 0 && !b.env.Phase2 {
		m.pseudonym = withRealm(a.nextPseudonym, b.permanent)
	}
	if a != nil && len(a.nextReauthID) > 0 {
		m.reauthID, m.keys, m.counter = bytes.Clone(a.nextReauthID), b.keys.clone(), b.counter
	}
	b.mem = m
	m.store(b.env, b.kind)
}

// forget drops identities that the server did not know.
func (b *base) forget(pseudonym bool) {
	b.mem.reauthID, b.mem.keys = nil, transient{}
	if pseudonym {
		b.mem.pseudonym = nil
	}
	b.mem.store(b.env, b.kind)
}

// identityOf makes the Identity function of a kind.
func identityOf(kind eap.Type) func(*eap.Env) []byte {
	return func(env *eap.Env) []byte {
		m := recall(env, kind)
		return m.preferred(env)
	}
}

// announced is the identity that the machine told in the clear before the method
// began, which enters the keys unless the method is asked for one itself.
func (b *base) announced() []byte {
	c := b.env.Config
	if !b.env.Phase2 {
		if len(c.Methods) > 0 && c.Methods[0] == b.kind {
			if id := b.mem.preferred(b.env); id != nil {
				return id
			}
		}
		if c.AnonymousIdentity != nil {
			return c.AnonymousIdentity
		}
	}
	return b.permanent
}

// identify chooses the identity for a request of the server, which may ask for
// less and less private ones, each kind once (RFC 4186, 4.2.5).
func (b *base) identify(req attribute) error {
	rank := map[attribute]int{atAnyIDReq: 1, atFullAuthIDReq: 2, atPermanentIDReq: 3}[req]
	if rank <= b.idRank {
		return errIdentityOrder
	}
	b.idRank = rank
	switch req {
	case atAnyIDReq:
		if b.identity = b.mem.preferred(b.env); b.identity == nil {
			b.identity = b.permanent
		}
	case atFullAuthIDReq:
		b.forget(false)
		if b.identity = b.mem.pseudonym; b.identity == nil {
			b.identity = b.permanent
		}
	case atPermanentIDReq:
		b.forget(true)
		b.identity = b.permanent
	}
	return nil
}

// offersReauth reports whether the identity last told is for a fast
// reauthentication.
func (b *base) offersReauth() bool {
	return b.mem.usableReauth(b.env) && bytes.Equal(b.identity, b.mem.reauthID)
}

package pwd

import (
	"bytes"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"testing"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/ecc"
	"gosupplicant/engine/keys"
)

// seeded is a repeatable source of random bytes.
func seeded(seed uint64) io.Reader {
	var key [32]byte
	binary.BigEndian.PutUint64(key[:], seed)
	return rand.NewChaCha8(key)
}

// server plays the other side from the equations of RFC 5931.
type server struct {
	t      *testing.T
	env    *eap.Env
	m      eap.Method
	id     identity
	salt   []byte
	secret []byte // the prepared password
	reqID  uint8

	curve   *ecc.Curve
	own     *private
	pwe     []byte
	peer    commit
	k       []byte
	suite   []byte
	confirm []byte // ours
}

func newServer(t *testing.T, group uint16, change func(*server)) *server {
	t.Helper()
	s := &server{
		t: t, id: identity{group: group, random: 1, prf: 1, token: [4]byte{1, 2, 3, 4}, name: []byte("server")},
		secret: []byte("secret"), reqID: 1,
		env: &eap.Env{Config: &eap.Config{Identity: []byte("user"), Password: eap.Password{Value: keys.Secret("secret")}},
			Rand: seeded(1), Answers: &eap.Answers{}},
	}
	if change != nil {
		change(s)
	}
	var err error
	if s.curve, err = ecc.NewCurve(s.id.group); err != nil {
		t.Fatal(err)
	}
	s.suite = s.id.suite()
	if s.m, err = Kind().New(s.env); err != nil {
		t.Fatal(err)
	}
	return s
}

// raw gives one packet to the method.
func (s *server) raw(data []byte) eap.Result {
	s.reqID++
	return s.m.Process(eap.Request{ID: s.reqID, Data: data})
}

func (s *server) send(exch exchange, body []byte) eap.Result {
	return s.raw(append([]byte{byte(exch)}, body...))
}

// body returns what the method answered, its exchange being the wanted one.
func (s *server) body(r eap.Result, exch exchange) []byte {
	s.t.Helper()
	p, err := eap.ParsePacket(r.Response)
	if err != nil || p.Type != eap.TypePWD || p.ID != s.reqID || len(p.Data) == 0 || p.Data[0] != byte(exch) {
		s.t.Fatalf("answer %x: %v; %+v", r.Response, err, r)
	}
	return p.Data[1:]
}

func (s *server) identify() eap.Result { return s.send(exchID, s.id.marshal()) }

// commitment is the server's Commit.
func (s *server) commitment() []byte {
	s.t.Helper()
	var err error
	if s.pwe, err = passwordElement(s.curve, s.id.token, s.env.Config.Identity, s.id.name, s.secret); err != nil {
		s.t.Fatal(err)
	}
	if s.own, err = newPrivate(s.curve, seeded(2), s.pwe); err != nil {
		s.t.Fatal(err)
	}
	b := append(bytes.Clone(s.own.element), s.own.scalar...)
	if s.id.prep.salted() {
		b = append(append([]byte{byte(len(s.salt))}, s.salt...), b...)
	}
	return b
}

// take reads the method's Commit and prepares the server's Confirm.
func (s *server) take(body []byte) []byte {
	s.t.Helper()
	var err error
	if s.peer, err = parseCommit(bytes.Clone(body), s.curve, false); err != nil {
		s.t.Fatal(err)
	}
	if s.k, err = s.own.shared(s.curve, s.pwe, s.peer); err != nil {
		s.t.Fatal(err)
	}
	s.confirm = confirmOf(s.k, s.own.element, s.own.scalar, s.peer.element, s.peer.scalar, s.suite)
	return s.confirm
}

// check compares the method's Confirm and keys with the server's.
func (s *server) check(body []byte) {
	s.t.Helper()
	want := confirmOf(s.k, s.peer.element, s.peer.scalar, s.own.element, s.own.scalar, s.suite)
	if !bytes.Equal(body, want) {
		s.t.Fatalf("Confirm %x, want %x", body, want)
	}
	got, keys := s.m.Keys(), exported(s.k, want, s.confirm, s.suite, s.peer.scalar, s.own.scalar)
	if got == nil || len(got.MSK) != 64 || len(got.EMSK) != 64 || !got.MSK.Equal(keys.MSK) || !got.EMSK.Equal(keys.EMSK) || !bytes.Equal(got.SessionID, keys.SessionID) {
		s.t.Fatalf("keys %v", got)
	}
}

// upTo brings a conversation to a state.
func (s *server) upTo(st state) {
	s.t.Helper()
	if st >= stateCommit {
		s.body(s.identify(), exchID)
	}
	if st >= stateConfirm {
		s.take(s.body(s.send(exchCommit, s.commitment()), exchCommit))
	}
	if st >= stateDone {
		s.check(s.body(s.send(exchConfirm, s.confirm), exchConfirm))
	}
}

// fragments cuts a message into packets with so much data in each.
func fragments(exch exchange, body []byte, size int) [][]byte {
	var out [][]byte
	for first := true; first || len(body) > 0; first = false {
		n := min(size, len(body))
		head := []byte{byte(exch)}
		if n < len(body) {
			head[0] |= flagMore
		}
		if first && n < len(body) {
			head[0] |= flagLength
			head = binary.BigEndian.AppendUint16(head, uint16(len(body)))
		}
		out = append(out, append(head, body[:n]...))
		body = body[n:]
	}
	return out
}

// collect acknowledges fragments until the answer is whole.
func (s *server) collect(r eap.Result) []byte {
	s.t.Helper()
	var whole []byte
	for {
		p, err := eap.ParsePacket(r.Response)
		if err != nil {
			s.t.Fatalf("%v; %+v", err, r)
		}
		f, err := parseFragment(p.Data)
		if err != nil {
			s.t.Fatal(err)
		}
		whole = append(whole, f.data...)
		if !f.more {
			return whole
		}
		r = s.raw([]byte{byte(f.exch)})
	}
}

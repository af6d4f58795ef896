package pwd

import (
	"bytes"
	"crypto/subtle"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/ecc"
	"gosupplicant/engine/keys"
)

// ErrReflection tells that the server sent our own commit back.
var ErrReflection = errors.New("pwd: own commit reflected")

// errProof tells that the server's Confirm is wrong.
var errProof = errors.New("pwd: the server does not know the password: its Confirm is wrong")

// The only random function and pseudorandom function there are: HMAC-SHA-256.
const hmacSHA256 = 1

// DefaultFragmentSize is used where fragment_size is not set, in bytes of type data.
const DefaultFragmentSize = 1020

// minFragment leaves room for the header and something behind it.
const minFragment = 8

// Kind describes the method.
func Kind() eap.Kind {
	return eap.Kind{Type: eap.TypePWD, Name: "PWD", Outer: true, Inner: true, New: newMethod}
}

type state uint8

const (
	stateID state = iota
	stateCommit
	stateConfirm
	stateDone
)

type method struct {
	env    *eap.Env
	groups []uint16
	limit  int

	state state
	in    reassembly
	out   []byte   // what is left to send of a message
	exch  exchange // of out

	id     identity // the server's
	peer   []byte   // our name
	curve  *ecc.Curve
	pwe    []byte
	own    *private
	server commit
	k      keys.Secret
	keys   *eap.Keys
}

func newMethod(env *eap.Env) (eap.Method, error) {
	m := &method{env: env, groups: []uint16{19, 20, 21}, limit: max(env.Config.FragmentSize, 0)}
	if m.limit == 0 {
		m.limit = DefaultFragmentSize
	}
	m.limit = max(m.limit, minFragment)
	if list, ok := env.Options().Get("eap_pwd_groups"); ok {
		groups, err := parseGroups(list)
		if err != nil {
			return nil, fmt.Errorf("%w: eap_pwd_groups=%s: %w", eap.ErrConfig, list, err)
		}
		m.groups = groups
	}
	return m, nil
}

// parseGroups reads numbers and ranges, "19,20-21"; of those it names the
// supported ones count, and there must be one.
func parseGroups(list string) ([]uint16, error) {
	allowed := map[uint16]bool{}
	for _, item := range strings.Split(list, ",") {
		from, to, isRange := strings.Cut(item, "-")
		a, err := strconv.ParseUint(from, 10, 16)
		if err != nil {
			return nil, fmt.Errorf("group %q", from)
		}
		b := a
		if isRange {
			if b, err = strconv.ParseUint(to, 10, 16); err != nil || b < a {
				return nil, fmt.Errorf("range %q", item)
			}
		}
		for g := uint64(19); g <= 21; g++ {
			if a <= g && g <= b {
				allowed[uint16(g)] = true
			}
		}
	}
	var out []uint16
	for g := uint16(19); g <= 21; g++ {
		if allowed[g] {
			out = append(out, g)
		}
	}
	if out == nil {
		return nil, errors.New("none of the groups 19, 20, 21")
	}
	return out, nil
}

func ignore(err error) eap.Result { return eap.Result{Ignore: err} }

// fail ends the method without an answer, for the protocol has none.
func (m *method) fail(check string, err error) eap.Result {
	m.state = stateDone
	return eap.Result{State: eap.MethodStateDone, Decision: eap.DecisionFail, Why: &eap.Reason{Check: check, Detail: err.Error()}}
}

// Process takes one packet.
func (m *method) Process(r eap.Request) eap.Result {
	f, err := parseFragment(r.Data)
	if err != nil {
		return ignore(err)
	}
	if len(m.out) > 0 {
		if len(f.data) > 0 || f.first || f.more || f.exch != m.exch {
			return ignore(fmt.Errorf("%w: no acknowledgement of a fragment", ErrMalformed))
		}
		return m.send(r.ID)
	}
	if f.exch != m.expected() || m.state == stateDone {
		return ignore(fmt.Errorf("pwd: exchange %d does not fit the state", f.exch))
	}
	before := m.in
	whole, err := m.in.add(f)
	if err != nil {
		return ignore(err)
	}
	if m.in.data != nil { // more to come
		return eap.Result{Response: eap.Response(r.ID, eap.TypePWD, []byte{byte(f.exch)}), State: eap.MethodStateMayCont}
	}
	res := m.message(r.ID, f.exch, whole)
	if res.Need != nil || res.Ignore != nil {
		m.in = before // the same packet comes again
	}
	return res
}

func (m *method) expected() exchange {
	switch m.state {
	case stateID:
		return exchID
	case stateCommit:
		return exchCommit
	}
	return exchConfirm
}

func (m *method) message(id uint8, exch exchange, body []byte) eap.Result {
	switch exch {
	case exchID:
		return m.identity(id, body)
	case exchCommit:
		return m.commit(id, body)
	}
	return m.confirm(id, body)
}

// answer begins to send a message.
func (m *method) answer(id uint8, exch exchange, body []byte) eap.Result {
	m.exch, m.out = exch, body
	if len(body)+1 <= m.limit {
		m.out = nil
		return m.result(eap.Response(id, eap.TypePWD, []byte{byte(exch)}, body))
	}
	n := m.limit - 3
	head := []byte{byte(exch) | flagLength | flagMore, byte(len(body) >> 8), byte(len(body))}
	m.out = body[n:]
	return m.result(eap.Response(id, eap.TypePWD, head, body[:n]))
}

// send sends the next fragment.
func (m *method) send(id uint8) eap.Result {
	n := min(m.limit-1, len(m.out))
	part := m.out[:n]
	m.out = m.out[n:]
	head := byte(m.exch)
	if len(m.out) > 0 {
		head |= flagMore
	}
	return m.result(eap.Response(id, eap.TypePWD, []byte{head}, part))
}

// result says where the method stands; it is content once its Confirm has left.
func (m *method) result(resp []byte) eap.Result {
	r := eap.Result{Response: resp, State: eap.MethodStateMayCont}
	if m.state == stateDone && len(m.out) == 0 {
		r.State, r.Decision = eap.MethodStateDone, eap.DecisionUncondSucc
	}
	return r
}

// identity is the ID exchange: the server's proposal is accepted or not.
func (m *method) identity(id uint8, body []byte) eap.Result {
	msg, err := parseIdentity(body)
	if err != nil {
		return ignore(err)
	}
	name, need := m.env.Identity()
	if need != nil {
		return eap.Result{Need: need}
	}
	if err := m.accept(msg); err != nil {
		return m.fail("group", err)
	}
	m.id, m.peer = msg, bytes.Clone(name)
	m.id.name = bytes.Clone(msg.name)
	m.state = stateCommit
	reply := msg
	reply.name = m.peer
	return m.answer(id, exchID, reply.marshal())
}

func (m *method) accept(msg identity) error {
	if msg.random != hmacSHA256 || msg.prf != hmacSHA256 {
		return fmt.Errorf("pwd: the server proposes random function %d and PRF %d", msg.random, msg.prf)
	}
	if !msg.prep.supported() {
		return fmt.Errorf("pwd: password preparation %q is not supported", msg.prep)
	}
	for _, g := range m.groups {
		if g == msg.group {
			c, err := ecc.NewCurve(g)
			m.curve = c
			return err
		}
	}
	return fmt.Errorf("pwd: the server proposes group %d, allowed are %v", msg.group, m.groups)
}

// commit is the Commit exchange.
func (m *method) commit(id uint8, body []byte) eap.Result {
	msg, err := parseCommit(body, m.curve, m.id.prep.salted())
	if err != nil {
		return ignore(err)
	}
	pw, need := m.env.Password()
	if need != nil {
		return eap.Result{Need: need}
	}
	secret, err := m.id.prep.apply(pw, msg.salt)
	if err != nil {
		return m.fail("password", err)
	}
	defer secret.Zero()
	if m.pwe, err = passwordElement(m.curve, m.id.token, m.peer, m.id.name, secret); err != nil {
		return m.fail("password", err)
	}
	if m.own, err = newPrivate(m.curve, m.env.Rand, m.pwe); err != nil {
		return m.fail("randomness", err)
	}
	if err := m.own.check(m.curve, msg); err != nil {
		return m.fail("commit", err)
	}
	if m.k, err = m.own.shared(m.curve, m.pwe, msg); err != nil {
		return m.fail("commit", err)
	}
	m.server = commit{element: bytes.Clone(msg.element), scalar: bytes.Clone(msg.scalar)}
	m.state = stateConfirm
	return m.answer(id, exchCommit, append(bytes.Clone(m.own.element), m.own.scalar...))
}

// confirm is the Confirm exchange.
func (m *method) confirm(id uint8, body []byte) eap.Result {
	if len(body) != hashLen {
		return ignore(fmt.Errorf("%w: Confirm of %d bytes, want %d", ErrMalformed, len(body), hashLen))
	}
	suite := m.id.suite()
	theirs := confirmOf(m.k, m.server.element, m.server.scalar, m.own.element, m.own.scalar, suite)
	if subtle.ConstantTimeCompare(theirs, body) != 1 {
		return m.fail("server proof", errProof)
	}
	ours := confirmOf(m.k, m.own.element, m.own.scalar, m.server.element, m.server.scalar, suite)
	m.keys = exported(m.k, ours, theirs, suite, m.own.scalar, m.server.scalar)
	m.state = stateDone
	return m.answer(id, exchConfirm, ours)
}

// Keys returns MSK, EMSK and Session-Id once both sides have proven themselves.
func (m *method) Keys() *eap.Keys { return m.keys }

// Status has nothing to tell.
func (m *method) Status() []eap.KeyValue { return nil }

// Close overwrites secrets.
func (m *method) Close() {
	m.k.Zero()
	clear(m.pwe)
	if m.own != nil {
		clear(m.own.rand)
	}
	if m.keys != nil {
		m.keys.MSK.Zero()
		m.keys.EMSK.Zero()
	}
}

// String names the method and nothing else.
func (m *method) String() string { return "EAP-PWD" }

// GoString is String.
func (m *method) GoString() string { return m.String() }

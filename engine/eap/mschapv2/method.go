package mschapv2

import (
	"bytes"
	"crypto/subtle"
	"fmt"
	"io"
	"strings"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/keys"
)

// Kind describes the method.
func Kind() eap.Kind {
	return eap.Kind{Type: eap.TypeMSCHAPv2, Name: "MSCHAPV2", Outer: true, Inner: true, New: newMethod}
}

type state uint8

const (
	stateChallenge state = iota // nothing answered yet
	stateSent                   // a response or a new password is with the server
	stateDone
)

type method struct {
	env   *eap.Env
	retry bool // ask for another password

	state    state
	user     []byte // without domain
	hash     keys.Secret
	auth     []byte // challenges of the last response
	peer     []byte
	response [ResponseLen]byte
	changed  *eap.Password // sent and not confirmed yet
	asked    bool          // the failure at hand was reported and the user asked
	keys     *eap.Keys
}

func newMethod(env *eap.Env) (eap.Method, error) {
	m := &method{env: env, retry: true}
	if v, ok := env.Options().Get("mschapv2_retry"); ok {
		m.retry = v != "0"
	}
	if p := env.Config.Password; p.Set() {
		hash, err := HashOf(p)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", eap.ErrConfig, err)
		}
		hash.Zero()
	}
	return m, nil
}

func ignore(err error) eap.Result { return eap.Result{Ignore: err} }

// Process takes one request.
func (m *method) Process(r eap.Request) eap.Result {
	msg, err := parseMessage(r.Data, m.env.Config.Workaround)
	if err != nil {
		return ignore(err)
	}
	switch {
	case msg.op == opChallenge && m.state != stateDone:
		return m.challenge(r.ID, msg)
	case msg.op == opSuccess && m.state == stateSent:
		return m.success(r.ID, msg)
	case msg.op == opFailure && m.state == stateSent:
		return m.failure(r.ID, msg)
	}
	return ignore(fmt.Errorf("mschapv2: message %d does not fit the state", msg.op))
}

// fail ends the method; a failure response goes out when the server waits for one.
func (m *method) fail(id uint8, tell bool, why *eap.Reason) eap.Result {
	m.state = stateDone
	res := eap.Result{State: eap.MethodStateDone, Decision: eap.DecisionFail, Why: why}
	if tell {
		res.Response = eap.Response(id, eap.TypeMSCHAPv2, []byte{byte(opFailure)})
	}
	return res
}

func (m *method) fault(id uint8, err error) eap.Result {
	return m.fail(id, false, &eap.Reason{Check: "password", Detail: err.Error()})
}

// credentials reads name and password.
func (m *method) credentials() (name []byte, hash keys.Secret, need *eap.Need, err error) {
	name, need = m.env.Identity()
	if need != nil {
		return nil, nil, need, nil
	}
	pw, need := m.env.Password()
	if need != nil {
		return nil, nil, need, nil
	}
	hash, err = HashOf(pw)
	return name, hash, nil, err
}

// challenge answers a challenge; a second one begins anew.
func (m *method) challenge(id uint8, msg message) eap.Result {
	auth, err := parseChallenge(msg.body)
	if err != nil {
		return ignore(err)
	}
	if m.env.AuthChallenge != nil {
		auth = m.env.AuthChallenge
	}
	name, hash, need, err := m.credentials()
	if need != nil {
		return eap.Result{Need: need}
	}
	if err != nil {
		return m.fault(id, err)
	}
	return m.respond(id, msg.id, auth, name, hash)
}

// respond proves knowledge of hash.
func (m *method) respond(id, msID uint8, auth, name []byte, hash keys.Secret) eap.Result {
	if err := m.prepare(auth, name); err != nil {
		return m.fault(id, err)
	}
	m.hash.Zero()
	m.hash = hash
	m.response = NTResponse(m.auth, m.peer, m.user, m.hash)
	m.changed, m.asked, m.state = nil, false, stateSent
	return eap.Result{
		Response: eap.Response(id, eap.TypeMSCHAPv2, buildResponse(msID, m.peer, m.response, name)),
		State:    eap.MethodStateMayCont, Decision: eap.DecisionFail,
	}
}

// prepare sets the challenges of a response.
func (m *method) prepare(auth, name []byte) error {
	m.auth, m.user = bytes.Clone(auth), bytes.Clone(User(name))
	m.peer = bytes.Clone(m.env.PeerChallenge)
	if m.peer != nil {
		return nil
	}
	m.peer = make([]byte, ChallengeLen)
	if _, err := io.ReadFull(m.env.Rand, m.peer); err != nil {
		return fmt.Errorf("mschapv2: randomness: %w", err)
	}
	return nil
}

// success checks the server's proof.
func (m *method) success(id uint8, msg message) eap.Result {
	proof, err := parseSuccess(msg.body)
	if err != nil {
		return m.fail(id, true, &eap.Reason{Check: "server proof", Detail: err.Error()})
	}
	want := AuthenticatorResponse(m.hash, m.response, m.peer, m.auth, m.user)
	if subtle.ConstantTimeCompare(proof, want[:]) != 1 {
		return m.fail(id, true, &eap.Reason{Check: "server proof",
			Detail: "the server does not know the password: its S= is wrong"})
	}
	m.state = stateDone
	m.keys = &eap.Keys{MSK: MSK(m.hash, m.response)}
	res := eap.Result{
		Response: eap.Response(id, eap.TypeMSCHAPv2, []byte{byte(opSuccess)}),
		State:    eap.MethodStateDone, Decision: eap.DecisionUncondSucc,
	}
	if m.changed != nil {
		res.Outputs = append(res.Outputs, eap.PasswordChanged{New: *m.changed})
	}
	return res
}

// failure tells the user what the server says, and tries again where the server
// lets us.
func (m *method) failure(id uint8, msg message) eap.Result {
	f, err := parseFailure(msg.body)
	if err != nil {
		return ignore(err)
	}
	var out []eap.Output
	if !m.asked {
		out = []eap.Output{eap.ServerMessage{Text: f.text, Code: f.code, Retry: f.retry}}
	}
	var res eap.Result
	switch {
	case f.code == errAuthentication && f.retry && m.retry && f.challenge != nil && m.changed == nil:
		res = m.again(id, msg, f)
	case f.code == errExpired && f.challenge != nil && f.version >= 3 && m.changed == nil:
		res = m.change(id, msg, f)
	default:
		detail := f.reason()
		if f.text != "" {
			detail += ": " + strings.ToValidUTF8(f.text, "?")
		}
		res = m.fail(id, true, &eap.Reason{Check: "password", Detail: detail, Remote: true})
	}
	res.Outputs = append(out, res.Outputs...)
	return res
}

// again asks for another password and answers the failure's challenge with it.
func (m *method) again(id uint8, msg message, f *failure) eap.Result {
	if !m.asked { // what was answered before was wrong
		m.asked = true
		m.env.Answers.Drop(eap.FieldPassword)
	}
	pw, ok := m.env.Answers.Get(eap.FieldPassword)
	if !ok {
		return eap.Result{Need: &eap.Need{Field: eap.FieldPassword}}
	}
	hash, err := NTHash(pw)
	if err != nil {
		return m.fail(id, true, &eap.Reason{Check: "password", Detail: err.Error()})
	}
	name, need := m.env.Identity()
	if need != nil {
		return eap.Result{Need: need}
	}
	return m.respond(id, msg.id+1, f.challenge, name, hash)
}

// change asks for a new password and sends it.
func (m *method) change(id uint8, msg message, f *failure) eap.Result {
	m.asked = true
	if _, ok := m.env.Answers.Get(eap.FieldNewPassword); !ok {
		return eap.Result{Need: &eap.Need{Field: eap.FieldNewPassword}}
	}
	name, need := m.env.Identity()
	if need != nil {
		return eap.Result{Need: need}
	}
	pw, _ := m.env.Answers.Take(eap.FieldNewPassword)
	data, err := m.newPassword(msg.id+1, f.challenge, name, pw)
	if err != nil {
		return m.fail(id, true, &eap.Reason{Check: "password", Detail: err.Error()})
	}
	return eap.Result{
		Response: eap.Response(id, eap.TypeMSCHAPv2, data),
		State:    eap.MethodStateMayCont, Decision: eap.DecisionFail,
	}
}

// newPassword builds the message that changes the password, and goes over to it.
func (m *method) newPassword(msID uint8, auth, name []byte, pw keys.Secret) ([]byte, error) {
	if err := m.prepare(auth, name); err != nil {
		return nil, err
	}
	wide, err := utf16le(pw)
	if err != nil {
		return nil, err
	}
	defer wide.Zero()
	block, err := newPasswordBlock(m.env.Rand, wide, m.hash)
	if err != nil {
		return nil, err
	}
	hash := hashMD4(wide)
	old := oldHashBlock(m.hash, hash)
	m.hash.Zero()
	m.hash = hash
	m.response = NTResponse(m.auth, m.peer, m.user, m.hash)
	m.changed, m.asked = &eap.Password{Value: pw}, false
	return buildChange(msID, block, old, m.peer, m.response), nil
}

// Keys returns the 32 bytes of RFC 3079.
func (m *method) Keys() *eap.Keys { return m.keys }

// Status has nothing to tell.
func (m *method) Status() []eap.KeyValue { return nil }

// Close overwrites secrets.
func (m *method) Close() {
	m.hash.Zero()
	if m.keys != nil {
		m.keys.MSK.Zero()
	}
}

// String names the method and nothing else.
func (m *method) String() string { return "EAP-MSCHAPv2" }

// GoString is String.
func (m *method) GoString() string { return m.String() }

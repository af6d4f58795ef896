package psk

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/keys"
)

// Kind describes the method.
func Kind() eap.Kind {
	return eap.Kind{Type: eap.TypePSK, Name: "PSK", Outer: true, Inner: true, New: newMethod}
}

// ErrMalformed is what every refusal of a message wraps.
var ErrMalformed = errors.New("psk: malformed message")

// Flags: the number of a message minus one, in the upper two bits (5).
const (
	flagsFirst  = 0x00
	flagsSecond = 0x40
	flagsThird  = 0x80
	flagsFourth = 0xc0
	flagsMask   = 0xc0
)

// The result in the protected channel (5.3), in the upper two bits.
const (
	resultContinue = 0x40
	resultSuccess  = 0x80
	resultFailure  = 0xc0
)

// headerLen is what the channel's tag covers in the clear: the EAP header, type,
// flags and RAND_S.
const headerLen = 22

type state uint8

const (
	stateBegin state = iota
	stateSent        // our MAC is with the server
	stateDone
)

type method struct {
	env     *eap.Env
	ak, kdk keys.Secret

	state  state
	server []byte // ID_S
	randS  []byte
	randP  []byte
	tek    keys.Secret
	keys   *eap.Keys
	good   bool
}

func newMethod(env *eap.Env) (eap.Method, error) {
	pw, need := env.Password()
	if need != nil {
		return nil, &eap.NeedError{Need: *need}
	}
	if pw.Hash || len(pw.Value) != keyLen {
		return nil, fmt.Errorf("%w: the password of PSK is a key of %d bytes", eap.ErrConfig, keyLen)
	}
	ak, kdk, err := setup(pw.Value)
	if err != nil {
		return nil, err
	}
	return &method{env: env, ak: ak, kdk: kdk}, nil
}

func ignore(err error) eap.Result { return eap.Result{Ignore: err} }

func (m *method) fail(resp []byte, check, detail string) eap.Result {
	m.state = stateDone
	return eap.Result{Response: resp, State: eap.MethodStateDone, Why: &eap.Reason{Check: check, Detail: detail}}
}

// Process takes one message.
func (m *method) Process(r eap.Request) eap.Result {
	if len(r.Data) < 1+randLen {
		return ignore(fmt.Errorf("%w: %d bytes", ErrMalformed, len(r.Data)))
	}
	randS, rest := r.Data[1:1+randLen], r.Data[1+randLen:]
	switch {
	case r.Data[0]&flagsMask == flagsFirst && m.state == stateBegin:
		return m.first(r.ID, randS, rest)
	case r.Data[0]&flagsMask == flagsThird && m.state == stateSent:
		return m.third(r, randS, rest)
	}
	return ignore(fmt.Errorf("psk: flags %#02x do not fit the state", r.Data[0]))
}

// first answers the server's random number and name (4.1).
func (m *method) first(id uint8, randS, server []byte) eap.Result {
	name, need := m.env.Identity()
	if need != nil {
		return eap.Result{Need: need}
	}
	randP := make([]byte, randLen)
	if _, err := io.ReadFull(m.env.Rand, randP); err != nil {
		return m.fail(nil, "randomness", "psk: randomness: "+err.Error())
	}
	mac, err := keys.CMAC(m.ak, name, server, randS, randP)
	if err != nil {
		return m.fail(nil, "key", err.Error())
	}
	m.randS, m.server, m.randP = bytes.Clone(randS), bytes.Clone(server), randP
	m.state = stateSent
	return eap.Result{
		Response: eap.Response(id, eap.TypePSK, []byte{flagsSecond}, randS, randP, mac, name),
		State:    eap.MethodStateMayCont,
	}
}

// third checks the server's proof and opens the protected channel (4.2).
func (m *method) third(r eap.Request, randS, rest []byte) eap.Result {
	switch {
	case !bytes.Equal(randS, m.randS):
		return ignore(fmt.Errorf("%w: RAND_S of another conversation", ErrMalformed))
	case len(rest) < macLen+4+macLen+1 || len(r.Packet) < headerLen:
		return ignore(fmt.Errorf("%w: third message of %d bytes", ErrMalformed, len(r.Data)))
	}
	mac, err := keys.CMAC(m.ak, m.server, m.randP)
	if err != nil {
		return m.fail(nil, "key", err.Error())
	}
	if !keys.Equal(mac, rest[:macLen]) {
		return m.fail(nil, "server proof", "the server does not know the key: its MAC is wrong")
	}
	tek, out, err := derive(m.kdk, m.randP)
	if err != nil {
		return m.fail(nil, "key", err.Error())
	}
	m.tek, m.keys = tek, out
	channel := rest[macLen:]
	plain, err := m.open(r.Packet[:headerLen], channel)
	if err != nil {
		return m.fail(nil, "server proof", err.Error())
	}
	m.keys.SessionID = append(append([]byte{byte(eap.TypePSK.Number)}, m.randP...), m.randS...)
	return m.answer(r.ID, plain[0])
}

// open decrypts a channel: nonce (4 bytes, 0 of the first), tag, text.
func (m *method) open(header, channel []byte) ([]byte, error) {
	if n := binary.BigEndian.Uint32(channel); n != 0 {
		return nil, fmt.Errorf("psk: channel's nonce is %d, want 0", n)
	}
	plain, tag, err := eax(m.tek, nonce(0), header, channel[4+macLen:], false)
	if err != nil {
		return nil, err
	}
	if !keys.Equal(tag, channel[4:4+macLen]) {
		return nil, errors.New("psk: the protected channel's tag is wrong")
	}
	return plain, nil
}

// nonce is the channel's 16 bytes.
func nonce(n uint32) []byte { return binary.BigEndian.AppendUint32(make([]byte, 12), n) }

// answer sends our result in the fourth message (4.3).
func (m *method) answer(id uint8, flags byte) eap.Result {
	result := byte(resultSuccess)
	if flags&flagsMask != resultSuccess {
		result = resultFailure
	}
	resp := eap.Response(id, eap.TypePSK, []byte{flagsFourth}, m.randS, make([]byte, 4+macLen+1))
	text, tag, err := eax(m.tek, nonce(1), resp[:headerLen], []byte{result}, true)
	if err != nil {
		return m.fail(nil, "key", err.Error())
	}
	at := headerLen
	binary.BigEndian.PutUint32(resp[at:], 1)
	at += 4
	at += copy(resp[at:], tag)
	copy(resp[at:], text)
	switch flags & flagsMask {
	case resultSuccess:
		m.state, m.good = stateDone, true
		return eap.Result{Response: resp, State: eap.MethodStateDone, Decision: eap.DecisionUncondSucc}
	case resultContinue:
		return m.fail(resp, "protocol", "the server wants to go on with an extension, of which none is built")
	}
	res := m.fail(resp, "server refused", "the server reports failure in the protected channel")
	res.Why.Remote = true
	return res
}

// Keys returns the keys after a good end.
func (m *method) Keys() *eap.Keys {
	if !m.good {
		return nil
	}
	return m.keys
}

// Status has nothing to tell.
func (m *method) Status() []eap.KeyValue { return nil }

// Close overwrites secrets.
func (m *method) Close() {
	m.ak.Zero()
	m.kdk.Zero()
	m.tek.Zero()
	if m.keys != nil {
		m.keys.MSK.Zero()
		m.keys.EMSK.Zero()
	}
}

// String names the method and nothing else.
func (m *method) String() string { return "EAP-PSK" }

// GoString is String.
func (m *method) GoString() string { return m.String() }

package sim

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/keys"
)

// subtype is the first byte behind the type.
type subtype uint8

const (
	subAKAChallenge   subtype = 1
	subAKAReject      subtype = 2
	subAKASync        subtype = 4
	subAKAIdentity    subtype = 5
	subSIMStart       subtype = 10
	subSIMChallenge   subtype = 11
	subNotification   subtype = 12
	subReauth         subtype = 13
	subClientError    subtype = 14
	headerLen                 = 3 // subtype and reserve
	typeDataAt                = 5 // in the EAP packet
	notifySuccess             = 0x8000
	notifyBefore              = 0x4000 // the P bit: before the keys are known
	maxSyncFailures           = 2
	clientUnable      uint16  = 0
	clientVersion     uint16  = 1
	clientFewRands    uint16  = 2
	clientStaleRands  uint16  = 3
	supportedVersion  uint16  = 1
	kdfPrime          uint16  = 1
	biddingPrime      uint16  = 0x8000
	separationBit             = 0x80
	defaultChallenges         = 2
)

var (
	errMAC           = errors.New("sim: AT_MAC does not verify")
	errIdentityOrder = errors.New("sim: the server asks for an identity out of order")
	errState         = errors.New("sim: message does not fit the state")
)

type state uint8

const (
	stateBegin   state = iota // identities; nothing is proven
	stateResult               // the server is known, its protected success is awaited
	stateSuccess              // content; the server may still notify
	stateFailed
)

// base is what the methods have in common.
type base struct {
	env  *eap.Env
	kind eap.Type
	card card

	state     state
	resultInd bool // asked for in the configuration
	protected bool // the success is to come as a notification
	permanent []byte
	identity  []byte // last told
	idRank    int    // of the last request for one
	mem       memory

	known   bool // keys are those of this conversation
	keys    transient
	reauth  bool   // this conversation is a fast reauthentication
	counter uint16 // of the reauthentication
	out     *eap.Keys
}

func newBase(env *eap.Env, kind eap.Type) (*base, error) {
	c, err := newCard(env)
	if err != nil {
		return nil, err
	}
	b := &base{env: env, kind: kind, card: c, mem: recall(env, kind)}
	b.resultInd = env.Options().Int("result_ind", 0) == 1
	return b, nil
}

// begin takes the configured identity, which everything needs.
func (b *base) begin() *eap.Need {
	if b.permanent != nil {
		return nil
	}
	id, need := b.env.Identity()
	if need != nil {
		return need
	}
	b.permanent = append([]byte{}, id...)
	b.identity = b.announced()
	return nil
}

// split returns subtype and attributes of a request.
func split(data []byte) (subtype, *attrs, error) {
	if len(data) < headerLen {
		return 0, nil, fmt.Errorf("%w: %d bytes, a header has %d", ErrMalformed, len(data), headerLen)
	}
	a, err := parseAttrs(data[headerLen:])
	return subtype(data[0]), a, err
}

// message builds a response.
func (b *base) message(id uint8, s subtype) []byte {
	return eap.Response(id, b.kind, []byte{byte(s), 0, 0})
}

// add appends an attribute and keeps the length field right.
func add(packet []byte, t attribute, value uint16, body []byte) []byte {
	packet = appendAttr(packet, t, value, body)
	packet[2], packet[3] = byte(len(packet)>>8), byte(len(packet))
	return packet
}

// seal appends AT_MAC over the packet and extra.
func (b *base) seal(packet, extra []byte) []byte {
	packet = add(packet, atMAC, 0, make([]byte, macLen))
	at := len(packet) - macLen
	copy(packet[at:], b.keys.mac(packet, at, extra))
	return packet
}

// verify checks the AT_MAC of a request.
func (b *base) verify(r eap.Request, a *attrs, extra []byte, k *transient) error {
	if a.mac == nil {
		return fmt.Errorf("%w: it is missing", errMAC)
	}
	at := len(r.Packet) - len(r.Data) + headerLen + a.macAt
	if at+macLen > len(r.Packet) {
		return errMAC
	}
	if !keys.Equal(k.mac(r.Packet, at, extra), a.mac) {
		return errMAC
	}
	return nil
}

// addEncrypted appends attributes under a random AT_IV.
func (b *base) addEncrypted(packet, plain []byte) ([]byte, error) {
	iv := make([]byte, ivLen)
	if _, err := io.ReadFull(b.env.Rand, iv); err != nil {
		return nil, fmt.Errorf("sim: randomness: %w", err)
	}
	enc, err := b.keys.encrypt(iv, plain)
	if err != nil {
		return nil, err
	}
	return add(add(packet, atIV, 0, iv), atEncrData, 0, enc), nil
}

// result says where the method stands.
func (b *base) result(resp []byte) eap.Result {
	r := eap.Result{Response: resp, State: eap.MethodStateMayCont}
	switch b.state {
	case stateSuccess:
		r.Decision = eap.DecisionCondSucc
		if b.protected {
			r.State, r.Decision = eap.MethodStateDone, eap.DecisionUncondSucc
		}
	case stateFailed:
		r.State = eap.MethodStateDone
	}
	return r
}

// fail ends the method with a last response.
func (b *base) fail(resp []byte, check string, err error) eap.Result {
	b.state, b.out = stateFailed, nil
	r := b.result(resp)
	r.Why = &eap.Reason{Check: check, Detail: err.Error()}
	return r
}

// clientError is the answer to what cannot be processed (RFC 4186, 6.3.1).
func (b *base) clientError(id uint8, code uint16, check string, err error) eap.Result {
	b.forgetReauth()
	return b.fail(add(b.message(id, subClientError), atClientErrorCode, code, nil), check, err)
}

// forgetReauth makes the next conversation a full one.
func (b *base) forgetReauth() {
	if b.mem.reauthID != nil {
		b.forget(false)
	}
}

// finish is called when the server has proven itself.
func (b *base) finish(a *attrs) {
	b.known = true
	b.protected = b.resultInd && a.resultInd
	b.state = stateSuccess
	if b.protected {
		b.state = stateResult
	}
}

// opened returns the encrypted part of a verified request; nil without one.
func opened(a *attrs, k *transient) (*attrs, error) {
	if a.encrypted == nil {
		return nil, nil
	}
	return k.decrypt(a.iv, a.encrypted)
}

// notification is RFC 4186, 6 and 9.8: an outcome, protected once there are keys.
func (b *base) notification(r eap.Request, a *attrs) eap.Result {
	switch {
	case !a.notified:
		return b.clientError(r.ID, clientUnable, "protocol", fmt.Errorf("%w: notification without a code", ErrMalformed))
	case (a.notification&notifyBefore != 0) == b.known, a.notification&notifyBefore != 0 && a.notification&notifySuccess != 0:
		return b.clientError(r.ID, clientUnable, "protocol", fmt.Errorf("%w: notification %d", errState, a.notification))
	}
	resp := b.message(r.ID, subNotification)
	if b.known {
		var err error
		if resp, err = b.protectedNotification(r, a, resp); err != nil {
			return b.clientError(r.ID, clientUnable, "protocol", err)
		}
	}
	if a.notification&notifySuccess == 0 {
		b.forgetReauth()
		res := b.fail(resp, "server refused", fmt.Errorf("the server says: %s", notificationText(a.notification)))
		res.Why.Remote = true
		res.Outputs = []eap.Output{eap.ErrorCode{Code: int(a.notification)}}
		return res
	}
	if b.state == stateResult {
		b.state = stateSuccess
	}
	return b.result(resp)
}

// protectedNotification checks and answers what a notification holds beside its
// code after the keys are known.
func (b *base) protectedNotification(r eap.Request, a *attrs, resp []byte) ([]byte, error) {
	if err := b.verify(r, a, nil, &b.keys); err != nil {
		return nil, err
	}
	if b.reauth {
		inner, err := opened(a, &b.keys)
		if err != nil {
			return nil, err
		}
		if inner == nil || !inner.counted || inner.counter != b.counter {
			return nil, fmt.Errorf("%w: notification without this reauthentication's counter", ErrMalformed)
		}
		if resp, err = b.addEncrypted(resp, appendAttr(nil, atCounter, b.counter, nil)); err != nil {
			return nil, err
		}
	}
	return b.seal(resp, nil), nil
}

// notificationText is the meaning of a code (RFC 4186, 10.18).
func notificationText(code uint16) string {
	switch code {
	case 0:
		return "general failure after authentication"
	case 16384:
		return "general failure"
	case 1026:
		return "access temporarily denied"
	case 1031:
		return "not subscribed to the service"
	case 32768:
		return "success"
	}
	return fmt.Sprintf("notification %d", code)
}

// reauthenticate is RFC 4186, 5 and 9.5.
func (b *base) reauthenticate(r eap.Request, a *attrs, sessionID func(nonceS, mac []byte) []byte) eap.Result {
	if b.state != stateBegin || !b.mem.usableReauth(b.env) {
		return b.clientError(r.ID, clientUnable, "protocol", fmt.Errorf("%w: reauthentication", errState))
	}
	k := b.mem.keys.clone()
	inner, err := b.reauthRequest(r, a, &k)
	if err != nil {
		return b.clientError(r.ID, clientUnable, "server proof", err)
	}
	b.keys = k
	plain := appendAttr(nil, atCounter, inner.counter, nil)
	resp := b.message(r.ID, subReauth)
	tooSmall := inner.counter <= b.mem.counter
	if tooSmall {
		plain = appendAttr(plain, atCounterTooSmall, 0, nil)
	}
	if resp, err = b.addEncrypted(resp, plain); err != nil {
		return b.fail(nil, "randomness", err)
	}
	if tooSmall { // the server goes over to full authentication
		b.forget(false)
		b.idRank = 0
		return b.result(b.seal(resp, inner.nonceS))
	}
	b.reauth, b.counter = true, inner.counter
	id := bytes.Clone(b.identity)
	b.out = b.keys.reauthKeys(id, inner.counter, inner.nonceS)
	b.out.SessionID = sessionID(inner.nonceS, a.mac)
	b.finish(a)
	if b.protected {
		resp = add(resp, atResultInd, 0, nil)
	}
	b.learn(inner)
	return b.result(b.seal(resp, inner.nonceS))
}

// reauthRequest verifies a request and returns its encrypted part.
func (b *base) reauthRequest(r eap.Request, a *attrs, k *transient) (*attrs, error) {
	if err := b.verify(r, a, nil, k); err != nil {
		return nil, err
	}
	inner, err := opened(a, k)
	if err != nil {
		return nil, err
	}
	if inner == nil || !inner.counted || inner.nonceS == nil {
		return nil, fmt.Errorf("%w: reauthentication without counter and NONCE_S", ErrMalformed)
	}
	return inner, nil
}

// Keys returns the keys once the server has proven itself and this side is content.
func (b *base) Keys() *eap.Keys {
	if b.state != stateSuccess {
		return nil
	}
	return b.out
}

// Status has nothing to tell.
func (b *base) Status() []eap.KeyValue { return nil }

// Close overwrites secrets.
func (b *base) Close() {
	b.keys.zero()
	if b.out != nil {
		b.out.MSK.Zero()
		b.out.EMSK.Zero()
	}
}

// String names the method and nothing else.
func (b *base) String() string { return "EAP-" + b.kind.String() }

// GoString is String.
func (b *base) GoString() string { return b.String() }

package teap

import (
	"log/slog"

	"gosupplicant/engine/eap"
)

// inside handles one message of the tunnel: what ended, then what begins, then
// the whole.
func (m *method) inside(req eap.Request, r eap.Result, plain []byte) eap.Result {
	x, err := parseMessage(plain)
	if err != nil {
		return m.fail(req, r, appendError(errorUnexpected), m.reason("tlv", "%v", err))
	}
	if x.unknownFound {
		return m.send(req, r, appendNAK(x.unknown))
	}
	before, oldInner := m.b, m.inner
	reply, why := m.closeMethod(x)
	if why != nil {
		return m.fail(req, r, appendError(errorCompromise), why)
	}
	more, need, why := m.openMethod(x, &r)
	if need != nil { // the same message comes again
		m.b, m.inner = before, oldInner
		if m.pending == nil {
			m.pending = append([]byte{}, plain...)
		}
		r.Need = need
		return r
	}
	m.pending = nil
	if why != nil {
		return m.fail(req, r, nil, why)
	}
	reply = append(reply, more...)
	if x.errorCode != 0 {
		m.why = &eap.Reason{Check: "server refused", Remote: true, Inner: m.innerType(), Detail: "the server reports: " + describe(x.errorCode)}
	}
	return m.finish(req, r, x, reply)
}

// closeMethod takes the outcome of a method inside, and the binding.
func (m *method) closeMethod(x message) (reply []byte, why *eap.Reason) {
	if x.intermediate == statusFailure {
		m.b.finished = false
		m.why = &eap.Reason{Check: "server refused", Remote: true, Inner: m.innerType(), Detail: "the server reports failure of a method inside the tunnel"}
		return appendNumber(nil, tlvIntermediate, statusFailure), nil
	}
	if x.intermediate == statusSuccess {
		switch {
		case !m.b.finished && m.inner != nil:
			return nil, m.reason("phase 2", "the server claims success before the method inside ended well")
		case x.binding == nil:
			return nil, m.reason("crypto-binding", "the server claims success of a method inside without Crypto-Binding")
		}
		reply = appendNumber(reply, tlvIntermediate, statusSuccess)
	}
	if x.binding == nil {
		return reply, nil
	}
	tlv, why := m.bind(x.binding)
	return append(reply, tlv...), why
}

// bind verifies a Crypto-Binding and goes on to the next link of the chain; a
// second one without a method in between is about the same link.
func (m *method) bind(request []byte) ([]byte, *eap.Reason) {
	var byEMSK, byMSK link
	var haveEMSK bool
	switch {
	case m.b.finished && m.inner != nil:
		byEMSK, haveEMSK, byMSK = m.prf.candidates(m.b.link, m.inner.Keys())
	case m.b.finished || m.b.link.cmk == nil:
		byEMSK, haveEMSK, byMSK = m.prf.candidates(m.b.link, nil)
	default:
		byEMSK, haveEMSK, byMSK = m.b.link, true, m.b.link
	}
	next, flag, err := m.prf.verify(request, m.outer, byEMSK, haveEMSK && !m.byMSK, byMSK)
	if err != nil {
		return nil, m.reason("crypto-binding", "%v", err)
	}
	m.b.link = next
	m.b.proven = m.b.proven || m.b.finished
	m.b.finished = false
	return m.prf.response(request, m.outer, next, flag), nil
}

// openMethod answers what asks for an identity or a proof of it.
func (m *method) openMethod(x message, r *eap.Result) (reply []byte, need *eap.Need, why *eap.Reason) {
	if x.identityType != 0 {
		m.b.identity = identityUser
		if x.identityType == identityMachine && m.env.Config.MachineIdentity != nil {
			m.b.identity = identityMachine
		}
		reply = appendNumber(reply, tlvIdentityType, m.b.identity)
		if m.inner != nil && !m.b.finished { // another identity, another conversation
			m.inner = nil
		}
	}
	if (x.payload != nil || x.basic) && m.b.finished {
		return nil, nil, m.reason("crypto-binding", "the server begins another method before the last one is bound")
	}
	switch {
	case x.payload != nil:
		payload, need, why := m.payload(x, r)
		return append(reply, payload...), need, why
	case x.basic && !m.plainAllowed():
		return append(reply, appendNAK(tlvBasicRequest)...), nil, nil
	case x.basic:
		tlv, need, why := m.basic()
		if need == nil && why == nil {
			m.inner, m.b.finished = nil, true
		}
		return append(reply, tlv...), need, why
	}
	return reply, nil, nil
}

// payload gives an EAP packet to the method inside; a new one begins when the
// last is over.
func (m *method) payload(x message, r *eap.Result) (tlv []byte, need *eap.Need, why *eap.Reason) {
	if m.inner == nil || m.inner.State() == eap.MethodStateDone || m.b.proven && m.inner.Decision() != eap.DecisionFail {
		env := m.credentials()
		inner, err := eap.NewInner(env, authNames(env.Config.Phase2))
		if err != nil {
			return nil, nil, m.reason("configuration", "%v", err)
		}
		m.inner = inner
	}
	in := m.inner.Process(x.payload)
	r.Outputs = append(r.Outputs, in.Outputs...)
	if in.Need != nil && m.b.identity == identityMachine {
		return nil, nil, m.reason("configuration", "the server wants the machine's %v, which is not set", in.Need.Field)
	}
	switch {
	case in.Need != nil:
		return nil, in.Need, nil
	case in.Ignore != nil:
		r.Outputs = append(r.Outputs, eap.Note{Level: slog.LevelDebug, Text: "EAP-TEAP: inner request dropped: " + in.Ignore.Error()})
		return nil, nil, nil
	}
	if in.Why != nil {
		r.Why = in.Why
	}
	m.b.finished = in.Decision != eap.DecisionFail && in.State >= eap.MethodStateMayCont
	if in.Response == nil {
		return nil, nil, in.Why
	}
	return appendTLV(nil, tlvEAPPayload, in.Response...), nil, nil
}

// finish takes the result of the whole.
func (m *method) finish(req eap.Request, r eap.Result, x message, reply []byte) eap.Result {
	switch x.result {
	case statusFailure:
		m.done, m.decision = true, eap.DecisionFail
		if r.Why = m.why; r.Why == nil {
			r.Why = &eap.Reason{Check: "server refused", Remote: true, Inner: m.innerType(), Detail: "the server reports failure inside the tunnel"}
		}
		return m.send(req, r, appendNumber(reply, tlvResult, statusFailure))
	case statusSuccess:
		if why := m.unsatisfied(); why != nil {
			return m.fail(req, r, appendError(errorUnexpected), why)
		}
		m.done, m.decision = true, eap.DecisionUncondSucc
		m.keys = m.prf.exported(m.b.link)
		m.keys.SessionID = m.sessionID()
		return m.send(req, r, appendNumber(reply, tlvResult, statusSuccess))
	}
	if x.action && len(reply) == 0 { // nothing that could be done is built
		reply = appendNAK(tlvRequestAction)
	}
	return m.send(req, r, reply)
}

// unsatisfied tells what is missing for success.
func (m *method) unsatisfied() *eap.Reason {
	switch {
	case m.b.link.cmk == nil:
		return m.reason("crypto-binding", "the server claims success without Crypto-Binding")
	case m.b.finished:
		return m.reason("crypto-binding", "the server claims success before the last method is bound")
	case !m.b.proven && !m.s.Resumed() && !m.s.ClientCertificate():
		return m.reason("phase 2", "the server wants to skip the methods inside the tunnel")
	}
	return nil
}

// appendNAK refuses a TLV (RFC 7170, 4.2.5).
func appendNAK(t tlvType) []byte {
	return appendTLV(nil, tlvNAK, 0, 0, 0, 0, byte(t>>8), byte(t))
}

func appendError(code uint32) []byte {
	return appendTLV(nil, tlvError, byte(code>>24), byte(code>>16), byte(code>>8), byte(code))
}

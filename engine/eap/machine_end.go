package eap

import (
	"log/slog"
	"strconv"
)

// success takes EAP-Success: accepted only when the method is content. Where RFC
// 4137 makes a premature success a failure it is dropped, so that a forged one
// does no harm.
func (m *Machine) success(p Packet) {
	if m.method == nil {
		if m.cfg.Config.Canned() {
			m.succeed(false)
			return
		}
		m.notef(slog.LevelDebug, "EAP-Success without a method dropped")
		return
	}
	if !m.idFits(p.ID) {
		m.notef(slog.LevelDebug, "EAP-Success with identifier %d dropped, the last request had %d", p.ID, m.lastID)
		return
	}
	switch {
	case m.decision != DecisionFail:
		m.succeed(false)
	case m.mstate == MethodStateDone:
		m.fail(nil)
	default:
		m.notef(slog.LevelWarn, "EAP-Success dropped: EAP-%s has not finished (%v)", m.kind.Name, m.mstate)
	}
}

func (m *Machine) failure(p Packet) {
	switch {
	case m.method == nil && m.cfg.Config.Canned():
	case !m.idFits(p.ID):
		m.notef(slog.LevelDebug, "EAP-Failure with identifier %d dropped, the last request had %d", p.ID, m.lastID)
		return
	case m.mstate == MethodStateCont || m.decision == DecisionUncondSucc:
		m.notef(slog.LevelDebug, "EAP-Failure dropped: method %v, decision %v", m.mstate, m.decision)
		return
	}
	if m.why == nil {
		m.why = m.refusal()
	}
	m.fail(nil)
}

// refusal is the reason when the server ended and this side saw nothing wrong.
func (m *Machine) refusal() *Reason {
	if f, ok := m.method.(Refuser); ok {
		if r := f.Refused(); r != nil {
			return r
		}
	}
	r := &Reason{Check: "server refused", Remote: true, Detail: "the server refused without telling why"}
	switch {
	case m.method == nil && m.req == TypeIdentity:
		r.Detail = "the server refused the identity"
	case m.method == nil && m.req != TypeNone:
		r.Check = "nak"
		r.Detail = "the server has none of the methods allowed here; it proposed " + m.req.String()
	case m.method != nil:
		r.Detail = "the server refused in EAP-" + m.kind.Name
	}
	return r
}

// idFits checks the identifier of success and failure against the last request
// (4.2). With workarounds the next one is taken too, as some servers count on.
func (m *Machine) idFits(id uint8) bool {
	if m.lastID == noID {
		return false
	}
	return int(id) == m.lastID || m.cfg.Config.Workaround && id == uint8(m.lastID+1)
}

func (m *Machine) succeed(lower bool) {
	m.state = StateSuccess
	s := Success{LowerLayer: lower, Reauthentication: m.reauth}
	if m.method != nil {
		s.Type, s.Keys = m.kind.Type, m.method.Keys().Clone()
		m.end(true)
	}
	m.reauth = true
	m.emit(StopTimer{}, s)
}

func (m *Machine) fail(why *Reason) {
	if why == nil {
		why = m.why
	}
	if why == nil {
		why = &Reason{Check: "method", Detail: "the method failed"}
	}
	m.why = why
	m.state = StateFailure
	m.pending, m.need = nil, nil
	f := Failure{Reason: *why}
	if m.kind != nil {
		f.Type = m.kind.Type
		m.end(false)
	}
	m.emit(StopTimer{}, f)
}

func (m *Machine) end(success bool) {
	if e, ok := m.method.(Ender); ok {
		e.End(success)
	}
}

// Timeout tells that the time of the last SetTimer is over (idleWhile).
func (m *Machine) Timeout() []Output {
	if m.state != StateIdle {
		return nil
	}
	switch {
	case m.decision == DecisionUncondSucc:
		m.succeed(false)
	case m.why != nil:
		m.fail(nil)
	case m.need != nil:
		m.fail(&Reason{Check: "credential", Detail: "nobody supplied " + m.need.Field.String()})
	default:
		m.fail(&Reason{Check: "timeout", Detail: m.silence()})
	}
	return m.take()
}

func (m *Machine) silence() string {
	switch {
	case m.lastID == noID:
		return "the server asked nothing"
	case m.method == nil:
		return "the server fell silent after the identity"
	}
	return "the server fell silent in EAP-" + m.kind.Name + " after " + strconv.Itoa(m.rounds) + " requests"
}

// LowerSuccess tells that the lower layer got a sign of success without
// EAP-Success, such as the first message of a 4-way handshake (altAccept).
func (m *Machine) LowerSuccess() []Output {
	if m.state != StateIdle {
		return nil
	}
	if m.decision != DecisionFail {
		m.succeed(true)
	} else {
		m.notef(slog.LevelDebug, "success of the lower layer dropped: the method is not content")
	}
	return m.take()
}

// LowerFailure tells that the lower layer failed (altReject).
func (m *Machine) LowerFailure() []Output {
	if m.state == StateIdle {
		m.fail(m.why)
	}
	return m.take()
}

// Keys returns the key material as soon as the method is content, which may be
// before EAP-Success came; nil otherwise.
func (m *Machine) Keys() *Keys {
	if m.method == nil || m.decision == DecisionFail {
		return nil
	}
	return m.method.Keys()
}

// State returns the state.
func (m *Machine) State() State { return m.state }

// Selected returns the selected method's type and name; TypeNone and "" for none.
func (m *Machine) Selected() (Type, string) {
	if m.kind == nil {
		return TypeNone, ""
	}
	return m.kind.Type, m.kind.Name
}

// Status returns the EAP lines of a status report, in upstream's order: with
// verbose those that concern the state machine too.
func (m *Machine) Status(verbose bool) []KeyValue {
	out := []KeyValue{{"EAP state", m.state.String()}}
	if m.kind != nil {
		out = append(out, KeyValue{"selectedMethod", strconv.FormatUint(uint64(m.kind.Type.Number), 10) + " (EAP-" + m.kind.Name + ")"})
		out = append(out, m.method.Status()...)
	}
	if verbose {
		req := m.req.Number
		if m.state == StateSuccess || m.state == StateFailure {
			req = 0 // the last packet was no request
		}
		out = append(out,
			KeyValue{"reqMethod", strconv.FormatUint(uint64(req), 10)},
			KeyValue{"methodState", m.mstate.String()},
			KeyValue{"decision", m.decision.String()},
			KeyValue{"ClientTimeout", strconv.Itoa(int(DefaultClientTimeout.Seconds()))})
	}
	return out
}

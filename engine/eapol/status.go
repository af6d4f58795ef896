package eapol

import (
	"strconv"
	"time"

	"gosupplicant/engine/eap"
)

// State returns the state of the port access entity.
func (m *Machine) State() State { return m.state }

// Authorized reports whether the port is authorized.
func (m *Machine) Authorized() bool { return m.authorized }

// Stats returns the counters.
func (m *Machine) Stats() Stats { return m.stats }

// Keys returns the key material as soon as the method is content, which may be
// before EAP-Success came; nil otherwise. The bytes belong to the method.
func (m *Machine) Keys() *eap.Keys { return m.eap.Keys() }

// Method returns the selected method and its name; eap.TypeNone and "" for none.
func (m *Machine) Method() (eap.Type, string) { return m.eap.Selected() }

// Waiting returns what the user is asked for, or nil.
func (m *Machine) Waiting() *eap.Need { return m.eap.Waiting() }

// Status returns the lines of a status report, in upstream's order.
func (m *Machine) Status(verbose bool) []eap.KeyValue {
	port := "Unauthorized"
	if m.authorized {
		port = "Authorized"
	}
	out := []eap.KeyValue{
		{Key: "Supplicant PAE state", Value: m.state.String()},
		{Key: "suppPortStatus", Value: port},
	}
	if verbose {
		out = append(out,
			eap.KeyValue{Key: "heldPeriod", Value: seconds(m.cfg.HeldPeriod)},
			eap.KeyValue{Key: "authPeriod", Value: seconds(m.cfg.AuthPeriod)},
			eap.KeyValue{Key: "startPeriod", Value: seconds(m.cfg.StartPeriod)},
			eap.KeyValue{Key: "maxStart", Value: strconv.Itoa(m.cfg.MaxStart)},
			eap.KeyValue{Key: "portControl", Value: m.control.String()},
			eap.KeyValue{Key: "Supplicant Backend state", Value: m.backend.String()})
	}
	return append(out, m.eap.Status(verbose)...)
}

// MIB returns the lines of dot1xSuppConfigTable and dot1xSuppStatsTable.
func (m *Machine) MIB() []eap.KeyValue {
	num := func(key string, n uint32) eap.KeyValue {
		return eap.KeyValue{Key: key, Value: strconv.FormatUint(uint64(n), 10)}
	}
	s := m.stats
	return []eap.KeyValue{
		num("dot1xSuppPaeState", uint32(m.state)),
		{Key: "dot1xSuppHeldPeriod", Value: seconds(m.cfg.HeldPeriod)},
		{Key: "dot1xSuppAuthPeriod", Value: seconds(m.cfg.AuthPeriod)},
		{Key: "dot1xSuppStartPeriod", Value: seconds(m.cfg.StartPeriod)},
		num("dot1xSuppMaxStart", uint32(m.cfg.MaxStart)),
		{Key: "dot1xSuppSuppControlledPortStatus", Value: portStatus(m.authorized)},
		num("dot1xSuppBackendPaeState", uint32(m.backend)),
		num("dot1xSuppEapolFramesRx", s.FramesRx),
		num("dot1xSuppEapolFramesTx", s.FramesTx),
		num("dot1xSuppEapolStartFramesTx", s.StartTx),
		num("dot1xSuppEapolLogoffFramesTx", s.LogoffTx),
		num("dot1xSuppEapolRespFramesTx", s.RespTx),
		num("dot1xSuppEapolReqIdFramesRx", s.ReqIDRx),
		num("dot1xSuppEapolReqFramesRx", s.ReqRx),
		num("dot1xSuppInvalidEapolFramesRx", s.InvalidRx),
		num("dot1xSuppEapLengthErrorFramesRx", s.LengthErrorRx),
		num("dot1xSuppLastEapolFrameVersion", uint32(s.LastVersion)),
		{Key: "dot1xSuppLastEapolFrameSource", Value: s.LastSource.String()},
	}
}

func portStatus(on bool) string {
	if on {
		return "Authorized"
	}
	return "Unauthorized"
}

func seconds(d time.Duration) string { return strconv.Itoa(int(d / time.Second)) }

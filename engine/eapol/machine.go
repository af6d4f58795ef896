package eapol

import (
	"fmt"
	"log/slog"
	"time"

	"gosupplicant/engine/dot11"
	"gosupplicant/engine/eap"
	"gosupplicant/engine/keys"
)

// Periods and counts where Config has none (8.6).
const (
	DefaultHeldPeriod  = 60 * time.Second
	DefaultAuthPeriod  = 30 * time.Second
	DefaultStartPeriod = 30 * time.Second
	DefaultMaxStart    = 3
	// SecondStart is when EAPOL-Start is repeated that was sent at once.
	SecondStart = 2 * time.Second
)

// Config is what a Machine keeps for its life.
type Config struct {
	EAP eap.MachineConfig
	// Version is the protocol version in PDUs sent; 0 stands for 1.
	Version uint8
	// StartDelay is how long the authenticator may begin by itself before the
	// first EAPOL-Start goes out. 0 sends one at once, which does not count, and
	// again after SecondStart: the other end of a cable may not listen yet.
	StartDelay time.Duration

	// Zero values stand for the defaults.
	HeldPeriod, AuthPeriod, StartPeriod time.Duration
	MaxStart                            int
}

// Machine is the supplicant of one port.
type Machine struct {
	cfg Config
	eap *eap.Machine
	out []Output

	state   State
	backend Backend
	control PortControl

	enabled    bool // portEnabled
	valid      bool // portValid
	logoff     bool
	logoffSent bool
	authorized bool
	eapDone    bool // EAP succeeded, the port is not valid yet
	asking     bool // the user is asked: the authenticator's silence does not count
	startCount int
	early      bool // the next EAPOL-Start is the one sent at once

	stats Stats
}

// Stats are the counters of dot1xSuppStatsTable.
type Stats struct {
	FramesRx, FramesTx                  uint32
	StartTx, LogoffTx, RespTx           uint32
	ReqIDRx, ReqRx                      uint32
	InvalidRx, LengthErrorRx            uint32
	LastVersion                         uint8
	LastSource                          dot11.MAC
	EntersConnecting, Successes, Failed uint32
}

// New returns a Machine whose port is disabled.
func New(cfg Config) *Machine {
	if cfg.Version == 0 {
		cfg.Version = 1
	}
	for _, d := range []struct {
		p   *time.Duration
		def time.Duration
	}{{&cfg.HeldPeriod, DefaultHeldPeriod}, {&cfg.AuthPeriod, DefaultAuthPeriod}, {&cfg.StartPeriod, DefaultStartPeriod}} {
		if *d.p <= 0 {
			*d.p = d.def
		}
	}
	if cfg.MaxStart <= 0 {
		cfg.MaxStart = DefaultMaxStart
	}
	return &Machine{cfg: cfg, eap: eap.New(cfg.EAP), state: StateDisconnected, backend: BackendIdle}
}

// Tune changes the periods of a machine at work, and how many EAPOL-Starts it
// sends; what is zero stays. A timer that runs already keeps its time.
func (m *Machine) Tune(held, auth, start time.Duration, maxStart int) {
	for _, d := range []struct {
		p   *time.Duration
		val time.Duration
	}{{&m.cfg.HeldPeriod, held}, {&m.cfg.AuthPeriod, auth}, {&m.cfg.StartPeriod, start}} {
		if d.val > 0 {
			*d.p = d.val
		}
	}
	if maxStart > 0 {
		m.cfg.MaxStart = maxStart
	}
}

// String returns the state: nothing of a Machine's contents is for printing.
func (m *Machine) String() string { return "EAPOL supplicant " + m.state.String() }

// GoString prints as String does.
func (m *Machine) GoString() string { return m.String() }

func (m *Machine) emit(o ...Output) { m.out = append(m.out, o...) }

func (m *Machine) take() []Output {
	o := m.out
	m.out = nil
	return o
}

func (m *Machine) enter(s State) {
	if s != m.state {
		m.emit(StateChanged{From: m.state, To: s})
		m.state = s
	}
}

func (m *Machine) authorize(on bool) {
	if m.authorized != on {
		m.authorized = on
		m.emit(PortStatus{Authorized: on})
	}
}

func (m *Machine) send(t PacketType, body []byte) {
	m.stats.FramesTx++
	m.emit(Send{PDU: AppendPDU(nil, m.cfg.Version, t, body), Type: t})
}

// PortEnabled tells that the link is there or gone.
func (m *Machine) PortEnabled(on bool) []Output {
	m.enabled, m.logoffSent = on, false
	m.disconnect()
	if on {
		m.begin()
	}
	return m.take()
}

// disconnect is DISCONNECTED.
func (m *Machine) disconnect() {
	m.startCount, m.eapDone, m.asking = 0, false, false
	m.emit(StopTimer{TimerStart}, StopTimer{TimerHeld}, StopTimer{TimerAuth})
	m.runEAP(m.eap.Disable())
	m.backend = BackendInitialize
	m.enter(StateDisconnected)
	m.authorize(false)
}

// begin leaves DISCONNECTED for wherever the port belongs.
func (m *Machine) begin() {
	switch {
	case !m.enabled:
	case m.control == PortControlForceAuthorized:
		m.enter(StateForceAuth)
		m.authorize(true)
	case m.control == PortControlForceUnauthorized:
		m.enter(StateForceUnauth)
		m.sendLogoff()
	case m.logoff:
		m.enter(StateLogoff)
		m.sendLogoff()
	default:
		m.backend = BackendIdle
		m.early = m.cfg.StartDelay <= 0
		m.connect(m.cfg.StartDelay)
	}
}

// connect is CONNECTING: EAPOL-Start after that delay and then each startPeriod.
func (m *Machine) connect(delay time.Duration) {
	m.enter(StateConnecting)
	m.stats.EntersConnecting++
	m.emit(StopTimer{TimerAuth}, StopTimer{TimerHeld})
	if delay > 0 {
		m.emit(SetTimer{TimerStart, delay})
		return
	}
	m.sendStart()
}

func (m *Machine) sendStart() {
	m.stats.StartTx++
	m.send(PacketStart, nil)
	if m.early {
		m.early = false
		m.emit(SetTimer{TimerStart, min(SecondStart, m.cfg.StartPeriod)})
		return
	}
	m.startCount++
	m.emit(SetTimer{TimerStart, m.cfg.StartPeriod})
}

func (m *Machine) sendLogoff() {
	if m.logoffSent {
		return
	}
	m.logoffSent = true
	m.stats.LogoffTx++
	m.send(PacketLogoff, nil)
}

// Logoff ends the authentication by the user's wish (EAPLogoff); Logon ends that.
func (m *Machine) Logoff() []Output {
	if !m.logoff {
		m.logoff = true
		m.disconnect()
		m.begin()
	}
	return m.take()
}

// Logon takes a Logoff back.
func (m *Machine) Logon() []Output {
	if m.logoff {
		m.logoff, m.logoffSent = false, false
		m.disconnect()
		m.begin()
	}
	return m.take()
}

// Reauthenticate asks the authenticator to begin anew; the port stays as it is
// meanwhile.
func (m *Machine) Reauthenticate() []Output {
	if !m.enabled || m.logoff || m.control != PortControlAuto {
		return nil
	}
	m.startCount, m.eapDone = 0, false
	m.runEAP(m.eap.Disable())
	m.backend = BackendIdle
	m.connect(0)
	return m.take()
}

// SetPortControl changes how the port's status comes about.
func (m *Machine) SetPortControl(c PortControl) []Output {
	if c != m.control {
		m.control = c
		m.logoffSent = false
		m.disconnect()
		m.begin()
	}
	return m.take()
}

// PortValid tells that the keys are in place (or none are needed), or no longer.
func (m *Machine) PortValid(on bool) []Output {
	m.valid = on
	switch {
	case on && m.state == StateAuthenticating && m.eapDone:
		m.authenticated()
	case !on && m.state == StateAuthenticated && m.enabled:
		m.disconnect()
		m.begin()
	}
	return m.take()
}

// Cached tells that a cached key makes EAP unnecessary: the port is authorized
// as after a success.
func (m *Machine) Cached() []Output {
	if !m.enabled || m.logoff || m.control != PortControlAuto {
		return nil
	}
	m.emit(StopTimer{TimerStart}, StopTimer{TimerHeld}, StopTimer{TimerAuth})
	m.eapDone = true
	m.backend = BackendSuccess
	if m.valid {
		m.authenticated()
	} else {
		m.enter(StateAuthenticating)
	}
	return m.take()
}

func (m *Machine) authenticated() {
	m.emit(StopTimer{TimerStart}, StopTimer{TimerHeld}, StopTimer{TimerAuth})
	m.eapDone, m.startCount = false, 0
	m.backend = BackendIdle
	m.enter(StateAuthenticated)
	m.authorize(true)
}

// Receive takes an EAPOL PDU from the authenticator. EAPOL-Key and what is not a
// supplicant's business are counted and left alone.
func (m *Machine) Receive(from dot11.MAC, pdu []byte) []Output {
	m.stats.FramesRx++
	p, err := ParsePDU(pdu)
	if err != nil {
		if len(pdu) >= headerLen {
			m.stats.LengthErrorRx++
		} else {
			m.stats.InvalidRx++
		}
		m.emit(Note{slog.LevelDebug, err.Error()})
		return m.take()
	}
	m.stats.LastVersion, m.stats.LastSource = p.Version, from
	if p.Type != PacketEAP {
		if p.Type > PacketMKA {
			m.stats.InvalidRx++
		}
		return nil
	}
	e, err := eap.ParsePacket(p.Body)
	if err != nil {
		m.stats.LengthErrorRx++
		m.emit(Note{slog.LevelDebug, err.Error()})
		return m.take()
	}
	m.count(e)
	m.packet(e)
	return m.take()
}

func (m *Machine) count(e eap.Packet) {
	if e.Code == eap.CodeRequest {
		if e.Type == eap.TypeIdentity {
			m.stats.ReqIDRx++
		} else {
			m.stats.ReqRx++
		}
	}
}

// packet gives an EAP packet to the peer, after a restart where the state asks
// for one.
func (m *Machine) packet(e eap.Packet) {
	if !m.enabled {
		return
	}
	request := e.Code == eap.CodeRequest
	switch m.state {
	case StateConnecting, StateHeld:
		if !request && !m.cfg.EAP.Config.Canned() {
			return // a forged success or failure begins nothing
		}
		m.restart()
	case StateAuthenticated:
		if !request {
			return
		}
		m.restart()
	case StateAuthenticating:
		if m.eapDone && request {
			m.restart() // the authenticator begins anew before the keys came
		}
	default:
		return
	}
	m.runEAP(m.eap.Receive(e.Raw))
}

// restart is RESTART and AUTHENTICATING: the peer begins anew.
func (m *Machine) restart() {
	m.emit(StopTimer{TimerStart}, StopTimer{TimerHeld})
	m.enter(StateRestart)
	m.eapDone, m.asking = false, false
	m.runEAP(m.eap.Restart())
	m.backend = BackendIdle
	m.enter(StateAuthenticating)
	m.startCount = 0
	m.emit(SetTimer{TimerAuth, m.cfg.AuthPeriod})
}

// runEAP carries out what the peer asks.
func (m *Machine) runEAP(outputs []eap.Output) {
	for _, o := range outputs {
		switch o := o.(type) {
		case eap.Respond:
			m.stats.RespTx++
			m.backend, m.asking = BackendReceive, false
			m.send(PacketEAP, o.Packet)
			m.emit(SetTimer{TimerAuth, m.cfg.AuthPeriod})
		case eap.SetTimer:
			m.emit(SetTimer{TimerEAP, o.After})
		case eap.StopTimer:
			m.emit(StopTimer{TimerEAP})
		case eap.NeedCredential:
			m.backend, m.asking = BackendRequest, true
			m.emit(StopTimer{TimerAuth}, EAP{o})
		case eap.Success:
			m.success(o)
		case eap.Failure:
			m.failure(o)
		default:
			m.emit(EAP{o})
		}
	}
}

func (m *Machine) success(o eap.Success) {
	m.stats.Successes++
	m.backend = BackendSuccess
	m.emit(StopTimer{TimerAuth}, Success{o})
	m.eapDone = true
	if m.valid && m.state == StateAuthenticating {
		m.authenticated()
	}
}

// failure is HELD.
func (m *Machine) failure(o eap.Failure) {
	m.stats.Failed++
	m.backend = BackendIdle // by way of FAIL, which lasts no time (8.2.12)
	m.eapDone, m.asking, m.startCount = false, false, 0
	m.emit(StopTimer{TimerAuth}, StopTimer{TimerStart}, Failure{o})
	m.enter(StateHeld)
	m.emit(SetTimer{TimerHeld, m.cfg.HeldPeriod})
	m.authorize(false)
}

// Timeout tells that a timer set with SetTimer is over.
func (m *Machine) Timeout(t Timer) []Output {
	switch t {
	case TimerStart:
		m.startOver()
	case TimerHeld:
		if m.state == StateHeld {
			m.connect(0)
		}
	case TimerAuth:
		if m.state == StateAuthenticating && !m.eapDone && !m.asking {
			m.silent()
		}
	case TimerEAP:
		m.runEAP(m.eap.Timeout())
	}
	return m.take()
}

func (m *Machine) startOver() {
	if m.state != StateConnecting {
		return
	}
	switch {
	case m.startCount < m.cfg.MaxStart:
		m.sendStart()
	case m.valid:
		// Nobody answers: a port without an authenticator is open (8.2.11.4).
		m.emit(Note{slog.LevelInfo, fmt.Sprintf("no authenticator answered %d EAPOL-Starts: the port is taken as open", m.startCount)})
		m.authenticated()
	default:
		m.emit(Note{slog.LevelInfo, fmt.Sprintf("no authenticator answered %d EAPOL-Starts", m.startCount)})
		m.startCount = 0
		m.enter(StateHeld)
		m.emit(SetTimer{TimerHeld, m.cfg.HeldPeriod})
	}
}

// silent is the backend's TIMEOUT: report why and begin anew with EAPOL-Start.
func (m *Machine) silent() {
	m.runEAP(m.eap.Timeout())
	if m.state != StateHeld {
		return // the method was content, and its success counted
	}
	m.backend = BackendTimeout
	m.connect(0)
}

// Answer supplies a credential that was asked for.
func (m *Machine) Answer(f eap.Field, value keys.Secret) []Output {
	m.runEAP(m.eap.Answer(f, value))
	return m.take()
}

// LowerSuccess tells that the lower layer shows that the authenticator was
// content, e.g. by beginning the 4-way handshake although EAP-Success was lost.
func (m *Machine) LowerSuccess() []Output {
	if m.state == StateAuthenticating && !m.eapDone {
		m.runEAP(m.eap.LowerSuccess())
	}
	return m.take()
}

// LowerFailure tells that the lower layer failed for good.
func (m *Machine) LowerFailure() []Output {
	if m.state == StateAuthenticating && !m.eapDone {
		m.runEAP(m.eap.LowerFailure())
	}
	return m.take()
}

package eapol

import (
	"log/slog"
	"time"

	"gosupplicant/engine/eap"
)

// Output is something the caller of a Machine has to do, or may want to know. It
// is one of Send, SetTimer, StopTimer, StateChanged, PortStatus, Success, Failure,
// EAP and Note. Outputs are carried out in the order given.
type Output interface{ output() }

// Send asks to transmit an EAPOL PDU to the authenticator.
type Send struct {
	PDU  []byte
	Type PacketType
}

// Timer names one of the machine's timers.
type Timer uint8

// Timers.
const (
	TimerStart Timer = iota + 1 // startWhen
	TimerHeld                   // heldWhile
	TimerAuth                   // authWhile
	TimerEAP                    // the EAP peer's
)

// String returns the standard's name of the timer.
func (t Timer) String() string {
	names := [...]string{"", "startWhen", "heldWhile", "authWhile", "idleWhile"}
	if t >= 1 && int(t) < len(names) {
		return names[t]
	}
	return "unknown timer"
}

// SetTimer asks to call Machine.Timeout after that time; it replaces the same
// timer when running.
type SetTimer struct {
	Timer Timer
	After time.Duration
}

// StopTimer asks to forget a timer.
type StopTimer struct{ Timer Timer }

// StateChanged tells a new state of the port access entity.
type StateChanged struct{ From, To State }

// PortStatus tells that the port was authorized or no longer is.
type PortStatus struct{ Authorized bool }

// Success tells that EAP ended well. Keys is nil when the method made none. The
// receiver owns it.
type Success struct {
	eap.Success
}

// Failure tells that EAP ended without success.
type Failure struct{ eap.Failure }

// EAP is a report or a question of the EAP peer: any of its outputs but those
// that this package carries out or wraps itself.
type EAP struct{ Output eap.Output }

// Note is a line for the log.
type Note struct {
	Level slog.Level
	Text  string
}

func (Send) output()         {}
func (SetTimer) output()     {}
func (StopTimer) output()    {}
func (StateChanged) output() {}
func (PortStatus) output()   {}
func (Success) output()      {}
func (Failure) output()      {}
func (EAP) output()          {}
func (Note) output()         {}

// State is a state of the supplicant port access entity. The numbers are those
// of dot1xSuppPaeState.
type State uint8

// States.
const (
	StateDisconnected   State = 1
	StateLogoff         State = 2
	StateConnecting     State = 3
	StateAuthenticating State = 4
	StateAuthenticated  State = 5
	StateHeld           State = 7
	StateRestart        State = 8
	StateForceAuth      State = 9
	StateForceUnauth    State = 10
)

// String returns the spelling of status reports; the forced states read UNKNOWN.
func (s State) String() string {
	names := [...]string{"UNKNOWN", "DISCONNECTED", "LOGOFF", "CONNECTING", "AUTHENTICATING", "AUTHENTICATED", "UNKNOWN", "HELD", "RESTART"}
	if int(s) < len(names) {
		return names[s]
	}
	return "UNKNOWN"
}

// Backend is a state of the supplicant backend. The numbers are those of
// dot1xSuppBackendPaeState.
type Backend uint8

// Backend states.
const (
	BackendInitialize Backend = iota + 1
	BackendIdle
	BackendRequest
	BackendReceive
	BackendResponse
	BackendFail
	BackendTimeout
	BackendSuccess
)

// String returns the spelling of status reports.
func (s Backend) String() string {
	names := [...]string{"UNKNOWN", "INITIALIZE", "IDLE", "REQUEST", "RECEIVE", "RESPONSE", "FAIL", "TIMEOUT", "SUCCESS"}
	if int(s) < len(names) {
		return names[s]
	}
	return "UNKNOWN"
}

// PortControl is how the port's status comes about.
type PortControl uint8

// Port controls.
const (
	PortControlAuto PortControl = iota
	PortControlForceUnauthorized
	PortControlForceAuthorized
)

// String returns the spelling of status reports.
func (p PortControl) String() string {
	names := [...]string{"Auto", "ForceUnauthorized", "ForceAuthorized"}
	if int(p) < len(names) {
		return names[p]
	}
	return "UNKNOWN"
}

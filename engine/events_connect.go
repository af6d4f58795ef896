package engine

import (
	"time"

	"gosupplicant/conf"
	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
	"gosupplicant/engine/eap"
)

// Joining tells of a step towards an association.
type Joining struct {
	Iface *Interface
	Step  JoinStep
	BSSID dot11.MAC // zero where the device chooses the BSS
	SSID  dot11.SSID
	Freq  int // MHz, 0 unknown
}

// JoinStep is a step of joining.
type JoinStep uint8

// Steps of joining.
const (
	JoinAuthenticate JoinStep = iota // an authentication frame is about to be sent
	JoinAssociate                    // an association request is about to be sent
	JoinAssociated                   // the association stands
)

// Connected: keys are in place and the port is open.
type Connected struct {
	Iface   *Interface
	BSSID   dot11.MAC
	Network *conf.Network
	Roamed  bool
}

// Disconnected: the association, or an attempt past authentication, is over.
type Disconnected struct {
	Iface  *Interface
	BSSID  dot11.MAC
	Reason dot11.Reason // 0 unknown
	Local  bool         // ended by us
}

// AuthRejected: the AP refused an authentication frame.
type AuthRejected struct {
	Iface       *Interface
	BSSID       dot11.MAC
	Alg         dot11.AuthAlg
	Transaction uint16
	Status      dot11.Status
	IEs         []byte
}

// AssocRejected: the AP, or the device in its name, refused the association.
type AssocRejected struct {
	Iface    *Interface
	BSSID    dot11.MAC
	Status   dot11.Status
	TimedOut bool
}

// ConnectTimeout: the AP did not go on within the time of a step.
type ConnectTimeout struct {
	Iface *Interface
	BSSID dot11.MAC
	Phase Phase
}

// KeysNegotiated: a 4-way (Group false) or group handshake ended well.
type KeysNegotiated struct {
	Iface    *Interface
	BSSID    dot11.MAC
	Group    bool
	RSN      bool // against WPA
	PTK, GTK dot11.Cipher
}

// NetworkHeld: a network is left alone for a while after failures.
type NetworkHeld struct {
	Iface    *Interface
	Network  *conf.Network
	Failures int
	Duration time.Duration
	Reason   string // WRONG_KEY, CONN_FAILED, AUTH_FAILED
}

// WrongKey: the passphrase or key of the network is wrong, as far as the
// exchange can tell.
type WrongKey struct {
	Iface   *Interface
	Network *conf.Network
	SAE     bool
}

// UnknownPasswordID: the AP does not know the SAE password identifier of the
// network. AttemptFailed follows.
type UnknownPasswordID struct {
	Iface *Interface
	BSSID dot11.MAC
}

// PMKSAAdded and PMKSARemoved tell of the PMKSA cache.
type PMKSAAdded struct {
	Iface   *Interface
	BSSID   dot11.MAC
	Network int // id, -1 unknown
}

// PMKSARemoved: the entry is gone.
type PMKSARemoved struct {
	Iface   *Interface
	BSSID   dot11.MAC
	Network int
}

// Preauthenticated: a pre-authentication ended.
type Preauthenticated struct {
	Iface  *Interface
	BSSID  dot11.MAC
	Result PreauthResult
}

// TransitionDisabled: the AP told to stop using a transition mode.
type TransitionDisabled struct {
	Iface  *Interface
	Bitmap byte
}

// BeaconsLost: the device hears the AP no more.
type BeaconsLost struct{ Iface *Interface }

// ChannelSwitched: the AP announces a move, or has moved.
type ChannelSwitched struct {
	Iface  *Interface
	Switch drivers.EventChannelSwitch
}

// MICFailed: a TKIP frame failed its Michael check; Countermeasures that they
// began or ended.
type MICFailed struct {
	Iface *Interface
	Group bool
}

// Countermeasures: TKIP countermeasures began (On) or ended.
type Countermeasures struct {
	Iface *Interface
	On    bool
}

// UnprotectedDisconnect: a forged-looking frame was ignored (PMF).
type UnprotectedDisconnect struct {
	Iface    *Interface
	BSSID    dot11.MAC
	Reason   dot11.Reason
	Disassoc bool
}

// AttemptFailed carries the record of an attempt that failed.
type AttemptFailed struct {
	Iface   *Interface
	Failure *Failure
}

// FailuresForgotten: the records of a network were dropped, since it connects.
type FailuresForgotten struct {
	Iface   *Interface
	Network *conf.Network
}

func (Joining) engineEvent()               {}
func (Connected) engineEvent()             {}
func (Disconnected) engineEvent()          {}
func (AuthRejected) engineEvent()          {}
func (AssocRejected) engineEvent()         {}
func (ConnectTimeout) engineEvent()        {}
func (KeysNegotiated) engineEvent()        {}
func (NetworkHeld) engineEvent()           {}
func (WrongKey) engineEvent()              {}
func (UnknownPasswordID) engineEvent()     {}
func (PMKSAAdded) engineEvent()            {}
func (PMKSARemoved) engineEvent()          {}
func (Preauthenticated) engineEvent()      {}
func (TransitionDisabled) engineEvent()    {}
func (BeaconsLost) engineEvent()           {}
func (ChannelSwitched) engineEvent()       {}
func (MICFailed) engineEvent()             {}
func (Countermeasures) engineEvent()       {}
func (UnprotectedDisconnect) engineEvent() {}
func (AttemptFailed) engineEvent()         {}
func (FailuresForgotten) engineEvent()     {}

// EAPReport passes a report, or a question, of the EAP peer on: one of eap's
// outputs. eap.NeedCredential is answered with Interface.Credential.
type EAPReport struct {
	Iface   *Interface
	Network *conf.Network
	Report  eap.Output
}

func (EAPReport) engineEvent() {}

package rsn

import (
	"log/slog"
	"time"

	"gosupplicant/engine/dot11"
	"gosupplicant/engine/keys"
)

// Output is something the caller of a Machine has to do, or may want to know. It
// is one of Send, InstallKey, ActivateKey, RemoveKeys, SetTimer, StopTimer,
// StateChanged, Authorized, KeysDone, RequestEAP, AddPMKSA, DropPMKSA,
// TransitionDisable, Countermeasures, Failed and Note. Outputs are carried out in
// the order given.
type Output interface{ output() }

// Message names an EAPOL-Key frame.
type Message uint8

// Messages. M1, M3 and G1 come from the authenticator.
const (
	MessageNone    Message = iota
	MessageM1              // 4-way handshake, message 1
	MessageM2              // message 2
	MessageM3              // message 3
	MessageM4              // message 4
	MessageG1              // group key handshake, message 1
	MessageG2              // message 2
	MessageRequest         // key request or Michael MIC failure report
)

// String returns e.g. "4-way 3/4".
func (m Message) String() string {
	names := [...]string{"none", "4-way 1/4", "4-way 2/4", "4-way 3/4", "4-way 4/4", "group 1/2", "group 2/2", "key request"}
	if int(m) < len(names) {
		return names[m]
	}
	return "unknown message"
}

// Send asks to transmit an EAPOL PDU, beginning with the protocol version byte.
type Send struct {
	To      dot11.MAC
	PDU     []byte
	Message Message
	// Encrypt is false when the frame must leave unencrypted whatever keys the
	// device holds (the control port's no-encrypt flag).
	Encrypt bool
}

// KeyUse tells what a key protects.
type KeyUse uint8

// Key uses.
const (
	KeyPairwise  KeyUse = iota + 1 // TK
	KeyGroup                       // GTK, index 1 to 3
	KeyMgmtGroup                   // IGTK, index 4 or 5
	KeyBeacon                      // BIGTK, index 6 or 7
)

// String returns the standard's name of such a key.
func (u KeyUse) String() string {
	switch u {
	case KeyPairwise:
		return "TK"
	case KeyGroup:
		return "GTK"
	case KeyMgmtGroup:
		return "IGTK"
	case KeyBeacon:
		return "BIGTK"
	}
	return "unknown key"
}

// InstallKey asks to give a key to the device. The receiver owns Key and zeroes
// it when done.
type InstallKey struct {
	Use    KeyUse
	Cipher dot11.Cipher
	Index  int
	// Addr is the authenticator's address for KeyPairwise, else Broadcast.
	Addr dot11.MAC
	// RSC is the receive counter to start from: 6 bytes, least significant first;
	// nil for KeyPairwise (zero).
	RSC []byte
	// Key is in the order that nl80211 and wext take: for TKIP the key, the MIC
	// key this station sends with, and the one it receives with.
	Key keys.Secret
	// Tx tells that the key is to be used for sending from now on. A pairwise key
	// without it (extended key ID) is followed by ActivateKey.
	Tx bool
}

// ActivateKey asks to send with the pairwise key at Index from now on.
type ActivateKey struct {
	Addr  dot11.MAC
	Index int
}

// RemoveKeys asks to delete every key given for this association.
type RemoveKeys struct{}

// Timer names one of the machine's timers.
type Timer uint8

// Timers.
const (
	TimerHandshake       Timer = iota + 1 // the authenticator is silent
	TimerRekey                            // the PTK is old
	TimerCountermeasures                  // 60 s since a Michael MIC failure
)

// String returns a short name.
func (t Timer) String() string {
	switch t {
	case TimerHandshake:
		return "handshake"
	case TimerRekey:
		return "rekey"
	case TimerCountermeasures:
		return "countermeasures"
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

// State is where key management stands.
type State uint8

// States, in the order of a connection.
const (
	StateIdle    State = iota // not associated, or an association without keys
	StateWaitPMK              // IEEE 802.1X has to supply the PMK
	StateWaitM1               // PMK known, the authenticator has not begun
	State4Way                 // message 1 was answered
	StateGroup                // PTK installed, GTK still to come
	StateDone                 // all keys installed
)

// String returns e.g. "4-way handshake".
func (s State) String() string {
	names := [...]string{"idle", "waiting for PMK", "waiting for message 1", "4-way handshake", "group handshake", "done"}
	if int(s) < len(names) {
		return names[s]
	}
	return "unknown state"
}

// StateChanged tells a new state.
type StateChanged struct{ From, To State }

// Authorized tells that the controlled port opens: all keys are there. It comes
// once an association.
type Authorized struct{}

// KeysDone tells that a handshake ended well.
type KeysDone struct {
	// Pairwise is true for a 4-way handshake (for WPA with the group handshake
	// behind it), false for a group rekey.
	Pairwise bool
	// Rekey is true when keys of that kind were installed before.
	Rekey bool
}

// RequestEAP asks for EAP authentication (EAPOL-Start): the access point does not
// know the cached PMK. Machine.SetMSK follows when it succeeds.
type RequestEAP struct{ Why string }

// AddPMKSA tells that a PMK proved itself in a 4-way handshake and may be cached.
type AddPMKSA struct {
	AA, SPA dot11.MAC
	AKM     dot11.AKM
	PMK     keys.Secret
	PMKID   keys.PMKID
	// Opportunistic: it was made with another access point, and this one has it, too.
	Opportunistic bool
}

// DropPMKSA tells that a cached PMK did not lead to keys.
type DropPMKSA struct {
	AA    dot11.MAC
	PMKID keys.PMKID
}

// TransitionDisable is the bitmap of the KDE of that name (Wi-Fi Alliance, WPA3
// Specification 3.4, section 8), proven by the MIC of message 3.
type TransitionDisable struct{ Bitmap uint8 }

// Bits of TransitionDisable.
const (
	TransitionDisablePersonal   uint8 = 1 << 0 // SAE only from now on
	TransitionDisableSAEPK      uint8 = 1 << 1
	TransitionDisableEnterprise uint8 = 1 << 2
	TransitionDisableOWE        uint8 = 1 << 3 // OWE only from now on
)

// Countermeasures tells that TKIP countermeasures begin (12.3.2.4): no
// association with TKIP for that time. Failed follows.
type Countermeasures struct{ For time.Duration }

// Cause tells why key management failed.
type Cause uint8

// Causes.
const (
	CauseNoAnswer         Cause = iota + 1 // the authenticator never began
	CauseStopped                           // it began and then fell silent
	CausePossiblyWrongPSK                  // it heard message 2 and did not go on: most likely another PSK
	CausePeerLeft                          // it ended the association during a handshake
	CauseElementMismatch                   // RSNE, RSNXE or WPA element in message 3 are not those of the beacon
	CauseChannelMismatch                   // operating channel validation failed
	CauseSSIDMismatch                      // the SSID in message 3 is another
	CauseCountermeasures                   // two Michael MIC failures within 60 s
	CauseRekeyRefused                      // the PTK would have to be replaced in place, which is forbidden
	CauseTooManyKeys                       // the record of keys used in this association is full
	CauseRandom                            // no random bytes
)

// String returns a phrase for logs.
func (c Cause) String() string {
	names := [...]string{"", "no answer", "authenticator fell silent", "possibly wrong PSK", "peer left during handshake",
		"element mismatch", "channel mismatch", "SSID mismatch", "TKIP countermeasures", "PTK rekey refused",
		"too many keys", "no randomness"}
	if int(c) < len(names) && c != 0 {
		return names[c]
	}
	return "unknown cause"
}

// Failed tells that key management ended without keys, or that keys may not be
// used further. RemoveKeys came before it when there were any. The association
// is of no use any more: the caller deauthenticates with Reason unless the peer
// has left.
type Failed struct {
	Cause  Cause
	Reason dot11.Reason
	// Detail is a sentence for people.
	Detail string
	// Frame names the frame that carried the reason, e.g. "eapol-key-m3", else empty.
	Frame string
	// M2Sent counts how often message 2 was sent without a valid message 3 after it.
	M2Sent int
	// PeerReason is the peer's reason code when it ended the association, else 0.
	PeerReason dot11.Reason
}

// Note is a line for the log.
type Note struct {
	Level slog.Level
	Text  string
	Attrs []slog.Attr
}

func (Send) output()              {}
func (InstallKey) output()        {}
func (ActivateKey) output()       {}
func (RemoveKeys) output()        {}
func (SetTimer) output()          {}
func (StopTimer) output()         {}
func (StateChanged) output()      {}
func (Authorized) output()        {}
func (KeysDone) output()          {}
func (RequestEAP) output()        {}
func (AddPMKSA) output()          {}
func (DropPMKSA) output()         {}
func (TransitionDisable) output() {}
func (Countermeasures) output()   {}
func (Failed) output()            {}
func (Note) output()              {}

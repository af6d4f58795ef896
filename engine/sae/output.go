package sae

import (
	"errors"
	"fmt"
	"time"

	"gosupplicant/engine/dot11"
	"gosupplicant/engine/ecc"
	"gosupplicant/engine/keys"
)

// Output is something the caller of a Machine has to do or may want to know:
// Send, SetTimer, Done, Failed or Ignored.
type Output interface{ output() }

// Transaction sequence numbers of SAE authentication frames.
const (
	TransactionCommit  uint16 = 1
	TransactionConfirm uint16 = 2
)

// Send asks for an authentication frame with algorithm 3 to the peer.
type Send struct {
	Transaction uint16
	Status      dot11.Status
	Body        []byte // what follows the status code
}

// SetTimer asks for a call of Timeout after that time, in place of any earlier
// one. Done and Failed stop the timer.
type SetTimer struct{ After time.Duration }

// Done says that the peer has proven to know the password.
type Done struct {
	PMK   keys.Secret // 32 bytes; with an EXT-KEY AKM as long as the group's hash (32, 48, 64)
	PMKID keys.PMKID
	Group uint16
	AKM   dot11.AKM
	H2E   bool // hash-to-element was used
	PK    bool // the access point's public key has been verified (station) or shown (AP)
}

// Failed says that the exchange is over without success.
type Failed struct {
	Cause  Cause
	Status dot11.Status // received status code, where the peer refused; 0 otherwise
	Err    error        // detail for the log; never nil
}

// Ignored says that a frame was dropped, and why. Nothing has changed.
type Ignored struct{ Err error }

func (Send) output()     {}
func (SetTimer) output() {}
func (Done) output()     {}
func (Failed) output()   {}
func (Ignored) output()  {}

// Cause tells why an exchange failed.
type Cause uint8

// Causes.
const (
	CauseInternal          Cause = iota + 1 // randomness ran dry, or a key could not be derived
	CauseNoAnswer                           // nothing usable came back
	CausePasswordMismatch                   // the peer's confirm does not verify, or it says ours does not
	CauseGroupsRejected                     // the peer refused each of our groups
	CauseUnknownIdentifier                  // the peer does not know the password identifier
	CauseRejected                           // refused with another status code
	CauseReflection                         // all that came was our own commit
	CauseInvalidCommit                      // commit malformed, or scalar or element out of range
	CauseDowngrade                          // the peer claims that we refused a group which we would have used
	CauseClogged                            // anti-clogging tokens demanded again and again
	CausePublicKey                          // SAE-PK: fingerprint or signature do not verify
)

var causeNames = [...]string{
	CauseInternal:          "internal error",
	CauseNoAnswer:          "no answer",
	CausePasswordMismatch:  "password mismatch",
	CauseGroupsRejected:    "groups rejected",
	CauseUnknownIdentifier: "unknown password identifier",
	CauseRejected:          "rejected",
	CauseReflection:        "own commit reflected",
	CauseInvalidCommit:     "invalid commit",
	CauseDowngrade:         "forged list of rejected groups",
	CauseClogged:           "too many anti-clogging demands",
	CausePublicKey:         "public key not verified",
}

// String returns a short description for logs.
func (c Cause) String() string {
	if int(c) < len(causeNames) && causeNames[c] != "" {
		return causeNames[c]
	}
	return fmt.Sprintf("cause %d", uint8(c))
}

// Sentinels that errors in Ignored and Failed wrap.
var (
	ErrMalformed    = errors.New("malformed frame")
	ErrScalarRange  = ecc.ErrScalarRange
	ErrElement      = ecc.ErrElement
	ErrReflection   = errors.New("own commit reflected")
	ErrOutOfOrder   = errors.New("frame does not fit the state")
	ErrMethod       = errors.New("status code does not fit the method in use")
	ErrGroup        = errors.New("wrong or unsupported group")
	ErrConfirm      = errors.New("confirm does not verify")
	ErrReplay       = errors.New("confirm replayed")
	ErrFingerprint  = errors.New("SAE-PK fingerprint does not match the password")
	ErrKeyAuth      = errors.New("SAE-PK signature does not verify")
	ErrRandomness   = ecc.ErrRandomness
	ErrForgedGroups = errors.New("list of rejected groups contains one that is enabled here")
)

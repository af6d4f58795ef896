package sae

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"time"

	"gosupplicant/engine/dot11"
	"gosupplicant/engine/keys"
)

// Role is the side a Machine plays. The cryptography is the same on both.
type Role uint8

// Roles.
const (
	RoleStation Role = iota // sends the first commit
	RoleAP                  // answers; holds its confirm back until the station's has been verified
)

// String returns "station" or "AP".
func (r Role) String() string {
	if r == RoleAP {
		return "AP"
	}
	return "station"
}

// Defaults of Config.
const (
	DefaultRetransmit = time.Second
	DefaultSync       = 5 // dot11RSNASAESync
)

// maxIdentifier is what fits into the Password Identifier element, in bytes.
const maxIdentifier = 254

// DefaultGroups are the groups offered when none are configured.
func DefaultGroups() []uint16 { return []uint16{19, 20, 21} }

// Config is what a Machine needs to know. Rand, Own, Peer and Password are
// required, SSID too with H2E.
type Config struct {
	Rand io.Reader // unpredictable bytes, for private scalars and tokens
	Role Role
	// Own and Peer are the addresses that the password is bound to: of the MLDs
	// when the association is a multi-link one.
	Own, Peer dot11.MAC
	// AKM is AKMSAE (the zero value means it too), AKMFTSAE, AKMSAEExtKey or
	// AKMFTSAEExtKey; the latter two need H2E. An access point takes the AKM
	// from the station's AKM Suite Selector element where there is one.
	AKM dot11.AKM
	// Groups are the groups to use, in order of preference; empty means
	// DefaultGroups. An access point refuses all others.
	Groups []uint16
	// H2E chooses hash-to-element. An access point then accepts either
	// way, unless H2EOnly is set.
	H2E bool

	SSID       []byte
	Password   keys.Secret
	Identifier []byte // password identifier, up to 254 bytes; empty for none; needs H2E
	// PTs keeps what hash-to-element derives; made with the same SSID, Password
	// and Identifier. With nil the machine derives it anew.
	PTs *PTs

	// PK makes a station demand SAE-PK: the password must be a valid SAE-PK
	// password (ValidPKPassword), and the access point must prove that it holds
	// the private key that the password is the fingerprint of. Needs H2E.
	PK bool

	// Rejected are groups that a station's first commit names as refused already;
	// nil names none. Needs H2E.
	Rejected []uint16

	// Retransmit is the time to wait for an answer; zero means DefaultRetransmit.
	Retransmit time.Duration
	// Sync is how often something is sent again before the machine gives up;
	// zero means DefaultSync.
	Sync int

	// What follows is for RoleAP.

	H2EOnly     bool   // refuse hunting-and-pecking
	DemandToken bool   // answer a commit without our token by demanding it
	PKKey       *PKKey // answer SAE-PK commits with the proof of this key
}

// Same reports whether an exchange with either configuration would be the same but for
// its random numbers. Times, and what is for access points, do not count.
func (c Config) Same(o Config) bool {
	return c.Role == o.Role && c.Own == o.Own && c.Peer == o.Peer && c.AKM == o.AKM &&
		c.H2E == o.H2E && c.PK == o.PK && c.PTs == o.PTs &&
		slices.Equal(c.Groups, o.Groups) && slices.Equal(c.Rejected, o.Rejected) &&
		bytes.Equal(c.SSID, o.SSID) && bytes.Equal(c.Identifier, o.Identifier) && c.Password.Equal(o.Password)
}

// prepared returns the configuration with its defaults filled in, or says what
// is wrong with it.
func (c Config) prepared() (Config, error) {
	if c.AKM == dot11.AKMUnknown {
		c.AKM = dot11.AKMSAE
	}
	if len(c.Groups) == 0 {
		c.Groups = DefaultGroups()
	}
	c.Groups = slices.Clone(c.Groups)
	if c.Retransmit <= 0 {
		c.Retransmit = DefaultRetransmit
	}
	if c.Sync <= 0 {
		c.Sync = DefaultSync
	}
	switch {
	case c.Rand == nil:
		return c, fmt.Errorf("sae: no source of randomness")
	case len(c.Password) == 0:
		return c, fmt.Errorf("sae: no password")
	case len(c.Identifier) > maxIdentifier:
		return c, fmt.Errorf("sae: password identifier of %d bytes, at most %d", len(c.Identifier), maxIdentifier)
	case c.Own == c.Peer:
		return c, fmt.Errorf("sae: own address %s is the peer's", c.Own)
	case !c.AKM.IsSAE():
		return c, fmt.Errorf("sae: AKM %s does not authenticate by SAE", c.AKM)
	case extKey(c.AKM) && !c.H2E:
		return c, fmt.Errorf("sae: AKM %s needs hash-to-element", c.AKM)
	case c.H2E && len(c.SSID) == 0:
		return c, fmt.Errorf("sae: hash-to-element needs the SSID")
	case len(c.Identifier) > 0 && !c.H2E:
		return c, fmt.Errorf("sae: a password identifier needs hash-to-element")
	case c.PK && !c.H2E:
		return c, fmt.Errorf("sae: SAE-PK needs hash-to-element")
	case c.PK && !ValidPKPassword(c.Password):
		return c, fmt.Errorf("sae: the password is not an SAE-PK password")
	}
	for _, id := range c.Groups {
		if !GroupSupported(id) {
			return c, fmt.Errorf("sae: group %d is not supported", id)
		}
	}
	if c.H2E && c.PTs == nil {
		c.PTs = NewPTs(c.SSID, c.Password, c.Identifier)
	}
	return c, nil
}

// extKey reports whether the AKM's key lengths follow the group's hash.
func extKey(a dot11.AKM) bool { return a == dot11.AKMSAEExtKey || a == dot11.AKMFTSAEExtKey }

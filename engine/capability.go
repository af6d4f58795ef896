package engine

import (
	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
)

// Abilities is what this program and one device can do together. It is the one
// model behind GET_CAPABILITY and the Capabilities properties, which only put it
// into their spellings, and it follows what selection and the connection machine
// use: what is listed here can be joined.
type Abilities struct {
	// Known is false when the driver cannot tell what its device can (-D none).
	// Everything else is zero then, and front ends show upstream's fallback lists.
	Known bool

	Pairwise  dot11.CipherSet
	Group     dot11.CipherSet
	MgmtGroup dot11.CipherSet
	AKMs      dot11.AKMSet // with AKMNone for open networks
	Protos    dot11.Proto
	AuthAlgs  []dot11.AuthAlg // to be configured by name; FILS and others are absent

	SAEH2E, SAEPK    bool
	OCV              bool // operating channel validation
	BeaconProtection bool
	ExtKeyID         bool
	FILS             bool
	MultiBSS         bool // the device joins nontransmitted BSSIDs of a set

	MaxScanSSIDs int
}

// pairwiseBuilt and mgmtBuilt are the ciphers the key machine makes keys for.
var (
	pairwiseBuilt = dot11.Ciphers(dot11.CipherCCMP256, dot11.CipherGCMP256, dot11.CipherCCMP, dot11.CipherGCMP, dot11.CipherTKIP)
	mgmtBuilt     = dot11.Ciphers(dot11.CipherBIPCMAC128, dot11.CipherBIPGMAC128, dot11.CipherBIPGMAC256, dot11.CipherBIPCMAC256)
)

// Abilities tells what the interface can do.
func (i *Interface) Abilities() Abilities {
	if i.wiredDevice() != nil {
		return Abilities{Known: true, AKMs: dot11.AKMs(dot11.AKMNone, dot11.AKMIEEE8021X)}
	}
	a := abilitiesOf(i.capa)
	if a.Known && !i.canConnect() {
		a.AKMs, a.AuthAlgs, a.SAEH2E, a.SAEPK, a.FILS = 0, nil, false, false, false
	}
	return a
}

// abilitiesOf is what a device that can connect, and the program, can do.
func abilitiesOf(c *drivers.Capability) Abilities {
	if c.Unknown {
		return Abilities{}
	}
	d := deviceOf(c)
	a := Abilities{
		Known: true, MaxScanSSIDs: c.MaxScanSSIDs,
		Pairwise: d.Ciphers & pairwiseBuilt, MgmtGroup: d.Ciphers & mgmtBuilt,
		AKMs: dot11.AKMs(dot11.AKMNone), AuthAlgs: []dot11.AuthAlg{dot11.AuthAlgOpen},
		MultiBSS: dot11.ExtendedCapabilityBit(c.ExtendedCapa, dot11.ExtCapMultipleBSSID),
		OCV:      d.OCV, BeaconProtection: d.BeaconProtection, ExtKeyID: d.ExtKeyID,
	}
	a.Group = a.Pairwise
	if a.Pairwise.Has(dot11.CipherCCMP) || a.Pairwise.Has(dot11.CipherTKIP) {
		a.Protos |= dot11.ProtoRSN
	}
	if a.Pairwise.Has(dot11.CipherTKIP) {
		a.Protos |= dot11.ProtoWPA
	}
	if a.Protos == 0 {
		return a
	}
	for akm := range joinable.All() {
		switch {
		case akm.IsFT() && !d.FT, akm.IsSAE() && !d.SAE, d.AKMs != 0 && !d.AKMs.Has(akm):
		default:
			a.AKMs |= dot11.AKMs(akm)
		}
	}
	if a.AKMs.Has(dot11.AKMSAE) {
		a.AuthAlgs = append(a.AuthAlgs, dot11.AuthAlgSAE)
		a.SAEH2E = true
	}
	return a
}

// ProgramAbilities is what the program can do whatever the device is, and what a
// device in use adds (the second line).
type ProgramAbilities struct {
	PMF, OWE, SuiteB192 bool
	FT, FILS, ExtKeyID  bool
}

// Abilities tells what the program can do.
func (s *Supervisor) Abilities() ProgramAbilities {
	p := ProgramAbilities{PMF: mgmtBuilt != 0, OWE: joinable.Has(dot11.AKMOWE), SuiteB192: joinable.Has(dot11.AKMSuiteB192)}
	for _, i := range s.ifaces {
		a := i.Abilities()
		p.FT = p.FT || a.AKMs&dot11.AKMSetFT != 0
		p.FILS = p.FILS || a.FILS
		p.ExtKeyID = p.ExtKeyID || a.ExtKeyID
	}
	return p
}

package engine

import (
	"testing"

	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
)

func selectors(list ...dot11.Cipher) (out []uint32) {
	for _, c := range list {
		s, _ := c.RSNSuite()
		out = append(out, uint32(s))
	}
	return out
}

func TestAbilities(t *testing.T) {
	psk, _ := dot11.AKMPSK.RSNSuite()
	ftPSK, _ := dot11.AKMFTPSK.RSNSuite()
	eap, _ := dot11.AKMEAP.RSNSuite()
	none, pskSet := dot11.AKMs(dot11.AKMNone), dot11.AKMs(dot11.AKMPSK, dot11.AKMPSKSHA256)
	eaps := dot11.AKMs(dot11.AKMEAP, dot11.AKMEAPSHA256, dot11.AKMSuiteB, dot11.AKMSuiteB192, dot11.AKMEAPSHA384)
	for _, tt := range []struct {
		name     string
		capa     drivers.Capability
		akms     dot11.AKMSet
		pairwise dot11.CipherSet
		protos   dot11.Proto
	}{
		{"no key management listed, no SAE", drivers.Capability{Ciphers: selectors(dot11.CipherCCMP, dot11.CipherBIPCMAC128)},
			none | pskSet | eaps | dot11.AKMs(dot11.AKMOWE), dot11.Ciphers(dot11.CipherCCMP), dot11.ProtoRSN},
		{"SAE", drivers.Capability{Ciphers: selectors(dot11.CipherCCMP), SAE: true},
			none | pskSet | eaps | dot11.AKMs(dot11.AKMOWE, dot11.AKMSAE, dot11.AKMSAEExtKey), dot11.Ciphers(dot11.CipherCCMP), dot11.ProtoRSN},
		{"PSK alone; what cannot be joined is not listed", drivers.Capability{Ciphers: selectors(dot11.CipherTKIP, dot11.CipherGCMP256),
			AKMs: []uint32{uint32(psk), uint32(ftPSK), uint32(eap)}}, none | dot11.AKMs(dot11.AKMPSK, dot11.AKMEAP),
			dot11.Ciphers(dot11.CipherTKIP, dot11.CipherGCMP256), dot11.ProtoRSN | dot11.ProtoWPA},
		{"coarse ciphers", drivers.Capability{Enc: drivers.EncWEP40 | drivers.EncTKIP}, none | pskSet | eaps | dot11.AKMs(dot11.AKMOWE),
			dot11.Ciphers(dot11.CipherTKIP), dot11.ProtoRSN | dot11.ProtoWPA},
		{"WEP only", drivers.Capability{Enc: drivers.EncWEP40}, none, 0, 0},
	} {
		a := abilitiesOf(&tt.capa)
		if !a.Known || a.AKMs != tt.akms || a.Pairwise != tt.pairwise || a.Protos != tt.protos {
			t.Errorf("%s: %v, %v, %v; want %v, %v, %v", tt.name, a.AKMs, a.Pairwise, a.Protos, tt.akms, tt.pairwise, tt.protos)
		}
		if a.SAEH2E != a.AKMs.Has(dot11.AKMSAE) || len(a.AuthAlgs) == 2 != a.SAEH2E {
			t.Errorf("%s: SAE %v, algorithms %v", tt.name, a.SAEH2E, a.AuthAlgs)
		}
	}
	if a := abilitiesOf(&drivers.Capability{Unknown: true}); a.Known || a.AKMs != 0 {
		t.Errorf("a driver that cannot tell: %+v", a)
	}
}

// TestAbilitiesFollowSelection: every AKM that is listed is one that selection may
// choose, and the other way round.
func TestAbilitiesFollowSelection(t *testing.T) {
	a := abilitiesOf(&drivers.Capability{Ciphers: selectors(dot11.CipherCCMP), SAE: true})
	for akm := range a.AKMs.All() {
		if akm != dot11.AKMNone && !joinable.Has(akm) {
			t.Errorf("%v is listed and cannot be joined", akm)
		}
	}
	for akm := range joinable.All() {
		if !akm.IsFT() && !a.AKMs.Has(akm) {
			t.Errorf("%v can be joined and is not listed", akm)
		}
	}
}

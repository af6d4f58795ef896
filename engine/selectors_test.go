package engine

import (
	"testing"

	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
	"gosupplicant/engine/rsn"
)

// TestSelectors: with WPA as with RSN the device is told RSN's selectors, and
// which protocol it is by the version.
func TestSelectors(t *testing.T) {
	const tkip, ccmp, psk = 0x000fac02, 0x000fac04, 0x000fac02
	for _, tc := range []struct {
		proto    dot11.Proto
		pairwise dot11.Cipher
		want     drivers.Crypto
	}{
		{dot11.ProtoWPA, dot11.CipherTKIP, drivers.Crypto{Versions: drivers.WPAVersion1, Pairwise: []uint32{tkip}, Group: tkip, AKM: psk}},
		{dot11.ProtoRSN, dot11.CipherCCMP, drivers.Crypto{Versions: drivers.WPAVersion2, Pairwise: []uint32{ccmp}, Group: tkip, AKM: psk}},
	} {
		s := &security{Selection: rsn.Selection{Proto: tc.proto, AKM: dot11.AKMPSK, Pairwise: tc.pairwise, Group: dot11.CipherTKIP}}
		var p drivers.AssocParams
		s.fill(&p, &drivers.Capability{})
		got := p.Crypto
		if got.Versions != tc.want.Versions || len(got.Pairwise) != 1 || got.Pairwise[0] != tc.want.Pairwise[0] || got.Group != tc.want.Group || got.AKM != tc.want.AKM {
			t.Errorf("%v: %+v, want %+v", tc.proto, got, tc.want)
		}
	}
}

package rsn

import (
	"bytes"
	"fmt"

	"gosupplicant/engine/dot11"
	"gosupplicant/engine/keys"
)

// FT is what the initial association in a mobility domain learnt from the access
// point (13.4.2).
type FT struct {
	MDID keys.MDID
	R0KH []byte    // R0KH-ID, 1 to 48 bytes
	R1KH keys.Addr // R1KH-ID
	// MDE and FTE are those of the association response, whole elements.
	MDE, FTE []byte
}

// ftKeys are the upper levels of the FT key hierarchy; zero for other AKMs.
type ftKeys struct {
	r0, r1         keys.Secret
	r0Name, r1Name keys.PMKName
}

func (k *ftKeys) derive(a *Association, h keys.Hash, xxkey keys.Secret) {
	k.r0, k.r0Name = keys.PMKR0(h, xxkey, a.SSID, a.FT.MDID, a.FT.R0KH, a.Own)
	k.r1, k.r1Name = keys.PMKR1(h, k.r0, k.r0Name, a.FT.R1KH, a.Own)
}

func (k *ftKeys) zero() {
	k.r0.Zero()
	k.r1.Zero()
}

func (k *ftKeys) ptk(a *Association, h keys.Hash, snonce, anonce keys.Nonce, l keys.PTKLengths) keys.PTK {
	p, _ := keys.DeriveFTPTK(h, k.r1, k.r1Name, snonce, anonce, a.BSSID, a.Own, l)
	return p
}

// element returns the own RSNE or WPA element for message 2. For FT the RSNE has
// PMKR1Name in its PMKID list, and MDE and FTE follow (13.4.2).
func (k *ftKeys) element(a *Association) ([]byte, error) {
	if !a.AKM.IsFT() {
		return append([]byte(nil), a.OwnElement...), nil
	}
	e, err := dot11.ParseRSNE(a.OwnElement[2:])
	if err != nil {
		return nil, fmt.Errorf("own element: %w", err)
	}
	e.PMKIDs = [][16]byte{k.r1Name}
	b := e.Append(nil)
	b = append(b, a.FT.MDE...)
	return append(b, a.FT.FTE...), nil
}

// mismatch compares the elements of message 3: the RSNE is the beacon's but for
// PMKR1Name, MDE and FTE are the association response's.
func (k *ftKeys) mismatch(a *Association, d *KeyData) string {
	if d.RSNE == nil || len(a.APRSNE) < 2 {
		return "no RSNE to compare"
	}
	got, err1 := dot11.ParseRSNE(d.RSNE[2:])
	want, err2 := dot11.ParseRSNE(a.APRSNE[2:])
	if err1 != nil || err2 != nil {
		return "RSNE is malformed"
	}
	if len(got.PMKIDs) != 1 || got.PMKIDs[0] != k.r1Name {
		return "RSNE of message 3 does not name our PMK-R1"
	}
	got.PMKIDs, want.PMKIDs = nil, nil
	got.Fields, want.Fields = dot11.RSNFieldPMKID, dot11.RSNFieldPMKID
	switch {
	case !bytes.Equal(got.AppendBody(nil), want.AppendBody(nil)):
		return "RSNE of message 3 is not that of beacon and probe response"
	case !bytes.Equal(d.MDE, a.FT.MDE):
		return "MDE of message 3 is not that of the association response"
	case !bytes.Equal(d.FTE, a.FT.FTE):
		return "FTE of message 3 is not that of the association response"
	}
	return ""
}

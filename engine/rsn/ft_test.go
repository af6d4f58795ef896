package rsn

import (
	"bytes"
	"testing"

	"gosupplicant/engine/dot11"
)

// ftPeer is the access point's part of FT.
type ftPeer struct {
	r1       []byte
	r1Name   []byte
	mde, fte []byte
}

// joinFT gives both sides of a world a mobility domain (12.7.1.6, by the test's own code).
func (w *world) joinFT() {
	r0kh, r1kh := []byte("r0.example"), testAA
	// FTE (9.4.2.46): MIC control, MIC, ANonce and SNonce unused here; R1KH-ID and R0KH-ID.
	fte := append(append(make([]byte, 82), 1, 6), r1kh[:]...)
	fte = append(append(fte, 3, byte(len(r0kh))), r0kh...)
	f := &ftPeer{mde: []byte{54, 3, 0xa1, 0xb2, 0}, fte: append([]byte{55, byte(len(fte))}, fte...)}
	n := w.a.h().Size()
	ctx := bytes.Join([][]byte{{4}, []byte("test"), {0xa1, 0xb2}, {byte(len(r0kh))}, r0kh, testSPA[:]}, nil)
	d := kdfForTest(w.a.h, w.a.pmk, "FT-R0", ctx, n+16)
	sum := func(parts ...[]byte) []byte {
		h := w.a.h()
		h.Write(bytes.Join(parts, nil))
		return h.Sum(nil)[:16]
	}
	r0name := sum([]byte("FT-R0N"), d[n:])
	f.r1 = kdfForTest(w.a.h, d[:n], "FT-R1", append(bytes.Clone(r1kh[:]), testSPA[:]...), n)
	f.r1Name = sum([]byte("FT-R1N"), r0name, r1kh[:], testSPA[:])
	w.a.ft = f
	w.s.FT = &FT{MDID: [2]byte{0xa1, 0xb2}, R0KH: r0kh, R1KH: r1kh, MDE: f.mde, FTE: f.fte}
	w.a.wantM2 = bytes.Join([][]byte{withPMKID(w.s.OwnElement, f.r1Name), f.mde, f.fte}, nil)
}

// withPMKID puts one PMKID into an RSNE.
func withPMKID(rsne, id []byte) []byte {
	e, err := dot11.ParseRSNE(rsne[2:])
	if err != nil {
		panic(err)
	}
	e.PMKIDs = [][16]byte{[16]byte(id)}
	return e.Append(nil)
}

func (f *ftPeer) m3Elements(rsne []byte) []byte {
	return bytes.Join([][]byte{withPMKID(rsne, f.r1Name), f.mde, f.fte}, nil)
}

func TestFTMismatch(t *testing.T) {
	for name, change := range map[string]func(*world){
		"MDE":       func(w *world) { w.a.ft.mde = []byte{54, 3, 0xa1, 0xb2, 1} },
		"FTE":       func(w *world) { w.a.ft.fte = bytes.Clone(w.a.ft.fte); w.a.ft.fte[40] ^= 1 },
		"PMKR1Name": func(w *world) { w.a.ft.r1Name = fill("x", 16) },
		"RSNE":      func(w *world) { w.a.rsne = bytes.Clone(w.a.rsne); w.a.rsne[18] ^= 1 },
		"no RSNE":   func(w *world) { w.s.APRSNE = nil },
	} {
		w := newWorld(t, modeNamed(t, "FT-PSK"), nil)
		w.begin(ProtectionNone)
		change(w)
		if name == "no RSNE" {
			w.m.a.APRSNE = nil
		}
		if f := one[Failed](t, w.rx(w.a.m3(), ProtectionNone)); f.Cause != CauseElementMismatch {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

package rsn

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"gosupplicant/engine/dot11"
	"gosupplicant/engine/keys"
)

const anyCipher = dot11.CipherSet(0xffff)

// offer builds the RSN offer of a BSS.
func offer(caps dot11.RSNCaps, akms ...dot11.AKM) Offer {
	g, _ := dot11.CipherCCMP.RSNSuite()
	e := &dot11.RSNE{Version: 1, Group: g, Pairwise: []dot11.Suite{g}, Caps: caps}
	for _, a := range akms {
		s, _ := a.RSNSuite()
		e.AKMs = append(e.AKMs, s)
	}
	return Offer{RSNE: e}
}

func wishes(akms ...dot11.AKM) Wishes {
	return Wishes{Protos: dot11.ProtoRSN | dot11.ProtoWPA, AKMs: dot11.AKMs(akms...), PMF: PMFOptional, HavePSK: true, HaveSAEPassword: true,
		Pairwise: anyCipher, Group: anyCipher, SAEH2E: true}
}

func fullDevice() Device {
	return Device{Ciphers: anyCipher, SAE: true, PMF: true, OCV: true, ExtKeyID: true, BeaconProtection: true}
}

const mfpc, mfpr = dot11.RSNCapMFPC, dot11.RSNCapMFPR

func TestChooseAKM(t *testing.T) {
	psk, psk256, sae, ext := dot11.AKMPSK, dot11.AKMPSKSHA256, dot11.AKMSAE, dot11.AKMSAEExtKey
	all := []dot11.AKM{psk, psk256, sae, ext, dot11.AKMFTPSK, dot11.AKMFTSAE}
	for name, v := range map[string]struct {
		w    Wishes
		o    Offer
		d    func(*Device)
		wish func(*Wishes)
		want dot11.AKM
		pmf  bool
	}{
		"transition":                {w: wishes(all...), o: offer(mfpc, psk, sae), want: sae, pmf: true},
		"newest SAE":                {w: wishes(all...), o: offer(mfpc, psk, sae, ext), want: ext, pmf: true},
		"PSK only":                  {w: wishes(all...), o: offer(0, psk), want: psk},
		"SHA-256":                   {w: wishes(all...), o: offer(mfpc, psk, psk256), want: psk256, pmf: true},
		"raw PSK":                   {w: wishes(all...), wish: func(w *Wishes) { w.HaveSAEPassword = false }, o: offer(mfpc, psk, sae), want: psk, pmf: true},
		"device without SAE":        {w: wishes(all...), d: func(d *Device) { d.SAE = false }, o: offer(mfpc, psk, sae), want: psk, pmf: true},
		"device without PMF":        {w: wishes(all...), wish: func(w *Wishes) { w.SAENeedsPMF = true }, d: func(d *Device) { d.PMF = false }, o: offer(mfpc, psk, sae), want: psk},
		"SAE without PMF":           {w: wishes(sae), o: offer(0, sae), want: sae},
		"PMF switched off":          {w: wishes(psk), wish: func(w *Wishes) { w.PMF = PMFOff }, o: offer(mfpc, psk), want: psk},
		"FT":                        {w: wishes(all...), d: func(d *Device) { d.FT = true }, o: withMD(offer(mfpc, psk, sae, dot11.AKMFTSAE)), want: dot11.AKMFTSAE, pmf: true},
		"FT not here":               {w: wishes(all...), o: withMD(offer(mfpc, psk, sae, dot11.AKMFTSAE)), want: sae, pmf: true},
		"device knows PSK only":     {w: wishes(all...), d: func(d *Device) { d.AKMs = dot11.AKMs(psk) }, o: offer(mfpc, psk, sae), want: psk, pmf: true},
		"enterprise":                {w: wishes(dot11.AKMEAP, dot11.AKMEAPSHA256), o: offer(mfpc, dot11.AKMEAP, dot11.AKMEAPSHA256), want: dot11.AKMEAPSHA256, pmf: true},
		"OWE":                       {w: wishes(dot11.AKMOWE), o: offer(mfpc|mfpr, dot11.AKMOWE), want: dot11.AKMOWE, pmf: true},
		"transition disabled keeps": {w: wishes(all...), wish: func(w *Wishes) { w.TransitionDisabled = TransitionDisablePersonal }, o: offer(mfpc, psk, sae), want: sae, pmf: true},
	} {
		w, d := v.w, fullDevice()
		if v.wish != nil {
			v.wish(&w)
		}
		if v.d != nil {
			v.d(&d)
		}
		s, err := Choose(w, v.o, d)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if s.AKM != v.want || s.PMF != v.pmf || s.Caps&mfpc != 0 != v.pmf {
			t.Errorf("%s: %v PMF %v caps %x", name, s.AKM, s.PMF, s.Caps)
		}
	}
}

func withMD(o Offer) Offer { o.MobilityDomain = true; return o }

func TestChooseImpossible(t *testing.T) {
	psk, sae := dot11.AKMPSK, dot11.AKMSAE
	for name, v := range map[string]struct {
		w    func(*Wishes)
		o    Offer
		d    func(*Device)
		want string
	}{
		"nothing":                 {o: Offer{}, want: "neither RSN nor WPA"},
		"proto":                   {w: func(w *Wishes) { w.Protos = dot11.ProtoWPA }, o: offer(0, psk), want: "RSN: not allowed"},
		"AKM":                     {o: offer(0, dot11.AKMEAP), want: "no common key management"},
		"not built":               {w: func(w *Wishes) { w.AKMs = dot11.AKMSetFILS }, o: offer(0, dot11.AKMFILSSHA256), want: "not implemented"},
		"pairwise":                {w: func(w *Wishes) { w.Pairwise = dot11.Ciphers(dot11.CipherTKIP) }, o: offer(0, psk), want: "no common pairwise cipher"},
		"pairwise of device":      {d: func(d *Device) { d.Ciphers = dot11.Ciphers(dot11.CipherTKIP) }, o: offer(0, psk), want: "device has no group cipher"},
		"group":                   {w: func(w *Wishes) { w.Group = dot11.Ciphers(dot11.CipherTKIP) }, o: offer(0, psk), want: "group cipher CCMP not allowed"},
		"network needs PMF":       {w: func(w *Wishes) { w.PMF = PMFRequired }, o: offer(0, psk), want: "required by the network: the BSS has none"},
		"BSS needs PMF":           {w: func(w *Wishes) { w.PMF = PMFOff }, o: offer(mfpc|mfpr, psk), want: "required by the BSS: disabled in the network"},
		"device lacks PMF":        {d: func(d *Device) { d.PMF = false }, o: offer(mfpc|mfpr, psk), want: "required by the BSS: the device cannot"},
		"mgmt cipher":             {w: func(w *Wishes) { w.PMF, w.MgmtGroup = PMFRequired, dot11.Ciphers(dot11.CipherBIPGMAC256) }, o: offer(mfpc, psk), want: "group management cipher BIP not allowed"},
		"mgmt cipher of device":   {d: func(d *Device) { d.Ciphers = dot11.Ciphers(dot11.CipherCCMP) }, o: offer(mfpc|mfpr, psk), want: "device has no group management cipher"},
		"no password":             {w: func(w *Wishes) { w.HaveSAEPassword = false }, o: offer(mfpc, sae), want: "SAE: no password"},
		"no PSK":                  {w: func(w *Wishes) { w.HavePSK = false }, o: offer(mfpc, psk), want: "WPA-PSK: no passphrase"},
		"downgrade to PSK":        {w: func(w *Wishes) { w.TransitionDisabled = TransitionDisablePersonal }, o: offer(mfpc, psk), want: "transition disabled"},
		"SAE needs PMF":           {w: func(w *Wishes) { w.SAENeedsPMF = true }, o: offer(0, sae), want: "SAE: no management frame protection"},
		"WPA with PMF required":   {w: func(w *Wishes) { w.PMF = PMFRequired }, o: Offer{WPA: &dot11.WPAIE{}}, want: "which WPA has not"},
		"WPA not allowed":         {w: func(w *Wishes) { w.Protos = dot11.ProtoRSN }, o: Offer{WPA: &dot11.WPAIE{}}, want: "WPA: not allowed"},
		"WPA TKIP not configured": {w: func(w *Wishes) { w.Pairwise = dot11.Ciphers(dot11.CipherCCMP) }, o: Offer{WPA: &dot11.WPAIE{}}, want: "no common pairwise"},
		"SAE with TKIP":           {w: func(w *Wishes) { w.Pairwise = dot11.Ciphers(dot11.CipherTKIP) }, o: tkip(offer(mfpc, sae)), want: "SAE: not with TKIP"},
	} {
		w, d := wishes(psk, sae), fullDevice()
		if v.w != nil {
			v.w(&w)
		}
		if v.d != nil {
			v.d(&d)
		}
		s, err := Choose(w, v.o, d)
		var imp *ImpossibleError
		if !errors.As(err, &imp) || !strings.Contains(err.Error(), v.want) {
			t.Errorf("%s: %+v, %v, want %q", name, s, err, v.want)
		}
	}
}

func tkip(o Offer) Offer {
	s, _ := dot11.CipherTKIP.RSNSuite()
	o.RSNE.Pairwise = []dot11.Suite{s}
	return o
}

func TestChooseCiphersAndOptions(t *testing.T) {
	o := offer(mfpc|dot11.RSNCapOCVC|dot11.RSNCapExtKeyID, dot11.AKMSAE)
	for _, c := range []dot11.Cipher{dot11.CipherTKIP, dot11.CipherGCMP256, dot11.CipherCCMP256} {
		s, _ := c.RSNSuite()
		o.RSNE.Pairwise = append(o.RSNE.Pairwise, s)
	}
	o.RSNE.GroupMgmt, _ = dot11.CipherBIPGMAC256.RSNSuite()
	o.RSNXE = dot11.NewRSNXE(dot11.RSNXSAEH2E, dot11.RSNXSSIDProtection)
	o.BeaconProtection = true
	w := wishes(dot11.AKMSAE)
	w.OCV, w.BeaconProtection, w.ExtKeyID, w.SSIDProtection, w.PMF = true, true, true, true, PMFRequired
	s, err := Choose(w, o, fullDevice())
	if err != nil {
		t.Fatal(err)
	}
	if s.Pairwise != dot11.CipherGCMP256 || s.MgmtGroup != dot11.CipherBIPGMAC256 || !s.OCV || !s.ExtKeyID || !s.BeaconProtection || !s.SSIDProtection || !s.H2E || !s.PMFRequired {
		t.Errorf("%+v", s)
	}
	id := keys.PMKID(fill("id", 16))
	e, err := dot11.ParseRSNE(s.Element(id)[2:])
	if err != nil || e.Caps != mfpc|mfpr|dot11.RSNCapOCVC|dot11.RSNCapExtKeyID || len(e.PMKIDs) != 1 || e.PMKIDs[0] != id || e.MgmtGroupCipher() != dot11.CipherBIPGMAC256 {
		t.Errorf("%+v, %v", e, err)
	}
	x, err := dot11.ParseRSNXE(s.RSNXE()[2:])
	if err != nil || !x.Has(dot11.RSNXSAEH2E) || !x.Has(dot11.RSNXSSIDProtection) {
		t.Errorf("%x, %v", x, err)
	}
	for name, change := range map[string]func(*Wishes, *Device){
		"wishes": func(w *Wishes, _ *Device) { *w = wishes(dot11.AKMSAE); w.SAEH2E = false },
		"device": func(w *Wishes, d *Device) {
			*d = Device{Ciphers: anyCipher, SAE: true, PMF: true}
			w.SSIDProtection, w.SAEH2E = false, false
		},
	} {
		w2, d2 := w, fullDevice()
		change(&w2, &d2)
		s, err := Choose(w2, o, d2)
		if err != nil || s.OCV || s.ExtKeyID || s.BeaconProtection || s.SSIDProtection || s.H2E || s.RSNXE() != nil {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
	}
}

// The exact bytes: a WPA2-PSK and a WPA station's elements.
func TestElementBytes(t *testing.T) {
	s, err := Choose(wishes(dot11.AKMPSK), offer(0, dot11.AKMPSK), fullDevice())
	want := []byte{48, 20, 1, 0, 0, 15, 0xac, 4, 1, 0, 0, 15, 0xac, 4, 1, 0, 0, 15, 0xac, 2, 0, 0}
	if err != nil || !bytes.Equal(s.Element(), want) {
		t.Errorf("%x, %v", s.Element(), err)
	}
	s, err = Choose(wishes(dot11.AKMSAE), offer(mfpc, dot11.AKMSAE), fullDevice())
	want = []byte{48, 26, 1, 0, 0, 15, 0xac, 4, 1, 0, 0, 15, 0xac, 4, 1, 0, 0, 15, 0xac, 8, 0x80, 0, 0, 0, 0, 15, 0xac, 6}
	if err != nil || !bytes.Equal(s.Element(), want) {
		t.Errorf("%x, %v", s.Element(), err)
	}
	psk, _ := dot11.AKMPSK.WPASuite()
	o := Offer{WPA: &dot11.WPAIE{AKMs: []dot11.Suite{psk}}} // TKIP by default
	s, err = Choose(wishes(dot11.AKMPSK), o, fullDevice())
	want = []byte{221, 22, 0, 0x50, 0xf2, 1, 1, 0, 0, 0x50, 0xf2, 2, 1, 0, 0, 0x50, 0xf2, 2, 1, 0, 0, 0x50, 0xf2, 2}
	if err != nil || s.Proto != dot11.ProtoWPA || !bytes.Equal(s.Element(), want) {
		t.Errorf("%x, %v", s.Element(), err)
	}
	both := offer(0, dot11.AKMPSK)
	both.WPA = o.WPA
	if s, err = Choose(wishes(dot11.AKMPSK), both, fullDevice()); err != nil || s.Proto != dot11.ProtoRSN {
		t.Errorf("RSN is not preferred: %+v, %v", s, err)
	}
}

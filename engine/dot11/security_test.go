package dot11

import "testing"

// build joins elements.
func build(parts ...[]byte) Elements {
	var es Elements
	for _, p := range parts {
		es = append(es, p...)
	}
	return es
}

// rsnWith returns an RSN element of the given suites.
func rsnWith(group Cipher, pairwise []Cipher, akms []AKM, caps RSNCaps) []byte {
	e := RSNE{Version: 1, Caps: caps}
	e.Group, _ = group.RSNSuite()
	for _, c := range pairwise {
		s, _ := c.RSNSuite()
		e.Pairwise = append(e.Pairwise, s)
	}
	for _, a := range akms {
		s, ok := a.RSNSuite()
		if !ok {
			s = MakeSuite(OUIIEEE, 99)
		}
		e.AKMs = append(e.AKMs, s)
	}
	return e.Append(nil)
}

func TestFlags(t *testing.T) {
	ccmp := []Cipher{CipherCCMP}
	ssid := AppendElement(nil, ElementSSID, 'x')
	wpa := AppendVendorElement(nil, OUIMicrosoft, MicrosoftWPA, wpaFull...)
	owe := AppendVendorElement(nil, OUIWFA, WFAOWETransition, 1, 2, 3)
	hs20 := AppendVendorElement(nil, OUIWFA, WFAHS20, 0x10)
	psk := rsnWith(CipherCCMP, ccmp, []AKM{AKMPSK}, 0)
	wps := func(attrs ...byte) []byte { return AppendVendorElement(nil, OUIMicrosoft, MicrosoftWPS, attrs...) }
	selected := []byte{0x10, 0x41, 0, 1, 1, 0x10, 0x12, 0, 2, 0}
	own := MAC{2, 0, 0, 0, 0, 9}
	auth := append([]byte{0x10, 0x49, 0, 14, 0, 0x37, 0x2a, 0, 1, 0x20, 1, 6}, own[:]...)
	tests := []struct {
		name string
		in   FlagsInput
		want string
	}{
		{"open", FlagsInput{Elements: ssid, Caps: CapESS}, "[ESS]"},
		{"wep", FlagsInput{Elements: ssid, Caps: CapESS | CapPrivacy}, "[WEP][ESS]"},
		{"ibss", FlagsInput{Elements: ssid, Caps: CapIBSS}, "[IBSS]"},
		{"psk", FlagsInput{Elements: build(ssid, psk), Caps: CapESS | CapPrivacy}, "[WPA2-PSK-CCMP][ESS]"},
		{"mixed", FlagsInput{Elements: build(psk, wpa), Caps: CapESS | CapPrivacy}, "[WPA-PSK-CCMP+TKIP][WPA2-PSK-CCMP][ESS]"},
		{"transition", FlagsInput{Elements: build(rsnWith(CipherCCMP, ccmp, []AKM{AKMSAE, AKMPSK, AKMPSKSHA256}, RSNCapMFPC),
			NewRSNXE(RSNXSAEH2E).Append(nil)), Caps: CapESS}, "[WPA2-PSK+SAE+PSK-SHA256-CCMP][SAE-H2E][ESS]"},
		{"sae-pk", FlagsInput{Elements: build(rsnWith(CipherGCMP256, []Cipher{CipherGCMP256, CipherCCMP256}, []AKM{AKMSAEExtKey, AKMFTSAE}, 0),
			NewRSNXE(RSNXSAEH2E, RSNXSAEPK).Append(nil)), Caps: CapESS}, "[WPA2-SAE-EXT-KEY+FT/SAE-CCMP-256+GCMP-256][SAE-H2E][SAE-PK][ESS]"},
		{"unknown akm, preauth", FlagsInput{Elements: rsnWith(CipherCCMP, ccmp, []AKM{AKMUnknown}, RSNCapPreauth), Caps: CapESS}, "[WPA2--CCMP-preauth][ESS]"},
		{"broken rsn", FlagsInput{Elements: AppendElement(nil, ElementRSN, 1), Caps: CapESS | CapPrivacy}, "[WPA2-?][ESS]"},
		{"broken wpa", FlagsInput{Elements: AppendVendorElement(nil, OUIMicrosoft, MicrosoftWPA, 1), Caps: CapESS}, "[WPA-?][ESS]"},
		{"bip as group", FlagsInput{Elements: rsnWith(CipherBIPCMAC128, ccmp, []AKM{AKMPSK}, 0), Caps: CapESS}, "[WPA2-?][ESS]"},
		{"owe", FlagsInput{Elements: build(rsnWith(CipherCCMP, ccmp, []AKM{AKMOWE}, 0), owe), Caps: CapESS}, "[WPA2-OWE-CCMP][OWE-TRANS][ESS]"},
		{"owe open", FlagsInput{Elements: build(ssid, owe), Caps: CapESS | CapPrivacy}, "[OWE-TRANS-OPEN][ESS]"},
		{"mesh", FlagsInput{Elements: build(rsnWith(CipherCCMP, ccmp, []AKM{AKMSAE}, 0), AppendElement(nil, ElementMeshID, 'm'))}, "[RSN-SAE-CCMP][MESH]"},
		{"wps", FlagsInput{Elements: wps(0x10, 0x44, 0, 1, 2), Caps: CapESS}, "[WPS][ESS]"},
		{"wps pbc", FlagsInput{Elements: wps(append(selected, 4)...), Caps: CapESS}, "[WPS-PBC][ESS]"},
		{"wps pin", FlagsInput{Elements: wps(append(selected, 0)...), Caps: CapESS, Own: MAC{1}}, "[WPS-PIN][ESS]"},
		{"wps auth", FlagsInput{Elements: wps(auth...), Caps: CapESS, Own: own}, "[WPS-AUTH][ESS]"},
		{"dmg", FlagsInput{Elements: AppendExtElement(nil, ExtIDEDMGOperation), Caps: 3, Freq: 60480, ScanResults: true}, "[EDMG][DMG][ESS]"},
		{"dmg bss command", FlagsInput{Elements: AppendExtElement(nil, ExtIDEDMGOperation), Caps: 2, Freq: 60480}, "[DMG][PBSS]"},
		{"hs20 scan", FlagsInput{Elements: hs20, Caps: CapESS, ScanResults: true}, "[ESS]"},
		{"hs20 bss", FlagsInput{Elements: hs20, Caps: CapESS}, "[ESS][HS20]"},
		{"p2p in beacon", FlagsInput{Beacon: AppendVendorElement(nil, OUIWFA, WFAP2P), Caps: CapESS}, "[ESS][P2P]"},
		{"rest", FlagsInput{Elements: build(AppendElement(nil, ElementFILSIndication, 0, 0), AppendElement(nil, ElementMultiBand),
			AppendElement(nil, ElementExtendedCapabilities, 0, 0, 0, 0, 0, 0, 1)), Caps: CapESS}, "[ESS][FILS][FST][UTF-8]"},
	}
	for _, tt := range tests {
		if got := string(AppendFlags(nil, tt.in)); got != tt.want {
			t.Errorf("%s: got  %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

func TestMode(t *testing.T) {
	mesh := Elements(AppendElement(nil, ElementMeshID, 'm'))
	tests := []struct {
		es   Elements
		caps Caps
		freq int
		want string
	}{
		{nil, CapESS, 2412, "infrastructure"},
		{nil, CapIBSS, 2412, "ad-hoc"},
		{mesh, 0, 2412, "mesh"},
		{nil, 0, 60480, ""},
		{nil, 1, 60480, "ad-hoc"},
		{nil, 2, 60480, "ad-hoc"},
		{nil, 3, 60480, "infrastructure"},
	}
	for _, tt := range tests {
		if got := ModeOf(tt.es, tt.caps, tt.freq).String(); got != tt.want {
			t.Errorf("caps %d at %d: %q, want %q", tt.caps, tt.freq, got, tt.want)
		}
	}
}

func TestWPSAttributes(t *testing.T) {
	body := []byte{
		0x10, 0x44, 0x00, 0x01, 0x02,
		0x10, 0x57, 0x00, 0x01, 0x01,
		0x10, 0x41, 0x00, 0x01, 0x01,
		0x10, 0x12, 0x00, 0x02, 0x00, 0x04,
		0x10, 0x53, 0x00, 0x02, 0x01, 0x08,
		0x10, 0x08, 0x00, 0x02, 0x31, 0x48,
		0x10, 0x54, 0x00, 0x08, 0x00, 0x06, 0x00, 0x50, 0xf2, 0x04, 0x00, 0x01,
		0x10, 0x11, 0x00, 0x02, 'A', 'P',
	}
	w, err := ParseWPS(body)
	if err != nil || *w.State != 2 || !*w.APSetupLocked || *w.DevicePasswordID != 4 || *w.SelRegConfigMethods != 0x0108 ||
		*w.ConfigMethods != 0x3148 || w.PrimaryDeviceType[1] != 6 || string(w.DeviceName) != "AP" || w.Type() != "pbc" {
		t.Errorf("%+v %v", w, err)
	}
	whole := map[int]bool{}
	for n := 0; n <= len(body); n += 4 + int(body[min(n+3, len(body)-1)]) {
		whole[n] = true
	}
	for n := range len(body) {
		if _, err := ParseWPS(body[:n]); (err == nil) != whole[n] {
			t.Errorf("prefix of %d bytes: %v", n, err)
		}
	}
	w, err = ParseWPS([]byte{0x10, 0x44, 0, 0, 0x10, 0x12, 0, 1, 4})
	if err != nil || w.State != nil || w.DevicePasswordID != nil {
		t.Errorf("attributes of wrong length: %+v %v", w, err)
	}
}

func FuzzWPS(f *testing.F) {
	f.Add([]byte{0x10, 0x49, 0, 14, 0, 0x37, 0x2a, 0, 1, 0x20, 1, 6, 1, 2, 3, 4, 5, 6, 0x10, 0x41, 0, 1, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		w, _ := ParseWPS(b)
		if len(w.AuthorizedMACs) > 5 || len(w.DeviceName) > 32 {
			t.Fatal("limits exceeded")
		}
		if w.ActivePBC() && w.ActivePIN() {
			t.Fatal("both sessions active")
		}
	})
}

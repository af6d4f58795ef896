package dot11

import (
	"slices"
	"strings"
	"testing"
)

func TestCipherTable(t *testing.T) {
	for c := CipherNone; c < cipherCount; c++ {
		if got, ok := ParseCipher(c.ConfigName()); !ok || got != c {
			t.Errorf("%v: configuration name %q gives %v", c, c.ConfigName(), got)
		}
		if s, ok := c.RSNSuite(); ok && CipherOf(s) != c {
			t.Errorf("%v: suite %v gives %v", c, s, CipherOf(s))
		}
		if s, ok := c.WPASuite(); ok && CipherOf(s) != c {
			t.Errorf("%v: suite %v gives %v", c, s, CipherOf(s))
		}
		if (c.IsPairwise() || c.IsMgmtGroup()) && c.KeyLen() == 0 {
			t.Errorf("%v has no key length", c)
		}
		if !slices.Contains(cipherOrder, c) {
			t.Errorf("%v is in no order", c)
		}
	}
	if s, _ := CipherGCMP256.RSNSuite(); s.String() != "00-0f-ac-9" || CipherGCMP256.KeyLen() != 32 {
		t.Errorf("GCMP-256 %v", s)
	}
	for s, want := range map[Suite]Cipher{
		MakeSuite(OUIIEEE, 3): CipherUnknown, MakeSuite(OUIWFA, 4): CipherUnknown,
		MakeSuite(OUIMicrosoft, 8): CipherUnknown, 0: CipherUnknown, MakeSuite(OUIMicrosoft, 5): CipherWEP104,
	} {
		if CipherOf(s) != want {
			t.Errorf("%v: %v", s, CipherOf(s))
		}
	}
	if CipherUnknown.String() != "UNKNOWN" || Cipher(200).String() != "UNKNOWN" || Cipher(200).DBusName() != "" {
		t.Error("unknown cipher")
	}
}

func TestCipherSpellings(t *testing.T) {
	tests := []struct {
		c                          Cipher
		config, status, dbus, caps string
	}{
		{CipherCCMP, "CCMP", "CCMP", "ccmp", "ccmp"},
		{CipherWEP40, "WEP40", "WEP-40", "wep40", "wep40"},
		{CipherBIPCMAC128, "AES-128-CMAC", "BIP", "aes128cmac", "aes-128-cmac"},
		{CipherBIPGMAC256, "BIP-GMAC-256", "BIP-GMAC-256", "", "bip-gmac-256"},
		{CipherNone, "NONE", "NONE", "none", "none"},
	}
	for _, tt := range tests {
		if tt.c.ConfigName() != tt.config || tt.c.String() != tt.status || tt.c.DBusName() != tt.dbus || tt.c.DBusCapability() != tt.caps {
			t.Errorf("%v: %q %q %q %q", tt.c, tt.c.ConfigName(), tt.c, tt.c.DBusName(), tt.c.DBusCapability())
		}
	}
	set, err := ParseCiphers(" TKIP CCMP  GCMP-256 NONE")
	if err != nil || set.ConfigNames(" ") != "GCMP-256 CCMP TKIP NONE" || set.Len() != 4 {
		t.Errorf("%v %v", set, err)
	}
	if _, err := ParseCiphers("CCMP ccmp"); err == nil || !strings.Contains(err.Error(), `"ccmp"`) {
		t.Errorf("lower case: %v", err)
	}
}

func TestAKMTable(t *testing.T) {
	for a := AKMNone; a < akmCount; a++ {
		if n := a.ConfigName(); n != "" {
			if got, ok := ParseAKM(n); !ok || got != a {
				t.Errorf("%v: configuration name gives %v", a, got)
			}
		}
		if s, ok := a.RSNSuite(); ok && AKMOf(s) != a {
			t.Errorf("%v: suite %v gives %v", a, s, AKMOf(s))
		}
		if s, ok := a.WPASuite(); ok && AKMOf(s) != a {
			t.Errorf("%v: suite %v gives %v", a, s, AKMOf(s))
		}
		if (a.FlagName() != "") != slices.Contains(akmFlagOrder, a) {
			t.Errorf("%v: flag name %q and its order disagree", a, a.FlagName())
		}
	}
	for _, a := range akmDBusOrder {
		if a.DBusName() == "" {
			t.Errorf("%v is in the D-Bus order without a name", a)
		}
	}
	if AKMOf(MakeSuite(OUIWFA, 2)) != AKMDPP || AKMOf(MakeSuite(OUIIEEE, 24)) != AKMSAEExtKey || AKMOf(0) != AKMUnknown {
		t.Error("selectors")
	}
	if !AKMFTSAEExtKey.IsSAE() || !AKMFTSAEExtKey.IsFT() || AKMOWE.IsSAE() || AKMSetEAP.Has(AKMIEEE8021X) {
		t.Error("families")
	}
}

func TestAKMStatusName(t *testing.T) {
	tests := []struct {
		a    AKM
		p    Proto
		want string
	}{
		{AKMPSK, ProtoRSN, "WPA2-PSK"},
		{AKMPSK, ProtoWPA, "WPA-PSK"},
		{AKMPSK, ProtoRSN | ProtoWPA, "WPA2-PSK+WPA-PSK"},
		{AKMEAP, ProtoRSN, "WPA2/IEEE 802.1X/EAP"},
		{AKMEAP, ProtoWPA, "WPA/IEEE 802.1X/EAP"},
		{AKMEAP, ProtoRSN | ProtoWPA, "WPA2+WPA/IEEE 802.1X/EAP"},
		{AKMSAE, ProtoRSN, "SAE"},
		{AKMSuiteB192, ProtoRSN, "WPA2-EAP-SUITE-B-192"},
		{AKMNone, 0, "NONE"},
		{AKMIEEE8021X, 0, "IEEE 802.1X (no WPA)"},
		{AKMUnknown, 0, "UNKNOWN"},
		{AKM(99), 0, "UNKNOWN"},
	}
	for _, tt := range tests {
		if got := tt.a.StatusName(tt.p); got != tt.want {
			t.Errorf("%v %v: %q, want %q", tt.a, tt.p, got, tt.want)
		}
	}
}

func TestAKMSet(t *testing.T) {
	s, err := ParseAKMs("SAE WPA-PSK FT-PSK OWE WPA-PSK-SHA256")
	if err != nil || s.Len() != 5 || !s.Has(AKMOWE) {
		t.Fatal(s, err)
	}
	want := []string{"wpa-psk", "wpa-ft-psk", "wpa-psk-sha256", "sae", "owe"}
	if got := s.DBusNames(); !slices.Equal(got, want) {
		t.Errorf("D-Bus %v, want %v", got, want)
	}
	if got := AKMSet(0).DBusNames(); got == nil || len(got) != 0 {
		t.Errorf("no AKM: %#v", got)
	}
	if _, err := ParseAKMs("WPA-PSK WPA_PSK"); err == nil || !strings.Contains(err.Error(), "WPA_PSK") {
		t.Errorf("bad name: %v", err)
	}
	if _, ok := ParseAKM(""); ok {
		t.Error("empty name accepted")
	}
}

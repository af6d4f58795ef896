package simap

import (
	"bytes"
	"testing"
	"time"

	"gosupplicant/engine/dot11"
)

func mac(last byte) dot11.MAC { return dot11.MAC{2, 0, 0, 0, 0x10, last} }

func mustNew(t *testing.T, cfg Config) *AP {
	t.Helper()
	a, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestSecurity says in dot11's words what each kind of network must announce.
func TestSecurity(t *testing.T) {
	type want struct {
		rsn, wpa dot11.AKMSet
		group    dot11.Cipher
		pairwise dot11.CipherSet
		mgmt     dot11.Cipher
		privacy  bool
		h2e      bool
	}
	ccmp, tkip := dot11.CipherCCMP, dot11.CipherTKIP
	wants := map[Security]want{
		SecurityOpen:              {},
		SecurityWEP:               {privacy: true},
		SecurityWPA:               {wpa: dot11.AKMs(dot11.AKMPSK), group: tkip, pairwise: dot11.Ciphers(tkip), privacy: true},
		SecurityWPAWPA2:           {rsn: dot11.AKMs(dot11.AKMPSK), wpa: dot11.AKMs(dot11.AKMPSK), group: tkip, pairwise: dot11.Ciphers(tkip, ccmp), privacy: true},
		SecurityWPA2:              {rsn: dot11.AKMs(dot11.AKMPSK), group: ccmp, pairwise: dot11.Ciphers(ccmp), privacy: true},
		SecurityWPA2PMF:           {rsn: dot11.AKMs(dot11.AKMPSK, dot11.AKMPSKSHA256), group: ccmp, pairwise: dot11.Ciphers(ccmp), mgmt: dot11.CipherBIPCMAC128, privacy: true},
		SecurityWPA2WPA3:          {rsn: dot11.AKMs(dot11.AKMPSK, dot11.AKMSAE), group: ccmp, pairwise: dot11.Ciphers(ccmp), mgmt: dot11.CipherBIPCMAC128, privacy: true, h2e: true},
		SecurityWPA3:              {rsn: dot11.AKMs(dot11.AKMSAE), group: ccmp, pairwise: dot11.Ciphers(ccmp), mgmt: dot11.CipherBIPCMAC128, privacy: true, h2e: true},
		SecurityOWE:               {rsn: dot11.AKMs(dot11.AKMOWE), group: ccmp, pairwise: dot11.Ciphers(ccmp), mgmt: dot11.CipherBIPCMAC128, privacy: true},
		SecurityWPA3Ext:           {rsn: dot11.AKMs(dot11.AKMSAEExtKey), group: ccmp, pairwise: dot11.Ciphers(ccmp), mgmt: dot11.CipherBIPCMAC128, privacy: true, h2e: true},
		SecurityWPAEnterprise:     {wpa: dot11.AKMs(dot11.AKMEAP), group: tkip, pairwise: dot11.Ciphers(tkip), privacy: true},
		SecurityWPA2Enterprise:    {rsn: dot11.AKMs(dot11.AKMEAP), group: ccmp, pairwise: dot11.Ciphers(ccmp), privacy: true},
		SecurityWPA3Enterprise:    {rsn: dot11.AKMs(dot11.AKMEAPSHA256), group: ccmp, pairwise: dot11.Ciphers(ccmp), mgmt: dot11.CipherBIPCMAC128, privacy: true},
		SecurityWPA3Enterprise192: {rsn: dot11.AKMs(dot11.AKMSuiteB192), group: dot11.CipherGCMP256, pairwise: dot11.Ciphers(dot11.CipherGCMP256), mgmt: dot11.CipherBIPGMAC256, privacy: true},
	}
	for s := range securityCount {
		w, ok := wants[s]
		if !ok {
			t.Errorf("%v: no expectation", s)
			continue
		}
		a := mustNew(t, Config{BSSID: mac(1), SSID: []byte("net"), Freq: 2437, Security: s, Phy: PhyHT})
		for kind, es := range map[string]dot11.Elements{"beacon": a.Beacon(), "probe": a.ProbeResponse()} {
			var got want
			got.privacy = a.Caps()&dot11.CapPrivacy != 0
			if b, ok := es.FindVendor(dot11.OUIMicrosoft, dot11.MicrosoftWPA); ok {
				e, err := dot11.ParseWPAIE(b)
				if err != nil {
					t.Fatalf("%v %s: %v", s, kind, err)
				}
				got.wpa, got.group, got.pairwise = e.KeyMgmt(), e.GroupCipher(), e.PairwiseCiphers()
			}
			if b, ok := es.Find(dot11.ElementRSN); ok {
				e, err := dot11.ParseRSNE(b)
				if err != nil {
					t.Fatalf("%v %s: %v", s, kind, err)
				}
				got.rsn, got.group, got.pairwise, got.mgmt = e.KeyMgmt(), e.GroupCipher(), e.PairwiseCiphers(), e.MgmtGroupCipher()
			}
			if b, ok := es.Find(dot11.ElementRSNX); ok {
				x, err := dot11.ParseRSNXE(b)
				if err != nil {
					t.Fatalf("%v %s: %v", s, kind, err)
				}
				got.h2e = x.Has(dot11.RSNXSAEH2E)
			}
			if got != w {
				t.Errorf("%v %s: got %+v, want %+v", s, kind, got, w)
			}
		}
		if back, ok := ParseSecurity(s.String()); !ok || back != s {
			t.Errorf("ParseSecurity(%q) = %v, %v", s, back, ok)
		}
	}
	if _, ok := ParseSecurity("wpa9"); ok {
		t.Error("ParseSecurity accepts wpa9")
	}
}

// TestElementsWellFormed builds every generation on every band and has the
// parsers of dot11 read the operating channel back.
func TestElementsWellFormed(t *testing.T) {
	for _, tc := range []struct {
		freq   int
		phy    Phy
		widths []int
	}{
		{2412, PhyLegacy, []int{20}}, {2462, PhyHT, []int{20, 40}}, {2472, PhyEHT, []int{20, 40}},
		{5180, PhyLegacy, []int{20}}, {5200, PhyHT, []int{20, 40}}, {5260, PhyVHT, []int{20, 40, 80, 160}},
		{5785, PhyHE, []int{20, 40, 80}}, {5955, PhyHE, []int{20, 40, 80, 160}}, {6135, PhyEHT, []int{20, 80, 320}},
	} {
		for _, width := range tc.widths {
			a := mustNew(t, Config{BSSID: mac(2), SSID: []byte("n"), Freq: tc.freq, Phy: tc.phy, Width: width,
				Country: "DE", WPS: WPSPBC, Load: &Load{3, 40}, Mobility: []byte{1, 2}, Security: SecurityWPA3,
				Near: []Neighbor{{mac(9), []byte("n6"), 5975}}})
			for _, es := range []dot11.Elements{a.Beacon(), a.ProbeResponse()} {
				if err := es.Check(); err != nil {
					t.Errorf("%d MHz %v: %v", tc.freq, tc.phy, err)
				}
				if b, ok := es.Find(dot11.ElementHTOperation); ok {
					op, err := dot11.ParseHTOperation(b)
					_, ch := dot11.Channel(tc.freq)
					if err != nil || int(op.Primary) != ch || (op.Secondary != 0) != (width >= 40) {
						t.Errorf("%d MHz width %d: HT operation %+v, %v", tc.freq, width, op, err)
					}
				}
				if b, ok := es.Find(dot11.ElementVHTOperation); ok {
					op, err := dot11.ParseVHTOperation(b)
					want := width
					if width < 80 {
						want = 0
					}
					if err != nil || op.MHz() != want {
						t.Errorf("%d MHz width %d: VHT operation %+v (%d MHz), %v", tc.freq, width, op, op.MHz(), err)
					}
				}
				_, he := es.FindExt(dot11.ExtIDHECapabilities)
				_, eht := es.FindExt(dot11.ExtIDEHTCapabilities)
				if he != (tc.phy >= PhyHE) || eht != (tc.phy >= PhyEHT) {
					t.Errorf("%d MHz phy %d: HE %v EHT %v", tc.freq, tc.phy, he, eht)
				}
			}
		}
	}
}

// TestSegment has the block centres of annex E.
func TestSegment(t *testing.T) {
	for _, tc := range []struct {
		band            dot11.Band
		ch, width, want int
	}{
		{dot11.Band5GHz, 36, 40, 38}, {dot11.Band5GHz, 44, 80, 42}, {dot11.Band5GHz, 64, 160, 50},
		{dot11.Band5GHz, 100, 80, 106}, {dot11.Band5GHz, 128, 160, 114}, {dot11.Band5GHz, 157, 80, 155},
		{dot11.Band5GHz, 165, 20, 165}, {dot11.Band6GHz, 1, 40, 3}, {dot11.Band6GHz, 5, 80, 7},
		{dot11.Band6GHz, 37, 160, 47}, {dot11.Band6GHz, 37, 320, 31}, {dot11.Band2GHz, 6, 40, 6},
	} {
		if got := segment(tc.band, tc.ch, tc.width); got != tc.want {
			t.Errorf("segment(%v, %d, %d) = %d, want %d", tc.band, tc.ch, tc.width, got, tc.want)
		}
	}
}

func TestHiding(t *testing.T) {
	for hide, want := range map[Hiding][]byte{HidingNone: []byte("secret"), HidingEmpty: {}, HidingZeros: make([]byte, 6)} {
		a := mustNew(t, Config{BSSID: mac(3), SSID: []byte("secret"), Freq: 2412, Hide: hide})
		if b, _ := a.Beacon().Find(dot11.ElementSSID); !bytes.Equal(b, want) {
			t.Errorf("hide %d: beacon SSID %q, want %q", hide, b, want)
		}
		if b, _ := a.ProbeResponse().Find(dot11.ElementSSID); string(b) != "secret" {
			t.Errorf("hide %d: probe response SSID %q", hide, b)
		}
		if got := a.Answers(nil, dot11.Broadcast); got != (hide == HidingNone) {
			t.Errorf("hide %d: answers wildcard %v", hide, got)
		}
		if !a.Answers([]byte("secret"), dot11.Broadcast) || a.Answers([]byte("secre"), dot11.Broadcast) {
			t.Errorf("hide %d: wrong answer to a directed probe", hide)
		}
		if !a.Answers([]byte("secret"), mac(3)) || a.Answers([]byte("secret"), mac(4)) {
			t.Errorf("hide %d: wrong answer to a probe for one BSSID", hide)
		}
	}
}

func TestOWETransition(t *testing.T) {
	twin := &Twin{mac(8), []byte("owe-hidden")}
	a := mustNew(t, Config{BSSID: mac(7), SSID: []byte("cafe"), Freq: 2437, Twin: twin})
	b, ok := a.Beacon().FindVendor(dot11.OUIWFA, dot11.WFAOWETransition)
	m := mac(8)
	want := append(append(m[:], 10), "owe-hidden"...)
	if !ok || !bytes.Equal(b, want) {
		t.Errorf("OWE transition element % x, want % x", b, want)
	}
}

func TestMultipleBSSID(t *testing.T) {
	a := mustNew(t, Config{BSSID: mac(0x16), SSID: []byte("main"), Freq: 5955, Phy: PhyHE, Security: SecurityWPA3,
		Members: []Member{{1, []byte("guest"), SecurityOWE}, {3, []byte("free"), SecurityOpen}}})
	body, ok := a.Beacon().Find(dot11.ElementMultipleBSSID)
	if !ok || body[0] != MaxIndicator {
		t.Fatalf("Multiple BSSID element % x", body)
	}
	// Walk the subelements and look at the first profile.
	sub := dot11.Elements(body[1:])
	n := 0
	for e := range sub.All() {
		n++
		prof := dot11.Elements(e.Data)
		if err := prof.Check(); err != nil || !prof.Has(dot11.ElementMultipleBSSIDIndex) || !prof.Has(dot11.ElementNontransmittedBSSIDCapability) {
			t.Errorf("profile %d: % x, %v", n, e.Data, err)
		}
	}
	if n != 2 || len(a.Members()) != 2 {
		t.Fatalf("%d profiles, %d members", n, len(a.Members()))
	}
	guest, free := a.Members()[0], a.Members()[1]
	if guest.BSSID() != mac(0x17) || free.BSSID() != mac(0x11) {
		t.Errorf("BSSIDs %v %v", guest.BSSID(), free.BSSID())
	}
	for _, m := range a.Members() {
		es := m.Beacon()
		if b, _ := es.Find(dot11.ElementSSID); !bytes.Equal(b, m.SSID()) {
			t.Errorf("member SSID %q, want %q", b, m.SSID())
		}
		if es.Has(dot11.ElementMultipleBSSID) || es.Check() != nil {
			t.Errorf("%v: elements % x", m.SSID(), []byte(es))
		}
		if _, ok := es.FindExt(dot11.ExtIDHECapabilities); !ok {
			t.Errorf("%v: HE capabilities not inherited", m.SSID())
		}
		if m.Answers(nil, dot11.Broadcast) || m.Parent() != a {
			t.Errorf("%v answers by itself", m.SSID())
		}
	}
	e, _ := guest.Beacon().Find(dot11.ElementRSN)
	if r, err := dot11.ParseRSNE(e); err != nil || r.KeyMgmt() != dot11.AKMs(dot11.AKMOWE) {
		t.Errorf("guest RSNE %+v, %v", r, err)
	}
	if guest.Beacon().Has(dot11.ElementRSNX) || free.Beacon().Has(dot11.ElementRSN) || free.Caps()&dot11.CapPrivacy != 0 {
		t.Error("members inherit security that they exclude")
	}
	if !a.Answers([]byte("guest"), dot11.Broadcast) {
		t.Error("the transmitting BSS does not answer for a member")
	}
}

func TestBeaconTiming(t *testing.T) {
	a := mustNew(t, Config{BSSID: mac(5), SSID: []byte("x"), Freq: 2412, Interval: 200})
	up := 7 * time.Second
	n := a.NextBeacon(up)
	if n < 0 || n >= 200*TU {
		t.Fatalf("NextBeacon = %v", n)
	}
	if tsf := a.TSF(up + n); tsf%(200*1024) != 0 {
		t.Errorf("TSF %d at the beacon is no multiple of the interval", tsf)
	}
	if a.NextBeacon(up+n) != 0 || a.NextBeacon(up+n+time.Microsecond) != 200*TU-time.Microsecond {
		t.Error("NextBeacon wrong around a beacon")
	}
}

func TestNewRefuses(t *testing.T) {
	good := Config{BSSID: mac(1), SSID: []byte("n"), Freq: 2412}
	for name, change := range map[string]func(*Config){
		"zero BSSID":      func(c *Config) { c.BSSID = dot11.MAC{} },
		"group BSSID":     func(c *Config) { c.BSSID = dot11.Broadcast },
		"no SSID":         func(c *Config) { c.SSID = nil },
		"long SSID":       func(c *Config) { c.SSID = make([]byte, 33) },
		"no channel":      func(c *Config) { c.Freq = 2411 },
		"60 GHz":          func(c *Config) { c.Freq = 58320 },
		"security":        func(c *Config) { c.Security = securityCount },
		"country":         func(c *Config) { c.Country = "DEU" },
		"mobility":        func(c *Config) { c.Mobility = []byte{1} },
		"wide legacy":     func(c *Config) { c.Width = 40 },
		"odd width":       func(c *Config) { c.Width = 60 },
		"80 MHz on 2.4":   func(c *Config) { c.Phy, c.Width = PhyHE, 80 },
		"VHT on 6 GHz":    func(c *Config) { c.Freq, c.Phy = 5955, PhyVHT },
		"member index":    func(c *Config) { c.Members = []Member{{0, []byte("m"), 0}} },
		"same index":      func(c *Config) { c.Members = []Member{{1, []byte("m"), 0}, {1, []byte("n"), 0}} },
		"member SSID":     func(c *Config) { c.Members = []Member{{1, nil, 0}} },
		"broken elements": func(c *Config) { c.Extra = dot11.Elements{221, 5, 0} },
	} {
		c := good
		change(&c)
		if _, err := New(c); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	mustNew(t, good)
}

func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := New(Config{BSSID: mac(1), SSID: []byte("net"), Freq: 5180, Phy: PhyHE, Width: 80, Security: SecurityWPA2WPA3, Country: "DE"}); err != nil {
			b.Fatal(err)
		}
	}
}

package simap

import "gosupplicant/engine/dot11"

// Security is a kind of network. The values name common deployments, not
// single settings.
type Security uint8

const (
	SecurityOpen              Security = iota
	SecurityWEP                        // static WEP
	SecurityWPA                        // WPA-PSK, TKIP
	SecurityWPAWPA2                    // WPA-PSK and WPA2-PSK, TKIP group, CCMP and TKIP pairwise
	SecurityWPA2                       // WPA2-PSK, CCMP
	SecurityWPA2PMF                    // WPA2-PSK and PSK-SHA256, PMF optional
	SecurityWPA2WPA3                   // PSK and SAE, PMF optional
	SecurityWPA3                       // SAE, PMF required, H2E
	SecurityOWE                        // OWE, PMF required
	SecurityWPAEnterprise              // WPA-EAP, TKIP
	SecurityWPA2Enterprise             // WPA2-EAP, CCMP
	SecurityWPA3Enterprise             // EAP-SHA256, PMF required
	SecurityWPA3Enterprise192          // Suite B 192 bit: GCMP-256, BIP-GMAC-256
	SecurityWPA3Ext                    // SAE-EXT-KEY, PMF required, H2E
	securityCount
)

// profile is what the security elements of one kind of network say.
type profile struct {
	name     string
	privacy  bool
	wpaAKM   dot11.AKM // AKMUnknown: no WPA element
	akms     []dot11.AKM
	ft       dot11.AKM // added with a mobility domain
	group    dot11.Cipher
	pairwise []dot11.Cipher
	mgmt     dot11.Cipher // group management cipher, CipherUnknown without PMF
	caps     dot11.RSNCaps
	h2e      bool
}

const (
	pmfOptional = dot11.RSNCapMFPC
	pmfRequired = dot11.RSNCapMFPC | dot11.RSNCapMFPR
)

var profiles = [securityCount]profile{
	SecurityOpen: {name: "open"},
	SecurityWEP:  {name: "wep", privacy: true},
	SecurityWPA:  {name: "wpa", privacy: true, wpaAKM: dot11.AKMPSK, group: dot11.CipherTKIP, pairwise: []dot11.Cipher{dot11.CipherTKIP}},
	SecurityWPAWPA2: {name: "wpa-wpa2", privacy: true, wpaAKM: dot11.AKMPSK, akms: []dot11.AKM{dot11.AKMPSK},
		group: dot11.CipherTKIP, pairwise: []dot11.Cipher{dot11.CipherCCMP, dot11.CipherTKIP}},
	SecurityWPA2: {name: "wpa2", privacy: true, akms: []dot11.AKM{dot11.AKMPSK}, ft: dot11.AKMFTPSK,
		group: dot11.CipherCCMP, pairwise: []dot11.Cipher{dot11.CipherCCMP}},
	SecurityWPA2PMF: {name: "wpa2-pmf", privacy: true, akms: []dot11.AKM{dot11.AKMPSK, dot11.AKMPSKSHA256}, ft: dot11.AKMFTPSK,
		group: dot11.CipherCCMP, pairwise: []dot11.Cipher{dot11.CipherCCMP}, mgmt: dot11.CipherBIPCMAC128, caps: pmfOptional},
	SecurityWPA2WPA3: {name: "wpa2-wpa3", privacy: true, akms: []dot11.AKM{dot11.AKMPSK, dot11.AKMSAE}, ft: dot11.AKMFTSAE,
		group: dot11.CipherCCMP, pairwise: []dot11.Cipher{dot11.CipherCCMP}, mgmt: dot11.CipherBIPCMAC128, caps: pmfOptional, h2e: true},
	SecurityWPA3: {name: "wpa3", privacy: true, akms: []dot11.AKM{dot11.AKMSAE}, ft: dot11.AKMFTSAE,
		group: dot11.CipherCCMP, pairwise: []dot11.Cipher{dot11.CipherCCMP}, mgmt: dot11.CipherBIPCMAC128, caps: pmfRequired, h2e: true},
	SecurityWPA3Ext: {name: "wpa3-ext", privacy: true, akms: []dot11.AKM{dot11.AKMSAEExtKey},
		group: dot11.CipherCCMP, pairwise: []dot11.Cipher{dot11.CipherCCMP}, mgmt: dot11.CipherBIPCMAC128, caps: pmfRequired, h2e: true},
	SecurityOWE: {name: "owe", privacy: true, akms: []dot11.AKM{dot11.AKMOWE},
		group: dot11.CipherCCMP, pairwise: []dot11.Cipher{dot11.CipherCCMP}, mgmt: dot11.CipherBIPCMAC128, caps: pmfRequired},
	SecurityWPAEnterprise: {name: "wpa-eap", privacy: true, wpaAKM: dot11.AKMEAP,
		group: dot11.CipherTKIP, pairwise: []dot11.Cipher{dot11.CipherTKIP}},
	SecurityWPA2Enterprise: {name: "wpa2-eap", privacy: true, akms: []dot11.AKM{dot11.AKMEAP}, ft: dot11.AKMFTEAP,
		group: dot11.CipherCCMP, pairwise: []dot11.Cipher{dot11.CipherCCMP}, caps: dot11.RSNCapPreauth},
	SecurityWPA3Enterprise: {name: "wpa3-eap", privacy: true, akms: []dot11.AKM{dot11.AKMEAPSHA256}, ft: dot11.AKMFTEAP,
		group: dot11.CipherCCMP, pairwise: []dot11.Cipher{dot11.CipherCCMP}, mgmt: dot11.CipherBIPCMAC128, caps: pmfRequired},
	SecurityWPA3Enterprise192: {name: "wpa3-eap-192", privacy: true, akms: []dot11.AKM{dot11.AKMSuiteB192},
		group: dot11.CipherGCMP256, pairwise: []dot11.Cipher{dot11.CipherGCMP256}, mgmt: dot11.CipherBIPGMAC256, caps: pmfRequired},
}

// String returns the word used in air files, e.g. "wpa2-wpa3".
func (s Security) String() string {
	if s >= securityCount {
		return "unknown"
	}
	return profiles[s].name
}

// ParseSecurity finds a kind of network by the word of String.
func ParseSecurity(name string) (Security, bool) {
	for i := range profiles {
		if profiles[i].name == name {
			return Security(i), true
		}
	}
	return 0, false
}

// SecurityNames lists the words in the order of the constants.
func SecurityNames() []string {
	names := make([]string, securityCount)
	for i := range profiles {
		names[i] = profiles[i].name
	}
	return names
}

// rsne returns the RSN element; false for networks without one.
func (p *profile) rsne(ft bool) (*dot11.RSNE, bool) {
	if len(p.akms) == 0 {
		return nil, false
	}
	e := &dot11.RSNE{Version: 1, Caps: p.caps}
	e.Group, _ = p.group.RSNSuite()
	for _, c := range p.pairwise {
		s, _ := c.RSNSuite()
		e.Pairwise = append(e.Pairwise, s)
	}
	akms := p.akms
	if ft && p.ft != dot11.AKMUnknown {
		akms = append(akms[:len(akms):len(akms)], p.ft)
	}
	for _, a := range akms {
		s, _ := a.RSNSuite()
		e.AKMs = append(e.AKMs, s)
	}
	if p.mgmt != dot11.CipherUnknown && p.mgmt != dot11.CipherBIPCMAC128 {
		e.GroupMgmt, _ = p.mgmt.RSNSuite()
	}
	return e, true
}

// wpa returns the WPA element; false for networks without one.
func (p *profile) wpa() (*dot11.WPAIE, bool) {
	akm, ok := p.wpaAKM.WPASuite()
	if !ok {
		return nil, false
	}
	e := &dot11.WPAIE{Version: 1, AKMs: []dot11.Suite{akm}}
	e.Group, _ = p.group.WPASuite()
	for _, c := range p.pairwise {
		s, _ := c.WPASuite()
		e.Pairwise = append(e.Pairwise, s)
	}
	return e, true
}

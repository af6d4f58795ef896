package dot11

import (
	"fmt"
	"iter"
	"math/bits"
	"strings"
)

// AKM is an authentication and key management mode: the suites of 9.4.2.23.3
// and, for configuration's sake, the modes that have no suite (no security,
// dynamic WEP, WPS). The zero value is an unknown suite.
type AKM uint8

// AKMs.
const (
	AKMUnknown      AKM = iota
	AKMNone             // no key management: open or static WEP
	AKMIEEE8021X        // IEEE 802.1X without WPA (dynamic WEP keys)
	AKMWPANone          // WPA-None, Microsoft type 0
	AKMWPS              // Wi-Fi Protected Setup enrolment
	AKMEAP              // IEEE 802.1X, 00-0f-ac-1
	AKMPSK              // 00-0f-ac-2
	AKMFTEAP            // 00-0f-ac-3
	AKMFTPSK            // 00-0f-ac-4
	AKMEAPSHA256        // 00-0f-ac-5
	AKMPSKSHA256        // 00-0f-ac-6
	AKMTDLS             // TPK handshake, 00-0f-ac-7
	AKMSAE              // 00-0f-ac-8
	AKMFTSAE            // 00-0f-ac-9
	AKMAPPeerKey        // 00-0f-ac-10
	AKMSuiteB           // 00-0f-ac-11
	AKMSuiteB192        // 00-0f-ac-12
	AKMFTEAPSHA384      // 00-0f-ac-13
	AKMFILSSHA256       // 00-0f-ac-14
	AKMFILSSHA384       // 00-0f-ac-15
	AKMFTFILSSHA256     // 00-0f-ac-16
	AKMFTFILSSHA384     // 00-0f-ac-17
	AKMOWE              // 00-0f-ac-18
	AKMFTPSKSHA384      // 00-0f-ac-19
	AKMPSKSHA384        // 00-0f-ac-20
	AKMPASN             // 00-0f-ac-21
	AKMEAPSHA384        // 00-0f-ac-23
	AKMSAEExtKey        // 00-0f-ac-24
	AKMFTSAEExtKey      // 00-0f-ac-25
	AKMDPP              // 50-6f-9a-2
	akmCount
)

// akmInfo is one row of the AKM table: selector type and spellings.
type akmInfo struct {
	rsn, wpa, wfa int    // type under OUIIEEE, OUIMicrosoft, OUIWFA; -1 for none
	config        string // key_mgmt in configuration files and GET_CAPABILITY
	flag          string // flags column of scan results
	dbus          string // BSS.RSN/WPA KeyMgmt, Interface.Capabilities
	status        string // key_mgmt= in STATUS where protocol does not matter
}

var akmTable = [akmCount]akmInfo{
	AKMUnknown:      {-1, -1, -1, "", "", "", "UNKNOWN"},
	AKMNone:         {-1, -1, -1, "NONE", "", "none", "NONE"},
	AKMIEEE8021X:    {-1, -1, -1, "IEEE8021X", "", "ieee8021x", "IEEE 802.1X (no WPA)"},
	AKMWPANone:      {-1, 0, -1, "WPA-NONE", "None", "wpa-none", "WPA-NONE"},
	AKMWPS:          {-1, -1, -1, "WPS", "", "wps", "WPS"},
	AKMEAP:          {1, 1, -1, "WPA-EAP", "EAP", "wpa-eap", ""},
	AKMPSK:          {2, 2, -1, "WPA-PSK", "PSK", "wpa-psk", ""},
	AKMFTEAP:        {3, -1, -1, "FT-EAP", "FT/EAP", "wpa-ft-eap", "FT-EAP"},
	AKMFTPSK:        {4, -1, -1, "FT-PSK", "FT/PSK", "wpa-ft-psk", "FT-PSK"},
	AKMEAPSHA256:    {5, -1, -1, "WPA-EAP-SHA256", "EAP-SHA256", "wpa-eap-sha256", "WPA2-EAP-SHA256"},
	AKMPSKSHA256:    {6, -1, -1, "WPA-PSK-SHA256", "PSK-SHA256", "wpa-psk-sha256", "WPA2-PSK-SHA256"},
	AKMTDLS:         {7, -1, -1, "TPK-HANDSHAKE", "", "", "UNKNOWN"},
	AKMSAE:          {8, -1, -1, "SAE", "SAE", "sae", "SAE"},
	AKMFTSAE:        {9, -1, -1, "FT-SAE", "FT/SAE", "ft-sae", "FT-SAE"},
	AKMAPPeerKey:    {10, -1, -1, "", "", "", "UNKNOWN"},
	AKMSuiteB:       {11, -1, -1, "WPA-EAP-SUITE-B", "EAP-SUITE-B", "wpa-eap-suite-b", "WPA2-EAP-SUITE-B"},
	AKMSuiteB192:    {12, -1, -1, "WPA-EAP-SUITE-B-192", "EAP-SUITE-B-192", "wpa-eap-suite-b-192", "WPA2-EAP-SUITE-B-192"},
	AKMFTEAPSHA384:  {13, -1, -1, "FT-EAP-SHA384", "", "", "FT-EAP-SHA384"},
	AKMFILSSHA256:   {14, -1, -1, "FILS-SHA256", "FILS-SHA256", "wpa-fils-sha256", "FILS-SHA256"},
	AKMFILSSHA384:   {15, -1, -1, "FILS-SHA384", "FILS-SHA384", "wpa-fils-sha384", "FILS-SHA384"},
	AKMFTFILSSHA256: {16, -1, -1, "FT-FILS-SHA256", "FT-FILS-SHA256", "wpa-ft-fils-sha256", "FT-FILS-SHA256"},
	AKMFTFILSSHA384: {17, -1, -1, "FT-FILS-SHA384", "FT-FILS-SHA384", "wpa-ft-fils-sha384", "FT-FILS-SHA384"},
	AKMOWE:          {18, -1, -1, "OWE", "OWE", "owe", "OWE"},
	AKMFTPSKSHA384:  {19, -1, -1, "", "", "", "UNKNOWN"},
	AKMPSKSHA384:    {20, -1, -1, "", "", "", "UNKNOWN"},
	AKMPASN:         {21, -1, -1, "PASN", "", "", "PASN"},
	AKMEAPSHA384:    {23, -1, -1, "WPA-EAP-SHA384", "EAP-SHA384", "wpa-eap-sha384", "WPA2-EAP-SHA384"},
	AKMSAEExtKey:    {24, -1, -1, "SAE-EXT-KEY", "SAE-EXT-KEY", "sae-ext-key", "SAE-EXT-KEY"},
	AKMFTSAEExtKey:  {25, -1, -1, "FT-SAE-EXT-KEY", "FT/SAE-EXT-KEY", "ft-sae-ext-key", "FT-SAE-EXT-KEY"},
	AKMDPP:          {-1, -1, 2, "DPP", "DPP", "", "DPP"},
}

func (a AKM) info() *akmInfo {
	if a >= akmCount {
		a = AKMUnknown
	}
	return &akmTable[a]
}

// String returns the configuration spelling, or "unknown".
func (a AKM) String() string {
	if n := a.info().config; n != "" {
		return n
	}
	if s, ok := a.RSNSuite(); ok {
		return s.String()
	}
	return "unknown"
}

// ConfigName returns the spelling in key_mgmt and GET_CAPABILITY, e.g.
// "WPA-PSK", "SAE"; empty when it cannot be configured.
func (a AKM) ConfigName() string { return a.info().config }

// FlagName returns the spelling in the flags column, e.g. "PSK", "FT/SAE";
// empty when the column does not show it.
func (a AKM) FlagName() string { return a.info().flag }

// DBusName returns the spelling in BSS.RSN, BSS.WPA and in the Interface
// property Capabilities, e.g. "wpa-psk", "sae"; empty when it has none.
func (a AKM) DBusName() string { return a.info().dbus }

// StatusName returns key_mgmt= of STATUS, which is also CurrentAuthMode, for
// an association made with protocol p. p may hold both protocols when a
// network allows both and neither has been chosen.
func (a AKM) StatusName(p Proto) string {
	switch a {
	case AKMEAP:
		switch p {
		case ProtoRSN:
			return "WPA2/IEEE 802.1X/EAP"
		case ProtoRSN | ProtoWPA:
			return "WPA2+WPA/IEEE 802.1X/EAP"
		}
		return "WPA/IEEE 802.1X/EAP"
	case AKMPSK:
		switch p {
		case ProtoRSN:
			return "WPA2-PSK"
		case ProtoRSN | ProtoWPA:
			return "WPA2-PSK+WPA-PSK"
		}
		return "WPA-PSK"
	}
	return a.info().status
}

// RSNSuite returns the selector used in an RSNE; false when there is none.
func (a AKM) RSNSuite() (Suite, bool) {
	i := a.info()
	if i.wfa >= 0 {
		return MakeSuite(OUIWFA, uint8(i.wfa)), true
	}
	return MakeSuite(OUIIEEE, uint8(i.rsn)), i.rsn >= 0
}

// WPASuite returns the selector used in a WPA element; false when there is none.
func (a AKM) WPASuite() (Suite, bool) {
	t := a.info().wpa
	return MakeSuite(OUIMicrosoft, uint8(t)), t >= 0
}

// IsSAE reports whether the authentication frames carry SAE.
func (a AKM) IsSAE() bool { return AKMSetSAE.Has(a) }

// IsFT reports whether a is a fast BSS transition AKM.
func (a AKM) IsFT() bool { return AKMSetFT.Has(a) }

// AKMOf returns the AKM of a selector of any family.
func AKMOf(s Suite) AKM {
	oui, typ := OUI{byte(s >> 24), byte(s >> 16), byte(s >> 8)}, int(s&0xff)
	for a := AKMNone; a < akmCount; a++ {
		i := &akmTable[a]
		if oui == OUIIEEE && i.rsn == typ || oui == OUIMicrosoft && i.wpa == typ || oui == OUIWFA && i.wfa == typ {
			return a
		}
	}
	return AKMUnknown
}

// ParseAKM finds an AKM by its ConfigName, case-sensitively.
func ParseAKM(name string) (AKM, bool) {
	for a := AKMNone; a < akmCount; a++ {
		if akmTable[a].config == name && name != "" {
			return a, true
		}
	}
	return AKMUnknown, false
}

// AKMSet is a set of AKMs, one bit per AKM value.
type AKMSet uint64

// AKMs returns the set of the given AKMs.
func AKMs(as ...AKM) AKMSet {
	var s AKMSet
	for _, a := range as {
		s |= 1 << a
	}
	return s
}

// Families of AKMs.
var (
	AKMSetSAE  = AKMs(AKMSAE, AKMFTSAE, AKMSAEExtKey, AKMFTSAEExtKey)
	AKMSetPSK  = AKMs(AKMPSK, AKMFTPSK, AKMPSKSHA256, AKMPSKSHA384, AKMFTPSKSHA384)
	AKMSetFILS = AKMs(AKMFILSSHA256, AKMFILSSHA384, AKMFTFILSSHA256, AKMFTFILSSHA384)
	AKMSetFT   = AKMs(AKMFTEAP, AKMFTPSK, AKMFTSAE, AKMFTEAPSHA384, AKMFTFILSSHA256, AKMFTFILSSHA384,
		AKMFTPSKSHA384, AKMFTSAEExtKey)
	// AKMSetEAP holds those whose key comes from IEEE 802.1X with an RSNE or
	// WPA element; AKMIEEE8021X is not one of them.
	AKMSetEAP = AKMs(AKMEAP, AKMFTEAP, AKMEAPSHA256, AKMSuiteB, AKMSuiteB192, AKMFTEAPSHA384, AKMEAPSHA384) | AKMSetFILS
)

// Has reports whether a is in the set.
func (s AKMSet) Has(a AKM) bool { return s>>a&1 != 0 }

// Len returns the number of AKMs in the set.
func (s AKMSet) Len() int { return bits.OnesCount64(uint64(s)) }

// akmFlagOrder is the order in the flags column.
var akmFlagOrder = []AKM{
	AKMEAP, AKMPSK, AKMWPANone, AKMSAE, AKMSAEExtKey, AKMFTEAP, AKMFTPSK, AKMFTSAE, AKMFTSAEExtKey,
	AKMEAPSHA256, AKMPSKSHA256, AKMSuiteB, AKMSuiteB192, AKMFILSSHA256, AKMFILSSHA384,
	AKMFTFILSSHA256, AKMFTFILSSHA384, AKMOWE, AKMDPP, AKMEAPSHA384,
}

// akmDBusOrder is the order of BSS.RSN and BSS.WPA KeyMgmt.
var akmDBusOrder = []AKM{
	AKMPSK, AKMFTPSK, AKMPSKSHA256, AKMEAP, AKMFTEAP, AKMEAPSHA256, AKMSuiteB, AKMSuiteB192,
	AKMFILSSHA256, AKMFILSSHA384, AKMFTFILSSHA256, AKMFTFILSSHA384, AKMSAE, AKMSAEExtKey,
	AKMFTSAE, AKMFTSAEExtKey, AKMOWE, AKMWPANone, AKMEAPSHA384,
}

// All yields the members in ascending order of the constants.
func (s AKMSet) All() iter.Seq[AKM] {
	return func(yield func(AKM) bool) {
		for a := AKM(0); a < akmCount; a++ {
			if s.Has(a) && !yield(a) {
				return
			}
		}
	}
}

// DBusNames lists the members as BSS.RSN and BSS.WPA KeyMgmt do, in their
// order; empty, not nil, without any.
func (s AKMSet) DBusNames() []string {
	names := []string{}
	for _, a := range akmDBusOrder {
		if s.Has(a) {
			names = append(names, a.DBusName())
		}
	}
	return names
}

// String lists the members for logs.
func (s AKMSet) String() string {
	var names []string
	for a := range s.All() {
		names = append(names, a.String())
	}
	return strings.Join(names, " ")
}

// ParseAKMs reads a blank separated list of ConfigNames.
func ParseAKMs(list string) (AKMSet, error) {
	var s AKMSet
	for name := range strings.FieldsSeq(list) {
		a, ok := ParseAKM(name)
		if !ok {
			return 0, fmt.Errorf("dot11: unknown key management %q", name)
		}
		s |= 1 << a
	}
	return s, nil
}

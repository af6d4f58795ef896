package dot11

import (
	"fmt"
	"iter"
	"math/bits"
	"strings"
)

// Suite is a cipher or AKM suite selector: OUI in the upper three bytes, type
// in the lowest. On the wire it is four bytes, OUI first.
type Suite uint32

// MakeSuite returns the selector of an organisation and type.
func MakeSuite(oui OUI, typ uint8) Suite {
	return Suite(oui[0])<<24 | Suite(oui[1])<<16 | Suite(oui[2])<<8 | Suite(typ)
}

// String returns the form of dot11RSNA... MIB values, e.g. "00-0f-ac-4".
func (s Suite) String() string {
	return fmt.Sprintf("%02x-%02x-%02x-%d", byte(s>>24), byte(s>>16), byte(s>>8), byte(s))
}

// Append appends the four bytes of the wire form.
func (s Suite) Append(dst []byte) []byte {
	return append(dst, byte(s>>24), byte(s>>16), byte(s>>8), byte(s))
}

func readSuite(b []byte) Suite {
	return Suite(b[0])<<24 | Suite(b[1])<<16 | Suite(b[2])<<8 | Suite(b[3])
}

// Cipher is a cipher suite known here. The zero value is an unknown one.
type Cipher uint8

// Ciphers.
const (
	CipherUnknown    Cipher = iota
	CipherNone              // no encryption, or "use group cipher" as pairwise
	CipherWEP40             // 00-0f-ac-1
	CipherWEP104            // 00-0f-ac-5
	CipherTKIP              // 00-0f-ac-2
	CipherCCMP              // CCMP-128, 00-0f-ac-4
	CipherBIPCMAC128        // 00-0f-ac-6
	CipherGTKNotUsed        // group addressed traffic not allowed, 00-0f-ac-7
	CipherGCMP              // GCMP-128, 00-0f-ac-8
	CipherGCMP256           // 00-0f-ac-9
	CipherCCMP256           // 00-0f-ac-10
	CipherBIPGMAC128        // 00-0f-ac-11
	CipherBIPGMAC256        // 00-0f-ac-12
	CipherBIPCMAC256        // 00-0f-ac-13
	cipherCount
)

// cipherInfo is one row of the cipher table: selector type and spellings.
type cipherInfo struct {
	rsn, wpa int    // type under OUIIEEE and OUIMicrosoft, -1 for none
	config   string // configuration file, flags column, GET_CAPABILITY
	status   string // STATUS and events
	dbus     string // BSS.RSN, BSS.WPA; Interface.Capabilities except BIP
	dbusCaps string // Interface.Capabilities where it differs
	keyLen   int    // temporal key, bytes
}

var cipherTable = [cipherCount]cipherInfo{
	CipherUnknown:    {-1, -1, "", "UNKNOWN", "", "", 0},
	CipherNone:       {0, 0, "NONE", "NONE", "none", "", 0},
	CipherWEP40:      {1, 1, "WEP40", "WEP-40", "wep40", "", 5},
	CipherWEP104:     {5, 5, "WEP104", "WEP-104", "wep104", "", 13},
	CipherTKIP:       {2, 2, "TKIP", "TKIP", "tkip", "", 32},
	CipherCCMP:       {4, 4, "CCMP", "CCMP", "ccmp", "", 16},
	CipherBIPCMAC128: {6, -1, "AES-128-CMAC", "BIP", "aes128cmac", "aes-128-cmac", 16},
	CipherGTKNotUsed: {7, -1, "GTK_NOT_USED", "GTK_NOT_USED", "", "", 0},
	CipherGCMP:       {8, -1, "GCMP", "GCMP", "gcmp", "", 16},
	CipherGCMP256:    {9, -1, "GCMP-256", "GCMP-256", "gcmp-256", "", 32},
	CipherCCMP256:    {10, -1, "CCMP-256", "CCMP-256", "ccmp-256", "", 32},
	CipherBIPGMAC128: {11, -1, "BIP-GMAC-128", "BIP-GMAC-128", "", "bip-gmac-128", 16},
	CipherBIPGMAC256: {12, -1, "BIP-GMAC-256", "BIP-GMAC-256", "", "bip-gmac-256", 32},
	CipherBIPCMAC256: {13, -1, "BIP-CMAC-256", "BIP-CMAC-256", "", "bip-cmac-256", 32},
}

func (c Cipher) info() *cipherInfo {
	if c >= cipherCount {
		c = CipherUnknown
	}
	return &cipherTable[c]
}

// String returns the name in STATUS, e.g. "CCMP", "WEP-40", "BIP".
func (c Cipher) String() string { return c.info().status }

// ConfigName returns the spelling of configuration files, GET_CAPABILITY and
// the flags column, e.g. "CCMP", "AES-128-CMAC"; empty for CipherUnknown.
func (c Cipher) ConfigName() string { return c.info().config }

// DBusName returns the spelling in the BSS properties RSN and WPA, e.g.
// "ccmp", "aes128cmac"; empty for those that have none there.
func (c Cipher) DBusName() string { return c.info().dbus }

// DBusCapability returns the spelling in the Interface property Capabilities,
// e.g. "ccmp", "aes-128-cmac".
func (c Cipher) DBusCapability() string {
	if n := c.info().dbusCaps; n != "" {
		return n
	}
	return c.info().dbus
}

// RSNSuite returns the selector used in an RSNE; false when there is none.
func (c Cipher) RSNSuite() (Suite, bool) {
	t := c.info().rsn
	return MakeSuite(OUIIEEE, uint8(t)), t >= 0
}

// WPASuite returns the selector used in a WPA element; false when there is none.
func (c Cipher) WPASuite() (Suite, bool) {
	t := c.info().wpa
	return MakeSuite(OUIMicrosoft, uint8(t)), t >= 0
}

// KeyLen returns the length of the temporal key in bytes (12.7.2, table
// 12-8); TKIP's counts the two MIC keys.
func (c Cipher) KeyLen() int { return c.info().keyLen }

// IsMgmtGroup reports whether c protects group addressed management frames.
func (c Cipher) IsMgmtGroup() bool {
	switch c {
	case CipherBIPCMAC128, CipherBIPGMAC128, CipherBIPGMAC256, CipherBIPCMAC256:
		return true
	}
	return false
}

// IsPairwise reports whether c can protect frames to one station.
func (c Cipher) IsPairwise() bool {
	switch c {
	case CipherTKIP, CipherCCMP, CipherCCMP256, CipherGCMP, CipherGCMP256:
		return true
	}
	return false
}

// IsGroup reports whether c can be the group data cipher of a BSS.
func (c Cipher) IsGroup() bool {
	return c.IsPairwise() || c == CipherWEP40 || c == CipherWEP104 || c == CipherGTKNotUsed
}

// CipherOf returns the cipher of a selector of either family.
func CipherOf(s Suite) Cipher {
	oui, typ := OUI{byte(s >> 24), byte(s >> 16), byte(s >> 8)}, int(s&0xff)
	for c := CipherNone; c < cipherCount; c++ {
		if oui == OUIIEEE && cipherTable[c].rsn == typ || oui == OUIMicrosoft && cipherTable[c].wpa == typ {
			return c
		}
	}
	return CipherUnknown
}

// ParseCipher finds a cipher by its ConfigName, case-sensitively.
func ParseCipher(name string) (Cipher, bool) {
	for c := CipherNone; c < cipherCount; c++ {
		if cipherTable[c].config == name {
			return c, true
		}
	}
	return CipherUnknown, false
}

// CipherSet is a set of ciphers, one bit per Cipher value.
type CipherSet uint32

// Ciphers returns the set of the given ciphers.
func Ciphers(cs ...Cipher) CipherSet {
	var s CipherSet
	for _, c := range cs {
		s |= 1 << c
	}
	return s
}

// Has reports whether c is in the set.
func (s CipherSet) Has(c Cipher) bool { return s>>c&1 != 0 }

// Len returns the number of ciphers in the set.
func (s CipherSet) Len() int { return bits.OnesCount32(uint32(s)) }

// cipherOrder is the order of preference in which every front end lists them.
var cipherOrder = []Cipher{
	CipherCCMP256, CipherGCMP256, CipherCCMP, CipherGCMP, CipherTKIP, CipherWEP104, CipherWEP40,
	CipherBIPCMAC128, CipherBIPGMAC128, CipherBIPGMAC256, CipherBIPCMAC256, CipherGTKNotUsed, CipherNone,
}

// All yields the members in order of preference, strongest first: CCMP-256,
// GCMP-256, CCMP, GCMP, TKIP, WEP104, WEP40, the BIP ciphers, NONE.
func (s CipherSet) All() iter.Seq[Cipher] {
	return func(yield func(Cipher) bool) {
		for _, c := range cipherOrder {
			if s.Has(c) && !yield(c) {
				return
			}
		}
	}
}

// ConfigNames joins the ConfigName of each member with sep, in order of All.
func (s CipherSet) ConfigNames(sep string) string {
	var names []string
	for c := range s.All() {
		names = append(names, c.ConfigName())
	}
	return strings.Join(names, sep)
}

// String lists the members for logs.
func (s CipherSet) String() string { return s.ConfigNames(" ") }

// ParseCiphers reads a blank separated list of ConfigNames.
func ParseCiphers(list string) (CipherSet, error) {
	var s CipherSet
	for name := range strings.FieldsSeq(list) {
		c, ok := ParseCipher(name)
		if !ok {
			return 0, fmt.Errorf("dot11: unknown cipher %q", name)
		}
		s |= 1 << c
	}
	return s, nil
}

// Proto is a generation of the security protocol.
type Proto uint8

// Protocols, usable as a set.
const (
	ProtoWPA Proto = 1 << iota // WPA vendor element
	ProtoRSN                   // RSNE: WPA2 and WPA3
)

// String lists the protocols as configuration files write them.
func (p Proto) String() string {
	switch p {
	case ProtoWPA:
		return "WPA"
	case ProtoRSN:
		return "RSN"
	case ProtoWPA | ProtoRSN:
		return "WPA RSN"
	}
	return ""
}

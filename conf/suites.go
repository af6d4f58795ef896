package conf

import "strings"

// bitName is the spelling of one bit of a set.
type bitName[B ~uint32] struct {
	bit  B
	name string
}

// spell lists the names of the bits of set in table order, separated by blanks.
func spell[B ~uint32](set B, names []bitName[B]) string {
	var words []string
	for _, n := range names {
		if set&n.bit != 0 {
			words = append(words, n.name)
			set &^= n.bit
		}
	}
	return strings.Join(words, " ")
}

// KeyMgmt is a set of authentication and key management suites.
type KeyMgmt uint32

// The members of KeyMgmt.
const (
	KeyMgmtPSK KeyMgmt = 1 << iota
	KeyMgmtEAP
	KeyMgmtIEEE8021X // 802.1X without WPA (dynamic WEP, wired)
	KeyMgmtNone
	KeyMgmtWPANone
	KeyMgmtFTPSK
	KeyMgmtFTEAP
	KeyMgmtFTEAPSHA384
	KeyMgmtEAPSHA384
	KeyMgmtPSKSHA256
	KeyMgmtEAPSHA256
	KeyMgmtWPS
	KeyMgmtSAE
	KeyMgmtSAEExtKey
	KeyMgmtFTSAE
	KeyMgmtFTSAEExtKey
	KeyMgmtSuiteB
	KeyMgmtSuiteB192
	KeyMgmtFILSSHA256
	KeyMgmtFILSSHA384
	KeyMgmtFTFILSSHA256
	KeyMgmtFTFILSSHA384
	KeyMgmtOWE
	KeyMgmtDPP
	KeyMgmtEPPKE
)

// KeyMgmtAnyPSK are the suites that need psk and cannot use sae_password.
const KeyMgmtAnyPSK = KeyMgmtPSK | KeyMgmtFTPSK | KeyMgmtPSKSHA256

// KeyMgmtAnySAE are the suites of the SAE family.
const KeyMgmtAnySAE = KeyMgmtSAE | KeyMgmtSAEExtKey | KeyMgmtFTSAE | KeyMgmtFTSAEExtKey

var keyMgmtNames = []bitName[KeyMgmt]{
	{KeyMgmtPSK, "WPA-PSK"},
	{KeyMgmtEAP, "WPA-EAP"},
	{KeyMgmtIEEE8021X, "IEEE8021X"},
	{KeyMgmtNone, "NONE"},
	{KeyMgmtWPANone, "WPA-NONE"},
	{KeyMgmtFTPSK, "FT-PSK"},
	{KeyMgmtFTEAP, "FT-EAP"},
	{KeyMgmtFTEAPSHA384, "FT-EAP-SHA384"},
	{KeyMgmtEAPSHA384, "WPA-EAP-SHA384"},
	{KeyMgmtPSKSHA256, "WPA-PSK-SHA256"},
	{KeyMgmtEAPSHA256, "WPA-EAP-SHA256"},
	{KeyMgmtWPS, "WPS"},
	{KeyMgmtSAE, "SAE"},
	{KeyMgmtSAEExtKey, "SAE-EXT-KEY"},
	{KeyMgmtFTSAE, "FT-SAE"},
	{KeyMgmtFTSAEExtKey, "FT-SAE-EXT-KEY"},
	{KeyMgmtSuiteB, "WPA-EAP-SUITE-B"},
	{KeyMgmtSuiteB192, "WPA-EAP-SUITE-B-192"},
	{KeyMgmtFILSSHA256, "FILS-SHA256"},
	{KeyMgmtFILSSHA384, "FILS-SHA384"},
	{KeyMgmtFTFILSSHA256, "FT-FILS-SHA256"},
	{KeyMgmtFTFILSSHA384, "FT-FILS-SHA384"},
	{KeyMgmtOWE, "OWE"},
	{KeyMgmtDPP, "DPP"},
	{KeyMgmtEPPKE, "EPPKE"},
}

// String lists the suites as the file spells them.
func (k KeyMgmt) String() string { return spell(k, keyMgmtNames) }

// Proto is a set of security protocol versions.
type Proto uint32

// The members of Proto.
const (
	ProtoWPA Proto = 1 << iota
	ProtoRSN       // also spelt WPA2
)

var protoNames = []bitName[Proto]{{ProtoWPA, "WPA"}, {ProtoRSN, "RSN"}, {ProtoRSN, "WPA2"}}

// String lists the versions as the file spells them.
func (p Proto) String() string { return spell(p, protoNames) }

// Cipher is a set of ciphers: pairwise, group or group management.
type Cipher uint32

// The members of Cipher.
const (
	CipherCCMP256 Cipher = 1 << iota
	CipherGCMP256
	CipherCCMP
	CipherGCMP
	CipherTKIP
	CipherWEP104
	CipherWEP40
	CipherNone
	CipherBIPCMAC128
	CipherBIPGMAC128
	CipherBIPGMAC256
	CipherBIPCMAC256
)

var cipherNames = []bitName[Cipher]{
	{CipherCCMP256, "CCMP-256"},
	{CipherGCMP256, "GCMP-256"},
	{CipherCCMP, "CCMP"},
	{CipherGCMP, "GCMP"},
	{CipherTKIP, "TKIP"},
	{CipherWEP104, "WEP104"},
	{CipherWEP40, "WEP40"},
	{CipherNone, "NONE"},
	{CipherBIPCMAC128, "AES-128-CMAC"},
	{CipherBIPGMAC128, "BIP-GMAC-128"},
	{CipherBIPGMAC256, "BIP-GMAC-256"},
	{CipherBIPCMAC256, "BIP-CMAC-256"},
}

const (
	pairwiseAllowed  = CipherCCMP256 | CipherGCMP256 | CipherCCMP | CipherGCMP | CipherTKIP | CipherNone
	groupAllowed     = CipherCCMP256 | CipherGCMP256 | CipherCCMP | CipherGCMP | CipherTKIP
	groupDropped     = CipherWEP104 | CipherWEP40
	groupMgmtAllowed = CipherBIPCMAC128 | CipherBIPGMAC128 | CipherBIPGMAC256 | CipherBIPCMAC256
)

// String lists the ciphers as the file spells them.
func (c Cipher) String() string { return spell(c, cipherNames) }

// AuthAlg is a set of 802.11 authentication algorithms.
type AuthAlg uint32

// The members of AuthAlg.
const (
	AuthAlgOpen AuthAlg = 1 << iota
	AuthAlgShared
	AuthAlgLEAP
)

var authAlgNames = []bitName[AuthAlg]{{AuthAlgOpen, "OPEN"}, {AuthAlgShared, "SHARED"}, {AuthAlgLEAP, "LEAP"}}

// String lists the algorithms as the file spells them.
func (a AuthAlg) String() string { return spell(a, authAlgNames) }

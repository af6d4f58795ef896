package dot11

import "slices"

// Mode is the kind of a BSS.
type Mode uint8

// Modes of a BSS.
const (
	ModeUnknown Mode = iota
	ModeInfrastructure
	ModeAdHoc
	ModeMesh
)

// String returns the spelling of the D-Bus property BSS.Mode; empty for
// ModeUnknown.
func (m Mode) String() string {
	switch m {
	case ModeInfrastructure:
		return "infrastructure"
	case ModeAdHoc:
		return "ad-hoc"
	case ModeMesh:
		return "mesh"
	case ModeUnknown:
	}
	return ""
}

// IsDMG reports whether a BSS at freq MHz is a directional one of 60 GHz.
func IsDMG(freq int) bool { return freq > 45000 }

// ModeOf returns the mode of a BSS at freq MHz.
func ModeOf(es Elements, caps Caps, freq int) Mode {
	if IsDMG(freq) {
		switch caps.DMG() {
		case DMGTypeAP:
			return ModeInfrastructure
		case DMGTypeIBSS, DMGTypePBSS:
			return ModeAdHoc
		case DMGTypeNone:
		}
		return ModeUnknown
	}
	switch {
	case es.Has(ElementMeshID):
		return ModeMesh
	case caps&CapIBSS != 0:
		return ModeAdHoc
	}
	return ModeInfrastructure
}

// FlagsInput is what the flags column of a BSS is made from.
type FlagsInput struct {
	Elements Elements // of the probe response, or of the beacon without one
	Beacon   Elements // of the beacon, searched for P2P besides; may be nil
	Caps     Caps
	Freq     int // MHz
	Own      MAC // own address, for the WPS authorized list
	// ScanResults selects the form of SCAN_RESULTS; otherwise that of the BSS
	// command, which shows [HS20] without RSNE and never shows [EDMG].
	ScanResults bool
}

// AppendFlags appends the flags column that SCAN_RESULTS and BSS print, e.g.
// "[WPA2-PSK-CCMP][ESS]".
func AppendFlags(dst []byte, in FlagsInput) []byte {
	es := in.Elements
	wpa, hasWPA := es.FindVendor(OUIMicrosoft, MicrosoftWPA)
	rsn, hasRSN := es.Find(ElementRSN)
	mesh := es.Has(ElementMeshID)
	if hasWPA {
		dst = appendWPAFlag(dst, wpa)
	}
	if hasRSN {
		name := "WPA2"
		if mesh {
			name = "RSN"
		}
		dst = appendRSNFlag(dst, name, rsn)
	}
	dst = appendRSNXFlags(dst, es)
	_, hasOWE := es.FindVendor(OUIWFA, WFAOWETransition)
	if hasOWE {
		dst = appendIf(dst, hasRSN, "[OWE-TRANS]")
		dst = appendIf(dst, !hasRSN, "[OWE-TRANS-OPEN]")
	}
	dst = appendWPSFlag(dst, es, in.Own)
	dst = appendIf(dst, !hasWPA && !hasRSN && !hasOWE && in.Caps&CapPrivacy != 0, "[WEP]")
	dst = appendIf(dst, mesh, "[MESH]")
	dst = appendKindFlags(dst, in)
	return appendExtraFlags(dst, in, hasRSN)
}

func appendIf(dst []byte, cond bool, s string) []byte {
	if cond {
		dst = append(dst, s...)
	}
	return dst
}

func appendWPAFlag(dst, body []byte) []byte {
	e, err := ParseWPAIE(body)
	if err != nil || e.Check() != nil {
		return append(dst, "[WPA-?]"...)
	}
	return appendSuiteFlag(dst, "WPA", e.KeyMgmt(), e.PairwiseCiphers(), e.Caps)
}

func appendRSNFlag(dst []byte, name string, body []byte) []byte {
	e, err := ParseRSNE(body)
	if err != nil || e.Check() != nil {
		dst = append(append(dst, '['), name...)
		return append(dst, "-?]"...)
	}
	return appendSuiteFlag(dst, name, e.KeyMgmt(), e.PairwiseCiphers(), e.Caps)
}

// cipherFlagHidden lists the ciphers that the flags column never shows.
var cipherFlagHidden = Ciphers(CipherWEP40, CipherWEP104, CipherGTKNotUsed)

func appendSuiteFlag(dst []byte, name string, akms AKMSet, pairwise CipherSet, caps RSNCaps) []byte {
	dst = append(append(dst, '['), name...)
	dst = append(dst, '-')
	sep := false
	for _, a := range akmFlagOrder {
		if !akms.Has(a) {
			continue
		}
		dst = appendIf(dst, sep, "+")
		dst = append(dst, a.FlagName()...)
		sep = true
	}
	dst = append(dst, '-')
	sep = false
	for _, c := range cipherOrder {
		if !pairwise.Has(c) || cipherFlagHidden.Has(c) {
			continue
		}
		dst = appendIf(dst, sep, "+")
		dst = append(dst, c.ConfigName()...)
		sep = true
	}
	dst = appendIf(dst, caps&RSNCapPreauth != 0, "-preauth")
	return append(dst, ']')
}

func appendRSNXFlags(dst []byte, es Elements) []byte {
	body, ok := es.Find(ElementRSNX)
	if !ok {
		return dst
	}
	x, err := ParseRSNXE(body)
	if err != nil {
		return dst
	}
	dst = appendIf(dst, x.Has(RSNXSAEH2E), "[SAE-H2E]")
	return appendIf(dst, x.Has(RSNXSAEPK), "[SAE-PK]")
}

func appendWPSFlag(dst []byte, es Elements, own MAC) []byte {
	w, ok := FindWPS(es)
	if !ok {
		return dst
	}
	switch {
	case w.ActivePBC():
		return append(dst, "[WPS-PBC]"...)
	case slices.Contains(w.AuthorizedMACs, own) || slices.Contains(w.AuthorizedMACs, Broadcast):
		return append(dst, "[WPS-AUTH]"...)
	case w.ActivePIN():
		return append(dst, "[WPS-PIN]"...)
	}
	return append(dst, "[WPS]"...)
}

func appendKindFlags(dst []byte, in FlagsInput) []byte {
	if !IsDMG(in.Freq) {
		dst = appendIf(dst, in.Caps&CapIBSS != 0, "[IBSS]")
		return appendIf(dst, in.Caps&CapESS != 0, "[ESS]")
	}
	if in.ScanResults {
		_, edmg := in.Elements.FindExt(ExtIDEDMGOperation)
		dst = appendIf(dst, edmg, "[EDMG]")
	}
	dst = append(dst, "[DMG]"...)
	switch in.Caps.DMG() {
	case DMGTypeIBSS:
		dst = append(dst, "[IBSS]"...)
	case DMGTypeAP:
		dst = append(dst, "[ESS]"...)
	case DMGTypePBSS:
		dst = append(dst, "[PBSS]"...)
	case DMGTypeNone:
	}
	return dst
}

// extCapUTF8SSID is the UTF-8 SSID bit of Extended Capabilities.
const extCapUTF8SSID = 48

func appendExtraFlags(dst []byte, in FlagsInput, hasRSN bool) []byte {
	es := in.Elements
	_, p2p := es.FindVendor(OUIWFA, WFAP2P)
	if !p2p {
		_, p2p = in.Beacon.FindVendor(OUIWFA, WFAP2P)
	}
	dst = appendIf(dst, p2p, "[P2P]")
	_, hs20 := es.FindVendor(OUIWFA, WFAHS20)
	dst = appendIf(dst, hs20 && (hasRSN || !in.ScanResults), "[HS20]")
	dst = appendIf(dst, es.Has(ElementFILSIndication), "[FILS]")
	dst = appendIf(dst, es.Has(ElementMultiBand), "[FST]")
	return appendIf(dst, es.ExtendedCapability(extCapUTF8SSID), "[UTF-8]")
}

// ExtendedCapability reports whether a bit of the Extended Capabilities
// element is set (9.4.2.25).
func (es Elements) ExtendedCapability(bit int) bool {
	b, _ := es.Find(ElementExtendedCapabilities)
	return ExtendedCapabilityBit(b, bit)
}

// ExtCapMultipleBSSID is the bit of a device that knows Multiple BSSID sets.
const ExtCapMultipleBSSID = 22

// ExtendedCapabilityBit is ExtendedCapability for the body of the element.
func ExtendedCapabilityBit(body []byte, bit int) bool {
	return bit >= 0 && bit/8 < len(body) && body[bit/8]>>(bit%8)&1 != 0
}

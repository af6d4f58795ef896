package rsn

import (
	"strings"

	"gosupplicant/engine/dot11"
	"gosupplicant/engine/keys"
)

// PMF is what a network wants of management frame protection, with the values of
// ieee80211w.
type PMF uint8

// PMF wishes.
const (
	PMFOff      PMF = 0
	PMFOptional PMF = 1
	PMFRequired PMF = 2
)

// Wishes are what the configured network allows.
type Wishes struct {
	Protos    dot11.Proto
	AKMs      dot11.AKMSet
	Pairwise  dot11.CipherSet
	Group     dot11.CipherSet
	MgmtGroup dot11.CipherSet // 0: any that the device can
	PMF       PMF

	// HavePSK and HaveSAEPassword tell which credentials there are; a passphrase
	// counts for both, 64 hexadecimal digits for the first only.
	HavePSK, HaveSAEPassword bool
	// SAENeedsPMF refuses SAE where the BSS has no management frame protection
	// (sae_check_mfp).
	SAENeedsPMF bool
	// SAEH2E tells that hash-to-element may be used (sae_pwe 1 or 2, or a password
	// identifier).
	SAEH2E bool

	OCV              bool // ocv
	BeaconProtection bool // beacon_prot
	ExtKeyID         bool // extended_key_id
	SSIDProtection   bool
	// TransitionDisabled is the bitmap learnt from the network earlier: with
	// TransitionDisablePersonal no PSK, with TransitionDisableOWE no open joins.
	TransitionDisabled uint8
}

// Device is what the device and its driver can.
type Device struct {
	AKMs     dot11.AKMSet    // 0: any
	Ciphers  dot11.CipherSet // pairwise, group and group management
	SAE      bool
	PMF      bool
	OCV      bool
	ExtKeyID bool
	// BeaconProtection tells that a BIGTK can be installed.
	BeaconProtection bool
	// FT tells that fast transition can be joined (a mobility domain's initial
	// association).
	FT bool
}

// Offer is what a BSS announces. Nil for what it does not have.
type Offer struct {
	RSNE  *dot11.RSNE
	WPA   *dot11.WPAIE
	RSNXE dot11.RSNXE
	// MobilityDomain tells that the BSS has an MDE.
	MobilityDomain bool
	// BeaconProtection is the bit of that name in Extended Capabilities.
	BeaconProtection bool
}

// Selection is how to associate.
type Selection struct {
	Proto     dot11.Proto
	AKM       dot11.AKM
	Pairwise  dot11.Cipher
	Group     dot11.Cipher
	MgmtGroup dot11.Cipher // CipherUnknown when PMF is not used
	// PMF tells whether management frames will be protected.
	PMF, PMFRequired                                bool
	OCV, ExtKeyID, BeaconProtection, SSIDProtection bool
	// H2E tells that SAE is to use hash-to-element, as both sides can.
	H2E  bool
	Caps dot11.RSNCaps
}

// ImpossibleError tells why a network cannot be joined through a BSS: one reason
// for each way that was considered.
type ImpossibleError struct{ Reasons []string }

// Error joins the reasons.
func (e *ImpossibleError) Error() string { return "rsn: cannot join: " + strings.Join(e.Reasons, "; ") }

// preference lists the AKMs from the most to the least wanted: what resists more,
// and among equals the newer one. Fast transition goes before its plain form.
var preference = []dot11.AKM{
	dot11.AKMSuiteB192, dot11.AKMFTEAPSHA384, dot11.AKMEAPSHA384, dot11.AKMSuiteB,
	dot11.AKMFTSAEExtKey, dot11.AKMSAEExtKey, dot11.AKMFTSAE, dot11.AKMSAE,
	dot11.AKMFTEAP, dot11.AKMEAPSHA256, dot11.AKMEAP,
	dot11.AKMFTPSKSHA384, dot11.AKMPSKSHA384, dot11.AKMFTPSK, dot11.AKMPSKSHA256, dot11.AKMPSK,
	dot11.AKMOWE,
}

// pairwisePreference and mgmtPreference order ciphers likewise.
var (
	pairwisePreference = []dot11.Cipher{dot11.CipherGCMP256, dot11.CipherCCMP256, dot11.CipherGCMP, dot11.CipherCCMP, dot11.CipherTKIP}
	mgmtPreference     = []dot11.Cipher{dot11.CipherBIPGMAC256, dot11.CipherBIPCMAC256, dot11.CipherBIPGMAC128, dot11.CipherBIPCMAC128}
)

// Choose decides how to associate with a BSS: RSN before WPA, then the AKM, the
// ciphers and the options. It returns an *ImpossibleError when there is no way.
func Choose(w Wishes, o Offer, d Device) (*Selection, error) {
	fail := &ImpossibleError{}
	if o.RSNE != nil {
		s, why := chooseRSN(&w, &o, &d)
		if why == "" {
			return s, nil
		}
		fail.Reasons = append(fail.Reasons, "RSN: "+why)
	}
	if o.WPA != nil {
		s, why := chooseWPA(&w, &o, &d)
		if why == "" {
			return s, nil
		}
		fail.Reasons = append(fail.Reasons, "WPA: "+why)
	}
	if o.RSNE == nil && o.WPA == nil {
		fail.Reasons = append(fail.Reasons, "the BSS has neither RSN nor WPA")
	}
	return nil, fail
}

func chooseRSN(w *Wishes, o *Offer, d *Device) (*Selection, string) {
	if w.Protos&dot11.ProtoRSN == 0 {
		return nil, "not allowed by the network"
	}
	s := &Selection{Proto: dot11.ProtoRSN}
	if why := s.ciphers(w, d, o.RSNE.PairwiseCiphers(), o.RSNE.GroupCipher()); why != "" {
		return nil, why
	}
	if why := s.protection(w, o, d); why != "" {
		return nil, why
	}
	if why := s.akm(w, o, d, o.RSNE.KeyMgmt()); why != "" {
		return nil, why
	}
	s.options(w, o, d)
	return s, ""
}

func chooseWPA(w *Wishes, o *Offer, d *Device) (*Selection, string) {
	switch {
	case w.Protos&dot11.ProtoWPA == 0:
		return nil, "not allowed by the network"
	case w.PMF == PMFRequired:
		return nil, "management frame protection required, which WPA has not"
	}
	s := &Selection{Proto: dot11.ProtoWPA}
	if why := s.ciphers(w, d, o.WPA.PairwiseCiphers(), o.WPA.GroupCipher()); why != "" {
		return nil, why
	}
	akms := o.WPA.KeyMgmt() & dot11.AKMs(dot11.AKMPSK, dot11.AKMEAP)
	if why := s.akm(w, o, d, akms); why != "" {
		return nil, why
	}
	return s, ""
}

// ciphers chooses pairwise and group cipher.
func (s *Selection) ciphers(w *Wishes, d *Device, pairwise dot11.CipherSet, group dot11.Cipher) string {
	switch {
	case !group.IsGroup():
		return "group cipher of the BSS is unknown"
	case !w.Group.Has(group):
		return "group cipher " + group.String() + " not allowed by the network"
	case group != dot11.CipherGTKNotUsed && !d.Ciphers.Has(group):
		return "device has no group cipher " + group.String()
	}
	s.Group = group
	allowed := pairwise & w.Pairwise
	for _, c := range pairwisePreference {
		if allowed.Has(c) && d.Ciphers.Has(c) {
			s.Pairwise = c
			return ""
		}
	}
	if allowed == 0 {
		return "no common pairwise cipher: BSS has " + pairwise.String()
	}
	return "device has no pairwise cipher of " + allowed.String()
}

// protection decides on management frame protection.
func (s *Selection) protection(w *Wishes, o *Offer, d *Device) string {
	can, must := o.RSNE.Caps&dot11.RSNCapMFPC != 0, o.RSNE.Caps&dot11.RSNCapMFPR != 0
	need := must || w.PMF == PMFRequired
	why := ""
	cipher := o.RSNE.MgmtGroupCipher()
	switch {
	case !can:
		why = "the BSS has none"
	case w.PMF == PMFOff:
		why = "disabled in the network"
	case !d.PMF:
		why = "the device cannot do it"
	case cipher == dot11.CipherGTKNotUsed:
		s.PMF, s.MgmtGroup = true, cipher
	case !cipher.IsMgmtGroup():
		why = "group management cipher of the BSS is unknown"
	case w.MgmtGroup != 0 && !w.MgmtGroup.Has(cipher):
		why = "group management cipher " + cipher.String() + " not allowed by the network"
	case !d.Ciphers.Has(cipher):
		why = "device has no group management cipher " + cipher.String()
	default:
		s.PMF, s.MgmtGroup = true, cipher
	}
	s.PMFRequired = s.PMF && w.PMF == PMFRequired
	if need && !s.PMF {
		if w.PMF == PMFRequired {
			return "management frame protection required by the network: " + why
		}
		return "management frame protection required by the BSS: " + why
	}
	return ""
}

// akm chooses among the AKMs that the BSS offers; it returns why none will do.
func (s *Selection) akm(w *Wishes, o *Offer, d *Device, offered dot11.AKMSet) string {
	common := offered & w.AKMs
	if common == 0 {
		return "no common key management: BSS has " + offered.String()
	}
	var reasons []string
	for _, a := range preference {
		if !common.Has(a) {
			continue
		}
		why := s.unusable(a, w, o, d)
		if why == "" {
			s.AKM = a
			return ""
		}
		reasons = append(reasons, a.String()+": "+why)
	}
	if reasons == nil {
		return "key management " + common.String() + " is not implemented"
	}
	return strings.Join(reasons, ", ")
}

// unusable tells why an AKM that both sides allow will not do, or "".
func (s *Selection) unusable(a dot11.AKM, w *Wishes, o *Offer, d *Device) string {
	if d.AKMs != 0 && !d.AKMs.Has(a) {
		return "not supported by the device"
	}
	if a.IsFT() && (!d.FT || !o.MobilityDomain) {
		return "no fast transition here"
	}
	switch {
	case a.IsSAE():
		switch {
		case !d.SAE:
			return "not supported by the device"
		case !w.HaveSAEPassword:
			return "no password (a raw PSK cannot be used)"
		case !s.PMF && w.SAENeedsPMF:
			return "no management frame protection"
		case s.Pairwise == dot11.CipherTKIP:
			return "not with TKIP"
		}
	case dot11.AKMSetPSK.Has(a):
		if !w.HavePSK {
			return "no passphrase or key"
		}
		if w.TransitionDisabled&(TransitionDisablePersonal|TransitionDisableSAEPK) != 0 {
			return "the network said that it does without (transition disabled)"
		}
	case a == dot11.AKMOWE && s.Pairwise == dot11.CipherTKIP:
		return "not with TKIP"
	case a == dot11.AKMSuiteB192 && !s.PMF:
		return "no management frame protection"
	}
	return ""
}

// options decides what else to announce.
func (s *Selection) options(w *Wishes, o *Offer, d *Device) {
	s.OCV = w.OCV && d.OCV && s.PMF && o.RSNE.Caps&dot11.RSNCapOCVC != 0
	s.ExtKeyID = w.ExtKeyID && d.ExtKeyID && o.RSNE.Caps&dot11.RSNCapExtKeyID != 0 && s.Pairwise != dot11.CipherTKIP
	s.BeaconProtection = s.PMF && w.BeaconProtection && d.BeaconProtection && o.BeaconProtection
	s.SSIDProtection = w.SSIDProtection && o.RSNXE.Has(dot11.RSNXSSIDProtection)
	ext := s.AKM == dot11.AKMSAEExtKey || s.AKM == dot11.AKMFTSAEExtKey // these know no other way
	s.H2E = ext || s.AKM.IsSAE() && w.SAEH2E && o.RSNXE.Has(dot11.RSNXSAEH2E)
	if s.PMF {
		s.Caps |= dot11.RSNCapMFPC
	}
	if s.PMFRequired {
		s.Caps |= dot11.RSNCapMFPR
	}
	if s.OCV {
		s.Caps |= dot11.RSNCapOCVC
	}
	if s.ExtKeyID {
		s.Caps |= dot11.RSNCapExtKeyID
	}
}

// Element returns the RSNE or WPA element for the association request. PMKIDs are
// those of cached PMKs (and, after SAE or OWE, none): a passphrase network without
// cache entry names none.
func (s *Selection) Element(pmkids ...keys.PMKID) []byte {
	if s.Proto == dot11.ProtoWPA {
		group, _ := s.Group.WPASuite()
		pairwise, _ := s.Pairwise.WPASuite()
		akm, _ := s.AKM.WPASuite()
		e := dot11.WPAIE{Version: 1, Group: group, Pairwise: []dot11.Suite{pairwise}, AKMs: []dot11.Suite{akm}}
		return e.Append(nil)
	}
	group, _ := s.Group.RSNSuite()
	pairwise, _ := s.Pairwise.RSNSuite()
	akm, _ := s.AKM.RSNSuite()
	e := dot11.RSNE{Version: 1, Group: group, Pairwise: []dot11.Suite{pairwise}, AKMs: []dot11.Suite{akm}, Caps: s.Caps, PMKIDs: pmkids}
	if s.PMF {
		e.GroupMgmt, _ = s.MgmtGroup.RSNSuite()
	}
	return e.Append(nil)
}

// RSNXE returns the RSNXE for the association request, a whole element; nil when
// there is nothing to announce.
func (s *Selection) RSNXE() []byte {
	var bits []dot11.RSNXBit
	if s.H2E {
		bits = append(bits, dot11.RSNXSAEH2E)
	}
	if s.SSIDProtection {
		bits = append(bits, dot11.RSNXSSIDProtection)
	}
	x := dot11.NewRSNXE(bits...)
	if x == nil {
		return nil
	}
	return x.Append(nil)
}

package dot11

import (
	"encoding/binary"
	"fmt"
)

// RSNCaps is the RSN Capabilities field (9.4.2.23.4).
type RSNCaps uint16

// RSN capability bits.
const (
	RSNCapPreauth        RSNCaps = 1 << 0
	RSNCapNoPairwise     RSNCaps = 1 << 1
	RSNCapMFPR           RSNCaps = 1 << 6 // management frame protection required
	RSNCapMFPC           RSNCaps = 1 << 7 // management frame protection capable
	RSNCapJointMultiBand RSNCaps = 1 << 8
	RSNCapPeerKey        RSNCaps = 1 << 9
	RSNCapSPPAMSDUCap    RSNCaps = 1 << 10
	RSNCapSPPAMSDUReq    RSNCaps = 1 << 11
	RSNCapPBAC           RSNCaps = 1 << 12
	RSNCapExtKeyID       RSNCaps = 1 << 13
	RSNCapOCVC           RSNCaps = 1 << 14
)

// PTKSAReplayCounters returns the number of replay counters, 1, 2, 4 or 16.
func (c RSNCaps) PTKSAReplayCounters() int { return [4]int{1, 2, 4, 16}[c>>2&3] }

// GTKSAReplayCounters returns the number of replay counters, 1, 2, 4 or 16.
func (c RSNCaps) GTKSAReplayCounters() int { return [4]int{1, 2, 4, 16}[c>>4&3] }

// RSNE is the body of an RSN element (9.4.2.23). Fields behind Version may be
// absent on the wire, from one of them to the end; the accessors then give
// the standard's defaults (CCMP-128 and IEEE 802.1X) while the fields are
// empty.
type RSNE struct {
	Version   uint16 // 1
	Group     Suite
	Pairwise  []Suite
	AKMs      []Suite
	Caps      RSNCaps
	PMKIDs    [][16]byte
	GroupMgmt Suite
	// Fields tells how much of the element is present. AppendBody writes at
	// least that many fields, and more when a later field has a value; zero
	// stands for RSNFieldCaps.
	Fields RSNField
}

// RSNField counts the fields of an RSNE or WPA element that are present.
type RSNField uint8

// The fields in their order on the wire.
const (
	RSNFieldVersion RSNField = iota + 1
	RSNFieldGroup
	RSNFieldPairwise
	RSNFieldAKM
	RSNFieldCaps
	RSNFieldPMKID
	RSNFieldGroupMgmt
)

// ParseRSNE parses the body of an RSN element, without identifier and length.
// The body may end behind any field; a version other than 1, a suite list cut
// short, a count of zero pairwise or AKM suites, and a count that does not fit
// are errors. Bytes at the end that are too few for the next field, or behind
// the last known one (a later revision, 9.4.2.23.1), are ignored. Suites are
// not judged; see Check.
func ParseRSNE(body []byte) (*RSNE, error) {
	r := newReader("RSNE", body)
	return parseRSNBody(r)
}

func parseRSNBody(r *reader) (*RSNE, error) {
	e := &RSNE{Version: r.u16("version"), Fields: RSNFieldVersion}
	if r.err == nil && e.Version != 1 {
		r.off -= 2
		r.fail("version %d, want 1", e.Version)
	}
	if r.more() {
		e.Group = r.suite("group cipher")
		e.Fields = RSNFieldGroup
	}
	if r.more() {
		e.Pairwise = r.suites("pairwise cipher")
		e.Fields = RSNFieldPairwise
	}
	if r.more() {
		e.AKMs = r.suites("AKM")
		e.Fields = RSNFieldAKM
	}
	if r.fits(2) {
		e.Caps = RSNCaps(r.u16("capabilities"))
		e.Fields = RSNFieldCaps
	}
	if r.fits(2) {
		e.PMKIDs = r.pmkids()
		e.Fields = RSNFieldPMKID
	}
	if r.fits(4) {
		e.GroupMgmt = r.suite("group management cipher")
		e.Fields = RSNFieldGroupMgmt
	}
	if r.err != nil {
		return nil, r.err
	}
	return e, nil
}

func (r *reader) more() bool { return r.err == nil && r.left() > 0 }

func (r *reader) fits(n int) bool { return r.err == nil && r.left() >= n }

func (r *reader) suite(field string) Suite {
	b := r.bytes(4, field)
	if b == nil {
		return 0
	}
	return readSuite(b)
}

// suites reads a two byte count and that many selectors, at least one.
func (r *reader) suites(field string) []Suite {
	n := int(r.u16(field + " count"))
	if r.err != nil {
		return nil
	}
	if n == 0 || n > r.left()/4 {
		r.fail("%s count %d with %d bytes left", field, n, r.left())
		return nil
	}
	out := make([]Suite, n)
	for i := range out {
		out[i] = r.suite(field)
	}
	return out
}

func (r *reader) pmkids() [][16]byte {
	n := int(r.u16("PMKID count"))
	if r.err != nil || n == 0 {
		return nil
	}
	if n > r.left()/16 {
		r.fail("PMKID count %d with %d bytes left", n, r.left())
		return nil
	}
	out := make([][16]byte, n)
	for i := range out {
		out[i] = [16]byte(r.bytes(16, "PMKID"))
	}
	return out
}

// AppendBody appends the body without identifier and length.
func (e *RSNE) AppendBody(dst []byte) []byte {
	last := e.Fields
	switch {
	case e.GroupMgmt != 0:
		last = RSNFieldGroupMgmt
	case len(e.PMKIDs) > 0:
		last = max(last, RSNFieldPMKID)
	case last == 0:
		last = RSNFieldCaps
	}
	dst = binary.LittleEndian.AppendUint16(dst, e.Version)
	if last >= RSNFieldGroup {
		dst = e.Group.Append(dst)
	}
	if last >= RSNFieldPairwise {
		dst = appendSuites(dst, e.Pairwise)
	}
	if last >= RSNFieldAKM {
		dst = appendSuites(dst, e.AKMs)
	}
	if last >= RSNFieldCaps {
		dst = binary.LittleEndian.AppendUint16(dst, uint16(e.Caps))
	}
	if last >= RSNFieldPMKID {
		dst = binary.LittleEndian.AppendUint16(dst, uint16(len(e.PMKIDs)))
		for i := range e.PMKIDs {
			dst = append(dst, e.PMKIDs[i][:]...)
		}
	}
	if last >= RSNFieldGroupMgmt {
		dst = e.GroupMgmt.Append(dst)
	}
	return dst
}

func appendSuites(dst []byte, suites []Suite) []byte {
	dst = binary.LittleEndian.AppendUint16(dst, uint16(len(suites)))
	for _, s := range suites {
		dst = s.Append(dst)
	}
	return dst
}

// Append appends the whole element to dst.
func (e *RSNE) Append(dst []byte) []byte {
	return AppendElement(dst, ElementRSN, e.AppendBody(nil)...)
}

// GroupCipher returns the group data cipher, CCMP-128 when absent.
func (e *RSNE) GroupCipher() Cipher {
	if e.Group == 0 && e.Fields < RSNFieldGroup {
		return CipherCCMP
	}
	return CipherOf(e.Group)
}

// PairwiseCiphers returns the known pairwise ciphers, CCMP-128 when absent.
func (e *RSNE) PairwiseCiphers() CipherSet { return cipherSetOf(e.Pairwise, CipherCCMP) }

// KeyMgmt returns the known AKMs, IEEE 802.1X when absent.
func (e *RSNE) KeyMgmt() AKMSet { return akmSetOf(e.AKMs) }

// MgmtGroupCipher returns the group management cipher; when absent
// BIP-CMAC-128 if management frame protection is offered, else CipherUnknown.
func (e *RSNE) MgmtGroupCipher() Cipher {
	switch {
	case e.GroupMgmt != 0 || e.Fields >= RSNFieldGroupMgmt:
		return CipherOf(e.GroupMgmt)
	case e.Caps&RSNCapMFPC != 0:
		return CipherBIPCMAC128
	}
	return CipherUnknown
}

// Check reports a group data or group management cipher with which nobody here
// could join, whatever the configuration.
func (e *RSNE) Check() error {
	if !e.GroupCipher().IsGroup() {
		return fmt.Errorf("dot11: RSNE: group cipher %v cannot be used", e.Group)
	}
	c := e.MgmtGroupCipher()
	if e.Fields >= RSNFieldGroupMgmt && !c.IsMgmtGroup() && c != CipherGTKNotUsed {
		return fmt.Errorf("dot11: RSNE: group management cipher %v cannot be used", e.GroupMgmt)
	}
	return nil
}

func cipherSetOf(suites []Suite, def Cipher) CipherSet {
	if len(suites) == 0 {
		return Ciphers(def)
	}
	var s CipherSet
	for _, v := range suites {
		if c := CipherOf(v); c != CipherUnknown {
			s |= Ciphers(c)
		}
	}
	return s
}

func akmSetOf(suites []Suite) AKMSet {
	if len(suites) == 0 {
		return AKMs(AKMEAP)
	}
	var s AKMSet
	for _, v := range suites {
		if a := AKMOf(v); a != AKMUnknown {
			s |= AKMs(a)
		}
	}
	return s
}

// WPAIE is the body of the WPA vendor element (Wi-Fi Protected Access 3.1,
// 2004, section 2.1), behind OUI 00:50:f2 and type 1. Absent fields as in RSNE.
type WPAIE struct {
	Version  uint16 // 1
	Group    Suite
	Pairwise []Suite
	AKMs     []Suite
	Caps     RSNCaps
	Fields   RSNField // up to RSNFieldCaps; zero stands for RSNFieldAKM
}

// ParseWPAIE parses what follows OUI and type, with the rules of ParseRSNE.
func ParseWPAIE(body []byte) (*WPAIE, error) {
	r := newReader("WPA element", body)
	e := &WPAIE{Version: r.u16("version"), Fields: RSNFieldVersion}
	if r.err == nil && e.Version != 1 {
		r.off -= 2
		r.fail("version %d, want 1", e.Version)
	}
	if r.more() {
		e.Group = r.suite("group cipher")
		e.Fields = RSNFieldGroup
	}
	if r.more() {
		e.Pairwise = r.suites("pairwise cipher")
		e.Fields = RSNFieldPairwise
	}
	if r.more() {
		e.AKMs = r.suites("AKM")
		e.Fields = RSNFieldAKM
	}
	if r.fits(2) {
		e.Caps = RSNCaps(r.u16("capabilities"))
		e.Fields = RSNFieldCaps
	}
	if r.err != nil {
		return nil, r.err
	}
	return e, nil
}

// Append appends the whole vendor element to dst.
func (e *WPAIE) Append(dst []byte) []byte {
	last := e.Fields
	if last == 0 {
		last = RSNFieldAKM
	}
	if e.Caps != 0 {
		last = RSNFieldCaps
	}
	b := binary.LittleEndian.AppendUint16(nil, e.Version)
	if last >= RSNFieldGroup {
		b = e.Group.Append(b)
	}
	if last >= RSNFieldPairwise {
		b = appendSuites(b, e.Pairwise)
	}
	if last >= RSNFieldAKM {
		b = appendSuites(b, e.AKMs)
	}
	if last >= RSNFieldCaps {
		b = binary.LittleEndian.AppendUint16(b, uint16(e.Caps))
	}
	return AppendVendorElement(dst, OUIMicrosoft, MicrosoftWPA, b...)
}

// GroupCipher returns the group cipher, TKIP when absent.
func (e *WPAIE) GroupCipher() Cipher {
	if e.Group == 0 && e.Fields < RSNFieldGroup {
		return CipherTKIP
	}
	return CipherOf(e.Group)
}

// Check reports a group cipher with which nobody here could join.
func (e *WPAIE) Check() error {
	if !e.GroupCipher().IsGroup() {
		return fmt.Errorf("dot11: WPA element: group cipher %v cannot be used", e.Group)
	}
	return nil
}

// PairwiseCiphers returns the known pairwise ciphers, TKIP when absent.
func (e *WPAIE) PairwiseCiphers() CipherSet { return cipherSetOf(e.Pairwise, CipherTKIP) }

// KeyMgmt returns the known AKMs, IEEE 802.1X when absent.
func (e *WPAIE) KeyMgmt() AKMSet { return akmSetOf(e.AKMs) }

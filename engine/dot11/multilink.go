package dot11

import "encoding/binary"

// MultiLinkType is the type of a Multi-Link element (9.4.2.322.1).
type MultiLinkType uint8

// Multi-Link element types.
const (
	MultiLinkBasic          MultiLinkType = 0
	MultiLinkProbeRequest   MultiLinkType = 1
	MultiLinkReconfigure    MultiLinkType = 2
	MultiLinkTDLS           MultiLinkType = 3
	MultiLinkPriorityAccess MultiLinkType = 4
)

// Presence bits of the Basic Multi-Link element's control field.
const (
	mlPresentLinkID     = 1 << 4
	mlPresentChange     = 1 << 5
	mlPresentMediumSync = 1 << 6
	mlPresentEML        = 1 << 7
	mlPresentMLDCaps    = 1 << 8
	mlPresentMLDID      = 1 << 9
	mlPresentExtMLDCaps = 1 << 10
)

// MultiLink is a Basic Multi-Link element (9.4.2.322.2). A pointer is nil when
// its field is absent.
type MultiLink struct {
	Control     uint16 // Multi-Link Control as on the wire
	CommonLen   uint8  // Common Info Length as on the wire
	MLDAddr     MAC
	LinkID      *uint8 // 0 to 15
	ChangeCount *uint8 // BSS Parameters Change Count
	MediumSync  *uint16
	EMLCaps     *uint16
	MLDCaps     *uint16
	MLDID       *uint8
	ExtMLDCaps  *uint16
	Profiles    []StationProfile
}

// StationProfile is one Per-STA Profile subelement.
type StationProfile struct {
	LinkID      uint8 // 0 to 14
	Complete    bool
	Addr        *MAC
	BeaconInt   *uint16 // TU
	TSFOffset   *uint64
	DTIM        *[2]uint8 // count and period
	NSTR        []byte    // indication bitmap, 1 or 2 bytes
	ChangeCount *uint8
	// Body is the STA Profile: in association requests and probe responses the
	// capabilities (2 bytes) and elements; in association responses the
	// capabilities, a status code (2 bytes) and elements.
	Body []byte
}

// MultiLinkTypeOf returns the type of a Multi-Link element from its body
// behind the extension identifier; false when it is cut short.
func MultiLinkTypeOf(body []byte) (MultiLinkType, bool) {
	if len(body) < 2 {
		return 0, false
	}
	return MultiLinkType(body[0] & 7), true
}

// FindBasicMultiLink returns the body, joined from fragments, of the first
// Basic Multi-Link element.
func FindBasicMultiLink(es Elements) ([]byte, bool) {
	for e := range es.All() {
		if e.ID != ElementExtension || e.Ext != ExtIDMultiLink {
			continue
		}
		if t, ok := MultiLinkTypeOf(e.Data); ok && t == MultiLinkBasic {
			return es.reassemble(e), true
		}
	}
	return nil, false
}

// ParseMultiLink parses the reassembled body, behind the extension identifier,
// of a Basic Multi-Link element.
func ParseMultiLink(body []byte) (*MultiLink, error) {
	r := newReader("Basic Multi-Link", body)
	m := &MultiLink{Control: r.u16("control")}
	if r.err == nil && MultiLinkType(m.Control&7) != MultiLinkBasic {
		r.off = 0
		r.fail("type %d is not basic", m.Control&7)
	}
	m.parseCommon(r)
	seen := uint16(0)
	for r.more() {
		id, data := r.subelement()
		if r.err != nil {
			break
		}
		if id != 0 {
			continue // vendor specific
		}
		p, err := parseStationProfile(data)
		if err != nil {
			return nil, err
		}
		if seen>>p.LinkID&1 != 0 {
			r.fail("second profile for link %d", p.LinkID)
			break
		}
		seen |= 1 << p.LinkID
		m.Profiles = append(m.Profiles, p)
	}
	return checked(m, r)
}

// parseCommon reads the Common Info field. Its length bounds what is read;
// bytes of it that no presence bit explains are skipped.
func (m *MultiLink) parseCommon(r *reader) {
	m.CommonLen = r.u8("common info length")
	if r.err == nil && m.CommonLen < 7 {
		r.fail("common info length %d, at least 7 wanted", m.CommonLen)
	}
	c := newReader("Basic Multi-Link common info", r.bytes(int(m.CommonLen)-1, "common info"))
	if r.err != nil {
		return
	}
	m.MLDAddr = c.mac("MLD address")
	m.LinkID = c.optU8(m.Control, mlPresentLinkID, "link ID")
	if m.LinkID != nil {
		v := *m.LinkID & 0x0f
		m.LinkID = &v
	}
	m.ChangeCount = c.optU8(m.Control, mlPresentChange, "BSS parameters change count")
	m.MediumSync = c.optU16(m.Control, mlPresentMediumSync, "medium synchronization delay")
	m.EMLCaps = c.optU16(m.Control, mlPresentEML, "EML capabilities")
	m.MLDCaps = c.optU16(m.Control, mlPresentMLDCaps, "MLD capabilities")
	m.MLDID = c.optU8(m.Control, mlPresentMLDID, "AP MLD ID")
	m.ExtMLDCaps = c.optU16(m.Control, mlPresentExtMLDCaps, "extended MLD capabilities")
	if c.err != nil {
		r.err = c.err
	}
}

func (r *reader) optU8(control, bit uint16, field string) *uint8 {
	if control&bit == 0 || r.err != nil {
		return nil
	}
	v := r.u8(field)
	return &v
}

func (r *reader) optU16(control, bit uint16, field string) *uint16 {
	if control&bit == 0 || r.err != nil {
		return nil
	}
	v := r.u16(field)
	return &v
}

// subelement reads identifier, length and body, and joins the Fragment
// subelements (identifier 254) behind a full one.
func (r *reader) subelement() (id uint8, body []byte) {
	id = r.u8("subelement identifier")
	n := int(r.u8("subelement length"))
	body = r.bytes(n, "subelement")
	for r.err == nil && n == 255 && r.left() >= 2 && r.buf[r.off] == 254 {
		r.off++
		n = int(r.u8("fragment length"))
		frag := r.bytes(n, "fragment")
		body = append(body[:len(body):len(body)], frag...)
	}
	return id, body
}

// Presence bits of the STA Control field.
const (
	staComplete     = 1 << 4
	staPresentMAC   = 1 << 5
	staPresentBI    = 1 << 6
	staPresentTSF   = 1 << 7
	staPresentDTIM  = 1 << 8
	staPresentNSTR  = 1 << 9
	staNSTRLong     = 1 << 10
	staPresentCount = 1 << 11
)

func parseStationProfile(data []byte) (StationProfile, error) {
	r := newReader("Per-STA Profile", data)
	control := r.u16("control")
	p := StationProfile{LinkID: uint8(control & 15), Complete: control&staComplete != 0}
	n := int(r.u8("STA info length"))
	if r.err == nil && n < 1 {
		r.fail("STA info length 0")
	}
	s := newReader("Per-STA Profile STA info", r.bytes(n-1, "STA info"))
	if r.err != nil {
		return StationProfile{}, r.err
	}
	if control&staPresentMAC != 0 {
		a := s.mac("address")
		p.Addr = &a
	}
	p.BeaconInt = s.optU16(control, staPresentBI, "beacon interval")
	if control&staPresentTSF != 0 {
		v := s.u64("TSF offset")
		p.TSFOffset = &v
	}
	if control&staPresentDTIM != 0 {
		p.DTIM = &[2]uint8{s.u8("DTIM count"), s.u8("DTIM period")}
	}
	if control&staPresentNSTR != 0 {
		size := 1
		if control&staNSTRLong != 0 {
			size = 2
		}
		p.NSTR = s.bytes(size, "NSTR bitmap")
	}
	p.ChangeCount = s.optU8(control, staPresentCount, "BSS parameters change count")
	if s.err != nil {
		return StationProfile{}, s.err
	}
	p.Body = r.rest()
	return p, nil
}

// Append appends the whole element to dst, fragmented as needed. Control
// presence bits and CommonLen follow from the fields that are set.
func (m *MultiLink) Append(dst []byte) []byte {
	var control uint16
	common := append([]byte(nil), m.MLDAddr[:]...)
	u8 := func(bit uint16, v *uint8) {
		if v != nil {
			control |= bit
			common = append(common, *v)
		}
	}
	u16 := func(bit uint16, v *uint16) {
		if v != nil {
			control |= bit
			common = binary.LittleEndian.AppendUint16(common, *v)
		}
	}
	u8(mlPresentLinkID, m.LinkID)
	u8(mlPresentChange, m.ChangeCount)
	u16(mlPresentMediumSync, m.MediumSync)
	u16(mlPresentEML, m.EMLCaps)
	u16(mlPresentMLDCaps, m.MLDCaps)
	u8(mlPresentMLDID, m.MLDID)
	u16(mlPresentExtMLDCaps, m.ExtMLDCaps)
	body := binary.LittleEndian.AppendUint16(nil, control)
	body = append(body, byte(len(common)+1))
	body = append(body, common...)
	for i := range m.Profiles {
		body = m.Profiles[i].append(body)
	}
	return AppendExtElement(dst, ExtIDMultiLink, body...)
}

// append appends the subelement, fragmented as needed.
func (p *StationProfile) append(dst []byte) []byte {
	control := uint16(p.LinkID & 15)
	if p.Complete {
		control |= staComplete
	}
	var info []byte
	if p.Addr != nil {
		control |= staPresentMAC
		info = append(info, p.Addr[:]...)
	}
	if p.BeaconInt != nil {
		control |= staPresentBI
		info = binary.LittleEndian.AppendUint16(info, *p.BeaconInt)
	}
	if p.TSFOffset != nil {
		control |= staPresentTSF
		info = binary.LittleEndian.AppendUint64(info, *p.TSFOffset)
	}
	if p.DTIM != nil {
		control |= staPresentDTIM
		info = append(info, p.DTIM[:]...)
	}
	switch len(p.NSTR) {
	case 1:
		control |= staPresentNSTR
		info = append(info, p.NSTR...)
	case 2:
		control |= staPresentNSTR | staNSTRLong
		info = append(info, p.NSTR...)
	}
	if p.ChangeCount != nil {
		control |= staPresentCount
		info = append(info, *p.ChangeCount)
	}
	body := binary.LittleEndian.AppendUint16(nil, control)
	body = append(body, byte(len(info)+1))
	body = append(append(body, info...), p.Body...)
	for id := byte(0); ; id = 254 {
		n := min(len(body), 255)
		dst = append(append(dst, id, byte(n)), body[:n]...)
		if body = body[n:]; len(body) == 0 {
			return dst
		}
	}
}

// MLDAddress returns the AP MLD address of the Basic Multi-Link element; false
// without a well-formed one.
func MLDAddress(es Elements) (MAC, bool) {
	body, ok := FindBasicMultiLink(es)
	if !ok {
		return MAC{}, false
	}
	m, err := ParseMultiLink(body)
	if err != nil {
		return MAC{}, false
	}
	return m.MLDAddr, true
}

package dot11

import (
	"encoding/binary"
	"fmt"
)

// Subtype is the subtype of a management frame (9.2.4.1.3).
type Subtype uint8

// Management frame subtypes.
const (
	SubtypeAssocRequest    Subtype = 0
	SubtypeAssocResponse   Subtype = 1
	SubtypeReassocRequest  Subtype = 2
	SubtypeReassocResponse Subtype = 3
	SubtypeProbeRequest    Subtype = 4
	SubtypeProbeResponse   Subtype = 5
	SubtypeTimingAdvert    Subtype = 6
	SubtypeBeacon          Subtype = 8
	SubtypeATIM            Subtype = 9
	SubtypeDisassoc        Subtype = 10
	SubtypeAuth            Subtype = 11
	SubtypeDeauth          Subtype = 12
	SubtypeAction          Subtype = 13
	SubtypeActionNoAck     Subtype = 14
)

var subtypeNames = [16]string{
	"assoc-req", "assoc-resp", "reassoc-req", "reassoc-resp", "probe-req", "probe-resp", "timing-advert", "",
	"beacon", "atim", "disassoc", "auth", "deauth", "action", "action-no-ack", "",
}

// String returns a short name for logs.
func (s Subtype) String() string {
	if s < 16 && subtypeNames[s] != "" {
		return subtypeNames[s]
	}
	return fmt.Sprintf("subtype-%d", uint8(s))
}

// Flags of the frame control field, its second byte (9.2.4.1).
const (
	FrameFlagRetry     uint8 = 0x08
	FrameFlagProtected uint8 = 0x40
	FrameFlagHTC       uint8 = 0x80
)

// MgmtHeaderLen is the length in bytes of a management header without HT
// Control field.
const MgmtHeaderLen = 24

// MgmtHeader is the header of a management frame (9.3.3.1).
type MgmtHeader struct {
	Subtype  Subtype
	Flags    uint8  // second byte of frame control
	Duration uint16 // µs
	DA       MAC    // address 1
	SA       MAC    // address 2
	BSSID    MAC    // address 3
	Sequence uint16 // sequence number, 0 to 4095
	Fragment uint8  // fragment number, 0 to 15
}

// Append appends the 24 bytes of the header; a Flags value with
// FrameFlagHTC is written without that bit, as no HT Control field follows.
func (h *MgmtHeader) Append(dst []byte) []byte {
	dst = append(dst, byte(h.Subtype)<<4, h.Flags&^FrameFlagHTC)
	dst = binary.LittleEndian.AppendUint16(dst, h.Duration)
	dst = append(dst, h.DA[:]...)
	dst = append(dst, h.SA[:]...)
	dst = append(dst, h.BSSID[:]...)
	return binary.LittleEndian.AppendUint16(dst, h.Sequence<<4|uint16(h.Fragment&15))
}

// ParseMgmt splits a management frame, without FCS, into header and body. The
// body of a frame with FrameFlagProtected is still encrypted.
func ParseMgmt(frame []byte) (MgmtHeader, []byte, error) {
	r := newReader("management frame", frame)
	fc := r.u8("frame control")
	h := MgmtHeader{Subtype: Subtype(fc >> 4), Flags: r.u8("frame control flags")}
	if r.err == nil && fc&0x0f != 0 {
		r.off = 0
		r.fail("frame control %#02x is not a management frame of version 0", fc)
	}
	h.Duration = r.u16("duration")
	h.DA, h.SA, h.BSSID = r.mac("address 1"), r.mac("address 2"), r.mac("address 3")
	seq := r.u16("sequence control")
	h.Sequence, h.Fragment = seq>>4, uint8(seq&15)
	if h.Flags&FrameFlagHTC != 0 {
		r.u32("HT control")
	}
	body := r.rest()
	if r.err != nil {
		return MgmtHeader{}, nil, r.err
	}
	h.Flags &^= FrameFlagHTC
	return h, body, nil
}

// Caps is the Capability Information field (9.4.1.4).
type Caps uint16

// Capability bits. In a DMG BSS (60 GHz) the lowest two bits hold a type
// instead, see DMGType.
const (
	CapESS              Caps = 1 << 0
	CapIBSS             Caps = 1 << 1
	CapPrivacy          Caps = 1 << 4
	CapShortPreamble    Caps = 1 << 5
	CapSpectrumMgmt     Caps = 1 << 8
	CapQoS              Caps = 1 << 9
	CapShortSlotTime    Caps = 1 << 10
	CapAPSD             Caps = 1 << 11
	CapRadioMeasurement Caps = 1 << 12
	CapEPD              Caps = 1 << 13
)

// DMGType is the kind of a DMG BSS, from the lowest two capability bits.
type DMGType uint8

// DMG BSS types (9.4.1.46).
const (
	DMGTypeNone DMGType = 0
	DMGTypeIBSS DMGType = 1
	DMGTypePBSS DMGType = 2
	DMGTypeAP   DMGType = 3
)

// DMG returns the type of a DMG BSS.
func (c Caps) DMG() DMGType { return DMGType(c & 3) }

// Beacon is the body of a Beacon or Probe Response frame (9.3.3.2, 9.3.3.10).
type Beacon struct {
	Timestamp uint64 // µs, the TSF of the sender
	Interval  uint16 // TU of 1024 µs
	Caps      Caps
	Elements  Elements
}

// ParseBeacon parses the body of a Beacon or Probe Response. The elements are
// not checked.
func ParseBeacon(body []byte) (*Beacon, error) {
	r := newReader("beacon", body)
	f := &Beacon{Timestamp: r.u64("timestamp"), Interval: r.u16("interval"), Caps: Caps(r.u16("capabilities"))}
	f.Elements = r.rest()
	return checked(f, r)
}

// checked returns v, or the reader's error.
func checked[T any](v *T, r *reader) (*T, error) {
	if r.err != nil {
		return nil, r.err
	}
	return v, nil
}

// Append appends the body to dst.
func (f *Beacon) Append(dst []byte) []byte {
	dst = binary.LittleEndian.AppendUint64(dst, f.Timestamp)
	dst = binary.LittleEndian.AppendUint16(dst, f.Interval)
	dst = binary.LittleEndian.AppendUint16(dst, uint16(f.Caps))
	return append(dst, f.Elements...)
}

// ProbeRequest is the body of a Probe Request frame (9.3.3.9).
type ProbeRequest struct{ Elements Elements }

// ParseProbeRequest checks that the body is a whole sequence of elements.
func ParseProbeRequest(body []byte) (*ProbeRequest, error) {
	if err := Elements(body).Check(); err != nil {
		return nil, err
	}
	return &ProbeRequest{body}, nil
}

// Append appends the body to dst.
func (f *ProbeRequest) Append(dst []byte) []byte { return append(dst, f.Elements...) }

// AuthAlg is an authentication algorithm number (9.4.1.1).
type AuthAlg uint16

// Authentication algorithms.
const (
	AuthAlgOpen      AuthAlg = 0
	AuthAlgSharedKey AuthAlg = 1
	AuthAlgFT        AuthAlg = 2
	AuthAlgSAE       AuthAlg = 3
	AuthAlgFILSSK    AuthAlg = 4 // FILS shared key without PFS
	AuthAlgFILSSKPFS AuthAlg = 5
	AuthAlgFILSPK    AuthAlg = 6
	AuthAlgPASN      AuthAlg = 7
	AuthAlgLEAP      AuthAlg = 128
)

// Auth is the body of an Authentication frame (9.3.3.11).
type Auth struct {
	Alg    AuthAlg
	Seq    uint16 // transaction sequence number, from 1
	Status Status
	// Payload is what follows: elements, or for SAE its fields and elements.
	Payload []byte
}

// ParseAuth parses the body of an Authentication frame.
func ParseAuth(body []byte) (*Auth, error) {
	r := newReader("authentication frame", body)
	f := &Auth{Alg: AuthAlg(r.u16("algorithm")), Seq: r.u16("transaction"), Status: Status(r.u16("status"))}
	f.Payload = r.rest()
	return checked(f, r)
}

// Append appends the body to dst.
func (f *Auth) Append(dst []byte) []byte {
	dst = binary.LittleEndian.AppendUint16(dst, uint16(f.Alg))
	dst = binary.LittleEndian.AppendUint16(dst, f.Seq)
	dst = binary.LittleEndian.AppendUint16(dst, uint16(f.Status))
	return append(dst, f.Payload...)
}

// AssocRequest is the body of an Association or Reassociation Request
// (9.3.3.5, 9.3.3.7).
type AssocRequest struct {
	Caps           Caps
	ListenInterval uint16 // beacon intervals
	Reassoc        bool   // a Reassociation Request, which has CurrentAP
	CurrentAP      MAC
	Elements       Elements
}

// ParseAssocRequest parses the body; reassoc says which of the two it is.
// Malformed elements are an error.
func ParseAssocRequest(body []byte, reassoc bool) (*AssocRequest, error) {
	r := newReader("association request", body)
	f := &AssocRequest{Caps: Caps(r.u16("capabilities")), ListenInterval: r.u16("listen interval"), Reassoc: reassoc}
	if reassoc {
		f.CurrentAP = r.mac("current AP address")
	}
	f.Elements = r.elements()
	return checked(f, r)
}

// elements takes the rest as a sequence of elements that must be well formed.
func (r *reader) elements() Elements {
	start := r.off
	es := Elements(r.rest())
	if r.err != nil {
		return nil
	}
	if err := es.Check(); err != nil {
		pe := err.(*ParseError)
		r.off = start + pe.Offset
		r.fail("%s", pe.Reason)
	}
	return es
}

// Append appends the body to dst.
func (f *AssocRequest) Append(dst []byte) []byte {
	dst = binary.LittleEndian.AppendUint16(dst, uint16(f.Caps))
	dst = binary.LittleEndian.AppendUint16(dst, f.ListenInterval)
	if f.Reassoc {
		dst = append(dst, f.CurrentAP[:]...)
	}
	return append(dst, f.Elements...)
}

// AssocResponse is the body of an Association or Reassociation Response
// (9.3.3.6, 9.3.3.8).
type AssocResponse struct {
	Caps     Caps
	Status   Status
	AID      uint16 // 1 to 2007, without the two upper bits set on the wire
	Elements Elements
}

// ParseAssocResponse parses the body. Malformed elements are an error.
func ParseAssocResponse(body []byte) (*AssocResponse, error) {
	r := newReader("association response", body)
	f := &AssocResponse{Caps: Caps(r.u16("capabilities")), Status: Status(r.u16("status"))}
	f.AID = r.u16("AID") &^ 0xc000
	f.Elements = r.elements()
	return checked(f, r)
}

// Append appends the body to dst.
func (f *AssocResponse) Append(dst []byte) []byte {
	dst = binary.LittleEndian.AppendUint16(dst, uint16(f.Caps))
	dst = binary.LittleEndian.AppendUint16(dst, uint16(f.Status))
	dst = binary.LittleEndian.AppendUint16(dst, f.AID|0xc000)
	return append(dst, f.Elements...)
}

// Disconnect is the body of a Deauthentication or Disassociation frame
// (9.3.3.12, 9.3.3.4).
type Disconnect struct {
	Reason   Reason
	Elements Elements // possibly ending in a Management MIC element
}

// ParseDisconnect parses the body of either frame. Malformed elements are an
// error.
func ParseDisconnect(body []byte) (*Disconnect, error) {
	r := newReader("deauthentication or disassociation", body)
	f := &Disconnect{Reason: Reason(r.u16("reason"))}
	f.Elements = r.elements()
	return checked(f, r)
}

// Append appends the body to dst.
func (f *Disconnect) Append(dst []byte) []byte {
	dst = binary.LittleEndian.AppendUint16(dst, uint16(f.Reason))
	return append(dst, f.Elements...)
}

// Category is the category of an Action frame (9.4.1.11).
type Category uint8

// Action categories.
const (
	CategorySpectrumMgmt      Category = 0
	CategoryQoS               Category = 1
	CategoryBlockAck          Category = 3
	CategoryPublic            Category = 4
	CategoryRadioMeasurement  Category = 5
	CategoryFT                Category = 6
	CategoryHT                Category = 7
	CategorySAQuery           Category = 8
	CategoryProtectedDual     Category = 9
	CategoryWNM               Category = 10
	CategoryUnprotectedWNM    Category = 11
	CategoryTDLS              Category = 12
	CategorySelfProtected     Category = 15
	CategoryVHT               Category = 21
	CategoryRobustAVStreaming Category = 19
	CategoryHE                Category = 30
	CategoryProtectedHE       Category = 31
	CategoryEHT               Category = 36
	CategoryProtectedEHT      Category = 37
	CategoryVendorProtected   Category = 126
	CategoryVendor            Category = 127
)

// Action is the body of an Action frame (9.6).
type Action struct {
	Category Category
	Action   uint8
	Payload  []byte
}

// ParseAction parses the body of an Action frame.
func ParseAction(body []byte) (*Action, error) {
	r := newReader("action frame", body)
	f := &Action{Category: Category(r.u8("category")), Action: r.u8("action")}
	f.Payload = r.rest()
	return checked(f, r)
}

// Append appends the body to dst.
func (f *Action) Append(dst []byte) []byte {
	return append(append(dst, byte(f.Category), f.Action), f.Payload...)
}

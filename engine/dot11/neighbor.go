package dot11

import "encoding/binary"

// NeighborAP is one Neighbor AP Information field of a Reduced Neighbor Report
// (9.4.2.169).
type NeighborAP struct {
	Header   uint16 // TBTT Information Header as on the wire
	OpClass  uint8
	Channel  uint8
	InfoLen  uint8 // bytes of each entry
	Filtered bool
	Infos    []TBTTInfo
}

// TBTTInfo is one entry. Which fields there are follows from the length of the
// entry; a pointer is nil when its field is absent.
type TBTTInfo struct {
	Raw       []byte
	Offset    *uint8 // TU to the next TBTT, 255 unknown
	BSSID     *MAC
	ShortSSID *uint32
	BSSParams *uint8
	PSD       *int8 // 20 MHz PSD in units of 0.5 dBm/MHz
	MLD       *NeighborMLD
}

// NeighborMLD is the MLD Parameters field of a TBTTInfo.
type NeighborMLD struct {
	ID          uint8 // AP MLD ID, 255 not part of any
	LinkID      uint8 // 0 to 15
	ChangeCount uint8
	AllUpdates  bool
	Disabled    bool
}

// The layout of TBTT Information by length: field order is fixed, presence is
// not (table 9-333).
const (
	tbttBSSID = 1 << iota
	tbttShortSSID
	tbttParams
	tbttPSD
	tbttMLD
)

var tbttLayouts = map[int]uint8{
	1:  0,
	2:  tbttParams,
	5:  tbttShortSSID,
	6:  tbttShortSSID | tbttParams,
	7:  tbttBSSID,
	8:  tbttBSSID | tbttParams,
	9:  tbttBSSID | tbttParams | tbttPSD,
	11: tbttBSSID | tbttShortSSID,
	12: tbttBSSID | tbttShortSSID | tbttParams,
	13: tbttBSSID | tbttShortSSID | tbttParams | tbttPSD,
	16: tbttBSSID | tbttShortSSID | tbttParams | tbttPSD | tbttMLD,
}

// ParseReducedNeighborReport parses the body. An entry of a reserved length
// has only Raw; a longer one than any known is read as the longest known.
func ParseReducedNeighborReport(body []byte) ([]NeighborAP, error) {
	r := newReader("Reduced Neighbor Report", body)
	var out []NeighborAP
	for r.more() {
		h := r.u16("TBTT information header")
		n := NeighborAP{Header: h, OpClass: r.u8("operating class"), Channel: r.u8("channel"),
			InfoLen: uint8(h >> 8), Filtered: h&4 != 0}
		count := int(h>>4&15) + 1
		if r.err == nil && n.InfoLen == 0 {
			r.fail("TBTT information length 0")
		}
		for range count {
			raw := r.bytes(int(n.InfoLen), "TBTT information")
			if r.err != nil {
				break
			}
			n.Infos = append(n.Infos, parseTBTT(raw, h&3))
		}
		out = append(out, n)
	}
	if r.err != nil {
		return nil, r.err
	}
	return out, nil
}

// parseTBTT reads one entry of the given TBTT Information Field Type.
func parseTBTT(raw []byte, fieldType uint16) TBTTInfo {
	t := TBTTInfo{Raw: raw}
	r := newReader("TBTT information", raw)
	if fieldType == 1 {
		if len(raw) >= 3 {
			t.MLD = r.neighborMLD()
		}
		return t
	}
	layout, ok := tbttLayouts[min(len(raw), 16)]
	if !ok || fieldType != 0 {
		return t
	}
	t.Offset = r.optU8(1, 1, "offset")
	if layout&tbttBSSID != 0 {
		a := r.mac("BSSID")
		t.BSSID = &a
	}
	if layout&tbttShortSSID != 0 {
		v := r.u32("short SSID")
		t.ShortSSID = &v
	}
	t.BSSParams = r.optU8(uint16(layout), tbttParams, "BSS parameters")
	if layout&tbttPSD != 0 {
		v := int8(r.u8("PSD"))
		t.PSD = &v
	}
	if layout&tbttMLD != 0 {
		t.MLD = r.neighborMLD()
	}
	return t
}

func (r *reader) neighborMLD() *NeighborMLD {
	b := r.bytes(3, "MLD parameters")
	if b == nil {
		return nil
	}
	v := binary.LittleEndian.Uint16(b[1:])
	return &NeighborMLD{ID: b[0], LinkID: uint8(v & 15), ChangeCount: uint8(v >> 4),
		AllUpdates: v&(1<<12) != 0, Disabled: v&(1<<13) != 0}
}

// Country is the Country element (9.4.2.8).
type Country struct {
	Code     [3]byte // two letters and the environment
	Triplets []CountryTriplet
}

// CountryTriplet is a subband, or with First of 201 and up an operating
// triplet.
type CountryTriplet struct {
	First    uint8 // first channel; 201 and up: operating extension
	Channels uint8 // number of channels; operating class
	MaxPower uint8 // dBm; coverage class
}

// ParseCountry parses the body. A trailing pad byte is allowed.
func ParseCountry(body []byte) (*Country, error) {
	r := newReader("Country", body)
	c := &Country{}
	copy(c.Code[:], r.bytes(3, "country string"))
	for r.err == nil && r.left() >= 3 {
		c.Triplets = append(c.Triplets, CountryTriplet{r.u8("first channel"), r.u8("channels"), r.u8("power")})
	}
	if r.err == nil && r.left() > 1 {
		r.fail("triplet cut short, %d bytes left", r.left())
	}
	return checked(c, r)
}

// BSSLoad is the BSS Load element (9.4.2.26).
type BSSLoad struct {
	Stations    uint16
	Utilization uint8  // share of 255 of busy time
	Admission   uint16 // free admission capacity in 32 µs/s
}

// ParseBSSLoad parses the body of exactly 5 bytes.
func ParseBSSLoad(body []byte) (*BSSLoad, error) {
	r := newReader("BSS Load", body)
	l := &BSSLoad{r.u16("station count"), r.u8("channel utilization"), r.u16("admission capacity")}
	if r.more() {
		r.fail("%d bytes too many", r.left())
	}
	return checked(l, r)
}

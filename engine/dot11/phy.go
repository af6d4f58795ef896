package dot11

import "encoding/binary"

// HTCapabilities is the HT Capabilities element (9.4.2.54), as far as used.
type HTCapabilities struct {
	Info   uint16 // HT Capability Information
	AMPDU  uint8
	MCS    [16]byte // Supported MCS Set
	ExtCap uint16
}

// HTInfoWidth40 is the bit of HTCapabilities.Info for 40 MHz support.
const HTInfoWidth40 = 1 << 1

// ParseHTCapabilities parses the body, at least 26 bytes.
func ParseHTCapabilities(body []byte) (*HTCapabilities, error) {
	r := newReader("HT Capabilities", body)
	c := &HTCapabilities{Info: r.u16("information"), AMPDU: r.u8("A-MPDU parameters")}
	copy(c.MCS[:], r.bytes(16, "MCS set"))
	c.ExtCap = r.u16("extended capabilities")
	r.bytes(5, "beamforming and antenna selection")
	return checked(c, r)
}

// Streams returns the number of receive spatial streams, 0 to 4.
func (c *HTCapabilities) Streams() int {
	n := 0
	for i := range 4 {
		if c.MCS[i] != 0 {
			n = i + 1
		}
	}
	return n
}

// HTOperation is the HT Operation element (9.4.2.55), as far as used.
type HTOperation struct {
	Primary   uint8 // channel number
	Secondary int8  // +1 secondary channel above, -1 below, 0 none
	AnyWidth  bool  // STA Channel Width: any supported width allowed
	Center2   uint8 // Channel Center Frequency Segment 2, for 160 and 80+80 MHz VHT
}

// ParseHTOperation parses the body, at least 22 bytes.
func ParseHTOperation(body []byte) (*HTOperation, error) {
	r := newReader("HT Operation", body)
	o := &HTOperation{Primary: r.u8("primary channel")}
	info := r.bytes(5, "operation information")
	r.bytes(16, "basic MCS set")
	if r.err != nil {
		return nil, r.err
	}
	switch info[0] & 3 {
	case 1:
		o.Secondary = 1
	case 3:
		o.Secondary = -1
	}
	o.AnyWidth = info[0]&4 != 0
	o.Center2 = uint8(binary.LittleEndian.Uint16(info[1:]) >> 5)
	return o, nil
}

// VHTCapabilities is the VHT Capabilities element (9.4.2.156).
type VHTCapabilities struct {
	Info      uint32
	RxMCSMap  uint16
	RxHighest uint16
	TxMCSMap  uint16
	TxHighest uint16
}

// ParseVHTCapabilities parses the body, at least 12 bytes.
func ParseVHTCapabilities(body []byte) (*VHTCapabilities, error) {
	r := newReader("VHT Capabilities", body)
	c := &VHTCapabilities{Info: r.u32("information"),
		RxMCSMap: r.u16("Rx MCS map"), RxHighest: r.u16("Rx highest rate"),
		TxMCSMap: r.u16("Tx MCS map"), TxHighest: r.u16("Tx highest rate")}
	return checked(c, r)
}

// mcsMapStreams counts the streams of a VHT or HE MCS map: two bits for each
// stream, 3 meaning not supported.
func mcsMapStreams(m uint16) int {
	n := 0
	for i := range 8 {
		if m>>(2*i)&3 != 3 {
			n = i + 1
		}
	}
	return n
}

// Streams returns the number of receive spatial streams, 0 to 8.
func (c *VHTCapabilities) Streams() int { return mcsMapStreams(c.RxMCSMap) }

// VHTOperation is the VHT Operation element (9.4.2.157).
type VHTOperation struct {
	Width   uint8 // 0: 20 or 40 MHz as HT says; 1: 80 MHz or more; 2, 3: deprecated 160 and 80+80 MHz
	Center0 uint8 // channel number of the centre, or of the first 80 MHz segment
	Center1 uint8
}

// ParseVHTOperation parses the body, at least 5 bytes.
func ParseVHTOperation(body []byte) (*VHTOperation, error) {
	r := newReader("VHT Operation", body)
	o := &VHTOperation{Width: r.u8("channel width"), Center0: r.u8("centre 0"), Center1: r.u8("centre 1")}
	r.bytes(2, "basic MCS set")
	return checked(o, r)
}

// MHz returns the operating width, 0 meaning 20 or 40 as HT Operation says.
func (o *VHTOperation) MHz() int {
	switch o.Width {
	case 1:
		gap := int(o.Center1) - int(o.Center0)
		if o.Center1 != 0 && (gap == 8 || gap == -8 || gap > 16 || gap < -16) {
			return 160
		}
		return 80
	case 2, 3:
		return 160
	}
	return 0
}

// HECapabilities is the HE Capabilities element (9.4.2.247), as far as used.
type HECapabilities struct {
	MAC      [6]byte
	PHY      [11]byte
	RxMCSMap [3]uint16 // up to 80 MHz, 160 MHz, 80+80 MHz; 0xffff where absent
}

// HE channel width bits in HECapabilities.PHY[0].
const (
	HEWidth40In2GHz = 1 << 1
	HEWidth80       = 1 << 2 // 40 and 80 MHz in 5 and 6 GHz
	HEWidth160      = 1 << 3
	HEWidth80Plus80 = 1 << 4
)

// ParseHECapabilities parses the body behind the extension identifier.
func ParseHECapabilities(body []byte) (*HECapabilities, error) {
	c := &HECapabilities{}
	if err := c.parse(body); err != nil {
		return nil, err
	}
	return c, nil
}

// parse fills c from the body.
func (c *HECapabilities) parse(body []byte) error {
	r := reader{what: "HE Capabilities", buf: body}
	c.RxMCSMap = [3]uint16{0xffff, 0xffff, 0xffff}
	copy(c.MAC[:], r.bytes(6, "MAC capabilities"))
	copy(c.PHY[:], r.bytes(11, "PHY capabilities"))
	c.RxMCSMap[0] = r.u16("Rx MCS map up to 80 MHz")
	r.u16("Tx MCS map up to 80 MHz")
	if c.PHY[0]&HEWidth160 != 0 {
		c.RxMCSMap[1] = r.u16("Rx MCS map 160 MHz")
		r.u16("Tx MCS map 160 MHz")
	}
	if c.PHY[0]&HEWidth80Plus80 != 0 {
		c.RxMCSMap[2] = r.u16("Rx MCS map 80+80 MHz")
		r.u16("Tx MCS map 80+80 MHz")
	}
	return r.err
}

// Streams returns the number of receive spatial streams, 0 to 8.
func (c *HECapabilities) Streams() int { return mcsMapStreams(c.RxMCSMap[0]) }

// HEOperation is the HE Operation element (9.4.2.248).
type HEOperation struct {
	Params       uint32 // 24 bits
	BSSColor     uint8
	BasicMCS     uint16
	VHT          *VHTOperation // VHT Operation Information, when present
	CoHosted     bool
	MaxCoHosted  uint8       // Max Co-Hosted BSSID Indicator, when CoHosted
	SixGHz       *SixGHzInfo // 6 GHz Operation Information, when present
	ColorOff     bool        // BSS color disabled
	PartialColor bool
}

// SixGHzInfo is the 6 GHz Operation Information field.
type SixGHzInfo struct {
	Primary uint8 // channel number
	Control uint8
	Center0 uint8
	Center1 uint8
	MinRate uint8 // Mbit/s
}

// MHz returns the operating width.
func (s *SixGHzInfo) MHz() int { return 20 << (s.Control & 3) }

// ParseHEOperation parses the body behind the extension identifier.
func ParseHEOperation(body []byte) (*HEOperation, error) {
	r := newReader("HE Operation", body)
	var o HEOperation
	if b := r.bytes(3, "parameters"); b != nil {
		o.Params = uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16
	}
	color := r.u8("BSS color")
	o.BSSColor, o.PartialColor, o.ColorOff = color&0x3f, color&0x40 != 0, color&0x80 != 0
	o.BasicMCS = r.u16("basic MCS set")
	if o.Params&(1<<14) != 0 {
		o.VHT = &VHTOperation{r.u8("VHT width"), r.u8("VHT centre 0"), r.u8("VHT centre 1")}
	}
	if o.Params&(1<<15) != 0 {
		o.CoHosted, o.MaxCoHosted = true, r.u8("max co-hosted BSSID indicator")
	}
	if o.Params&(1<<17) != 0 {
		o.SixGHz = &SixGHzInfo{r.u8("6 GHz primary"), r.u8("6 GHz control"),
			r.u8("6 GHz centre 0"), r.u8("6 GHz centre 1"), r.u8("6 GHz minimum rate")}
	}
	return checked(&o, r)
}

// EHTCapabilities is the EHT Capabilities element (9.4.2.323), fixed part.
type EHTCapabilities struct {
	MAC [2]byte
	PHY [9]byte
	MCS []byte // Supported EHT-MCS And NSS Set and PPE thresholds
}

// EHT320In6GHz is the bit of EHTCapabilities.PHY[0] for 320 MHz support.
const EHT320In6GHz = 1 << 1

// ParseEHTCapabilities parses the body behind the extension identifier.
func ParseEHTCapabilities(body []byte) (*EHTCapabilities, error) {
	r := newReader("EHT Capabilities", body)
	c := &EHTCapabilities{}
	copy(c.MAC[:], r.bytes(2, "MAC capabilities"))
	copy(c.PHY[:], r.bytes(9, "PHY capabilities"))
	c.MCS = r.rest()
	return checked(c, r)
}

// EHTOperation is the EHT Operation element (9.4.2.321).
type EHTOperation struct {
	Params   uint8
	BasicMCS [4]byte
	Info     bool  // the operation information fields below are present
	Width    uint8 // 0 to 4: 20, 40, 80, 160, 320 MHz
	Center0  uint8
	Center1  uint8
	Disabled uint16 // Disabled Subchannel Bitmap: bit n for the n-th 20 MHz from below
}

// ParseEHTOperation parses the body behind the extension identifier.
func ParseEHTOperation(body []byte) (*EHTOperation, error) {
	r := newReader("EHT Operation", body)
	o := &EHTOperation{Params: r.u8("parameters")}
	copy(o.BasicMCS[:], r.bytes(4, "basic MCS set"))
	if r.err == nil && o.Params&1 != 0 {
		o.Info = true
		o.Width = r.u8("control") & 7
		o.Center0, o.Center1 = r.u8("centre 0"), r.u8("centre 1")
		if o.Params&2 != 0 {
			o.Disabled = r.u16("disabled subchannel bitmap")
		}
	}
	return checked(o, r)
}

// MHz returns the operating width; 0 when Info is false or the value reserved.
func (o *EHTOperation) MHz() int {
	if !o.Info || o.Width > 4 {
		return 0
	}
	return 20 << o.Width
}

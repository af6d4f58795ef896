package simap

import (
	"encoding/binary"

	"gosupplicant/engine/dot11"
)

// streams is the number of spatial streams every simulated AP has.
const streams = 2

// segment returns the channel number of the centre of the block of width MHz
// that holds the primary channel.
func segment(band dot11.Band, ch, width int) int {
	if band == dot11.Band2GHz || width <= 20 {
		return ch
	}
	first := 36 // numbering starts of 5 GHz blocks
	switch {
	case band == dot11.Band6GHz:
		first = 1
	case ch >= 149:
		first = 149
	}
	n := width / 5 // channel numbers a block spans
	return first + (ch-first)/n*n + n/2 - 2
}

// secondary returns +1, -1 or 0: the side of the second 20 MHz channel.
func (c *Config) secondary(band dot11.Band, ch int) int {
	if c.Width < 40 {
		return 0
	}
	if band == dot11.Band2GHz {
		if ch <= 7 {
			return 1
		}
		return -1
	}
	if segment(band, ch, 40) > ch {
		return 1
	}
	return -1
}

// appendHT appends HT Capabilities and HT Operation (9.4.2.54, 9.4.2.55),
// which 6 GHz does not have.
func (c *Config) appendHT(b []byte, band dot11.Band, ch int) []byte {
	if c.Phy < PhyHT || band == dot11.Band6GHz {
		return b
	}
	info := uint16(0x01ac) // SM power save off, short GI 20, TX STBC, RX STBC 1
	if c.Width >= 40 {
		info |= 1<<1 | 1<<6
	}
	body := binary.LittleEndian.AppendUint16(nil, info)
	body = append(body, 0x17)
	mcs := make([]byte, 16)
	for i := range streams {
		mcs[i] = 0xff
	}
	body = append(append(body, mcs...), make([]byte, 7)...)
	b = dot11.AppendElement(b, dot11.ElementHTCapabilities, body...)

	op := make([]byte, 22)
	op[0] = byte(ch)
	switch c.secondary(band, ch) {
	case 1:
		op[1] = 1 | 1<<2
	case -1:
		op[1] = 3 | 1<<2
	}
	return dot11.AppendElement(b, dot11.ElementHTOperation, op...)
}

// vhtMCS is an MCS map: two bits a stream, 2 meaning MCS 0 to 9.
func vhtMCS() uint16 {
	m := uint16(0xffff)
	for i := range streams {
		m = m&^(3<<(2*i)) | 2<<(2*i)
	}
	return m
}

// appendVHT appends VHT Capabilities and VHT Operation (9.4.2.156, 9.4.2.157).
func (c *Config) appendVHT(b []byte, band dot11.Band, ch int) []byte {
	if c.Phy < PhyVHT || band != dot11.Band5GHz {
		return b
	}
	info := uint32(0x0f8001b2) // MPDU 11454, RX LDPC, short GI 80, TX STBC, RX STBC 1, A-MPDU
	if c.Width >= 160 {
		info |= 1<<2 | 1<<6
	}
	body := binary.LittleEndian.AppendUint32(nil, info)
	for range 2 { // receive, transmit; highest rate 0 = derived from the map
		body = binary.LittleEndian.AppendUint16(body, vhtMCS())
		body = binary.LittleEndian.AppendUint16(body, 0)
	}
	b = dot11.AppendElement(b, dot11.ElementVHTCapabilities, body...)

	op := []byte{0, 0, 0}
	if c.Width >= 80 {
		op[0], op[1] = 1, byte(segment(band, ch, 80))
	}
	if c.Width >= 160 {
		op[2] = byte(segment(band, ch, 160))
	}
	op = binary.LittleEndian.AppendUint16(op, 0xfffc) // basic: MCS 0 to 7, one stream
	return dot11.AppendElement(b, dot11.ElementVHTOperation, op...)
}

// appendHE appends HE Capabilities, HE Operation and on 6 GHz the HE 6 GHz
// Band Capabilities (9.4.2.247, 9.4.2.248, 9.4.2.261).
func (c *Config) appendHE(b []byte, band dot11.Band, ch int) []byte {
	if c.Phy < PhyHE {
		return b
	}
	mac := []byte{0x01, 0x00, 0x08, 0x9a, 0x00, 0x10}
	phy := make([]byte, 11)
	switch {
	case band == dot11.Band2GHz:
		phy[0] = 1 << 1
	case c.Width >= 160:
		phy[0] = 1<<2 | 1<<3
	default:
		phy[0] = 1 << 2
	}
	phy[1], phy[2] = 0x20, 0x0e // LDPC; NDP 4x, STBC
	body := append(mac, phy...)
	maps := 1
	if c.Width >= 160 {
		maps = 2
	}
	for range 2 * maps {
		body = binary.LittleEndian.AppendUint16(body, vhtMCS())
	}
	b = dot11.AppendExtElement(b, dot11.ExtIDHECapabilities, body...)
	b = dot11.AppendExtElement(b, dot11.ExtIDHEOperation, c.heOperation(band, ch)...)
	if band == dot11.Band6GHz {
		b = dot11.AppendExtElement(b, dot11.ExtIDHE6GHzBandCapabilities, 0xb9, 0x00)
	}
	return b
}

// heOperation returns the body: parameters (3), BSS colour, basic MCS set (2),
// and on 6 GHz primary channel, control, two centres and minimum rate.
func (c *Config) heOperation(band dot11.Band, ch int) []byte {
	op := []byte{0xf0, 0x3f, 0x00, c.BSSID[5]&0x3f | 1, 0xfc, 0xff}
	if band != dot11.Band6GHz {
		return op
	}
	op[2] |= 1 << 1 // 6 GHz Operation Information present
	width, seg1 := byte(0), byte(0)
	seg0 := byte(segment(band, ch, min(c.Width, 80)))
	switch {
	case c.Width >= 160:
		width, seg1 = 3, byte(segment(band, ch, 160))
	case c.Width >= 80:
		width = 2
	case c.Width >= 40:
		width = 1
	}
	return append(op, byte(ch), width, seg0, seg1, 6)
}

// appendEHT appends EHT Operation and EHT Capabilities (9.4.2.321, 9.4.2.323).
func (c *Config) appendEHT(b []byte, band dot11.Band) []byte {
	if c.Phy < PhyEHT {
		return b
	}
	_, ch := dot11.Channel(c.Freq)
	width := map[int]byte{20: 0, 40: 1, 80: 2, 160: 3, 320: 4}[c.Width]
	op := []byte{1, 0x11, 0, 0, 0, width, byte(segment(band, ch, c.Width)), 0}
	if c.Width >= 160 {
		op[6], op[7] = byte(segment(band, ch, c.Width/2)), byte(segment(band, ch, c.Width))
	}
	b = dot11.AppendExtElement(b, dot11.ExtIDEHTOperation, op...)

	body := make([]byte, 2+9) // MAC and PHY capabilities
	if c.Width >= 320 {
		body[2] |= 1 << 1
	}
	maps := 1
	for w := 160; w <= c.Width; w *= 2 {
		maps++
	}
	for range 3 * maps { // receive and transmit streams for MCS 0-9, 10-11, 12-13
		body = append(body, streams|streams<<4)
	}
	return dot11.AppendExtElement(b, dot11.ExtIDEHTCapabilities, body...)
}

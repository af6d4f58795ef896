package ctrl

import (
	"gosupplicant/engine"
	"gosupplicant/engine/dot11"
)

// phy is what the elements of one side of an association say of its radio; the
// zero value is that of a legacy one.
type phy struct {
	generation int // 0 legacy, 4 HT, 5 VHT, 6 HE, 7 EHT
	rx, tx     int // spatial streams, at least 1
	width      int // MHz it can use
}

// ofElements reads the capability elements (9.4.2.54, .156, .247 and .323 of
// IEEE 802.11-2024). Elements that are too short count as absent.
func ofElements(es dot11.Elements) phy {
	p := phy{rx: 1, tx: 1, width: 20}
	if b, ok := es.Find(dot11.ElementHTCapabilities); ok && len(b) >= 26 {
		p.raise(4, countMCS(b[3:7]), htTx(b), 20+20*int(b[0]>>1&1))
	}
	if b, ok := es.Find(dot11.ElementVHTCapabilities); ok && len(b) >= 12 {
		width := 80
		if b[0]>>2&3 != 0 {
			width = 160
		}
		p.raise(5, streams(b[4], b[5]), streams(b[8], b[9]), width)
	}
	if b, ok := es.FindExt(dot11.ExtIDHECapabilities); ok && len(b) >= 21 {
		p.raise(6, streams(b[17], b[18]), streams(b[19], b[20]), heWidth(b[6]))
	}
	if b, ok := es.FindExt(dot11.ExtIDEHTCapabilities); ok && len(b) >= 12 {
		width := 20
		if b[2]>>1&1 != 0 {
			width = 320
		}
		p.raise(7, int(b[11]&15), int(b[11]>>4), width)
	}
	return p
}

func (p *phy) raise(generation, rx, tx, width int) {
	p.generation = generation
	p.rx, p.tx, p.width = max(p.rx, rx), max(p.tx, tx), max(p.width, width)
}

// countMCS counts the streams of an HT receive MCS bitmap.
func countMCS(mask []byte) (n int) {
	for k, m := range mask {
		if m != 0 {
			n = k + 1
		}
	}
	return n
}

// htTx is the number of streams sent: that of the receiver unless it is told apart.
func htTx(b []byte) int {
	if b[15]&3 == 3 {
		return int(b[15]>>2&3) + 1
	}
	return countMCS(b[3:7])
}

// streams counts those of a VHT or HE MCS map: two bits each, 3 for none.
func streams(low, high byte) (n int) {
	m := int(low) | int(high)<<8
	for k := range 8 {
		if m>>(2*k)&3 != 3 {
			n = k + 1
		}
	}
	return n
}

// heWidth reads the channel width set of the HE PHY capabilities.
func heWidth(b byte) int {
	switch {
	case b&(1<<3|1<<4) != 0:
		return 160
	case b&(1<<2) != 0:
		return 80
	case b&(1<<1) != 0:
		return 40
	}
	return 20
}

// operatingWidth is the width of the channel in MHz that the operation elements
// of an access point tell (9.4.2.55, .157, .248 and .321).
func operatingWidth(es dot11.Elements) int {
	width := 20
	if b, ok := es.Find(dot11.ElementHTOperation); ok && len(b) >= 2 && b[1]&3 != 0 {
		width = 40
	}
	if b, ok := es.Find(dot11.ElementVHTOperation); ok && len(b) >= 3 {
		width = max(width, vhtWidth(b[0], b[1], b[2]))
	}
	if b, ok := es.FindExt(dot11.ExtIDHEOperation); ok {
		width = max(width, heOperatingWidth(b))
	}
	if b, ok := es.FindExt(dot11.ExtIDEHTOperation); ok && len(b) >= 6 && b[0]&1 != 0 {
		width = max(width, 20<<min(b[5]&7, 4))
	}
	return width
}

// vhtWidth reads VHT operation information: its width and the two segments.
func vhtWidth(width, seg0, seg1 byte) int {
	switch width {
	case 1:
		if gap := int(seg1) - int(seg0); seg1 != 0 && (gap == 8 || gap == -8 || gap == 16 || gap == -16) {
			return 160
		}
		return 80
	case 2, 3:
		return 160
	}
	return 20
}

// heOperatingWidth finds the 6 GHz operation information behind optional parts.
func heOperatingWidth(b []byte) int {
	if len(b) < 6 || b[2]>>1&1 == 0 {
		return 20
	}
	off := 6
	if b[1]>>6&1 != 0 {
		off += 3 // VHT operation information
	}
	if b[1]>>7 != 0 {
		off++ // co-hosted BSSs
	}
	if len(b) < off+5 {
		return 20
	}
	return 20 << (b[off+1] & 3)
}

// phyOf is what both sides of an association have; false when its elements are
// not known.
func phyOf(k *engine.LinkInfo) (phy, bool) {
	if len(k.ReqIEs) == 0 || len(k.RespIEs) == 0 {
		return phy{}, false
	}
	own, ap := ofElements(k.ReqIEs), ofElements(k.RespIEs)
	return phy{
		generation: min(own.generation, ap.generation),
		rx:         min(own.rx, ap.tx), tx: min(own.tx, ap.rx),
		width: min(own.width, operatingWidth(k.RespIEs)),
	}, true
}

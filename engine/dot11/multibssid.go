package dot11

import "slices"

// NontransmittedBSS is one BSS that a Multiple BSSID element announces on
// behalf of the transmitting one (9.4.2.44).
type NontransmittedBSS struct {
	Index    uint8 // BSSID index, from 1
	BSSID    MAC
	Caps     Caps
	SSID     SSID
	Profile  Elements // elements that differ from the transmitting BSS
	Elements Elements // all elements, with those inherited (11.1.3.8.4)
}

// ParseMultipleBSSID derives the nontransmitted BSSs from the elements of a
// beacon or probe response sent by bssid. Profiles split over several elements
// are joined. A profile without capabilities, SSID or index is left out, as
// the standard has a station ignore it.
func ParseMultipleBSSID(bssid MAC, es Elements) ([]NontransmittedBSS, error) {
	var out []NontransmittedBSS
	var open []byte // profile not finished yet
	maxIndicator := uint8(0)
	flush := func() {
		if b, ok := nontransmitted(bssid, maxIndicator, open, es); ok {
			out = append(out, b)
		}
		open = nil
	}
	for e := range es.All() {
		if e.ID != ElementMultipleBSSID {
			continue
		}
		r := newReader("Multiple BSSID", e.Data)
		maxIndicator = r.u8("max BSSID indicator")
		if r.err == nil && (maxIndicator == 0 || maxIndicator > 8) {
			r.fail("max BSSID indicator %d out of 1 to 8", maxIndicator)
		}
		for r.more() {
			id, n := r.u8("subelement identifier"), int(r.u8("subelement length"))
			body := r.bytes(n, "subelement")
			if r.err != nil || id != 0 {
				continue
			}
			if len(body) >= 1 && ElementID(body[0]) == ElementNontransmittedBSSIDCapability {
				flush()
			}
			open = append(open[:len(open):len(open)], body...)
		}
		if r.err != nil {
			return nil, r.err
		}
	}
	flush()
	return out, nil
}

// nontransmitted builds the BSS of one joined profile.
func nontransmitted(ref MAC, maxIndicator uint8, profile []byte, parent Elements) (NontransmittedBSS, bool) {
	p := Elements(profile)
	caps, ok1 := p.Find(ElementNontransmittedBSSIDCapability)
	ssid, ok2 := p.Find(ElementSSID)
	index, ok3 := p.Find(ElementMultipleBSSIDIndex)
	if !ok1 || !ok2 || !ok3 || len(caps) < 2 || len(index) < 1 || index[0] == 0 || len(ssid) > MaxSSIDLen {
		return NontransmittedBSS{}, false
	}
	mask := byte(1<<maxIndicator - 1) // indicator 8 gives 0xff
	addr := ref
	addr[5] = ref[5]&^mask | (ref[5]+index[0])&mask
	return NontransmittedBSS{
		Index: index[0], BSSID: addr, Caps: Caps(caps[0]) | Caps(caps[1])<<8, SSID: ssid,
		Profile: p, Elements: inherit(parent, p),
	}, true
}

// inherit merges a profile into the parent's elements: an element of the
// profile stands in for all of the same kind, those named by Non-Inheritance
// are dropped, and so are the elements that only describe the profile.
func inherit(parent, profile Elements) Elements {
	var ids, exts []byte
	if b, ok := profile.FindExt(ExtIDNonInheritance); ok {
		ids, exts = parseNonInheritance(b)
	}
	own := map[uint32]bool{}
	for e := range profile.All() {
		own[e.kind()] = true
	}
	var out Elements
	if b, ok := profile.Find(ElementSSID); ok {
		out = AppendElement(out, ElementSSID, b...)
	}
	for e := range parent.All() {
		switch {
		case e.ID == ElementSSID, e.ID == ElementMultipleBSSID, own[e.kind()]:
		case e.ID == ElementExtension && slices.Contains(exts, byte(e.Ext)):
		case e.ID != ElementExtension && slices.Contains(ids, byte(e.ID)):
		default:
			out = append(out, e.raw...)
		}
	}
	for e := range profile.All() {
		switch {
		case e.ID == ElementSSID, e.ID == ElementNontransmittedBSSIDCapability:
		case e.ID == ElementExtension && e.Ext == ExtIDNonInheritance:
		default:
			out = append(out, e.raw...)
		}
	}
	return out
}

// kind tells elements apart for inheritance: identifier, extension, and for
// vendor elements OUI and type.
func (e Element) kind() uint32 {
	switch {
	case e.ID == ElementExtension:
		return uint32(e.ID)<<8 | uint32(e.Ext)
	case e.ID == ElementVendorSpecific && len(e.Data) >= 4:
		return uint32(readSuite(e.Data)) | 1<<31
	}
	return uint32(e.ID) << 8
}

// parseNonInheritance reads the two lists: count, identifiers, count, extension
// identifiers. A list cut short is taken as far as it goes.
func parseNonInheritance(b []byte) (ids, exts []byte) {
	if len(b) == 0 {
		return nil, nil
	}
	n := min(int(b[0]), len(b)-1)
	ids, b = b[1:1+n], b[1+n:]
	if len(b) == 0 {
		return ids, nil
	}
	n = min(int(b[0]), len(b)-1)
	return ids, b[1 : 1+n]
}

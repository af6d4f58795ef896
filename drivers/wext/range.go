package wext

import (
	"fmt"

	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
)

// deviceRange is what is used of struct iw_range.
type deviceRange struct {
	scanCapa    uint8
	weCompiled  uint8 // version of the extensions the kernel was built with
	weSource    uint8 // version the driver was written for
	maxQual     quality
	frequencies []int // MHz, at most 32
	encCapa     uint32
}

// Offsets in struct iw_range of version 18 and later, 568 bytes. Earlier
// kernels end before encCapa.
const (
	rangeScanCapa   = 15
	rangeMaxQual    = 44
	rangeWECompiled = 280
	rangeWESource   = 281
	rangeNumFreq    = 306
	rangeFreq       = 308
	rangeEncCapa    = 564
	rangeSize       = 568

	encCapaWPA  = 1 << 0
	encCapaWPA2 = 1 << 1
	encCapaTKIP = 1 << 2
	encCapaCCMP = 1 << 3

	scanCapaESSID = 1 << 0
)

// parseRange reads the answer of SIOCGIWRANGE. Versions before 16 have
// another layout and are refused.
func parseRange(b []byte) (*deviceRange, error) {
	if len(b) <= rangeNumFreq {
		return nil, fmt.Errorf("wext: range of %d bytes, at least %d", len(b), rangeNumFreq+1)
	}
	r := &deviceRange{scanCapa: b[rangeScanCapa], weCompiled: b[rangeWECompiled], weSource: b[rangeWESource],
		maxQual: quality{b[rangeMaxQual], b[rangeMaxQual+1], b[rangeMaxQual+2], b[rangeMaxQual+3]}}
	if r.weCompiled < 16 {
		return nil, fmt.Errorf("wext: range of version %d, at least 16", r.weCompiled)
	}
	n := int(b[rangeNumFreq])
	for i := 0; i < min(n, maxChannels); i++ {
		at := rangeFreq + 8*i
		if at+6 > len(b) {
			return nil, fmt.Errorf("wext: range of %d bytes with %d frequencies", len(b), n)
		}
		if f := freqMHz(int32(order.Uint32(b[at:])), int16(order.Uint16(b[at+4:]))); f != 0 {
			r.frequencies = append(r.frequencies, f)
		}
	}
	if len(b) >= rangeSize && r.weCompiled >= 18 {
		r.encCapa = order.Uint32(b[rangeEncCapa:])
	}
	return r, nil
}

// capability translates the range. Suites follow from the coarse encryption
// bits: what wireless extensions can configure at all.
func (r *deviceRange) capability() *drivers.Capability {
	c := &drivers.Capability{Modes: drivers.ModeStation, MaxScanSSIDs: 1, Enc: drivers.EncWEP40 | drivers.EncWEP104}
	ciphers := []dot11.Cipher{dot11.CipherWEP40, dot11.CipherWEP104}
	if r.encCapa&encCapaTKIP != 0 {
		c.Enc |= drivers.EncTKIP
		ciphers = append(ciphers, dot11.CipherTKIP)
	}
	if r.encCapa&encCapaCCMP != 0 {
		c.Enc |= drivers.EncCCMP
		ciphers = append(ciphers, dot11.CipherCCMP)
	}
	for _, ci := range ciphers {
		s, _ := ci.RSNSuite()
		c.Ciphers = append(c.Ciphers, uint32(s))
	}
	if r.encCapa&(encCapaWPA|encCapaWPA2) != 0 {
		for _, a := range []dot11.AKM{dot11.AKMEAP, dot11.AKMPSK} {
			s, _ := a.RSNSuite()
			c.AKMs = append(c.AKMs, uint32(s))
		}
	}
	return c
}

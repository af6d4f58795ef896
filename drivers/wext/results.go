package wext

import (
	"bytes"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
)

// maxIEs bounds the elements collected for one BSS.
const maxIEs = 8192

// entry is a BSS being put together from events.
type entry struct {
	res     drivers.ScanResult
	ssid    []byte
	maxRate int // bit/s
	master  bool
	adhoc   bool
	privacy bool
}

// parseResults turns the answer of SIOCGIWSCAN into results. Events before the
// first address, and those not known, are skipped; a malformed stream gives
// the results before the fault together with the error.
func (l layout) parseResults(b []byte) ([]drivers.ScanResult, error) {
	var out []drivers.ScanResult
	var cur *entry
	finish := func() {
		if cur != nil {
			out = append(out, cur.result())
		}
	}
	var fault error
	for e, err := range l.events(b) {
		if err != nil {
			fault = err
			break
		}
		if e.cmd == cmdGetAP {
			finish()
			cur = &entry{}
			cur.res.Flags = drivers.ResultQualInvalid | drivers.ResultNoiseInvalid | drivers.ResultLevelInvalid
			if len(e.fixed) >= 8 { // sockaddr: family, address
				copy(cur.res.BSSID[:], e.fixed[2:])
			}
			continue
		}
		if cur != nil {
			cur.add(e)
		}
	}
	finish()
	return out, fault
}

// add takes one event about the BSS.
func (n *entry) add(e event) {
	switch e.cmd {
	case cmdGetMode:
		if len(e.fixed) >= 4 {
			mode := order.Uint32(e.fixed)
			n.master, n.adhoc = mode == modeMaster || mode == modeInfra, mode == modeAdHoc
		}
	case cmdGetESSID:
		if len(e.data) <= maxESSID {
			n.ssid = bytes.Clone(e.data)
		}
	case cmdGetFreq:
		n.addFreq(e.fixed)
	case evQual:
		n.addQual(e.fixed)
	case cmdGetEnc:
		n.privacy = e.flags&encodeDisabled == 0
	case cmdGetRate:
		n.addRates(e.fixed)
	case evGenIE:
		n.addIEs(e.data)
	case evCustom:
		n.addCustom(string(e.data))
	}
}

// addFreq keeps a frequency over a channel number, which kernels send both.
func (n *entry) addFreq(b []byte) {
	if len(b) < 6 {
		return
	}
	m, e := int32(order.Uint32(b)), int16(order.Uint16(b[4:]))
	f := freqMHz(m, e)
	if f != 0 && (n.res.Freq == 0 || e > 0 || m > 1000) {
		n.res.Freq = f
	}
}

// addQual reads struct iw_quality: quality, level, noise, flags.
func (n *entry) addQual(b []byte) {
	if len(b) < 4 {
		return
	}
	q := quality{b[0], b[1], b[2], b[3]}
	n.res.Qual, n.res.Level, n.res.Noise, n.res.Flags = q.values()
}

// quality is struct iw_quality.
type quality struct{ qual, level, noise, updated byte }

// values gives the numbers their meaning: in dBm the bytes are signed, and by
// convention positive ones stand for values below -128 wrapped around.
func (q quality) values() (qual, level, noise int, flags drivers.ResultFlags) {
	qual, level, noise = int(q.qual), int(q.level), int(q.noise)
	for _, f := range []struct {
		bit  byte
		flag drivers.ResultFlags
	}{{qualQualInvalid, drivers.ResultQualInvalid}, {qualLevelInvalid, drivers.ResultLevelInvalid},
		{qualNoiseInvalid, drivers.ResultNoiseInvalid}, {qualDBm, drivers.ResultLevelDBm}} {
		if q.updated&f.bit != 0 {
			flags |= f.flag
		}
	}
	if q.updated&qualDBm != 0 {
		level, noise = dBm(q.level), dBm(q.noise)
	}
	return qual, level, noise, flags
}

// dBm decodes a level byte: -192 to 63.
func dBm(b byte) int {
	if b >= 64 {
		return int(b) - 256
	}
	return int(b)
}

// addRates keeps the largest of a list of struct iw_param (value, 4 bytes more).
func (n *entry) addRates(b []byte) {
	for ; len(b) >= 8; b = b[8:] {
		n.maxRate = max(n.maxRate, int(int32(order.Uint32(b))))
	}
}

func (n *entry) addIEs(b []byte) {
	if len(n.res.IEs)+len(b) <= maxIEs {
		n.res.IEs = append(n.res.IEs, b...)
	}
}

// addCustom reads the texts that drivers have agreed on.
func (n *entry) addCustom(s string) {
	s = strings.TrimRight(s, "\x00")
	if v, ok := cutAny(s, "wpa_ie=", "rsn_ie="); ok {
		if b, err := hex.DecodeString(v); err == nil && dot11.Elements(b).Check() == nil {
			n.addIEs(b)
		}
	} else if v, ok := cutAny(s, "tsf="); ok {
		if u, err := strconv.ParseUint(v, 16, 64); err == nil {
			n.res.TSF = u
		}
	} else if v, ok := cutAny(s, "bcn_int="); ok {
		if u, err := strconv.ParseUint(v, 10, 16); err == nil {
			n.res.BeaconInterval = uint16(u)
		}
	} else if v, ok := cutAny(s, " Last beacon: "); ok { // cfg80211
		if u, err := strconv.ParseUint(strings.TrimSuffix(v, "ms ago"), 10, 32); err == nil {
			n.res.Age = time.Duration(u) * time.Millisecond
		}
	}
}

func cutAny(s string, prefixes ...string) (string, bool) {
	for _, p := range prefixes {
		if v, ok := strings.CutPrefix(s, p); ok {
			return v, true
		}
	}
	return "", false
}

// result completes the entry: elements that old drivers do not give are made
// from what they do give, and the capability field from mode and encryption.
func (n *entry) result() drivers.ScanResult {
	r := n.res
	es := dot11.Elements(r.IEs)
	var front []byte
	if !es.Has(dot11.ElementSSID) {
		front = dot11.AppendElement(front, dot11.ElementSSID, n.ssid...)
	}
	if rate := n.maxRate / 500_000; rate > 0 && rate < 128 && !es.Has(dot11.ElementSupportedRates) {
		front = dot11.AppendElement(front, dot11.ElementSupportedRates, byte(rate))
	}
	if front != nil {
		r.IEs = append(front, r.IEs...)
	}
	var caps dot11.Caps
	switch {
	case n.adhoc:
		caps = dot11.CapIBSS
	case n.master:
		caps = dot11.CapESS
	}
	if n.privacy {
		caps |= dot11.CapPrivacy
	}
	r.Capability = uint16(caps)
	return r
}

package ctrl

import (
	"encoding/hex"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"

	"gosupplicant/engine/bss"
	"gosupplicant/engine/dot11"
)

var bssCommands = []command{
	{"BSS", withArg, onIface, (*request).bss, "details of BSSs"},
	{"BSS_FLUSH", withArg, onIface, numeric(0, maxInt, func(r *request, n int) error { r.iface.FlushBSS(n); return nil }), "drops BSSs by age"},
	{"BSS_EXPIRE_AGE", withArg, onIface, numeric(10, maxInt, func(r *request, n int) error { return r.iface.SetBSSExpireAge(n) }), "age at which BSSs go"},
	{"BSS_EXPIRE_COUNT", withArg, onIface, numeric(1, maxInt, func(r *request, n int) error { return r.iface.SetBSSExpireCount(n) }), "scans without sight after which BSSs go"},
	{"BSSID_IGNORE", exact | withArg, onIface, (*request).bssidIgnore, "list of ignored BSSIDs"},
	{"BLACKLIST", exact | withArg, onIface, (*request).bssidIgnore, "old name of BSSID_IGNORE"},
}

// Bits of MASK, in the order of the lines.
const (
	bssID = 1 << iota
	bssBSSID
	bssFreq
	bssBeaconInt
	bssCapabilities
	bssQual
	bssNoise
	bssLevel
	bssTSF
	bssAge
	bssIE
	bssFlags
	bssSSID
	bssWPS
	bssP2P
	bssANQP
	bssWFD
	bssDelimiter
	bssMesh
	bssSNR
	bssThroughput
	bssFST
	bssUpdateIndex
	bssBeaconIE
	bssFILS
	bssNeighbors
	bssMultiLink
	bssMLDAddress
	bssDefault = 0xffffffff &^ bssDelimiter
)

// bss: BSS <which> [MASK=<hex>]. What is not found gives an empty reply.
func (r *request) bss() string {
	which, mask := r.arg, uint64(bssDefault)
	if head, tail, ok := strings.Cut(r.arg, "MASK="); ok {
		word, rest, _ := strings.Cut(tail, " ")
		if m, err := strconv.ParseUint(strings.TrimPrefix(strings.TrimPrefix(word, "0x"), "0X"), 16, 32); err == nil && m != 0 {
			mask = m
		}
		which = head + rest
	}
	l := r.list()
	for b := range r.selectBSS(strings.TrimSpace(which)) {
		if !l.add(string(r.appendBSS(nil, b, mask))) {
			break
		}
	}
	return l.String()
}

// selectBSS finds the entries that an argument of BSS means.
func (r *request) selectBSS(which string) iter.Seq[*bss.BSS] {
	t := r.iface.BSSs()
	if rng, ok := strings.CutPrefix(which, "RANGE="); ok {
		return rangeOf(t, rng)
	}
	return func(yield func(*bss.BSS) bool) {
		if b := r.oneBSS(t, which); b != nil {
			yield(b)
		}
	}
}

func rangeOf(t *bss.Table, rng string) iter.Seq[*bss.BSS] {
	low, high := uint32(0), uint32(1<<32-1)
	ok := rng == "ALL"
	if from, to, isRange := strings.Cut(rng, "-"); isRange {
		a, okA := bssNumber(from, 0)
		b, okB := bssNumber(to, high)
		low, high, ok = a, b, okA && okB && rng != "-"
	}
	return func(yield func(*bss.BSS) bool) {
		for b := range t.All() {
			if ok && b.ID >= low && b.ID <= high && !yield(b) {
				return
			}
		}
	}
}

// bssNumber reads an identifier; without one it is def.
func bssNumber(s string, def uint32) (uint32, bool) {
	if s == "" {
		return def, true
	}
	n, err := strconv.ParseUint(s, 10, 32)
	return uint32(n), err == nil
}

func (r *request) oneBSS(t *bss.Table, which string) *bss.BSS {
	switch which {
	case "FIRST":
		return t.At(0)
	case "LAST":
		return t.At(t.Len() - 1)
	case "CURRENT":
		return r.iface.CurrentBSS()
	}
	if word, ok := strings.CutPrefix(which, "ID-"); ok {
		if n, ok := bssNumber(word, 0); ok && word != "" {
			return t.ByID(n)
		}
		return nil
	}
	if word, ok := strings.CutPrefix(which, "NEXT-"); ok {
		if n, ok := bssNumber(word, 0); ok && word != "" && t.ByID(n) != nil {
			return t.After(n)
		}
		return nil
	}
	if mac, err := dot11.ParseMAC(which); err == nil {
		return t.Latest(mac)
	}
	if n, err := number(which, 0, maxInt); err == nil {
		return t.At(n)
	}
	return nil
}

// appendBSS appends the lines of an entry that mask selects.
func (r *request) appendBSS(dst []byte, b *bss.BSS, mask uint64) []byte {
	add := func(bit uint64, format string, args ...any) {
		if mask&bit != 0 {
			dst = fmt.Appendf(dst, format, args...)
		}
	}
	add(bssID, "id=%d\n", b.ID)
	add(bssBSSID, "bssid=%v\n", b.BSSID)
	add(bssFreq, "freq=%d\n", b.Freq)
	add(bssBeaconInt, "beacon_int=%d\n", b.BeaconInt)
	add(bssCapabilities, "capabilities=0x%04x\n", uint16(b.Caps))
	add(bssQual, "qual=%d\n", b.Qual)
	add(bssNoise, "noise=%d\n", b.Noise)
	add(bssLevel, "level=%d\n", b.Level)
	add(bssTSF, "tsf=%016d\n", b.TSF)
	add(bssAge, "age=%d\n", int64(b.Age(r.srv.sup.Loop().Now())/time.Second))
	add(bssIE, "ie=%s\n", hex.EncodeToString(b.IEs))
	if mask&bssFlags != 0 {
		dst = append(dst, "flags="...)
		dst = append(b.AppendFlags(dst, r.iface.MACAddress(), false), '\n')
	}
	if mask&bssSSID != 0 {
		dst = append(dst, "ssid="...)
		dst = append(dot11.AppendEscaped(dst, b.SSID), '\n')
	}
	if mask&bssWPS != 0 {
		dst = appendWPS(dst, b)
	}
	if mask&bssMesh != 0 {
		dst = appendMesh(dst, b)
	}
	add(bssSNR, "snr=%d\n", b.SNR)
	add(bssThroughput, "est_throughput=%d\n", b.EstThroughput)
	add(bssUpdateIndex, "update_idx=%d\n", b.UpdateIndex)
	if len(b.BeaconIEs) > 0 {
		add(bssBeaconIE, "beacon_ie=%s\n", hex.EncodeToString(b.BeaconIEs))
	}
	if mask&bssFILS != 0 {
		dst = appendFILS(dst, b)
	}
	if b.HasMLD {
		add(bssMLDAddress, "ap_mld_addr=%v\n", b.MLDAddr)
	}
	t := r.iface.BSSs()
	if t.At(t.Len()-1) == b {
		add(bssDelimiter, "####\n")
	} else {
		add(bssDelimiter, "====\n")
	}
	return dst
}

// bssidIgnore: without argument the list, "clear", or a BSSID to add.
func (r *request) bssidIgnore() string {
	switch r.arg {
	case "":
		l := r.list()
		for _, mac := range r.iface.IgnoredBSSIDs() {
			if !l.add(mac.String() + "\n") {
				break
			}
		}
		return l.String()
	case "clear":
		r.iface.ClearIgnored()
		return replyOK
	}
	mac, err := dot11.ParseMAC(r.arg)
	if err != nil {
		return r.result(invalid("BSSID"))
	}
	return r.result(r.iface.IgnoreBSSID(mac))
}

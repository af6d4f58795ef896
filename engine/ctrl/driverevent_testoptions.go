//go:build testoptions

package ctrl

import (
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
)

// driverEvent: one of INTERFACE_ENABLED, INTERFACE_DISABLED, AVOID_FREQUENCIES
// <ranges>, SCAN_RES START|BSS …|END and ASSOC <key=value …>.
func (r *request) driverEvent() string {
	i := r.iface.Interface
	kind, rest, _ := strings.Cut(r.arg, " ")
	var err error
	switch kind {
	case "INTERFACE_ENABLED", "INTERFACE_DISABLED":
		st := i.LinkState()
		st.Up = kind == "INTERFACE_ENABLED"
		i.Pretend(drivers.EventState{State: st})
	case "AVOID_FREQUENCIES":
		var freqs []int
		if rest != "" {
			freqs, err = parseFreqs(rest, i.Capability())
		}
		if err == nil {
			i.Pretend(drivers.EventAvoidFreqs{Freqs: freqs})
		}
	case "SCAN_RES":
		err = r.scanRes(rest)
	case "ASSOC":
		var ev drivers.EventAssoc
		if ev, err = parseAssocEvent(rest); err == nil {
			i.Pretend(ev)
		}
	default:
		err = invalid("driver event")
	}
	return r.result(err)
}

// scanRes: START, then BSS <key=value …> any number of times, then END.
func (r *request) scanRes(arg string) error {
	kind, rest, _ := strings.Cut(arg, " ")
	switch kind {
	case "START":
		r.iface.BeginResults()
		return nil
	case "END":
		return r.iface.EndResults()
	case "BSS":
		res, err := parseScanRes(rest)
		if err != nil {
			return err
		}
		return r.iface.AddResult(res)
	}
	return invalid("SCAN_RES")
}

// pairs calls set for each key=value; what set does not know or take is an error.
func pairs(arg string, set func(key, value string) (bool, error)) error {
	for word := range strings.FieldsSeq(arg) {
		key, value, ok := strings.Cut(word, "=")
		if !ok {
			return invalid("key=value")
		}
		known, err := set(key, value)
		if err != nil {
			return err
		}
		if !known {
			return invalid("key of a driver event")
		}
	}
	return nil
}

// unsigned reads a number, decimal or hexadecimal with 0x.
func unsigned(s string, bits int) (uint64, error) {
	n, err := strconv.ParseUint(s, 0, bits)
	if err != nil {
		return 0, invalid("number")
	}
	return n, nil
}

// parseScanRes reads one BSS. flags are those of the results of upstream's drivers:
// 1 quality invalid, 2 noise invalid, 4 level invalid, 8 level in dBm, 32 associated.
// est_throughput and snr are computed here from the rest and only checked.
func parseScanRes(arg string) (res drivers.ScanResult, err error) {
	haveBSSID := false
	ints := map[string]*int{"freq": &res.Freq, "qual": &res.Qual, "noise": &res.Noise, "level": &res.Level}
	err = pairs(arg, func(key, value string) (bool, error) {
		var err error
		if p := ints[key]; p != nil {
			*p, err = number(value, -maxInt, maxInt)
			return true, err
		}
		var n uint64
		switch key {
		case "flags":
			n, err = unsigned(value, 32)
			res.Flags = resultFlags(n)
		case "bssid":
			haveBSSID = true
			res.BSSID, err = dot11.ParseMAC(value)
		case "tsf_bssid":
			res.ParentBSSID, err = dot11.ParseMAC(value)
		case "beacon_int":
			n, err = unsigned(value, 16)
			res.BeaconInterval = uint16(n)
		case "caps":
			n, err = unsigned(value, 16)
			res.Capability = uint16(n)
		case "tsf":
			res.TSF, err = strconv.ParseUint(value, 16, 64)
		case "parent_tsf":
			res.ParentTSF, err = strconv.ParseUint(value, 16, 64)
		case "age":
			n, err = unsigned(value, 31)
			res.Age = time.Duration(n) * time.Millisecond
		case "est_throughput", "snr":
			_, err = number(value, -maxInt, maxInt)
		case "ie":
			res.IEs, err = octets(value, maxTestFrame)
		case "beacon_ie":
			res.BeaconIEs, err = octets(value, maxTestFrame)
		default:
			return false, nil
		}
		return true, err
	})
	if err == nil && (!haveBSSID || res.Freq <= 0) {
		err = invalid("SCAN_RES BSS: no bssid or no freq")
	}
	if len(res.IEs) == 0 {
		res.IEs = res.BeaconIEs
	}
	return res, err
}

func resultFlags(n uint64) (f drivers.ResultFlags) {
	for bit, flag := range map[uint64]drivers.ResultFlags{1: drivers.ResultQualInvalid, 2: drivers.ResultNoiseInvalid,
		4: drivers.ResultLevelInvalid, 8: drivers.ResultLevelDBm, 32: drivers.ResultAssociated} {
		if n&bit != 0 {
			f |= flag
		}
	}
	return f
}

// parseAssocEvent reads the event of an association.
func parseAssocEvent(arg string) (ev drivers.EventAssoc, err error) {
	blobs := map[string]*[]byte{"req_ies": &ev.ReqIEs, "resp_ies": &ev.RespIEs, "ptk_kck": &ev.PTKKCK, "ptk_kek": &ev.PTKKEK}
	err = pairs(arg, func(key, value string) (bool, error) {
		var err error
		if p := blobs[key]; p != nil {
			*p, err = hex.DecodeString(value)
			if err != nil || len(*p) > maxTestFrame {
				return true, invalid(key)
			}
			return true, nil
		}
		switch key {
		case "addr":
			ev.BSSID, err = dot11.ParseMAC(value)
		case "freq":
			ev.Freq, err = number(value, 0, 1<<20)
		case "authorized":
			ev.Authorized, err = bit(value)
		default:
			return false, nil
		}
		return true, err
	})
	return ev, err
}

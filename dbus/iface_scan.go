package dbus

import (
	"errors"

	"gosupplicant/dbus/bus"
	"gosupplicant/drivers"
	"gosupplicant/engine"
)

const (
	maxScanSSIDs = 16
	maxSSIDLen   = 32
	maxScanIEs   = 2304 // bytes; no probe request has room for more
)

// scanArgs is the decoded argument of Scan.
type scanArgs struct {
	engine.ScanRequest
	only6GHz bool
}

func scan(r *request) ([]any, error) {
	a, err := decodeScan(r.args[0].(bus.Dict))
	if err != nil {
		return nil, err
	}
	rejected := wire(nameScanError, "Scan request rejected")
	if a.only6GHz && len(a.Freqs) == 0 {
		if a.Freqs = freqs6GHz(r.obj.iface.Capability()); len(a.Freqs) == 0 {
			return nil, rejected
		}
	}
	_, err = r.obj.iface.Scan(a.ScanRequest)
	var invalid *engine.InvalidError
	switch {
	case err == nil:
		return nil, nil
	case errors.As(err, &invalid):
		return nil, invalidArgs(invalid.Error())
	}
	return nil, rejected
}

// freqs6GHz lists the channels of the 6 GHz band that may be used, in MHz.
func freqs6GHz(c *drivers.Capability) []int {
	var out []int
	for _, b := range c.Bands {
		if b.ID != drivers.Band6GHz {
			continue
		}
		for _, ch := range b.Channels {
			if ch.Flags&drivers.ChanDisabled == 0 {
				out = append(out, ch.Freq)
			}
		}
	}
	return out
}

// decodeScan reads the argument of Scan. The first thing wrong is told.
func decodeScan(d bus.Dict) (*scanArgs, error) {
	a := &scanArgs{}
	a.AllowRoam = true
	kind, last, typed := "", []string(nil), false
	for _, e := range d {
		var err *wireError
		switch e.Key {
		case "Type":
			if kind, typed = e.Value.Value.(string); !typed {
				err = invalidArgs("Wrong Type value type. String required")
			}
		case "SSIDs":
			a.SSIDs, err = decodeSSIDs(e.Value)
		case "IEs":
			a.IEs, err = decodeIEs(e.Value)
		case "Channels":
			a.Freqs, err = decodeChannels(e.Value)
		case "AllowRoam":
			a.AllowRoam, err = decodeFlag(e.Value)
		case "NonColoc6GHz":
			a.NonColoc6GHz, err = decodeFlag(e.Value)
		case "6GHzOnly":
			a.only6GHz, err = decodeFlag(e.Value)
		default:
			err = invalidArgs(e.Key)
		}
		if err != nil {
			return nil, err
		}
		last = []string{e.Key}
	}
	if !typed {
		return nil, invalidArgs(last...)
	}
	return a, a.settle(kind)
}

// settle applies the type of the scan.
func (a *scanArgs) settle(kind string) error {
	switch kind {
	case "active":
		if len(a.SSIDs) == 0 {
			a.SSIDs = [][]byte{{}}
		}
	case "passive":
		if len(a.SSIDs) != 0 || len(a.IEs) != 0 {
			return invalidArgs("You can specify only Channels in passive scan")
		}
		a.Passive = true
	default:
		return invalidArgs("Wrong scan type")
	}
	return nil
}

func decodeSSIDs(v bus.Variant) ([][]byte, *wireError) {
	ssids, ok := v.Value.([][]byte)
	if !ok || len(ssids) == 0 {
		return nil, invalidArgs("Wrong SSIDs value type. Array of arrays of bytes required")
	}
	if len(ssids) > maxScanSSIDs {
		return nil, invalidArgs("Too many ssids specified. Specify at most four")
	}
	for _, s := range ssids {
		if len(s) > maxSSIDLen {
			return nil, invalidArgs("Invalid SSID: too long")
		}
	}
	return ssids, nil
}

func decodeIEs(v bus.Variant) ([]byte, *wireError) {
	if len(v.Sig) == 0 || v.Sig[0] != 'a' {
		return nil, invalidArgs("Wrong IEs value type. Array of arrays of bytes required")
	}
	list, ok := v.Value.([][]byte)
	if !ok {
		return nil, invalidArgs("Wrong IEs value type. Array required")
	}
	var out []byte
	for _, ie := range list {
		if len(out)+len(ie) > maxScanIEs {
			return nil, invalidArgs("Too many bytes of IEs")
		}
		out = append(out, ie...)
	}
	return out, nil
}

// decodeChannels reads an array of centre frequency and width in MHz; the
// width is not used.
func decodeChannels(v bus.Variant) ([]int, *wireError) {
	a, ok := v.Value.(bus.Array)
	if !ok && len(v.Sig) > 0 && v.Sig[0] == 'a' && len(v.Sig) == 2 {
		return nil, invalidArgs("Wrong Channels value type. Array of structs required")
	}
	if !ok || len(a.Items) == 0 || len(a.Elem) == 0 || a.Elem[0] != '(' {
		return nil, invalidArgs("Wrong Channels value type. Array of structs required")
	}
	out := make([]int, 0, len(a.Items))
	for _, item := range a.Items {
		fields, ok := item.(bus.Struct)
		if !ok || len(fields) < 2 {
			return nil, invalidArgs("Wrong Channel struct. Two UINT32s required")
		}
		freq, ok := fields[0].(uint32)
		_, ok2 := fields[1].(uint32)
		if !ok || !ok2 || freq > 1<<20 {
			return nil, invalidArgs("Wrong Channel struct. Two UINT32s required")
		}
		out = append(out, int(freq))
	}
	return out, nil
}

func decodeFlag(v bus.Variant) (bool, *wireError) {
	on, ok := v.Value.(bool)
	if !ok {
		return false, invalidArgs("Wrong Type value type. Boolean required")
	}
	return on, nil
}

package ctrl

import (
	"encoding/hex"
	"fmt"
	"strings"

	"gosupplicant/engine"
	"gosupplicant/engine/dot11"
)

var scanCommands = []command{
	{"SCAN", exact | withArg, onIface, (*request).scan, "scans"},
	{"ABORT_SCAN", exact, onIface, func(r *request) string { return r.result(r.iface.AbortScan()) }, "stops the scan"},
	{"SCAN_RESULTS", exact, onIface, (*request).scanResults, "table of the BSSs seen"},
	{"SCAN_INTERVAL", withArg, onIface, numeric(0, maxInt, func(r *request, n int) error { return r.iface.SetScanInterval(n) }), "seconds between scans"},
	{"AUTOSCAN", withArg, onIface, func(r *request) string { return r.result(r.iface.SetAutoscan(r.arg)) }, "pace of automatic scans, empty for none"},
	{"MAC_RAND_SCAN", withArg, onIface, (*request).macRandScan, "random addresses in scans"},
}

func (r *request) scan() string {
	req, err := parseScan(r.arg, r.iface.Interface)
	if err != nil {
		return r.result(err)
	}
	n, err := r.iface.Scan(req)
	if err != nil {
		return r.scanResult(err)
	}
	if req.UseID {
		return fmt.Sprintf("%d\n", n)
	}
	return replyOK
}

// parseScan reads the options of SCAN; words it does not know are passed over.
func parseScan(arg string, i *engine.Interface) (engine.ScanRequest, error) {
	o := parseOptions(arg)
	req := engine.ScanRequest{
		AllowRoam:    !o.has("TYPE=ONLY"),
		Passive:      o.has("passive=1"),
		OnlyNew:      o.has("only_new=1"),
		UseID:        o.has("use_id=1"),
		NonColoc6GHz: o.has("non_coloc_6ghz=1"),
	}
	var err error
	if list, ok := o.get("freq"); ok {
		if req.Freqs, err = parseFreqs(list, i.Capability()); err != nil {
			return req, err
		}
		if err = onChannels(req.Freqs, i.Capability()); err != nil {
			return req, err
		}
	}
	if list, ok := o.get("scan_id"); ok {
		for word := range strings.SplitSeq(list, ",") {
			n, err := id(word)
			if err != nil || len(req.NetworkIDs) >= maxFreqs {
				return req, invalid("scan_id")
			}
			req.NetworkIDs = append(req.NetworkIDs, n)
		}
	}
	if word, ok := o.get("bssid"); ok {
		mac, err := dot11.ParseMAC(word)
		if err != nil {
			return req, invalid("bssid")
		}
		req.BSSID = &mac
		if o.has("wildcard_ssid=1") {
			req.SSIDs = append(req.SSIDs, []byte{})
		}
	}
	for k, word := range o {
		if word != "ssid" || k+1 == len(o) {
			continue
		}
		ssid, err := hex.DecodeString(o[k+1])
		if err != nil || len(ssid) > dot11.MaxSSIDLen {
			return req, invalid("ssid")
		}
		req.SSIDs = append(req.SSIDs, ssid)
	}
	req.Auto = len(req.SSIDs) == 0 && !req.Passive
	return req, nil
}

// scanResults shows the table in order of identifiers, cut at a whole row.
func (r *request) scanResults() string {
	l := r.list()
	l.add("bssid / frequency / signal level / flags / ssid\n")
	own := r.iface.MACAddress()
	var row []byte
	for b := range r.iface.BSSs().All() {
		if string(b.SSID) == "DIRECT-" && hasP2P(b.IEs) {
			continue
		}
		row = fmt.Appendf(row[:0], "%v\t%d\t%d\t", b.BSSID, b.Freq, b.Level)
		row = b.AppendFlags(row, own, true)
		row = append(row, '\t')
		row = dot11.AppendEscaped(row, b.SSID)
		if !l.add(string(append(row, '\n'))) {
			break
		}
	}
	return l.String()
}

// p2pType is the type of P2P elements of the Wi-Fi Alliance.
const p2pType = 9

func hasP2P(es dot11.Elements) bool {
	_, ok := es.FindVendor(dot11.OUIWFA, p2pType)
	return ok
}

// macRandScan: <kind>... enable=<0|1> [addr=<mac> mask=<mac>].
func (r *request) macRandScan() string {
	o := parseOptions(r.arg)
	word, ok := o.get("enable")
	if !ok {
		return r.result(invalid("MAC_RAND_SCAN: no enable="))
	}
	enable, err := bit(word)
	if err != nil {
		return r.result(err)
	}
	addr, err := optionalMAC(o, "addr")
	if err != nil {
		return r.result(err)
	}
	mask, err := optionalMAC(o, "mask")
	if err != nil {
		return r.result(err)
	}
	kinds := map[string]bool{}
	for _, w := range o {
		switch w {
		case "scan", "sched", "pno":
			kinds[w] = true
		case "all": // that the device can
			capa := r.iface.Capability()
			if !capa.RandomMACScan && !capa.RandomMACSchedScan {
				return r.result(engine.ErrNotSupported)
			}
			kinds["scan"], kinds["sched"], kinds["pno"] = capa.RandomMACScan, capa.RandomMACSchedScan, capa.RandomMACSchedScan
		default:
			if !strings.Contains(w, "=") {
				return r.result(invalid("MAC_RAND_SCAN: kind of scan"))
			}
		}
	}
	if len(kinds) == 0 {
		return r.result(invalid("MAC_RAND_SCAN: no kind of scan"))
	}
	for _, kind := range []string{"scan", "sched", "pno"} {
		if kinds[kind] {
			if err := r.iface.SetMACRandomization(kind, enable, addr, mask); err != nil {
				return r.result(err)
			}
		}
	}
	return replyOK
}

func optionalMAC(o options, name string) (*dot11.MAC, error) {
	word, ok := o.get(name)
	if !ok {
		return nil, nil
	}
	mac, err := dot11.ParseMAC(word)
	if err != nil {
		return nil, invalid(name)
	}
	return &mac, nil
}

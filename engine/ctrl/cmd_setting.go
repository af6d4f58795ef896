package ctrl

import (
	"encoding/hex"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"gosupplicant/engine"
	"gosupplicant/engine/dot11"
)

var settingCommands = []command{
	{"SET", withArg, onIface, (*request).set, "sets a variable or a configuration global"},
	{"SET", withArg, onGlobal, always(replyFail), "no global variable is built"},
	{"GET", withArg, onIface, (*request).get, "shows a variable or a configuration global"},
	{"DUMP", prefix, onIface, (*request).dump, "shows all configuration globals"},
	{"SAVE_CONFIG", exact, onIface, func(r *request) string { return r.result(r.iface.SaveConfig()) }, "writes the configuration file"},
	{"SAVE_CONFIG", exact, onGlobal, func(r *request) string { return r.result(r.srv.sup.SaveConfig()) }, "writes the file of every interface"},
	{"RECONFIGURE", exact, onIface, func(r *request) string { return r.result(r.iface.Reconfigure()) }, "reads the configuration file again"},
	{"AP_SCAN", withArg, onIface, numeric(0, 2, func(r *request, n int) error { return r.iface.SetAPScan(n) }), "sets ap_scan"},
	{"STA_AUTOCONNECT", withArg, onIface, numeric(0, 1, func(r *request, n int) error { r.iface.SetStaAutoconnect(n == 1); return nil }), "connect again after a loss"},
	{"FLUSH", exact, onIface, func(r *request) string { r.iface.Flush(); return replyOK }, "forgets what was set at run time"},
}

// numeric makes a handler whose argument is one number.
func numeric(low, high int, f func(*request, int) error) func(*request) string {
	return func(r *request) string {
		n, err := number(r.arg, low, high)
		if err != nil {
			return r.result(err)
		}
		return r.result(f(r, n))
	}
}

// engineVariables are names of SET that are no configuration globals and need
// parts that are not built.
var engineVariables = []string{
	"eapol::portcontrol", "wps_fragment_size", "wps_version_number", "ampdu", "tdls_testing", "tdls_disabled", "pno",
	"radio_disabled", "no_keep_alive", "wifi_display", "lci", "tdls_trigger_control", "relative_rssi",
	"relative_band_adjust", "ric_ies", "roaming", "coloc_intf_elems", "enable_dscp_policy_capa", "disable_fils",
	"urnm_mfpr", "urnm_mfpr_x20",
}

// set: SET <variable> <value>. The value may be empty, the blank before it not.
func (r *request) set() string {
	name, value, ok := strings.Cut(r.arg, " ")
	switch {
	case !ok:
		return replyFail
	case name == "blob":
		return r.setBlob(value)
	case slices.Contains(engineVariables, strings.ToLower(name)):
		r.refused(fmt.Errorf("SET %s: not built", name))
		return replyFail
	}
	if f := powerVariables[strings.ToLower(name)]; f != nil {
		return f(r, value)
	}
	if f := eapolVariables[strings.ToLower(name)]; f != nil {
		return r.setEAPOL(value, f)
	}
	if f := testVariables[strings.ToLower(name)]; f != nil {
		return r.result(f(r.iface.Interface, value))
	}
	if f := restrictions[strings.ToLower(name)]; f != nil {
		return r.result(f(r.iface.Interface, value))
	}
	if t, ok := timers[strings.ToLower(name)]; ok {
		name = t.name
		if _, err := number(value, 1, t.most); err != nil {
			return r.result(err)
		}
	}
	return r.result(r.iface.SetGlobal(name, value))
}

// restrictions are variables that limit scans and selection until FLUSH.
var restrictions = map[string]func(*engine.Interface, string) error{
	"bssid_filter": setBSSIDFilter,
	"disallow_aps": setDisallowed,
	"setband":      setBands,
}

// setBSSIDFilter: blank separated addresses, none to take the filter away.
func setBSSIDFilter(i *engine.Interface, value string) error {
	var list []dot11.MAC
	for word := range strings.FieldsSeq(value) {
		mac, err := dot11.ParseMAC(word)
		if err != nil {
			return invalid("bssid_filter")
		}
		list = append(list, mac)
	}
	return i.SetBSSIDFilter(list)
}

// setDisallowed: pairs "bssid <mac>" and "ssid <hex>", none to allow all.
func setDisallowed(i *engine.Interface, value string) error {
	var bssids []dot11.MAC
	var ssids [][]byte
	words := strings.Fields(value)
	if len(words)%2 != 0 {
		return invalid("disallow_aps")
	}
	for k := 0; k < len(words); k += 2 {
		switch words[k] {
		case "bssid":
			mac, err := dot11.ParseMAC(words[k+1])
			if err != nil {
				return invalid("disallow_aps: bssid")
			}
			bssids = append(bssids, mac)
		case "ssid":
			ssid, err := hex.DecodeString(words[k+1])
			if err != nil || len(ssid) > dot11.MaxSSIDLen {
				return invalid("disallow_aps: ssid")
			}
			ssids = append(ssids, ssid)
		default:
			return invalid("disallow_aps: neither bssid nor ssid")
		}
	}
	return i.SetDisallowed(bssids, ssids)
}

// setBands: AUTO, or any of 2G, 5G and 6G joined by commas.
func setBands(i *engine.Interface, value string) error {
	names := map[string]engine.Bands{"2G": engine.Bands2GHz, "5G": engine.Bands5GHz, "6G": engine.Bands6GHz}
	var bands engine.Bands
	if value != "AUTO" {
		for word := range strings.SplitSeq(value, ",") {
			b, ok := names[word]
			if !ok {
				return invalid("setband")
			}
			bands |= b
		}
	}
	i.SetBands(bands)
	return nil
}

// timers are globals whose names compare in any case and whose value 0 of the
// file (default) cannot be set at run time.
var timers = map[string]struct {
	name string
	most int
}{
	"dot11rsnaconfigpmklifetime":        {"dot11RSNAConfigPMKLifetime", maxInt},
	"dot11rsnaconfigpmkreauththreshold": {"dot11RSNAConfigPMKReauthThreshold", 100},
	"dot11rsnaconfigsatimeout":          {"dot11RSNAConfigSATimeout", maxInt},
}

func (r *request) setBlob(arg string) string {
	name, digits, ok := strings.Cut(arg, " ")
	data, err := hex.DecodeString(digits)
	if !ok || name == "" || err != nil {
		return r.result(invalid("blob"))
	}
	return r.result(r.iface.SetBlob(name, data))
}

func (r *request) get() string {
	switch r.arg {
	case "version":
		return strings.TrimPrefix(r.srv.sup.Version(), "v")
	case "max_command_len":
		return fmt.Sprint(maxRequest)
	case "tls_library":
		return "Go crypto/tls build=" + runtime.Version() + " run=" + runtime.Version()
	case "wifi_display":
		return "0"
	}
	if v, ok := r.testValue(); ok {
		return v
	}
	return r.value(r.iface.Config().Get(r.arg))
}

// value replies with a single value, which must fit.
func (r *request) value(v string, ok bool) string {
	if !ok || len(v) > r.limit() {
		return replyFail
	}
	return v
}

func (r *request) dump() string {
	l := r.list()
	for line := range strings.Lines(r.iface.Config().Dump()) {
		if !l.add(line) {
			break
		}
	}
	return l.String()
}

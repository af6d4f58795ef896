package ctrl

import (
	"net"
	"testing"
)

// difference is a reply of ours that is not upstream's.
type difference struct {
	ours string
	why  string
}

// Reasons that many rows share.
const (
	unbuilt = "needs a part that is not built yet"
	strict  = "upstream takes a word for the number 0"
	none210 = "upstream's driver none takes a network as being in use"
	refused = "upstream stores it without use; a part that is not built refuses"
)

var ifaceDifferences = byReason(map[string]map[string][]string{
	unbuilt: {
		replyUnknown: {"ERP_FLUSH", "VENDOR_ELEM_ADD 0 dd03010203", "VENDOR_ELEM_GET 0",
			"VENDOR_ELEM_REMOVE 0 *", "TDLS_DISCOVER 02:00:00:00:00:01", "TDLS_SETUP 02:00:00:00:00:01", "TDLS_TEARDOWN *",
			"TDLS_LINK_STATUS 02:00:00:00:00:01", "WMM_AC_STATUS", "WNM_SLEEP enter", "FETCH_ANQP", "STOP_FETCH_ANQP",
			"INTERWORKING_SELECT", "WPS_PBC", "WPS_CANCEL", "WPS_CHECK_PIN 12345670", "P2P_FIND", "P2P_PEER FIRST",
			"DPP_BOOTSTRAP_GEN type=qrcode"},
		replyFail: {"PREAUTH 02:00:00:00:00:01", "GET_CAPABILITY acs", "GET_CAPABILITY dpp"},
	},
	"methods that few servers have are not built": {"MD5 TLS MSCHAPV2 PEAP TTLS GTC OTP SIM PSK AKA AKA' TEAP PWD": {"GET_CAPABILITY eap"}},
	refused: {replyFail: {"SET wps_fragment_size 100",
		"SET pno 0", "SET uapsd 1,1,1,1;0",
		"SET no_keep_alive 1",
		"SET lci ", "SET lci 0102", "SET relative_rssi disable", "SET relative_rssi 10", "SET relative_band_adjust 5G:10", "SET ric_ies "}},
	strict: {replyFail: {"LIST_NETWORKS LAST_ID=x", "AP_SCAN x", "SCAN_INTERVAL x", "STA_AUTOCONNECT x", "BSS_FLUSH x", "SET EAPOL::heldPeriod x"}},
	none210: {
		"network id / ssid / bssid / flags\n0\ta b\tany\t[DISABLED]\n1\ta b\tany\t\n": {"LIST_NETWORKS #5"},
	},
	"values out of range are refused":  {replyFail: {"AUTOSCAN x", "SET mbo_cell_capa 4"}},
	"newer than 2.10":                  {replyFail: {"MLO_STATUS", "MLO_SIGNAL_POLL"}, replyOK: {"SET tx_queue_data0_aifs 1"}},
	"2.10 of Debian is built with WEP": {"CCMP TKIP": {"GET_CAPABILITY group"}},
})

// byReason turns reasons with replies with commands around.
func byReason(reasons map[string]map[string][]string) map[string]difference {
	out := map[string]difference{}
	for why, replies := range reasons {
		for ours, cmds := range replies {
			for _, cmd := range cmds {
				out[cmd] = difference{ours, why}
			}
		}
	}
	return out
}

var globalDifferences = byReason(map[string]map[string][]string{
	"Wi-Fi Display is not built": {
		"ifname=lo\naddress=00:00:00:00:00:00\n":                              {"STATUS"},
		"ifname=$OTHER\naddress=$MAC\nifname=lo\naddress=00:00:00:00:00:00\n": {"STATUS #2"},
		replyFail: {"SET wifi_display 1"},
	},
	"newer than 2.10": {replyOK: {"NOTE x"}},
})

// otherInterface finds a second interface for the driver none.
func otherInterface(t *testing.T) string {
	t.Helper()
	all, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range all {
		if i.Name != "lo" && len(i.HardwareAddr) == 6 && len(i.Name) > 3 {
			return i.Name
		}
	}
	t.Skip("no network interface besides lo")
	return ""
}

//go:build vm

package vmtest

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"gosupplicant/cmd/wpa_supplicant/vmtest/lab"
)

// The stations of the machine.
const (
	station  = "wlan4" // of the supplicant under test
	observer = "wlan5" // of the reference, when both run at once
)

// network is one that is on the air during all cases.
type network struct {
	ssid     string // as hostapd got it
	escaped  string // as the control socket shows it
	bssid    string
	hidden   bool
	security string // nmcli's SECURITY column
	flags    string // scan_results' flags column
	freq     int
	lines    string // hostapd's security part
}

// air is every network, by its radio.
var air = map[string][]network{
	"wlan0": {
		{ssid: "lab-open", bssid: "02:00:00:00:00:00", freq: 2412, flags: "[ESS]", lines: lab.SecurityOpen},
		{ssid: "lab-wpa2", bssid: "02:00:00:00:00:01", freq: 2412, flags: "[WPA2-PSK-CCMP][ESS]", security: "WPA2", lines: lab.SecurityWPA2},
		{ssid: "lab mixed\tcaf\xc3\xa9", escaped: `lab mixed\tcaf\xc3\xa9`, bssid: "02:00:00:00:00:02", freq: 2412,
			flags: "[WPA-PSK-CCMP+TKIP][WPA2-PSK-CCMP][ESS]", security: "WPA1 WPA2", lines: lab.SecurityMixed},
	},
	"wlan1": {
		{ssid: "lab-sae", bssid: "02:00:00:00:01:00", freq: 2437, flags: "[WPA2-SAE-CCMP][SAE-H2E][ESS]", security: "WPA3", lines: lab.SecuritySAE},
		{ssid: "lab-transition", bssid: "02:00:00:00:01:01", freq: 2437, flags: "[WPA2-PSK+SAE-CCMP][ESS]", security: "WPA2 WPA3", lines: lab.SecurityTransition},
	},
	"wlan2": {
		{ssid: "lab-owe", bssid: "02:00:00:00:02:00", freq: 2462, flags: "[WPA2-OWE-CCMP][ESS]", security: "OWE", lines: lab.SecurityOWE},
		{ssid: "lab-hidden", bssid: "02:00:00:00:02:01", freq: 2462, hidden: true, flags: "[WPA2-PSK-CCMP][ESS]", security: "WPA2", lines: lab.SecurityWPA2},
	},
	"wlan3": {
		{ssid: "lab-eap", bssid: "02:00:00:00:03:00", freq: 5180, flags: "[WPA2-EAP+EAP-SHA256-CCMP][ESS]", security: "WPA2 802.1X", lines: lab.SecurityEAP},
	},
}

var channels = map[string]int{"wlan0": 1, "wlan1": 6, "wlan2": 11, "wlan3": 36}

// modes are the radios' 802.11 generations: none, n, n, and ac.
var modes = map[string]string{
	"wlan1": "ieee80211n=1\n",
	"wlan2": "ieee80211n=1\nht_capab=[SHORT-GI-20]\n",
	"wlan3": "ieee80211n=1\nht_capab=[HT40+]\nieee80211ac=1\nvht_oper_chwidth=1\nvht_oper_centr_freq_seg0_idx=42\n",
}

// beacons come often enough (every 31 ms) to be heard in passing, though a scan
// stays on a channel for 33 ms only: probes do not find the hidden network.
const beacons = "beacon_int=30\n"

// networks returns all networks, with BSSID as key.
func networks() map[string]network {
	all := map[string]network{}
	for _, list := range air {
		for _, n := range list {
			if n.escaped == "" {
				n.escaped = n.ssid
			}
			all[n.bssid] = n
		}
	}
	return all
}

// program returns a binary that the host chose.
func program(t *testing.T, env string) string {
	t.Helper()
	path := os.Getenv(env)
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("%s: %v", env, err)
	}
	return path
}

// runCases puts the networks on the air and runs every case.
func runCases(t *testing.T) {
	// Connections have radios and access points of their own, and the air for
	// themselves.
	t.Run("connect", testConnect)
	for name, channel := range channels {
		r := lab.Radio{Interface: name, Channel: channel, Lines: beacons + modes[name]}
		for _, n := range air[name] {
			r.APs = append(r.APs, lab.AP{SSID: n.ssid, BSSID: n.bssid, Hidden: n.hidden, Lines: n.lines})
		}
		lab.StartHostapd(t, r)
	}
	for _, c := range cases {
		t.Run(c.name, c.run)
	}
}

var cases = []struct {
	name string
	run  func(*testing.T)
}{
	{"scan", testScan},
	{"agree", testAgree},
	{"recorded", testRecorded},
	{"rfkill", testRFKill},
	{"down", testInterfaceDown},
	{"removed", testRadioRemoved},
	{"hotplug", testHotPlug},
	{"networkmanager", testNetworkManager},
	{"directed", testDirected},
}

// eachDriver runs a case with both ways to reach the kernel.
func eachDriver(t *testing.T, run func(t *testing.T, driver string)) {
	for _, driver := range []string{"nl80211", "wext"} {
		t.Run(driver, func(t *testing.T) { run(t, driver) })
	}
}

// bothDrivers is eachDriver for cases that have a radio of their own and run at
// the same time.
func bothDrivers(t *testing.T, run func(t *testing.T, driver string)) {
	eachDriver(t, func(t *testing.T, driver string) {
		t.Parallel()
		run(t, driver)
	})
}

// systemBus starts a bus with our policy.
func systemBus(t *testing.T, more ...string) *lab.Bus {
	t.Helper()
	return lab.StartBus(t, append([]string{os.Getenv("POLICY")}, more...)...)
}

// quiet is a configuration in which the supplicant scans only when told to.
const quiet = "ap_scan=1\n"

// supplicant starts the binary under test on a fresh bus.
func supplicant(t *testing.T, driver string) *lab.Supplicant {
	t.Helper()
	return lab.StartSupplicant(t, lab.Options{Bin: program(t, "SUPPLICANT"), Bus: systemBus(t), Interface: station, Driver: driver, Config: quiet})
}

// missing says which networks the rows of scan_results lack or show wrongly.
func missing(rows []lab.ScanRow) error {
	seen := map[string]lab.ScanRow{}
	for _, r := range rows {
		seen[r.BSSID] = r
	}
	var wrong []string
	for bssid, n := range networks() {
		r, ok := seen[bssid]
		ssid := n.escaped
		if n.hidden {
			ssid = ""
		}
		switch {
		case !ok:
			wrong = append(wrong, fmt.Sprintf("%s (%s) is missing", bssid, n.ssid))
		case r.Freq != n.freq || r.Flags != n.flags || strings.ReplaceAll(r.SSID, `\x00`, "") != ssid:
			wrong = append(wrong, fmt.Sprintf("%s: got %d %s %q, want %d %s %q", bssid, r.Freq, r.Flags, r.SSID, n.freq, n.flags, ssid))
		}
	}
	if len(wrong) > 0 {
		return fmt.Errorf("%s", strings.Join(wrong, "\n"))
	}
	return nil
}

// scansAtMost is how often a case may scan until all networks are seen: a
// beacon can fall between two channels.
const scansAtMost = 5

// scanAll calls scan, which makes one scan and returns its scan_results, until
// every network is there and shown as it should be.
func scanAll(t *testing.T, scan func() string) []lab.ScanRow {
	t.Helper()
	var wrong error
	for range scansAtMost {
		rows, err := lab.ParseScanResults(scan())
		if err != nil {
			t.Fatal(err)
		}
		if wrong = missing(rows); wrong == nil {
			return rows
		}
	}
	t.Fatalf("after %d scans: %v", scansAtMost, wrong)
	return nil
}

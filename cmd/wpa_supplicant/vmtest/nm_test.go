//go:build vm

package vmtest

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gosupplicant/cmd/wpa_supplicant/vmtest/lab"
)

const nmPolicy = "/usr/share/dbus-1/system.d/org.freedesktop.NetworkManager.conf"

const nmConfig = `[main]
plugins=keyfile
dhcp=internal
auth-polkit=false
rc-manager=unmanaged
no-auto-default=*
[device]
wifi.backend=wpa_supplicant
wifi.scan-rand-mac-address=no
[keyfile]
unmanaged-devices=*,except:interface-name:%s
[logging]
level=DEBUG
domains=ALL
`

// testNetworkManager runs Debian's NetworkManager on the daemon and compares
// nmcli's list with what is on the air, and with what NetworkManager makes of
// the reference.
func testNetworkManager(t *testing.T) {
	var lists [2][]string
	for i, who := range []string{"SUPPLICANT", "REFERENCE"} {
		t.Run(strings.ToLower(who), func(t *testing.T) { lists[i] = nmList(t, program(t, who)) })
	}
	if !slices.Equal(lists[0], lists[1]) {
		t.Errorf("nmcli on ours:\n%s\non the reference:\n%s", strings.Join(lists[0], "\n"), strings.Join(lists[1], "\n"))
	}
}

// nmList is nmcli's list, sorted, one line for each of our networks.
func nmList(t *testing.T, bin string) []string {
	bus := systemBus(t, nmPolicy)
	lab.StartSupplicant(t, lab.Options{Bin: bin, Bus: bus})
	nm := startNetworkManager(t, bus, station)
	begin := time.Now()
	nm.Wait("the device to be ready", func(line string) bool {
		return strings.Contains(line, "("+station+")") && strings.Contains(line, "state change: unavailable -> disconnected")
	})
	ready := time.Since(begin)
	want := networks()
	var rows map[string]string
	scans := 0
	// A list is complete when two scans have been merged at the latest.
	for scans < 3 {
		scans++
		out := lab.Run(t, bus.Env(), "nmcli", "-t", "-f", "BSSID,SSID,CHAN,SECURITY,WPA-FLAGS,RSN-FLAGS", "dev", "wifi", "list", "--rescan", "yes", "ifname", station)
		if rows = nmRows(out); len(rows) >= len(want) {
			break
		}
	}
	t.Logf("the device was ready %v after NetworkManager, the list %v later, after %d scans",
		ready.Round(time.Millisecond), (time.Since(begin) - ready).Round(time.Millisecond), scans)
	var list []string
	for bssid, n := range want {
		row, ok := rows[strings.ToUpper(bssid)]
		if !ok {
			t.Errorf("%s (%s) is not listed: %v", bssid, n.ssid, rows)
			continue
		}
		if f := strings.Split(row, ":"); len(f) < 4 || f[len(f)-3] != n.security {
			t.Errorf("%s (%s): %q, want security %q", bssid, n.ssid, row, n.security)
		}
		list = append(list, bssid+" "+row)
	}
	slices.Sort(list)
	state := lab.Run(t, bus.Env(), "nmcli", "-t", "-f", "DEVICE,TYPE,STATE", "dev")
	if !strings.Contains(state, station+":wifi:disconnected") {
		t.Errorf("nmcli dev: %s", state)
	}
	return list
}

// nmRows splits nmcli's terse output: BSSID (its colons escaped) to the rest.
func nmRows(out string) map[string]string {
	rows := map[string]string{}
	const bssidLen = len(`02\:00\:00\:00\:00\:00`)
	for line := range strings.Lines(out) {
		if line = strings.TrimSuffix(line, "\n"); len(line) > bssidLen+1 {
			rows[strings.ReplaceAll(line[:bssidLen], `\:`, ":")] = line[bssidLen+1:]
		}
	}
	return rows
}

// startNetworkManager runs it with /sys read-only, by which it knows that no
// udev will tell it about devices.
func startNetworkManager(t *testing.T, bus *lab.Bus, ifname string) *lab.Process {
	t.Helper()
	dir := t.TempDir()
	config := filepath.Join(dir, "NetworkManager.conf")
	if err := os.WriteFile(config, fmt.Appendf(nil, nmConfig, ifname), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, d := range []string{"conf.d", "/run/NetworkManager", "/var/lib/NetworkManager", "/etc/NetworkManager/system-connections"} {
		if !filepath.IsAbs(d) {
			d = filepath.Join(dir, d)
		}
		if err := os.MkdirAll(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	script := fmt.Sprintf("mount -o remount,bind,ro /sys && exec NetworkManager --debug --config=%s --config-dir=%s/conf.d "+
		"--system-config-dir=%s/conf.d --intern-config=%s/intern.conf --state-file=%s/state --pid-file=%s/pid", config, dir, dir, dir, dir, dir)
	nm := lab.Start(t, "NetworkManager", bus.Env(), "unshare", "-m", "sh", "-c", script)
	bus.WaitName("org.freedesktop.NetworkManager")
	if code, ended := nm.WaitEnd(time.Millisecond); ended {
		t.Fatalf("NetworkManager ended with %d:\n%s", code, nm.Tail(20))
	}
	return nm
}

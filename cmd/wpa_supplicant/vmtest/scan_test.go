//go:build vm

package vmtest

import (
	"encoding/hex"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gosupplicant/cmd/wpa_supplicant/vmtest/lab"
)

// testScan scans through every front door, with both drivers.
func testScan(t *testing.T) {
	eachDriver(t, func(t *testing.T, driver string) {
		s := supplicant(t, driver)
		client := s.Bus.Client()
		path := interfacePath(client, station)
		t.Run("python", func(t *testing.T) { scanPython(t, s, client, path) })
		t.Run("busctl", func(t *testing.T) { scanBusctl(t, s, path) })
		t.Run("gdbus", func(t *testing.T) { scanGDBus(t, s, path) })
		t.Run("socket", func(t *testing.T) { scanSocket(t, s, driver) })
		t.Run("wpa_cli-debian", func(t *testing.T) { scanCLI(t, s, program(t, "REFERENCE_CLI")) })
		t.Run("wpa_cli", func(t *testing.T) { scanCLI(t, s, program(t, "WPACLI")) })
	})
}

// interfacePath asks for the object of an interface.
func interfacePath(c *lab.Client, ifname string) string {
	return c.Must(lab.Call{Path: lab.RootPath, Iface: lab.Service, Member: "GetInterface", Sig: "s", Args: fmt.Sprintf("(%q,)", ifname)}).Plain[0].(string)
}

// flush forgets all BSSs, so that what is seen afterwards was found anew.
func flush(t *testing.T, s *lab.Supplicant) {
	t.Helper()
	if r := s.Dial(t, station).Ask("BSS_FLUSH 0"); r != "OK\n" {
		t.Fatalf("BSS_FLUSH: %q", r)
	}
}

func scanPython(t *testing.T, s *lab.Supplicant, c *lab.Client, path string) {
	flush(t, s)
	m := s.Bus.Monitor()
	var wrong []string
	for range scansAtMost {
		c.Must(lab.Call{Path: path, Iface: lab.Interface, Member: "Scan", Sig: "a{sv}", Args: "({'Type': 'active'},)"})
		m.WaitSignal("ScanDone", func(msg lab.Message) bool { return msg.Path == path })
		if wrong = wrongSSIDs(t, c, path); len(wrong) == 0 {
			return
		}
	}
	t.Errorf("BSS objects after %d scans: %s", scansAtMost, strings.Join(wrong, "\n"))
}

// testDirected asks for the hidden network by its name, which makes it answer.
// It is the last case: the kernel remembers the name for half a minute.
func testDirected(t *testing.T) {
	eachDriver(t, func(t *testing.T, driver string) { scanDirected(t, supplicant(t, driver)) })
}

func scanDirected(t *testing.T, s *lab.Supplicant) {
	c, m := s.Bus.Client(), s.Bus.Monitor()
	path := interfacePath(c, station)
	flush(t, s)
	want := hex.EncodeToString([]byte("lab-hidden"))
	for range scansAtMost {
		c.Must(lab.Call{Path: path, Iface: lab.Interface, Member: "Scan", Sig: "a{sv}",
			Args: "({'Type': 'active', 'SSIDs': Array([ByteArray(b'lab-hidden')], signature='ay')},)"})
		m.WaitSignal("ScanDone", func(msg lab.Message) bool { return msg.Path == path })
		for _, p := range c.Get(path, lab.Interface, "BSSs").([]any) {
			if c.Get(p.(string), lab.BSS, "SSID") == want {
				return
			}
		}
	}
	t.Errorf("the hidden network did not show its name in %d directed scans", scansAtMost)
}

// wrongSSIDs says which networks have no BSS object or one with another SSID.
func wrongSSIDs(t *testing.T, c *lab.Client, path string) (wrong []string) {
	t.Helper()
	found := map[string]string{}
	for _, p := range c.Get(path, lab.Interface, "BSSs").([]any) {
		all := c.GetAll(p.(string), lab.BSS)
		found[colons(t, all["BSSID"].(string))] = all["SSID"].(string)
	}
	for bssid, n := range networks() {
		ssid, ok := found[bssid]
		want := hex.EncodeToString([]byte(n.ssid))
		if n.hidden {
			ssid, want = strings.Trim(ssid, "0"), ""
		}
		if !ok || ssid != want {
			wrong = append(wrong, fmt.Sprintf("%s: SSID %q (found %v), want %q", bssid, ssid, ok, want))
		}
	}
	return wrong
}

// colons is the usual spelling of an address given as 12 hexadecimal digits.
func colons(t *testing.T, digits string) string {
	t.Helper()
	if len(digits) != 12 {
		t.Fatalf("address %q", digits)
	}
	var parts []string
	for i := 0; i < 12; i += 2 {
		parts = append(parts, digits[i:i+2])
	}
	return strings.Join(parts, ":")
}

func scanBusctl(t *testing.T, s *lab.Supplicant, path string) {
	flush(t, s)
	m := s.Bus.Monitor()
	var paths [][]string
	for i := 0; i < scansAtMost && len(paths) < len(networks()); i++ {
		lab.Run(t, s.Bus.Env(), "busctl", "--system", "call", lab.Service, path, lab.Interface, "Scan", "a{sv}", "1", "Type", "s", "active")
		m.WaitSignal("ScanDone", nil)
		out := lab.Run(t, s.Bus.Env(), "busctl", "--system", "get-property", lab.Service, path, lab.Interface, "BSSs")
		paths = regexp.MustCompile(`"(/[^"]*)"`).FindAllStringSubmatch(out, -1)
	}
	if len(paths) < len(networks()) {
		t.Fatalf("busctl shows %d BSSs, want at least %d", len(paths), len(networks()))
	}
	freqs := map[string]int{}
	for _, p := range paths {
		freqs[strings.TrimSpace(lab.Run(t, s.Bus.Env(), "busctl", "--system", "get-property", lab.Service, p[1], lab.BSS, "Frequency"))]++
	}
	for _, want := range []string{"q 2412", "q 2437", "q 2462", "q 5180"} {
		if freqs[want] == 0 {
			t.Errorf("no BSS with %s: %v", want, freqs)
		}
	}
	tree := lab.Run(t, s.Bus.Env(), "busctl", "--system", "--list", "tree", lab.Service)
	if !strings.Contains(tree, paths[0][1]) {
		t.Errorf("busctl tree has no %s:\n%s", paths[0][1], tree)
	}
	table := lab.Run(t, s.Bus.Env(), "busctl", "--system", "introspect", lab.Service, path, lab.Interface)
	if !strings.Contains(table, ".Scan") || !strings.Contains(table, "a{sv}") {
		t.Errorf("busctl introspect lacks Scan:\n%s", table)
	}
}

func scanGDBus(t *testing.T, s *lab.Supplicant, path string) {
	flush(t, s)
	watch := lab.Start(t, "gdbus monitor", s.Bus.Env(), "stdbuf", "-oL", "gdbus", "monitor", "--system", "--dest", lab.Service)
	watch.WaitText("is owned by")
	lab.Run(t, s.Bus.Env(), "gdbus", "call", "--system", "--dest", lab.Service, "--object-path", path,
		"--method", lab.Interface+".Scan", "{'Type': <'active'>}")
	watch.WaitText(".BSSAdded")
	watch.Wait("a successful ScanDone", func(line string) bool { return strings.Contains(line, ".ScanDone (true,)") })
	out := lab.Run(t, s.Bus.Env(), "gdbus", "introspect", "--system", "--dest", lab.Service, "--object-path", path, "--only-properties")
	if !strings.Contains(out, "readonly s State = ") || !strings.Contains(out, "/BSSs/") {
		t.Errorf("gdbus introspect shows no state or no BSS:\n%s", out)
	}
}

func scanSocket(t *testing.T, s *lab.Supplicant, driver string) {
	flush(t, s)
	c := s.Dial(t, station)
	c.Attach()
	first := true
	scanAll(t, func() string {
		if r := c.Ask("SCAN"); r != "OK\n" {
			t.Fatalf("SCAN: %q", r)
		}
		if driver == "nl80211" { // wext has no notice of the start
			c.WaitEvent("CTRL-EVENT-SCAN-STARTED")
		}
		if first {
			c.WaitEvent("CTRL-EVENT-BSS-ADDED")
		}
		first = false
		c.WaitEvent("CTRL-EVENT-SCAN-RESULTS")
		return c.Ask("SCAN_RESULTS")
	})
}

func scanCLI(t *testing.T, s *lab.Supplicant, bin string) {
	flush(t, s)
	events := s.Dial(t, station)
	events.Attach()
	rows := scanAll(t, func() string {
		if out := s.CLI(t, bin, station, "scan"); !strings.Contains(out, "OK") {
			t.Fatalf("scan: %q", out)
		}
		events.WaitEvent("CTRL-EVENT-SCAN-RESULTS")
		return s.CLI(t, bin, station, "scan_results")
	})
	fields, err := lab.ParseFields(s.CLI(t, bin, station, "bss", rows[0].BSSID))
	if err != nil || len(fields) < 10 {
		t.Errorf("%s bss %s: %v %v", filepath.Base(bin), rows[0].BSSID, fields, err)
	}
}

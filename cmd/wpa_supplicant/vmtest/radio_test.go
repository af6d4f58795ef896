//go:build vm

package vmtest

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gosupplicant/cmd/wpa_supplicant/vmtest/lab"
)

// waitState waits until the interface's State property is one of states. What the
// monitor shows may be old news, so that each change of the property is a reason to
// read it, and no more.
func waitState(t *testing.T, m *lab.Monitor, c *lab.Client, path string, states ...string) {
	t.Helper()
	for {
		now, _ := c.Get(path, lab.Interface, "State").(string)
		if slices.Contains(states, now) {
			return
		}
		m.Wait(fmt.Sprintf("state %v (it was %s)", states, now), func(line string) bool {
			return strings.Contains(line, `"PropertiesChanged"`) && strings.Contains(line, path) && strings.Contains(line, `"State":`)
		})
	}
}

// works scans the channels in use and expects every network.
func works(t *testing.T, s *lab.Supplicant, ifname string) {
	t.Helper()
	c := s.Dial(t, ifname)
	c.Attach()
	scan := "SCAN freq=" + frequencies()
	scanAll(t, func() string {
		r := c.Ask(scan)
		if r == "FAIL\n" { // Debian's wpa_supplicant knows no channels of a wext device
			scan = "SCAN"
			r = c.Ask(scan)
		}
		// A scan that the daemon began by itself may be under way.
		if r != "OK\n" && r != "FAIL-BUSY\n" {
			t.Fatalf("%s: %q", scan, r)
		}
		c.WaitEvent("CTRL-EVENT-SCAN-RESULTS")
		return c.Ask("SCAN_RESULTS")
	})
}

// frequencies lists the channels in use, in MHz.
func frequencies() string {
	seen := map[int]bool{}
	var list []string
	for _, n := range networks() {
		if !seen[n.freq] {
			seen[n.freq] = true
			list = append(list, fmt.Sprint(n.freq))
		}
	}
	return strings.Join(list, ",")
}

// alive are the states in which an interface without networks can be.
var alive = []string{"disconnected", "inactive", "scanning"}

// testRFKill blocks the radio and lets it free again.
func testRFKill(t *testing.T) {
	eachDriver(t, func(t *testing.T, driver string) {
		s := supplicant(t, driver)
		c, m := s.Bus.Client(), s.Bus.Monitor()
		path := interfacePath(c, station)
		t.Cleanup(func() { lab.RFKill(t, station, false) })
		lab.RFKill(t, station, true)
		waitState(t, m, c, path, "interface_disabled")
		if status := s.Dial(t, station).Ask("STATUS"); !strings.Contains(status, "wpa_state=INTERFACE_DISABLED\n") {
			t.Errorf("blocked, STATUS says:\n%s", status)
		}
		if a := c.Do(lab.Call{Path: path, Iface: lab.Interface, Member: "Scan", Sig: "a{sv}", Args: "({'Type': 'active'},)"}); a.Error == "" {
			t.Logf("Scan of a blocked radio was accepted: %s", a)
		}
		m.Skip()
		lab.RFKill(t, station, false)
		waitState(t, m, c, path, alive...)
		works(t, s, station)
	})
}

// testInterfaceDown takes the interface down and up behind the daemon's back.
func testInterfaceDown(t *testing.T) {
	eachDriver(t, func(t *testing.T, driver string) {
		s := supplicant(t, driver)
		c, m := s.Bus.Client(), s.Bus.Monitor()
		path := interfacePath(c, station)
		lab.Run(t, nil, "ip", "link", "set", station, "down")
		waitState(t, m, c, path, "interface_disabled")
		m.Skip()
		lab.Run(t, nil, "ip", "link", "set", station, "up")
		waitState(t, m, c, path, alive...)
		works(t, s, station)
	})
}

// testRadioRemoved pulls the radio out and puts it back, where it gets its name
// from a rule as udev's: the daemon lives on, and has the interface again.
func testRadioRemoved(t *testing.T) {
	bothDrivers(t, func(t *testing.T, driver string) {
		phy, ifname := "labphy-"+driver, "usb"+driver
		lab.Run(t, nil, "ip", "link", "set", lab.AddRadio(t, phy), "name", ifname)
		s := lab.StartSupplicant(t, lab.Options{Bin: program(t, "SUPPLICANT"), Bus: systemBus(t), Interface: ifname, Driver: driver, Config: quiet})
		works(t, s, ifname)
		c, m := s.Bus.Client(), s.Bus.Monitor()
		path := interfacePath(c, ifname)
		lab.RemoveRadio(t, phy)
		waitState(t, m, c, path, "interface_disabled")
		if !s.Running() {
			t.Fatal("the daemon ended with its radio")
		}
		m.Skip()
		again := lab.AddRadio(t, phy)
		t.Cleanup(func() { lab.RemoveRadio(t, phy) })
		lab.Run(t, nil, "ip", "link", "set", again, "name", ifname)
		waitState(t, m, c, path, alive...)
		works(t, s, ifname)
	})
}

// testHotPlug starts the daemon with a pattern (-M) that nothing matches yet.
func testHotPlug(t *testing.T) {
	if usage, _ := lab.Try(nil, program(t, "SUPPLICANT"), "-h"); !strings.Contains(usage, "-M") && sameFile(t, "SUPPLICANT", "REFERENCE") {
		t.Skip("Debian's wpa_supplicant is built without -M")
	}
	bothDrivers(t, func(t *testing.T, driver string) {
		phy, ifname := "hotphy-"+driver, "hot"+driver
		s := lab.StartSupplicant(t, lab.Options{Bin: program(t, "SUPPLICANT"), Bus: systemBus(t), Interface: ifname[:4] + "*", Driver: driver, Config: quiet, Match: true})
		m := s.Bus.Monitor()
		name := lab.AddRadio(t, phy)
		t.Cleanup(func() { lab.RemoveRadio(t, phy) })
		lab.Run(t, nil, "ip", "link", "set", name, "name", ifname)
		m.WaitSignal("InterfaceAdded", nil)
		lab.WaitFile(t, filepath.Join(s.CtrlDir, ifname), true)
		works(t, s, ifname)
	})
}

// sameFile reports whether two of the host's binaries are one.
func sameFile(t *testing.T, a, b string) bool {
	t.Helper()
	return readFile(t, program(t, a)) == readFile(t, program(t, b))
}

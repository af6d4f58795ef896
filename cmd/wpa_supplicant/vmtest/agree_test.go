//go:build vm

package vmtest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"gosupplicant/cmd/wpa_supplicant/vmtest/lab"
)

// maxLevelGap is how far two receivers of the simulated medium may differ, dB.
const maxLevelGap = 3

// testAgree lets the supplicant under test and the reference look at the same
// air at the same time and compares what they say, field by field.
func testAgree(t *testing.T) {
	eachDriver(t, func(t *testing.T, driver string) {
		ours := supplicant(t, driver)
		theirs := lab.StartSupplicant(t, lab.Options{Bin: program(t, "REFERENCE"), Bus: systemBus(t), Interface: observer, Driver: driver, Config: quiet})
		a := observe(t, ours, station)
		b := observe(t, theirs, observer)
		for _, what := range []string{"scan_results", "bss", "properties"} {
			t.Run(what, func(t *testing.T) { compare(t, a.view[what], b.view[what]) })
		}
		t.Run("level", func(t *testing.T) {
			for bssid := range networks() {
				if gap := a.levels[bssid] - b.levels[bssid]; gap > maxLevelGap || gap < -maxLevelGap {
					t.Errorf("%s: level %d, the reference says %d", bssid, a.levels[bssid], b.levels[bssid])
				}
			}
		})
	})
}

// view is what one supplicant says about the air: subject, BSSID, lines.
type view map[string]map[string][]string

type observed struct {
	view
	levels map[string]int
}

// observe scans until all networks are seen, often enough that each beacon was
// heard besides the probe response, and reads all results.
func observe(t *testing.T, s *lab.Supplicant, ifname string) observed {
	t.Helper()
	c := s.Dial(t, ifname)
	c.Attach()
	scan := func() string {
		if r := c.Ask("SCAN"); r != "OK\n" {
			t.Fatalf("SCAN: %q", r)
		}
		c.WaitEvent("CTRL-EVENT-SCAN-RESULTS")
		return c.Ask("SCAN_RESULTS")
	}
	for range 2 {
		scan()
	}
	rows := scanAll(t, scan)
	o := observed{view{"scan_results": {}, "bss": {}, "properties": {}}, map[string]int{}}
	var err error
	for _, r := range rows {
		o.view["scan_results"][r.BSSID] = append(o.view["scan_results"][r.BSSID], fmt.Sprintf("%d %s %q", r.Freq, r.Flags, r.SSID))
		text := c.Ask("BSS " + r.BSSID)
		if o.view["bss"][r.BSSID], err = lab.StableBSS(text); err != nil {
			t.Fatalf("BSS %s: %v", r.BSSID, err)
		}
		if o.levels[r.BSSID], err = lab.Level(text); err != nil {
			t.Fatal(err)
		}
	}
	client := s.Bus.Client()
	path := interfacePath(client, ifname)
	for _, p := range client.Get(path, lab.Interface, "BSSs").([]any) {
		bssid, lines := stableProperties(t, client, p.(string))
		o.view["properties"][bssid] = lines
	}
	return o
}

// stableProperties are the properties of a BSS object that do not change, as
// name=value lines.
func stableProperties(t *testing.T, c *lab.Client, path string) (bssid string, lines []string) {
	t.Helper()
	all := c.GetAll(path, lab.BSS)
	bssid = colons(t, all["BSSID"].(string))
	for _, name := range slices.Sorted(maps.Keys(all)) {
		switch name {
		case "Age", "Signal":
			continue
		case "IEs":
			ies, err := lab.StableElements(all[name].(string))
			if err != nil {
				t.Fatalf("%s: IEs: %v", path, err)
			}
			all[name] = ies
		}
		// Get keeps the types that GetAll's plain form drops.
		a := c.Must(lab.Call{Path: path, Iface: "org.freedesktop.DBus.Properties", Member: "Get", Sig: "ss", Args: fmt.Sprintf("(%q, %q)", lab.BSS, name)})
		text := a.Reply
		if name == "IEs" {
			text = "ay " + all[name].(string)
		}
		lines = append(lines, name+"="+text)
	}
	return bssid, lines
}

// compare reports each field of each of our networks in which ours (got) and
// the reference (want) differ.
func compare(t *testing.T, got, want map[string][]string) {
	for bssid, n := range networks() {
		g, w := got[bssid], want[bssid]
		if len(w) == 0 {
			t.Errorf("%s (%s): the reference does not see it", bssid, n.ssid)
		}
		if slices.Equal(g, w) {
			continue
		}
		for _, line := range w {
			if !slices.Contains(g, line) {
				t.Errorf("%s (%s): reference has %s\n    ours: %s", bssid, n.ssid, line, like(g, line))
			}
		}
		for _, line := range g {
			if !slices.Contains(w, line) {
				t.Errorf("%s (%s): only ours: %s", bssid, n.ssid, line)
			}
		}
		if !t.Failed() {
			t.Errorf("%s (%s): other order:\n ours      %s\n reference %s", bssid, n.ssid, keys(g), keys(w))
		}
	}
}

// like is the line about the same key.
func like(lines []string, line string) string {
	key, _, _ := strings.Cut(line, "=")
	for _, l := range lines {
		if strings.HasPrefix(l, key+"=") {
			return l
		}
	}
	return "(nothing)"
}

func keys(lines []string) string {
	var ks []string
	for _, l := range lines {
		k, _, _ := strings.Cut(l, "=")
		ks = append(ks, k)
	}
	return strings.Join(ks, " ")
}

//go:build vm

package vmtest

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gosupplicant/cmd/wpa_supplicant/vmtest/lab"
	"gosupplicant/cmd/wpa_supplicant/vmtest/parity"
	"gosupplicant/cmd/wpa_supplicant/vmtest/vm"
)

// questions are asked on the control socket after the air was observed.
var questions = []string{
	"STATUS", "STATUS-VERBOSE", "STATUS-DRIVER", "SIGNAL_POLL", "PKTCNT_POLL", "DRIVER_FLAGS", "BSS CURRENT", "BSS 99", "BSS ID-9999", "BSS RANGE=9990-",
	"GET_CAPABILITY pairwise", "GET_CAPABILITY pairwise strict", "GET_CAPABILITY group", "GET_CAPABILITY group_mgmt", "GET_CAPABILITY key_mgmt",
	"GET_CAPABILITY key_mgmt strict", "GET_CAPABILITY key_mgmt iftype=STATION", "GET_CAPABILITY proto", "GET_CAPABILITY auth_alg", "GET_CAPABILITY modes",
	"GET_CAPABILITY channels", "GET_CAPABILITY freq", "GET_CAPABILITY sae", "GET_CAPABILITY fils", "GET_CAPABILITY multibss", "GET_CAPABILITY ocv",
	"MAC_RAND_SCAN scan enable=0", "MAC_RAND_SCAN all enable=1", "SCAN freq=1", "SCAN ssid zz", "SCAN passive=1 freq=2412", "BSS_FLUSH 0",
}

// testRecorded asks what only a radio can answer, and compares the answers
// with those of Debian's wpa_supplicant in testdata (one file a driver), the
// differences being listed with their reasons as in package parity. When the
// host set VM_RECORD, the reference's answers are recorded instead. All that was
// found is left in air-found.tsv of the share (VM_KEEP).
func testRecorded(t *testing.T) {
	var found []parity.Difference
	drivers := 0
	eachDriver(t, func(t *testing.T, driver string) {
		who := "SUPPLICANT"
		if os.Getenv("VM_RECORD") != "" {
			who = "REFERENCE"
		}
		s := lab.StartSupplicant(t, lab.Options{Bin: program(t, who), Bus: systemBus(t), Interface: station, Driver: driver, Config: quiet})
		text := parity.FormatTranscript(interview(t, s))
		name := filepath.Join(vm.GuestShare, "air-"+driver+".golden")
		if who == "REFERENCE" {
			if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			return
		}
		for _, d := range parity.Compare(transcript(t, readFile(t, name)), transcript(t, text)) {
			d.Input = driver + " " + d.Input
			found = append(found, d)
		}
		drivers++
	})
	if drivers < 2 {
		return // recording, or one driver was left out or failed
	}
	reasons, err := parity.ParseReasons(readFile(t, filepath.Join(vm.GuestShare, "air-differences.tsv")))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder // for whoever keeps the list
	for _, d := range found {
		fmt.Fprintln(&all, d)
	}
	if err := os.WriteFile(filepath.Join(vm.GuestShare, "air-found.tsv"), []byte(all.String()), 0o644); err != nil {
		t.Error(err)
	}
	unexplained, vanished := parity.Explain(found, reasons)
	for _, d := range unexplained {
		t.Errorf("%s\n    upstream %s\n    ours     %s", d.Input, d.Upstream, d.Ours)
	}
	for _, r := range vanished {
		t.Errorf("air-differences.tsv:%d: no such difference any more: %s", r.Line, r.Difference)
	}
}

func transcript(t *testing.T, text string) []parity.Answer {
	t.Helper()
	answers, err := parity.ParseTranscript(text)
	if err != nil {
		t.Fatal(err)
	}
	return answers
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// interview observes the air and asks everything.
func interview(t *testing.T, s *lab.Supplicant) []parity.Answer {
	t.Helper()
	o := observe(t, s, station)
	var answers []parity.Answer
	for _, subject := range []string{"scan_results", "bss", "properties"} {
		var bssids []string
		for bssid := range networks() {
			bssids = append(bssids, bssid)
		}
		slices.Sort(bssids)
		for _, bssid := range bssids {
			a := parity.Answer{Input: subject + " " + bssid}
			for _, line := range o.view[subject][bssid] {
				key, value, ok := strings.Cut(line, "=")
				if !ok {
					key, value = "", line
				}
				a.Facts = append(a.Facts, parity.Fact{Key: key, Value: value})
			}
			answers = append(answers, a)
		}
	}
	c := s.Dial(t, station)
	c.Attach()
	for _, q := range questions {
		reply := c.Ask(q)
		answers = append(answers, parity.Answer{Input: "ctrl " + q, Facts: parity.ReplyFacts(reply)})
		if strings.HasPrefix(q, "SCAN ") && reply == "OK\n" { // its end, or the next is told "busy"
			for strings.Contains(c.WaitEvent("CTRL-EVENT-SCAN-"), "CTRL-EVENT-SCAN-STARTED") {
			}
		}
	}
	return append(answers, capabilities(t, s))
}

// capabilities is the Capabilities property of the interface.
func capabilities(t *testing.T, s *lab.Supplicant) parity.Answer {
	t.Helper()
	client := s.Bus.Client()
	a := parity.Answer{Input: "Capabilities"}
	caps, ok := client.Get(interfacePath(client, station), lab.Interface, "Capabilities").(map[string]any)
	if !ok {
		t.Fatal("Capabilities is no dictionary")
	}
	for name, value := range caps {
		a.Facts = append(a.Facts, parity.Fact{Key: name, Value: fmt.Sprint(value)})
	}
	slices.SortFunc(a.Facts, func(x, y parity.Fact) int { return strings.Compare(x.Key, y.Key) })
	return a
}

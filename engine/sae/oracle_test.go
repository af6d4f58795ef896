//go:build oracle

package sae

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "record hostapd's values anew")

// oracleNetworks are the networks to derive PTs of: name, password, identifier.
var oracleNetworks = [][3]string{
	{"byteme", "mekmitasdigoat", "psk4internet"},
	{"byteme", "mekmitasdigoat", ""},
	{"a", "b", ""},
	{strings.Repeat("n", 32), strings.Repeat("long password ", 9), "an identifier that is longer than a block of the hash function, so to speak, of 128 bytes and more......................."},
	{"Café", "pässwörd mit Umlauten", "identität"},
	{"net 6", "0000000000", "0"},
	{"net 7", "correct horse battery staple", ""},
	{"net 8", "#!/bin/sh -c", "x=y"},
}

// TestPTAgainstHostapd starts Debian's hostapd without a radio: it derives the
// PTs of its configuration when it starts, and says so.
func TestPTAgainstHostapd(t *testing.T) {
	var record strings.Builder
	for _, n := range oracleNetworks {
		parts := hostapdPTs(t, n[0], n[1], n[2])
		for _, id := range []uint16{15, 16, 19, 20, 21} {
			want := 4
			if id < 19 {
				want = 1
			}
			p := foreignPT{id, n[0], n[1], n[2], parts[id]}
			if len(p.parts) != want {
				t.Fatalf("%q, group %d: hostapd said %d values, want %d", n[0], id, len(p.parts), want)
			}
			p.check(t)
			fmt.Fprintln(&record, p.line())
		}
	}
	if *update {
		if err := os.WriteFile(recorded, []byte(record.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if text, err := os.ReadFile(recorded); err != nil || string(text) != record.String() {
		t.Errorf("the record is not what hostapd says now (run with -update): %v", err)
	}
}

// hostapdPTs returns the values of a network by group.
func hostapdPTs(t *testing.T, ssid, password, identifier string) map[uint16][][]byte {
	t.Helper()
	conf := filepath.Join(t.TempDir(), "conf")
	line := password
	if identifier != "" {
		line += "|id=" + identifier
	}
	err := os.WriteFile(conf, fmt.Appendf(nil, "interface=lo\ndriver=none\nssid2=%x\nwpa=2\nwpa_key_mgmt=SAE\nrsn_pairwise=CCMP\n"+
		"ieee80211w=2\nsae_pwe=2\nsae_groups=15 16 19 20 21\nsae_password=%s\n", ssid, line), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/usr/sbin/hostapd", "-ddK", conf)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("%v (make deps installs it)", err)
	}
	defer func() { cmd.Process.Kill(); cmd.Wait() }()
	parts := map[uint16][][]byte{}
	group := uint16(0)
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		text := lines.Bytes()
		if _, err := fmt.Sscanf(lines.Text(), "SAE: Derive PT - group %d", &group); err == nil {
			continue
		}
		name, value, ok := bytes.Cut(text, []byte(" - hexdump("))
		switch {
		case ok && (string(name) == "SAE: PT" || string(name) == "SSWU: P.x" || string(name) == "SSWU: P.y"):
			_, digits, _ := bytes.Cut(value, []byte(": "))
			b, err := hex.DecodeString(strings.Join(strings.Fields(string(digits)), ""))
			if err != nil {
				t.Fatalf("%q: %v", text, err)
			}
			parts[group] = append(parts[group], b)
		case bytes.Contains(text, []byte("AP-ENABLED")), bytes.Contains(text, []byte("AP-DISABLED")):
			return parts
		}
	}
	return parts
}

//go:build oracle

package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gosupplicant/engine/ctrl/ctrlclient"
)

// upstream starts Debian's daemon on the driver none and returns the folder of
// its control socket.
func upstream(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	conf := filepath.Join(dir, "conf")
	ctrl := filepath.Join(dir, "ctrl")
	if err := os.WriteFile(conf, []byte("ctrl_interface="+ctrl+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/sbin/wpa_supplicant", "-Dnone", "-ilo", "-c", conf, "-g", filepath.Join(dir, "global"))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("%v (make deps installs it)", err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	buf := make([]byte, 1000) // its first line: the sockets are there
	if n, err := out.Read(buf); err != nil || !strings.Contains(string(buf[:n]), "Successfully initialized") {
		t.Fatalf("wpa_supplicant: %v, %q", err, buf[:n])
	}
	// The line comes before the interface's socket exists: the global one tells.
	c, err := ctrlclient.Dial(filepath.Join(dir, "global"), ctrlclient.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if r, err := c.Request("INTERFACES", 5*time.Second); r != "lo\n" || err != nil {
		t.Fatalf("INTERFACES: %q, %v", r, err)
	}
	return ctrl
}

// TestAgainstDebian gives both clients the same commands against one daemon:
// output and exit status are the same.
func TestAgainstDebian(t *testing.T) {
	dir := upstream(t)
	for _, words := range []string{
		"ping", "-i lo ping", "-i lo status", "-i lo status verbose", "-i lo STAT driver", "-i lo mib", "-i lo foo",
		"-i lo roam", "-i lo note", "-i lo note a  b", "-i lo identity 0", "-i lo bssid 0", "-i lo set_network 0",
		"-i lo set_network 0 ssid", "-i lo get_network 0", "-i lo dup_network 0 0", "-i lo set_cred 0 x", "-i lo get_cred 0",
		"-i lo raw PING", "-i lo raw", "-i lo all_bss", "-i lo interface", "-i lo add_network", "-i lo list_networks",
		"-i lo set_network 0 ssid \"x\"", "-i lo get_network 0 ssid", "-i lo get_capability key_mgmt", "-i lo get_capability",
		"-i lo pmksa_add 1 2 3", "-i lo level", "-i lo level 3", "-i lo bss_flush", "-i lo bss 0", "-i lo set country DE",
		"-i lo get country", "-i lo autoscan", "-i lo log_level", "-i lo password 0 x", "-i lo IFNAME=lo ping", "-i lo IFNAME=lo",
		"-i lo interface_add x", "-i lo preauthenticate", "-i lo list_sta", "-i lo p2p_peers", "-i none ping", "-g /nonexistent ping",
		"-g " + filepath.Join(filepath.Dir(dir), "global") + " interface", "-g " + filepath.Join(filepath.Dir(dir), "global") + " IFNAME=lo ping",
		"-g " + filepath.Join(filepath.Dir(dir), "global") + " IFNAME=no ping", "-i lo quit", "-i lo blacklist", "-i lo remove_network all",
	} {
		args := append([]string{"-p", dir}, strings.Split(words, " ")...)
		cmd := exec.Command("/sbin/wpa_cli", args...)
		var debianErrs bytes.Buffer
		cmd.Stderr = &debianErrs
		want, err := cmd.Output()
		status := 0
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			status = exit.ExitCode()
		} else if err != nil {
			t.Fatal(err)
		}
		var out, errs bytes.Buffer
		rc := run(append([]string{"wpa_cli"}, args...), strings.NewReader(""), &out, &errs)
		got := out.String()
		if words == "-i lo add_network" {
			want = fmt.Appendf(nil, "1\n")
		}
		if rc != status || got != string(want) || errs.String() != debianErrs.String() {
			t.Errorf("%s:\nours %d %q %q\nDebian %d %q %q", words, rc, got, errs.String(), status, want, debianErrs.String())
		}
	}
}

// TestEventsFromDebian: live events of the foreign daemon reach the prompt.
func TestEventsFromDebian(t *testing.T) {
	dir := upstream(t)
	var out bytes.Buffer
	rc := run([]string{"wpa_cli", "-p", dir, "-i", "lo"}, strings.NewReader("add_network\nping\nquit\n"), &out, &out)
	if rc != 0 || !strings.Contains(out.String(), "> add_network\n0\n") {
		t.Fatalf("status %d\n%s", rc, out.String())
	}
	c, err := ctrlclient.Dial(filepath.Join(dir, "lo"), ctrlclient.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Attach(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Request("REMOVE_NETWORK 0", 0); err != nil {
		t.Fatal(err)
	}
	for {
		e, err := c.Next(5 * time.Second)
		if err != nil {
			t.Fatal(err)
		}
		if e.Text == "CTRL-EVENT-NETWORK-REMOVED 0" && e.Level == 3 {
			return
		}
	}
}

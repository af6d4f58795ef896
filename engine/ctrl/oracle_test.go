//go:build oracle

package ctrl

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"gosupplicant/engine"
	"gosupplicant/engine/ctrl/ctrlclient"
)

var update = flag.Bool("update", false, "record upstream's transcripts anew")

// debian starts Debian's daemon on the driver none.
func debian(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	conf := filepath.Join(dir, "conf")
	if err := os.WriteFile(conf, []byte(strings.ReplaceAll(transcriptConfig, "$DIR", dir)), 0o600); err != nil {
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
	buf := make([]byte, 1000)
	if n, err := out.Read(buf); err != nil || !strings.Contains(string(buf[:n]), "Successfully initialized") {
		t.Fatalf("wpa_supplicant: %v, %q", err, buf[:n])
	}
	c, err := ctrlclient.Dial(filepath.Join(dir, "global"), ctrlclient.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if r, err := c.Request("INTERFACES", replyTime); r != "lo\n" || err != nil {
		t.Fatalf("INTERFACES: %q, %v", r, err)
	}
	return dir
}

// TestRecordings checks that the transcripts are what Debian's program says, or
// records them with -update.
func TestRecordings(t *testing.T) {
	for _, tt := range []struct{ socket, commands, file string }{
		{"ctrl/lo", "testdata/commands_iface.txt", "testdata/upstream_iface.txt"},
		{"global", "testdata/commands_global.txt", "testdata/upstream_global.txt"},
	} {
		dir := debian(t)
		got := play(t, dial(t, filepath.Join(dir, tt.socket)), tt.commands, dir, otherInterface(t))
		if *update {
			var b strings.Builder
			for _, e := range got {
				fmt.Fprintf(&b, "%q\t%q\n", e.cmd, e.reply)
			}
			if err := os.WriteFile(tt.file, []byte(b.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if want := readTranscript(t, tt.file); !slices.Equal(got, want) {
			for k := range got {
				if k < len(want) && got[k] != want[k] {
					t.Errorf("%q: Debian says %q, recorded is %q", got[k].cmd, got[k].reply, want[k].reply)
				}
			}
			t.Errorf("%s: %d exchanges, %d recorded", tt.file, len(got), len(want))
		}
	}
}

// TestDebianClient: Debian's wpa_cli works against this server.
func TestDebianClient(t *testing.T) {
	const program = "/sbin/wpa_cli"
	d := startSim(t)
	cli := func(args ...string) string {
		t.Helper()
		out, err := exec.Command(program, append([]string{"-p", filepath.Join(d.dir, "ctrl"), "-s", t.TempDir()}, args...)...).Output()
		if err != nil {
			t.Fatalf("wpa_cli %v: %v, %s", args, err, out)
		}
		return string(out)
	}
	m := d.dial("sim0")
	if err := m.Attach(); err != nil {
		t.Fatal(err)
	}
	if out := cli("ping"); out != "Selected interface 'sim0'\nPONG\n" {
		t.Errorf("ping: %q", out)
	}
	if out := cli("-i", "sim0", "scan"); out != "OK\n" && out != "FAIL-BUSY\n" {
		t.Errorf("scan: %q", out)
	}
	wait(t, m, "CTRL-EVENT-SCAN-RESULTS ")
	results := cli("-i", "sim0", "scan_results")
	if strings.Count(results, "\n") < 5 || !strings.HasPrefix(results, "bssid / frequency / signal level / flags / ssid\n") {
		t.Errorf("scan_results:\n%s", results)
	}
	if all := cli("-i", "sim0", "all_bss"); strings.Count(all, "\n") < strings.Count(results, "\n") {
		t.Errorf("all_bss:\n%s", all)
	}
	if out := cli("-g", filepath.Join(d.dir, "global"), "IFNAME=sim0", "status"); !strings.Contains(out, "wpa_state=") {
		t.Errorf("status: %q", out)
	}
	if out := cli("-i", "sim0", "set_network", strings.TrimSpace(cli("-i", "sim0", "add_network")), "ssid", `"x"`); out != "OK\n" {
		t.Errorf("set_network: %q", out)
	}
}

// TestDebianClientConnects: Debian's wpa_cli configures a network, and both it and
// its action mode see the connection come and go.
func TestDebianClientConnects(t *testing.T) {
	const program = "/sbin/wpa_cli"
	d := start(t, Options{})
	air := filepath.Join(d.dir, "air")
	if err := os.WriteFile(air, []byte(connectAir), 0o600); err != nil {
		t.Fatal(err)
	}
	d.add(engine.InterfaceConfig{Ifname: "sim0", Driver: "sim", DriverParam: "air=" + air}, "ctrl_interface=$DIR/ctrl\nupdate_config=1\n")
	args := func(words ...string) []string {
		return append([]string{"-p", filepath.Join(d.dir, "ctrl"), "-s", d.dir, "-i", "sim0"}, words...)
	}
	cli := func(words ...string) string {
		t.Helper()
		out, err := exec.Command(program, args(words...)...).Output()
		if err != nil {
			t.Fatalf("wpa_cli %v: %v, %s", words, err, out)
		}
		return string(out)
	}
	m := d.dial("sim0")
	if err := m.Attach(); err != nil {
		t.Fatal(err)
	}
	fifo, script := filepath.Join(d.dir, "fifo"), filepath.Join(d.dir, "script")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(script, []byte("#!/bin/sh\necho \"$1 $2 $WPA_ID $WPA_ID_STR\" > "+fifo+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	action := exec.Command(program, args("-a", script)...)
	if err := action.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { action.Process.Kill(); action.Wait() })
	attached := make(chan struct{})
	d.loop.Post(func() { d.awaitMonitors(2, attached) })
	<-attached
	if got := cli("add_network"); got != "0\n" {
		t.Fatalf("add_network: %q", got)
	}
	for _, f := range [][2]string{{"ssid", `"three"`}, {"key_mgmt", "SAE"}, {"sae_password", `"right right"`}, {"ieee80211w", "2"}, {"id_str", `"home"`}} {
		if got := cli("set_network", "0", f[0], f[1]); got != "OK\n" {
			t.Fatalf("set_network %v: %q", f, got)
		}
	}
	if got := cli("select_network", "0"); got != "OK\n" {
		t.Fatalf("select_network: %q", got)
	}
	told := func(want string) {
		t.Helper()
		if got, err := os.ReadFile(fifo); err != nil || string(got) != want {
			t.Errorf("%v, the action program was told %q, want %q", err, got, want)
		}
	}
	told("sim0 CONNECTED 0 home\n")
	status := cli("status")
	for _, line := range []string{"bssid=02:22:00:00:00:04", "ssid=three", "id=0", "id_str=home", "mode=station", "pairwise_cipher=CCMP", "key_mgmt=SAE", "pmf=2", "sae_group=19", "wpa_state=COMPLETED"} {
		if !strings.Contains(status, line+"\n") {
			t.Errorf("status has no %s:\n%s", line, status)
		}
	}
	if got := cli("list_networks"); !strings.Contains(got, "0\tthree\tany\t[CURRENT]") {
		t.Errorf("list_networks: %q", got)
	}
	if got := cli("pmksa"); !strings.Contains(got, "1 02:22:00:00:00:04 ") {
		t.Errorf("pmksa: %q", got)
	}
	if got := cli("signal_poll"); !strings.HasPrefix(got, "RSSI=-60\n") {
		t.Errorf("signal_poll: %q", got)
	}
	if got := cli("disconnect"); got != "OK\n" {
		t.Errorf("disconnect: %q", got)
	}
	told("sim0 DISCONNECTED 0 home\n")
}

// awaitMonitors closes done when the interface has so many monitors.
func (d *daemon) awaitMonitors(n int, done chan struct{}) {
	if len(d.srv.find(d.sup.InterfaceByName("sim0")).ep.monitors) >= n {
		close(done)
		return
	}
	d.loop.After(time.Millisecond, "test", func() { d.awaitMonitors(n, done) })
}

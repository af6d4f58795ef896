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
	"testing"

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

//go:build vm

package vmtest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gosupplicant/cmd/wpa_supplicant/vmtest/vm"
)

// inVM is set in the environment of the test binary inside the machine.
const inVM = "GOSUPPLICANT_IN_VM"

// simulatedRadios: wlan0 to wlan3 are access points, wlan4 and wlan5 stations.
const simulatedRadios = 6

// machineLimit is for boot and all cases together.
const machineLimit = 20 * time.Minute

func TestVM(t *testing.T) {
	if os.Getenv(inVM) != "" {
		runCases(t)
		return
	}
	share := os.Getenv("VM_KEEP")
	if share == "" {
		share = t.TempDir()
	}
	bin := filepath.Join(share, "bin")
	if err := os.MkdirAll(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	copyFile(t, self, filepath.Join(bin, "vm.test"))
	provide(t, filepath.Join(bin, "wpa_supplicant"), "SUPPLICANT", "gosupplicant/cmd/wpa_supplicant")
	provide(t, filepath.Join(bin, "wpa_cli"), "WPACLI", "gosupplicant/cmd/wpa_cli")
	copyFile(t, busPolicy(t), filepath.Join(bin, "policy.conf"))
	exchangeRecords(t, share)
	init, err := vm.BuildInit(t.Context(), share)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.Create(filepath.Join(share, "output"))
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	decode := newDecoder(t)
	result, err := vm.Run(t.Context(), vm.Config{
		Command: guestCommand(),
		Env:     guestEnv(),
		Radios:  simulatedRadios,
		Timeout: machineLimit,
		Share:   share,
		Init:    init,
		Output:  io.MultiWriter(raw, decode),
	})
	tree := decode.finish(t)
	if err != nil {
		t.Errorf("%v", err)
	}
	t.Logf("machine up after %v, %v in all", result.Boot.Round(time.Millisecond), result.Total.Round(time.Millisecond))
	if len(tree.children) == 0 {
		t.Fatalf("no case ran in the machine (exit code %d); it said:\n%s", result.ExitCode, tree.output.String())
	}
	tree.replay(t)
	if result.ExitCode != 0 && !t.Failed() {
		t.Errorf("exit code %d, though no case failed:\n%s", result.ExitCode, tree.output.String())
	}
}

// exchangeRecords puts testdata's recorded answers into the share, and with
// VM_RECORD brings the new ones back.
func exchangeRecords(t *testing.T, share string) {
	t.Helper()
	for _, name := range []string{"air-differences.tsv", "connect-differences.tsv"} {
		copyFile(t, filepath.Join("testdata", name), filepath.Join(share, name))
	}
	for _, name := range []string{"air-nl80211.golden", "air-wext.golden"} {
		here, there := filepath.Join("testdata", name), filepath.Join(share, name)
		if os.Getenv("VM_RECORD") == "" {
			copyFile(t, here, there)
			continue
		}
		t.Cleanup(func() {
			text, err := os.ReadFile(there)
			if err == nil {
				err = os.WriteFile(here, text, 0o644)
			}
			if err != nil {
				t.Errorf("record: %v", err)
			}
		})
	}
}

func guestCommand() []string {
	args := []string{vm.GuestShare + "/bin/vm.test", "-test.v=test2json", "-test.timeout=" + machineLimit.String()}
	if run := flag.Lookup("test.run").Value.String(); run != "" {
		return append(args, "-test.run="+run)
	}
	return append(args, "-test.run=^TestVM$")
}

func guestEnv() []string {
	env := []string{inVM + "=1"}
	for name, fallback := range map[string]string{
		"SUPPLICANT": "", "WPACLI": "", "REFERENCE": "/usr/sbin/wpa_supplicant", "REFERENCE_CLI": "/usr/sbin/wpa_cli",
	} {
		value := os.Getenv(name)
		switch {
		case fallback == "" && name == "SUPPLICANT":
			value = vm.GuestShare + "/bin/wpa_supplicant"
		case fallback == "":
			value = vm.GuestShare + "/bin/wpa_cli"
		case value == "":
			value = fallback
		}
		env = append(env, name+"="+value)
	}
	if record := os.Getenv("VM_RECORD"); record != "" {
		env = append(env, "VM_RECORD="+record)
	}
	return append(env, "POLICY="+vm.GuestShare+"/bin/policy.conf")
}

// provide puts a binary under test at target: the one that the environment
// names, else one built from the package.
func provide(t *testing.T, target, env, pkg string) {
	t.Helper()
	if path := os.Getenv(env); path != "" {
		copyFile(t, path, target)
		return
	}
	cmd := exec.Command("go", "build", "-o", target, pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build %s (or set %s): %v\n%s", pkg, env, err, out)
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if err := os.Remove(to); err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}

// busPolicy is the D-Bus policy we ship, else Debian's.
func busPolicy(t *testing.T) string {
	t.Helper()
	for _, pattern := range []string{"../../../packaging/*/*.conf", "../../../packaging/*.conf", "/etc/dbus-1/system.d/wpa_supplicant.conf", "/usr/share/dbus-1/system.d/wpa_supplicant.conf"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if b, err := os.ReadFile(f); err == nil && bytes.Contains(b, []byte("<busconfig>")) && bytes.Contains(b, []byte("fi.w1.wpa_supplicant1")) {
				return f
			}
		}
	}
	t.Fatal("no D-Bus policy for fi.w1.wpa_supplicant1: neither in packaging nor Debian's")
	return ""
}

// result is one test as the machine reported it.
type result struct {
	name     string // last part
	action   string // pass, fail, skip; "" when it never ended
	elapsed  float64
	output   strings.Builder
	children []*result
}

func (r *result) child(name string) *result {
	for _, c := range r.children {
		if c.name == name {
			return c
		}
	}
	c := &result{name: name}
	r.children = append(r.children, c)
	return c
}

// replay repeats what happened as sub-tests of t.
func (r *result) replay(t *testing.T) {
	for _, c := range r.children {
		t.Run(c.name, func(t *testing.T) {
			c.replay(t)
			if text := strings.TrimSpace(c.output.String()); text != "" {
				t.Logf("in the machine, %.1f s:\n%s", c.elapsed, text)
			}
			switch c.action {
			case "pass":
			case "skip":
				t.Skip("skipped in the machine")
			case "fail":
				t.Fail()
			default:
				t.Error("did not finish")
			}
		})
	}
}

// decoder turns the test binary's output into events with `go tool test2json`.
type decoder struct {
	io.WriteCloser
	cmd  *exec.Cmd
	tree *result // of TestVM
	done chan error
}

func newDecoder(t *testing.T) *decoder {
	t.Helper()
	d := &decoder{cmd: exec.Command("go", "tool", "test2json", "-t"), tree: &result{name: "TestVM"}, done: make(chan error, 1)}
	var err error
	if d.WriteCloser, err = d.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := d.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := d.cmd.Start(); err != nil {
		t.Fatalf("test2json: %v", err)
	}
	go func() { d.done <- d.read(out) }()
	return d
}

func (d *decoder) read(out io.Reader) error {
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e struct {
			Action, Test, Output string
			Elapsed              float64
		}
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return fmt.Errorf("test2json: %w", err)
		}
		at := d.tree
		if parts := strings.Split(e.Test, "/"); len(parts) > 1 {
			for _, name := range parts[1:] {
				at = at.child(name)
			}
		}
		switch e.Action {
		case "output":
			if !strings.HasPrefix(e.Output, "=== ") && !strings.HasPrefix(strings.TrimSpace(e.Output), "--- ") {
				at.output.WriteString(e.Output)
			}
		case "pass", "fail", "skip":
			at.action, at.elapsed = e.Action, e.Elapsed
			if testing.Verbose() && e.Test != "" {
				fmt.Fprintf(os.Stderr, "machine: %s %s (%.1f s)\n", e.Action, e.Test, e.Elapsed)
			}
		}
	}
	return lines.Err()
}

func (d *decoder) finish(t *testing.T) *result {
	t.Helper()
	d.Close()
	if err := <-d.done; err != nil {
		t.Error(err)
	}
	if err := d.cmd.Wait(); err != nil {
		t.Errorf("test2json: %v", err)
	}
	return d.tree
}

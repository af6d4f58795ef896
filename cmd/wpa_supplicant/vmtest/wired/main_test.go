//go:build wired

package wired

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// inside marks the process that runs in the namespace.
const inside = "GOSUPPLICANT_WIRED_NAMESPACE"

// supplicant and wpaCLI are the programs under test.
var supplicant, wpaCLI = os.Getenv("SUPPLICANT"), os.Getenv("WPACLI")

func TestMain(m *testing.M) {
	if os.Getenv(inside) != "" {
		if out, err := exec.Command("ip", "link", "set", "lo", "up").CombinedOutput(); err != nil { // RADIUS goes that way
			fmt.Fprintf(os.Stderr, "wired: ip: %v: %s", err, out)
			os.Exit(1)
		}
		os.Exit(m.Run())
	}
	code, err := outside()
	if err != nil {
		fmt.Fprintln(os.Stderr, "wired:", err)
		code = 1
	}
	os.Exit(code)
}

// outside builds what is missing, and runs the tests in a network namespace.
func outside() (int, error) {
	for _, name := range []string{"unshare", "ip", "hostapd", "freeradius", "tshark", "openssl"} {
		if _, err := exec.LookPath(name); err != nil {
			return 0, err
		}
	}
	dir, err := os.MkdirTemp("", "wired")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	env := append(os.Environ(), inside+"=1")
	for _, p := range []struct{ variable, value, name string }{{"SUPPLICANT", supplicant, "wpa_supplicant"}, {"WPACLI", wpaCLI, "wpa_cli"}} {
		if p.value != "" {
			continue
		}
		cmd := exec.Command("go", "build", "-o", dir+"/", "gosupplicant/cmd/"+p.name)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			return 0, fmt.Errorf("go build %s: %w\n%s", p.name, err, out)
		}
		env = append(env, p.variable+"="+filepath.Join(dir, p.name))
	}
	cmd := exec.Command("unshare", append([]string{"-n", "--", os.Args[0]}, os.Args[1:]...)...)
	cmd.Env, cmd.Stdout, cmd.Stderr = env, os.Stdout, os.Stderr
	err = cmd.Run()
	if ee := (*exec.ExitError)(nil); errors.As(err, &ee) {
		return ee.ExitCode(), nil
	}
	return 0, err
}

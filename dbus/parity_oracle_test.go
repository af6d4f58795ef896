//go:build oracle

package dbus

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"gosupplicant/dbus/bustest"
)

// TestUpstreamStillAnswersAsRecorded runs the parity script against Debian's
// program; with -update it records it.
func TestUpstreamStillAnswersAsRecorded(t *testing.T) {
	const program = "/sbin/wpa_supplicant"
	if _, err := os.Stat(program); err != nil {
		t.Fatalf("the oracle is not installed: %v", err)
	}
	b := bustest.Start(t, bustest.Config{})
	c := b.Connect()
	c.Listen("type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='" + Name + "'")
	cmd := exec.Command(program, "-u", "-Dnone")
	cmd.Env = append(os.Environ(), "DBUS_SYSTEM_BUS_ADDRESS="+b.Address())
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	defer cmd.Process.Kill()
	c.AwaitSignal("NameOwnerChanged")
	s := &script{t: t, c: c}
	s.run()
	text := record(s.seen)
	if strings.Count(text, "\n") < 300 {
		t.Errorf("only %d observations", strings.Count(text, "\n"))
	}
	bustest.Golden(t, upstreamFile, text)
}

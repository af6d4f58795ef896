package main

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"gosupplicant/drivers"
	"gosupplicant/drivers/sim"
	"gosupplicant/engine"
	"gosupplicant/engine/ctrl"
	"gosupplicant/engine/ctrl/ctrlclient"
	"gosupplicant/engine/logs"
	"gosupplicant/engine/loop"
)

const connectAir = `dwell active=1ms passive=1ms
radio phy0 interfaces=sim0 bands=2
ap "net" bssid=02:33:00:00:00:01 channel=1 signal=-40 security=wpa2 passphrase="right right"
`

// startEngine runs engine and control interface on a simulated air and returns
// the folder of the socket.
func startEngine(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	l := loop.New()
	air, err := sim.New(l, rand.NewChaCha8([32]byte{1}))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "air")
	if err := os.WriteFile(file, []byte(connectAir), 0o600); err != nil {
		t.Fatal(err)
	}
	var sup *engine.Supervisor
	var srv *ctrl.Server
	end := func() { sup.Shutdown(); srv.Close(); l.Stop() }
	sup = engine.New(engine.Options{Loop: l, Logs: logs.New(logs.LevelInfo), Rand: rand.NewChaCha8([32]byte{2}),
		Drivers: []drivers.Driver{air}, OnTerminate: end})
	if srv, err = ctrl.New(sup, ctrl.Options{}); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { defer close(done); l.Run() }()
	t.Cleanup(func() {
		l.Post(end)
		<-done
	})
	added := make(chan error, 1)
	l.Post(func() {
		sup.AddInterface(engine.InterfaceConfig{Ifname: "sim0", Driver: "sim", DriverParam: "air=" + file, CtrlInterface: filepath.Join(dir, "ctrl")},
			func(_ *engine.Interface, err error) { added <- err })
	})
	if err := <-added; err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestConnectAndAction goes from add_network to a connection and away, with an
// action program that hears of it.
func TestConnectAndAction(t *testing.T) {
	dir := startEngine(t)
	ctrlDir := filepath.Join(dir, "ctrl")
	cli := func(words ...string) string {
		t.Helper()
		var out bytes.Buffer
		if rc := run(append([]string{"wpa_cli", "-p", ctrlDir, "-s", dir, "-i", "sim0"}, words...), strings.NewReader(""), &out, &out); rc != 0 {
			t.Fatalf("%v: status %d, %s", words, rc, out.String())
		}
		return out.String()
	}
	m, err := ctrlclient.Dial(filepath.Join(ctrlDir, "sim0"), ctrlclient.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if err := m.Attach(); err != nil {
		t.Fatal(err)
	}
	// The program tells by a pipe; -B returns when the client has attached.
	fifo, script, pidFile := filepath.Join(dir, "fifo"), filepath.Join(dir, "script"), filepath.Join(dir, "pid")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(script, []byte("#!/bin/sh\necho \"$1 $2 $WPA_ID $WPA_ID_STR\" > "+fifo+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "-p", ctrlDir, "-s", dir, "-i", "sim0", "-B", "-P", pidFile, "-a", script)
	cmd.Env = append(os.Environ(), "WPA_CLI_TEST_MAIN=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	told := func(want string) {
		t.Helper()
		if got, err := os.ReadFile(fifo); err != nil || string(got) != want {
			t.Errorf("%v, the program was told %q, want %q", err, got, want)
		}
	}
	if got := cli("add_network"); got != "0\n" {
		t.Fatalf("add_network: %q", got)
	}
	cli("set_network", "0", "ssid", `"net"`)
	cli("set_network", "0", "psk", `"right right"`)
	cli("set_network", "0", "id_str", `"home"`)
	cli("select_network", "0")
	await(t, m, "CTRL-EVENT-CONNECTED ")
	told("sim0 CONNECTED 0 home\n")
	if got := cli("status"); !strings.Contains(got, "wpa_state=COMPLETED\n") || !strings.Contains(got, "key_mgmt=WPA2-PSK\n") {
		t.Errorf("status:\n%s", got)
	}
	if got := cli("list_networks"); !strings.Contains(got, "\n0\tnet\tany\t[CURRENT]\n") {
		t.Errorf("list_networks:\n%s", got)
	}
	if got := cli("failures", "0"); got != "" {
		t.Errorf("failures: %q", got)
	}
	if got := cli("signal_poll"); !strings.HasPrefix(got, "RSSI=-40\n") {
		t.Errorf("signal_poll: %q", got)
	}
	cli("disconnect")
	await(t, m, "CTRL-EVENT-DISCONNECTED ")
	told("sim0 DISCONNECTED 0 home\n")
	cli("terminate") // the client in the background ends with the daemon
	await(t, m, "CTRL-EVENT-TERMINATING")
}

func await(t *testing.T, c *ctrlclient.Conn, prefix string) {
	t.Helper()
	for {
		e, err := c.Next(10 * time.Second)
		if err != nil {
			t.Fatalf("waiting for %q: %v", prefix, err)
		}
		if strings.HasPrefix(e.Text, prefix) {
			return
		}
	}
}

package bus_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"gosupplicant/dbus/bus"
	"gosupplicant/dbus/bustest"
)

// benchService is set in the environment of a copy of the test binary that is
// to act as a service on the bus at that address.
const benchService = "BUS_TEST_SERVICE"

func TestMain(m *testing.M) {
	if address := os.Getenv(benchService); address != "" {
		runService(address)
		return
	}
	os.Exit(m.Run())
}

// runService answers property calls in a goroutine of its own, as the engine
// does: one message to it and one flush for each batch.
func runService(address string) {
	conn, err := bus.Dial(context.Background(), address, bus.Options{Name: serviceName})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	work := make(chan []bus.Event)
	done := make(chan struct{})
	go func() {
		for batch := range work {
			for _, ev := range batch {
				property(conn, ev.(*bus.Call))
			}
			conn.Flush()
			done <- struct{}{}
		}
	}()
	conn.Run(func(batch []bus.Event) { work <- batch; <-done })
}

func property(conn *bus.Conn, call *bus.Call) {
	args, err := call.Args()
	if err != nil || len(args) == 0 {
		conn.Error(call, "org.freedesktop.DBus.Error.InvalidArgs")
		return
	}
	if call.Member == "Get" {
		conn.Reply(call, bus.MakeVariant("info"))
		return
	}
	conn.Reply(call, bus.Dict{
		{Key: "DebugLevel", Value: bus.MakeVariant("info")},
		{Key: "DebugTimestamp", Value: bus.MakeVariant(false)},
		{Key: "DebugShowKeys", Value: bus.MakeVariant(false)},
		{Key: "Interfaces", Value: bus.MakeVariant([]bus.ObjectPath{})},
		{Key: "EapMethods", Value: bus.MakeVariant([]string{"MD5", "TLS", "MSCHAPV2", "PEAP", "TTLS", "GTC", "OTP", "SIM", "LEAP", "PSK", "AKA", "AKA'", "FAST", "PAX", "SAKE", "GPSK", "WSC", "IKEV2", "TNC", "PWD"})},
		{Key: "Capabilities", Value: bus.MakeVariant([]string{"ap", "ibss-rsn", "p2p", "interworking", "pmf", "mesh", "fils", "sha384", "suiteb", "suiteb192", "owe"})},
		{Key: "WFDIEs", Value: bus.MakeVariant([]byte{})},
	})
}

// startService runs a service process and waits until it owns the name.
func startService(b *testing.B, priv *bustest.Bus, client *bustest.Client, argv ...string) int {
	b.Helper()
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Env = append(os.Environ(), benchService+"="+priv.Address(), "DBUS_SYSTEM_BUS_ADDRESS="+priv.Address())
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	client.Listen("type='signal',member='NameOwnerChanged',arg0='" + serviceName + "'")
	client.Take()
	if err := cmd.Start(); err != nil {
		b.Skip(err)
	}
	b.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	client.AwaitSignal("NameOwnerChanged")
	return cmd.Process.Pid
}

// cpu returns the time on a CPU of all threads of a process.
func cpu(b *testing.B, pid int) time.Duration {
	b.Helper()
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	if err != nil || len(files) == 0 {
		b.Fatalf("no threads of %d: %v", pid, err)
	}
	var sum time.Duration
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			continue // the thread has ended
		}
		ns, err := strconv.ParseInt(strings.Fields(string(text))[0], 10, 64)
		if err != nil {
			b.Fatal(err)
		}
		sum += time.Duration(ns)
	}
	return sum
}

// switches returns how often the threads of a process gave up the CPU.
func switches(b *testing.B, pid int) int {
	b.Helper()
	files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
	sum := 0
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			continue
		}
		for s := bufio.NewScanner(f); s.Scan(); {
			if v, ok := strings.CutPrefix(s.Text(), "voluntary_ctxt_switches:"); ok {
				n, err := strconv.Atoi(strings.TrimSpace(v))
				if err != nil {
					b.Error(err)
				}
				sum += n
			}
		}
		f.Close()
	}
	return sum
}

// BenchmarkService compares a service on this package with wpa_supplicant,
// where it is installed: the CPU time of the service for each call.
func BenchmarkService(b *testing.B) {
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	for _, svc := range []struct {
		name string
		argv []string
	}{{"gosupplicant", []string{self}}, {"wpa_supplicant", []string{"/usr/sbin/wpa_supplicant", "-u"}}} {
		for _, member := range []string{"Get", "GetAll"} {
			for _, depth := range []int{1, 100} {
				b.Run(fmt.Sprintf("%s/%s/%d", svc.name, member, depth), func(b *testing.B) {
					priv := bustest.Start(b, bustest.Config{})
					client := priv.Connect()
					pid := startService(b, priv, client, svc.argv...)
					to := bus.Target{Dest: serviceName, Path: "/fi/w1/wpa_supplicant1", Interface: "org.freedesktop.DBus.Properties", Member: member}
					args := []any{serviceName}
					if member == "Get" {
						args = append(args, "DebugLevel")
					}
					if _, err := client.Call(to, args...); err != nil {
						b.Fatal(err)
					}
					before, waits, n := cpu(b, pid), switches(b, pid), 0
					for b.Loop() {
						var last uint32
						for range depth {
							last = client.Send(to, args...)
						}
						client.Await(last)
						client.Take()
						n += depth
					}
					b.ReportMetric(float64(cpu(b, pid)-before)/float64(n), "service-ns/call")
					b.ReportMetric(float64(switches(b, pid)-waits)/float64(n), "waits/call")
					b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "calls/s")
					b.ReportMetric(0, "ns/op")
				})
			}
		}
	}
}

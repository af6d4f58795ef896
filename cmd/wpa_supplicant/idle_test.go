package main

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"gosupplicant/dbus/bustest"

	"golang.org/x/sys/unix"
)

// switches counts how often the threads of a process went to sleep.
func switches(t *testing.T, pid int) (n int) {
	t.Helper()
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
	if err != nil || len(files) == 0 {
		t.Fatalf("no threads of %d: %v", pid, err)
	}
	for _, f := range files {
		n += statusField(t, readFile(f), "voluntary_ctxt_switches")
	}
	return n
}

// statusField reads a number of /proc/PID/status.
func statusField(t *testing.T, status, name string) int {
	t.Helper()
	for line := range strings.SplitSeq(status, "\n") {
		if v, ok := strings.CutPrefix(line, name+":"); ok {
			n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(v), " kB"))
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatalf("no %s in %q", name, status)
	return 0
}

// TestIdleDaemonSleeps: with an interface, the bus and a client, but nothing to
// do, no thread wakes. The wall clock is what is tested here.
func TestIdleDaemonSleeps(t *testing.T) {
	t.Parallel()
	dir, bus := folder(t), bustest.Start(t, bustest.Config{})
	p := start(t, "-u -Dnone -ilo -C"+dir+"/c -g"+dir+"/global", withBus(bus.Address()))
	c := dial(t, dir+"/c/lo")
	p.awaitLine("bus: connected")
	serves(t, bus)
	want(t, c, "PING", "PONG")
	p.signal(unix.SIGUSR1)
	p.awaitLine("interface lo: driver=none")
	want(t, c, "NOTE end of the dump", "OK")
	for p.awaitAny() != "NOTE: end of the dump" {
		if last := p.last(); strings.HasPrefix(last, "timer ") {
			t.Errorf("an idle daemon has a timer: %s", last)
		}
	}
	pid := p.cmd.Process.Pid
	const watched, bound = 1500 * time.Millisecond, 10
	before, after := -1, 0
	for began := time.Now(); time.Since(began) < patience; {
		// What the start left to do (the collector, for one) may end first.
		before = switches(t, pid)
		<-time.After(watched)
		if after = switches(t, pid); after-before < bound {
			break
		}
	}
	t.Logf("%d wake-ups in %v", after-before, watched)
	if after-before >= bound {
		t.Errorf("an idle daemon woke %d times in %v", after-before, watched)
	}
	kb := statusField(t, readFile(fmt.Sprintf("/proc/%d/status", pid)), "VmRSS")
	anon := statusField(t, readFile(fmt.Sprintf("/proc/%d/status", pid)), "RssAnon")
	t.Logf("resident: %d kB, of it %d kB not of files", kb, anon)
	if kb >= 20<<10 {
		t.Errorf("an idle daemon has %d kB in memory", kb)
	}
	p.leave(unix.SIGTERM)
}

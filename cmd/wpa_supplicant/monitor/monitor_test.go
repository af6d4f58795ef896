package monitor

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestMonitor: the thread found is the one that sleeps for a moment again and again
// while others run, and it, not the first, was told to take its time.
func TestMonitor(t *testing.T) {
	tid := thread()
	if tid == 0 || tid == os.Getpid() {
		t.Fatalf("thread %d of process %d", tid, os.Getpid())
	}
	sleeps := fmt.Sprint(unix.SYS_NANOSLEEP) + " "
	for deadline := time.Now().Add(20 * time.Second); ; {
		now, err := os.ReadFile(fmt.Sprintf("/proc/self/task/%d/syscall", tid))
		if err != nil {
			t.Skip("who may look at threads:", err)
		}
		if strings.HasPrefix(string(now), sleeps) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("thread %d does not sleep as the monitor does: %s", tid, now)
		}
	}
	for id, want := range map[int]time.Duration{tid: slack, os.Getpid(): 50 * time.Microsecond} {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/timerslack_ns", id))
		if err != nil {
			t.Skip("it cannot be read without CAP_SYS_NICE:", err)
		}
		if ns, err := strconv.Atoi(strings.TrimSpace(string(text))); err != nil || time.Duration(ns) != want {
			t.Errorf("slack of thread %d is %q ns, want %v", id, text, want)
		}
	}
}

package lab

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"golang.org/x/sys/unix"
)

// Namespace is a network namespace of the machine. What is in it reaches the
// rest over the air alone.
type Namespace struct {
	t    T
	Name string
}

// AddNamespace makes one, with the loopback interface up, which lasts as long
// as the test.
func AddNamespace(t T, name string) *Namespace {
	t.Helper()
	Run(t, nil, "ip", "netns", "add", name)
	t.Cleanup(func() { Run(t, nil, "ip", "netns", "del", name) })
	n := &Namespace{t, name}
	Run(t, nil, n.argv("ip", "link", "set", "lo", "up")...)
	return n
}

// argv runs a program in the namespace.
func (n *Namespace) argv(argv ...string) []string {
	return append([]string{"ip", "netns", "exec", n.Name}, argv...)
}

// Run is Run inside the namespace.
func (n *Namespace) Run(argv ...string) string {
	n.t.Helper()
	return Run(n.t, nil, n.argv(argv...)...)
}

// Take moves a radio, with its interfaces, into the namespace.
func (n *Namespace) Take(phy string) {
	n.t.Helper()
	Run(n.t, nil, "iw", "phy", phy, "set", "netns", "name", n.Name)
}

// Do calls f on a thread inside the namespace; sockets that f opens stay in it.
// A nil Namespace is the machine's own.
func (n *Namespace) Do(f func() error) error {
	if n == nil {
		return f()
	}
	runtime.LockOSThread()
	home, err := os.Open("/proc/thread-self/ns/net")
	if err != nil {
		return err
	}
	defer home.Close()
	there, err := os.Open(filepath.Join("/run/netns", n.Name))
	if err != nil {
		return err
	}
	defer there.Close()
	if err := unix.Setns(int(there.Fd()), unix.CLONE_NEWNET); err != nil {
		return fmt.Errorf("enter namespace %s: %w", n.Name, err)
	}
	err = f()
	if back := unix.Setns(int(home.Fd()), unix.CLONE_NEWNET); back != nil {
		// The thread stays locked, and ends with its goroutine.
		return fmt.Errorf("leave namespace %s: %w", n.Name, back)
	}
	runtime.UnlockOSThread()
	return err
}

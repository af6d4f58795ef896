package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"gosupplicant/engine/ctrl/ctrlclient"

	"golang.org/x/sys/unix"
)

// patience is how long a test waits for what should happen at once.
const patience = 20 * time.Second

// built is the daemon, built once for all tests of this package.
var built struct {
	once sync.Once
	dir  string
	err  error
}

// program is the path of the daemon.
func program(t testing.TB) string {
	t.Helper()
	built.once.Do(func() {
		if built.dir, built.err = os.MkdirTemp("", "wpas"); built.err != nil {
			return
		}
		cmd := exec.Command("go", "build", "-o", built.dir+"/", ".")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			built.err = fmt.Errorf("go build: %w\n%s", err, out)
		}
	})
	if built.err != nil {
		t.Fatal(built.err)
	}
	return filepath.Join(built.dir, "wpa_supplicant")
}

func TestMain(m *testing.M) {
	code := m.Run()
	if built.dir != "" {
		os.RemoveAll(built.dir)
	}
	os.Exit(code)
}

// folder makes a folder with a path short enough for sockets.
func folder(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "w")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// write makes a file in dir and returns its path.
func write(t testing.TB, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// process is a daemon in the foreground. It keeps the lines it printed.
type process struct {
	t    testing.TB
	cmd  *exec.Cmd
	out  *os.File      // its standard output and error
	done chan struct{} // closed at its end, when all was read

	mu    sync.Mutex
	lines []string
	next  int           // lines before this one are dealt with
	news  chan struct{} // closed and replaced with each line
}

// setting changes how a process is started.
type setting func(*exec.Cmd)

func inDir(dir string) setting { return func(c *exec.Cmd) { c.Dir = dir } }

func withEnv(kv ...string) setting {
	return func(c *exec.Cmd) { c.Env = append(c.Env, kv...) }
}

func withBus(address string) setting { return withEnv("DBUS_SYSTEM_BUS_ADDRESS=" + address) }

// start runs the daemon with arguments separated by blanks, until the test ends.
func start(t testing.TB, args string, settings ...setting) *process {
	t.Helper()
	return startProgram(t, program(t), args, settings...)
}

func startProgram(t testing.TB, path, args string, settings ...setting) *process {
	t.Helper()
	p := &process{t: t, done: make(chan struct{}), news: make(chan struct{})}
	p.cmd = exec.Command(path, words(args)...)
	p.cmd.Env = append(os.Environ(), "DBUS_SYSTEM_BUS_ADDRESS=unix:path=/nonexistent/bus", "LC_ALL=C")
	for _, s := range settings {
		s(p.cmd)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p.cmd.Stdout, p.cmd.Stderr = w, w
	err = p.cmd.Start()
	w.Close()
	if err != nil {
		t.Fatal(err)
	}
	p.out = r
	go p.read()
	t.Cleanup(func() {
		p.cmd.Process.Kill()
		p.cmd.Wait()
		if t.Failed() {
			t.Logf("%s %s said:\n%.2000s", path, args, p.output())
		}
	})
	return p
}

// words splits arguments at blanks; '…' keeps blanks inside one.
func words(args string) (out []string) {
	for k, part := range strings.Split(args, "'") {
		if k%2 == 1 {
			out = append(out, part)
		} else {
			out = append(out, strings.Fields(part)...)
		}
	}
	return out
}

// deaf closes the reading end of what the process prints.
func (p *process) deaf() {
	p.out.Close()
	<-p.done
}

func (p *process) read() {
	defer close(p.done)
	defer p.out.Close()
	s := bufio.NewScanner(p.out)
	for s.Scan() {
		p.mu.Lock()
		p.lines = append(p.lines, s.Text())
		close(p.news)
		p.news = make(chan struct{})
		p.mu.Unlock()
	}
}

func (p *process) output() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.lines, "\n")
}

// awaitAny waits for the next line and returns it.
func (p *process) awaitAny() string {
	p.t.Helper()
	return p.awaitLine("")
}

// last is the line returned last.
func (p *process) last() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.next == 0 {
		return ""
	}
	return p.lines[p.next-1]
}

// awaitLine waits for a line that contains text, behind the one it returned
// before, and returns it.
func (p *process) awaitLine(text string) string {
	p.t.Helper()
	line, ok := p.find(text)
	if !ok {
		p.t.Fatalf("no line with %q", text)
	}
	return line
}

// find waits for a line that contains text. It reports false when the process
// ended without one, or patience did.
func (p *process) find(text string) (string, bool) {
	limit := time.After(patience)
	for ended := false; ; {
		p.mu.Lock()
		for p.next < len(p.lines) {
			line := p.lines[p.next]
			p.next++
			if strings.Contains(line, text) {
				p.mu.Unlock()
				return line, true
			}
		}
		news := p.news
		p.mu.Unlock()
		if ended {
			return "", false
		}
		select {
		case <-news:
		case <-p.done:
			ended = true
		case <-limit:
			return "", false
		}
	}
}

// signal sends a signal.
func (p *process) signal(s os.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// wait waits for the end and returns the exit status, -1 after a signal.
func (p *process) wait() int {
	p.t.Helper()
	select {
	case <-p.done: // nobody holds its output any more
	case <-time.After(patience):
		p.t.Fatal("the process does not end")
	}
	var exit *exec.ExitError
	if err := p.cmd.Wait(); err != nil && !errors.As(err, &exit) {
		p.t.Fatal(err)
	}
	return p.cmd.ProcessState.ExitCode()
}

// leave ends the daemon with a signal: status 0, within a second.
func (p *process) leave(s os.Signal) {
	p.t.Helper()
	began := time.Now()
	p.signal(s)
	if code := p.wait(); code != 0 {
		p.t.Errorf("exit status %d after %v, want 0", code, s)
	}
	if took := time.Since(began); took > time.Second {
		p.t.Errorf("leaving after %v took %v, want less than a second", s, took)
	}
}

// run1 runs the daemon to its end.
func run1(t testing.TB, args string, settings ...setting) (code int, output string) {
	t.Helper()
	p := start(t, args, settings...)
	code = p.wait()
	return code, p.output()
}

// awaitPath waits until path exists.
func awaitPath(t testing.TB, path string) {
	t.Helper()
	fd, err := unix.InotifyInit1(unix.IN_NONBLOCK | unix.IN_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	f := os.NewFile(uintptr(fd), "inotify")
	defer f.Close()
	f.SetDeadline(time.Now().Add(patience))
	if !awaitFile(f, path) {
		t.Fatalf("%s does not appear", path)
	}
}

// awaitFile waits with the inotify instance f until path exists. Its folder may
// come later, if the parent is there. It reports false at the deadline of f and
// when f is closed.
func awaitFile(f *os.File, path string) bool {
	const what = unix.IN_CREATE | unix.IN_MOVED_TO | unix.IN_ATTRIB
	dir := filepath.Dir(path)
	raw, err := f.SyscallConn()
	if err != nil {
		return false
	}
	for buf := make([]byte, 4096); ; {
		watched := 0
		raw.Control(func(fd uintptr) {
			for _, d := range []string{filepath.Dir(dir), dir} {
				if _, err := unix.InotifyAddWatch(int(fd), d, what); err == nil {
					watched++
				}
			}
		})
		if exists(path) {
			return true
		}
		if watched == 0 {
			return false
		}
		if _, err := f.Read(buf); err != nil {
			return false
		}
	}
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// awaitGone waits for the end of a process that is not our child.
func awaitGone(t testing.TB, pid int) {
	t.Helper()
	fd, err := unix.PidfdOpen(pid, 0)
	if errors.Is(err, unix.ESRCH) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, int(patience.Milliseconds()))
	if err != nil || n != 1 {
		t.Fatalf("process %d does not end: %v", pid, err)
	}
}

// pidOf reads a PID file and has the process killed when the test ends.
func pidOf(t testing.TB, path string) int {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSuffix(string(b), "\n"))
	if err != nil || pid < 2 {
		t.Fatalf("PID file holds %q", b)
	}
	t.Cleanup(func() {
		if strings.Contains(readFile(fmt.Sprintf("/proc/%d/cmdline", pid)), "wpa_supplicant") {
			unix.Kill(pid, unix.SIGKILL)
		}
	})
	return pid
}

func readFile(path string) string {
	b, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err.Error()
	}
	return string(bytes.TrimSpace(b))
}

// dial connects to a control socket, once it is there.
func dial(t testing.TB, path string) *ctrlclient.Conn {
	t.Helper()
	if !strings.HasPrefix(path, "@") {
		awaitPath(t, path)
	}
	c, err := ctrlclient.Dial(path, ctrlclient.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// ask sends a command and returns the reply without its last newline.
func ask(t testing.TB, c *ctrlclient.Conn, cmd string) string {
	t.Helper()
	reply, err := c.Request(cmd, patience)
	if err != nil {
		t.Fatalf("%s: %v", cmd, err)
	}
	return strings.TrimSuffix(reply, "\n")
}

// want asks and compares.
func want(t testing.TB, c *ctrlclient.Conn, cmd, reply string) {
	t.Helper()
	if got := ask(t, c, cmd); got != reply {
		t.Errorf("%s: %q, want %q", cmd, got, reply)
	}
}

// awaitEvent waits for an event whose text starts with prefix.
func awaitEvent(t testing.TB, c *ctrlclient.Conn, prefix string) string {
	t.Helper()
	limit := time.Now().Add(patience)
	for {
		ev, err := c.Next(time.Until(limit))
		if err != nil {
			t.Fatalf("waiting for %s: %v", prefix, err)
		}
		if strings.HasPrefix(ev.Text, prefix) {
			return ev.Text
		}
	}
}

package lab

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// T is the part of testing.TB that the lab uses.
type T interface {
	Helper()
	Logf(format string, args ...any)
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Cleanup(func())
	TempDir() string
	Failed() bool
}

// Patience is how long the lab waits for anything. Emulated machines are slow;
// a wait that succeeds never takes it all.
const Patience = 30 * time.Second

// keepLines is how many lines of a process are remembered.
const keepLines = 50_000

// Process is a program that runs until the test ends.
type Process struct {
	t     T
	name  string
	cmd   *exec.Cmd
	ended chan struct{} // closed when the process has been waited for

	mu    sync.Mutex
	lines []string
	news  chan struct{} // closed and replaced with every line
	read  int           // lines that Wait has consumed
}

// Start runs a program; name is for messages. It is stopped with the test.
func Start(t T, name string, env []string, argv ...string) *Process {
	t.Helper()
	p := &Process{t: t, name: name, ended: make(chan struct{}), news: make(chan struct{})}
	p.cmd = exec.Command(argv[0], argv[1:]...)
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatalf("lab: %s: %v", name, err)
	}
	p.cmd.Stdout, p.cmd.Stderr = in, in
	if err := p.cmd.Start(); err != nil {
		t.Fatalf("lab: start %s: %v", name, err)
	}
	in.Close()
	go p.collect(out)
	t.Cleanup(func() {
		p.Stop()
		if t.Failed() {
			t.Logf("lab: %s ended; its last lines:\n%s", name, p.short(50))
		}
	})
	return p
}

func (p *Process) collect(out io.ReadCloser) {
	defer out.Close()
	s := bufio.NewScanner(out)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		p.mu.Lock()
		if len(p.lines) < keepLines {
			p.lines = append(p.lines, s.Text())
		}
		close(p.news)
		p.news = make(chan struct{})
		p.mu.Unlock()
	}
	_ = p.cmd.Wait() // the state is read from cmd.ProcessState
	close(p.ended)
}

// Wait returns the next line, after those that an earlier Wait went past, for
// which match holds, and fails the test when none comes within Patience.
func (p *Process) Wait(what string, match func(line string) bool) string {
	p.t.Helper()
	line, ok := p.TryWait(match, Patience)
	if !ok {
		p.t.Fatalf("lab: %s: waited for %s; its last lines:\n%s", p.name, what, p.short(40))
	}
	return line
}

// WaitText is Wait for a line that contains text.
func (p *Process) WaitText(text string) string {
	p.t.Helper()
	return p.Wait(text, func(line string) bool { return strings.Contains(line, text) })
}

// TryWait is Wait that reports failure.
func (p *Process) TryWait(match func(line string) bool, limit time.Duration) (string, bool) {
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	for {
		p.mu.Lock()
		for p.read < len(p.lines) {
			line := p.lines[p.read]
			p.read++
			if match(line) {
				p.mu.Unlock()
				return line, true
			}
		}
		news := p.news
		p.mu.Unlock()
		select {
		case <-news:
		case <-p.ended:
			// Lines that came before the end have been looked at, unless
			// they arrived since.
			p.mu.Lock()
			more := p.read < len(p.lines)
			p.mu.Unlock()
			if !more {
				return "", false
			}
		case <-deadline.C:
			return "", false
		}
	}
}

// Skip makes the next Wait begin with lines that come from now on.
func (p *Process) Skip() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.read = len(p.lines)
}

// Tail returns the last n lines.
func (p *Process) Tail(n int) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.lines[max(0, len(p.lines)-n):], "\n")
}

// short is Tail with long lines cut, for a failed test's log.
func (p *Process) short(n int) string {
	const width = 240
	lines := strings.Split(p.Tail(n), "\n")
	for i, l := range lines {
		if len(l) > width {
			lines[i] = l[:width] + "..."
		}
	}
	return strings.Join(lines, "\n")
}

// Text returns everything printed so far.
func (p *Process) Text() string { return p.Tail(keepLines) }

// Running reports whether the process has not ended.
func (p *Process) Running() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// Stop asks the process to end (SIGTERM), insists after Patience, and waits.
func (p *Process) Stop() {
	p.t.Helper()
	if !p.Running() {
		return
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.t.Errorf("lab: stop %s: %v", p.name, err)
	}
	if _, ok := p.WaitEnd(Patience); ok {
		return
	}
	p.t.Errorf("lab: %s did not end %v after SIGTERM", p.name, Patience)
	_ = p.cmd.Process.Kill()
	<-p.ended
}

// Kill ends the process at once (SIGKILL) and waits.
func (p *Process) Kill() {
	p.t.Helper()
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.t.Errorf("lab: kill %s: %v", p.name, err)
	}
	<-p.ended
}

// WaitEnd waits for the process to end by itself and returns its exit code
// (-1 when a signal ended it).
func (p *Process) WaitEnd(limit time.Duration) (code int, ok bool) {
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	select {
	case <-p.ended:
		return p.cmd.ProcessState.ExitCode(), true
	case <-deadline.C:
		return 0, false
	}
}

// Run runs a program to its end and returns what it printed; a failure of the
// program fails the test.
func Run(t T, env []string, argv ...string) string {
	t.Helper()
	out, err := Try(env, argv...)
	if err != nil {
		t.Fatalf("lab: %s: %v\n%s", strings.Join(argv, " "), err, out)
	}
	return out
}

// Try runs a program to its end and returns what it printed on both streams.
func Try(env []string, argv ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*Patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Env = append(os.Environ(), env...)
	cmd.WaitDelay = time.Second
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	return out.String(), err
}

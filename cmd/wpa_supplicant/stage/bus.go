package stage

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// busConfig lets everybody own and call everything: the bus is ours alone.
const busConfig = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=%s</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
  <limit name="max_replies_per_connection">50000</limit>
</busconfig>
`

// Process is a program that was started and can be ended.
type Process struct {
	cmd *exec.Cmd
	log *os.File
}

func start(ctx context.Context, logPath string, env []string, name string, args ...string) (*Process, error) {
	log, err := os.Create(logPath)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	if err := cmd.Start(); err != nil {
		log.Close()
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	return &Process{cmd, log}, nil
}

// PID is the process number.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Stop ends the program with SIGTERM, or SIGKILL after two seconds, and waits.
func (p *Process) Stop() {
	if p == nil {
		return
	}
	p.cmd.Process.Signal(syscall.SIGTERM)
	timer := time.AfterFunc(2*time.Second, func() { p.cmd.Process.Kill() })
	p.cmd.Wait() // the status tells nothing after a signal
	timer.Stop()
	p.log.Close()
}

// Bus is a private message bus.
type Bus struct {
	Address string
	proc    *Process
}

// StartBus starts dbus-daemon with its files in dir.
func StartBus(ctx context.Context, dir string) (*Bus, error) {
	conf := filepath.Join(dir, "bus.conf")
	if err := os.WriteFile(conf, fmt.Appendf(nil, busConfig, filepath.Join(dir, "bus")), 0o600); err != nil {
		return nil, err
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	log, err := os.Create(filepath.Join(dir, "bus.log"))
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, "dbus-daemon", "--config-file="+conf, "--nofork", "--print-address=3")
	cmd.ExtraFiles = []*os.File{w}
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	err = cmd.Start()
	w.Close()
	if err != nil {
		log.Close()
		return nil, fmt.Errorf("starting dbus-daemon: %w", err)
	}
	b := &Bus{proc: &Process{cmd, log}}
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		b.Stop()
		return nil, fmt.Errorf("dbus-daemon gave no address: %w", err)
	}
	b.Address = strings.TrimSpace(line)
	return b, nil
}

// Stop ends the bus.
func (b *Bus) Stop() { b.proc.Stop() }

// StartDaemon starts the supplicant at path on the bus.
func (b *Bus) StartDaemon(ctx context.Context, logPath, path string, args ...string) (*Process, error) {
	return b.Start(ctx, logPath, nil, path, args...)
}

// Start starts another program on the bus, with more variables in its environment.
func (b *Bus) Start(ctx context.Context, logPath string, env []string, path string, args ...string) (*Process, error) {
	env = append([]string{"DBUS_SYSTEM_BUS_ADDRESS=" + b.Address}, env...)
	return start(ctx, logPath, env, path, args...)
}

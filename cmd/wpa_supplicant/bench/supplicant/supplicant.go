// Package supplicant has a supplicant at work for a measurement: started as a
// service manager starts it, and listened to from its first moment.
package supplicant

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"gosupplicant/cmd/wpa_supplicant/bench/quiet"
	"gosupplicant/engine/ctrl/ctrlclient"
)

// Options tell what to start.
type Options struct {
	Program string
	Driver  string
	Ifname  string
	Config  string        // without its ctrl_interface
	State   string        // the folder of what it keeps from one start to the next, or empty
	Within  time.Duration // how long it may take to have a control socket
}

// Process is a supplicant at work.
type Process struct {
	Begun time.Time // when it was started
	Conn  *ctrlclient.Conn

	cmd *exec.Cmd
	dir string
}

// Start starts a supplicant and attaches to its events.
func Start(o Options) (*Process, error) {
	dir, err := os.MkdirTemp("", "bench-sta-")
	if err != nil {
		return nil, err
	}
	p := &Process{dir: dir}
	if err := p.start(o); err != nil {
		return nil, errors.Join(err, p.Stop())
	}
	return p, nil
}

func (p *Process) start(o Options) error {
	conf, sockets := filepath.Join(p.dir, "conf"), filepath.Join(p.dir, "ctrl")
	if err := os.WriteFile(conf, []byte("ctrl_interface="+sockets+"\n"+o.Config), 0o600); err != nil {
		return err
	}
	cmd := exec.Command(o.Program, "-D"+o.Driver, "-i"+o.Ifname, "-c"+conf, "-f"+filepath.Join(p.dir, "log"))
	// What a unit has, not what a shell has gathered.
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8"}
	if o.State != "" {
		cmd.Env = append(cmd.Env, "STATE_DIRECTORY="+o.State)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	p.Begun = time.Now()
	if err := quiet.Start(cmd); err != nil {
		return err
	}
	p.cmd = cmd
	for limit := time.Now().Add(o.Within); ; time.Sleep(500 * time.Microsecond) {
		var err error
		if p.Conn, err = ctrlclient.Dial(filepath.Join(sockets, o.Ifname), ctrlclient.Options{Dir: p.dir}); err == nil {
			return p.Conn.Attach()
		}
		if time.Now().After(limit) {
			return fmt.Errorf("no control socket: %w", err)
		}
	}
}

// PID is that of the process.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Ask makes a request of the control socket.
func (p *Process) Ask(cmd string) (string, error) {
	return p.Conn.Request(cmd, ctrlclient.DefaultTimeout)
}

// Stop ends the process in order, so that it says goodbye to its peer.
func (p *Process) Stop() (err error) {
	if p.Conn != nil {
		p.Conn.Close()
	}
	if p.cmd != nil {
		p.cmd.Process.Signal(syscall.SIGTERM)
		err = p.cmd.Wait()
	}
	os.RemoveAll(p.dir)
	return err
}

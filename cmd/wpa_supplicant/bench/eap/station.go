package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"gosupplicant/cmd/wpa_supplicant/bench/figures"
	"gosupplicant/engine/ctrl/ctrlclient"
)

// patience bounds every wait.
const patience = 20 * time.Second

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// value is one figure of a run.
type value struct {
	name string
	ms   float64
}

// measurement is one run of a program.
type measurement struct {
	values  []value
	resumed bool // the second exchange built on the first one's TLS session
}

func (m *measurement) add(name string, ms float64) { m.values = append(m.values, value{name, ms}) }

// station is one supplicant at work.
type station struct {
	cmd   *exec.Cmd
	begun time.Time
	conn  *ctrlclient.Conn
	dir   string
}

// start starts a supplicant and attaches to its events.
func (c *cable) start(program string) (*station, error) {
	dir, err := os.MkdirTemp(c.dir, "s")
	if err != nil {
		return nil, err
	}
	s := &station{dir: dir}
	conf := filepath.Join(dir, "conf")
	text := fmt.Sprintf("ctrl_interface=%s\nap_scan=0\nnetwork={\n\tkey_mgmt=IEEE8021X\n%s}\n", filepath.Join(dir, "c"), c.network)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		return nil, err
	}
	s.cmd = exec.Command(program, "-Dwired", "-i"+clientEnd, "-c"+conf, "-f"+filepath.Join(dir, "log"))
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	s.begun = time.Now()
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	for deadline := time.Now().Add(patience); ; time.Sleep(500 * time.Microsecond) {
		if s.conn, err = ctrlclient.Dial(filepath.Join(dir, "c", clientEnd), ctrlclient.Options{Dir: dir}); err == nil {
			break
		}
		if time.Now().After(deadline) {
			return nil, errors.Join(errors.New("no control socket"), err, s.stop())
		}
	}
	if err := s.conn.Attach(); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	return s, nil
}

// stop ends the supplicant in order, so that it says good-bye on the wire.
func (s *station) stop() error {
	if s.conn != nil {
		s.conn.Close()
	}
	s.cmd.Process.Signal(syscall.SIGTERM)
	err := s.cmd.Wait()
	os.RemoveAll(s.dir)
	return err
}

// success waits for the end of an exchange and returns when it came.
func (s *station) success() (time.Time, error) {
	for deadline := time.Now().Add(patience); ; {
		ev, err := s.conn.Next(time.Until(deadline))
		switch {
		case err != nil:
			return time.Time{}, fmt.Errorf("waiting for the end of EAP: %w", err)
		case strings.HasPrefix(ev.Text, "CTRL-EVENT-EAP-SUCCESS"):
			return time.Now(), nil
		case strings.HasPrefix(ev.Text, "CTRL-EVENT-EAP-FAILURE"):
			return time.Time{}, errors.New("EAP failed")
		}
	}
}

// authenticated is success, which may have come before the attachment.
func (s *station) authenticated() (time.Time, error) {
	if st, err := s.ask("STATUS"); err != nil || strings.Contains(st, "wpa_state=COMPLETED") {
		return time.Now(), err
	}
	return s.success()
}

func (s *station) ask(cmd string) (string, error) {
	return s.conn.Request(cmd, ctrlclient.DefaultTimeout)
}

// measure runs a program once through everything.
func (c *cable) measure(program string) (m measurement, err error) {
	s, err := c.start(program)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	if err := c.first(&m, s); err != nil {
		return m, err
	}
	if err := c.second(&m, s); err != nil {
		return m, fmt.Errorf("second exchange: %w", err)
	}
	st, err := s.ask("STATUS")
	m.resumed = strings.Contains(st, "tls_session_reused=1\n")
	return m, err
}

// first measures from the start of the process to the open port.
func (c *cable) first(m *measurement, s *station) error {
	done, err := s.authenticated()
	if err != nil {
		return err
	}
	cpu, err := figures.CPU(s.cmd.Process.Pid)
	if err != nil {
		return err
	}
	e, err := c.wire.last()
	if err != nil {
		return err
	}
	m.add("start to authenticated", ms(done.Sub(s.begun)))
	m.add("start to first frame", ms(e.start.Sub(s.begun)))
	m.add("exchange", e.took())
	m.add("daemon CPU", cpu)
	return nil
}

// second measures an exchange of a supplicant that has had one.
func (c *cable) second(m *measurement, s *station) error {
	s.conn.Events() // those of the first exchange
	before, err := figures.CPU(s.cmd.Process.Pid)
	if err != nil {
		return err
	}
	begun := time.Now()
	if r, err := s.ask("REAUTHENTICATE"); err != nil || r != "OK\n" {
		return fmt.Errorf("REAUTHENTICATE: %q, %w", r, err)
	}
	done, err := s.success()
	if err != nil {
		return err
	}
	after, err := figures.CPU(s.cmd.Process.Pid)
	if err != nil {
		return err
	}
	e, err := c.wire.last()
	if err != nil {
		return err
	}
	m.add("again: time", ms(done.Sub(begun)))
	m.add("again: exchange", e.took())
	m.add("again: daemon CPU", after-before)
	return nil
}

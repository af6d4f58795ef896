package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"gosupplicant/engine/ctrl/ctrlclient"
)

// supplicant is a wpa_supplicant, ours or another, told what to do through its
// control socket. Like iwd it has a folder of its state, as its unit gives it one,
// and keeps it from one start to the next.
type supplicant struct{ path, dir string }

func (p supplicant) name() string { return p.path }

// warm has the program and its libraries read from disk, and makes the folder.
func (p supplicant) warm() error {
	if err := readFile(p.path); err != nil {
		return err
	}
	return errors.Join(os.MkdirAll(p.dir, 0o700), readVersion(p.path))
}

// readFile has the kernel keep a file in memory.
func readFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(io.Discard, f)
	return err
}

const patience = 40 * time.Second

// supplicantStation is a supplicant at work.
type supplicantStation struct {
	cmd  *exec.Cmd
	conn *ctrlclient.Conn
	dir  string
	sec  security
}

func (p supplicant) start(sec security) (station, time.Time, time.Time, error) {
	s := &supplicantStation{sec: sec}
	from, to, err := s.start(p)
	if err != nil {
		return nil, from, to, errors.Join(err, s.stop())
	}
	return s, from, to, nil
}

// start starts the program, attaches to its events and waits for its connection.
func (s *supplicantStation) start(p supplicant) (from, to time.Time, err error) {
	if s.dir, err = os.MkdirTemp("", "bench-sta-"); err != nil {
		return from, to, err
	}
	conf := filepath.Join(s.dir, "conf")
	text := fmt.Sprintf("ctrl_interface=%s\nnetwork={\n\tssid=\"%s\"\n%s}\n", filepath.Join(s.dir, "ctrl"), ssid, s.sec.block)
	if err = os.WriteFile(conf, []byte(text), 0o600); err != nil {
		return from, to, err
	}
	cmd := exec.Command(p.path, "-Dnl80211", "-i"+stationIface, "-c"+conf, "-f"+filepath.Join(s.dir, "log"))
	cmd.Env = append(os.Environ(), "STATE_DIRECTORY="+p.dir)
	from = time.Now()
	if err = cmd.Start(); err != nil {
		return from, to, err
	}
	s.cmd = cmd
	if err = s.attach(); err != nil {
		return from, to, err
	}
	// It may have come before the attachment.
	if st, err := s.ask("STATUS"); err == nil && strings.Contains(st, "wpa_state=COMPLETED") {
		return from, time.Now(), nil
	}
	to, err = s.connected()
	return from, to, err
}

// attach connects to the control socket as soon as there is one.
func (s *supplicantStation) attach() (err error) {
	for deadline := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		if s.conn, err = ctrlclient.Dial(filepath.Join(s.dir, "ctrl", stationIface), ctrlclient.Options{}); err == nil {
			return s.conn.Attach()
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("no control socket: %w", err)
		}
	}
}

func (s *supplicantStation) pid() int { return s.cmd.Process.Pid }

func (s *supplicantStation) stop() (err error) {
	if s.conn != nil {
		s.conn.Close()
	}
	if s.cmd != nil {
		s.cmd.Process.Signal(syscall.SIGTERM)
		err = s.cmd.Wait()
	}
	os.RemoveAll(s.dir)
	return err
}

// wait takes events until one contains text, and returns when it came.
func (s *supplicantStation) wait(text string) (time.Time, error) {
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		ev, err := s.conn.Next(time.Until(deadline))
		if err != nil {
			return time.Time{}, fmt.Errorf("waiting for %s: %w", text, err)
		}
		if strings.Contains(ev.Text, text) {
			return time.Now(), nil
		}
	}
	return time.Time{}, fmt.Errorf("no %s within %v", text, patience)
}

func (s *supplicantStation) connected() (time.Time, error) { return s.wait("CTRL-EVENT-CONNECTED") }

func (s *supplicantStation) disconnected() (time.Time, error) {
	return s.wait("CTRL-EVENT-DISCONNECTED")
}

func (s *supplicantStation) drain() { s.conn.Events() }

func (s *supplicantStation) ask(cmd string) (string, error) {
	return s.conn.Request(cmd, ctrlclient.DefaultTimeout)
}

func (s *supplicantStation) must(cmd string) error {
	r, err := s.ask(cmd)
	if err == nil && strings.TrimSpace(r) != "OK" {
		err = fmt.Errorf("%s: %s", cmd, strings.TrimSpace(r))
	}
	return err
}

func (s *supplicantStation) bssid() (string, error) {
	st, err := s.ask("STATUS")
	if err != nil {
		return "", err
	}
	for line := range strings.SplitSeq(st, "\n") {
		if b, ok := strings.CutPrefix(line, "bssid="); ok {
			return b, nil
		}
	}
	return "", errors.New("not connected")
}

// look scans the channels of the access points.
func (s *supplicantStation) look() error {
	s.drain()
	if err := s.must("SCAN TYPE=ONLY freq=2412,2437"); err != nil {
		return err
	}
	_, err := s.wait("CTRL-EVENT-SCAN-RESULTS")
	s.drain()
	return err
}

func (s *supplicantStation) leave() error { return s.must("DISCONNECT") }

func (s *supplicantStation) join() error { return s.must("RECONNECT") }

func (s *supplicantStation) forget() error { return s.must("REMOVE_NETWORK all") }

func (s *supplicantStation) pick() error {
	id, err := s.ask("ADD_NETWORK")
	if err != nil {
		return err
	}
	id = strings.TrimSpace(id)
	for line := range strings.Lines("ssid=\"" + ssid + "\"\n" + s.sec.block) {
		field, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		if err := s.must("SET_NETWORK " + id + " " + field + " " + value); err != nil {
			return err
		}
	}
	return s.must("SELECT_NETWORK " + id)
}

func (s *supplicantStation) roam(bssid string) error { return s.must("ROAM " + bssid) }

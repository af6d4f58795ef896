package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"gosupplicant/cmd/wpa_supplicant/bench/supplicant"
)

// wpaSupplicant is one, ours or another, told what to do through its
// control socket. Like iwd it has a folder of its state, as its unit gives it one,
// and keeps it from one start to the next.
type wpaSupplicant struct{ path, dir string }

func (p wpaSupplicant) name() string { return p.path }

// warm has the program and its libraries read from disk, and makes the folder.
func (p wpaSupplicant) warm() error {
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
	*supplicant.Process
	sec security
}

// start starts the program and waits for its connection.
func (p wpaSupplicant) start(sec security) (station, time.Time, time.Time, error) {
	var from, to time.Time
	proc, err := supplicant.Start(supplicant.Options{
		Program: p.path, Driver: "nl80211", Ifname: stationIface, State: p.dir, Within: patience,
		Config: "network={\n\tssid=\"" + ssid + "\"\n" + sec.block + "}\n",
	})
	if err != nil {
		return nil, from, to, err
	}
	s := &supplicantStation{proc, sec}
	from, to = proc.Begun, time.Now()
	// It may have come before the attachment.
	if st, err := s.Ask("STATUS"); err != nil || !strings.Contains(st, "wpa_state=COMPLETED") {
		if to, err = s.connected(); err != nil {
			return nil, from, to, errors.Join(err, s.stop())
		}
	}
	return s, from, to, nil
}

func (s *supplicantStation) pid() int { return s.PID() }

func (s *supplicantStation) stop() error { return s.Stop() }

// wait takes events until one contains text, and returns when it came.
func (s *supplicantStation) wait(text string) (time.Time, error) {
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		ev, err := s.Conn.Next(time.Until(deadline))
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

func (s *supplicantStation) drain() { s.Conn.Events() }

func (s *supplicantStation) must(cmd string) error {
	r, err := s.Ask(cmd)
	if err == nil && strings.TrimSpace(r) != "OK" {
		err = fmt.Errorf("%s: %s", cmd, strings.TrimSpace(r))
	}
	return err
}

func (s *supplicantStation) bssid() (string, error) {
	st, err := s.Ask("STATUS")
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
	id, err := s.Ask("ADD_NETWORK")
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

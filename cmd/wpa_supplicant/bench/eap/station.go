package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"gosupplicant/cmd/wpa_supplicant/bench/figures"
	"gosupplicant/cmd/wpa_supplicant/bench/supplicant"
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
type station struct{ *supplicant.Process }

// start starts a supplicant on the cable.
func (c *cable) start(program string) (station, error) {
	p, err := supplicant.Start(supplicant.Options{
		Program: program, Driver: "wired", Ifname: clientEnd, Within: patience,
		Config: "ap_scan=0\nnetwork={\n\tkey_mgmt=IEEE8021X\n" + c.network + "}\n",
	})
	return station{p}, err
}

// success waits for the end of an exchange and returns when it came.
func (s station) success() (time.Time, error) {
	for deadline := time.Now().Add(patience); ; {
		ev, err := s.Conn.Next(time.Until(deadline))
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
func (s station) authenticated() (time.Time, error) {
	if st, err := s.Ask("STATUS"); err != nil || strings.Contains(st, "wpa_state=COMPLETED") {
		return time.Now(), err
	}
	return s.success()
}

// measure runs a program once through everything.
func (c *cable) measure(program string) (m measurement, err error) {
	s, err := c.start(program)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, s.Stop()) }()
	if err := c.first(&m, s); err != nil {
		return m, err
	}
	if err := c.second(&m, s); err != nil {
		return m, fmt.Errorf("second exchange: %w", err)
	}
	st, err := s.Ask("STATUS")
	m.resumed = strings.Contains(st, "tls_session_reused=1\n")
	return m, err
}

// first measures from the start of the process to the open port.
func (c *cable) first(m *measurement, s station) error {
	done, err := s.authenticated()
	if err != nil {
		return err
	}
	cpu, err := figures.CPU(s.PID())
	if err != nil {
		return err
	}
	e, err := c.wire.last()
	if err != nil {
		return err
	}
	m.add("start to authenticated", ms(done.Sub(s.Begun)))
	m.add("start to first frame", ms(e.start.Sub(s.Begun)))
	m.add("exchange", e.took())
	m.add("daemon CPU", cpu)
	return nil
}

// second measures an exchange of a supplicant that has had one.
func (c *cable) second(m *measurement, s station) error {
	s.Conn.Events() // those of the first exchange
	before, err := figures.CPU(s.PID())
	if err != nil {
		return err
	}
	begun := time.Now()
	if r, err := s.Ask("REAUTHENTICATE"); err != nil || r != "OK\n" {
		return fmt.Errorf("REAUTHENTICATE: %q, %w", r, err)
	}
	done, err := s.success()
	if err != nil {
		return err
	}
	after, err := figures.CPU(s.PID())
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

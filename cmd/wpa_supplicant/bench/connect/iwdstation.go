package main

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"gosupplicant/cmd/wpa_supplicant/stage"
	"gosupplicant/dbus/bus"
)

// iwdStation is an iwd at work on a bus of its own, told what to do over D-Bus.
type iwdStation struct {
	program   *iwd
	sec       security
	developer bool
	run       string // folder of this start
	bus       *stage.Bus
	client    *stage.Client
	process   *stage.Process

	device, network, known bus.ObjectPath
	failed                 chan error // of the last request, when it fails
	agent                  bool       // we are the one who is asked for passwords
}

// iwdPatience is longer than that of others: an access point that iwd asked in vain,
// as it does right after the loss of one, it does not ask again for a minute, and
// then looks for it only every 20 and 40 s.
const iwdPatience = 150 * time.Second

const agentPath = bus.ObjectPath("/agent")

// answerAgent is the agent's side: whatever network iwd asks for, it is ours.
func answerAgent(conn *bus.Conn, call *bus.Call) {
	switch call.Member {
	case "RequestPassphrase":
		conn.Reply(call, password)
	case "Release", "Cancel":
		conn.Reply(call)
	default:
		conn.Error(call, "org.freedesktop.DBus.Error.UnknownMethod", call.Member)
	}
}

func (s *iwdStation) pid() int { return s.process.PID() }

func (s *iwdStation) drain() {
	for {
		select {
		case <-s.client.Signals:
		default:
			return
		}
	}
}

// wait takes signals until one is meant, and returns when it came. A request that
// fails meanwhile ends it.
func (s *iwdStation) wait(what string, meant func(*bus.Signal) bool) (time.Time, error) {
	timer := time.NewTimer(iwdPatience)
	defer timer.Stop()
	for {
		select {
		case sig := <-s.client.Signals:
			if meant(sig) {
				return time.Now(), nil
			}
		case err := <-s.failed:
			return time.Time{}, fmt.Errorf("waiting for %s: %w", what, err)
		case <-timer.C:
			return time.Time{}, fmt.Errorf("not %s within %v", what, iwdPatience)
		}
	}
}

func (s *iwdStation) connected() (time.Time, error) {
	return s.wait("connected", func(sig *bus.Signal) bool {
		state, ok := changed(sig, iwdDevice, "State")
		return ok && state == any("connected")
	})
}

func (s *iwdStation) disconnected() (time.Time, error) {
	return s.wait("disconnected", func(sig *bus.Signal) bool {
		state, ok := changed(sig, iwdDevice, "State")
		return ok && state != any("connected")
	})
}

// connectByItself waits for the station and switches on what users have by default.
func (s *iwdStation) connectByItself() error {
	_, err := s.wait("there for developers", func(sig *bus.Signal) (ok bool) {
		s.device, ok = added(sig, iwdDebug)
		return ok
	})
	if err != nil {
		return err
	}
	_, err = s.client.Method(s.device, properties, "Set", iwdDebug, "AutoConnect", bus.MakeVariant(true))
	return err
}

// findObjects looks for the objects of the station and of its network.
func (s *iwdStation) findObjects() error {
	answer, err := s.client.Method("/", objectManager, "GetManagedObjects")
	if err != nil {
		return err
	}
	objects, err := managed(answer)
	if err != nil {
		return err
	}
	for _, o := range []struct {
		path        *bus.ObjectPath
		iface, name string
	}{{&s.device, iwdDevice, ""}, {&s.network, iwdNetwork, ssid}, {&s.known, iwdKnown, ssid}} {
		var ok bool
		if *o.path, ok = find(objects, o.iface, o.name); !ok {
			return fmt.Errorf("iwd has no object with %s %s", o.iface, o.name)
		}
	}
	return nil
}

func (s *iwdStation) bssid() (string, error) {
	answer, err := s.client.Method(s.device, iwdDiagnostic, "GetDiagnostics")
	if err != nil {
		return "", err
	}
	values, _ := answer[0].(bus.Dict)
	v, _ := values.Get("ConnectedBss")
	bssid, ok := v.Value.(string)
	if !ok {
		return "", errors.New("iwd does not tell its access point")
	}
	return bssid, nil
}

// look scans every channel: only developers can ask for some.
func (s *iwdStation) look() error {
	s.drain()
	_, err := s.client.Method(s.device, iwdDevice, "Scan")
	if e := (*bus.RemoteError)(nil); errors.As(err, &e) && e.Name == iwdService+".InProgress" {
		err = nil // that one will do
	}
	if err != nil {
		return err
	}
	_, err = s.wait("done with a scan", func(sig *bus.Signal) bool {
		scanning, ok := changed(sig, iwdDevice, "Scanning")
		return ok && scanning == any(false)
	})
	s.drain()
	return err
}

func (s *iwdStation) leave() error {
	s.drain()
	if _, err := s.client.Method(s.device, iwdDevice, "Disconnect"); err != nil {
		return err
	}
	s.drain()
	return nil
}

// join asks without waiting for the answer, which comes after the connection.
func (s *iwdStation) join() error {
	failed := make(chan error, 1)
	s.failed = failed
	target := bus.Target{Dest: iwdService, Path: s.network, Interface: iwdNetwork, Member: "Connect"}
	_, err := s.client.Conn.Call(target, func(a *bus.Answer) {
		if a.Err != nil {
			failed <- a.Err
		}
	})
	s.client.Conn.Flush()
	return err
}

func (s *iwdStation) forget() error {
	if !s.agent {
		if _, err := s.client.Method(iwdRoot, iwdAgents, "RegisterAgent", agentPath); err != nil {
			return err
		}
		s.agent = true
	}
	if err := s.leave(); err != nil {
		return err
	}
	_, err := s.client.Method(s.known, iwdKnown, "Forget")
	return err
}

// pick is join: the password, which iwd has forgotten, it asks the agent for.
func (s *iwdStation) pick() error { return s.join() }

// offers tells whether the station has a method: not every version has all commands
// of developers.
func (s *iwdStation) offers(method string) (bool, error) {
	answer, err := s.client.Method(s.device, "org.freedesktop.DBus.Introspectable", "Introspect")
	if err != nil {
		return false, err
	}
	xml, _ := answer[0].(string)
	return strings.Contains(xml, `<method name="`+method+`"`), nil
}

func (s *iwdStation) roam(bssid string) error {
	to, err := net.ParseMAC(bssid)
	if err != nil {
		return err
	}
	_, err = s.client.Method(s.device, iwdDebug, "Roam", []byte(to))
	return err
}

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"gosupplicant/cmd/wpa_supplicant/stage"
)

// iwd is the daemon of that name. It keeps what it learnt of a network from one
// start to the next, as on the machines of its users.
type iwd struct {
	path string
	dir  string // its files
	phy  string // the only one that it may touch
}

// iwdSettings are the defaults of users, but the interface keeps its name.
const iwdSettings = "[General]\nUseDefaultInterface=true\nEnableNetworkConfiguration=false\n"

// iwdModules are what iwd has the kernel calculate with, where that is not built in.
var iwdModules = []string{"algif_hash", "algif_skcipher", "algif_aead", "cmac", "ecb", "des_generic", "md4", "sha512_generic", "pkcs8_key_parser"}

// newIWD finds the program; its files will be in dir.
func newIWD(path, dir string) (*iwd, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("no iwd to compare with (%w): install the package iwd, as `make deps` does, or leave it out with -iwd ''", err)
	}
	return &iwd{path: path, dir: dir}, nil
}

func (p *iwd) name() string { return p.path }

// warm also loads the kernel's modules, and makes the folder of its configuration.
func (p *iwd) warm() error {
	phy, err := os.ReadFile("/sys/class/net/" + stationIface + "/phy80211/name")
	if err != nil {
		return err
	}
	p.phy = strings.TrimSpace(string(phy))
	if out, err := exec.Command("modprobe", append([]string{"-a"}, iwdModules...)...).CombinedOutput(); err != nil {
		return fmt.Errorf("modprobe: %w: %s", err, out)
	}
	if err := os.MkdirAll(p.configuration(), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(p.configuration(), "main.conf"), []byte(iwdSettings), 0o600); err != nil {
		return err
	}
	return readVersion(p.path)
}

func (p *iwd) configuration() string { return filepath.Join(p.dir, "configuration") }

// state is the folder with the known network.
func (p *iwd) state(sec security) string { return filepath.Join(p.dir, "state-"+sec.name) }

// learn makes the network known, as it is after it was joined once.
func (p *iwd) learn(sec security) error {
	if err := os.Mkdir(p.state(sec), 0o700); errors.Is(err, os.ErrExist) {
		return nil
	} else if err != nil {
		return err
	}
	text := "[Security]\nPassphrase=" + password + "\n"
	if err := os.WriteFile(filepath.Join(p.state(sec), ssid+".psk"), []byte(text), 0o600); err != nil {
		return err
	}
	s := &iwdStation{program: p, sec: sec}
	_, _, err := s.start(false)
	return errors.Join(err, s.stop())
}

func (p *iwd) start(sec security) (station, time.Time, time.Time, error) {
	if err := p.learn(sec); err != nil {
		return nil, time.Time{}, time.Time{}, fmt.Errorf("joining for the first time: %w", err)
	}
	s := &iwdStation{program: p, sec: sec}
	from, to, err := s.start(false)
	if err != nil {
		return nil, from, to, errors.Join(err, s.stop())
	}
	return s, from, to, nil
}

// start starts a bus, iwd on it, and waits for the connection. The commands of
// developers exist only in a mode in which iwd connects by itself when told to.
func (s *iwdStation) start(developer bool) (from, to time.Time, err error) {
	p := s.program
	*s = iwdStation{program: p, sec: s.sec, developer: developer}
	if s.run, err = os.MkdirTemp(p.dir, "run-"); err != nil {
		return from, to, err
	}
	ctx := context.Background()
	if s.bus, err = stage.StartBus(ctx, s.run); err != nil {
		return from, to, err
	}
	if s.client, err = stage.ConnectTo(ctx, s.bus.Address, iwdService, answerAgent); err != nil {
		return from, to, err
	}
	env := []string{"CONFIGURATION_DIRECTORY=" + p.configuration(), "STATE_DIRECTORY=" + p.state(s.sec)}
	args := []string{"-p", p.phy}
	if developer {
		args = append(args, "-E")
	}
	from = time.Now()
	if s.process, err = s.bus.Start(ctx, filepath.Join(s.run, "log"), env, p.path, args...); err != nil {
		return from, to, err
	}
	if developer {
		if err = s.connectByItself(); err != nil {
			return from, to, err
		}
	}
	if to, err = s.connected(); err != nil {
		return from, to, err
	}
	return from, to, s.findObjects()
}

func (s *iwdStation) stop() error {
	s.process.Stop()
	if s.client != nil {
		s.client.Close()
	}
	if s.bus != nil {
		s.bus.Stop()
	}
	return os.RemoveAll(s.run)
}

// prepare has iwd in the mode for developers from the situation on that takes one of
// their commands; those before it are as for users.
func (s *iwdStation) prepare(situation string, a *aps) error {
	if situation != roaming && situation != roamingAgain || s.developer {
		return nil
	}
	if err := s.stop(); err != nil {
		return err
	}
	for k := range apIfaces {
		a.forget(k)
	}
	if _, _, err := s.start(true); err != nil {
		return err
	}
	ok, err := s.offers("Roam")
	if err == nil && !ok {
		err = cannot("this version has no command for it")
	}
	return err
}

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"gosupplicant/cmd/wpa_supplicant/bench/quiet"
)

// security is a kind of network to measure.
type security struct {
	name  string
	ap    string // lines of hostapd's configuration
	block string // lines of the network block
}

// The network.
const (
	ssid     = "bench"
	password = "correct horse"
)

var securities = []security{
	{"WPA2", "wpa=2\nwpa_key_mgmt=WPA-PSK\nrsn_pairwise=CCMP\nwpa_passphrase=" + password + "\n", "\tkey_mgmt=WPA-PSK\n\tpsk=\"" + password + "\"\n"},
	{"SAE", "wpa=2\nwpa_key_mgmt=SAE\nrsn_pairwise=CCMP\nieee80211w=2\nsae_pwe=2\nsae_password=" + password + "\n", "\tkey_mgmt=SAE\n\tieee80211w=2\n\tsae_password=\"" + password + "\"\n"},
}

// aps are two access points of one network; the second is on the air only when it
// was started.
type aps struct {
	dir  string
	sec  security
	proc [2]*exec.Cmd
	out  [2]chan string
}

var apIfaces = [2]string{"wlan0", "wlan1"}

const stationIface = "wlan2"

// startAPs brings the first one on the air.
func startAPs(sec security) (*aps, error) {
	dir, err := os.MkdirTemp("", "bench-ap-")
	if err != nil {
		return nil, err
	}
	a := &aps{dir: dir, sec: sec}
	if err := a.start(0); err != nil {
		a.stop()
		return nil, err
	}
	return a, nil
}

// start brings access point k on the air and waits until it is.
func (a *aps) start(k int) error {
	conf := filepath.Join(a.dir, apIfaces[k]+".conf")
	text := fmt.Sprintf("interface=%s\ndriver=nl80211\nctrl_interface=%s\nssid=%s\nhw_mode=g\nchannel=%d\n%s", apIfaces[k], filepath.Join(a.dir, "ctrl"), ssid, 1+5*k, a.sec.ap)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		return err
	}
	cmd := exec.Command("hostapd", conf)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := quiet.Start(cmd); err != nil {
		return err
	}
	lines := make(chan string, 1024)
	go scanLines(out, lines)
	a.proc[k], a.out[k] = cmd, lines
	late := time.After(30 * time.Second)
	for {
		select {
		case l, ok := <-lines:
			if !ok {
				return fmt.Errorf("hostapd on %s ended", apIfaces[k])
			}
			if strings.Contains(l, "AP-ENABLED") {
				return nil
			}
		case <-late:
			return fmt.Errorf("hostapd on %s is not ready after 30 s", apIfaces[k])
		}
	}
}

// renew has the first access point know nothing of the program before: hostapd keeps
// what it last agreed on with a station for 5 s and more, and what one program leaves
// there is not for the next one to suffer from.
func (a *aps) renew() error {
	a.end(0)
	return a.start(0)
}

// second has the second access point on the air, or off it.
func (a *aps) second(on bool) error {
	switch {
	case on && a.proc[1] == nil:
		return a.start(1)
	case !on:
		a.end(1)
	}
	return nil
}

func scanLines(r io.Reader, to chan<- string) {
	defer close(to)
	for sc := bufio.NewScanner(r); sc.Scan(); {
		select {
		case to <- sc.Text():
		default: // nobody looks
		}
	}
}

// end stops access point k.
func (a *aps) end(k int) {
	if c := a.proc[k]; c != nil {
		c.Process.Kill()
		c.Wait() // its status tells nothing
		a.proc[k] = nil
	}
}

func (a *aps) stop() {
	for k := range apIfaces {
		a.end(k)
	}
	os.RemoveAll(a.dir)
}

// of tells the access point that a station is connected with.
func (a *aps) of(s station) (int, error) {
	bssid, err := s.bssid()
	if err != nil {
		return 0, err
	}
	return a.which(bssid)
}

// which tells the access point with an address.
func (a *aps) which(bssid string) (int, error) {
	for k, ifname := range apIfaces {
		addr, err := os.ReadFile("/sys/class/net/" + ifname + "/address")
		if err == nil && strings.TrimSpace(string(addr)) == bssid {
			return k, nil
		}
	}
	return 0, fmt.Errorf("no access point has the address %s", bssid)
}

func (a *aps) address(k int) string {
	b, _ := os.ReadFile("/sys/class/net/" + apIfaces[k] + "/address")
	return strings.TrimSpace(string(b))
}

// forget has access point k forget the station. One that left by roaming, or
// whose program ended elsewhere, is still known to it, and with protected
// management frames it would first be asked to come back a second later.
func (a *aps) forget(k int) {
	a.deauth(k) // that it is not known is fine
}

// settle waits until the access point of s has finished the connection, too: it has
// keys a moment after the station, and would not understand before then that the
// station leaves.
func (a *aps) settle(s station) error {
	k, err := a.of(s)
	if err != nil {
		return err
	}
	var out []byte
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		if out, err = a.ask(k, "sta"); err == nil && bytes.Contains(out, []byte("[AUTHORIZED]")) {
			return nil
		}
	}
	return fmt.Errorf("the access point does not let the station through: %v %s", err, out)
}

// deauth throws the station out.
func (a *aps) deauth(k int) error {
	_, err := a.ask(k, "deauthenticate")
	return err
}

// ask runs a command of access point k about the station.
func (a *aps) ask(k int, command string) ([]byte, error) {
	sta, err := os.ReadFile("/sys/class/net/" + stationIface + "/address")
	if err != nil {
		return nil, err
	}
	return exec.Command("hostapd_cli", "-p", filepath.Join(a.dir, "ctrl"), "-i", apIfaces[k], command, strings.TrimSpace(string(sta))).Output()
}

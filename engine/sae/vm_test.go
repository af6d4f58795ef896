//go:build vm

package sae

import (
	"bufio"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"gosupplicant/engine/dot11"
	"gosupplicant/engine/keys"
)

// This test runs as root in a virtual machine with three mac80211_hwsim radios
// (wlan0 to wlan2) and Debian's hostapd and iw: wlan0 injects and receives the
// frames of a Machine in monitor mode, hostapd is the access point on the others.
// From the top of the repository:
//
//	CGO_ENABLED=0 go test -tags vm -c -o /var/tmp/sae.test ./engine/sae
//	go run ./cmd/wpa_supplicant/vmtest/vmrun -radios 3 -dir $PWD/engine/sae -- /var/tmp/sae.test -test.run TestVM -test.v

const (
	vmSSID     = "sae-net"
	vmPassword = "correct horse battery"
	vmGuest    = "another password"
	vmPatience = 90 * time.Second // for one exchange, on an emulated processor
)

// vmAPs are two access points: one that takes all, one that is choosy.
var vmAPs = map[string]string{
	"wlan1": "sae_groups=19 20 21 15 16\nsae_anti_clogging_threshold=1000\nsae_password=" + vmGuest + "|id=guests\nsae_password=" + vmPassword + "\n",
	"wlan2": "sae_groups=19\nsae_anti_clogging_threshold=0\nsae_password=" + vmPassword + "\n",
}

// startVMAPs runs hostapd on both radios and returns its control folder.
func startVMAPs(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for ifname, more := range vmAPs {
		file := filepath.Join(dir, ifname+".conf")
		conf := "interface=" + ifname + "\ndriver=nl80211\nctrl_interface=" + dir + "/ctrl\nssid=" + vmSSID + "\nhw_mode=g\nchannel=1\n" +
			"wpa=2\nwpa_key_mgmt=SAE\nrsn_pairwise=CCMP\nieee80211w=2\nsae_pwe=2\n" + more
		if err := os.WriteFile(file, []byte(conf), 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("hostapd", file)
		out, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
		up := false
		for lines := bufio.NewScanner(out); !up && lines.Scan(); {
			up = strings.Contains(lines.Text(), "AP-ENABLED")
		}
		if !up {
			t.Fatalf("hostapd does not come up on %s", ifname)
		}
		go io.Copy(io.Discard, out)
	}
	return dir + "/ctrl"
}

func vmRun(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return string(out)
}

func ifaceMAC(t *testing.T, ifname string) dot11.MAC {
	t.Helper()
	b, err := os.ReadFile("/sys/class/net/" + ifname + "/address")
	if err != nil {
		t.Fatalf("the test needs a machine with three mac80211_hwsim radios: %v", err)
	}
	return mac(t, strings.TrimSpace(string(b)))
}

// monitor is a packet socket on an interface in monitor mode.
type monitor int

func openMonitor(t *testing.T, ifname string) monitor {
	t.Helper()
	vmRun(t, "ip", "link", "set", ifname, "down")
	vmRun(t, "iw", "dev", ifname, "set", "type", "monitor")
	vmRun(t, "ip", "link", "set", ifname, "up")
	vmRun(t, "iw", "dev", ifname, "set", "freq", "2412")
	b, err := os.ReadFile("/sys/class/net/" + ifname + "/ifindex")
	if err != nil {
		t.Fatal(err)
	}
	var index int
	if _, err := fmt.Sscan(string(b), &index); err != nil {
		t.Fatal(err)
	}
	all := binary.NativeEndian.Uint16([]byte{unix.ETH_P_ALL >> 8, unix.ETH_P_ALL}) // network byte order
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, int(all))
	if err == nil {
		err = unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: all, Ifindex: index})
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	return monitor(fd)
}

// send injects an authentication frame behind an empty radiotap header.
func (m monitor) send(t *testing.T, own, bssid dot11.MAC, s Send) {
	t.Helper()
	f := []byte{0, 0, 8, 0, 0, 0, 0, 0, 0xb0, 0, 0, 0}
	f = append(append(append(f, bssid[:]...), own[:]...), bssid[:]...)
	f = append(f, 0, 0)
	f = (&dot11.Auth{Alg: dot11.AuthAlgSAE, Seq: s.Transaction, Status: s.Status, Payload: s.Body}).Append(f)
	if _, err := unix.Write(int(m), f); err != nil {
		t.Fatal(err)
	}
}

// receive returns the next authentication frame from bssid to own, nil if there
// is none in time.
func (m monitor) receive(t *testing.T, own, bssid dot11.MAC, patience time.Duration) *dot11.Auth {
	t.Helper()
	end := time.Now().Add(patience)
	buf := make([]byte, 4096)
	for time.Now().Before(end) {
		tv := unix.NsecToTimeval(int64(time.Until(end)) + 1000)
		if err := unix.SetsockoptTimeval(int(m), unix.SOL_SOCKET, unix.SO_RCVTIMEO, &tv); err != nil {
			t.Fatal(err)
		}
		n, err := unix.Read(int(m), buf)
		if errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		f := buf[:n]
		if n < 4 || int(binary.LittleEndian.Uint16(f[2:])) > n {
			continue
		}
		f = f[binary.LittleEndian.Uint16(f[2:]):]
		const header = 24
		if len(f) < header || f[0] != 0xb0 || dot11.MAC(f[4:10]) != own || dot11.MAC(f[10:16]) != bssid || f[1]&8 != 0 { // 8: retry
			continue
		}
		if a, err := dot11.ParseAuth(f[header:]); err == nil {
			return a
		}
	}
	return nil
}

// vmExchange runs a machine against an access point and returns its end and the
// number of frames it sent.
func vmExchange(t *testing.T, m monitor, c Config) (end Output, sent int) {
	t.Helper()
	machine, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	wait, deadline := time.Second, time.Now().Add(vmPatience)
	for outs := machine.Start(); ; {
		for _, o := range outs {
			switch o := o.(type) {
			case Send:
				m.send(t, c.Own, c.Peer, o)
				sent++
			case SetTimer:
				wait = o.After
			case Ignored:
				t.Logf("ignored: %v", o.Err)
			case Done, Failed:
				return o, sent
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("no end; %s", machine)
		}
		if a := m.receive(t, c.Own, c.Peer, wait); a != nil {
			outs = machine.Receive(a.Seq, a.Status, a.Payload)
		} else {
			outs = machine.Timeout()
		}
	}
}

// TestVM runs exchanges against hostapd and compares the PMKID with its own.
func TestVM(t *testing.T) {
	peers := map[string]dot11.MAC{"wlan1": ifaceMAC(t, "wlan1"), "wlan2": ifaceMAC(t, "wlan2")}
	ctrl := startVMAPs(t)
	m := openMonitor(t, "wlan0")
	type vmCase struct {
		name, ap, password, identifier string
		groups                         []uint16
		h2e                            bool
		group                          uint16 // in use at the end; 0 if there is to be a failure
		sent                           int    // frames
		cause                          Cause
	}
	var cases []vmCase
	for _, id := range []uint16{19, 20, 21, 15, 16} {
		cases = append(cases,
			vmCase{name: "loop", ap: "wlan1", groups: []uint16{id}, group: id, sent: 2},
			vmCase{name: "H2E", ap: "wlan1", groups: []uint16{id}, h2e: true, group: id, sent: 2})
	}
	cases = append(cases,
		vmCase{name: "identifier", ap: "wlan1", password: vmGuest, identifier: "guests", groups: []uint16{20}, h2e: true, group: 20, sent: 2},
		vmCase{name: "unknown identifier", ap: "wlan1", identifier: "staff", groups: []uint16{19}, h2e: true, sent: 1, cause: CauseUnknownIdentifier},
		vmCase{name: "token, loop", ap: "wlan2", groups: []uint16{19}, group: 19, sent: 3},
		vmCase{name: "token, H2E", ap: "wlan2", groups: []uint16{19}, h2e: true, group: 19, sent: 3},
		vmCase{name: "groups refused, loop", ap: "wlan2", groups: []uint16{21, 20, 19}, group: 19},
		vmCase{name: "groups refused, H2E", ap: "wlan2", groups: []uint16{21, 20, 19}, h2e: true, group: 19},
		vmCase{name: "no group left", ap: "wlan2", groups: []uint16{21, 20}, h2e: true, cause: CauseGroupsRejected},
		vmCase{name: "wrong password, loop", ap: "wlan1", password: "wrong", groups: []uint16{19}, sent: 2, cause: CausePasswordMismatch},
		vmCase{name: "wrong password, H2E", ap: "wlan1", password: "wrong", groups: []uint16{21}, h2e: true, sent: 2, cause: CausePasswordMismatch},
	)
	for n, c := range cases {
		t.Run(fmt.Sprintf("%s, groups %v", c.name, c.groups), func(t *testing.T) {
			if c.password == "" {
				c.password = vmPassword
			}
			own := dot11.MAC{2, 0, 0, 0, 0xaa, byte(n + 1)}
			end, sent := vmExchange(t, m, Config{Rand: rand.Reader, Own: own, Peer: peers[c.ap], Groups: c.groups, H2E: c.h2e,
				SSID: []byte(vmSSID), Password: keys.Secret(c.password), Identifier: []byte(c.identifier), Retransmit: 10 * time.Second})
			if c.sent != 0 && sent != c.sent {
				t.Errorf("%d frames sent, want %d", sent, c.sent)
			}
			switch end := end.(type) {
			case Failed:
				if c.cause == 0 || end.Cause != c.cause {
					t.Errorf("%s, status %s: %v", end.Cause, end.Status, end.Err)
				}
			case Done:
				if end.Group != c.group || end.H2E != c.h2e {
					t.Fatalf("%+v, want group %d", end, c.group)
				}
				list := vmRun(t, "hostapd_cli", "-p", ctrl, "-i", c.ap, "pmksa")
				if want := own.String() + " " + hex.EncodeToString(end.PMKID[:]); !strings.Contains(list, want) {
					t.Errorf("hostapd has no PMKSA %s:\n%s", want, list)
				}
			}
		})
	}
}

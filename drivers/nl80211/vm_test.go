//go:build vm

package nl80211

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"gosupplicant/drivers"
	"gosupplicant/drivers/internal/link"
	"gosupplicant/engine/dot11"
)

// These tests run as root in a virtual machine with four mac80211_hwsim radios
// (phy0 to phy3, wlan0 to wlan3) and Debian's hostapd and iw. wlan0 is the
// station; access points beacon on wlan1 and wlan2. From the top of the repository:
//
//	CGO_ENABLED=0 go test -tags vm -c -o /var/tmp/nl80211.test ./drivers/nl80211
//	go run ./cmd/wpa_supplicant/vmtest/vmrun -radios 4 -dir $PWD/drivers/nl80211 -- /var/tmp/nl80211.test -test.v

const (
	station   = "wlan0"
	openBSSID = "02:00:00:00:01:00"
	hidBSSID  = "02:00:00:00:02:00"
	wait      = 30 * time.Second
)

func TestMain(m *testing.M) {
	if _, err := os.Stat("/sys/class/net/wlan3"); err != nil {
		fmt.Println("the vm tests need a machine with four mac80211_hwsim radios:", err)
		os.Exit(1)
	}
	stop, err := startAPs()
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	rc := m.Run()
	stop()
	os.Exit(rc)
}

// startAPs runs one open access point and one hidden WPA2 access point.
func startAPs() (stop func(), err error) {
	dir, err := os.MkdirTemp("", "aps")
	if err != nil {
		return nil, err
	}
	confs := map[string]string{
		"wlan1": "interface=wlan1\ndriver=nl80211\nctrl_interface=" + dir + "/ctrl\nssid=open-net\nhw_mode=g\nchannel=1\n",
		"wlan2": "interface=wlan2\ndriver=nl80211\nssid=hidden-net\nignore_broadcast_ssid=1\nhw_mode=g\nchannel=6\n" +
			"wpa=2\nwpa_key_mgmt=WPA-PSK\nrsn_pairwise=CCMP\nwpa_passphrase=correct horse\n",
	}
	ctrlDir = dir + "/ctrl"
	var procs []*exec.Cmd
	stop = func() {
		for _, p := range procs {
			_ = p.Process.Kill()
			_ = p.Wait()
		}
	}
	for name, conf := range confs {
		cmd, err := startAP(dir, name, conf)
		if cmd != nil {
			procs = append(procs, cmd)
		}
		if err != nil {
			return stop, err
		}
	}
	return stop, nil
}

// startAP runs hostapd on a radio until it beacons.
func startAP(dir, name, conf string) (*exec.Cmd, error) {
	file := filepath.Join(dir, name+".conf")
	if err := os.WriteFile(file, []byte(conf), 0o600); err != nil {
		return nil, err
	}
	cmd := exec.Command("hostapd", file)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	if err := waitLine(out, "AP-ENABLED"); err != nil {
		return cmd, fmt.Errorf("hostapd on %s: %w", name, err)
	}
	return cmd, nil
}

var ctrlDir string

func waitLine(r io.Reader, want string) error {
	var seen []string
	sc := bufio.NewScanner(r)
	for sc.Scan() {
		seen = append(seen, sc.Text())
		if strings.Contains(sc.Text(), want) {
			go func() { _, _ = io.Copy(io.Discard, r) }()
			return nil
		}
	}
	return fmt.Errorf("no line with %q in:\n%s", want, strings.Join(seen, "\n"))
}

// opened is an open interface with its events.
type opened struct {
	*Interface
	t      *testing.T
	events chan drivers.Event
	joined drivers.EventAssoc // the last association
}

func open(t *testing.T, d *Driver, ifname string) *opened {
	t.Helper()
	o := &opened{t: t, events: make(chan drivers.Event, 4096)}
	i, err := d.Open(drivers.Config{Ifname: ifname, Events: func(ev drivers.Event) { o.events <- ev }})
	if err != nil {
		t.Fatal(err)
	}
	o.Interface = i.(*Interface)
	t.Cleanup(func() {
		if err := o.Close(); err != nil {
			t.Error(err)
		}
	})
	return o
}

// next returns the next event of type E that match accepts and skips others.
func next[E drivers.Event](o *opened, match func(E) bool) E {
	o.t.Helper()
	deadline := time.After(wait)
	var skipped []drivers.Event
	for {
		select {
		case ev := <-o.events:
			if e, ok := ev.(E); ok && (match == nil || match(e)) {
				return e
			}
			skipped = append(skipped, ev)
		case <-deadline:
			var zero E
			o.t.Fatalf("no %T; instead %+v", zero, skipped)
		}
	}
}

// scan runs a scan to its end and returns the results and its end.
func (o *opened) scan(p *drivers.ScanParams) ([]drivers.ScanResult, drivers.EventScanDone) {
	o.t.Helper()
	if err := o.Scan(p); err != nil {
		o.t.Fatal(err)
	}
	if ev := next[drivers.EventScanStarted](o, nil); ev.External {
		o.t.Error("our scan is reported as external")
	}
	done := next[drivers.EventScanDone](o, nil)
	if done.External || done.Aborted {
		o.t.Fatalf("scan ended as %+v", done)
	}
	res, err := o.ScanResults()
	if err != nil {
		o.t.Fatal(err)
	}
	return res.Results, done
}

// scanFor repeats a scan until a network is among the results: an active scan may leave a
// channel between two beacons, an emulated access point may answer late. It returns the
// first result that ok accepts, and the whole scan.
func (o *opened) scanFor(p *drivers.ScanParams, what string, ok func(*drivers.ScanResult) bool) (drivers.ScanResult, []drivers.ScanResult, drivers.EventScanDone) {
	o.t.Helper()
	var results []drivers.ScanResult
	for range 20 {
		var done drivers.EventScanDone
		results, done = o.scan(p)
		for k := range results {
			if ok(&results[k]) {
				return results[k], results, done
			}
		}
	}
	o.t.Fatalf("no scan found %s: %+v", what, results)
	panic("unreachable")
}

// of accepts the results of one BSSID.
func of(bssid string) func(*drivers.ScanResult) bool {
	return func(r *drivers.ScanResult) bool { return r.BSSID.String() == bssid }
}

func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), wait)
	defer cancel()
	out, err := exec.CommandContext(ctx, name, args...).CombinedOutput()
	if err != nil {
		t.Errorf("%s %v: %v\n%s", name, args, err, out)
	}
	return string(out)
}

func TestVMOpen(t *testing.T) {
	o := open(t, New(), station)
	capa := o.Capability()
	if want := drivers.Flags(0xE4000D31FB5BFBE0); capa.Flags != want {
		t.Errorf("flags %#x, wpa_supplicant 2.10 has %#x; differing: %v", uint64(capa.Flags), uint64(want), (capa.Flags ^ want).Names())
	}
	if len(capa.Ciphers) != 11 || capa.MaxScanSSIDs != 4 || !capa.SMEInUser || !capa.ControlPort || !capa.AbortScan {
		t.Errorf("unexpected capability %+v", capa)
	}
	if info := o.Info(); info.Radio != "phy0" || info.Ifindex == 0 || info.Ifname != station {
		t.Errorf("info %+v", info)
	}
	st, err := o.State()
	if err != nil {
		t.Fatal(err)
	}
	if !st.Up || st.MAC.String() != "02:00:00:00:00:00" || st.PermMAC != st.MAC || st.Associated || st.RFKill != drivers.RFKillUnblocked {
		t.Errorf("state %+v", st)
	}
	lines, err := o.DriverStatus()
	if err != nil {
		t.Fatal(err)
	}
	t.Log(lines)
}

func TestVMOpenErrors(t *testing.T) {
	d := New()
	if _, err := d.Open(drivers.Config{Ifname: "nothere0"}); !errors.Is(err, drivers.ErrNoInterface) {
		t.Errorf("missing interface: %v", err)
	}
	if _, err := d.Open(drivers.Config{Ifname: "lo"}); !errors.Is(err, drivers.ErrNotSupported) {
		t.Errorf("loopback: %v", err)
	}
	if d.hub != nil {
		t.Error("the hub runs without users")
	}
}

func TestVMDownUpRename(t *testing.T) {
	o := open(t, New(), station)
	run(t, "ip", "link", "set", station, "down")
	next(o, func(ev drivers.EventState) bool { return !ev.State.Up })
	if err := o.Scan(&drivers.ScanParams{}); !errors.Is(err, drivers.ErrDown) {
		t.Errorf("scan while down: %v", err)
	}
	run(t, "ip", "link", "set", station, "name", "sta0")
	if ev := next[drivers.EventRenamed](o, nil); ev.Ifname != "sta0" {
		t.Errorf("renamed to %q", ev.Ifname)
	}
	run(t, "ip", "link", "set", "sta0", "name", station)
	next[drivers.EventRenamed](o, nil)
	run(t, "ip", "link", "set", station, "up")
	next(o, func(ev drivers.EventState) bool { return ev.State.Up })
	o.scan(&drivers.ScanParams{Freqs: []int{2412}})
}

// setBlock blocks or unblocks a radio by software.
func setBlock(t *testing.T, radio string, block bool) {
	t.Helper()
	dirs, _ := filepath.Glob("/sys/class/ieee80211/" + radio + "/rfkill*")
	if len(dirs) != 1 {
		t.Fatalf("rfkill switches of %s: %v", radio, dirs)
	}
	v := "0"
	if block {
		v = "1"
	}
	if err := os.WriteFile(dirs[0]+"/soft", []byte(v), 0); err != nil {
		t.Fatal(err)
	}
}

func TestVMRFKill(t *testing.T) {
	o := open(t, New(), station)
	setBlock(t, "phy0", true)
	next(o, func(ev drivers.EventState) bool { return !ev.State.Up && ev.State.RFKill == drivers.RFKillSoft })
	setBlock(t, "phy0", false)
	next(o, func(ev drivers.EventState) bool { return ev.State.Up && ev.State.RFKill == drivers.RFKillUnblocked })
	o.scan(&drivers.ScanParams{Freqs: []int{2412}})
}

func TestVMOpenBlocked(t *testing.T) {
	setBlock(t, "phy0", true)
	unblock := sync.OnceFunc(func() { setBlock(t, "phy0", false) })
	defer unblock()
	o := open(t, New(), station)
	st, err := o.State()
	if err != nil || st.Up || st.RFKill != drivers.RFKillSoft {
		t.Fatalf("state %+v, %v", st, err)
	}
	unblock()
	next(o, func(ev drivers.EventState) bool { return ev.State.Up })
	o.scan(&drivers.ScanParams{Freqs: []int{2412}})
}

func TestVMCloseRestores(t *testing.T) {
	run(t, "ip", "link", "set", station, "down")
	c, err := link.Dial()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	before := runtime.NumGoroutine()
	d := New()
	i, err := d.Open(drivers.Config{Ifname: station})
	if err != nil {
		t.Fatal(err)
	}
	if err := i.(*Interface).SetOperState(false); err != nil {
		t.Fatal(err)
	}
	l, err := c.ByName(station)
	if err != nil || !l.Up() || l.LinkMode != link.ModeDormant {
		t.Errorf("open: %+v, %v", l, err)
	}
	if err := i.Close(); err != nil {
		t.Fatal(err)
	}
	if err := i.Close(); err != nil {
		t.Errorf("second close: %v", err)
	}
	l, err = c.ByName(station)
	if err != nil || l.Up() || l.LinkMode != link.ModeDefault {
		t.Errorf("closed: %+v, %v", l, err)
	}
	if after := runtime.NumGoroutine(); after > before {
		buf := make([]byte, 1<<16)
		t.Errorf("%d goroutines before, %d after\n%s", before, after, buf[:runtime.Stack(buf, true)])
	}
}

func TestVMAddress(t *testing.T) {
	o := open(t, New(), station)
	addr := dot11.MAC{2, 0x11, 0x22, 0x33, 0x44, 0x55}
	if err := o.SetMACAddress(addr); err != nil {
		t.Fatal(err)
	}
	ev := next[drivers.EventState](o, nil)
	if !ev.State.Up || ev.State.MAC != addr || ev.State.PermMAC.String() != "02:00:00:00:00:00" {
		t.Errorf("state %+v", ev.State)
	}
	if err := o.SetMACAddress(dot11.MAC{2}); err != nil {
		t.Fatal(err)
	}
	next(o, func(ev drivers.EventState) bool { return ev.State.MAC == dot11.MAC{2} })
	if err := o.SetMACAddress(dot11.MAC{1}); err == nil {
		t.Error("a group address was accepted")
	}
}

func TestVMCountry(t *testing.T) {
	o := open(t, New(), station)
	if c, err := o.Country(); err != nil || c != "00" {
		t.Fatalf("country %q, %v", c, err)
	}
	if err := o.SetCountry("FI"); err != nil {
		t.Fatal(err)
	}
	ev := next[drivers.EventRegulatory](o, nil)
	if ev.Initiator != "USER" || ev.Type != "COUNTRY" || ev.Alpha2 != "FI" {
		t.Errorf("%+v", ev)
	}
	if c, err := o.Country(); err != nil || c != "FI" {
		t.Errorf("country %q, %v", c, err)
	}
	if err := o.SetCountry("00"); err != nil {
		t.Fatal(err)
	}
	if ev := next[drivers.EventRegulatory](o, nil); ev.Type != "WORLD" || ev.Alpha2 != "" {
		t.Errorf("%+v", ev)
	}
	if err := o.SetCountry("Finland"); err == nil {
		t.Error("a long country was accepted")
	}
}

func TestVMCreateWatchRemove(t *testing.T) {
	d := New()
	links := make(chan drivers.LinkEvent, 256)
	stop, err := d.Watch(func(ev drivers.LinkEvent) { links <- ev })
	if err != nil {
		t.Fatal(err)
	}
	expect := func(name string, present bool) {
		t.Helper()
		deadline := time.After(wait)
		for {
			select {
			case ev := <-links:
				if ev.Ifname == name && ev.Present == present {
					return
				}
			case <-deadline:
				t.Fatalf("no report of %s present=%t", name, present)
			}
		}
	}
	expect(station, true)
	addr := dot11.MAC{2, 9, 9, 9, 9, 9}
	if err := d.CreateInterface(station, "vsta0", drivers.IfaceStation, &addr); err != nil {
		t.Fatal(err)
	}
	expect("vsta0", true)
	o := open(t, d, "vsta0")
	if st, err := o.State(); err != nil || st.MAC != addr || o.Info().Radio != "phy0" {
		t.Errorf("state %+v, %v", st, err)
	}
	run(t, "ip", "link", "set", "vsta0", "down")
	run(t, "ip", "link", "set", "vsta0", "name", "vsta1")
	expect("vsta0", false)
	expect("vsta1", true)
	if err := d.DeleteInterface("vsta1"); err != nil {
		t.Fatal(err)
	}
	expect("vsta1", false)
	next[drivers.EventRemoved](o, nil)
	if err := d.DeleteInterface("vsta1"); !errors.Is(err, drivers.ErrNoInterface) {
		t.Errorf("second deletion: %v", err)
	}
	stop()
	stop()
}

//go:build vm

package nl80211

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

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
		file := filepath.Join(dir, name+".conf")
		if err := os.WriteFile(file, []byte(conf), 0o600); err != nil {
			return stop, err
		}
		cmd := exec.Command("hostapd", file)
		out, err := cmd.StdoutPipe()
		if err != nil {
			return stop, err
		}
		if err := cmd.Start(); err != nil {
			return stop, err
		}
		procs = append(procs, cmd)
		if err := waitLine(out, "AP-ENABLED"); err != nil {
			return stop, fmt.Errorf("hostapd on %s: %w", name, err)
		}
	}
	return stop, nil
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

func find(t *testing.T, results []drivers.ScanResult, bssid string) drivers.ScanResult {
	t.Helper()
	for _, r := range results {
		if r.BSSID.String() == bssid {
			return r
		}
	}
	t.Fatalf("%s is not among %d results", bssid, len(results))
	panic("unreachable")
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

func TestVMScan(t *testing.T) {
	o := open(t, New(), station)
	results, done := o.scan(&drivers.ScanParams{})
	if len(done.Freqs) < 20 {
		t.Errorf("scan of every channel covered %v", done.Freqs)
	}
	r := find(t, results, openBSSID)
	if ssid, _ := dot11.Elements(r.IEs).Find(0); string(ssid) != "open-net" {
		t.Errorf("SSID %q", ssid)
	}
	if r.Freq != 2412 || r.BeaconInterval != 100 || r.Capability&1 == 0 || r.TSF == 0 || r.Age > 10*time.Second ||
		r.Flags&drivers.ResultLevelDBm == 0 || r.Level > -10 || r.Level < -100 || r.Noise != -92 {
		t.Errorf("result %+v", r)
	}
	if len(find(t, results, hidBSSID).IEs) == 0 {
		t.Error("hidden BSS has no elements")
	}
}

func TestVMScanHidden(t *testing.T) {
	o := open(t, New(), station)
	results, _ := o.scan(&drivers.ScanParams{
		SSIDs: [][]byte{[]byte("hidden-net"), nil}, Freqs: []int{2437},
		IEs: []byte{221, 4, 0, 0x10, 0x18, 1}, Flush: true, LowPrio: true,
		RandomMAC: true, MACAddr: dot11.MAC{2}, MACMask: dot11.MAC{3},
	})
	// The kernel keeps the nameless beacon and the probe response apart: two
	// results may have the same BSSID.
	named := false
	for _, r := range results {
		ssid, _ := dot11.Elements(r.IEs).Find(0)
		named = named || r.BSSID.String() == hidBSSID && string(ssid) == "hidden-net"
		if bytes.Contains(r.BeaconIEs, []byte("hidden-net")) {
			t.Error("the beacon names the network")
		}
	}
	if !named {
		t.Errorf("no probe response of the hidden network in %+v", results)
	}
	for _, r := range results {
		if r.Freq != 2437 {
			t.Errorf("flushed scan of 2437 MHz has %v on %d", r.BSSID, r.Freq)
		}
	}
}

func TestVMScanPassive(t *testing.T) {
	o := open(t, New(), station)
	results, done := o.scan(&drivers.ScanParams{Passive: true, Freqs: []int{2412, 2437}, Flush: true})
	if !slices.Equal(done.Freqs, []int{2412, 2437}) || len(done.SSIDs) != 0 {
		t.Errorf("scan covered %v, %q", done.Freqs, done.SSIDs)
	}
	r := find(t, results, hidBSSID)
	if bytes.Contains(r.IEs, []byte("hidden-net")) {
		t.Error("a passive scan probed")
	}
}

func TestVMScanLimits(t *testing.T) {
	o := open(t, New(), station)
	err := o.Scan(&drivers.ScanParams{SSIDs: make([][]byte, 5)})
	if !errors.Is(err, drivers.ErrNotSupported) {
		t.Errorf("five SSIDs: %v", err)
	}
	err = o.Scan(&drivers.ScanParams{Freqs: []int{2413}})
	if !errors.Is(err, unix.EINVAL) {
		t.Errorf("no channel: %v", err)
	}
	t.Log(err)
	o.scan(&drivers.ScanParams{Freqs: []int{2412}})
}

func TestVMScanAbort(t *testing.T) {
	o := open(t, New(), station)
	if err := o.AbortScan(); err != nil {
		t.Errorf("abort without a scan: %v", err)
	}
	if err := o.Scan(&drivers.ScanParams{Passive: true}); err != nil {
		t.Fatal(err)
	}
	if err := o.Scan(&drivers.ScanParams{}); !errors.Is(err, drivers.ErrBusy) {
		t.Errorf("second scan: %v", err)
	}
	next[drivers.EventScanStarted](o, nil)
	if err := o.AbortScan(); err != nil {
		t.Fatal(err)
	}
	if done := next[drivers.EventScanDone](o, nil); !done.Aborted || done.External {
		t.Errorf("aborted scan ended as %+v", done)
	}
}

func TestVMScanExternal(t *testing.T) {
	o := open(t, New(), station)
	var wg sync.WaitGroup
	wg.Go(func() { run(t, "iw", "dev", station, "scan", "freq", "2412", "2437", "5180") })
	if ev := next[drivers.EventScanStarted](o, nil); !ev.External {
		t.Error("scan of iw is reported as ours")
	}
	if err := o.Scan(&drivers.ScanParams{}); !errors.Is(err, drivers.ErrBusy) {
		t.Errorf("scan while iw scans: %v", err)
	}
	if done := next[drivers.EventScanDone](o, nil); !done.External {
		t.Errorf("scan of iw ended as %+v", done)
	}
	wg.Wait()
	o.scan(&drivers.ScanParams{Freqs: []int{2412}})
}

// TestVMScanOverrun loses the end of a scan with an overrun of the event socket.
func TestVMScanOverrun(t *testing.T) {
	d := New()
	block := make(chan struct{})
	events := make(chan drivers.Event, 4096)
	var once sync.Once
	i, err := d.Open(drivers.Config{Ifname: station, Events: func(ev drivers.Event) {
		if _, ok := ev.(drivers.EventScanStarted); ok {
			once.Do(func() { <-block })
		}
		events <- ev
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer i.Close()
	if err := d.hub.nl.SetReadBuffer(1); err != nil { // the kernel makes it its minimum
		t.Fatal(err)
	}
	if err := i.Scan(&drivers.ScanParams{Freqs: []int{2412}}); err != nil {
		t.Fatal(err)
	}
	for n := range 40 {
		name := fmt.Sprintf("extra%d", n)
		run(t, "iw", "phy", "phy3", "interface", "add", name, "type", "managed")
		run(t, "iw", "dev", name, "del")
	}
	close(block)
	o := &opened{t: t, events: events}
	next[drivers.EventResync](o, nil)
	done := next[drivers.EventScanDone](o, nil)
	if done.External {
		t.Errorf("scan ended as %+v", done)
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

func TestVMSurvey(t *testing.T) {
	o := open(t, New(), station)
	o.scan(&drivers.ScanParams{Freqs: []int{2412, 2437}})
	all, err := o.Survey(0)
	if err != nil || len(all) == 0 {
		t.Fatalf("survey %v, %v", all, err)
	}
	one, err := o.Survey(2412)
	if err != nil || len(one) != 1 || one[0].Noise != -92 {
		t.Errorf("survey of one channel %+v, %v", one, err)
	}
}

func TestVMSchedScanRefused(t *testing.T) {
	o := open(t, New(), station)
	if err := o.StartSchedScan(&drivers.SchedScanParams{}); !errors.Is(err, drivers.ErrNotSupported) {
		t.Errorf("scheduled scan: %v", err)
	}
	if err := o.StopSchedScan(); err != nil && !errors.Is(err, drivers.ErrNotSupported) {
		t.Errorf("stop: %v", err)
	}
}

// TestVMLink lets iw connect, so that the association is another program's.
func TestVMLink(t *testing.T) {
	o := open(t, New(), station)
	if _, err := o.SignalPoll(); !errors.Is(err, drivers.ErrNotSupported) {
		t.Errorf("signal without association: %v", err)
	}
	iwConnect(t)
	next(o, func(ev drivers.EventState) bool { return ev.State.Running })
	st, err := o.State()
	if err != nil || !st.Associated || string(st.SSID) != "open-net" || st.BSSID.String() != openBSSID || st.Frequency != 2412 {
		t.Errorf("state %+v, %v", st, err)
	}
	sig, err := o.SignalPoll()
	if err != nil || sig.Freq != 2412 || sig.Width != 20 || sig.Signal >= 0 || sig.Noise != -92 || sig.TxRate == 0 {
		t.Errorf("signal %+v, %v", sig, err)
	}
	if err := o.SetSignalMonitor(-70, 4); err != nil {
		t.Errorf("signal monitor: %v", err)
	}
	results, _ := o.scan(&drivers.ScanParams{Freqs: []int{2412}})
	if find(t, results, openBSSID).Flags&drivers.ResultAssociated == 0 {
		t.Error("the result of our BSS is not marked")
	}
	run(t, "hostapd_cli", "-p", ctrlDir, "-i", "wlan1", "deauthenticate", st.MAC.String(), "reason=7")
	if ev := next[drivers.EventLost](o, nil); ev.Local || ev.Reason != 7 || ev.BSSID != st.BSSID {
		t.Errorf("lost %+v", ev)
	}
	iwConnect(t)
	run(t, "iw", "dev", station, "disconnect")
	if ev := next[drivers.EventLost](o, nil); !ev.Local || ev.Reason != 3 {
		t.Errorf("lost by ourselves %+v", ev)
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

// rsne asks for WPA2-PSK with CCMP.
var rsne = []byte{48, 20, 1, 0, 0, 0x0f, 0xac, 4, 1, 0, 0, 0x0f, 0xac, 4, 1, 0, 0, 0x0f, 0xac, 2, 0, 0}

// join authenticates and associates with our own SME.
func (o *opened) join(bssid, ssid string, freq int, p drivers.AssocParams) {
	o.t.Helper()
	ap, err := dot11.ParseMAC(bssid)
	if err != nil {
		o.t.Fatal(err)
	}
	p.BSSID, p.SSID, p.Freq = ap, []byte(ssid), freq
	// An emulated machine may be too slow for the time that the kernel waits.
	for range 10 {
		if o.seen(ssid, freq) && o.tryJoin(&p) {
			return
		}
	}
	o.t.Fatalf("cannot join %s", ssid)
}

// seen scans and tells whether a network answered.
func (o *opened) seen(ssid string, freq int) bool {
	o.t.Helper()
	results, _ := o.scan(&drivers.ScanParams{SSIDs: [][]byte{[]byte(ssid)}, Freqs: []int{freq}})
	return slices.ContainsFunc(results, func(r drivers.ScanResult) bool {
		name, _ := dot11.Elements(r.IEs).Find(0)
		return string(name) == ssid
	})
}

// tryJoin is false when the access point did not answer in time.
func (o *opened) tryJoin(p *drivers.AssocParams) bool {
	o.t.Helper()
	if err := o.Authenticate(&drivers.AuthParams{BSSID: p.BSSID, SSID: p.SSID, Freq: p.Freq}); err != nil {
		o.t.Fatal(err)
	}
	switch ev := o.outcome().(type) {
	case drivers.EventTimeout:
		o.t.Logf("%+v", ev)
		return false
	case drivers.EventAuth:
		if ev.BSSID != p.BSSID || ev.Status != 0 || ev.Transaction != 2 {
			o.t.Fatalf("authentication %+v", ev)
		}
	}
	if err := o.Associate(p); err != nil {
		o.t.Fatal(err)
	}
	switch ev := o.outcome().(type) {
	case drivers.EventTimeout:
		o.t.Logf("%+v", ev)
		return false
	case drivers.EventAssoc:
		if ev.BSSID != p.BSSID || len(ev.RespIEs) == 0 {
			o.t.Fatalf("association %+v", ev)
		}
	}
	return true
}

// outcome is the next event that ends a step of joining.
func (o *opened) outcome() drivers.Event {
	o.t.Helper()
	return next(o, func(ev drivers.Event) bool {
		switch ev.(type) {
		case drivers.EventTimeout, drivers.EventAuth, drivers.EventAssoc, drivers.EventAssocReject:
			return true
		}
		return false
	})
}

// iwConnect lets iw join the open network.
func iwConnect(t *testing.T) {
	t.Helper()
	for range 10 {
		ctx, cancel := context.WithTimeout(t.Context(), wait)
		err := exec.CommandContext(ctx, "iw", "dev", station, "connect", "-w", "open-net", "2412").Run()
		cancel()
		if err == nil {
			return
		}
		t.Log("iw connect:", err)
	}
	t.Fatal("iw cannot connect")
}

func TestVMJoinOpen(t *testing.T) {
	o := open(t, New(), station)
	o.join(openBSSID, "open-net", 2412, drivers.AssocParams{})
	ap, _ := dot11.ParseMAC(openBSSID)
	if err := o.SetAuthorized(ap, true); err != nil {
		t.Error(err)
	}
	if dump := run(t, "iw", "dev", station, "station", "dump"); !strings.Contains(dump, "authorized:\tyes") {
		t.Errorf("the port is closed:\n%s", dump)
	}
	if err := o.SetPowerSave(true); err != nil {
		t.Error(err)
	}
	if err := o.SetPowerSave(false); err != nil {
		t.Error(err)
	}
	if st, err := o.State(); err != nil || !st.Associated || st.BSSID != ap || !st.Running {
		t.Errorf("state %+v, %v", st, err)
	}
	if err := o.Deauthenticate(ap, 3); err != nil {
		t.Fatal(err)
	}
	if ev := next[drivers.EventLost](o, nil); !ev.Local || ev.Reason != 3 || ev.BSSID != ap {
		t.Errorf("lost %+v", ev)
	}
}

// TestVMHandshake receives message 1 of the 4-way handshake, over the control
// port and over a packet socket, answers with nonsense and installs keys.
func TestVMHandshake(t *testing.T) {
	for _, params := range []string{"", "control_port=0"} {
		t.Run("params "+params, func(t *testing.T) {
			o := &opened{t: t, events: make(chan drivers.Event, 4096)}
			i, err := New().Open(drivers.Config{Ifname: station, Params: params, Events: func(ev drivers.Event) { o.events <- ev }})
			if err != nil {
				t.Fatal(err)
			}
			defer i.Close()
			o.Interface = i.(*Interface)
			o.join(hidBSSID, "hidden-net", 2437, drivers.AssocParams{IEs: rsne, Crypto: drivers.Crypto{
				Versions: drivers.WPAVersion2, Pairwise: []uint32{cipherCCMP}, Group: cipherCCMP, AKM: 0x000fac02,
				Privacy: true, ControlPort: true, ControlPortOverNetlink: true,
			}})
			ap, _ := dot11.ParseMAC(hidBSSID)
			ev := next[drivers.EventEAPOL](o, nil)
			if ev.Src != ap || len(ev.PDU) < 99 || ev.PDU[1] != 3 {
				t.Errorf("EAPOL frame %+v", ev)
			}
			if want := map[string]drivers.EncryptionKnown{"": drivers.EncryptionNo}[params]; ev.Encrypted != want {
				t.Errorf("encryption %d, want %d", ev.Encrypted, want)
			}
			if err := o.SendEAPOL(ap, []byte{2, 1, 0, 0}, false); err != nil { // EAPOL-Start
				t.Error(err)
			}
			key := bytes.Repeat([]byte{7}, 16)
			for _, k := range []drivers.Key{
				{Use: drivers.KeyPairwise, Cipher: cipherCCMP, Addr: ap, Key: key, Tx: true},
				{Use: drivers.KeyGroup, Cipher: cipherCCMP, Index: 1, Key: key, Seq: make([]byte, 6)},
				{Use: drivers.KeyIGTK, Cipher: 0x000fac06, Index: 4, Key: key, Seq: make([]byte, 6)},
				{Use: drivers.KeyGroup, Index: 1}, {Use: drivers.KeyGroup, Index: 2}, {Use: drivers.KeyPairwise, Addr: ap},
			} {
				if err := o.SetKey(&k); err != nil {
					t.Errorf("key use %d index %d of %d bytes: %v", k.Use, k.Index, len(k.Key), err)
				}
			}
			if err := o.Deauthenticate(ap, 3); err != nil {
				t.Error(err)
			}
			next[drivers.EventLost](o, nil)
		})
	}
}

func TestVMJoinFails(t *testing.T) {
	o := open(t, New(), station)
	nobody := dot11.MAC{2, 0xee, 0xee, 0xee, 0xee, 0xee}
	err := o.Authenticate(&drivers.AuthParams{BSSID: nobody, SSID: []byte("open-net"), Freq: 2412})
	if !errors.Is(err, unix.ENOENT) {
		t.Errorf("authentication with an unknown BSS: %v", err)
	}
	if err := o.Associate(&drivers.AssocParams{BSSID: nobody, SSID: []byte("open-net"), Freq: 2412}); err == nil {
		t.Error("association without authentication")
	}
	if err := o.SendEAPOL(nobody, []byte{2, 1, 0, 0}, false); err == nil {
		t.Error("EAPOL without association")
	}
	ap, _ := dot11.ParseMAC(openBSSID)
	// An action frame of an unassociated station, off the channel: SA Query request.
	st, err := o.State()
	if err != nil {
		t.Fatal(err)
	}
	h := dot11.MgmtHeader{Subtype: dot11.SubtypeAction, DA: ap, SA: st.MAC, BSSID: ap}
	if err := o.SendFrame(append(h.Append(nil), 4, 10, 0), 2412, false); err != nil { // GAS, too short to be answered
		t.Fatal(err)
	}
	if ev := next[drivers.EventFrameTxStatus](o, nil); !ev.Acked || len(ev.Frame) < 27 {
		t.Errorf("status %+v", ev)
	}
}

// TestVMRecord writes what the kernel says to $RECORD, to be replayed by the
// tests that need no kernel.
func TestVMRecord(t *testing.T) {
	dir := os.Getenv("RECORD")
	if dir == "" {
		t.Skip("RECORD names no folder")
	}
	o := open(t, New(), station)
	nl, _, err := dialEvents()
	if err != nil {
		t.Fatal(err)
	}
	var events []message
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			msgs, err := nl.Receive()
			if err != nil {
				return
			}
			for _, m := range msgs {
				if msg, err := decode(m.Data); err == nil {
					events = append(events, msg)
				}
			}
		}
	}()
	o.scan(&drivers.ScanParams{SSIDs: [][]byte{[]byte("hidden-net"), nil}, Freqs: []int{2412, 2437}, Flush: true})
	iwConnect(t)
	record(t, dir, "station", must(o.cmd.dump("", unix.NL80211_CMD_GET_STATION, o.ifindexAttr)))
	record(t, dir, "interface", must(o.cmd.do("", unix.NL80211_CMD_GET_INTERFACE, o.ifindexAttr)))
	record(t, dir, "scan", must(o.cmd.dump("", unix.NL80211_CMD_GET_SCAN, o.ifindexAttr)))
	run(t, "iw", "dev", station, "disconnect")
	if err := o.Scan(&drivers.ScanParams{}); err != nil {
		t.Fatal(err)
	}
	if err := o.AbortScan(); err != nil {
		t.Fatal(err)
	}
	next[drivers.EventScanDone](o, func(ev drivers.EventScanDone) bool { return ev.Aborted })
	for _, c := range []string{"FI", "00"} {
		if err := o.SetCountry(c); err != nil {
			t.Fatal(err)
		}
		next[drivers.EventRegulatory](o, nil)
	}
	if err := o.driver.CreateInterface(station, "vsta0", drivers.IfaceStation, nil); err != nil {
		t.Fatal(err)
	}
	if err := o.driver.DeleteInterface("vsta0"); err != nil {
		t.Fatal(err)
	}
	o.hub.barrier()
	record(t, dir, "wiphy", must(o.cmd.dump("", unix.NL80211_CMD_GET_WIPHY, func(ae *netlink.AttributeEncoder) {
		ae.Flag(unix.NL80211_ATTR_SPLIT_WIPHY_DUMP, true)
		o.ifindexAttr(ae)
	})))
	record(t, dir, "survey", must(o.cmd.dump("", unix.NL80211_CMD_GET_SURVEY, o.ifindexAttr)))
	_ = nl.Close()
	<-done
	record(t, dir, "events", events)
}

func must(msgs []message, err error) []message {
	if err != nil {
		panic(err)
	}
	return msgs
}

// record writes messages as length (4 bytes, little endian), command, attributes.
func record(t *testing.T, dir, name string, msgs []message) {
	t.Helper()
	var b []byte
	for _, m := range msgs {
		b = binary.LittleEndian.AppendUint32(b, uint32(1+len(m.attrs)))
		b = append(append(b, m.cmd), m.attrs...)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".bin"), b, 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestVMSleep suspends the machine for a moment.
func TestVMSleep(t *testing.T) {
	o := open(t, New(), station)
	run(t, "rtcwake", "-m", "mem", "-s", "3")
	ev := next(o, func(ev drivers.EventResync) bool { return strings.Contains(ev.Why, "slept") })
	t.Log(ev.Why)
	o.scan(&drivers.ScanParams{Freqs: []int{2412}})
}

// TestVMZRadioGone is the last: it takes the radios away.
func TestVMZRadioGone(t *testing.T) {
	o := open(t, New(), station)
	run(t, "modprobe", "-r", "mac80211_hwsim")
	ev := next[drivers.EventRemoved](o, nil)
	t.Log(ev.Reason)
	if _, err := o.State(); !errors.Is(err, drivers.ErrClosed) {
		t.Errorf("state of a radio that has gone: %v", err)
	}
	if err := o.Scan(&drivers.ScanParams{}); err == nil {
		t.Error("scan of a radio that has gone")
	}
}

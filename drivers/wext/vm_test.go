//go:build vm

package wext

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gosupplicant/drivers"
	"gosupplicant/drivers/internal/link"
	"gosupplicant/engine/dot11"
)

// These tests are run by .ci/vmtests. They need mac80211_hwsim with wlan0 free and
// access points (hostapd)
// "open-net" on channel 1, "wpa2-net" on 6, hidden "hidden-net" on 11, and
// "wpa3-net" on 36. With OUT set, the buffers that the kernel gave are
// written there as captures for the unit tests.

func open(t *testing.T) (*iface, chan drivers.Event) {
	t.Helper()
	events := make(chan drivers.Event, 256)
	i, err := Driver{}.Open(drivers.Config{Ifname: "wlan0", Events: func(e drivers.Event) { events <- e }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := i.Close(); err != nil && !errors.Is(err, drivers.ErrClosed) {
			t.Error(err)
		}
	})
	return i.(*iface), events
}

// waitFor returns the first event that ok accepts.
func waitFor[T drivers.Event](t *testing.T, events chan drivers.Event, ok func(T) bool) T {
	t.Helper()
	limit := time.After(60 * time.Second)
	for {
		select {
		case e := <-events:
			t.Logf("event %T%+v", e, e)
			if v, is := e.(T); is && ok(v) {
				return v
			}
		case <-limit:
			t.Fatalf("no %T within a minute", *new(T))
		}
	}
}

// apFreqs are the channels of the access points; all channels take a while in
// an emulated machine.
var apFreqs = []int{2412, 2437, 2462, 5180}

func anyDone(drivers.EventScanDone) bool { return true }

func scan(t *testing.T, i *iface, events chan drivers.Event, p drivers.ScanParams) map[string]drivers.ScanResult {
	t.Helper()
	if err := i.Scan(&p); err != nil {
		t.Fatal(err)
	}
	if e := waitFor(t, events, anyDone); e.Aborted || e.External {
		t.Fatalf("scan ended with %+v", e)
	}
	res, err := i.ScanResults()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]drivers.ScanResult{}
	for _, r := range res.Results {
		es := dot11.Elements(r.IEs)
		if err := es.Check(); err != nil {
			t.Errorf("%v: %v", r.BSSID, err)
		}
		ssid, _ := es.Find(dot11.ElementSSID)
		t.Logf("result %v %q freq %d level %d qual %d noise %d flags %b caps %#x int %d tsf %d age %v ies %d", r.BSSID, ssid,
			r.Freq, r.Level, r.Qual, r.Noise, r.Flags, r.Capability, r.BeaconInterval, r.TSF, r.Age, len(r.IEs))
		out[string(ssid)] = r
	}
	return out
}

// hear repeats a scan until every network is among the results: a scan may leave a channel
// between two beacons, an emulated access point may answer late.
func hear(t *testing.T, i *iface, events chan drivers.Event, p drivers.ScanParams, ssids ...string) map[string]drivers.ScanResult {
	t.Helper()
	var got map[string]drivers.ScanResult
	for range 20 {
		got = scan(t, i, events, p)
		if !slices.ContainsFunc(ssids, func(ssid string) bool { _, ok := got[ssid]; return !ok }) {
			return got
		}
	}
	t.Fatalf("not each of %q is heard: %v", ssids, got)
	return nil
}

func capture(t *testing.T, name string, b []byte) {
	dir := os.Getenv("OUT")
	if dir == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
		t.Error(err)
	}
}

func TestVMScan(t *testing.T) {
	i, events := open(t)
	if i.Info().Radio == "" || !i.dev.cfg80211 {
		t.Errorf("info %+v", i.Info())
	}
	st, err := i.State()
	if err != nil || !st.Up || st.Associated || st.MAC.IsZero() || st.RFKill != drivers.RFKillUnblocked {
		t.Errorf("state %+v, %v", st, err)
	}
	t.Logf("state %+v", st)
	t.Logf("capability %+v", *i.Capability())
	if c := i.Capability(); c.Unknown || c.Enc&drivers.EncCCMP == 0 || len(c.AKMs) == 0 {
		t.Errorf("capability %+v", *c)
	}
	scan(t, i, events, drivers.ScanParams{})
	wanted := map[string]struct {
		freq    int
		privacy bool
		rsn     bool
	}{"open-net": {2412, false, false}, "wpa2-net": {2437, true, true}, "wpa3-net": {5180, true, true}, "": {2462, true, true}}
	got := hear(t, i, events, drivers.ScanParams{Passive: true, Freqs: apFreqs}, slices.Collect(maps.Keys(wanted))...)
	for name, want := range wanted {
		r := got[name]
		es := dot11.Elements(r.IEs)
		if r.Freq != want.freq || (dot11.Caps(r.Capability)&dot11.CapPrivacy != 0) != want.privacy || es.Has(dot11.ElementRSN) != want.rsn ||
			dot11.Caps(r.Capability)&dot11.CapESS == 0 || r.Level >= 0 || r.Level < -100 || r.Flags&drivers.ResultLevelDBm == 0 || r.TSF == 0 {
			t.Errorf("%q: %+v", name, r)
		}
	}
	buf := make([]byte, maxScanData)
	n, err := i.dev.kernel.Point("wlan0", cmdGetScan, buf, 0)
	if err != nil {
		t.Fatal(err)
	}
	capture(t, "scan.bin", buf[:n])
	if n, err = i.dev.kernel.Point("wlan0", cmdGetRange, buf[:2*rangeSize], 0); err != nil {
		t.Fatal(err)
	}
	capture(t, "range.bin", buf[:n])
	kv, err := i.DriverStatus()
	t.Logf("status %v %v", kv, err)
}

func TestVMScanHidden(t *testing.T) {
	i, events := open(t)
	got := hear(t, i, events, drivers.ScanParams{SSIDs: [][]byte{[]byte("hidden-net")}, Freqs: apFreqs}, "hidden-net")
	r := got["hidden-net"]
	if !dot11.Elements(r.IEs).Has(dot11.ElementRSN) || r.Freq != 2462 {
		t.Errorf("%+v", r)
	}
}

func TestVMScanFreqs(t *testing.T) {
	i, events := open(t)
	start := time.Now()
	scan(t, i, events, drivers.ScanParams{Freqs: []int{2437}})
	t.Logf("one channel took %v", time.Since(start))
	hear(t, i, events, drivers.ScanParams{Freqs: []int{2437}}, "wpa2-net")
	scan(t, i, events, drivers.ScanParams{Passive: true, Freqs: []int{2412, 2437}})
	if err := i.Scan(&drivers.ScanParams{Freqs: []int{2413}}); err == nil {
		t.Error("a frequency that is no channel is accepted")
	}
	if err := i.Scan(&drivers.ScanParams{SSIDs: [][]byte{[]byte("a"), []byte("b")}}); !errors.Is(err, drivers.ErrNotSupported) {
		t.Errorf("two SSIDs: %v", err)
	}
}

func TestVMBusyAndExternal(t *testing.T) {
	i, events := open(t)
	if err := i.Scan(&drivers.ScanParams{Freqs: apFreqs}); err != nil {
		t.Fatal(err)
	}
	if err := i.Scan(&drivers.ScanParams{}); !errors.Is(err, drivers.ErrBusy) {
		t.Errorf("second scan: %v", err)
	}
	waitFor(t, events, anyDone)
	run(t, "iw", "dev", "wlan0", "scan", "trigger", "freq", "2412") // iw scan may miss the end, and waits for it
	if e := waitFor(t, events, anyDone); !e.External {
		t.Errorf("scan of iw: %+v", e)
	}
}

func run(t *testing.T, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	if out, err := exec.CommandContext(ctx, args[0], args[1:]...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", args, err, out)
	}
}

func setRFKill(t *testing.T, radio string, soft bool) {
	t.Helper()
	files, _ := filepath.Glob("/sys/class/ieee80211/" + radio + "/rfkill*/soft")
	if len(files) != 1 {
		t.Fatalf("rfkill of %s: %v", radio, files)
	}
	if err := os.WriteFile(files[0], []byte(map[bool]string{true: "1", false: "0"}[soft]), 0); err != nil {
		t.Fatal(err)
	}
}

func TestVMRFKill(t *testing.T) {
	i, events := open(t)
	if err := i.Scan(&drivers.ScanParams{}); err != nil {
		t.Fatal(err)
	}
	setRFKill(t, i.Info().Radio, true)
	if e := waitFor(t, events, anyDone); !e.Aborted {
		t.Errorf("scan ended with %+v", e)
	}
	waitFor(t, events, func(e drivers.EventState) bool { return e.State.RFKill == drivers.RFKillSoft && !e.State.Up })
	if err := i.Scan(&drivers.ScanParams{}); !errors.Is(err, drivers.ErrDown) {
		t.Errorf("scan while blocked: %v", err)
	}
	setRFKill(t, i.Info().Radio, false)
	waitFor(t, events, func(e drivers.EventState) bool { return e.State.RFKill == drivers.RFKillUnblocked && e.State.Up })
	hear(t, i, events, drivers.ScanParams{Passive: true, Freqs: apFreqs}, "open-net", "wpa2-net", "wpa3-net")
}

func TestVMOpenBlocked(t *testing.T) {
	setRFKill(t, machine{}.Radio("wlan0"), true)
	defer setRFKill(t, machine{}.Radio("wlan0"), false)
	i, events := open(t)
	if st, err := i.State(); err != nil || st.Up || st.RFKill != drivers.RFKillSoft {
		t.Errorf("state %+v, %v", st, err)
	}
	setRFKill(t, i.Info().Radio, false)
	waitFor(t, events, func(e drivers.EventState) bool { return e.State.Up })
}

func TestVMUpDownRenameRemove(t *testing.T) {
	run(t, "ip", "link", "set", "wlan0", "up")
	i, events := open(t)
	run(t, "ip", "link", "set", "wlan0", "down")
	waitFor(t, events, func(e drivers.EventState) bool { return !e.State.Up })
	run(t, "ip", "link", "set", "wlan0", "name", "wl0")
	waitFor(t, events, func(e drivers.EventRenamed) bool { return e.Ifname == "wl0" })
	run(t, "ip", "link", "set", "wl0", "up")
	waitFor(t, events, func(e drivers.EventState) bool { return e.State.Up })
	hear(t, i, events, drivers.ScanParams{Freqs: []int{2412}}, "open-net")
	if err := i.SetMACAddress(dot11.MAC{2, 0, 0, 0, 0x77, 7}); err != nil {
		t.Fatal(err)
	}
	waitFor(t, events, func(e drivers.EventState) bool { return e.State.Up && e.State.MAC == dot11.MAC{2, 0, 0, 0, 0x77, 7} })
	run(t, "ip", "link", "set", "wl0", "down")
	run(t, "ip", "link", "set", "wl0", "name", "wlan0")
	waitFor(t, events, func(e drivers.EventRenamed) bool { return e.Ifname == "wlan0" })
	radio := i.Info().Radio
	run(t, "iw", "dev", "wlan0", "del")
	waitFor(t, events, func(drivers.EventRemoved) bool { return true })
	if err := i.Scan(&drivers.ScanParams{}); !errors.Is(err, drivers.ErrClosed) {
		t.Errorf("scan after removal: %v", err)
	}
	if err := i.Close(); err != nil {
		t.Error(err)
	}
	run(t, "iw", "phy", radio, "interface", "add", "wlan0", "type", "managed")
}

// TestVMClose finds the interface as it was: down, default link mode.
func TestVMClose(t *testing.T) {
	run(t, "ip", "link", "set", "wlan0", "down")
	i, _ := open(t)
	if err := i.SetOperState(false); err != nil {
		t.Error(err)
	}
	c, err := link.Dial()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if l, err := c.ByName("wlan0"); err != nil || !l.Up() || l.LinkMode != link.ModeDormant {
		t.Errorf("open: %+v, %v", l, err)
	}
	if err := i.Close(); err != nil {
		t.Error(err)
	}
	if l, err := c.ByName("wlan0"); err != nil || l.Up() || l.LinkMode != link.ModeDefault {
		t.Errorf("closed: %+v, %v", l, err)
	}
}

func TestVMOpenRefused(t *testing.T) {
	for name, want := range map[string]error{"nope": drivers.ErrNoInterface, "lo": drivers.ErrNotSupported} {
		if _, err := (Driver{}).Open(drivers.Config{Ifname: name}); !errors.Is(err, want) {
			t.Errorf("open %s: %v, want %v", name, err, want)
		}
	}
}

// TestVMEvents captures a wireless event stream from the kernel.
func TestVMEvents(t *testing.T) {
	got := make(chan []byte, 16)
	w, err := link.Watch(func(e link.Event) {
		if e.Kind == link.EventWireless {
			got <- bytes.Clone(e.Wireless)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	run(t, "ip", "link", "set", "wlan0", "up")
	run(t, "iw", "dev", "wlan0", "scan", "trigger", "freq", "2412") // iw scan may miss the end, and waits for it
	var all []string
	next := func() []byte {
		select {
		case b := <-got:
			return b
		case <-time.After(60 * time.Second):
			t.Fatalf("no more events within a minute, after %s", strings.Join(all, "\n"))
			return nil
		}
	}
	b := next()
	capture(t, "event-scan.bin", b)
	if ev, err := native.parseEvents(b); err != nil || len(ev) != 1 || ev[0].kind != noticeScanDone {
		t.Errorf("% x: %+v, %v", b, ev, err)
	}
	run(t, "iw", "dev", "wlan0", "connect", "-w", "open-net")
	run(t, "iw", "dev", "wlan0", "disconnect")
	for {
		b := next()
		ev, err := native.parseEvents(b)
		all = append(all, fmt.Sprintf("% x: %+v %v", b, ev, err))
		if len(ev) == 1 && ev[0].kind == noticeAP {
			capture(t, fmt.Sprintf("event-ap-%v.bin", !ev[0].addr.IsZero()), b)
			if ev[0].addr.IsZero() {
				break
			}
		}
	}
	t.Log(strings.Join(all, "\n"))
}

// TestVMLost has another program end an association that another made.
func TestVMLost(t *testing.T) {
	i, events := open(t)
	run(t, "iw", "dev", "wlan0", "connect", "-w", "open-net")
	st, err := i.State()
	if err != nil || !st.Associated || string(st.SSID) != "open-net" || st.Frequency != 2412 {
		t.Errorf("state %+v, %v", st, err)
	}
	s, err := i.SignalPoll()
	if err != nil || s.Signal >= 0 || s.Freq != 2412 {
		t.Errorf("signal %+v, %v", s, err)
	}
	run(t, "iw", "dev", "wlan0", "disconnect")
	if e := waitFor(t, events, func(drivers.EventDisconnected) bool { return true }); e.BSSID != st.BSSID {
		t.Errorf("lost %+v, was at %v", e, st.BSSID)
	}
	if _, err := i.SignalPoll(); err == nil {
		t.Error("signal without association")
	}
}

//go:build vm

package nl80211

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
)

func TestVMScan(t *testing.T) {
	o := open(t, New(), station)
	if _, done := o.scan(&drivers.ScanParams{}); len(done.Freqs) < 20 {
		t.Errorf("scan of every channel covered %v", done.Freqs)
	}
	// On the channel that the radio is tuned to anyway, hwsim measures no noise.
	r, _, _ := o.scanFor(&drivers.ScanParams{Freqs: []int{2412, 2437}}, "the open BSS", of(openBSSID))
	if ssid, _ := dot11.Elements(r.IEs).Find(0); string(ssid) != "open-net" {
		t.Errorf("SSID %q", ssid)
	}
	if r.Freq != 2412 || r.BeaconInterval != 100 || r.Capability&1 == 0 || r.TSF == 0 || r.Age > 10*time.Second ||
		r.Flags&drivers.ResultLevelDBm == 0 || r.Level > -10 || r.Level < -100 || r.Noise != -92 {
		t.Errorf("result %+v", r)
	}
	hid, _, _ := o.scanFor(&drivers.ScanParams{Freqs: []int{2437}}, "the hidden BSS", of(hidBSSID))
	if len(hid.IEs) == 0 {
		t.Error("hidden BSS has no elements")
	}
}

func TestVMScanHidden(t *testing.T) {
	o := open(t, New(), station)
	// The kernel keeps the nameless beacon and the probe response apart: two
	// results may have the same BSSID.
	_, results, _ := o.scanFor(&drivers.ScanParams{
		SSIDs: [][]byte{[]byte("hidden-net"), nil}, Freqs: []int{2437},
		IEs: []byte{221, 4, 0, 0x10, 0x18, 1}, Flush: true, LowPrio: true,
		RandomMAC: true, MACAddr: dot11.MAC{2}, MACMask: dot11.MAC{3},
	}, "a probe response of the hidden network", func(r *drivers.ScanResult) bool {
		ssid, _ := dot11.Elements(r.IEs).Find(0)
		return r.BSSID.String() == hidBSSID && string(ssid) == "hidden-net"
	})
	for _, r := range results {
		if bytes.Contains(r.BeaconIEs, []byte("hidden-net")) {
			t.Error("the beacon names the network")
		}
		if r.Freq != 2437 {
			t.Errorf("flushed scan of 2437 MHz has %v on %d", r.BSSID, r.Freq)
		}
	}
}

func TestVMScanPassive(t *testing.T) {
	o := open(t, New(), station)
	r, _, done := o.scanFor(&drivers.ScanParams{Passive: true, Freqs: []int{2412, 2437}, Flush: true}, "the hidden BSS", of(hidBSSID))
	if !slices.Equal(done.Freqs, []int{2412, 2437}) || len(done.SSIDs) != 0 {
		t.Errorf("scan covered %v, %q", done.Freqs, done.SSIDs)
	}
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
	wg.Go(func() { run(t, "iw", "dev", station, "scan", "trigger", "freq", "2412", "2437", "5180", "passive") })
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

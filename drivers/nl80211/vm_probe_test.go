//go:build vm

package nl80211

import (
	"slices"
	"testing"
	"time"

	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
)

// TestVMProbe: what a probe hears is among the results without a scan, a frame that is
// sent meanwhile does not wait for its end, and it can be ended.
func TestVMProbe(t *testing.T) {
	o := open(t, New(), station)
	if !o.Capability().ScanProbe {
		t.Fatal("a simulated radio cannot probe")
	}
	ap, err := dot11.ParseMAC(openBSSID)
	if err != nil {
		t.Fatal(err)
	}
	probe := &drivers.ScanParams{Freqs: []int{2412}, SSIDs: [][]byte{[]byte("open-net")}, Probe: true}
	heard := func() bool {
		res, err := o.ScanResults()
		if err != nil {
			t.Fatal(err)
		}
		return slices.ContainsFunc(res.Results, func(r drivers.ScanResult) bool { return r.BSSID == ap })
	}
	o.scan(&drivers.ScanParams{Freqs: []int{2437}, Flush: true})
	for n := 1; !heard(); n++ { // an emulated access point may be too slow for one
		if n > 20 {
			t.Fatal("nothing was heard")
		}
		if err := o.Scan(probe); err != nil {
			t.Fatal(err)
		}
		if done := next[drivers.EventScanDone](o, nil); done.External || done.Aborted {
			t.Errorf("ended as %+v", done)
		}
	}

	for n := 1; !o.authenticatedBeside(probe, ap); n++ {
		if n > 20 {
			t.Fatal("no authentication beside a probe")
		}
		o.scan(&drivers.ScanParams{Freqs: []int{2412}})
	}
	if err := o.Deauthenticate(ap, 3); err != nil {
		t.Error(err)
	}
}

// authenticatedBeside is false when the emulated machine was too slow: when the probe
// had ended before it was told to, or the access point did not answer in time.
func (o *opened) authenticatedBeside(probe *drivers.ScanParams, ap dot11.MAC) bool {
	o.t.Helper()
	if err := o.Scan(probe); err != nil {
		o.t.Fatal(err)
	}
	begun := time.Now()
	if err := o.Authenticate(&drivers.AuthParams{BSSID: ap, SSID: probe.SSIDs[0], Freq: probe.Freqs[0], Alg: dot11.AuthAlgOpen}); err != nil {
		o.t.Fatal(err)
	}
	took := time.Since(begun)
	if err := o.AbortScan(); err != nil {
		o.t.Error(err)
	}
	var done, auth drivers.Event
	for done == nil || auth == nil {
		next(o, func(ev drivers.Event) bool {
			switch e := ev.(type) {
			case drivers.EventScanDone:
				if e.External {
					o.t.Errorf("ended as %+v", e)
				}
				done = ev
			case drivers.EventTimeout, drivers.EventAuth:
				auth = ev
			default:
				return false
			}
			return true
		})
	}
	o.t.Logf("sent in %v: %+v, %+v", took, auth, done)
	a, ok := auth.(drivers.EventAuth)
	return ok && a.Status == 0 && done.(drivers.EventScanDone).Aborted
}

package sim

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"time"

	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
	"gosupplicant/engine/loop"
)

// scanKind tells who asked for a scan.
type scanKind uint8

const (
	scanOwn      scanKind = iota // Interface.Scan
	scanExternal                 // another program
	scanSched                    // a round of a scheduled scan
)

// scan is one running scan of a radio.
type scan struct {
	iface  *iface
	kind   scanKind
	params drivers.ScanParams
	steps  []channel
	next   int
	source dot11.MAC
	since  time.Duration // air time of the start
	timer  *loop.Timer   // loop only
	done   bool
}

// Scan starts a scan. Refused with ErrDown, with ErrBusy while the radio scans
// for whomever, and for parameters beyond the capability.
func (h *handle) Scan(p *drivers.ScanParams) error {
	return h.locked("scan", func(i *iface) error { return i.startScan(p, scanOwn) })
}

// ScanResults lists what the radio heard in the last 30 s.
func (h *handle) ScanResults() (res *drivers.ScanResults, err error) {
	err = h.locked("scan results", func(i *iface) error {
		res = &drivers.ScanResults{Results: i.radio.results()}
		return nil
	})
	return res, err
}

// AbortScan ends the running scan of this interface.
func (h *handle) AbortScan() error {
	return h.locked("abort scan", func(i *iface) error {
		s := i.radio.scan
		if s == nil || s.iface != i || s.kind != scanOwn {
			return errors.New("no scan is running")
		}
		i.radio.finish(s, true)
		return nil
	})
}

// startScan checks and accepts a scan; it begins on the loop.
func (i *iface) startScan(p *drivers.ScanParams, kind scanKind) error {
	r := i.radio
	if !i.up {
		return drivers.ErrDown
	}
	if r.scan != nil && r.scan.kind != scanSched {
		return drivers.ErrBusy
	}
	if err := r.checkScan(p); err != nil {
		return err
	}
	steps, err := r.planScan(p)
	if err != nil {
		return err
	}
	if r.scan != nil {
		r.finish(r.scan, true) // a scheduled round gives way
	}
	s := &scan{iface: i, kind: kind, params: cloneParams(p), steps: steps}
	r.scan = s
	r.air.onLoop(func() { r.begin(s) })
	return nil
}

func (r *radio) checkScan(p *drivers.ScanParams) error {
	c := r.capa.Load()
	if p.Probe && (!c.ScanProbe || p.Passive || p.RandomMAC || len(p.SSIDs) > 1 || len(p.Freqs) != 1) {
		return fmt.Errorf("probe: %w", drivers.ErrNotSupported)
	}
	if len(p.SSIDs) > c.MaxScanSSIDs {
		return fmt.Errorf("%d SSIDs, the device takes %d", len(p.SSIDs), c.MaxScanSSIDs)
	}
	for _, ssid := range p.SSIDs {
		if len(ssid) > dot11.MaxSSIDLen {
			return fmt.Errorf("SSID of %d bytes, want at most %d", len(ssid), dot11.MaxSSIDLen)
		}
	}
	if len(p.IEs) > c.MaxScanIELen {
		return fmt.Errorf("%d bytes of extra elements, the device takes %d", len(p.IEs), c.MaxScanIELen)
	}
	return nil
}

// cloneParams copies what the caller may change after the call.
func cloneParams(p *drivers.ScanParams) drivers.ScanParams {
	c := *p
	c.SSIDs, c.FilterSSIDs = cloneSSIDs(p.SSIDs), cloneSSIDs(p.FilterSSIDs)
	c.Freqs, c.IEs = slices.Clone(p.Freqs), slices.Clone(p.IEs)
	if p.BSSID != nil {
		b := *p.BSSID
		c.BSSID = &b
	}
	return c
}

func cloneSSIDs(list [][]byte) [][]byte {
	if list == nil {
		return nil
	}
	out := make([][]byte, len(list))
	for i := range list {
		out[i] = bytes.Clone(list[i])
	}
	return out
}

func containsSSID(list [][]byte, ssid []byte) bool {
	return slices.ContainsFunc(list, func(s []byte) bool { return bytes.Equal(s, ssid) })
}

// planScan lists the channels of a scan. Without a list of frequencies those
// are all enabled ones, of 6 GHz only the preferred scanning channels unless
// NonColoc6GHz is set; co-located 6 GHz channels join as they become known.
func (r *radio) planScan(p *drivers.ScanParams) ([]channel, error) {
	var steps []channel
	for _, f := range p.Freqs {
		if !slices.ContainsFunc(r.channels, func(c channel) bool { return c.freq == f }) {
			return nil, fmt.Errorf("frequency %d MHz: not a channel of radio %s", f, r.name)
		}
	}
	for _, c := range r.channels {
		listed := slices.Contains(p.Freqs, c.freq)
		all := len(p.Freqs) == 0 && (c.band != dot11.Band6GHz || c.psc() || p.NonColoc6GHz)
		if c.flags&drivers.ChanDisabled == 0 && (listed || all) {
			steps = append(steps, c)
		}
	}
	if len(steps) == 0 {
		return nil, errors.New("no enabled channel to scan")
	}
	return steps, nil
}

// begin starts the scan on the air. On the loop, mu held.
func (r *radio) begin(s *scan) {
	if s.done {
		return
	}
	s.since = r.air.uptime()
	s.source = s.iface.mac
	if p := &s.params; p.RandomMAC {
		for i := range s.source {
			s.source[i] = p.MACAddr[i]&p.MACMask[i] | byte(r.air.drv.rng.Uint64())&^p.MACMask[i]
		}
		s.source[0] &^= 1 // never a group address
	}
	if s.kind != scanSched {
		s.iface.emit(drivers.EventScanStarted{External: s.kind == scanExternal})
	}
	r.step(s)
}

// step visits the next channel: requests go out now. What was heard is evaluated
// twice, when half of the dwell time has passed and at its end, so that results asked
// for meanwhile show what a real device would have heard by then. On the loop, mu held.
func (r *radio) step(s *scan) {
	if s.next == len(s.steps) {
		r.finish(s, false)
		return
	}
	c := s.steps[s.next]
	t, dwell, probes := r.air.uptime(), r.dwell(s, c), r.requests(s, c)
	half := dwell / 2
	r.dwellOn(s, half, func() {
		r.hear(c.freq, t, 0, half, probes, &s.params)
		r.dwellOn(s, dwell-half, func() {
			r.hear(c.freq, t, half, dwell, probes, &s.params)
			if r.spent == nil {
				r.spent = map[int]time.Duration{}
			}
			r.spent[c.freq] += dwell
			r.addColocated(s, c)
			s.next++
			r.step(s)
		})
	})
}

// dwellOn does f, with mu held, when a part of the dwell time has passed, unless the
// scan has ended by then.
func (r *radio) dwellOn(s *scan, d time.Duration, f func()) {
	s.timer = r.air.drv.loop.After(d, "sim scan "+r.name, func() {
		r.air.mu.Lock()
		defer r.air.mu.Unlock()
		if !s.done {
			f()
		}
	})
}

// passive reports whether nothing may be sent on a channel.
func (s *scan) passive(c channel) bool {
	return s.params.Passive || c.flags&(drivers.ChanNoIR|drivers.ChanRadar) != 0
}

func (r *radio) dwell(s *scan, c channel) time.Duration {
	switch {
	case s.params.Probe:
		return 30 * time.Millisecond
	case s.params.Dwell > 0:
		return s.params.Dwell
	case s.passive(c):
		return r.air.plan.PassiveDwell
	}
	return r.air.plan.ActiveDwell
}

// requests makes the probe requests for one channel and shows them to the observer.
func (r *radio) requests(s *scan, c channel) []Probe {
	if s.passive(c) {
		return nil
	}
	ssids := s.params.SSIDs
	if len(ssids) == 0 {
		ssids = [][]byte{nil}
	}
	bssid := dot11.Broadcast
	if s.params.BSSID != nil {
		bssid = *s.params.BSSID
	}
	var out []Probe
	for _, ssid := range ssids {
		q := Probe{At: r.air.uptime(), Ifname: s.iface.name, Freq: c.freq, Source: s.source, BSSID: bssid, SSID: ssid, IEs: s.params.IEs}
		out = append(out, q)
		if r.air.probes != nil {
			r.air.probes(q)
		}
	}
	return out
}

// addColocated extends the scan to 6 GHz channels named in Reduced Neighbor
// Reports heard on channel c.
func (r *radio) addColocated(s *scan, c channel) {
	if len(s.params.Freqs) > 0 || c.band == dot11.Band6GHz {
		return
	}
	for _, st := range r.air.byFreq[c.freq] {
		near := st.ap.Neighbors()
		if len(near) == 0 || r.slot(st, false).frames == 0 || r.slot(st, false).at < s.since {
			continue
		}
		for _, n := range near {
			i := slices.IndexFunc(r.channels, func(o channel) bool { return o.freq == n.Freq })
			have := slices.ContainsFunc(s.steps, func(o channel) bool { return o.freq == n.Freq })
			if i >= 0 && !have && r.channels[i].flags&drivers.ChanDisabled == 0 {
				s.steps = append(s.steps, r.channels[i])
			}
		}
	}
}

// finish ends a scan; mu is held, on the loop or not.
func (r *radio) finish(s *scan, aborted bool) {
	s.done = true
	r.scan = nil
	r.air.onLoop(func() { s.timer.Stop() })
	if s.params.Flush && !aborted {
		r.expire(s.since)
	}
	if s.kind == scanSched {
		s.iface.schedRound(s, aborted)
		return
	}
	done := drivers.EventScanDone{Aborted: aborted, External: s.kind == scanExternal}
	for _, c := range s.steps[:s.next] {
		done.Freqs = append(done.Freqs, c.freq)
	}
	if !s.params.Passive {
		done.SSIDs = s.params.SSIDs
	}
	s.iface.emit(done)
}

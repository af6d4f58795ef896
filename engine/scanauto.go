package engine

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"gosupplicant/conf"
	"gosupplicant/drivers"
)

// wantScan makes the interface look for a network in d, or earlier if that was
// planned already.
func (i *Interface) wantScan(d time.Duration) {
	s := &i.scan
	at := i.loop.Now().Add(d)
	if s.timer.Pending() && !at.Before(s.timer.At()) {
		return
	}
	s.timer.Stop()
	s.timer = i.loop.After(d, i.name+" scan", i.lookForNetwork)
}

// later plans the next look after one without success.
func (s *scanner) later() {
	i := s.iface
	if s.startSched() {
		return
	}
	d := time.Duration(s.interval) * time.Second
	if s.auto != nil {
		d = s.auto.wait()
	}
	i.wantScan(d)
}

// lookForNetwork is the scan timer: it decides whether a scan of our own makes
// sense now.
func (i *Interface) lookForNetwork() {
	switch {
	case i.closed || i.state == StateInterfaceDisabled:
	case i.want.disconnected:
		i.setState(StateDisconnected, "disconnect was asked for")
	case i.wiredDevice() != nil:
		i.joinCable(i.wiredDevice())
	case !i.canScan():
		i.log.Debug("The device cannot look for networks")
	case !i.anyEnabled():
		if i.state < StateAuthenticating {
			i.setState(StateInactive, "no enabled network")
		}
	case i.state >= StateAuthenticating:
	case i.conf.Globals.APScan == 0:
		i.log.Debug("No scan: the driver selects the access point (ap_scan=0)")
	case i.scan.job != nil: // its results will do, if they may
		i.scan.owed = true
	default:
		i.setState(StateScanning, "looking for a network")
		i.prepareKeys()
		i.scan.stopSched()
		i.scan.submit(&scanJob{own: true, req: ScanRequest{AllowRoam: true, Auto: true}})
	}
}

// canScan reports whether the device can look for networks at all.
func (i *Interface) canScan() bool { return !i.capa.Unknown || i.capa.MaxScanSSIDs > 0 }

// anyEnabled reports whether there is a network to look for.
func (i *Interface) anyEnabled() bool {
	return slices.ContainsFunc(i.conf.Networks, func(n *conf.Network) bool { return n.Disabled == 0 })
}

// planScan turns a job into what the driver is asked for.
func (i *Interface) planScan(j *scanJob) *drivers.ScanParams {
	g, r := &i.conf.Globals, &j.req
	p := &drivers.ScanParams{
		Passive: r.Passive, IEs: r.IEs, Freqs: r.Freqs, BSSID: r.BSSID,
		Flush: r.OnlyNew && i.capa.ScanFlush, NonColoc6GHz: r.NonColoc6GHz,
	}
	if !r.Passive {
		p.SSIDs = i.planSSIDs(r)
	}
	if j.own && g.PassiveScan != 0 && len(p.SSIDs) == 1 && len(p.SSIDs[0]) == 0 {
		p.Passive, p.SSIDs = true, nil
	}
	if r.Auto && len(p.Freqs) == 0 {
		p.Freqs = i.planFreqs(j.own)
	}
	if len(p.Freqs) == 0 {
		p.Freqs = slices.Clone(g.FreqList)
	}
	if len(p.Freqs) == 0 {
		p.Freqs = i.restrict.freqs(i.capa)
	}
	if g.FilterSSIDs {
		p.FilterSSIDs = i.configuredSSIDs()
	}
	p.FilterRSSI = g.FilterRSSI
	i.macRand.apply(p, i)
	return p
}

// planSSIDs fills the directed names up to the device's limit: asked for,
// then networks named by id, then hidden networks in turn, and the wildcard last.
func (i *Interface) planSSIDs(r *ScanRequest) [][]byte {
	limit := min(max(i.capa.MaxScanSSIDs, 1), maxScanSSIDs)
	var out [][]byte
	add := func(ssid []byte, room int) bool {
		if len(out) >= room {
			return false
		}
		if !slices.ContainsFunc(out, func(o []byte) bool { return string(o) == string(ssid) }) {
			out = append(out, ssid)
		}
		return true
	}
	for _, ssid := range r.SSIDs {
		add(ssid, limit)
	}
	for _, id := range r.NetworkIDs {
		if n := i.conf.Network(id); n != nil && len(n.SSID) > 0 {
			add(n.SSID, limit)
		}
	}
	if r.Auto {
		i.addHidden(add, limit-1)
	}
	if r.Auto || len(r.SSIDs) == 0 {
		add([]byte{}, limit)
	}
	return out
}

// addHidden adds names of enabled networks with scan_ssid, beginning where the
// last scan ran out of room.
func (i *Interface) addHidden(add func([]byte, int) bool, room int) {
	var hidden [][]byte
	for _, group := range i.conf.PriorityGroups() {
		for _, n := range group {
			if n.Disabled == 0 && n.ScanSSID && len(n.SSID) > 0 {
				hidden = append(hidden, n.SSID)
			}
		}
	}
	if len(hidden) == 0 {
		return
	}
	start := i.scan.rotate % len(hidden)
	for k := range hidden {
		at := (start + k) % len(hidden)
		if !add(hidden[at], room) {
			i.scan.rotate = at
			return
		}
	}
	i.scan.rotate = 0
}

// planFreqs picks the channels of a scan of our own; nil for all.
func (i *Interface) planFreqs(own bool) []int {
	g := &i.conf.Globals
	if own && i.scan.first && len(g.InitialFreqList) > 0 {
		return slices.Clone(g.InitialFreqList)
	}
	if g.ScanCurFreq != 0 {
		if f := i.siblingFreqs(); len(f) > 0 {
			return f
		}
	}
	var freqs []int
	for _, n := range i.conf.Networks {
		if n.Disabled != 0 {
			continue
		}
		if len(n.ScanFreq) == 0 {
			return nil
		}
		freqs = append(freqs, n.ScanFreq...)
	}
	slices.Sort(freqs)
	return slices.Compact(freqs)
}

// siblingFreqs are the channels in use by interfaces of the same radio.
func (i *Interface) siblingFreqs() []int {
	var out []int
	for _, o := range i.sup.ifaces {
		if o.radio == i.radio && o.link.Associated && o.link.Frequency > 0 {
			out = append(out, o.link.Frequency)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (i *Interface) configuredSSIDs() [][]byte {
	var out [][]byte
	for _, n := range i.conf.Networks {
		if n.Disabled == 0 && len(n.SSID) > 0 {
			out = append(out, n.SSID)
		}
	}
	return out
}

// startSched hands the waiting over to the device when it can watch for every
// enabled network by itself.
func (s *scanner) startSched() bool {
	i := s.iface
	sc, ok := i.drv.(drivers.SchedScanner)
	if !ok || s.sched || s.auto != nil || i.capa.MaxSchedScanSSIDs == 0 || i.conf.Globals.DisableScanOffload != 0 ||
		i.want.disconnected || i.state > StateScanning {
		return s.sched
	}
	p := i.planSched()
	if p == nil {
		return false
	}
	s.sched = true
	var err error
	i.worker.Do(func() { err = sc.StartSchedScan(p) }, func() {
		if err != nil && !i.closed {
			i.log.Debug("The device refused the scheduled scan", "err", err)
			s.sched = false
			i.wantScan(time.Duration(s.interval) * time.Second)
		}
	})
	return true
}

// defaultSchedInterval is used when sched_scan_interval is not set.
const defaultSchedInterval = 10 * time.Second

// planSched makes the parameters, or nil when the device cannot hold them.
func (i *Interface) planSched() *drivers.SchedScanParams {
	g := &i.conf.Globals
	p := &drivers.SchedScanParams{MatchSSIDs: i.configuredSSIDs()}
	if len(p.MatchSSIDs) == 0 || len(p.MatchSSIDs) > max(i.capa.MaxMatchSets, 1) {
		return nil
	}
	p.SSIDs = i.planSSIDs(&ScanRequest{Auto: true})
	if len(p.SSIDs) > i.capa.MaxSchedScanSSIDs {
		return nil
	}
	if p.Freqs = i.planFreqs(false); len(p.Freqs) == 0 {
		p.Freqs = slices.Clone(g.FreqList)
	}
	if len(p.Freqs) == 0 {
		p.Freqs = i.restrict.freqs(i.capa)
	}
	p.StartDelay = time.Duration(g.SchedScanStartDelay) * time.Second
	p.Plans = schedPlans(string(g.SchedScanPlans), i.capa)
	if p.Plans == nil {
		interval := time.Duration(g.SchedScanInterval) * time.Second
		if interval <= 0 {
			interval = defaultSchedInterval
		}
		p.Plans = []drivers.SchedScanPlan{{Interval: interval}}
	}
	i.macRand.applySched(p, i)
	return p
}

// schedPlans parses "<interval>:<iterations> … <interval>", within what the
// device can do; nil when it does not fit.
func schedPlans(text string, capa *drivers.Capability) []drivers.SchedScanPlan {
	words := strings.Fields(text)
	if len(words) == 0 || len(words) > max(capa.MaxSchedScanPlans, 1) {
		return nil
	}
	var out []drivers.SchedScanPlan
	for k, w := range words {
		a, b, more := strings.Cut(w, ":")
		interval, err := strconv.Atoi(a)
		iterations := 0
		if more && err == nil {
			iterations, err = strconv.Atoi(b)
		}
		if err != nil || interval < 1 || more == (k == len(words)-1) {
			return nil
		}
		out = append(out, drivers.SchedScanPlan{Interval: time.Duration(interval) * time.Second, Iterations: iterations})
	}
	return out
}

// stopSched takes the waiting back.
func (s *scanner) stopSched() {
	if !s.sched {
		return
	}
	s.sched = false
	sc := s.iface.drv.(drivers.SchedScanner)
	i := s.iface
	i.worker.Do(func() {
		if err := sc.StopSchedScan(); err != nil {
			i.log.Debug("Stopping the scheduled scan", "err", err)
		}
	}, nil)
}

func (i *Interface) schedResults() {
	if i.scan.sched {
		i.fetch(nil, drivers.EventScanDone{})
	}
}

func (i *Interface) schedStopped() {
	if i.scan.sched {
		i.scan.sched = false
		i.wantScan(0)
	}
}

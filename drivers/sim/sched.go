package sim

import (
	"errors"
	"fmt"
	"time"

	"gosupplicant/drivers"
	"gosupplicant/engine/loop"
)

// schedScan is a scheduled scan that the device carries out.
type schedScan struct {
	params drivers.SchedScanParams
	leg    int // index of the plan in force
	rounds int // rounds done in it
	timer  *loop.Timer
	ended  bool
}

// schedRetry is how long a round waits for a radio that scans otherwise.
const schedRetry = time.Second

// StartSchedScan starts periodic scans; results are told with
// EventSchedScanResults whenever a round heard something that matches.
func (h *handle) StartSchedScan(p *drivers.SchedScanParams) error {
	return h.locked("scheduled scan", func(i *iface) error {
		if !i.up {
			return drivers.ErrDown
		}
		if i.sched != nil {
			return drivers.ErrBusy
		}
		if err := i.radio.checkSched(p); err != nil {
			return err
		}
		s := &schedScan{params: *p}
		s.params.ScanParams = cloneParams(&p.ScanParams)
		s.params.MatchSSIDs = cloneSSIDs(p.MatchSSIDs)
		s.params.Plans = append([]drivers.SchedScanPlan(nil), p.Plans...)
		i.sched = s
		i.scheduleRound(s, p.StartDelay)
		return nil
	})
}

// StopSchedScan ends it; EventSchedScanStopped follows.
func (h *handle) StopSchedScan() error {
	return h.locked("stop scheduled scan", func(i *iface) error {
		if i.sched == nil {
			return errors.New("none is running")
		}
		i.endSched()
		i.emit(drivers.EventSchedScanStopped{})
		return nil
	})
}

func (r *radio) checkSched(p *drivers.SchedScanParams) error {
	c := r.capa.Load()
	switch {
	case len(p.SSIDs) > c.MaxSchedScanSSIDs:
		return fmt.Errorf("%d SSIDs, the device takes %d", len(p.SSIDs), c.MaxSchedScanSSIDs)
	case len(p.MatchSSIDs) > c.MaxMatchSets:
		return fmt.Errorf("%d match sets, the device takes %d", len(p.MatchSSIDs), c.MaxMatchSets)
	case len(p.Plans) == 0 || len(p.Plans) > c.MaxSchedScanPlans:
		return fmt.Errorf("%d plans, the device takes 1 to %d", len(p.Plans), c.MaxSchedScanPlans)
	case p.StartDelay < 0:
		return fmt.Errorf("start delay %v", p.StartDelay)
	}
	for n, plan := range p.Plans {
		last := n == len(p.Plans)-1
		limit := time.Duration(c.MaxSchedScanIntervalSec) * time.Second
		switch {
		case plan.Interval < time.Second || plan.Interval > limit:
			return fmt.Errorf("plan %d: interval %v, want 1s to %v", n+1, plan.Interval, limit)
		case plan.Iterations < 0 || uint32(plan.Iterations) > c.MaxSchedScanIterations || (plan.Iterations == 0) != last:
			return fmt.Errorf("plan %d: %d iterations; the last plan, and only that, has none", n+1, plan.Iterations)
		}
	}
	if err := r.checkScan(&drivers.ScanParams{IEs: p.IEs, SSIDs: nil}); err != nil {
		return err
	}
	_, err := r.planScan(&p.ScanParams)
	return err
}

// scheduleRound has the next round begin after d.
func (i *iface) scheduleRound(s *schedScan, d time.Duration) {
	a := i.air
	a.onLoop(func() {
		if s.ended {
			return
		}
		s.timer = a.drv.loop.After(d, "sim scheduled scan "+i.name, func() {
			a.mu.Lock()
			defer a.mu.Unlock()
			i.beginRound(s)
		})
	})
}

func (i *iface) beginRound(s *schedScan) {
	if s.ended {
		return
	}
	r := i.radio
	if r.scan != nil {
		i.scheduleRound(s, schedRetry)
		return
	}
	steps, err := r.planScan(&s.params.ScanParams)
	if err != nil { // regulation took the channels away
		i.endSched()
		i.emit(drivers.EventSchedScanStopped{})
		return
	}
	r.scan = &scan{iface: i, kind: scanSched, params: s.params.ScanParams, steps: steps}
	r.begin(r.scan)
}

// schedRound ends a round and plans the next.
func (i *iface) schedRound(sc *scan, aborted bool) {
	s := i.sched
	if s == nil {
		return
	}
	if aborted { // by a scan with precedence, or by the end of everything
		i.scheduleRound(s, schedRetry)
		return
	}
	if i.radio.matches(sc.since, &s.params) {
		i.emit(drivers.EventSchedScanResults{})
	}
	plan := s.params.Plans[s.leg]
	if s.rounds++; plan.Iterations > 0 && s.rounds >= plan.Iterations {
		s.leg, s.rounds = s.leg+1, 0
	}
	spent := i.air.uptime() - sc.since
	i.scheduleRound(s, max(plan.Interval-spent, 0))
}

// matches reports whether something that p asks for was heard since t.
func (r *radio) matches(t time.Duration, p *drivers.SchedScanParams) bool {
	for n := range r.table {
		e, s := &r.table[n], r.air.aps[n/2]
		if e.frames == 0 || e.at < t || p.FilterRSSI != 0 && e.level < p.FilterRSSI {
			continue
		}
		named := n%2 == 1 || !s.ap.Hidden()
		if len(p.MatchSSIDs) == 0 || named && containsSSID(p.MatchSSIDs, s.ap.SSID()) {
			return true
		}
	}
	return false
}

// endSched ends the scheduled scan and its running round, silently.
func (i *iface) endSched() {
	s := i.sched
	i.sched = nil
	s.ended = true
	if sc := i.radio.scan; sc != nil && sc.kind == scanSched && sc.iface == i {
		i.radio.finish(sc, true)
	}
	i.air.onLoop(func() { s.timer.Stop() })
}

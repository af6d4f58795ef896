package engine

import (
	"slices"
	"time"

	"gosupplicant/drivers"
	"gosupplicant/engine/bss"
)

// Scans that end before their time: because an attempt to connect waits for the radio
// behind one, or because what was looked for has been seen. The first matters while
// connected, when a scan of everything takes many seconds; the second while the access
// point of a lost connection is looked for on its channel.

// makeWay ends the scan that keeps an attempt from the radio.
func (i *Interface) makeWay() {
	j, a := i.scan.job, i.conn.attempt
	if j == nil || a == nil || j.work == nil || i.radio.active != j.work || j.work.over {
		return
	}
	i.log.Debug("The scan ends for the attempt to connect")
	i.scan.cut(j)
}

// cut asks the device to end the scan of j.
func (s *scanner) cut(j *scanJob) {
	a, ok := s.iface.drv.(drivers.ScanAborter)
	if !ok || !j.accepted || j.cut {
		return
	}
	j.cut = true
	i := s.iface
	i.worker.Do(func() {
		if err := a.AbortScan(); err != nil {
			i.log.Debug("The device did not abort the scan", "err", err)
		}
	}, nil)
}

// Times of looks into a running scan of one channel. mac80211 sends its question at
// once when the device is on that channel already, as it is where it has just lost its
// access point, else some 30 ms after the start; then it listens as long again.
const (
	peekFirst = 5 * time.Millisecond
	peekPause = 5 * time.Millisecond
	peekMost  = 10
)

// hunts reports whether j looks for an access point that was lost.
func (s *scanner) hunts(j *scanJob) bool { return j.narrow == narrowKnown && s.iface.conn.link == nil }

// peekInto plans looks into the scan of j, when it looks for an access point that was
// lost.
func (s *scanner) peekInto(j *scanJob) {
	if _, ok := s.iface.drv.(drivers.ScanAborter); ok && s.hunts(j) {
		first := peekFirst
		if j.again {
			first = 0 // what the one before has brought is not read yet
		}
		s.peekLater(j, first, peekMost)
	}
}

func (s *scanner) peekLater(j *scanJob, d time.Duration, left int) {
	s.peek.Stop()
	if left == 0 {
		return
	}
	i := s.iface
	s.peek = i.loop.After(d, i.name+" look into the scan", func() {
		if !s.runs(j) {
			return
		}
		var res *drivers.ScanResults
		var err error
		drv := i.drv
		i.worker.Do(func() { res, err = drv.ScanResults() }, func() {
			switch {
			case i.closed || err != nil || !s.runs(j):
			case i.seenIn(j, res):
				j.found = true
				s.leave(j)
			default:
				s.peekLater(j, peekPause, left-1)
			}
		})
	})
}

// runs reports whether the scan of j is under way, and nobody ends it.
func (s *scanner) runs(j *scanJob) bool { return s.job == j && !j.done && !j.cut && !j.work.over }

const (
	// looksFor is how long the device scans once more, again and again, for one scan that
	// looks for an access point that was lost just now.
	looksFor = 400 * time.Millisecond
	// lookAgainWithin is a pause in the search (see search.pause) that is as good as none.
	lookAgainWithin = 8 * time.Millisecond
)

// lookAgain has the device look once more for j at once, before what the scan that has
// ended brought is read, and reports whether it does: shortly after the loss every
// moment counts in which nobody listens, and what was heard is found by the first look
// into the next scan. Others who want the radio come first.
func (s *scanner) lookAgain(j *scanJob, ev drivers.EventScanDone) bool {
	i := s.iface
	_, aborts := i.drv.(drivers.ScanAborter)
	now := i.loop.Now()
	switch {
	case !aborts || !s.hunts(j) || ev.Aborted || !j.accepted || j.cut || now.Sub(j.work.begunAt) >= looksFor,
		i.conn.attempt != nil || len(s.waiting) > 0 || len(i.radio.queue) > 0,
		!i.conn.search.active(now) || i.conn.search.pause(now) > lookAgainWithin:
		return false
	}
	j.again = true
	j.accepted = false
	drv, p := i.drv, s.nextLook(j)
	var err error
	i.worker.Do(func() {
		if err = drv.Scan(p); p.Probe && err != nil { // not on each channel, not with each address
			err = drv.Scan(j.params)
		}
	}, func() {
		switch {
		case i.closed || j.done:
		case err == nil:
			s.accepted(j)
		default:
			j.work.finish()
			i.fetch(j, ev)
		}
	})
	return true
}

// nextLook is what the device is asked for to look once more: where it can, a probe,
// which hears more of the time than a scan and holds nothing up when it has heard.
func (s *scanner) nextLook(j *scanJob) *drivers.ScanParams {
	i := s.iface
	p, last := *j.params, i.conn.last.network
	if !i.capa.ScanProbe || !s.inPlace(j) || p.Passive || p.RandomMAC || p.BSSID != nil || last == nil {
		return &p
	}
	p.Probe = true
	if len(p.SSIDs) > 1 { // the names of hidden networks: this one's only
		named := slices.ContainsFunc(p.SSIDs, func(s []byte) bool { return string(s) == string(last.SSID) })
		if p.SSIDs = nil; named {
			p.SSIDs = [][]byte{last.SSID}
		}
	}
	return &p
}

// inPlace reports whether the device scans for j without leaving its channel.
func (s *scanner) inPlace(j *scanJob) bool {
	f := j.params.Freqs
	return s.iface.capa.ScanInPlace && len(f) == 1 && f[0] == s.iface.conn.tuned
}

// seenIn takes in what the scan of j has brought so far and tells whether a candidate
// has been heard since it began.
func (i *Interface) seenIn(j *scanJob, res *drivers.ScanResults) bool {
	g := &i.conf.Globals
	i.tell(i.table.Update(i.convert(res, j), bss.UpdateOpts{
		Now: i.loop.Now(), MaxCount: g.BSSMaxCount, InUse: i.inUse, Known: i.known, Local: i.localPHY,
	}), nil)
	heard := func(b *bss.BSS) bool { return !b.LastUpdate.Before(j.work.begunAt) }
	for b := range i.table.All() {
		if i.known(b) && heard(b) {
			c := i.pick(true)
			return c != nil && heard(c.bss)
		}
	}
	return false
}

// leave goes over from the scan of j, which has shown what was looked for, to the attempt
// that follows. Where the scan is in place, nobody waits for its end: the device is asked
// for it when the attempt has had its turn on the radio, which comes soon, and has sent
// its first frame. That goes out at once beside a probe; a scan of mac80211 ends first.
func (s *scanner) leave(j *scanJob) {
	i := s.iface
	if !s.inPlace(j) {
		s.cut(j)
		return
	}
	s.ending = true
	i.sawEnough(j)
	s.watchdog = i.loop.After(scanWatchdog, i.name+" scan watchdog", s.ended)
	i.loop.Soon(func() { s.cut(j) })
}

// ended lets the next scan go when one that nobody waited for has ended.
func (s *scanner) ended() {
	if !s.ending {
		return
	}
	s.ending = false
	s.watchdog.Stop()
	if s.job != nil {
		s.queue(s.job)
	}
}

// sawEnough ends a scan that was cut because a candidate had been seen, whose results
// are in the table.
func (i *Interface) sawEnough(j *scanJob) {
	i.scan.resultsAt = i.loop.Now()
	i.scan.end(j, true)
	i.afterScan(false, j.narrow)
}

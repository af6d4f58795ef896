package engine

import (
	"errors"
	"syscall"
	"time"

	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
	"gosupplicant/engine/loop"
)

// Scan machine: one scan at a time per interface, by turns on the radio.
//
//	              wantScan/timer            turn on the radio
//	   idle ───────────────────────> queued ─────────────────> triggered
//	    ^                              │ Scan() refused            │ EventScanDone
//	    │        ScanFailed, ScanDone  │                           v
//	    └──────────────────────────────┴──────────────────── fetching results
//
// A request made while one runs waits for its turn behind it (ScanRequest.Queue)
// or is refused with ErrBusy. Every accepted request ends in a ScanDone. One that looks
// for an access point that was lost just now is triggered several times before results
// are fetched, see lookAgain.

// ScanRequest is a scan that somebody asked for.
type ScanRequest struct {
	Passive bool
	SSIDs   [][]byte // an empty one is the wildcard; nil with Auto unset means wildcard only
	IEs     []byte   // extra elements of probe requests
	Freqs   []int    // MHz, nil for all
	// AllowRoam lets the results lead to a connection.
	AllowRoam bool
	// Auto adds what a scan of our own would contain: names of hidden networks.
	Auto         bool
	BSSID        *dot11.MAC
	OnlyNew      bool // drop results from before
	NonColoc6GHz bool
	UseID        bool  // number the scan
	NetworkIDs   []int // probe for these networks' names first
	Queue        bool  // wait for a running scan
}

// Bounds of requests.
const (
	maxScanSSIDs   = 16
	maxWaitingScan = 8
)

// Times of the machine.
const (
	defaultScanInterval = 5                // seconds between scans that find nothing
	scanRetry           = time.Second      // after the device was busy
	scanWatchdog        = 30 * time.Second // an accepted scan ends by then
)

// scanner is the scan part of an interface.
type scanner struct {
	iface     *Interface
	job       *scanJob   // queued or running
	waiting   []*scanJob // behind job
	timer     *loop.Timer
	timerAt   time.Time
	watchdog  *loop.Timer
	again     *loop.Timer // of a job that the device was too busy for
	peek      *loop.Timer // into the running scan
	ending    bool        // a scan that nobody waits for is about to end
	expiry    *loop.Timer // of BSS entries
	resultsAt time.Time   // of the last own scan that ended well
	lastID    int
	interval  int // seconds
	auto      *autoscan
	first     bool // no scan has been made yet (initial_freq_list)
	rotate    int  // where the next round of hidden names begins
	sched     bool // a scheduled scan runs in the device
	external  bool // another program scans
	busy      int  // refusals in a row
	owed      bool // a look for a network was due while a scan ran
}

// narrowing tells why a scan of our own does not cover everything.
type narrowing uint8

const (
	narrowNo    narrowing = iota
	narrowKnown           // channels of the last connection: a full scan follows when it finds nothing
	narrowOWE             // a hidden OWE half, named by its open half
)

// scanJob is one scan on its way.
type scanJob struct {
	req      ScanRequest
	own      bool // made by the machine itself
	narrow   narrowing
	sliced   bool    // planned in slices
	slices   [][]int // of channels, still to be scanned after the present one
	id       int     // 0 without UseID
	work     *radioWork
	params   *drivers.ScanParams
	accepted bool
	begun    bool // ScanStarted was sent
	done     bool // ends were told
	cut      bool // it was asked to end
	found    bool // because what it looks for was seen
	again    bool // the device has scanned for it before
}

func (s *scanner) init(i *Interface) {
	s.iface, s.interval, s.first = i, defaultScanInterval, true
	if a, err := parseAutoscan(string(i.conf.Globals.Autoscan)); err != nil {
		i.log.Warn("Ignoring the autoscan setting", "err", err)
	} else {
		s.auto = a
	}
}

// Scan asks for a scan. The id is not 0 with UseID.
func (i *Interface) Scan(r ScanRequest) (int, error) {
	s := &i.scan
	switch {
	case i.closed:
		return 0, ErrUnknownInterface
	case i.state == StateInterfaceDisabled:
		return 0, ErrDisabled
	case len(r.SSIDs) > maxScanSSIDs:
		return 0, &InvalidError{What: "number of SSIDs"}
	case s.job != nil && !s.job.own && !r.Queue, len(s.waiting) >= maxWaitingScan:
		return 0, ErrBusy
	case i.state >= StateAuthenticating && i.state < StateCompleted && !r.Queue:
		return 0, ErrBusy
	}
	for _, ssid := range r.SSIDs {
		if len(ssid) > dot11.MaxSSIDLen {
			return 0, &InvalidError{What: "SSID"}
		}
	}
	j := &scanJob{req: r}
	if r.UseID {
		s.lastID++
		j.id = s.lastID
	}
	s.stopSched()
	s.submit(j)
	return j.id, nil
}

// submit queues j, behind what runs already.
func (s *scanner) submit(j *scanJob) {
	if s.job != nil {
		s.waiting = append(s.waiting, j)
		return
	}
	s.job = j
	if s.timer.Stop() {
		s.owed = true
	}
	if !s.ending {
		s.queue(j)
	}
}

// queue asks for a turn on the radio for j.
func (s *scanner) queue(j *scanJob) {
	i := s.iface
	j.work.finish() // a turn that is left over when events were lost
	j.work = i.radio.add(&radioWork{iface: i, kind: "scan",
		start:   func() { s.trigger(j) },
		dropped: func() { s.end(j, false) },
	}, false)
}

// trigger asks the device; the turn on the radio has come.
func (s *scanner) trigger(j *scanJob) {
	i := s.iface
	i.slice(j)
	j.params, j.accepted, j.cut = i.planScan(j), false, false
	s.first = false
	i.log.Debug("Starting scan", "passive", j.params.Passive, "ssids", len(j.params.SSIDs), "freqs", len(j.params.Freqs), "own", j.own)
	addr := i.macRand.preassoc(i)
	drv := i.drv
	var err error
	i.worker.Do(func() {
		if addr != nil {
			if e := drv.(drivers.AddressSetter).SetMACAddress(*addr); e != nil {
				i.log.Warn("Could not set a random MAC address before the scan", "err", e)
			}
		}
		err = drv.Scan(j.params)
	}, func() {
		switch {
		case i.closed || j.done:
		case err == nil:
			s.accepted(j)
		default:
			s.refused(j, err)
		}
	})
}

func (s *scanner) accepted(j *scanJob) {
	s.busy = 0
	j.accepted = true
	s.watchdog.Stop()
	s.watchdog = s.iface.loop.After(scanWatchdog, s.iface.name+" scan watchdog", func() {
		s.iface.log.Warn("The device did not end its scan; giving up on it")
		s.end(j, false)
		s.iface.resync("scan without end")
	})
	s.begin(j)
	s.iface.makeWay()
	s.peekInto(j)
	if s.hunts(j) {
		s.iface.commitAhead()
	}
}

// begin tells observers once that the radio scans.
func (s *scanner) begin(j *scanJob) {
	if j.begun {
		return
	}
	j.begun = true
	s.iface.changed(PropScanning)
	s.iface.emit(ScanStarted{s.iface, j.id})
}

// refused ends a scan that the device did not take. A busy device is asked
// again.
func (s *scanner) refused(j *scanJob, err error) {
	i := s.iface
	errno := errnoOf(err)
	retry := (errno == int(syscall.EBUSY) || errors.Is(err, drivers.ErrBusy)) && s.busy < 5
	i.log.Debug("The device refused the scan", "err", err, "retry", retry)
	if j.params.RandomMAC && errno == int(syscall.EOPNOTSUPP) {
		i.macRand.refused = true
		i.log.Warn("The device refuses random addresses in scans; not used any more")
		retry = true
	}
	i.emit(ScanFailed{i, errno, retry})
	if !retry {
		s.busy = 0
		s.end(j, false)
		return
	}
	s.busy++
	j.work.finish()
	s.again.Stop()
	s.again = i.loop.After(scanRetry, i.name+" scan retry", func() {
		if s.job == j && !j.done {
			s.queue(j)
		}
	})
}

// errnoOf digs the kernel's error number out, or makes one.
func errnoOf(err error) int {
	var no syscall.Errno
	switch {
	case errors.As(err, &no):
		return int(no)
	case errors.Is(err, drivers.ErrBusy):
		return int(syscall.EBUSY)
	case errors.Is(err, drivers.ErrDown):
		return int(syscall.ENETDOWN)
	case errors.Is(err, drivers.ErrNotSupported):
		return int(syscall.EOPNOTSUPP)
	}
	return 1
}

// scanStarted hears from the device.
func (i *Interface) scanStarted(ev drivers.EventScanStarted) {
	s := &i.scan
	if !ev.External && s.job != nil && s.job.params != nil {
		s.begin(s.job)
		return
	}
	if ev.External && !s.external {
		s.external = true
		i.changed(PropScanning)
		i.emit(ScanStarted{i, 0})
	}
}

// scanDone hears from the device: the radio is free, results can be fetched. It
// may come before the driver's Scan has returned.
func (i *Interface) scanDone(ev drivers.EventScanDone) {
	s := &i.scan
	if s.ending && !ev.External {
		s.ended()
		return
	}
	j := s.job
	if ev.External || j == nil || j.params == nil {
		s.external = false
		i.fetch(nil, ev)
		return
	}
	s.watchdog.Stop()
	s.again.Stop()
	s.peek.Stop()
	if s.lookAgain(j, ev) {
		return
	}
	j.work.finish()
	if j.found && ev.Aborted {
		i.sawEnough(j)
		return
	}
	i.fetch(j, ev)
}

// fetch reads the results on the worker and takes them in.
func (i *Interface) fetch(j *scanJob, ev drivers.EventScanDone) {
	var res *drivers.ScanResults
	var err error
	drv := i.drv
	i.worker.Do(func() { res, err = drv.ScanResults() }, func() {
		if i.closed || j != nil && j.done || i.state == StateInterfaceDisabled {
			return
		}
		if err != nil {
			i.log.Warn("Failed to get scan results", "err", err)
			if j == nil {
				i.emit(ScanDone{Iface: i})
			}
			i.scan.end(j, false)
			return
		}
		i.takeResults(res, ev, j)
	})
}

// end finishes job j, tells observers, and lets the next one go.
func (s *scanner) end(j *scanJob, success bool) {
	if j == nil || j.done {
		return
	}
	j.done = true
	i := s.iface
	j.work.finish()
	if s.job == j {
		s.watchdog.Stop()
		s.again.Stop()
		s.peek.Stop()
		s.job = nil
		i.changed(PropScanning)
	}
	i.emit(ScanDone{Iface: i, Success: success, ID: j.id, OwnRequest: true})
	if !success && j.own {
		s.later()
	}
	s.nextWaiting()
	if s.owed && s.job == nil {
		s.owed = false
		if !success && !j.own || !j.req.AllowRoam { // its results lead nowhere
			i.wantScan(0)
		}
	}
}

func (s *scanner) nextWaiting() {
	if s.job == nil && len(s.waiting) > 0 && s.iface.state != StateInterfaceDisabled {
		j := s.waiting[0]
		s.waiting = s.waiting[1:]
		s.submit(j)
	}
}

// cancelAll ends everything without results: the radio is gone.
func (s *scanner) cancelAll() {
	s.owed, s.ending = false, false
	s.timer.Stop()
	s.sched, s.external = false, false
	waiting := s.waiting
	s.waiting = nil
	s.end(s.job, false)
	for _, j := range waiting {
		j.done = true
		s.iface.emit(ScanDone{Iface: s.iface, ID: j.id, OwnRequest: true})
	}
	s.timer.Stop()
}

// stop ends everything in silence: the interface is gone.
func (s *scanner) stop() {
	s.timer.Stop()
	s.watchdog.Stop()
	s.again.Stop()
	s.peek.Stop()
	s.expiry.Stop()
	if s.job != nil {
		s.job.done = true
	}
	s.job, s.waiting = nil, nil
}

// recover asks for results after events were lost, in case the end of a scan
// was among them.
func (s *scanner) recover() {
	s.ended()
	if s.job != nil && s.job.accepted {
		s.iface.scanDone(drivers.EventScanDone{Aborted: true})
	}
}

// AbortScan stops the running scan; its ScanDone follows.
func (i *Interface) AbortScan() error {
	s := &i.scan
	if s.job == nil || !s.job.accepted {
		return ErrNotScanning
	}
	if _, ok := i.drv.(drivers.ScanAborter); !ok {
		return ErrNotSupported
	}
	s.job.cut = false // asked for again
	s.cut(s.job)
	return nil
}

// Scanning reports whether the radio scans for us or for another program.
func (i *Interface) Scanning() bool {
	return i.scan.external || i.scan.job != nil && i.scan.job.begun
}

// ScanPending reports whether a scan is queued or running.
func (i *Interface) ScanPending() bool { return i.scan.job != nil }

// ScanInterval is the time in seconds between scans that find nothing.
func (i *Interface) ScanInterval() int { return i.scan.interval }

// SetScanInterval changes ScanInterval.
func (i *Interface) SetScanInterval(sec int) error {
	if sec < 0 {
		return &InvalidError{What: "scan interval"}
	}
	i.scan.interval = sec
	i.changed(PropScanInterval)
	return nil
}

// SetAutoscan changes the pacing of automatic scans; "" is none.
func (i *Interface) SetAutoscan(text string) error {
	a, err := parseAutoscan(text)
	if err != nil {
		return &InvalidError{What: "autoscan", Err: err}
	}
	i.scan.auto = a
	if i.state < StateAuthenticating && i.state != StateInterfaceDisabled {
		i.scan.timer.Stop()
		i.wantScan(0)
	}
	return nil
}

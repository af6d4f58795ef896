package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"

	"gosupplicant/cmd/wpa_supplicant/bench/figures"
)

// program is something to measure.
type program interface {
	name() string
	// warm reads from disk what a start needs, so that the first round does not
	// measure that.
	warm() error
	// start starts the program on the station's interface with the network known
	// to it, and waits for the connection: from the start to the event.
	start(sec security) (s station, from, to time.Time, err error)
}

// station is a program at work. It waits for events with a limit.
type station interface {
	pid() int
	stop() error
	drain()                           // forgets the events so far
	connected() (time.Time, error)    // waits for the event, and tells when it came
	disconnected() (time.Time, error) // the same
	bssid() (string, error)           // of the connection
	look() error                      // scans, and drains
	leave() error                     // disconnects, and stays so
	join() error                      // asks for the network that was left
	forget() error                    // removes the network
	pick() error                      // adds the removed network anew and asks for it
	roam(bssid string) error          // asks for another access point
}

// preparer is a station that has to do something before some situations, outside
// of what is measured.
type preparer interface {
	prepare(situation string, a *aps) error
}

// cannot is why a program is not able to run a situation.
type cannot string

func (c cannot) Error() string { return string(c) }

// rss is the resident size of a process in MiB.
func rss(pid int) float64 {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for line := range strings.SplitSeq(string(b), "\n") {
		if v, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			n, _ := strconv.ParseFloat(strings.Fields(v)[0], 64)
			return n / 1024
		}
	}
	return 0
}

// measure starts one program about as often as a round does, and runs the last one that
// it started through every situation.
func (t *table) measure(who int, sec security, a *aps) (err error) {
	var s station
	for n, begun := 0, time.Now(); n < colds && (n == 0 || time.Since(begun) < enough); n++ {
		if s != nil {
			if err := s.stop(); err != nil {
				return err
			}
		}
		if s, err = t.measureCold(who, sec, a); err != nil {
			return err
		}
	}
	defer s.stop()
	for _, sit := range situations {
		if t.only != "" && !slices.Contains(strings.Split(t.only, ","), sit.name) {
			continue
		}
		if err := t.measureSituation(who, sec, sit, s, a); err != nil {
			return fmt.Errorf("%s: %w", sit.name, err)
		}
	}
	t.figures.Add(sec.name+" RSS (MiB)", who, rss(s.pid()))
	return a.second(false)
}

// colds is how often a round starts a program at most: three starts of each in a whole
// run did not tell apart whose daemon needs less processor time.
const colds = 5

// measureCold starts a program where neither the access point nor the kernel knows
// anything of one before.
func (t *table) measureCold(who int, sec security, a *aps) (station, error) {
	if err := a.renew(); err != nil {
		return nil, err
	}
	if err := forgetResults(); err != nil {
		return nil, err
	}
	if _, err := t.air.take(); err != nil {
		return nil, err
	}
	s, from, to, err := t.contestants[who].program.start(sec)
	if err != nil {
		return nil, err
	}
	if err := t.addSpan(sec.name+" cold", who, from, to); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	cpu, err := figures.CPU(s.pid())
	if err != nil {
		return nil, errors.Join(err, s.stop())
	}
	t.figures.Add(sec.name+" daemon CPU", who, cpu)
	return s, nil
}

// enough is how long a round spends on a situation before it goes on to the next one:
// chance does not decide any more about what takes that long, and iwd may take minutes.
const enough = 20 * time.Second

// measureSituation brings a situation about as often as a round does.
func (t *table) measureSituation(who int, sec security, sit situation, s station, a *aps) error {
	begun := time.Now()
	for n := 0; n < sit.times && time.Since(begun) < enough; n++ {
		from, to, err := sit.measure(t, s, a)
		var why cannot
		if errors.As(err, &why) {
			t.leaveOut(who, sec.name+" "+sit.name, why)
			return nil
		}
		if err == nil {
			err = t.addSpan(sec.name+" "+sit.name, who, from, to)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// forgetResults has the station's radio forget what it has heard: the kernel keeps that
// for half a minute, and the second access point of the round before, which is off the
// air, would be asked in vain when the first one is gone.
func forgetResults() error {
	was, err := setUp(stationIface, true)
	if err != nil {
		return err
	}
	for range 4 {
		if err = scanOnce(); !errors.Is(err, context.DeadlineExceeded) {
			break
		}
	}
	_, back := setUp(stationIface, was)
	return errors.Join(err, back)
}

// scanOnce scans a channel that none of the access points is on. Now and then iw runs
// in circles instead of ending.
func scanOnce() error {
	const noneHere = "2462"
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, "iw", "dev", stationIface, "scan", "freq", noneHere, "flush").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("iw scan: %w: %s", errors.Join(err, ctx.Err()), out)
	}
	return err
}

// situation is something that happens to a station with a connection.
type situation struct {
	name   string
	second bool // the second access point is on the air
	times  int  // in each round, at most: more where it takes little and chance has a large part in it
	run    func(station, *aps) (from, to time.Time, err error)
}

// measure brings the situation about.
func (sit situation) measure(t *table, s station, a *aps) (from, to time.Time, err error) {
	if err = a.second(sit.second); err != nil {
		return from, to, err
	}
	if p, ok := s.(preparer); ok {
		if err = p.prepare(sit.name, a); err != nil {
			return from, to, err
		}
	}
	if err = a.settle(s); err != nil {
		return from, to, err
	}
	if _, err := t.air.take(); err != nil {
		return from, to, err
	}
	return sit.run(s, a)
}

// roaming is for the first time to an access point that was started just before;
// the other one is between two that had the station before.
const roaming, roamingAgain = "roam", "roam again"

// situations are measured one after the other with one process: first with one
// access point, as at home, then with two.
var situations = []situation{
	{"deauth", false, 1, afterDeauth},
	{"AP restart", false, 3, afterRestart},
	{"old results", false, 3, withOldResults},
	{"fresh results again", false, 25, againWithFreshResults},
	{"fresh results", false, 5, withFreshResults},
	{roaming, true, 1, roam},
	{"deauth beside another AP", true, 1, afterDeauth},
	{roamingAgain, true, 1, roam},
}

// resultsValid is how long a supplicant takes scan results for fresh, with a margin.
const resultsValid = 7 * time.Second

// afterDeauth: thrown out of a connection that was held for a while, as most are;
// from the disconnection to the connection.
func afterDeauth(s station, a *aps) (from, to time.Time, err error) {
	k, err := a.of(s)
	if err != nil {
		return from, to, err
	}
	time.Sleep(resultsValid)
	s.drain()
	if err = a.deauth(k); err != nil {
		return from, to, err
	}
	if from, err = s.disconnected(); err != nil {
		return from, to, err
	}
	to, err = s.connected()
	return from, to, err
}

// timed is from a command to the connection.
func timed(s station, command func() error) (from, to time.Time, err error) {
	from = time.Now()
	if err = command(); err != nil {
		return from, to, err
	}
	to, err = s.connected()
	return from, to, err
}

// againWithFreshResults: from the command to the connection with a network that was
// joined before, right after a scan.
func againWithFreshResults(s station, _ *aps) (from, to time.Time, err error) {
	if err = s.leave(); err != nil {
		return from, to, err
	}
	if err = s.look(); err != nil {
		return from, to, err
	}
	return timed(s, s.join)
}

// withFreshResults: right after a scan somebody picks a network that was joined
// before, removed, and is added anew, as NetworkManager does every time; from the
// first command to the connection.
func withFreshResults(s station, _ *aps) (from, to time.Time, err error) {
	if err = s.forget(); err != nil {
		return from, to, err
	}
	if err = s.look(); err != nil {
		return from, to, err
	}
	return timed(s, s.pick)
}

// withOldResults: as before, but the results are older than scan_res_valid_for_connect.
func withOldResults(s station, _ *aps) (from, to time.Time, err error) {
	if err = s.leave(); err != nil {
		return from, to, err
	}
	time.Sleep(resultsValid)
	s.drain()
	return timed(s, s.join)
}

// roam: from the command to the connection with the other access point.
func roam(s station, a *aps) (from, to time.Time, err error) {
	k, err := a.of(s)
	if err != nil {
		return from, to, err
	}
	if err = s.look(); err != nil {
		return from, to, err
	}
	from, to, err = timed(s, func() error { return s.roam(a.address(1 - k)) })
	if err != nil {
		return from, to, err
	}
	now, err := a.of(s)
	if err == nil && now == k {
		err = errors.New("connected, but not with the other access point")
	}
	return from, to, err
}

// held is how long a connection stands for which an access point that dies has not
// thrown the station out at once, which would be a reason to be slow with the next one.
const held = 3 * time.Second

// afterRestart: the access point dies and comes back; from its return to the
// connection.
func afterRestart(s station, a *aps) (from, to time.Time, err error) {
	time.Sleep(held)
	s.drain()
	a.end(0)
	if _, err = s.disconnected(); err != nil {
		return from, to, err
	}
	if err = a.start(0); err != nil {
		return from, to, err
	}
	from = time.Now()
	to, err = s.connected()
	return from, to, err
}

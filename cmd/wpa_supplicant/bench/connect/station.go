package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"gosupplicant/cmd/wpa_supplicant/bench/figures"
	"gosupplicant/engine/ctrl/ctrlclient"
)

// station is one supplicant at work.
type station struct {
	cmd   *exec.Cmd
	begun time.Time
	conn  *ctrlclient.Conn
	dir   string
}

const patience = 40 * time.Second

// startStation starts a supplicant and attaches to its events.
func startStation(program string, sec security) (*station, error) {
	dir, err := os.MkdirTemp("", "bench-sta-")
	if err != nil {
		return nil, err
	}
	s := &station{dir: dir}
	conf := filepath.Join(dir, "conf")
	text := fmt.Sprintf("ctrl_interface=%s\nnetwork={\n\tssid=\"bench\"\n%s}\n", filepath.Join(dir, "ctrl"), sec.block)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		return nil, err
	}
	s.cmd = exec.Command(program, "-Dnl80211", "-i"+stationIface, "-c"+conf, "-f"+filepath.Join(dir, "log"))
	s.begun = time.Now()
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	for deadline := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		if s.conn, err = ctrlclient.Dial(filepath.Join(dir, "ctrl", stationIface), ctrlclient.Options{}); err == nil {
			break
		}
		if time.Now().After(deadline) {
			return nil, errors.Join(errors.New("no control socket"), err, s.stop())
		}
	}
	if err := s.conn.Attach(); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	return s, nil
}

func (s *station) stop() error {
	if s.conn != nil {
		s.conn.Close()
	}
	s.cmd.Process.Signal(syscall.SIGTERM)
	err := s.cmd.Wait()
	os.RemoveAll(s.dir)
	return err
}

// wait takes events until one contains text, and returns when it came.
func (s *station) wait(text string) (time.Time, error) {
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		ev, err := s.conn.Next(time.Until(deadline))
		if err != nil {
			return time.Time{}, fmt.Errorf("waiting for %s: %w", text, err)
		}
		if strings.Contains(ev.Text, text) {
			return time.Now(), nil
		}
	}
	return time.Time{}, fmt.Errorf("no %s within %v", text, patience)
}

// drain forgets the events so far.
func (s *station) drain() { s.conn.Events() }

func (s *station) ask(cmd string) (string, error) {
	return s.conn.Request(cmd, ctrlclient.DefaultTimeout)
}

func (s *station) must(cmd string) error {
	r, err := s.ask(cmd)
	if err == nil && strings.TrimSpace(r) != "OK" {
		err = fmt.Errorf("%s: %s", cmd, strings.TrimSpace(r))
	}
	return err
}

// connectedTo waits for the connection: it may have come before the attachment.
func (s *station) connected() (time.Time, error) {
	if st, err := s.ask("STATUS"); err == nil && strings.Contains(st, "wpa_state=COMPLETED") {
		return time.Now(), nil
	}
	return s.wait("CTRL-EVENT-CONNECTED")
}

func (s *station) bssid() (string, error) {
	st, err := s.ask("STATUS")
	if err != nil {
		return "", err
	}
	for line := range strings.SplitSeq(st, "\n") {
		if b, ok := strings.CutPrefix(line, "bssid="); ok {
			return b, nil
		}
	}
	return "", errors.New("not connected")
}

func (s *station) rss() float64 {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	for line := range strings.SplitSeq(string(b), "\n") {
		if v, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			n, _ := strconv.ParseFloat(strings.Fields(v)[0], 64)
			return n / 1024
		}
	}
	return 0
}

// measure runs one program once through every situation.
func measure(t *table, who int, program string, sec security, a *aps) error {
	a.forget(0)
	t.air.take()
	s, err := startStation(program, sec)
	if err != nil {
		return err
	}
	defer s.stop()
	done, err := s.connected()
	if err != nil {
		return err
	}
	ms := func(from, to time.Time) float64 { return float64(to.Sub(from)) / float64(time.Millisecond) }
	t.add(sec.name, "cold", who, ms(s.begun, done))
	t.phases.add(sec.name+" cold", who, phasesOf(t.air.take(), s.begun, done))
	cpu, err := figures.CPU(s.cmd.Process.Pid)
	if err != nil {
		return err
	}
	t.add(sec.name, "daemon CPU", who, cpu)
	for _, situation := range situations {
		if t.only != "" && !slices.Contains(strings.Split(t.only, ","), situation.name) {
			continue
		}
		if err := a.second(situation.second); err != nil {
			return err
		}
		t.air.take()
		from, to, err := situation.run(s, a)
		if err != nil {
			return fmt.Errorf("%s: %w", situation.name, err)
		}
		t.add(sec.name, situation.name, who, ms(from, to))
		t.phases.add(sec.name+" "+situation.name, who, phasesOf(t.air.take(), from, to))
	}
	if err := a.second(false); err != nil {
		return err
	}
	t.add(sec.name, "RSS (MiB)", who, s.rss())
	return nil
}

// situations are measured one after the other with one process: first with one
// access point, as at home, then with two.
var situations = []struct {
	name   string
	second bool // the second access point is on the air
	run    func(*station, *aps) (from, to time.Time, err error)
}{
	{"deauth", false, afterDeauth},
	{"AP restart", false, afterRestart},
	{"old results", false, withOldResults},
	{"fresh results again", false, againWithFreshResults},
	{"fresh results", false, withFreshResults},
	{"roam", true, roam},
	{"deauth beside another AP", true, afterDeauth},
}

// resultsValid is how long a supplicant takes scan results for fresh, with a margin.
const resultsValid = 7 * time.Second

// afterDeauth: thrown out of a connection that was held for a while, as most are;
// from the disconnection to the connection.
func afterDeauth(s *station, a *aps) (from, to time.Time, err error) {
	bssid, err := s.bssid()
	if err != nil {
		return from, to, err
	}
	k, err := a.which(bssid)
	if err != nil {
		return from, to, err
	}
	time.Sleep(resultsValid)
	s.drain()
	if err := a.deauth(k); err != nil {
		return from, to, err
	}
	if from, err = s.wait("CTRL-EVENT-DISCONNECTED"); err != nil {
		return from, to, err
	}
	to, err = s.wait("CTRL-EVENT-CONNECTED")
	return from, to, err
}

// look scans the channels of the access points.
func (s *station) look() error {
	s.drain()
	if err := s.must("SCAN TYPE=ONLY freq=2412,2437"); err != nil {
		return err
	}
	_, err := s.wait("CTRL-EVENT-SCAN-RESULTS")
	s.drain()
	return err
}

// againWithFreshResults: from the command to the connection with a network that was
// joined before, right after a scan.
func againWithFreshResults(s *station, _ *aps) (from, to time.Time, err error) {
	if err = s.must("DISCONNECT"); err != nil {
		return from, to, err
	}
	if err = s.look(); err != nil {
		return from, to, err
	}
	from = time.Now()
	if err = s.must("RECONNECT"); err != nil {
		return from, to, err
	}
	to, err = s.wait("CTRL-EVENT-CONNECTED")
	return from, to, err
}

// withFreshResults: right after a scan somebody picks a network that was joined
// before, removed, and is added anew, as NetworkManager does every time; from the
// first command to the connection.
func withFreshResults(s *station, a *aps) (from, to time.Time, err error) {
	if err = s.must("REMOVE_NETWORK all"); err != nil {
		return from, to, err
	}
	if err = s.look(); err != nil {
		return from, to, err
	}
	from = time.Now()
	id, err := s.ask("ADD_NETWORK")
	if err != nil {
		return from, to, err
	}
	id = strings.TrimSpace(id)
	for line := range strings.Lines("ssid=\"bench\"\n" + a.sec.block) {
		field, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		if err = s.must("SET_NETWORK " + id + " " + field + " " + value); err != nil {
			return from, to, err
		}
	}
	if err = s.must("SELECT_NETWORK " + id); err != nil {
		return from, to, err
	}
	to, err = s.wait("CTRL-EVENT-CONNECTED")
	return from, to, err
}

// withOldResults: as before, but the results are older than scan_res_valid_for_connect.
func withOldResults(s *station, _ *aps) (from, to time.Time, err error) {
	if err = s.must("DISCONNECT"); err != nil {
		return from, to, err
	}
	time.Sleep(resultsValid)
	s.drain()
	from = time.Now()
	if err = s.must("RECONNECT"); err != nil {
		return from, to, err
	}
	to, err = s.wait("CTRL-EVENT-CONNECTED")
	return from, to, err
}

// roam: from the command to the connection with the other access point, where the
// station was not before.
func roam(s *station, a *aps) (from, to time.Time, err error) {
	bssid, err := s.bssid()
	if err != nil {
		return from, to, err
	}
	k, err := a.which(bssid)
	if err != nil {
		return from, to, err
	}
	if err = s.look(); err != nil {
		return from, to, err
	}
	from = time.Now()
	if err = s.must("ROAM " + a.address(1-k)); err != nil {
		return from, to, err
	}
	to, err = s.wait("CTRL-EVENT-CONNECTED")
	return from, to, err
}

// afterRestart: the access point dies and comes back; from its return to the
// connection.
func afterRestart(s *station, a *aps) (from, to time.Time, err error) {
	s.drain()
	a.end(0)
	if _, err = s.wait("CTRL-EVENT-DISCONNECTED"); err != nil {
		return from, to, err
	}
	if err = a.start(0); err != nil {
		return from, to, err
	}
	from = time.Now()
	to, err = s.wait("CTRL-EVENT-CONNECTED")
	return from, to, err
}

package wext

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"gosupplicant/drivers"
	"gosupplicant/drivers/internal/link"
	"gosupplicant/engine/dot11"
)

// fake is a machine with one wireless interface wlan0 (index 7), all in memory:
// requests are noted, answers come from its fields.
type fake struct {
	mu     sync.Mutex
	calls  []string
	errs   map[command]error
	scan   []byte // answer of SIOCGIWSCAN
	ap     dot11.MAC
	mode   uint32
	link   link.Link
	block  drivers.RFKill
	radio  string
	onLink func(link.Event)
	onKill func(string, drivers.RFKill)
	timers []*fakeTimer
	eapol  func(dot11.MAC, []byte)
	open   int // handles not closed
	sizes  []int
}

type fakeTimer struct {
	d       time.Duration
	f       func()
	stopped bool
}

func (t *fakeTimer) Stop() bool {
	was := !t.stopped
	t.stopped = true
	return was
}

func newFake() *fake {
	return &fake{errs: map[command]error{}, mode: modeInfra, radio: "phy0",
		link: link.Link{Index: 7, Name: "wlan0", Addr: dot11.MAC{2, 0, 0, 0, 0, 7}}}
}

func (f *fake) note(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, fmt.Sprintf(format, args...))
}

func (f *fake) take() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := strings.Join(f.calls, "\n")
	f.calls = nil
	return s
}

// handle counts what is opened and closed.
type handle struct{ *fake }

func (h handle) Close() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.open--
	return nil
}

func (f *fake) handle() handle {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.open++
	return handle{f}
}

func (f *fake) Kernel() (kernel, error) { return f.handle(), nil }
func (f *fake) Links() (links, error)   { return f.handle(), nil }
func (f *fake) WatchLinks(fn func(link.Event)) (closer, error) {
	f.onLink = fn
	fn(link.Event{Kind: link.EventChanged, Link: f.link})
	return f.handle(), nil
}
func (f *fake) WatchRFKill(fn func(string, drivers.RFKill)) (blocks, error) {
	f.onKill = fn
	return f.handle(), nil
}
func (f *fake) Packets(index int, fn func(dot11.MAC, []byte)) (packets, error) {
	if f.errs[0] != nil {
		return nil, f.errs[0]
	}
	f.note("EAPOL socket on %d", index)
	f.eapol = fn
	return f.handle(), nil
}
func (f *fake) Send(dst dot11.MAC, frame []byte) error {
	f.note("EAPOL to %v: % x", dst, frame)
	return nil
}
func (f *fake) AfterFunc(d time.Duration, fn func()) stopper {
	t := &fakeTimer{d: d, f: fn}
	f.timers = append(f.timers, t)
	return t
}
func (f *fake) Radio(string) string  { return f.radio }
func (f *fake) Bridge(string) string { return "br0" }

func (f *fake) Block(string) drivers.RFKill { return f.block }
func (f *fake) ByName(name string) (link.Link, error) {
	if name != f.link.Name {
		return link.Link{}, link.ErrNotFound
	}
	return f.link, nil
}
func (f *fake) ByIndex(int) (link.Link, error) { return f.link, nil }
func (f *fake) SetUp(_ int, up bool) error {
	f.note("up %v", up)
	f.link.Flags &^= unix.IFF_UP
	if up {
		f.link.Flags |= unix.IFF_UP
	}
	return nil
}
func (f *fake) SetOperState(_ int, m link.Mode, s link.OperState) error {
	f.note("mode %d operstate %d", m, s)
	f.link.LinkMode, f.link.OperState = m, s
	return nil
}
func (f *fake) SetMAC(_ int, m dot11.MAC) error {
	f.note("mac %v", m)
	f.link.Addr = m
	return nil
}

func (f *fake) Value(ifname string, cmd command, u *union) error {
	switch cmd {
	case cmdGetName, cmdGetFreq, cmdGetRate:
	case cmdGetMode:
		order.PutUint32(u[:], f.mode)
	case cmdGetAP:
		copy(u[2:], f.ap[:])
	default:
		f.note("%v %s % x", cmd, ifname, u[:8])
	}
	if cmd == cmdSetMode && f.errs[cmd] == nil {
		f.mode = order.Uint32(u[:])
	}
	return f.fail(cmd, ifname)
}

// fail returns the set error; EBUSY of SIOCSIWMODE only while up.
func (f *fake) fail(cmd command, ifname string) error {
	err := f.errs[cmd]
	if cmd == cmdSetMode && f.link.Flags&unix.IFF_UP == 0 {
		err = nil
	}
	if err == nil {
		return nil
	}
	return &ioctlError{cmd, ifname, err}
}

func (f *fake) Point(ifname string, cmd command, data []byte, flags uint16) (int, error) {
	if err := f.fail(cmd, ifname); err != nil {
		return 0, err
	}
	switch cmd {
	case cmdGetRange:
		return copy(data, rangeBytes()), nil
	case cmdGetScan:
		f.sizes = append(f.sizes, len(data))
		if len(f.scan) > len(data) {
			return 0, &ioctlError{cmd, ifname, unix.E2BIG}
		}
		return copy(data, f.scan), nil
	case cmdGetESSID:
		return copy(data, "joined"), nil
	case cmdGetStats:
		return copy(data, []byte{0, 0, 60, 0xce, 0xa1, 0x0f}), nil
	}
	switch cmd {
	case cmdMLME, cmdSetGenIE, cmdSetEncExt, cmdSetPMKSA:
		f.note("%v %s %x flags %#x", cmd, ifname, data, flags)
	default:
		f.note("%v %s %d bytes flags %#x", cmd, ifname, len(data), flags)
	}
	return len(data), nil
}

// setup opens wlan0 of a fake and collects events as text.
func setup(t *testing.T, f *fake) (*iface, func() string) {
	t.Helper()
	var mu sync.Mutex
	var log []string
	i, err := Driver{sys: f}.Open(drivers.Config{Ifname: "wlan0", Events: func(e drivers.Event) {
		mu.Lock()
		defer mu.Unlock()
		if s, ok := e.(drivers.EventState); ok {
			log = append(log, fmt.Sprintf("state up=%v rfkill=%d mac=%v bridge=%q", s.State.Up, s.State.RFKill, s.State.MAC, s.State.BridgedWith))
			return
		}
		log = append(log, strings.TrimPrefix(fmt.Sprintf("%T%+v", e, e), "drivers.Event"))
	}})
	if err != nil {
		t.Fatal(err)
	}
	return i.(*iface), func() string {
		mu.Lock()
		defer mu.Unlock()
		s := strings.Join(log, "\n")
		log = nil
		return s
	}
}

func check(t *testing.T, what, got string, want ...string) {
	t.Helper()
	if w := strings.Join(want, "\n"); got != w {
		t.Errorf("%s:\n%s\nwant:\n%s", what, got, w)
	}
}

func (f *fake) wireless(s *stream) {
	f.onLink(link.Event{Kind: link.EventWireless, Link: link.Link{Index: 7}, Wireless: s.b})
}

func (f *fake) scanDone() { f.wireless((&stream{l: native}).point(cmdGetScan, 0)) }

func TestOpenAndClose(t *testing.T) {
	f := newFake()
	i, events := setup(t, f)
	check(t, "open", f.take(), "up true", "SIOCSIWMLME wlan0 0100030001000000000000000000000000000000 flags 0x0",
		"SIOCSIWESSID wlan0 0 bytes flags 0x0", "SIOCSIWAP wlan0 01 00 00 00 00 00 00 00", "mode 1 operstate 5")
	check(t, "events", events())
	if want := (drivers.Info{Driver: "wext", Ifname: "wlan0", Ifindex: 7, Radio: "phy0"}); i.Info() != want {
		t.Errorf("info %+v", i.Info())
	}
	if err := i.Close(); err != nil {
		t.Fatal(err)
	}
	check(t, "close", f.take(), "SIOCSIWAUTH wlan0 00 00 00 00 00 00 07 00",
		"SIOCSIWMLME wlan0 0100030001000000000000000000000000000000 flags 0x0",
		"SIOCSIWESSID wlan0 0 bytes flags 0x0", "SIOCSIWAP wlan0 01 00 00 00 00 00 00 00", "mode 0 operstate 6", "up false")
	if f.open != 0 {
		t.Errorf("%d handles are left", f.open)
	}
	_, e1 := i.State()
	_, e2 := i.ScanResults()
	_, e3 := i.SignalPoll()
	_, e4 := i.DriverStatus()
	for n, err := range []error{e1, e2, e3, e4, i.Scan(&drivers.ScanParams{}), i.SetOperState(true), i.SetMACAddress(macA), i.Close()} {
		if !errors.Is(err, drivers.ErrClosed) {
			t.Errorf("call %d after Close: %v", n, err)
		}
	}
	f.scanDone()
	f.onKill("phy0", drivers.RFKillSoft)
	check(t, "events after Close", events())
}

// TestOpenOther: not cfg80211, in another mode that wants the interface down.
func TestOpenOther(t *testing.T) {
	f := newFake()
	f.radio, f.mode = "", modeMaster
	f.link.Flags = unix.IFF_UP
	f.errs[cmdSetMode] = unix.EBUSY
	i, _ := setup(t, f)
	check(t, "open", f.take(), "up true", "SIOCSIWMODE wlan0 02 00 00 00 00 00 00 00", "up false",
		"SIOCSIWMODE wlan0 02 00 00 00 00 00 00 00", "up true", "SIOCSIWMLME wlan0 0100030001000000000000000000000000000000 flags 0x0",
		"SIOCSIWAP wlan0 01 00 00 00 00 00 00 00", "SIOCSIWESSID wlan0 32 bytes flags 0x1", "mode 1 operstate 5")
	if err := i.Close(); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(f.take(), "up false") {
		t.Error("an interface that was up is taken down")
	}
}

func TestOpenRefused(t *testing.T) {
	f := newFake()
	if _, err := (Driver{sys: f}).Open(drivers.Config{Ifname: "wlan1"}); !errors.Is(err, drivers.ErrNoInterface) {
		t.Errorf("missing: %v", err)
	}
	f.errs[cmdGetName] = unix.EOPNOTSUPP
	if _, err := (Driver{sys: f}).Open(drivers.Config{Ifname: "wlan0"}); !errors.Is(err, drivers.ErrNotSupported) {
		t.Errorf("not wireless: %v", err)
	}
	if c := f.take(); c != "" || f.open != 0 {
		t.Errorf("side effects: %s, %d handles", c, f.open)
	}
}

func TestOpenWithoutRange(t *testing.T) {
	f := newFake()
	f.errs[cmdGetRange] = unix.EOPNOTSUPP
	i, _ := setup(t, f)
	if c := i.Capability(); !c.Unknown || c.MaxScanSSIDs != 1 {
		t.Errorf("capability %+v", c)
	}
}

func TestScanReported(t *testing.T) {
	f := newFake()
	i, events := setup(t, f)
	f.take()
	p := &drivers.ScanParams{SSIDs: [][]byte{[]byte("abc")}, Freqs: []int{2412}}
	if err := i.Scan(p); err != nil {
		t.Fatal(err)
	}
	check(t, "request", f.take(), "SIOCSIWSCAN wlan0 316 bytes flags 0xa")
	if err := i.Scan(p); !errors.Is(err, drivers.ErrBusy) {
		t.Errorf("second scan: %v", err)
	}
	f.scanDone()
	f.scanDone()
	f.onLink(link.Event{Kind: link.EventWireless, Link: link.Link{Index: 8}, Wireless: (&stream{l: native}).point(cmdGetScan, 0).b})
	check(t, "events", events(), "ScanStarted{External:false}",
		"ScanDone{Aborted:false External:false Freqs:[2412] SSIDs:[[97 98 99]]}",
		"ScanDone{Aborted:false External:true Freqs:[] SSIDs:[]}")
	if err := i.Scan(&drivers.ScanParams{}); err != nil {
		t.Fatal(err)
	}
	check(t, "plain request", f.take(), "SIOCSIWSCAN wlan0 0 bytes flags 0x0")
	if len(f.timers) != 2 || f.timers[0].d != 10*time.Second || f.timers[1].d != 30*time.Second || !f.timers[0].stopped || f.timers[1].stopped {
		t.Errorf("timers %+v", f.timers)
	}
}

func TestScanOverdue(t *testing.T) {
	f := newFake()
	i, events := setup(t, f)
	for range 2 {
		if err := i.Scan(&drivers.ScanParams{Passive: true}); err != nil {
			t.Fatal(err)
		}
		timer := f.timers[len(f.timers)-1]
		f.timers[0].f() // of the first scan: nothing to do with the second
		timer.f()
		timer.f()
	}
	const end = "ScanDone{Aborted:false External:false Freqs:[] SSIDs:[]}"
	check(t, "events", events(), "ScanStarted{External:false}", end, "ScanStarted{External:false}", end)
}

// TestScanGoesOn: EAGAIN is a scan that still runs, for a while.
func TestScanGoesOn(t *testing.T) {
	f := newFake()
	i, events := setup(t, f)
	if err := i.Scan(&drivers.ScanParams{}); err != nil {
		t.Fatal(err)
	}
	f.errs[cmdGetScan] = unix.EAGAIN
	f.timers[0].f()
	check(t, "at the first timeout", events(), "ScanStarted{External:false}")
	if len(f.timers) != 2 || f.timers[1].d != scanAskAgain {
		t.Fatalf("timers %+v", f.timers)
	}
	delete(f.errs, cmdGetScan)
	f.timers[1].f()
	const end = "ScanDone{Aborted:false External:false Freqs:[] SSIDs:[]}"
	check(t, "when results are there", events(), end)
	// For ever is too long.
	if err := i.Scan(&drivers.ScanParams{}); err != nil {
		t.Fatal(err)
	}
	f.errs[cmdGetScan] = unix.EAGAIN
	total := time.Duration(0)
	for n := 2; n < len(f.timers); n++ {
		total += f.timers[n].d
		f.timers[n].f()
	}
	check(t, "a scan without end", events(), "ScanStarted{External:false}", end)
	if total != scanTimeoutRunning {
		t.Errorf("given up after %v", total)
	}
}

func TestScanErrors(t *testing.T) {
	f := newFake()
	i, events := setup(t, f)
	for errno, want := range map[error]error{unix.EBUSY: drivers.ErrBusy, unix.EAGAIN: drivers.ErrBusy, unix.ENETDOWN: drivers.ErrDown,
		unix.EOPNOTSUPP: drivers.ErrNotSupported, unix.ENODEV: drivers.ErrClosed, unix.EINVAL: unix.EINVAL} {
		f.errs[cmdSetScan] = errno
		if err := i.Scan(&drivers.ScanParams{}); !errors.Is(err, want) || !errors.Is(err, errno) || !strings.Contains(err.Error(), "SIOCSIWSCAN on wlan0") {
			t.Errorf("%v: %v", errno, err)
		}
	}
	delete(f.errs, cmdSetScan)
	for name, p := range map[string]drivers.ScanParams{
		"two SSIDs": {SSIDs: [][]byte{[]byte("a"), []byte("b")}},
		"long SSID": {SSIDs: [][]byte{make([]byte, 33)}},
		"elements":  {IEs: []byte{1, 0}},
		"frequency": {Freqs: []int{-1}},
	} {
		if err := i.Scan(&p); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	check(t, "events", events())
}

func TestResultsGrow(t *testing.T) {
	f := newFake()
	i, _ := setup(t, f)
	s := &stream{l: native}
	for n := range 300 {
		s.ap(dot11.MAC{2, 0, 0, 0, byte(n >> 8), byte(n)}).point(evGenIE, 0, dot11.AppendElement(nil, dot11.ElementSSID, make([]byte, 20)...)...)
	}
	f.scan, f.ap = s.b, dot11.MAC{2, 0, 0, 0, 1, 0}
	res, err := i.ScanResults()
	if err != nil || len(res.Results) != 300 {
		t.Fatalf("%v", err)
	}
	for n, r := range res.Results {
		if (r.Flags&drivers.ResultAssociated != 0) != (n == 256) {
			t.Errorf("%v: flags %b", r.BSSID, r.Flags)
		}
	}
	check(t, "sizes", fmt.Sprint(f.sizes), "[4096 8192 16384 32768]")
	f.scan = make([]byte, 65536)
	if _, err := i.ScanResults(); !errors.Is(err, errTooMany) {
		t.Errorf("more than the kernel can give: %v", err)
	}
	f.scan = append(s.b, 1, 2, 3)
	if res, err := i.ScanResults(); err != nil || len(res.Results) != 300 {
		t.Errorf("rubbish at the end: %v", err)
	}
	f.scan = []byte{1}
	if _, err := i.ScanResults(); err == nil {
		t.Error("nothing but rubbish is accepted")
	}
	f.errs[cmdGetScan] = unix.EAGAIN
	if _, err := i.ScanResults(); !errors.Is(err, drivers.ErrBusy) {
		t.Errorf("EAGAIN: %v", err)
	}
}

func TestLinkReports(t *testing.T) {
	f := newFake()
	i, events := setup(t, f)
	changed := func(change func(l *link.Link)) {
		change(&f.link)
		f.onLink(link.Event{Kind: link.EventChanged, Link: f.link})
	}
	changed(func(*link.Link) {})
	check(t, "no change", events())
	if err := i.Scan(&drivers.ScanParams{}); err != nil {
		t.Fatal(err)
	}
	changed(func(l *link.Link) { l.Flags &^= unix.IFF_UP; l.Master = 3 })
	changed(func(l *link.Link) { l.Name = "wl0" })
	check(t, "down and renamed", events(), "ScanStarted{External:false}",
		"ScanDone{Aborted:true External:false Freqs:[] SSIDs:[]}",
		`state up=false rfkill=0 mac=02:00:00:00:00:07 bridge="br0"`, "Renamed{Ifname:wl0}")
	f.take()
	if err := i.Scan(&drivers.ScanParams{}); err != nil {
		t.Fatal(err)
	}
	check(t, "new name", f.take(), "SIOCSIWSCAN wl0 0 bytes flags 0x0")
	f.onLink(link.Event{Kind: link.EventResync})
	f.onLink(link.Event{Kind: link.EventRemoved, Link: link.Link{Index: 8}})
	f.onLink(link.Event{Kind: link.EventRemoved, Link: link.Link{Index: 7}})
	f.onLink(link.Event{Kind: link.EventFailed, Err: errors.New("gone")})
	check(t, "removal", events(), "ScanStarted{External:false}", "Resync{Why:link messages were lost}",
		"ScanDone{Aborted:true External:false Freqs:[] SSIDs:[]}", "Removed{Reason:interface removed}")
	if err := i.Scan(&drivers.ScanParams{}); !errors.Is(err, drivers.ErrClosed) {
		t.Errorf("scan after removal: %v", err)
	}
	f.take()
	if err := i.Close(); err != nil || f.take() != "" {
		t.Errorf("closing what has gone: %v, %s", err, f.take())
	}
}

func TestRFKill(t *testing.T) {
	f := newFake()
	f.block = drivers.RFKillHard
	i, events := setup(t, f)
	if strings.Contains(f.take(), "up true") {
		t.Error("a blocked radio is set up")
	}
	if st, err := i.State(); err != nil || st.Up || st.RFKill != drivers.RFKillHard {
		t.Errorf("state %+v, %v", st, err)
	}
	f.onKill("phy9", drivers.RFKillUnblocked)
	f.block = drivers.RFKillUnblocked
	f.onKill("phy0", drivers.RFKillUnblocked)
	check(t, "unblock", f.take(), "up true")
	check(t, "events", events(), `state up=true rfkill=0 mac=02:00:00:00:00:07 bridge=""`)
}

func TestAssociationReports(t *testing.T) {
	f := newFake()
	i, events := setup(t, f)
	if _, err := i.SignalPoll(); err == nil {
		t.Error("signal without association")
	}
	f.ap = macA
	f.wireless((&stream{l: native}).ap(macA))
	st, err := i.State()
	if err != nil || !st.Associated || st.BSSID != macA || string(st.SSID) != "joined" {
		t.Errorf("state %+v, %v", st, err)
	}
	s, err := i.SignalPoll()
	if err != nil || s.Signal != -50 || s.Noise != -95 {
		t.Errorf("signal %+v, %v", s, err)
	}
	f.wireless((&stream{l: native}).ap(dot11.MAC{}))
	f.wireless((&stream{l: native}).ap(dot11.MAC{}))
	f.wireless(&stream{l: native, b: []byte{9}})
	check(t, "events", events(), "Disconnected{BSSID:02:00:00:00:aa:01 Reason:0 Local:false Disassoc:false}")
}

func TestOperStateAndMAC(t *testing.T) {
	f := newFake()
	i, _ := setup(t, f)
	f.take()
	if err := errors.Join(i.SetOperState(true), i.SetOperState(false), i.SetMACAddress(macB)); err != nil {
		t.Fatal(err)
	}
	check(t, "calls", f.take(), "mode 1 operstate 6", "mode 1 operstate 5", "up false", "mac 02:00:00:00:aa:02", "up true")
	kv, err := i.DriverStatus()
	if err != nil || fmt.Sprint(kv) != "[{ifindex 7} {ifname wlan0} {addr 02:00:00:00:aa:02}]" {
		t.Errorf("status %v, %v", kv, err)
	}
}

func TestWatch(t *testing.T) {
	f := newFake()
	var got []string
	stop, err := Driver{sys: f}.Watch(func(e drivers.LinkEvent) { got = append(got, fmt.Sprintf("%s#%d %v", e.Ifname, e.Ifindex, e.Present)) })
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range []link.Event{
		{Kind: link.EventChanged, Link: link.Link{Index: 7, Name: "wlan0"}},
		{Kind: link.EventChanged, Link: link.Link{Index: 7, Name: "wl0"}},
		{Kind: link.EventResync},
		{Kind: link.EventRemoved, Link: link.Link{Index: 9}},
		{Kind: link.EventRemoved, Link: link.Link{Index: 7}},
	} {
		f.onLink(e)
	}
	check(t, "links", strings.Join(got, "\n"), "wlan0#7 true", "wlan0#7 false", "wl0#7 true", "wl0#7 false")
	if stop(); f.open != 0 {
		t.Error("the watcher is left")
	}
}

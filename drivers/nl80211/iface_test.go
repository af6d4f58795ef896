package nl80211

import (
	"errors"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/mdlayher/netlink"
	"github.com/mdlayher/netlink/nltest"
	"golang.org/x/sys/unix"

	"gosupplicant/drivers"
	"gosupplicant/drivers/internal/link"
	"gosupplicant/engine/dot11"
)

// fakeLinks is rtnetlink with one interface.
type fakeLinks struct {
	link    link.Link
	gone    bool
	blocked bool // IFF_UP answers ERFKILL
	calls   []string
}

func (f *fakeLinks) ByIndex(index int) (link.Link, error) {
	if f.gone || index != f.link.Index {
		return link.Link{}, link.ErrNotFound
	}
	return f.link, nil
}

func (f *fakeLinks) ByName(string) (link.Link, error) { return f.ByIndex(f.link.Index) }

func (f *fakeLinks) SetUp(_ int, up bool) error {
	if up && f.blocked {
		return unix.ERFKILL
	}
	f.calls = append(f.calls, map[bool]string{true: "up", false: "down"}[up])
	f.link.Flags &^= unix.IFF_UP
	if up {
		f.link.Flags |= unix.IFF_UP
	}
	return nil
}

func (f *fakeLinks) SetOperState(_ int, mode link.Mode, state link.OperState) error {
	f.link.LinkMode, f.link.OperState = mode, state
	return nil
}

func (f *fakeLinks) SetMAC(_ int, mac dot11.MAC) error {
	f.calls = append(f.calls, "mac")
	f.link.Addr = mac
	return nil
}

func (f *fakeLinks) Close() error { return nil }

type fakeRFKill struct{ state drivers.RFKill }

func (f *fakeRFKill) Block(string) drivers.RFKill { return f.state }
func (f *fakeRFKill) Close() error                { return nil }

// bench is an interface on a made-up kernel.
type bench struct {
	*Interface
	links  *fakeLinks
	rfkill *fakeRFKill
	got    []drivers.Event
	sent   []uint8 // commands
	errno  map[uint8]unix.Errno
	table  []message // answer to the scan dump
	peers  []message // answer to the station dump
	frames uint64    // number of the next frame, 0 for none
}

const benchIndex = 3

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{
		links:  &fakeLinks{link: link.Link{Index: benchIndex, Name: "wlan0", Flags: unix.IFF_UP, Addr: dot11.MAC{2}}},
		rfkill: &fakeRFKill{},
		errno:  map[uint8]unix.Errno{},
	}
	events := nltest.Dial(func([]netlink.Message) ([]netlink.Message, error) { return nil, errors.New("not asked") })
	h := newHub(events, familyID)
	close(h.done) // nobody listens: barriers do not wait
	h.ask, h.rfkill = b.links, b.rfkill
	b.Interface = &Interface{
		driver: &Driver{hub: h, refs: 2}, hub: h, log: slog.New(slog.DiscardHandler),
		cmd: kernelConn(t, func(req message, _ netlink.HeaderFlags) answer {
			b.sent = append(b.sent, req.cmd)
			return b.answer(t, req)
		}),
		events: func(ev drivers.Event) { b.got = append(b.got, ev) },
		info:   drivers.Info{Ifname: "wlan0", Ifindex: benchIndex, Radio: "phy0"}, wiphyIndex: 1, wdev: 1<<32 | 1, name: "wlan0",
	}
	b.capa.Store(&drivers.Capability{MaxScanSSIDs: 4, SMEInUser: true})
	b.watchdog = time.AfterFunc(time.Hour, func() {})
	t.Cleanup(func() { b.watchdog.Stop() })
	h.add(b.Interface)
	b.note(b.links.link)
	return b
}

func (b *bench) answer(t *testing.T, req message) answer {
	if errno := b.errno[req.cmd]; errno != 0 {
		return answer{errno: errno}
	}
	switch req.cmd {
	case unix.NL80211_CMD_GET_SCAN:
		return answer{msgs: b.table}
	case unix.NL80211_CMD_GET_STATION:
		return answer{msgs: b.peers}
	case unix.NL80211_CMD_FRAME:
		if b.frames == 0 {
			return answer{}
		}
		b.frames++
		return answer{msgs: []message{{cmd: req.cmd, attrs: attrs(t, func(ae *netlink.AttributeEncoder) {
			ae.Uint64(unix.NL80211_ATTR_COOKIE, b.frames-1)
		})}}}
	case unix.NL80211_CMD_GET_INTERFACE:
		return answer{msgs: []message{{cmd: unix.NL80211_CMD_NEW_INTERFACE, attrs: attrs(t, func(ae *netlink.AttributeEncoder) {
			ae.Uint32(unix.NL80211_ATTR_IFINDEX, benchIndex)
			ae.Uint32(unix.NL80211_ATTR_IFTYPE, unix.NL80211_IFTYPE_STATION)
		})}}}
	}
	return answer{}
}

// deliver lets the hub receive a multicast message.
func (b *bench) deliver(t *testing.T, cmd uint8, fn encodeFunc) {
	t.Helper()
	data, err := encode(cmd, fn)
	if err != nil {
		t.Fatal(err)
	}
	b.hub.receive(netlink.Message{Header: netlink.Header{Type: familyID}, Data: data})
}

func onIndex(index uint32) encodeFunc {
	return func(ae *netlink.AttributeEncoder) { ae.Uint32(unix.NL80211_ATTR_IFINDEX, index) }
}

func (b *bench) take() []drivers.Event {
	got := b.got
	b.got = nil
	return got
}

func TestScanEvents(t *testing.T) {
	b := newBench(t)
	b.deliver(t, unix.NL80211_CMD_TRIGGER_SCAN, onIndex(benchIndex+1)) // another interface
	b.deliver(t, unix.NL80211_CMD_TRIGGER_SCAN, onIndex(benchIndex))
	if err := b.Scan(&drivers.ScanParams{}); err != nil {
		t.Fatal(err)
	}
	if err := b.Scan(&drivers.ScanParams{}); !errors.Is(err, drivers.ErrBusy) {
		t.Errorf("second scan: %v", err)
	}
	b.deliver(t, unix.NL80211_CMD_NEW_SCAN_RESULTS, onIndex(benchIndex)) // of the one before
	b.deliver(t, unix.NL80211_CMD_TRIGGER_SCAN, onIndex(benchIndex))
	b.deliver(t, unix.NL80211_CMD_SCAN_ABORTED, onIndex(benchIndex))
	got := b.take()
	if len(got) != 5-1 ||
		got[0] != (drivers.EventScanStarted{External: true}) || !got[1].(drivers.EventScanDone).External ||
		got[2] != (drivers.EventScanStarted{}) || got[3].(drivers.EventScanDone).External || !got[3].(drivers.EventScanDone).Aborted {
		t.Errorf("%+v", got)
	}
	b.errno[unix.NL80211_CMD_TRIGGER_SCAN] = unix.EBUSY
	if err := b.Scan(&drivers.ScanParams{}); !errors.Is(err, drivers.ErrBusy) || b.scan.ours() {
		t.Errorf("refused scan: %v, %v", err, b.scan)
	}
}

// TestScanLost covers what an overrun may have swallowed: one end in each case.
func TestScanLost(t *testing.T) {
	for _, tc := range []struct {
		name  string
		errno unix.Errno // answer to the abort
		later bool       // the end comes as an event
		want  drivers.EventScanDone
	}{
		{"it had ended", unix.ENOENT, false, drivers.EventScanDone{}},
		{"it runs still", 0, true, drivers.EventScanDone{Aborted: true}},
		{"the device cannot tell", unix.EOPNOTSUPP, false, drivers.EventScanDone{Aborted: true}},
	} {
		b := newBench(t)
		if err := b.Scan(&drivers.ScanParams{}); err != nil {
			t.Fatal(err)
		}
		b.errno[unix.NL80211_CMD_ABORT_SCAN] = tc.errno
		b.resync("test")
		if tc.later {
			b.deliver(t, unix.NL80211_CMD_SCAN_ABORTED, onIndex(benchIndex))
		}
		got := b.take()
		if len(got) != 2 || got[0] != (drivers.EventResync{Why: "test"}) {
			t.Errorf("%s: %+v", tc.name, got)
			continue
		}
		if done := got[1].(drivers.EventScanDone); done.Aborted != tc.want.Aborted || done.External {
			t.Errorf("%s: %+v", tc.name, done)
		}
		if b.scan.ours() {
			t.Errorf("%s: state %v", tc.name, b.scan)
		}
	}
}

// TestScanNeverEnds gives up on a device that does not report the end of a scan
// even after an abort.
func TestScanNeverEnds(t *testing.T) {
	b := newBench(t)
	if err := b.Scan(&drivers.ScanParams{}); err != nil {
		t.Fatal(err)
	}
	b.scanOverdue()
	if got := b.take(); len(got) != 0 {
		t.Errorf("reported %+v before the device had time", got)
	}
	b.scanOverdue()
	if got := b.take(); len(got) != 1 || !got[0].(drivers.EventScanDone).Aborted {
		t.Errorf("got %+v", got)
	}
	b.scanOverdue()
	if got := b.take(); len(got) != 0 {
		t.Errorf("a second end: %+v", got)
	}
}

func TestLinkEvents(t *testing.T) {
	b := newBench(t)
	tell := func(kind link.EventKind) { b.hub.onLink(link.Event{Kind: kind, Link: b.links.link}) }
	tell(link.EventChanged)
	if got := b.take(); len(got) != 0 {
		t.Errorf("no change gave %+v", got)
	}
	b.links.link.Flags &^= unix.IFF_UP
	tell(link.EventChanged)
	if got := b.take(); len(got) != 1 || got[0].(drivers.EventState).State.Up {
		t.Errorf("down gave %+v", got)
	}
	b.links.link.Name = "sta0"
	tell(link.EventChanged)
	tell(link.EventWireless)
	if got := b.take(); len(got) != 1 || got[0] != (drivers.EventRenamed{Ifname: "sta0"}) {
		t.Errorf("renaming gave %+v", got)
	}
	tell(link.EventResync)
	if got := b.take(); len(got) != 1 || got[0].(drivers.EventResync).Why == "" {
		t.Errorf("overrun gave %+v", got)
	}
	tell(link.EventRemoved)
	b.deliver(t, unix.NL80211_CMD_DEL_INTERFACE, onIndex(benchIndex))
	b.deliver(t, unix.NL80211_CMD_DEL_WIPHY, func(ae *netlink.AttributeEncoder) { ae.Uint32(unix.NL80211_ATTR_WIPHY, 1) })
	tell(link.EventChanged)
	if got := b.take(); len(got) != 1 || got[0].(drivers.EventRemoved).Reason == "" {
		t.Errorf("removal gave %+v", got)
	}
}

// TestState finds the association in the table of BSSs, as recorded, though the
// interface tells no network name, and only when there is a carrier.
func TestState(t *testing.T) {
	b := newBench(t)
	b.table = recorded(t, "scan")
	if st, err := b.State(); err != nil || st.Associated || !st.Up || st.PermMAC != st.MAC {
		t.Errorf("without carrier: %+v, %v", st, err)
	}
	if slices.Contains(b.sent, unix.NL80211_CMD_GET_SCAN) {
		t.Error("the table was asked for without need")
	}
	b.links.link.Flags |= unix.IFF_LOWER_UP
	st, err := b.State()
	if err != nil || !st.Associated || st.BSSID.String() != "02:00:00:00:01:00" || string(st.SSID) != "open-net" || st.Frequency != 2412 {
		t.Errorf("with carrier: %+v, %v", st, err)
	}
	b.links.gone = true
	if _, err := b.State(); !errors.Is(err, drivers.ErrClosed) {
		t.Errorf("gone: %v", err)
	}
}

func TestSignalPoll(t *testing.T) {
	b := newBench(t)
	if sig, err := b.SignalPoll(); !errors.Is(err, drivers.ErrNotSupported) {
		t.Errorf("without association: %+v, %v", sig, err)
	}
	b.peers = recorded(t, "station")
	sig, err := b.SignalPoll()
	if err != nil || sig.Signal >= 0 || sig.Noise != drivers.NoiseUnknown || sig.TxRate == 0 {
		t.Errorf("%+v, %v", sig, err)
	}
}

func TestRFKillEvents(t *testing.T) {
	b := newBench(t)
	b.rfkill.state = drivers.RFKillHard
	b.links.link.Flags &^= unix.IFF_UP
	b.hub.onRFKill("phy9", drivers.RFKillHard)
	if got := b.take(); len(got) != 0 {
		t.Errorf("another radio gave %+v", got)
	}
	b.hub.onRFKill("phy0", drivers.RFKillHard)
	if got := b.take(); len(got) != 1 || got[0].(drivers.EventState).State.RFKill != drivers.RFKillHard {
		t.Errorf("block gave %+v", got)
	}
	b.rfkill.state = drivers.RFKillUnblocked
	b.hub.onRFKill("phy0", drivers.RFKillUnblocked)
	if got := b.take(); len(got) != 1 || !got[0].(drivers.EventState).State.Up || !slices.Equal(b.links.calls, []string{"up"}) {
		t.Errorf("unblock gave %+v after %v", got, b.links.calls)
	}
}

func TestBringUpBlocked(t *testing.T) {
	b := newBench(t)
	b.links.link.Flags, b.links.blocked = 0, true
	if err := b.bringUp(); err != nil || !b.raised {
		t.Errorf("blocked radio: %v", err)
	}
}

func TestLostEvents(t *testing.T) {
	b := newBench(t)
	frame := func(ae *netlink.AttributeEncoder) {
		onIndex(benchIndex)(ae)
		ae.Bytes(unix.NL80211_ATTR_FRAME, lostFrameBytes(testBSSID, 2))
	}
	b.deliver(t, unix.NL80211_CMD_DEAUTHENTICATE, frame)
	b.deliver(t, unix.NL80211_CMD_DISCONNECT, onIndex(benchIndex)) // says the same again
	if got := b.take(); len(got) != 1 || got[0] != (drivers.EventDisconnected{BSSID: testBSSID, Reason: 2}) {
		t.Errorf("SME here: %+v", got)
	}
	b.capa.Store(&drivers.Capability{})
	b.deliver(t, unix.NL80211_CMD_DISASSOCIATE, frame)
	b.deliver(t, unix.NL80211_CMD_DISCONNECT, onIndex(benchIndex))
	if got := b.take(); len(got) != 1 || got[0] != (drivers.EventDisconnected{Local: true}) {
		t.Errorf("SME in the device: %+v", got)
	}
}

func TestOtherEvents(t *testing.T) {
	b := newBench(t)
	b.deliver(t, unix.NL80211_CMD_SCHED_SCAN_RESULTS, onIndex(benchIndex))
	b.deliver(t, unix.NL80211_CMD_SCHED_SCAN_STOPPED, onIndex(benchIndex))
	b.deliver(t, unix.NL80211_CMD_REG_CHANGE, func(ae *netlink.AttributeEncoder) { ae.Uint8(unix.NL80211_ATTR_REG_INITIATOR, 1) })
	b.deliver(t, unix.NL80211_CMD_REG_BEACON_HINT, func(ae *netlink.AttributeEncoder) { ae.Uint32(unix.NL80211_ATTR_WIPHY, 1) })
	b.deliver(t, unix.NL80211_CMD_WIPHY_REG_CHANGE, func(ae *netlink.AttributeEncoder) { ae.Uint32(unix.NL80211_ATTR_WIPHY, 2) })
	b.deliver(t, 250, onIndex(benchIndex))
	b.deliver(t, unix.NL80211_CMD_SCHED_SCAN_STOPPED, func(ae *netlink.AttributeEncoder) { ae.Uint64(unix.NL80211_ATTR_WDEV, 1<<32|1) })
	want := []drivers.Event{
		drivers.EventSchedScanResults{}, drivers.EventSchedScanStopped{},
		drivers.EventRegulatory{Initiator: "USER", Type: "UNKNOWN"},
		drivers.EventRegulatory{Initiator: "BEACON_HINT", Type: "UNKNOWN"},
		drivers.EventSchedScanStopped{},
	}
	if got := b.take(); !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestSetMACAddress(t *testing.T) {
	b := newBench(t)
	if err := b.SetMACAddress(dot11.MAC{6}); err != nil || !slices.Equal(b.links.calls, []string{"down", "mac", "up"}) {
		t.Errorf("%v, %v", b.links.calls, err)
	}
	b.links.calls, b.links.link.Flags = nil, 0
	if err := b.SetMACAddress(dot11.MAC{2}); err != nil || !slices.Equal(b.links.calls, []string{"mac"}) {
		t.Errorf("while down: %v, %v", b.links.calls, err)
	}
	bits := make([]byte, 8)
	bits[unix.NL80211_EXT_FEATURE_POWERED_ADDR_CHANGE/8] |= 1 << (unix.NL80211_EXT_FEATURE_POWERED_ADDR_CHANGE % 8)
	b.capa.Store(&drivers.Capability{ExtFeatures: bits})
	b.links.calls, b.links.link.Flags = nil, unix.IFF_UP
	if err := b.SetMACAddress(dot11.MAC{2}); err != nil || !slices.Equal(b.links.calls, []string{"mac"}) {
		t.Errorf("able device: %v, %v", b.links.calls, err)
	}
	for _, bad := range []dot11.MAC{{}, {1}} {
		if err := b.SetMACAddress(bad); err == nil {
			t.Errorf("%v was accepted", bad)
		}
	}
}

func TestClose(t *testing.T) {
	b := newBench(t)
	if err := b.SetOperState(true); err != nil || b.links.link.LinkMode != link.ModeDormant || b.links.link.OperState != link.OperStateUp {
		t.Errorf("%+v, %v", b.links.link, err)
	}
	b.raised = true
	if err := b.Scan(&drivers.ScanParams{}); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if b.sent[len(b.sent)-1] != unix.NL80211_CMD_ABORT_SCAN {
		t.Errorf("commands %v do not end with an abort", b.sent)
	}
	if l := b.links.link; l.Up() || l.LinkMode != link.ModeDefault {
		t.Errorf("left behind: %+v", l)
	}
	b.deliver(t, unix.NL80211_CMD_NEW_SCAN_RESULTS, onIndex(benchIndex))
	b.emit(drivers.EventSchedScanResults{})
	b.scanOverdue()
	b.removed("late")
	if got := b.take(); len(got) != 0 {
		t.Errorf("events after Close: %+v", got)
	}
	if err := b.Scan(&drivers.ScanParams{}); !errors.Is(err, drivers.ErrClosed) {
		t.Errorf("scan after Close: %v", err)
	}
}

func TestWatchTells(t *testing.T) {
	b := newBench(t)
	h := b.hub
	h.tellWatches(7, "old")
	var got []drivers.LinkEvent
	remove := h.addWatch(func(ev drivers.LinkEvent) { got = append(got, ev) })
	h.tellWatches(7, "old")
	h.tellWatches(7, "new")
	h.tellWatches(7, "")
	h.tellWatches(7, "")
	remove()
	h.tellWatches(8, "late")
	want := []drivers.LinkEvent{
		{Ifname: "old", Ifindex: 7, Present: true}, {Ifname: "old", Ifindex: 7},
		{Ifname: "new", Ifindex: 7, Present: true}, {Ifname: "new", Ifindex: 7},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestSetCountry(t *testing.T) {
	b := newBench(t)
	for _, bad := range []string{"", "D", "DEU", "D\x00", "ä"} {
		if err := b.SetCountry(bad); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
	if len(b.sent) != 0 {
		t.Errorf("commands %v were sent", b.sent)
	}
	if err := b.SetCountry("DE"); err != nil {
		t.Error(err)
	}
	if _, err := b.Country(); err == nil {
		t.Error("a kernel that names no country named one")
	}
}

// TestCarrierOfOwnAssociation: the carrier that our association brings is
// reported without a question to the kernel, anybody else's with one.
func TestCarrierOfOwnAssociation(t *testing.T) {
	b := newBench(t)
	up := b.links.link
	up.Flags |= unix.IFF_LOWER_UP
	report := func(l link.Link) []drivers.Event {
		b.links.link, b.sent = l, nil
		b.hub.onLink(link.Event{Kind: link.EventChanged, Link: l})
		return b.take()
	}
	if got := report(up); len(got) != 1 || len(b.sent) == 0 {
		t.Errorf("carrier out of nothing: %+v after %d questions", got, len(b.sent))
	}
	down := up
	down.Flags &^= unix.IFF_LOWER_UP
	if got := report(down); len(got) != 1 || len(b.sent) != 0 || got[0].(drivers.EventState).State.Running {
		t.Errorf("carrier lost: %+v after %d questions", got, len(b.sent))
	}
	bssid := dot11.MAC{2, 0, 0, 0, 0, 9}
	b.joining = association{associated: true, bssid: bssid, freq: 2412}
	got := report(up)
	if len(got) != 1 || len(b.sent) != 0 {
		t.Fatalf("carrier of our association: %+v after %d questions", got, len(b.sent))
	}
	if st := got[0].(drivers.EventState).State; !st.Running || !st.Associated || st.BSSID != bssid || st.Frequency != 2412 {
		t.Errorf("%+v", st)
	}
	up.OperState = link.OperStateUp
	if got := report(up); len(got) != 0 || len(b.sent) != 0 {
		t.Errorf("nothing that is compared changed: %+v after %d questions", got, len(b.sent))
	}
}

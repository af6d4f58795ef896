package nl80211

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/mdlayher/genetlink"
	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"gosupplicant/drivers"
	"gosupplicant/drivers/internal/link"
	"gosupplicant/drivers/internal/resume"
	"gosupplicant/drivers/internal/rfkill"
	"gosupplicant/engine/dot11"
)

const (
	// eventBuffer is the socket buffer asked for events, bytes.
	eventBuffer = 2 << 20
	// maxEventErrors is how many failures in a row end the hub.
	maxEventErrors = 16
	// barrierTimeout is how long a barrier may take before it is given up: its
	// answer was lost with an overrun.
	barrierTimeout = 2 * time.Second
)

// eventGroups are the multicast groups the hub joins. Kernels without one of
// the optional ones exist.
var eventGroups = []struct {
	name     string
	required bool
}{
	{"config", true}, {"scan", true}, {"mlme", true}, {"regulatory", true}, {"vendor", false},
}

// hub receives the events of a network namespace and hands them to the
// interfaces they concern.
type hub struct {
	nl     *netlink.Conn
	family uint16
	links  *link.Watcher
	ask    linkConn
	rfkill blocker
	resume *resume.Watcher
	done   chan struct{}

	mu       sync.Mutex
	ifaces   map[*Interface]struct{}
	barriers map[uint32]chan struct{} // by sequence number
	early    map[uint32]bool          // answers that came before the barrier was noted

	watchMu sync.Mutex // held while watchers are called
	known   map[int]string
	watches map[*watch]struct{}
}

// linkConn is what is needed of a link.Conn.
type linkConn interface {
	ByIndex(index int) (link.Link, error)
	ByName(name string) (link.Link, error)
	SetUp(index int, up bool) error
	SetOperState(index int, mode link.Mode, state link.OperState) error
	SetMAC(index int, mac dot11.MAC) error
	Close() error
}

// blocker is what is needed of an rfkill.Watcher.
type blocker interface {
	Block(radio string) drivers.RFKill
	Close() error
}

type watch struct{ fn func(drivers.LinkEvent) }

// startHub opens the sockets and starts to listen.
func startHub() (*hub, error) {
	nl, family, err := dialEvents()
	if err != nil {
		return nil, err
	}
	h := newHub(nl, family)
	if err := h.start(); err != nil {
		return nil, errors.Join(err, nl.Close(), h.stop())
	}
	go h.run()
	return h, nil
}

// start opens what reports beside nl80211.
func (h *hub) start() error {
	ask, err := link.Dial()
	if err != nil {
		return err
	}
	h.ask = ask
	block, err := rfkill.Watch(rfkill.Config{Notify: h.onRFKill})
	if err != nil {
		return err
	}
	h.rfkill = block
	if h.resume, err = resume.Watch(h.onResume); err != nil {
		return err
	}
	h.links, err = link.Watch(h.onLink)
	return err
}

// stop closes what start opened.
func (h *hub) stop() error {
	var err error
	if h.links != nil {
		err = errors.Join(err, h.links.Close())
	}
	if h.resume != nil {
		err = errors.Join(err, h.resume.Close())
	}
	if h.rfkill != nil {
		err = errors.Join(err, h.rfkill.Close())
	}
	if h.ask != nil {
		err = errors.Join(err, h.ask.Close())
	}
	return err
}

// onResume has every interface compared with the kernel: the device may have
// forgotten everything.
func (h *hub) onResume(slept time.Duration) {
	h.each(func(i *Interface) { i.resync(fmt.Sprintf("the system slept for %v", slept.Round(time.Second))) })
}

// newHub makes a hub that does not listen yet.
func newHub(nl *netlink.Conn, family uint16) *hub {
	return &hub{
		nl: nl, family: family, done: make(chan struct{}),
		ifaces: map[*Interface]struct{}{}, barriers: map[uint32]chan struct{}{}, early: map[uint32]bool{},
		known: map[int]string{}, watches: map[*watch]struct{}{},
	}
}

// dialEvents opens the event connection and joins the groups.
func dialEvents() (*netlink.Conn, uint16, error) {
	nl, err := netlink.Dial(unix.NETLINK_GENERIC, &netlinkConfig)
	if err != nil {
		return nil, 0, fmt.Errorf("nl80211: open event socket: %w", err)
	}
	c, err := newConn(nl)
	if err == nil {
		_ = nl.SetReadBuffer(eventBuffer)
		err = joinGroups(nl, c.family.Groups)
	}
	if err != nil {
		_ = nl.Close()
		return nil, 0, err
	}
	return nl, c.family.ID, nil
}

func joinGroups(nl *netlink.Conn, groups []genetlink.MulticastGroup) error {
	ids := map[string]uint32{}
	for _, g := range groups {
		ids[g.Name] = g.ID
	}
	for _, g := range eventGroups {
		id, ok := ids[g.name]
		if !ok && g.required {
			return fmt.Errorf("nl80211: the kernel has no event group %q", g.name)
		}
		if !ok {
			continue
		}
		if err := nl.JoinGroup(id); err != nil {
			return fmt.Errorf("nl80211: join event group %q: %w", g.name, err)
		}
	}
	return nil
}

// close stops all goroutines and waits for them.
func (h *hub) close() error {
	err := h.nl.Close()
	<-h.done
	return errors.Join(err, h.stop())
}

// run reads the event socket until it is closed.
func (h *hub) run() {
	defer close(h.done)
	failures := 0
	for {
		msgs, err := h.nl.Receive()
		switch {
		case errors.Is(err, unix.EBADF) || errors.Is(err, os.ErrClosed):
			return
		case errors.Is(err, unix.ENOBUFS):
			h.each(func(i *Interface) { i.resync("the kernel dropped events (socket overrun)") })
		case err != nil:
			if failures++; failures == maxEventErrors {
				h.each(func(i *Interface) { i.removed(fmt.Sprintf("event socket failed: %v", err)) })
				return
			}
			h.each(func(i *Interface) { i.resync(err.Error()) })
		default:
			failures = 0
		}
		for _, m := range msgs {
			h.receive(m)
		}
	}
}

// receive takes one message of the event socket in.
func (h *hub) receive(m netlink.Message) {
	if m.Header.Sequence != 0 {
		h.passed(m.Header.Sequence)
		return
	}
	if uint16(m.Header.Type) != h.family {
		return
	}
	msg, err := decode(m.Data)
	if err != nil {
		return
	}
	ev, err := decodeEvent(msg)
	if err != nil {
		return
	}
	h.each(func(i *Interface) {
		if i.concerned(ev) {
			i.event(ev)
		}
	})
}

// barrier returns when every event that the kernel sent before the call has been
// delivered: it puts a question on the event socket itself, whose answer stands
// in line behind them.
func (h *hub) barrier() {
	data, err := encode(unix.NL80211_CMD_GET_PROTOCOL_FEATURES, nil)
	if err != nil {
		return
	}
	req, err := h.nl.Send(netlink.Message{
		Header: netlink.Header{Type: netlink.HeaderType(h.family), Flags: netlink.Request},
		Data:   data,
	})
	if err != nil {
		return
	}
	seq := req.Header.Sequence
	ch := make(chan struct{})
	h.mu.Lock()
	if h.early[seq] {
		delete(h.early, seq)
		h.mu.Unlock()
		return
	}
	h.barriers[seq] = ch
	h.mu.Unlock()
	timer := time.NewTimer(barrierTimeout)
	defer timer.Stop()
	select {
	case <-ch:
	case <-h.done:
	case <-timer.C:
		h.mu.Lock()
		delete(h.barriers, seq)
		h.mu.Unlock()
	}
}

// passed lets the waiter of a barrier go on.
func (h *hub) passed(seq uint32) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if ch, ok := h.barriers[seq]; ok {
		close(ch)
		delete(h.barriers, seq)
		return
	}
	clear(h.early) // at most the latest answer can have a waiter still to come
	h.early[seq] = true
}

// each calls fn for every interface, without a lock held.
func (h *hub) each(fn func(*Interface)) {
	h.mu.Lock()
	ifaces := make([]*Interface, 0, len(h.ifaces))
	for i := range h.ifaces {
		ifaces = append(ifaces, i)
	}
	h.mu.Unlock()
	for _, i := range ifaces {
		fn(i)
	}
}

func (h *hub) add(i *Interface) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ifaces[i] = struct{}{}
}

func (h *hub) remove(i *Interface) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.ifaces, i)
}

// onRFKill hands a change of a radio's block on.
func (h *hub) onRFKill(radio string, state drivers.RFKill) {
	h.each(func(i *Interface) {
		if i.info.Radio == radio {
			i.rfkillChanged(state)
		}
	})
}

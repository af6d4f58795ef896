package sim

import (
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"gosupplicant/drivers"
	"gosupplicant/drivers/sim/simap"
	"gosupplicant/engine/dot11"
)

// Air is the medium: radios and their interfaces, access points, and chance.
// Its exported methods change the world as a test or a demonstration wants it
// and may be called from any goroutine; their consequences arrive as events on
// the loop.
type Air struct {
	drv  *Driver
	name string

	mu       sync.Mutex // guards everything below, down to the radios and interfaces
	plan     Plan
	start    time.Time // loop time at which the air began
	country  string
	radios   []*radio
	ifaces   []*iface // in order of creation; open or not
	aps      []*station
	byFreq   map[int][]*station
	nextIdx  int // next ifindex
	watchers map[int]*watcher
	watchIDs int
	probes   func(Probe)
	judge    func(Frame) Fate
	pending  []delivery // events on their way to the loop
}

// station is an access point as the medium moves it. The slice index never
// changes, so that BSS tables can be slices.
type station struct {
	plan  APPlan
	ap    *simap.AP
	index int
	tx    *station // transmitting BSS of a member, else nil
	gone  bool
}

// delivery is one call due on the loop.
type delivery struct {
	to *iface
	ev drivers.Event
	w  *watcher
	le drivers.LinkEvent
	f  func()
}

// Probe is a probe request on the air, for the observer set with OnProbe.
type Probe struct {
	At     time.Duration // since the air began
	Ifname string
	Freq   int // MHz
	Source dot11.MAC
	BSSID  dot11.MAC
	SSID   []byte // empty: wildcard
	IEs    []byte // extra elements of the scan
}

func newAir(d *Driver, p *Plan) (*Air, error) {
	a := &Air{drv: d, name: p.Name, plan: *p, country: p.Country, start: d.clk(), nextIdx: 3,
		byFreq: map[int][]*station{}, watchers: map[int]*watcher{}}
	for i := range p.Radios {
		if err := a.addRadio(&p.Radios[i]); err != nil {
			return nil, fmt.Errorf("sim: air %s: %w", p.Name, err)
		}
	}
	for i := range p.APs {
		if err := a.addAP(p.APs[i]); err != nil {
			return nil, fmt.Errorf("sim: air %s: %w", p.Name, err)
		}
	}
	return a, nil
}

// addRadio sets up a radio with its interfaces.
func (a *Air) addRadio(p *RadioPlan) error {
	r := &radio{air: a, name: p.Name, plan: *p, soft: p.SoftBlock, hard: p.HardBlock}
	r.rebuild(a.country)
	a.radios = append(a.radios, r)
	addr := p.Addr
	if addr.IsZero() {
		addr = dot11.MAC{2, 0, 0, 0, byte(len(a.radios) - 1), 0}
	}
	for _, name := range p.Interfaces {
		if a.find(name) != nil {
			return fmt.Errorf("interface %s: exists already", name)
		}
		i := a.addIface(r, name, addr)
		i.wantUp = !p.Down
		addr = nextMAC(addr)
	}
	return nil
}

// uptime is the time since the air began.
func (a *Air) uptime() time.Duration { return a.drv.clk().Sub(a.start) }

func (a *Air) find(name string) *iface {
	for _, i := range a.ifaces {
		if i.name == name {
			return i
		}
	}
	return nil
}

func (a *Air) findRadio(name string) *radio {
	for _, r := range a.radios {
		if r.name == name {
			return r
		}
	}
	return nil
}

// radioOf returns the name of the radio of an interface.
func (a *Air) radioOf(ifname string) (string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	i := a.find(ifname)
	if i == nil {
		return "", fmt.Errorf("sim: %q: %w", ifname, drivers.ErrNoInterface)
	}
	return i.radio.name, nil
}

func (a *Air) openCount() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := 0
	for _, i := range a.ifaces {
		if i.open != nil {
			n++
		}
	}
	return n
}

// deliver queues a call for the loop. The caller holds mu; order is kept.
func (a *Air) deliver(d delivery) {
	a.pending = append(a.pending, d)
	if len(a.pending) == 1 {
		a.drv.loop.Post(a.flush)
	}
}

// flush makes the queued calls, on the loop and without mu, so that receivers
// may call the driver.
func (a *Air) flush() {
	a.mu.Lock()
	calls := a.pending
	a.pending = nil
	a.mu.Unlock()
	for _, d := range calls {
		switch {
		case d.f != nil:
			d.f()
		case d.w != nil:
			d.w.call(d.le)
		default:
			d.to.call(d.ev)
		}
	}
}

// onLoop runs f on the loop with mu held.
func (a *Air) onLoop(f func()) {
	a.deliver(delivery{f: func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		f()
	}})
}

// addIface makes an interface. The caller holds mu (or is newAir).
func (a *Air) addIface(r *radio, name string, addr dot11.MAC) *iface {
	i := &iface{air: a, radio: r, name: name, index: a.nextIdx, mac: addr, perm: addr, wantUp: true}
	a.nextIdx++
	a.ifaces = append(a.ifaces, i)
	a.announce(i.name, i.index, true)
	return i
}

func (a *Air) announce(name string, index int, present bool) {
	for _, id := range sortedKeys(a.watchers) {
		a.deliver(delivery{w: a.watchers[id], le: drivers.LinkEvent{Ifname: name, Ifindex: index, Present: present}})
	}
}

func sortedKeys(m map[int]*watcher) []int {
	keys := make([]int, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// watcher is one receiver of Watch.
type watcher struct {
	mu      sync.Mutex
	stopped bool
	f       func(drivers.LinkEvent)
}

func (w *watcher) call(e drivers.LinkEvent) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.stopped {
		w.f(e)
	}
}

func (a *Air) watch(f func(drivers.LinkEvent)) (stop func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	id := a.watchIDs
	a.watchIDs++
	w := &watcher{f: f}
	a.watchers[id] = w
	for _, i := range a.ifaces {
		a.deliver(delivery{w: w, le: drivers.LinkEvent{Ifname: i.name, Ifindex: i.index, Present: true}})
	}
	return func() {
		w.mu.Lock()
		w.stopped = true
		w.mu.Unlock()
		// The air may be another one by now: Load hands watchers on.
		for _, a := range []*Air{a, a.drv.Air()} {
			a.mu.Lock()
			if a.watchers[id] == w {
				delete(a.watchers, id)
			}
			a.mu.Unlock()
		}
	}
}

// adopt takes over the watchers of the air before: they see its interfaces go
// and ours come.
func (a *Air) adopt(old *Air) {
	old.mu.Lock()
	defer old.mu.Unlock()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.watchers, a.watchIDs, a.nextIdx = old.watchers, old.watchIDs, max(a.nextIdx, old.nextIdx)
	old.watchers = map[int]*watcher{}
	for _, i := range old.ifaces {
		a.announce(i.name, i.index, false)
	}
	for n, i := range a.ifaces {
		i.index = a.nextIdx + n
		a.announce(i.name, i.index, true)
	}
	a.nextIdx += len(a.ifaces)
}

func (a *Air) open(cfg drivers.Config) (drivers.Interface, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	i := a.find(cfg.Ifname)
	if i == nil {
		return nil, fmt.Errorf("sim: %q: %w", cfg.Ifname, drivers.ErrNoInterface)
	}
	if i.open != nil {
		return nil, fmt.Errorf("sim: %q: already in use: %w", cfg.Ifname, drivers.ErrBusy)
	}
	log := cfg.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	h := &handle{iface: i, events: cfg.Events, log: log, info: drivers.Info{
		Driver: a.drv.Name(), Ifname: i.name, Ifindex: i.index, Radio: i.radio.name}}
	i.open = h
	i.bridge = cfg.BridgeIfname
	i.wasUp = i.up
	i.up = i.wantUp && !i.radio.blocked()
	log.Debug("opened", "ifname", i.name, "radio", i.radio.name, "air", a.name)
	return h, nil
}

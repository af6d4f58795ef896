package nl80211

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"gosupplicant/drivers"
	"gosupplicant/drivers/internal/link"
	"gosupplicant/drivers/internal/packet"
	"gosupplicant/engine/dot11"
)

// Interface is one station interface in use.
type Interface struct {
	driver *Driver
	hub    *hub
	cmd    *conn
	log    *slog.Logger
	params params

	info       drivers.Info
	wiphyIndex uint32
	wdev       uint64
	capa       atomic.Pointer[drivers.Capability]

	emitMu sync.Mutex // held while events are delivered
	events func(drivers.Event)
	quiet  bool // no event any more

	mu         sync.Mutex // guards what follows; held during a scan request
	closed     bool
	gone       bool // EventRemoved was sent
	scan       scanState
	asked      bool // the watchdog has asked the kernel to abort
	watchdog   *time.Timer
	probing    uint64 // number of the probe that the scan is, 0 for a scan of the kernel
	probeCut   bool   // it was asked to end
	raised     bool   // IFF_UP was set by us
	operState  bool   // link mode was changed by us
	operUp     bool   // the operational state we set
	name       string
	last       linkState
	joining    association // what was asked for last, zero when it was lost
	ownAddress dot11.MAC
	noIoctl    bool // the kernel refused a request of wireless extensions

	bridge           string         // that the interface is a port of, empty for none
	eapol            []*packet.Conn // the interface's and the bridge's; none while EAPOL goes over netlink
	preauth          []*packet.Conn // likewise, for pre-authentication; none before the first
	eapolOverNetlink bool

	framesMu sync.Mutex // not mu: the port's reader takes that one
	frames   *port      // nil until something is to be joined or sent

	txMu    sync.Mutex // held while a frame is sent
	cookies []uint64   // of frames sent whose status has not come
}

// linkState is what EventState reports changes of.
type linkState struct {
	up, carrier bool
	mac         dot11.MAC
	master      int
	rfkill      drivers.RFKill
}

var (
	_ drivers.Interface      = (*Interface)(nil)
	_ drivers.ScanAborter    = (*Interface)(nil)
	_ drivers.SchedScanner   = (*Interface)(nil)
	_ drivers.Surveyor       = (*Interface)(nil)
	_ drivers.SignalPoller   = (*Interface)(nil)
	_ drivers.SignalMonitor  = (*Interface)(nil)
	_ drivers.CountryControl = (*Interface)(nil)
	_ drivers.LinkControl    = (*Interface)(nil)
	_ drivers.BridgeSetter   = (*Interface)(nil)
	_ drivers.AddressSetter  = (*Interface)(nil)
	_ drivers.StatusReporter = (*Interface)(nil)

	_ drivers.SME                   = (*Interface)(nil)
	_ drivers.Connector             = (*Interface)(nil)
	_ drivers.Linker                = (*Interface)(nil)
	_ drivers.FrameSender           = (*Interface)(nil)
	_ drivers.PMKSACacher           = (*Interface)(nil)
	_ drivers.RekeyOffloader        = (*Interface)(nil)
	_ drivers.ExternalAuthenticator = (*Interface)(nil)
	_ drivers.PowerSaver            = (*Interface)(nil)
	_ drivers.FourAddresser         = (*Interface)(nil)
)

// Open implements drivers.Driver.
func (d *Driver) Open(cfg drivers.Config) (drivers.Interface, error) {
	h, err := d.acquire()
	if err != nil {
		return nil, err
	}
	i, err := openInterface(d, h, cfg)
	if err != nil {
		_ = d.release()
		return nil, err
	}
	return i, nil
}

func openInterface(d *Driver, h *hub, cfg drivers.Config) (*Interface, error) {
	p, err := parseParams(cfg.Params)
	if err != nil {
		return nil, err
	}
	l, err := h.ask.ByName(cfg.Ifname)
	if errors.Is(err, link.ErrNotFound) {
		return nil, fmt.Errorf("nl80211: %s: %w", cfg.Ifname, drivers.ErrNoInterface)
	}
	if err != nil {
		return nil, err
	}
	cmd, err := dial()
	if err != nil {
		return nil, err
	}
	i := &Interface{driver: d, hub: h, cmd: cmd, log: cfg.Log, events: cfg.Events, params: p, bridge: cfg.BridgeIfname, name: l.Name}
	if i.log == nil {
		i.log = slog.New(slog.DiscardHandler)
	}
	if i.events == nil {
		i.events = func(drivers.Event) {}
	}
	i.watchdog = time.AfterFunc(scanTimeout, i.scanOverdue)
	i.watchdog.Stop()
	if err := i.setUp(l); err != nil {
		_ = cmd.Close()
		return nil, err
	}
	return i, nil
}

// setUp discovers the interface, makes it a station and brings it up.
func (i *Interface) setUp(l link.Link) error {
	info, err := i.cmd.getIface(l.Index)
	if errors.Is(err, drivers.ErrNoInterface) {
		return fmt.Errorf("nl80211: %s is no Wi-Fi interface: %w", l.Name, drivers.ErrNotSupported)
	}
	if err != nil {
		return err
	}
	w, err := i.cmd.getWiphy(l.Index)
	if err != nil {
		return err
	}
	i.info = drivers.Info{Driver: "nl80211", Ifname: l.Name, Ifindex: l.Index, Radio: w.name}
	i.wiphyIndex, i.wdev = info.wiphy, info.wdev
	i.capa.Store(w.capability(i.params))
	if info.iftype != unix.NL80211_IFTYPE_STATION {
		if err := i.makeStation(l.Up()); err != nil {
			return err
		}
	}
	if err := i.bringUp(); err != nil {
		return err
	}
	// Registered before the state is noted, so that no change falls in between;
	// one that is reported twice is no change.
	i.mu.Lock()
	defer i.mu.Unlock()
	i.hub.add(i)
	if l, err := i.hub.ask.ByIndex(i.info.Ifindex); err == nil {
		i.note(l)
	}
	return nil
}

// makeStation changes the type; most drivers want the interface down for that.
func (i *Interface) makeStation(up bool) error {
	err := i.cmd.setStation(i.info.Ifindex)
	if err == nil || !up {
		return err
	}
	if err := i.hub.ask.SetUp(i.info.Ifindex, false); err != nil {
		return err
	}
	if err := i.cmd.setStation(i.info.Ifindex); err != nil {
		_ = i.hub.ask.SetUp(i.info.Ifindex, true)
		return err
	}
	// It was up when we came: bringUp sets it up again, and Close leaves it so.
	return i.hub.ask.SetUp(i.info.Ifindex, true)
}

// bringUp sets IFF_UP. A blocked radio is no failure: rfkillChanged tries again
// when the block has gone.
func (i *Interface) bringUp() error {
	l, err := i.hub.ask.ByIndex(i.info.Ifindex)
	if err != nil || l.Up() {
		return err
	}
	err = i.hub.ask.SetUp(i.info.Ifindex, true)
	if errors.Is(err, unix.ERFKILL) {
		i.log.Info("radio is blocked, interface stays down", "ifname", i.info.Ifname, "radio", i.info.Radio)
		i.raised = true
		return nil
	}
	if err != nil {
		return fmt.Errorf("nl80211: bring %s up: %w", i.info.Ifname, err)
	}
	i.raised = true
	return nil
}

// Close implements drivers.Interface.
func (i *Interface) Close() error {
	i.emitMu.Lock()
	i.quiet = true
	i.emitMu.Unlock()
	i.mu.Lock()
	if i.closed {
		i.mu.Unlock()
		return nil
	}
	i.closed = true
	i.watchdog.Stop()
	if i.scan.ours() && !i.gone {
		_, _ = i.cmd.do("abort scan", unix.NL80211_CMD_ABORT_SCAN, i.ifindexAttr)
	}
	err := i.giveBack()
	socks := append(i.eapol, i.preauth...)
	i.mu.Unlock()
	i.hub.remove(i)
	i.framesMu.Lock()
	frames := i.frames
	i.framesMu.Unlock()
	if frames != nil {
		err = errors.Join(err, frames.close())
	}
	for _, c := range socks {
		err = errors.Join(err, c.Close())
	}
	return errors.Join(err, i.cmd.Close(), i.driver.release())
}

// giveBack restores link mode and IFF_UP as they were found.
func (i *Interface) giveBack() error {
	if i.gone {
		return nil
	}
	var err error
	if i.operState {
		err = i.hub.ask.SetOperState(i.info.Ifindex, link.ModeDefault, link.OperStateUp)
	}
	if i.raised {
		err = errors.Join(err, i.hub.ask.SetUp(i.info.Ifindex, false))
	}
	if errors.Is(err, unix.ENODEV) {
		return nil // it vanished in this very moment
	}
	return err
}

// Info implements drivers.Interface.
func (i *Interface) Info() drivers.Info { return i.info }

// Capability implements drivers.Interface.
func (i *Interface) Capability() *drivers.Capability { return i.capa.Load() }

// emit delivers an event unless the interface was closed.
func (i *Interface) emit(ev drivers.Event) {
	i.emitMu.Lock()
	defer i.emitMu.Unlock()
	if !i.quiet {
		i.events(ev)
	}
}

// ifindexAttr adds the attribute that names this interface.
func (i *Interface) ifindexAttr(ae *netlink.AttributeEncoder) {
	ae.Uint32(unix.NL80211_ATTR_IFINDEX, uint32(i.info.Ifindex))
}

// isErrno tells whether err comes from this error number of the kernel.
func isErrno(err error, errno unix.Errno) bool { return errors.Is(err, errno) }

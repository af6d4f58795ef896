package wext

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"gosupplicant/drivers"
	"gosupplicant/drivers/internal/link"
	"gosupplicant/engine/dot11"
)

// iface is an interface in use.
type iface struct {
	sys    system
	dev    device
	links  links
	rfkill blocks
	watch  closer
	log    *slog.Logger
	info   drivers.Info
	capa   atomic.Pointer[drivers.Capability]
	raised bool // IFF_UP was set by us

	eapolMu sync.Mutex
	bridge  string    // that the interface is a port of, empty for none
	eapol   []packets // the interface's and the bridge's; none before the first protected association

	emitMu sync.Mutex // held while events are delivered
	events func(drivers.Event)
	quiet  bool

	mu       sync.Mutex // guards what follows
	ifname   string
	started  bool // Open has finished
	closed   bool
	gone     bool
	last     observed
	scanning bool
	scanGen  int // tells timers of earlier scans apart
	timer    stopper
	reports  bool // the device has been seen to report the end of a scan
	ssids    [][]byte
	freqs    []int
	assoc    association
}

var _ interface {
	drivers.Interface
	drivers.LinkControl
	drivers.AddressSetter
	drivers.SignalPoller
	drivers.StatusReporter
} = (*iface)(nil)

// observed is what EventState reports changes of.
type observed struct {
	up, running bool
	mac         dot11.MAC
	master      int
	rfkill      drivers.RFKill
}

func (i *iface) observe(l link.Link) observed {
	return observed{l.Up(), l.Running(), l.Addr, l.Master, i.rfkill.Block(i.info.Radio)}
}

func (i *iface) name() string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.ifname
}

func (i *iface) emit(e drivers.Event) {
	i.emitMu.Lock()
	defer i.emitMu.Unlock()
	i.deliver(e)
}

// deliver is emit for those who hold emitMu.
func (i *iface) deliver(e drivers.Event) {
	if !i.quiet && i.events != nil {
		i.events(e)
	}
}

func (i *iface) Info() drivers.Info { return i.info }

func (i *iface) Capability() *drivers.Capability { return i.capa.Load() }

// usable refuses everything after Close and removal.
func (i *iface) usable(op string) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.closed || i.gone {
		return fmt.Errorf("wext: %s: %s: %w", i.ifname, op, drivers.ErrClosed)
	}
	return nil
}

// State asks the kernel.
func (i *iface) State() (drivers.State, error) {
	if err := i.usable("state"); err != nil {
		return drivers.State{}, err
	}
	l, err := i.links.ByIndex(i.info.Ifindex)
	if errors.Is(err, link.ErrNotFound) {
		return drivers.State{}, fmt.Errorf("wext: state of %s: %w", i.name(), drivers.ErrClosed)
	}
	if err != nil {
		return drivers.State{}, fmt.Errorf("wext: state of %s: %w", i.name(), err)
	}
	return i.state(l), nil
}

// state completes what rtnetlink says.
func (i *iface) state(l link.Link) drivers.State {
	o := i.observe(l)
	st := drivers.State{MAC: o.mac, PermMAC: l.PermAddr, Up: o.up, Running: o.running, RFKill: o.rfkill}
	if st.PermMAC.IsZero() {
		st.PermMAC = st.MAC
	}
	if l.Master != 0 {
		st.BridgedWith = i.sys.Bridge(l.Name)
	}
	if st.BSSID, st.SSID, st.Frequency = i.dev.association(); !st.BSSID.IsZero() {
		st.Associated = true
	}
	return st
}

// Times after which a scan counts as done although the device did not say so:
// devices that have reported an end before get more patience, and so does a
// kernel that answers with EAGAIN, which means that the scan goes on.
const (
	scanTimeout         = 10 * time.Second
	scanTimeoutReported = 30 * time.Second
	scanTimeoutRunning  = 90 * time.Second // in all
	scanAskAgain        = 2 * time.Second
)

// Scan starts a scan of one SSID at most. The kernel refuses with EBUSY while
// the device scans for anybody.
func (i *iface) Scan(p *drivers.ScanParams) error {
	if err := i.usable("scan"); err != nil {
		return err
	}
	if err := checkScan(p); err != nil {
		return err
	}
	// Events wait until the request has been answered: the end of the scan may
	// be reported before.
	i.emitMu.Lock()
	defer i.emitMu.Unlock()
	i.mu.Lock()
	busy := i.scanning
	i.mu.Unlock()
	if busy {
		return fmt.Errorf("wext: %s: scan: %w", i.name(), drivers.ErrBusy)
	}
	if err := i.dev.startScan(p); err != nil {
		return kernelError(err)
	}
	i.noteScan(p)
	i.deliver(drivers.EventScanStarted{})
	return nil
}

// noteScan remembers an accepted scan and starts its timeout.
func (i *iface) noteScan(p *drivers.ScanParams) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.scanning = true
	i.scanGen++
	gen, wait := i.scanGen, scanTimeout
	if i.reports {
		wait = scanTimeoutReported
	}
	i.ssids, i.freqs = nil, nil
	if !p.Passive {
		i.ssids = slices.Clone(p.SSIDs)
	}
	if len(p.Freqs) > 0 && len(p.Freqs) <= maxChannels {
		i.freqs = append(i.freqs, p.Freqs...)
	}
	i.timer = i.sys.AfterFunc(wait, func() { i.scanOverdue(gen, wait) })
}

// scanOverdue, waited into the scan gen, ends it if the kernel does not say that
// it goes on.
func (i *iface) scanOverdue(gen int, waited time.Duration) {
	running := waited < scanTimeoutRunning && i.dev.scanRunning()
	i.mu.Lock()
	current := i.scanning && i.scanGen == gen && !i.closed
	if current && running {
		waited += scanAskAgain
		i.timer = i.sys.AfterFunc(scanAskAgain, func() { i.scanOverdue(gen, waited) })
	}
	i.mu.Unlock()
	if current && !running {
		i.log.Debug("no report of the end of the scan, taking it for done", "ifname", i.name())
		i.endScan(false, false)
	}
}

// endScan ends our scan, or reports that of another program.
func (i *iface) endScan(reported, aborted bool) {
	i.emitMu.Lock()
	defer i.emitMu.Unlock()
	i.mu.Lock()
	i.reports = i.reports || reported
	ours := i.scanning
	i.scanning = false
	done := drivers.EventScanDone{Aborted: aborted, External: !ours}
	if ours {
		i.timer.Stop()
		done.Freqs, done.SSIDs = i.freqs, i.ssids
	}
	i.mu.Unlock()
	if ours || reported {
		i.deliver(done)
	}
}

// ScanResults reads the device's table.
func (i *iface) ScanResults() (*drivers.ScanResults, error) {
	if err := i.usable("scan results"); err != nil {
		return nil, err
	}
	list, err := i.dev.results()
	if errors.Is(err, unix.EAGAIN) { // a scan is running and nothing is known
		return nil, fmt.Errorf("%w: %w", drivers.ErrBusy, err)
	}
	var fault *streamError
	if errors.As(err, &fault) && len(list) > 0 {
		i.log.Warn("scan results are malformed, using those before the fault", "ifname", i.name(), "error", err)
		err = nil
	}
	if err != nil {
		return nil, err
	}
	bssid, _, _ := i.dev.association()
	for n := range list {
		if !bssid.IsZero() && list[n].BSSID == bssid {
			list[n].Flags |= drivers.ResultAssociated
		}
	}
	return &drivers.ScanResults{Results: list}, nil
}

// SignalPoll reads the link statistics; an error without association.
func (i *iface) SignalPoll() (drivers.Signal, error) {
	if err := i.usable("signal"); err != nil {
		return drivers.Signal{}, err
	}
	if bssid, _, _ := i.dev.association(); bssid.IsZero() {
		return drivers.Signal{}, fmt.Errorf("wext: %s: signal: not associated", i.name())
	}
	return i.dev.signal()
}

// SetOperState sets dormant link mode and the operational state.
func (i *iface) SetOperState(up bool) error {
	if err := i.usable("set operstate"); err != nil {
		return err
	}
	state := link.OperStateDormant
	if up {
		state = link.OperStateUp
	}
	if err := i.links.SetOperState(i.info.Ifindex, link.ModeDormant, state); err != nil {
		return fmt.Errorf("wext: %s: %w", i.name(), err)
	}
	return nil
}

// SetMACAddress takes the interface down for the change.
func (i *iface) SetMACAddress(addr dot11.MAC) error {
	if err := i.usable("set address"); err != nil {
		return err
	}
	if err := i.links.SetUp(i.info.Ifindex, false); err != nil {
		return fmt.Errorf("wext: %s: set address: %w", i.name(), err)
	}
	err := i.links.SetMAC(i.info.Ifindex, addr)
	if err != nil {
		err = fmt.Errorf("wext: %s: set address: %w", i.name(), err)
	}
	return errors.Join(err, i.bringUp())
}

// DriverStatus returns the lines of STATUS-DRIVER.
func (i *iface) DriverStatus() ([]drivers.KeyValue, error) {
	st, err := i.State()
	if err != nil {
		return nil, err
	}
	return []drivers.KeyValue{
		{Key: "ifindex", Value: strconv.Itoa(i.info.Ifindex)},
		{Key: "ifname", Value: i.name()},
		{Key: "addr", Value: st.MAC.String()},
	}, nil
}

// Close leaves the network, gives the interface back and ends all events.
func (i *iface) Close() error {
	i.mu.Lock()
	if i.closed {
		i.mu.Unlock()
		return fmt.Errorf("wext: %s: close: %w", i.ifname, drivers.ErrClosed)
	}
	i.closed, i.scanning = true, false
	if i.timer != nil {
		i.timer.Stop()
	}
	i.assoc.stop()
	gone := i.gone
	i.mu.Unlock()
	i.emitMu.Lock()
	i.quiet = true
	i.emitMu.Unlock()
	var err error
	if !gone {
		err = i.giveBack()
	}
	return errors.Join(err, i.release())
}

// giveBack restores what Open changed. Refusals of a device that never learned
// the command do not matter.
func (i *iface) giveBack() error {
	if err := i.dev.clearWPA(); err != nil {
		i.log.Debug("cannot take WPA off the device", "error", err)
	}
	if err := i.dev.leave(); err != nil {
		i.log.Debug("cannot disconnect the device", "error", err)
	}
	err := i.links.SetOperState(i.info.Ifindex, link.ModeDefault, link.OperStateUp)
	if i.raised {
		err = errors.Join(err, i.links.SetUp(i.info.Ifindex, false))
	}
	if errors.Is(err, link.ErrNotFound) || errors.Is(err, unix.ENODEV) {
		return nil // it went away this moment
	}
	if err != nil {
		return fmt.Errorf("wext: %s: close: %w", i.name(), err)
	}
	return nil
}

// release closes what is open, in the order that no callback outlives it.
func (i *iface) release() error {
	var errs []error
	i.eapolMu.Lock()
	for _, c := range i.eapol {
		errs = append(errs, c.Close())
	}
	i.eapol = nil
	i.eapolMu.Unlock()
	for _, c := range []closer{i.watch, i.rfkill, i.links, i.dev.kernel} {
		if c != nil {
			errs = append(errs, c.Close())
		}
	}
	return errors.Join(errs...)
}

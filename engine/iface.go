package engine

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"gosupplicant/conf"
	"gosupplicant/drivers"
	"gosupplicant/engine/bss"
	"gosupplicant/engine/dot11"
	"gosupplicant/engine/loop"
)

// Interface is one managed network interface.
type Interface struct {
	sup    *Supervisor
	loop   loop.Loop
	log    *slog.Logger
	worker loop.Worker // every driver call
	loader loop.Worker // reads the files of networks
	cfg    InterfaceConfig
	id     int
	name   string
	conf   *conf.Config
	drv    drivers.Interface
	info   drivers.Info
	capa   *drivers.Capability
	link   drivers.State
	radio  *radio
	state  State
	table  *bss.Table
	feed   *feed // events of the device in use
	absent *absence
	ready  bool
	closed bool

	scan     scanner
	want     wishes
	ignore   ignoreList
	holds    holds
	external externalWorks
	macRand  macRandomization
	restrict restrictions
	power    power
	current  current
	conn     connection
	failures failures
	places   places
	tamper   tamper

	eapolTiming EAPOLTiming // set at run time
}

// wishes is what the user asked of the interface.
type wishes struct {
	disconnected bool  // Disconnect was asked for; nothing is tried by itself
	noAutoconn   bool  // STA_AUTOCONNECT 0: do not reconnect after a loss
	freqs        []int // SELECT_NETWORK freq=: limits selection
}

// current is the association, when there is one.
type current struct {
	bss     *bss.BSS
	network *conf.Network
}

// opened is what open brings back from the worker.
type opened struct {
	places *places
	conf   *conf.Config
	drv    drivers.Interface
	feed   *feed
	state  drivers.State
	err    error
}

// feed carries the events of one opened device to the loop. Those that come
// before the device is attached wait; those after it was given up are dropped.
type feed struct {
	early      []drivers.Event
	live, over bool
}

func newInterface(s *Supervisor, cfg InterfaceConfig) *Interface {
	i := &Interface{
		sup: s, loop: s.loop, cfg: cfg, name: cfg.Ifname,
		log: s.log.With("ifname", cfg.Ifname),
	}
	i.worker = s.loop.NewWorker("driver " + cfg.Ifname)
	i.loader = s.loop.NewWorker("files " + cfg.Ifname)
	return i
}

// open runs on the worker: files and the kernel.
func (i *Interface) open(drvs []drivers.Driver) (o opened) {
	o.places = i.loadPlaces()
	o.conf, o.err = loadConfig(i.cfg)
	if o.err != nil {
		return o
	}
	if i.cfg.Create {
		if o.err = i.create(drvs); o.err != nil {
			return o
		}
	}
	i.openDevice(&o, drvs, i.deviceConfig(o.conf))
	if o.err != nil {
		i.destroy(drvs)
	}
	return o
}

// deviceConfig is what a driver needs to know of the interface.
func (i *Interface) deviceConfig(c *conf.Config) drivers.Config {
	params := i.cfg.DriverParam
	if params == "" {
		params = string(c.Globals.DriverParam)
	}
	return drivers.Config{Ifname: i.name, Params: params, BridgeIfname: i.cfg.BridgeIfname, Log: i.log}
}

// openDevice runs on the worker: the first driver that takes the device serves it.
func (i *Interface) openDevice(o *opened, drvs []drivers.Driver, cfg drivers.Config) {
	var errs []error
	for _, d := range drvs {
		f := &feed{}
		cfg.Events = i.post(f)
		drv, err := d.Open(cfg)
		if err != nil {
			errs = append(errs, err) // begins with the driver's name
			continue
		}
		if o.state, err = drv.State(); err == nil {
			o.drv, o.feed = drv, f
			return
		}
		drv.Close()
		errs = append(errs, err)
	}
	o.err = errors.Join(errs...)
}

// loadConfig reads the files of an interface; without one it is the default
// configuration.
func loadConfig(cfg InterfaceConfig) (*conf.Config, error) {
	if cfg.ConfigFile == "" {
		return conf.New(), nil
	}
	c, err := conf.Load(cfg.ConfigFile, conf.LoadOptions{Extra: cfg.ExtraConfigFile})
	if le := (*conf.LoadError)(nil); err != nil && !errors.As(err, &le) { // that one says it itself
		err = fmt.Errorf("Failed to read or parse configuration '%s': %w", cfg.ConfigFile, err)
	}
	return c, err
}

func (i *Interface) create(drvs []drivers.Driver) error {
	parents := i.sup.parents()
	for _, d := range drvs {
		c, ok := d.(drivers.Creator)
		if !ok || len(parents) == 0 {
			continue
		}
		return c.CreateInterface(parents[0], i.cfg.Ifname, i.cfg.CreateType, i.cfg.CreateAddr)
	}
	return fmt.Errorf("creating %s: %w", i.cfg.Ifname, drivers.ErrNotSupported)
}

func (i *Interface) destroy(drvs []drivers.Driver) {
	if !i.cfg.Create {
		return
	}
	for _, d := range drvs {
		if c, ok := d.(drivers.Creator); ok {
			c.DeleteInterface(i.name) // best effort: the device may be gone already
			return
		}
	}
}

// post makes what brings the events of one opened device to the loop.
func (i *Interface) post(f *feed) func(drivers.Event) {
	return func(ev drivers.Event) {
		i.loop.Post(func() {
			switch {
			case i.closed || f.over:
			case !f.live:
				f.early = append(f.early, ev)
			default:
				i.driverEvent(ev)
			}
		})
	}
}

// listen begins to act on the events of the device in use.
func (i *Interface) listen() {
	f := i.feed
	f.live = true
	early := f.early
	f.early = nil
	for _, ev := range early {
		if i.closed || f.over {
			return
		}
		i.driverEvent(ev)
	}
}

// attach takes over what open made.
func (i *Interface) attach(o opened) {
	i.places = *o.places
	i.conf, i.drv, i.feed, i.link = o.conf, o.drv, o.feed, o.state
	i.info, i.capa = o.drv.Info(), o.drv.Capability()
	i.radio = i.sup.radioFor(i.info.Radio)
	i.table = bss.New()
	i.scan.init(i)
	i.conn.init(i)
	i.state = StateDisconnected
	if !i.usable() {
		i.state = StateInterfaceDisabled
	}
}

// begin starts the work of an interface that observers know.
func (i *Interface) begin() {
	i.ready = true
	for _, w := range i.conf.Warnings {
		i.log.Warn(w)
	}
	i.listen()
	if i.closed {
		return // the device went as soon as it had come
	}
	i.emptyDevice()
	if country := i.conf.Globals.Country; country.IsSet() {
		i.pushCountry(country.String())
	}
	if i.state != StateInterfaceDisabled {
		i.wantScan(0)
	}
}

// usable reports whether the device can do anything now.
func (i *Interface) usable() bool { return i.link.Up && i.link.RFKill == drivers.RFKillUnblocked }

// close ends everything without telling observers of each part.
func (i *Interface) close() {
	i.dropLink(dot11.ReasonDeauthLeaving, "interface removed")
	i.closed = true
	i.stopWaiting()
	i.conn.stop()
	i.tamper.close(i)
	i.scan.stop()
	i.radio.drop(i)
	i.holds.stop()
	for len(i.external.works) > 0 {
		i.endExternal(i.external.works[0])
	}
	for _, e := range i.ignore.entries {
		e.timer.Stop()
	}
	i.sup.releaseRadio(i.radio)
	drv, driver, created := i.drv, i.info.Driver, i.cfg.Create
	drvs := i.sup.opts.Drivers
	i.sup.leaving[i.name] = nil
	i.worker.Do(func() {
		if err := drv.Close(); err != nil && !errors.Is(err, drivers.ErrClosed) {
			i.log.Debug("Closing the driver", "err", err)
		}
		if created {
			i.destroy(driversNamed(drvs, driver))
		}
	}, func() { i.sup.left(i.name) })
	i.closeWorkers()
}

// closeWorkers has the interface's workers take nothing more; what they have runs.
func (i *Interface) closeWorkers() {
	i.worker.Close()
	i.loader.Close()
}

func driversNamed(ds []drivers.Driver, name string) []drivers.Driver {
	for _, d := range ds {
		if d.Name() == name {
			return []drivers.Driver{d}
		}
	}
	return nil
}

// parents lists interface names, for creating another on the same radio.
func (s *Supervisor) parents() []string {
	var names []string
	for _, i := range s.ifaces {
		names = append(names, i.name)
	}
	return names
}

func (i *Interface) emit(ev Event) {
	if !i.closed {
		i.sup.emit(ev)
	}
}

func (i *Interface) changed(p Prop) { i.emit(PropChanged{i, p}) }

// setState moves to s and tells why in the log.
func (i *Interface) setState(s State, why string) {
	old := i.state
	if old == s {
		return
	}
	i.log.Debug(fmt.Sprintf("State: %v -> %v", old, s), "why", why)
	i.state = s
	i.emit(StateChanged{i, old, s})
}

// ID is the number in D-Bus object paths; it is not used again.
func (i *Interface) ID() int { return i.id }

// Name is the interface name.
func (i *Interface) Name() string { return i.name }

// DriverName is the name of the driver in use.
func (i *Interface) DriverName() string { return i.info.Driver }

// RadioName is the kernel's name of the radio, empty if unknown.
func (i *Interface) RadioName() string { return i.info.Radio }

// ConfigFile is the path of the configuration file, or empty.
func (i *Interface) ConfigFile() string { return i.cfg.ConfigFile }

// BridgeIfname is the bridge to listen on, or empty.
func (i *Interface) BridgeIfname() string { return i.cfg.BridgeIfname }

// CtrlInterface is the ctrl_interface value in force: of the command line or
// caller, else of the file. Empty means no control socket.
func (i *Interface) CtrlInterface() string {
	if i.cfg.CtrlInterface != "" {
		return i.cfg.CtrlInterface
	}
	return string(i.conf.Globals.CtrlInterface)
}

// Supervisor is the owner.
func (i *Interface) Supervisor() *Supervisor { return i.sup }

// Log is the interface's logger.
func (i *Interface) Log() *slog.Logger { return i.log }

// State is where the interface stands.
func (i *Interface) State() State { return i.state }

// MACAddress is the present own address.
func (i *Interface) MACAddress() dot11.MAC { return i.link.MAC }

// LinkState is the device's state as last reported.
func (i *Interface) LinkState() drivers.State { return i.link }

// Capability is what the device can do; never nil.
func (i *Interface) Capability() *drivers.Capability { return i.capa }

// Config is the configuration, to be read only.
func (i *Interface) Config() *conf.Config { return i.conf }

// BSSs is the BSS table, to be read only.
func (i *Interface) BSSs() *bss.Table { return i.table }

// CurrentBSS is the BSS of the association, or nil.
func (i *Interface) CurrentBSS() *bss.BSS { return i.current.bss }

// CurrentNetwork is the network of the association, or nil.
func (i *Interface) CurrentNetwork() *conf.Network { return i.current.network }

// NetworkInUse is the network of the association, or of the attempt that has
// begun to authenticate; nil without either. Front ends call it the current one.
// PropCurrentNetwork tells of it.
func (i *Interface) NetworkInUse() *conf.Network {
	if a := i.conn.attempt; i.conn.link == nil && a != nil && a.phase >= PhaseAuthentication {
		return a.c.network
	}
	return i.current.network
}

// Alive reports whether the interface is still managed.
func (i *Interface) Alive() bool { return !i.closed }

// SetBridge changes the bridge; only before an association.
func (i *Interface) SetBridge(name string) error {
	if i.state > StateScanning {
		return ErrBusy
	}
	if name != "" && !validIfname(name) {
		return &InvalidError{What: "bridge name"}
	}
	i.cfg.BridgeIfname = strings.Clone(name)
	if b, ok := i.drv.(drivers.BridgeSetter); ok {
		i.worker.Do(func() { b.SetBridge(name) }, nil)
	}
	i.changed(PropBridgeIfname)
	return nil
}

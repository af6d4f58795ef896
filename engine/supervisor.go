package engine

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"

	"gosupplicant/conf"
	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
	"gosupplicant/engine/logs"
	"gosupplicant/engine/loop"
)

// Options are what the supervisor is made of. Loop, Logs and Rand are needed.
type Options struct {
	Loop    loop.Loop
	Logs    *logs.Hub
	Rand    io.Reader
	Drivers []drivers.Driver // in order of preference: the first is used without -D
	Version string           // as printed by -v and GET version

	// StateDir is where places of networks are kept over restarts; empty for not.
	StateDir string

	OverrideDriver string // -o: driver list for interfaces of D-Bus or INTERFACE_ADD
	OverrideCtrl   string // -O: ctrl_interface for the same
	// OnTerminate is called when a front end asks the process to end.
	OnTerminate func()
}

// Supervisor holds the global parameters and the managed interfaces.
type Supervisor struct {
	opts      Options
	loop      loop.Loop
	log       *slog.Logger
	observers []Observer
	ifaces    []*Interface
	pending   map[string]bool   // names being opened
	leaving   map[string]func() // names whose device is being given back, and what waits for it
	radios    map[string]*radio
	lastID    int
	matches   matcher
	closing   bool
	suspended bool
	gate      func(i *Interface, start func())
	admit     func(i *Interface) error
}

// New makes a supervisor without interfaces.
func New(o Options) *Supervisor {
	return &Supervisor{
		opts: o, loop: o.Loop, log: o.Logs.Logger(), lastID: -1,
		pending: map[string]bool{}, leaving: map[string]func(){}, radios: map[string]*radio{},
	}
}

// Loop is the loop that owns everything here.
func (s *Supervisor) Loop() loop.Loop { return s.loop }

// Logs is the log hub.
func (s *Supervisor) Logs() *logs.Hub { return s.opts.Logs }

// Log is a logger without interface context.
func (s *Supervisor) Log() *slog.Logger { return s.log }

// Version is the program's version text.
func (s *Supervisor) Version() string { return s.opts.Version }

// Drivers lists the drivers, in order of preference.
func (s *Supervisor) Drivers() []drivers.Driver { return s.opts.Drivers }

// Observe adds a front end.
func (s *Supervisor) Observe(o Observer) { s.observers = append(s.observers, o) }

// SetGate makes interfaces of the command line wait: each is added, and starts
// its work when start is called (-W).
func (s *Supervisor) SetGate(gate func(i *Interface, start func())) { s.gate = gate }

// SetAdmission has each interface looked at before it is listed; an error keeps
// it out and is that of AddInterface. Observers have not heard of it then.
func (s *Supervisor) SetAdmission(admit func(i *Interface) error) { s.admit = admit }

func (s *Supervisor) emit(ev Event) {
	for _, o := range s.observers {
		o(ev)
	}
}

// Interfaces lists the managed interfaces in order of creation. The caller does
// not keep the slice.
func (s *Supervisor) Interfaces() []*Interface { return s.ifaces }

// InterfaceByName finds an interface, or returns nil.
func (s *Supervisor) InterfaceByName(name string) *Interface {
	for _, i := range s.ifaces {
		if i.name == name {
			return i
		}
	}
	return nil
}

// InterfaceConfig asks for an interface.
type InterfaceConfig struct {
	Ifname          string
	Driver          string // comma separated names, empty for the default
	DriverParam     string
	ConfigFile      string
	ExtraConfigFile string // -I: second file, read-only
	CtrlInterface   string // overrides ctrl_interface of the file
	BridgeIfname    string

	Create     bool // add the network device first, and delete it at removal
	CreateType drivers.IfaceType
	CreateAddr *dot11.MAC

	// Startup marks interfaces of the command line, to which -o and -O do not apply.
	Startup bool
}

// maxInterfaces bounds what bus callers can make us manage.
const maxInterfaces = 4096

// AddInterface takes an interface into use. done is called with the interface
// (InterfaceAdded was sent before) or with the reason; it may be called before
// AddInterface returns.
func (s *Supervisor) AddInterface(cfg InterfaceConfig, done func(*Interface, error)) {
	drvs, err := s.checkAdd(&cfg)
	if err != nil {
		if cfg.Startup { // nobody else hears of it
			s.logAddFailure(cfg.Ifname, err)
		}
		done(nil, err)
		return
	}
	s.pending[cfg.Ifname] = true
	i := newInterface(s, cfg)
	open := func() { s.open(i, drvs, done) }
	if _, ok := s.leaving[cfg.Ifname]; ok {
		s.leaving[cfg.Ifname] = open // at most one waits: the name is pending
		return
	}
	open()
}

// open opens the device of an interface and lists it.
func (s *Supervisor) open(i *Interface, drvs []drivers.Driver, done func(*Interface, error)) {
	var opened opened
	i.worker.Do(func() { opened = i.open(drvs) }, func() {
		delete(s.pending, i.name)
		if opened.err == nil && s.closing {
			opened.err = errors.New("the process is ending")
			i.worker.Do(func() { opened.drv.Close() }, nil)
		}
		if opened.err != nil {
			i.closed = true
			i.closeWorkers()
			s.logAddFailure(i.name, opened.err)
			done(nil, opened.err)
			return
		}
		i.attach(opened)
		s.take(i, done)
	})
}

// take lists an interface whose device is open, if the front ends admit it, and
// lets it start.
func (s *Supervisor) take(i *Interface, done func(*Interface, error)) {
	if s.admit != nil {
		if err := s.admit(i); err != nil {
			i.close()
			s.logAddFailure(i.name, err)
			done(nil, err)
			return
		}
	}
	s.lastID++
	i.id = s.lastID
	s.ifaces = append(s.ifaces, i)
	s.emit(InterfaceAdded{i})
	if s.gate == nil || !i.cfg.Startup {
		i.begin()
		done(i, nil)
		return
	}
	done(i, nil)
	s.gate(i, func() {
		if !i.closed && !i.ready {
			i.begin()
		}
	})
}

// logAddFailure says why an interface could not be added, one line for each
// fault of a configuration file.
func (s *Supervisor) logAddFailure(ifname string, err error) {
	log := s.log.With(logs.KeyIfname, ifname)
	for line := range strings.SplitSeq(err.Error(), "\n") {
		log.Error("Failed to add interface: " + line)
	}
}

// checkAdd refuses what can be refused at once and picks the drivers to try.
func (s *Supervisor) checkAdd(cfg *InterfaceConfig) ([]drivers.Driver, error) {
	switch {
	case s.closing:
		return nil, errors.New("the process is ending")
	case !validIfname(cfg.Ifname):
		return nil, &InvalidError{What: "interface name"}
	case s.pending[cfg.Ifname] || s.InterfaceByName(cfg.Ifname) != nil:
		return nil, ErrInterfaceExists
	case len(s.ifaces)+len(s.pending) >= maxInterfaces:
		return nil, ErrLimit
	}
	if !cfg.Startup {
		if s.opts.OverrideDriver != "" {
			cfg.Driver = s.opts.OverrideDriver
		}
		if s.opts.OverrideCtrl != "" {
			cfg.CtrlInterface = s.opts.OverrideCtrl
		}
	}
	return s.pickDrivers(cfg.Driver)
}

// validIfname applies the kernel's rules (dev_valid_name).
func validIfname(name string) bool {
	return name != "" && len(name) < 16 && name != "." && name != ".." &&
		!strings.ContainsFunc(name, func(r rune) bool { return r == '/' || r == ':' || r <= ' ' || r == 0x7f })
}

// pickDrivers turns the list of -D into drivers. Names that are not ours are
// passed over as long as one is: lists are written for more than one build.
func (s *Supervisor) pickDrivers(list string) ([]drivers.Driver, error) {
	if list == "" {
		return s.opts.Drivers[:1], nil
	}
	var out []drivers.Driver
	for name := range strings.SplitSeq(list, ",") {
		k := slices.IndexFunc(s.opts.Drivers, func(d drivers.Driver) bool { return d.Name() == name })
		if k >= 0 {
			out = append(out, s.opts.Drivers[k])
		}
	}
	if len(out) == 0 {
		return nil, &InvalidError{What: "driver", Err: fmt.Errorf("Unsupported driver '%s'%s", list, whyNoDriver[list])}
	}
	return out, nil
}

// whyNoDriver tells of drivers of the original that people may ask for.
var whyNoDriver = map[string]string{
	"macsec_linux": ": MACsec is not built; 802.1X without it is what -D wired does",
	"macsec_qca":   ": MACsec is not built; 802.1X without it is what -D wired does",
	"roboswitch":   ": ports of this switch are not driven; -D wired does 802.1X on an interface of their own",
}

// RemoveInterface stops managing an interface. Observers hear of it before
// RemoveInterface returns; the device is given back in the background.
func (s *Supervisor) RemoveInterface(i *Interface) error {
	k := slices.Index(s.ifaces, i)
	if k < 0 {
		return ErrUnknownInterface
	}
	s.emit(Terminating{i})
	s.ifaces = slices.Delete(slices.Clone(s.ifaces), k, k+1)
	i.close()
	s.emit(InterfaceRemoved{i})
	return nil
}

// left notes that the device of an interface was given back; the next of its name
// was waiting for that.
func (s *Supervisor) left(name string) {
	next := s.leaving[name]
	delete(s.leaving, name)
	if next != nil {
		next()
	}
}

// radioFor finds or makes the radio of an interface.
func (s *Supervisor) radioFor(name string) *radio {
	if name == "" {
		return &radio{loop: s.loop, users: 1}
	}
	r := s.radios[name]
	if r == nil {
		r = &radio{name: name, loop: s.loop}
		s.radios[name] = r
	}
	r.users++
	return r
}

func (s *Supervisor) releaseRadio(r *radio) {
	if r.users--; r.users == 0 && r.name != "" {
		delete(s.radios, r.name)
	}
}

// Reconfigure reads the configuration of every interface that has a file again
// (SIGHUP). Those that fail keep what they have.
func (s *Supervisor) Reconfigure() error {
	var errs []error
	for _, i := range slices.Clone(s.ifaces) {
		if err := i.Reconfigure(); err != nil && !errors.Is(err, ErrNoConfigFile) {
			errs = append(errs, fmt.Errorf("%s: %w", i.name, err))
		}
	}
	return errors.Join(errs...)
}

// SaveConfig writes the configuration of every interface that allows it.
func (s *Supervisor) SaveConfig() error {
	var errs []error
	saved := false
	for _, i := range s.ifaces {
		if i.conf.Globals.UpdateConfig == 0 {
			continue
		}
		err := i.SaveConfig()
		saved = saved || err == nil
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if !saved {
		return ErrUpdateDisabled
	}
	return nil
}

// Terminate asks the process to end.
func (s *Supervisor) Terminate() {
	if s.opts.OnTerminate != nil {
		s.opts.OnTerminate()
	}
}

// Shutdown removes every interface; observers hear of each.
func (s *Supervisor) Shutdown() {
	s.closing = true
	s.matches.stopAll()
	for len(s.ifaces) > 0 {
		s.RemoveInterface(s.ifaces[len(s.ifaces)-1])
	}
}

// SetDebug changes log settings; nil leaves one as it is.
func (s *Supervisor) SetDebug(level *slog.Level, timestamp, showKeys *bool) {
	h, changed := s.opts.Logs, false
	if level != nil && *level != h.Level() {
		h.SetLevel(*level)
		changed = true
	}
	if timestamp != nil && *timestamp != h.Timestamp() {
		h.SetTimestamp(*timestamp)
		changed = true
	}
	if showKeys != nil && *showKeys != h.ShowKeys() {
		h.SetShowKeys(*showKeys)
		changed = true
	}
	if changed {
		s.emit(DebugChanged{})
	}
}

// Suspend notes that the system goes to sleep.
func (s *Supervisor) Suspend() {
	s.suspended = true
	s.log.Debug("System suspend notification")
}

// Resume notes that the system woke: the state of every device is read anew and
// known networks are looked for at once.
func (s *Supervisor) Resume() {
	s.suspended = false
	s.log.Debug("System resume notification")
	for _, i := range s.ifaces {
		i.resync("resume")
		i.wantScan(0)
	}
}

// LoadConfig reads a configuration file without an interface, to check it.
func LoadConfig(path, extra string) (*conf.Config, error) {
	return conf.Load(path, conf.LoadOptions{Extra: extra})
}

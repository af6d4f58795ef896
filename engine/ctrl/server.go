package ctrl

import (
	"crypto/sha1"
	"fmt"
	"log/slog"
	"os"

	"gosupplicant/engine"
	"gosupplicant/engine/dot11"
	"gosupplicant/engine/logs"
)

// Options of New.
type Options struct {
	GlobalPath  string     // -g: path, or "@abstract:name"; empty for none
	GlobalGroup string     // -G: group of the global socket
	Inherited   []*os.File // sockets of service activation; they serve as global ones. New closes them
	// WaitMonitor keeps the interfaces of the command line from starting before
	// a monitor has attached to their socket (-W).
	WaitMonitor bool
}

// Server is the control front end. All methods belong to the loop.
type Server struct {
	sup     *engine.Supervisor
	opts    Options
	globals []*endpoint
	ifaces  []*watched
	closed  bool
}

// watched is an interface with what the front end keeps for it.
type watched struct {
	*engine.Interface
	ep    *endpoint // nil without control socket
	place string    // ctrl_interface value that ep was made from
	uuid  [16]byte  // of the device, unless the configuration has another
	gate  func()    // lets the interface start (WaitMonitor), or nil
}

// New makes the front end, opens the global socket and begins to observe. It may
// be called before the loop runs, and is before any interface is added. The error tells which socket could not be made.
func New(sup *engine.Supervisor, o Options) (*Server, error) {
	s := &Server{sup: sup, opts: o}
	for k, f := range o.Inherited {
		sock, err := inherited(f)
		f.Close()
		if err != nil {
			for _, rest := range o.Inherited[k+1:] {
				rest.Close()
			}
			s.Close()
			return nil, fmt.Errorf("ctrl: %w", err)
		}
		s.addGlobal(sock)
	}
	s.opts.Inherited = nil
	if o.GlobalPath != "" && !s.serves(o.GlobalPath) {
		sock, err := listenGlobal(o.GlobalPath, o.GlobalGroup)
		if err != nil {
			s.Close()
			return nil, fmt.Errorf("ctrl: %w", err)
		}
		s.addGlobal(sock)
	}
	if o.WaitMonitor {
		sup.SetGate(s.hold)
	}
	sup.SetAdmission(s.admitted)
	sup.Observe(s.observe)
	return s, nil
}

// serves reports whether a socket bound to path was inherited.
func (s *Server) serves(path string) bool {
	for _, ep := range s.globals {
		if ep.sock.conn.LocalAddr().String() == path {
			return true
		}
	}
	return false
}

func (s *Server) addGlobal(sock *socket) {
	ep := &endpoint{srv: s, sock: sock}
	s.globals = append(s.globals, ep)
	s.serve(ep)
}

// serve starts the reader of an endpoint.
func (s *Server) serve(ep *endpoint) {
	startReader(ep.sock.conn, s.sup.Loop().Call, func(msg, from string) {
		if !ep.sock.closed {
			s.handle(ep, msg, from)
		}
	})
}

// Close closes every socket and stops observing.
func (s *Server) Close() {
	s.closed = true
	for _, ep := range s.globals {
		ep.close()
	}
	for _, w := range s.ifaces {
		s.closeEndpoint(w)
	}
	s.globals, s.ifaces = nil, nil
	s.tune()
}

func (s *Server) find(i *engine.Interface) *watched {
	for _, w := range s.ifaces {
		if w.Interface == i {
			return w
		}
	}
	return nil
}

// admitted opens the control socket of a new interface. One that cannot have its
// socket is not managed: most often another process manages it.
func (s *Server) admitted(i *engine.Interface) error {
	if s.closed {
		return nil
	}
	w := &watched{Interface: i, uuid: uuidOf(i, s.ifaces)}
	if err := s.open(w); err != nil {
		return err
	}
	s.ifaces = append(s.ifaces, w)
	return nil
}

// open makes the socket of an interface, if it is to have one.
func (s *Server) open(w *watched) error {
	w.place = w.CtrlInterface()
	if w.place == "" {
		return nil
	}
	p, err := parsePlace(w.place, w.Config().Globals.CtrlInterfaceGroup.String())
	if err != nil {
		return err
	}
	sock, err := listenInterface(p, w.Name())
	if err != nil {
		return err
	}
	w.ep = &endpoint{srv: s, sock: sock, iface: w}
	s.serve(w.ep)
	return nil
}

func (s *Server) closeEndpoint(w *watched) {
	if w.ep != nil {
		w.ep.close()
		w.ep = nil
	}
}

// reopen moves the socket of an interface; on failure it has none.
func (s *Server) reopen(w *watched) {
	s.closeEndpoint(w)
	if err := s.open(w); err != nil {
		w.Log().Error("Failed to initialize control interface", "err", err)
	}
}

func (s *Server) removed(i *engine.Interface) {
	for k, w := range s.ifaces {
		if w.Interface == i {
			s.closeEndpoint(w)
			s.ifaces = append(append([]*watched(nil), s.ifaces[:k]...), s.ifaces[k+1:]...)
			return
		}
	}
}

// hold keeps an interface waiting for a monitor.
func (s *Server) hold(i *engine.Interface, start func()) {
	w := s.find(i)
	if w == nil || w.ep == nil || len(w.ep.monitors) > 0 {
		start()
		return
	}
	w.gate = start
}

// observe hears every event of the engine.
func (s *Server) observe(ev engine.Event) {
	if s.closed {
		return
	}
	switch e := ev.(type) {
	case engine.InterfaceRemoved:
		s.removed(e.Iface)
	case engine.InterfaceRenamed:
		if w := s.find(e.Iface); w != nil && w.ep != nil {
			s.reopen(w)
		}
	case engine.Reconfigured:
		if w := s.find(e.Iface); w != nil && w.place != w.CtrlInterface() {
			s.reopen(w)
		}
	case engine.EAPReport:
		for _, l := range linesOfEAP(e) {
			s.publish(l)
		}
	default:
		if l, ok := lineOf(ev); ok {
			s.publish(l)
		}
	}
}

// publish sends a line to the monitors and, where it belongs there, to the log.
func (s *Server) publish(l line) {
	if l.log {
		attrs := []slog.Attr{logs.Quiet()}
		if l.iface != nil {
			attrs = append(attrs, slog.String(logs.KeyIfname, l.iface.Name()))
		}
		logs.Log(s.sup.Log(), l.level, printable(l.text), attrs...)
	}
	s.tell(l.iface, l.level, l.text)
}

// tell sends text to the monitors of an interface (nil: none) and to global ones.
func (s *Server) tell(i *engine.Interface, level slog.Level, text string) {
	msg := fmt.Sprintf("<%d>%s", logs.Number(level), text)
	if i != nil {
		if w := s.find(i); w != nil && w.ep != nil {
			w.ep.tell(level, msg)
		}
		msg = "IFNAME=" + i.Name() + " " + msg
	}
	for _, ep := range s.globals {
		ep.tell(level, msg)
	}
}

// tune tells the log hub which free text monitors want.
func (s *Server) tune() {
	lowest, any := logs.LevelError, false
	look := func(ep *endpoint) {
		for _, m := range ep.monitors {
			lowest, any = min(lowest, m.level), true
		}
	}
	for _, ep := range s.globals {
		look(ep)
	}
	for _, w := range s.ifaces {
		if w.ep != nil {
			look(w.ep)
		}
	}
	if !any {
		s.sup.Logs().SetMonitor(logs.LevelError+1, nil)
		return
	}
	s.sup.Logs().SetMonitor(lowest, s.freeText)
}

// freeText hears log lines in interface context, on any goroutine.
func (s *Server) freeText(e logs.Entry) {
	if e.Ifname == "" {
		return
	}
	s.sup.Loop().Post(func() {
		if i := s.sup.InterfaceByName(e.Ifname); i != nil && !s.closed {
			s.tell(i, e.Level, e.Text)
		}
	})
}

// uuidSpace is the name space of identifiers made from addresses.
var uuidSpace = [16]byte{0x52, 0x64, 0x80, 0xf8, 0xc9, 0x9b, 0x4b, 0xe5, 0xa6, 0x55, 0x58, 0xed, 0x5f, 0x5d, 0x60, 0x84}

// device is the device identifier that STATUS shows: the configured one, which
// can be set at any time, else what uuidOf found.
func (w *watched) device() [16]byte {
	if u := [16]byte(w.Config().Globals.UUID); u != ([16]byte{}) {
		return u
	}
	return w.uuid
}

// uuidOf is the device identifier of an interface that has none configured: that
// of another interface, else made from the address (RFC 4122, 4.3, with SHA-1).
func uuidOf(i *engine.Interface, others []*watched) [16]byte {
	if len(others) > 0 {
		return others[0].device()
	}
	mac := i.MACAddress()
	return uuidFromMAC(mac)
}

func uuidFromMAC(mac dot11.MAC) [16]byte {
	sum := sha1.Sum(append(uuidSpace[:], mac[:]...))
	u := [16]byte(sum[:16])
	u[6] = u[6]&0x0f | 5<<4
	u[8] = u[8]&0x3f | 0x80
	return u
}

package dbus

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"gosupplicant/dbus/bus"
	"gosupplicant/engine"
	"gosupplicant/engine/logs"
	"gosupplicant/engine/loop"
)

// Name is the well-known name of the service.
const Name = service

const (
	// maxHeld bounds the calls of one client that wait behind a slow one.
	maxHeld = 1024
	// maxNetworks and maxCreds bound what callers can store in an interface;
	// the engine has a limit of its own for blobs.
	maxNetworks = 1000
	maxCreds    = 1000
	// queueSize is what waits for the bus to read: the signals of a scan that
	// found tens of thousands of BSSs.
	queueSize = 64 << 20
)

// Options are the choices of New.
type Options struct {
	// Log receives what a user should know; nil is the supervisor's logger.
	Log *slog.Logger
}

// Server is the service. Its unexported state belongs to the loop.
type Server struct {
	sup  *engine.Supervisor
	loop loop.Loop
	opt  Options
	log  *slog.Logger

	conn    *bus.Conn // nil while there is no bus
	held    map[string][]*bus.Call
	changes changes
	flushed bool // a flush at the end of the turn is arranged
	debug   debugState
	machine string // the machine id, for Peer.GetMachineId
	intro   introspections
}

// New makes the service for a supervisor. Call it on the loop, or before the
// loop runs; it registers itself as an observer.
func New(sup *engine.Supervisor, opt Options) *Server {
	s := &Server{sup: sup, loop: sup.Loop(), opt: opt, log: opt.Log, held: map[string][]*bus.Call{}, machine: machineID()}
	if s.log == nil {
		s.log = sup.Log()
	}
	s.changes.init()
	s.debug = s.debugNow()
	sup.Observe(s.observe)
	return s
}

// BusOptions returns what bus.Dial needs to connect for this service.
func (s *Server) BusOptions() bus.Options {
	return bus.Options{Name: Name, MaxQueue: queueSize, Log: s.log}
}

// Run keeps the service on the bus at address ("" is the system bus) until ctx
// ends, connecting again whenever the bus comes back. first is a connection
// made before with BusOptions, or nil. It blocks and must not run on the loop.
func (s *Server) Run(ctx context.Context, address string, first *bus.Conn) {
	bus.Supervise(ctx, bus.Supervisor{Address: address, Options: s.BusOptions(), First: first}, s)
}

// Up implements bus.Owner.
func (s *Server) Up(conn *bus.Conn) {
	s.loop.Call(func() {
		s.conn = conn
		s.changes.clear()
	})
}

// Down implements bus.Owner. Calls that were held are gone with their callers.
func (s *Server) Down(error) {
	s.loop.Call(func() {
		s.conn = nil
		s.changes.clear()
		clear(s.held)
	})
}

// Batch implements bus.Owner: one turn of the loop for everything that one
// read brought. It returns when the loop has worked through it, so that a
// flood of calls is held back by the bus.
func (s *Server) Batch(conn *bus.Conn, events []bus.Event) {
	s.loop.Call(func() {
		for _, ev := range events {
			switch ev := ev.(type) {
			case *bus.Call:
				s.arrived(conn, ev)
			case *bus.Answer:
				ev.Deliver()
			case *bus.NameLost:
				s.log.Error("dbus: the name was taken away", "name", ev.Name)
				conn.Close()
			}
		}
		conn.Flush()
	})
}

// arrived runs a call, or holds it behind a slow one of the same client.
func (s *Server) arrived(conn *bus.Conn, call *bus.Call) {
	held, waits := s.held[call.Sender]
	switch {
	case !waits:
		s.handle(conn, call)
	case len(held) >= maxHeld:
		s.sendError(conn, call, wire(nameLimitsExceeded, "Too many calls wait for an answer."))
	default:
		s.held[call.Sender] = append(held, call)
	}
}

// release runs the calls that were held behind one that is answered now.
func (s *Server) release(conn *bus.Conn, sender string) {
	for len(s.held[sender]) > 0 {
		call := s.held[sender][0]
		s.held[sender] = s.held[sender][1:]
		if s.handle(conn, call) == errLater {
			return // its finish goes on
		}
	}
	delete(s.held, sender)
}

// request is one method call on an object that exists.
type request struct {
	s    *Server
	conn *bus.Conn
	call *bus.Call
	obj  object
	args []any
}

// finish answers a request whose handler returned errLater.
func (r *request) finish(out []any, err error) {
	s := r.s
	if s.conn != r.conn {
		return // the caller went with its bus
	}
	s.answer(r.conn, r.call, out, err)
	s.release(r.conn, r.call.Sender)
	s.flushSoon()
}

// handle runs one call and answers it, unless it returns errLater.
func (s *Server) handle(conn *bus.Conn, call *bus.Call) error {
	if ctx := context.Background(); s.log.Enabled(ctx, logs.LevelMsgDump) {
		s.log.Log(ctx, logs.LevelMsgDump, "dbus: "+call.String())
	}
	out, err := s.dispatch(conn, call)
	if err == errLater {
		if _, ok := s.held[call.Sender]; !ok {
			s.held[call.Sender] = nil
		}
		return err
	}
	s.answer(conn, call, out, err)
	return nil
}

// answer queues the reply, and behind it every property change there is.
func (s *Server) answer(conn *bus.Conn, call *bus.Call, out []any, err error) {
	if err == nil {
		err = reply(conn, call, out)
		if err != nil && conn.Err() == nil && !call.Answered() {
			s.log.Error("dbus: a reply cannot be sent", "call", call.String(), "err", err)
			err = failed("Failed to build the reply")
		} else {
			err = nil
		}
	}
	if err != nil {
		s.sendError(conn, call, toWire(err, nil))
	}
	s.flushChanges()
}

// encoded is a reply whose body was encoded before.
type encoded struct {
	sig  bus.Signature
	body []byte
}

func reply(conn *bus.Conn, call *bus.Call, out []any) error {
	if len(out) == 1 {
		if e, ok := out[0].(encoded); ok {
			return conn.ReplyRaw(call, e.sig, e.body)
		}
	}
	return conn.Reply(call, out...)
}

func (s *Server) sendError(conn *bus.Conn, call *bus.Call, w *wireError) {
	s.log.Debug("dbus: refused", "call", call.String(), "error", w.Error())
	if err := conn.Error(call, w.name, w.texts...); err != nil && conn.Err() == nil {
		s.log.Error("dbus: an error reply cannot be sent", "call", call.String(), "err", err)
	}
}

// flushSoon offers what this turn queued to the socket when the turn ends.
func (s *Server) flushSoon() {
	if s.flushed {
		return
	}
	s.flushed = true
	s.loop.Soon(func() {
		s.flushed = false
		if s.conn != nil {
			s.conn.Flush()
		}
	})
}

// emit queues a signal of an object.
func (s *Server) emit(path bus.ObjectPath, iface, member string, values ...any) {
	if s.conn == nil {
		return
	}
	if err := s.conn.Emit(path, iface, member, values...); err != nil && s.conn.Err() == nil {
		s.log.Error("dbus: a signal cannot be sent", "path", path, "signal", iface+"."+member, "err", err)
	}
	s.flushSoon()
}

// guard turns a panic of a handler into a reply: the last resort.
func (s *Server) guard(call *bus.Call, err *error) {
	if p := recover(); p != nil {
		s.log.Error("dbus: handler failed", "call", call.String(), "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
		*err = failed("Internal error")
	}
}

// foldFor is how long property changes are folded.
const foldFor = 5 * time.Millisecond

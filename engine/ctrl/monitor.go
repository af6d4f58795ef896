package ctrl

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"gosupplicant/engine/logs"
	"gosupplicant/engine/loop"
)

// Bounds of monitors.
const (
	maxMonitors  = 256 // per socket
	maxQueued    = 2000
	maxErrors    = 10 // in a row
	firstRetry   = 20 * time.Millisecond
	lastRetry    = time.Second
	monitorGrace = 30 * time.Second // without taking anything
)

// monitor is a client that wants events.
type monitor struct {
	endpoint *endpoint
	addr     string
	level    slog.Level
	queue    []string
	errors   int // sends refused in a row
	stuck    time.Time
	retry    *loop.Timer
	wait     time.Duration // until the next retry
}

// send delivers text, behind what waits already.
func (m *monitor) send(text string) {
	if m.endpoint == nil {
		return
	}
	if len(m.queue) > 0 {
		m.enqueue(text)
		return
	}
	m.try(text)
}

// try sends and reports whether text is done with: sent, or refused for good.
func (m *monitor) try(text string) (done bool) {
	err := m.endpoint.sock.send(m.addr, text)
	switch {
	case err == nil:
		m.errors, m.wait, m.stuck = 0, 0, time.Time{}
		return true
	case errors.Is(err, errPeerGone):
		m.drop("it is gone")
		return true
	case errors.Is(err, errFull):
		if len(m.queue) == 0 {
			m.enqueue(text)
		}
		return false
	}
	m.failed(err)
	return true
}

func (m *monitor) failed(err error) {
	if m.errors++; m.errors > maxErrors {
		m.drop(fmt.Sprintf("it cannot be reached: %v", err))
	}
}

// enqueue keeps text for later; what finds the queue full is lost.
func (m *monitor) enqueue(text string) {
	if m.endpoint == nil {
		return
	}
	if len(m.queue) >= maxQueued {
		m.failed(errFull)
		return
	}
	m.queue = append(m.queue, text)
	if !m.retry.Pending() {
		m.later()
	}
}

// later plans the next attempt. The pauses grow while nothing is taken, so that
// a stopped client costs next to nothing, and end with its removal.
func (m *monitor) later() {
	l := m.endpoint.srv.sup.Loop()
	if m.stuck.IsZero() {
		m.stuck = l.Now()
	} else if l.Now().Sub(m.stuck) >= monitorGrace {
		m.drop("it does not read")
		return
	}
	m.wait = min(max(2*m.wait, firstRetry), lastRetry)
	m.retry = l.After(m.wait, "control monitor", m.flush)
}

// flush sends what waits as far as it is taken.
func (m *monitor) flush() {
	for m.endpoint != nil && len(m.queue) > 0 {
		if !m.try(m.queue[0]) {
			m.later()
			return
		}
		if m.endpoint != nil {
			m.queue = m.queue[1:]
		}
	}
	m.queue = nil
}

// drop forgets the monitor.
func (m *monitor) drop(why string) {
	ep := m.endpoint
	if ep == nil {
		return
	}
	ep.remove(m)
	ep.log().Debug("Control monitor dropped", "why", why)
}

// endpoint is a socket with its monitors: of one interface, or global.
type endpoint struct {
	srv      *Server
	sock     *socket
	iface    *watched // nil for the global one
	monitors []*monitor
}

func (ep *endpoint) log() *slog.Logger {
	if ep.iface != nil {
		return ep.iface.Log()
	}
	return ep.srv.sup.Log()
}

func (ep *endpoint) find(addr string) *monitor {
	for _, m := range ep.monitors {
		if m.addr == addr {
			return m
		}
	}
	return nil
}

// attach makes the client at addr a monitor; one that is there already stays.
func (ep *endpoint) attach(addr string) bool {
	if addr == "" || len(ep.monitors) >= maxMonitors {
		return false
	}
	if ep.find(addr) == nil {
		ep.monitors = append(ep.monitors, &monitor{endpoint: ep, addr: addr, level: logs.LevelInfo})
		ep.srv.tune()
	}
	return true
}

func (ep *endpoint) detach(addr string) bool {
	m := ep.find(addr)
	if m == nil {
		return false
	}
	ep.remove(m)
	return true
}

func (ep *endpoint) setLevel(addr string, level slog.Level) bool {
	m := ep.find(addr)
	if m == nil {
		return false
	}
	m.level = level
	ep.srv.tune()
	return true
}

func (ep *endpoint) remove(m *monitor) {
	m.retry.Stop()
	m.endpoint, m.queue = nil, nil
	for k, other := range ep.monitors {
		if other == m {
			rest := make([]*monitor, 0, len(ep.monitors)-1)
			ep.monitors = append(append(rest, ep.monitors[:k]...), ep.monitors[k+1:]...)
			break
		}
	}
	ep.srv.tune()
}

// tell sends an event to the monitors that want its level.
func (ep *endpoint) tell(level slog.Level, text string) {
	for _, m := range ep.monitors {
		if level >= m.level {
			m.send(text)
		}
	}
}

// close drops the monitors and the socket.
func (ep *endpoint) close() {
	for len(ep.monitors) > 0 {
		ep.remove(ep.monitors[0])
	}
	ep.sock.close()
}

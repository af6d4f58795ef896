package bus

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"syscall"
)

const (
	defaultMaxQueue = 16 << 20
	maxIncoming     = 1 << 20   // bytes of one message
	eagerWrite      = 64 << 10  // queued bytes that are offered to the socket without Flush
	keepQueue       = 128 << 10 // capacity kept when the queue is empty
	maxPending      = 1024      // calls of ours that await an answer

	busName  = "org.freedesktop.DBus"
	busPath  = ObjectPath("/org/freedesktop/DBus")
	busIface = busName
)

// Options are the choices of [Dial]. The zero value is usable.
type Options struct {
	// Name is the well-known name to own, "" for none. Dial fails with
	// ErrNameTaken unless the connection becomes its primary owner.
	Name string
	// MaxQueue bounds the bytes that wait for the bus to read; 0 means 16 MiB.
	MaxQueue int
	// Log receives what a user should know; nil discards it.
	Log *slog.Logger
}

// Conn is a connection to a message bus. Its methods may be called from any
// goroutine; the order of messages is then that of the calls.
type Conn struct {
	sock *net.UnixConn
	raw  syscall.RawConn
	opt  Options
	log  *slog.Logger
	name string
	in   reader
	held []Event // came in before Run

	mu       sync.Mutex
	out      []byte // encoded messages that the socket did not get yet
	inFlight int    // bytes the drain goroutine holds
	draining bool
	err      error // why the connection ended
	serial   uint32
	pending  map[uint32]func(*Answer) Event
	watched  map[string]int
	matches  map[string]int
}

// Name returns our unique name (":1.42").
func (c *Conn) Name() string { return c.name }

// Run reads until the connection ends and returns why. Each batch holds, in
// order of arrival, all events that one read brought; it belongs to the
// handler. While the handler runs nothing is read, and the bus holds back
// what others send: a handler that waits until its batch is done keeps the
// memory of the process bounded. The last batch fails all open calls.
func (c *Conn) Run(handler func(batch []Event)) error {
	batch := c.held
	c.held = nil
	var err error
	for {
		if len(batch) > 0 {
			handler(batch)
		}
		batch, err = c.read()
		if err != nil {
			break
		}
	}
	if len(batch) > 0 {
		handler(batch)
	}
	err = c.shut(readCause(err))
	if batch = c.failPending(err); len(batch) > 0 {
		handler(batch)
	}
	return err
}

func readCause(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) {
		return errors.New("bus: the bus closed the connection")
	}
	return err
}

// read waits for bytes and returns the events in them, together with an error
// when the stream has ended.
func (c *Conn) read() ([]Event, error) {
	if err := c.in.fill(c.sock); err != nil {
		return nil, err
	}
	var batch []Event
	for {
		p, frame, whole, err := c.in.next()
		if err != nil {
			c.log.Error("bus: stream is broken", "err", err)
			return batch, err
		}
		if frame == "" {
			return batch, nil
		}
		if ev := c.event(p, frame, whole); ev != nil {
			batch = append(batch, ev)
		}
	}
}

// Close sends what the socket takes at once and closes the connection. Run
// then returns ErrClosed.
func (c *Conn) Close() {
	c.Flush()
	c.shut(ErrClosed)
}

// Err returns why the connection ended, nil while it stands.
func (c *Conn) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// shut ends the connection and returns the first cause it ended for.
func (c *Conn) shut(cause error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.shutLocked(cause)
}

func (c *Conn) shutLocked(cause error) error {
	if c.err == nil {
		c.err = cause
		c.out = nil
		c.sock.Close()
	}
	return c.err
}

func (c *Conn) failPending(err error) []Event {
	c.mu.Lock()
	pending := c.pending
	c.pending = nil
	c.mu.Unlock()
	var batch []Event
	for _, f := range pending {
		if ev := f(&Answer{Err: err}); ev != nil {
			batch = append(batch, ev)
		}
	}
	return batch
}

// send queues one message and returns its serial number.
func (c *Conn) send(o *outgoing, p *payload) (uint32, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sendLocked(o, p)
}

func (c *Conn) sendLocked(o *outgoing, p *payload) (uint32, error) {
	if c.err != nil {
		return 0, c.err
	}
	if c.serial++; c.serial == 0 {
		c.serial = 1
	}
	o.serial = c.serial
	out, err := appendMessage(c.out, o, p)
	c.out = out
	if err != nil {
		return 0, err
	}
	if len(c.out) >= eagerWrite {
		c.flushLocked()
	}
	if c.err == nil && len(c.out)+c.inFlight > c.opt.MaxQueue {
		c.log.Error("bus: dropping the connection: the bus does not read", "queued", len(c.out)+c.inFlight)
		return 0, c.shutLocked(ErrQueueFull)
	}
	return o.serial, c.err
}

// Flush offers all queued messages to the socket in one write. It does not
// wait; what the socket does not take follows when it can.
func (c *Conn) Flush() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.flushLocked()
}

func (c *Conn) flushLocked() {
	if c.draining || len(c.out) == 0 || c.err != nil {
		return
	}
	n, err := c.writeNow(c.out)
	if err != nil {
		c.shutLocked(fmt.Errorf("bus: writing: %w", err))
		return
	}
	if n == len(c.out) {
		c.out = c.out[:0]
		if cap(c.out) > keepQueue {
			c.out = nil
		}
		return
	}
	rest := c.out[n:]
	c.out = nil
	c.inFlight = len(rest)
	c.draining = true
	go c.drain(rest)
}

// writeNow writes what the socket takes without waiting. The lock is held and
// no drain is running, so that the descriptor's write side is free.
func (c *Conn) writeNow(b []byte) (n int, err error) {
	werr := c.raw.Write(func(fd uintptr) bool {
		for {
			n, err = syscall.Write(int(fd), b)
			if err != syscall.EINTR {
				return true
			}
		}
	})
	if werr != nil {
		return 0, werr
	}
	if err == syscall.EAGAIN {
		return 0, nil
	}
	return max(n, 0), err
}

// drain writes for as long as there is something to write, waiting for the
// socket. While it runs, no one else writes.
func (c *Conn) drain(b []byte) {
	for {
		_, err := c.sock.Write(b)
		c.mu.Lock()
		if err != nil {
			c.shutLocked(fmt.Errorf("bus: writing: %w", err))
		}
		c.inFlight = 0
		if c.err != nil || len(c.out) == 0 {
			c.draining = false
			c.mu.Unlock()
			return
		}
		b, c.out = c.out, nil
		c.inFlight = len(b)
		c.mu.Unlock()
	}
}

// Queued returns the bytes that wait for the bus to read them.
func (c *Conn) Queued() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.out) + c.inFlight
}

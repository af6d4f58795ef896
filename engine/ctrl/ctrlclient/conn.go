package ctrlclient

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Limits of a Conn.
const (
	DefaultDir     = "/tmp"           // own sockets
	DefaultTimeout = 10 * time.Second // of a request
	maxReply       = 64 << 10         // bytes of one datagram; more is cut
	maxEvents      = 4096             // waiting in the Conn; later ones are counted and dropped
)

// ErrTimeout is in the chain of a request's error when no reply came in time.
var ErrTimeout = errors.New("no reply in time")

// ErrClosed is in the chain when the Conn was closed or had failed before.
var ErrClosed = errors.New("connection closed")

// Options of Dial. The zero value is ready.
type Options struct {
	Dir string // folder of the client's own socket; DefaultDir if empty
}

// Conn is a connection to one control socket. Methods may be called from any
// goroutine.
type Conn struct {
	conn  *net.UnixConn
	own   string // path of the own socket
	abort chan struct{}

	request sync.Mutex // held while a request is under way
	replies chan string

	mu       sync.Mutex
	err      error // why the Conn is unusable
	events   []Event
	dropped  int
	attached bool
	ready    chan struct{} // capacity 1: there is something in events, or err is set
}

// counter makes the names of this process's sockets differ.
var counter atomic.Uint32

// Dial connects to the socket at path; "@abstract:name" and "@name" are names
// of the abstract name space. The daemon need not answer: the error tells only
// whether the socket is there, accepts, and the own one could be made.
func Dial(path string, o Options) (*Conn, error) {
	dir := o.Dir
	if dir == "" {
		dir = DefaultDir
	}
	local, err := ownPath(dir)
	if err != nil {
		return nil, fmt.Errorf("ctrlclient: %w", err)
	}
	remote := net.UnixAddr{Name: remoteName(path), Net: "unixgram"}
	uc, err := net.DialUnix("unixgram", &net.UnixAddr{Name: local, Net: "unixgram"}, &remote)
	if err != nil {
		os.Remove(local)
		return nil, fmt.Errorf("ctrlclient: connect to %s: %w", path, err)
	}
	// The daemon may run as another user and must be able to answer.
	if err := os.Chmod(local, 0o777); err != nil {
		uc.Close()
		os.Remove(local)
		return nil, fmt.Errorf("ctrlclient: own socket: %w", err)
	}
	c := &Conn{
		conn: uc, own: local, abort: make(chan struct{}),
		replies: make(chan string, 1), ready: make(chan struct{}, 1),
	}
	go c.read()
	return c, nil
}

// remoteName turns an abstract name into the net package's form. The daemons of
// this protocol bind the whole address: the name is filled up with zero bytes,
// which count.
func remoteName(path string) string {
	name, ok := strings.CutPrefix(path, "@abstract:")
	if !ok {
		name, ok = strings.CutPrefix(path, "@")
	}
	if !ok {
		return path
	}
	const addressLen = 108 // of sun_path
	return "@" + name + strings.Repeat("\x00", max(addressLen-1-len(name), 0))
}

// ownPath finds a free name; a file left by a dead process of the same id is
// taken away.
func ownPath(dir string) (string, error) {
	for range 100 {
		p := filepath.Join(dir, fmt.Sprintf("wpa_ctrl_%d-%d", os.Getpid(), counter.Add(1)))
		st, err := os.Lstat(p)
		switch {
		case errors.Is(err, os.ErrNotExist):
			return p, nil
		case err != nil:
			return "", fmt.Errorf("own socket: %w", err)
		case st.Mode().Type() == os.ModeSocket && os.Remove(p) == nil:
			return p, nil
		}
	}
	return "", fmt.Errorf("own socket: no free name in %s", dir)
}

func (c *Conn) read() {
	buf := make([]byte, maxReply)
	for {
		n, err := c.conn.Read(buf)
		if err != nil {
			c.fail(err)
			return
		}
		msg := string(buf[:n])
		if e, ok := ParseEvent(msg); ok {
			c.queue(e)
			continue
		}
		select {
		case c.replies <- msg:
		default: // nobody asked
		}
	}
}

func (c *Conn) queue(e Event) {
	c.mu.Lock()
	if len(c.events) < maxEvents {
		c.events = append(c.events, e)
	} else {
		c.dropped++
	}
	c.mu.Unlock()
	c.wake()
}

func (c *Conn) wake() {
	select {
	case c.ready <- struct{}{}:
	default:
	}
}

// fail makes the Conn unusable.
func (c *Conn) fail(err error) {
	c.mu.Lock()
	if c.err == nil {
		c.err = err
		close(c.abort)
	}
	c.mu.Unlock()
	c.wake()
}

func (c *Conn) failure() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// Request sends cmd and waits for the reply, which is returned as it came, at
// most timeout (DefaultTimeout if not positive). Events that arrive meanwhile
// are kept for Events. Errors have ErrTimeout, ErrClosed or the system's error
// in their chain; all of them make the Conn unusable.
func (c *Conn) Request(cmd string, timeout time.Duration) (string, error) {
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	c.request.Lock()
	defer c.request.Unlock()
	if c.failure() != nil {
		return "", fmt.Errorf("ctrlclient: request: %w", ErrClosed)
	}
	select {
	case <-c.replies: // unasked
	default:
	}
	if err := c.send(cmd, timeout); err != nil {
		c.fail(err)
		return "", fmt.Errorf("ctrlclient: send request: %w", err)
	}
	t := time.NewTimer(timeout)
	defer t.Stop()
	select {
	case r := <-c.replies:
		return r, nil
	case <-c.abort:
		return "", fmt.Errorf("ctrlclient: wait for reply: %w (%v)", ErrClosed, c.failure())
	case <-t.C:
		c.fail(ErrTimeout)
		return "", fmt.Errorf("ctrlclient: wait for reply: %w", ErrTimeout)
	}
}

// send writes the datagram, waiting for room in the daemon's queue.
func (c *Conn) send(cmd string, timeout time.Duration) error {
	if err := c.conn.SetWriteDeadline(time.Now().Add(timeout)); err != nil {
		return err
	}
	_, err := c.conn.Write([]byte(cmd))
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return ErrTimeout
	}
	return err
}

// Attach asks for events; Detach ends that.
func (c *Conn) Attach() error { return c.setAttached("ATTACH", true) }

// Detach tells the daemon that no more events are wanted.
func (c *Conn) Detach() error { return c.setAttached("DETACH", false) }

func (c *Conn) setAttached(cmd string, attached bool) error {
	r, err := c.Request(cmd, 0)
	if err != nil {
		return err
	}
	if r != "OK\n" {
		return fmt.Errorf("ctrlclient: %s answered %.40q", cmd, r)
	}
	c.mu.Lock()
	c.attached = attached
	c.mu.Unlock()
	return nil
}

// Ready receives a value when Events has something to return or the Conn
// failed.
func (c *Conn) Ready() <-chan struct{} { return c.ready }

// Events takes the events received so far. The error, when not nil, tells that
// none will follow: it has ErrClosed in its chain.
func (c *Conn) Events() ([]Event, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := c.events
	c.events = nil
	if c.err != nil {
		return out, fmt.Errorf("ctrlclient: events: %w (%v)", ErrClosed, c.err)
	}
	return out, nil
}

// Next waits for one event, at most timeout.
func (c *Conn) Next(timeout time.Duration) (Event, error) {
	t := time.NewTimer(timeout)
	defer t.Stop()
	for {
		c.mu.Lock()
		if len(c.events) > 0 {
			e := c.events[0]
			c.events = c.events[1:]
			c.mu.Unlock()
			return e, nil
		}
		err := c.err
		c.mu.Unlock()
		if err != nil {
			return Event{}, fmt.Errorf("ctrlclient: event: %w (%v)", ErrClosed, err)
		}
		select {
		case <-c.ready:
		case <-t.C:
			return Event{}, fmt.Errorf("ctrlclient: event: %w", ErrTimeout)
		}
	}
}

// Dropped counts the events that found the queue full.
func (c *Conn) Dropped() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.dropped
}

// goodbye is how long Close may wait for room to say that no more events are
// wanted.
const goodbye = 100 * time.Millisecond

// Close ends the Conn, telling the daemon if it was attached, and removes its
// socket file.
func (c *Conn) Close() error {
	c.fail(ErrClosed)
	c.mu.Lock()
	attached := c.attached
	c.attached = false
	c.mu.Unlock()
	if attached {
		c.send("DETACH", goodbye) // the daemon finds out by itself otherwise
	}
	err := c.conn.Close()
	if rm := os.Remove(c.own); rm != nil && !errors.Is(rm, syscall.ENOENT) && err == nil {
		err = rm
	}
	return err
}

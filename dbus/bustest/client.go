package bustest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"gosupplicant/dbus/bus"
)

// Client is a peer on a [Bus]. It keeps every reply and signal it received in
// order of arrival.
type Client struct {
	t    testing.TB
	conn *bus.Conn
	done chan struct{}

	mu      sync.Mutex
	changed chan struct{} // closed and replaced when something arrived
	seen    []Arrival
	calls   []*bus.Call
}

// Arrival is a reply to one of the client's calls, or a signal.
type Arrival struct {
	Call   uint32      // serial number of the call answered, 0 for a signal
	Answer *bus.Answer // nil for a signal
	Signal *bus.Signal // nil for a reply
}

// Connect makes a client that leaves the bus when the test ends.
func (b *Bus) Connect() *Client {
	b.t.Helper()
	return b.ConnectAs("")
}

// ConnectAs makes a client that owns a name.
func (b *Bus) ConnectAs(name string) *Client {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	conn, err := bus.Dial(ctx, b.Address(), bus.Options{Name: name})
	if err != nil {
		b.t.Fatal(err)
	}
	c := &Client{t: b.t, conn: conn, done: make(chan struct{}), changed: make(chan struct{})}
	go func() {
		defer close(c.done)
		conn.Run(c.batch)
	}()
	b.t.Cleanup(c.Close)
	return c
}

// Close leaves the bus.
func (c *Client) Close() {
	c.conn.Close()
	<-c.done
}

// Name is the client's unique name.
func (c *Client) Name() string { return c.conn.Name() }

// Conn is the connection, for calls this type does not wrap.
func (c *Client) Conn() *bus.Conn { return c.conn }

func (c *Client) batch(events []bus.Event) {
	for _, ev := range events {
		switch ev := ev.(type) {
		case *bus.Answer:
			ev.Deliver()
		case *bus.Signal:
			c.arrived(Arrival{Signal: ev})
		case *bus.Call:
			c.mu.Lock()
			c.calls = append(c.calls, ev)
			c.mu.Unlock()
			c.arrived(Arrival{})
		}
	}
}

func (c *Client) arrived(a Arrival) {
	c.mu.Lock()
	if a.Answer != nil || a.Signal != nil {
		c.seen = append(c.seen, a)
	}
	close(c.changed)
	c.changed = make(chan struct{})
	c.mu.Unlock()
}

// Listen asks for the signals of a match rule and waits until the bus has it.
func (c *Client) Listen(rule string) {
	c.t.Helper()
	if err := c.conn.AddMatch(rule); err != nil {
		c.t.Fatal(err)
	}
	c.Sync()
}

// Sync waits until the bus has dealt with all that this client sent to it, and
// has passed on all that reached it before.
func (c *Client) Sync() {
	c.t.Helper()
	if _, err := c.Call(bus.Target{
		Dest: "org.freedesktop.DBus", Path: "/org/freedesktop/DBus",
		Interface: "org.freedesktop.DBus.Peer", Member: "Ping",
	}); err != nil {
		c.t.Fatal(err)
	}
}

// Send makes a call without waiting and returns its serial number.
func (c *Client) Send(to bus.Target, args ...any) uint32 {
	c.t.Helper()
	var mu sync.Mutex // the answer may come before Call returns
	mu.Lock()
	var serial uint32
	serial, err := c.conn.Call(to, func(a *bus.Answer) {
		mu.Lock()
		defer mu.Unlock()
		c.arrived(Arrival{Call: serial, Answer: a})
	}, args...)
	mu.Unlock()
	if err != nil {
		c.t.Fatal(err)
	}
	return serial
}

// Flush sends what [Client.Send] queued.
func (c *Client) Flush() { c.conn.Flush() }

// Call makes a call and waits for its answer.
func (c *Client) Call(to bus.Target, args ...any) ([]any, error) {
	c.t.Helper()
	return c.Await(c.Send(to, args...)).Args()
}

// Await waits for the answer to a call made with [Client.Send].
func (c *Client) Await(serial uint32) *bus.Answer {
	c.t.Helper()
	c.Flush()
	var found *bus.Answer
	c.Until(fmt.Sprintf("the answer to call %d", serial), func(seen []Arrival) bool {
		for i := len(seen) - 1; i >= 0; i-- {
			if seen[i].Call == serial {
				found = seen[i].Answer
				return true
			}
		}
		return false
	})
	return found
}

// Until waits until what arrived satisfies a condition.
func (c *Client) Until(what string, ok func(seen []Arrival) bool) {
	c.t.Helper()
	limit := time.NewTimer(Patience)
	defer limit.Stop()
	for {
		c.mu.Lock()
		seen, changed := c.seen, c.changed
		c.mu.Unlock()
		if ok(seen) {
			return
		}
		select {
		case <-changed:
		case <-c.done:
			c.t.Fatalf("connection ended while waiting for %s: %v", what, c.conn.Err())
		case <-limit.C:
			c.t.Fatalf("%s did not come", what)
		}
	}
}

// AwaitSignal waits for the first signal of a member, and returns it; signals
// that arrived before count.
func (c *Client) AwaitSignal(member string) *bus.Signal {
	c.t.Helper()
	var found *bus.Signal
	c.Until("signal "+member, func(seen []Arrival) bool {
		for _, a := range seen {
			if a.Signal != nil && a.Signal.Member == member {
				found = a.Signal
				return true
			}
		}
		return false
	})
	return found
}

// Take returns what arrived since the last Take, oldest first.
func (c *Client) Take() []Arrival {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := c.seen
	c.seen = nil
	return out
}

// takeThrough is Take up to and with the first arrival that satisfies last,
// which must have come.
func (c *Client) takeThrough(last func(Arrival) bool) []Arrival {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, a := range c.seen {
		if last(a) {
			out := c.seen[: i+1 : i+1]
			c.seen = c.seen[i+1:]
			return out
		}
	}
	return nil
}

// Requests returns the calls this client received as a service.
func (c *Client) Requests() []*bus.Call {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]*bus.Call(nil), c.calls...)
}

// Get reads a property.
func (c *Client) Get(dest string, path bus.ObjectPath, iface, property string) (any, error) {
	c.t.Helper()
	args, err := c.Call(bus.Target{Dest: dest, Path: path, Interface: "org.freedesktop.DBus.Properties", Member: "Get"}, iface, property)
	if err != nil {
		return nil, err
	}
	if v, ok := args[0].(bus.Variant); ok && len(args) == 1 {
		return v.Value, nil
	}
	return nil, fmt.Errorf("bustest: Get %s.%s answered %s", iface, property, Text(args...))
}

// Set writes a property.
func (c *Client) Set(dest string, path bus.ObjectPath, iface, property string, value any) error {
	c.t.Helper()
	_, err := c.Call(bus.Target{Dest: dest, Path: path, Interface: "org.freedesktop.DBus.Properties", Member: "Set"},
		iface, property, bus.MakeVariant(value))
	return err
}

// GetAll reads all properties of an interface.
func (c *Client) GetAll(dest string, path bus.ObjectPath, iface string) (bus.Dict, error) {
	c.t.Helper()
	args, err := c.Call(bus.Target{Dest: dest, Path: path, Interface: "org.freedesktop.DBus.Properties", Member: "GetAll"}, iface)
	if err != nil {
		return nil, err
	}
	if d, ok := args[0].(bus.Dict); ok && len(args) == 1 {
		return d, nil
	}
	return nil, fmt.Errorf("bustest: GetAll %s answered %s", iface, Text(args...))
}

// Introspect reads the description of an object.
func (c *Client) Introspect(dest string, path bus.ObjectPath) (string, error) {
	c.t.Helper()
	args, err := c.Call(bus.Target{Dest: dest, Path: path, Interface: "org.freedesktop.DBus.Introspectable", Member: "Introspect"})
	if err != nil {
		return "", err
	}
	if s, ok := args[0].(string); ok && len(args) == 1 {
		return s, nil
	}
	return "", fmt.Errorf("bustest: Introspect %s answered %s", path, Text(args...))
}

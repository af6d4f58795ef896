package stage

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gosupplicant/dbus/bus"
)

// Names of the service.
const (
	Service    = "fi.w1.wpa_supplicant1"
	Root       = bus.ObjectPath("/fi/w1/wpa_supplicant1")
	Interface  = Service + ".Interface"
	Properties = "org.freedesktop.DBus.Properties"
)

const busName = "org.freedesktop.DBus"

// Client is a D-Bus client of one service, as a front end is one.
type Client struct {
	Conn *bus.Conn
	// Signals of the service, in order; those that nobody takes in time are
	// dropped.
	Signals chan *bus.Signal
	service string
	serve   func(*bus.Conn, *bus.Call)
	owned   chan struct{} // the name has an owner
}

// Connect joins the bus as a client of the supplicant.
func Connect(ctx context.Context, address string) (*Client, error) {
	return ConnectTo(ctx, address, Service, nil)
}

// ConnectTo joins the bus as a client of a service, which may call it back: serve
// answers, and nil leaves such calls unanswered.
func ConnectTo(ctx context.Context, address, service string, serve func(*bus.Conn, *bus.Call)) (*Client, error) {
	conn, err := bus.Dial(ctx, address, bus.Options{})
	if err != nil {
		return nil, err
	}
	c := &Client{Conn: conn, Signals: make(chan *bus.Signal, 1<<16), service: service, serve: serve, owned: make(chan struct{}, 1)}
	go conn.Run(c.take) // ends with the connection
	for _, rule := range []string{
		"type='signal',sender='" + service + "'",
		"type='signal',sender='" + busName + "',member='NameOwnerChanged',arg0='" + service + "'",
	} {
		if err := conn.AddMatch(rule); err != nil {
			conn.Close()
			return nil, err
		}
	}
	conn.Flush()
	return c, nil
}

// Close leaves the bus.
func (c *Client) Close() { c.Conn.Close() }

// take is the reader's side: answers to their callers, calls to serve, signals to
// the queue.
func (c *Client) take(batch []bus.Event) {
	for _, ev := range batch {
		switch ev := ev.(type) {
		case *bus.Answer:
			ev.Deliver()
		case *bus.Call:
			if c.serve != nil {
				c.serve(c.Conn, ev)
				c.Conn.Flush()
			}
		case *bus.Signal:
			ch := c.Signals
			if ev.Member == "NameOwnerChanged" {
				if args, err := ev.Args(); err == nil && len(args) == 3 && args[2] != "" {
					select {
					case c.owned <- struct{}{}:
					default:
					}
				}
				continue
			}
			select {
			case ch <- ev:
			default:
			}
		}
	}
}

// WaitOwned waits until somebody owns the service's name.
func (c *Client) WaitOwned(ctx context.Context) error {
	_, err := c.Call(bus.Target{Dest: busName, Path: "/org/freedesktop/DBus", Interface: busName, Member: "GetNameOwner"}, c.service)
	if err == nil {
		return nil
	}
	select {
	case <-c.owned:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%s did not appear on the bus: %w", c.service, ctx.Err())
	}
}

// Call makes a method call and waits for the answer.
func (c *Client) Call(t bus.Target, args ...any) ([]any, error) {
	done := make(chan *bus.Answer, 1)
	if _, err := c.Conn.Call(t, func(a *bus.Answer) { done <- a }, args...); err != nil {
		return nil, err
	}
	c.Conn.Flush()
	timer := time.NewTimer(20 * time.Second)
	defer timer.Stop()
	select {
	case a := <-done:
		return a.Args()
	case <-timer.C:
		return nil, errors.New("no answer within 20 s")
	}
}

// Method calls a method of the service.
func (c *Client) Method(path bus.ObjectPath, iface, member string, args ...any) ([]any, error) {
	return c.Call(bus.Target{Dest: c.service, Path: path, Interface: iface, Member: member}, args...)
}

// CreateInterface asks the supplicant to manage ifname with driver.
func (c *Client) CreateInterface(ifname, driver string) (bus.ObjectPath, error) {
	var d bus.Dict
	d.Add("Ifname", ifname)
	d.Add("Driver", driver)
	out, err := c.Method(Root, Service, "CreateInterface", d)
	if err != nil {
		return "", fmt.Errorf("CreateInterface: %w", err)
	}
	return out[0].(bus.ObjectPath), nil
}

// StartScan asks for an active scan of everything.
func (c *Client) StartScan(path bus.ObjectPath) error {
	var d bus.Dict
	d.Add("Type", "active")
	if _, err := c.Method(path, Interface, "Scan", d); err != nil {
		return fmt.Errorf("Scan: %w", err)
	}
	return nil
}

// WaitScan takes signals until the scan of path has ended; seen hears of each.
func (c *Client) WaitScan(ctx context.Context, path bus.ObjectPath, seen func(*bus.Signal)) error {
	for {
		select {
		case <-ctx.Done():
			return fmt.Errorf("the scan did not end: %w", ctx.Err())
		case s := <-c.Signals:
			seen(s)
			if s.Member == "ScanDone" && s.Path == path {
				return nil
			}
		}
	}
}

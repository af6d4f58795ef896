package nl80211

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/mdlayher/genetlink"
	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"gosupplicant/drivers"
)

const (
	// familyName is the name of the generic netlink family.
	familyName = "nl80211"
	// maxDumps bounds how often a dump that the kernel marks as inconsistent
	// (NLM_F_DUMP_INTR) is repeated before the last one is taken as it is.
	maxDumps = 8
	// maxStale bounds how many answers to earlier requests are skipped.
	maxStale = 64
	// replyTimeout is how long an answer of the kernel may take.
	replyTimeout = 15 * time.Second
	// commandBuffer is the socket buffer asked for a command connection, bytes:
	// dumps arrive one buffer at a time, so it need not hold a whole one.
	commandBuffer = 256 << 10
	// messageBuffer is the room for one read, bytes: the kernel builds no part
	// of a dump and no event that is longer. With it the library needs not ask
	// for the length first.
	messageBuffer = 32 << 10
)

// netlinkConfig is how every connection of this package reads.
var netlinkConfig = netlink.Config{MessageBufferSize: messageBuffer}

// message is one nl80211 message without its headers.
type message struct {
	cmd   uint8
	attrs []byte
}

// encodeFunc adds the attributes of a request; nil means none.
type encodeFunc func(ae *netlink.AttributeEncoder)

// conn is a command connection. Its methods may be called from any goroutine;
// requests go out one after the other.
type conn struct {
	mu     sync.Mutex
	nl     *netlink.Conn
	family genetlink.Family
}

// dial opens a command connection.
func dial() (*conn, error) {
	nl, err := netlink.Dial(unix.NETLINK_GENERIC, &netlinkConfig)
	if err != nil {
		return nil, fmt.Errorf("nl80211: open netlink socket: %w", err)
	}
	_ = nl.SetOption(netlink.ExtendedAcknowledge, true)
	_ = nl.SetReadBuffer(commandBuffer)
	c, err := newConn(nl)
	if err != nil {
		_ = nl.Close()
		return nil, err
	}
	return c, nil
}

// newConn finds the family on an open netlink connection.
func newConn(nl *netlink.Conn) (*conn, error) {
	family, err := genetlink.NewConn(nl).GetFamily(familyName)
	if errors.Is(err, unix.ENOENT) {
		return nil, fmt.Errorf("nl80211: the kernel has no Wi-Fi stack (cfg80211): %w", drivers.ErrNotSupported)
	}
	if err != nil {
		return nil, fmt.Errorf("nl80211: find generic netlink family: %w", err)
	}
	return &conn{nl: nl, family: family}, nil
}

// Close ends the connection; a request in progress fails.
func (c *conn) Close() error { return c.nl.Close() }

// do sends a request, waits for the acknowledgement and returns what the kernel
// answered besides (usually nothing). what names the operation in errors.
func (c *conn) do(what string, cmd uint8, attrs encodeFunc) ([]message, error) {
	msgs, _, err := c.transact(cmd, netlink.Request|netlink.Acknowledge, attrs)
	if err != nil {
		return nil, opError(what, err)
	}
	return msgs, nil
}

// dump asks for a table and repeats the question while the table changes under
// the kernel's hands.
func (c *conn) dump(what string, cmd uint8, attrs encodeFunc) ([]message, error) {
	for attempt := 1; ; attempt++ {
		msgs, torn, err := c.transact(cmd, netlink.Request|netlink.Dump, attrs)
		if err != nil {
			return nil, opError(what, err)
		}
		if !torn || attempt == maxDumps {
			return msgs, nil
		}
	}
}

// transact sends one request and collects the answers up to the acknowledgement
// or the end of the dump. torn tells that the dump was not consistent.
func (c *conn) transact(cmd uint8, flags netlink.HeaderFlags, attrs encodeFunc) (msgs []message, torn bool, err error) {
	data, err := encode(cmd, attrs)
	if err != nil {
		return nil, false, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	_ = c.nl.SetReadDeadline(time.Now().Add(replyTimeout))
	req, err := c.nl.Send(netlink.Message{
		Header: netlink.Header{Type: netlink.HeaderType(c.family.ID), Flags: flags},
		Data:   data,
	})
	if err != nil {
		return nil, false, err
	}
	for stale := 0; stale < maxStale; {
		replies, err := c.nl.Receive()
		var oe *netlink.OpError
		if errors.As(err, &oe) && oe.Sequence != 0 && oe.Sequence != req.Header.Sequence {
			stale++
			continue
		}
		if err != nil {
			return nil, false, err
		}
		if len(replies) > 0 && replies[0].Header.Sequence != req.Header.Sequence {
			stale++
			continue
		}
		done := flags&netlink.Dump == netlink.Dump
		for _, m := range replies {
			if m.Header.Type == netlink.Error { // errno 0: the acknowledgement
				done = true
				continue
			}
			torn = torn || m.Header.Flags&netlink.DumpInterrupted != 0
			msg, err := decode(m.Data)
			if err != nil {
				return nil, false, err
			}
			msgs = append(msgs, msg)
		}
		if done {
			return msgs, torn, nil
		}
	}
	return nil, false, errors.New("no answer to this request among those received")
}

// encode builds the payload of a request: generic header and attributes.
func encode(cmd uint8, attrs encodeFunc) ([]byte, error) {
	ae := netlink.NewAttributeEncoder()
	if attrs != nil {
		attrs(ae)
	}
	b, err := ae.Encode()
	if err != nil {
		return nil, fmt.Errorf("encode attributes: %w", err)
	}
	return genetlink.Message{Header: genetlink.Header{Command: cmd}, Data: b}.MarshalBinary()
}

// decode splits the payload of a message.
func decode(b []byte) (message, error) {
	var m genetlink.Message
	if err := m.UnmarshalBinary(b); err != nil {
		return message{}, fmt.Errorf("generic netlink header: %w", err)
	}
	return message{cmd: m.Header.Command, attrs: m.Data}, nil
}

// opError wraps what went wrong with the operation and, where there is one, the
// error of package drivers that the number means. The kernel's own explanation
// (extended acknowledgement) is part of the text.
func opError(what string, err error) error {
	for _, m := range errnoMeaning {
		if errors.Is(err, m.errno) {
			return fmt.Errorf("nl80211: %s: %w (%w)", what, m.means, err)
		}
	}
	return fmt.Errorf("nl80211: %s: %w", what, err)
}

var errnoMeaning = []struct {
	errno unix.Errno
	means error
}{
	{unix.EBUSY, drivers.ErrBusy},
	{unix.EOPNOTSUPP, drivers.ErrNotSupported},
	{unix.ENETDOWN, drivers.ErrDown},
	{unix.ERFKILL, drivers.ErrDown},
	{unix.ENODEV, drivers.ErrNoInterface},
	{unix.EBADF, drivers.ErrClosed},
}

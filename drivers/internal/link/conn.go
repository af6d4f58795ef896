package link

import (
	"errors"
	"fmt"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"gosupplicant/engine/dot11"
)

// maxDumps bounds how often a listing that the kernel marks as inconsistent
// (NLM_F_DUMP_INTR) is repeated before the last one is taken as it is.
const maxDumps = 5

// Conn asks for and sets link state. Its methods may be called from several
// goroutines; each waits only for the kernel's answer.
type Conn struct {
	nl *netlink.Conn
}

// Dial opens a connection in the network namespace of the caller.
func Dial() (*Conn, error) {
	nl, err := netlink.Dial(unix.NETLINK_ROUTE, nil)
	if err != nil {
		return nil, fmt.Errorf("link: open rtnetlink socket: %w", err)
	}
	// Old kernels lack extended acknowledgements; errors then carry a number only.
	_ = nl.SetOption(netlink.ExtendedAcknowledge, true)
	return &Conn{nl: nl}, nil
}

// Close ends the connection; calls in progress fail.
func (c *Conn) Close() error { return c.nl.Close() }

// List returns every link of the namespace.
func (c *Conn) List() ([]Link, error) {
	req := netlink.Message{
		Header: netlink.Header{Type: unix.RTM_GETLINK, Flags: netlink.Request | netlink.Dump},
		Data:   ifinfo(0, 0, 0),
	}
	for attempt := 1; ; attempt++ {
		msgs, err := c.nl.Execute(req)
		if err != nil {
			return nil, fmt.Errorf("link: list interfaces: %w", err)
		}
		if interrupted(msgs) && attempt < maxDumps {
			continue
		}
		return linksOf(msgs)
	}
}

// interrupted tells whether the kernel's tables changed during the dump.
func interrupted(msgs []netlink.Message) bool {
	for _, m := range msgs {
		if m.Header.Flags&netlink.DumpInterrupted != 0 {
			return true
		}
	}
	return false
}

func linksOf(msgs []netlink.Message) ([]Link, error) {
	links := make([]Link, 0, len(msgs))
	for _, m := range msgs {
		ev, err := parseMessage(m)
		if errors.Is(err, errSkip) {
			continue
		}
		if err != nil {
			return nil, err
		}
		links = append(links, ev.Link)
	}
	return links, nil
}

// ByIndex returns one link, or an error that wraps ErrNotFound.
func (c *Conn) ByIndex(index int) (Link, error) {
	return c.get(ifinfo(index, 0, 0), fmt.Sprintf("interface %d", index))
}

// ByName returns one link, or an error that wraps ErrNotFound.
func (c *Conn) ByName(name string) (Link, error) {
	if name == "" || len(name) >= unix.IFNAMSIZ {
		return Link{}, fmt.Errorf("link: interface name %q: %w", name, ErrNotFound)
	}
	ae := netlink.NewAttributeEncoder()
	ae.String(unix.IFLA_IFNAME, name)
	attrs, err := ae.Encode()
	if err != nil {
		return Link{}, fmt.Errorf("link: interface %q: %w", name, err)
	}
	return c.get(append(ifinfo(0, 0, 0), attrs...), fmt.Sprintf("interface %q", name))
}

func (c *Conn) get(data []byte, what string) (Link, error) {
	msgs, err := c.nl.Execute(netlink.Message{
		Header: netlink.Header{Type: unix.RTM_GETLINK, Flags: netlink.Request},
		Data:   data,
	})
	if errors.Is(err, unix.ENODEV) {
		return Link{}, fmt.Errorf("link: %s: %w", what, ErrNotFound)
	}
	if err != nil {
		return Link{}, fmt.Errorf("link: get %s: %w", what, err)
	}
	links, err := linksOf(msgs)
	if err != nil {
		return Link{}, err
	}
	if len(links) != 1 {
		return Link{}, fmt.Errorf("link: %d answers for %s", len(links), what)
	}
	return links[0], nil
}

// SetUp sets or clears IFF_UP. A blocked radio answers unix.ERFKILL.
func (c *Conn) SetUp(index int, up bool) error {
	var flags uint32
	if up {
		flags = unix.IFF_UP
	}
	return c.set(ifinfo(index, flags, unix.IFF_UP), nil, fmt.Sprintf("set interface %d up=%t", index, up))
}

// SetOperState sets the link mode and the operational state together.
func (c *Conn) SetOperState(index int, mode Mode, state OperState) error {
	return c.set(ifinfo(index, 0, 0), func(ae *netlink.AttributeEncoder) {
		ae.Uint8(unix.IFLA_LINKMODE, uint8(mode))
		ae.Uint8(unix.IFLA_OPERSTATE, uint8(state))
	}, fmt.Sprintf("set operational state of interface %d", index))
}

// SetMAC sets the hardware address. Most drivers want the interface down.
func (c *Conn) SetMAC(index int, mac dot11.MAC) error {
	return c.set(ifinfo(index, 0, 0), func(ae *netlink.AttributeEncoder) {
		ae.Bytes(unix.IFLA_ADDRESS, mac[:])
	}, fmt.Sprintf("set address of interface %d to %v", index, mac))
}

func (c *Conn) set(data []byte, attrs func(*netlink.AttributeEncoder), what string) error {
	if attrs != nil {
		ae := netlink.NewAttributeEncoder()
		attrs(ae)
		b, err := ae.Encode()
		if err != nil {
			return fmt.Errorf("link: %s: %w", what, err)
		}
		data = append(data, b...)
	}
	_, err := c.nl.Execute(netlink.Message{
		Header: netlink.Header{Type: unix.RTM_SETLINK, Flags: netlink.Request | netlink.Acknowledge},
		Data:   data,
	})
	if err != nil {
		return fmt.Errorf("link: %s: %w", what, err)
	}
	return nil
}

package link

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"gosupplicant/engine/dot11"
)

// Link is one network interface as rtnetlink describes it.
type Link struct {
	Index     int
	Name      string
	Type      uint16 // ARPHRD_*; 1 is Ethernet (and Wi-Fi stations)
	Flags     uint32 // IFF_*
	OperState OperState
	LinkMode  Mode
	Addr      dot11.MAC // zero unless the hardware address has 6 bytes
	PermAddr  dot11.MAC // zero where the kernel does not know one
	Master    int       // index of the bridge or bond above, 0 for none
	MTU       int       // bytes
}

// Up tells whether the interface is administratively up.
func (l *Link) Up() bool { return l.Flags&unix.IFF_UP != 0 }

// Running tells whether the interface has a carrier (IFF_LOWER_UP) and upper
// layers may use it (IFF_RUNNING).
func (l *Link) Running() bool { return l.Flags&unix.IFF_RUNNING != 0 }

// LowerUp tells whether the device below has a carrier.
func (l *Link) LowerUp() bool { return l.Flags&unix.IFF_LOWER_UP != 0 }

// OperState is the operational state of RFC 2863.
type OperState uint8

const (
	OperStateUnknown OperState = iota
	OperStateNotPresent
	OperStateDown
	OperStateLowerLayerDown
	OperStateTesting
	OperStateDormant
	OperStateUp
)

// Mode is the link mode: whether carrier alone makes the interface usable, or
// the interface stays dormant until user space says otherwise.
type Mode uint8

const (
	ModeDefault Mode = iota
	ModeDormant
)

// EventKind says what happened to the link of an Event.
type EventKind uint8

const (
	// EventChanged: the link exists in this state, new or changed.
	EventChanged EventKind = iota
	// EventRemoved: the link has gone; only Index and Name are sure.
	EventRemoved
	// EventWireless: a wireless extension event; of Link only Index, Name and
	// Flags are set.
	EventWireless
	// EventResync: messages were lost. The Link is empty; the state of every
	// link follows as further events.
	EventResync
	// EventFailed: the watch has ended by itself, see Err.
	EventFailed
)

// Event is one report of a Watcher.
type Event struct {
	Kind     EventKind
	Link     Link
	Wireless []byte // IFLA_WIRELESS attribute: a stream of struct iw_event, native byte order
	Err      error  // with EventFailed
}

// ErrNotFound: the kernel has no such link.
var ErrNotFound = errors.New("link: no such network interface")

// errSkip marks messages that are well formed but not about a link.
var errSkip = errors.New("link: not a link message")

const ifinfoLen = 16 // struct ifinfomsg

// parseMessage decodes one rtnetlink message. It answers errSkip for messages
// of other kinds and families.
func parseMessage(m netlink.Message) (Event, error) {
	if m.Header.Type != unix.RTM_NEWLINK && m.Header.Type != unix.RTM_DELLINK {
		return Event{}, errSkip
	}
	if len(m.Data) < ifinfoLen {
		return Event{}, fmt.Errorf("link: message of %d bytes is shorter than its header of %d", len(m.Data), ifinfoLen)
	}
	if m.Data[0] != unix.AF_UNSPEC {
		return Event{}, errSkip
	}
	ev := Event{Link: Link{
		Type:  binary.NativeEndian.Uint16(m.Data[2:]),
		Index: int(int32(binary.NativeEndian.Uint32(m.Data[4:]))),
		Flags: binary.NativeEndian.Uint32(m.Data[8:]),
	}}
	if ev.Link.Index <= 0 {
		return Event{}, fmt.Errorf("link: interface index %d is not positive", ev.Link.Index)
	}
	if err := parseAttributes(&ev, m.Data[ifinfoLen:]); err != nil {
		return Event{}, fmt.Errorf("link: attributes of interface %d: %w", ev.Link.Index, err)
	}
	switch {
	case m.Header.Type == unix.RTM_DELLINK:
		ev.Kind = EventRemoved
	case ev.Wireless != nil:
		ev.Kind = EventWireless
	}
	return ev, nil
}

func parseAttributes(ev *Event, b []byte) error {
	ad, err := netlink.NewAttributeDecoder(b)
	if err != nil {
		return err
	}
	l := &ev.Link
	for ad.Next() {
		switch ad.Type() {
		case unix.IFLA_IFNAME:
			l.Name = ad.String()
		case unix.IFLA_MTU:
			l.MTU = int(ad.Uint32())
		case unix.IFLA_OPERSTATE:
			l.OperState = OperState(ad.Uint8())
		case unix.IFLA_LINKMODE:
			l.LinkMode = Mode(ad.Uint8())
		case unix.IFLA_MASTER:
			l.Master = int(int32(ad.Uint32()))
		case unix.IFLA_ADDRESS:
			l.Addr = macOf(ad.Bytes())
		case unix.IFLA_PERM_ADDRESS:
			l.PermAddr = macOf(ad.Bytes())
		case unix.IFLA_WIRELESS:
			ev.Wireless = ad.Bytes()
		}
	}
	return ad.Err()
}

// macOf is the zero address unless b has the length of one: other link types
// have longer and shorter ones.
func macOf(b []byte) (mac dot11.MAC) {
	if len(b) == len(mac) {
		copy(mac[:], b)
	}
	return mac
}

// ifinfo is a struct ifinfomsg for requests.
func ifinfo(index int, flags, change uint32) []byte {
	b := make([]byte, ifinfoLen)
	binary.NativeEndian.PutUint32(b[4:], uint32(index))
	binary.NativeEndian.PutUint32(b[8:], flags)
	binary.NativeEndian.PutUint32(b[12:], change)
	return b
}

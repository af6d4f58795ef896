package link

import (
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"gosupplicant/engine/dot11"
)

// linkMessage builds a message about interface index.
func linkMessage(t testing.TB, typ netlink.HeaderType, family byte, index int, flags uint32, attrs func(*netlink.AttributeEncoder)) netlink.Message {
	t.Helper()
	data := ifinfo(index, flags, 0)
	data[0] = family
	binary.NativeEndian.PutUint16(data[2:], 1)
	ae := netlink.NewAttributeEncoder()
	if attrs != nil {
		attrs(ae)
	}
	b, err := ae.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return netlink.Message{Header: netlink.Header{Type: typ}, Data: append(data, b...)}
}

func wlanAttrs(ae *netlink.AttributeEncoder) {
	ae.String(unix.IFLA_IFNAME, "wlan0")
	ae.Uint32(unix.IFLA_MTU, 1500)
	ae.Uint8(unix.IFLA_OPERSTATE, uint8(OperStateDormant))
	ae.Uint8(unix.IFLA_LINKMODE, uint8(ModeDormant))
	ae.Uint32(unix.IFLA_MASTER, 9)
	ae.Bytes(unix.IFLA_ADDRESS, []byte{2, 0, 0, 0, 0, 1})
	ae.Bytes(unix.IFLA_PERM_ADDRESS, []byte{2, 0, 0, 0, 0, 2})
}

var wlan = Link{
	Index: 3, Name: "wlan0", Type: 1, Flags: unix.IFF_UP | unix.IFF_RUNNING,
	OperState: OperStateDormant, LinkMode: ModeDormant, Master: 9, MTU: 1500,
	Addr: dot11.MAC{2, 0, 0, 0, 0, 1}, PermAddr: dot11.MAC{2, 0, 0, 0, 0, 2},
}

func TestParseMessage(t *testing.T) {
	m := linkMessage(t, unix.RTM_NEWLINK, 0, 3, wlan.Flags, wlanAttrs)
	ev, err := parseMessage(m)
	if err != nil || ev.Kind != EventChanged || ev.Link != wlan {
		t.Fatalf("got %+v, %v; want %+v", ev, err, wlan)
	}
	if !ev.Link.Up() || !ev.Link.Running() || ev.Link.LowerUp() {
		t.Error("flags are read wrongly")
	}
	m.Header.Type = unix.RTM_DELLINK
	if ev, err := parseMessage(m); err != nil || ev.Kind != EventRemoved || ev.Link.Name != "wlan0" {
		t.Errorf("removal: %+v, %v", ev, err)
	}
	m.Data[0] = unix.AF_BRIDGE
	if _, err := parseMessage(m); !errors.Is(err, errSkip) {
		t.Errorf("leaving a bridge: %v", err)
	}
	m.Header.Type = unix.RTM_NEWADDR
	if _, err := parseMessage(m); !errors.Is(err, errSkip) {
		t.Errorf("an address: %v", err)
	}
}

func TestParseWireless(t *testing.T) {
	ev, err := parseMessage(linkMessage(t, unix.RTM_NEWLINK, 0, 3, 0, func(ae *netlink.AttributeEncoder) {
		ae.String(unix.IFLA_IFNAME, "wlan0")
		ae.Bytes(unix.IFLA_WIRELESS, []byte{1, 2, 3})
	}))
	if err != nil || ev.Kind != EventWireless || !slices.Equal(ev.Wireless, []byte{1, 2, 3}) || ev.Link.Index != 3 {
		t.Errorf("got %+v, %v", ev, err)
	}
}

func TestParseOddAddress(t *testing.T) {
	ev, err := parseMessage(linkMessage(t, unix.RTM_NEWLINK, 0, 4, 0, func(ae *netlink.AttributeEncoder) {
		ae.Bytes(unix.IFLA_ADDRESS, make([]byte, 20)) // InfiniBand
		ae.Bytes(unix.IFLA_PERM_ADDRESS, nil)
	}))
	if err != nil || !ev.Link.Addr.IsZero() || !ev.Link.PermAddr.IsZero() {
		t.Errorf("got %+v, %v", ev, err)
	}
}

// TestParseTruncated cuts a message everywhere: an error, or a link of which
// less is known, but never a panic.
func TestParseTruncated(t *testing.T) {
	full := linkMessage(t, unix.RTM_NEWLINK, 0, 3, wlan.Flags, wlanAttrs)
	for n := range full.Data[:len(full.Data)-2] { // the last two bytes are padding
		m := full
		m.Data = full.Data[:n]
		ev, err := parseMessage(m)
		if err == nil && (n < ifinfoLen || ev.Link == wlan) {
			t.Errorf("%d bytes of %d gave %+v", n, len(full.Data), ev)
		}
	}
}

func TestParseLies(t *testing.T) {
	for name, change := range map[string]func(b []byte){
		"attribute longer than the message":  func(b []byte) { binary.NativeEndian.PutUint16(b[ifinfoLen:], 0xfff0) },
		"attribute shorter than its header":  func(b []byte) { binary.NativeEndian.PutUint16(b[ifinfoLen:], 2) },
		"interface index zero":               func(b []byte) { clear(b[4:8]) },
		"interface index negative":           func(b []byte) { b[4], b[5], b[6], b[7] = 0xff, 0xff, 0xff, 0xff },
		"number of the wrong length (MTU=2)": func(b []byte) { binary.NativeEndian.PutUint16(b[ifinfoLen+12:], 6) },
	} {
		m := linkMessage(t, unix.RTM_NEWLINK, 0, 3, 0, wlanAttrs)
		change(m.Data)
		if ev, err := parseMessage(m); err == nil {
			t.Errorf("%s: accepted as %+v", name, ev)
		}
	}
}

func FuzzParseMessage(f *testing.F) {
	f.Add(uint16(unix.RTM_NEWLINK), linkMessage(f, 0, 0, 3, 1, wlanAttrs).Data)
	f.Add(uint16(unix.RTM_DELLINK), linkMessage(f, 0, 0, 1, 0, nil).Data)
	f.Add(uint16(unix.RTM_NEWLINK), linkMessage(f, 0, 0, 2, 0, func(ae *netlink.AttributeEncoder) {
		ae.Bytes(unix.IFLA_WIRELESS, []byte{12, 0, 4, 0x8b, 0, 0, 0, 0, 0, 0, 0, 0})
	}).Data)
	f.Fuzz(func(t *testing.T, typ uint16, data []byte) {
		ev, err := parseMessage(netlink.Message{Header: netlink.Header{Type: netlink.HeaderType(typ)}, Data: data})
		if err == nil && ev.Link.Index <= 0 {
			t.Errorf("accepted index %d", ev.Link.Index)
		}
	})
}

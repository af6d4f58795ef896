package link

import (
	"errors"
	"os"
	"testing"

	"github.com/mdlayher/netlink"
	"github.com/mdlayher/netlink/nltest"
	"golang.org/x/sys/unix"

	"gosupplicant/engine/dot11"
)

// dialTo makes a Conn whose kernel is a function.
func dialTo(t *testing.T, fn nltest.Func) *Conn {
	t.Helper()
	c := &Conn{nl: nltest.Dial(fn)}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// reply copies the sequence and PID of the request to the answers.
func reply(req netlink.Message, msgs ...netlink.Message) []netlink.Message {
	for i := range msgs {
		msgs[i].Header.Sequence, msgs[i].Header.PID = req.Header.Sequence, req.Header.PID
	}
	return msgs
}

func TestListRepeatsTornDump(t *testing.T) {
	dumps := 0
	c := dialTo(t, func(reqs []netlink.Message) ([]netlink.Message, error) {
		if reqs[0].Header.Type != unix.RTM_GETLINK || reqs[0].Header.Flags&netlink.Dump != netlink.Dump {
			t.Errorf("unexpected request %+v", reqs[0].Header)
		}
		dumps++
		m := linkMessage(t, unix.RTM_NEWLINK, 0, 3, wlan.Flags, wlanAttrs)
		if dumps < 3 {
			m.Header.Flags |= netlink.DumpInterrupted
			m.Data = linkMessage(t, unix.RTM_NEWLINK, 0, 77, 0, nil).Data
		}
		return reply(reqs[0], m), nil
	})
	links, err := c.List()
	if err != nil || len(links) != 1 || links[0] != wlan || dumps != 3 {
		t.Errorf("%d dumps gave %+v, %v", dumps, links, err)
	}
}

func TestListGivesUpRepeating(t *testing.T) {
	dumps := 0
	c := dialTo(t, func(reqs []netlink.Message) ([]netlink.Message, error) {
		dumps++
		m := linkMessage(t, unix.RTM_NEWLINK, 0, 3, 0, nil)
		m.Header.Flags |= netlink.DumpInterrupted
		return reply(reqs[0], m), nil
	})
	if links, err := c.List(); err != nil || len(links) != 1 || dumps != maxDumps {
		t.Errorf("%d dumps gave %+v, %v", dumps, links, err)
	}
}

func TestNotFound(t *testing.T) {
	c := dialTo(t, func(reqs []netlink.Message) ([]netlink.Message, error) {
		return nltest.Error(int(unix.ENODEV), reqs)
	})
	if _, err := c.ByIndex(99); !errors.Is(err, ErrNotFound) {
		t.Errorf("by index: %v", err)
	}
	for _, name := range []string{"", "wlan9", "a-name-of-sixteen"} {
		if _, err := c.ByName(name); !errors.Is(err, ErrNotFound) {
			t.Errorf("by name %q: %v", name, err)
		}
	}
	if err := c.SetUp(99, true); !errors.Is(err, unix.ENODEV) {
		t.Errorf("set up: %v", err)
	}
}

func TestSetRequests(t *testing.T) {
	var got []netlink.Message
	c := dialTo(t, func(reqs []netlink.Message) ([]netlink.Message, error) {
		got = append(got, reqs[0])
		return nltest.Error(0, reqs)
	})
	for _, err := range []error{
		c.SetUp(3, true), c.SetUp(3, false),
		c.SetOperState(3, ModeDormant, OperStateUp),
		c.SetMAC(3, dot11.MAC{2, 1}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	want := []netlink.Message{
		{Data: ifinfo(3, unix.IFF_UP, unix.IFF_UP)},
		{Data: ifinfo(3, 0, unix.IFF_UP)},
		{Data: append(ifinfo(3, 0, 0), 5, 0, unix.IFLA_LINKMODE, 0, 1, 0, 0, 0, 5, 0, unix.IFLA_OPERSTATE, 0, 6, 0, 0, 0)},
		{Data: append(ifinfo(3, 0, 0), 10, 0, unix.IFLA_ADDRESS, 0, 2, 1, 0, 0, 0, 0, 0, 0)},
	}
	for i := range want {
		if string(got[i].Data) != string(want[i].Data) || got[i].Header.Type != unix.RTM_SETLINK {
			t.Errorf("request %d: %x, want %x", i, got[i].Data, want[i].Data)
		}
	}
}

// TestLoopback asks the real kernel for the interface every system has.
func TestLoopback(t *testing.T) {
	c, err := Dial()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	lo, err := c.ByName("lo")
	if err != nil {
		t.Fatal(err)
	}
	same, err := c.ByIndex(lo.Index)
	if err != nil || same.Name != "lo" {
		t.Errorf("interface %d is %+v, %v", lo.Index, same, err)
	}
	if _, err := os.Stat("/sys/class/net/lo"); err != nil {
		t.Error(err)
	}
}

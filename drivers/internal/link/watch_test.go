package link

import (
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/mdlayher/netlink"
	"github.com/mdlayher/netlink/nltest"
	"golang.org/x/sys/unix"
)

// feed is an event socket whose content the test decides.
type feed struct {
	in chan []netlink.Message // nil: an overrun
}

func (f *feed) receive([]netlink.Message) ([]netlink.Message, error) {
	msgs, ok := <-f.in
	switch {
	case !ok:
		return nil, os.NewSyscallError("recvmsg", unix.EBADF)
	case msgs == nil:
		return nil, os.NewSyscallError("recvmsg", unix.ENOBUFS)
	}
	return msgs, nil
}

func TestWatchResync(t *testing.T) {
	lists := [][]Link{
		{{Index: 1, Name: "lo"}, {Index: 2, Name: "wlan0"}},
		{{Index: 1, Name: "lo"}, {Index: 5, Name: "wlan1"}},
	}
	n := 0
	list := func() ([]Link, error) { n++; return lists[n-1], nil }
	events := make(chan Event, 32)
	f := &feed{in: make(chan []netlink.Message)}
	w, err := watch(nltest.Dial(f.receive), list, func(ev Event) { events <- ev })
	if err != nil {
		t.Fatal(err)
	}
	if len(events) != 2 {
		t.Errorf("%d events before Watch returned", len(events))
	}
	f.in <- []netlink.Message{
		linkMessage(t, unix.RTM_NEWLINK, 0, 3, 0, func(ae *netlink.AttributeEncoder) { ae.String(unix.IFLA_IFNAME, "eth0") }),
		{Header: netlink.Header{Type: unix.RTM_NEWLINK}, Data: []byte{1, 2, 3}}, // malformed: ignored
		linkMessage(t, unix.RTM_DELLINK, unix.AF_BRIDGE, 3, 0, nil),
	}
	f.in <- nil
	f.in <- []netlink.Message{linkMessage(t, unix.RTM_DELLINK, 0, 1, 0, nil)}
	close(f.in)
	<-w.done
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	close(events)
	var got []string
	for ev := range events {
		got = append(got, fmt.Sprintf("%d/%d", ev.Kind, ev.Link.Index))
	}
	want := []string{"0/1", "0/2", "0/3", "3/0", "1/2", "1/3", "0/1", "0/5", "1/1"}
	slices.Sort(got[4:6]) // what has gone is reported in no order
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestWatchFailure(t *testing.T) {
	events := make(chan Event, 8)
	w, err := watch(nltest.Dial(func([]netlink.Message) ([]netlink.Message, error) {
		return nil, os.NewSyscallError("recvmsg", unix.EIO)
	}), func() ([]Link, error) { return nil, nil }, func(ev Event) { events <- ev })
	if err != nil {
		t.Fatal(err)
	}
	if ev := <-events; ev.Kind != EventFailed || ev.Err == nil {
		t.Errorf("got %+v", ev)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
}

// TestWatchReal watches the real kernel and ends while nothing happens.
func TestWatchReal(t *testing.T) {
	events := make(chan Event, 1024)
	w, err := Watch(func(ev Event) { events <- ev })
	if err != nil {
		t.Fatal(err)
	}
	seen := false
	for len(events) > 0 {
		ev := <-events
		seen = seen || ev.Kind == EventChanged && ev.Link.Name == "lo"
	}
	if !seen {
		t.Error("the loopback interface was not reported")
	}
	closed := make(chan error)
	go func() { closed <- w.Close() }()
	select {
	case err := <-closed:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("Close does not return")
	}
}

package nl80211

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/mdlayher/netlink"
	"github.com/mdlayher/netlink/nltest"
	"golang.org/x/sys/unix"

	"gosupplicant/drivers"
)

// listen lets the hub of a bench read from a script; an error ends each step.
func (b *bench) listen(script func() ([]netlink.Message, error)) {
	b.hub.nl = nltest.Dial(func([]netlink.Message) ([]netlink.Message, error) { return script() })
	b.hub.done = make(chan struct{})
	b.hub.run()
}

func TestHubOverrun(t *testing.T) {
	b := newBench(t)
	steps := []error{
		os.NewSyscallError("recvmsg", unix.ENOBUFS),
		os.NewSyscallError("recvmsg", unix.EBADF),
	}
	b.listen(func() ([]netlink.Message, error) {
		err := steps[0]
		steps = steps[1:]
		return nil, err
	})
	got := b.take()
	if len(got) != 1 || !strings.Contains(got[0].(drivers.EventResync).Why, "overrun") {
		t.Errorf("got %+v", got)
	}
}

// TestHubFails gives up after errors that do not end, and says so.
func TestHubFails(t *testing.T) {
	b := newBench(t)
	n := 0
	b.listen(func() ([]netlink.Message, error) {
		n++
		return nil, errors.New("broken")
	})
	got := b.take()
	if n != maxEventErrors || len(got) != maxEventErrors {
		t.Fatalf("%d reads gave %d events", n, len(got))
	}
	if ev, ok := got[n-1].(drivers.EventRemoved); !ok || !strings.Contains(ev.Reason, "broken") {
		t.Errorf("the last event is %+v", got[n-1])
	}
}

func TestHubForeignMessages(t *testing.T) {
	b := newBench(t)
	data, err := encode(unix.NL80211_CMD_SCHED_SCAN_STOPPED, onIndex(benchIndex))
	if err != nil {
		t.Fatal(err)
	}
	for name, m := range map[string]netlink.Message{
		"another family": {Header: netlink.Header{Type: familyID + 1}, Data: data},
		"an answer":      {Header: netlink.Header{Type: familyID, Sequence: 5}, Data: data},
		"no header":      {Header: netlink.Header{Type: familyID}, Data: data[:2]},
		"a lie":          {Header: netlink.Header{Type: familyID}, Data: append([]byte{0x4e, 1, 0, 0}, 0xff, 0xff, 3, 0)},
	} {
		b.hub.receive(m)
		if got := b.take(); len(got) != 0 {
			t.Errorf("%s gave %+v", name, got)
		}
	}
}

// TestBarrier passes whether the answer comes before or after the waiter.
func TestBarrier(t *testing.T) {
	h := newHub(nil, familyID)
	ch := make(chan struct{})
	h.barriers[5] = ch
	h.passed(4) // of a waiter that gave up
	select {
	case <-ch:
		t.Fatal("passed by the answer to another question")
	default:
	}
	h.passed(5)
	<-ch
	h.passed(6)
	if len(h.barriers) != 0 || !h.early[6] || len(h.early) != 1 {
		t.Errorf("waiting %v, early %v", h.barriers, h.early)
	}
}

// TestJoinGroups names the group that a kernel lacks.
func TestJoinGroups(t *testing.T) {
	nl := nltest.Dial(func([]netlink.Message) ([]netlink.Message, error) { return nil, nil })
	if err := joinGroups(nl, nil); err == nil || !strings.Contains(err.Error(), `no event group "config"`) {
		t.Errorf("no groups: %v", err)
	}
}

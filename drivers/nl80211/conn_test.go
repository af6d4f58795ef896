package nl80211

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/mdlayher/genetlink"
	"github.com/mdlayher/genetlink/genltest"
	"github.com/mdlayher/netlink"
	"github.com/mdlayher/netlink/nltest"
	"golang.org/x/sys/unix"

	"gosupplicant/drivers"
)

func TestDo(t *testing.T) {
	c := kernelConn(t, func(req message, flags netlink.HeaderFlags) answer {
		if req.cmd != 5 || flags != netlink.Request|netlink.Acknowledge {
			t.Errorf("request %d with flags %v", req.cmd, flags)
		}
		return answer{msgs: []message{{cmd: 7, attrs: req.attrs}}}
	})
	msgs, err := c.do("echo", 5, func(ae *netlink.AttributeEncoder) { ae.Uint32(3, 42) })
	if err != nil || len(msgs) != 1 || msgs[0].cmd != 7 || string(msgs[0].attrs) != "\x08\x00\x03\x00\x2a\x00\x00\x00" {
		t.Errorf("got %+v, %v", msgs, err)
	}
}

func TestDoErrors(t *testing.T) {
	for _, tc := range []struct {
		errno unix.Errno
		means error
	}{
		{unix.EBUSY, drivers.ErrBusy},
		{unix.EOPNOTSUPP, drivers.ErrNotSupported},
		{unix.ENETDOWN, drivers.ErrDown},
		{unix.ERFKILL, drivers.ErrDown},
		{unix.ENODEV, drivers.ErrNoInterface},
	} {
		c := kernelConn(t, func(message, netlink.HeaderFlags) answer { return answer{errno: tc.errno} })
		_, err := c.do("start scan", 33, nil)
		if !errors.Is(err, tc.means) || !errors.Is(err, tc.errno) || !strings.HasPrefix(err.Error(), "nl80211: start scan: ") {
			t.Errorf("%v: %v", tc.errno, err)
		}
	}
	c := kernelConn(t, func(message, netlink.HeaderFlags) answer { return answer{errno: unix.EINVAL} })
	if _, err := c.do("start scan", 33, nil); !errors.Is(err, unix.EINVAL) {
		t.Errorf("EINVAL: %v", err)
	}
}

// TestExtendedAck shows that the kernel's explanation reaches the caller.
func TestExtendedAck(t *testing.T) {
	nl := nltest.Dial(func(reqs []netlink.Message) ([]netlink.Message, error) {
		m := ack(reqs[0].Header, unix.EINVAL)
		m.Header.Flags = netlink.AcknowledgeTLVs | netlink.Capped
		ae := netlink.NewAttributeEncoder()
		ae.String(1, "too many SSIDs")
		b, err := ae.Encode()
		m.Data = append(m.Data[:20], b...)
		return []netlink.Message{m}, err
	})
	c := &conn{nl: nl, family: genetlink.Family{ID: familyID}}
	_, err := c.do("start scan", 33, nil)
	if err == nil || !strings.Contains(err.Error(), "too many SSIDs") {
		t.Errorf("got %v", err)
	}
}

func TestDumpRepeatsTorn(t *testing.T) {
	dumps := 0
	c := kernelConn(t, func(_ message, flags netlink.HeaderFlags) answer {
		if flags&netlink.Dump != netlink.Dump {
			t.Errorf("flags %v", flags)
		}
		dumps++
		return answer{msgs: []message{{cmd: uint8(dumps)}}, torn: dumps < 4}
	})
	msgs, err := c.dump("get scan results", 32, nil)
	if err != nil || dumps != 4 || len(msgs) != 1 || msgs[0].cmd != 4 {
		t.Errorf("%d dumps gave %+v, %v", dumps, msgs, err)
	}
}

func TestDumpTakesTheLastTorn(t *testing.T) {
	dumps := 0
	c := kernelConn(t, func(message, netlink.HeaderFlags) answer {
		dumps++
		return answer{msgs: []message{{cmd: 1}}, torn: true}
	})
	if msgs, err := c.dump("get scan results", 32, nil); err != nil || dumps != maxDumps || len(msgs) != 1 {
		t.Errorf("%d dumps gave %+v, %v", dumps, msgs, err)
	}
}

// TestStaleAnswers skips what belongs to an earlier request, refusals included.
func TestStaleAnswers(t *testing.T) {
	var queue [][]netlink.Message
	nl := nltest.Dial(func(reqs []netlink.Message) ([]netlink.Message, error) {
		if len(reqs) == 1 {
			old := reqs[0].Header
			old.Sequence -= 7
			queue = [][]netlink.Message{
				answerMessages(t, old, answer{msgs: []message{{cmd: 99}}}),
				{ack(old, unix.EBUSY)},
				answerMessages(t, reqs[0].Header, answer{msgs: []message{{cmd: 1}}}),
			}
		}
		head := queue[0]
		queue = queue[1:]
		return head, nil
	})
	c := &conn{nl: nl, family: genetlink.Family{ID: familyID}}
	msgs, err := c.do("get interface", 5, nil)
	if err != nil || len(msgs) != 1 || msgs[0].cmd != 1 {
		t.Errorf("got %+v, %v", msgs, err)
	}
}

func TestShortMessage(t *testing.T) {
	nl := nltest.Dial(func(reqs []netlink.Message) ([]netlink.Message, error) {
		h := reqs[0].Header
		h.Type = familyID
		return []netlink.Message{{Header: h, Data: []byte{1}}}, nil
	})
	c := &conn{nl: nl, family: genetlink.Family{ID: familyID}}
	if msgs, err := c.do("get interface", 5, nil); err == nil {
		t.Errorf("a message without header gave %+v", msgs)
	}
}

func TestFamily(t *testing.T) {
	c := genltest.Dial(genltest.ServeFamily(genetlink.Family{ID: 5, Name: "other"}, nil))
	defer c.Close()
	if _, err := c.GetFamily(familyName); err == nil {
		t.Fatal("the double knows every family")
	}
	nl := nltest.Dial(func(reqs []netlink.Message) ([]netlink.Message, error) { return nltest.Error(int(unix.ENOENT), reqs) })
	if _, err := newConn(nl); !errors.Is(err, drivers.ErrNotSupported) {
		t.Errorf("without cfg80211: %v", err)
	}
}

func TestClosedConn(t *testing.T) {
	nl := nltest.Dial(func([]netlink.Message) ([]netlink.Message, error) {
		return nil, os.NewSyscallError("recvmsg", unix.EBADF)
	})
	c := &conn{nl: nl, family: genetlink.Family{ID: familyID}}
	if _, err := c.do("get interface", 5, nil); !errors.Is(err, drivers.ErrClosed) {
		t.Errorf("got %v", err)
	}
}

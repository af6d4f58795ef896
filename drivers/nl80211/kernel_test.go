package nl80211

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"github.com/mdlayher/genetlink"
	"github.com/mdlayher/netlink"
	"github.com/mdlayher/netlink/nltest"
	"golang.org/x/sys/unix"
)

// familyID is the number of the family in the made-up kernels of these tests.
const familyID = 28

// answer is what a made-up kernel says to a request.
type answer struct {
	msgs  []message
	torn  bool       // mark the dump as inconsistent
	errno unix.Errno // fail with this number
}

// kernelConn makes a connection to a kernel that is a function.
func kernelConn(t testing.TB, fn func(req message, flags netlink.HeaderFlags) answer) *conn {
	t.Helper()
	nl := nltest.Dial(func(reqs []netlink.Message) ([]netlink.Message, error) {
		if len(reqs) != 1 {
			t.Fatalf("%d requests at once", len(reqs))
		}
		req, err := decode(reqs[0].Data)
		if err != nil {
			t.Fatal(err)
		}
		return answerMessages(t, reqs[0].Header, fn(req, reqs[0].Header.Flags)), nil
	})
	t.Cleanup(func() { _ = nl.Close() })
	return &conn{nl: nl, family: genetlink.Family{ID: familyID, Name: familyName}}
}

func answerMessages(t testing.TB, req netlink.Header, a answer) []netlink.Message {
	t.Helper()
	var out []netlink.Message
	for _, m := range a.msgs {
		h := netlink.Header{Type: familyID, Sequence: req.Sequence, PID: req.PID}
		if a.torn {
			h.Flags |= netlink.DumpInterrupted
		}
		out = append(out, netlink.Message{Header: h, Data: append([]byte{m.cmd, 1, 0, 0}, m.attrs...)})
	}
	if req.Flags&netlink.Dump != netlink.Dump || a.errno != 0 {
		return append(out, ack(req, a.errno))
	}
	for i := range out {
		out[i].Header.Flags |= netlink.Multi
	}
	return append(out, netlink.Message{
		Header: netlink.Header{Type: netlink.Done, Flags: netlink.Multi, Sequence: req.Sequence, PID: req.PID},
		Data:   make([]byte, 4),
	})
}

// ack is an acknowledgement or, with a number, a refusal.
func ack(req netlink.Header, errno unix.Errno) netlink.Message {
	b := binary.NativeEndian.AppendUint32(nil, uint32(-int32(errno)))
	return netlink.Message{
		Header: netlink.Header{Type: netlink.Error, Sequence: req.Sequence, PID: req.PID},
		Data:   append(b, make([]byte, 16)...),
	}
}

// attrs encodes attributes.
func attrs(t testing.TB, fn encodeFunc) []byte {
	t.Helper()
	ae := netlink.NewAttributeEncoder()
	fn(ae)
	b, err := ae.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// recorded reads messages that a real kernel sent (mac80211_hwsim, Linux 6.1):
// for each a length in 4 bytes, little endian, the command and the attributes.
func recorded(t testing.TB, name string) []message {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name+".bin"))
	if err != nil {
		t.Fatal(err)
	}
	var msgs []message
	for len(b) > 4 {
		n := binary.LittleEndian.Uint32(b)
		if n < 1 || int(n) > len(b)-4 {
			t.Fatalf("testdata/%s.bin: message of %d bytes in the last %d", name, n, len(b)-4)
		}
		msgs = append(msgs, message{cmd: b[4], attrs: b[5 : 4+n]})
		b = b[4+n:]
	}
	return msgs
}

//go:build testoptions

package packet

import (
	"bytes"
	"errors"
	"net"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestRawLoopback sends a whole frame to itself.
func TestRawLoopback(t *testing.T) {
	lo, err := net.InterfaceByName("lo")
	if err != nil {
		t.Fatal(err)
	}
	frames := make(chan []byte, 1024)
	r, err := OpenRaw(lo.Index, func(frame []byte) {
		select {
		case frames <- frame:
		default:
		}
	})
	if errors.Is(err, unix.EPERM) {
		t.Skip("needs CAP_NET_RAW")
	}
	if err != nil {
		t.Fatal(err)
	}
	want := append([]byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0}, bytes.Repeat([]byte{0x5a}, 40)...)
	if err := r.Send(want); err != nil {
		t.Fatal(err)
	}
	deadline := time.After(10 * time.Second)
	for {
		select {
		case got := <-frames:
			if !bytes.Equal(got, want) {
				continue // traffic of others
			}
		case <-deadline:
			t.Fatal("the frame did not arrive")
		}
		break
	}
	if err := r.Send(want[:13]); err == nil {
		t.Error("sent half a header")
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if err := r.Send(want); err == nil {
		t.Error("sent on a closed socket")
	}
	if c, err := OpenRaw(1<<30, nil); err == nil {
		t.Errorf("bound to an interface that is not there: %+v", c)
	}
}

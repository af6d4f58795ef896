package packet

import (
	"bytes"
	"errors"
	"net"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"gosupplicant/engine/dot11"
)

// TestLoopback sends frames to itself: the loopback interface gives back what
// it is given.
func TestLoopback(t *testing.T) {
	lo, err := net.InterfaceByName("lo")
	if err != nil {
		t.Fatal(err)
	}
	frames := make(chan []byte, 16)
	c, err := Open(lo.Index, func(_ dot11.MAC, frame []byte) { frames <- frame })
	if errors.Is(err, unix.EPERM) {
		t.Skip("needs CAP_NET_RAW")
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Join(dot11.MAC{1, 0x80, 0xc2, 0, 0, 3}); err != nil {
		t.Error(err)
	}
	want := []byte{2, 1, 0, 0}
	if err := c.Send(dot11.MAC{}, want); err != nil {
		t.Fatal(err)
	}
	select {
	case got := <-frames:
		if !bytes.Equal(got, want) {
			t.Errorf("got %x, want %x", got, want)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the frame did not arrive")
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if err := c.Send(dot11.MAC{}, want); err == nil {
		t.Error("sent on a closed socket")
	}
	if err := c.Join(dot11.MAC{1, 0x80, 0xc2, 0, 0, 3}); err == nil {
		t.Error("joined on a closed socket")
	}
}

func TestOpenRefused(t *testing.T) {
	if c, err := Open(1<<30, nil); err == nil {
		t.Errorf("bound to an interface that is not there: %+v", c)
	}
}

func TestSource(t *testing.T) {
	ll := &unix.SockaddrLinklayer{Halen: 6, Addr: [8]byte{2, 3, 4, 5, 6, 7, 8, 9}}
	if src, ok := source(ll); !ok || src != (dot11.MAC{2, 3, 4, 5, 6, 7}) {
		t.Errorf("got %v, %t", src, ok)
	}
	ll.Halen = 8
	if src, ok := source(ll); ok {
		t.Errorf("an address of 8 bytes gave %v", src)
	}
}

func TestNetworkOrder(t *testing.T) {
	b := [2]byte{}
	// The kernel wants the bytes 0x88 0x8e in memory.
	v := networkOrder(EtherType)
	b[0], b[1] = byte(v), byte(v>>8)
	if b != [2]byte{0x88, 0x8e} && b != [2]byte{0x8e, 0x88} {
		t.Errorf("got %x", b)
	}
	if networkOrder(networkOrder(0x1234)) != 0x1234 {
		t.Error("swapping twice is not the same")
	}
}

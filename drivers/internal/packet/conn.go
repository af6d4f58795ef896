package packet

import (
	"encoding/binary"
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"gosupplicant/engine/dot11"
)

// Protocols that a socket can be bound to.
const (
	EtherType        = unix.ETH_P_PAE     // EAPOL
	EtherTypePreauth = unix.ETH_P_PREAUTH // EAPOL with another access point, pre-authentication
)

// MaxFrame is the longest frame that is received, bytes; longer ones are
// dropped.
const MaxFrame = 8192

// Conn is a packet socket.
type Conn struct {
	file  *os.File
	proto uint16 // in network byte order
	index int
	fn    func(src dot11.MAC, frame []byte)
	done  chan struct{}
}

// Open binds to the interface with this index, for EAPOL. fn gets every frame and
// owns it; it is not called after Close has returned and must not call Close.
func Open(ifindex int, fn func(src dot11.MAC, frame []byte)) (*Conn, error) {
	return OpenType(ifindex, EtherType, fn)
}

// OpenType is Open for a protocol.
func OpenType(ifindex int, etherType uint16, fn func(src dot11.MAC, frame []byte)) (*Conn, error) {
	proto := networkOrder(etherType)
	// The socket gets its protocol with its interface: one that has a protocol
	// receives already, and to bind it elsewhere the kernel waits until every
	// processor has let go of it (synchronize_net), which takes tens of milliseconds.
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("packet: open socket: %w", err)
	}
	if err := unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: proto, Ifindex: ifindex}); err != nil {
		_ = unix.Close(fd)
		return nil, fmt.Errorf("packet: bind to interface %d: %w", ifindex, err)
	}
	c := &Conn{file: os.NewFile(uintptr(fd), "packet"), proto: proto, index: ifindex, fn: fn, done: make(chan struct{})}
	go c.run()
	return c, nil
}

// networkOrder swaps a 16-bit number to network byte order.
func networkOrder(v uint16) uint16 {
	return binary.NativeEndian.Uint16([]byte{byte(v >> 8), byte(v)})
}

// Send sends a frame, from its version byte on.
func (c *Conn) Send(dst dot11.MAC, frame []byte) error {
	rc, err := c.file.SyscallConn()
	if err != nil {
		return fmt.Errorf("packet: send: %w", err)
	}
	to := &unix.SockaddrLinklayer{Protocol: c.proto, Ifindex: c.index, Halen: uint8(len(dst))}
	copy(to.Addr[:], dst[:])
	var sendErr error
	told := false
	err = rc.Write(func(fd uintptr) bool {
		sendErr = unix.Sendto(int(fd), frame, 0, to)
		if sendErr == unix.ENETDOWN && !told {
			// The socket keeps the news that the interface was down, even when it is
			// not any more, for the next call.
			told = true
			sendErr = unix.Sendto(int(fd), frame, 0, to)
		}
		return sendErr != unix.EAGAIN
	})
	if err == nil {
		err = sendErr
	}
	if err != nil {
		return fmt.Errorf("packet: send %d bytes to %v: %w", len(frame), dst, err)
	}
	return nil
}

// Join makes the device pass on frames to a group address, or, where it cannot
// do that for one, to all of them. It lasts until Close.
func (c *Conn) Join(group dot11.MAC) error {
	rc, err := c.file.SyscallConn()
	if err != nil {
		return fmt.Errorf("packet: join %v: %w", group, err)
	}
	var joinErr error
	err = rc.Control(func(fd uintptr) {
		one := unix.PacketMreq{Ifindex: int32(c.index), Type: unix.PACKET_MR_MULTICAST, Alen: uint16(len(group))}
		copy(one.Address[:], group[:])
		if joinErr = unix.SetsockoptPacketMreq(int(fd), unix.SOL_PACKET, unix.PACKET_ADD_MEMBERSHIP, &one); joinErr == nil {
			return
		}
		all := unix.PacketMreq{Ifindex: int32(c.index), Type: unix.PACKET_MR_ALLMULTI}
		if err := unix.SetsockoptPacketMreq(int(fd), unix.SOL_PACKET, unix.PACKET_ADD_MEMBERSHIP, &all); err == nil {
			joinErr = nil
		}
	})
	if err == nil {
		err = joinErr
	}
	if err != nil {
		return fmt.Errorf("packet: join %v: %w", group, err)
	}
	return nil
}

// Close ends the reader and waits for it.
func (c *Conn) Close() error {
	err := c.file.Close()
	<-c.done
	return err
}

func (c *Conn) run() {
	defer close(c.done)
	rc, err := c.file.SyscallConn()
	if err != nil {
		return
	}
	b := make([]byte, MaxFrame+1)
	for {
		var n int
		var from unix.Sockaddr
		var recvErr error
		err := rc.Read(func(fd uintptr) bool {
			n, from, recvErr = unix.Recvfrom(int(fd), b, 0)
			return recvErr != unix.EAGAIN
		})
		switch {
		case err != nil:
			return // closed
		case recvErr == unix.ENETDOWN || recvErr == unix.ENOBUFS || recvErr == unix.EINTR:
			continue // the interface went down, or frames were dropped: more may come
		case recvErr != nil:
			return
		}
		ll, ok := from.(*unix.SockaddrLinklayer)
		if !ok || n > MaxFrame || ll.Pkttype == unix.PACKET_OUTGOING {
			continue
		}
		src, ok := source(ll)
		if ok {
			c.fn(src, append([]byte(nil), b[:n]...))
		}
	}
}

// source is the sender's address; ok is false for link types without one of 6
// bytes.
func source(ll *unix.SockaddrLinklayer) (src dot11.MAC, ok bool) {
	if int(ll.Halen) != len(src) {
		return src, false
	}
	copy(src[:], ll.Addr[:])
	return src, true
}

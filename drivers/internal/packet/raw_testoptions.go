//go:build testoptions

package packet

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"gosupplicant/engine/dot11"
)

// Raw is a packet socket for whole frames, link-layer header included.
type Raw struct{ conn Conn }

// ethernetHeader is the length of two addresses and the type, bytes.
const ethernetHeader = 14

// OpenRaw binds to the interface with this index for frames of IPv4. fn gets every
// frame and owns it; it is not called after Close has returned and must not call
// Close.
func OpenRaw(ifindex int, fn func(frame []byte)) (*Raw, error) {
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, int(networkOrder(unix.ETH_P_IP)))
	if err != nil {
		return nil, fmt.Errorf("packet: open raw socket: %w", err)
	}
	if err := unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: networkOrder(unix.ETH_P_IP), Ifindex: ifindex}); err != nil {
		_ = unix.Close(fd)
		return nil, fmt.Errorf("packet: bind to interface %d: %w", ifindex, err)
	}
	r := &Raw{Conn{file: os.NewFile(uintptr(fd), "packet"), index: ifindex, done: make(chan struct{}),
		fn: func(_ dot11.MAC, frame []byte) { fn(frame) }}}
	go r.conn.run()
	return r, nil
}

// Send sends a whole Ethernet frame.
func (r *Raw) Send(frame []byte) error {
	if len(frame) < ethernetHeader {
		return fmt.Errorf("packet: frame of %d bytes, its header has %d", len(frame), ethernetHeader)
	}
	rc, err := r.conn.file.SyscallConn()
	if err != nil {
		return fmt.Errorf("packet: send: %w", err)
	}
	to := &unix.SockaddrLinklayer{Ifindex: r.conn.index, Halen: 6}
	copy(to.Addr[:], frame[:6])
	var sendErr error
	err = rc.Write(func(fd uintptr) bool {
		sendErr = unix.Sendto(int(fd), frame, 0, to)
		return sendErr != unix.EAGAIN
	})
	if err == nil {
		err = sendErr
	}
	if err != nil {
		return fmt.Errorf("packet: send frame of %d bytes: %w", len(frame), err)
	}
	return nil
}

// Close ends the reader and waits for it.
func (r *Raw) Close() error { return r.conn.Close() }

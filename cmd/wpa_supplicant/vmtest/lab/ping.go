package lab

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// Pinger sends ICMP echo requests from one network namespace. The answers are
// those of the kernel on the other side.
type Pinger struct {
	fd  int
	id  uint16
	seq uint16
}

// NewPinger opens a raw socket in n (nil is the machine's own namespace), whose
// kernel is also told to answer requests sent to all.
func NewPinger(t T, n *Namespace) *Pinger {
	t.Helper()
	p := &Pinger{id: uint16(os.Getpid())}
	err := n.Do(func() (err error) {
		if err := os.WriteFile("/proc/sys/net/ipv4/icmp_echo_ignore_broadcasts", []byte("0"), 0); err != nil {
			return err
		}
		if p.fd, err = unix.Socket(unix.AF_INET, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.IPPROTO_ICMP); err != nil {
			return err
		}
		return unix.SetsockoptInt(p.fd, unix.SOL_SOCKET, unix.SO_BROADCAST, 1)
	})
	if err != nil {
		t.Fatalf("lab: ping socket: %v", err)
	}
	t.Cleanup(func() { unix.Close(p.fd) })
	return p
}

const (
	icmpEchoReply   = 0
	icmpEchoRequest = 8
	// pingAgain is when another request is sent while none was answered.
	pingAgain = 400 * time.Millisecond
	// pingLength is large enough to need more than a few cipher blocks.
	pingLength = 300
)

// Ping sends requests to an address until one is answered, within Patience.
func (p *Pinger) Ping(t T, to netip.Addr) {
	t.Helper()
	deadline := time.Now().Add(Patience)
	for time.Now().Before(deadline) {
		if p.Try(t, to) {
			return
		}
	}
	t.Fatalf("lab: ping %v: no answer in %v", to, Patience)
}

// Try sends one request and reports whether it was answered soon.
func (p *Pinger) Try(t T, to netip.Addr) bool {
	t.Helper()
	ok, err := p.try(to)
	if err != nil {
		t.Fatalf("lab: ping %v: %v", to, err)
	}
	return ok
}

func (p *Pinger) try(to netip.Addr) (bool, error) {
	p.seq++
	err := unix.Sendto(p.fd, p.request(), 0, &unix.SockaddrInet4{Addr: to.As4()})
	if err != nil && !errors.Is(err, unix.EHOSTUNREACH) && !errors.Is(err, unix.ENETUNREACH) {
		return false, err
	}
	deadline := time.Now().Add(pingAgain)
	buf := make([]byte, 2048)
	for {
		left := time.Until(deadline)
		if left <= 0 {
			return false, nil
		}
		if _, err := unix.Poll([]unix.PollFd{{Fd: int32(p.fd), Events: unix.POLLIN}}, int(left.Milliseconds())+1); err != nil && !errors.Is(err, unix.EINTR) {
			return false, err
		}
		for {
			n, err := unix.Read(p.fd, buf)
			if errors.Is(err, unix.EAGAIN) {
				break
			}
			if err != nil {
				// An error that the kernel learnt about an earlier request.
				break
			}
			if p.answers(buf[:n]) {
				return true, nil
			}
		}
	}
}

// request is an echo request (RFC 792).
func (p *Pinger) request() []byte {
	b := make([]byte, 8+pingLength)
	b[0] = icmpEchoRequest
	binary.BigEndian.PutUint16(b[4:], p.id)
	binary.BigEndian.PutUint16(b[6:], p.seq)
	for i := range pingLength {
		b[8+i] = byte(i)
	}
	binary.BigEndian.PutUint16(b[2:], checksum(b))
	return b
}

// answers checks an IPv4 packet: the reply to the latest request, whole.
func (p *Pinger) answers(packet []byte) bool {
	if len(packet) < 20 {
		return false
	}
	header := int(packet[0]&0x0f) * 4
	if header < 20 || len(packet) != header+8+pingLength {
		return false
	}
	b := packet[header:]
	return b[0] == icmpEchoReply && binary.BigEndian.Uint16(b[4:]) == p.id &&
		binary.BigEndian.Uint16(b[6:]) == p.seq && checksum(b) == 0
}

// checksum is the Internet checksum (RFC 1071) of a message of even length.
func checksum(b []byte) uint16 {
	var sum uint32
	for ; len(b) >= 2; b = b[2:] {
		sum += uint32(binary.BigEndian.Uint16(b))
	}
	for sum>>16 != 0 {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}

// Subnet is the n-th /24 of the laboratory: host h in it.
func Subnet(n, h int) netip.Addr { return netip.AddrFrom4([4]byte{10, 77, byte(n), byte(h)}) }

// Prefix writes host h of subnet n with its length, as ip(8) takes it.
func Prefix(n, h int) string { return fmt.Sprintf("%v/24", Subnet(n, h)) }

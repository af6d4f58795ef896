package eaptls

import (
	"net"
	"time"
)

// tunnel is what crypto/tls takes for a connection: octets that were unpacked from
// EAP, and those that will be packed into it. Reading when there is nothing hands
// over to the goroutine that has the packets.
type tunnel struct {
	in    []byte // from the peer, not read yet
	out   []byte // for the peer, not sent yet
	yield func(signal) bool
}

func (t *tunnel) Read(b []byte) (int, error) {
	for len(t.in) == 0 {
		if !t.yield(signalInput) {
			return 0, net.ErrClosed
		}
	}
	n := copy(b, t.in)
	t.in = t.in[n:]
	return n, nil
}

func (t *tunnel) Write(b []byte) (int, error) {
	t.out = append(t.out, b...)
	return len(b), nil
}

func (*tunnel) Close() error                     { return nil }
func (*tunnel) LocalAddr() net.Addr              { return tunnelAddr{} }
func (*tunnel) RemoteAddr() net.Addr             { return tunnelAddr{} }
func (*tunnel) SetDeadline(time.Time) error      { return nil }
func (*tunnel) SetReadDeadline(time.Time) error  { return nil }
func (*tunnel) SetWriteDeadline(time.Time) error { return nil }

// tunnelAddr stands for the peer; tickets are kept under it.
type tunnelAddr struct{}

func (tunnelAddr) Network() string { return "eap" }
func (tunnelAddr) String() string  { return "eap" }

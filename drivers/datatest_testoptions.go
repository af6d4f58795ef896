//go:build testoptions

package drivers

// DataTester is implemented by interfaces that can send and receive whole Ethernet
// frames for test programs.
type DataTester interface {
	// OpenData opens a socket for IPv4 frames on a network interface, "" for the
	// interface itself. receive gets every frame from the Ethernet header on and owns
	// it; it is called from a goroutine of the socket, and not after Close has
	// returned.
	OpenData(ifname string, receive func(frame []byte)) (DataSocket, error)
}

// DataSocket is what DataTester opens.
type DataSocket interface {
	// Send sends a whole Ethernet frame of any type.
	Send(frame []byte) error
	Close() error
}

package lab

import (
	"encoding/binary"
	"fmt"
	"net"

	"golang.org/x/sys/unix"
)

// Injector sends raw 802.11 frames from a radio, which may be an access point
// at the same time: as an attacker would, who can send in anybody's name but
// has no keys.
type Injector struct {
	t  T
	fd int
}

// NewInjector adds a monitor interface to a radio of n.
func NewInjector(t T, n *Namespace, phy string) *Injector {
	t.Helper()
	const name = "mon0"
	n.Run("iw", "phy", phy, "interface", "add", name, "type", "monitor")
	t.Cleanup(func() { n.Run("iw", "dev", name, "del") })
	n.Run("ip", "link", "set", name, "up")
	j := &Injector{t: t}
	err := n.Do(func() (err error) {
		ifi, err := net.InterfaceByName(name)
		if err != nil {
			return err
		}
		if j.fd, err = unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0); err != nil {
			return err
		}
		return unix.Bind(j.fd, &unix.SockaddrLinklayer{Ifindex: ifi.Index})
	})
	if err != nil {
		t.Fatalf("lab: injector: %v", err)
	}
	t.Cleanup(func() { unix.Close(j.fd) })
	return j
}

// Subtypes of management frames (IEEE 802.11-2020, 9.2.4.1.3), for Forge.
const (
	Disassociation   = 0xa0
	Deauthentication = 0xc0
)

// Forge sends a disassociation or deauthentication, without protection, from an
// access point to a station.
func (j *Injector) Forge(subtype byte, ap, station string, reason uint16) {
	j.t.Helper()
	frame := []byte{0, 0, 8, 0, 0, 0, 0, 0} // radiotap without fields
	frame = append(frame, subtype, 0, 0, 0)
	for _, text := range []string{station, ap, ap} {
		addr, err := net.ParseMAC(text)
		if err != nil {
			j.t.Fatalf("lab: forge: %v", err)
		}
		frame = append(frame, addr...)
	}
	frame = append(frame, 0, 0) // sequence control: the kernel counts
	frame = binary.LittleEndian.AppendUint16(frame, reason)
	if _, err := unix.Write(j.fd, frame); err != nil {
		j.t.Fatalf("lab: forge %s: %v", fmt.Sprintf("%#02x", subtype), err)
	}
}

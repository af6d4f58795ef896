//go:build testoptions

package wext

import (
	"fmt"
	"net"

	"gosupplicant/drivers"
	"gosupplicant/drivers/internal/packet"
)

var _ drivers.DataTester = (*iface)(nil)

// OpenData implements drivers.DataTester by a packet socket.
func (i *iface) OpenData(ifname string, receive func(frame []byte)) (drivers.DataSocket, error) {
	index := i.info.Ifindex
	if ifname != "" {
		at, err := net.InterfaceByName(ifname)
		if err != nil {
			return nil, fmt.Errorf("wext: data test on %q: %w", ifname, err)
		}
		index = at.Index
	}
	return packet.OpenRaw(index, receive)
}

//go:build testoptions

package nl80211

import (
	"fmt"
	"net"

	"gosupplicant/drivers"
	"gosupplicant/drivers/internal/packet"
)

var _ drivers.DataTester = (*Interface)(nil)

// OpenData implements drivers.DataTester by a packet socket.
func (i *Interface) OpenData(ifname string, receive func(frame []byte)) (drivers.DataSocket, error) {
	index := i.info.Ifindex
	if ifname != "" {
		at, err := net.InterfaceByName(ifname)
		if err != nil {
			return nil, fmt.Errorf("nl80211: data test on %q: %w", ifname, err)
		}
		index = at.Index
	}
	return packet.OpenRaw(index, receive)
}

package nl80211

import (
	"fmt"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"gosupplicant/drivers"
	"gosupplicant/drivers/internal/link"
	"gosupplicant/engine/dot11"
)

// CreateInterface implements drivers.Creator.
func (d *Driver) CreateInterface(parent, name string, t drivers.IfaceType, addr *dot11.MAC) error {
	iftype, ok := ifaceTypes[t]
	if !ok {
		return fmt.Errorf("nl80211: create %s: interface type %d: %w", name, t, drivers.ErrNotSupported)
	}
	if name == "" || len(name) >= unix.IFNAMSIZ {
		return fmt.Errorf("nl80211: create interface: name %q does not have 1 to %d bytes", name, unix.IFNAMSIZ-1)
	}
	return withInterface(parent, func(c *conn, l link.Link) error {
		_, err := c.do("create interface "+name, unix.NL80211_CMD_NEW_INTERFACE, func(ae *netlink.AttributeEncoder) {
			ae.Uint32(unix.NL80211_ATTR_IFINDEX, uint32(l.Index))
			ae.String(unix.NL80211_ATTR_IFNAME, name)
			ae.Uint32(unix.NL80211_ATTR_IFTYPE, iftype)
			if addr != nil {
				ae.Bytes(unix.NL80211_ATTR_MAC, addr[:])
			}
		})
		return err
	})
}

// DeleteInterface implements drivers.Creator.
func (d *Driver) DeleteInterface(name string) error {
	return withInterface(name, func(c *conn, l link.Link) error {
		_, err := c.do("delete interface "+name, unix.NL80211_CMD_DEL_INTERFACE, func(ae *netlink.AttributeEncoder) {
			ae.Uint32(unix.NL80211_ATTR_IFINDEX, uint32(l.Index))
		})
		return err
	})
}

// withInterface calls fn with a command connection and the named interface.
func withInterface(name string, fn func(*conn, link.Link) error) error {
	lc, err := link.Dial()
	if err != nil {
		return err
	}
	defer lc.Close()
	l, err := lc.ByName(name)
	if err != nil {
		return fmt.Errorf("nl80211: %s: %w (%w)", name, drivers.ErrNoInterface, err)
	}
	c, err := dial()
	if err != nil {
		return err
	}
	defer c.Close()
	return fn(c, l)
}

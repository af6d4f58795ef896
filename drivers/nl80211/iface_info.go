package nl80211

import (
	"fmt"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
)

// ifaceInfo is the kernel's description of an interface (NL80211_CMD_NEW_INTERFACE).
type ifaceInfo struct {
	ifindex int // 0 for P2P devices, which have no network device
	ifname  string
	wiphy   uint32
	wdev    uint64
	iftype  uint32
	mac     dot11.MAC
	ssid    []byte // of the present association or AP
	freq    int    // MHz, 0 without a channel
}

// decodeIface decodes the attributes of an interface.
func decodeIface(attrs []byte) (ifaceInfo, error) {
	var info ifaceInfo
	err := each("interface", attrs, func(ad *netlink.AttributeDecoder) (err error) {
		switch ad.Type() {
		case unix.NL80211_ATTR_IFINDEX:
			info.ifindex = int(ad.Uint32())
		case unix.NL80211_ATTR_IFNAME:
			info.ifname = ad.String()
		case unix.NL80211_ATTR_WIPHY:
			info.wiphy = ad.Uint32()
		case unix.NL80211_ATTR_WDEV:
			info.wdev = ad.Uint64()
		case unix.NL80211_ATTR_IFTYPE:
			info.iftype = ad.Uint32()
		case unix.NL80211_ATTR_MAC:
			info.mac, err = mac(ad)
		case unix.NL80211_ATTR_SSID:
			info.ssid = ad.Bytes()
		case unix.NL80211_ATTR_WIPHY_FREQ:
			info.freq = int(ad.Uint32())
		}
		return err
	})
	return info, err
}

// getIface asks for one interface.
func (c *conn) getIface(ifindex int) (ifaceInfo, error) {
	msgs, err := c.do("get interface", unix.NL80211_CMD_GET_INTERFACE, func(ae *netlink.AttributeEncoder) {
		ae.Uint32(unix.NL80211_ATTR_IFINDEX, uint32(ifindex))
	})
	if err != nil {
		return ifaceInfo{}, err
	}
	if len(msgs) != 1 {
		return ifaceInfo{}, fmt.Errorf("nl80211: get interface %d: %d answers", ifindex, len(msgs))
	}
	return decodeIface(msgs[0].attrs)
}

// getWiphy asks for everything about the radio of an interface.
func (c *conn) getWiphy(ifindex int) (*wiphy, error) {
	msgs, err := c.dump("get radio", unix.NL80211_CMD_GET_WIPHY, func(ae *netlink.AttributeEncoder) {
		ae.Flag(unix.NL80211_ATTR_SPLIT_WIPHY_DUMP, true)
		ae.Uint32(unix.NL80211_ATTR_IFINDEX, uint32(ifindex))
	})
	if err != nil {
		return nil, err
	}
	return decodeWiphy(msgs)
}

// setStation makes the interface a station where it is not.
func (c *conn) setStation(ifindex int) error {
	_, err := c.do("set interface type to station", unix.NL80211_CMD_SET_INTERFACE, func(ae *netlink.AttributeEncoder) {
		ae.Uint32(unix.NL80211_ATTR_IFINDEX, uint32(ifindex))
		ae.Uint32(unix.NL80211_ATTR_IFTYPE, unix.NL80211_IFTYPE_STATION)
	})
	return err
}

var ifaceTypes = map[drivers.IfaceType]uint32{
	drivers.IfaceStation: unix.NL80211_IFTYPE_STATION,
	drivers.IfaceAP:      unix.NL80211_IFTYPE_AP,
}

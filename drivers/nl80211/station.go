package nl80211

import (
	"errors"
	"fmt"
	"time"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
)

// peer is who the statistics are about.
type peer struct {
	addr dot11.MAC
	set  uint32 // bit n is NL80211_STA_FLAG n
}

// isAP tells whether the peer is the access point of a station's association.
// Devices that tell no flags have no other peers.
func (p peer) isAP() bool {
	return p.set == 0 || p.set>>unix.NL80211_STA_FLAG_ASSOCIATED&1 != 0 && p.set>>unix.NL80211_STA_FLAG_TDLS_PEER&1 == 0
}

// decodeStation decodes the statistics of a peer.
func decodeStation(attrs []byte) (sig drivers.Signal, p peer, err error) {
	sig.Noise = drivers.NoiseUnknown
	err = each("station", attrs, func(ad *netlink.AttributeDecoder) (err error) {
		switch ad.Type() {
		case unix.NL80211_ATTR_MAC:
			p.addr, err = mac(ad)
		case unix.NL80211_ATTR_STA_INFO:
			err = nested(ad, func(ad *netlink.AttributeDecoder) error {
				if ad.Type() == unix.NL80211_STA_INFO_STA_FLAGS {
					// struct nl80211_sta_flag_update: which flags are known, which are set
					flags, err := uint32s(ad.Bytes())
					if err == nil && len(flags) == 2 {
						p.set = flags[0] & flags[1]
					}
					return err
				}
				if stationCounter(&sig, ad) {
					return nil
				}
				return stationAttr(&sig, ad)
			})
		}
		return err
	})
	return sig, p, err
}

func stationAttr(sig *drivers.Signal, ad *netlink.AttributeDecoder) (err error) {
	switch ad.Type() {
	case unix.NL80211_STA_INFO_SIGNAL:
		sig.Signal = signed(ad.Uint8())
	case unix.NL80211_STA_INFO_SIGNAL_AVG:
		sig.AvgSignal = signed(ad.Uint8())
	case unix.NL80211_STA_INFO_BEACON_SIGNAL_AVG:
		sig.AvgBeaconSignal = signed(ad.Uint8())
	case unix.NL80211_STA_INFO_INACTIVE_TIME:
		sig.Inactive = time.Duration(ad.Uint32()) * time.Millisecond
	case unix.NL80211_STA_INFO_TX_BITRATE:
		sig.TxRate, err = decodeRate(ad)
	case unix.NL80211_STA_INFO_RX_BITRATE:
		sig.RxRate, err = decodeRate(ad)
	}
	return err
}

// stationCounter takes the counters. The byte counters of 32 bits count only
// until the ones of 64 bits are seen.
func stationCounter(sig *drivers.Signal, ad *netlink.AttributeDecoder) bool {
	switch ad.Type() {
	case unix.NL80211_STA_INFO_RX_BYTES:
		sig.RxBytes = max(sig.RxBytes, uint64(ad.Uint32()))
	case unix.NL80211_STA_INFO_TX_BYTES:
		sig.TxBytes = max(sig.TxBytes, uint64(ad.Uint32()))
	case unix.NL80211_STA_INFO_RX_BYTES64:
		sig.RxBytes = ad.Uint64()
	case unix.NL80211_STA_INFO_TX_BYTES64:
		sig.TxBytes = ad.Uint64()
	case unix.NL80211_STA_INFO_RX_PACKETS:
		sig.RxPackets = uint64(ad.Uint32())
	case unix.NL80211_STA_INFO_TX_PACKETS:
		sig.TxPackets = uint64(ad.Uint32())
	case unix.NL80211_STA_INFO_TX_FAILED:
		sig.TxFailed = uint64(ad.Uint32())
	case unix.NL80211_STA_INFO_TX_RETRIES:
		sig.TxRetries = uint64(ad.Uint32())
	case unix.NL80211_STA_INFO_RX_DROP_MISC:
		sig.RxDropped = ad.Uint64()
	case unix.NL80211_STA_INFO_BEACON_RX:
		sig.BeaconsReceived = ad.Uint64()
	case unix.NL80211_STA_INFO_BEACON_LOSS:
		sig.BeaconLoss = uint64(ad.Uint32())
	default:
		return false
	}
	return true
}

// decodeRate returns kbit/s.
func decodeRate(ad *netlink.AttributeDecoder) (int, error) {
	var short, long int
	err := nested(ad, func(ad *netlink.AttributeDecoder) error {
		switch ad.Type() {
		case unix.NL80211_RATE_INFO_BITRATE:
			short = int(ad.Uint16())
		case unix.NL80211_RATE_INFO_BITRATE32:
			long = int(ad.Uint32())
		}
		return nil
	})
	if long == 0 {
		long = short
	}
	return long * 100, err
}

// channel is the operating channel of an interface.
type channel struct{ freq, width, center1, center2 int } // MHz

var channelWidths = map[uint32]int{
	unix.NL80211_CHAN_WIDTH_20:    20,
	unix.NL80211_CHAN_WIDTH_40:    40,
	unix.NL80211_CHAN_WIDTH_80:    80,
	unix.NL80211_CHAN_WIDTH_80P80: 80,
	unix.NL80211_CHAN_WIDTH_160:   160,
	unix.NL80211_CHAN_WIDTH_5:     5,
	unix.NL80211_CHAN_WIDTH_10:    10,
	unix.NL80211_CHAN_WIDTH_320:   320,
}

// decodeInterfaceChannel reads the channel out of an interface's description.
func decodeInterfaceChannel(attrs []byte) (ch channel, err error) {
	err = each("interface", attrs, func(ad *netlink.AttributeDecoder) error {
		switch ad.Type() {
		case unix.NL80211_ATTR_WIPHY_FREQ:
			ch.freq = int(ad.Uint32())
		case unix.NL80211_ATTR_CHANNEL_WIDTH:
			ch.width = channelWidths[ad.Uint32()]
		case unix.NL80211_ATTR_CENTER_FREQ1:
			ch.center1 = int(ad.Uint32())
		case unix.NL80211_ATTR_CENTER_FREQ2:
			ch.center2 = int(ad.Uint32())
		}
		return nil
	})
	return ch, err
}

// SignalPoll implements drivers.SignalPoller. Without an association it fails
// with an error that wraps drivers.ErrNotSupported.
func (i *Interface) SignalPoll() (drivers.Signal, error) {
	sig, err := i.cmd.link(i.info.Ifindex)
	if err != nil {
		return drivers.Signal{}, err
	}
	msgs, err := i.cmd.do("get interface", unix.NL80211_CMD_GET_INTERFACE, i.ifindexAttr)
	if err != nil {
		return drivers.Signal{}, err
	}
	for _, m := range msgs {
		ch, err := decodeInterfaceChannel(m.attrs)
		if err != nil {
			return drivers.Signal{}, err
		}
		sig.Freq, sig.Width, sig.CenterFreq1, sig.CenterFreq2 = ch.freq, ch.width, ch.center1, ch.center2
	}
	surveys, err := i.cmd.survey(i.info.Ifindex, sig.Freq)
	if err != nil && !errors.Is(err, drivers.ErrNotSupported) {
		return drivers.Signal{}, err
	}
	for _, s := range surveys {
		if s.Noise != 0 {
			sig.Noise = s.Noise
		}
	}
	return sig, nil
}

// link returns the statistics of the access point that the interface is
// associated with.
func (c *conn) link(ifindex int) (drivers.Signal, error) {
	msgs, err := c.dump("get stations", unix.NL80211_CMD_GET_STATION, func(ae *netlink.AttributeEncoder) {
		ae.Uint32(unix.NL80211_ATTR_IFINDEX, uint32(ifindex))
	})
	if err != nil {
		return drivers.Signal{}, err
	}
	for _, m := range msgs {
		sig, p, err := decodeStation(m.attrs)
		if err != nil {
			return drivers.Signal{}, err
		}
		if p.isAP() {
			return sig, nil
		}
	}
	return drivers.Signal{}, fmt.Errorf("nl80211: signal poll: not associated: %w", drivers.ErrNotSupported)
}

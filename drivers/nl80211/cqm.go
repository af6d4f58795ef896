package nl80211

import (
	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// SetSignalMonitor implements drivers.SignalMonitor: EventSignal follows when
// the signal crosses the threshold by more than the hysteresis. A threshold of
// 0 switches the monitor off.
func (i *Interface) SetSignalMonitor(thresholdDBm, hysteresisDB int) error {
	_, err := i.cmd.do("set signal monitor", unix.NL80211_CMD_SET_CQM, func(ae *netlink.AttributeEncoder) {
		i.ifindexAttr(ae)
		ae.Nested(unix.NL80211_ATTR_CQM, func(ae *netlink.AttributeEncoder) error {
			ae.Int32(unix.NL80211_ATTR_CQM_RSSI_THOLD, int32(thresholdDBm))
			ae.Uint32(unix.NL80211_ATTR_CQM_RSSI_HYST, uint32(max(0, hysteresisDB)))
			return nil
		})
	})
	return err
}

// cqmEvent is what a connection quality report says. Only one of the parts is
// present in a message.
type cqmEvent struct {
	threshold  bool // the signal crossed the threshold
	above      bool
	level      int // dBm, 0 where the kernel does not tell
	beaconLoss bool
}

// decodeCQM decodes the attribute NL80211_ATTR_CQM of an event.
func decodeCQM(ad *netlink.AttributeDecoder) (cqmEvent, error) {
	var e cqmEvent
	err := nested(ad, func(ad *netlink.AttributeDecoder) error {
		switch ad.Type() {
		case unix.NL80211_ATTR_CQM_RSSI_THRESHOLD_EVENT:
			switch ad.Uint32() {
			case unix.NL80211_CQM_RSSI_THRESHOLD_EVENT_HIGH:
				e.threshold, e.above = true, true
			case unix.NL80211_CQM_RSSI_THRESHOLD_EVENT_LOW:
				e.threshold = true
			case unix.NL80211_CQM_RSSI_BEACON_LOSS_EVENT:
				e.beaconLoss = true
			}
		case unix.NL80211_ATTR_CQM_RSSI_LEVEL:
			e.level = int(ad.Int32())
		case unix.NL80211_ATTR_CQM_BEACON_LOSS_EVENT:
			e.beaconLoss = true
		}
		return nil
	})
	return e, err
}

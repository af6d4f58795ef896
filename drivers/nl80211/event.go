package nl80211

import (
	"encoding/binary"
	"fmt"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
)

// target says what a message concerns, as far as the kernel tells.
type target struct {
	ifindex  int
	wdev     uint64
	wiphy    uint32
	hasWdev  bool
	hasWiphy bool
}

// event is a multicast message whose target is known and whose other
// attributes are decoded on demand.
type event struct {
	cmd uint8
	target
	attrs []byte
}

// decodeEvent reads what a message concerns.
func decodeEvent(m message) (event, error) {
	e := event{cmd: m.cmd, attrs: m.attrs}
	err := each("event", m.attrs, func(ad *netlink.AttributeDecoder) error {
		switch ad.Type() {
		case unix.NL80211_ATTR_IFINDEX:
			e.ifindex = int(ad.Uint32())
		case unix.NL80211_ATTR_WDEV:
			e.wdev, e.hasWdev = ad.Uint64(), true
		case unix.NL80211_ATTR_WIPHY:
			e.wiphy, e.hasWiphy = ad.Uint32(), true
		}
		return nil
	})
	return e, err
}

// scanScope is what a scan event says of the scan.
type scanScope struct {
	freqs []int    // MHz
	ssids [][]byte // empty names are wildcards
}

const (
	maxScopeFreqs = 1024
	maxScopeSSIDs = 64
)

func decodeScanScope(attrs []byte) (scanScope, error) {
	var s scanScope
	err := each("scan event", attrs, func(ad *netlink.AttributeDecoder) error {
		switch ad.Type() {
		case unix.NL80211_ATTR_SCAN_FREQUENCIES:
			return nested(ad, func(ad *netlink.AttributeDecoder) error {
				if len(s.freqs) < maxScopeFreqs {
					s.freqs = append(s.freqs, int(ad.Uint32()))
				}
				return nil
			})
		case unix.NL80211_ATTR_SCAN_SSIDS:
			return nested(ad, func(ad *netlink.AttributeDecoder) error {
				ssid := ad.Bytes()
				if len(ssid) > 32 {
					return fmt.Errorf("SSID of %d bytes", len(ssid))
				}
				if len(s.ssids) < maxScopeSSIDs {
					s.ssids = append(s.ssids, ssid)
				}
				return nil
			})
		}
		return nil
	})
	return s, err
}

// Offsets in a management frame (IEEE 802.11-2024 9.3.3.1) as far as a
// deauthentication or disassociation has them.
const (
	frameSA     = 10
	frameBSSID  = 16
	frameReason = 24
	frameLost   = 26 // length of such a frame
)

// decodeLost decodes a deauthentication or disassociation (the frame itself) or
// the end of a connection that the device managed. own is our address.
func decodeLost(attrs []byte, own dot11.MAC) (drivers.EventDisconnected, error) {
	var e drivers.EventDisconnected
	byAP, framed := false, false
	err := each("loss of connection", attrs, func(ad *netlink.AttributeDecoder) (err error) {
		switch ad.Type() {
		case unix.NL80211_ATTR_FRAME:
			framed = true
			err = lostFrame(&e, ad.Bytes(), own)
		case unix.NL80211_ATTR_MAC:
			e.BSSID, err = mac(ad)
		case unix.NL80211_ATTR_REASON_CODE:
			e.Reason = ad.Uint16()
		case unix.NL80211_ATTR_DISCONNECTED_BY_AP:
			byAP = true
		}
		return err
	})
	if !framed {
		e.Local = !byAP
	}
	return e, err
}

func lostFrame(e *drivers.EventDisconnected, frame []byte, own dot11.MAC) error {
	if len(frame) < frameLost {
		return fmt.Errorf("frame of %d bytes, want at least %d", len(frame), frameLost)
	}
	copy(e.BSSID[:], frame[frameBSSID:])
	e.Reason = binary.LittleEndian.Uint16(frame[frameReason:])
	e.Disassoc = dot11.Subtype(frame[0]>>4) == dot11.SubtypeDisassoc
	e.Local = dot11.MAC(frame[frameSA:frameSA+6]) == own
	return nil
}

// decodeQuality finds the connection quality report of an event.
func decodeQuality(attrs []byte) (cqmEvent, error) {
	var e cqmEvent
	err := each("connection quality", attrs, func(ad *netlink.AttributeDecoder) (err error) {
		if ad.Type() == unix.NL80211_ATTR_CQM {
			e, err = decodeCQM(ad)
		}
		return err
	})
	return e, err
}

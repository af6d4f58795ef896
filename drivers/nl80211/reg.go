package nl80211

import (
	"fmt"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"gosupplicant/drivers"
)

// Country implements drivers.CountryControl: the domain of the radio where it
// manages its own, else the system's.
func (i *Interface) Country() (string, error) {
	msgs, err := i.cmd.do("get regulatory domain", unix.NL80211_CMD_GET_REG, func(ae *netlink.AttributeEncoder) {
		if i.Capability().RegulatorySelfManaged {
			ae.Uint32(unix.NL80211_ATTR_WIPHY, i.wiphyIndex)
		}
	})
	if err != nil {
		return "", err
	}
	for _, m := range msgs {
		alpha2, err := decodeAlpha2(m.attrs)
		if err != nil {
			return "", err
		}
		if alpha2 != "" {
			return alpha2, nil
		}
	}
	return "", fmt.Errorf("nl80211: get regulatory domain: the kernel named none")
}

func decodeAlpha2(attrs []byte) (alpha2 string, err error) {
	err = each("regulatory domain", attrs, func(ad *netlink.AttributeDecoder) error {
		if ad.Type() == unix.NL80211_ATTR_REG_ALPHA2 {
			alpha2 = ad.String()
		}
		return nil
	})
	if err == nil && alpha2 != "" && !validAlpha2(alpha2) {
		return "", fmt.Errorf("nl80211: regulatory domain %q is not two characters", alpha2)
	}
	return alpha2, err
}

// SetCountry implements drivers.CountryControl. The change, if any, is reported
// by EventRegulatory.
func (i *Interface) SetCountry(alpha2 string) error {
	if !validAlpha2(alpha2) {
		return fmt.Errorf("nl80211: country %q is not two letters", alpha2)
	}
	_, err := i.cmd.do("set country "+alpha2, unix.NL80211_CMD_REQ_SET_REG, func(ae *netlink.AttributeEncoder) {
		ae.String(unix.NL80211_ATTR_REG_ALPHA2, alpha2)
	})
	return err
}

// validAlpha2 accepts two letters or digits ("00" is the world, "99" custom).
func validAlpha2(s string) bool {
	if len(s) != 2 {
		return false
	}
	for _, c := range []byte(s) {
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

var regInitiators = map[uint8]string{
	unix.NL80211_REGDOM_SET_BY_CORE:       "CORE",
	unix.NL80211_REGDOM_SET_BY_USER:       "USER",
	unix.NL80211_REGDOM_SET_BY_DRIVER:     "DRIVER",
	unix.NL80211_REGDOM_SET_BY_COUNTRY_IE: "COUNTRY_IE",
}

var regTypes = map[uint8]string{
	unix.NL80211_REGDOM_TYPE_COUNTRY:      "COUNTRY",
	unix.NL80211_REGDOM_TYPE_WORLD:        "WORLD",
	unix.NL80211_REGDOM_TYPE_CUSTOM_WORLD: "CUSTOM_WORLD",
	unix.NL80211_REGDOM_TYPE_INTERSECTION: "INTERSECTION",
}

// regEvent is a decoded NL80211_CMD_REG_CHANGE or _WIPHY_REG_CHANGE.
type regEvent struct {
	event    drivers.EventRegulatory
	wiphy    uint32
	hasWiphy bool // concerns this radio only
}

func decodeRegChange(attrs []byte) (regEvent, error) {
	e := regEvent{event: drivers.EventRegulatory{Initiator: "CORE", Type: "UNKNOWN"}}
	err := each("regulatory change", attrs, func(ad *netlink.AttributeDecoder) error {
		switch ad.Type() {
		case unix.NL80211_ATTR_REG_INITIATOR:
			if s, ok := regInitiators[ad.Uint8()]; ok {
				e.event.Initiator = s
			}
		case unix.NL80211_ATTR_REG_TYPE:
			if s, ok := regTypes[ad.Uint8()]; ok {
				e.event.Type = s
			}
		case unix.NL80211_ATTR_REG_ALPHA2:
			e.event.Alpha2 = ad.String()
		case unix.NL80211_ATTR_WIPHY:
			e.wiphy, e.hasWiphy = ad.Uint32(), true
		}
		return nil
	})
	if e.event.Type != "COUNTRY" || !validAlpha2(e.event.Alpha2) {
		e.event.Alpha2 = ""
	}
	return e, err
}

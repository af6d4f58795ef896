package nl80211

import (
	"slices"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"gosupplicant/drivers"
)

// maxChannels bounds the channels of one band; the largest real one has fewer
// than 100.
const maxChannels = 512

var bandIDs = map[uint16]drivers.BandID{
	unix.NL80211_BAND_2GHZ:  drivers.Band2GHz,
	unix.NL80211_BAND_5GHZ:  drivers.Band5GHz,
	unix.NL80211_BAND_60GHZ: drivers.Band60GHz,
	unix.NL80211_BAND_6GHZ:  drivers.Band6GHz,
}

// mergeBand adds what one message says of a band. A split dump spreads a band
// over many. Bands below 1 GHz are skipped: stations of this program do not
// speak S1G.
func (w *wiphy) mergeBand(ad *netlink.AttributeDecoder) error {
	id, known := bandIDs[ad.Type()]
	if !known {
		return nil
	}
	i := slices.IndexFunc(w.bands, func(b drivers.Band) bool { return b.ID == id })
	if i < 0 {
		i = len(w.bands)
		w.bands = append(w.bands, drivers.Band{ID: id})
	}
	band := &w.bands[i]
	err := nested(ad, func(ad *netlink.AttributeDecoder) error { return mergeBandAttr(band, ad) })
	band.MaxWidth = maxWidth(band)
	return err
}

func mergeBandAttr(band *drivers.Band, ad *netlink.AttributeDecoder) error {
	switch ad.Type() {
	case unix.NL80211_BAND_ATTR_FREQS:
		return nested(ad, func(ad *netlink.AttributeDecoder) error {
			ch, err := decodeChannel(ad)
			if err == nil {
				addChannel(band, ch)
			}
			return err
		})
	case unix.NL80211_BAND_ATTR_RATES:
		return nested(ad, func(ad *netlink.AttributeDecoder) error { return addRate(band, ad) })
	case unix.NL80211_BAND_ATTR_HT_CAPA:
		band.HT, band.HTCapa = true, ad.Uint16()
	case unix.NL80211_BAND_ATTR_HT_MCS_SET:
		copy(band.HTMCS[:], ad.Bytes())
	case unix.NL80211_BAND_ATTR_VHT_CAPA:
		band.VHT, band.VHTCapa = true, ad.Uint32()
	case unix.NL80211_BAND_ATTR_VHT_MCS_SET:
		copy(band.VHTMCS[:], ad.Bytes())
	case unix.NL80211_BAND_ATTR_IFTYPE_DATA:
		return nested(ad, func(ad *netlink.AttributeDecoder) error { return mergeIftypeData(band, ad) })
	}
	return nil
}

// addChannel appends a channel, or replaces what an earlier message said of it.
func addChannel(band *drivers.Band, ch drivers.Channel) {
	for i := range band.Channels {
		if band.Channels[i].Freq == ch.Freq {
			band.Channels[i] = ch
			return
		}
	}
	if len(band.Channels) < maxChannels {
		band.Channels = append(band.Channels, ch)
	}
}

var channelFlags = [...]drivers.ChannelFlags{
	unix.NL80211_FREQUENCY_ATTR_DISABLED:      drivers.ChanDisabled,
	unix.NL80211_FREQUENCY_ATTR_NO_IR:         drivers.ChanNoIR,
	unix.NL80211_FREQUENCY_ATTR_RADAR:         drivers.ChanRadar,
	unix.NL80211_FREQUENCY_ATTR_NO_HT40_PLUS:  drivers.ChanNoHT40Plus,
	unix.NL80211_FREQUENCY_ATTR_NO_HT40_MINUS: drivers.ChanNoHT40Minus,
	unix.NL80211_FREQUENCY_ATTR_NO_80MHZ:      drivers.ChanNo80,
	unix.NL80211_FREQUENCY_ATTR_NO_160MHZ:     drivers.ChanNo160,
	unix.NL80211_FREQUENCY_ATTR_INDOOR_ONLY:   drivers.ChanIndoorOnly,
	unix.NL80211_FREQUENCY_ATTR_NO_20MHZ:      drivers.ChanNo20MHz,
	unix.NL80211_FREQUENCY_ATTR_NO_HE:         drivers.ChanNoHE,
	unix.NL80211_FREQUENCY_ATTR_NO_320MHZ:     drivers.ChanNo320,
	unix.NL80211_FREQUENCY_ATTR_NO_EHT:        drivers.ChanNoEHT,
}

func decodeChannel(ad *netlink.AttributeDecoder) (drivers.Channel, error) {
	var ch drivers.Channel
	err := nested(ad, func(ad *netlink.AttributeDecoder) error {
		switch ad.Type() {
		case unix.NL80211_FREQUENCY_ATTR_FREQ:
			ch.Freq = int(ad.Uint32())
		case unix.NL80211_FREQUENCY_ATTR_MAX_TX_POWER:
			ch.MaxPower = int(ad.Uint32())
		default:
			if t := int(ad.Type()); t < len(channelFlags) {
				ch.Flags |= channelFlags[t]
			}
		}
		return nil
	})
	return ch, err
}

func addRate(band *drivers.Band, ad *netlink.AttributeDecoder) error {
	return nested(ad, func(ad *netlink.AttributeDecoder) error {
		if ad.Type() != unix.NL80211_BITRATE_ATTR_RATE {
			return nil
		}
		if rate := int(ad.Uint32()); !slices.Contains(band.Rates, rate) && len(band.Rates) < 64 {
			band.Rates = append(band.Rates, rate)
		}
		return nil
	})
}

// mergeIftypeData takes the HE and EHT capabilities of stations.
func mergeIftypeData(band *drivers.Band, ad *netlink.AttributeDecoder) error {
	var forTypes types
	var mac, phy, ehtPHY []byte
	err := nested(ad, func(ad *netlink.AttributeDecoder) (err error) {
		switch ad.Type() {
		case unix.NL80211_BAND_IFTYPE_ATTR_IFTYPES:
			forTypes, err = typeSet(ad)
		case unix.NL80211_BAND_IFTYPE_ATTR_HE_CAP_MAC:
			mac = ad.Bytes()
		case unix.NL80211_BAND_IFTYPE_ATTR_HE_CAP_PHY:
			phy = ad.Bytes()
		case unix.NL80211_BAND_IFTYPE_ATTR_EHT_CAP_PHY:
			ehtPHY = ad.Bytes()
		}
		return err
	})
	if err != nil || !forTypes.has(unix.NL80211_IFTYPE_STATION) || len(mac) != heMACLen || len(phy) != hePHYLen {
		return err
	}
	band.HE = true
	band.HECapa = slices.Concat(mac, phy)
	band.EHT = len(ehtPHY) > 0
	if band.EHT && band.ID == drivers.Band6GHz && ehtPHY[0]&0x02 != 0 { // IEEE 802.11be 9.4.2.313.3: 320 MHz in 6 GHz
		band.MaxWidth = 320
	}
	return nil
}

const (
	heMACLen = 6
	hePHYLen = 11
)

// maxWidth is the widest channel the capabilities of a band allow, MHz.
func maxWidth(band *drivers.Band) int {
	width := max(20, band.MaxWidth)
	if band.HT && band.HTCapa&0x0002 != 0 { // 20/40 MHz
		width = max(width, 40)
	}
	if band.VHT && band.ID == drivers.Band5GHz {
		width = max(width, 80)
		if band.VHTCapa>>2&3 != 0 { // Supported Channel Width Set: 160 MHz
			width = max(width, 160)
		}
	}
	if band.HE {
		width = max(width, heWidth(band))
	}
	return width
}

// heWidth reads the Supported Channel Width Set of the HE PHY capabilities
// (IEEE 802.11-2024 9.4.2.247.3, bits 1 to 7 of the first byte).
func heWidth(band *drivers.Band) int {
	set := band.HECapa[heMACLen]
	switch {
	case band.ID == drivers.Band2GHz && set&0x02 != 0:
		return 40
	case band.ID == drivers.Band2GHz:
		return 20
	case set&0x08 != 0:
		return 160
	case set&0x04 != 0:
		return 80
	}
	return 20
}

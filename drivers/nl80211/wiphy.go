package nl80211

import (
	"fmt"
	"slices"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"gosupplicant/drivers"
)

// wiphy is what the kernel tells of a radio, put together from the messages of
// a split dump.
type wiphy struct {
	index uint32
	name  string

	iftypes     types
	commands    map[uint32]bool
	ciphers     []uint32
	akms        []uint32 // for every interface type
	stationAKMs []uint32 // for stations, where the kernel tells them apart
	bands       []drivers.Band
	combos      []combination

	features    uint32 // NL80211_FEATURE_*
	extFeatures []byte // bit string of NL80211_EXT_FEATURE_*

	extCapa, extCapaMask               []byte // for every interface type
	stationExtCapa, stationExtCapaMask []byte // for stations

	maxScanSSIDs, maxSchedSSIDs, maxMatchSets   uint8
	maxScanIELen, maxSchedIELen                 uint16
	maxPlans, maxPlanInterval, maxPlanIteration uint32
	maxPMKIDs, maxCSACounters                   uint8
	maxRemainOnChannel                          uint32 // ms
	apSME                                       bool
	maxStations                                 uint16
	probeRespOffload                            bool
	offchannelTX, roam                          bool
	tdls, tdlsExternal                          bool
	apUAPSD                                     bool
	selfManaged                                 bool
	ftmResponder, mlo                           bool
}

// combination is one set of interface types that may exist together.
type combination struct {
	limits   []limit
	maxTotal uint32
	channels uint32
	radar    uint32 // channel widths with radar detection (bit n is NL80211_CHAN_WIDTH n)
}

// limit is how many interfaces of some types a combination allows.
type limit struct {
	max   uint32
	types types
}

// decodeWiphy puts the messages of one radio together. Messages of other radios
// are an error: the request names one.
func decodeWiphy(msgs []message) (*wiphy, error) {
	if len(msgs) == 0 {
		return nil, fmt.Errorf("nl80211: no description of the radio: %w", drivers.ErrNoInterface)
	}
	w := &wiphy{commands: map[uint32]bool{}}
	for i, m := range msgs {
		index, ok, err := wiphyIndex(m.attrs)
		if err != nil {
			return nil, err
		}
		if !ok || i > 0 && index != w.index {
			return nil, fmt.Errorf("nl80211: message %d of the radio's description belongs to another radio", i)
		}
		w.index = index
		if err := w.merge(m.attrs); err != nil {
			return nil, err
		}
	}
	return w, nil
}

func wiphyIndex(attrs []byte) (index uint32, ok bool, err error) {
	err = each("radio", attrs, func(ad *netlink.AttributeDecoder) error {
		if ad.Type() == unix.NL80211_ATTR_WIPHY {
			index, ok = ad.Uint32(), true
		}
		return nil
	})
	return index, ok, err
}

// merge adds what one message says.
func (w *wiphy) merge(attrs []byte) error {
	return each("radio", attrs, func(ad *netlink.AttributeDecoder) error {
		if w.mergeLimit(ad) {
			return nil
		}
		return w.mergeSet(ad)
	})
}

// mergeLimit takes the attributes that are one number or flag.
func (w *wiphy) mergeLimit(ad *netlink.AttributeDecoder) bool {
	switch ad.Type() {
	case unix.NL80211_ATTR_WIPHY_NAME:
		w.name = ad.String()
	case unix.NL80211_ATTR_MAX_NUM_SCAN_SSIDS:
		w.maxScanSSIDs = ad.Uint8()
	case unix.NL80211_ATTR_MAX_NUM_SCHED_SCAN_SSIDS:
		w.maxSchedSSIDs = ad.Uint8()
	case unix.NL80211_ATTR_MAX_SCAN_IE_LEN:
		w.maxScanIELen = ad.Uint16()
	case unix.NL80211_ATTR_MAX_SCHED_SCAN_IE_LEN:
		w.maxSchedIELen = ad.Uint16()
	case unix.NL80211_ATTR_MAX_MATCH_SETS:
		w.maxMatchSets = ad.Uint8()
	case unix.NL80211_ATTR_MAX_NUM_SCHED_SCAN_PLANS:
		w.maxPlans = ad.Uint32()
	case unix.NL80211_ATTR_MAX_SCAN_PLAN_INTERVAL:
		w.maxPlanInterval = ad.Uint32()
	case unix.NL80211_ATTR_MAX_SCAN_PLAN_ITERATIONS:
		w.maxPlanIteration = ad.Uint32()
	case unix.NL80211_ATTR_MAX_NUM_PMKIDS:
		w.maxPMKIDs = ad.Uint8()
	case unix.NL80211_ATTR_MAX_CSA_COUNTERS:
		w.maxCSACounters = ad.Uint8()
	case unix.NL80211_ATTR_MAX_REMAIN_ON_CHANNEL_DURATION:
		w.maxRemainOnChannel = ad.Uint32()
	case unix.NL80211_ATTR_MAX_AP_ASSOC_STA:
		w.maxStations = ad.Uint16()
	case unix.NL80211_ATTR_FEATURE_FLAGS:
		w.features = ad.Uint32()
	case unix.NL80211_ATTR_DEVICE_AP_SME:
		w.apSME = true
	case unix.NL80211_ATTR_PROBE_RESP_OFFLOAD:
		w.probeRespOffload = true
	case unix.NL80211_ATTR_OFFCHANNEL_TX_OK:
		w.offchannelTX = true
	case unix.NL80211_ATTR_ROAM_SUPPORT:
		w.roam = true
	case unix.NL80211_ATTR_TDLS_SUPPORT:
		w.tdls = true
	case unix.NL80211_ATTR_TDLS_EXTERNAL_SETUP:
		w.tdlsExternal = true
	case unix.NL80211_ATTR_SUPPORT_AP_UAPSD:
		w.apUAPSD = true
	case unix.NL80211_ATTR_WIPHY_SELF_MANAGED_REG:
		w.selfManaged = true
	case unix.NL80211_ATTR_FTM_RESPONDER:
		w.ftmResponder = true
	case unix.NL80211_ATTR_MLO_SUPPORT:
		w.mlo = true
	default:
		return false
	}
	return true
}

// mergeSet takes the attributes that hold sets, strings of bits and tables.
func (w *wiphy) mergeSet(ad *netlink.AttributeDecoder) (err error) {
	switch ad.Type() {
	case unix.NL80211_ATTR_SUPPORTED_IFTYPES:
		w.iftypes, err = typeSet(ad)
	case unix.NL80211_ATTR_SUPPORTED_COMMANDS:
		err = nested(ad, func(ad *netlink.AttributeDecoder) error {
			w.commands[ad.Uint32()] = true
			return nil
		})
	case unix.NL80211_ATTR_CIPHER_SUITES:
		w.ciphers, err = uint32s(ad.Bytes())
	case unix.NL80211_ATTR_AKM_SUITES:
		w.akms, err = uint32s(ad.Bytes())
	case unix.NL80211_ATTR_IFTYPE_AKM_SUITES:
		err = nested(ad, w.mergeTypeAKMs)
	case unix.NL80211_ATTR_WIPHY_BANDS:
		err = nested(ad, w.mergeBand)
	case unix.NL80211_ATTR_INTERFACE_COMBINATIONS:
		err = nested(ad, w.mergeCombination)
	case unix.NL80211_ATTR_EXT_FEATURES:
		w.extFeatures = ad.Bytes()
	case unix.NL80211_ATTR_EXT_CAPA:
		w.extCapa = ad.Bytes()
	case unix.NL80211_ATTR_EXT_CAPA_MASK:
		w.extCapaMask = ad.Bytes()
	case unix.NL80211_ATTR_IFTYPE_EXT_CAPA:
		err = nested(ad, w.mergeTypeExtCapa)
	}
	return err
}

func (w *wiphy) mergeTypeAKMs(ad *netlink.AttributeDecoder) error {
	var forTypes types
	var suites []uint32
	err := nested(ad, func(ad *netlink.AttributeDecoder) (err error) {
		switch ad.Type() {
		case unix.NL80211_IFTYPE_AKM_ATTR_IFTYPES:
			forTypes, err = typeSet(ad)
		case unix.NL80211_IFTYPE_AKM_ATTR_SUITES:
			suites, err = uint32s(ad.Bytes())
		}
		return err
	})
	if forTypes.has(unix.NL80211_IFTYPE_STATION) {
		w.stationAKMs = suites
	}
	return err
}

func (w *wiphy) mergeTypeExtCapa(ad *netlink.AttributeDecoder) error {
	iftype := uint32(unix.NL80211_IFTYPE_UNSPECIFIED)
	var capa, mask []byte
	err := nested(ad, func(ad *netlink.AttributeDecoder) error {
		switch ad.Type() {
		case unix.NL80211_ATTR_IFTYPE:
			iftype = ad.Uint32()
		case unix.NL80211_ATTR_EXT_CAPA:
			capa = ad.Bytes()
		case unix.NL80211_ATTR_EXT_CAPA_MASK:
			mask = ad.Bytes()
		}
		return nil
	})
	if iftype == unix.NL80211_IFTYPE_STATION {
		w.stationExtCapa, w.stationExtCapaMask = capa, mask
	}
	return err
}

func (w *wiphy) mergeCombination(ad *netlink.AttributeDecoder) error {
	var c combination
	err := nested(ad, func(ad *netlink.AttributeDecoder) error {
		switch ad.Type() {
		case unix.NL80211_IFACE_COMB_LIMITS:
			return nested(ad, func(ad *netlink.AttributeDecoder) error {
				l, err := decodeLimit(ad)
				c.limits = append(c.limits, l)
				return err
			})
		case unix.NL80211_IFACE_COMB_MAXNUM:
			c.maxTotal = ad.Uint32()
		case unix.NL80211_IFACE_COMB_NUM_CHANNELS:
			c.channels = ad.Uint32()
		case unix.NL80211_IFACE_COMB_RADAR_DETECT_WIDTHS:
			c.radar = ad.Uint32()
		}
		return nil
	})
	w.combos = append(w.combos, c)
	return err
}

func decodeLimit(ad *netlink.AttributeDecoder) (l limit, err error) {
	err = nested(ad, func(ad *netlink.AttributeDecoder) (err error) {
		switch ad.Type() {
		case unix.NL80211_IFACE_LIMIT_MAX:
			l.max = ad.Uint32()
		case unix.NL80211_IFACE_LIMIT_TYPES:
			l.types, err = typeSet(ad)
		}
		return err
	})
	return l, err
}

// hasFeature tells of a bit of NL80211_ATTR_FEATURE_FLAGS.
func (w *wiphy) hasFeature(bit uint32) bool { return w.features&bit != 0 }

// hasExt tells of a bit of NL80211_ATTR_EXT_FEATURES.
func (w *wiphy) hasExt(feature int) bool {
	return feature/8 < len(w.extFeatures) && w.extFeatures[feature/8]>>(feature%8)&1 != 0
}

// hasCipher tells of a cipher suite selector.
func (w *wiphy) hasCipher(suite uint32) bool { return slices.Contains(w.ciphers, suite) }

package nl80211

import (
	"bytes"
	"time"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"gosupplicant/drivers"
)

// maxResults bounds one scan dump. The kernel's own limit per radio is 1000
// unless changed by its module parameter.
const maxResults = 1 << 16

// decodeBSS decodes one message of a scan dump. boottime is the present value of
// CLOCK_BOOTTIME. ok is false for entries without an address or a channel.
func decodeBSS(attrs []byte, boottime time.Duration) (r drivers.ScanResult, ok bool, err error) {
	err = each("scan result", attrs, func(ad *netlink.AttributeDecoder) error {
		if ad.Type() != unix.NL80211_ATTR_BSS {
			return nil
		}
		d := bssDecoder{r: &r, boottime: boottime}
		if err := nested(ad, d.attr); err != nil {
			return err
		}
		d.finish()
		ok = d.hasBSSID && r.Freq != 0
		return nil
	})
	return r, ok, err
}

// bssDecoder gathers the attributes of one NL80211_ATTR_BSS container.
type bssDecoder struct {
	r        *drivers.ScanResult
	boottime time.Duration

	hasBSSID  bool
	hasSignal bool
	hasUnspec bool
	ies       []byte // of the probe response where one was heard, else of the beacon
	beaconTSF uint64
	seenAgo   time.Duration
	lastSeen  time.Duration // CLOCK_BOOTTIME, 0 where unknown
}

func (d *bssDecoder) attr(ad *netlink.AttributeDecoder) (err error) {
	switch ad.Type() {
	case unix.NL80211_BSS_BSSID:
		d.r.BSSID, err = mac(ad)
		d.hasBSSID = true
	case unix.NL80211_BSS_FREQUENCY:
		d.r.Freq = int(ad.Uint32())
	case unix.NL80211_BSS_TSF:
		d.r.TSF = ad.Uint64()
	case unix.NL80211_BSS_BEACON_TSF:
		d.beaconTSF = ad.Uint64()
	case unix.NL80211_BSS_BEACON_INTERVAL:
		d.r.BeaconInterval = ad.Uint16()
	case unix.NL80211_BSS_CAPABILITY:
		d.r.Capability = ad.Uint16()
	case unix.NL80211_BSS_INFORMATION_ELEMENTS:
		d.ies = ad.Bytes()
	case unix.NL80211_BSS_BEACON_IES:
		d.r.BeaconIEs = ad.Bytes()
	case unix.NL80211_BSS_SIGNAL_MBM:
		d.r.Level, d.hasSignal = int(ad.Int32())/100, true
	case unix.NL80211_BSS_SIGNAL_UNSPEC:
		d.r.Qual, d.hasUnspec = int(ad.Uint8()), true
	case unix.NL80211_BSS_STATUS:
		if s := ad.Uint32(); s == unix.NL80211_BSS_STATUS_ASSOCIATED || s == unix.NL80211_BSS_STATUS_IBSS_JOINED {
			d.r.Flags |= drivers.ResultAssociated
		}
	case unix.NL80211_BSS_SEEN_MS_AGO:
		d.seenAgo = time.Duration(ad.Uint32()) * time.Millisecond
	case unix.NL80211_BSS_LAST_SEEN_BOOTTIME:
		d.lastSeen = time.Duration(ad.Uint64())
	case unix.NL80211_BSS_PARENT_TSF:
		d.r.ParentTSF = ad.Uint64()
	case unix.NL80211_BSS_PARENT_BSSID:
		d.r.ParentBSSID, err = mac(ad)
	}
	return err
}

// finish derives what depends on several attributes.
func (d *bssDecoder) finish() {
	r := d.r
	r.Flags |= drivers.ResultNoiseInvalid
	switch {
	case d.hasSignal:
		r.Flags |= drivers.ResultLevelDBm | drivers.ResultQualInvalid
	case d.hasUnspec:
		r.Level = r.Qual
		r.Flags |= drivers.ResultQualInvalid
	default:
		r.Flags |= drivers.ResultLevelInvalid | drivers.ResultQualInvalid
	}
	r.TSF = max(r.TSF, d.beaconTSF)
	r.IEs = d.ies
	switch {
	case len(r.IEs) == 0:
		r.IEs = r.BeaconIEs
	case bytes.Equal(r.IEs, r.BeaconIEs):
		r.BeaconIEs = r.IEs // one copy in memory
	}
	r.Age = d.seenAgo
	if d.lastSeen > 0 && d.lastSeen <= d.boottime {
		r.Age = d.boottime - d.lastSeen
	}
}

// scanResults decodes a whole dump. Entries that cannot be decoded are dropped
// and counted: one odd neighbour must not hide the others.
func scanResults(msgs []message, boottime time.Duration) (res *drivers.ScanResults, bad error) {
	res = &drivers.ScanResults{Results: make([]drivers.ScanResult, 0, min(len(msgs), maxResults))}
	for _, m := range msgs {
		r, ok, err := decodeBSS(m.attrs, boottime)
		if err != nil {
			bad = err
			continue
		}
		if ok && len(res.Results) < maxResults {
			res.Results = append(res.Results, r)
		}
	}
	return res, bad
}

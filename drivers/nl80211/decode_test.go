package nl80211

import (
	"testing"
	"time"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
)

func bss(t testing.TB, fn func(ae *netlink.AttributeEncoder)) []byte {
	t.Helper()
	return attrs(t, func(ae *netlink.AttributeEncoder) {
		ae.Nested(unix.NL80211_ATTR_BSS, func(ae *netlink.AttributeEncoder) error { fn(ae); return nil })
	})
}

var testBSSID = dot11.MAC{2, 0, 0, 0, 7, 7}

func TestDecodeBSS(t *testing.T) {
	b := bss(t, func(ae *netlink.AttributeEncoder) {
		ae.Bytes(unix.NL80211_BSS_BSSID, testBSSID[:])
		ae.Uint32(unix.NL80211_BSS_FREQUENCY, 5180)
		ae.Uint64(unix.NL80211_BSS_TSF, 1000)
		ae.Uint64(unix.NL80211_BSS_BEACON_TSF, 2000)
		ae.Uint16(unix.NL80211_BSS_BEACON_INTERVAL, 102)
		ae.Uint16(unix.NL80211_BSS_CAPABILITY, 0x411)
		ae.Bytes(unix.NL80211_BSS_INFORMATION_ELEMENTS, []byte{0, 1, 'p'})
		ae.Bytes(unix.NL80211_BSS_BEACON_IES, []byte{0, 0})
		ae.Flag(unix.NL80211_BSS_PRESP_DATA, true)
		ae.Int32(unix.NL80211_BSS_SIGNAL_MBM, -4599)
		ae.Uint32(unix.NL80211_BSS_STATUS, unix.NL80211_BSS_STATUS_ASSOCIATED)
		ae.Uint32(unix.NL80211_BSS_SEEN_MS_AGO, 9000)
		ae.Uint64(unix.NL80211_BSS_LAST_SEEN_BOOTTIME, uint64(90*time.Second))
		ae.Uint64(unix.NL80211_BSS_PARENT_TSF, 77)
		ae.Bytes(unix.NL80211_BSS_PARENT_BSSID, []byte{2, 9, 9, 9, 9, 9})
	})
	r, ok, err := decodeBSS(b, 91*time.Second)
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	if r.BSSID != testBSSID || r.Freq != 5180 || r.TSF != 2000 || r.BeaconInterval != 102 || r.Capability != 0x411 ||
		string(r.IEs) != "\x00\x01p" || string(r.BeaconIEs) != "\x00\x00" || r.Level != -45 || r.Age != time.Second ||
		r.ParentTSF != 77 || r.ParentBSSID != (dot11.MAC{2, 9, 9, 9, 9, 9}) ||
		r.Flags != drivers.ResultAssociated|drivers.ResultLevelDBm|drivers.ResultQualInvalid|drivers.ResultNoiseInvalid {
		t.Errorf("%+v", r)
	}
}

func TestDecodeBSSVariants(t *testing.T) {
	base := func(ae *netlink.AttributeEncoder) {
		ae.Bytes(unix.NL80211_BSS_BSSID, testBSSID[:])
		ae.Uint32(unix.NL80211_BSS_FREQUENCY, 2412)
	}
	for _, tc := range []struct {
		name  string
		add   func(ae *netlink.AttributeEncoder)
		check func(r drivers.ScanResult) bool
	}{
		{"no signal", nil, func(r drivers.ScanResult) bool {
			return r.Flags == drivers.ResultLevelInvalid|drivers.ResultQualInvalid|drivers.ResultNoiseInvalid
		}},
		{"relative signal", func(ae *netlink.AttributeEncoder) { ae.Uint8(unix.NL80211_BSS_SIGNAL_UNSPEC, 80) },
			func(r drivers.ScanResult) bool {
				return r.Level == 80 && r.Flags == drivers.ResultQualInvalid|drivers.ResultNoiseInvalid
			}},
		{"beacon only", func(ae *netlink.AttributeEncoder) { ae.Bytes(unix.NL80211_BSS_BEACON_IES, []byte{1, 0}) },
			func(r drivers.ScanResult) bool { return string(r.IEs) == "\x01\x00" }},
		{"same elements in both", func(ae *netlink.AttributeEncoder) {
			ae.Bytes(unix.NL80211_BSS_INFORMATION_ELEMENTS, []byte{1, 0})
			ae.Bytes(unix.NL80211_BSS_BEACON_IES, []byte{1, 0})
		}, func(r drivers.ScanResult) bool { return len(r.IEs) == 2 && &r.IEs[0] == &r.BeaconIEs[0] }},
		{"seen in the future", func(ae *netlink.AttributeEncoder) {
			ae.Uint64(unix.NL80211_BSS_LAST_SEEN_BOOTTIME, uint64(time.Hour))
			ae.Uint32(unix.NL80211_BSS_SEEN_MS_AGO, 5)
		}, func(r drivers.ScanResult) bool { return r.Age == 5*time.Millisecond }},
		{"seen before time", func(ae *netlink.AttributeEncoder) { ae.Uint64(unix.NL80211_BSS_LAST_SEEN_BOOTTIME, 1<<63) },
			func(r drivers.ScanResult) bool { return r.Age == 0 }},
	} {
		r, ok, err := decodeBSS(bss(t, func(ae *netlink.AttributeEncoder) {
			base(ae)
			if tc.add != nil {
				tc.add(ae)
			}
		}), time.Minute)
		if err != nil || !ok || !tc.check(r) {
			t.Errorf("%s: %+v, %t, %v", tc.name, r, ok, err)
		}
	}
}

func TestDecodeBSSRefused(t *testing.T) {
	for name, fn := range map[string]func(ae *netlink.AttributeEncoder){
		"address of 5 bytes":    func(ae *netlink.AttributeEncoder) { ae.Bytes(unix.NL80211_BSS_BSSID, make([]byte, 5)) },
		"frequency of 2 bytes":  func(ae *netlink.AttributeEncoder) { ae.Uint16(unix.NL80211_BSS_FREQUENCY, 2412) },
		"parent of 7 bytes":     func(ae *netlink.AttributeEncoder) { ae.Bytes(unix.NL80211_BSS_PARENT_BSSID, make([]byte, 7)) },
		"signal of 1 byte":      func(ae *netlink.AttributeEncoder) { ae.Uint8(unix.NL80211_BSS_SIGNAL_MBM, 1) },
		"time stamp of 4 bytes": func(ae *netlink.AttributeEncoder) { ae.Uint32(unix.NL80211_BSS_TSF, 1) },
	} {
		if r, ok, err := decodeBSS(bss(t, fn), 0); err == nil {
			t.Errorf("%s: %+v, %t", name, r, ok)
		}
	}
	for name, fn := range map[string]func(ae *netlink.AttributeEncoder){
		"nothing":      func(*netlink.AttributeEncoder) {},
		"no frequency": func(ae *netlink.AttributeEncoder) { ae.Bytes(unix.NL80211_BSS_BSSID, testBSSID[:]) },
		"no address":   func(ae *netlink.AttributeEncoder) { ae.Uint32(unix.NL80211_BSS_FREQUENCY, 2412) },
	} {
		if r, ok, err := decodeBSS(bss(t, fn), 0); err != nil || ok {
			t.Errorf("%s: %+v, %t, %v", name, r, ok, err)
		}
	}
}

// TestScanResultsSkipsBad keeps the good results beside a bad one.
func TestScanResultsSkipsBad(t *testing.T) {
	good := bss(t, func(ae *netlink.AttributeEncoder) {
		ae.Bytes(unix.NL80211_BSS_BSSID, testBSSID[:])
		ae.Uint32(unix.NL80211_BSS_FREQUENCY, 2412)
	})
	res, bad := scanResults([]message{{attrs: good}, {attrs: []byte{3, 0, 1, 0}}, {attrs: good}}, 0)
	if len(res.Results) != 2 || bad == nil {
		t.Errorf("%d results, %v", len(res.Results), bad)
	}
	setNoise(res.Results, []drivers.Survey{{Freq: 2412, Noise: -95}, {Freq: 2437, Noise: -80}})
	if r := res.Results[0]; r.Noise != -95 || r.Flags&drivers.ResultNoiseInvalid != 0 {
		t.Errorf("noise %+v", r)
	}
}

func lostFrameBytes(sa dot11.MAC, reason byte) []byte {
	f := make([]byte, frameLost)
	f[0] = 0xc0
	copy(f[frameSA:], sa[:])
	copy(f[frameBSSID:], testBSSID[:])
	f[frameReason] = reason
	return f
}

func TestDecodeLost(t *testing.T) {
	own := dot11.MAC{2}
	for _, tc := range []struct {
		name string
		fn   encodeFunc
		want drivers.EventDisconnected
	}{
		{"deauthentication of the AP", func(ae *netlink.AttributeEncoder) {
			ae.Bytes(unix.NL80211_ATTR_FRAME, lostFrameBytes(testBSSID, 7))
		}, drivers.EventDisconnected{BSSID: testBSSID, Reason: 7}},
		{"our own", func(ae *netlink.AttributeEncoder) { ae.Bytes(unix.NL80211_ATTR_FRAME, lostFrameBytes(own, 3)) },
			drivers.EventDisconnected{BSSID: testBSSID, Reason: 3, Local: true}},
		{"disassociation of the AP", func(ae *netlink.AttributeEncoder) {
			f := lostFrameBytes(testBSSID, 8)
			f[0] = 0xa0
			ae.Bytes(unix.NL80211_ATTR_FRAME, f)
		}, drivers.EventDisconnected{BSSID: testBSSID, Reason: 8, Disassoc: true}},
		{"disconnected by the AP", func(ae *netlink.AttributeEncoder) {
			ae.Uint16(unix.NL80211_ATTR_REASON_CODE, 8)
			ae.Flag(unix.NL80211_ATTR_DISCONNECTED_BY_AP, true)
		}, drivers.EventDisconnected{Reason: 8}},
		{"disconnected by the device", func(ae *netlink.AttributeEncoder) { ae.Bytes(unix.NL80211_ATTR_MAC, testBSSID[:]) },
			drivers.EventDisconnected{BSSID: testBSSID, Local: true}},
	} {
		if got, err := decodeLost(attrs(t, tc.fn), own); err != nil || got != tc.want {
			t.Errorf("%s: %+v, %v", tc.name, got, err)
		}
	}
	full := lostFrameBytes(own, 1)
	for n := range full {
		if got, err := decodeLost(attrs(t, func(ae *netlink.AttributeEncoder) {
			ae.Bytes(unix.NL80211_ATTR_FRAME, full[:n])
		}), own); err == nil {
			t.Errorf("a frame of %d bytes gave %+v", n, got)
		}
	}
}

func TestDecodeAvoid(t *testing.T) {
	b := []byte{2, 0, 0, 0, 0x6c, 9, 0, 0, 0x71, 9, 0, 0, 0x3c, 0x14, 0, 0, 0x3c, 0x14, 0, 0}
	ranges, err := decodeAvoid(b)
	if err != nil || len(ranges) != 2 || ranges[0] != (frequencyRange{2412, 2417}) {
		t.Fatalf("%v, %v", ranges, err)
	}
	capa := &drivers.Capability{Bands: []drivers.Band{{Channels: []drivers.Channel{{Freq: 2412}, {Freq: 2417}, {Freq: 2422}, {Freq: 5180}}}}}
	if got := channelsIn(ranges, capa); len(got) != 3 || got[2] != 5180 {
		t.Errorf("channels %v", got)
	}
	for n := range b {
		if got, err := decodeAvoid(b[:n]); err == nil {
			t.Errorf("%d bytes gave %v", n, got)
		}
	}
	if got, err := decodeAvoid([]byte{0xff, 0xff, 0xff, 0xff}); err == nil {
		t.Errorf("four billion ranges gave %v", got)
	}
}

func TestDecodeRegChange(t *testing.T) {
	for _, tc := range []struct {
		name string
		fn   encodeFunc
		want drivers.EventRegulatory
	}{
		{"user", func(ae *netlink.AttributeEncoder) {
			ae.Uint8(unix.NL80211_ATTR_REG_INITIATOR, unix.NL80211_REGDOM_SET_BY_USER)
			ae.Uint8(unix.NL80211_ATTR_REG_TYPE, unix.NL80211_REGDOM_TYPE_COUNTRY)
			ae.String(unix.NL80211_ATTR_REG_ALPHA2, "DE")
		}, drivers.EventRegulatory{Initiator: "USER", Type: "COUNTRY", Alpha2: "DE"}},
		{"world", func(ae *netlink.AttributeEncoder) {
			ae.Uint8(unix.NL80211_ATTR_REG_INITIATOR, unix.NL80211_REGDOM_SET_BY_DRIVER)
			ae.Uint8(unix.NL80211_ATTR_REG_TYPE, unix.NL80211_REGDOM_TYPE_WORLD)
			ae.String(unix.NL80211_ATTR_REG_ALPHA2, "00")
		}, drivers.EventRegulatory{Initiator: "DRIVER", Type: "WORLD"}},
		{"unknown numbers", func(ae *netlink.AttributeEncoder) {
			ae.Uint8(unix.NL80211_ATTR_REG_INITIATOR, 99)
			ae.Uint8(unix.NL80211_ATTR_REG_TYPE, 99)
		}, drivers.EventRegulatory{Initiator: "CORE", Type: "UNKNOWN"}},
		{"country with a line break", func(ae *netlink.AttributeEncoder) {
			ae.Uint8(unix.NL80211_ATTR_REG_TYPE, unix.NL80211_REGDOM_TYPE_COUNTRY)
			ae.String(unix.NL80211_ATTR_REG_ALPHA2, "D\n")
		}, drivers.EventRegulatory{Initiator: "CORE", Type: "COUNTRY"}},
	} {
		got, err := decodeRegChange(attrs(t, tc.fn))
		if err != nil || got.event != tc.want {
			t.Errorf("%s: %+v, %v", tc.name, got, err)
		}
	}
}

func TestDecodeQuality(t *testing.T) {
	q, err := decodeQuality(attrs(t, func(ae *netlink.AttributeEncoder) {
		ae.Nested(unix.NL80211_ATTR_CQM, func(ae *netlink.AttributeEncoder) error {
			ae.Uint32(unix.NL80211_ATTR_CQM_RSSI_THRESHOLD_EVENT, unix.NL80211_CQM_RSSI_THRESHOLD_EVENT_HIGH)
			ae.Int32(unix.NL80211_ATTR_CQM_RSSI_LEVEL, -61)
			return nil
		})
	}))
	if want := (cqmEvent{threshold: true, above: true, level: -61}); err != nil || q != want {
		t.Errorf("%+v, %v", q, err)
	}
}

package nl80211

import (
	"fmt"
	"testing"
	"time"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
)

func printed(v any) string { return fmt.Sprintf("%+v", v) }

// FuzzBSS decodes the attributes of a scan result.
func FuzzBSS(f *testing.F) {
	for _, m := range recorded(f, "scan") {
		f.Add(m.attrs)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, ok, err := decodeBSS(b, time.Hour)
		if err == nil && ok && (r.Freq == 0 || r.Age < 0 || len(r.IEs) > len(b)) {
			t.Errorf("accepted %+v", r)
		}
	})
}

// FuzzWiphy decodes a radio's description, cut into two messages.
func FuzzWiphy(f *testing.F) {
	msgs := recorded(f, "wiphy")
	for i, m := range msgs {
		f.Add(m.attrs, msgs[(i+1)%len(msgs)].attrs)
	}
	f.Fuzz(func(t *testing.T, a, b []byte) {
		w, err := decodeWiphy([]message{{attrs: a}, {attrs: b}})
		if err != nil {
			return
		}
		c := w.capability(params{})
		for _, band := range c.Bands {
			if len(band.Channels) > maxChannels || band.MaxWidth < 20 || band.MaxWidth > 320 {
				t.Errorf("accepted band %+v", band)
			}
		}
	})
}

// FuzzEvent lets an interface receive any message.
func FuzzEvent(f *testing.F) {
	for _, m := range recorded(f, "events") {
		f.Add(m.cmd, m.attrs)
	}
	f.Add(uint8(unix.NL80211_CMD_VENDOR), []byte{8, 0, 0xc3, 0, 0x74, 0x13, 0, 0})
	capa := &drivers.Capability{}
	f.Fuzz(func(t *testing.T, cmd uint8, b []byte) {
		ev, err := decodeEvent(message{cmd: cmd, attrs: b})
		if err != nil {
			return
		}
		_, _ = decodeScanScope(ev.attrs)
		_, _ = decodeRegChange(ev.attrs)
		_, _ = decodeLost(ev.attrs, dot11.MAC{})
		_, _ = decodeQuality(ev.attrs)
		for _, sme := range []bool{false, true} {
			_, _ = linkEventOf(cmd, ev.attrs, sme)
		}
		if v, err := decodeVendor(ev.attrs); err == nil {
			if ranges, err := decodeAvoid(v.data); err == nil && len(channelsIn(ranges, capa)) != 0 {
				t.Error("channels of a device without any")
			}
		}
	})
}

// FuzzTables decodes the rows of the smaller tables.
func FuzzTables(f *testing.F) {
	for _, name := range []string{"survey", "station", "interface"} {
		for _, m := range recorded(f, name) {
			f.Add(m.attrs)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, ok, err := decodeSurvey(b); err == nil && ok && s.Freq == 0 {
			t.Errorf("survey %+v", s)
		}
		if sig, _, err := decodeStation(b); err == nil && (sig.Signal > 127 || sig.Signal < -128) {
			t.Errorf("signal %+v", sig)
		}
		_, _ = decodeIface(b)
		_, _ = decodeInterfaceChannel(b)
		if s, err := decodeAlpha2(b); err == nil && s != "" && len(s) != 2 {
			t.Errorf("country %q", s)
		}
	})
}

// FuzzMessage splits what a socket delivers.
func FuzzMessage(f *testing.F) {
	f.Add([]byte{34, 1, 0, 0, 8, 0, 3, 0, 3, 0, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		h := newHub(nil, familyID)
		h.receive(netlink.Message{Header: netlink.Header{Type: familyID}, Data: b})
		if m, err := decode(b); err == nil && len(m.attrs) > len(b) {
			t.Errorf("%d bytes of attributes in %d", len(m.attrs), len(b))
		}
	})
}

func printedType(v any) string { return fmt.Sprintf("%T", v) }

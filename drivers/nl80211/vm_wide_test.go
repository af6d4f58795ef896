//go:build vm

package nl80211

import (
	"bytes"
	"testing"

	"golang.org/x/sys/unix"

	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
)

const (
	wideBSSID = "02:00:00:00:03:00"
	wideAP    = "interface=wlan3\ndriver=nl80211\nssid=wide-net\ncountry_code=FI\nhw_mode=a\nchannel=36\nwmm_enabled=1\n" +
		"ieee80211n=1\nht_capab=[HT40+][SHORT-GI-20][SHORT-GI-40]\nieee80211ac=1\nvht_oper_chwidth=1\nvht_oper_centr_freq_seg0_idx=42\n"
)

// layout is an element of size octets with some of them set.
func layout(size int, octets map[int]byte) []byte {
	b := make([]byte, size)
	for at, v := range octets {
		b[at] = v
	}
	return b
}

// changed are the bits in which two elements differ, by octet.
func changed(a, b []byte) []byte {
	d := bytes.Clone(a)
	for k := range min(len(a), len(b)) {
		d[k] ^= b[k]
	}
	return d
}

// capabilities joins the wide access point, leaves it, and returns what the kernel
// told it of HT and VHT, and the width of the channel in use.
func (o *opened) capabilities(p drivers.AssocParams) (ht, vht []byte, width int) {
	o.t.Helper()
	o.join(wideBSSID, "wide-net", 5180, p)
	o.scan(&drivers.ScanParams{Freqs: []int{5180}}) // time for beacons: the kernel may leave when it does not like them
	sig, err := o.SignalPoll()
	if err != nil {
		o.t.Fatal(err)
	}
	if err := o.Deauthenticate(o.joined.BSSID, 3); err != nil {
		o.t.Fatal(err)
	}
	next[drivers.EventDisconnected](o, nil)
	ht, _ = dot11.Elements(o.joined.ReqIEs).Find(dot11.ElementHTCapabilities)
	vht, _ = dot11.Elements(o.joined.ReqIEs).Find(dot11.ElementVHTCapabilities)
	if ht != nil {
		ht = bytes.Clone(ht)
		ht[0] &^= 0x0c // spatial multiplexing power save is the kernel's own business
	}
	return ht, vht, sig.Width
}

// TestVMOverrides compares what the kernel tells a wide access point of HT and VHT
// with what it tells without overrides. It comes late: the kernel remembers the country
// and the beacons of this access point, which other tests do not expect.
func TestVMOverrides(t *testing.T) {
	o := open(t, New(), station)
	ap, err := startAP(t.TempDir(), "wlan3", wideAP)
	if ap != nil {
		t.Cleanup(func() { _ = ap.Process.Signal(unix.SIGTERM); _ = ap.Wait() }) // killed, it would go on beaconing
	}
	if err != nil {
		t.Fatal(err)
	}
	ht, vht, width := o.capabilities(drivers.AssocParams{})
	t.Logf("HT %x, VHT %x, width %d", ht, vht, width)
	if len(ht) != 26 || len(vht) != 12 || ht[0]&0x62 != 0x62 || ht[2]&3 != 3 || vht[0]&0x60 != 0x60 {
		t.Fatal("the radio can do less than this test takes away")
	}
	type octets = map[int]byte
	for _, c := range []struct {
		name                     string
		ht, htMask, htChanged    octets
		vht, vhtMask, vhtChanged octets
		noHT, noVHT              bool
		width                    int // MHz, 0 without HT
	}{
		{name: "nothing covered", width: 80},
		{name: "no 40 MHz", htMask: octets{0: 0x42}, htChanged: octets{0: 0x42}, noVHT: true, width: 20},
		{name: "no short GI", htMask: octets{0: 0x60}, htChanged: octets{0: 0x60},
			vhtMask: octets{0: 0x60}, vhtChanged: octets{0: 0x60}, width: 80},
		{name: "40 MHz intolerant", ht: octets{1: 0x40}, htMask: octets{1: 0x40}, htChanged: octets{1: 0x40}, width: 80},
		{name: "A-MPDU", ht: octets{2: 0x1d}, htMask: octets{2: 0x1f}, htChanged: octets{2: ht[2] ^ 0x1d}, width: 80},
		{name: "one stream", ht: octets{3: 0xff}, htMask: octets{3: 0xff, 4: 0xff}, htChanged: octets{4: ht[4]},
			vht: octets{4: 0xfd, 5: 0xff}, vhtMask: octets{4: 0xff, 5: 0xff}, vhtChanged: octets{4: vht[4] ^ 0xfd, 5: vht[5] ^ 0xff}, width: 80},
		{name: "no VHT", noVHT: true, width: 40},
		{name: "no HT", noHT: true, noVHT: true},
	} {
		p := drivers.AssocParams{DisableHT: c.noHT, DisableVHT: c.noVHT,
			HTCapa: layout(26, c.ht), HTCapaMask: layout(26, c.htMask), VHTCapa: layout(12, c.vht), VHTCapaMask: layout(12, c.vhtMask)}
		h, v, width := o.capabilities(p)
		t.Logf("%s: HT %x, VHT %x, width %d", c.name, h, v, width)
		if c.noHT != (h == nil) || h != nil && !bytes.Equal(changed(ht, h), layout(26, c.htChanged)) {
			t.Errorf("%s: HT differs in %x", c.name, changed(ht, h))
		}
		if c.noVHT != (v == nil) || v != nil && !bytes.Equal(changed(vht, v), layout(12, c.vhtChanged)) {
			t.Errorf("%s: VHT differs in %x", c.name, changed(vht, v))
		}
		if width != c.width {
			t.Errorf("%s: width %d, want %d", c.name, width, c.width)
		}
	}
}

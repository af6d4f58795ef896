//go:build vm

package wext

import (
	"bytes"
	"errors"
	"testing"

	"gosupplicant/drivers"
	"gosupplicant/drivers/internal/link"
	"gosupplicant/engine/dot11"
)

// find scans until the network is heard.
func find(t *testing.T, i *iface, events chan drivers.Event, ssid string, freq int) drivers.ScanResult {
	t.Helper()
	for range 5 {
		if r, ok := scan(t, i, events, drivers.ScanParams{SSIDs: [][]byte{[]byte(ssid)}, Freqs: []int{freq}})[ssid]; ok {
			return r
		}
	}
	t.Fatalf("%q is not heard", ssid)
	return drivers.ScanResult{}
}

func params(r drivers.ScanResult, ssid string) *drivers.ConnectParams {
	return &drivers.ConnectParams{AssocParams: drivers.AssocParams{BSSID: r.BSSID, SSID: []byte(ssid), Freq: r.Freq}}
}

// captureEvents writes the wireless events of a connection as they came.
func captureEvents(t *testing.T) (stop func()) {
	w, err := link.Watch(func(e link.Event) {
		if e.Kind != link.EventWireless {
			return
		}
		list, err := native.parseEvents(e.Wireless)
		if err != nil {
			t.Errorf("% x: %v", e.Wireless, err)
		}
		for _, n := range list {
			switch n.kind {
			case noticeRequest:
				capture(t, "event-assoc-req.bin", bytes.Clone(e.Wireless))
			case noticeResponse:
				capture(t, "event-assoc-resp.bin", bytes.Clone(e.Wireless))
			case noticeScanDone, noticeAP, noticeMIC, noticeCandidate:
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return func() { w.Close() }
}

func anyLost(drivers.EventDisconnected) bool { return true }

func TestVMConnectOpen(t *testing.T) {
	i, events := open(t)
	r := find(t, i, events, "open-net", 2412)
	defer captureEvents(t)()
	connect(t, i, params(r, "open-net"))
	e := waitFor(t, events, func(drivers.EventAssoc) bool { return true })
	if e.BSSID != r.BSSID || e.Freq != 2412 || e.Roamed || dot11.Elements(e.RespIEs).Check() != nil || !dot11.Elements(e.RespIEs).Has(dot11.ElementSupportedRates) ||
		!dot11.Elements(e.ReqIEs).Has(dot11.ElementSSID) {
		t.Errorf("association %+v", e)
	}
	if st, err := i.State(); err != nil || !st.Associated || st.BSSID != r.BSSID || string(st.SSID) != "open-net" {
		t.Errorf("state %+v, %v", st, err)
	}
	// Again to the same: the old association goes first, by our doing.
	connect(t, i, params(r, "open-net"))
	if e := waitFor(t, events, anyLost); !e.Local || e.BSSID != r.BSSID {
		t.Errorf("end of the first association: %+v", e)
	}
	waitFor(t, events, func(drivers.EventAssoc) bool { return true })
	if err := i.Deauthenticate(r.BSSID, 3); err != nil {
		t.Fatal(err)
	}
	if e := waitFor(t, events, anyLost); !e.Local || e.BSSID != r.BSSID {
		t.Errorf("end of the second association: %+v", e)
	}
	if st, err := i.State(); err != nil || st.Associated {
		t.Errorf("state %+v, %v", st, err)
	}
}

// TestVMConnectFails: cfg80211 says nothing of it.
func TestVMConnectFails(t *testing.T) {
	i, events := open(t)
	p := params(drivers.ScanResult{BSSID: dot11.MAC{2, 0xee, 0xee, 0xee, 0xee, 0xee}, Freq: 2412}, "nobody-net")
	connect(t, i, p)
	if e := waitFor(t, events, func(drivers.EventTimeout) bool { return true }); e.BSSID != p.BSSID || !e.Assoc {
		t.Errorf("timeout %+v", e)
	}
	if err := i.Deauthenticate(p.BSSID, 3); err != nil {
		t.Error(err)
	}
	p.Freq = 2413
	if err := i.Connect(p); err == nil {
		t.Error("a frequency that is no channel is accepted")
	}
	for name, err := range map[string]error{"PMKSA": i.FlushPMKSA(), "countermeasures": i.SetCountermeasures(true)} {
		if err != nil && !errors.Is(err, drivers.ErrNotSupported) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestVMHandshake receives message 1 of the 4-way handshake, answers with
// nonsense and installs keys of each kind.
func TestVMHandshake(t *testing.T) {
	i, events := open(t)
	r := find(t, i, events, "wpa2-net", 2437)
	p := params(r, "wpa2-net")
	p.IEs = []byte{0x30, 20, 1, 0, 0, 0x0f, 0xac, 4, 1, 0, 0, 0x0f, 0xac, 4, 1, 0, 0, 0x0f, 0xac, 2, 0, 0}
	p.Crypto = drivers.Crypto{Versions: drivers.WPAVersion2, Pairwise: []uint32{rsnCCMP}, Group: rsnCCMP, AKM: rsnPSK, Privacy: true, ControlPort: true}
	connect(t, i, p)
	e := waitFor(t, events, func(drivers.EventEAPOL) bool { return true })
	if e.Src != r.BSSID || len(e.PDU) < 99 || e.PDU[1] != 3 {
		t.Errorf("EAPOL frame %+v", e)
	}
	if err := i.SendEAPOL(r.BSSID, []byte{2, 1, 0, 0}, false); err != nil { // EAPOL-Start
		t.Error(err)
	}
	key, tkip := bytes.Repeat([]byte{7}, 16), bytes.Repeat([]byte{9}, 32)
	for _, k := range []drivers.Key{
		{Cipher: rsnCCMP, Addr: r.BSSID, Key: key, Tx: true},
		{Addr: r.BSSID}, // mac80211 does not replace a key by one of another cipher
		{Cipher: rsnTKIP, Addr: r.BSSID, Key: tkip, Tx: true},
		{Use: drivers.KeyGroup, Cipher: rsnCCMP, Index: 1, Key: key, Seq: make([]byte, 6)},
		{Use: drivers.KeyGroup, Cipher: rsnTKIP, Index: 2, Key: tkip, Seq: []byte{1, 0, 0, 0, 0, 0}},
		{Use: drivers.KeyGroup, Index: 1}, {Use: drivers.KeyGroup, Index: 2}, {Addr: r.BSSID},
	} {
		if err := i.SetKey(&k); err != nil {
			t.Errorf("key use %d index %d of %d bytes: %v", k.Use, k.Index, len(k.Key), err)
		}
	}
	if err := i.Deauthenticate(r.BSSID, 3); err != nil {
		t.Error(err)
	}
	if e := waitFor(t, events, anyLost); !e.Local {
		t.Errorf("lost %+v", e)
	}
}

//go:build vm

package nl80211

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
)

// TestVMLink lets iw connect, so that the association is another program's.
func TestVMLink(t *testing.T) {
	o := open(t, New(), station)
	if _, err := o.SignalPoll(); !errors.Is(err, drivers.ErrNotSupported) {
		t.Errorf("signal without association: %v", err)
	}
	iwConnect(t)
	next(o, func(ev drivers.EventState) bool { return ev.State.Running })
	st, err := o.State()
	if err != nil || !st.Associated || string(st.SSID) != "open-net" || st.BSSID.String() != openBSSID || st.Frequency != 2412 {
		t.Errorf("state %+v, %v", st, err)
	}
	sig, err := o.SignalPoll()
	if err != nil || sig.Freq != 2412 || sig.Width != 0 || sig.CenterFreq1 != 2412 || sig.Signal >= 0 || sig.TxRate == 0 {
		t.Errorf("signal %+v, %v", sig, err)
	}
	if err := o.SetSignalMonitor(-70, 4); err != nil {
		t.Errorf("signal monitor: %v", err)
	}
	ours, _, _ := o.scanFor(&drivers.ScanParams{Freqs: []int{2412}}, "our BSS", of(openBSSID))
	if ours.Flags&drivers.ResultAssociated == 0 {
		t.Error("the result of our BSS is not marked")
	}
	run(t, "hostapd_cli", "-p", ctrlDir, "-i", "wlan1", "deauthenticate", st.MAC.String(), "reason=7")
	if ev := next[drivers.EventDisconnected](o, nil); ev.Local || ev.Reason != 7 || ev.BSSID != st.BSSID {
		t.Errorf("lost %+v", ev)
	}
	iwConnect(t)
	run(t, "iw", "dev", station, "disconnect")
	if ev := next[drivers.EventDisconnected](o, nil); !ev.Local || ev.Reason != 3 {
		t.Errorf("lost by ourselves %+v", ev)
	}
}

// rsne asks for WPA2-PSK with CCMP.
var rsne = []byte{48, 20, 1, 0, 0, 0x0f, 0xac, 4, 1, 0, 0, 0x0f, 0xac, 4, 1, 0, 0, 0x0f, 0xac, 2, 0, 0}

// join authenticates and associates with our own SME.
func (o *opened) join(bssid, ssid string, freq int, p drivers.AssocParams) {
	o.t.Helper()
	ap, err := dot11.ParseMAC(bssid)
	if err != nil {
		o.t.Fatal(err)
	}
	p.BSSID, p.SSID, p.Freq = ap, []byte(ssid), freq
	// An emulated machine may be too slow for the time that the kernel waits.
	for range 10 {
		if o.seen(ssid, freq) && o.tryJoin(&p) {
			return
		}
	}
	o.t.Fatalf("cannot join %s", ssid)
}

// seen scans and tells whether a network answered.
func (o *opened) seen(ssid string, freq int) bool {
	o.t.Helper()
	results, _ := o.scan(&drivers.ScanParams{SSIDs: [][]byte{[]byte(ssid)}, Freqs: []int{freq}})
	return slices.ContainsFunc(results, func(r drivers.ScanResult) bool {
		name, _ := dot11.Elements(r.IEs).Find(0)
		return string(name) == ssid
	})
}

// tryJoin is false when the access point did not answer in time.
func (o *opened) tryJoin(p *drivers.AssocParams) bool {
	o.t.Helper()
	if err := o.Authenticate(&drivers.AuthParams{BSSID: p.BSSID, SSID: p.SSID, Freq: p.Freq}); err != nil {
		o.t.Fatal(err)
	}
	switch ev := o.outcome().(type) {
	case drivers.EventTimeout:
		o.t.Logf("%+v", ev)
		return false
	case drivers.EventAuth:
		if ev.BSSID != p.BSSID || ev.Status != 0 || ev.Transaction != 2 {
			o.t.Fatalf("authentication %+v", ev)
		}
	}
	if err := o.Associate(p); err != nil {
		o.t.Fatal(err)
	}
	switch ev := o.outcome().(type) {
	case drivers.EventTimeout:
		o.t.Logf("%+v", ev)
		return false
	case drivers.EventAssoc:
		if ev.BSSID != p.BSSID || len(ev.RespIEs) == 0 {
			o.t.Fatalf("association %+v", ev)
		}
		o.joined = ev
	}
	return true
}

// outcome is the next event that ends a step of joining.
func (o *opened) outcome() drivers.Event {
	o.t.Helper()
	return next(o, func(ev drivers.Event) bool {
		switch ev.(type) {
		case drivers.EventTimeout, drivers.EventAuth, drivers.EventAssoc, drivers.EventAssocReject:
			return true
		}
		return false
	})
}

// iwConnect lets iw join the open network.
func iwConnect(t *testing.T) {
	t.Helper()
	for range 10 {
		ctx, cancel := context.WithTimeout(t.Context(), wait)
		err := exec.CommandContext(ctx, "iw", "dev", station, "connect", "-w", "open-net", "2412").Run()
		cancel()
		if err == nil {
			return
		}
		t.Log("iw connect:", err)
	}
	t.Fatal("iw cannot connect")
}

func TestVMJoinOpen(t *testing.T) {
	o := open(t, New(), station)
	o.join(openBSSID, "open-net", 2412, drivers.AssocParams{})
	ap, _ := dot11.ParseMAC(openBSSID)
	if err := o.SetAuthorized(ap, true); err != nil {
		t.Error(err)
	}
	if dump := run(t, "iw", "dev", station, "station", "dump"); !strings.Contains(dump, "authorized:\tyes") {
		t.Errorf("the port is closed:\n%s", dump)
	}
	for _, on := range []bool{true, false, true} {
		if err := o.SetPowerSave(on); err != nil {
			t.Error(err)
		}
		want := "Power save: " + map[bool]string{true: "on", false: "off"}[on]
		if said := run(t, "iw", "dev", station, "get", "power_save"); strings.TrimSpace(said) != want {
			t.Errorf("%q, want %q", said, want)
		}
	}
	if st, err := o.State(); err != nil || !st.Associated || st.BSSID != ap || !st.Running {
		t.Errorf("state %+v, %v", st, err)
	}
	if err := o.Deauthenticate(ap, 3); err != nil {
		t.Fatal(err)
	}
	if ev := next[drivers.EventDisconnected](o, nil); !ev.Local || ev.Reason != 3 || ev.BSSID != ap {
		t.Errorf("lost %+v", ev)
	}
}

// TestVMLeave leaves an access point in the quick way, in the ordinary one where the
// kernel does not know the quick one, and then when there is nothing to leave.
func TestVMLeave(t *testing.T) {
	o := open(t, New(), station)
	ap, _ := dot11.ParseMAC(openBSSID)
	for _, refused := range []bool{false, true} {
		o.join(openBSSID, "open-net", 2412, drivers.AssocParams{})
		o.noIoctl = refused
		begun := time.Now()
		if err := o.Leave(ap); err != nil {
			t.Fatal(err)
		}
		t.Log("ordinary way:", refused, "took", time.Since(begun))
		if o.noIoctl != refused {
			t.Error("the kernel refused the quick way")
		}
		if ev := next[drivers.EventDisconnected](o, nil); !ev.Local || ev.Reason != 3 || ev.BSSID != ap {
			t.Errorf("lost %+v", ev)
		}
		if st, err := o.State(); err != nil || st.Associated {
			t.Errorf("state %+v, %v", st, err)
		}
	}
	o.noIoctl = false
	if err := o.Leave(ap); err != nil {
		t.Error("nothing to leave:", err)
	}
}

// TestVMHandshake receives message 1 of the 4-way handshake, over the control
// port and over a packet socket, answers with nonsense and installs keys.
func TestVMHandshake(t *testing.T) {
	for _, params := range []string{"", "control_port=0"} {
		t.Run("params "+params, func(t *testing.T) {
			o := &opened{t: t, events: make(chan drivers.Event, 4096)}
			i, err := New().Open(drivers.Config{Ifname: station, Params: params, Events: func(ev drivers.Event) { o.events <- ev }})
			if err != nil {
				t.Fatal(err)
			}
			defer i.Close()
			o.Interface = i.(*Interface)
			o.join(hidBSSID, "hidden-net", 2437, drivers.AssocParams{IEs: rsne, Crypto: drivers.Crypto{
				Versions: drivers.WPAVersion2, Pairwise: []uint32{cipherCCMP}, Group: cipherCCMP, AKM: 0x000fac02,
				Privacy: true, ControlPort: true, ControlPortOverNetlink: true,
			}})
			ap, _ := dot11.ParseMAC(hidBSSID)
			ev := next[drivers.EventEAPOL](o, nil)
			if ev.Src != ap || len(ev.PDU) < 99 || ev.PDU[1] != 3 {
				t.Errorf("EAPOL frame %+v", ev)
			}
			if want := map[string]drivers.EncryptionKnown{"": drivers.EncryptionNo}[params]; ev.Encrypted != want {
				t.Errorf("encryption %d, want %d", ev.Encrypted, want)
			}
			if err := o.SendEAPOL(ap, []byte{2, 1, 0, 0}, false); err != nil { // EAPOL-Start
				t.Error(err)
			}
			key := bytes.Repeat([]byte{7}, 16)
			for _, k := range []drivers.Key{
				{Use: drivers.KeyPairwise, Cipher: cipherCCMP, Addr: ap, Key: key, Tx: true},
				{Use: drivers.KeyGroup, Cipher: cipherCCMP, Index: 1, Key: key, Seq: make([]byte, 6)},
				{Use: drivers.KeyIGTK, Cipher: 0x000fac06, Index: 4, Key: key, Seq: make([]byte, 6)},
				{Use: drivers.KeyGroup, Index: 1}, {Use: drivers.KeyGroup, Index: 2}, {Use: drivers.KeyPairwise, Addr: ap},
			} {
				if err := o.SetKey(&k); err != nil {
					t.Errorf("key use %d index %d of %d bytes: %v", k.Use, k.Index, len(k.Key), err)
				}
			}
			if err := o.Deauthenticate(ap, 3); err != nil {
				t.Error(err)
			}
			next[drivers.EventDisconnected](o, nil)
		})
	}
}

func TestVMJoinFails(t *testing.T) {
	o := open(t, New(), station)
	nobody := dot11.MAC{2, 0xee, 0xee, 0xee, 0xee, 0xee}
	err := o.Authenticate(&drivers.AuthParams{BSSID: nobody, SSID: []byte("open-net"), Freq: 2412})
	if !errors.Is(err, unix.ENOENT) {
		t.Errorf("authentication with an unknown BSS: %v", err)
	}
	if err := o.Associate(&drivers.AssocParams{BSSID: nobody, SSID: []byte("open-net"), Freq: 2412}); err == nil {
		t.Error("association without authentication")
	}
	if err := o.SendEAPOL(nobody, []byte{2, 1, 0, 0}, false); err == nil {
		t.Error("EAPOL without association")
	}
	ap, _ := dot11.ParseMAC(openBSSID)
	// An action frame of an unassociated station, off the channel: SA Query request.
	st, err := o.State()
	if err != nil {
		t.Fatal(err)
	}
	h := dot11.MgmtHeader{Subtype: dot11.SubtypeAction, DA: ap, SA: st.MAC, BSSID: ap}
	if err := o.SendFrame(append(h.Append(nil), 4, 10, 0), 2412, false); err != nil { // GAS, too short to be answered
		t.Fatal(err)
	}
	if ev := next[drivers.EventFrameTxStatus](o, nil); !ev.Acked || len(ev.Frame) < 27 {
		t.Errorf("status %+v", ev)
	}
}

// TestVMRecord writes what the kernel says to $RECORD, to be replayed by the
// tests that need no kernel.
func TestVMRecord(t *testing.T) {
	dir := os.Getenv("RECORD")
	if dir == "" {
		t.Skip("RECORD names no folder")
	}
	o := open(t, New(), station)
	nl, _, err := dialEvents()
	if err != nil {
		t.Fatal(err)
	}
	var events []message
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			msgs, err := nl.Receive()
			if err != nil {
				return
			}
			for _, m := range msgs {
				if msg, err := decode(m.Data); err == nil {
					events = append(events, msg)
				}
			}
		}
	}()
	o.scan(&drivers.ScanParams{SSIDs: [][]byte{[]byte("hidden-net"), nil}, Freqs: []int{2412, 2437}, Flush: true})
	iwConnect(t)
	record(t, dir, "station", must(o.cmd.dump("", unix.NL80211_CMD_GET_STATION, o.ifindexAttr)))
	record(t, dir, "interface", must(o.cmd.do("", unix.NL80211_CMD_GET_INTERFACE, o.ifindexAttr)))
	record(t, dir, "scan", must(o.cmd.dump("", unix.NL80211_CMD_GET_SCAN, o.ifindexAttr)))
	run(t, "iw", "dev", station, "disconnect")
	if err := o.Scan(&drivers.ScanParams{}); err != nil {
		t.Fatal(err)
	}
	if err := o.AbortScan(); err != nil {
		t.Fatal(err)
	}
	next[drivers.EventScanDone](o, func(ev drivers.EventScanDone) bool { return ev.Aborted })
	for _, c := range []string{"FI", "00"} {
		if err := o.SetCountry(c); err != nil {
			t.Fatal(err)
		}
		next[drivers.EventRegulatory](o, nil)
	}
	if err := o.driver.CreateInterface(station, "vsta0", drivers.IfaceStation, nil); err != nil {
		t.Fatal(err)
	}
	if err := o.driver.DeleteInterface("vsta0"); err != nil {
		t.Fatal(err)
	}
	o.hub.barrier()
	record(t, dir, "wiphy", must(o.cmd.dump("", unix.NL80211_CMD_GET_WIPHY, func(ae *netlink.AttributeEncoder) {
		ae.Flag(unix.NL80211_ATTR_SPLIT_WIPHY_DUMP, true)
		o.ifindexAttr(ae)
	})))
	record(t, dir, "survey", must(o.cmd.dump("", unix.NL80211_CMD_GET_SURVEY, o.ifindexAttr)))
	_ = nl.Close()
	<-done
	record(t, dir, "events", events)
}

func must(msgs []message, err error) []message {
	if err != nil {
		panic(err)
	}
	return msgs
}

// record writes messages as length (4 bytes, little endian), command, attributes.
func record(t *testing.T, dir, name string, msgs []message) {
	t.Helper()
	var b []byte
	for _, m := range msgs {
		b = binary.LittleEndian.AppendUint32(b, uint32(1+len(m.attrs)))
		b = append(append(b, m.cmd), m.attrs...)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".bin"), b, 0o644); err != nil {
		t.Fatal(err)
	}
}

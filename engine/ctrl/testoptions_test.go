//go:build testoptions

package ctrl

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"gosupplicant/drivers"
	"gosupplicant/drivers/sim"
	"gosupplicant/engine"
	"gosupplicant/engine/dot11"
)

// TestOptionsEAPOLByHand carries a whole handshake by hand: what the station sends
// is an event, and EAPOL_TX sends it; what the AP sends is lost, and EAPOL_RX brings
// it.
func TestOptionsEAPOLByHand(t *testing.T) {
	l := newLab(t)
	var fromAP []string
	l.record(func(f sim.Frame) sim.Fate {
		if f.EAPOL && !f.ToAP {
			fromAP = append(fromAP, hex.EncodeToString(f.Bytes))
		}
		return sim.Fate{Drop: f.EAPOL && !f.ToAP}
	})
	l.ok("SET ext_eapol_frame_io 1")
	l.begin("psk")
	ap := labBSSIDs["psk"]
	for _, step := range []string{"message 1", "message 3"} {
		if !l.loop.Until(time.Minute, func() bool { return len(fromAP) > 0 }) {
			t.Fatalf("the AP sends no %s", step)
		}
		last := fromAP[len(fromAP)-1]
		fromAP = nil
		l.ok("EAPOL_RX " + ap + " " + last)
		if got := l.line("EAPOL-RX "); got != fmt.Sprintf("%s %d", ap, len(last)/2) {
			t.Errorf("EAPOL-RX %s", got)
		}
		if n := len(l.sentEAPOL()); step == "message 1" && n != 0 {
			t.Fatalf("%d EAPOL frames were sent nevertheless", n)
		}
		text := l.line("EAPOL-TX ")
		l.ok("EAPOL_TX " + text)
		l.loop.Advance(5 * time.Millisecond)
	}
	l.until(engine.StateCompleted)
	if ok, _ := l.air.Air().Secure("sim0"); !ok {
		t.Error("the AP does not have the same keys")
	}
	l.fails("EAPOL_RX x 00", "EAPOL_RX "+ap, "EAPOL_RX "+ap+" 0", "EAPOL_TX "+ap+" zz", "EAPOL_TX 02:33:00:00:00:77 0103", "SET ext_eapol_frame_io 2")
}

// TestOptionsForgedEAPOL: what EAPOL_RX brings is as hostile as the air.
func TestOptionsForgedEAPOL(t *testing.T) {
	l := newLab(t)
	l.connect("psk")
	keys := len(l.keys)
	for _, pdu := range []string{"01", "0103", "0103ffff", "0103005f02" + strings.Repeat("00", 94), strings.Repeat("ff", 2000)} {
		l.ok("EAPOL_RX " + labBSSIDs["psk"] + " " + pdu)
		l.ok("EAPOL_RX 02:33:00:00:00:77 " + pdu)
	}
	l.loop.Advance(20 * time.Second)
	if l.iface().State() != engine.StateCompleted || len(l.keys) != keys {
		t.Errorf("state %v, %d keys set", l.iface().State(), len(l.keys)-keys)
	}
}

// keyInfo and keyData read an EAPOL-Key PDU with a MIC of 16 bytes.
func keyInfo(pdu []byte) uint16 { return binary.BigEndian.Uint16(pdu[5:]) }
func keyData(pdu []byte) []byte { return pdu[99:] }

// TestOptionsMessage2: every override of message 2 is in the frame, whose MIC is right.
func TestOptionsMessage2(t *testing.T) {
	for _, c := range []struct {
		name, cmd string
		want      func(pdu []byte) bool
		connects  bool
	}{
		{"rsne", "SET rsne_override_eapol 30040100000f", func(p []byte) bool { return bytes.Equal(keyData(p), []byte{0x30, 4, 1, 0, 0, 15}) }, false},
		{"rsnxe", "SET rsnxe_override_eapol f40121", func(p []byte) bool { return bytes.HasSuffix(keyData(p), []byte{0xf4, 1, 0x21}) }, true},
		{"elements", "TEST_EAPOL_M2_ELEMS dd03010203", func(p []byte) bool { return bytes.HasSuffix(keyData(p), []byte{0xdd, 3, 1, 2, 3}) }, true},
		{"info", "SET eapol_2_key_info_set_mask 0200", func(p []byte) bool { return keyInfo(p)&0x200 != 0 }, true},
		{"nothing", "SET rsne_override_eapol NULL", func(p []byte) bool { return keyInfo(p)&0x200 == 0 && keyData(p)[0] == 48 && len(keyData(p)) == 22 }, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLab(t)
			l.ok(c.cmd)
			l.begin("psk")
			if c.connects {
				l.until(engine.StateCompleted)
			} else {
				l.line("CTRL-EVENT-ATTEMPT-FAILED") // the AP compares with the request
			}
			sent := l.sentEAPOL()
			if len(sent) == 0 || !c.want(sent[0]) {
				t.Errorf("frames %x", sent)
			}
		})
	}
}

// TestOptionsMessage4 and the group handshake.
func TestOptionsMessage4(t *testing.T) {
	l := newLab(t)
	l.ok("TEST_EAPOL_M4_ELEMS dd0401020304")
	l.connect("psk")
	sent := l.sentEAPOL()
	if last := sent[len(sent)-1]; !bytes.Equal(keyData(last), []byte{0xdd, 4, 1, 2, 3, 4}) {
		t.Errorf("message 4: %x", last)
	}
	l.ok("SET disable_eapol_g2_tx 1")
	l.record(nil)
	ap, _ := dot11.ParseMAC(labBSSIDs["psk"])
	if err := l.air.Air().Rekey(ap, false); err != nil {
		t.Fatal(err)
	}
	l.line("RSN: Group rekeying completed")
	if n := len(l.sentEAPOL()); n != 0 {
		t.Errorf("%d frames answer the group handshake", n)
	}
	if l.ask("GET gtk") == replyFail {
		t.Error("no GTK")
	}
}

// TestOptionsEncryptedM4: a message 4 under the new key, which the AP has not got
// yet, is none to it.
func TestOptionsEncryptedM4(t *testing.T) {
	l := newLab(t)
	l.ok("SET encrypt_eapol_m4 1", "SET encrypt_eapol_m2 1")
	l.begin("psk")
	l.loop.Until(time.Minute, func() bool { return len(l.sentEAPOL()) > 2 })
	for _, f := range l.frames {
		if m4 := f.EAPOL && f.ToAP && keyInfo(f.Bytes)&0x0200 != 0; m4 && !f.Protected {
			t.Errorf("message 4 in the clear: %x", f.Bytes)
		}
	}
	if ok, _ := l.air.Air().Secure("sim0"); ok || len(l.sentEAPOL()) < 3 {
		t.Errorf("the AP took it; %d frames", len(l.sentEAPOL()))
	}
}

// TestOptionsAssociationRequest: elements of the request.
func TestOptionsAssociationRequest(t *testing.T) {
	for _, c := range []struct {
		name, kind, cmd string
		want, without   []byte
	}{
		{"elements", "psk", "TEST_ASSOC_IE dd050011223344", []byte{0xdd, 5, 0, 0x11, 0x22, 0x33, 0x44}, nil},
		{"rsnxe", "psk", "SET rsnxe_override_assoc f40120", []byte{0xf4, 1, 0x20}, nil},
		{"other rsnxe", "sae", "SET rsnxe_override_assoc f40101", []byte{0xf4, 1, 1}, []byte{0xf4, 1, 0x20}},
		{"no rsnxe", "sae", "SET rsnxe_override_assoc ", []byte{48}, []byte{0xf4, 1, 0x20}},
		{"bits", "sae", "TEST_RSNXE_DATA 5180 f3ff", []byte{0xf4, 2, 0x51, 0x80}, []byte{0xf4, 1, 0x20}},
		{"nothing", "sae", "TEST_RSNXE_DATA", []byte{0xf4, 1, 0x20}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLab(t)
			l.ok(c.cmd)
			l.begin(c.kind)
			if !l.loop.Until(time.Minute, func() bool { return len(l.sentMgmt(dot11.SubtypeAssocRequest)) > 0 }) {
				t.Fatal("no request")
			}
			body := l.sentMgmt(dot11.SubtypeAssocRequest)[0]
			if !bytes.Contains(body, c.want) || c.without != nil && bytes.Contains(body, c.without) {
				t.Errorf("request %x", body)
			}
		})
	}
}

// TestOptionsSAE: the commit.
func TestOptionsSAE(t *testing.T) {
	l := newLab(t)
	l.ok("SET sae_commit_override 1300aabbcc")
	l.begin("sae")
	l.line("CTRL-EVENT-ATTEMPT-FAILED")
	got := l.sentMgmt(dot11.SubtypeAuth)
	if want := []byte{3, 0, 1, 0, 0, 0, 0x13, 0, 0xaa, 0xbb, 0xcc}; len(got) == 0 || !bytes.Equal(got[0], want) {
		t.Errorf("commits %x", got)
	}
	l.ok("SET sae_commit_override NULL", "SET extra_sae_rejected_groups 22 23", "DISCONNECT")
	l.record(nil)
	l.ok("REMOVE_NETWORK all")
	l.connect("sae")
	if got := l.sentMgmt(dot11.SubtypeAuth); !bytes.Contains(got[0], []byte{255, 5, 92, 22, 0, 23, 0}) {
		t.Errorf("no rejected groups in %x", got[0])
	}
	l.fails("SET extra_sae_rejected_groups 1 x", "SET sae_commit_override zz")
}

// TestOptionsKeyRequest: requests and reports are in the clear on this air only for
// the judge; they carry request, error and pairwise bits.
func TestOptionsKeyRequest(t *testing.T) {
	l := newLab(t)
	l.fails("KEY_REQUEST 0 1", "RESET_PN", "RESEND_ASSOC", "GET_TK", "GET gtk")
	if got := l.ask("GET anonce"); got != strings.Repeat("00", 32) {
		t.Errorf("GET anonce: %q", got)
	}
	l.ok("DROP_SA", "UNPROT_DEAUTH")
	l.connect("psk")
	for cmd, want := range map[string]uint16{"KEY_REQUEST 0 1": 0x0b0a, "KEY_REQUEST 0 0": 0x0b02, "KEY_REQUEST 1 1": 0x0f0a, "KEY_REQUEST 1 0": 0x0f02} {
		l.record(nil)
		l.ok(cmd)
		l.loop.Drain()
		if got := l.sentEAPOL(); len(got) != 1 || keyInfo(got[0]) != want {
			t.Errorf("%s: frames %x, want Key Information %04x", cmd, got, want)
		}
	}
	l.fails("KEY_REQUEST 2 0", "KEY_REQUEST 1", "KEY_REQUEST 1 ")
}

// TestOptionsKeys: the keys that are shown, begun anew, dropped and made again.
func TestOptionsKeys(t *testing.T) {
	l := newLab(t)
	l.connect("psk")
	tk := l.ask("GET_TK")
	want, _ := l.air.Air().Keys("sim0")
	if tk != hex.EncodeToString(want[0].Key) || l.ask("GET gtk") != hex.EncodeToString(want[1].Key) || l.ask("GET last_tk_key_idx") != "0" {
		t.Errorf("TK %s of %x, GTK %s of %x", tk, want[0].Key, l.ask("GET gtk"), want[1].Key)
	}
	if l.ask("GET anonce") == strings.Repeat("00", 32) {
		t.Error("no ANonce")
	}
	l.keys = nil
	l.ok("RESET_PN")
	if len(l.keys) != 2 || !bytes.Equal(l.keys[0].Key, make([]byte, 16)) || hex.EncodeToString(l.keys[1].Key) != tk || !l.keys[1].Tx {
		t.Errorf("RESET_PN sets %+v", l.keys)
	}
	l.ok("DROP_SA")
	if keys, _ := l.air.Air().Keys("sim0"); len(keys) != 0 || l.iface().State() != engine.StateCompleted || len(l.sentMgmt(dot11.SubtypeDeauth)) != 0 {
		t.Errorf("after DROP_SA: state %v, keys %v", l.iface().State(), keys)
	}
	l.record(nil)
	l.ok("RESEND_ASSOC")
	l.line("CTRL-EVENT-CONNECTED")
	if ok, _ := l.air.Air().Secure("sim0"); !ok || len(l.sentMgmt(dot11.SubtypeReassocRequest)) != 1 {
		t.Errorf("after RESEND_ASSOC: secure %v, %d requests", ok, len(l.sentMgmt(dot11.SubtypeReassocRequest)))
	}
	if l.ask("GET_TK") == tk {
		t.Error("the TK is the old one")
	}
}

// TestOptionsResendForSAE: with a PMK of an exchange; one of OWE serves only once.
func TestOptionsResendForSAE(t *testing.T) {
	l := newLab(t)
	l.connect("sae")
	l.ok("RESEND_ASSOC")
	l.line("CTRL-EVENT-CONNECTED")
	if ok, _ := l.air.Air().Secure("sim0"); !ok {
		t.Error("not secure")
	}
	l.ok("DISCONNECT", "REMOVE_NETWORK all")
	l.connect("owe")
	l.fails("RESEND_ASSOC")
	if l.iface().State() != engine.StateCompleted {
		t.Errorf("state %v", l.iface().State())
	}
}

// queries are the SA Query requests on the air.
func (l *lab) queries() (out [][]byte) {
	for _, body := range l.sentMgmt(dot11.SubtypeAction) {
		if body[0] == byte(dot11.CategorySAQuery) && body[1] == 0 {
			out = append(out, body)
		}
	}
	return out
}

// TestOptionsForgedDeauth: MGMT_RX_PROCESS with a deauthentication in the clear, with
// PMF: SA Query asks. The answer comes as an event and has to be brought back.
func TestOptionsForgedDeauth(t *testing.T) {
	l := newLab(t)
	l.connect("pmf")
	deauth := "MGMT_RX_PROCESS freq=2437 datarate=0 ssi_signal=-30 frame=" + l.mgmt("pmf", dot11.SubtypeDeauth, 0, 6, 0)
	l.fails(deauth) // frames are not handled by hand
	l.ok("SET ext_mgmt_frame_handling 1", deauth)
	text := l.line("MGMT-RX ") // the answer of the AP
	if !strings.HasPrefix(text, "freq=2437 datarate=0 ssi_signal=0 ") || len(l.queries()) != 1 || len(l.queries()[0]) != 4 {
		t.Fatalf("MGMT-RX %s, queries %x", text, l.queries())
	}
	l.ok("MGMT_RX_PROCESS freq=2437 datarate=0 ssi_signal=0 frame=" + text[strings.LastIndex(text, " ")+1:])
	l.loop.Advance(5 * time.Second)
	if l.iface().State() != engine.StateCompleted || len(l.queries()) != 1 {
		t.Errorf("state %v after %d queries", l.iface().State(), len(l.queries()))
	}
	// Not brought back, the same ends the connection.
	l.loop.Advance(20 * time.Second)
	l.ok("UNPROT_DEAUTH")
	l.line("CTRL-EVENT-DISCONNECTED")
}

// TestOptionsSAQuery: the procedure switched off, and with a pretended channel.
func TestOptionsSAQuery(t *testing.T) {
	l := newLab(t)
	l.ok("SET disable_sa_query 1")
	l.connect("pmf")
	l.ok("UNPROT_DEAUTH")
	l.loop.Advance(5 * time.Second)
	if n := len(l.queries()); n != 0 || l.iface().State() != engine.StateCompleted {
		t.Errorf("%d queries, state %v", n, l.iface().State())
	}
	l.ok("SET disable_sa_query 0", "SET oci_freq_override_saquery_req 2462", "UNPROT_DEAUTH")
	l.loop.Advance(100 * time.Millisecond)
	if q := l.queries(); len(q) != 1 || !bytes.Equal(q[0][4:], []byte{255, 4, 54, 81, 11, 0}) {
		t.Errorf("queries %x", q)
	}
	l.fails("SET oci_freq_override_saquery_req 1", "SET oci_freq_override_eapol x", "SET oci_freq_override_ft_assoc 2412")
	l.ok("SET oci_freq_override_eapol 2412", "SET oci_freq_override_eapol_g2 0", "SET oci_freq_override_saquery_resp 5180")
}

// TestOptionsDisconnections: what is believed, and what is not for us.
func TestOptionsDisconnections(t *testing.T) {
	l := newLab(t)
	l.connect("psk")
	l.ok("SET ext_mgmt_frame_handling 1")
	other := []byte(l.mgmt("psk", dot11.SubtypeDeauth, 0, 7, 0))
	copy(other[8:], "027777777777") // address 1
	l.fails("MGMT_RX_PROCESS frame="+string(other), "MGMT_RX_PROCESS frame=00", "MGMT_RX_PROCESS freq=1",
		"MGMT_RX_PROCESS frame="+l.mgmt("psk", dot11.SubtypeDeauth, 0, 7), "MGMT_RX_PROCESS frame="+l.mgmt("psk", dot11.SubtypeBeacon, 0, 7),
		"MGMT_RX_PROCESS ssi_signal=x frame=00")
	l.ok("MGMT_RX_PROCESS frame=" + l.mgmt("psk", dot11.SubtypeAction, 0, 8, 9, 9))
	l.ok("MGMT_RX_PROCESS frame=" + l.mgmt("psk", dot11.SubtypeAuth, 0, 0, 0, 2, 0, 1, 0))
	if l.iface().State() != engine.StateCompleted {
		t.Fatalf("state %v", l.iface().State())
	}
	l.ok("MGMT_RX_PROCESS frame=" + l.mgmt("psk", dot11.SubtypeDisassoc, 0, 8, 0))
	if got := l.line("CTRL-EVENT-DISCONNECTED "); !strings.Contains(got, "reason=8") {
		t.Errorf("disconnected: %s", got)
	}
}

// TestOptionsIgnoredAuthentication: the AP's answers are not heard until they are.
func TestOptionsIgnoredAuthentication(t *testing.T) {
	l := newLab(t)
	l.ok("SET ignore_auth_resp 1")
	l.begin("psk")
	l.line("CTRL-EVENT-ATTEMPT-FAILED")
	l.ok("SET ignore_auth_resp 0")
	l.until(engine.StateCompleted)
}

// TestOptionsMgmtTX: an action frame and its fate.
func TestOptionsMgmtTX(t *testing.T) {
	l := newLab(t)
	ap := labBSSIDs["psk"]
	cmd := "MGMT_TX " + ap + " " + ap + " freq=2412 wait_time=20 no_cck=0 action=0a070102"
	l.fails(cmd) // not associated
	l.connect("psk")
	l.acked = true
	l.record(nil)
	l.ok(cmd, "MGMT_TX_DONE")
	want := fmt.Sprintf("freq=2412 dst=%s src=%v bssid=%s result=SUCCESS", ap, l.iface().MACAddress(), ap)
	if got := l.line("MGMT-TX-STATUS "); got != want {
		t.Errorf("status %q, want %q", got, want)
	}
	if got := l.sentMgmt(dot11.SubtypeAction); len(got) != 1 || !bytes.Equal(got[0], []byte{10, 7, 1, 2}) {
		t.Errorf("frames %x", got)
	}
	l.acked = false
	l.ok("MGMT_TX " + ap + " " + ap + " action=0a07")
	if got := l.line("MGMT-TX-STATUS "); !strings.HasSuffix(got, "result=NO_ACK") {
		t.Errorf("status %q", got)
	}
	l.fails("MGMT_TX "+ap, "MGMT_TX "+ap+" "+ap+" action=", "MGMT_TX "+ap+" "+ap+" action=0", "MGMT_TX x "+ap+" action=00",
		"MGMT_TX "+ap+" "+ap+" no_cck=1 action=00", "MGMT_TX "+ap+" "+ap+" freq=5180 wait_time=5 action=00", "MGMT_TX "+ap+" "+ap+" freq=x action=00")
}

// TestOptionsDriverEvents: the interface goes down and up, results of a scan that
// never was, an association.
func TestOptionsDriverEvents(t *testing.T) {
	l := newLab(t)
	l.ok("DRIVER_EVENT INTERFACE_DISABLED")
	if l.iface().State() != engine.StateInterfaceDisabled {
		t.Errorf("state %v", l.iface().State())
	}
	l.ok("DRIVER_EVENT INTERFACE_ENABLED", "DRIVER_EVENT AVOID_FREQUENCIES 2412-2417,5180", "DRIVER_EVENT AVOID_FREQUENCIES")
	l.fails("DRIVER_EVENT SCAN_RES END", "DRIVER_EVENT SCAN_RES BSS bssid=02:33:00:00:00:55 freq=2412")
	l.ok("DRIVER_EVENT SCAN_RES START",
		"DRIVER_EVENT SCAN_RES BSS flags=0x00000008 bssid=02:33:00:00:00:55 freq=2412 beacon_int=100 caps=0x0411 qual=0 noise=-92 level=-71 tsf=00000000000003e8 age=12 est_throughput=54000 snr=21 parent_tsf=0 tsf_bssid=00:00:00:00:00:00 ie=000568656c6c6f beacon_ie=")
	l.fails("DRIVER_EVENT SCAN_RES BSS freq=2412", "DRIVER_EVENT SCAN_RES BSS bssid=02:33:00:00:00:56 freq=0", "DRIVER_EVENT SCAN_RES BSS bssid=02:33:00:00:00:56 freq=2412 colour=1",
		"DRIVER_EVENT SCAN_RES BSS bssid=02:33:00:00:00:56 freq=2412 ie=0", "DRIVER_EVENT SCAN_RES x", "DRIVER_EVENT x", "DRIVER_EVENT AVOID_FREQUENCIES x", "DRIVER_EVENT ASSOC x", "DRIVER_EVENT ASSOC addr=x", "DRIVER_EVENT ASSOC colour=1")
	l.ok("DRIVER_EVENT SCAN_RES END")
	l.line("CTRL-EVENT-SCAN-RESULTS")
	if got := l.ask("BSS 02:33:00:00:00:55"); !strings.Contains(got, "level=-71\n") || !strings.Contains(got, "ssid=hello\n") || !strings.Contains(got, "tsf=0000000000001000\n") {
		t.Errorf("BSS: %q", got)
	}
	// The AP's answer to the association request is lost; the event stands in.
	l.record(func(f sim.Frame) sim.Fate {
		h, _, err := dot11.ParseMgmt(f.Bytes)
		return sim.Fate{Drop: !f.EAPOL && err == nil && h.Subtype == dot11.SubtypeAssocResponse}
	})
	l.begin("psk")
	if !l.loop.Until(time.Minute, func() bool { return l.iface().State() == engine.StateAssociating }) {
		t.Fatal("not associating")
	}
	l.ok("DRIVER_EVENT ASSOC addr=" + labBSSIDs["psk"] + " freq=2412 req_ies=0003abcdef resp_ies= authorized=0")
	l.line("Associated with " + labBSSIDs["psk"])
	if got := l.iface().Link().ReqIEs; !bytes.Equal(got, []byte{0, 3, 0xab, 0xcd, 0xef}) {
		t.Errorf("elements of the request: %x", got)
	}
}

// TestOptionsDataTest: frames of the data test both ways.
func TestOptionsDataTest(t *testing.T) {
	l := newLab(t)
	l.fails("DATA_TEST_TX 02:00:00:00:00:01 02:00:00:00:00:02 0", "DATA_TEST_CONFIG 1 ifname=none", "DATA_TEST_CONFIG 2", "DATA_TEST_CONFIG ")
	l.ok("DATA_TEST_CONFIG 0", "DATA_TEST_CONFIG 1 ifname=br0", "DATA_TEST_CONFIG 1")
	if l.asked != "br0" {
		t.Errorf("opened on %q", l.asked)
	}
	sock := l.data
	l.ok("DATA_TEST_TX 02:00:00:00:00:01 02:00:00:00:00:02 16", "DATA_TEST_TX 02:00:00:00:00:01 02:00:00:00:00:02 0 len=26")
	full, short := sock.sent[0], sock.sent[1]
	want, _ := hex.DecodeString("0200000000010200000000020800451005ce000000004001f1cbc0a80101c0a80102000102")
	if len(full) != 1500 || !bytes.Equal(full[:len(want)], want) || full[34+300] != 300%256 {
		t.Errorf("frame %x\nwant   %x …", full[:48], want)
	}
	if want, _ := hex.DecodeString("02000000000102000000000208004500001a000000004001f78fc0a80101c0a80102000102030405"); !bytes.Equal(short, want) {
		t.Errorf("frame %x\nwant   %x", short, want)
	}
	bad := bytes.Clone(full)
	bad[40]++ // payload
	for _, f := range [][]byte{nil, full[:20], bad, full[:1499], append([]byte{}, make([]byte, 60)...)} {
		sock.receive(f)
	}
	sock.receive(full)
	sock.receive(append(bytes.Clone(short), make([]byte, 20)...)) // padded
	l.loop.Drain()
	var got []string
	for _, s := range l.lines {
		if strings.HasPrefix(s, "DATA-TEST-RX ") {
			got = append(got, s)
		}
	}
	if strings.Join(got, "|") != "DATA-TEST-RX 02:00:00:00:00:01 02:00:00:00:00:02|DATA-TEST-RX 02:00:00:00:00:01 02:00:00:00:00:02 len=26" {
		t.Errorf("events %q", got)
	}
	l.fails("DATA_TEST_TX 02:00:00:00:00:01 02:00:00:00:00:02 0 len=19", "DATA_TEST_TX 02:00:00:00:00:01 02:00:00:00:00:02 0 len=1487", "DATA_TEST_TX 02:00:00:00:00:01 02:00:00:00:00:02", "DATA_TEST_TX x y 0", "DATA_TEST_FRAME 0")
	l.ok("DATA_TEST_FRAME ffffffffffff02000000000288b50102", "DATA_TEST_CONFIG 0")
	if n := len(sock.sent); n != 3 || sock.closed != 1 {
		t.Errorf("%d frames, closed %d times", n, sock.closed)
	}
	l.ok("DATA_TEST_FRAME ffffffffffff02000000000288b50102")
	if l.data == sock || len(l.data.sent) != 1 || l.data.closed != 1 {
		t.Errorf("a socket for one frame: %+v", l.data)
	}
}

// TestOptionsRest: signals, what is not built, events by number, and FLUSH.
func TestOptionsRest(t *testing.T) {
	l := newLab(t)
	l.ok("SET driver_signal_override " + labBSSIDs["psk"] + " -33 -34 -35 -99 -36")
	l.connect("psk")
	if got := l.ask("SIGNAL_POLL"); !strings.Contains(got, "RSSI=-33\n") || !strings.Contains(got, "NOISE=-99\n") || !strings.Contains(got, "AVG_RSSI=-34\n") {
		t.Errorf("SIGNAL_POLL: %q", got)
	}
	if got := l.ask("BSS " + labBSSIDs["psk"] + " MASK=0x80"); got != "level=-36\n" {
		t.Errorf("level: %q", got)
	}
	l.fails("TEST_FAIL 1:foo", "TEST_ALLOC_FAIL 1:foo", "GET_FAIL", "GET_ALLOC_FAIL", "SET extra_roc_dur 1", "SET test_failure 1", "SET ignore_assoc_disallow 0",
		"SET driver_signal_override x", "SET driver_signal_override "+labBSSIDs["psk"]+" 1 2", "SET rsne_override_eapol ", "SET rsne_override_eapol 30", "TEST_RSNXE_DATA 20 2020",
		"TEST_ASSOC_IE 0", "SET eapol_2_key_info_set_mask 02", "EVENT_TEST 0", "EVENT_TEST x", "GET_PREF_FREQ_LIST STATION", "SET get_pref_freq_list_override 1:2412", "SET get_pref_freq_list_override 0:x")
	l.ok("SET ignore_assoc_disallow 1", "SET ignore_sae_h2e_only 1", "EVENT_TEST 3", "SET driver_signal_override "+labBSSIDs["psk"])
	l.ok("SET get_pref_freq_list_override 0:2412,5180 3:2437")
	if got := l.ask("GET_PREF_FREQ_LIST STATION"); got != "2412,5180" {
		t.Errorf("GET_PREF_FREQ_LIST: %q", got)
	}
	if got := l.ask("SIGNAL_POLL"); strings.Contains(got, "RSSI=-33\n") {
		t.Errorf("SIGNAL_POLL: %q", got)
	}
	l.ok("SET ext_eapol_frame_io 1", "TEST_ASSOC_IE dd00", "FLUSH")
	l.connect("psk") // by itself, as nothing is by hand any more
	body := l.sentMgmt(dot11.SubtypeAssocRequest)
	if bytes.Contains(body[len(body)-1], []byte{0xdd, 0}) {
		t.Errorf("request %x", body[len(body)-1])
	}
	if err := l.sup.RemoveInterface(l.iface()); err != nil {
		t.Fatal(err)
	}
}

var _ drivers.DataTester = (*labDevice)(nil)

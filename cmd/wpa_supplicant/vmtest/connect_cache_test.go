//go:build vm

package vmtest

import (
	"fmt"
	"strconv"
	"strings"

	"gosupplicant/cmd/wpa_supplicant/vmtest/lab"
)

// eapFields are those of a network with 802.1X of the second radio. The server's
// tickets are of TLS 1.3.
func (k *seat) eapFields(more ...string) []string {
	fields := append([]string{"key_mgmt WPA-EAP", `phase1 "tls_disable_tlsv1_3=0"`}, eapTLS...)
	for i, f := range fields {
		fields[i] = strings.ReplaceAll(f, "@eap", k.eapDir)
	}
	return append(fields, more...)
}

// fromCache fails the test unless the connection since a mark was made with a
// cached key, as the station and the access point tell.
func (k *seat) fromCache(mark int) {
	k.t.Helper()
	k.quietly(mark, "CTRL-EVENT-EAP-STARTED")
	k.fewProcess.Wait("the access point to take its cached key", func(line string) bool {
		return strings.Contains(line, k.address()+" IEEE 802.1X: authenticated") && strings.Contains(line, "(PMKSA cache)")
	})
	k.expect("suppPortStatus=Authorized", "Supplicant PAE state=AUTHENTICATED")
	if mode := k.bus.Get(k.dir, lab.Interface, "CurrentAuthMode"); mode != "EAP-TLS" {
		k.t.Errorf("CurrentAuthMode is %v", mode)
	}
}

// testEAPCached returns to an access point, which needs no EAP for that; then to
// the same one after it has forgotten the key.
func (k *seat) testEAPCached() {
	id := k.joinFew(fewEAP)
	k.expect("EAP state=SUCCESS", "selectedMethod=13 (EAP-TLS)")
	k.fewProcess.Skip()
	mark := k.ev.Skip()
	k.ok("DISCONNECT")
	k.ev.Wait("CTRL-EVENT-DISCONNECTED")
	k.ok("RECONNECT")
	k.connected()
	k.fromCache(mark)
	k.traffic(k.t, fewSubnet+fewEAP)

	k.ev.Skip()
	k.ok("DISCONNECT")
	k.ev.Wait("CTRL-EVENT-DISCONNECTED")
	k.fewDo(fewEAP, "PMKSA_FLUSH")
	k.ok("RECONNECT")
	k.ev.Wait("CTRL-EVENT-EAP-SUCCESS")
	k.connected()
	k.traffic(k.t, fewSubnet+fewEAP)
	k.leave(id)
}

// otherEAP is the other one of the two access points of few-eap.
func (k *seat) otherEAP() (which int) {
	k.t.Helper()
	if k.status("bssid") == fewBSSID(fewEAP) {
		return fewEAPTwin
	}
	return fewEAP
}

// testOpportunistic roams to an access point that was not met yet. The two share
// keys: with opportunistic caching there is no EAP, without it there is.
func (k *seat) testOpportunistic() {
	k.t.Cleanup(func() { k.ok("SET okc 0") })
	for _, c := range []struct {
		network string
		global  int
		cached  bool
	}{
		{"proactive_key_caching 1", 0, true},
		{"proactive_key_caching -1", 1, true},
		{"proactive_key_caching 0", 1, false},
	} {
		k.ok(fmt.Sprintf("SET okc %d", c.global))
		id := k.addFew(fewEAP, k.eapFields(c.network)...)
		k.connect(id)
		k.ok("SCAN freq=" + strconv.Itoa(fewFreq))
		k.ev.Wait("CTRL-EVENT-SCAN-RESULTS")
		there := k.otherEAP()
		k.fewProcess.Skip()
		mark := k.ev.Skip()
		k.ok("ROAM " + fewBSSID(there))
		k.ev.Wait("CTRL-EVENT-CONNECTED", fewBSSID(there))
		k.expect("wpa_state=COMPLETED", "bssid="+fewBSSID(there))
		if events := strings.Join(k.ev.Since(mark), "\n"); c.cached {
			k.fromCache(mark)
		} else if !strings.Contains(events, "CTRL-EVENT-EAP-STARTED") {
			k.t.Errorf("no EAP with an unknown access point:\n%s", events)
		}
		if list := k.ask.Ask("PMKSA"); strings.Count(list, "\n") != 3 {
			k.t.Errorf("PMKSA: %q, want both access points", list)
		}
		k.traffic(k.t, fewSubnet+there)
		k.leave(id)
		for _, which := range []int{fewEAP, fewEAPTwin} {
			k.fewDo(which, "PMKSA_FLUSH")
		}
	}
}

// testPreauth makes the key for another access point of the network through the
// first one: by itself when the other one is heard, then by command. Roaming there
// needs no EAP.
func (k *seat) testPreauth() {
	home, there := joinNumber("preauth"), fewBSSID(fewPreauth)
	id := k.add("join-preauth", fmt.Sprintf("%d %d", manyFreq, fewFreq), k.eapFields("bssid_ignore "+there)...)
	k.fewProcess.Skip()
	k.connect(id)
	done, success := "RSN: pre-authentication with "+there+" completed successfully", k.few.Name(fewPreauth)+": CTRL-EVENT-EAP-SUCCESS2"
	k.ev.Wait(done)
	k.fewProcess.WaitText(success)
	k.traffic(k.t, home)
	k.ok("PREAUTH " + there)
	k.ev.Wait(done)
	k.fewProcess.WaitText(success)
	if list := k.ask.Ask("PMKSA"); strings.Count(list, "\n") != 3 {
		k.t.Errorf("PMKSA: %q, want both access points", list)
	}
	mark := k.ev.Skip()
	k.ok("ROAM " + there)
	k.ev.Wait("CTRL-EVENT-CONNECTED", there)
	k.expect("wpa_state=COMPLETED", "bssid="+there)
	k.fromCache(mark)
	k.traffic(k.t, fewSubnet+fewPreauth)
	k.preauthInVain()
	k.leave(id)
	if reply := k.ask.Ask("PREAUTH " + there); reply != "FAIL\n" {
		k.t.Errorf("PREAUTH without a connection: %q", reply)
	}
}

// preauthInVain asks for the access point in use, and for one that is not there.
func (k *seat) preauthInVain() {
	if reply := k.ask.Ask("PREAUTH " + k.status("bssid")); reply != "FAIL\n" {
		k.t.Errorf("PREAUTH with the access point in use: %q", reply)
	}
	const nobody = "02:00:00:00:5f:5f"
	k.ok("SET dot11RSNAConfigSATimeout 1")
	k.ok("PREAUTH " + nobody)
	if lines := k.ask.Ask("STATUS"); !strings.Contains(lines, "Pre-authentication EAPOL state machines:\nSupplicant PAE state=CONNECTING\n") {
		k.t.Errorf("STATUS: %s", lines)
	}
	k.ok("SET dot11RSNAConfigSATimeout 60")
	k.ev.Wait("RSN: pre-authentication with " + nobody + " timed out")
	k.expect("wpa_state=COMPLETED")
}

// testEAPRestart restarts the access point, not its server: the station comes back
// by itself, with the session it has with the server.
func (k *seat) testEAPRestart() {
	id := k.joinFew(fewEAP)
	k.ev.Skip()
	k.fewProcess.Kill()
	k.startFewAgain(k.t)
	k.notices(fewEAP)
	k.ev.Wait("CTRL-EVENT-EAP-SUCCESS")
	k.connected()
	k.expect("tls_session_reused=1", "eap_tls_version=TLSv1.3")
	k.traffic(k.t, fewSubnet+fewEAP)
	k.leave(id)
}

//go:build vm

package vmtest

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"gosupplicant/cmd/wpa_supplicant/vmtest/lab"
)

// eventCase is something that happens to a connection, or while one is made.
type eventCase struct {
	name string
	run  func(*seat)
}

var eventCases = []eventCase{
	{"roam", (*seat).testRoam},
	{"rekey-group", (*seat).testRekeyGroup},
	{"rekey-pairwise", (*seat).testRekeyPairwise},
	{"rekey-by-us", (*seat).testRekeyByUs},
	{"deauth", func(k *seat) { k.testThrownOut(fewWPA2, "DEAUTHENTICATE") }},
	{"disassoc", func(k *seat) { k.testThrownOut(fewWPA2, "DISASSOCIATE") }},
	{"deauth-pmf", func(k *seat) { k.testThrownOut(fewPMF, "DEAUTHENTICATE") }},
	{"disassoc-pmf", func(k *seat) { k.testThrownOut(fewPMF, "DISASSOCIATE") }},
	{"comeback", (*seat).testComeback},
	{"stale-groups", (*seat).testStaleGroups},
	{"forged", (*seat).testForged},
	{"commands", (*seat).testCommands},
	{"power", (*seat).testPower},
	{"four-address", (*seat).testFourAddress},
	{"mem-only-psk", (*seat).testMemOnlyPSK},
	{"pmksa", (*seat).testPMKSA},
	{"wrong-psk", (*seat).testWrongPSK},
	{"wrong-sae", (*seat).testWrongSAE},
	{"channel-switch", (*seat).testChannelSwitch},
	{"beacon-loss", (*seat).testBeaconLoss},
	{"restart", (*seat).testRestart},
	{"eap-cached", (*seat).testEAPCached},
	{"eap-opportunistic", (*seat).testOpportunistic},
	{"eap-preauth", (*seat).testPreauth},
	{"eap-restart", (*seat).testEAPRestart},
	{"rfkill", (*seat).testRFKillInConnect},
	{"removed", (*seat).testRemovedInConnect},
}

// few adds the block of a network of the second radio.
func (k *seat) addFew(which int, fields ...string) string {
	k.t.Helper()
	if fields == nil {
		fields = map[int][]string{
			fewWPA2: {"key_mgmt WPA-PSK", psk},
			fewPMF:  {"key_mgmt WPA-PSK-SHA256", psk, "ieee80211w 2"},
			fewSAE:  {"key_mgmt SAE", psk, "ieee80211w 2"},
			fewEAP:  k.eapFields("bssid " + fewBSSID(fewEAP)),
		}[which]
	}
	return k.add(fewNetworks[which].SSID, strconv.Itoa(fewFreq), fields...)
}

// joinFew connects to a network of the second radio.
func (k *seat) joinFew(which int) string {
	k.t.Helper()
	id := k.addFew(which)
	k.connect(id)
	k.traffic(k.t, fewSubnet+which)
	return id
}

func (k *seat) address() string { return k.status("address") }

// fewAsk asks hostapd about a network of the second radio.
func (k *seat) fewAsk(which int, command string) string {
	k.t.Helper()
	return k.hostapd(k.t, k.few.Name(which), command)
}

// fewDo is fewAsk for commands that must succeed.
func (k *seat) fewDo(which int, command string) {
	k.t.Helper()
	if r := k.fewAsk(which, command); r != "OK\n" {
		k.t.Fatalf("hostapd: %s: %q", command, r)
	}
}

// testRoam goes between two access points of one network and back.
func (k *seat) testRoam() {
	home := joinNumber("roam")
	id := k.add("join-roam", fmt.Sprintf("%d %d", manyFreq, fewFreq), "key_mgmt WPA-PSK", psk)
	k.connect(id)
	k.ok("SCAN freq=" + fmt.Sprintf("%d,%d", manyFreq, fewFreq))
	k.ev.Wait("CTRL-EVENT-SCAN-RESULTS")
	places := map[string]int{manyBSSID(home): home, fewBSSID(fewRoam): fewSubnet + fewRoam}
	for range 2 {
		here := k.status("bssid")
		there := manyBSSID(home)
		if here == there {
			there = fewBSSID(fewRoam)
		}
		k.ev.Skip()
		k.ok("ROAM " + there)
		k.ev.Wait("CTRL-EVENT-CONNECTED", there)
		k.expect("bssid="+there, "wpa_state=COMPLETED")
		k.traffic(k.t, places[there])
	}
	k.leave(id)
}

// slipAway ends a connection without the access point hearing of it.
func (k *seat) slipAway() {
	lab.SetGroup(k.t, k.stationPhy, lab.GroupAlone)
	k.ok("DISCONNECT")
	k.ev.Wait("CTRL-EVENT-DISCONNECTED")
	k.ask.Ask("SIGNAL_POLL") // comes to the device behind what is on its way there
	lab.SetGroup(k.t, k.stationPhy, lab.GroupOfAll)
}

// testComeback is put off by an access point that still has an association with
// protected frames, because it did not hear the end of it, and asks whether that is so,
// until nobody has answered.
func (k *seat) testComeback() {
	id := k.joinFew(fewPMF)
	mark := k.ev.Skip()
	k.slipAway()
	k.ok("RECONNECT")
	k.s.WaitText("The AP puts us off")
	k.connected()
	k.traffic(k.t, fewSubnet+fewPMF)
	k.quietly(mark, "CTRL-EVENT-ASSOC-REJECT")
	k.leave(id)
}

// testStaleGroups comes back to an access point that did not hear the end of a
// connection in which it refused a group, as one with another program may have been:
// hostapd 2.10 still reckons with that, and refuses our confirm.
func (k *seat) testStaleGroups() {
	k.ok("SET sae_groups 20 19")
	id := k.joinFew(fewSAE)
	mark := k.ev.Skip()
	k.slipAway()
	k.ok("SET sae_groups 19")
	k.ok("PMKSA_FLUSH")
	k.ok("RECONNECT")
	k.s.WaitText("trying once more before the password is blamed")
	k.connected()
	k.traffic(k.t, fewSubnet+fewSAE)
	k.quietly(mark, "CTRL-EVENT-SSID-TEMP-DISABLED")
	k.leave(id)
	k.ok("SET sae_groups ")
}

func (k *seat) testRekeyGroup() {
	id := k.joinFew(fewWPA2)
	mark := k.ev.Skip()
	k.fewDo(fewWPA2, "REKEY_GTK")
	k.ev.Wait("Group rekeying completed")
	k.traffic(k.t, fewSubnet+fewWPA2)
	k.quietly(mark, "CTRL-EVENT-DISCONNECTED")
	k.leave(id)
}

func (k *seat) testRekeyPairwise() {
	id := k.joinFew(fewWPA2)
	mark := k.ev.Skip()
	k.fewDo(fewWPA2, "REKEY_PTK "+k.address())
	k.ev.Wait("Key negotiation completed")
	k.traffic(k.t, fewSubnet+fewWPA2)
	k.quietly(mark, "CTRL-EVENT-DISCONNECTED")
	k.leave(id)
}

// testRekeyByUs has the station ask for new keys when the lifetime is over.
func (k *seat) testRekeyByUs() {
	id := k.addFew(fewWPA2, "key_mgmt WPA-PSK", psk, "wpa_ptk_rekey 2")
	k.connect(id)
	mark := k.ev.Skip()
	k.ev.Wait("Key negotiation completed")
	k.traffic(k.t, fewSubnet+fewWPA2)
	k.quietly(mark, "CTRL-EVENT-DISCONNECTED")
	k.leave(id)
}

// testThrownOut has the access point end the connection, which comes back.
func (k *seat) testThrownOut(which int, command string) {
	id := k.joinFew(which)
	k.ev.Skip()
	k.fewDo(which, command+" "+k.address()+" reason=5")
	lost := k.ev.Wait("CTRL-EVENT-DISCONNECTED")
	if !strings.Contains(lost, "bssid="+fewBSSID(which)+" reason=5") || strings.Contains(lost, "locally_generated") {
		k.t.Errorf("lost by %q", lost)
	}
	k.connected()
	k.traffic(k.t, fewSubnet+which)
	k.leave(id)
}

// testForged sends frames without protection in the name of an access point
// with PMF: they end nothing. The first one is followed by a question (SA Query),
// which the access point answers.
func (k *seat) testForged() {
	id := k.joinFew(fewPMF)
	j := lab.NewInjector(k.t, k.ns, k.fewPhy)
	mark := k.ev.Skip()
	ap, own := fewBSSID(fewPMF), k.address()
	k.s.Skip()
	j.Forge(lab.Deauthentication, ap, own, 7)
	k.s.WaitText("Asking the access point by SA Query")
	k.s.WaitText("SA Query answered")
	for _, subtype := range []byte{lab.Deauthentication, lab.Disassociation} {
		for _, reason := range []uint16{1, 3, 8} {
			k.s.Skip()
			j.Forge(subtype, ap, own, reason)
			k.s.WaitText("Unprotected deauthentication or disassociation ignored")
		}
	}
	if event, lost := k.ev.TryWait(settle, "CTRL-EVENT-DISCONNECTED"); lost {
		k.t.Errorf("a forged frame ended the connection: %s", event)
	}
	k.traffic(k.t, fewSubnet+fewPMF)
	k.expect("wpa_state=COMPLETED")
	k.quietly(mark, "CTRL-EVENT-DISCONNECTED")
	k.leave(id)
}

// testCommands: what is asked for on the control socket.
func (k *seat) testCommands() {
	id := k.joinFew(fewWPA2)
	k.ev.Skip()
	k.ok("DISCONNECT")
	k.ev.Wait("CTRL-EVENT-DISCONNECTED", "reason=3 locally_generated=1")
	k.expect("wpa_state=DISCONNECTED")
	// A scan that finds the network does not undo the command.
	mark := k.ev.Skip()
	k.ok("SCAN freq=" + strconv.Itoa(fewFreq))
	k.ev.Wait("CTRL-EVENT-SCAN-RESULTS")
	if event, back := k.ev.TryWait(settle, "CTRL-EVENT-CONNECTED"); back {
		k.t.Errorf("connected again after DISCONNECT: %s", event)
	}
	k.quietly(mark, "Trying to")
	k.ok("RECONNECT")
	k.connected()
	k.traffic(k.t, fewSubnet+fewWPA2)
	k.ev.Skip()
	k.ok("REASSOCIATE")
	k.ev.Wait("Trying to a")
	k.connected()
	k.traffic(k.t, fewSubnet+fewWPA2)
	k.ok("SET reassoc_same_bss_optim 1")
	mark = k.ev.Skip()
	k.ok("REASSOCIATE")
	k.connected()
	k.quietly(mark, "Trying to authenticate")
	k.traffic(k.t, fewSubnet+fewWPA2)
	k.ok("SET reassoc_same_bss_optim 0")
	k.ev.Skip()
	k.ok("DISABLE_NETWORK " + id)
	k.ev.Wait("CTRL-EVENT-DISCONNECTED")
	k.ok("ENABLE_NETWORK " + id)
	k.connected()
	k.leave(id)
}

// testPower has the kernel save power, or not.
func (k *seat) testPower() {
	id := k.joinFew(fewWPA2)
	for _, c := range []struct{ command, reply, kernel string }{
		{"ps 0", "OK\n", "off"}, {"ps 1", "OK\n", "on"}, {"ps -1", "OK\n", "on"}, {"ps x", "FAIL\n", "on"}, {"ps 0", "OK\n", "off"}, {"PS 2", "OK\n", "on"},
		{"uapsd disable", "OK\n", "on"},
	} {
		if got := k.ask.Ask("SET " + c.command); got != c.reply {
			k.t.Errorf("SET %s: %q, want %q", c.command, got, c.reply)
		}
		k.powerSave(c.kernel)
	}
	k.ev.Skip()
	k.ok("REASSOCIATE")
	k.ev.Wait("Trying to a")
	k.connected()
	k.powerSave("on")
	k.traffic(k.t, fewSubnet+fewWPA2)
	k.leave(id)
}

// powerSave compares what the kernel says of power save.
func (k *seat) powerSave(want string) {
	k.t.Helper()
	if got := strings.TrimSpace(lab.Run(k.t, nil, "iw", "dev", k.station, "get", "power_save")); got != "Power save: "+want {
		k.t.Errorf("%q, want %q", got, want)
	}
}

// testFourAddress has the kernel use 4-address mode while connected.
func (k *seat) testFourAddress() {
	mode := func(want string) {
		k.t.Helper()
		k.ask.Ask("SIGNAL_POLL") // comes to the device behind what is on its way there
		info := lab.Run(k.t, nil, "iw", "dev", k.station, "info")
		if got := strings.Contains(info, "4addr: on"); got != (want == "on") {
			k.t.Errorf("4-address mode is not %s:\n%s", want, info)
		}
	}
	id := k.addFew(fewWPA2, "key_mgmt WPA-PSK", psk, "enable_4addr_mode 1")
	mode("off")
	k.connect(id)
	mode("on")
	k.leave(id)
	mode("off")
}

// testMemOnlyPSK is asked for the passphrase of a network that it hears.
func (k *seat) testMemOnlyPSK() {
	id := k.addFew(fewWPA2, "key_mgmt WPA-PSK", "mem_only_psk 1")
	k.ev.Skip()
	k.ok("SELECT_NETWORK " + id)
	k.ev.Wait("CTRL-REQ-PSK_PASSPHRASE-" + id + ":PSK or passphrase needed for SSID " + fewNetworks[fewWPA2].SSID)
	k.ok("CTRL-RSP-PSK_PASSPHRASE-" + id + ":" + passphrase)
	k.connected()
	k.traffic(k.t, fewSubnet+fewWPA2)
	k.leave(id)
}

// testPMKSA connects twice by SAE; the second time the key is remembered.
func (k *seat) testPMKSA() {
	id := k.joinFew(fewSAE)
	k.expect("key_mgmt=SAE", "sae_group=19")
	if list := k.ask.Ask("PMKSA"); !strings.Contains(list, fewBSSID(fewSAE)) {
		k.t.Errorf("PMKSA: %q", list)
	}
	k.ev.Skip()
	k.ok("DISCONNECT")
	k.ev.Wait("CTRL-EVENT-DISCONNECTED")
	k.ok("RECONNECT")
	k.connected()
	k.expect("key_mgmt=SAE", "sae_group=") // no exchange took place
	k.traffic(k.t, fewSubnet+fewSAE)
	k.leave(id)
}

// testWrongPSK: a wrong passphrase is named as such, and the network rests.
func (k *seat) testWrongPSK() {
	id := k.addFew(fewWPA2, "key_mgmt WPA-PSK", `psk "wrong horse"`)
	k.m.Skip()
	k.ev.Skip()
	k.ok("SELECT_NETWORK " + id)
	k.ev.Wait("4-Way Handshake failed - pre-shared key may be incorrect")
	k.ev.Wait("CTRL-EVENT-SSID-TEMP-DISABLED", "id="+id, `ssid="few-wpa2"`, "auth_failures=1", "duration=10", "reason=WRONG_KEY")
	k.signal("PskMismatch")
	k.ok("SET_NETWORK " + id + " " + psk)
	k.connect(id)
	k.traffic(k.t, fewSubnet+fewWPA2)
	k.leave(id)
}

func (k *seat) testWrongSAE() {
	id := k.addFew(fewSAE, "key_mgmt SAE", `sae_password "wrong horse"`, "ieee80211w 2")
	k.m.Skip()
	k.ev.Skip()
	k.ok("SELECT_NETWORK " + id)
	k.ev.Wait("CTRL-EVENT-SSID-TEMP-DISABLED", "id="+id, `ssid="few-sae"`, "auth_failures=1", "reason=WRONG_KEY")
	k.signal("SaePasswordMismatch")
	k.ok("SET_NETWORK " + id + ` sae_password "correct horse"`)
	k.connect(id)
	k.traffic(k.t, fewSubnet+fewSAE)
	k.leave(id)
}

// testChannelSwitch follows the access point to another channel and back.
func (k *seat) testChannelSwitch() {
	const elsewhere = 2462
	id := k.joinFew(fewWPA2)
	mark := k.ev.Skip()
	for _, freq := range []int{elsewhere, fewFreq} {
		k.fewDo(fewWPA2, fmt.Sprintf("CHAN_SWITCH 5 %d", freq))
		k.ev.Wait("CTRL-EVENT-CHANNEL-SWITCH", fmt.Sprintf("freq=%d", freq))
		k.expect(fmt.Sprintf("freq=%d", freq))
		k.traffic(k.t, fewSubnet+fewWPA2)
	}
	k.quietly(mark, "CTRL-EVENT-DISCONNECTED")
	k.leave(id)
}

// testBeaconLoss takes the access point away without a word.
func (k *seat) testBeaconLoss() {
	id := k.joinFew(fewWPA2)
	k.ev.Skip()
	k.fewProcess.Kill()
	k.ns.Run("ip", "link", "set", k.few.Name(fewWPA2), "down") // a killed hostapd leaves the kernel beaconing
	k.ev.Wait("CTRL-EVENT-DISCONNECTED", "bssid="+fewBSSID(fewWPA2), "reason=4 locally_generated=1")
	k.startFewAgain(k.t)
	k.connected()
	k.traffic(k.t, fewSubnet+fewWPA2)
	k.leave(id)
}

// testRestart kills hostapd and starts it anew: it knows nobody any more.
func (k *seat) testRestart() {
	id := k.joinFew(fewPMF)
	k.ev.Skip()
	k.fewProcess.Kill()
	k.startFewAgain(k.t)
	k.notices(fewPMF)
	k.connected()
	k.traffic(k.t, fewSubnet+fewPMF)
	k.leave(id)
}

// notices waits until the station sees that the access point was restarted.
func (k *seat) notices(which int) {
	k.t.Helper()
	mark := k.ev.Mark()
	for deadline := time.Now().Add(lab.Patience); ; {
		// Traffic draws the new access point's protest; with PMF it is without
		// protection, and an SA Query that nobody answers confirms it.
		k.near.Try(k.t, lab.Subnet(fewSubnet+which, 1))
		if _, noticed := k.ev.TryWait(time.Millisecond, "CTRL-EVENT-DISCONNECTED"); noticed {
			return
		}
		if time.Now().After(deadline) {
			k.t.Fatalf("the restart was not noticed: %v", k.ev.Since(mark))
		}
	}
}

// testRFKillInConnect blocks the radio between the first frame and the keys.
func (k *seat) testRFKillInConnect() {
	k.t.Cleanup(func() { lab.RFKill(k.t, k.station, false) })
	id := k.addFew(fewSAE)
	k.m.Skip()
	k.ev.Skip()
	k.ok("SELECT_NETWORK " + id)
	k.ev.Wait("Trying to")
	lab.RFKill(k.t, k.station, true)
	waitState(k.t, k.m, k.bus, k.dir, "interface_disabled")
	k.ev.Skip()
	lab.RFKill(k.t, k.station, false)
	k.connected()
	k.traffic(k.t, fewSubnet+fewSAE)
	k.leave(id)
}

// testRemovedInConnect pulls the radio out between the first frame and the keys,
// and puts it back under its name.
func (k *seat) testRemovedInConnect() {
	id := k.addFew(fewSAE)
	k.m.Skip()
	k.ev.Skip()
	k.ok("SELECT_NETWORK " + id)
	k.ev.Wait("Trying to")
	lab.RemoveRadio(k.t, k.stationPhy)
	waitState(k.t, k.m, k.bus, k.dir, "interface_disabled")
	if !k.s.Running() {
		k.t.Fatal("the daemon ended with its radio")
	}
	k.ev.Skip()
	again := lab.AddRadio(k.t, k.stationPhy)
	if again != k.station {
		lab.Run(k.t, nil, "ip", "link", "set", again, "name", k.station)
	}
	k.stationAddresses(k.t)
	k.connected()
	k.traffic(k.t, fewSubnet+fewSAE)
	k.leave(id)
}

package ctrl

import (
	"fmt"
	"strings"
	"time"

	"gosupplicant/drivers"
	"gosupplicant/engine"
	"gosupplicant/engine/dot11"
	"gosupplicant/engine/logs"
)

// warned makes a line of the level of warnings.
func warned(i *engine.Interface, text string) (line, bool) {
	return line{iface: i, level: logs.LevelWarning, text: text, log: true}, true
}

// lineOfJoining is the part of the table about the steps of a connection.
func lineOfJoining(ev engine.Event) (line, bool) {
	switch e := ev.(type) {
	case engine.Joining:
		return logged(e.Iface, "%s", joiningText(e))
	case engine.Connected:
		return logged(e.Iface, "CTRL-EVENT-CONNECTED - Connection to %v completed [id=%d id_str=%s]",
			e.BSSID, e.Network.ID, printable(e.Network.IDStr.String()))
	case engine.Disconnected:
		local := ""
		if e.Local {
			local = " locally_generated=1"
		}
		return logged(e.Iface, "CTRL-EVENT-DISCONNECTED bssid=%v reason=%d%s", e.BSSID, e.Reason, local)
	case engine.AuthRejected:
		ie := ""
		if len(e.IEs) > 0 {
			ie = fmt.Sprintf(" ie=%x", e.IEs)
		}
		return logged(e.Iface, "CTRL-EVENT-AUTH-REJECT %v auth_type=%d auth_transaction=%d status_code=%d%s",
			e.BSSID, e.Alg, e.Transaction, e.Status, ie)
	case engine.AssocRejected:
		bssid, timeout := "", ""
		if !e.BSSID.IsZero() {
			bssid = fmt.Sprintf("bssid=%v ", e.BSSID)
		}
		if e.TimedOut {
			timeout = " timeout"
		}
		return logged(e.Iface, "CTRL-EVENT-ASSOC-REJECT %sstatus_code=%d%s", bssid, e.Status, timeout)
	case engine.ConnectTimeout:
		return logged(e.Iface, "Authentication with %v timed out.", e.BSSID)
	case engine.UnknownPasswordID:
		return logged(e.Iface, "CTRL-EVENT-SAE-UNKNOWN-PASSWORD-IDENTIFIER %v", e.BSSID)
	case engine.NetworkHeld:
		return logged(e.Iface, `CTRL-EVENT-SSID-TEMP-DISABLED id=%d ssid="%s" auth_failures=%d duration=%d reason=%s`,
			e.Network.ID, dot11.EscapeText(e.Network.SSID), e.Failures, int(e.Duration/time.Second), e.Reason)
	case engine.AttemptFailed:
		return event(e.Iface, "CTRL-EVENT-ATTEMPT-FAILED %s", failureText(e.Failure)) // the log has a line of its own
	}
	return lineOfLink(ev)
}

func joiningText(e engine.Joining) string {
	where := fmt.Sprintf("%v (SSID='%s' freq=%d MHz)", e.BSSID, dot11.EscapeText(e.SSID), e.Freq)
	switch {
	case e.Step == engine.JoinAuthenticate:
		return "SME: Trying to authenticate with " + where
	case e.Step == engine.JoinAssociated:
		return fmt.Sprintf("Associated with %v", e.BSSID)
	case e.BSSID.IsZero():
		return fmt.Sprintf("Trying to associate with SSID '%s'", dot11.EscapeText(e.SSID))
	}
	return "Trying to associate with " + where
}

// lineOfLink is the part about keys and what happens to an association.
func lineOfLink(ev engine.Event) (line, bool) {
	switch e := ev.(type) {
	case engine.KeysNegotiated:
		switch {
		case !e.Group:
			return logged(e.Iface, "WPA: Key negotiation completed with %v [PTK=%v GTK=%v]", e.BSSID, e.PTK, e.GTK)
		case e.RSN:
			return logged(e.Iface, "RSN: Group rekeying completed with %v [GTK=%v]", e.BSSID, e.GTK)
		}
		return logged(e.Iface, "WPA: Group rekeying completed with %v [GTK=%v]", e.BSSID, e.GTK)
	case engine.WrongKey:
		if e.SAE {
			return line{}, false // upstream tells it on D-Bus alone
		}
		return logged(e.Iface, "WPA: 4-Way Handshake failed - pre-shared key may be incorrect")
	case engine.PMKSAAdded:
		return logged(e.Iface, "PMKSA-CACHE-ADDED %v %d", e.BSSID, e.Network)
	case engine.PMKSARemoved:
		return logged(e.Iface, "PMKSA-CACHE-REMOVED %v %d", e.BSSID, e.Network)
	case engine.Preauthenticated:
		return logged(e.Iface, "RSN: pre-authentication with %v %s", e.BSSID, preauthWords[e.Result])
	case engine.TransitionDisabled:
		return logged(e.Iface, "TRANSITION-DISABLE %02x", e.Bitmap)
	case engine.BeaconsLost:
		return logged(e.Iface, "CTRL-EVENT-BEACON-LOSS ")
	case engine.ChannelSwitched:
		return logged(e.Iface, "%s", switchText(&e.Switch))
	case engine.MICFailed:
		return warned(e.Iface, "Michael MIC failure detected")
	case engine.Countermeasures:
		if e.On {
			return warned(e.Iface, "TKIP countermeasures started")
		}
		return logged(e.Iface, "WPA: TKIP countermeasures stopped")
	}
	return lineOfTest(ev)
}

var preauthWords = map[engine.PreauthResult]string{
	engine.PreauthSucceeded: "completed successfully", engine.PreauthFailed: "failed", engine.PreauthTimedOut: "timed out",
}

func switchText(s *drivers.EventChannelSwitch) string {
	name := "CTRL-EVENT-STARTED-CHANNEL-SWITCH"
	if s.Done {
		name = "CTRL-EVENT-CHANNEL-SWITCH"
	}
	return fmt.Sprintf("%s freq=%d ht_enabled=%d ch_offset=%d ch_width=%s cf1=%d cf2=%d",
		name, s.Freq, digit(s.Width > 0), secondaryOffset(s), switchWidth(s), s.CenterFreq1, s.CenterFreq2)
}

func switchWidth(s *drivers.EventChannelSwitch) string {
	if s.CenterFreq2 > 0 && s.Width == 80 {
		return "80+80 MHz"
	}
	return widthText(s.Width)
}

// secondaryOffset tells where the secondary 20 MHz channel of the 40 MHz that hold
// the primary one is: above (1), below (-1), or nowhere.
func secondaryOffset(s *drivers.EventChannelSwitch) int {
	lowest := s.CenterFreq1 - s.Width/2 + 10 // centre of the lowest 20 MHz
	if s.Width < 40 || s.Freq < lowest {
		return 0
	}
	if (s.Freq-lowest)/20%2 == 0 {
		return 1
	}
	return -1
}

var partyWords = map[engine.Party]string{
	engine.ByPeer: "ap", engine.ByNobody: "nobody", engine.ByDevice: "device", engine.ByUs: "station", engine.ByUser: "user",
}

// codeName is the name alone: that of the standard's codes comes as "15 (text)".
func codeName(f *engine.Failure) string {
	if name, ok := strings.CutPrefix(f.CodeName, fmt.Sprintf("%d (", f.Code)); ok {
		return strings.TrimSuffix(name, ")")
	}
	return f.CodeName
}

// failureText shows a record as words of the form key=value. Quoted texts are
// escaped like SSIDs: nothing from the air ends a quote or a line.
func failureText(f *engine.Failure) string {
	var b strings.Builder
	quoted := func(key, value string) { fmt.Fprintf(&b, ` %s="%s"`, key, dot11.EscapeText([]byte(value))) }
	fmt.Fprintf(&b, "id=%d", f.NetworkID)
	quoted("ssid", string(f.SSID))
	fmt.Fprintf(&b, " bssid=%v freq=%d phase=%v by=%s code=%d", f.BSSID, f.Freq, f.Phase, partyWords[f.By], f.Code)
	if f.Code != 0 {
		quoted("code_name", codeName(f))
	}
	quoted("cause", f.Cause)
	quoted("tried", f.Tried)
	fmt.Fprintf(&b, " took=%d count=%d", f.Took.Milliseconds(), f.Count)
	quoted("next", f.Next)
	quoted("advice", f.Advice)
	if e := f.EAP; e != nil {
		quoted("eap_method", e.Method)
		quoted("eap_inner", e.Inner)
		quoted("eap_check", e.Check)
		quoted("tls_alert", e.Alert)
		quoted("cert_subject", e.Subject)
	}
	return b.String()
}

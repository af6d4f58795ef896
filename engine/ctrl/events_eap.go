package ctrl

import (
	"fmt"
	"strings"

	"gosupplicant/engine"
	"gosupplicant/engine/dot11"
	"gosupplicant/engine/eap"
	"gosupplicant/engine/logs"
)

// passwordExpired is the code of MSCHAPv2 for a password that has to be changed
// (RFC 2759, 6).
const passwordExpired = 648

// linesOfEAP is what a report of the EAP peer says, in order. Texts of the server
// are made printable: monitors show them on terminals.
func linesOfEAP(e engine.EAPReport) []line {
	status, parameter, told := eap.Progress(e.Report)
	var out []line
	add := func(l line) {
		l.iface, l.text = e.Iface, printable(l.text)
		out = append(out, l)
	}
	progress := line{level: logs.LevelInfo, text: fmt.Sprintf("CTRL-EVENT-EAP-STATUS status='%s' parameter='%s'", status, parameter)}
	first := told
	switch e.Report.(type) {
	case eap.Started, eap.ProposedMethod, eap.CertError:
		first = false
	}
	if first {
		add(progress)
	}
	for _, l := range reportLines(e) {
		add(l)
	}
	if told && !first {
		add(progress)
	}
	return out
}

// reportLines are the lines that a report has besides its status.
func reportLines(e engine.EAPReport) []line {
	info := func(format string, args ...any) []line {
		return []line{{level: logs.LevelInfo, text: fmt.Sprintf(format, args...), log: true}}
	}
	switch r := e.Report.(type) {
	case eap.Started:
		return info("CTRL-EVENT-EAP-STARTED EAP authentication started")
	case eap.ProposedMethod:
		nak := ""
		if r.Nak {
			nak = " -> NAK"
		}
		return info("CTRL-EVENT-EAP-PROPOSED-METHOD vendor=%d method=%d%s", r.Type.Vendor, r.Type.Number, nak)
	case eap.MethodSelected:
		return info("CTRL-EVENT-EAP-METHOD EAP vendor %d method %d (%s) selected", r.Type.Vendor, r.Type.Number, r.Name)
	case eap.MethodRefused:
		return info("EAP: Failed to initialize EAP method: vendor %d method %d (%v)", r.Type.Vendor, r.Type.Number, r.Type)
	case eap.Notification:
		return info("CTRL-EVENT-EAP-NOTIFICATION %s", r.Text)
	case eap.NeedCredential:
		return info("CTRL-REQ-%v-%d:%s needed for SSID %s", r.Field, e.Network.ID, r.Prompt(), dot11.EscapeText(e.Network.SSID))
	case eap.PeerCert:
		return peerCertLines(r)
	case eap.CertError:
		return info("CTRL-EVENT-EAP-TLS-CERT-ERROR reason=%d depth=%d subject='%s' err='%s'", r.Reason, r.Depth, r.Subject, r.Text)
	case eap.ErrorCode:
		return []line{{level: logs.LevelError, text: fmt.Sprintf("EAP-ERROR-CODE %d", r.Code), log: true}}
	case eap.PasswordChanged:
		return info("CTRL-EVENT-PASSWORD-CHANGED EAP-MSCHAPV2: Password changed successfully")
	case eap.ServerMessage:
		return messageLines(r)
	case eap.Success:
		how := ""
		if r.LowerLayer {
			how = " (based on lower layer success)"
		}
		return info("CTRL-EVENT-EAP-SUCCESS EAP authentication completed successfully%s", how)
	case eap.Failure:
		return info("CTRL-EVENT-EAP-FAILURE EAP authentication failed")
	}
	return nil
}

// peerCertLines show a certificate of the server's chain; its data go to monitors
// alone.
func peerCertLines(c eap.PeerCert) []line {
	tod := ""
	switch {
	case c.TODStrict:
		tod = " tod=1"
	case c.TODTOFU:
		tod = " tod=2"
	}
	head := fmt.Sprintf("CTRL-EVENT-EAP-PEER-CERT depth=%d subject='%s'", c.Depth, c.Subject)
	out := []line{{level: logs.LevelInfo, text: fmt.Sprintf("%s hash=%x%s", head, c.Hash, tod), log: true}}
	if len(c.DER) > 0 {
		out = append(out, line{level: logs.LevelInfo, text: fmt.Sprintf("%s cert=%x", head, c.DER)})
	}
	for _, name := range c.AltSubjects {
		out = append(out, line{level: logs.LevelInfo, text: fmt.Sprintf("CTRL-EVENT-EAP-PEER-ALT depth=%d %s", c.Depth, name), log: true})
	}
	return out
}

// messageLines tell what the server says of a password; in upstream's words for
// MSCHAPv2, which alone has codes.
func messageLines(m eap.ServerMessage) []line {
	if m.Code == 0 {
		return []line{{level: logs.LevelInfo, text: "EAP: message of the server: '" + strings.TrimSpace(m.Text) + "'", log: true}}
	}
	not := "not "
	if m.Retry {
		not = ""
	}
	out := []line{{level: logs.LevelWarning, log: true,
		text: fmt.Sprintf("EAP-MSCHAPV2: failure message: '%s' (retry %sallowed, error %d)", m.Text, not, m.Code)}}
	if m.Code == passwordExpired {
		out = append(out, line{level: logs.LevelInfo, text: "EAP-MSCHAPV2: Password expired - password change required", log: true})
	}
	return out
}

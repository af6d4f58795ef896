package ctrl

import (
	"fmt"
	"strings"
	"testing"

	"gosupplicant/conf"
	"gosupplicant/engine"
	"gosupplicant/engine/eap"
	"gosupplicant/engine/logs"
)

// TestEAPLines: what each report of the EAP peer says. Lines are written as level,
// "L" for those of the log too, and text.
func TestEAPLines(t *testing.T) {
	n := conf.NewNetwork()
	n.ID = 7
	if _, err := n.Set("ssid", `P"a\n"`); err != nil {
		t.Fatal(err)
	}
	peap, vendor := eap.Type{Number: 25}, eap.Type{Vendor: 14122, Number: 1}
	status := func(s, p string) string {
		return fmt.Sprintf("3 CTRL-EVENT-EAP-STATUS status='%s' parameter='%s'", s, p)
	}
	need := func(f eap.Field, text string) eap.NeedCredential {
		return eap.NeedCredential{Need: eap.Need{Field: f, Text: text}}
	}
	cert := eap.PeerCert{Depth: 1, Subject: "/CN=a\nb", AltSubjects: []string{"DNS:x", "URI:y"}, Hash: [32]byte{0xab}, DER: []byte{0x30, 0}, TODTOFU: true}
	hash := "ab" + strings.Repeat("00", 31)
	for _, tt := range []struct {
		report eap.Output
		want   []string
	}{
		{eap.Started{}, []string{"3L CTRL-EVENT-EAP-STARTED EAP authentication started", status("started", "")}},
		{eap.ProposedMethod{Type: peap}, []string{"3L CTRL-EVENT-EAP-PROPOSED-METHOD vendor=0 method=25", status("accept proposed method", "PEAP")}},
		{eap.ProposedMethod{Type: vendor, Nak: true},
			[]string{"3L CTRL-EVENT-EAP-PROPOSED-METHOD vendor=14122 method=1 -> NAK", status("refuse proposed method", "WSC")}},
		{eap.MethodSelected{Type: peap, Name: "PEAP"}, []string{"3L CTRL-EVENT-EAP-METHOD EAP vendor 0 method 25 (PEAP) selected"}},
		{eap.MethodRefused{Type: peap}, []string{"3L EAP: Failed to initialize EAP method: vendor 0 method 25 (PEAP)"}},
		{eap.Notification{Text: []byte("hi\x1b[2J\n<3>forged")}, []string{`3L CTRL-EVENT-EAP-NOTIFICATION hi\x1b[2J\x0a<3>forged`}},
		{need(eap.FieldIdentity, ""), []string{status("eap parameter needed", "IDENTITY"), `3L CTRL-REQ-IDENTITY-7:Identity needed for SSID a\n`}},
		{need(eap.FieldNewPassword, ""), []string{status("eap parameter needed", "NEW_PASSWORD"), `3L CTRL-REQ-NEW_PASSWORD-7:New Password needed for SSID a\n`}},
		{need(eap.FieldOTP, "what?\n"), []string{status("eap parameter needed", "OTP"), `3L CTRL-REQ-OTP-7:[what?\x0a] needed for SSID a\n`}},
		{need(eap.FieldSIM, "GSM-AUTH:00:11"), []string{status("eap parameter needed", "SIM"), `3L CTRL-REQ-SIM-7:GSM-AUTH:00:11 needed for SSID a\n`}},
		{need(eap.FieldPSKPassphrase, ""), []string{`3L CTRL-REQ-PSK_PASSPHRASE-7:PSK or passphrase needed for SSID a\n`}},
		{cert, []string{`3L CTRL-EVENT-EAP-PEER-CERT depth=1 subject='/CN=a\x0ab' hash=` + hash + " tod=2", `3 CTRL-EVENT-EAP-PEER-CERT depth=1 subject='/CN=a\x0ab' cert=3000`,
			"3L CTRL-EVENT-EAP-PEER-ALT depth=1 DNS:x", "3L CTRL-EVENT-EAP-PEER-ALT depth=1 URI:y"}},
		{eap.PeerCert{TODStrict: true, TODTOFU: true, Hash: [32]byte{0xab}}, []string{"3L CTRL-EVENT-EAP-PEER-CERT depth=0 subject='' hash=" + hash + " tod=1"}},
		{eap.CertError{Reason: eap.CertReasonDomainMismatch, Subject: "/CN=s", Text: "Domain mismatch"},
			[]string{"3L CTRL-EVENT-EAP-TLS-CERT-ERROR reason=10 depth=0 subject='/CN=s' err='Domain mismatch'", status("remote certificate verification", "Domain mismatch")}},
		{eap.CertVerified{}, []string{status("remote certificate verification", "success")}},
		{eap.TLSAlert{Local: true, Text: "unknown CA"}, []string{status("local TLS alert", "unknown CA")}},
		{eap.TLSAlert{Text: "access denied"}, []string{status("remote TLS alert", "access denied")}},
		{eap.Unverified{Type: peap}, []string{status("server not authenticated", "PEAP")}},
		{eap.ErrorCode{Code: 1026}, []string{"5L EAP-ERROR-CODE 1026"}},
		{eap.PasswordChanged{}, []string{"3L CTRL-EVENT-PASSWORD-CHANGED EAP-MSCHAPV2: Password changed successfully"}},
		{eap.ServerMessage{Text: "FAILED\n", Code: 691}, []string{`4L EAP-MSCHAPV2: failure message: 'FAILED\x0a' (retry not allowed, error 691)`}},
		{eap.ServerMessage{Text: "old", Code: 648, Retry: true},
			[]string{"4L EAP-MSCHAPV2: failure message: 'old' (retry allowed, error 648)", "3L EAP-MSCHAPV2: Password expired - password change required"}},
		{eap.ServerMessage{Text: " no\n"}, []string{"3L EAP: message of the server: 'no'"}},
		{eap.Success{}, []string{status("completion", "success"), "3L CTRL-EVENT-EAP-SUCCESS EAP authentication completed successfully"}},
		{eap.Success{LowerLayer: true}, []string{status("completion", "success"), "3L CTRL-EVENT-EAP-SUCCESS EAP authentication completed successfully (based on lower layer success)"}},
		{eap.Failure{}, []string{status("completion", "failure"), "3L CTRL-EVENT-EAP-FAILURE EAP authentication failed"}},
	} {
		var got []string
		for _, l := range linesOfEAP(engine.EAPReport{Network: n, Report: tt.report}) {
			to := ""
			if l.log {
				to = "L"
			}
			got = append(got, fmt.Sprintf("%d%s %s", logs.Number(l.level), to, l.text))
		}
		if strings.Join(got, "\n") != strings.Join(tt.want, "\n") {
			t.Errorf("%T:\n%s\nwant\n%s", tt.report, strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
		}
	}
}

// TestAnswers: the form of CTRL-RSP. An answer that nobody asked for is kept.
func TestAnswers(t *testing.T) {
	d := startSim(t)
	c := d.dial("sim0")
	expect(t, c, "ADD_NETWORK", "0\n",
		"CTRL-RSP-PASSWORD-0:x:y", replyOK, "CTRL-RSP-NEW_PASSWORD-0:", replyOK, "CTRL-RSP-SIM-0:GSM-AUTH:00:11", replyOK,
		"CTRL-RSP-PASSWORD-1:x", replyFail, "CTRL-RSP-PASSWORD-0", replyFail, "CTRL-RSP-PASSWORD:x", replyFail,
		"CTRL-RSP-PASSWORD-:x", replyFail, "CTRL-RSP-PASSWORD--1:x", replyFail, "CTRL-RSP-NOTHING-0:x", replyFail,
		"CTRL-RSP-password-0:x", replyFail, "CTRL-RSP-", replyFail)
}

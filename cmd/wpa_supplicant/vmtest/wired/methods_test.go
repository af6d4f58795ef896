//go:build wired

package wired

import (
	"encoding/base64"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	inner  = "identity=\"user\"\npassword=\"secret\"\nca_cert=\"$PKI/ca.pem\"\ndomain_match=\"" + serverName + "\"\n"
	client = "eap=TLS\nidentity=\"tls\"\nca_cert=\"$PKI/ca.pem\"\n"
)

// blob is a blob section of the configuration file.
func blob(t *testing.T, name, file string) string {
	b, err := os.ReadFile(certificates(t).path(file))
	if err != nil {
		t.Fatal(err)
	}
	text := "blob-base64-" + name + "={\n"
	for part := range slices.Chunk([]byte(base64.StdEncoding.EncodeToString(b)), 64) {
		text += string(part) + "\n"
	}
	return text + "}\n"
}

// TestMethods: each method from the plug to an open port, at once. The original
// waits a second or two before it sends its first frame.
func TestMethods(t *testing.T) {
	for _, tt := range []struct {
		name     string
		o        options
		method   string
		verified bool
		status   []string
	}{
		{"MD5", options{network: "eap=MD5\nidentity=\"md5\"\npassword=\"secret\""}, "MD5", false, nil},
		{"PWD", options{network: "eap=PWD\nidentity=\"pwd\"\npassword=\"secret\""}, "PWD", false, []string{"eap_session_id=34"}},
		{"PEAP-MSCHAPv2", options{network: "eap=PEAP\nanonymous_identity=\"peap\"\nphase2=\"auth=MSCHAPV2\"\n" + inner}, "PEAP", true,
			[]string{"eap_tls_version=TLSv1.", "Phase2 method=MSCHAPV2", "eap_session_id=19"}},
		{"TTLS-PAP", options{network: "eap=TTLS\nanonymous_identity=\"ttls\"\nphase2=\"auth=PAP\"\n" + inner}, "TTLS", true, []string{"EAP-TTLSv0 Phase2 method=PAP", "eap_session_id=15"}},
		{"TTLS-MSCHAPv2", options{network: "eap=TTLS\nanonymous_identity=\"ttls\"\nphase2=\"auth=MSCHAPV2\"\n" + inner}, "TTLS", true, []string{"EAP-TTLSv0 Phase2 method=MSCHAPV2"}},
		{"TLS-PEM", options{network: client + "client_cert=\"$PKI/client.pem\"\nprivate_key=\"$PKI/client.key\""}, "TLS", true, []string{"eap_session_id=0d"}},
		{"TLS-locked-key", options{network: client + "client_cert=\"$PKI/client.pem\"\nprivate_key=\"$PKI/locked.key\"\nprivate_key_passwd=\"keypass\""}, "TLS", true, nil},
		{"TLS-PKCS12", options{network: client + "private_key=\"$PKI/client.p12\"\nprivate_key_passwd=\"p12pass\""}, "TLS", true, nil},
		{"TLS-blobs", options{network: "eap=TLS\nidentity=\"tls\"\nca_cert=\"blob://ca\"\nclient_cert=\"blob://cert\"\nprivate_key=\"blob://key\"",
			after: blob(t, "ca", "ca.pem") + blob(t, "cert", "client.pem") + blob(t, "key", "client.key")}, "TLS", true, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := plug(t, tt.o)
			events := c.until("CTRL-EVENT-CONNECTED", "CTRL-EVENT-EAP-FAILURE")
			took := time.Since(c.t0)
			has(t, "events", events, "CTRL-EVENT-CONNECTED - Connection to 01:80:c2:00:00:03 completed [id=0 id_str=]")
			has(t, "events", events, "CTRL-EVENT-EAP-STARTED EAP authentication started")
			has(t, "events", events, "CTRL-EVENT-EAP-METHOD EAP vendor 0 method", "("+tt.method+") selected")
			has(t, "events", events, "CTRL-EVENT-EAP-SUCCESS EAP authentication completed successfully")
			signals := c.signals("completion")
			has(t, "signals", signals, `EAP "started", ""`)
			has(t, "signals", signals, `EAP "completion", "success"`)
			if tt.verified {
				has(t, "events", events, "CTRL-EVENT-EAP-PEER-CERT depth=0 subject='/C=FI/O=Example/CN="+serverName+"' hash=")
				has(t, "events", events, "CTRL-EVENT-EAP-PEER-ALT depth=0 DNS:"+serverName)
				has(t, "events", events, "CTRL-EVENT-EAP-STATUS status='remote certificate verification' parameter='success'")
				has(t, "signals", signals, "Certification", `"depth": <u:0>`, serverName, `"cert": <ay:30`)
				has(t, "signals", signals, `EAP "remote certificate verification", "success"`)
			}
			status := strings.Split(c.ask("STATUS-VERBOSE"), "\n")
			for _, want := range append([]string{"wpa_state=COMPLETED", "key_mgmt=IEEE 802.1X (no WPA)", "Supplicant PAE state=AUTHENTICATED", "suppPortStatus=Authorized",
				"EAP state=SUCCESS", "(EAP-" + tt.method + ")"}, tt.status...) {
				has(t, "STATUS", status, want)
			}
			if mode, err := c.bus.Get(busName, ifacePath, busIface, "CurrentAuthMode"); err != nil || mode != "EAP-"+tt.method {
				t.Errorf("CurrentAuthMode %v, %v", mode, err)
			}
			t.Logf("%s: %v from the start to an open port", tt.name, took.Round(100*time.Microsecond))
			if took > time.Second {
				t.Errorf("took %v", took)
			}
			if strings.Contains(c.log.String(), "secret") {
				t.Error("the password is in the log")
			}
		})
	}
}

// TestRefused: what must not connect does not, and every front door says why.
func TestRefused(t *testing.T) {
	peap := "eap=PEAP\nanonymous_identity=\"peap\"\nphase2=\"auth=MSCHAPV2\"\nidentity=\"user\"\n"
	good := peap + "password=\"secret\"\n"
	verification := func(text string) []string { return []string{`EAP "remote certificate verification"`, text} }
	for _, tt := range []struct {
		name    string
		o       options
		event   []string // of one event
		signal  []string // of one signal
		failure []string // of the record
	}{
		{"wrong-password", options{network: peap + "password=\"wrong\"\nca_cert=\"$PKI/ca.pem\""},
			[]string{"EAP-MSCHAPV2: failure message:", "error 691"}, []string{`EAP "completion", "failure"`}, []string{`eap_check="password"`, "by=ap", `eap_method="PEAP"`, `eap_inner="MSCHAPV2"`}},
		{"wrong-password-MD5", options{network: "eap=MD5\nidentity=\"md5\"\npassword=\"wrong\""},
			[]string{"CTRL-EVENT-EAP-STATUS status='completion' parameter='failure'"}, []string{`EAP "completion", "failure"`}, []string{"password", "by=ap"}},
		{"wrong-password-PWD", options{network: "eap=PWD\nidentity=\"pwd\"\npassword=\"wrong\""},
			[]string{"CTRL-EVENT-EAP-STATUS status='completion' parameter='failure'"}, []string{`EAP "completion", "failure"`}, []string{"password", `eap_check="server proof"`}},
		{"unknown-CA", options{network: good + "ca_cert=\"$PKI/other-ca.pem\""},
			[]string{"CTRL-EVENT-EAP-TLS-CERT-ERROR reason=1 "}, []string{`EAP "local TLS alert", "unknown CA"`}, []string{`eap_check="certificate"`, `tls_alert="unknown CA"`, "by=station", `cert_subject="/C=FI/O=Example/CN=`}},
		{"wrong-domain", options{network: good + "ca_cert=\"$PKI/ca.pem\"\ndomain_match=\"radius.example.com\""},
			[]string{"CTRL-EVENT-EAP-TLS-CERT-ERROR reason=10 depth=0", "CN=" + serverName, "err='Domain mismatch'"}, verification("Domain mismatch"), []string{"domain", `eap_check="server name"`, `cert_subject="/C=FI/O=Example/CN=` + serverName, "by=station"}},
		{"wrong-suffix", options{network: good + "ca_cert=\"$PKI/ca.pem\"\ndomain_suffix_match=\"example.com\""},
			[]string{"CTRL-EVENT-EAP-TLS-CERT-ERROR reason=9 depth=0", "CN=" + serverName}, verification("Domain suffix mismatch"), []string{"domain", `eap_check="server name"`, `cert_subject="/C=FI/O=Example/CN=` + serverName, "by=station"}},
		{"expired", options{server: "expired.pem", network: good + "ca_cert=\"$PKI/ca.pem\""},
			[]string{"CTRL-EVENT-EAP-TLS-CERT-ERROR reason=4 depth=0", "CN=" + serverName}, verification("expired"), []string{"expired", `eap_check="certificate"`, `tls_alert="certificate expired"`, "by=station"}},
		{"no-common-method", options{network: "eap=PWD\nidentity=\"md5\"\npassword=\"secret\""},
			[]string{"CTRL-EVENT-EAP-PROPOSED-METHOD vendor=0 method=4 -> NAK"}, []string{`EAP "refuse proposed method", "MD5"`}, []string{"MD5", `eap_check="nak"`}},
		{"unknown-user", options{network: "eap=MD5\nidentity=\"nobody\"\npassword=\"secret\""},
			[]string{"CTRL-EVENT-EAP-FAILURE EAP authentication failed"}, []string{`EAP "completion", "failure"`}, []string{"identity", `eap_method=""`, "by=ap"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := plug(t, tt.o)
			events := c.until("CTRL-EVENT-CONNECTED", "CTRL-EVENT-EAP-FAILURE")
			has(t, "events", events, "CTRL-EVENT-EAP-FAILURE EAP authentication failed")
			has(t, "events", events, tt.event...)
			has(t, "signals", c.signals("completion"), tt.signal...)
			has(t, "FAILURES", strings.Split(c.ask("FAILURES"), "\n"), tt.failure...)
			has(t, "STATUS", strings.Split(c.ask("STATUS"), "\n"), "Supplicant PAE state=HELD")
			has(t, "STATUS", strings.Split(c.ask("STATUS"), "\n"), "suppPortStatus=Unauthorized")
			last, err := c.bus.Get(busName, ifacePath, busIface, "LastFailure")
			if err != nil {
				t.Fatal(err)
			}
			has(t, "LastFailure", []string{textOf(last)}, `"Cause": <"EAP: `, `"EAPCheck": <"`)
		})
	}
}

// TestMissingFile: a certificate that is not there is named.
func TestMissingFile(t *testing.T) {
	c := plug(t, options{network: "eap=PEAP\nidentity=\"peap\"\npassword=\"secret\"\nca_cert=\"/nonexistent/ca.pem\""})
	events := c.until("CTRL-EVENT-ATTEMPT-FAILED")
	has(t, "events", events, "ca_cert", "/nonexistent/ca.pem")
}

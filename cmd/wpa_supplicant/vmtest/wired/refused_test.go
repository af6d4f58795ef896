//go:build wired

package wired

import (
	"slices"
	"strings"
	"testing"
)

// refusal is a case that must not connect, and what is told of it.
type refusal struct {
	name    string
	o       options
	method  string   // the one agreed upon, empty for none
	others  []int    // types beside it
	event   []string // of one event
	signal  []string // of one signal
	failure []string // of the record
	cause   string   // of the record, the log and the property: a part of the sentence
}

const goodUser = "identity=\"user\"\npassword=\"secret\"\n"

// passwordRefusals are wrong passwords, and what else has nothing to do with TLS.
func passwordRefusals(t *testing.T) []refusal {
	failed := []string{"CTRL-EVENT-EAP-STATUS status='completion' parameter='failure'"}
	completion := []string{`EAP "completion", "failure"`}
	tunnel := func(method, outer, phase2, identity string) options {
		return options{network: "eap=" + method + "\nanonymous_identity=\"" + outer + "\"\nphase2=\"" + phase2 + "\"\nidentity=\"" + identity + "\"\npassword=\"wrong\"\nca_cert=\"$PKI/ca.pem\""}
	}
	error691 := []string{"EAP-MSCHAPV2: failure message:", "error 691"}
	sims := operator(t)
	return []refusal{
		{"MD5", options{network: password("MD5", "md5", "wrong")}, "MD5", nil, failed, completion, []string{`eap_check="server refused"`, "by=ap", `advice="check identity and password"`}, "refused"},
		{"GTC", options{network: password("GTC", "token", "wrong")}, "GTC", nil, failed, completion, []string{`eap_check="server refused"`, "by=ap"}, "refused"},
		{"MSCHAPv2", options{network: password("MSCHAPV2", "mschap", "wrong")}, "MSCHAPV2", nil, error691, completion, []string{`eap_check="password"`, "by=ap", `eap_method="MSCHAPV2"`}, "password"},
		{"PSK", options{network: password("PSK", "psk", "wrong 16 bytes !")}, "PSK", nil, failed, completion, []string{`eap_check="server refused"`, "by=ap"}, "refused"},
		{"PWD", options{network: password("PWD", "pwd", "wrong")}, "PWD", nil, failed, completion, []string{`eap_check="server proof"`, "by=station", "password"}, "password"},
		{"PWD-group", options{hostapd: "pwd_group=20\n", network: password("PWD", "pwd", "secret") + "phase1=\"eap_pwd_groups=19\""}, "PWD", nil, failed, completion, []string{`eap_check="group"`, "by=station"}, "group 20"},
		{"SIM", options{hostapd: sims, network: simCard("SIM", "1", otherCard)}, "SIM", nil, failed, completion, []string{`eap_method="SIM"`}, ""},
		{"AKA", options{hostapd: sims, network: simCard("AKA", "0", otherCard)}, "AKA", nil, failed, completion, []string{`eap_method="AKA"`}, ""},
		{"AKA'", options{hostapd: sims, network: simCard("AKA'", "6", otherCard)}, "AKA'", nil, failed, completion, []string{`eap_method="AKA'"`}, ""},
		{"PEAP-MSCHAPv2", tunnel("PEAP", "peap", "auth=MSCHAPV2", "user"), "PEAP", nil, error691, completion, []string{`eap_check="password"`, "by=ap", `eap_method="PEAP"`, `eap_inner="MSCHAPV2"`}, "password"},
		{"PEAP-GTC", tunnel("PEAP", "peap", "auth=GTC", "gtc"), "PEAP", nil, failed, completion, []string{`eap_check="server refused"`, "by=ap", `eap_method="PEAP"`}, "refused"},
		{"TTLS-PAP", tunnel("TTLS", "ttls", "auth=PAP", "user"), "TTLS", nil, failed, completion, []string{`eap_check="server refused"`, "by=ap", `eap_method="TTLS"`}, "did not accept"},
		{"TTLS-CHAP", tunnel("TTLS", "ttls", "auth=CHAP", "user"), "TTLS", nil, failed, completion, []string{`eap_check="server refused"`, "by=ap", `eap_method="TTLS"`}, "did not accept"},
		{"TTLS-MSCHAP", tunnel("TTLS", "ttls", "auth=MSCHAP", "user"), "TTLS", nil, failed, completion, []string{`eap_check="server refused"`, "by=ap", `eap_method="TTLS"`}, "did not accept"},
		{"TTLS-MSCHAPv2", tunnel("TTLS", "ttls", "auth=MSCHAPV2", "user"), "TTLS", nil, failed, completion, []string{`eap_check="password"`, "by=ap", `eap_method="TTLS"`}, "password"},
		{"TTLS-EAP-MSCHAPv2", tunnel("TTLS", "ttls", "autheap=MSCHAPV2", "user"), "TTLS", nil, error691, completion, []string{`eap_check="password"`, "by=ap", `eap_method="TTLS"`, `eap_inner="MSCHAPV2"`}, "password"},
		{"no-common-method", options{network: password("PWD", "md5", "secret")}, "", []int{3, 4}, []string{"CTRL-EVENT-EAP-PROPOSED-METHOD vendor=0 method=4 -> NAK"},
			[]string{`EAP "refuse proposed method", "MD5"`}, []string{`eap_check="nak"`, `eap_method=""`}, "MD5"},
		{"no-common-method-inside", tunnel("PEAP", "peap", "auth=PWD", "gtc"), "PEAP", nil, failed, completion, []string{`eap_method="PEAP"`}, ""},
		{"unknown-user", options{network: password("MD5", "nobody", "secret")}, "", nil, []string{"CTRL-EVENT-EAP-FAILURE EAP authentication failed"},
			completion, []string{"identity", `eap_method=""`, "by=ap"}, "identity"},
	}
}

// serverRefusals are servers that do not pass.
func serverRefusals() []refusal {
	good := "eap=PEAP\nanonymous_identity=\"peap\"\nphase2=\"auth=MSCHAPV2\"\n" + goodUser
	ca := good + "ca_cert=\"$PKI/ca.pem\"\n"
	verification := func(text string) []string { return []string{`EAP "remote certificate verification"`, text} }
	event := func(reason, text string) []string {
		return []string{"CTRL-EVENT-EAP-TLS-CERT-ERROR reason=" + reason + " depth=0", "CN=" + serverName, "err='" + text + "'"}
	}
	record := func(check, alert string) []string {
		return []string{`eap_check="` + check + `"`, `tls_alert="` + alert + `"`, "by=station", `cert_subject="/C=FI/O=Example/CN=` + serverName, `eap_method="PEAP"`}
	}
	name := func(setting, reason, text string) refusal {
		key, _, _ := strings.Cut(setting, "=")
		return refusal{strings.ReplaceAll(key, "_", "-"), options{network: ca + setting}, "PEAP", nil, event(reason, text), verification(text), record("server name", "internal error"), key}
	}
	unknownCA := []string{`eap_check="certificate"`, `tls_alert="unknown CA"`, "by=station", `cert_subject="/C=FI/O=Example/CN=Test CA"`} // it came along
	v13 := func(lines string) string { return lines + "phase1=\"tls_disable_tlsv1_3=0\"\n" }
	const revoked, noStaple = "ocsp_stapling_response=$PKI/revoked.ocsp\n", "bad certificate status response"
	return []refusal{
		{"unknown-CA", options{network: good + "ca_cert=\"$PKI/other-ca.pem\""}, "PEAP", nil, []string{"CTRL-EVENT-EAP-TLS-CERT-ERROR reason=1 "},
			[]string{`EAP "local TLS alert", "unknown CA"`}, unknownCA, "unknown CA"},
		{"unknown-CA-TLS1.3", options{hostapd: tls13, network: v13(good) + "ca_cert=\"$PKI/other-ca.pem\""}, "PEAP", nil, []string{"CTRL-EVENT-EAP-TLS-CERT-ERROR reason=1 "},
			[]string{`EAP "local TLS alert", "unknown CA"`}, unknownCA, "unknown CA"},
		{"expired", options{server: "expired.pem", network: ca}, "PEAP", nil, event("4", "certificate has expired"), verification("expired"), record("certificate", "certificate expired"), "expired"},
		{"not-yet-valid", options{server: "future.pem", network: ca}, "PEAP", nil, event("3", "certificate is not yet valid"), verification("not yet valid"), record("certificate", "certificate expired"), "the clock says"},
		{"no-server-usage", options{server: "client-only.pem", network: ca}, "PEAP", nil, event("0", "unsuitable certificate purpose"), verification("purpose"), record("certificate", "unsupported certificate"), "serverAuth"},
		name("domain_match=\"radius.example.com\"", "10", "Domain mismatch"),
		name("domain_suffix_match=\"example.com\"", "9", "Domain suffix mismatch"),
		name("altsubject_match=\"DNS:a.example.org\"", "6", "AltSubject mismatch"),
		name("subject_match=\"/CN=other\"", "5", "Subject mismatch"),
		name("check_cert_subject=\"C=SE/CN=radius*\"", "12", "Distinguished Name"),
		{"hash", options{network: good + "ca_cert=\"hash://server/sha256/" + strings.Repeat("00", 32) + "\""}, "PEAP", nil, event("1", "Server certificate mismatch"),
			verification("mismatch"), record("certificate", "unknown CA"), "another hash"},
		{"probe", options{network: good + "ca_cert=\"probe://\""}, "PEAP", nil, event("8", "Server certificate chain probe"), verification("probe"), record("certificate", "unknown CA"), "probe://"},
		{"revoked", options{hostapd: revoked, network: ca + "ocsp=2"}, "PEAP", nil, event("2", "certificate revoked"), verification("revoked"), record("ocsp", "certificate revoked"), "revoked"},
		{"revoked-and-optional", options{hostapd: revoked, network: ca + "ocsp=1"}, "PEAP", nil, event("2", "certificate revoked"), verification("revoked"), record("ocsp", "certificate revoked"), "revoked"},
		{"revoked-TLS1.3", options{hostapd: tls13 + revoked, network: v13(ca) + "ocsp=2"}, "PEAP", nil, event("2", "certificate revoked"), verification("revoked"), record("ocsp", "certificate revoked"), "revoked"},
		{"no-staple", options{network: ca + "ocsp=2"}, "PEAP", nil, event("0", noStaple), verification(noStaple), record("ocsp", noStaple), "stapled no OCSP response"},
	}
}

// tlsRefusals are versions and suites that are not in common, and client
// certificates that servers do not take.
func tlsRefusals() []refusal {
	pem := "client_cert=\"$PKI/client.pem\"\nprivate_key=\"$PKI/client.key\"\n"
	rsa := func(hostapd, lines string) options {
		return options{server: "rsa-server.pem", key: "rsa-server.key", openssl: "MinProtocol = TLSv1\nCipherString = ALL:@SECLEVEL=0\n", hostapd: hostapd, network: client + pem + lines}
	}
	failed := []string{"CTRL-EVENT-EAP-STATUS status='completion' parameter='failure'"}
	completion := []string{`EAP "completion", "failure"`}
	own := func(file string) options {
		return options{network: client + "client_cert=\"$PKI/" + file + "\"\nprivate_key=\"$PKI/client.key\""}
	}
	with13 := func(o options) options { o.hostapd = tls13; return o }
	of := []string{"by=ap", `eap_method="TLS"`, `eap_check="tls"`}
	refused := []string{"by=ap", `eap_method="TLS"`, `eap_check="client certificate"`, `advice="check client_cert`}
	return []refusal{
		{"TLS1.0-only", rsa("tls_flags=[ENABLE-TLSv1.0][DISABLE-TLSv1.1][DISABLE-TLSv1.2]\n", ""), "TLS", nil, failed, completion, of, "tls_disable_tlsv1_0=0"},
		{"TLS1.3-only", options{hostapd: "tls_flags=[ENABLE-TLSv1.3][DISABLE-TLSv1.2]\n", network: client + pem + "phase1=\"tls_disable_tlsv1_3=1\""}, "TLS", nil, failed, completion, of, "no TLS version"},
		{"DHE-only", rsa("openssl_ciphers=DHE-RSA-AES128-SHA@SECLEVEL=0\n", ""), "TLS", nil, failed, completion, of, "no DHE"},
		{"client-of-other-CA", own("stranger.pem"), "TLS", nil, failed, completion, refused, "after the client's certificate"},
		{"client-of-other-CA-TLS1.3", with13(own("stranger.pem")), "TLS", nil, failed, completion, refused, "did not accept the client's certificate"},
		{"client-expired", own("late.pem"), "TLS", nil, failed, completion, refused, "after the client's certificate"},
	}
}

// radiusRefusals go through FreeRADIUS. Neither it nor hostapd sends the alert that
// it has about a client's certificate.
func radiusRefusals() []refusal {
	tunnel := func(method, phase2 string) options {
		return options{radius: radiusPort, network: "eap=" + method + "\nphase2=\"" + phase2 + "\"\nidentity=\"user\"\npassword=\"wrong\"\nca_cert=\"$PKI/ca.pem\""}
	}
	own := func(file string) options {
		return options{radius: radiusPort, network: client + "client_cert=\"$PKI/" + file + "\"\nprivate_key=\"$PKI/client.key\""}
	}
	nak := []int{3, 25} // PEAP is what the server offers first
	failed, completion := []string{"CTRL-EVENT-EAP-STATUS status='completion' parameter='failure'"}, []string{`EAP "completion", "failure"`}
	refused := []string{"by=ap", `eap_method="TLS"`, `eap_check="client certificate"`}
	return []refusal{
		{"RADIUS-PEAP-MSCHAPv2", tunnel("PEAP", "auth=MSCHAPV2"), "PEAP", nil, failed, completion, []string{`eap_check="server refused"`, "by=ap", `eap_inner="MSCHAPV2"`}, "failure inside the tunnel"},
		{"RADIUS-TTLS-PAP", tunnel("TTLS", "auth=PAP"), "TTLS", nak, failed, completion, []string{`eap_check="server refused"`, "by=ap"}, "did not accept"},
		{"RADIUS-TTLS-MSCHAPv2", tunnel("TTLS", "auth=MSCHAPV2"), "TTLS", nak, failed, completion, []string{`eap_check="server refused"`, "by=ap"}, "did not accept"},
		{"RADIUS-PWD", options{radius: radiusPort, network: password("PWD", "user", "wrong")}, "PWD", nak, failed, completion, []string{`eap_check="server proof"`, "by=station"}, "password"},
		{"RADIUS-client-of-other-CA", own("stranger.pem"), "TLS", nak, failed, completion, refused, "after the client's certificate"},
		{"RADIUS-client-expired", own("late.pem"), "TLS", nak, failed, completion, refused, "after the client's certificate"},
	}
}

// TestRefused: what must not connect does not, and every front door says why.
func TestRefused(t *testing.T) {
	var captures []capture
	freeradius(t, "")
	for _, tt := range slices.Concat(passwordRefusals(t), serverRefusals(), tlsRefusals(), radiusRefusals()) {
		t.Run(tt.name, func(t *testing.T) {
			tt.o.louder = "ddd"
			c := plug(t, tt.o)
			events := c.until("CTRL-EVENT-CONNECTED", "CTRL-EVENT-EAP-FAILURE")
			has(t, "events", events, "CTRL-EVENT-EAP-FAILURE EAP authentication failed")
			has(t, "events", events, tt.event...)
			has(t, "events", c.until("CTRL-EVENT-ATTEMPT-FAILED"), tt.failure...)
			has(t, "signals", c.signals("completion"), tt.signal...)
			record := strings.Split(c.ask("FAILURES"), "\n")
			has(t, "FAILURES", record, append(tt.failure, tt.cause)...)
			has(t, "STATUS", strings.Split(c.ask("STATUS"), "\n"), "Supplicant PAE state=HELD")
			has(t, "STATUS", strings.Split(c.ask("STATUS"), "\n"), "suppPortStatus=Unauthorized")
			last, err := c.bus.Get(busName, ifacePath, busIface, "LastFailure")
			if err != nil {
				t.Fatal(err)
			}
			has(t, "LastFailure", []string{textOf(last)}, `"Cause": <"EAP: `, `"EAPCheck": <"`, tt.cause)
			c.log.await(t, "; next: EAP again")
			has(t, "log", strings.Split(c.log.String(), "\n"), "failed in", tt.cause)
			c.keepsSecrets(false, "secret", "wrong 16", otherCard)
			captures = append(captures, capture{tt.name, c.tap.frames(t), types(tt.method, tt.others...), numbers[tt.method], false})
		})
	}
	decoded(t, captures)
}

// TestMissingFile: a certificate that is not there is named.
func TestMissingFile(t *testing.T) {
	c := plug(t, options{network: "eap=PEAP\nidentity=\"peap\"\npassword=\"secret\"\nca_cert=\"/nonexistent/ca.pem\""})
	events := c.until("CTRL-EVENT-ATTEMPT-FAILED")
	has(t, "events", events, "ca_cert", "/nonexistent/ca.pem")
}

// TestRefusedByName: a network that asks for what cannot be is told so, before
// anything goes to the server.
func TestRefusedByName(t *testing.T) {
	pem := client + "client_cert=\"$PKI/client.pem\"\nprivate_key=\"$PKI/client.key\"\n"
	for _, tt := range []struct{ name, network, words string }{
		{"ocsp-of-the-chain", pem + "ocsp=3", "ocsp=3 is not built"},
		{"engine", pem + "engine=1\nengine_id=\"pkcs11\"\nkey_id=\"1\"", "engines and tokens are never loaded"},
		{"pkcs11", client + "client_cert=\"pkcs11:token=x\"\nprivate_key=\"pkcs11:token=x\"", "pkcs11: is not supported"},
		{"no-blob", client + "client_cert=\"blob://nothing\"\nprivate_key=\"$PKI/client.key\"", "no blob"},
		{"no-version", pem + "phase1=\"tls_disable_tlsv1_2=1 tls_disable_tlsv1_3=1\"", "every TLS version is disabled"},
		{"DHE", pem + "openssl_ciphers=\"DHE-RSA-AES128-SHA\"", "DHE"},
		{"unknown-cipher", pem + "openssl_ciphers=\"NEVER-HEARD\"", "NEVER-HEARD"},
		{"renegotiation", pem + "phase1=\"allow_unsafe_renegotiation=1\"", "renegotiation is never done"},
		{"other-key", client + "client_cert=\"$PKI/client.pem\"\nprivate_key=\"$PKI/server.key\"", "do not belong together"},
		{"no-key", client, "no private_key"},
		{"no-certificate", strings.ReplaceAll(pem, "ca.pem", "client.key"), "no certificate"},
		{"FAST", strings.Replace(noPassword, "TTLS", "FAST", 1) + goodUser, "EAP-FAST is not built: crypto/tls cannot"},
		{"LEAP", "eap=LEAP\n" + goodUser, "EAP-LEAP is not built: whoever"},
		{"card-reader", "eap=SIM\nidentity=\"1" + imsi + "\"\npcsc=\"\"", "card"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := plug(t, options{network: tt.network, louder: "ddd", hostapd: operator(t)})
			has(t, "events", c.until("CTRL-EVENT-CONNECTED", "CTRL-EVENT-ATTEMPT-FAILED"), "CTRL-EVENT-ATTEMPT-FAILED", tt.words)
			has(t, "FAILURES", strings.Split(c.ask("FAILURES"), "\n"), tt.words)
			last, err := c.bus.Get(busName, ifacePath, busIface, "LastFailure")
			if err != nil {
				t.Fatal(err)
			}
			has(t, "LastFailure", []string{textOf(last)}, tt.words)
			c.log.await(t, tt.words)
		})
	}
}

// TestNotAuthenticated: a network that checks the server with nothing connects, as it
// always did, and is flagged wherever one looks.
func TestNotAuthenticated(t *testing.T) {
	c := plug(t, options{network: "eap=PEAP\nanonymous_identity=\"peap\"\nphase2=\"auth=MSCHAPV2\"\n" + goodUser})
	events := c.until("CTRL-EVENT-CONNECTED", "CTRL-EVENT-EAP-FAILURE")
	has(t, "events", events, "CTRL-EVENT-CONNECTED")
	has(t, "events", events, "CTRL-EVENT-EAP-STATUS status='server not authenticated' parameter='PEAP'")
	has(t, "events", events, "The server is not authenticated")
	for _, e := range events {
		if strings.Contains(e, "remote certificate verification") {
			t.Errorf("%q", e)
		}
	}
	has(t, "signals", c.signals("completion"), `EAP "server not authenticated", "PEAP"`)
	c.log.await(t, "The server is not authenticated")
}

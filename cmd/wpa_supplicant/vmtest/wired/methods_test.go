//go:build wired

package wired

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"gosupplicant/engine/eap/sim/simtest"
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

// password is a network of a method without TLS.
func password(method, identity, pw string) string {
	return "eap=" + method + "\nidentity=\"" + identity + "\"\npassword=\"" + pw + "\"\n"
}

// simCard is a network with the card's keys in its configuration.
func simCard(method, digit, key string) string {
	return password(method, digit+imsi, key+":"+simtest.OPc+":000000000020")
}

// numbers are the types of the methods.
var numbers = map[string]int{"MD5": 4, "GTC": 6, "TLS": 13, "SIM": 18, "TTLS": 21, "AKA": 23, "PEAP": 25, "MSCHAPV2": 26, "PSK": 47, "AKA'": 50, "PWD": 52, "TEAP": 55}

// types are those of a conversation with that method, "" for none, and more: in order.
func types(method string, more ...int) []int {
	out := append([]int{1}, more...)
	if method != "" {
		out = append(out, numbers[method])
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// connecting is a case that connects.
type connecting struct {
	name    string
	o       options
	method  string
	checked bool     // the server's certificate is
	status  []string // lines of the status, by a part of each
}

// methodCases are the methods, and the ways inside the tunnels.
func methodCases(t *testing.T) []connecting {
	peap := func(phase1, phase2, identity string) options {
		return options{network: "eap=PEAP\nanonymous_identity=\"peap\"\nphase1=\"" + phase1 + "\"\nphase2=\"auth=" + phase2 + "\"\n" + strings.Replace(inner, "\"user\"", "\""+identity+"\"", 1)}
	}
	ttls := func(phase2, identity string) options {
		return options{network: "eap=TTLS\nanonymous_identity=\"ttls\"\nphase2=\"" + phase2 + "\"\n" + strings.Replace(inner, "\"user\"", "\""+identity+"\"", 1)}
	}
	const v13, own = "tls_disable_tlsv1_3=0", "client_cert2=\"$PKI/client.pem\"\nprivate_key2=\"$PKI/client.key\"\nca_cert2=\"$PKI/ca.pem\"\n"
	with := func(o options, hostapd, network string) options {
		o.hostapd, o.network = o.hostapd+hostapd, o.network+network
		return o
	}
	sims := operator(t)
	return []connecting{
		{"MD5", options{network: password("MD5", "md5", "secret")}, "MD5", false, nil},
		{"GTC", options{network: password("GTC", "token", "secret")}, "GTC", false, nil},
		{"MSCHAPv2", options{network: password("MSCHAPV2", "mschap", "secret")}, "MSCHAPV2", false, nil},
		{"MSCHAPv2-hash", options{network: "eap=MSCHAPV2\nidentity=\"mschap\"\npassword=hash:878d8014606cda29677a44efa1353fc7"}, "MSCHAPV2", false, nil},
		{"MSCHAPv2-external", options{globals: "ext_password_backend=test:wired=secret", network: "eap=MSCHAPV2\nidentity=\"mschap\"\npassword=ext:wired"}, "MSCHAPV2", false, nil},
		{"PSK", options{network: password("PSK", "psk", "0123456789abcdef")}, "PSK", false, []string{"eap_session_id=2f"}},
		{"PWD-19", options{network: password("PWD", "pwd", "secret")}, "PWD", false, []string{"eap_session_id=34"}},
		{"PWD-20", options{hostapd: "pwd_group=20\n", network: password("PWD", "pwd", "secret")}, "PWD", false, []string{"eap_session_id=34"}},
		{"PWD-21", options{hostapd: "pwd_group=21\n", network: password("PWD", "pwd", "secret")}, "PWD", false, []string{"eap_session_id=34"}},
		{"PWD-fragments", options{hostapd: "fragment_size=80\n", network: password("PWD", "pwd", "secret") + "fragment_size=40"}, "PWD", false, nil},
		{"SIM", options{hostapd: sims, network: simCard("SIM", "1", simtest.Key)}, "SIM", false, []string{"eap_session_id=12"}},
		{"AKA", options{hostapd: sims, network: simCard("AKA", "0", simtest.Key)}, "AKA", false, []string{"eap_session_id=17"}},
		{"AKA'", options{hostapd: sims, network: simCard("AKA'", "6", simtest.Key)}, "AKA'", false, []string{"eap_session_id=32"}},
		{"PEAPv0-MSCHAPv2", peap("peapver=0 crypto_binding=2", "MSCHAPV2", "user"), "PEAP", true, []string{"eap_tls_version=TLSv1.2", "EAP-PEAPv0 Phase2 method=MSCHAPV2", "eap_session_id=19"}},
		{"PEAPv1-MSCHAPv2", peap("peapver=1", "MSCHAPV2", "user"), "PEAP", true, []string{"EAP-PEAPv1 Phase2 method=MSCHAPV2"}},
		{"PEAP-MSCHAPv2-TLS1.3", with(peap("peapver=0 crypto_binding=2 "+v13, "MSCHAPV2", "user"), tls13, ""), "PEAP", true, []string{"eap_tls_version=TLSv1.3"}},
		{"PEAPv0-GTC", peap("peapver=0", "GTC", "gtc"), "PEAP", true, []string{"EAP-PEAPv0 Phase2 method=GTC"}},
		{"PEAPv1-GTC", peap("peapver=1", "GTC", "gtc"), "PEAP", true, []string{"EAP-PEAPv1 Phase2 method=GTC"}},
		{"PEAPv0-TLS", with(peap("peapver=0", "TLS", "tlsin"), "", own), "PEAP", true, []string{"EAP-PEAPv0 Phase2 method=TLS"}},
		{"PEAPv1-TLS", with(peap("peapver=1", "TLS", "tlsin"), "", own), "PEAP", true, []string{"EAP-PEAPv1 Phase2 method=TLS"}},
		{"PEAP-MD5", peap("", "MD5", "md5in"), "PEAP", true, []string{"Phase2 method=MD5"}},
		{"PEAP-PWD", peap("peapver=0 crypto_binding=2", "PWD", "pwdin"), "PEAP", true, []string{"Phase2 method=PWD"}},
		{"PEAP-small-fragments", with(peap("", "MSCHAPV2", "user"), "fragment_size=100\n", "fragment_size=100\n"), "PEAP", true, nil},
		{"TTLS-PAP", ttls("auth=PAP", "user"), "TTLS", true, []string{"EAP-TTLSv0 Phase2 method=PAP", "eap_session_id=15"}},
		{"TTLS-CHAP", ttls("auth=CHAP", "user"), "TTLS", true, []string{"EAP-TTLSv0 Phase2 method=CHAP"}},
		{"TTLS-MSCHAP", ttls("auth=MSCHAP", "user"), "TTLS", true, []string{"EAP-TTLSv0 Phase2 method=MSCHAP"}},
		{"TTLS-MSCHAPv2", ttls("auth=MSCHAPV2", "user"), "TTLS", true, []string{"EAP-TTLSv0 Phase2 method=MSCHAPV2"}},
		{"TTLS-MSCHAPv2-TLS1.3", with(ttls("auth=MSCHAPV2", "user"), tls13, "phase1=\""+v13+"\""), "TTLS", true, []string{"eap_tls_version=TLSv1.3"}},
		{"TTLS-EAP-MSCHAPv2", ttls("autheap=MSCHAPV2", "user"), "TTLS", true, []string{"EAP-TTLSv0 Phase2 method=EAP-MSCHAPV2"}},
		{"TTLS-EAP-GTC", ttls("autheap=GTC", "gtc"), "TTLS", true, []string{"EAP-TTLSv0 Phase2 method=EAP-GTC"}},
		{"TTLS-EAP-MD5", ttls("autheap=MD5", "md5in"), "TTLS", true, []string{"EAP-TTLSv0 Phase2 method=EAP-MD5"}},
		{"TTLS-EAP-TLS", with(ttls("autheap=TLS", "tlsin"), "", own), "TTLS", true, []string{"EAP-TTLSv0 Phase2 method=EAP-TLS"}},
	}
}

const tls13 = "tls_flags=[ENABLE-TLSv1.3]\n"

// tlsCases are what can differ in EAP-TLS: where certificates and keys are, how the
// server is checked, and which TLS it speaks.
func tlsCases(t *testing.T) []connecting {
	pem := "client_cert=\"$PKI/client.pem\"\nprivate_key=\"$PKI/client.key\"\n"
	key := func(file, more string) options {
		return options{network: client + "client_cert=\"$PKI/client.pem\"\nprivate_key=\"$PKI/" + file + "\"\n" + more}
	}
	check := func(lines string) options {
		return options{network: "eap=TLS\nidentity=\"tls\"\n" + pem + lines}
	}
	const keypass, p12pass, blobs = "private_key_passwd=\"keypass\"", "private_key_passwd=\"p12pass\"", "eap=TLS\nidentity=\"tls\"\nca_cert=\"blob://ca\"\n"
	const old = "MinProtocol = TLSv1\nCipherString = ALL:@SECLEVEL=0\n"
	rsa := func(openssl, hostapd, lines string) options {
		return options{server: "rsa-server.pem", key: "rsa-server.key", openssl: openssl, hostapd: hostapd, network: client + pem + lines}
	}
	ca := blob(t, "ca", "ca.pem")
	return []connecting{
		{"TLS1.2", options{network: client + pem}, "TLS", true, []string{"eap_tls_version=TLSv1.2", "eap_session_id=0d"}},
		{"TLS1.3", options{hostapd: tls13, network: client + pem}, "TLS", true, []string{"eap_tls_version=TLSv1.3", "eap_session_id=0d"}},
		{"locked-key", key("locked.key", keypass), "TLS", true, nil},
		{"locked-DER", key("locked.der", keypass), "TLS", true, nil},
		{"locked-old", key("locked-old.key", keypass), "TLS", true, nil},
		{"SEC1", key("sec1.pem", ""), "TLS", true, nil},
		{"DER", options{network: client + "client_cert=\"$PKI/client.der\"\nprivate_key=\"$PKI/key.der\""}, "TLS", true, nil},
		{"PKCS1", options{network: client + "client_cert=\"$PKI/rsa-client.pem\"\nprivate_key=\"$PKI/pkcs1.pem\""}, "TLS", true, nil},
		{"both-in-one", options{network: client + "private_key=\"$PKI/both.pem\""}, "TLS", true, nil},
		{"PKCS12", options{network: client + "private_key=\"$PKI/client.p12\"\n" + p12pass}, "TLS", true, nil},
		{"PKCS12-old", options{network: client + "private_key=\"$PKI/old.p12\"\n" + p12pass}, "TLS", true, nil},
		{"blobs", options{network: blobs + "client_cert=\"blob://cert\"\nprivate_key=\"blob://key\"", after: ca + blob(t, "cert", "client.pem") + blob(t, "key", "client.key")}, "TLS", true, nil},
		{"blob-locked-DER", options{network: blobs + "client_cert=\"blob://cert\"\nprivate_key=\"blob://key\"\n" + keypass, after: ca + blob(t, "cert", "client.der") + blob(t, "key", "locked.der")}, "TLS", true, nil},
		{"blob-PKCS12", options{network: blobs + "private_key=\"blob://p12\"\n" + p12pass, after: ca + blob(t, "p12", "client.p12")}, "TLS", true, nil},
		{"hash", check("ca_cert=\"hash://server/sha256/" + fingerprint(t, "server.pem") + "\""), "TLS", true, nil},
		{"ca-path", check("ca_path=\"$PKI/roots\""), "TLS", true, nil},
		{"names", check("ca_cert=\"$PKI/ca.pem\"\ndomain_suffix_match=\"example.net;example.org\"\nsubject_match=\"/O=Example/CN=radius\"\naltsubject_match=\"DNS:" + serverName + "\"\ncheck_cert_subject=\"C=FI/CN=radius*\""), "TLS", true, nil},
		{"staple", options{hostapd: "ocsp_stapling_response=$PKI/good.ocsp\n", network: client + pem + "ocsp=2"}, "TLS", true, nil},
		{"staple-TLS1.3", options{hostapd: tls13 + "ocsp_stapling_response=$PKI/good.ocsp\n", network: client + pem + "ocsp=2"}, "TLS", true, []string{"eap_tls_version=TLSv1.3"}},
		{"expired-but-not-looked-at", options{server: "expired.pem", network: client + pem + "phase1=\"tls_disable_time_checks=1\""}, "TLS", true, nil},
		{"large-chain", options{server: "chain.pem", key: "rsa-server.key", hostapd: "fragment_size=250\n",
			network: client + "fragment_size=250\nclient_cert=\"$PKI/deep-client.pem\"\nprivate_key=\"$PKI/rsa-client.key\""}, "TLS", true, nil},
		{"no-EMS", rsa("Options = -ExtendedMasterSecret\n", "", ""), "TLS", true, []string{"eap_tls_version=TLSv1.2"}},
		{"RSA-key-exchange", rsa("Options = -ExtendedMasterSecret\n", "openssl_ciphers=AES128-SHA\n", ""), "TLS", true, []string{"EAP TLS cipher=AES128-SHA"}},
		{"TLS1.1-allowed", rsa(old, "tls_flags=[ENABLE-TLSv1.1][DISABLE-TLSv1.2]\n", "phase1=\"tls_disable_tlsv1_1=0\""), "TLS", true, []string{"eap_tls_version=TLSv1.1"}},
		{"TLS1.0-allowed", rsa(old, "tls_flags=[ENABLE-TLSv1.0][DISABLE-TLSv1.1][DISABLE-TLSv1.2]\n", "phase1=\"tls_disable_tlsv1_0=0\""), "TLS", true, []string{"eap_tls_version=TLSv1"}},
		{"suite-B", options{server: "rsa-server.pem", key: "rsa-server.key", network: client + "client_cert=\"$PKI/rsa-client.pem\"\nprivate_key=\"$PKI/rsa-client.key\"\nphase1=\"tls_suiteb=1\""}, "TLS", true, []string{"EAP TLS cipher=ECDHE-RSA-AES256-GCM-SHA384"}},
	}
}

// fingerprint is the SHA-256 of a certificate.
func fingerprint(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(certificates(t).path(file))
	if err != nil {
		t.Fatal(err)
	}
	p, _ := pem.Decode(b)
	return fmt.Sprintf("%x", sha256.Sum256(p.Bytes))
}

// TestMethods: each method from the plug to an open port, at once. The original
// waits a second or two before it sends its first frame.
func TestMethods(t *testing.T) { connects(t, methodCases(t)) }

// TestCredentials: EAP-TLS with certificates and keys wherever they are, ways to
// check the server, and what servers old and new speak.
func TestCredentials(t *testing.T) { connects(t, tlsCases(t)) }

// TestTEAP is for a hostapd with TEAP, which Debian's is not, nor has Debian's
// FreeRADIUS 3.2.1 it. One from Debian's source with CONFIG_EAP_TEAP=y, first in the
// PATH, will do.
func TestTEAP(t *testing.T) {
	path, err := exec.LookPath("hostapd")
	if err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(path); err != nil || !bytes.Contains(b, []byte("EAP-TEAP:")) {
		t.Skip("this hostapd has no TEAP, and FreeRADIUS 3.2.1 has none either")
	}
	const conf = "eap_fast_a_id=101112131415161718191a1b1c1d1e1f\neap_fast_a_id_info=test\npac_opaque_encr_key=000102030405060708090a0b0c0d0e0f\neap_teap_auth=0\n"
	user := "eap=TEAP\nanonymous_identity=\"teap\"\nphase2=\"auth=MSCHAPV2\"\n" + inner
	machine := "machine_identity=\"host/machine\"\nmachine_password=\"machine secret\"\nmachine_phase2=\"auth=MSCHAPV2\"\n"
	known := "\"teap\" TEAP\n\"host/machine\" MSCHAPV2 \"machine secret\" [2]\n"
	connects(t, []connecting{
		{"MSCHAPv2", options{users: known, hostapd: conf, network: user}, "TEAP", true, []string{"eap_session_id=37"}},
		{"separate-result", options{users: known, hostapd: conf + "eap_teap_separate_result=1\n", network: user}, "TEAP", true, nil},
		{"user-and-machine", options{users: known, hostapd: conf + "eap_teap_id=5\n", network: user + machine}, "TEAP", true, nil},
	})
}

// fragmented are cases whose messages go in pieces: they have at least so many frames.
var fragmented = map[string]int{"large-chain": 60, "PEAP-small-fragments": 30, "PWD-fragments": 12}

// connects runs the cases: every front door tells of the success, tshark reads what
// went over the cable, and no secret is in the log at its loudest.
func connects(t *testing.T, cases []connecting) {
	var captures []capture
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			tt.o.louder = "ddd"
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
			if tt.checked {
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
			c.log.await(t, "CTRL-EVENT-CONNECTED")
			c.keepsSecrets(tt.method != "MD5" && tt.method != "GTC", "secret", "keypass", "p12pass", "0123456789abcdef", simtest.Key, simtest.OPc)
			frames := c.tap.frames(t)
			if len(frames) < fragmented[tt.name] {
				t.Errorf("%d frames: nothing was fragmented", len(frames))
			}
			captures = append(captures, capture{tt.name, frames, types(tt.method), numbers[tt.method], true})
		})
	}
	decoded(t, captures)
}

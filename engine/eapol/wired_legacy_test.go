//go:build wired

package eapol_test

import (
	"strings"
	"testing"

	"gosupplicant/engine/eap"
)

// legacy is an OpenSSL that does whatever it ever could.
const legacy = "#openssl MinProtocol = TLSv1; CipherString = ALL:@SECLEVEL=0; Options = -ExtendedMasterSecret\n"

// TestWiredOldServers connects to what old RADIUS servers speak; each needs no
// more than the network says.
func TestWiredOldServers(t *testing.T) {
	noEMS := "#openssl Options = -ExtendedMasterSecret\n"
	for _, c := range []struct {
		name, conf, phase1, ciphers string
		version, cipher             string
		refused                     string // part of the sentence when it has to fail
	}{
		{"without extended master secret", noEMS, "", "", "TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256", ""},
		{"SHA-384 without extended master secret", noEMS, "", "ECDHE-RSA-AES256-GCM-SHA384", "TLSv1.2", "ECDHE-RSA-AES256-GCM-SHA384", ""},
		{"RSA key exchange", noEMS + "openssl_ciphers=AES128-SHA\n", "", "", "TLSv1.2", "AES128-SHA", ""},
		{"RSA key exchange GCM", "openssl_ciphers=AES256-GCM-SHA384\n", "", "", "TLSv1.2", "AES256-GCM-SHA384", ""},
		{"TLS 1.0", legacy + "tls_flags=[ENABLE-TLSv1.0][DISABLE-TLSv1.1][DISABLE-TLSv1.2]\n", "tls_disable_tlsv1_0=0", "", "TLSv1", "ECDHE-RSA-AES128-SHA", ""},
		{"TLS 1.1", legacy + "tls_flags=[ENABLE-TLSv1.1][DISABLE-TLSv1.2]\n", "tls_disable_tlsv1_1=0", "", "TLSv1.1", "ECDHE-RSA-AES128-SHA", ""},
		{"TLS 1.0 and RSA key exchange", legacy + "tls_flags=[ENABLE-TLSv1.0][DISABLE-TLSv1.1][DISABLE-TLSv1.2]\nopenssl_ciphers=AES128-SHA@SECLEVEL=0\n", "tls_disable_tlsv1_0=0", "", "TLSv1", "AES128-SHA", ""},
		{"TLS 1.0 not allowed", legacy + "tls_flags=[ENABLE-TLSv1.0][DISABLE-TLSv1.1][DISABLE-TLSv1.2]\n", "", "", "", "", "tls_disable_tlsv1_0=0"},
		{"DHE only", legacy + "openssl_ciphers=DHE-RSA-AES128-SHA@SECLEVEL=0\n", "", "", "", "", "no DHE"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := buildWith(t, c.conf, users, rsaKey(t, 2048), nil)
			cfg := w.tlsConfig()
			cfg.Phase1, cfg.OpenSSLCiphers = c.phase1, c.ciphers
			m := station(cfg, nil)
			if c.refused != "" {
				o := w.fails(m, "tls")
				if !strings.Contains(o.failure.Reason.Detail, c.refused) {
					t.Errorf("the sentence %q does not speak of %q", o.failure.Reason.Detail, c.refused)
				}
				t.Log(o.failure.Reason.Detail)
				return
			}
			o := w.succeeds(m, nil)
			if v, s := o.statusOf("eap_tls_version"), o.statusOf("EAP TLS cipher"); v != c.version || s != c.cipher {
				t.Errorf("%s with %s, want %s with %s", v, s, c.version, c.cipher)
			}
		})
	}
}

// TestWiredOldTunnels derives challenges and keys of tunnels from old TLS.
func TestWiredOldTunnels(t *testing.T) {
	w := buildWith(t, legacy+"tls_flags=[ENABLE-TLSv1.0][DISABLE-TLSv1.1][DISABLE-TLSv1.2]\n", users, rsaKey(t, 2048), nil)
	for _, cfg := range []*eap.Config{w.ttlsConfig("ttlsuser", "auth=MSCHAPV2"), w.peapConfig("mschap", "auth=MSCHAPV2")} {
		cfg.Phase1 = "tls_disable_tlsv1_0=0 peapver=0 crypto_binding=2"
		if o := w.succeeds(station(cfg, nil), nil); o.statusOf("eap_tls_version") != "TLSv1" {
			t.Errorf("%v", o.status)
		}
	}
}

// TestWiredSuiteB holds to the 192-bit suite with ECDSA and with RSA, and refuses
// a short key.
func TestWiredSuiteB(t *testing.T) {
	w := buildWith(t, "", users, rsaKey(t, 3072), nil)
	w.key = ec384Key(t)
	w.client = w.ca.issue(t, "client", w.key, nil)
	cfg := w.tlsConfig()
	cfg.Phase1 = "tls_suiteb=1"
	if o := w.succeeds(station(cfg, nil), nil); o.statusOf("EAP TLS cipher") != "ECDHE-RSA-AES256-GCM-SHA384" {
		t.Errorf("%v", o.status)
	}
	w = buildWith(t, "", users, rsaKey(t, 2048), nil)
	cfg = w.ttlsConfig("ttlsuser", "auth=PAP")
	cfg.Phase1 = "tls_suiteb=1"
	o := w.fails(station(cfg, nil), "certificate")
	if e, _ := of[eap.CertError](o); e.Reason != eap.CertReasonShortKey {
		t.Errorf("%+v", e)
	}
}

// TestWiredLargeChain takes a long chain in small pieces both ways.
func TestWiredLargeChain(t *testing.T) {
	ca := newAuthority(t, "Root", ecKey(t))
	one := ca.sub(t, "One", rsaKey(t, 4096))
	two := one.sub(t, "Two", rsaKey(t, 4096))
	three := two.sub(t, "Three", rsaKey(t, 4096))
	key := rsaKey(t, 3072)
	server := three.issue(t, "radius.example.com", key, nil)
	client := three.issue(t, "client", key, nil)
	dir := t.TempDir()
	files := &lab{t: t, dir: dir}
	files.write("ca.pem", certPEM(ca.cert))
	files.write("chain.pem", certPEM(server, three.cert, two.cert, one.cert))
	files.write("key.pem", keyPEM(t, key))
	l := newLab(t, "fragment_size=250\nca_cert="+dir+"/ca.pem\nserver_cert="+dir+"/chain.pem\nprivate_key="+dir+"/key.pem\n", users)
	cfg := &eap.Config{Methods: []eap.Type{eap.TypeTLS}, Identity: []byte("tls"), FragmentSize: 250, Certs: eap.Certs{
		CACert: []byte(certPEM(ca.cert)), ClientCert: []byte(certPEM(client, three.cert, two.cert, one.cert)), PrivateKey: []byte(keyPEM(t, key))}}
	o := l.succeeds(station(cfg, nil), nil)
	var depth int
	for _, e := range o.events {
		if c, ok := e.(eap.PeerCert); ok {
			depth = max(depth, c.Depth)
		}
	}
	if depth != 4 || o.rounds < 30 {
		t.Errorf("depth %d in %d frames", depth, o.rounds)
	}
}

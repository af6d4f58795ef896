//go:build wired

package eapol_test

import (
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"gosupplicant/engine/eap"
)

// world is a lab with certificates.
type world struct {
	*lab
	ca     *authority
	server *x509.Certificate
	client *x509.Certificate
	key    crypto.Signer // the client's
}

const users = `"tls" TLS
"peap" PEAP
"ttls" TTLS
"md5" MD5 "secret"
"user" GTC "secret" [2]
"mschap" MSCHAPV2 "secret" [2]
"ttlsuser" TTLS-PAP,TTLS-CHAP,TTLS-MSCHAP,TTLS-MSCHAPV2 "secret" [2]
"md5user" MD5 "secret" [2]
"tls2" TLS [2]
"many" MD5,MSCHAPV2,GTC "secret" [2]
`

// build makes the certificates; alter may change the server's.
func build(t *testing.T, conf string, alter func(*x509.Certificate)) *world {
	return buildWith(t, conf, users, ecKey(t), alter)
}

func buildWith(t *testing.T, conf, userFile string, serverKey crypto.Signer, alter func(*x509.Certificate)) *world {
	t.Helper()
	w := &world{ca: newAuthority(t, "Test CA", ecKey(t)), key: ecKey(t)}
	w.server = w.ca.issue(t, "radius.example.com", serverKey, alter)
	w.client = w.ca.issue(t, "client@example.com", w.key, nil)
	dir := t.TempDir()
	files := &lab{t: t, dir: dir}
	files.write("ca.pem", certPEM(w.ca.cert))
	files.write("server.pem", certPEM(w.server))
	files.write("server.key", keyPEM(t, serverKey))
	w.lab = newLab(t, conf+"ca_cert="+dir+"/ca.pem\nserver_cert="+dir+"/server.pem\nprivate_key="+dir+"/server.key\n", userFile)
	return w
}

func (w *world) certs() eap.Certs {
	return eap.Certs{CACert: []byte(certPEM(w.ca.cert)), DomainMatch: "radius.example.com"}
}

func (w *world) clientCerts() eap.Certs {
	c := w.certs()
	c.ClientCert = []byte(certPEM(w.client))
	c.PrivateKey = []byte(keyPEM(w.t, w.key))
	return c
}

func (w *world) tlsConfig() *eap.Config {
	return &eap.Config{Methods: []eap.Type{eap.TypeTLS}, Identity: []byte("tls"), Certs: w.clientCerts()}
}

func (w *world) peapConfig(id, phase2 string) *eap.Config {
	return &eap.Config{Methods: []eap.Type{eap.TypePEAP}, Identity: []byte(id), AnonymousIdentity: []byte("peap"), Phase2: phase2,
		Certs: w.certs(), Password: eap.Password{Value: []byte("secret")}}
}

func (w *world) ttlsConfig(id, phase2 string) *eap.Config {
	c := w.peapConfig(id, phase2)
	c.Methods, c.AnonymousIdentity = []eap.Type{eap.TypeTTLS}, []byte("ttls")
	return c
}

const tls13 = "tls_flags=[ENABLE-TLSv1.3]\n"

func TestWiredMD5(t *testing.T) {
	w := build(t, "", nil)
	w.succeeds(station(&eap.Config{Methods: []eap.Type{eap.TypeMD5}, Identity: []byte("md5"), Password: eap.Password{Value: []byte("secret")}}, nil), nil)
}

func TestWiredTLS12(t *testing.T) {
	w := build(t, "", nil)
	o := w.succeeds(station(w.tlsConfig(), nil), nil)
	if v := o.statusOf("eap_tls_version"); v != "TLSv1.2" {
		t.Errorf("version %q", v)
	}
	if _, ok := of[eap.CertVerified](o); !ok {
		t.Error("the certificate was not reported as verified")
	}
	if c, ok := of[eap.PeerCert](o); !ok || c.Depth != 1 || c.Subject != "/C=FI/O=Example/CN=Test CA" {
		t.Errorf("first certificate reported: %+v", c)
	}
	t.Logf("took %v, %d frames", o.took, o.rounds)
}

func TestWiredTLS13(t *testing.T) {
	w := build(t, tls13, nil)
	o := w.succeeds(station(w.tlsConfig(), nil), nil)
	if v := o.statusOf("eap_tls_version"); v != "TLSv1.3" {
		t.Errorf("version %q", v)
	}
}

func TestWiredTLSFragments(t *testing.T) {
	w := build(t, "fragment_size=200\n", nil)
	c := w.tlsConfig()
	c.FragmentSize = 150
	o := w.succeeds(station(c, nil), nil)
	if o.rounds < 10 {
		t.Errorf("%d frames: nothing was fragmented", o.rounds)
	}
}

// TestWiredResumption: with TLS 1.3 a ticket brings the session back, with TLS 1.2 its
// identifier.
func TestWiredResumption(t *testing.T) {
	for _, c := range []struct {
		name, conf, phase1 string
		config             func(*world) *eap.Config
		third              string
	}{
		{"TLS 1.3", tls13, "", (*world).tlsConfig, "1"},
		{"TLS 1.2", "", "", (*world).tlsConfig, "1"},
		// This hostapd forgets the session when it was resumed once.
		{"PEAPv0", "", "peapver=0 crypto_binding=2", func(w *world) *eap.Config { return w.peapConfig("mschap", "auth=MSCHAPV2") }, "0"},
		{"PEAPv1", "", "peapver=1", func(w *world) *eap.Config { return w.peapConfig("mschap", "auth=MSCHAPV2") }, "1"},
		{"TTLS", "", "", func(w *world) *eap.Config { return w.ttlsConfig("ttlsuser", "auth=PAP") }, "1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := build(t, c.conf+"tls_session_lifetime=3600\n", nil)
			cfg := c.config(w)
			cfg.Phase1 += " " + c.phase1
			m := station(cfg, &eap.Memory{})
			for run, want := range []string{"0", "1", c.third} {
				o := w.succeeds(m, nil)
				if got := o.statusOf("tls_session_reused"); got != want {
					t.Errorf("run %d: tls_session_reused=%s, want %s", run, got, want)
				}
			}
		})
	}
}

func TestWiredPEAP(t *testing.T) {
	for _, c := range []struct{ name, id, phase1, phase2, conf string }{
		{"MSCHAPV2 v0", "mschap", "peapver=0", "auth=MSCHAPV2", ""},
		{"MSCHAPV2 v0 binding required", "mschap", "peapver=0 crypto_binding=2", "auth=MSCHAPV2", ""},
		{"MSCHAPV2 v1", "mschap", "peapver=1", "auth=MSCHAPV2", ""},
		{"GTC v0", "user", "peapver=0", "auth=GTC", ""},
		{"GTC v1", "user", "peapver=1", "auth=GTC", ""},
		{"GTC v1 outer success 1", "user", "peapver=1 peap_outer_success=1", "auth=GTC", ""},
		{"MD5 v0", "md5user", "peapver=0", "auth=MD5", ""},
		{"any method", "mschap", "", "", ""},
		{"TLS 1.3", "mschap", "tls_disable_tlsv1_3=0 crypto_binding=2 peapver=0", "auth=MSCHAPV2", tls13},
		{"NAK inside", "many", "peapver=0", "auth=GTC", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := build(t, c.conf, nil)
			cfg := w.peapConfig(c.id, c.phase2)
			cfg.Phase1 = c.phase1
			o := w.succeeds(station(cfg, nil), nil)
			if c.conf == tls13 && o.statusOf("eap_tls_version") != "TLSv1.3" {
				t.Errorf("%v", o.status)
			}
		})
	}
}

func TestWiredTTLS(t *testing.T) {
	for _, c := range []struct{ name, id, phase1, phase2, conf string }{
		{"PAP", "ttlsuser", "", "auth=PAP", ""},
		{"CHAP", "ttlsuser", "", "auth=CHAP", ""},
		{"MSCHAP", "ttlsuser", "", "auth=MSCHAP", ""},
		{"MSCHAPV2", "ttlsuser", "", "auth=MSCHAPV2", ""},
		{"EAP-MSCHAPV2", "mschap", "", "autheap=MSCHAPV2", ""},
		{"EAP-GTC", "user", "", "autheap=GTC", ""},
		{"EAP any", "md5user", "", "", ""},
		{"PAP TLS 1.3", "ttlsuser", "tls_disable_tlsv1_3=0", "auth=PAP", tls13},
		{"MSCHAPV2 TLS 1.3", "ttlsuser", "tls_disable_tlsv1_3=0", "auth=MSCHAPV2", tls13},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := build(t, c.conf, nil)
			cfg := w.ttlsConfig(c.id, c.phase2)
			cfg.Phase1 = c.phase1
			w.succeeds(station(cfg, nil), nil)
		})
	}
}

func TestWiredTTLSEAPTLS(t *testing.T) {
	w := build(t, "", nil)
	cfg := w.ttlsConfig("tls2", "autheap=TLS")
	cfg.Certs2 = w.clientCerts()
	w.succeeds(station(cfg, nil), nil)
}

func TestWiredWrongPassword(t *testing.T) {
	for _, c := range []struct {
		name string
		cfg  func(*world) *eap.Config
		want string
	}{
		{"PEAP-GTC", func(w *world) *eap.Config { return w.peapConfig("user", "auth=GTC") }, "server refused"},
		{"TTLS-PAP", func(w *world) *eap.Config { return w.ttlsConfig("ttlsuser", "auth=PAP") }, "server refused"},
		{"TTLS-MSCHAPV2", func(w *world) *eap.Config { return w.ttlsConfig("ttlsuser", "auth=MSCHAPV2") }, "password"},
		{"PEAP-MSCHAPV2", func(w *world) *eap.Config { return w.peapConfig("mschap", "auth=MSCHAPV2 mschapv2_retry=0") }, "password"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := build(t, "", nil)
			cfg := c.cfg(w)
			cfg.Password = eap.Password{Value: []byte("wrong")}
			o := w.fails(station(cfg, nil), c.want)
			t.Logf("%+v %v", o.failure.Reason, o.took)
		})
	}
}

func TestWiredPrompts(t *testing.T) {
	w := build(t, "", nil)
	cfg := w.peapConfig("", "auth=GTC")
	cfg.Identity, cfg.Password = nil, eap.Password{}
	w.succeeds(station(cfg, nil), map[eap.Field]string{eap.FieldIdentity: "user", eap.FieldOTP: "secret", eap.FieldPassword: "secret"})
	cfg = w.ttlsConfig("", "auth=PAP")
	cfg.Identity, cfg.Password = nil, eap.Password{}
	w.succeeds(station(cfg, nil), map[eap.Field]string{eap.FieldIdentity: "ttlsuser", eap.FieldPassword: "secret"})
	cfg = w.tlsConfig()
	cfg.Phase1 = "tls_ext_cert_check=1"
	w.succeeds(station(cfg, nil), map[eap.Field]string{eap.FieldExtCertCheck: "good"})
	if o := w.run(station(cfg, nil), map[eap.Field]string{eap.FieldExtCertCheck: "bad"}); o.failure == nil {
		t.Error("a certificate that was refused outside was taken")
	}
}

func TestWiredCertificates(t *testing.T) {
	otherCA := newAuthority(t, "Other CA", ecKey(t))
	for _, c := range []struct {
		name   string
		server func(*x509.Certificate)
		client func(*world, *eap.Config)
		check  string
		reason eap.CertReason
		alert  string
	}{
		{"unknown CA", nil, func(w *world, c *eap.Config) { c.Certs.CACert = []byte(certPEM(otherCA.cert)) }, "certificate", eap.CertReasonUntrusted, "unknown CA"},
		{"expired", func(x *x509.Certificate) { x.NotAfter = time.Now().Add(-time.Minute) }, nil, "certificate", eap.CertReasonExpired, "certificate expired"},
		{"not yet valid", func(x *x509.Certificate) { x.NotBefore = time.Now().Add(time.Hour) }, nil, "certificate", eap.CertReasonNotYetValid, "certificate expired"},
		{"no server usage", func(x *x509.Certificate) { x.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }, nil, "certificate", eap.CertReasonUnspecified, "unsupported certificate"},
		{"wrong name", nil, func(w *world, c *eap.Config) { c.Certs.DomainMatch = "other.example.com" }, "server name", eap.CertReasonDomainMismatch, "internal error"},
		{"wrong suffix", nil, func(w *world, c *eap.Config) { c.Certs.DomainMatch, c.Certs.DomainSuffixMatch = "", "ample.com" }, "server name", eap.CertReasonSuffixMismatch, "internal error"},
		{"wrong subject", nil, func(w *world, c *eap.Config) { c.Certs.SubjectMatch = "/CN=other" }, "server name", eap.CertReasonSubjectMismatch, "internal error"},
		{"wrong alternative", nil, func(w *world, c *eap.Config) { c.Certs.AltSubjectMatch = "DNS:a.example.com;URI:x" }, "server name", eap.CertReasonAltMismatch, "internal error"},
		{"wrong hash", nil, func(w *world, c *eap.Config) {
			c.Certs.CACert, c.Certs.CASpec = nil, "hash://server/sha256/"+strings.Repeat("00", 32)
		}, "certificate", eap.CertReasonUntrusted, "unknown CA"},
		{"probe", nil, func(w *world, c *eap.Config) { c.Certs.CACert, c.Certs.CASpec = nil, "probe://" }, "certificate", eap.CertReasonServerProbe, "unknown CA"},
		{"no staple", nil, func(w *world, c *eap.Config) { c.Certs.OCSP = 2 }, "ocsp", eap.CertReasonUnspecified, "bad certificate status response"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := build(t, "", c.server)
			cfg := w.ttlsConfig("ttlsuser", "auth=PAP")
			if c.client != nil {
				c.client(w, cfg)
			}
			o := w.fails(station(cfg, nil), c.check)
			e, ok := of[eap.CertError](o)
			if !ok || e.Reason != c.reason || e.Text == "" || e.Subject == "" {
				t.Errorf("certificate error %+v, want reason %d", e, c.reason)
			}
			if o.failure.Reason.Alert != c.alert {
				t.Errorf("alert %q, want %q", o.failure.Reason.Alert, c.alert)
			}
			w.waitLog("SSL3 alert: read (remote end reported an error):fatal:" + c.alert)
			t.Log(o.failure.Reason.Detail)
		})
	}
}

func TestWiredTrust(t *testing.T) {
	for _, c := range []struct {
		name   string
		server func(*x509.Certificate)
		client func(*world, *eap.Config)
	}{
		{"hash", nil, func(w *world, c *eap.Config) {
			h := sha256.Sum256(w.server.Raw)
			c.Certs = eap.Certs{CASpec: "hash://server/sha256/" + hex.EncodeToString(h[:])}
		}},
		{"directory", nil, func(w *world, c *eap.Config) {
			c.Certs.CACert, c.Certs.CAPath = nil, [][]byte{[]byte("not a certificate"), []byte(certPEM(w.ca.cert))}
		}},
		{"DER", nil, func(w *world, c *eap.Config) { c.Certs.CACert = w.ca.cert.Raw }},
		{"the server's own certificate", nil, func(w *world, c *eap.Config) { c.Certs.CACert = w.server.Raw }},
		{"suffix", nil, func(w *world, c *eap.Config) {
			c.Certs = eap.Certs{CACert: c.Certs.CACert, DomainSuffixMatch: "x.org;example.com"}
		}},
		{"subject", nil, func(w *world, c *eap.Config) {
			c.Certs.SubjectMatch, c.Certs.CheckCertSubject, c.Certs.AltSubjectMatch = "O=Example/CN=radius", "C=FI/CN=radius*", "EMAIL:x@y;DNS:radius.example.com"
		}},
		{"expired and no time checks", func(x *x509.Certificate) { x.NotAfter = time.Now().Add(-time.Minute) }, func(w *world, c *eap.Config) { c.Phase1 = "tls_disable_time_checks=1" }},
		{"nothing to check with", nil, func(w *world, c *eap.Config) { c.Certs = eap.Certs{} }},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := build(t, "", c.server)
			cfg := w.ttlsConfig("ttlsuser", "auth=PAP")
			if c.client != nil {
				c.client(w, cfg)
			}
			o := w.succeeds(station(cfg, nil), nil)
			if _, flagged := of[eap.Unverified](o); flagged != (c.name == "nothing to check with") {
				t.Errorf("flagged as unverified: %v", flagged)
			}
		})
	}
}

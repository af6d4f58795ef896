package eaptls

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/eap/eaptest"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// handshake runs one session against a server with that configuration and tells
// how it ended.
func handshake(t *testing.T, cfg *eap.Config, server *tls.Config) (*Session, *eap.Reason, []eap.Output) {
	t.Helper()
	env := eaptest.Env(cfg, now, nil)
	s, err := New(env, Options{Type: eap.TypeTTLS, TLS13: true})
	if err != nil {
		t.Fatal(err)
	}
	server.Time = func() time.Time { return now }
	srv := NewServer(server, 0, 1400)
	t.Cleanup(func() { s.Close(); srv.Close() })
	var out []eap.Output
	next := srv.Start()
	for range 50 {
		st := s.Process(next)
		out = append(out, st.Outputs...)
		if st.Failed != nil || st.Reply == nil {
			return s, st.Failed, out
		}
		if next, _, err = srv.Process(st.Reply); err != nil {
			t.Fatal(err)
		}
	}
	t.Fatal("no end")
	return nil, nil, nil
}

func certError(out []eap.Output) (eap.CertError, bool) {
	for _, o := range out {
		if e, ok := o.(eap.CertError); ok {
			return e, true
		}
	}
	return eap.CertError{}, false
}

func TestNames(t *testing.T) {
	ca := eaptest.NewAuthority("CA", now)
	leaf := ca.Issue("ignored", eaptest.Key().Public(), func(c *x509.Certificate) {
		c.DNSNames = []string{"radius.example.com", "Other.Example.ORG"}
		c.EmailAddresses = []string{"admin@example.com"}
		c.URIs = []*url.URL{{Scheme: "urn", Opaque: "a;DNS:b"}}
		c.Subject.OrganizationalUnit = []string{"One", "Two"}
	})
	cnOnly := ca.Issue("cn.example.com", eaptest.Key().Public(), func(c *x509.Certificate) { c.DNSNames = nil })
	for _, c := range []struct {
		set  eap.Certs
		cert *x509.Certificate
		want eap.CertReason
	}{
		{eap.Certs{}, leaf, 0},
		{eap.Certs{DomainMatch: "RADIUS.example.com"}, leaf, 0},
		{eap.Certs{DomainMatch: "no.such;other.example.org"}, leaf, 0},
		{eap.Certs{DomainMatch: "example.com"}, leaf, eap.CertReasonDomainMismatch},
		{eap.Certs{DomainMatch: ";"}, leaf, eap.CertReasonDomainMismatch},
		{eap.Certs{DomainMatch: "ignored"}, leaf, eap.CertReasonDomainMismatch},
		{eap.Certs{DomainMatch: "cn.example.com"}, cnOnly, 0},
		{eap.Certs{DomainSuffixMatch: "example.com"}, leaf, 0},
		{eap.Certs{DomainSuffixMatch: "radius.example.com"}, leaf, 0},
		{eap.Certs{DomainSuffixMatch: "xample.com"}, leaf, eap.CertReasonSuffixMismatch},
		{eap.Certs{DomainSuffixMatch: "m"}, leaf, eap.CertReasonSuffixMismatch},
		{eap.Certs{DomainSuffixMatch: "com"}, leaf, 0},
		{eap.Certs{SubjectMatch: "/OU=Two/CN=other"}, leaf, eap.CertReasonSubjectMismatch},
		{eap.Certs{SubjectMatch: "/CN=ignored"}, leaf, 0},
		{eap.Certs{AltSubjectMatch: "EMAIL:admin@example.com"}, leaf, 0},
		{eap.Certs{AltSubjectMatch: "DNS:x;URI:urn:a;DNS:b"}, leaf, eap.CertReasonAltMismatch},
		{eap.Certs{AltSubjectMatch: "DNS:radius"}, leaf, eap.CertReasonAltMismatch},
		{eap.Certs{AltSubjectMatch: "DNS:x;DNS:radius.example.com"}, leaf, 0},
		{eap.Certs{CheckCertSubject: "C=FI/OU=One/OU=Two/CN=ign*"}, leaf, 0},
		{eap.Certs{CheckCertSubject: "/OU=Two/OU=One"}, leaf, eap.CertReasonDNMismatch},
		{eap.Certs{CheckCertSubject: "OU=*/OU=*/OU=*"}, leaf, eap.CertReasonDNMismatch},
		{eap.Certs{CheckCertSubject: "CN"}, leaf, eap.CertReasonDNMismatch},
		{eap.Certs{CheckCertSubject: "/"}, leaf, eap.CertReasonDNMismatch},
	} {
		f := matchNames(&c.set, c.cert)
		if got := (f != nil); got != (c.want != 0) || got && f.reason != c.want {
			t.Errorf("%+v: %+v, want reason %d", c.set, f, c.want)
		}
	}
}

func TestSubjectText(t *testing.T) {
	ca := eaptest.NewAuthority("CA", now)
	c := ca.Issue("a'b\nü", eaptest.Key().Public(), func(c *x509.Certificate) { c.DNSNames = nil })
	if got, want := SubjectText(c), `/C=FI/O=Example/CN=a'b\x0A\xC3\xBC`; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestOCSP(t *testing.T) {
	ca := eaptest.NewAuthority("CA", now)
	other := eaptest.NewAuthority("CA", now)
	pair := ca.Pair("radius", nil)
	responderKey := eaptest.Key()
	responder := ca.Issue("ocsp", responderKey.Public(), func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning} })
	noUsage := ca.Issue("ocsp", responderKey.Public(), nil)
	resp := func(status int, signer *x509.Certificate, key crypto.Signer, change func(*ocsp.Response)) []byte {
		r := ocsp.Response{Status: status, SerialNumber: pair.Leaf.SerialNumber, ThisUpdate: now.Add(-time.Hour), NextUpdate: now.Add(time.Hour), RevokedAt: now.Add(-time.Hour)}
		if !signer.Equal(ca.Cert) && !signer.Equal(other.Cert) {
			r.Certificate = signer
		}
		if change != nil {
			change(&r)
		}
		b, err := ocsp.CreateResponse(ca.Cert, signer, r, key)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for _, c := range []struct {
		name        string
		staple      []byte
		try, strict bool // accepted with ocsp=1, with ocsp=2
	}{
		{"none", nil, true, false},
		{"good", resp(ocsp.Good, ca.Cert, ca.Key, nil), true, true},
		{"good by a responder", resp(ocsp.Good, responder, responderKey, nil), true, true},
		{"revoked", resp(ocsp.Revoked, ca.Cert, ca.Key, nil), false, false},
		{"unknown", resp(ocsp.Unknown, ca.Cert, ca.Key, nil), true, false},
		{"other signer", resp(ocsp.Good, other.Cert, other.Key, nil), true, false},
		{"responder without usage", resp(ocsp.Good, noUsage, responderKey, nil), true, false},
		{"old", resp(ocsp.Good, ca.Cert, ca.Key, func(r *ocsp.Response) { r.NextUpdate = now.Add(-time.Hour / 2) }), true, false},
		{"from the future", resp(ocsp.Good, ca.Cert, ca.Key, func(r *ocsp.Response) { r.ThisUpdate = now.Add(time.Hour / 2) }), true, false},
		{"other certificate", resp(ocsp.Good, ca.Cert, ca.Key, func(r *ocsp.Response) { r.SerialNumber = big.NewInt(4711) }), true, false},
		{"garbage", []byte("garbage"), true, false},
	} {
		for level, want := range []bool{true, c.try, c.strict} {
			srv := pair
			srv.OCSPStaple = c.staple
			cfg := &eap.Config{Certs: eap.Certs{CACert: eaptest.CertPEM(ca.Cert), OCSP: level}}
			_, failed, out := handshake(t, cfg, &tls.Config{Certificates: []tls.Certificate{srv}})
			if (failed == nil) != want {
				t.Errorf("%s with ocsp=%d: %+v", c.name, level, failed)
			}
			if e, ok := certError(out); !want && (!ok || c.name == "revoked" && e.Reason != eap.CertReasonRevoked) {
				t.Errorf("%s with ocsp=%d: reported %+v", c.name, level, e)
			}
		}
	}
}

// TestWeakSignatures takes SHA-1 only where the network opted in.
func TestWeakSignatures(t *testing.T) {
	ca := eaptest.NewAuthority("CA", now)
	leaf := ca.Pair("radius", nil)
	old := sha1Certificate(t)
	for _, c := range []struct {
		ciphers string
		accept  bool
	}{{"", false}, {"DEFAULT", false}, {"DEFAULT@SECLEVEL=1", false}, {"DEFAULT@SECLEVEL=0", true}, {"@SECLEVEL=0", true}} {
		cfg := &eap.Config{OpenSSLCiphers: c.ciphers, Certs: eap.Certs{CACert: eaptest.CertPEM(old.ca)}}
		_, failed, _ := handshake(t, cfg, &tls.Config{Certificates: []tls.Certificate{old.pair}})
		if (failed == nil) != c.accept {
			t.Errorf("openssl_ciphers %q: %+v", c.ciphers, failed)
		}
		if failed != nil && !strings.Contains(failed.Detail, "SHA-1") {
			t.Errorf("the sentence does not speak of SHA-1: %s", failed.Detail)
		}
		// Opting in does not make anybody trusted.
		cfg.Certs.CACert = eaptest.CertPEM(ca.Cert)
		if _, failed, _ = handshake(t, cfg, &tls.Config{Certificates: []tls.Certificate{old.pair}}); failed == nil {
			t.Errorf("openssl_ciphers %q: an unknown CA was taken", c.ciphers)
		}
	}
	if _, failed, _ := handshake(t, &eap.Config{OpenSSLCiphers: "@SECLEVEL=0", Certs: eap.Certs{CACert: eaptest.CertPEM(ca.Cert)}}, &tls.Config{Certificates: []tls.Certificate{leaf}}); failed != nil {
		t.Errorf("%+v", failed)
	}
}

type oldChain struct {
	ca   *x509.Certificate
	pair tls.Certificate
}

// sha1Certificate signs a certificate with SHA-1, which crypto/x509 no longer
// does: it is made with SHA-256 and signed again.
func sha1Certificate(t *testing.T) oldChain {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	tmpl.Subject.CommonName = "Old CA"
	caDER, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	root, _ := x509.ParseCertificate(caDER)
	leafKey := eaptest.Key()
	lt := &x509.Certificate{SerialNumber: big.NewInt(2), NotBefore: tmpl.NotBefore, NotAfter: tmpl.NotAfter, DNSNames: []string{"radius"},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, lt, root, leafKey.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	der = resign(t, der, key)
	leaf, err := x509.ParseCertificate(der)
	if err != nil || leaf.SignatureAlgorithm != x509.SHA1WithRSA {
		t.Fatalf("%v, %v", leaf.SignatureAlgorithm, err)
	}
	return oldChain{root, tls.Certificate{Certificate: [][]byte{der}, PrivateKey: leafKey, Leaf: leaf}}
}

// TestChains checks depth, time and use through an intermediate CA.
func TestChains(t *testing.T) {
	root := eaptest.NewAuthority("Root", now)
	sub := root.Sub("Sub", nil)
	expired := root.Sub("Expired", func(c *x509.Certificate) { c.NotAfter = now.Add(-time.Minute) })
	notCA := root.Sub("No CA", func(c *x509.Certificate) { c.IsCA = false })
	for _, c := range []struct {
		name   string
		by     *eaptest.Authority
		phase1 string
		root   *x509.Certificate
		send   bool // the intermediate
		reason eap.CertReason
		depth  int
		accept bool
	}{
		{"whole", sub, "", root.Cert, true, 0, 0, true},
		{"intermediate missing", sub, "", root.Cert, false, eap.CertReasonUntrusted, 0, false},
		{"intermediate trusted", sub, "", sub.Cert, false, 0, 0, true},
		{"intermediate expired", expired, "", root.Cert, true, eap.CertReasonExpired, 1, false},
		{"intermediate expired, no time checks", expired, "tls_disable_time_checks=1", root.Cert, true, 0, 0, true},
		{"signed by a server", notCA, "", root.Cert, true, eap.CertReasonUntrusted, 1, false},
		{"signed by a server, no time checks", notCA, "tls_disable_time_checks=1", root.Cert, true, eap.CertReasonUntrusted, 1, false},
	} {
		pair := c.by.Pair("radius", nil)
		if c.send {
			pair.Certificate = append(pair.Certificate, c.by.Cert.Raw)
		}
		cfg := &eap.Config{Phase1: c.phase1, Certs: eap.Certs{CACert: eaptest.CertPEM(c.root)}}
		_, failed, out := handshake(t, cfg, &tls.Config{Certificates: []tls.Certificate{pair}})
		e, _ := certError(out)
		if (failed == nil) != c.accept || e.Reason != c.reason || e.Depth != c.depth {
			t.Errorf("%s: %+v, %+v", c.name, failed, e)
		}
	}
}

// TestVerifiedHolds: the chain of a session that is resumed is taken as it was found
// unless something it rests on has changed.
func TestVerifiedHolds(t *testing.T) {
	ca, other := eaptest.NewAuthority("CA", now), eaptest.NewAuthority("CA", now)
	leaf := ca.Issue("radius", eaptest.Key().Public(), nil)
	again, err := x509.ParseCertificate(leaf.Raw)
	if err != nil {
		t.Fatal(err)
	}
	roots := []*x509.Certificate{ca.Cert}
	v := &verified{chain: []*x509.Certificate{leaf, ca.Cert}, roots: roots}
	first, last := leaf.NotBefore, leaf.NotAfter
	if ca.Cert.NotBefore.After(first) {
		first = ca.Cert.NotBefore
	}
	if ca.Cert.NotAfter.Before(last) {
		last = ca.Cert.NotAfter
	}
	for _, c := range []struct {
		name  string
		v     *verified
		leaf  *x509.Certificate
		roots []*x509.Certificate
		at    time.Time
		want  bool
	}{
		{"same", v, again, roots, now, true},
		{"first moment", v, leaf, roots, first, true},
		{"last moment", v, leaf, roots, last, true},
		{"too early", v, leaf, roots, first.Add(-time.Second), false},
		{"expired", v, leaf, roots, last.Add(time.Second), false},
		{"other certificate", v, ca.Issue("radius", eaptest.Key().Public(), nil), roots, now, false},
		{"other root", v, leaf, []*x509.Certificate{other.Cert}, now, false},
		{"one root more", v, leaf, []*x509.Certificate{ca.Cert, other.Cert}, now, false},
		{"no roots", v, leaf, nil, now, false},
		{"never verified", nil, leaf, roots, now, false},
	} {
		if got := c.v.holds(c.leaf, c.roots, c.at); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// TestResumptionUnderOtherRoots: a session is no way around a trust that has changed.
func TestResumptionUnderOtherRoots(t *testing.T) {
	ca, other := eaptest.NewAuthority("CA", now), eaptest.NewAuthority("Other CA", now)
	pair := ca.Pair("radius", nil)
	server := &tls.Config{Certificates: []tls.Certificate{pair}, Time: func() time.Time { return now }}
	for _, v := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		server.MaxVersion = v
		cfg := &eap.Config{FastReauth: true, Certs: eap.Certs{CACert: eaptest.CertPEM(ca.Cert)}}
		env := eaptest.Env(cfg, now, nil)
		run := func() (*Session, *eap.Reason) {
			s, err := New(env, Options{Type: eap.TypeTTLS, TLS13: true})
			if err != nil {
				t.Fatal(err)
			}
			srv := NewServer(server, 0, 1400)
			defer srv.Close()
			defer s.Close()
			for next := srv.Start(); next != nil; {
				st := s.Process(next)
				if st.Failed != nil {
					return s, st.Failed
				}
				if st.Reply == nil && len(s.tunnel.out) == 0 {
					break
				}
				if st.Reply == nil {
					st.Reply = s.Reply()
				}
				if next, _, err = srv.Process(st.Reply); err != nil {
					t.Fatal(err)
				}
			}
			s.Remember()
			return s, nil
		}
		for n := range 3 {
			s, failed := run()
			if failed != nil || s.Resumed() != (n > 0) || s.verified == nil {
				t.Fatalf("%s, run %d: resumed %v, %+v", tls.VersionName(v), n, s.Resumed(), failed)
			}
		}
		cfg.Certs.CACert = eaptest.CertPEM(other.Cert)
		if s, failed := run(); failed == nil || s.failure == nil {
			t.Errorf("%s: a session goes on under roots that do not vouch for the server", tls.VersionName(v))
		}
	}
}

// FuzzOCSP: a staple that is taken has in it what the responder signed, and one
// that says "revoked" is never taken.
func FuzzOCSP(f *testing.F) {
	ca := eaptest.NewAuthority("CA", now)
	leaf := ca.Pair("radius", nil).Leaf
	var good []byte // signed
	for _, status := range []int{ocsp.Good, ocsp.Revoked, ocsp.Unknown} {
		b, err := ocsp.CreateResponse(ca.Cert, ca.Cert, ocsp.Response{Status: status, SerialNumber: leaf.SerialNumber, ThisUpdate: now, NextUpdate: now.Add(time.Hour), RevokedAt: now}, ca.Key)
		if err != nil {
			f.Fatal(err)
		}
		if r, err := ocsp.ParseResponse(b, ca.Cert); err == nil && status == ocsp.Good {
			good = r.TBSResponseData
		}
		f.Add(b)
	}
	f.Add([]byte{0x30, 3, 0x0a, 1, 3})
	s := &Session{cred: &credentials{roots: ca.Pool()}, env: eaptest.Env(&eap.Config{Certs: eap.Certs{OCSP: 2}}, now, nil)}
	f.Fuzz(func(t *testing.T, staple []byte) {
		if s.checkOCSP([]*x509.Certificate{leaf, ca.Cert}, staple) == nil && !bytes.Contains(staple, good) {
			t.Fatalf("taken: %x", staple)
		}
	})
}

// FuzzNames: what fits in full fits as a suffix too, and nothing fits a pattern
// without a name in it.
func FuzzNames(f *testing.F) {
	f.Add("example.com;radius.example.org", "radius.example.org")
	f.Add("C=FI/CN=rad*/O=Example", "radius")
	f.Add("DNS:a.example;URI:x;EMAIL:y", "a.example")
	f.Add(";;/*=*", "*")
	f.Fuzz(func(t *testing.T, pattern, name string) {
		c := &x509.Certificate{DNSNames: []string{name}, Subject: pkix.Name{CommonName: name}}
		if matchDomain(pattern, c, true) && !matchDomain(pattern, c, false) {
			t.Errorf("%q fits %q in full and not as a suffix", name, pattern)
		}
		if strings.Trim(pattern, "; \t") == "" && matchDomain(pattern, c, false) && name != "" {
			t.Errorf("%q fits %q", name, pattern)
		}
		matchAlt(pattern, c)
		matchDN(pattern, c)
	})
}

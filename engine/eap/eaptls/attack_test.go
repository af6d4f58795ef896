package eaptls

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"runtime"
	"testing"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/eap/eaptest"
)

// TestCVE202130004 is about forged signatures: those whose DigestInfo has anything
// but NULL as the parameters of its algorithm are none.
func TestCVE202130004(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	issuer := &x509.Certificate{PublicKey: key.Public(), PublicKeyAlgorithm: x509.RSA, Version: 3, BasicConstraintsValid: true, IsCA: true}
	s := &Session{cred: &credentials{allowSHA1: true}}
	body := []byte("to be signed")
	h1, h256 := sha1.Sum(body), sha256.Sum256(body)
	oid1 := []byte{0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a}
	oid256 := []byte{0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01}
	for name, c := range map[string]struct {
		params []byte
		want   bool
	}{
		"NULL":    {[]byte{5, 0}, true},
		"absent":  {nil, false},
		"garbage": {[]byte{4, 8, 1, 2, 3, 4, 5, 6, 7, 8}, false},
		"long":    {append([]byte{4, 100}, make([]byte, 100)...), false},
	} {
		for alg, in := range map[x509.SignatureAlgorithm]struct{ oid, sum []byte }{
			x509.SHA1WithRSA: {oid1, h1[:]}, x509.SHA256WithRSA: {oid256, h256[:]},
		} {
			cert := &x509.Certificate{RawTBSCertificate: body, SignatureAlgorithm: alg, Signature: rawSign(key, digestInfo(in.oid, c.params, in.sum))}
			if got := s.signed(cert, issuer); got != c.want {
				t.Errorf("%v with parameters %s: %v", alg, name, got)
			}
		}
	}
}

func digestInfo(oid, params, sum []byte) []byte {
	wrap := func(tag byte, parts ...[]byte) []byte {
		var b []byte
		for _, p := range parts {
			b = append(b, p...)
		}
		if len(b) > 127 {
			return append([]byte{tag, 0x81, byte(len(b))}, b...)
		}
		return append([]byte{tag, byte(len(b))}, b...)
	}
	return wrap(0x30, wrap(0x30, oid, params), wrap(0x04, sum))
}

// rawSign pads and signs a DigestInfo as it is.
func rawSign(key *rsa.PrivateKey, info []byte) []byte {
	em := make([]byte, 256)
	em[1] = 1
	for i := 2; i < len(em)-len(info)-1; i++ {
		em[i] = 0xff
	}
	copy(em[len(em)-len(info):], info)
	return new(big.Int).Exp(new(big.Int).SetBytes(em), key.D, key.N).FillBytes(make([]byte, 256))
}

// TestRogueServer: without anything to check the server with, the session says so.
func TestRogueServer(t *testing.T) {
	rogue := eaptest.NewAuthority("Rogue", now)
	_, failed, out := handshake(t, &eap.Config{}, &tls.Config{Certificates: []tls.Certificate{rogue.Pair("radius", nil)}})
	if failed != nil {
		t.Fatalf("%+v", failed)
	}
	flagged, seen := false, false
	for _, o := range out {
		switch o.(type) {
		case eap.Unverified:
			flagged = true
		case eap.PeerCert:
			seen = true
		case eap.CertVerified:
			t.Error("reported as verified")
		}
	}
	if !flagged || !seen {
		t.Errorf("flagged %v, certificate reported %v", flagged, seen)
	}
	// A name to match is held to even so.
	cfg := &eap.Config{Certs: eap.Certs{DomainMatch: "radius.example.com"}}
	if _, failed, _ = handshake(t, cfg, &tls.Config{Certificates: []tls.Certificate{rogue.Pair("other", nil)}}); failed == nil || failed.Check != "server name" {
		t.Errorf("%+v", failed)
	}
}

// TestAbandonedSessions leaves no coroutine behind, wherever a session stops.
func TestAbandonedSessions(t *testing.T) {
	ca := eaptest.NewAuthority("CA", now)
	cfg := &eap.Config{Certs: eap.Certs{CACert: eaptest.CertPEM(ca.Cert)}}
	pair := ca.Pair("radius", nil)
	before := runtime.NumGoroutine()
	for stop := range 6 {
		for range 20 {
			s, err := New(eaptest.Env(cfg, now, nil), Options{Type: eap.TypeTTLS, TLS13: true})
			if err != nil {
				t.Fatal(err)
			}
			srv := NewServer(&tls.Config{Certificates: []tls.Certificate{pair}, Time: s.now}, 0, 300)
			next := srv.Start()
			for range stop {
				st := s.Process(next)
				if st.Reply == nil {
					break
				}
				if next, _, err = srv.Process(st.Reply); err != nil || next == nil {
					break
				}
			}
			s.Close()
			s.Close()
			srv.Close()
		}
	}
	if after := runtime.NumGoroutine(); after > before {
		t.Errorf("%d goroutines, %d before", after, before)
	}
}

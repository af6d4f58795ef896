package eaptls

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"slices"
	"testing"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/eap/eaptest"
)

func TestVersions(t *testing.T) {
	for _, c := range []struct {
		phase1 string
		opt    Options
		lo, hi uint16
	}{
		{"", Options{}, tls.VersionTLS12, tls.VersionTLS12},
		{"", Options{TLS13: true}, tls.VersionTLS12, tls.VersionTLS13},
		{"tls_disable_tlsv1_3=0", Options{}, tls.VersionTLS12, tls.VersionTLS13},
		{"tls_disable_tlsv1_3=1", Options{TLS13: true}, tls.VersionTLS12, tls.VersionTLS12},
		{"tls_disable_tlsv1_2=1", Options{TLS13: true}, tls.VersionTLS13, tls.VersionTLS13},
		{"tls_disable_tlsv1_0=0", Options{}, tls.VersionTLS10, tls.VersionTLS12},
		{"tls_disable_tlsv1_1=0", Options{}, tls.VersionTLS11, tls.VersionTLS12},
		{"tls_disable_tlsv1_0=0 tls_disable_tlsv1_1=0", Options{NoVersion10: true}, tls.VersionTLS12, tls.VersionTLS12},
		{"tls_disable_tlsv1_0=0 tls_disable_tlsv1_1=1", Options{}, 0, 0},
		{"tls_disable_tlsv1_2=1", Options{}, 0, 0},
	} {
		s := &Session{opt: c.opt}
		lo, hi, err := s.versions(eap.Options(c.phase1))
		if lo != c.lo && err == nil || hi != c.hi && err == nil || (err != nil) != (c.lo == 0) || err != nil && !errors.Is(err, eap.ErrConfig) {
			t.Errorf("%q %+v: %s to %s, %v", c.phase1, c.opt, tls.VersionName(lo), tls.VersionName(hi), err)
		}
	}
}

func TestCipherLists(t *testing.T) {
	def, err := parseCiphers("")
	if err != nil || slices.Contains(def.suites, tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA) || !slices.Contains(def.suites, tls.TLS_RSA_WITH_AES_128_CBC_SHA) {
		t.Fatalf("default: %v, %v", def, err)
	}
	for list, want := range map[string][]uint16{
		"DEFAULT":                           def.suites,
		"DEFAULT:!EXP:!LOW":                 def.suites,
		"DEFAULT@SECLEVEL=0":                def.suites,
		"AES128-SHA":                        {tls.TLS_RSA_WITH_AES_128_CBC_SHA},
		"DES-CBC3-SHA, RC4-SHA":             {tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA, tls.TLS_RSA_WITH_RC4_128_SHA},
		"ECDHE+AESGCM:!ECDSA":               {tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256},
		"kRSA+AES256:-AES256-SHA":           {tls.TLS_RSA_WITH_AES_256_GCM_SHA384},
		"!AES128:kRSA+AESGCM":               {tls.TLS_RSA_WITH_AES_256_GCM_SHA384},
		"TLS_AES_128_GCM_SHA256:AES128-SHA": {tls.TLS_RSA_WITH_AES_128_CBC_SHA},
	} {
		r, err := parseCiphers(list)
		if err != nil || !slices.Equal(r.suites, want) {
			t.Errorf("%q: %x, %v; want %x", list, r.suites, err, want)
		}
	}
	for _, list := range []string{"NOSUCH", "DHE-RSA-AES128-SHA", "aNULL", "DEFAULT@SECLEVEL=3", "AES128-SHA:!AES", "DEFAULT:!ALL:!3DES:!RC4"} {
		if r, err := parseCiphers(list); !errors.Is(err, eap.ErrConfig) {
			t.Errorf("%q: %x, %v", list, r.suites, err)
		}
	}
}

func FuzzCiphers(f *testing.F) {
	f.Add("DEFAULT:!EXP:!LOW@SECLEVEL=0")
	f.Add("ECDHE+AESGCM:-AES,+RC4 @STRENGTH")
	f.Fuzz(func(t *testing.T, list string) {
		if r, err := parseCiphers(list); err == nil && len(r.suites) == 0 && !r.suiteB {
			t.Errorf("%q: neither suites nor an error", list)
		}
	})
}

// TestPRF12 is the test vector for P_SHA256 published on the TLS working group's
// list ("Test vectors for TLS 1.2 PRF", 2009).
func TestPRF12(t *testing.T) {
	secret, _ := hex.DecodeString("9bbe436ba940f017b17652849a71db35")
	seed, _ := hex.DecodeString("a0ba9f936cda311827a6f796ffd5198c")
	want, _ := hex.DecodeString("e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a" +
		"6b301791e90d35c9c9a46b4e14baf9af0fa022f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff70187347b66")
	if got := PRF12(secret, "test label", seed, len(want)); !bytes.Equal(got, want) {
		t.Errorf("%x", []byte(got))
	}
}

// TestExportWithoutExporter derives from the master secret what crypto/tls's own
// exporter derives.
func TestExportWithoutExporter(t *testing.T) {
	ca := eaptest.NewAuthority("CA", now)
	for _, v := range []uint16{tls.VersionTLS10, tls.VersionTLS11, tls.VersionTLS12} {
		cfg := &eap.Config{Phase1: "tls_disable_tlsv1_0=0 tls_disable_tlsv1_1=0", Certs: eap.Certs{CACert: eaptest.CertPEM(ca.Cert)}}
		s, failed, _ := handshake(t, cfg, &tls.Config{Certificates: []tls.Certificate{ca.Pair("radius", nil)}, MinVersion: v, MaxVersion: v})
		if failed != nil {
			t.Fatalf("%s: %+v", tls.VersionName(v), failed)
		}
		if len(s.master) != 48 {
			t.Fatalf("%s: master secret of %d bytes", tls.VersionName(v), len(s.master))
		}
		for _, ctx := range [][]byte{nil, {}, {1, 2, 3}} {
			want, err := s.state.ExportKeyingMaterial("some label", ctx, 100)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := s.Export("some label", ctx, 100); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s, context %x: %v", tls.VersionName(v), ctx, err)
			}
		}
	}
}

// TestOneRecordInTLS10 sends tunnel data of TLS 1.0 in one record that crypto/tls
// on the other side can read, several times over.
func TestOneRecordInTLS10(t *testing.T) {
	ca := eaptest.NewAuthority("CA", now)
	for _, suite := range []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, tls.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA} {
		cfg := &eap.Config{Phase1: "tls_disable_tlsv1_0=0", Certs: eap.Certs{CACert: eaptest.CertPEM(ca.Cert)}}
		env := eaptest.Env(cfg, now, nil)
		s, err := New(env, Options{Type: eap.TypeTTLS})
		if err != nil {
			t.Fatal(err)
		}
		srv := NewServer(&tls.Config{Certificates: []tls.Certificate{ca.Pair("radius", nil)}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS10, CipherSuites: []uint16{suite}}, 0, 1400)
		defer srv.Close()
		defer s.Close()
		next := srv.Start()
		for st := s.Process(next); st.Reply != nil; st = s.Process(next) {
			if next, _, err = srv.Process(st.Reply); err != nil {
				t.Fatal(err)
			}
		}
		for n := range 40 {
			msg := bytes.Repeat([]byte{byte(n)}, n)
			if err := s.Write(msg); err != nil {
				t.Fatal(err)
			}
			records := 0
			for b := s.tunnel.out; len(b) >= 5; b = b[5+int(b[3])<<8+int(b[4]):] {
				records++
			}
			_, plain, err := srv.Process(s.Reply())
			if err != nil || !bytes.Equal(plain, msg) || records != 1 {
				t.Fatalf("%d bytes: %x in %d records, %v", n, plain, records, err)
			}
		}
	}
}

// FuzzServerFlight gives a station arbitrary answers to its first message.
func FuzzServerFlight(f *testing.F) {
	ca := eaptest.NewAuthority("CA", now)
	cfg := &eap.Config{Certs: eap.Certs{CACert: eaptest.CertPEM(ca.Cert)}}
	srv := NewServer(&tls.Config{Certificates: []tls.Certificate{ca.Pair("radius", nil)}}, 0, 1<<15)
	s, err := New(eaptest.Env(cfg, now, nil), Options{Type: eap.TypeTTLS, TLS13: true})
	if err != nil {
		f.Fatal(err)
	}
	flight, _, err := srv.Process(s.Process(srv.Start()).Reply)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(flight, []byte{0})
	f.Add([]byte{0, 21, 3, 3, 0, 2, 2, 40}, []byte{0})
	f.Add(flight[:len(flight)/2], flight[len(flight)/2:])
	f.Fuzz(func(t *testing.T, a, b []byte) {
		s, err := New(eaptest.Env(cfg, now, nil), Options{Type: eap.TypeTTLS, TLS13: true})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		s.Process([]byte{FlagStart})
		for _, data := range [][]byte{a, b} {
			if st := s.Process(data); st.JustEstablished || len(st.Plain) > 0 {
				t.Fatalf("established with %x", sha256.Sum256(data))
			}
		}
	})
}

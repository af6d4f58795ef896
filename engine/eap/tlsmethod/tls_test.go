package tlsmethod

import (
	"bytes"
	"crypto/tls"
	"testing"
	"time"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/eap/eaptest"
	"gosupplicant/engine/eap/eaptest/tunnel"
	"gosupplicant/engine/eap/eaptls"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// world is both ends' certificates.
type world struct {
	ca     *eaptest.Authority
	cfg    *eap.Config
	server *tls.Config
}

func newWorld() *world {
	w := &world{ca: eaptest.NewAuthority("CA", now)}
	client := w.ca.Pair("client", nil)
	w.cfg = &eap.Config{Identity: []byte("user"), FastReauth: true, Certs: eap.Certs{CACert: eaptest.CertPEM(w.ca.Cert),
		ClientCert: eaptest.CertPEM(client.Leaf), PrivateKey: eaptest.KeyPEM(client.PrivateKey)}}
	w.server = &tls.Config{Certificates: []tls.Certificate{w.ca.Pair("radius.example.com", nil)}, ClientAuth: tls.RequireAndVerifyClientCert,
		ClientCAs: w.ca.Pool(), Time: func() time.Time { return now }}
	return w
}

// tlsServer ends with success once the tunnel is up, after the protected success
// indication where commit says so.
func tlsServer(cfg *tls.Config, limit int, commit []byte) *tunnel.TLSServer {
	s := &tunnel.TLSServer{Server: eaptls.NewServer(cfg, 0, limit), Type: eap.TypeTLS}
	sent := false
	s.Inside = func([]byte) ([]byte, bool, bool) {
		if commit != nil && s.State().Version == tls.VersionTLS13 && !sent {
			sent = true
			return commit, false, false
		}
		return nil, true, true
	}
	return s
}

func start(t *testing.T, env *eap.Env) eap.Method {
	t.Helper()
	m, err := Kind().New(env)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	return m
}

func TestBothVersions(t *testing.T) {
	for _, v := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		for _, limit := range []int{100, 1400, 1 << 15} {
			w := newWorld()
			w.server.MaxVersion = v
			w.cfg.FragmentSize = limit
			m := start(t, eaptest.Env(w.cfg, now, nil))
			s := tlsServer(w.server, limit, []byte{0})
			r := tunnel.Run(m, s, nil)
			if !r.Accepted() || r.Last.State != eap.MethodStateDone {
				t.Fatalf("%s, fragments of %d: %+v", tls.VersionName(v), limit, r)
			}
			want, err := s.Keys(eaptls.LabelClientEAP, 13)
			if err != nil {
				t.Fatal(err)
			}
			k := m.Keys()
			if !bytes.Equal(append(k.MSK.Clone(), k.EMSK...), want) {
				t.Errorf("%s: keys differ", tls.VersionName(v))
			}
			if k.SessionID[0] != 13 || len(k.SessionID) != 65 {
				t.Errorf("Session-Id of %d bytes", len(k.SessionID))
			}
		}
	}
}

func TestSessionResumption(t *testing.T) {
	for _, v := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		w := newWorld()
		w.server.MaxVersion = v
		env := eaptest.Env(w.cfg, now, nil)
		for i := range 3 {
			m := start(t, env)
			s := tlsServer(w.server, 1400, []byte{0})
			r := tunnel.Run(m, s, nil)
			if !r.Accepted() {
				t.Fatalf("%s, run %d: %+v", tls.VersionName(v), i, r)
			}
			if s.State().DidResume != (i > 0) {
				t.Errorf("%s, run %d: resumed %v", tls.VersionName(v), i, s.State().DidResume)
			}
			want, _ := s.Keys(eaptls.LabelClientEAP, 13)
			if k := m.Keys(); !bytes.Equal(k.MSK, want[:64]) {
				t.Errorf("%s, run %d: keys differ", tls.VersionName(v), i)
			}
			m.(eap.Ender).End(true)
		}
		// A failure forgets the session.
		m := start(t, env)
		m.(eap.Ender).End(false)
		m = start(t, env)
		s := tlsServer(w.server, 1400, []byte{0})
		if tunnel.Run(m, s, nil); s.State().DidResume {
			t.Errorf("%s: resumed a session that led to failure", tls.VersionName(v))
		}
	}
}

// TestCommitment holds to RFC 9190, 2.5: without the protected success indication,
// or with anything else in its place, the method is not content.
func TestCommitment(t *testing.T) {
	for _, commit := range [][]byte{nil, {1}, {0, 0}, []byte("data")} {
		w := newWorld()
		r := tunnel.Run(start(t, eaptest.Env(w.cfg, now, nil)), tlsServer(w.server, 1400, commit), nil)
		if r.Accepted() || r.Last.Decision != eap.DecisionFail {
			t.Errorf("commitment %q: content without a protected success", commit)
		}
	}
}

// TestServerRefusesCertificate lets TLS 1.3 finish on this side before the server
// looks at the client's certificate.
func TestServerRefusesCertificate(t *testing.T) {
	for _, v := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		w := newWorld()
		w.server.MaxVersion = v
		w.server.ClientCAs = eaptest.NewAuthority("other", now).Pool()
		r := tunnel.Run(start(t, eaptest.Env(w.cfg, now, nil)), tlsServer(w.server, 1400, []byte{0}), nil)
		if r.Accepted() || r.Last.Decision != eap.DecisionFail {
			t.Errorf("%s: accepted", tls.VersionName(v))
		}
	}
}

func TestConfiguration(t *testing.T) {
	w := newWorld()
	for name, change := range map[string]func(*eap.Config){
		"no key":         func(c *eap.Config) { c.Certs.ClientCert, c.Certs.PrivateKey = nil, nil },
		"other key":      func(c *eap.Config) { c.Certs.PrivateKey = eaptest.KeyPEM(eaptest.Key()) },
		"garbage CA":     func(c *eap.Config) { c.Certs.CACert = []byte("-----BEGIN NOTHING-----") },
		"token":          func(c *eap.Config) { c.Certs.Engine = true },
		"keystore":       func(c *eap.Config) { c.Certs.CASpec = "keystore://x" },
		"ocsp chain":     func(c *eap.Config) { c.Certs.OCSP = 3 },
		"renegotiation":  func(c *eap.Config) { c.Phase1 = "allow_unsafe_renegotiation=1" },
		"no version":     func(c *eap.Config) { c.Phase1 = "tls_disable_tlsv1_2=1 tls_disable_tlsv1_3=1" },
		"unknown cipher": func(c *eap.Config) { c.OpenSSLCiphers = "ECDHE-RSA-AES128-GCM-SHA256:NEVER-HEARD" },
		"DHE":            func(c *eap.Config) { c.OpenSSLCiphers = "DHE-RSA-AES128-SHA" },
	} {
		cfg := *w.cfg
		change(&cfg)
		if _, err := Kind().New(eaptest.Env(&cfg, now, nil)); err == nil {
			t.Errorf("%s: taken", name)
		} else {
			t.Logf("%s: %v", name, err)
		}
	}
}

// TestEveryMessageTwice gives each request a second time where the machine would
// not: the session has to stay in one piece or refuse, never panic.
func TestEveryMessageTwice(t *testing.T) {
	w := newWorld()
	m := start(t, eaptest.Env(w.cfg, now, nil))
	s := tlsServer(w.server, 300, []byte{0})
	packet := s.Start()
	for range 60 {
		p, err := eap.ParsePacket(packet)
		if err != nil {
			t.Fatal(err)
		}
		r := m.Process(eap.Request{ID: p.ID, Data: p.Data, Packet: p.Raw})
		if again := m.Process(eap.Request{ID: p.ID, Data: p.Data, Packet: p.Raw}); again.Decision != eap.DecisionFail {
			t.Fatalf("content after a repeated message: %+v", again)
		}
		if r.Response == nil {
			return
		}
		var end bool
		if packet, end, err = s.Next(r.Response); end || err != nil {
			return
		}
	}
	t.Error("went on as if nothing had been repeated")
}

// TestLoadedAheadOfTime uses what Load made, without the files.
func TestLoadedAheadOfTime(t *testing.T) {
	w := newWorld()
	eaptls.Load(&w.cfg.Certs)
	if len(w.cfg.Certs.Roots) != 1 || w.cfg.Certs.KeyPair == nil {
		t.Fatalf("%d roots", len(w.cfg.Certs.Roots))
	}
	w.cfg.Certs.CACert, w.cfg.Certs.ClientCert, w.cfg.Certs.PrivateKey = nil, nil, nil
	r := tunnel.Run(start(t, eaptest.Env(w.cfg, now, nil)), tlsServer(w.server, 1400, []byte{0}), nil)
	if !r.Accepted() {
		t.Errorf("%+v", r)
	}
	for _, o := range r.Outputs {
		if _, flagged := o.(eap.Unverified); flagged {
			t.Error("the server was not checked")
		}
	}
}

// FuzzProcess gives a station arbitrary messages behind the start of the server.
func FuzzProcess(f *testing.F) {
	f.Add([]byte{0x80, 0, 0, 0, 9, 22, 3, 3}, []byte{0})
	f.Add([]byte{0xc0, 0, 0, 1, 0, 22, 3, 3, 0, 200, 2}, []byte{0x40, 1, 2, 3})
	f.Add([]byte{0, 21, 3, 3, 0, 2, 2, 70}, []byte{0x20})
	w := newWorld()
	f.Fuzz(func(t *testing.T, a, b []byte) {
		m := start(t, eaptest.Env(w.cfg, now, nil))
		for n, data := range [][]byte{{eaptls.FlagStart}, a, b, b} {
			r := m.Process(eap.Request{ID: uint8(n), Data: data})
			if r.Decision != eap.DecisionFail || m.Keys() != nil {
				t.Fatalf("content with %x: %+v", data, r)
			}
		}
	})
}

// FuzzCommitment puts arbitrary bytes where TLS 1.3 has the protected success
// indication: one byte 0 counts, and nothing else.
func FuzzCommitment(f *testing.F) {
	f.Add([]byte{0})
	f.Add([]byte{0, 0})
	f.Add([]byte("data"))
	w := newWorld()
	f.Fuzz(func(t *testing.T, commit []byte) {
		if len(commit) == 0 || len(commit) > 1<<14 {
			return // is no record, or more than one
		}
		r := tunnel.Run(start(t, eaptest.Env(w.cfg, now, nil)), tlsServer(w.server, 1400, commit), nil)
		if want := bytes.Equal(commit, []byte{0}); r.Accepted() != want {
			t.Fatalf("commitment %x: accepted %v", commit, r.Accepted())
		}
	})
}

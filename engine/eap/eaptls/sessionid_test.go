package eaptls

import (
	"bytes"
	"crypto/tls"
	"testing"
	"time"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/eap/eaptest"
)

// What a server that keeps sessions makes of identifiers is tested on wires, with
// hostapd and FreeRADIUS. Here is one that keeps none.

// talk runs a handshake of TLS 1.2 against a server without tickets and returns our
// side and its first flight.
func talk(t *testing.T, env *eap.Env, pair tls.Certificate) (s *Session, flight []byte) {
	t.Helper()
	s, err := New(env, Options{Type: eap.TypeTTLS, TLS13: true})
	if err != nil {
		t.Fatal(err)
	}
	srv := NewServer(&tls.Config{Certificates: []tls.Certificate{pair}, MaxVersion: tls.VersionTLS12, SessionTicketsDisabled: true, Time: env.Now}, 0, 1400)
	t.Cleanup(func() { s.Close(); srv.Close() })
	next := srv.Start()
	for st := s.Process(next); st.Reply != nil; st = s.Process(next) {
		if st.Failed != nil {
			t.Fatalf("%+v", st.Failed)
		}
		if flight == nil {
			flight = bytes.Clone(st.Reply[1:])
		}
		if next, _, err = srv.Process(st.Reply); err != nil {
			t.Fatal(err)
		}
	}
	if !s.Established() {
		t.Fatal("no session")
	}
	return s, flight
}

func identifier() []byte { return bytes.Repeat([]byte{0xa5, 0x5a}, identifierLen/2) }

// TestForgottenIdentifier: a session is offered under the identifier that the server
// gave, and one that the server knows nothing of does not keep us out.
func TestForgottenIdentifier(t *testing.T) {
	ca := eaptest.NewAuthority("CA", now)
	env := eaptest.Env(&eap.Config{FastReauth: true, Certs: eap.Certs{CACert: eaptest.CertPEM(ca.Cert)}}, now, nil)
	pair := ca.Pair("radius", nil)
	s, flight := talk(t, env, pair)
	if h, ok := parseHello(flight, handshakeClientHello); !ok || bytes.Equal(h.id, identifier()) {
		t.Fatalf("hello %+v, %v", h, ok)
	}
	s.Remember() // this server gives no identifier
	if s, flight = talk(t, env, pair); bytes.Contains(flight, identifier()) || s.Resumed() {
		t.Error("an identifier out of nowhere")
	}
	s.serverHello.id = identifier()
	s.Remember()
	s, flight = talk(t, env, pair)
	if h, ok := parseHello(flight, handshakeClientHello); !ok || !bytes.Equal(h.id, identifier()) {
		t.Errorf("hello %+v, %v: the identifier is not offered", h, ok)
	}
	if s.Resumed() {
		t.Error("resumed what the server does not know")
	}
	s.Forget()
	if _, flight = talk(t, env, pair); bytes.Contains(flight, identifier()) {
		t.Error("a session that was forgotten is offered")
	}
}

// TestIdentifierExpires: a session is not offered beyond its certificate.
func TestIdentifierExpires(t *testing.T) {
	ca := eaptest.NewAuthority("CA", now)
	env := eaptest.Env(&eap.Config{FastReauth: true, Certs: eap.Certs{CACert: eaptest.CertPEM(ca.Cert)}}, now, nil)
	s, _ := talk(t, env, ca.Pair("radius", nil))
	s.serverHello.id = identifier()
	s.Remember()
	until := s.state.PeerCertificates[0].NotAfter
	for late, want := range map[time.Duration]bool{0: true, time.Second: false} {
		store := &ticketStore{env: env, key: s.tickets.key, offer: &ticket{id: identifier(), until: until}}
		if got := store.identifier(until.Add(late)) != nil; got != want {
			t.Errorf("%v after the end: offered %v", late, got)
		}
	}
}

// TestIdentifierConditions: what is not kept.
func TestIdentifierConditions(t *testing.T) {
	ca := eaptest.NewAuthority("CA", now)
	env := eaptest.Env(&eap.Config{FastReauth: true, Certs: eap.Certs{CACert: eaptest.CertPEM(ca.Cert)}}, now, nil)
	pair := ca.Pair("radius", nil)
	for name, change := range map[string]func(*Session){
		"":                          func(*Session) {},
		"no identifier":             func(s *Session) { s.serverHello.id = nil },
		"short identifier":          func(s *Session) { s.serverHello.id = s.serverHello.id[1:] },
		"no extended master secret": func(s *Session) { s.serverHello.extendedMasterSecret = false },
		"resumed":                   func(s *Session) { s.state.DidResume = true },
		"TLS 1.3":                   func(s *Session) { s.state.Version = tls.VersionTLS13 },
		"no master secret":          func(s *Session) { s.master = nil },
		"no certificate":            func(s *Session) { s.state.PeerCertificates = nil },
		"not established":           func(s *Session) { s.established = false },
	} {
		s, _ := talk(t, env, pair)
		s.serverHello.id = identifier()
		if !s.serverHello.extendedMasterSecret {
			t.Fatal("extended master secret was not seen")
		}
		change(s)
		if known, err := s.byIdentifier(); err != nil || (known != nil) != (name == "") {
			t.Errorf("%q: %v, %v", name, known, err)
		}
	}
}

// TestSessionForm holds the form of sessions that crypto/tls has: when this fails with
// a new Go, nothing is resumed by identifier until encodeSession knows the new form.
func TestSessionForm(t *testing.T) {
	ca := eaptest.NewAuthority("CA", now)
	env := eaptest.Env(&eap.Config{Certs: eap.Certs{CACert: eaptest.CertPEM(ca.Cert)}}, now, nil)
	s, _ := talk(t, env, ca.Pair("radius", nil))
	b, err := encodeSession(s.state, s.master, now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := decodeSession(b); err != nil {
		t.Error(err)
	}
	for n := range b {
		if _, err := decodeSession(b[:n]); err == nil {
			t.Errorf("the first %d of %d octets are a session", n, len(b))
		}
	}
	if _, err := decodeSession(append(b, 0)); err == nil {
		t.Error("more than is known is a session")
	}
}

// TestIdentifierInItsPlace: a hello that has the identifier where randomness belongs
// does not leave.
func TestIdentifierInItsPlace(t *testing.T) {
	ca := eaptest.NewAuthority("CA", now)
	env := eaptest.Env(&eap.Config{Certs: eap.Certs{CACert: eaptest.CertPEM(ca.Cert)}}, now, nil)
	_, good := talk(t, env, ca.Pair("radius", nil))
	h, _ := parseHello(good, handshakeClientHello)
	if err := offersIdentifier(good, h.id); err != nil {
		t.Error(err)
	}
	random := helloRandom(good, handshakeClientHello)
	if offersIdentifier(good, random) == nil {
		t.Error("taken for the identifier: the random of the hello")
	}
	if offersIdentifier(bytes.Replace(good, random, h.id, 1), h.id) == nil {
		t.Error("the identifier is the random of the hello, too")
	}
	for n := range good {
		if offersIdentifier(good[:n], h.id) == nil {
			t.Errorf("the first %d of %d octets are a hello", n, len(good))
		}
	}
	r := identifierRand{from: bytes.NewReader(make([]byte, 96)), id: identifier()}
	for n, want := range [][]byte{make([]byte, 32), identifier(), make([]byte, 32)} {
		b := make([]byte, 32)
		if _, err := r.Read(b); err != nil || !bytes.Equal(b, want) {
			t.Errorf("answer %d: %x, %v", n, b, err)
		}
	}
	// Crypto/tls that asks in another order: nothing leaves, and the session is no
	// longer on offer.
	env.Config.FastReauth = true
	s, _ := talk(t, env, ca.Pair("radius", nil))
	s.serverHello.id = identifier()
	s.Remember()
	if s, err := New(env, Options{Type: eap.TypeTTLS}); err != nil {
		t.Fatal(err)
	} else {
		defer s.Close()
		s.cfg.Rand.(*identifierRand).asked = 1
		if st := s.Process([]byte{FlagStart}); st.Failed == nil || len(s.tunnel.out) > 0 || bytes.Contains(st.Reply, identifier()) {
			t.Errorf("%+v", st)
		}
	}
	if _, flight := talk(t, env, ca.Pair("radius", nil)); bytes.Contains(flight, identifier()) {
		t.Error("offered once more")
	}
}

// TestServerHelloPrefixes reads a server's hello and every part of it.
func TestServerHelloPrefixes(t *testing.T) {
	var b []byte
	body := append([]byte{3, 3}, make([]byte, 32)...)
	body = append(body, 2, 0xaa, 0xbb, 0xc0, 0x2b, 0, 0, 8, 0, 11, 0, 0, 0, 23, 0, 0)
	b = append(b, 22, 3, 3, 0, byte(4+len(body)), 2, 0, 0, byte(len(body)))
	b = append(b, body...)
	if h, ok := parseHello(b, handshakeServerHello); !ok || !bytes.Equal(h.id, []byte{0xaa, 0xbb}) || !h.extendedMasterSecret {
		t.Errorf("%+v, %v", h, ok)
	}
	for n := range b {
		if h, ok := parseHello(b[:n], handshakeServerHello); ok {
			t.Errorf("the first %d of %d octets are a hello: %+v", n, len(b), h)
		}
	}
	if _, ok := parseHello(b, handshakeClientHello); ok {
		t.Error("a server's hello is a client's")
	}
	b[8]-- // the extensions reach beyond the message
	if _, ok := parseHello(b, handshakeServerHello); ok {
		t.Error("extensions beyond the message")
	}
}

func FuzzHello(f *testing.F) {
	f.Add([]byte{22, 3, 1, 0, 44, 1, 0, 0, 40}, uint8(1))
	f.Fuzz(func(t *testing.T, flight []byte, typ uint8) {
		before := bytes.Clone(flight)
		h, ok := parseHello(flight, typ)
		if !ok && (h.id != nil || h.extendedMasterSecret) {
			t.Errorf("refused, but %+v", h)
		}
		clear(flight) // it is the caller's
		if ok && len(h.id) > 0 && !bytes.Contains(before, h.id) {
			t.Errorf("the identifier %x was not in the flight, or changed with it", h.id)
		}
	})
}

package peap

import (
	"bytes"
	"crypto/tls"
	"strings"
	"testing"
	"time"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/eap/eaptest"
	"gosupplicant/engine/eap/eaptest/tunnel"
	"gosupplicant/engine/eap/eaptls"
	"gosupplicant/engine/keys"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// side is the server's side of PEAP version 0 or 1, whose every step a test may bend.
type side struct {
	*tunnel.TLSServer
	version byte
	steps   []string // "id", "good", "bad", "need", "result", "result+binding", "success", "failure", raw bytes after "raw:"
	isk     keys.Secret
	resumed bool // bind with the tunnel's keys alone
	bend    func(tlv []byte)

	answers [][]byte // what came out of the tunnel
	msk     keys.Secret
}

func newSide(cfg *tls.Config, version byte, steps ...string) *side {
	s := &side{version: version, steps: steps, isk: bytes.Repeat([]byte{0x42}, 32)}
	s.TLSServer = &tunnel.TLSServer{Server: eaptls.NewServer(cfg, version, 1000), Type: eap.TypePEAP, Inside: s.inside}
	return s
}

func (s *side) inside(plain []byte) (send []byte, done, ok bool) {
	s.answers = append(s.answers, bytes.Clone(plain))
	if len(s.steps) == 0 {
		return nil, true, true
	}
	step := s.steps[0]
	s.steps = s.steps[1:]
	id := s.ID() + 1
	switch step {
	case "id with header": // as FreeRADIUS sends it in version 0
		return eap.AppendPacket(nil, eap.CodeRequest, id, eap.TypeIdentity), false, false
	case "id":
		return s.pack(eap.AppendPacket(nil, eap.CodeRequest, id, eap.TypeIdentity)), false, false
	case "good", "bad", "need":
		return s.pack(eap.AppendPacket(nil, eap.CodeRequest, id, eaptest.PlainType, []byte(step))), false, false
	case "result", "result+binding", "result failed":
		return s.result(id, step), false, false
	case "success":
		return []byte{byte(eap.CodeSuccess), id, 0, 4}, false, false
	case "failure":
		return []byte{byte(eap.CodeFailure), id, 0, 4}, false, false
	}
	raw := strings.TrimPrefix(step, "raw:")
	return eap.AppendPacket(nil, eap.CodeRequest, id, eap.TypeTLV, []byte(raw)), false, false
}

func (s *side) pack(p []byte) []byte {
	if s.version == 0 {
		return p[4:]
	}
	return p
}

func (s *side) result(id uint8, step string) []byte {
	b := []byte{0x80, 3, 0, 2, 0, 1}
	if step == "result failed" {
		b[5] = 2
	}
	if step == "result+binding" {
		km, err := s.Keys(eaptls.LabelClientEAP, 25)
		if err != nil {
			panic(err)
		}
		c := newCompound(km, s.isk)
		if s.resumed {
			c = compound{ipmk: km[:40], cmk: km[40:60]}
		}
		tlv := make([]byte, 60)
		tlv[1], tlv[3] = 12, 56
		tlv[bindVersion], tlv[bindReceived] = s.version, s.version
		copy(tlv[40:], c.mac(tlv))
		if s.bend != nil {
			s.bend(tlv)
		}
		b = append(b, tlv...)
		s.msk, _ = c.keys()
	}
	return eap.AppendPacket(nil, eap.CodeRequest, id, eap.TypeTLV, b)
}

type world struct {
	ca     *eaptest.Authority
	server *tls.Config
	cfg    *eap.Config
}

func newWorld(maxTLS uint16) *world {
	ca := eaptest.NewAuthority("CA", now)
	return &world{ca: ca,
		server: &tls.Config{Certificates: []tls.Certificate{ca.Pair("radius", nil)}, MaxVersion: maxTLS, Time: func() time.Time { return now }},
		cfg:    &eap.Config{Identity: []byte("user"), FastReauth: true, Certs: eap.Certs{CACert: eaptest.CertPEM(ca.Cert)}}}
}

func (w *world) run(t *testing.T, s *side, phase1 string) (eap.Method, *tunnel.Result) {
	t.Helper()
	return w.runEnv(t, s, phase1, eaptest.Env(w.cfg, now, eap.Registry{eaptest.Plain(true)}))
}

func (w *world) runEnv(t *testing.T, s *side, phase1 string, env *eap.Env) (eap.Method, *tunnel.Result) {
	t.Helper()
	w.cfg.Phase1 = phase1
	m, err := Kind().New(env)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	return m, tunnel.Run(m, s.TLSServer, func(n eap.Need) { env.Answers.Put(n.Field, []byte("secret")) })
}

func TestVersion0(t *testing.T) {
	for _, v := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		w := newWorld(v)
		s := newSide(w.server, 0, "id", "need", "good", "result+binding")
		m, r := w.run(t, s, "peapver=0 crypto_binding=2 tls_disable_tlsv1_3=0")
		if !r.Accepted() {
			t.Fatalf("%s: %+v", tls.VersionName(v), r)
		}
		if got := string(s.answers[1]); got != "\x01user" {
			t.Errorf("identity inside: %q", got)
		}
		if last := s.answers[len(s.answers)-1]; !bytes.Equal(last[5:11], []byte{0x80, 3, 0, 2, 0, 1}) || last[11+bindSubtype] != bindResponse {
			t.Errorf("last answer %x", last)
		}
		if k := m.Keys(); !bytes.Equal(k.MSK, s.msk) {
			t.Errorf("%s: keys differ", tls.VersionName(v))
		}
	}
}

func TestIdentityWithHeader(t *testing.T) {
	w := newWorld(0)
	s := newSide(w.server, 0, "id with header", "good", "result")
	if _, r := w.run(t, s, ""); !r.Accepted() || string(s.answers[1]) != "\x01user" {
		t.Errorf("answered %x: %+v", s.answers[1], r)
	}
}

func TestVersion1(t *testing.T) {
	for _, outer := range []string{"0", "1", "2"} {
		w := newWorld(0)
		s := newSide(w.server, 1, "id", "good", "success")
		m, r := w.run(t, s, "peap_outer_success="+outer)
		if !r.Accepted() || r.Last.Complete != (outer == "0") {
			t.Fatalf("outer success %s: %+v", outer, r)
		}
		last := s.answers[len(s.answers)-1]
		if want := outer == "1"; want != (len(last) == 4 && last[0] == byte(eap.CodeSuccess)) {
			t.Errorf("outer success %s: answered %x", outer, last)
		}
		km, _ := s.Keys(eaptls.LabelClientEAP, 25)
		if k := m.Keys(); !bytes.Equal(k.MSK, km[:64]) {
			t.Error("keys differ")
		}
	}
}

// TestCVE202352160 is about a server that claims success before a method ran inside.
func TestCVE202352160(t *testing.T) {
	for _, c := range []struct {
		version byte
		phase1  string
		accept  bool
		steps   []string
	}{
		{0, "", false, []string{"result"}},
		{0, "phase2_auth=2", false, []string{"result"}},
		{0, "phase2_auth=0", true, []string{"result"}},
		{0, "", false, []string{"id", "result"}},
		{1, "", false, []string{"success"}},
		{1, "phase2_auth=0", true, []string{"success"}},
		{1, "", false, []string{"id", "bad", "success"}},
		{0, "phase2_auth=0", false, []string{"id", "bad", "result"}},
		{0, "", false, nil}, // EAP-Success right behind the tunnel
		{0, "phase2_auth=0", false, nil},
	} {
		w := newWorld(0)
		_, r := w.run(t, newSide(w.server, c.version, c.steps...), c.phase1)
		if r.Accepted() != c.accept {
			t.Errorf("version %d, %q, %q: accepted %v: %+v", c.version, c.phase1, c.steps, r.Accepted(), r.Last)
		}
	}
}

// TestCVE202352160ClientCertificate: who showed a certificate of his own in the
// tunnel's handshake needs no method inside, unless phase2_auth=2 insists.
func TestCVE202352160ClientCertificate(t *testing.T) {
	for phase1, want := range map[string]bool{"": true, "phase2_auth=1": true, "phase2_auth=2": false} {
		w := newWorld(0)
		own := w.ca.Pair("client", nil)
		w.cfg.Certs.ClientCert, w.cfg.Certs.PrivateKey = eaptest.CertPEM(own.Leaf), eaptest.KeyPEM(own.PrivateKey)
		for _, asked := range []bool{true, false} {
			w.server.ClientAuth = tls.NoClientCert
			if asked {
				w.server.ClientAuth = tls.RequireAnyClientCert
			}
			if _, r := w.run(t, newSide(w.server, 0, "result"), phase1); r.Accepted() != (want && asked) {
				t.Errorf("%q, certificate asked for %v: accepted %v, %+v", phase1, asked, r.Accepted(), r.Last.Why)
			}
		}
	}
}

func TestResumptionSkipsPhase2(t *testing.T) {
	for _, v := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		w := newWorld(v)
		env := eaptest.Env(w.cfg, now, eap.Registry{eaptest.Plain(true)})
		o := " tls_disable_tlsv1_3=0"
		m, r := w.runEnv(t, newSide(w.server, 0, "id", "good", "result+binding"), o, env)
		if !r.Accepted() {
			t.Fatalf("%+v", r)
		}
		m.(eap.Ender).End(true)
		s := newSide(w.server, 0, "result+binding")
		s.resumed = true
		if m, r = w.runEnv(t, s, "crypto_binding=2"+o, env); !r.Accepted() || !s.State().DidResume {
			t.Errorf("%s: bound resumption refused: %+v", tls.VersionName(v), r)
		}
		m.(eap.Ender).End(true)
		if _, r = w.runEnv(t, newSide(w.server, 0, "result"), "phase2_auth=2"+o, env); r.Accepted() {
			t.Errorf("%s: phase2_auth=2 took a resumption", tls.VersionName(v))
		}
	}
}

func TestCryptoBinding(t *testing.T) {
	flip := func(i int) func([]byte) { return func(b []byte) { b[i] ^= 1 } }
	for _, c := range []struct {
		name, phase1 string
		steps        []string
		isk          byte
		bend         func([]byte)
		accept       bool
	}{
		{"absent and optional", "", []string{"result"}, 0x42, nil, true},
		{"absent and required", "crypto_binding=2", []string{"result"}, 0x42, nil, false},
		{"wrong key inside", "", []string{"result+binding"}, 0x43, nil, false},
		{"wrong and not looked at", "crypto_binding=0", []string{"result+binding"}, 0x43, nil, true},
		{"MAC", "", []string{"result+binding"}, 0x42, flip(59), false},
		{"nonce", "", []string{"result+binding"}, 0x42, flip(bindNonce), false},
		{"version", "", []string{"result+binding"}, 0x42, flip(bindVersion), false},
		{"received version", "", []string{"result+binding"}, 0x42, flip(bindReceived), false},
		{"subtype", "", []string{"result+binding"}, 0x42, flip(bindSubtype), false},
	} {
		w := newWorld(0)
		s := newSide(w.server, 0, append([]string{"id", "good"}, c.steps...)...)
		s.isk, s.bend = bytes.Repeat([]byte{c.isk}, 32), c.bend
		_, r := w.run(t, s, "peapver=0 "+c.phase1)
		if r.Accepted() != c.accept {
			t.Errorf("%s: accepted %v, %+v", c.name, r.Accepted(), r.Last.Why)
		}
		if !c.accept && (r.Last.Why == nil || r.Last.Why.Check != "crypto-binding") {
			t.Errorf("%s: reason %+v", c.name, r.Last.Why)
		}
	}
}

// TestRepeatedTLVs gives TLVs twice that may be there once, and malformed ones.
func TestRepeatedTLVs(t *testing.T) {
	ok := "\x80\x03\x00\x02\x00\x01"
	bind := "\x00\x0c\x00\x38" + strings.Repeat("\x00", 56)
	for _, tlv := range []string{"", "\x80", "\x80\x03\x00\x03\x00\x01", ok + ok, ok + bind + bind, "\x80\x03\x00\x02\x00\x07", "\x80\x03\x00\x00",
		"\x00\x0c\x00\x01\x00" + ok, ok + "\x00\x0c\x00\x38" + strings.Repeat("\x00", 55)} {
		w := newWorld(0)
		_, r := w.run(t, newSide(w.server, 0, "id", "good", "raw:"+tlv), "")
		if r.Accepted() {
			t.Errorf("TLVs %q accepted", tlv)
		}
	}
	w := newWorld(0)
	s := newSide(w.server, 0, "id", "good", "raw:\x80\x09\x00\x00", "result")
	if _, r := w.run(t, s, ""); !r.Accepted() {
		t.Errorf("after a NAK: %+v", r)
	}
	if nak := s.answers[3]; len(nak) < 9 || nak[6] != tlvNak {
		t.Errorf("a mandatory unknown TLV was answered with %x", nak)
	}
}

func TestRefusalsInside(t *testing.T) {
	for _, c := range []struct {
		version byte
		steps   []string
		check   string
	}{
		{0, []string{"id", "bad", "result failed"}, "test"},
		{0, []string{"id", "good", "result failed"}, "server refused"},
		{1, []string{"id", "bad", "failure"}, "test"},
		{1, []string{"id", "failure"}, "server refused"},
	} {
		w := newWorld(0)
		_, r := w.run(t, newSide(w.server, c.version, c.steps...), "")
		if r.Last.Decision != eap.DecisionFail || r.Last.Why == nil || r.Last.Why.Check != c.check {
			t.Errorf("%q: %+v", c.steps, r.Last)
		}
	}
}

func TestConfiguration(t *testing.T) {
	w := newWorld(0)
	for _, o := range []string{"tnc=soh", "peapver=2", "crypto_binding=3", "phase2_auth=-1", "peap_outer_success=9"} {
		w.cfg.Phase1 = o
		if _, err := Kind().New(eaptest.Env(w.cfg, now, nil)); err == nil {
			t.Errorf("%s taken", o)
		}
	}
	w.cfg.Phase1, w.cfg.Phase2 = "", "auth=NOSUCH"
	if _, err := Kind().New(eaptest.Env(w.cfg, now, nil)); err == nil {
		t.Error("an unknown method inside was taken")
	}
	w = newWorld(0)
	if _, r := w.run(t, newSide(w.server, 0, "id"), "peapver=1"); r.Last.State != eap.MethodStateDone || r.Last.Decision != eap.DecisionFail {
		t.Errorf("a server of version 0 was taken with peapver=1: %+v", r.Last)
	}
}

// TestMethodInsideOnlyFromTheList: a rogue server cannot choose a weaker method.
func TestMethodInsideOnlyFromTheList(t *testing.T) {
	other := eaptest.Plain(true)
	other.Type, other.Name = eap.TypeGTC, "GTC"
	w := newWorld(0)
	w.cfg.Phase2 = "auth=GTC"
	s := newSide(w.server, 0, "id", "good", "result")
	_, r := w.runEnv(t, s, "", eaptest.Env(w.cfg, now, eap.Registry{eaptest.Plain(true), other}))
	if r.Accepted() {
		t.Error("a method that is not configured ran")
	}
	if nak := s.answers[2]; !bytes.Equal(nak, []byte{byte(eap.TypeNak.Number), byte(eap.TypeGTC.Number)}) {
		t.Errorf("answered %x", nak)
	}
}

func FuzzExtensions(f *testing.F) {
	f.Add([]byte("\x80\x03\x00\x02\x00\x01"))
	f.Add(append([]byte("\x80\x03\x00\x02\x00\x01\x00\x0c\x00\x38"), make([]byte, 56)...))
	f.Add([]byte("\x80\x09\x00\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		x, err := parseExtensions(b)
		if err == nil && x.binding != nil && len(x.binding) != 4+bindingLen {
			t.Errorf("binding of %d bytes", len(x.binding))
		}
	})
}

// FuzzInside gives arbitrary bytes out of the tunnel to a method whose tunnel is up.
func FuzzInside(f *testing.F) {
	f.Add([]byte("\x01"), byte(0))
	f.Add([]byte("\x01\x01\x00\x05\x01"), byte(1))
	f.Add([]byte("\x01\x65\x00\x0b\x21\x80\x03\x00\x02\x00\x01"), byte(0))
	f.Add([]byte("\x03\x01\x00\x04"), byte(1))
	w := newWorld(tls.VersionTLS12)
	f.Fuzz(func(t *testing.T, b []byte, version byte) {
		s := newSide(w.server, version&1)
		first := true
		s.Inside = func([]byte) ([]byte, bool, bool) {
			if first && len(b) > 0 {
				first = false
				return b, false, false
			}
			return nil, true, false
		}
		m, err := Kind().New(eaptest.Env(w.cfg, now, eap.Registry{eaptest.Plain(false)}))
		if err != nil {
			t.Fatal(err)
		}
		defer m.Close()
		defer s.Close()
		if r := tunnel.Run(m, s.TLSServer, nil); r.Last.Decision != eap.DecisionFail {
			t.Errorf("content after %x", b)
		}
	})
}

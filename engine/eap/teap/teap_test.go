package teap

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/eap/eaptest"
	"gosupplicant/engine/eap/eaptest/tunnel"
	"gosupplicant/engine/eap/eaptls"
	"gosupplicant/engine/eap/gtc"
	"gosupplicant/engine/eap/pwd"
	"gosupplicant/engine/keys"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// side is the server inside the tunnel: a script of TLVs, with a chain of keys of
// its own.
type side struct {
	*tunnel.TLSServer
	t     *testing.T
	steps [][]string // each a message: "id", "good", "bad", "binding", "intermediate", "result", "failure", "basic", "machine", …
	inner *eap.Keys  // of the method inside; nil for none
	bend  func(tlv []byte)
	flags byte

	chain   link
	next    link
	request []byte
	answers []message
	plain   [][]byte
}

func newSide(t *testing.T, cfg *tls.Config, steps ...string) *side {
	s := &side{t: t, inner: &eap.Keys{MSK: bytes.Repeat([]byte{0x42}, 32)}, flags: flagMSK}
	for _, m := range steps {
		s.steps = append(s.steps, strings.Fields(m))
	}
	s.TLSServer = &tunnel.TLSServer{Server: eaptls.NewServer(cfg, teapVersion, 1000), Type: eap.TypeTEAP, Inside: s.inside}
	return s
}

// prf is the server's; the tests have SHA-256 suites.
func (s *side) prf() prf {
	return prf{expand: eaptls.PRF12, hash: keys.HashSHA256}
}

func (s *side) inside(plain []byte) (send []byte, done, ok bool) {
	if s.chain.simck == nil {
		state := s.State()
		seed, err := state.ExportKeyingMaterial(labelSeed, nil, seedLen)
		if err != nil {
			s.t.Fatal(err)
		}
		s.chain.simck = seed
	}
	if len(plain) > 0 {
		m, err := parseMessage(plain)
		if err != nil {
			s.t.Fatalf("answer %x: %v", plain, err)
		}
		s.answers, s.plain = append(s.answers, m), append(s.plain, bytes.Clone(plain))
		if m.binding != nil {
			s.checkResponse(m.binding)
		}
		if m.result == statusFailure {
			return nil, true, false
		}
	}
	if len(s.steps) == 0 {
		return nil, true, true
	}
	step := s.steps[0]
	s.steps = s.steps[1:]
	for _, word := range step {
		send = append(send, s.tlv(word)...)
	}
	return send, false, false
}

func (s *side) tlv(word string) []byte {
	id := s.ID() + 1
	switch word {
	case "id":
		return appendTLV(nil, tlvEAPPayload, eap.AppendPacket(nil, eap.CodeRequest, id, eap.TypeIdentity)...)
	case "good", "bad", "need":
		return appendTLV(nil, tlvEAPPayload, eap.AppendPacket(nil, eap.CodeRequest, id, eaptest.PlainType, []byte(word))...)
	case "basic":
		return appendTLV(nil, tlvBasicRequest)
	case "user", "machine":
		return appendNumber(nil, tlvIdentityType, map[string]uint16{"user": identityUser, "machine": identityMachine}[word])
	case "intermediate":
		return appendNumber(nil, tlvIntermediate, statusSuccess)
	case "refused":
		return appendNumber(nil, tlvIntermediate, statusFailure)
	case "result":
		return appendNumber(nil, tlvResult, statusSuccess)
	case "failure":
		return append(appendNumber(nil, tlvResult, statusFailure), appendError(1001)...)
	case "pac":
		return appendTLV(nil, 11, 1, 2)
	case "again": // a binding of the same link
		return s.binding(s.chain, s.chain)
	case "binding":
		byEMSK, _, byMSK := s.prf().candidates(s.chain, s.inner)
		s.next = byMSK
		if s.flags&flagEMSK != 0 {
			s.next = byEMSK
		}
		return s.binding(byEMSK, byMSK)
	}
	return []byte(strings.TrimPrefix(word, "raw:"))
}

func (s *side) binding(byEMSK, byMSK link) []byte {
	tlv := make([]byte, bindingLen)
	copy(tlv, []byte{0x80, 12, 0, 76, 0, 1, 1, s.flags<<4 | bindRequest})
	if s.flags&flagMSK != 0 {
		copy(tlv[bindMSKMAC:], s.prf().mac(byMSK, tlv, nil))
	}
	if s.flags&flagEMSK != 0 {
		copy(tlv[bindEMSKMAC:bindMSKMAC], s.prf().mac(byEMSK, tlv, nil))
	}
	if s.bend != nil {
		s.bend(tlv)
	}
	s.request = tlv
	return tlv
}

func (s *side) checkResponse(tlv []byte) {
	s.t.Helper()
	if s.next.cmk != nil {
		s.chain, s.next = s.next, link{}
	}
	at, flag := bindMSKMAC, byte(flagMSK)
	if s.flags&flagEMSK != 0 {
		at, flag = bindEMSKMAC, flagEMSK
	}
	if tlv[bindFlags] != flag<<4|bindResponse || tlv[bindNonce+31] != s.request[bindNonce+31]|1 || !bytes.Equal(tlv[bindNonce:bindNonce+31], s.request[bindNonce:bindNonce+31]) ||
		!bytes.Equal(tlv[at:at+compoundLen], s.prf().mac(s.chain, tlv, nil)) {
		s.t.Errorf("binding %x for %x", tlv, s.request)
	}
}

type world struct {
	t      *testing.T
	server *tls.Config
	cfg    *eap.Config
	env    *eap.Env
	method eap.Method
}

func newWorld(t *testing.T) *world {
	ca := eaptest.NewAuthority("CA", now)
	w := &world{t: t, server: &tls.Config{Certificates: []tls.Certificate{ca.Pair("radius", nil)}, MaxVersion: tls.VersionTLS12, Time: func() time.Time { return now },
		CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256}},
		cfg: &eap.Config{Identity: []byte("user"), Password: eap.Password{Value: keys.Secret("secret")}, Phase2: "auth=PLAIN", Certs: eap.Certs{CACert: eaptest.CertPEM(ca.Cert)}}}
	w.env = eaptest.Env(w.cfg, now, eap.Registry{eaptest.Plain(true), gtc.Kind(), pwd.Kind()})
	return w
}

func (w *world) run(s *side) *tunnel.Result {
	w.t.Helper()
	m, err := Kind().New(w.env)
	if err != nil {
		w.t.Fatal(err)
	}
	w.method = m
	return tunnel.Run(m, s.TLSServer, func(n eap.Need) { w.env.Answers.Put(n.Field, keys.Secret("secret")) })
}

// accepted checks that both sides are content with the same keys.
func (w *world) accepted(s *side, r *tunnel.Result) {
	w.t.Helper()
	if !r.Accepted() || r.Last.State != eap.MethodStateDone || r.Err != nil {
		w.t.Fatalf("%+v %+v, %v", r.Last, r.Last.Why, r.Err)
	}
	want := s.prf().exported(s.chain)
	if k := w.method.Keys(); k == nil || !k.MSK.Equal(want.MSK) || !k.EMSK.Equal(want.EMSK) || len(k.MSK) != 64 || len(k.EMSK) != 64 {
		w.t.Errorf("keys %v", k)
	}
}

// refused checks that the method gave up for that reason and told the server.
func (w *world) refused(name, check string, r *tunnel.Result) {
	w.t.Helper()
	if r.Accepted() || r.Last.Decision != eap.DecisionFail || r.Last.State != eap.MethodStateDone || r.Last.Why == nil || r.Last.Why.Check != check || w.method.Keys() != nil {
		w.t.Errorf("%s: %+v, %+v, %v; want %q", name, r.Last, r.Last.Why, r.Err, check)
	}
}

func TestOneMethod(t *testing.T) {
	for _, steps := range [][]string{
		{"id", "good", "intermediate binding result"},
		{"id", "good", "intermediate binding", "result"},
		{"id", "good", "intermediate binding", "again result"},
		{"user id", "good", "binding result"},
		{"id", "need", "good", "intermediate binding result"},
	} {
		w := newWorld(t)
		s := newSide(t, w.server, steps...)
		w.accepted(s, w.run(s))
	}
}

func TestTwoMethods(t *testing.T) {
	w := newWorld(t)
	w.cfg.MachineIdentity, w.cfg.MachinePhase2 = []byte("host/m"), "auth=PLAIN"
	s := newSide(t, w.server, "user id", "good", "intermediate binding machine id", "good", "intermediate binding result")
	w.accepted(s, w.run(s))
	var told []string
	for _, m := range s.answers {
		if p, err := eap.ParsePacket(m.payload); err == nil && p.Type == eap.TypeIdentity {
			told = append(told, fmt.Sprint(m.identityType, " ", string(p.Data)))
		}
	}
	if fmt.Sprint(told) != "[1 user 2 host/m]" {
		t.Errorf("%q", told)
	}
	// Without a machine identity the user answers.
	w = newWorld(t)
	s = newSide(t, w.server, "machine id", "good", "intermediate binding result")
	w.accepted(s, w.run(s))
	if s.answers[0].identityType != identityUser {
		t.Errorf("%+v", s.answers[0])
	}
}

// TestEMSK binds by the EMSK of the method inside; teap_compat=freeradius does not.
func TestEMSK(t *testing.T) {
	p := prf{expand: eaptls.PRF12, hash: keys.HashSHA256}
	inner := &eap.Keys{MSK: bytes.Repeat([]byte{1}, 64), EMSK: bytes.Repeat([]byte{2}, 64)}
	byEMSK, ok, byMSK := p.candidates(link{simck: make([]byte, 40)}, inner)
	if !ok || byEMSK.simck.Equal(byMSK.simck) || len(byEMSK.cmk) != compoundLen {
		t.Fatal("no candidate by EMSK")
	}
	tlv := make([]byte, bindingLen)
	copy(tlv, []byte{0x80, 12, 0, 76, 0, 1, 1, 3 << 4})
	copy(tlv[bindEMSKMAC:], p.mac(byEMSK, tlv, []byte("outer")))
	copy(tlv[bindMSKMAC:], p.mac(byMSK, tlv, []byte("outer")))
	for have, want := range map[bool]byte{true: flagEMSK, false: flagMSK} {
		l, flag, err := p.verify(tlv, []byte("outer"), byEMSK, have, byMSK)
		if err != nil || flag != want || l.simck.Equal(byEMSK.simck) != have {
			t.Errorf("EMSK %v: %d, %v", have, flag, err)
		}
	}
	if _, _, err := p.verify(tlv, []byte("other"), byEMSK, true, byMSK); !errors.Is(err, errBinding) {
		t.Errorf("outer TLVs changed: %v", err)
	}
	only := append([]byte{}, tlv...)
	only[bindFlags] = 1 << 4
	if _, _, err := p.verify(only, []byte("outer"), byEMSK, false, byMSK); err == nil {
		t.Error("EMSK alone without one")
	}
	for at := range bindingLen {
		bent := append([]byte{}, tlv...)
		bent[at] ^= 0x01
		if _, _, err := p.verify(bent, []byte("outer"), byEMSK, true, byMSK); err == nil {
			t.Errorf("byte %d changed", at)
		}
	}
	for option, good := range map[string]bool{"teap_compat=freeradius": true, "teap_compat=other": false, "tls_disable_tlsv1_3=0": false, "tls_disable_tlsv1_3=1": true} {
		w := newWorld(t)
		w.cfg.Phase1 = option
		m, err := Kind().New(w.env)
		if (err == nil) != good || err == nil && m.(*method).byMSK != strings.HasPrefix(option, "teap") || err != nil && !errors.Is(err, eap.ErrConfig) {
			t.Errorf("%s: %v", option, err)
		}
	}
}

// TestPasswordAsItIs is told only where phase2 leaves it open.
func TestPasswordAsItIs(t *testing.T) {
	for phase2, told := range map[string]bool{"": true, "auth=GTC": true, "auth=PLAIN": false} {
		w := newWorld(t)
		w.cfg.Phase2 = phase2
		s := newSide(t, w.server, "basic", "intermediate binding result")
		s.inner = nil
		if !told {
			s.steps = [][]string{{"basic"}, {"id"}, {"good"}, {"intermediate", "binding", "result"}}
			s.inner = &eap.Keys{MSK: bytes.Repeat([]byte{0x42}, 32)}
		}
		w.accepted(s, w.run(s))
		if got := bytes.Contains(bytes.Join(s.plain, nil), []byte("secret")); got != told || !told && !s.answers[0].nak {
			t.Errorf("%q: told %v, %+v", phase2, got, s.answers[0])
		}
	}
	w := newWorld(t)
	w.cfg.Phase2, w.cfg.Password = "", eap.Password{Value: make(keys.Secret, 16), Hash: true}
	w.env.Registry = eap.Registry{eaptest.Plain(true)}
	s := newSide(t, w.server, "basic")
	w.refused("hash", "password", w.run(s))
}

// TestSkippedMethods: success without a method, a binding, or before the end.
func TestSkippedMethods(t *testing.T) {
	for name, c := range map[string]struct {
		check string
		steps []string
	}{
		"nothing inside":      {"crypto-binding", []string{"result"}},
		"binding alone":       {"phase 2", []string{"binding result"}},
		"method, no binding":  {"crypto-binding", []string{"id", "good", "result"}},
		"no binding":          {"crypto-binding", []string{"id", "good", "intermediate result"}},
		"before its end":      {"phase 2", []string{"id", "need", "intermediate binding result"}},
		"failed method":       {"phase 2", []string{"id", "bad", "intermediate binding result"}},
		"next before binding": {"crypto-binding", []string{"id", "good", "id"}},
		"unbound second":      {"crypto-binding", []string{"id", "good", "intermediate binding id", "good", "result"}},
		"server fails":        {"server refused", []string{"id", "failure"}},
		"method refused":      {"server refused", []string{"id", "good", "refused", "failure"}},
		"malformed":           {"tlv", []string{"raw:\x80\x03\x00\x02\x00\x07"}},
		"cut":                 {"tlv", []string{"raw:\x80\x03\x00"}},
	} {
		w := newWorld(t)
		s := newSide(t, w.server, c.steps...)
		if name == "binding alone" {
			s.inner = nil
		}
		w.refused(name, c.check, w.run(s))
	}
}

// TestForgedBinding changes each part of the server's Crypto-Binding.
func TestForgedBinding(t *testing.T) {
	for _, at := range []int{bindVersion, bindReceived, bindFlags, bindNonce, bindNonce + 31, bindMSKMAC, bindingLen - 1} {
		w := newWorld(t)
		s := newSide(t, w.server, "id", "good", "intermediate binding result")
		s.bend = func(tlv []byte) { tlv[at] ^= 1 }
		w.refused(fmt.Sprint("byte ", at), "crypto-binding", w.run(s))
	}
	w := newWorld(t) // by a server that does not know the method's key
	s := newSide(t, w.server, "id", "good", "intermediate binding result")
	s.inner = nil
	w.refused("other key", "crypto-binding", w.run(s))
}

func TestUnknownTLV(t *testing.T) {
	w := newWorld(t)
	s := newSide(t, w.server, "pac id", "id", "good", "intermediate binding result")
	w.accepted(s, w.run(s))
	if !s.answers[0].nak || s.answers[0].payload != nil {
		t.Errorf("%+v", s.answers[0])
	}
}

// TestStart is about the first message: version and outer TLVs.
func TestStart(t *testing.T) {
	for name, c := range map[string]struct {
		data []byte
		good bool
	}{
		"plain":        {[]byte{0x21}, true},
		"authority":    {append([]byte{0x31, 0, 0, 0, 8}, appendTLV(nil, tlvAuthorityID, 1, 2, 3, 4)...), true},
		"version 0":    {[]byte{0x20}, false},
		"outer cut":    {[]byte{0x31, 0, 0}, false},
		"outer length": {[]byte{0x31, 0, 0, 0, 9, 0, 1, 0, 0}, false},
		"outer bad":    {[]byte{0x31, 0, 0, 0, 3, 0, 1, 0}, false},
		"outer later":  {[]byte{0x11, 0, 0, 0, 0}, false},
		"empty":        {nil, false},
	} {
		w := newWorld(t)
		m, err := Kind().New(w.env)
		if err != nil {
			t.Fatal(err)
		}
		r := m.Process(eap.Request{ID: 1, Data: c.data})
		if (r.Ignore == nil) != c.good || c.good && (len(r.Response) < 50 || r.Response[5]&7 != teapVersion) {
			t.Errorf("%s: %+v", name, r)
		}
		m.Close()
	}
}

func TestConfiguration(t *testing.T) {
	for name, change := range map[string]func(*eap.Config){
		"phase2":  func(c *eap.Config) { c.Phase2 = "auth=NONSENSE" },
		"machine": func(c *eap.Config) { c.MachinePhase2 = "auth=TEAP" },
	} {
		w := newWorld(t)
		change(w.cfg)
		if _, err := Kind().New(w.env); !errors.Is(err, eap.ErrConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
	m := &method{b: binding{link: link{simck: keys.Secret("secret"), cmk: keys.Secret("secret")}}}
	if s := fmt.Sprintf("%v %+v %#v", m, m, m); strings.Contains(s, "secret") {
		t.Error(s)
	}
}

// FuzzInside gives arbitrary messages to a station whose tunnel is up. None of them
// binds the tunnel, so none leads to keys.
func FuzzInside(f *testing.F) {
	f.Add(appendTLV(nil, tlvEAPPayload, eap.AppendPacket(nil, eap.CodeRequest, 1, eap.TypeIdentity)...), appendNumber(nil, tlvResult, statusSuccess))
	f.Add(appendNumber(nil, tlvIntermediate, statusSuccess), appendTLV(nil, tlvBasicRequest))
	f.Add(append(make([]byte, 0, 80), "\x80\x0c\x00\x4c\x00\x01\x01\x20"...), appendError(1001))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		if len(a)+len(b) > 1<<14 {
			return
		}
		w := newWorld(t)
		s := newSide(t, w.server)
		s.steps = [][]string{{"raw:" + string(a)}, {"raw:" + string(b)}}
		r := w.run(s)
		defer w.method.Close()
		defer s.Close()
		if r.Accepted() || w.method.Keys() != nil {
			t.Fatalf("content after %x and %x", a, b)
		}
	})
}

// FuzzStart gives arbitrary first messages: version, flags and outer TLVs.
func FuzzStart(f *testing.F) {
	f.Add([]byte{0x21})
	f.Add(append([]byte{0x31, 0, 0, 0, 8}, appendTLV(nil, tlvAuthorityID, 1, 2, 3, 4)...))
	f.Add([]byte{0x31, 0, 0, 0, 9, 0, 1, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := Kind().New(newWorld(t).env)
		if err != nil {
			t.Fatal(err)
		}
		defer m.Close()
		if r := m.Process(eap.Request{ID: 1, Data: b}); r.Decision != eap.DecisionFail || r.Ignore == nil && len(r.Response) < 6 {
			t.Fatalf("%x: %+v", b, r)
		}
	})
}

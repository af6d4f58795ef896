package ttls

import (
	"bytes"
	"crypto/md5"
	"crypto/tls"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/eap/eaptest"
	"gosupplicant/engine/eap/eaptest/tunnel"
	"gosupplicant/engine/eap/eaptls"
	"gosupplicant/engine/eap/mschapv2"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

type world struct {
	server *tls.Config
	cfg    *eap.Config
}

func newWorld(maxTLS uint16, phase2 string) *world {
	ca := eaptest.NewAuthority("CA", now)
	return &world{
		server: &tls.Config{Certificates: []tls.Certificate{ca.Pair("radius", nil)}, MaxVersion: maxTLS, Time: func() time.Time { return now }},
		cfg: &eap.Config{Identity: []byte("DOM\\user"), Password: eap.Password{Value: []byte("secret")}, Phase2: phase2, FastReauth: true,
			Certs: eap.Certs{CACert: eaptest.CertPEM(ca.Cert)}}}
}

// serve runs a conversation in which inside answers the client's AVPs.
func (w *world) serve(t *testing.T, env *eap.Env, inside func(s *tunnel.TLSServer, avps []avp) (send []byte, done, ok bool)) (eap.Method, *tunnel.Result, *tunnel.TLSServer) {
	t.Helper()
	if env == nil {
		env = eaptest.Env(w.cfg, now, eap.Registry{eaptest.Plain(true)})
	}
	m, err := Kind().New(env)
	if err != nil {
		t.Fatal(err)
	}
	s := &tunnel.TLSServer{Server: eaptls.NewServer(w.server, 0, 1000), Type: eap.TypeTTLS}
	t.Cleanup(func() { m.Close(); s.Close() })
	s.Inside = func(plain []byte) ([]byte, bool, bool) {
		avps, err := parseAVPs(plain)
		if err != nil {
			t.Errorf("the client's AVPs: %v", err)
		}
		return inside(s, avps)
	}
	return m, tunnel.Run(m, s, func(n eap.Need) { env.Answers.Put(n.Field, []byte("secret")) }), s
}

func find(avps []avp, code, vendor uint32) []byte {
	for _, a := range avps {
		if a.code == code && a.vendor == vendor {
			return a.data
		}
	}
	return nil
}

// challenge is the server's own derivation of the implicit challenge.
func challenge(t *testing.T, s *tunnel.TLSServer, n int) ([]byte, byte) {
	t.Helper()
	cs := s.State()
	c, err := cs.ExportKeyingMaterial(eaptls.LabelChallenge, nil, n+1)
	if err != nil {
		t.Fatal(err)
	}
	return c[:n], c[n]
}

func TestPasswordProtocols(t *testing.T) {
	hash, err := mschapv2.NTHash([]byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	checks := map[string]func(*testing.T, *tunnel.TLSServer, []avp) bool{
		"PAP": func(_ *testing.T, _ *tunnel.TLSServer, a []avp) bool {
			p := find(a, avpUserPassword, 0)
			return len(p) == 16 && string(bytes.TrimRight(p, "\x00")) == "secret"
		},
		"CHAP": func(t *testing.T, s *tunnel.TLSServer, a []avp) bool {
			c, id := challenge(t, s, 16)
			want := md5.Sum(append(append([]byte{id}, "secret"...), c...))
			return bytes.Equal(find(a, avpCHAPChallenge, 0), c) && bytes.Equal(find(a, avpCHAPPassword, 0), append([]byte{id}, want[:]...))
		},
		"MSCHAP": func(t *testing.T, s *tunnel.TLSServer, a []avp) bool {
			c, id := challenge(t, s, 8)
			want := mschapv2.ChallengeResponse([8]byte(c), hash)
			r := find(a, avpMSCHAPResponse, vendorMicrosoft)
			return len(r) == 50 && r[0] == id && r[1] == 1 && bytes.Equal(r[26:], want[:])
		},
		"MSCHAPV2": func(t *testing.T, s *tunnel.TLSServer, a []avp) bool {
			c, id := challenge(t, s, 16)
			r := find(a, avpMSCHAP2Response, vendorMicrosoft)
			want := mschapv2.NTResponse(c, r[2:18], []byte("user"), hash)
			return len(r) == 50 && r[0] == id && bytes.Equal(r[26:], want[:])
		},
	}
	for name, check := range checks {
		for _, v := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
			w := newWorld(v, "auth="+name)
			w.cfg.Phase1 = "tls_disable_tlsv1_3=0"
			proven := false
			m, r, s := w.serve(t, nil, func(s *tunnel.TLSServer, a []avp) ([]byte, bool, bool) {
				if len(a) == 0 {
					return nil, proven, proven
				}
				if string(find(a, avpUserName, 0)) != "DOM\\user" || !check(t, s, a) {
					t.Errorf("%s: wrong AVPs", name)
				}
				proven = true
				if name == "MSCHAPV2" {
					return success(t, s, a, hash), false, false
				}
				return nil, true, true
			})
			if !r.Accepted() {
				t.Fatalf("%s, %s: %+v", name, tls.VersionName(v), r)
			}
			km, _ := s.Keys(eaptls.LabelTTLS, 21)
			if k := m.Keys(); !bytes.Equal(k.MSK, km[:64]) {
				t.Errorf("%s: keys differ", name)
			}
		}
	}
}

// success builds MS-CHAP2-Success.
func success(t *testing.T, s *tunnel.TLSServer, a []avp, hash []byte) []byte {
	c, id := challenge(t, s, 16)
	r := find(a, avpMSCHAP2Response, vendorMicrosoft)
	proof := mschapv2.AuthenticatorResponse(hash, [24]byte(r[26:]), r[2:18], c, []byte("user"))
	return appendAVP(nil, avpMSCHAP2Success, vendorMicrosoft, []byte{id}, []byte("S="+strings.ToUpper(hex.EncodeToString(proof[:]))))
}

// TestServerProof refuses a server that does not know the password (MSCHAPv2 is
// mutual), and success without its proof.
func TestServerProof(t *testing.T) {
	hash, _ := mschapv2.NTHash([]byte("secret"))
	for name, bend := range map[string]func([]byte) []byte{
		"wrong":   func(b []byte) []byte { b[len(b)-2] ^= 1; return b },
		"ident":   func(b []byte) []byte { b[12] ^= 1; return b },
		"short":   func(b []byte) []byte { return appendAVP(nil, avpMSCHAP2Success, vendorMicrosoft, b[12:20]) },
		"empty":   func(b []byte) []byte { return appendAVP(nil, avpMSCHAP2Success, vendorMicrosoft) },
		"absent":  func([]byte) []byte { return nil },
		"refused": func([]byte) []byte { return appendAVP(nil, avpMSCHAPError, vendorMicrosoft, []byte("\x01E=691 R=0")) },
	} {
		w := newWorld(0, "auth=MSCHAPV2")
		_, r, _ := w.serve(t, nil, func(s *tunnel.TLSServer, a []avp) ([]byte, bool, bool) {
			if len(a) == 0 {
				return nil, true, true
			}
			send := bend(success(t, s, a, hash))
			return send, send == nil, true
		})
		if r.Accepted() {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestEAPInside(t *testing.T) {
	w := newWorld(0, "autheap=PLAIN")
	w.cfg.Password = eap.Password{}
	ask := []string{"need", "good"}
	m, r, _ := w.serve(t, nil, func(s *tunnel.TLSServer, a []avp) ([]byte, bool, bool) {
		p, err := eap.ParsePacket(find(a, avpEAPMessage, 0))
		if err != nil {
			t.Fatalf("EAP-Message: %v", err)
		}
		if p.Type == eap.TypeIdentity && string(p.Data) != "DOM\\user" {
			t.Errorf("identity %q", p.Data)
		}
		if len(ask) == 0 {
			return nil, true, true
		}
		req := eap.AppendPacket(nil, eap.CodeRequest, p.ID+1, eaptest.PlainType, []byte(ask[0]))
		ask = ask[1:]
		// In two AVPs: they have to be put together.
		return appendAVP(appendAVP(nil, avpEAPMessage, 0, req[:3]), avpEAPMessage, 0, req[3:]), false, false
	})
	if !r.Accepted() {
		t.Fatalf("%+v", r)
	}
	if st := m.Status(); st[len(st)-1] != (eap.KeyValue{Key: "EAP-TTLSv0 Phase2 method", Value: "EAP-PLAIN"}) {
		t.Errorf("status %v", st)
	}
}

// TestEarlySuccess: EAP-Success counts only when the client's proof is out.
func TestEarlySuccess(t *testing.T) {
	for _, v := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		w := newWorld(v, "autheap=PLAIN")
		w.cfg.Phase1 = "tls_disable_tlsv1_3=0"
		_, r, _ := w.serve(t, nil, func(*tunnel.TLSServer, []avp) ([]byte, bool, bool) { return nil, true, true })
		if r.Accepted() {
			t.Errorf("%s: content with a success before anything ran inside", tls.VersionName(v))
		}
	}
}

// TestMethodInsideOnlyFromTheList: a rogue server cannot have a method run inside that
// the network does not name, nor EAP where it names a password protocol.
func TestMethodInsideOnlyFromTheList(t *testing.T) {
	other := eaptest.Plain(true)
	other.Type, other.Name = eap.TypeGTC, "GTC"
	for phase2, nak := range map[string]bool{"autheap=GTC": true, "auth=MSCHAPV2": false} {
		w := newWorld(tls.VersionTLS12, phase2)
		asked := false
		var answer []byte
		_, r, _ := w.serve(t, eaptest.Env(w.cfg, now, eap.Registry{eaptest.Plain(true), other}), func(s *tunnel.TLSServer, a []avp) ([]byte, bool, bool) {
			if asked {
				answer = find(a, avpEAPMessage, 0)
				return nil, true, true
			}
			asked = true
			return appendAVP(nil, avpEAPMessage, 0, eap.AppendPacket(nil, eap.CodeRequest, 9, eaptest.PlainType, []byte("good"))), false, false
		})
		if r.Accepted() {
			t.Errorf("%s: a method that is not configured ran", phase2)
		}
		p, err := eap.ParsePacket(answer)
		if got := err == nil && p.Type == eap.TypeNak && bytes.Equal(p.Data, []byte{byte(eap.TypeGTC.Number)}); got != nak || !nak && answer != nil {
			t.Errorf("%s: answered %x", phase2, answer)
		}
	}
}

func TestResumption(t *testing.T) {
	for _, v := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		w := newWorld(v, "auth=PAP")
		w.cfg.Phase1 = "tls_disable_tlsv1_3=0"
		env := eaptest.Env(w.cfg, now, nil)
		asked := 0
		inside := func(s *tunnel.TLSServer, a []avp) ([]byte, bool, bool) {
			if s.State().DidResume {
				return nil, true, true
			}
			asked++
			return nil, len(a) > 0, true
		}
		for i := range 2 {
			m, r, s := w.serve(t, env, inside)
			if !r.Accepted() || s.State().DidResume != (i == 1) {
				t.Fatalf("%s, run %d: %+v", tls.VersionName(v), i, r)
			}
			m.(eap.Ender).End(true)
		}
		w.cfg.Phase1 += " phase2_auth=2"
		if _, r, _ := w.serve(t, env, inside); r.Accepted() {
			t.Errorf("%s: phase2_auth=2 took a resumption", tls.VersionName(v))
		}
	}
}

func TestHostileAVPs(t *testing.T) {
	for _, send := range []string{"\x00", "\x00\x00\x00\x4f\x40\x00\x00\x07", "\x00\x00\x00\x4f\x40\xff\xff\xff\x00", "\x00\x00\x00\x4f\xc0\x00\x00\x08",
		string(appendAVP(nil, 4711, 0, []byte("x"))), strings.Repeat(string(appendAVP(nil, avpReplyMessage, 0)), maxAVPs+1)} {
		w := newWorld(0, "auth=PAP")
		sent := false
		_, r, _ := w.serve(t, nil, func(*tunnel.TLSServer, []avp) ([]byte, bool, bool) {
			if !sent {
				sent = true
				return []byte(send), false, false
			}
			return nil, true, true
		})
		if r.Accepted() {
			t.Errorf("content after %q", send[:min(len(send), 12)])
		}
	}
}

func TestConfiguration(t *testing.T) {
	for _, c := range []struct {
		phase1, phase2 string
		hash           bool
	}{{"", "auth=NOSUCH", false}, {"", "auth=PAP auth=CHAP", false}, {"", "auth=PAP autheap=PLAIN", false}, {"", "autheap=NOSUCH", false},
		{"phase2_auth=3", "", false}, {"", "auth=PAP", true}, {"", "auth=CHAP", true}} {
		w := newWorld(0, c.phase2)
		w.cfg.Phase1 = c.phase1
		w.cfg.Password.Hash = c.hash
		if _, err := Kind().New(eaptest.Env(w.cfg, now, eap.Registry{eaptest.Plain(false)})); err == nil {
			t.Errorf("%+v taken", c)
		}
	}
}

func TestAVPRoundTrip(t *testing.T) {
	for n := range 9 {
		data := bytes.Repeat([]byte{7}, n)
		b := appendAVP(appendAVP(nil, 1, 0, data), 25, 311, data)
		got, err := parseAVPs(b)
		if err != nil || len(got) != 2 || !bytes.Equal(got[0].data, data) || !bytes.Equal(got[1].data, data) || got[1].vendor != 311 || !got[0].mandatory {
			t.Errorf("%d bytes: %v, %v", n, got, err)
		}
		for cut := 1; cut < len(b); cut++ {
			if got, err := parseAVPs(b[:cut]); err == nil && len(got) == 2 && cut < len(b)-3 {
				t.Errorf("%d bytes cut to %d: both AVPs read", n, cut)
			}
		}
	}
}

func FuzzAVPs(f *testing.F) {
	f.Add(appendAVP(nil, avpEAPMessage, 0, []byte("\x01\x01\x00\x05\x01")))
	f.Add(appendAVP(nil, avpMSCHAP2Success, vendorMicrosoft, []byte("\x01S=00")))
	f.Fuzz(func(t *testing.T, b []byte) {
		list, err := parseAVPs(b)
		if err != nil {
			return
		}
		total := 0
		for _, a := range list {
			total += len(a.data)
		}
		if total > len(b) || len(list) > maxAVPs {
			t.Errorf("%d AVPs of %d bytes out of %d", len(list), total, len(b))
		}
	})
}

// FuzzInside gives arbitrary AVPs to a station whose tunnel is up, for each way to
// use it: the proof of MSCHAPv2 cannot be guessed, and a method inside has to end.
func FuzzInside(f *testing.F) {
	ways := []string{"auth=PAP", "auth=CHAP", "auth=MSCHAP", "auth=MSCHAPV2", "autheap=PLAIN"}
	request := eap.AppendPacket(nil, eap.CodeRequest, 7, eaptest.PlainType, []byte("need"))
	f.Add(appendAVP(nil, avpEAPMessage, 0, request), byte(4))
	f.Add(appendAVP(nil, avpMSCHAP2Success, vendorMicrosoft, append([]byte{1}, "S=0000000000000000000000000000000000000000"...)), byte(3))
	f.Add(appendAVP(nil, avpMSCHAPError, vendorMicrosoft, []byte("\x01E=691 R=0")), byte(3))
	f.Add(appendAVP(nil, avpReplyMessage, 0, []byte("hello")), byte(0))
	f.Fuzz(func(t *testing.T, b []byte, way byte) {
		way %= byte(len(ways))
		w := newWorld(tls.VersionTLS12, ways[way])
		sent := false
		_, r, _ := w.serve(t, nil, func(*tunnel.TLSServer, []avp) ([]byte, bool, bool) {
			if sent || len(b) == 0 || len(b) > 1<<14 {
				return nil, true, true
			}
			sent = true
			return b, false, false
		})
		if way == 3 && r.Accepted() || way == 4 && r.Accepted() && !bytes.Contains(b, []byte("good")) {
			t.Fatalf("%s: content after %x", ways[way], b)
		}
	})
}

package mschapv2

import (
	"bytes"
	"crypto/rc4"
	"encoding/binary"
	"fmt"
	"testing"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/keys"
)

// server holds the other side of a conversation.
type server struct {
	t    *testing.T
	env  *eap.Env
	m    eap.Method
	auth []byte
	id   uint8
}

func newServer(t *testing.T, change func(*eap.Env)) *server {
	t.Helper()
	env := &eap.Env{
		Config: &eap.Config{Identity: []byte(`DOM\User`), Password: eap.Password{Value: keys.Secret("clientPass")}},
		Rand:   bytes.NewReader(append(bytes.Clone(vecPeer), bytes.Repeat([]byte{7}, 2000)...)), Answers: &eap.Answers{},
	}
	if change != nil {
		change(env)
	}
	m, err := Kind().New(env)
	if err != nil {
		t.Fatal(err)
	}
	return &server{t: t, env: env, m: m, auth: vecAuth, id: 1}
}

func (s *server) send(op opCode, body []byte) eap.Result {
	data := append(appendHeader(op, 9, len(body)), body...)
	s.id++
	return s.m.Process(eap.Request{ID: s.id, Data: data})
}

func (s *server) challenge() eap.Result {
	return s.send(opChallenge, append(append([]byte{16}, s.auth...), "server"...))
}

// data returns a response's type data after checking the header.
func (s *server) data(r eap.Result) []byte {
	s.t.Helper()
	p, err := eap.ParsePacket(r.Response)
	if err != nil || p.Code != eap.CodeResponse || p.ID != s.id || p.Type != eap.TypeMSCHAPv2 {
		s.t.Fatalf("response %x: %v (%+v)", r.Response, err, r)
	}
	return p.Data
}

// proof is the text of a success for a response's peer challenge and hash.
func proof(hash, peer, auth []byte, response []byte) []byte {
	a := AuthenticatorResponse(hash, [ResponseLen]byte(response), peer, auth, []byte("User"))
	return fmt.Appendf(nil, "S=%X M=welcome", a)
}

func TestExchange(t *testing.T) {
	for name, change := range map[string]func(*eap.Env){
		"password": nil,
		"hash":     func(e *eap.Env) { e.Config.Password = eap.Password{Value: vecHash, Hash: true} },
		"asked": func(e *eap.Env) {
			e.Config.Password = eap.Password{}
			e.Answers.Put(eap.FieldPassword, keys.Secret("clientPass"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, change)
			r := s.challenge()
			d := s.data(r)
			if r.State != eap.MethodStateMayCont || r.Decision != eap.DecisionFail || s.m.Keys() != nil {
				t.Errorf("after the response: %v, %v", r.State, r.Decision)
			}
			want := append([]byte{2, 9, 0, 4 + 50 + 8, 49}, vecPeer...)
			want = append(append(append(want, make([]byte, 8)...), vecResp[:]...), 0)
			if want = append(want, `DOM\User`...); !bytes.Equal(d, want) {
				t.Errorf("response\n%x, want\n%x", d, want)
			}
			r = s.send(opSuccess, []byte("S=407A5589115FD0D6209F510FE9C04566932CDA56 M=OK"))
			if d := s.data(r); !bytes.Equal(d, []byte{3}) || r.State != eap.MethodStateDone || r.Decision != eap.DecisionUncondSucc {
				t.Errorf("%x, %v, %v", d, r.State, r.Decision)
			}
			if k := s.m.Keys(); k == nil || !k.MSK.Equal(MSK(vecHash, vecResp)) {
				t.Error("no MSK")
			}
			if r := s.challenge(); r.Ignore == nil {
				t.Error("a challenge after the end is answered")
			}
			s.m.Close()
		})
	}
}

// TestServerMustProveItself: "S=" is wrong in one bit, cut short or missing.
func TestServerMustProveItself(t *testing.T) {
	for _, text := range []string{"S=407A5589115FD0D6209F510FE9C04566932CDA57 M=OK", "S=407A", "M=OK", "", "S=" + string(bytes.Repeat([]byte("z"), 40))} {
		s := newServer(t, nil)
		s.challenge()
		r := s.send(opSuccess, []byte(text))
		if d := s.data(r); !bytes.Equal(d, []byte{4}) || r.State != eap.MethodStateDone || r.Decision != eap.DecisionFail || r.Why == nil || s.m.Keys() != nil {
			t.Errorf("%q: %x %v %v %v", text, d, r.State, r.Decision, r.Why)
		}
	}
}

// TestEachMessageInEachState goes through all pairs: what does not fit is
// dropped and changes nothing.
func TestEachMessageInEachState(t *testing.T) {
	messages := map[string]struct {
		op   opCode
		body []byte
	}{
		"challenge": {opChallenge, append([]byte{16}, vecAuth...)},
		"response":  {opResponse, make([]byte, 50)},
		"success":   {opSuccess, []byte("S=407A5589115FD0D6209F510FE9C04566932CDA56")},
		"failure":   {opFailure, []byte("E=691 R=0 M=no")},
		"change":    {opChangePassword, make([]byte, 582)},
		"unknown":   {99, nil},
	}
	answered := map[string]bool{"begin challenge": true, "sent challenge": true, "sent success": true, "sent failure": true}
	for _, st := range []string{"begin", "sent", "done"} {
		for name, msg := range messages {
			s := newServer(t, nil)
			if st != "begin" {
				s.challenge()
			}
			if st == "done" {
				s.send(opSuccess, messages["success"].body)
			}
			before := *s.m.(*method)
			r := s.send(msg.op, msg.body)
			if got := r.Ignore == nil; got != answered[st+" "+name] {
				t.Errorf("%s in state %s: %+v", name, st, r)
			}
			if r.Ignore != nil && (s.m.(*method).state != before.state || !bytes.Equal(s.m.(*method).hash, before.hash)) {
				t.Errorf("%s in state %s changed the method", name, st)
			}
		}
	}
}

func TestMalformed(t *testing.T) {
	s := newServer(t, nil)
	good := append(appendHeader(opChallenge, 9, 17), append([]byte{16}, vecAuth...)...)
	for n := range good {
		if r := s.m.Process(eap.Request{ID: 1, Data: good[:n]}); r.Ignore == nil {
			t.Errorf("%d bytes: %+v", n, r)
		}
	}
	long := append(bytes.Clone(good), 0)
	if r := s.m.Process(eap.Request{ID: 1, Data: long}); r.Ignore == nil {
		t.Error("a wrong MS-Length is taken")
	}
	s.env.Config.Workaround = true
	if r := s.m.Process(eap.Request{ID: 1, Data: long}); r.Ignore != nil {
		t.Error(r.Ignore)
	}
}

// TestRetry is error 691 with R=1: another password, the new challenge.
func TestRetry(t *testing.T) {
	s := newServer(t, func(e *eap.Env) { e.Config.Password.Value = keys.Secret("wrong") })
	s.challenge()
	auth2 := bytes.Repeat([]byte{0xab}, 16)
	text := fmt.Appendf(nil, "E=691 R=1 C=%X V=3 M=try again, please", auth2)
	r := s.send(opFailure, text)
	if r.Need == nil || r.Need.Field != eap.FieldPassword || len(r.Outputs) != 1 {
		t.Fatalf("%+v", r)
	}
	if m := r.Outputs[0].(eap.ServerMessage); m.Code != 691 || !m.Retry || m.Text != "try again, please" {
		t.Errorf("%+v", m)
	}
	if r = s.send(opFailure, text); r.Need == nil || len(r.Outputs) != 0 {
		t.Fatalf("asked again: %+v", r)
	}
	s.env.Answers.Put(eap.FieldPassword, keys.Secret("clientPass"))
	r = s.send(opFailure, text)
	d := s.data(r)
	if len(d) < 54 || d[0] != 2 || d[1] != 10 {
		t.Fatalf("%x", d)
	}
	peer, response := d[5:21], d[29:53]
	if want := NTResponse(auth2, peer, []byte("User"), vecHash); !bytes.Equal(want[:], response) {
		t.Errorf("response %x, want %x", response, want)
	}
	// Wrong again: the answer is forgotten and the user asked once more.
	if r := s.send(opFailure, text); r.Need == nil || len(r.Outputs) != 1 {
		t.Fatalf("%+v", r)
	}
	s.env.Answers.Put(eap.FieldPassword, keys.Secret("clientPass"))
	d = s.data(s.send(opFailure, text))
	r = s.send(opSuccess, proof(vecHash, d[5:21], auth2, d[29:53]))
	if r.Decision != eap.DecisionUncondSucc || len(r.Outputs) != 0 {
		t.Errorf("%+v", r)
	}
}

// TestFailures that end the method.
func TestFailures(t *testing.T) {
	c := fmt.Sprintf("C=%X V=3", vecAuth)
	for text, code := range map[string]int{"E=691 R=0 " + c: 691, "E=691 R=1 V=3 M=no challenge": 691, "E=647 R=1 " + c: 647,
		"E=646 R=0": 646, "E=649": 649, "E=648 R=1 V=2 C=00": 648, "E=709 R=0": 709, "": 0, "R=1": 0, "E=42 M=ÿ\xff": 42} {
		s := newServer(t, nil)
		s.challenge()
		r := s.send(opFailure, []byte(text))
		if d := s.data(r); !bytes.Equal(d, []byte{4}) || r.State != eap.MethodStateDone || r.Decision != eap.DecisionFail || r.Why == nil || !r.Why.Remote {
			t.Errorf("%q: %+v", text, r)
			continue
		}
		if m := r.Outputs[0].(eap.ServerMessage); m.Code != code {
			t.Errorf("%q: %+v", text, m)
		}
	}
	s := newServer(t, func(e *eap.Env) { e.Config.Phase1 = "mschapv2_retry=0" })
	s.challenge()
	if r := s.send(opFailure, []byte("E=691 R=1 "+c)); r.Need != nil || r.State != eap.MethodStateDone {
		t.Errorf("mschapv2_retry=0: %+v", r)
	}
	s.m, _ = Kind().New(s.env)
	s.challenge()
	if r := s.send(opFailure, []byte("E=x")); r.Ignore == nil {
		t.Errorf("E=x: %+v", r)
	}
}

// TestPasswordChange is error 648: the user chooses another password.
func TestPasswordChange(t *testing.T) {
	s := newServer(t, nil)
	s.challenge()
	auth2 := bytes.Repeat([]byte{0xcd}, 16)
	text := fmt.Appendf(nil, "E=648 R=1 C=%X V=3 M=expired", auth2)
	if r := s.send(opFailure, text); r.Need == nil || r.Need.Field != eap.FieldNewPassword || len(r.Outputs) != 1 {
		t.Fatalf("%+v", r)
	}
	s.env.Answers.Put(eap.FieldNewPassword, keys.Secret("better"))
	r := s.send(opFailure, text)
	d := s.data(r)
	if len(d) != 586 || d[0] != 7 || d[1] != 10 || int(binary.BigEndian.Uint16(d[2:])) != 586 {
		t.Fatalf("%d bytes: %x", len(d), d[:4])
	}
	c, _ := rc4.NewCipher(vecHash)
	block := make([]byte, 516)
	c.XORKeyStream(block, d[4:520])
	n := int(binary.LittleEndian.Uint32(block[512:]))
	newHash := hashMD4(block[512-n : 512])
	if want, _ := NTHash([]byte("better")); !newHash.Equal(want) {
		t.Fatalf("the password sent is %q", block[512-n:512])
	}
	if !bytes.Equal(d[520:536], oldHashBlock(vecHash, newHash)) {
		t.Error("the old hash is wrong")
	}
	peer, response := d[536:552], d[560:584]
	if want := NTResponse(auth2, peer, []byte("User"), newHash); !bytes.Equal(want[:], response) {
		t.Errorf("response %x, want %x", response, want)
	}
	r = s.send(opSuccess, proof(newHash, peer, auth2, response))
	if r.Decision != eap.DecisionUncondSucc || len(r.Outputs) != 1 {
		t.Fatalf("%+v", r)
	}
	if p := r.Outputs[0].(eap.PasswordChanged); string(p.New.Value) != "better" || p.New.Hash {
		t.Errorf("%+v", p)
	}
}

// TestRefusedChange: the server does not take the new password.
func TestRefusedChange(t *testing.T) {
	s := newServer(t, nil)
	s.challenge()
	text := fmt.Appendf(nil, "E=648 R=1 C=%X V=3", vecAuth)
	s.env.Answers.Put(eap.FieldNewPassword, keys.Secret("x"))
	s.send(opFailure, text)
	if r := s.send(opFailure, []byte("E=709 R=0")); r.State != eap.MethodStateDone || r.Decision != eap.DecisionFail {
		t.Errorf("%+v", r)
	}
}

func TestCredentials(t *testing.T) {
	s := newServer(t, func(e *eap.Env) { e.Config.Identity = nil })
	if r := s.challenge(); r.Need == nil || r.Need.Field != eap.FieldIdentity {
		t.Errorf("%+v", r)
	}
	s = newServer(t, func(e *eap.Env) { e.Config.Password = eap.Password{} })
	if r := s.challenge(); r.Need == nil || r.Need.Field != eap.FieldPassword {
		t.Errorf("%+v", r)
	}
	for _, p := range []eap.Password{{Value: keys.Secret("\xff")}, {Value: keys.Secret("short"), Hash: true}} {
		if _, err := Kind().New(&eap.Env{Config: &eap.Config{Password: p}}); err == nil {
			t.Errorf("%+v is taken", p)
		}
	}
	s = newServer(t, func(e *eap.Env) { e.Rand = bytes.NewReader(nil) })
	if r := s.challenge(); r.State != eap.MethodStateDone || r.Response != nil || r.Why == nil {
		t.Errorf("no randomness: %+v", r)
	}
}

// TestTunnelChallenges come from the tunnel.
func TestTunnelChallenges(t *testing.T) {
	s := newServer(t, func(e *eap.Env) {
		e.PeerChallenge, e.AuthChallenge, e.Rand = vecPeer, vecAuth, bytes.NewReader(nil)
	})
	s.auth = make([]byte, 16)
	if d := s.data(s.challenge()); !bytes.Equal(d[29:53], vecResp[:]) {
		t.Errorf("%x", d)
	}
}

func FuzzProcess(f *testing.F) {
	f.Add([]byte("\x01\x09\x00\x15\x10[]|}{?/><,`!2&&("), []byte("\x04\x01\x00\x40E=691 R=1 C=00112233445566778899aabbccddeeff V=3 M=no"))
	f.Add([]byte("\x01\x09\x00\x15\x10[]|}{?/><,`!2&&("), []byte("\x03\x01\x00\x2eS=407A5589115FD0D6209F510FE9C04566932CDA56"))
	f.Fuzz(func(t *testing.T, first, second []byte) {
		env := &eap.Env{
			Config: &eap.Config{Identity: []byte("User"), Password: eap.Password{Value: keys.Secret("clientPass")}, Workaround: true},
			Rand:   bytes.NewReader(make([]byte, 4000)), Answers: &eap.Answers{},
		}
		env.Answers.Put(eap.FieldNewPassword, keys.Secret("new"))
		m, err := Kind().New(env)
		if err != nil {
			t.Fatal(err)
		}
		for _, data := range [][]byte{first, second, second} {
			r := m.Process(eap.Request{ID: 1, Data: data})
			n := 0
			for _, set := range []bool{r.Response != nil, r.Need != nil, r.Ignore != nil} {
				if set {
					n++
				}
			}
			if n > 1 || n == 0 && (r.State != eap.MethodStateDone || r.Decision != eap.DecisionFail) {
				t.Fatalf("%x: %+v", data, r)
			}
			if r.Need != nil {
				env.Answers.Put(r.Need.Field, keys.Secret("answer"))
			}
		}
	})
}

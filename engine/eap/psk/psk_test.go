package psk

import (
	"bytes"
	"crypto/aes"
	"encoding/hex"
	"errors"
	"testing"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/keys"
)

func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

// TestEAX has the first two vectors of Bellare, Rogaway and Wagner's paper.
func TestEAX(t *testing.T) {
	for _, v := range []struct{ key, nonce, header, text, out string }{
		{"233952DEE4D5ED5F9B9C6D6FF80FF478", "62EC67F9C3A4A407FCB2A8C49031A8B3", "6BFB914FD07EAE6B", "", "E037830E8389F27B025A2D6527E79D01"},
		{"91945D3F4DCBEE0BF45EF52255F095A4", "BECAF043B0A23D843194BA972C66DEBD", "FA3BFD4806EB53FA", "F7FB", "19DD5C4C9331049D0BDAB0277408F67967E5"},
	} {
		out, tag, err := eax(unhex(v.key), unhex(v.nonce), unhex(v.header), unhex(v.text), true)
		if err != nil || !bytes.Equal(append(out, tag...), unhex(v.out)) {
			t.Errorf("%x %x, want %s (%v)", out, tag, v.out, err)
		}
		back, tag2, err := eax(unhex(v.key), unhex(v.nonce), unhex(v.header), out, false)
		if err != nil || !bytes.Equal(back, unhex(v.text)) || !bytes.Equal(tag, tag2) {
			t.Errorf("back: %x %x (%v)", back, tag2, err)
		}
	}
}

// TestSchedule takes the equations of RFC 4764, figures 3 and 4, apart.
func TestSchedule(t *testing.T) {
	psk := bytes.Repeat([]byte{7}, 16)
	block, _ := aes.NewCipher(psk)
	enc := func(in [16]byte) (out [16]byte) { block.Encrypt(out[:], in[:]); return out }
	base := enc([16]byte{})
	one, two := base, base
	one[15] ^= 1
	two[15] ^= 2
	wantAK, wantKDK := enc(one), enc(two)
	ak, kdk, err := setup(psk)
	if err != nil || !ak.Equal(wantAK[:]) || !kdk.Equal(wantKDK[:]) {
		t.Errorf("AK %x, KDK %x, %v", []byte(ak), []byte(kdk), err)
	}
	tek, out, err := derive(kdk, make([]byte, 16))
	if err != nil || len(tek) != 16 || len(out.MSK) != 64 || len(out.EMSK) != 64 || tek.Equal(out.MSK[:16]) {
		t.Errorf("%v", err)
	}
}

// server plays the other side.
type server struct {
	t       *testing.T
	env     *eap.Env
	m       eap.Method
	ak, kdk keys.Secret
	id      uint8
	randS   []byte
	randP   []byte
	tek     keys.Secret
	out     *eap.Keys
}

func newServer(t *testing.T) *server {
	t.Helper()
	psk := []byte("0123456789abcdef")
	s := &server{t: t, id: 3, randS: bytes.Repeat([]byte{0x51}, 16), env: &eap.Env{
		Config: &eap.Config{Identity: []byte("user"), Password: eap.Password{Value: psk}},
		Rand:   bytes.NewReader(bytes.Repeat([]byte{0x52}, 64)), Answers: &eap.Answers{}}}
	var err error
	if s.m, err = Kind().New(s.env); err != nil {
		t.Fatal(err)
	}
	if s.ak, s.kdk, err = setup(psk); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *server) send(parts ...[]byte) eap.Result {
	s.id++
	p := eap.AppendPacket(nil, eap.CodeRequest, s.id, eap.TypePSK, parts...)
	return s.m.Process(eap.Request{ID: s.id, Data: p[5:], Packet: p})
}

func (s *server) first() { s.takeSecond(s.send([]byte{flagsFirst}, s.randS, []byte("server"))) }

func (s *server) takeSecond(r eap.Result) {
	s.t.Helper()
	p, err := eap.ParsePacket(r.Response)
	if err != nil || len(p.Data) < 49 || p.Data[0] != flagsSecond || !bytes.Equal(p.Data[1:17], s.randS) || string(p.Data[49:]) != "user" {
		s.t.Fatalf("second message %+v, %v", r, err)
	}
	s.randP = p.Data[17:33]
	if mac, _ := keys.CMAC(s.ak, []byte("user"), []byte("server"), s.randS, s.randP); !bytes.Equal(mac, p.Data[33:49]) {
		s.t.Fatalf("MAC_P %x, want %x", p.Data[33:49], mac)
	}
	if s.tek, s.out, err = derive(s.kdk, s.randP); err != nil {
		s.t.Fatal(err)
	}
}

// third builds the third message with a result and whatever follows it.
func (s *server) third(text ...byte) [][]byte {
	mac, _ := keys.CMAC(s.ak, []byte("server"), s.randP)
	body := make([]byte, 4+macLen+len(text))
	p := eap.AppendPacket(nil, eap.CodeRequest, s.id+1, eap.TypePSK, []byte{flagsThird}, s.randS, mac, body)
	enc, tag, err := eax(s.tek, nonce(0), p[:headerLen], text, true)
	if err != nil {
		s.t.Fatal(err)
	}
	copy(body[4+copy(body[4:], tag):], enc)
	return [][]byte{{flagsThird}, s.randS, mac, body}
}

// result opens the fourth message.
func (s *server) result(r eap.Result) byte {
	s.t.Helper()
	p, err := eap.ParsePacket(r.Response)
	if err != nil || len(p.Data) != 38 || p.Data[0] != flagsFourth || !bytes.Equal(p.Data[17:21], []byte{0, 0, 0, 1}) {
		s.t.Fatalf("fourth message %+v, %v", r, err)
	}
	plain, tag, err := eax(s.tek, nonce(1), p.Raw[:headerLen], p.Data[37:], false)
	if err != nil || !bytes.Equal(tag, p.Data[21:37]) {
		s.t.Fatalf("tag %x, want %x", p.Data[21:37], tag)
	}
	return plain[0]
}

func TestExchange(t *testing.T) {
	s := newServer(t)
	s.first()
	if s.m.Keys() != nil {
		t.Error("keys too early")
	}
	r := s.send(s.third(resultSuccess)...)
	if got := s.result(r); got != resultSuccess || r.State != eap.MethodStateDone || r.Decision != eap.DecisionUncondSucc {
		t.Errorf("%#x, %+v", got, r)
	}
	k := s.m.Keys()
	if k == nil || !k.MSK.Equal(s.out.MSK) || !k.EMSK.Equal(s.out.EMSK) || !bytes.Equal(k.SessionID, append(append([]byte{47}, s.randP...), s.randS...)) {
		t.Errorf("%+v", k)
	}
	s.m.Close()
}

func TestResults(t *testing.T) {
	for _, text := range [][]byte{{resultFailure}, {resultContinue}, {resultContinue | 0x20, 1}, {0}} {
		s := newServer(t)
		s.first()
		r := s.send(s.third(text...)...)
		if got := s.result(r); got != resultFailure || r.State != eap.MethodStateDone || r.Decision != eap.DecisionFail || r.Why == nil || s.m.Keys() != nil {
			t.Errorf("%x: %#x, %+v", text, got, r)
		}
	}
}

// TestForgeries: each part of the third message changed.
func TestForgeries(t *testing.T) {
	for part := 2; part < 4; part++ {
		for at := range 21 {
			s := newServer(t)
			s.first()
			msg := s.third(resultSuccess)
			if at >= len(msg[part]) {
				continue
			}
			msg[part][at] ^= 1
			if r := s.send(msg...); r.Response != nil || r.State != eap.MethodStateDone || r.Decision != eap.DecisionFail || s.m.Keys() != nil {
				t.Errorf("part %d, byte %d: %+v", part, at, r)
			}
		}
	}
	s := newServer(t)
	s.first()
	msg := s.third(resultSuccess)
	msg[0] = []byte{flagsThird | 1} // covered by the tag
	if r := s.send(msg...); r.Decision != eap.DecisionFail || r.State != eap.MethodStateDone {
		t.Errorf("flags: %+v", r)
	}
	s = newServer(t)
	s.first()
	msg = s.third(resultSuccess)
	msg[1] = make([]byte, 16)
	if r := s.send(msg...); r.Ignore == nil {
		t.Errorf("RAND_S: %+v", r)
	}
}

// TestEachMessageInEachState, and each too short.
func TestEachMessageInEachState(t *testing.T) {
	for _, st := range []state{stateBegin, stateSent, stateDone} {
		for flags := 0; flags < 256; flags += 0x40 {
			s := newServer(t)
			s.first()
			m := s.m.(*method)
			m.state = st
			for n := range 54 {
				data := append([]byte{byte(flags)}, append(bytes.Clone(s.randS), make([]byte, 40)...)...)[:n]
				if st == stateBegin && flags == flagsFirst && n >= 17 {
					continue
				}
				r := s.send(data)
				whole := st == stateSent && flags == flagsThird && n >= 54
				if (r.Ignore == nil) != whole || m.state != st && !whole {
					t.Fatalf("flags %#x of %d bytes in state %d: %+v", flags, n, st, r)
				}
			}
		}
	}
}

func TestConfiguration(t *testing.T) {
	for _, p := range []eap.Password{{Value: keys.Secret("short")}, {Value: make(keys.Secret, 16), Hash: true}, {Value: make(keys.Secret, 32)}} {
		if _, err := Kind().New(&eap.Env{Config: &eap.Config{Password: p}}); !errors.Is(err, eap.ErrConfig) {
			t.Errorf("%+v: %v", p, err)
		}
	}
	var need *eap.NeedError
	if _, err := Kind().New(&eap.Env{Config: &eap.Config{}}); !errors.As(err, &need) || need.Need.Field != eap.FieldPassword {
		t.Error(err)
	}
	s := newServer(t)
	s.env.Config.Identity = nil
	if r := s.send([]byte{flagsFirst}, s.randS); r.Need == nil {
		t.Errorf("%+v", r)
	}
	s.env.Config.Identity, s.env.Rand = []byte("user"), bytes.NewReader(nil)
	if r := s.send([]byte{flagsFirst}, s.randS); r.State != eap.MethodStateDone || r.Why == nil {
		t.Errorf("%+v", r)
	}
}

func FuzzProcess(f *testing.F) {
	f.Add(append([]byte{flagsFirst}, "RRRRRRRRRRRRRRRRserver"...), append([]byte{flagsThird}, "RRRRRRRRRRRRRRRRMMMMMMMMMMMMMMMM\x00\x00\x00\x00TTTTTTTTTTTTTTTTX"...))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		s := newServer(t)
		for _, data := range [][]byte{a, b, b} {
			if r := s.send(data[:min(len(data), 4000)]); r.Decision != eap.DecisionFail || s.m.Keys() != nil {
				t.Fatalf("%x: %+v", data, r)
			}
		}
	})
}

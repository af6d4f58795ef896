package psk

import (
	"bytes"
	"testing"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/keys"
)

var serverKey = keys.Secret("0123456789abcdef")

// pair is a peer and a server with the same random numbers each time.
func pair(t testing.TB, key keys.Secret) (eap.Method, *Server) {
	t.Helper()
	m, err := Kind().New(&eap.Env{
		Config: &eap.Config{Identity: []byte("user"), Password: eap.Password{Value: key}},
		Rand:   bytes.NewReader(bytes.Repeat([]byte{0x52}, 64)), Answers: &eap.Answers{}})
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewServer(bytes.NewReader(bytes.Repeat([]byte{0x51}, 64)), serverKey, "server")
	if err != nil {
		t.Fatal(err)
	}
	return m, s
}

// response has the peer answer a packet of the server.
func response(t testing.TB, m eap.Method, packet []byte) *eap.Packet {
	t.Helper()
	r := m.Process(eap.Request{ID: packet[1], Data: packet[5:], Packet: packet})
	p, err := eap.ParsePacket(r.Response)
	if err != nil {
		t.Fatalf("%+v: %v", r, err)
	}
	return &p
}

// TestServer goes through a conversation; each response is refused when any octet of its
// proof is another one, and then taken all the same.
func TestServer(t *testing.T) {
	m, s := pair(t, serverKey)
	next := s.First(7)
	for s.Keys() == nil {
		p := response(t, m, next)
		for at := range p.Data {
			bad := *p
			bad.Raw = bytes.Clone(p.Raw)
			bad.Raw[len(p.Raw)-len(p.Data)+at] ^= 1
			bad.Data = bad.Raw[len(p.Raw)-len(p.Data):]
			if _, err := s.Process(&bad, 8); err == nil {
				t.Fatalf("octet %d of %d changed: taken", at, len(p.Data))
			}
		}
		var err error
		if next, err = s.Process(p, 8); err != nil {
			t.Fatal(err)
		}
	}
	if k := m.Keys(); k == nil || !bytes.Equal(k.MSK, s.Keys().MSK) || !bytes.Equal(k.EMSK, s.Keys().EMSK) {
		t.Error("the keys differ")
	}
}

func TestServerRefuses(t *testing.T) {
	if _, err := NewServer(bytes.NewReader(make([]byte, 64)), serverKey[1:], "server"); err == nil {
		t.Error("a key of 15 bytes")
	}
	if _, err := NewServer(bytes.NewReader(nil), serverKey, "server"); err == nil {
		t.Error("no randomness")
	}
	m, s := pair(t, keys.Secret("fedcba9876543210"))
	if _, err := s.Process(response(t, m, s.First(7)), 8); err == nil || s.Keys() != nil {
		t.Errorf("another key: %v", err)
	}
}

// FuzzServer: whatever a station answers, there are no keys without the right one.
func FuzzServer(f *testing.F) {
	m, s := pair(f, serverKey)
	second := response(f, m, s.First(7))
	f.Add(second.Raw, second.Raw)
	f.Add([]byte{2, 7, 0, 5, 47}, []byte{})
	f.Fuzz(func(t *testing.T, first, then []byte) {
		_, s := pair(t, serverKey)
		s.First(7)
		for _, raw := range [][]byte{first, then} {
			if p, err := eap.ParsePacket(raw); err == nil {
				if _, err := s.Process(&p, 8); err == nil && s.Keys() != nil {
					t.Fatalf("keys by %x, %x", first, then)
				}
			}
		}
	})
}

package lab

import (
	"encoding/binary"
	"testing"
)

func TestChecksum(t *testing.T) {
	// The example of RFC 1071, section 3.
	if got := checksum([]byte{0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7}); got != 0x220d {
		t.Errorf("checksum %#04x, want 0x220d", got)
	}
}

// echo is the packet that answers p's latest request.
func echo(p *Pinger) []byte {
	b := append([]byte{0x45, 19: 0}, p.request()...)
	b[20], b[22], b[23] = icmpEchoReply, 0, 0
	binary.BigEndian.PutUint16(b[22:], checksum(b[20:]))
	return b
}

func TestPingAnswers(t *testing.T) {
	p := &Pinger{id: 7, seq: 3}
	good := echo(p)
	if !p.answers(good) {
		t.Fatal("an answer was not recognized")
	}
	for n := range good {
		if p.answers(good[:n]) {
			t.Errorf("the first %d of %d octets are an answer", n, len(good))
		}
	}
	for name, change := range map[string]func([]byte){
		"request":         func(b []byte) { b[20] = icmpEchoRequest },
		"damaged payload": func(b []byte) { b[100] ^= 1 },
		"another seq":     func(b []byte) { b[27] ^= 1 },
		"another id":      func(b []byte) { b[25] ^= 1 },
		"header length":   func(b []byte) { b[0] = 0x44 },
	} {
		bad := append([]byte(nil), good...)
		change(bad)
		if p.answers(bad) {
			t.Errorf("%s: taken for an answer", name)
		}
	}
}

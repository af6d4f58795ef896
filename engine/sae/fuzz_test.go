package sae

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"

	"gosupplicant/engine/dot11"
	"gosupplicant/engine/keys"
)

// FuzzCommit: a commit that parses is as long as its group wants, and comes out
// of append as it went in, but for elements that we do not know or that come in
// another order.
func FuzzCommit(f *testing.F) {
	groups := map[uint16]*group{}
	for _, id := range []uint16{15, 19, 20, 21} {
		g, err := newGroup(id)
		if err != nil {
			f.Fatal(err)
		}
		groups[id] = g
		c := &commit{group: id, scalar: make([]byte, g.size), element: make(element, g.width), token: []byte("token"),
			identifier: []byte("id"), rejected: []uint16{20, 21}, akm: dot11.AKMSAEExtKey}
		f.Add(id, true, []byte(nil), c.append(nil, true))
		c = &commit{group: id, scalar: make([]byte, g.size), element: make(element, g.width), token: []byte("token")}
		f.Add(id, false, []byte("token"), c.append(nil, false))
	}
	f.Fuzz(func(t *testing.T, id uint16, h2e bool, token, body []byte) {
		g := groups[id]
		if g == nil {
			g = groups[19]
		}
		c, err := parseCommit(g, body, token, h2e)
		if err != nil {
			if !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrGroup) {
				t.Errorf("%v", err)
			}
			return
		}
		if len(c.scalar) != g.size || len(c.element) != g.width || len(c.identifier) > maxIdentifier || len(c.rejected) > 127 {
			t.Errorf("%+v", c)
		}
		again, err := parseCommit(g, c.append(nil, h2e), token, h2e)
		if err != nil || !bytes.Equal(again.scalar, c.scalar) || !bytes.Equal(again.element, c.element) ||
			!bytes.Equal(again.token, c.token) || !bytes.Equal(again.identifier, c.identifier) {
			t.Errorf("%+v came back as %+v, %v", c, again, err)
		}
	})
}

func FuzzConfirm(f *testing.F) {
	f.Add(make([]byte, 34), uint8(32))
	f.Add(append(make([]byte, 50), 221, 4, 0x50, 0x6f, 0x9a, 31), uint8(48))
	f.Fuzz(func(t *testing.T, body []byte, size uint8) {
		c, err := parseConfirm(body, int(size))
		if err != nil {
			if !errors.Is(err, ErrMalformed) {
				t.Errorf("%v", err)
			}
			return
		}
		if len(c.verifier) != int(size) || !bytes.Equal(c.append(nil), body) {
			t.Errorf("%x came back as %x", body, c.append(nil))
		}
	})
}

func FuzzToken(f *testing.F) {
	f.Add([]byte("token"), false)
	f.Add([]byte{255, 3, 93, 1, 2}, true)
	f.Fuzz(func(t *testing.T, body []byte, h2e bool) {
		token, err := parseToken(body, h2e)
		if (err == nil) != (len(token) > 0 && len(token) <= maxToken) || err != nil && !errors.Is(err, ErrMalformed) {
			t.Errorf("%d bytes, %v", len(token), err)
		}
	})
}

// FuzzReceive feeds a machine with frames out of the input: role and method,
// then transaction, status and length of each. Nobody who does not know the
// password gets past its confirm.
func FuzzReceive(f *testing.F) {
	frame := func(transaction byte, status uint16, body []byte) []byte {
		b := binary.LittleEndian.AppendUint16([]byte{transaction}, status)
		return append(binary.LittleEndian.AppendUint16(b, uint16(len(body))), body...)
	}
	pts := NewPTs([]byte(testSSID), keys.Secret(testPassword), nil)
	own, peer := dot11.MAC{2, 0, 0, 0, 0, 1}, dot11.MAC{2, 0, 0, 0, 0, 2}
	machine := func(role Role, h2e bool) *Machine {
		c := Config{Rand: seeded(5), Role: role, Own: own, Peer: peer, Groups: []uint16{19, 20}, H2E: h2e,
			SSID: []byte(testSSID), Password: keys.Secret(testPassword), DemandToken: role == RoleAP}
		if h2e {
			c.PTs = pts
		}
		m, err := New(c)
		if err != nil {
			panic(err)
		}
		return m
	}
	generator := unhex(f, "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5")
	point := append(append([]byte{19, 0}, bytes.Repeat([]byte{2}, 32)...), generator...)
	f.Add(append([]byte{1}, frame(1, 126, point)...))
	f.Add(append(append([]byte{1}, frame(1, 126, point)...), frame(2, 0, make([]byte, 34))...))
	f.Add(append(append([]byte{1}, frame(1, 76, []byte{19, 0, 255, 2, 93, 7})...), frame(1, 77, []byte{19, 0})...))
	f.Add(append(append([]byte{3}, frame(1, 126, point)...), frame(2, 15, nil)...))
	f.Add(append([]byte{0}, frame(1, 0, point)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) == 0 {
			return
		}
		role := RoleStation
		if b[0]&2 != 0 {
			role = RoleAP
		}
		m := machine(role, b[0]&1 != 0)
		ends := 0
		take := func(outs []Output) {
			for _, o := range outs {
				switch o := o.(type) {
				case Done:
					t.Error("done without the password")
				case Failed:
					ends++
					if o.Err == nil || o.Cause.String() == "" {
						t.Errorf("%+v", o)
					}
				}
			}
		}
		take(m.Start())
		for b = b[1:]; len(b) >= 5; {
			transaction, status := uint16(b[0]), dot11.Status(binary.LittleEndian.Uint16(b[1:]))
			n := min(int(binary.LittleEndian.Uint16(b[3:])), len(b)-5)
			if transaction == 255 {
				take(m.Timeout())
			}
			take(m.Receive(transaction, status, b[5:5+n]))
			b = b[5+n:]
		}
		if ends > 1 {
			t.Errorf("failed %d times", ends)
		}
	})
}

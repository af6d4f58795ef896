package sae

import (
	"bytes"
	"testing"

	"gosupplicant/engine/dot11"
)

// TestPrepare: a commit that was computed ahead is the one that Start sends, and the
// exchange goes on as any; one that was abandoned sends nothing.
func TestPrepare(t *testing.T) {
	x := newExchange(t, nil)
	m := x.sta.m
	if err := m.Prepare(); err != nil || m.State() != StateNothing {
		t.Fatal(m.State(), err)
	}
	scalar := bytes.Clone(m.own.scalar)
	if err := m.Prepare(); err != nil || !bytes.Equal(scalar, m.own.scalar) {
		t.Fatal("a second one took its place", err)
	}
	x.run()
	if m.State() != StateAccepted || x.ap.m.State() != StateAccepted {
		t.Errorf("%v and %v: %v", m.State(), x.ap.m.State(), x.trace)
	}
	if !bytes.Contains(m.sent, scalar) {
		t.Error("another commit was sent")
	}

	m = newExchange(t, nil).sta.m
	if err := m.Prepare(); err != nil {
		t.Fatal(err)
	}
	rand := m.own.rand
	m.Abandon()
	if outs := m.Start(); len(outs) != 0 || m.own != nil || !bytes.Equal(rand, make([]byte, len(rand))) {
		t.Errorf("%v after Abandon; private scalar %x", outs, rand)
	}
}

func TestSame(t *testing.T) {
	pts := NewPTs([]byte("net"), []byte("secret"), nil)
	a := Config{Own: dot11.MAC{2}, Peer: dot11.MAC{4}, H2E: true, SSID: []byte("net"), Password: []byte("secret"), PTs: pts, Groups: []uint16{19}}
	if b := a; !a.Same(b) {
		t.Error("differs from itself")
	}
	for name, change := range map[string]func(*Config){
		"role": func(c *Config) { c.Role = RoleAP }, "own": func(c *Config) { c.Own[5]++ }, "peer": func(c *Config) { c.Peer[5]++ },
		"akm": func(c *Config) { c.AKM = dot11.AKMSAEExtKey }, "groups": func(c *Config) { c.Groups = []uint16{20} },
		"h2e": func(c *Config) { c.H2E = false }, "ssid": func(c *Config) { c.SSID = nil },
		"password": func(c *Config) { c.Password = []byte("other") }, "identifier": func(c *Config) { c.Identifier = []byte("i") },
		"points": func(c *Config) { c.PTs = nil }, "pk": func(c *Config) { c.PK = true }, "rejected": func(c *Config) { c.Rejected = []uint16{21} },
	} {
		b := a
		if change(&b); a.Same(b) || b.Same(a) {
			t.Error("the same with another", name)
		}
	}
}

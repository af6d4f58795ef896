package sae

import (
	"fmt"
	"testing"

	"gosupplicant/engine/dot11"
	"gosupplicant/engine/keys"
)

// BenchmarkStation is the station's part of an exchange, with a PT that is
// known already where there is one.
func BenchmarkStation(b *testing.B) {
	for _, h2e := range []bool{false, true} {
		for _, id := range []uint16{19, 20, 21, 15, 16} {
			b.Run(fmt.Sprintf("h2e=%v/group=%d", h2e, id), func(b *testing.B) { benchmarkStation(b, id, h2e) })
		}
	}
}

func benchmarkStation(b *testing.B, id uint16, h2e bool) {
	c := Config{Rand: seeded(0), Own: dot11.MAC{2, 1}, Peer: dot11.MAC{2, 2}, Groups: []uint16{id}, H2E: h2e,
		SSID: []byte(testSSID), Password: keys.Secret(testPassword)}
	c.PTs = NewPTs(c.SSID, c.Password, nil)
	a := c
	a.Role, a.Own, a.Peer, a.Rand = RoleAP, c.Peer, c.Own, seeded(1)
	for b.Loop() {
		sta, err := New(c)
		if err != nil {
			b.Fatal(err)
		}
		commit := sta.Start()[0].(Send)
		b.StopTimer()
		ap, err := New(a)
		if err != nil {
			b.Fatal(err)
		}
		answer := ap.Receive(1, commit.Status, commit.Body)[0].(Send)
		b.StartTimer()
		confirm := sta.Receive(1, answer.Status, answer.Body)[0].(Send)
		b.StopTimer()
		last := ap.Receive(2, 0, confirm.Body)[0].(Send)
		b.StartTimer()
		if _, ok := sta.Receive(2, 0, last.Body)[0].(Done); !ok {
			b.Fatal("not done")
		}
	}
}

func BenchmarkPT(b *testing.B) {
	for _, id := range []uint16{19, 20, 21, 15, 16} {
		b.Run(fmt.Sprintf("group=%d", id), func(b *testing.B) {
			for b.Loop() {
				if _, err := DerivePT(id, []byte(testSSID), keys.Secret(testPassword), nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

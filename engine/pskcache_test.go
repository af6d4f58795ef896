package engine

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"gosupplicant/conf"
	"gosupplicant/engine/dot11"
	"gosupplicant/engine/keys"
	"gosupplicant/engine/sae"
)

// What was derived for a block that is gone serves one with the same SSID and
// password, within bounds, and nothing else.
func TestPartedKeys(t *testing.T) {
	now := time.Unix(1e9, 0)
	var c pskCache
	block := func(pass string) *conf.Network {
		n := conf.New().AddNetwork()
		if _, err := n.Set("psk", fmt.Sprintf("%q", pass)); err != nil {
			t.Fatal(err)
		}
		return n
	}
	part := func(pass string) {
		n := block(pass)
		c.keepPSK(n, keys.Secret("key of "+pass), pskFrom([]byte(pass), []byte("home")))
		c.forget(n, now)
	}
	have := func(pass, ssid string) bool {
		t.Helper()
		key, err := c.ready(block(pass), []byte(ssid))
		if err != nil || key != nil && string(key) != "key of "+pass {
			t.Errorf("%q, %v", []byte(key), err)
		}
		return key != nil
	}
	part("12345678")
	if have("12345678", "away") || have("12345679", "home") {
		t.Error("served another network")
	}
	if !have("12345678", "home") {
		t.Error("not kept")
	}
	for k := range maxParted + 1 {
		part(fmt.Sprint("password", k))
	}
	if len(c.parted) != maxParted || have("password0", "home") || !have("password1", "home") {
		t.Errorf("%d are kept, want the %d newest", len(c.parted), maxParted)
	}
	key := c.parted[0].psk
	c.expire(now.Add(partedTime - 1))
	if len(c.parted) != maxParted-1 {
		t.Errorf("%d are kept before their time is over", len(c.parted))
	}
	c.expire(now.Add(partedTime))
	if len(c.parted) != 0 || !bytes.Equal(key, make([]byte, len(key))) {
		t.Errorf("%d are kept after their time is over; the key was cleared: %v", len(c.parted), bytes.Equal(key, make([]byte, len(key))))
	}
}

// Points of SAE are kept like keys, without the password.
func TestPartedPoints(t *testing.T) {
	var c pskCache
	n := conf.New().AddNetwork()
	cfg := &sae.Config{SSID: dot11.SSID("home"), Password: keys.Secret("secret")}
	pts := c.pts(n, cfg)
	pt, err := pts.For(19)
	if err != nil {
		t.Fatal(err)
	}
	c.forget(n, time.Unix(1e9, 0))
	if _, err := pts.For(20); err == nil {
		t.Error("the password is kept")
	}
	again := c.pts(conf.New().AddNetwork(), cfg)
	if same, err := again.For(19); err != nil || same != pt {
		t.Errorf("derived again, %v", err)
	}
	if _, err := again.For(20); err != nil {
		t.Error(err)
	}
}

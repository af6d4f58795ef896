package psk

import (
	"os"
	"testing"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/eap/eaptest"
	"gosupplicant/engine/keys"
)

// TestRecorded replays a conversation with hostapd 2.10, and its MSK.
func TestRecorded(t *testing.T) {
	b, err := os.ReadFile("testdata/hostapd.txt")
	if err != nil {
		t.Fatal(err)
	}
	cfg := &eap.Config{Identity: []byte("psk"), Password: eap.Password{Value: keys.Secret("0123456789abcdef")}}
	if _, err := eaptest.Replay(Kind(), cfg, b); err != nil {
		t.Error(err)
	}
	cfg.Password.Value = keys.Secret("0123456789abcdeX")
	if _, err := eaptest.Replay(Kind(), cfg, b); err == nil {
		t.Error("another key serves too")
	}
}

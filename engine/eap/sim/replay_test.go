package sim

import (
	"os"
	"testing"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/eap/eaptest"
	"gosupplicant/engine/keys"
)

// TestRecorded replays conversations with hostapd 2.10, and its MSKs.
func TestRecorded(t *testing.T) {
	for name, kind := range map[string]eap.Kind{"1 sim": KindSIM(), "0 aka": KindAKA(), "6 aka-prime": KindAKAPrime()} {
		b, err := os.ReadFile("testdata/hostapd-" + name[2:] + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		cfg := &eap.Config{Identity: []byte(name[:1] + "232010000000000@wlan.example"), Methods: []eap.Type{kind.Type},
			Password: eap.Password{Value: keys.Secret(testKi + ":" + testOPc + ":000000000020")}}
		if _, err := eaptest.Replay(kind, cfg, b); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		cfg.Password.Value = keys.Secret(testOPc + ":" + testKi + ":000000000020")
		if _, err := eaptest.Replay(kind, cfg, b); err == nil {
			t.Errorf("%s: another card serves too", name)
		}
	}
}

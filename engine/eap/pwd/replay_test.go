package pwd

import (
	"fmt"
	"os"
	"testing"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/eap/eaptest"
	"gosupplicant/engine/keys"
)

// TestRecorded replays conversations with hostapd 2.10: its Confirm verifies, and
// ours is the one that it accepted.
func TestRecorded(t *testing.T) {
	for _, group := range []int{19, 20, 21} {
		b, err := os.ReadFile(fmt.Sprintf("testdata/hostapd-%d.txt", group))
		if err != nil {
			t.Fatal(err)
		}
		cfg := &eap.Config{Identity: []byte("pwd"), Password: eap.Password{Value: keys.Secret("secret")}}
		if k, err := eaptest.Replay(Kind(), cfg, b); err != nil || k == nil {
			t.Errorf("group %d: %v", group, err)
		}
		cfg.Password.Value = keys.Secret("Secret")
		if _, err := eaptest.Replay(Kind(), cfg, b); err == nil {
			t.Errorf("group %d: another password serves too", group)
		}
	}
}

package engine_test

import (
	"testing"
	"time"

	"gosupplicant/engine"
)

// saeAP is alone on the air.
const saeAP = `ap "sae" bssid=02:00:00:00:04:01 channel=1 signal=-50 security=wpa3 passphrase="12345678"` + "\n"

// The commit for an access point that was lost is there before that is heard again; it
// is sent in one exchange only.
func TestCommitAhead(t *testing.T) {
	w, s := newWorld(t), &spy{}
	w.drive(spyDriver{w.air, s})
	i := w.connect(saeBlock, "radio phy0 interfaces=sim0\n"+saeAP+"dwell active=100ms\n")
	s.record(w, nil)
	const losses = 3
	for range losses {
		w.events()
		before := w.drawn.bytes
		w.loseAP(i)
		drawn := w.drawn.bytes
		if drawn == before {
			t.Error("nothing was computed ahead")
		}
		w.addAP(saeAP)
		w.loop.Each = func() {
			if i.State() == engine.StateAuthenticating && w.drawn.bytes != drawn {
				t.Errorf("%d random bytes for the commit when the access point was there", w.drawn.bytes-drawn)
			}
		}
		if !w.until(10*time.Second, "connected to") {
			t.Fatalf("not back: %v", w.events())
		}
		w.loop.Each = nil
	}
	sent := map[string]bool{}
	for _, c := range s.commits() {
		sent[string(c)] = true
	}
	if len(sent) != losses {
		t.Errorf("%d different commits in %d exchanges", len(sent), losses)
	}
}

// What was computed ahead is of no use when the network has another password since.
func TestCommitAheadOfAnotherPassword(t *testing.T) {
	w := newWorld(t)
	i := w.connect(saeBlock, "radio phy0 interfaces=sim0\n"+saeAP+"dwell active=100ms\n")
	w.loseAP(i)
	if err := i.SetNetwork(0, "sae_password", `"another one"`); err != nil {
		t.Fatal(err)
	}
	w.addAP(`ap "sae" bssid=02:00:00:00:04:01 channel=1 signal=-50 security=wpa3 passphrase="another one"` + "\n")
	if !w.until(10*time.Second, "connected to") {
		t.Fatalf("not back: %v", w.events())
	}
}

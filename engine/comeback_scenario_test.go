package engine_test

import (
	"strings"
	"testing"
	"time"

	"gosupplicant/engine/dot11"
)

// TestComeback: an access point that refuses for now is asked again when it wants to be,
// by the device itself, and when that has given up, by us; it is not to blame.
func TestComeback(t *testing.T) {
	for _, mac := range []string{"", " full-mac"} {
		for _, tt := range []struct {
			name     string
			accepts  time.Duration // after the first request
			attempts int
			latest   time.Duration
		}{
			{"before the device gives up", 500 * time.Millisecond, 1, 1200 * time.Millisecond},
			{"after it has", 2500 * time.Millisecond, 2, 4 * time.Second},
		} {
			t.Run(tt.name+mac, func(t *testing.T) {
				w := newWorld(t)
				air := strings.Replace(pairAir, "interfaces=sim0", "interfaces=sim0"+mac, 1)
				ap := dot11.MAC{2, 0, 0, 0, 4, 1}
				i := w.connect(pairBlock, air)
				if err := w.air.Air().RemoveAP(dot11.MAC{2, 0, 0, 0, 4, 2}); err != nil {
					t.Fatal(err)
				}
				if err := w.air.Air().RefuseAP(ap, 0, dot11.StatusAssocTryAgain); err != nil {
					t.Fatal(err)
				}
				w.events()
				begun := w.loop.Now()
				if err := i.Reassociate(); err != nil {
					t.Fatal(err)
				}
				w.loop.Advance(tt.accepts)
				if err := w.air.Air().RefuseAP(ap, 0, 0); err != nil {
					t.Fatal(err)
				}
				if !w.until(time.Minute, "connected to") {
					t.Fatalf("not connected: %v", w.events())
				}
				events := strings.Join(w.events(), "\n")
				if took := w.loop.Now().Sub(begun); took > tt.latest {
					t.Errorf("took %v", took)
				}
				if n := strings.Count(events, "attempt failed") + 1; n != tt.attempts {
					t.Errorf("%d attempts, want %d:\n%s", n, tt.attempts, events)
				}
				if got := i.IgnoredBSSIDs(); len(got) > 0 {
					t.Errorf("ignored: %v", got)
				}
			})
		}
	}
}

package engine_test

import (
	"testing"
	"time"

	"gosupplicant/engine"
)

// TestAuthModeTold: whoever reads CurrentAuthMode when told of a change has the
// mode of the connection once it stands: before, the answer was that none does.
func TestAuthModeTold(t *testing.T) {
	w := newWorld(t)
	var last engine.State
	w.sup.Observe(func(ev engine.Event) {
		if p, ok := ev.(engine.PropChanged); ok && p.Prop == engine.PropCurrentAuthMode {
			last = p.Iface.State()
		}
	})
	block := "network={\nssid=\"psk\"\npsk=\"12345678\"\n}\n"
	i := w.add(engine.InterfaceConfig{Ifname: "sim0", ConfigFile: confFile(t, block), DriverParam: airFile(t, connectAir)})
	if !w.loop.Until(20*time.Second, func() bool { return i.State() == engine.StateCompleted }) {
		t.Fatalf("state is %v", i.State())
	}
	w.loop.Drain()
	if last != engine.StateCompleted {
		t.Errorf("the mode was last told in state %v", last)
	}
}

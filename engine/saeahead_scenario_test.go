package engine_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"gosupplicant/drivers/sim"
	"gosupplicant/engine"
	"gosupplicant/engine/dot11"
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

// TestConfirmRefusedOnce: the first refusal of a confirm is not taken for a wrong
// password, the second in a row is; a connection makes up for one. Only the exchange
// after the first refusal has a list of rejected groups, without a real one.
func TestConfirmRefusedOnce(t *testing.T) {
	w, spoil := newWorld(t), 1
	var lists []bool
	i := w.add(engine.InterfaceConfig{Ifname: "sim0", ConfigFile: confFile(t, saeBlock), DriverParam: airFile(t, "radio phy0 interfaces=sim0\n"+saeAP)})
	w.air.Air().OnFrame(func(f sim.Frame) sim.Fate {
		head, body, err := dot11.ParseMgmt(f.Bytes)
		if err != nil || !f.ToAP || head.Subtype != dot11.SubtypeAuth || len(body) < 8 {
			return sim.Fate{}
		}
		if body[2] == 1 {
			lists = append(lists, bytes.HasSuffix(body, []byte{255, 3, 92, 0, 0}))
		}
		if body[2] != 2 || spoil == 0 {
			return sim.Fate{}
		}
		spoil--
		bad := bytes.Clone(f.Bytes)
		bad[len(bad)-1] ^= 1
		return sim.Fate{Bytes: bad}
	})
	for range 2 {
		spoil = 1
		if !w.until(5*time.Second, "connected to") {
			t.Fatalf("not connected: %v", w.events())
		}
		if all := strings.Join(w.events(), "\n"); spoil != 0 || strings.Contains(all, "WRONG_KEY") || strings.Contains(all, "wrong key") {
			t.Errorf("blamed the password:\n%s", all)
		}
		i.FlushPMKSAs()
		if err := errors.Join(i.Disconnect(), i.Reconnect()); err != nil {
			t.Fatal(err)
		}
	}
	spoil = 2
	if !w.until(5*time.Second, "held for 10s after 1: WRONG_KEY") {
		t.Errorf("not held: %v", w.events())
	}
	if want := []bool{false, true, false, true, false, true}; !slices.Equal(lists, want) {
		t.Errorf("commits with a list of rejected groups: %v, want %v", lists, want)
	}
}

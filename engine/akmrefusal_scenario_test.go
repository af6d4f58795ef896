package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"gosupplicant/drivers/sim"
	"gosupplicant/engine"
	"gosupplicant/engine/dot11"
)

const (
	bothAir   = "radio phy0 interfaces=sim0\nap \"both\" bssid=02:00:00:00:05:01 channel=1 signal=-50 security=wpa2-wpa3 passphrase=\"12345678\"\n"
	bothBlock = "network={\nssid=\"both\"\npsk=\"12345678\"\nkey_mgmt=WPA-PSK SAE\nieee80211w=1\n}\n"
)

// isSAE tells SAE frames.
func isSAE(f sim.Frame) bool {
	h, body, err := dot11.ParseMgmt(f.Bytes)
	return err == nil && h.Subtype == dot11.SubtypeAuth && len(body) > 0 && body[0] == byte(dot11.AuthAlgSAE)
}

// refused makes an answer of the access point to SAE one with a status.
func refused(frame []byte, status dot11.Status) []byte {
	const headerAndAlg = dot11.MgmtHeaderLen + 4
	out := append([]byte(nil), frame[:headerAndAlg]...)
	return append(out, byte(status), byte(status>>8))
}

func usedAKM(i *engine.Interface) string {
	if s := i.Link().Security; s != nil {
		return fmt.Sprint(s.AKM)
	}
	return ""
}

// TestNextAKM: an access point that announces SAE and does not do it is joined with the
// PSK that the network allows, too.
func TestNextAKM(t *testing.T) {
	ap := dot11.MAC{2, 0, 0, 0, 5, 1}
	for _, tt := range []struct {
		name string
		fate func(sim.Frame) sim.Fate
		most time.Duration
	}{
		{"refused", func(f sim.Frame) sim.Fate {
			if isSAE(f) && !f.ToAP {
				return sim.Fate{Bytes: refused(f.Bytes, dot11.StatusAuthAlgUnsupported)}
			}
			return sim.Fate{}
		}, 5 * time.Second},
		{"refused for no reason", func(f sim.Frame) sim.Fate {
			if isSAE(f) && !f.ToAP {
				return sim.Fate{Bytes: refused(f.Bytes, dot11.StatusUnspecifiedFailure)}
			}
			return sim.Fate{}
		}, 20 * time.Second},
		{"no answer", func(f sim.Frame) sim.Fate { return sim.Fate{Drop: isSAE(f)} }, time.Minute},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			i := w.add(engine.InterfaceConfig{Ifname: "sim0", ConfigFile: confFile(t, bothBlock), DriverParam: airFile(t, bothAir)})
			w.air.Air().OnFrame(tt.fate)
			if !w.until(tt.most, "connected to") {
				t.Fatalf("not connected: %v", w.events())
			}
			if got := usedAKM(i); !strings.Contains(got, "PSK") {
				t.Errorf("by %s", got)
			}
			// What is refused is asked for again some time.
			w.air.Air().OnFrame(nil)
			w.loop.Advance(11 * time.Minute)
			w.events()
			if err := w.air.Air().Kick(ap, dot11.ReasonUnspecified, false); err != nil {
				t.Fatal(err)
			}
			if !w.until(20*time.Second, "connected to") {
				t.Fatalf("not connected again: %v", w.events())
			}
			if got := usedAKM(i); !strings.Contains(got, "SAE") {
				t.Errorf("later by %s", got)
			}
		})
	}
}

// TestNoNextAKM: what has worked is not given up, nor what the network asks for alone;
// and the access point may forbid the way back.
func TestNoNextAKM(t *testing.T) {
	refuse := func(f sim.Frame) sim.Fate {
		if isSAE(f) && !f.ToAP {
			return sim.Fate{Bytes: refused(f.Bytes, dot11.StatusAuthAlgUnsupported)}
		}
		return sim.Fate{}
	}
	t.Run("has worked", func(t *testing.T) {
		w := newWorld(t)
		i := w.connect(bothBlock, bothAir)
		if got := usedAKM(i); !strings.Contains(got, "SAE") {
			t.Fatalf("by %s", got)
		}
		i.FlushPMKSAs()
		w.air.Air().OnFrame(refuse)
		w.events()
		if err := i.Reassociate(); err != nil {
			t.Fatal(err)
		}
		if w.until(2*time.Minute, "connected to") {
			t.Errorf("connected by %s", usedAKM(i))
		}
	})
	for name, block := range map[string]string{
		"only SAE":            strings.Replace(bothBlock, "WPA-PSK SAE", "SAE", 1),
		"transition disabled": strings.Replace(bothBlock, "ieee80211w=1", "ieee80211w=1\ntransition_disable=1", 1),
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			i := w.add(engine.InterfaceConfig{Ifname: "sim0", ConfigFile: confFile(t, block), DriverParam: airFile(t, bothAir)})
			w.air.Air().OnFrame(refuse)
			if w.until(2*time.Minute, "connected to") {
				t.Errorf("connected by %s", usedAKM(i))
			}
		})
	}
}

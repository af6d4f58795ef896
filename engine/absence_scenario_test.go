package engine_test

import (
	"testing"
	"time"

	"gosupplicant/drivers/sim"
	"gosupplicant/engine"
	"gosupplicant/engine/dot11"
)

// scans makes a scan and expects both access points of twoAPs.
func (w *world) scans(i *engine.Interface) {
	w.t.Helper()
	if _, err := i.Scan(engine.ScanRequest{Queue: true}); err != nil {
		w.t.Fatal(err)
	}
	if !w.loop.Until(20*time.Second, func() bool { return i.BSSs().Len() == 2 && !i.Scanning() }) {
		w.t.Fatalf("%d BSSs after the scan", i.BSSs().Len())
	}
}

func TestInterfaceOutlivesItsDevice(t *testing.T) {
	w := newWorld(t)
	i := w.add(engine.InterfaceConfig{Ifname: "sim0", DriverParam: airFile(t, twoAPs)})
	w.scans(i)
	air, radio := w.air.Air(), "phy0"
	for _, next := range []string{"phy7", "phy8"} { // it must work more than once
		if err := air.RemoveRadio(radio); err != nil {
			t.Fatal(err)
		}
		w.loop.Drain()
		if i.State() != engine.StateInterfaceDisabled || i.BSSs().Len() != 0 {
			t.Fatalf("without device: %v, %d BSSs", i.State(), i.BSSs().Len())
		}
		if _, err := i.Scan(engine.ScanRequest{}); err != engine.ErrDisabled {
			t.Errorf("scan without device: %v", err)
		}
		w.loop.Advance(time.Hour)
		if !w.loop.Idle() {
			t.Errorf("timers while the device is away: %+v", w.loop.Timers())
		}
		// It comes back elsewhere, under another name, and is renamed.
		plan := sim.RadioPlan{Name: next, Interfaces: []string{"new0"}, Sensitivity: -92, ScanSSIDs: 4,
			Bands: []dot11.Band{dot11.Band2GHz, dot11.Band5GHz}, Addr: dot11.MAC{2, 7, 7, 7, 7, next[3]}}
		if err := air.AddRadio(plan); err != nil {
			t.Fatal(err)
		}
		w.loop.Drain()
		if i.State() != engine.StateInterfaceDisabled {
			t.Fatalf("took up a device of another name: %v", i.State())
		}
		if err := air.Rename("new0", "sim0"); err != nil {
			t.Fatal(err)
		}
		w.loop.Drain()
		if i.State() != engine.StateInactive || i.RadioName() != next || i.MACAddress() != plan.Addr || i.Capability().MaxScanSSIDs != 4 {
			t.Fatalf("device is back: %v on %s, address %v", i.State(), i.RadioName(), i.MACAddress())
		}
		w.scans(i)
		radio = next
	}
}

func TestInterfaceConnectsAgainAfterItsDeviceReturned(t *testing.T) {
	w := newWorld(t)
	i := w.add(engine.InterfaceConfig{
		Ifname: "sim0", DriverParam: airFile(t, twoAPs),
		ConfigFile: confFile(t, "network={\n ssid=\"one\"\n key_mgmt=NONE\n}\n"),
	})
	connected := func() bool { return i.State() == engine.StateCompleted }
	if !w.loop.Until(30*time.Second, connected) {
		t.Fatal("not connected")
	}
	w.air.Air().RemoveInterface("sim0")
	w.loop.Drain()
	if i.State() != engine.StateInterfaceDisabled || i.CurrentBSS() != nil {
		t.Fatalf("%v, BSS %v", i.State(), i.CurrentBSS())
	}
	if err := w.air.Air().AddInterface("phy0", "sim0", dot11.MAC{}); err != nil {
		t.Fatal(err)
	}
	if !w.loop.Until(30*time.Second, connected) {
		t.Fatalf("not connected again: %v", i.State())
	}
}

func TestRemovingAnInterfaceWhoseDeviceIsAwayEndsTheWait(t *testing.T) {
	w := newWorld(t)
	air := airFile(t, twoAPs)
	i := w.add(engine.InterfaceConfig{Ifname: "sim0", DriverParam: air})
	w.air.Air().RemoveInterface("sim0")
	w.loop.Drain()
	w.events()
	if err := w.sup.RemoveInterface(i); err != nil {
		t.Fatal(err)
	}
	if err := w.air.Air().AddInterface("phy0", "sim0", dot11.MAC{}); err != nil {
		t.Fatal(err)
	}
	w.loop.Advance(time.Minute)
	w.want("sim0 removed")
	if !w.loop.Idle() {
		t.Errorf("timers left: %+v", w.loop.Timers())
	}
	w.scans(w.add(engine.InterfaceConfig{Ifname: "sim0", DriverParam: air}))
}

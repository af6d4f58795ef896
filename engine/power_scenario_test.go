package engine_test

import (
	"slices"
	"testing"
	"time"

	"gosupplicant/drivers"
	"gosupplicant/drivers/sim"
	"gosupplicant/engine"
	"gosupplicant/engine/dot11"
)

// sleepy is a driver whose device can save power; did is what it was told.
type sleepy struct {
	*sim.Driver
	refuse error
	did    []string
}

type sleepyIface struct {
	device
	d *sleepy
}

func (d *sleepy) Open(cfg drivers.Config) (drivers.Interface, error) {
	tell := cfg.Events
	cfg.Events = func(ev drivers.Event) {
		if _, ok := ev.(drivers.EventAssoc); ok {
			d.did = append(d.did, "associated")
		}
		tell(ev)
	}
	i, err := d.Driver.Open(cfg)
	if err != nil {
		return nil, err
	}
	return &sleepyIface{i.(device), d}, nil
}

func (s *sleepyIface) Connect(p *drivers.ConnectParams) error {
	s.d.did = append(s.d.did, "connect")
	return s.device.Connect(p)
}

func (s *sleepyIface) SetAuthorized(bssid dot11.MAC, yes bool) error {
	s.d.did = append(s.d.did, "authorized")
	return s.device.SetAuthorized(bssid, yes)
}

func (s *sleepyIface) SetPowerSave(on bool) error {
	s.d.did = append(s.d.did, map[bool]string{true: "sleep", false: "wake"}[on])
	return s.d.refuse
}

func (d *sleepy) told() []string {
	did := d.did
	d.did = nil
	return did
}

// sleepyWorld is a world with such a device on pairAir.
func sleepyWorld(t *testing.T, d *sleepy, air string) (*world, *engine.Interface) {
	t.Helper()
	w := newWorld(t)
	d.Driver = w.air
	w.drive(d)
	i := w.add(engine.InterfaceConfig{Ifname: "sim0", DriverParam: airFile(t, air), ConfigFile: confFile(t, pairBlock)})
	return w, i
}

// answered calls f and waits for its answer.
func (w *world) answered(f func(done func(error))) error {
	w.t.Helper()
	heard := false
	var got error
	f(func(err error) { heard, got = true, err })
	if !w.loop.Until(time.Second, func() bool { return heard }) {
		w.t.Fatal("no answer")
	}
	return got
}

func (w *world) powerSave(i *engine.Interface, on bool) error {
	w.t.Helper()
	return w.answered(func(done func(error)) { i.SetPowerSave(on, done) })
}

// TestPowerSaveAfterKeys: a device that connects by itself sleeps only when the port is
// open, whenever it was asked for; one that nobody asked is left alone.
func TestPowerSaveAfterKeys(t *testing.T) {
	d := &sleepy{}
	w, i := sleepyWorld(t, d, fullMAC(pairAir))
	completed := func() {
		t.Helper()
		if !w.until(20*time.Second, "connected to") {
			t.Fatalf("not connected: %v", w.events())
		}
		w.loop.Drain()
		w.events()
	}
	check := func(what string, want ...string) {
		t.Helper()
		if got := d.told(); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
	completed()
	check("nobody asked", "connect", "associated", "authorized")
	if err := w.powerSave(i, true); err != nil {
		t.Fatal(err)
	}
	check("connected", "sleep")
	if err := i.Reassociate(); err != nil {
		t.Fatal(err)
	}
	completed()
	check("again", "wake", "connect", "associated", "authorized", "sleep")
	if err := w.powerSave(i, false); err != nil {
		t.Fatal(err)
	}
	check("off", "wake")
	if err := i.Reassociate(); err != nil {
		t.Fatal(err)
	}
	if !w.until(20*time.Second, "-> ASSOCIATING") {
		t.Fatal("no attempt")
	}
	if err := w.powerSave(i, true); err != nil {
		t.Fatal(err)
	}
	completed()
	check("asked in between", "connect", "associated", "authorized", "sleep")
}

// TestPowerSaveOfMac80211: with the SME here the kernel waits for the port by itself.
func TestPowerSaveOfMac80211(t *testing.T) {
	d := &sleepy{}
	w, i := sleepyWorld(t, d, pairAir)
	if err := w.powerSave(i, true); err != nil {
		t.Fatal(err)
	}
	if !w.until(20*time.Second, "connected to") {
		t.Fatal("not connected")
	}
	if got, want := d.told(), []string{"sleep", "associated", "authorized"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestPowerRefused: what the device refuses, or cannot do, is told.
func TestPowerRefused(t *testing.T) {
	d := &sleepy{refuse: drivers.ErrNotSupported}
	w, i := sleepyWorld(t, d, pairAir)
	if err := w.powerSave(i, true); err == nil {
		t.Error("a refusal was not told")
	}
	w = newWorld(t)
	i = w.add(engine.InterfaceConfig{Ifname: "sim0", DriverParam: airFile(t, pairAir)})
	if err := w.powerSave(i, true); err != engine.ErrNotSupported {
		t.Errorf("without power save: %v", err)
	}
}

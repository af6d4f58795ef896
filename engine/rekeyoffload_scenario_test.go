package engine_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"testing"
	"time"

	"gosupplicant/drivers"
	"gosupplicant/drivers/sim"
	"gosupplicant/engine"
	"gosupplicant/engine/dot11"
)

// rekeying is a driver whose device answers group handshakes.
type rekeying struct {
	*sim.Driver
	refuse error
	got    []drivers.RekeyData
	tell   func(drivers.Event)
}

type rekeyingIface struct {
	device
	d *rekeying
}

func (d *rekeying) Open(cfg drivers.Config) (drivers.Interface, error) {
	d.tell = cfg.Events
	i, err := d.Driver.Open(cfg)
	if err != nil {
		return nil, err
	}
	return &rekeyingIface{i.(device), d}, nil
}

func (i *rekeyingIface) SetRekeyData(p *drivers.RekeyData) error {
	c := *p
	c.KEK, c.KCK = bytes.Clone(p.KEK), bytes.Clone(p.KCK)
	i.d.got = append(i.d.got, c)
	return i.d.refuse
}

func rekeyingWorld(t *testing.T, d *rekeying, block string) *world {
	t.Helper()
	w := newWorld(t)
	d.Driver = w.air
	w.drive(d)
	w.add(engine.InterfaceConfig{Ifname: "sim0", DriverParam: airFile(t, connectAir), ConfigFile: confFile(t, "network={\n"+block+"\n}\n")})
	if !w.until(20*time.Second, "connected to") {
		t.Fatal("not connected")
	}
	w.loop.Drain()
	return w
}

// TestRekeyOffload: the device hears of the keys after each handshake, and what it has
// answered is not answered again.
func TestRekeyOffload(t *testing.T) {
	d := &rekeying{}
	w := rekeyingWorld(t, d, "ssid=\"psk\"\npsk=\"12345678\"")
	ap := dot11.MAC{2, 0, 0, 0, 3, 2}
	if len(d.got) != 1 || len(d.got[0].KEK) != 16 || len(d.got[0].KCK) != 16 || d.got[0].AKM != 0x000fac02 {
		t.Fatalf("after the handshake: %d calls", len(d.got))
	}
	before := binary.BigEndian.Uint64(d.got[0].ReplayCounter[:])
	d.tell(drivers.EventRekeyed{BSSID: dot11.MAC{2}, ReplayCounter: [8]byte{0xff}}) // not ours
	next := [8]byte{}
	binary.BigEndian.PutUint64(next[:], before+1)
	d.tell(drivers.EventRekeyed{BSSID: ap, ReplayCounter: next})
	w.events()
	for n, done := range []bool{false, true} { // the first is one that the device answered
		if err := w.air.Air().Rekey(ap, false); err != nil {
			t.Fatal(err)
		}
		w.loop.Advance(50 * time.Millisecond)
		if got := fmt.Sprint(w.events()) != "[]"; got != done {
			t.Errorf("group handshake %d: done %v, want %v", n, got, done)
		}
	}
	if last := d.got[len(d.got)-1]; len(d.got) != 2 || binary.BigEndian.Uint64(last.ReplayCounter[:]) != before+2 {
		t.Errorf("%d calls, counter %x", len(d.got), last.ReplayCounter)
	}
}

// TestRekeyOffloadRefused: a device that cannot is not asked again; networks without
// group handshakes do not ask.
func TestRekeyOffloadRefused(t *testing.T) {
	d := &rekeying{refuse: fmt.Errorf("test: %w", drivers.ErrNotSupported)}
	w := rekeyingWorld(t, d, "ssid=\"psk\"\npsk=\"12345678\"")
	if err := w.air.Air().Rekey(dot11.MAC{2, 0, 0, 0, 3, 2}, false); err != nil {
		t.Fatal(err)
	}
	w.loop.Advance(time.Second)
	if len(d.got) != 1 {
		t.Errorf("asked %d times", len(d.got))
	}
	for _, block := range []string{"ssid=\"open\"\nkey_mgmt=NONE", "ssid=\"wpa\"\npsk=\"12345678\"\nproto=WPA"} {
		d := &rekeying{}
		rekeyingWorld(t, d, block)
		if len(d.got) != 0 {
			t.Errorf("%s: asked %d times", block, len(d.got))
		}
	}
}

package engine_test

import (
	"bytes"
	"math/bits"
	"slices"
	"strings"
	"testing"
	"time"

	"gosupplicant/drivers"
	"gosupplicant/drivers/sim"
	"gosupplicant/engine"
	"gosupplicant/engine/dot11"
)

// fullMAC is an air whose radio authenticates and associates by itself.
func fullMAC(air string) string {
	return strings.Replace(air, "interfaces=sim0", "interfaces=sim0 full-mac", 1)
}

// asking is a driver whose full-MAC device asks for authentications; answers are the
// status codes that it heard.
type asking struct {
	*sim.Driver
	answers []uint16
	swap    bool // AKMs are told in the other order of octets
	tell    func(drivers.Event)
}

type askingIface struct {
	device
	d *asking
}

func (d *asking) Open(cfg drivers.Config) (drivers.Interface, error) {
	d.tell = cfg.Events
	cfg.Events = func(ev drivers.Event) {
		if x, ok := ev.(drivers.EventExternalAuth); ok && d.swap {
			x.AKM = bits.ReverseBytes32(x.AKM)
			ev = x
		}
		d.tell(ev)
	}
	i, err := d.Driver.Open(cfg)
	if err != nil {
		return nil, err
	}
	return &askingIface{i.(device), d}, nil
}

func (i *askingIface) ExternalAuthDone(bssid dot11.MAC, ssid []byte, status uint16, pmkid []byte) error {
	i.d.answers = append(i.d.answers, status)
	return i.device.ExternalAuthDone(bssid, ssid, status, pmkid)
}

// ask has the device ask, and returns what it heard.
func (w *world) ask(d *asking, ev drivers.EventExternalAuth) []uint16 {
	w.t.Helper()
	d.answers = nil
	d.tell(ev)
	w.loop.Advance(100 * time.Millisecond)
	return d.answers
}

// askingWorld is a world with such a device.
func askingWorld(t *testing.T, block, air string) (*world, *asking, *engine.Interface) {
	t.Helper()
	w := newWorld(t)
	d := &asking{Driver: w.air}
	w.drive(d)
	i := w.add(engine.InterfaceConfig{Ifname: "sim0", DriverParam: airFile(t, fullMAC(air)), ConfigFile: confFile(t, block)})
	return w, d, i
}

// TestFullMACConnects joins each kind of network with a device that does most of it.
func TestFullMACConnects(t *testing.T) {
	for _, c := range []struct{ name, block, bssid string }{
		{"open", "ssid=\"open\"\nkey_mgmt=NONE", "02:00:00:00:03:01"},
		{"psk", "ssid=\"psk\"\npsk=\"12345678\"", "02:00:00:00:03:02"},
		{"sae", "ssid=\"sae\"\nsae_password=\"12345678\"\nkey_mgmt=SAE\nieee80211w=2", "02:00:00:00:03:03"},
		{"sae by loop", "ssid=\"both\"\nsae_password=\"12345678\"\nkey_mgmt=SAE\nieee80211w=2\nsae_pwe=3", "02:00:00:00:03:04"},
		{"transition", "ssid=\"both\"\npsk=\"12345678\"\nkey_mgmt=WPA-PSK SAE", "02:00:00:00:03:04"},
		{"owe", "ssid=\"owe\"\nkey_mgmt=OWE\nieee80211w=2", "02:00:00:00:03:05"},
		{"pmf", "ssid=\"pmf\"\npsk=\"12345678\"\nkey_mgmt=WPA-PSK-SHA256 WPA-PSK\nieee80211w=2", "02:00:00:00:03:06"},
		{"wpa", "ssid=\"wpa\"\npsk=\"12345678\"\nproto=WPA", "02:00:00:00:03:07"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, d, i := askingWorld(t, "network={\n"+c.block+"\n}\n", connectAir)
			if !w.loop.Until(20*time.Second, func() bool { return i.State() == engine.StateCompleted }) {
				t.Fatalf("state is %v", i.State())
			}
			if got := i.Link().BSSID.String(); got != c.bssid {
				t.Errorf("connected to %s", got)
			}
			want := []uint16(nil)
			if s := i.Link().Security; s != nil {
				if secure, err := w.air.Air().Secure("sim0"); err != nil || !secure {
					t.Errorf("traffic does not flow protected: %v", err)
				}
				if s.AKM.IsSAE() {
					want = []uint16{0}
				}
			}
			if !slices.Equal(d.answers, want) {
				t.Errorf("answers %d, want %d", d.answers, want)
			}
		})
	}
}

// TestFullMACRemembers: with a PMKSA no exchange is needed.
func TestFullMACRemembers(t *testing.T) {
	w, d, i := askingWorld(t, saeBlock, pairAir)
	if !w.until(20*time.Second, "connected to") {
		t.Fatal("not connected")
	}
	w.events()
	if err := i.Reassociate(); err != nil {
		t.Fatal(err)
	}
	if !w.until(20*time.Second, "connected to") {
		t.Fatalf("not connected again: %v", w.events())
	}
	if want := []uint16{0}; !slices.Equal(d.answers, want) {
		t.Errorf("answers %d, want %d", d.answers, want)
	}
}

const saeBlock = "network={\nssid=\"sae\"\nsae_password=\"12345678\"\nkey_mgmt=SAE\nieee80211w=2\n}\n"

// TestFullMACWrongPassword tells it from other failures, at the second refusal, and
// refuses the device.
func TestFullMACWrongPassword(t *testing.T) {
	w, d, _ := askingWorld(t, strings.Replace(saeBlock, "12345678", "12345679", 1), pairAir)
	if !w.until(20*time.Second, "wrong key of network 0 sae=true") {
		t.Fatalf("not noticed: %v", w.events())
	}
	w.loop.Drain()
	if want := []uint16{1, 1}; !slices.Equal(d.answers, want) {
		t.Errorf("answers %d, want %d", d.answers, want)
	}
}

// TestFullMACSilence: an access point that does not answer is given up.
func TestFullMACSilence(t *testing.T) {
	w, d, _ := askingWorld(t, saeBlock, pairAir)
	w.loop.Each = func() {
		if a := w.air.Air(); len(d.answers) == 0 && bytes.Contains(w.log.Bytes(), []byte("Authenticating for the device")) {
			_ = a.RemoveAP(dot11.MAC{2, 0, 0, 0, 4, 3})
		}
	}
	if !w.until(time.Minute, "attempt failed in authentication by no answer") {
		t.Fatalf("not given up: %v", w.events())
	}
	w.loop.Drain()
	if want := []uint16{1}; !slices.Equal(d.answers, want) {
		t.Errorf("answers %d, want %d", d.answers, want)
	}
}

// TestDeviceAsksForNothing: what fits no attempt and no connection is refused; nothing
// changes.
func TestDeviceAsksForNothing(t *testing.T) {
	ap := dot11.MAC{2, 0, 0, 0, 4, 3}
	good := drivers.EventExternalAuth{BSSID: ap, SSID: []byte("sae"), AKM: 0x000fac08, Start: true}
	refused := []uint16{1}
	t.Run("nobody connects", func(t *testing.T) {
		w, d, _ := askingWorld(t, strings.Replace(saeBlock, "}", "disabled=1\n}", 1), pairAir)
		if got := w.ask(d, good); !slices.Equal(got, refused) {
			t.Errorf("answers %d", got)
		}
	})
	w, d, i := askingWorld(t, saeBlock, pairAir)
	if !w.until(20*time.Second, "connected to") {
		t.Fatal("not connected")
	}
	w.events()
	for name, change := range map[string]func(*drivers.EventExternalAuth){
		"unknown AP":      func(ev *drivers.EventExternalAuth) { ev.BSSID[5]++ },
		"another network": func(ev *drivers.EventExternalAuth) { ev.SSID = []byte("eas") },
		"no SSID":         func(ev *drivers.EventExternalAuth) { ev.SSID = nil },
		"another AKM":     func(ev *drivers.EventExternalAuth) { ev.AKM = 0x000fac02 },
	} {
		ev := good
		change(&ev)
		if got := w.ask(d, ev); !slices.Equal(got, refused) {
			t.Errorf("%s: answers %d", name, got)
		}
	}
	stop := good
	stop.Start = false
	if got := w.ask(d, stop); got != nil {
		t.Errorf("the end of nothing: answers %d", got)
	}
	d.tell(drivers.EventFrame{Frame: make([]byte, 30)})
	if w.loop.Drain(); i.State() != engine.StateCompleted || len(w.events()) > 0 {
		t.Errorf("state %v", i.State())
	}
}

// TestSwappedAKM: some devices tell the AKM in the other order of octets.
func TestSwappedAKM(t *testing.T) {
	w, d, _ := askingWorld(t, saeBlock, pairAir)
	d.swap = true
	if !w.until(20*time.Second, "connected to") {
		t.Fatal("not connected")
	}
	if want := []uint16{0}; !slices.Equal(d.answers, want) {
		t.Errorf("answers %d, want %d", d.answers, want)
	}
}

const saePairAir = `
radio phy0 interfaces=sim0
ap "sae" bssid=02:00:00:00:04:01 channel=1 signal=-50 security=wpa3 passphrase="12345678"
ap "sae" bssid=02:00:00:00:04:02 channel=6 signal=-60 security=wpa3 passphrase="12345678"
`

// TestDeviceRoams: a device that changes its access point by itself gets the key of the
// new one.
func TestDeviceRoams(t *testing.T) {
	for _, c := range []struct{ name, block, air string }{
		{"psk", pairBlock, pairAir}, {"sae", saeBlock, saePairAir},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, d, i := askingWorld(t, c.block, c.air)
			if !w.until(20*time.Second, "connected to") {
				t.Fatal("not connected")
			}
			for _, to := range []dot11.MAC{pairTwo, {2, 0, 0, 0, 4, 1}, pairTwo} {
				w.events()
				d.answers = nil
				if err := w.air.Air().DeviceRoam("sim0", to); err != nil {
					t.Fatal(err)
				}
				if !w.until(5*time.Second, "connected to "+to.String()+" roamed=true") {
					t.Fatalf("did not follow to %v: %v", to, w.events())
				}
				if secure, err := w.air.Air().Secure("sim0"); err != nil || !secure {
					t.Errorf("traffic does not flow protected: %v", err)
				}
				if want := c.name == "sae"; want != slices.Equal(d.answers, []uint16{0}) {
					t.Errorf("answers %d", d.answers)
				}
				if i.Link().BSSID != to {
					t.Errorf("connected to %v", i.Link().BSSID)
				}
			}
		})
	}
}

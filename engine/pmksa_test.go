package engine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"gosupplicant/drivers"
	"gosupplicant/drivers/sim"
	"gosupplicant/engine"
)

// ownSME is a device that makes its association requests itself and has a cache.
type ownSME struct {
	*sim.Driver
	told *[]string
}

type ownSMEIface struct {
	device
	told *[]string
}

func (d ownSME) Open(cfg drivers.Config) (drivers.Interface, error) {
	i, err := d.Driver.Open(cfg)
	if err != nil {
		return nil, err
	}
	return &ownSMEIface{i.(device), d.told}, nil
}

func (d *ownSMEIface) Capability() *drivers.Capability {
	c := *d.device.Capability()
	c.SMEInUser = false
	return &c
}

func (d *ownSMEIface) SetPMKSA(e *drivers.PMKSA) error {
	*d.told = append(*d.told, fmt.Sprintf("set %v %x %x %06x %v", e.BSSID, e.PMKID[:2], e.PMK[:2], e.AKM, e.Lifetime))
	return nil
}

func (d *ownSMEIface) DeletePMKSA(e *drivers.PMKSA) error {
	*d.told = append(*d.told, fmt.Sprintf("delete %v %x %x", e.BSSID, e.PMKID[:2], e.PMK))
	return nil
}

func (d *ownSMEIface) FlushPMKSA() error {
	*d.told = append(*d.told, "flush")
	return nil
}

// TestDeviceCache: a device that makes its association requests itself is told each
// change of the cache; ours is what counts.
func TestDeviceCache(t *testing.T) {
	w := newWorld(t)
	var told []string
	w.drive(ownSME{w.air, &told})
	i := w.add(engine.InterfaceConfig{Ifname: "sim0", DriverParam: airFile(t, connectAir),
		ConfigFile: confFile(t, "network={\nssid=\"x\"\nkey_mgmt=WPA-EAP\neap=PWD\nidentity=\"a\"\npassword=\"b\"\n}\n")})
	line := "02:00:00:00:03:01 " + strings.Repeat("ab", 16) + " " + strings.Repeat("cd", 32) + " 300 600 1 0"
	if err := i.ImportPMKSA(0, line); err != nil {
		t.Fatal(err)
	}
	w.loop.Advance(10 * time.Minute)
	if err := i.ImportPMKSA(0, line); err != nil {
		t.Fatal(err)
	}
	i.FlushPMKSAs()
	w.loop.Advance(time.Second)
	set, gone := "set 02:00:00:00:03:01 abab cdcd 0fac01 10m0s", "delete 02:00:00:00:03:01 abab "
	if want := []string{"flush", set, gone, set, gone}; !slices.Equal(told, want) {
		t.Errorf("told %q\nwant %q", told, want)
	}
}

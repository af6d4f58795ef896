package none

import (
	"errors"
	"net"
	"testing"

	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
)

func open(t *testing.T, ifi net.Interface) drivers.Interface {
	t.Helper()
	d := Driver{lookup: func(name string) (*net.Interface, error) {
		if name != ifi.Name {
			return nil, errors.New("route ip+net: no such network interface")
		}
		return &ifi, nil
	}}
	i, err := d.Open(drivers.Config{Ifname: ifi.Name, Events: func(e drivers.Event) { t.Errorf("unexpected event %T", e) }})
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func TestOpen(t *testing.T) {
	mac := dot11.MAC{2, 0, 0, 0, 0, 9}
	for _, tc := range []struct {
		name string
		hw   net.HardwareAddr
		want dot11.MAC
	}{
		{"ethernet", mac[:], mac},
		{"loopback", nil, dot11.MAC{}},
		{"infiniband", make(net.HardwareAddr, 20), dot11.MAC{}},
	} {
		i := open(t, net.Interface{Index: 7, Name: "d0", HardwareAddr: tc.hw})
		if got, want := i.Info(), (drivers.Info{Driver: "none", Ifname: "d0", Ifindex: 7}); got != want {
			t.Errorf("%s: Info = %+v, want %+v", tc.name, got, want)
		}
		st, err := i.State()
		if err != nil || st.MAC != tc.want || st.PermMAC != tc.want || !st.Up || !st.Running || st.Associated {
			t.Errorf("%s: State = %+v, %v", tc.name, st, err)
		}
		if c := i.Capability(); !c.Unknown || c.Flags != 0 || c.Bands != nil {
			t.Errorf("%s: Capability = %+v", tc.name, c)
		}
	}
}

func TestOpenMissing(t *testing.T) {
	_, err := Driver{}.Open(drivers.Config{Ifname: "no-such-iface"})
	if !errors.Is(err, drivers.ErrNoInterface) {
		t.Fatalf("err = %v, want ErrNoInterface", err)
	}
}

// TestOpenReal meets the machine's own loopback interface.
func TestOpenReal(t *testing.T) {
	i, err := Driver{}.Open(drivers.Config{Ifname: "lo"})
	if err != nil {
		t.Fatal(err)
	}
	if i.Info().Ifindex == 0 {
		t.Error("no interface index")
	}
	if err := i.Close(); err != nil {
		t.Error(err)
	}
}

func TestScan(t *testing.T) {
	i := open(t, net.Interface{Index: 1, Name: "d0"})
	if err := i.Scan(&drivers.ScanParams{}); !errors.Is(err, drivers.ErrNotSupported) {
		t.Errorf("Scan = %v, want ErrNotSupported", err)
	}
	r, err := i.ScanResults()
	if err != nil || len(r.Results) != 0 {
		t.Errorf("ScanResults = %+v, %v", r, err)
	}
}

func TestClosed(t *testing.T) {
	i := open(t, net.Interface{Index: 1, Name: "d0"})
	if err := i.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := i.State()
	_, err2 := i.ScanResults()
	for n, err := range []error{err, err2, i.Scan(&drivers.ScanParams{}), i.Close()} {
		if !errors.Is(err, drivers.ErrClosed) {
			t.Errorf("call %d after Close = %v, want ErrClosed", n, err)
		}
	}
}

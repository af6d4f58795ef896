package engine_test

import (
	"bytes"
	"testing"

	"gosupplicant/drivers"
	"gosupplicant/drivers/sim"
	"gosupplicant/engine/dot11"
)

// spy sees what the engine asks of the device.
type spy struct {
	keys    []drivers.Key // every key set
	eapol   [][]byte      // every PDU sent
	clear   int           // of these, not encrypted
	frames  [][]byte      // every management frame sent
	deauths []dot11.MAC
	assocs  []drivers.AssocParams // every request to associate or connect
	air     []sim.Frame           // everything on the air

	authorized bool      // as the device was told last
	unknown    dot11.MAC // what the device does not know any more
	stubborn   bool      // scans go on to their end
	noProbes   bool      // the device refuses them
	probes     []drivers.ScanParams
	order      []string // what was begun or ended, in this order
}

type spyDriver struct {
	*sim.Driver
	*spy
}

type spyIface struct {
	device
	*spy
}

func (d spyDriver) Open(cfg drivers.Config) (drivers.Interface, error) {
	i, err := d.Driver.Open(cfg)
	if err != nil {
		return nil, err
	}
	return &spyIface{i.(device), d.spy}, nil
}

func (d *spyIface) SetKey(k *drivers.Key) error {
	c := *k
	c.Key = bytes.Clone(k.Key)
	err := d.device.SetKey(k)
	if c.Key != nil {
		d.keys = append(d.keys, c)
	}
	return err
}

func (d *spyIface) Authenticate(p *drivers.AuthParams) error {
	d.order = append(d.order, "authenticate")
	if p.BSSID == d.unknown {
		return drivers.ErrUnknownBSS
	}
	return d.device.Authenticate(p)
}

func (d *spyIface) Scan(p *drivers.ScanParams) error {
	what := "scan"
	if p.Probe {
		what = "probe"
		d.probes = append(d.probes, *p)
		if d.noProbes {
			return drivers.ErrNotSupported
		}
	}
	d.order = append(d.order, what)
	return d.device.Scan(p)
}

func (d *spyIface) AbortScan() error {
	d.order = append(d.order, "abort scan")
	if d.stubborn {
		return drivers.ErrNotSupported
	}
	return d.device.AbortScan()
}

func (d *spyIface) Associate(p *drivers.AssocParams) error {
	d.assocs = append(d.assocs, *p)
	return d.device.Associate(p)
}

func (d *spyIface) Connect(p *drivers.ConnectParams) error {
	d.assocs = append(d.assocs, p.AssocParams)
	return d.device.Connect(p)
}

func (d *spyIface) SetAuthorized(bssid dot11.MAC, yes bool) error {
	d.authorized = yes
	return d.device.SetAuthorized(bssid, yes)
}

func (d *spyIface) SendEAPOL(dst dot11.MAC, pdu []byte, encrypt bool) error {
	d.eapol = append(d.eapol, bytes.Clone(pdu))
	if !encrypt {
		d.clear++
	}
	return d.device.SendEAPOL(dst, pdu, encrypt)
}

func (d *spyIface) SendFrame(frame []byte, freq int, noAck bool) error {
	d.frames = append(d.frames, bytes.Clone(frame))
	return d.device.SendFrame(frame, freq, noAck)
}

func (d *spyIface) Deauthenticate(bssid dot11.MAC, reason uint16) error {
	d.deauths = append(d.deauths, bssid)
	return d.device.Deauthenticate(bssid, reason)
}

// newSpyWorld is newWorld on an air that is loaded already, with a spy at the
// device.
func newSpyWorld(t *testing.T, air string) (*world, *spy) {
	t.Helper()
	w, s := newWorld(t), &spy{}
	plan, err := sim.ParsePlan("attack", []byte(air))
	if err == nil {
		_, err = w.air.Load(plan)
	}
	if err != nil {
		t.Fatal(err)
	}
	w.drive(spyDriver{w.air, s})
	return w, s
}

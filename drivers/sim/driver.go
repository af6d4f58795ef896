package sim

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"time"

	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
	"gosupplicant/engine/loop"
)

// Loop is the part of loop.Loop that the medium uses.
type Loop interface {
	Now() time.Time
	Post(f func()) bool
	After(d time.Duration, name string, f func()) *loop.Timer
}

var _ Loop = loop.Loop(nil)

// Driver is the driver "sim". It has one air, loaded by the first Open, Watch
// or Load.
type Driver struct {
	loop Loop
	rng  *rand.ChaCha8
	clk  func() time.Time

	mu  sync.Mutex
	air *Air
}

// The optional parts that this driver has.
var (
	_ drivers.Driver  = (*Driver)(nil)
	_ drivers.Watcher = (*Driver)(nil)
	_ drivers.Creator = (*Driver)(nil)
)

// New makes the driver over a loop. 32 bytes are read from random as the seed
// of everything that chance decides on the air; an error reading them is
// returned.
func New(l Loop, random io.Reader) (*Driver, error) {
	var seed [32]byte
	if _, err := io.ReadFull(random, seed[:]); err != nil {
		return nil, fmt.Errorf("sim: reading the seed: %w", err)
	}
	d := &Driver{loop: l, rng: rand.NewChaCha8(seed), clk: l.Now}
	if _, real := l.(*loop.Real); real {
		// Its Now belongs to the loop goroutine and stands still during a turn;
		// interface methods come from elsewhere.
		d.clk = time.Now
	}
	return d, nil
}

// Name returns "sim".
func (d *Driver) Name() string { return "sim" }

// Description returns the line of the usage message.
func (d *Driver) Description() string { return "simulated air inside the process" }

// Load replaces the air by the one described. It fails while interfaces are open.
func (d *Driver) Load(p *Plan) (*Air, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.air != nil {
		if n := d.air.openCount(); n > 0 {
			return nil, fmt.Errorf("sim: %d interfaces are open on air %s: %w", n, d.air.name, drivers.ErrBusy)
		}
	}
	a, err := newAir(d, p)
	if err != nil {
		return nil, err
	}
	if d.air != nil {
		a.adopt(d.air)
	}
	d.air = a
	return a, nil
}

// Air returns the air in use, the default one if none was loaded yet.
func (d *Driver) Air() *Air {
	d.mu.Lock()
	a := d.air
	d.mu.Unlock()
	if a != nil {
		return a
	}
	a, err := d.Load(DefaultPlan())
	if err != nil {
		panic("sim: the embedded air does not load: " + err.Error()) // TestDefaultPlan proves otherwise
	}
	return a
}

// Open takes an interface of the air into use. Params may hold air=FILE; words
// of other drivers are ignored.
func (d *Driver) Open(cfg drivers.Config) (drivers.Interface, error) {
	file := ""
	for _, w := range strings.Fields(cfg.Params) {
		if v, ok := strings.CutPrefix(w, "air="); ok {
			file = v
		}
	}
	if file != "" {
		if err := d.use(file); err != nil {
			return nil, err
		}
	}
	return d.Air().open(cfg)
}

// use loads an air file unless it is the one in use.
func (d *Driver) use(file string) error {
	d.mu.Lock()
	same := d.air != nil && d.air.name == file
	d.mu.Unlock()
	if same {
		return nil
	}
	p, err := ReadPlan(file)
	if err != nil {
		return err
	}
	_, err = d.Load(p)
	return err
}

// ReadPlan reads an air file of at most MaxFileSize bytes.
func ReadPlan(file string) (*Plan, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("sim: air file: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, MaxFileSize+1))
	if err != nil {
		return nil, fmt.Errorf("sim: air file: %w", err)
	}
	return ParsePlan(file, text)
}

// Watch reports the interfaces of the air; events is called on the loop.
func (d *Driver) Watch(events func(drivers.LinkEvent)) (stop func(), err error) {
	return d.Air().watch(events), nil
}

// CreateInterface adds an interface to the radio of parent. Only station
// interfaces exist.
func (d *Driver) CreateInterface(parent, name string, t drivers.IfaceType, addr *dot11.MAC) error {
	if t != drivers.IfaceStation {
		return fmt.Errorf("sim: create %s: interface type %d: %w", name, t, drivers.ErrNotSupported)
	}
	a := d.Air()
	radio, err := a.radioOf(parent)
	if err != nil {
		return err
	}
	var mac dot11.MAC
	if addr != nil {
		mac = *addr
	}
	return a.AddInterface(radio, name, mac)
}

// DeleteInterface removes an interface.
func (d *Driver) DeleteInterface(name string) error { return d.Air().RemoveInterface(name) }

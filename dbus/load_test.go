package dbus

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gosupplicant/dbus/bus"
	"gosupplicant/dbus/bustest"
	"gosupplicant/drivers"
	"gosupplicant/engine"
	"gosupplicant/engine/dot11"
)

// crowd is a device that finds as many BSSs as asked for, other ones on every
// scan, and at once.
type crowd struct {
	cfg   drivers.Config
	count int
	still bool // the same ones on every scan
	scans atomic.Uint32
	ies   [][]byte
}

func newCrowd(count int) *crowd {
	c := &crowd{count: count}
	for i := range count {
		ssid := fmt.Sprintf("crowd-%d", i%1000)
		ie := append([]byte{0, byte(len(ssid))}, ssid...)
		ie = append(ie, 1, 4, 0x82, 0x84, 0x8b, 0x96, 48, 20, 1, 0, 0, 0x0f, 0xac, 4, 1, 0, 0, 0x0f, 0xac, 4, 1, 0, 0, 0x0f, 0xac, 2, 0, 0)
		c.ies = append(c.ies, ie)
	}
	return c
}

func (c *crowd) Name() string        { return "crowd" }
func (c *crowd) Description() string { return "more than anybody wants" }
func (c *crowd) Open(cfg drivers.Config) (drivers.Interface, error) {
	c.cfg = cfg
	return c, nil
}
func (c *crowd) Info() drivers.Info { return drivers.Info{Driver: "crowd", Ifname: c.cfg.Ifname} }
func (c *crowd) Capability() *drivers.Capability {
	return &drivers.Capability{MaxScanSSIDs: 16, MaxScanIELen: 2000, Modes: drivers.ModeStation}
}
func (c *crowd) State() (drivers.State, error) { return drivers.State{Up: true, Running: true}, nil }
func (c *crowd) Close() error                  { return nil }
func (c *crowd) Scan(*drivers.ScanParams) error {
	c.scans.Add(1)
	c.cfg.Events(drivers.EventScanDone{})
	return nil
}

func (c *crowd) ScanResults() (*drivers.ScanResults, error) {
	out := &drivers.ScanResults{}
	era := c.scans.Load()
	if c.still {
		era = 0
	}
	for i := range c.count {
		out.Results = append(out.Results, drivers.ScanResult{
			BSSID: dot11.MAC{2, byte(era >> 8), byte(era), 0, byte(i >> 8), byte(i)}, Freq: 2412 + 5*(i%11), BeaconInterval: 100,
			Capability: 0x11, Level: -40 - i%50, Flags: drivers.ResultLevelDBm, IEs: c.ies[i],
		})
	}
	return out, nil
}

// TestThousandsOfObjectsComeAndGo scans while other clients walk the tree.
func TestThousandsOfObjectsComeAndGo(t *testing.T) { comeAndGo(t, 5000, 10) }

// TestHundredScans: nothing has grown after them.
func TestHundredScans(t *testing.T) { comeAndGo(t, 500, 100) }

// comeAndGo has each scan find count BSSs that were not there before.
func comeAndGo(t *testing.T, count, scans int) {
	w := newWorld(t, "")
	dev := newCrowd(count)
	w.withDriver(dev)
	iface := w.create("Ifname", "crowd0")
	w.call(iface, ifaceProperties, "Set", ifaceInterface, "BssMaxCount", bus.MakeVariant(fmt.Sprint(count)))
	stop := make(chan struct{})
	var walkers sync.WaitGroup
	var walked, slowest atomic.Int64
	for range 2 {
		c := w.bus.Connect()
		walkers.Go(func() { walk(t, c, iface, stop, &walked, &slowest) })
	}
	counter := w.bus.Connect()
	counter.Listen("type='signal',sender='" + Name + "',interface='" + ifaceInterface + "'")
	var goroutines int
	var heap uint64
	added, removed := 0, 0
	for n := range scans {
		w.call(iface, ifaceInterface, "Scan", dict("Type", "active"))
		counter.Until("the end of the scan", func(seen []bustest.Arrival) bool {
			return len(seen) > 0 && has(seen, "ScanDone")
		})
		for _, a := range counter.Take() {
			if a.Signal == nil {
				continue
			}
			switch a.Signal.Member {
			case "BSSAdded":
				added++
			case "BSSRemoved":
				removed++
			}
		}
		if n == 2 {
			goroutines, heap = usage()
		}
	}
	close(stop)
	walkers.Wait()
	paths := w.get(iface, ifaceInterface, "BSSs").([]bus.ObjectPath)
	if added != count*scans || added-removed != len(paths) {
		t.Errorf("%d added, %d removed, %d there", added, removed, len(paths))
	}
	g, h := usage()
	if g > goroutines+2 || h > heap+32<<20 {
		t.Errorf("goroutines %d -> %d, heap %d -> %d", goroutines, g, heap, h)
	}
	w.loop.Call(func() {
		if n := len(w.srv.changes.marks); n > 1 {
			t.Errorf("%d marks of objects that are gone", n)
		}
		if n := len(w.srv.intro); n > 6 {
			t.Errorf("%d descriptions are cached", n)
		}
	})
	t.Logf("%d answers to others meanwhile, slowest %v", walked.Load(), time.Duration(slowest.Load()))
}

func has(seen []bustest.Arrival, member string) bool {
	for i := len(seen) - 1; i >= 0; i-- {
		if seen[i].Signal != nil && seen[i].Signal.Member == member {
			return true
		}
	}
	return false
}

func usage() (goroutines int, heap uint64) {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return runtime.NumGoroutine(), m.HeapAlloc
}

// walk introspects and reads whatever is there until told to stop. Objects may
// vanish under it; nothing else may go wrong.
func walk(t *testing.T, c *bustest.Client, iface bus.ObjectPath, stop chan struct{}, walked, slowest *atomic.Int64) {
	for i := 0; ; i++ {
		select {
		case <-stop:
			return
		default:
		}
		at := time.Now()
		paths := []bus.ObjectPath{rootPath, iface, iface + "/BSSs"}
		if v, err := c.Get(Name, iface, ifaceInterface, "BSSs"); err != nil {
			t.Errorf("BSSs: %v", err)
			return
		} else if list := v.([]bus.ObjectPath); len(list) > 0 {
			paths = append(paths, list[i%len(list)])
		}
		for _, p := range paths {
			if _, err := c.Introspect(Name, p); err != nil {
				t.Errorf("%s: %v", p, err)
				return
			}
		}
		last := paths[len(paths)-1]
		if _, err := c.GetAll(Name, last, ifaceBSS); err != nil && !strings.Contains(err.Error(), "UnknownMethod") {
			t.Errorf("%s: %v", last, err)
			return
		}
		walked.Add(int64(len(paths) + 2))
		if d := int64(time.Since(at)); d > slowest.Load() {
			slowest.Store(d)
		}
		c.Take()
	}
}

// TestFloodsAreAnsweredInOrder: many calls in few writes, and callers that go
// before they are answered.
func TestFloodsAreAnsweredInOrder(t *testing.T) {
	w := newWorld(t, "")
	const calls = 1000
	var want []uint32
	for range calls {
		want = append(want, w.c.Send(bus.Target{Dest: Name, Path: rootPath, Interface: ifaceProperties, Member: "Get"}, ifaceRoot, "DebugLevel"))
	}
	gone := w.bus.Connect()
	for range 500 {
		gone.Send(bus.Target{Dest: Name, Path: rootPath, Interface: ifaceProperties, Member: "GetAll"}, ifaceRoot)
	}
	gone.Flush()
	gone.Close()
	w.c.Await(want[calls-1])
	at := 0
	for _, a := range w.c.Take() {
		if a.Call != 0 {
			if a.Call != want[at] {
				t.Fatalf("answer %d is to call %d, want %d", at, a.Call, want[at])
			}
			at++
		}
	}
	if at != calls {
		t.Errorf("%d answers", at)
	}
}

func TestLimitOfNetworks(t *testing.T) {
	w := newWorld(t, quickAir)
	iface := w.create("Ifname", "sim0", "Driver", "sim")
	w.loop.Call(func() {
		i := w.sup.Interfaces()[0]
		for range maxNetworks {
			if _, err := i.AddNetwork(); err != nil {
				t.Error(err)
			}
		}
	})
	if text := w.refused(iface, ifaceInterface, "AddNetwork", dict("ssid", "one too many")); !strings.Contains(text, nameUnknownError) {
		t.Error(text)
	}
}

func BenchmarkGet(b *testing.B) {
	benchmarkCalls(b, bus.Target{Dest: Name, Path: rootPath + "/Interfaces/0", Interface: ifaceProperties, Member: "Get"}, ifaceInterface, "State")
}

func BenchmarkGetAll(b *testing.B) {
	benchmarkCalls(b, bus.Target{Dest: Name, Path: rootPath + "/Interfaces/0", Interface: ifaceProperties, Member: "GetAll"}, ifaceInterface)
}

func BenchmarkIntrospect(b *testing.B) {
	benchmarkCalls(b, bus.Target{Dest: Name, Path: rootPath + "/Interfaces/0", Interface: ifaceIntrospectable, Member: "Introspect"})
}

// benchmarkCalls includes the client and the bus, which cost more.
func benchmarkCalls(b *testing.B, to bus.Target, args ...any) {
	w := newWorld(b, quickAir)
	w.create("Ifname", "sim0", "Driver", "sim")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.c.Call(to, args...); err != nil {
			b.Fatal(err)
		}
		w.c.Take()
	}
}

// BenchmarkDispatch measures the loop's side alone: find, read, encode.
func BenchmarkDispatchGetAll(b *testing.B) {
	w := newWorld(b, quickAir)
	w.create("Ifname", "sim0", "Driver", "sim")
	b.ReportAllocs()
	w.loop.Call(func() {
		obj, _ := w.srv.object(rootPath + "/Interfaces/0")
		for b.Loop() {
			d, err := w.srv.getAll(obj, ifaceInterface)
			if err != nil {
				b.Fatal(err)
			}
			if _, _, err := bus.EncodeBody(d); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkScan measures a scan that finds the same thousands of BSSs again: each
// has one property that changed, its age.
func BenchmarkScan(b *testing.B) {
	const count = 5000
	w := newWorld(b, "")
	dev := newCrowd(count)
	dev.still = true
	w.withDriver(dev)
	iface := w.create("Ifname", "crowd0")
	w.call(iface, ifaceProperties, "Set", ifaceInterface, "BssMaxCount", bus.MakeVariant(fmt.Sprint(count)))
	w.listen()
	b.ReportAllocs()
	for b.Loop() {
		w.scan(iface)
		w.c.Sync()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/count, "ns/BSS")
}

// withDriver swaps the devices before any interface exists.
func (w *world) withDriver(d drivers.Driver) {
	w.loop.Call(func() {
		o := w.sup
		w.sup = engine.New(engine.Options{Loop: w.loop, Logs: o.Logs(), Rand: rand.NewChaCha8([32]byte{3}), Drivers: []drivers.Driver{d}})
		w.srv.sup = w.sup
		w.sup.Observe(w.srv.observe)
	})
}

// TestStopLeavesNothing: the service ends with its context.
func TestStopLeavesNothing(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Run("service", func(t *testing.T) {
		w := newWorld(t, quickAir)
		w.listen()
		w.scan(w.create("Ifname", "sim0", "Driver", "sim"))
	})
	for i := 0; runtime.NumGoroutine() > before && i < 1_000_000; i++ {
		runtime.Gosched()
	}
	if after := runtime.NumGoroutine(); after > before {
		stacks := make([]byte, 1<<16)
		t.Errorf("%d goroutines before, %d after:\n%s", before, after, stacks[:runtime.Stack(stacks, true)])
	}
}

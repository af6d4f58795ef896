package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"gosupplicant/drivers"
	"gosupplicant/drivers/sim"
	"gosupplicant/engine"
	"gosupplicant/engine/logs"
	"gosupplicant/engine/loop/looptest"
)

// zeroReader makes the simulated air the same each time.
type zeroReader struct{}

func (zeroReader) Read(p []byte) (int, error) { clear(p); return len(p), nil }

const (
	manyBSSs = 5000
	manyScan = 10
)

// benchBSS runs scans of many BSSs through the engine in virtual time and
// prints what one BSS update costs.
func benchBSS() error {
	dir, err := os.MkdirTemp("", "gosupplicant-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	air := filepath.Join(dir, "air")
	text := fmt.Sprintf("radio phy0 interfaces=sim0\nmany count=%d channels=1,6,11,36,40,44,48 security=wpa2,wpa3,open\n", manyBSSs)
	if err := os.WriteFile(air, []byte(text), 0o600); err != nil {
		return err
	}
	conf := filepath.Join(dir, "conf")
	if err := os.WriteFile(conf, fmt.Appendf(nil, "bss_max_count=%d\n", manyBSSs), 0o600); err != nil {
		return err
	}
	l := looptest.New()
	driver, err := sim.New(l, zeroReader{})
	if err != nil {
		return err
	}
	sup := engine.New(engine.Options{Loop: l, Logs: logs.New(logs.LevelError), Rand: zeroReader{}, Drivers: []drivers.Driver{driver}})
	events := 0
	sup.Observe(func(engine.Event) { events++ })
	var i *engine.Interface
	sup.AddInterface(engine.InterfaceConfig{Ifname: "sim0", ConfigFile: conf, DriverParam: "air=" + air}, func(n *engine.Interface, e error) { i, err = n, e })
	l.Drain()
	if err != nil {
		return err
	}
	for k := range manyScan {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		begun, n := time.Now(), events
		if _, err := i.Scan(engine.ScanRequest{}); err != nil {
			return err
		}
		if !l.Until(time.Minute, func() bool { return !i.ScanPending() }) {
			return fmt.Errorf("scan %d did not end", k)
		}
		took := time.Since(begun)
		runtime.ReadMemStats(&after)
		if k == 0 || k == manyScan-1 {
			fmt.Printf("  scan %2d: %d BSSs, %d events, %v in all, %.2f µs and %d bytes per BSS (air included)\n", k+1, i.BSSs().Len(), events-n,
				took.Round(time.Millisecond), float64(took.Microseconds())/manyBSSs, (after.TotalAlloc-before.TotalAlloc)/manyBSSs)
		}
	}
	sup.Shutdown()
	return nil
}

package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gosupplicant/dbus"
	"gosupplicant/dbus/bus"
	"gosupplicant/engine/ctrl"
)

// fronts are the front ends of the engine.
type fronts struct {
	ctrl   *ctrl.Server
	dbus   *dbus.Server
	first  *bus.Conn // made before the loop ran, or nil
	cancel context.CancelFunc
	done   chan struct{} // the bus goroutine has ended
}

// busWithin bounds the first connection to the bus: a missing bus must not
// keep the daemon from its work.
const busWithin = 3 * time.Second

// openFronts makes the front ends before the loop runs. When ctx ends it no
// longer waits for the bus.
func (d *daemon) openFronts(ctx context.Context) (*fronts, error) {
	f := &fronts{}
	var err error
	f.ctrl, err = ctrl.New(d.sup, ctrl.Options{
		GlobalPath: d.o.globalCtrl, GlobalGroup: d.o.globalGroup,
		Inherited: activatedSockets(), WaitMonitor: d.o.waitMonitor,
	})
	if err != nil {
		return nil, err
	}
	if !d.o.dbus {
		return f, nil
	}
	f.dbus = dbus.New(d.sup, dbus.Options{})
	ctx, cancel := context.WithTimeout(ctx, busWithin)
	defer cancel()
	f.first, err = bus.Dial(ctx, "", f.dbus.BusOptions())
	switch {
	case errors.Is(err, bus.ErrNameTaken):
		f.ctrl.Close()
		return nil, fmt.Errorf("D-Bus: %w", err)
	case err != nil:
		d.log.Warn("D-Bus is not there; going on without it until it is", "err", err)
	}
	return f, nil
}

// begin starts serving. Loop only.
func (f *fronts) begin() {
	if f.dbus == nil {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	f.cancel, f.done = cancel, make(chan struct{})
	go func() {
		defer close(f.done)
		f.dbus.Run(ctx, "", f.first)
	}()
}

// close stops serving. Loop only.
func (f *fronts) close() {
	if f.cancel != nil {
		f.cancel()
	}
	f.ctrl.Close()
}

// wait returns when nothing of the front ends runs any more.
func (f *fronts) wait() {
	if f.done != nil {
		<-f.done
	}
}

package engine

import (
	"errors"
	"time"

	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
	"gosupplicant/engine/loop"
)

// Pace of attempts to open a device that is there again but cannot be opened.
const (
	reopenFirst = time.Second
	reopenMost  = time.Minute
)

// absence is the time between the loss of a device and its return: an interface
// outlives its device, and takes up the next one that gets its name.
type absence struct {
	present bool // a device of that name exists
	opening bool // the worker is at it
	retry   *loop.Timer
	pause   time.Duration

	// of the worker
	stop func() // ends the watch
	last opened // what the last attempt brought
}

// deviceGone gives up everything that needs the device, which does not exist any
// more. An interface that was made for its device (a matched or created one) ends
// with it; others wait for its return.
func (i *Interface) deviceGone(reason string) {
	i.log.Info("Interface was removed from the system", "reason", reason)
	i.sup.matches.forget(i.name)
	if i.sup.matches.covers(i.name) || i.cfg.Create {
		i.sup.RemoveInterface(i)
		return
	}
	i.dropLink(dot11.ReasonDeauthLeaving, reason)
	i.scan.cancelAll()
	i.radio.drop(i)
	i.emitRemoved(i.table.FlushAll(nil))
	i.link.Up = false
	i.feed.over = true
	i.setState(StateInterfaceDisabled, "device removed: "+reason)
	i.awaitDevice()
}

// awaitDevice watches for a device of the interface's name. The old one is held
// open until then: its requests are answered with drivers.ErrClosed.
func (i *Interface) awaitDevice() {
	if i.absent != nil {
		return
	}
	a := &absence{pause: reopenFirst}
	i.absent = a
	drvs := driversNamed(i.sup.opts.Drivers, i.info.Driver)
	if len(drvs) == 0 {
		return
	}
	w, ok := drvs[0].(drivers.Watcher)
	if !ok {
		i.log.Debug("The driver cannot tell when the device returns")
		return
	}
	var err error
	i.worker.Do(func() {
		a.stop, err = w.Watch(func(ev drivers.LinkEvent) { i.loop.Post(func() { i.seen(a, ev) }) })
	}, func() {
		if err != nil {
			i.log.Warn("Watching for the return of the device failed", "err", err)
		}
	})
}

// seen hears of a network device that came or went during an absence.
func (i *Interface) seen(a *absence, ev drivers.LinkEvent) {
	if i.closed || i.absent != a || ev.Ifname != i.name {
		return
	}
	a.present = ev.Present
	a.retry.Stop()
	a.pause = reopenFirst
	i.reopen(a)
}

// reopen takes up a device that came back.
func (i *Interface) reopen(a *absence) {
	if !a.present || a.opening {
		return
	}
	drvs, err := i.sup.pickDrivers(i.cfg.Driver)
	if err != nil { // the list was good when the interface was added
		i.log.Error("The device cannot be opened again", "err", err)
		return
	}
	a.opening = true
	old, cfg := i.drv, i.deviceConfig(i.conf)
	i.worker.Do(func() {
		old.Close()
		a.last = opened{}
		i.openDevice(&a.last, drvs, cfg)
	}, func() {
		if !i.closed {
			a.opening = false
			i.reopened(a, a.last)
		}
	})
}

func (i *Interface) reopened(a *absence, o opened) {
	switch {
	case o.err == nil:
		i.log.Info("Interface is back in the system")
		i.stopWaiting()
		i.reattach(o)
		return
	case errors.Is(o.err, drivers.ErrNoInterface): // its end, or its next name, will be told
		i.log.Debug("The device is not there yet", "err", o.err)
	default:
		i.log.Warn("The device is back, but cannot be opened", "err", o.err, "again", a.pause)
	}
	a.retry = i.loop.After(a.pause, i.name+" reopen", func() { i.reopen(a) })
	a.pause = min(2*a.pause, reopenMost)
}

// stopWaiting ends the watch, and gives back a device that is being opened.
func (i *Interface) stopWaiting() {
	a := i.absent
	if a == nil {
		return
	}
	i.absent = nil
	a.retry.Stop()
	unwanted := a.opening
	i.worker.Do(func() {
		if a.stop != nil {
			a.stop()
		}
		if unwanted && a.last.drv != nil {
			a.last.drv.Close()
		}
	}, nil)
}

// reattach takes over a device in place of the one that went.
func (i *Interface) reattach(o opened) {
	mac := i.link.MAC
	i.sup.releaseRadio(i.radio)
	i.drv, i.feed, i.link = o.drv, o.feed, o.state
	i.info, i.capa = o.drv.Info(), o.drv.Capability()
	i.radio = i.sup.radioFor(i.info.Radio)
	if i.link.MAC != mac {
		i.changed(PropMACAddress)
	}
	i.changed(PropCapabilities)
	i.listen()
	if i.closed || i.absent != nil {
		return // gone again
	}
	if country := i.conf.Globals.Country; country.IsSet() {
		i.pushCountry(country.String())
	}
	if i.usable() && i.state == StateInterfaceDisabled {
		i.setState(StateDisconnected, "device is back")
		i.wantScan(0)
	}
}

package engine

import "gosupplicant/drivers"

// power is the power save that front ends asked for (SET ps). A device is left alone
// until somebody does. mac80211 holds power save back by itself until the port is open; a
// device with its own SME is told to do without while an attempt runs, because an access
// point keeps frames for a station that it believes asleep, which has been the end of
// many handshakes.
type power struct {
	save bool // asked for
	held bool // and the device told to do without until the keys are there
}

// SetPowerSave asks the device to save power, or not to; done hears whether it will.
// During an attempt of a device with its own SME it is told at the end of that.
func (i *Interface) SetPowerSave(on bool, done func(error)) {
	if _, ok := i.drv.(drivers.PowerSaver); !ok {
		done(ErrNotSupported)
		return
	}
	if on && i.sme() == nil && i.conn.attempt != nil {
		i.power.save, i.power.held = true, true
		done(nil)
		return
	}
	i.power.save, i.power.held = on, false
	i.savePower(on, func(err error) {
		if err != nil {
			i.power.save = false
		}
		done(err)
	})
}

func (i *Interface) savePower(on bool, done func(error)) {
	p := i.drv.(drivers.PowerSaver)
	var err error
	i.worker.Do(func() { err = p.SetPowerSave(on) }, func() {
		if err != nil {
			i.log.Debug("The device did not set power save", "on", on, "err", err)
		}
		done(err)
	})
}

// holdPower keeps a device with its own SME awake while it connects.
func (i *Interface) holdPower() {
	if i.power.save && !i.power.held {
		i.power.held = true
		i.savePower(false, func(error) {})
	}
}

// releasePower gives power save back when an attempt is over and the port is open.
func (i *Interface) releasePower() {
	if l := i.conn.link; i.power.held && l != nil && !l.authorized.IsZero() {
		i.power.held = false
		i.savePower(true, func(error) {})
	}
}

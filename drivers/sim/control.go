package sim

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"gosupplicant/drivers"
	"gosupplicant/drivers/sim/simap"
	"gosupplicant/engine/dot11"
)

// maxAPs bounds an air, file or not.
const maxAPs = 20000

// with runs f on an existing interface with mu held.
func (a *Air) with(op, ifname string, f func(i *iface) error) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	i := a.find(ifname)
	if i == nil {
		return fmt.Errorf("sim: %s %q: %w", op, ifname, drivers.ErrNoInterface)
	}
	return f(i)
}

// Block sets the rfkill of a radio, hard (a switch) or soft; its interfaces go
// down and what they were doing ends.
func (a *Air) Block(radio string, hard bool) error { return a.setBlock(radio, hard, true) }

// Unblock clears one kind of block. Without any, open interfaces come up again.
func (a *Air) Unblock(radio string, hard bool) error { return a.setBlock(radio, hard, false) }

func (a *Air) setBlock(radio string, hard, block bool) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	r := a.findRadio(radio)
	if r == nil {
		return fmt.Errorf("sim: rfkill: no radio %q", radio)
	}
	before := [2]bool{r.soft, r.hard}
	if hard {
		r.hard = block
	} else {
		r.soft = block
	}
	if before == [2]bool{r.soft, r.hard} {
		return nil
	}
	for _, i := range a.ifaces {
		if i.radio == r {
			a.setLink(i, i.wantUp && i.open != nil && !r.blocked(), true)
		}
	}
	return nil
}

// SetUp sets an interface administratively up or down, as `ip link set` would.
// Up is refused with drivers.ErrDown while the radio is blocked.
func (a *Air) SetUp(ifname string, up bool) error {
	return a.with("set up", ifname, func(i *iface) error {
		if up && i.radio.blocked() {
			return fmt.Errorf("sim: set up %q: radio %s is blocked: %w", ifname, i.radio.name, drivers.ErrDown)
		}
		i.wantUp = up
		a.setLink(i, up, false)
		return nil
	})
}

// setLink applies a link change and tells of it; always even without a change.
func (a *Air) setLink(i *iface, up, always bool) {
	if i.up == up && !always {
		return
	}
	if i.up && !up {
		i.stopAll()
	}
	i.up = up
	i.emit(drivers.EventState{State: i.state()})
}

// AddInterface adds an interface to a radio; a zero addr takes the next
// address of the radio.
func (a *Air) AddInterface(radio, ifname string, addr dot11.MAC) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	r := a.findRadio(radio)
	switch {
	case r == nil:
		return fmt.Errorf("sim: add interface %q: no radio %q", ifname, radio)
	case !validIfname(ifname):
		return fmt.Errorf("sim: add interface %q: not an interface name", ifname)
	case a.find(ifname) != nil:
		return fmt.Errorf("sim: add interface %q: exists already: %w", ifname, drivers.ErrBusy)
	case addr.IsGroup():
		return fmt.Errorf("sim: add interface %q: %s is a group address", ifname, addr)
	case len(a.ifaces) >= maxInterfaces:
		return fmt.Errorf("sim: add interface %q: %d interfaces exist, the limit", ifname, maxInterfaces)
	}
	if addr.IsZero() {
		addr = r.freeAddr()
	}
	a.addIface(r, ifname, addr)
	return nil
}

// RemoveInterface takes an interface away, as pulling a USB device does.
func (a *Air) RemoveInterface(ifname string) error {
	return a.with("remove interface", ifname, func(i *iface) error {
		a.remove(i, "interface removed")
		return nil
	})
}

// RemoveRadio takes a radio and its interfaces away.
func (a *Air) RemoveRadio(name string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	r := a.findRadio(name)
	if r == nil {
		return fmt.Errorf("sim: remove: no radio %q", name)
	}
	for _, i := range slices.Clone(a.ifaces) {
		if i.radio == r {
			a.remove(i, "radio removed")
		}
	}
	a.radios = slices.DeleteFunc(a.radios, func(o *radio) bool { return o == r })
	return nil
}

// AddRadio adds a radio with its interfaces.
func (a *Air) AddRadio(p RadioPlan) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := p.check(); err != nil {
		return fmt.Errorf("sim: add radio: %w", err)
	}
	if a.findRadio(p.Name) != nil {
		return fmt.Errorf("sim: add radio %q: exists already: %w", p.Name, drivers.ErrBusy)
	}
	for _, name := range p.Interfaces {
		if a.find(name) != nil {
			return fmt.Errorf("sim: add radio %q: interface %q exists already: %w", p.Name, name, drivers.ErrBusy)
		}
	}
	return a.addRadio(&p)
}

func (a *Air) remove(i *iface, why string) {
	i.stopAll()
	i.removed, i.up = true, false
	a.ifaces = slices.DeleteFunc(a.ifaces, func(o *iface) bool { return o == i })
	i.emit(drivers.EventRemoved{Reason: why})
	a.announce(i.name, i.index, false)
}

// Rename gives an interface another name.
func (a *Air) Rename(ifname, to string) error {
	return a.with("rename", ifname, func(i *iface) error {
		switch {
		case !validIfname(to):
			return fmt.Errorf("sim: rename %q: %q is not an interface name", ifname, to)
		case a.find(to) != nil:
			return fmt.Errorf("sim: rename %q: %q exists already: %w", ifname, to, drivers.ErrBusy)
		}
		a.announce(i.name, i.index, false)
		i.name = to
		i.emit(drivers.EventRenamed{Ifname: to})
		a.announce(to, i.index, true)
		return nil
	})
}

// Resync makes an open interface believe that events were lost.
func (a *Air) Resync(ifname, why string) error {
	return a.with("resync", ifname, func(i *iface) error {
		i.emit(drivers.EventResync{Why: why})
		return nil
	})
}

// ExternalScan scans in the name of another program.
func (a *Air) ExternalScan(ifname string) error {
	return a.with("external scan", ifname, func(i *iface) error {
		return i.startScan(&drivers.ScanParams{}, scanExternal)
	})
}

// AddAP puts an access point on the air.
func (a *Air) AddAP(p APPlan) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.findAP(p.BSSID) != nil {
		return fmt.Errorf("sim: BSSID %s is on the air already", p.BSSID)
	}
	return a.addAP(p)
}

func (a *Air) addAP(p APPlan) error {
	p.Random = a.drv.rng
	ap, err := simap.New(p.Config)
	if err != nil {
		return fmt.Errorf("ap %s: %w", p.BSSID, err)
	}
	if len(a.aps)+1+len(ap.Members()) > maxAPs {
		return fmt.Errorf("ap %s: more than %d access points", p.BSSID, maxAPs)
	}
	tx := &station{plan: p, ap: ap, index: len(a.aps)}
	a.aps = append(a.aps, tx)
	a.byFreq[ap.Freq()] = append(a.byFreq[ap.Freq()], tx)
	for _, m := range ap.Members() {
		a.aps = append(a.aps, &station{plan: p, ap: m, index: len(a.aps), tx: tx})
	}
	return nil
}

// RemoveAP switches an access point and its members off. What stations heard
// of it ages away.
func (a *Air) RemoveAP(bssid dot11.MAC) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := a.findAP(bssid)
	if s == nil {
		return fmt.Errorf("sim: no access point %s", bssid)
	}
	for _, o := range a.aps {
		if o == s || o.tx == s {
			o.gone = true
		}
	}
	list := a.byFreq[s.ap.Freq()]
	a.byFreq[s.ap.Freq()] = slices.DeleteFunc(list, func(o *station) bool { return o == s })
	return nil
}

// SetSignal moves an access point: its mean level in dBm from now on.
func (a *Air) SetSignal(bssid dot11.MAC, dbm int) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := a.findAP(bssid)
	if s == nil {
		return fmt.Errorf("sim: no access point %s", bssid)
	}
	s.plan.Signal = dbm
	for _, o := range a.aps {
		if o.tx == s {
			o.plan.Signal = dbm
		}
	}
	return nil
}

// SetLoss changes the chance of each frame to be lost, 0 to 1.
func (a *Air) SetLoss(p float64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.plan.Loss = min(max(p, 0), 1)
}

func (a *Air) findAP(bssid dot11.MAC) *station {
	for _, s := range a.aps {
		if !s.gone && s.ap.BSSID() == bssid {
			return s
		}
	}
	return nil
}

// OnProbe has f see every probe request from now on; nil ends it. f is called
// on the loop and must not call the Air.
func (a *Air) OnProbe(f func(Probe)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.probes = f
}

// Uptime is the time since the air began: the clock of from=, until= and drift.
func (a *Air) Uptime() time.Duration { return a.uptime() }

// setCountry changes the regulatory domain of the whole air.
func (a *Air) setCountry(alpha2 string) error {
	cc := strings.ToUpper(alpha2)
	if !validCountry(cc) {
		return fmt.Errorf("sim: country %q: want two letters, or 00", alpha2)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.country = cc
	for _, r := range a.radios {
		r.rebuild(cc)
	}
	ev := drivers.EventRegulatory{Initiator: "USER", Type: "COUNTRY", Alpha2: cc}
	if cc == "00" {
		ev.Type, ev.Alpha2 = "WORLD", ""
	}
	for _, i := range a.ifaces {
		i.emit(ev)
	}
	return nil
}

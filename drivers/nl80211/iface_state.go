package nl80211

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"gosupplicant/drivers"
	"gosupplicant/drivers/internal/link"
	"gosupplicant/engine/dot11"
)

// State implements drivers.Interface.
func (i *Interface) State() (drivers.State, error) {
	l, err := i.hub.ask.ByIndex(i.info.Ifindex)
	if errors.Is(err, link.ErrNotFound) {
		return drivers.State{}, fmt.Errorf("nl80211: state of %s: %w", i.info.Ifname, drivers.ErrClosed)
	}
	if err != nil {
		return drivers.State{}, err
	}
	bss, err := i.associatedBSS(l.LowerUp())
	if err != nil {
		return drivers.State{}, err
	}
	return i.state(l, bss), nil
}

// state completes what rtnetlink says.
func (i *Interface) state(l link.Link, bss association) drivers.State {
	st := drivers.State{
		MAC: l.Addr, PermMAC: l.PermAddr,
		Up: l.Up(), Running: l.LowerUp(),
		RFKill: i.hub.rfkill.Block(i.info.Radio),
	}
	if st.PermMAC.IsZero() {
		st.PermMAC = st.MAC
	}
	if l.Master != 0 {
		st.BridgedWith = bridgeOf(l.Name)
	}
	st.Associated, st.BSSID, st.SSID, st.Frequency = bss.associated, bss.bssid, bss.ssid, bss.freq
	return st
}

// bridgeOf names the bridge an interface is a port of, empty for other masters.
func bridgeOf(ifname string) string {
	target, err := os.Readlink(filepath.Join("/sys/class/net", ifname, "brport", "bridge"))
	if err != nil {
		return ""
	}
	return filepath.Base(target)
}

// association is the network an interface belongs to.
type association struct {
	associated bool
	bssid      dot11.MAC
	ssid       []byte
	freq       int // MHz, also without association where a channel is set
}

// associatedBSS asks the kernel for the present association. The table of BSSs
// is searched only when the interface has a carrier or a network name: without
// either there is none, and not every kernel tells the name.
func (i *Interface) associatedBSS(carrier bool) (association, error) {
	info, err := i.cmd.getIface(i.info.Ifindex)
	if err != nil {
		return association{}, err
	}
	a := association{freq: info.freq}
	if len(info.ssid) == 0 && !carrier {
		return a, nil
	}
	msgs, err := i.cmd.dump("get scan results", unix.NL80211_CMD_GET_SCAN, i.ifindexAttr)
	if err != nil {
		return association{}, err
	}
	for _, m := range msgs {
		r, ok, err := decodeBSS(m.attrs, 0)
		if err == nil && ok && r.Flags&drivers.ResultAssociated != 0 {
			a = association{associated: true, bssid: r.BSSID, ssid: info.ssid, freq: r.Freq}
			if len(a.ssid) == 0 {
				a.ssid, _ = dot11.Elements(r.IEs).Find(dot11.ElementSSID)
			}
			return a, nil
		}
	}
	return a, nil
}

// stateOf is what is compared of a link.
func (i *Interface) stateOf(l link.Link) linkState {
	return linkState{
		up: l.Up(), carrier: l.LowerUp(), mac: l.Addr, master: l.Master,
		rfkill: i.hub.rfkill.Block(i.info.Radio),
	}
}

// note remembers the link state and tells whether it differs from the last.
func (i *Interface) note(l link.Link) (changed bool) {
	now := i.stateOf(l)
	changed = now != i.last
	i.last, i.ownAddress = now, l.Addr
	return changed
}

// linkReported takes a message about the link: nearly all of them come with an
// association and change the carrier alone, or nothing that is compared. They
// cost no question, as the keys are being negotiated just then.
func (i *Interface) linkReported(l link.Link) {
	i.mu.Lock()
	now := i.stateOf(l)
	same := now == i.last
	now.carrier = i.last.carrier
	trusted := now == i.last && l.Name == i.name && (!l.LowerUp() || !i.joining.bssid.IsZero())
	over := i.closed || i.gone
	known := association{}
	if trusted && !over {
		i.note(l)
		if l.LowerUp() {
			known = i.joining
		}
	}
	i.mu.Unlock()
	switch {
	case over || trusted && same:
	case trusted:
		i.emit(drivers.EventState{State: i.state(l, known)})
	default:
		i.linkChanged(l.Name)
	}
}

// linkChanged reports a new name and a new state. It asks for the present state
// instead of trusting the message: what we changed and changed back meanwhile
// concerns nobody.
func (i *Interface) linkChanged(name string) {
	i.mu.Lock()
	if i.closed || i.gone {
		i.mu.Unlock()
		return
	}
	renamed := name != "" && name != i.name
	if renamed {
		i.name = name
	}
	l, err := i.hub.ask.ByIndex(i.info.Ifindex)
	changed := err == nil && i.note(l)
	i.mu.Unlock()
	if renamed {
		i.emit(drivers.EventRenamed{Ifname: name})
	}
	if !changed {
		return
	}
	bss, err := i.associatedBSS(l.LowerUp())
	if errors.Is(err, drivers.ErrNoInterface) || errors.Is(err, drivers.ErrClosed) {
		return // it went away or was closed meanwhile, which is reported by itself
	}
	if err != nil {
		i.log.Warn("state of the interface is not known", "error", err)
		i.emit(drivers.EventResync{Why: "state of the interface is not known"})
		return
	}
	i.emit(drivers.EventState{State: i.state(l, bss)})
}

// rfkillChanged brings the interface up again when the block has gone and
// reports the state.
func (i *Interface) rfkillChanged(state drivers.RFKill) {
	if state == drivers.RFKillUnblocked {
		i.mu.Lock()
		if !i.closed && !i.gone {
			if err := i.bringUp(); err != nil {
				i.log.Warn("cannot bring interface up after unblock", "error", err)
			}
		}
		i.mu.Unlock()
	}
	i.linkChanged("")
}

// removed reports, once, that the interface has gone.
func (i *Interface) removed(reason string) {
	i.mu.Lock()
	if i.closed || i.gone {
		i.mu.Unlock()
		return
	}
	i.gone = true
	i.watchdog.Stop()
	i.scan.lost()
	i.mu.Unlock()
	i.emit(drivers.EventRemoved{Reason: reason})
}

// resync reports lost events and finds out what became of a scan of ours.
func (i *Interface) resync(why string) {
	i.emit(drivers.EventResync{Why: why})
	i.mu.Lock()
	running := i.scan.ours() && !i.closed && !i.gone
	i.mu.Unlock()
	if running {
		i.scanOverdue()
	}
	i.linkChanged("")
}

// SetOperState implements drivers.LinkControl.
func (i *Interface) SetOperState(up bool) error {
	state := link.OperStateDormant
	if up {
		state = link.OperStateUp
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.operState, i.operUp = true, up
	return i.hub.ask.SetOperState(i.info.Ifindex, link.ModeDormant, state)
}

// SetMACAddress implements drivers.AddressSetter. Where the device cannot change
// it while up, the interface goes down and up again; nobody is told of that.
func (i *Interface) SetMACAddress(addr dot11.MAC) error {
	if addr.IsGroup() || addr.IsZero() {
		return fmt.Errorf("nl80211: %v is not the address of a station", addr)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	l, err := i.hub.ask.ByIndex(i.info.Ifindex)
	if err != nil {
		return err
	}
	if !l.Up() {
		return i.hub.ask.SetMAC(i.info.Ifindex, addr)
	}
	if extFeature(i.Capability().ExtFeatures, unix.NL80211_EXT_FEATURE_POWERED_ADDR_CHANGE) &&
		i.hub.ask.SetMAC(i.info.Ifindex, addr) == nil {
		return nil
	}
	if err := i.hub.ask.SetUp(i.info.Ifindex, false); err != nil {
		return err
	}
	err = i.hub.ask.SetMAC(i.info.Ifindex, addr)
	return errors.Join(err, i.hub.ask.SetUp(i.info.Ifindex, true))
}

// extFeature tells of a bit of an extended feature string.
func extFeature(bits []byte, feature int) bool {
	return feature/8 < len(bits) && bits[feature/8]>>(feature%8)&1 != 0
}

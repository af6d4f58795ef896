package engine_test

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"gosupplicant/conf"
	"gosupplicant/drivers"
	"gosupplicant/drivers/sim"
	"gosupplicant/engine"
	"gosupplicant/engine/bss"
	"gosupplicant/engine/dot11"
)

// transitions lists the states that may follow each state.
var transitions = map[engine.State][]engine.State{
	engine.StateDisconnected: {engine.StateInterfaceDisabled, engine.StateInactive, engine.StateScanning,
		engine.StateAuthenticating},
	engine.StateInterfaceDisabled: {engine.StateDisconnected},
	engine.StateInactive: {engine.StateDisconnected, engine.StateInterfaceDisabled, engine.StateScanning,
		engine.StateAuthenticating},
	engine.StateScanning: {engine.StateDisconnected, engine.StateInterfaceDisabled, engine.StateInactive,
		engine.StateAuthenticating},
	// The device may refuse to begin a roam: the old connection stands.
	engine.StateAuthenticating: {engine.StateDisconnected, engine.StateAssociating, engine.StateCompleted},
	engine.StateAssociating:    {engine.StateDisconnected, engine.StateAssociated, engine.StateAuthenticating},
	engine.StateAssociated: {engine.StateDisconnected, engine.State4WayHandshake, engine.StateCompleted,
		engine.StateAuthenticating},
	engine.State4WayHandshake: {engine.StateDisconnected, engine.StateGroupHandshake, engine.StateCompleted,
		engine.StateAuthenticating},
	engine.StateGroupHandshake: {engine.StateDisconnected, engine.State4WayHandshake, engine.StateCompleted,
		engine.StateAuthenticating},
	engine.StateCompleted: {engine.StateDisconnected, engine.StateAuthenticating},
}

// watch is what the checks remember.
type watch struct {
	state      engine.State
	bsss       map[uint32]*bss.BSS // the table as events told it
	joined     bool                // JoinAssociated was told, and no Disconnected since
	connected  bool                // Connected was told in this association
	gone       *engine.Interface   // removed: nothing more may be told of it
	removals   int
	deviceGone bool
	dev        *watchedIface
	assoc      *association // at the device
}

// association is what the device was told in one association.
type association struct {
	bssid  dot11.MAC
	secure bool
	keys   map[keySlot][][]byte // everything that was ever set
}

type keySlot struct {
	use   drivers.KeyUse
	index int
}

func (w *watch) init() { w.bsss = map[uint32]*bss.BSS{} }

// reset begins with a new interface.
func (w *watch) reset() {
	*w = watch{gone: w.gone, removals: w.removals}
	w.init()
}

// observe hears every event of the engine.
func (s *scenario) observe(ev engine.Event) {
	i := ifaceOf(ev)
	if i == nil {
		return
	}
	w := &s.watch
	if i == w.gone && s.iface != i {
		s.failf("%T of a removed interface", ev)
	}
	switch ev := ev.(type) {
	case engine.InterfaceAdded:
		w.state = i.State()
	case engine.StateChanged:
		s.note("state %v -> %v", ev.Old, ev.New)
		s.checkTransition(ev)
	case engine.BSSAdded:
		s.note("bss + %d %v %d", ev.BSS.ID, ev.BSS.BSSID, ev.BSS.Freq)
		if w.bsss[ev.BSS.ID] != nil {
			s.failf("BSS %d added twice", ev.BSS.ID)
		}
		w.bsss[ev.BSS.ID] = ev.BSS
	case engine.BSSChanged:
		if w.bsss[ev.BSS.ID] != ev.BSS {
			s.failf("BSS %d changed that was never added", ev.BSS.ID)
		}
	case engine.BSSRemoved:
		s.note("bss - %d %v", ev.BSS.ID, ev.BSS.BSSID)
		if w.bsss[ev.BSS.ID] != ev.BSS {
			s.failf("BSS %d removed that was never added", ev.BSS.ID)
		}
		delete(w.bsss, ev.BSS.ID)
	case engine.InterfaceRemoved:
		s.note("interface removed")
		w.removals++
		w.gone = i
	default:
		s.observeLink(ev)
	}
}

// observeLink hears what concerns associations.
func (s *scenario) observeLink(ev engine.Event) {
	w := &s.watch
	switch ev := ev.(type) {
	case engine.Joining:
		s.note("joining step %d of %v", ev.Step, ev.BSSID)
		if ev.Step == engine.JoinAssociated {
			w.joined, w.connected = true, false
		}
	case engine.Connected:
		s.note("connected to %v roamed=%v", ev.BSSID, ev.Roamed)
		if !w.joined || w.connected {
			s.failf("Connected without an association, or twice")
		}
		w.connected = true
		s.connections++
	case engine.Disconnected:
		s.note("disconnected from %v reason=%d local=%v", ev.BSSID, ev.Reason, ev.Local)
		if !w.joined {
			s.failf("Disconnected without an association")
		}
		w.joined, w.connected = false, false
	case engine.AttemptFailed:
		s.note("failed: %s", ev.Failure.Line())
	case engine.NetworkHeld:
		s.note("network %d held for %v: %s", ev.Network.ID, ev.Duration, ev.Reason)
	case engine.KeysNegotiated:
		s.note("keys negotiated group=%v", ev.Group)
	case engine.ScanDone:
		s.note("scan done success=%v", ev.Success)
	}
}

// ifaceOf is the interface an event is about, nil for none.
func ifaceOf(ev engine.Event) *engine.Interface {
	f := reflect.ValueOf(ev).FieldByName("Iface")
	if !f.IsValid() {
		return nil
	}
	i, _ := f.Interface().(*engine.Interface)
	return i
}

func (s *scenario) checkTransition(ev engine.StateChanged) {
	w := &s.watch
	if ev.Old != w.state || ev.New != ev.Iface.State() {
		s.failf("state event %v -> %v, but the state was %v and is %v", ev.Old, ev.New, w.state, ev.Iface.State())
	}
	w.state = ev.New
	if w.connected && ev.New < engine.StateAuthenticating {
		s.failf("state %v without Disconnected", ev.New)
	}
	follow := transitions[ev.Old]
	if s.fullMAC { // its device does not tell of authentication
		if ev.Old == engine.StateAssociating {
			follow = slices.Concat(follow, transitions[engine.StateAuthenticating])
		}
		if slices.Contains(follow, engine.StateAuthenticating) {
			follow = append(slices.Clone(follow), engine.StateAssociating)
		}
		if ev.Old >= engine.StateAssociated { // it roamed
			follow = append(slices.Clone(follow), engine.StateAssociated)
		}
	}
	if slices.Contains(follow, ev.New) {
		return
	}
	s.failf("state %v must not follow %v", ev.New, ev.Old)
}

// checkStep holds after every function that the loop ran.
func (s *scenario) checkStep() {
	s.steps++
	if s.due > 0 && s.steps >= s.due && s.err == nil {
		s.due = 0
		s.act()
	}
	i := s.iface
	if i == nil || s.err != nil {
		return
	}
	s.checkTable(i)
	s.checkLink(i)
	st := i.LinkState()
	usable := st.Up && st.RFKill == drivers.RFKillUnblocked
	switch disabled := i.State() == engine.StateInterfaceDisabled; {
	case disabled && usable && !s.watch.deviceGone:
		s.failf("disabled with a usable device")
	case !disabled && !usable:
		s.failf("state %v with a device that is down or blocked", i.State())
	case disabled && (i.Link() != nil || i.BSSs().Len() != 0):
		s.failf("disabled with a link or %d BSSs", i.BSSs().Len())
	case i.DisconnectedByUser() && (i.State() >= engine.StateAuthenticating || i.Link() != nil):
		s.failf("state %v after a disconnect by the user", i.State())
	}
}

// checkTable compares the table with what its events told.
func (s *scenario) checkTable(i *engine.Interface) {
	t := i.BSSs()
	if t.Len() != len(s.watch.bsss) {
		s.failf("table of %d BSSs, events told of %d", t.Len(), len(s.watch.bsss))
		return
	}
	for k := range t.Len() {
		if b := t.At(k); s.watch.bsss[b.ID] != b {
			s.failf("BSS %d is in the table without an event", b.ID)
			return
		}
	}
}

// checkLink compares the parts of the association with each other.
func (s *scenario) checkLink(i *engine.Interface) {
	l, b, n, state := i.Link(), i.CurrentBSS(), i.CurrentNetwork(), i.State()
	switch {
	case l == nil && (b != nil || n != nil):
		s.failf("BSS %v or network %v is current without a link", b, n)
	case l == nil && state >= engine.StateAssociated:
		s.failf("state %v without a link", state)
	case l == nil:
	case b == nil || b.BSSID != l.BSSID || n == nil || n != l.Network:
		s.failf("link to %v, but the current BSS is %v and the network %v", l.BSSID, b, n)
	case i.BSSs().ByID(b.ID) != b:
		s.failf("the current BSS %v is not in the table", b.BSSID)
	case i.Config().Network(n.ID) != n || n.Disabled != 0:
		s.failf("link of network %d, which is removed or disabled", n.ID)
	case state < engine.StateAuthenticating:
		s.failf("state %v with a link", state)
	case state == engine.StateCompleted && l.Since.IsZero():
		s.failf("completed, but not authorized")
	case state > engine.StateAssociating && state < engine.StateCompleted && !l.Since.IsZero():
		s.failf("authorized in state %v", state)
	}
}

// checkSettled holds when the loop has nothing to do at this instant: engine and
// device agree.
func (s *scenario) checkSettled() {
	i := s.iface
	if s.err != nil {
		return
	}
	if s.watch.gone != nil && i == nil {
		for _, t := range s.loop.Timers() {
			if strings.HasPrefix(t.Name, "sim0 ") {
				s.failf("timer %q of a removed interface", t.Name)
			}
		}
	}
	if i == nil || s.watch.dev == nil || s.watch.deviceGone {
		return
	}
	st, err := s.watch.dev.State()
	switch state := i.State(); {
	case err != nil:
		s.failf("device state: %v", err)
	case state >= engine.StateAssociated && (!st.Associated || st.BSSID != i.Link().BSSID):
		s.failf("state %v at %v, but the device is associated %v with %v", state, i.Link().BSSID, st.Associated, st.BSSID)
	case state < engine.StateAuthenticating && st.Associated:
		s.failf("state %v, but the device is associated with %v", state, st.BSSID)
	}
	if open, err := s.air.Authorized("sim0"); err == nil && open != (i.State() == engine.StateCompleted) && i.State() >= engine.StateAssociated {
		s.failf("state %v with the port open: %v", i.State(), open)
	}
	s.checkWorks(i)
}

// checkWorks looks for turns on the radio that nobody uses.
func (s *scenario) checkWorks(i *engine.Interface) {
	for _, w := range i.RadioWorks() {
		joining := i.State() >= engine.StateAuthenticating && i.State() < engine.StateCompleted
		switch {
		case w.Kind == "connect" && w.Started && !joining:
			s.failf("radio work %q in state %v", w.Kind, i.State())
		case w.Kind == "scan" && w.Started && !i.ScanPending():
			s.failf("radio work of a scan that does not exist")
		}
	}
}

// watchedDriver is the simulated driver with checks at its boundary.
type watchedDriver struct {
	*sim.Driver
	s *scenario
}

// device is everything the simulated device can do.
type device interface {
	drivers.Interface
	drivers.ScanAborter
	drivers.SchedScanner
	drivers.Surveyor
	drivers.CountryControl
	drivers.LinkControl
	drivers.AddressSetter
	drivers.StatusReporter
	drivers.SignalPoller
	drivers.SME
	drivers.Linker
	drivers.FrameSender
	drivers.Connector
	drivers.ExternalAuthenticator
}

type watchedIface struct {
	device
	s      *scenario
	secure bool // the last association request was one with keys
}

func (d watchedDriver) Open(cfg drivers.Config) (drivers.Interface, error) {
	s, pass := d.s, cfg.Events
	cfg.Events = func(ev drivers.Event) {
		s.deviceEvent(ev)
		pass(ev)
	}
	i, err := d.Driver.Open(cfg)
	if err != nil {
		return nil, err
	}
	s.watch.deviceGone = false
	s.watch.dev = &watchedIface{device: i.(device), s: s}
	return s.watch.dev, nil
}

// deviceEvent hears of associations before the engine does.
func (s *scenario) deviceEvent(ev drivers.Event) {
	w := &s.watch
	switch ev := ev.(type) {
	case drivers.EventAssoc:
		s.note("device: associated with %v", ev.BSSID)
		w.assoc = &association{bssid: ev.BSSID, secure: w.dev.secure, keys: map[keySlot][][]byte{}}
	case drivers.EventDisconnected:
		s.note("device: %+v", ev)
		w.assoc = nil
	case drivers.EventRemoved:
		w.deviceGone, w.assoc = true, nil
	case drivers.EventScanStarted, drivers.EventScanDone, drivers.EventEAPOL, drivers.EventAuth, drivers.EventFrame, drivers.EventExternalAuth:
	default:
		s.note("device: %T", ev)
	}
}

func (d *watchedIface) Associate(p *drivers.AssocParams) error {
	err := d.device.Associate(p)
	d.s.note("Associate %v: %v", p.BSSID, err)
	d.judge(p)
	return err
}

func (d *watchedIface) Connect(p *drivers.ConnectParams) error {
	err := d.device.Connect(p)
	d.s.note("Connect %v: %v", p.BSSID, err)
	d.judge(&p.AssocParams)
	return err
}

// judge looks at the security of an association that is asked for.
func (d *watchedIface) judge(p *drivers.AssocParams) {
	home := string(p.SSID) == "net"
	d.secure = p.Crypto.AKM != 0
	if home && d.s.kind.name != "open" && !d.secure {
		d.s.failf("association with '%s' in the clear", p.SSID)
	}
	if home && d.s.kind.pmf && p.PMF == drivers.PMFNo && !d.s.altered[p.BSSID] {
		d.s.failf("association with '%s' without PMF", p.SSID)
	}
}

func (d *watchedIface) SetKey(k *drivers.Key) error {
	s, w := d.s, &d.s.watch
	value := bytes.Clone(k.Key)
	err := d.device.SetKey(k)
	if value == nil || err != nil {
		return err
	}
	s.keys++
	s.note("SetKey use %d index %d", k.Use, k.Index)
	if w.assoc == nil {
		s.failf("key %d without an association", k.Use)
		return err
	}
	slot := keySlot{k.Use, k.Index}
	for _, old := range w.assoc.keys[slot] {
		if bytes.Equal(old, value) {
			s.failf("key %d index %d installed twice", k.Use, k.Index)
		}
	}
	if bytes.Equal(value, make([]byte, len(value))) {
		s.failf("key %d is all zero", k.Use)
	}
	w.assoc.keys[slot] = append(w.assoc.keys[slot], value)
	return err
}

func (d *watchedIface) SetAuthorized(bssid dot11.MAC, on bool) error {
	err := d.device.SetAuthorized(bssid, on)
	d.s.note("SetAuthorized %v %v: %v", bssid, on, err)
	if a := d.s.watch.assoc; err == nil && on && a != nil && a.secure && !a.keyed() {
		d.s.failf("port opened without keys")
	}
	return err
}

// keyed reports whether a pairwise and a group key are there.
func (a *association) keyed() bool {
	pairwise, group := false, false
	for slot := range a.keys {
		pairwise = pairwise || slot.use == drivers.KeyPairwise
		group = group || slot.use == drivers.KeyGroup
	}
	return pairwise && group
}

func (d *watchedIface) Authenticate(p *drivers.AuthParams) error {
	err := d.device.Authenticate(p)
	d.s.note("Authenticate %v alg %d: %v", p.BSSID, p.Alg, err)
	return err
}

func (d *watchedIface) Deauthenticate(bssid dot11.MAC, reason uint16) error {
	err := d.device.Deauthenticate(bssid, reason)
	d.s.note("Deauthenticate %v reason %d: %v", bssid, reason, err)
	return err
}

func (d *watchedIface) SendEAPOL(dst dot11.MAC, pdu []byte, encrypt bool) error {
	err := d.device.SendEAPOL(dst, pdu, encrypt)
	d.s.note("SendEAPOL %s encrypt=%v: %v", eapolName(pdu), encrypt, err)
	return err
}

// eapolName tells an EAPOL-Key frame by its key information.
func eapolName(pdu []byte) string {
	if len(pdu) < 17 {
		return fmt.Sprintf("%d octets", len(pdu))
	}
	return fmt.Sprintf("info %02x%02x replay %x", pdu[5], pdu[6], pdu[9:17])
}

func isHome(n *conf.Network) bool { return string(n.SSID) == "net" }

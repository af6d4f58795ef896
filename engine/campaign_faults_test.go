package engine_test

import (
	"bytes"
	"fmt"
	"time"

	"gosupplicant/conf"
	"gosupplicant/drivers/sim"
	"gosupplicant/engine"
	"gosupplicant/engine/dot11"
)

// frameFaults is what happens to frames between station and access points.
type frameFaults struct {
	drop, double, late, corrupt, replay float64
	old                                 []sim.Frame // seen before, for replays
}

// shuffle takes new chances, often none.
func (f *frameFaults) shuffle(s *scenario) {
	*f = frameFaults{old: f.old}
	for _, p := range []*float64{&f.drop, &f.double, &f.late, &f.corrupt, &f.replay} {
		if s.chance(0.4) {
			*p = s.rng.Float64() * 0.4
		}
	}
	s.note("frames: drop %.2f double %.2f late %.2f corrupt %.2f replay %.2f", f.drop, f.double, f.late, f.corrupt, f.replay)
}

// maxOld is how many frames are kept for replays.
const maxOld = 64

// judge decides about one frame on the air.
func (s *scenario) judge(f sim.Frame) sim.Fate {
	s.frames++
	var fate sim.Fate
	faults := &s.faults
	if s.chance(faults.drop) {
		fate.Drop = true
	}
	if s.chance(faults.double) {
		fate.Copies = 1 + s.rng.IntN(4)
	}
	if s.chance(faults.late) {
		fate.Delay = s.between(time.Millisecond, 30*time.Millisecond)
		if s.chance(0.3) {
			fate.Delay *= 50
		}
	}
	switch {
	case s.chance(faults.corrupt):
		fate.Bytes = s.corrupt(f.Bytes)
	case s.chance(faults.replay):
		if o, ok := s.earlier(f); ok {
			fate.Bytes = o.Bytes
		}
	}
	if fate.Drop || fate.Copies > 0 || fate.Delay > 0 || fate.Bytes != nil {
		s.tampered++
	}
	f.Bytes = bytes.Clone(f.Bytes)
	if len(faults.old) < maxOld {
		faults.old = append(faults.old, f)
	} else {
		faults.old[s.rng.IntN(maxOld)] = f
	}
	s.note("air: %s%s", frameName(f), fateName(fate))
	return fate
}

// earlier picks a frame of the same way and kind.
func (s *scenario) earlier(f sim.Frame) (sim.Frame, bool) {
	var fit []sim.Frame
	for _, o := range s.faults.old {
		if o.ToAP == f.ToAP && o.EAPOL == f.EAPOL && o.BSSID == f.BSSID {
			fit = append(fit, o)
		}
	}
	if len(fit) == 0 {
		return f, false
	}
	return pick(s, fit), true
}

// corrupt flips octets, cuts off, or adds.
func (s *scenario) corrupt(b []byte) []byte {
	b = bytes.Clone(b)
	switch {
	case s.chance(0.2):
		return b[:s.rng.IntN(len(b)+1)]
	case s.chance(0.2):
		return append(b, make([]byte, 1+s.rng.IntN(300))...)
	}
	for range 1 + s.rng.IntN(4) {
		b[s.rng.IntN(len(b))] ^= byte(1 + s.rng.IntN(255))
	}
	return b
}

func frameName(f sim.Frame) string {
	way := "to station"
	if f.ToAP {
		way = "to AP"
	}
	what := "EAPOL " + eapolName(f.Bytes)
	if !f.EAPOL {
		what = "malformed"
		if h, _, err := dot11.ParseMgmt(f.Bytes); err == nil {
			what = fmt.Sprintf("%v", h.Subtype)
		}
	}
	return fmt.Sprintf("%v %s: %s, protected %v", f.BSSID, way, what, f.Protected)
}

func fateName(f sim.Fate) string {
	var out string
	if f.Drop {
		return " [lost]"
	}
	if f.Copies > 0 {
		out += fmt.Sprintf(" [%d copies]", f.Copies)
	}
	if f.Delay > 0 {
		out += fmt.Sprintf(" [late %v]", f.Delay)
	}
	if f.Bytes != nil {
		out += " [changed]"
	}
	return out
}

// happening is something that befalls the air, or that a user does.
type happening struct {
	name   string
	weight int
	do     func(s *scenario) error
}

// act makes one thing happen.
func (s *scenario) act() {
	list := airHappenings
	if s.chance(0.45) {
		list = userHappenings
	}
	sum := 0
	for _, h := range list {
		sum += h.weight
	}
	at := s.rng.IntN(sum)
	for _, h := range list {
		if at -= h.weight; at < 0 {
			s.acts++
			s.note("*** %s", h.name)
			if err := h.do(s); err != nil {
				s.note("    %v", err)
			}
			s.checkStep()
			s.loop.Drain()
			return
		}
	}
}

// somewhere is an access point of the network, on the air or not.
func (s *scenario) somewhere() dot11.MAC {
	if i := s.iface; i != nil && i.Link() != nil && s.chance(0.6) {
		return i.Link().BSSID
	}
	return s.plan.APs[s.rng.IntN(len(s.plan.APs))].BSSID
}

func (s *scenario) reason() dot11.Reason { return dot11.Reason(1 + s.rng.IntN(30)) }

func (s *scenario) status() dot11.Status {
	return pick(s, []dot11.Status{1, 12, 13, 14, 15, 17, 18, 30, 31, 33, 34, 37, 40, 41, 43, 45, 53, 72, 77, 101, 123, 126, 127, 65535})
}

var airHappenings = []happening{
	{"deauthenticated by the AP", 6, func(s *scenario) error { return s.air.Kick(s.somewhere(), s.reason(), false) }},
	{"disassociated by the AP", 4, func(s *scenario) error { return s.air.Kick(s.somewhere(), s.reason(), true) }},
	{"storm of forged deauthentications", 3, (*scenario).storm},
	{"old frames arrive again", 6, (*scenario).replayOld},
	{"AP restarts", 4, func(s *scenario) error { return s.air.RestartAP(s.somewhere()) }},
	{"AP disappears", 3, func(s *scenario) error { return s.air.RemoveAP(s.somewhere()) }},
	{"all APs are there", 2, func(s *scenario) error {
		for _, p := range s.plan.APs {
			s.air.AddAP(p) // refused for those that are
		}
		return nil
	}},
	{"AP switches channel", 3, func(s *scenario) error {
		return s.air.SwitchChannel(s.somewhere(), dot11.Freq(dot11.Band2GHz, 1+s.rng.IntN(13)))
	}},
	{"AP moves without a word", 2, (*scenario).moveAP},
	{"AP with another key", 2, (*scenario).wrongAP},
	{"AP refuses", 5, func(s *scenario) error {
		var auth, assoc dot11.Status
		if s.chance(0.5) {
			auth = s.status()
		}
		if s.chance(0.7) {
			assoc = s.status()
		}
		return s.air.RefuseAP(s.somewhere(), auth, assoc)
	}},
	{"AP accepts again", 3, func(s *scenario) error { return s.air.RefuseAP(s.somewhere(), 0, 0) }},
	{"AP renews its keys", 6, func(s *scenario) error { return s.air.Rekey(s.somewhere(), s.chance(0.4)) }},
	{"signal changes", 3, func(s *scenario) error { return s.air.SetSignal(s.somewhere(), -40-s.rng.IntN(70)) }},
	{"loss", 3, func(s *scenario) error { s.air.SetLoss(s.rng.Float64() * 0.6); return nil }},
	{"no loss", 2, func(s *scenario) error { s.air.SetLoss(0); return nil }},
	{"rfkill", 3, func(s *scenario) error { return s.air.Block("phy0", s.chance(0.5)) }},
	{"no rfkill", 6, func(s *scenario) error { s.air.Unblock("phy0", true); return s.air.Unblock("phy0", false) }},
	{"interface down", 2, func(s *scenario) error { return s.air.SetUp("sim0", false) }},
	{"interface up", 5, func(s *scenario) error { return s.air.SetUp("sim0", true) }},
	{"interface pulled out", 1, func(s *scenario) error { return s.air.RemoveInterface("sim0") }},
	{"interface plugged in", 3, (*scenario).plugIn},
	{"device roams", 3, func(s *scenario) error { return s.air.DeviceRoam("sim0", s.somewhere()) }},
	{"another program scans", 2, func(s *scenario) error { return s.air.ExternalScan("sim0") }},
	{"events are lost", 2, func(s *scenario) error { return s.air.Resync("sim0", "campaign") }},
	{"hostile elements in beacons", 2, (*scenario).forge},
}

// forge has an access point send damaged elements.
func (s *scenario) forge() error {
	bssid := s.somewhere()
	b := []byte{0, 3, 'n', 'e', 't'}
	for range s.rng.IntN(200) {
		b = append(b, byte(s.rng.Uint32()))
	}
	if i := s.iface; i != nil && s.chance(0.7) {
		if known := i.BSSs().Latest(bssid); known != nil {
			b = s.corrupt(known.IEs)
		}
	}
	s.altered[bssid] = true
	return s.air.Forge(bssid, b)
}

// storm has forged disconnections arrive.
func (s *scenario) storm() error {
	bssid := s.somewhere()
	for range 5 + s.rng.IntN(30) {
		h := dot11.MgmtHeader{Subtype: dot11.SubtypeDeauth, DA: dot11.MAC{2, 0, 0, 0, 0, 0}, SA: bssid, BSSID: bssid}
		if s.chance(0.5) {
			h.Subtype = dot11.SubtypeDisassoc
		}
		frame := append(h.Append(nil), byte(s.reason()), 0)
		if err := s.air.Inject(sim.Frame{Ifname: "sim0", BSSID: bssid, Bytes: frame}); err != nil {
			return err
		}
		s.run(s.between(0, 80*time.Millisecond), nil)
	}
	return nil
}

// replayOld has frames of before arrive once more, as they were protected.
func (s *scenario) replayOld() error {
	for range 1 + s.rng.IntN(8) {
		if len(s.faults.old) == 0 {
			return nil
		}
		f := pick(s, s.faults.old)
		s.note("again: %s", frameName(f))
		f.Ifname = "sim0"
		if err := s.air.Inject(f); err != nil {
			return err
		}
		s.run(s.between(0, 2*time.Millisecond), nil)
	}
	return nil
}

// moveAP takes an access point away and puts it on another channel.
func (s *scenario) moveAP() error {
	p := pick(s, s.plan.APs)
	if err := s.air.RemoveAP(p.BSSID); err != nil {
		return err
	}
	p.Freq = dot11.Freq(dot11.Band2GHz, 1+s.rng.IntN(13))
	return s.air.AddAP(p)
}

// wrongAP replaces an access point by one with another key.
func (s *scenario) wrongAP() error {
	p := pick(s, s.plan.APs)
	if err := s.air.RemoveAP(p.BSSID); err != nil {
		return err
	}
	if p.PSK != nil {
		p.PSK = bytes.Repeat([]byte{7}, 32)
	} else if p.Passphrase != "" {
		p.Passphrase = "fedcba9876543210"
	}
	s.altered[p.BSSID] = true
	return s.air.AddAP(p)
}

// plugIn brings the device back and has the engine take it anew.
func (s *scenario) plugIn() error {
	err := s.air.AddInterface("phy0", "sim0", dot11.MAC{})
	if s.watch.deviceGone && s.chance(0.3) {
		s.removeIface()
	}
	s.run(0, nil)
	s.addIface()
	return err
}

// command makes a happening of a command to the interface.
func command(f func(s *scenario, i *engine.Interface) error) func(*scenario) error {
	return func(s *scenario) error {
		if s.iface == nil {
			return engine.ErrUnknownInterface
		}
		return f(s, s.iface)
	}
}

// someNetwork is the id of a network, mostly one that exists.
func (s *scenario) someNetwork() int {
	if i := s.iface; i != nil && len(i.Config().Networks) > 0 && s.chance(0.95) {
		return pick(s, i.Config().Networks).ID
	}
	return 99
}

var userHappenings = []happening{
	{"disconnect", 4, command(func(s *scenario, i *engine.Interface) error { return i.Disconnect() })},
	{"reconnect", 8, command(func(s *scenario, i *engine.Interface) error { return i.Reconnect() })},
	{"reassociate", 4, command(func(s *scenario, i *engine.Interface) error { return i.Reassociate() })},
	{"reattach", 2, command(func(s *scenario, i *engine.Interface) error { return i.Reattach() })},
	{"select", 4, command(func(s *scenario, i *engine.Interface) error {
		var freqs []int
		if s.chance(0.3) {
			freqs = []int{2412, 5180}
		}
		return i.SelectNetwork(s.someNetwork(), freqs)
	})},
	{"select any", 3, command(func(s *scenario, i *engine.Interface) error { i.SelectAny(nil); return nil })},
	{"enable", 5, command(func(s *scenario, i *engine.Interface) error { return i.EnableNetwork(s.someNetwork(), s.chance(0.8)) })},
	{"disable", 3, command(func(s *scenario, i *engine.Interface) error { return i.DisableNetwork(s.someNetwork()) })},
	{"remove network", 1, command(func(s *scenario, i *engine.Interface) error { return i.RemoveNetwork(s.someNetwork()) })},
	{"reconfigure", 3, command(func(s *scenario, i *engine.Interface) error { return i.Reconfigure() })},
	{"flush", 1, command(func(s *scenario, i *engine.Interface) error { i.Flush(); return nil })},
	{"roam", 8, command(func(s *scenario, i *engine.Interface) error { return i.Roam(s.somewhere()) })},
	{"scan", 5, command((*scenario).userScan)},
	{"abort scan", 2, command(func(s *scenario, i *engine.Interface) error { return i.AbortScan() })},
	{"flush BSSs", 2, command(func(s *scenario, i *engine.Interface) error { i.FlushBSS(s.rng.IntN(3) * 5); return nil })},
	{"wrong key", 2, command(func(s *scenario, i *engine.Interface) error { return s.setKeys(false) })},
	{"right key", 4, command(func(s *scenario, i *engine.Interface) error { return s.setKeys(true) })},
	{"flush PMKSAs", 2, command(func(s *scenario, i *engine.Interface) error { i.FlushPMKSAs(); return nil })},
	{"request new keys", 2, command(func(s *scenario, i *engine.Interface) error { return i.RequestRekey(s.chance(0.5)) })},
	{"no autoconnect", 1, command(func(s *scenario, i *engine.Interface) error { i.SetStaAutoconnect(s.chance(0.5)); return nil })},
	{"ignore a BSSID", 1, command(func(s *scenario, i *engine.Interface) error { return i.IgnoreBSSID(s.somewhere()) })},
	{"clear ignored", 1, command(func(s *scenario, i *engine.Interface) error { i.ClearIgnored(); return nil })},
	{"radio work", 1, command(func(s *scenario, i *engine.Interface) error {
		id, err := i.AddRadioWork("test", 0, s.between(0, 5*time.Second))
		s.works = append(s.works, id)
		return err
	})},
	{"remove interface", 1, func(s *scenario) error { s.removeIface(); return nil }},
	{"add interface", 3, func(s *scenario) error { s.addIface(); return nil }},
	{"system resumes", 1, func(s *scenario) error { s.sup.Suspend(); s.sup.Resume(); return nil }},
}

func (s *scenario) userScan(i *engine.Interface) error {
	r := engine.ScanRequest{AllowRoam: s.chance(0.6), Auto: s.chance(0.5), Passive: s.chance(0.2), Queue: s.chance(0.4), UseID: s.chance(0.3)}
	if s.chance(0.3) {
		r.Freqs = []int{2412, 2437}
	}
	_, err := i.Scan(r)
	return err
}

// setKeys gives the network's blocks the right key, or a wrong one.
func (s *scenario) setKeys(right bool) error {
	for _, n := range s.iface.Config().Networks {
		if isHome(n) {
			if err := s.setKey(n, right); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *scenario) setKey(n *conf.Network, right bool) error {
	name, value := "", ""
	switch s.kind.name {
	case "wpa", "wpa2", "wpa2-pmf":
		name, value = "psk", campaignPSK
		if !right {
			value = campaignPSK[2:] + "ff"
		}
	case "wpa3", "wpa3-ext", "wpa2-wpa3":
		name, value = "sae_password", `"0123456789abcdef"`
		if s.kind.name == "wpa2-wpa3" {
			name = "psk"
		}
		if !right {
			value = `"wrong-one"`
		}
	case "wpa2-eap", "wpa3-eap":
		name, value = "password", `"0123456789abcdef"`
		if !right {
			value = `"fedcba9876543210"`
		}
	default:
		return nil
	}
	return s.iface.SetNetwork(n.ID, name, value)
}

package engine_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"time"

	"gosupplicant/drivers"
	"gosupplicant/drivers/sim"
	"gosupplicant/engine"
	"gosupplicant/engine/dot11"
	"gosupplicant/engine/logs"
	"gosupplicant/engine/loop/looptest"
)

// campaignKind is a kind of network that scenarios are made of.
type campaignKind struct {
	name     string
	security string // of the air file
	block    string // of the configuration
	weight   int
	pmf      bool // every association is protected
}

const campaignPSK = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

var campaignKinds = []campaignKind{
	{"open", "open", "key_mgmt=NONE", 2, false},
	{"wpa2", "wpa2", "psk=" + campaignPSK + "\n\tkey_mgmt=WPA-PSK", 8, false},
	{"wpa2-pmf", "wpa2-pmf", "psk=" + campaignPSK + "\n\tkey_mgmt=WPA-PSK WPA-PSK-SHA256\n\tieee80211w=1", 6, true},
	{"wpa3", "wpa3", "sae_password=\"0123456789abcdef\"\n\tkey_mgmt=SAE\n\tieee80211w=2", 2, true},
	{"wpa2-wpa3", "wpa2-wpa3", "psk=\"0123456789abcdef\"\n\tkey_mgmt=WPA-PSK SAE\n\tieee80211w=1", 1, true},
	{"owe", "owe", "key_mgmt=OWE\n\tieee80211w=2", 3, true},
	{"owe 21", "owe", "key_mgmt=OWE\n\tieee80211w=2\n\towe_group=21", 1, true},
	{"wpa", "wpa", "psk=" + campaignPSK + "\n\tkey_mgmt=WPA-PSK\n\tproto=WPA\n\tpairwise=TKIP\n\tgroup=TKIP", 1, false},
	{"wpa3-ext", "wpa3-ext", "sae_password=\"0123456789abcdef\"\n\tkey_mgmt=SAE-EXT-KEY\n\tieee80211w=2", 1, true},
	{"wpa2-eap", "wpa2-eap", "key_mgmt=WPA-EAP\n\t" + campaignEAP, 2, false},
	{"wpa3-eap", "wpa3-eap", "key_mgmt=WPA-EAP-SHA256\n\tieee80211w=2\n\t" + campaignEAP, 1, true},
}

const campaignEAP = "eap=PSK\n\tidentity=\"i\"\n\tpassword=\"0123456789abcdef\""

// Times of a scenario.
const (
	faultTime   = 45 * time.Second // at most, the shortest a third
	healTime    = 6 * time.Minute  // to be connected after the last fault
	quietTime   = 40 * time.Second // that a connection without faults must last
	removedTime = time.Minute
)

// scenario is one run.
type scenario struct {
	seed    uint64
	rng     *rand.Rand
	kind    campaignKind
	loop    *looptest.Loop
	sup     *engine.Supervisor
	air     *sim.Air
	iface   *engine.Interface // nil while removed
	conf    string
	text    string // of the configuration file
	plan    *sim.Plan
	fullMAC bool // the radio has its own SME
	tracing bool
	trace   []string
	err     error

	faults frameFaults
	watch  watch
	works  []int // external radio works
	due    int   // step behind which the next act comes, 0 for none
	// altered access points have another key or hostile beacons.
	altered map[dot11.MAC]bool
	totals
}

// runScenario plays the scenario of a seed through. conf is a file it may use.
func runScenario(seed uint64, conf string, tracing bool) (s *scenario) {
	s = &scenario{seed: seed, rng: rand.New(rand.NewPCG(seed, 0x5ca1ab1e)), conf: conf, tracing: tracing, loop: looptest.New(), altered: map[dot11.MAC]bool{}}
	defer func() {
		if r := recover(); r != nil {
			s.failf("panic: %v", r)
		}
	}()
	s.build()
	for _, step := range []func(){s.start, s.suffer, s.heal, s.rest, s.end} {
		if s.err == nil {
			step()
		}
	}
	return s
}

// chance is true with probability p.
func (s *scenario) chance(p float64) bool { return s.rng.Float64() < p }

func (s *scenario) between(lo, hi time.Duration) time.Duration {
	return lo + time.Duration(s.rng.Int64N(int64(hi-lo)+1))
}

func (s *scenario) failf(format string, args ...any) {
	if s.err == nil {
		s.err = fmt.Errorf("%v: %s", s.now(), fmt.Sprintf(format, args...))
		s.note("VIOLATED: %v", s.err)
	}
}

func (s *scenario) now() time.Duration {
	return s.loop.Now().Sub(looptest.Start).Round(time.Microsecond)
}

func (s *scenario) note(format string, args ...any) {
	if s.tracing {
		s.trace = append(s.trace, fmt.Sprintf("%12v  %s", s.now(), fmt.Sprintf(format, args...)))
	}
}

func pick[T any](s *scenario, list []T) T { return list[s.rng.IntN(len(list))] }

func (s *scenario) pickKind() campaignKind {
	sum := 0
	for _, k := range campaignKinds {
		sum += k.weight
	}
	at := s.rng.IntN(sum)
	for _, k := range campaignKinds {
		if at -= k.weight; at < 0 {
			return k
		}
	}
	return campaignKinds[0]
}

var campaignChannels = []int{1, 6, 11, 36, 40, 44}

// airText describes the air: one to three access points of the network, an open
// one of another name, and strangers.
func (s *scenario) airText() string {
	var b strings.Builder
	b.WriteString("radio phy0 interfaces=sim0")
	if s.fullMAC = s.rng.IntN(3) == 0; s.fullMAC {
		b.WriteString(" full-mac")
	} else if s.seed%2 == 0 {
		b.WriteString(" scan-in-place")
	}
	b.WriteString("\ndelay 1ms\n")
	pass := " passphrase=\"0123456789abcdef\""
	for n := range 1 + s.rng.IntN(3) {
		fmt.Fprintf(&b, "ap \"net\" bssid=02:00:00:00:0a:%02x channel=%d signal=%d security=%s%s\n",
			n+1, pick(s, campaignChannels), -40-s.rng.IntN(35), s.kind.security, pass)
	}
	fmt.Fprintf(&b, "ap \"other\" bssid=02:00:00:00:0b:01 channel=%d signal=-60\n", pick(s, campaignChannels))
	for n := range s.rng.IntN(3) {
		fmt.Fprintf(&b, "ap \"strange\" bssid=02:00:00:00:0c:%02x channel=%d signal=-60 security=wpa2%s\n", n+1, pick(s, campaignChannels), pass)
	}
	return b.String()
}

func (s *scenario) build() {
	s.kind = s.pickKind()
	plan, err := sim.ParsePlan("campaign", []byte(s.airText()))
	if err != nil {
		s.failf("air: %v", err)
		return
	}
	psk, _ := hex.DecodeString(campaignPSK)
	for k := range plan.APs {
		if strings.HasPrefix(s.kind.block, "psk="+campaignPSK) {
			plan.APs[k].PSK = psk
		}
	}
	s.plan = plan
	random := rand.NewChaCha8([32]byte{byte(s.seed), byte(s.seed >> 8), byte(s.seed >> 16), byte(s.seed >> 24)})
	driver, err := sim.New(s.loop, random)
	if err == nil {
		s.air, err = driver.Load(plan)
	}
	if err != nil {
		s.failf("air: %v", err)
		return
	}
	s.air.OnFrame(s.judge)
	hub := logs.New(logs.LevelError)
	if s.tracing {
		hub = logs.New(logs.LevelDebug)
		hub.AddSink(logs.NewWriter(traceWriter{s}))
	}
	s.sup = engine.New(engine.Options{Loop: s.loop, Logs: hub, Rand: random, Drivers: []drivers.Driver{watchedDriver{driver, s}}})
	s.sup.Observe(s.observe)
	s.watch.init()
	s.loop.Each = s.checkStep
	s.writeConf()
}

// traceWriter brings log lines into the trace.
type traceWriter struct{ s *scenario }

func (w traceWriter) Write(b []byte) (int, error) {
	for line := range bytes.Lines(b) {
		w.s.note("    | %s", bytes.TrimSpace(line))
	}
	return len(b), nil
}

func (s *scenario) writeConf() {
	if s.text == "" {
		s.text = "network={\n\tssid=\"net\"\n\t" + s.kind.block + "\n}\n"
		if s.chance(0.3) {
			s.text += fmt.Sprintf("network={\n\tssid=\"other\"\n\tkey_mgmt=NONE\n\tpriority=%d\n}\n", s.rng.IntN(3)-1)
		}
	}
	if err := os.WriteFile(s.conf, []byte(s.text), 0o600); err != nil {
		s.failf("%v", err)
	}
}

// start takes the interface into use; some scenarios are connected before
// anything happens.
func (s *scenario) start() {
	s.addIface()
	if s.err == nil && s.chance(0.6) {
		s.run(20*time.Second, s.connected)
	}
}

func (s *scenario) addIface() {
	if s.iface != nil || s.sup.InterfaceByName("sim0") != nil {
		return
	}
	s.watch.reset()
	s.sup.AddInterface(engine.InterfaceConfig{Ifname: "sim0", ConfigFile: s.conf}, func(i *engine.Interface, err error) {
		s.iface = i
		if err != nil {
			s.note("interface not added: %v", err)
		}
	})
	s.loop.Drain()
}

func (s *scenario) removeIface() {
	if i := s.iface; i != nil {
		s.iface = nil
		s.sup.RemoveInterface(i)
		s.watch.gone = i
	}
}

func (s *scenario) connected() bool {
	return s.iface != nil && s.iface.State() == engine.StateCompleted
}

// run lets virtual time pass, until cond holds if it is not nil.
func (s *scenario) run(d time.Duration, cond func() bool) bool {
	return s.loop.Until(d, func() bool {
		s.checkSettled()
		return s.err != nil || cond != nil && cond()
	}) && s.err == nil
}

// suffer is the time of faults.
func (s *scenario) suffer() {
	left := s.between(faultTime/3, faultTime)
	for left > 0 && s.err == nil {
		if s.chance(0.3) {
			s.faults.shuffle(s)
		}
		d := s.between(0, 4*time.Second)
		if s.chance(0.4) {
			d /= 200 // within a handshake
		}
		if s.chance(0.4) { // between any two steps of the loop, not only when it rests
			s.due = s.steps + 1 + s.rng.IntN(60)
		}
		s.run(min(d, left), nil)
		left -= d
		s.due = 0
		if s.err == nil {
			s.act()
		}
	}
}

// heal ends all faults and takes back what users did; then the connection must
// come by itself.
func (s *scenario) heal() {
	s.note("=== faults end")
	s.faults = frameFaults{old: s.faults.old}
	s.restoreAir()
	s.restoreUser()
	s.run(2*time.Second, nil) // frames that are late arrive
	if !s.run(healTime, s.connected) || !s.traffic() {
		s.failf("not connected %v after the last fault: %s", healTime, s.describe())
		return
	}
	s.connections++
}

// traffic is data in both directions: an access point that has forgotten the
// station says so then, and the station must come back.
func (s *scenario) traffic() bool {
	for range 20 {
		if err := s.air.Data("sim0"); err != nil {
			s.note("data: %v", err)
		}
		s.run(3*time.Second, nil)
		if s.err == nil && s.connected() && s.secure() && !s.iface.ScanPending() {
			return true
		}
		s.run(healTime, s.connected)
	}
	return false
}

// rest proves that a connection without faults lasts, with equal keys at both
// ends.
func (s *scenario) rest() {
	s.run(2*time.Second, nil)
	since := s.iface.Link()
	if s.err != nil {
		return
	}
	if since == nil || !s.connected() {
		s.failf("the connection did not last: %s", s.describe())
		return
	}
	s.run(quietTime, func() bool { return !s.connected() })
	if s.err != nil {
		return
	}
	if !s.connected() {
		s.failf("the connection did not last: %s", s.describe())
		return
	}
	if !s.secure() {
		s.failf("keys differ between the ends")
	}
}

// secure reports whether both ends have the same keys, or need none.
func (s *scenario) secure() bool {
	if l := s.iface.Link(); l == nil || l.Security == nil {
		return l != nil
	}
	ok, err := s.air.Secure("sim0")
	return ok && err == nil
}

// end removes the interface: nothing of it may be left.
func (s *scenario) end() {
	s.removeIface()
	s.run(removedTime, nil)
	if s.err == nil && s.watch.removals == 0 {
		s.failf("the removal was not told")
	}
}

func (s *scenario) describe() string {
	i := s.iface
	if i == nil {
		return "no interface"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "state %v, %d BSSs, scanning %v, pending %v, disconnected by user %v, ignored %v, works %+v", i.State(), i.BSSs().Len(),
		i.Scanning(), i.ScanPending(), i.DisconnectedByUser(), i.IgnoredBSSIDs(), i.RadioWorks())
	for _, n := range i.Config().Networks {
		left, held := i.NetworkTempDisabled(n)
		fmt.Fprintf(&b, "; network %d '%s' disabled=%d held=%v %v", n.ID, n.SSID, n.Disabled, held, left)
	}
	for _, t := range s.loop.Timers() {
		if strings.HasPrefix(t.Name, "sim0 ") {
			fmt.Fprintf(&b, "; timer %q in %v", t.Name, t.After)
		}
	}
	if f := i.LastFailure(); f != nil {
		fmt.Fprintf(&b, "; last: %s", f.Line())
	}
	return b.String()
}

// restoreAir undoes what befell the air.
func (s *scenario) restoreAir() {
	s.air.SetLoss(0)
	s.air.Unblock("phy0", false)
	s.air.Unblock("phy0", true)
	if s.air.AddInterface("phy0", "sim0", dot11.MAC{}) == nil {
		s.note("sim0 is there again")
	}
	s.air.SetUp("sim0", true)
	for _, p := range s.plan.APs {
		if s.altered[p.BSSID] {
			s.air.RemoveAP(p.BSSID)
		}
		if err := s.air.RefuseAP(p.BSSID, 0, 0); err != nil {
			s.air.AddAP(p)
		}
		s.air.SetSignal(p.BSSID, p.Signal)
	}
}

// restoreUser undoes what users did.
func (s *scenario) restoreUser() {
	s.run(time.Second, nil) // for the device to be taken up again
	s.addIface()
	i := s.iface
	if i == nil {
		s.failf("the interface could not be added")
		return
	}
	for _, id := range s.works {
		i.FinishRadioWork(id)
	}
	if !slices.ContainsFunc(i.Config().Networks, isHome) {
		if err := i.Reconfigure(); err != nil {
			s.failf("reconfigure: %v", err)
			return
		}
	}
	for _, n := range i.Config().Networks {
		if isHome(n) {
			s.setKey(n, true)
		}
		i.EnableNetwork(n.ID, true)
	}
	i.SetStaAutoconnect(true)
	i.SelectAny(nil)
	if s.connected() {
		return
	}
	i.Reconnect()
}

//go:build vm

package vmtest

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gosupplicant/cmd/wpa_supplicant/vmtest/lab"
)

// The access points of these cases are behind the air only: their radios are in
// a network namespace of their own, each network with a subnet of its own, so
// that an answer to a ping has crossed the air through that network.
//
// The first radio beacons every network of joinCases (many), the second one
// carries the networks of the cases in which something happens to them (few),
// and is restarted when a case has to. The station's radio is new, too.
const (
	manyChannel, manyFreq = 1, 2412
	fewChannel, fewFreq   = 6, 2437
	// fewSubnet is the subnet of the first network of the second radio; those
	// of the first radio begin at 0.
	fewSubnet = 100
	// slowBeacons leaves the emulated machine some time beside the beacons of
	// thirty networks.
	slowBeacons = "beacon_int=400\n"
)

// Networks of the second radio.
const (
	fewWPA2 = iota
	fewPMF
	fewSAE
	fewRoam
	fewEAP
	fewEAPTwin // of one network with fewEAP
	fewPreauth // the other one is a network of the first radio: hostapd has a station in one BSS of a radio alone
	fewCount
)

var fewNetworks = [fewCount]lab.AP{
	fewWPA2: {SSID: "few-wpa2", Lines: lab.SecurityWPA2},
	fewPMF:  {SSID: "few-pmf", Lines: "wpa=2\nwpa_key_mgmt=WPA-PSK-SHA256\nrsn_pairwise=CCMP\nieee80211w=2\nwpa_passphrase=correct horse\n"},
	fewSAE:  {SSID: "few-sae", Lines: lab.SecuritySAE},
	fewRoam: {SSID: "join-roam", Lines: lab.SecurityWPA2},
	fewEAP:  {SSID: "few-eap", Lines: rsnRADIUS + "okc=1\n"}, fewEAPTwin: {SSID: "few-eap", Lines: rsnRADIUS + "okc=1\n"},
	fewPreauth: {SSID: "join-preauth", Lines: rsnRADIUS + "rsn_preauth=1\nrsn_preauth_interfaces=@preauth\n"},
}

// connectWorld is what is there during the connection cases.
type connectWorld struct {
	t          *testing.T // of all cases together
	ns         *lab.Namespace
	stationPhy string
	station    string // interface
	many, few  lab.Radio
	fewPhy     string
	fewProcess *lab.Process // runs few
	near, far  *lab.Pinger  // on the station's side, and the access points'
	ctrlDir    string       // of hostapd
	eapDir     string       // users and certificates
}

// newConnectWorld makes the radios and brings the access points on the air.
func newConnectWorld(t *testing.T) *connectWorld {
	t.Helper()
	w := &connectWorld{t: t, ns: lab.AddNamespace(t, "aps"), stationPhy: "cstation", fewPhy: "cfew", ctrlDir: filepath.Join(t.TempDir(), "hostapd"), eapDir: eapFolder(t)}
	manyIf := w.addRadio(t, "cmany")
	fewIf := w.addRadio(t, w.fewPhy)
	w.station = lab.AddRadio(t, w.stationPhy)
	t.Cleanup(func() { lab.RemoveRadio(t, w.stationPhy) })
	w.near, w.far = lab.NewPinger(t, nil), lab.NewPinger(t, w.ns)
	w.many = lab.Radio{Interface: manyIf, Channel: manyChannel, Lines: slowBeacons, Namespace: w.ns, CtrlDir: w.ctrlDir}
	for i, c := range joinCases {
		lines := strings.ReplaceAll(c.ap, "@next", fmt.Sprintf("%s_%d", manyIf, i+1))
		lines = strings.ReplaceAll(lines, "@previous", w.many.Name(max(0, i-1)))
		lines = strings.ReplaceAll(lines, "@eap", w.eapDir)
		w.many.APs = append(w.many.APs, lab.AP{SSID: "join-" + c.name, BSSID: manyBSSID(i), Hidden: c.hidden, Lines: lines})
	}
	w.few = lab.Radio{Interface: fewIf, Channel: fewChannel, Namespace: w.ns, CtrlDir: w.ctrlDir}
	for i, ap := range fewNetworks {
		ap.BSSID = fewBSSID(i)
		ap.Lines = strings.ReplaceAll(ap.Lines, "@preauth", w.many.Name(joinNumber("preauth")))
		w.few.APs = append(w.few.APs, ap)
	}
	lab.StartRADIUS(t, w.ns, eapServer(w.eapDir))
	lab.StartHostapd(t, w.many)
	w.addresses(t, w.many, 0)
	w.startFew()
	w.stationAddresses(t)
	return w
}

func manyBSSID(i int) string { return fmt.Sprintf("02:00:00:00:40:%02x", i) }
func fewBSSID(i int) string  { return fmt.Sprintf("02:00:00:00:50:%02x", i) }

// addRadio makes a radio in the access points' namespace; removing it needs it
// back.
func (w *connectWorld) addRadio(t *testing.T, phy string) string {
	t.Helper()
	name := "w" + phy // the kernel's choice may be taken in the namespace
	lab.Run(t, nil, "ip", "link", "set", lab.AddRadio(t, phy), "name", name)
	w.ns.Take(phy)
	t.Cleanup(func() {
		w.ns.Run("iw", "phy", phy, "set", "netns", "1")
		lab.RemoveRadio(t, phy)
	})
	return name
}

// startFew brings the second radio's networks on the air.
func (w *connectWorld) startFew() {
	w.t.Helper()
	w.fewProcess = lab.StartHostapd(w.t, w.few)
	w.addresses(w.t, w.few, fewSubnet)
}

// startFewAgain clears what a killed hostapd left behind.
func (w *connectWorld) startFewAgain(t *testing.T) {
	t.Helper()
	for i := range w.few.APs[1:] {
		// The kernel removes them with their maker, but not at once.
		w.ns.Run("sh", "-c", "iw dev "+w.few.Name(i+1)+" del || true")
	}
	w.startFew()
}

// addresses gives the networks of a radio their subnets.
func (w *connectWorld) addresses(t *testing.T, r lab.Radio, first int) {
	t.Helper()
	var batch strings.Builder
	for i := range r.APs {
		fmt.Fprintf(&batch, "addr replace %s dev %s broadcast +\n", lab.Prefix(first+i, 1), r.Name(i))
	}
	w.ns.Run("sh", "-c", "printf '"+strings.ReplaceAll(batch.String(), "\n", `\n`)+"' | ip -batch -")
}

// stationAddresses puts the station into every subnet.
func (w *connectWorld) stationAddresses(t *testing.T) {
	t.Helper()
	var batch strings.Builder
	for i := range w.many.APs {
		fmt.Fprintf(&batch, "addr replace %s dev %s broadcast +\n", lab.Prefix(i, 2), w.station)
	}
	for i := range w.few.APs {
		fmt.Fprintf(&batch, "addr replace %s dev %s broadcast +\n", lab.Prefix(fewSubnet+i, 2), w.station)
	}
	lab.Run(t, nil, "sh", "-c", "printf '"+strings.ReplaceAll(batch.String(), "\n", `\n`)+"' | ip -batch -")
}

// traffic pings across the air through the network of a subnet: from both
// sides, to the other one and to all.
func (w *connectWorld) traffic(t *testing.T, subnet int) {
	t.Helper()
	const everybody = 255
	w.near.Ping(t, lab.Subnet(subnet, 1))
	w.far.Ping(t, lab.Subnet(subnet, 2))
	w.near.Ping(t, lab.Subnet(subnet, everybody))
	w.far.Ping(t, lab.Subnet(subnet, everybody))
}

// hostapd asks an access point's control socket.
func (w *connectWorld) hostapd(t *testing.T, iface, command string) string {
	t.Helper()
	return lab.DialCtrl(t, filepath.Join(w.ctrlDir, iface)).Ask(command)
}

// seat is a supplicant on the station's radio, with all its doors open.
type seat struct {
	*connectWorld
	t   *testing.T
	s   *lab.Supplicant
	ask *lab.Ctrl
	ev  *lab.Events
	bus *lab.Client
	m   *lab.Monitor
	dir string // object path of the interface
}

// sit starts a supplicant.
func (w *connectWorld) sit(t *testing.T, who, driver string) *seat {
	return w.sitWith(t, who, driver, quiet)
}

// sitWith starts one with a configuration.
func (w *connectWorld) sitWith(t *testing.T, who, driver, config string) *seat {
	t.Helper()
	s := lab.StartSupplicant(t, lab.Options{Bin: program(t, who), Bus: systemBus(t), Interface: w.station, Driver: driver, Config: config})
	k := &seat{connectWorld: w, t: t, s: s, ask: s.Dial(t, w.station), bus: s.Bus.Client(), m: s.Bus.Monitor()}
	k.ev = s.Dial(t, w.station).Events()
	k.dir = interfacePath(k.bus, w.station)
	k.ok("SET sae_groups 19 20 21")
	return k
}

// in is the seat for a sub-test, which reports its failures itself.
func (k *seat) in(t *testing.T) *seat {
	begun := time.Now()
	t.Cleanup(func() {
		if t.Failed() || time.Since(begun) > slow {
			t.Logf("events:\n%s\nthe supplicant's last lines:\n%s", strings.Join(lastLines(k.ev.Since(0), 40), "\n"), k.s.Tail(200))
		}
	})
	return &seat{k.connectWorld, t, k.s, k.ask.In(t), k.ev.In(t), k.bus, k.m, k.dir}
}

// slow is how long a case may take before its log is shown though it passed.
const slow = 8 * time.Second

func lastLines(lines []string, n int) []string { return lines[max(0, len(lines)-n):] }

// ok sends a command that must succeed.
func (k *seat) ok(command string) {
	k.t.Helper()
	if r := k.ask.Ask(command); r != "OK\n" {
		k.t.Fatalf("%s: %q", command, r)
	}
}

// add makes a network block and returns its number.
func (k *seat) add(ssid string, freq string, fields ...string) string {
	k.t.Helper()
	id := strings.TrimSpace(k.ask.Ask("ADD_NETWORK"))
	k.ok(fmt.Sprintf("SET_NETWORK %s ssid %q", id, ssid))
	k.ok(fmt.Sprintf("SET_NETWORK %s scan_freq %s", id, freq))
	for _, f := range fields {
		k.ok("SET_NETWORK " + id + " " + f)
	}
	return id
}

// status is one field of STATUS.
func (k *seat) status(key string) string {
	k.t.Helper()
	reply := k.ask.Ask("STATUS")
	if head, more, ok := strings.Cut(reply, "Pre-authentication EAPOL state machines:\n"); ok {
		_, tail, _ := strings.Cut(more, "\nuuid=") // the lines between have names of others
		reply = head + "uuid=" + tail
	}
	fields, err := lab.ParseFields(reply)
	if err != nil {
		k.t.Fatal(err)
	}
	for _, f := range fields {
		if f.Key == key {
			return f.Value
		}
	}
	return ""
}

// expect compares fields of STATUS, "key=value" each.
func (k *seat) expect(want ...string) {
	k.t.Helper()
	for _, w := range want {
		key, value, _ := strings.Cut(w, "=")
		if got := k.status(key); got != value {
			k.t.Errorf("STATUS: %s=%s, want %s", key, got, value)
		}
	}
}

// connect selects a network and waits until it is there.
func (k *seat) connect(id string) {
	k.t.Helper()
	k.ev.Skip()
	k.ok("SELECT_NETWORK " + id)
	k.connected()
}

func (k *seat) connected() {
	k.t.Helper()
	k.ev.Wait("CTRL-EVENT-CONNECTED")
	k.expect("wpa_state=COMPLETED")
}

// leave removes the network and waits until the connection is over.
func (k *seat) leave(id string) {
	k.t.Helper()
	k.ev.Skip()
	connected := k.status("wpa_state") == "COMPLETED"
	k.ok("REMOVE_NETWORK " + id)
	if connected {
		k.ev.Wait("CTRL-EVENT-DISCONNECTED")
	}
}

// quietly fails the test when an event with that text came since a mark.
func (k *seat) quietly(mark int, text string) {
	k.t.Helper()
	if at := slices.IndexFunc(k.ev.Since(mark), func(l string) bool { return strings.Contains(l, text) }); at >= 0 {
		k.t.Errorf("%s, though it should not:\n%s", text, strings.Join(k.ev.Since(mark), "\n"))
	}
}

// signals waits for a signal of the interface.
func (k *seat) signal(member string) {
	k.t.Helper()
	if !k.m.TrySignal(member, lab.Patience) {
		k.t.Errorf("no signal %s", member)
	}
}

// testConnect joins every network there is, then holds connections through
// what happens to them, compares all that is told with what Debian's
// wpa_supplicant tells, and lets NetworkManager do the same.
func testConnect(t *testing.T) {
	w := newConnectWorld(t)
	t.Run("join", func(t *testing.T) { w.testJoin(t, "nl80211", func(joinCase) bool { return true }) })
	t.Run("device", w.testDevice)
	t.Run("wext", func(t *testing.T) { w.testJoin(t, "wext", func(c joinCase) bool { return c.wext }) })
	t.Run("events", w.testEvents)
	t.Run("compare", w.testCompare)
	t.Run("networkmanager", w.testNetworkManager)
}

// testDevice joins as with a device that has its own SME: the kernel authenticates
// and associates by itself when it is told to connect.
func (w *connectWorld) testDevice(t *testing.T) {
	k := w.sitWith(t, "SUPPLICANT", "nl80211", quiet+"driver_param=force_connect_cmd=1\n")
	k.ok("SET ps 1")
	w.joinAll(t, k, func(c joinCase) bool { return c.wext || c.device })
	id := k.joinFew(fewWPA2)
	k.ask.Ask("SIGNAL_POLL") // comes to the device behind what is on its way there
	k.powerSave("on")
	k.leave(id)
}

func (w *connectWorld) testJoin(t *testing.T, driver string, which func(joinCase) bool) {
	w.joinAll(t, w.sit(t, "SUPPLICANT", driver), which)
}

// joinAll joins the networks that are wanted, one after the other.
func (w *connectWorld) joinAll(t *testing.T, k *seat, which func(joinCase) bool) {
	failed := 0
	for i, c := range joinCases {
		if c.sta != nil && which(c) && !t.Run(c.name, func(t *testing.T) { c.join(k.in(t), i) }) {
			if failed++; failed == enough {
				t.Fatal("the rest is not tried")
			}
		}
	}
}

// enough is how many networks may not be joined before the others are not tried.
const enough = 5

func (w *connectWorld) testEvents(t *testing.T) {
	k := w.sit(t, "SUPPLICANT", "nl80211")
	for _, c := range eventCases {
		t.Run(c.name, func(t *testing.T) {
			t.Cleanup(func() { k.ask.Ask("REMOVE_NETWORK all") })
			c.run(k.in(t))
		})
	}
}

// settle is how long a case watches for something that must not happen: longer
// than the answers that would make it happen take.
const settle = 1500 * time.Millisecond

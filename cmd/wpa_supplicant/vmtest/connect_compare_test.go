//go:build vm

package vmtest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"gosupplicant/cmd/wpa_supplicant/vmtest/lab"
	"gosupplicant/cmd/wpa_supplicant/vmtest/parity"
	"gosupplicant/cmd/wpa_supplicant/vmtest/vm"
)

// story is one run of the script with one of the two supplicants: what each
// step was answered with, on the control socket and on the bus.
type story struct {
	*seat
	ours        bool
	told        []chapter
	own         string   // address of the station
	mark        int      // of events
	line        int      // of the monitor
	said        []string // answers in the present step that are compared, too
	here, there string   // access points of one network: which is chosen first is chance
	stumbled    bool     // the present step's connection took upstream more than one attempt
}

type chapter struct {
	step            string
	events, signals []string
}

// testCompare plays one script with Debian's wpa_supplicant and with
// ours, and compares the sequences of control events and of D-Bus signals. The
// differences are listed with their reasons.
func (w *connectWorld) testCompare(t *testing.T) {
	told := map[string][]chapter{}
	for _, who := range []string{"REFERENCE", "SUPPLICANT"} {
		t.Run(strings.ToLower(who), func(t *testing.T) {
			w.fewProcess.Kill() // its successor knows nothing of the other's handshakes
			w.startFewAgain(t)
			s := &story{seat: w.sit(t, who, "nl80211").in(t), ours: who == "SUPPLICANT"}
			t.Cleanup(func() { s.keep(who) })
			s.own = s.address()
			for _, step := range script {
				s.play(step.name, step.run)
			}
			told[who] = s.told
		})
	}
	upstream, ours := told["REFERENCE"], told["SUPPLICANT"]
	if len(upstream) != len(script) || len(ours) != len(script) {
		t.Fatal("a script was not played to its end")
	}
	var found []parity.Difference
	for i := range script {
		found = append(found, compareLines(script[i].name+" event", upstream[i].events, ours[i].events)...)
		// How soon a network that rests is scanned for again is another matter.
		rests := strings.HasPrefix(script[i].name, "wrong-")
		if u, o := lastState(upstream[i].signals), lastState(ours[i].signals); u != "" && o != "" && u != o && !rests && u != backInHandshake {
			t.Errorf("%s ends in state %s with upstream's, in %s with ours", script[i].name, u, o)
		}
		found = append(found, compareSignals(script[i].name+" signal", upstream[i].signals, ours[i].signals)...)
	}
	reasons, err := parity.ParseReasons(readFile(t, filepath.Join(vm.GuestShare, "connect-differences.tsv")))
	if err != nil {
		t.Fatal(err)
	}
	unexplained, vanished := parity.Explain(found, reasons)
	for _, d := range unexplained {
		t.Errorf("%s\n    upstream %s\n    ours     %s", d.Input, d.Upstream, d.Ours)
	}
	for _, r := range vanished {
		if strings.HasPrefix(r.Why, "sometimes: ") {
			continue // whether a state that lasts for milliseconds is told is chance
		}
		t.Errorf("connect-differences.tsv:%d: no such difference any more: %s", r.Line, r.Difference)
	}
}

// keep leaves the story in the share, as far as it went.
func (s *story) keep(who string) {
	if err := os.WriteFile(filepath.Join(vm.GuestShare, "connect-"+strings.ToLower(who)+".txt"), []byte(format(s.told)), 0o644); err != nil {
		s.t.Errorf("keep the story: %v", err)
	}
}

// script is what both live through. A step ends with an event that both send.
var script = []struct {
	name string
	run  func(*story)
}{
	{"open", func(s *story) { s.connect(s.add("join-open", strconv.Itoa(manyFreq), "key_mgmt NONE")) }},
	{"open-remove", func(s *story) { s.leave("0") }},
	{"wpa2", func(s *story) { s.connect(s.addFew(fewWPA2)) }},
	{"group-rekey", func(s *story) { s.fewDo(fewWPA2, "REKEY_GTK"); s.ev.Wait("Group rekeying completed") }},
	{"deauth", func(s *story) {
		s.fewDo(fewWPA2, "DEAUTHENTICATE "+s.address()+" reason=5")
		s.ev.Wait("CTRL-EVENT-DISCONNECTED")
		s.ev.Wait("CTRL-EVENT-CONNECTED")
	}},
	{"disassoc", func(s *story) {
		s.fewDo(fewWPA2, "DISASSOCIATE "+s.address()+" reason=8")
		s.ev.Wait("CTRL-EVENT-DISCONNECTED")
		s.ev.Wait("CTRL-EVENT-CONNECTED")
	}},
	{"disconnect", func(s *story) { s.ok("DISCONNECT"); s.ev.Wait("CTRL-EVENT-DISCONNECTED") }},
	{"reconnect", func(s *story) { s.ok("RECONNECT"); s.ev.Wait("CTRL-EVENT-CONNECTED") }},
	{"reassociate", func(s *story) { s.ok("REASSOCIATE"); s.ev.Wait("CTRL-EVENT-CONNECTED") }},
	{"disable", func(s *story) { s.ok("DISABLE_NETWORK 0"); s.ev.Wait("CTRL-EVENT-DISCONNECTED") }},
	{"enable", func(s *story) { s.ok("ENABLE_NETWORK 0"); s.ev.Wait("CTRL-EVENT-CONNECTED") }},
	{"wpa2-remove", func(s *story) { s.leave("0") }},
	{"pmf", func(s *story) { s.connect(s.addFew(fewPMF)) }},
	{"pmf-remove", func(s *story) { s.leave("0") }},
	{"sae", func(s *story) { s.connect(s.addFew(fewSAE)) }},
	{"sae-disconnect", func(s *story) { s.ok("DISCONNECT"); s.ev.Wait("CTRL-EVENT-DISCONNECTED") }},
	{"sae-cached", func(s *story) { s.ok("RECONNECT"); s.ev.Wait("CTRL-EVENT-CONNECTED") }},
	{"sae-remove", func(s *story) { s.leave("0") }},
	{"owe", func(s *story) {
		s.connect(s.add("join-owe-19", strconv.Itoa(manyFreq), "key_mgmt OWE", "ieee80211w 2"))
	}},
	{"owe-remove", func(s *story) { s.leave("0") }},
	{"eap-peap", func(s *story) { s.connect(s.addPEAP("secret")) }},
	{"eap-peap-remove", func(s *story) { s.leave("0") }},
	{"eap-tls", func(s *story) {
		s.connect(s.addFew(fewEAP, s.eapFields("proactive_key_caching 1")...))
		s.here, s.there = s.status("bssid"), fewBSSID(s.otherEAP())
	}},
	{"eap-roam", func(s *story) {
		s.ok("ROAM " + s.there)
		s.ev.Wait("CTRL-EVENT-CONNECTED", s.there)
		s.notePMKSAs()
	}},
	{"eap-disconnect", func(s *story) { s.ok("DISCONNECT"); s.ev.Wait("CTRL-EVENT-DISCONNECTED") }},
	{"eap-return", func(s *story) {
		s.ok("SET_NETWORK 0 bssid " + s.here)
		s.ok("RECONNECT")
		s.ev.Wait("CTRL-EVENT-CONNECTED", s.here)
		s.notePMKSAs()
	}},
	{"eap-reauthenticate", func(s *story) { s.ok("REAUTHENTICATE"); s.ev.Wait("Key negotiation completed") }},
	{"eap-remove", func(s *story) { s.leave("0") }},
	{"eap-preauth", func(s *story) {
		s.here, s.there = manyBSSID(joinNumber("preauth")), fewBSSID(fewPreauth)
		s.connect(s.add("join-preauth", fmt.Sprintf("%d %d", manyFreq, fewFreq), s.eapFields("bssid "+s.here)...))
		s.ok("SCAN freq=" + strconv.Itoa(fewFreq)) // upstream looks for candidates in the results of scans alone
		s.ev.Wait("RSN: pre-authentication with", s.there)
		s.notePMKSAs()
	}},
	{"eap-preauth-remove", func(s *story) { s.leave("0") }},
	{"wrong-peap", func(s *story) {
		s.ok("SELECT_NETWORK " + s.addPEAP("wrong horse"))
		s.ev.Wait("CTRL-EVENT-SSID-TEMP-DISABLED")
	}},
	{"wrong-peap-remove", func(s *story) { s.ok("REMOVE_NETWORK 0") }},
	{"wrong-psk", func(s *story) {
		s.ok("SELECT_NETWORK " + s.addFew(fewWPA2, "key_mgmt WPA-PSK", `psk "wrong horse"`))
		s.ev.Wait("CTRL-EVENT-SSID-TEMP-DISABLED")
	}},
	{"wrong-psk-remove", func(s *story) { s.ok("REMOVE_NETWORK 0") }},
	{"wrong-sae", func(s *story) {
		s.ok("SELECT_NETWORK " + s.addFew(fewSAE, "key_mgmt SAE", `sae_password "wrong horse"`, "ieee80211w 2"))
		s.ev.Wait("CTRL-EVENT-SSID-TEMP-DISABLED")
	}},
	{"wrong-sae-remove", func(s *story) { s.ok("REMOVE_NETWORK 0") }},
}

// stumbles is how often the original may need a second attempt at a step, as it does
// now and then on a busy machine: its handshake with OWE times out.
const stumbles = 3

// play runs a step and notes what was said, until nothing is said any more.
func (s *story) play(step string, run func(*story)) {
	s.t.Helper()
	for n := 1; ; n++ {
		c := s.playOnce(step, run)
		if !s.stumbled || n == stumbles {
			s.told = append(s.told, c)
			return
		}
		s.t.Logf("%s: the original needed a second attempt, the step begins anew", step)
		s.ok("REMOVE_NETWORK all")
		s.ev.TryWait(straggler, "\x00")
	}
}

// straggler is how long what belongs to a step may come behind it.
const straggler = 700 * time.Millisecond

func (s *story) playOnce(step string, run func(*story)) chapter {
	s.t.Helper()
	s.mark, s.line, s.said, s.stumbled = s.ev.Skip(), len(strings.Split(s.m.Text(), "\n")), nil, false
	run(s)
	s.ev.TryWait(straggler, "\x00")
	c := chapter{step: step}
	for _, e := range s.ev.Since(s.mark) {
		if e = s.plain(e); e != "" {
			c.events = append(c.events, e)
		}
	}
	c.events = append(c.events, s.said...)
	lines := strings.Split(s.m.Text(), "\n")
	for _, l := range lines[min(s.line, len(lines)):] {
		c.signals = append(c.signals, s.signalLines(l)...)
	}
	return c
}

// backInHandshake is where the original stays, connected as it is, when a busy access
// point has sent message 1 twice and the second one comes last.
const backInHandshake = `"4way_handshake"`

// connect selects a network and waits until it is there.
func (s *story) connect(id string) {
	s.t.Helper()
	if s.ours {
		s.seat.connect(id)
		return
	}
	mark := s.ev.Skip()
	s.ok("SELECT_NETWORK " + id)
	s.ev.Wait("CTRL-EVENT-CONNECTED")
	s.stumbled = slices.ContainsFunc(s.ev.Since(mark), func(e string) bool { return strings.Contains(e, "CTRL-EVENT-DISCONNECTED") })
}

// addPEAP adds the block of a network with a password, which may be wrong.
func (s *story) addPEAP(password string) string {
	c := joinCases[joinNumber("eap-peap")]
	id := s.add("join-"+c.name, strconv.Itoa(manyFreq))
	for _, f := range c.sta {
		f = strings.NewReplacer("@eap", s.eapDir, `"secret"`, strconv.Quote(password)).Replace(f)
		s.ok("SET_NETWORK " + id + " " + f)
	}
	return id
}

// notePMKSAs has the list of cached keys compared, but for PMKIDs and times.
func (s *story) notePMKSAs() {
	for l := range strings.Lines(s.ask.Ask("PMKSA")) {
		if f := strings.Fields(l); len(f) == 5 {
			s.said = append(s.said, s.plain(fmt.Sprintf("PMKSA %s opportunistic=%s", f[1], f[4])))
		}
	}
	slices.Sort(s.said)
}

// scanning are events of scans and of the BSS table, whose number depends on
// how one looks: other cases compare them.
var scanning = regexp.MustCompile(`CTRL-EVENT-(SCAN|BSS|NETWORK-NOT-FOUND|REGDOM)|WPS-AP`)

// lengths are of time.
var lengths = regexp.MustCompile(`((?:SessionLength|RoamTime|took)=|after )\d+`)

var objectNumber = regexp.MustCompile(`/(BSSs|Networks|Interfaces)/\d+`)

// plain takes out of a line what differs between two runs.
func (s *story) plain(line string) string {
	if scanning.MatchString(line) {
		return ""
	}
	line = strings.ReplaceAll(line, s.own, "STATION")
	if s.here != "" {
		line = strings.NewReplacer(s.here, "HERE", s.there, "THERE").Replace(line)
	}
	line = lengths.ReplaceAllString(line, "${1}TIME")
	return objectNumber.ReplaceAllString(line, "/$1/N")
}

// silentSignals are of scans and the BSS table, like scanning.
var silentSignals = []string{"ScanDone", "BSSAdded", "BSSRemoved", "NameAcquired", "NameLost", "NameOwnerChanged"}

// silentProperties likewise.
var silentProperties = []string{"BSSs", "Scanning"}

// signalLines are a signal of the supplicant as text: one line, or one for each
// property that changed, as it is chance how many of them one signal tells.
func (s *story) signalLines(line string) []string {
	var m lab.Message
	if !strings.HasPrefix(line, "{") || json.Unmarshal([]byte(line), &m) != nil || m.Type != "signal" ||
		slices.Contains(silentSignals, m.Member) || strings.Contains(m.Path, "/BSSs/") {
		return nil
	}
	short := strings.TrimPrefix(m.Interface, "fi.w1.wpa_supplicant1")
	if m.Member != "PropertiesChanged" {
		var args []string
		if m.Member == "NetworkAdded" {
			m.Payload.Data = m.Payload.Data[:min(1, len(m.Payload.Data))] // the fields of a block are compared elsewhere
		}
		for _, d := range m.Payload.Data {
			args = append(args, string(d))
		}
		return []string{s.plain(fmt.Sprintf("%s %s.%s(%s)", strings.TrimPrefix(m.Path, lab.RootPath), short, m.Member, strings.Join(args, ", ")))}
	}
	for _, d := range m.Payload.Data {
		var changed map[string]struct{ Data json.RawMessage }
		if json.Unmarshal(d, &changed) != nil {
			continue // the interface's name, or the list of what must be read
		}
		var out []string
		for name, value := range changed {
			if !slices.Contains(silentProperties, name) {
				out = append(out, s.plain(fmt.Sprintf("%s %s.%s=%s", strings.TrimPrefix(m.Path, lab.RootPath), short, name, value.Data)))
			}
		}
		slices.Sort(out)
		return out
	}
	return nil
}

func format(chapters []chapter) string {
	var b strings.Builder
	for _, c := range chapters {
		fmt.Fprintf(&b, "# %s\n", c.step)
		for _, l := range c.events {
			fmt.Fprintf(&b, "event  %s\n", l)
		}
		for _, l := range c.signals {
			fmt.Fprintf(&b, "signal %s\n", l)
		}
	}
	return b.String()
}

// lastState is the last value of the State property, "" when it did not change.
func lastState(signals []string) string {
	last := ""
	for _, l := range signals {
		if _, value, ok := strings.Cut(l, ".State="); ok {
			last = value
		}
	}
	return last
}

// compareSignals compares the sequences of each kind of signal and of the values
// of each property: which of several properties is told first is chance.
func compareSignals(what string, upstream, ours []string) []parity.Difference {
	kind := func(line string) string {
		if at := strings.IndexAny(line, "=("); at >= 0 {
			return line[:at]
		}
		return line
	}
	of := func(lines []string, k string) (out []string) {
		for _, l := range lines {
			if kind(l) == k {
				out = append(out, l)
			}
		}
		return out
	}
	var out []parity.Difference
	var seen []string
	for _, l := range append(slices.Clone(upstream), ours...) {
		if k := kind(l); !slices.Contains(seen, k) {
			seen = append(seen, k)
			out = append(out, compareLines(what, of(upstream, k), of(ours, k))...)
		}
	}
	return out
}

// compareLines lists the lines that one sequence has and the other has not, or
// not at that place: those outside their longest common subsequence.
func compareLines(what string, upstream, ours []string) []parity.Difference {
	n, m := len(upstream), len(ours)
	common := make([][]int, n+1) // of upstream[i:] and ours[j:]
	for i := range common {
		common[i] = make([]int, m+1)
	}
	for i := n - 1; i >= 0; i-- {
		for j := m - 1; j >= 0; j-- {
			if upstream[i] == ours[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	var out []parity.Difference
	i, j := 0, 0
	for i < n || j < m {
		switch {
		case i < n && j < m && upstream[i] == ours[j]:
			i, j = i+1, j+1
		case j == m || i < n && common[i+1][j] >= common[i][j+1]:
			out = append(out, parity.Difference{Input: what, Upstream: upstream[i], Ours: parity.Absent})
			i++
		default:
			out = append(out, parity.Difference{Input: what, Upstream: parity.Absent, Ours: ours[j]})
			j++
		}
	}
	return out
}

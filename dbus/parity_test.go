package dbus

import (
	"bufio"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gosupplicant/dbus/bus"
	"gosupplicant/dbus/bustest"
	"gosupplicant/introspection/tree"
)

// Parity: one script of calls was run once against Debian's wpa_supplicant
// 2.10 with -D none (the tier "oracle" records it) and is replayed against us.
// What differs must be listed with its reason in differences.tsv, and what is
// listed must differ.

// observation is one thing seen: what was asked, and what came.
type observation struct{ asked, got string }

// script talks to a service and writes down what it sees.
type script struct {
	t    testing.TB
	c    *bustest.Client
	seen []observation
}

func (s *script) note(asked, got string) {
	for _, o := range s.seen {
		if o.asked == asked {
			asked += " again"
		}
	}
	s.seen = append(s.seen, observation{asked, got})
}

func short(text string) string {
	text = strings.ReplaceAll(text, string(rootPath), "~")
	return strings.ReplaceAll(text, service, "FI")
}

// call notes the reply to a call, and the signals before it other than
// PropertiesChanged and ScanDone, whose time is not fixed.
func (s *script) call(p bus.ObjectPath, iface, member string, args ...any) []any {
	s.t.Helper()
	s.c.Sync()
	s.c.Take()
	serial := s.c.Send(bus.Target{Dest: Name, Path: p, Interface: iface, Member: member}, args...)
	out, err := s.c.Await(serial).Args()
	got := ""
	for _, a := range s.c.Take() {
		if a.Call == serial {
			break
		}
		if a.Signal != nil && a.Signal.Member != "PropertiesChanged" && a.Signal.Member != "ScanDone" {
			values, _ := a.Signal.Args()
			if a.Signal.Member == "NetworkAdded" {
				values = values[:1] // the properties are those of the release
			}
			got += a.Signal.Member + "(" + bustest.Text(values...) + ") then "
		}
	}
	if err != nil {
		got += bustest.ErrorText(err)
	} else {
		got += "(" + bustest.Text(out...) + ")"
	}
	s.note(short(fmt.Sprintf("%s %s.%s(%s)", p, iface, member, bustest.Text(args...))), short(got))
	return out
}

func (s *script) set(p bus.ObjectPath, iface, name string, v any) {
	s.t.Helper()
	s.call(p, ifaceProperties, "Set", iface, name, bus.MakeVariant(v))
}

// getAll notes each property by itself.
func (s *script) getAll(p bus.ObjectPath, iface string) {
	s.t.Helper()
	d, err := s.c.GetAll(Name, p, iface)
	if err != nil {
		s.note(short(fmt.Sprintf("%s GetAll %s", p, iface)), bustest.ErrorText(err))
	}
	for _, e := range d {
		got := bustest.Text(e.Value)
		if inner, ok := e.Value.Value.(bus.Dict); ok {
			for _, f := range inner {
				s.note(short(fmt.Sprintf("%s GetAll %s %s %s", p, iface, e.Key, f.Key)), short(bustest.Text(f.Value)))
			}
			continue
		}
		s.note(short(fmt.Sprintf("%s GetAll %s %s", p, iface, e.Key)), short(got))
	}
}

// introspect notes each member by itself.
func (s *script) introspect(p bus.ObjectPath) {
	s.t.Helper()
	text, err := s.c.Introspect(Name, p)
	if err != nil {
		s.t.Fatal(err)
	}
	n, err := tree.ParseNode(text)
	if err != nil {
		s.t.Fatal(err)
	}
	asked := short(string(p)) + " introspect "
	for _, i := range n.Interfaces {
		name := asked + short(i.Name) + " "
		for _, m := range i.Methods {
			s.note(name+"method "+m.Name, fmt.Sprint(m.Args))
		}
		for _, m := range i.Signals {
			s.note(name+"signal "+m.Name, fmt.Sprint(m.Args))
		}
		for _, m := range i.Properties {
			s.note(name+"property "+m.Name, m.Type+" "+m.Access)
		}
	}
	for _, c := range n.Nodes {
		s.note(asked+"child "+c.Name, "")
	}
}

func (s *script) run() {
	s.c.Listen("type='signal',sender='" + Name + "'")
	s.root()
	iface := rootPath + "/Interfaces/0"
	s.interfaceProperties(iface)
	s.scans(iface)
	s.methods(iface)
	s.networks(iface)
	s.paths(iface)
}

func (s *script) root() {
	s.introspect(rootPath)
	s.call(rootPath, ifaceRoot, "CreateInterface", dict())
	s.call(rootPath, ifaceRoot, "CreateInterface", dict("Driver", "none"))
	s.call(rootPath, ifaceRoot, "CreateInterface", dict("Ifname", int32(1)))
	s.call(rootPath, ifaceRoot, "CreateInterface", dict("Ifname", "q", "Bad", "x"))
	s.call(rootPath, ifaceRoot, "CreateInterface", dict("Ifname", "q", "Driver", "nosuch"))
	s.call(rootPath, ifaceRoot, "CreateInterface", dict("Ifname", "q", "Driver", "none"))
	s.call(rootPath, ifaceRoot, "CreateInterface", dict("Ifname", "", "Driver", "none"))
	s.call(rootPath, ifaceRoot, "CreateInterface", dict("Ifname", "name-that-is-far-too-long", "Driver", "none"))
	s.call(rootPath, ifaceRoot, "CreateInterface", dict("Ifname", "lo", "Driver", "none", "ConfigFile", "/nonexistent/file"))
	s.call(rootPath, ifaceRoot, "CreateInterface", dict("Ifname", "lo", "Driver", int32(3)))
	s.call(rootPath, ifaceRoot, "CreateInterface", "lo")
	serial := s.c.Send(bus.Target{Dest: Name, Path: rootPath, Interface: ifaceRoot, Member: "CreateInterface"}, dict("Ifname", "lo", "Driver", "none"))
	out, err := s.c.Await(serial).Args()
	s.note("create lo", short(bustest.Text(out...)+fmt.Sprint(err)))
	s.introspect(rootPath)
	s.call(rootPath, ifaceRoot, "CreateInterface", dict("Ifname", "lo", "Driver", "none"))
	s.call(rootPath, ifaceRoot, "GetInterface", "lo")
	s.call(rootPath, ifaceRoot, "GetInterface", "q")
	s.call(rootPath, ifaceRoot, "GetInterface", int32(1))
	s.call(rootPath, ifaceRoot, "GetInterface")
	s.call(rootPath, ifaceRoot, "GetInterface", "lo", "q")
	s.call(rootPath, ifaceRoot, "RemoveInterface", bus.ObjectPath("/x"))
	s.call(rootPath, ifaceRoot, "RemoveInterface", rootPath+"/Interfaces/9")
	s.call(rootPath, ifaceRoot, "RemoveInterface", "x")
	s.call(rootPath, ifaceRoot, "Nope")
	s.call(rootPath, "a.b", "Nope")
	s.getAll(rootPath, ifaceRoot)
	s.getAll(rootPath, "no.such")
	s.getAll(rootPath, ifaceProperties)
	s.call(rootPath, ifaceProperties, "Get", ifaceRoot, "Nope")
	s.call(rootPath, ifaceProperties, "Get", "no.such", "DebugLevel")
	s.call(rootPath, ifaceProperties, "Get", ifaceRoot)
	s.call(rootPath, ifaceProperties, "GetAll", int32(1))
	s.call(rootPath, ifaceProperties, "Set", "a", "b", "c")
	s.call(rootPath, ifaceProperties, "Nope")
	s.set(rootPath, ifaceRoot, "Interfaces", "x")
	s.set(rootPath, ifaceRoot, "Nope", "x")
	for _, v := range []any{"debug", "excessive", "msgdump", "warning", "error", "loud", "INFO", "", int32(3), "info"} {
		s.set(rootPath, ifaceRoot, "DebugLevel", v)
		s.call(rootPath, ifaceProperties, "Get", ifaceRoot, "DebugLevel")
	}
	for _, n := range []string{"DebugTimestamp", "DebugShowKeys"} {
		for _, v := range []any{true, "x", int32(1), false} {
			s.set(rootPath, ifaceRoot, n, v)
			s.call(rootPath, ifaceProperties, "Get", ifaceRoot, n)
		}
	}
}

func (s *script) interfaceProperties(iface bus.ObjectPath) {
	s.introspect(iface)
	s.getAll(iface, ifaceInterface)
	long := strings.Repeat("a", 300)
	for _, p := range []struct {
		name   string
		values []any
	}{
		{"ApScan", []any{uint32(2), uint32(3), int32(1), "1", uint32(0), uint32(1)}},
		{"BSSExpireAge", []any{uint32(9), uint32(10), int32(30), uint32(180)}},
		{"BSSExpireCount", []any{uint32(0), uint32(3), "3", uint32(2)}},
		{"Country", []any{"", "D", "DE", "DEX", int32(1)}},
		{"BridgeIfname", []any{"", int32(1)}},
		{"FastReauth", []any{false, int32(1), true}},
		{"ScanInterval", []any{int32(-1), int32(0), uint32(5), int32(5)}},
		{"State", []any{"x"}},
		{"Scanning", []any{true}},
		{"MACAddressRandomizationMask", []any{dict(), bus.Array{Elem: "{say}"}, "x", dict("scan", make([]byte, 6))}},
		{"EapolVersion", []any{"2", "x", int32(1), "1"}},
		{"PcscPin", []any{"1\n2", "12"}},
		{"DeviceName", []any{long, strings.Repeat("a", 33), "ab"}},
		{"Uuid", []any{"zz", "12345678-9abc-def0-1234-56789abcdef0"}},
		{"UpdateConfig", []any{"1", "x", "0"}},
		{"FilterRssi", []any{"-70", "x", "0"}},
		{"ScanCurFreq", []any{"1", "0"}},
		{"FreqList", []any{"2412 2437", "x", "0"}},
		{"PassiveScan", []any{"1", "2", "0"}},
		{"MacAddr", []any{"1", "9", "0"}},
		{"PreassocMacAddr", []any{"1", "9", "0"}},
		{"SchedScanInterval", []any{"30", "-1", "0"}},
		{"Okc", []any{"1", "7", "0"}},
		{"Pmf", []any{"2", "3", "0"}},
		{"BssMaxCount", []any{"500", "0", "200"}},
		{"OsVersion", []any{"12345678", "zz"}},
		{"Bgscan", []any{"simple:30:-45:300"}},
		{"Autoscan", []any{"periodic:7"}},
		{"P2pGoIntent", []any{"15", "16", "7"}},
		{"Oce", []any{"3", "1"}},
		{"GasRandMacAddr", []any{"1", "9"}},
	} {
		for _, v := range p.values {
			s.set(iface, ifaceInterface, p.name, v)
			s.call(iface, ifaceProperties, "Get", ifaceInterface, p.name)
		}
	}
}

func (s *script) scans(iface bus.ObjectPath) {
	one := [][]byte{[]byte("x")}
	for _, d := range []bus.Dict{
		dict(), dict("Type", "loud"), dict("Type", int32(1)), dict("Type", "active", "Colour", "x"), dict("AllowRoam", true),
		dict("Type", "passive", "SSIDs", one), dict("Type", "passive", "IEs", [][]byte{{1, 0}}),
		dict("Type", "active", "SSIDs", [][]byte{make([]byte, 33)}), dict("Type", "active", "SSIDs", "x"),
		dict("Type", "active", "SSIDs", make([][]byte, 17)), dict("Type", "active", "SSIDs", [][]byte{}),
		dict("Type", "active", "SSIDs", []string{"x"}), dict("Type", "active", "IEs", "x"), dict("Type", "active", "IEs", []string{"x"}),
		dict("Type", "active", "Channels", "x"), dict("Type", "active", "Channels", channels()),
		dict("Type", "active", "Channels", []uint32{1}), dict("Type", "active", "Channels", channels(pair(int32(1), int32(2)))),
		dict("Type", "active", "Channels", channels(bus.Struct{uint32(1)})), dict("Type", "active", "Channels", channels(pair(uint32(1), "x"))),
		dict("Type", "active", "AllowRoam", int32(1)), dict("Type", "active", "AllowRoam", "x"),
	} {
		s.call(iface, ifaceInterface, "Scan", d)
	}
	s.call(iface, ifaceInterface, "Scan", "x")
	s.call(iface, ifaceInterface, "Scan")
}

func (s *script) methods(iface bus.ObjectPath) {
	for _, m := range []string{"AbortScan", "SignalPoll", "Disconnect", "Reattach", "SaveConfig", "RemoveAllCreds", "RemoveAllNetworks"} {
		s.call(iface, ifaceInterface, m)
		s.call(iface, ifaceInterface, m, "x")
	}
	s.call(iface, ifaceInterface, "AddBlob", "b1", []byte("abc"))
	s.call(iface, ifaceInterface, "AddBlob", "b1", []byte("abc"))
	s.call(iface, ifaceInterface, "AddBlob", "b1")
	s.call(iface, ifaceInterface, "GetBlob", "b1")
	s.call(iface, ifaceInterface, "GetBlob", "b2")
	s.call(iface, ifaceProperties, "Get", ifaceInterface, "Blobs")
	s.call(iface, ifaceInterface, "RemoveBlob", "b2")
	s.call(iface, ifaceInterface, "RemoveBlob", "b1")
	s.call(iface, ifaceInterface, "AddBlob", "a\nb", []byte("x"))
	s.call(iface, ifaceInterface, "SetPKCS11EngineAndModulePath", "", "")
	s.call(iface, ifaceInterface, "SetPKCS11EngineAndModulePath", "")
	s.call(iface, ifaceInterface, "FlushBSS", uint32(0))
	s.call(iface, ifaceInterface, "FlushBSS", int32(0))
	s.call(iface, ifaceInterface, "AutoScan", "")
	s.call(iface, ifaceInterface, "AutoScan", "periodic:3")
	s.call(iface, ifaceInterface, "AutoScan", "bogus:1")
	s.call(iface, ifaceInterface, "AutoScan", int32(1))
	s.call(iface, ifaceInterface, "AddCred", dict())
	s.call(iface, ifaceInterface, "AddCred", dict("priority", int32(1), "realm", "example.com"))
	s.call(iface, ifaceInterface, "AddCred", dict("nosuch", "x"))
	s.call(iface, ifaceInterface, "AddCred", dict("realm", true))
	s.call(iface, ifaceInterface, "RemoveCred", iface+"/Credentials/0")
	s.call(iface, ifaceInterface, "RemoveCred", iface+"/Credentials/9")
	s.call(iface, ifaceInterface, "RemoveCred", bus.ObjectPath("/x"))
	s.call(iface, ifaceInterface, "RemoveCred", iface+"/Networks/0")
	for _, m := range []string{"SubscribeProbeReq", "EAPLogoff", "InterworkingSelect", "VendorElemGet", "Roam", "Nope"} {
		s.call(iface, ifaceInterface, m)
	}
}

func (s *script) networks(iface bus.ObjectPath) {
	add := func(pairs ...any) { s.call(iface, ifaceInterface, "AddNetwork", dict(pairs...)) }
	add("ssid", "x", "psk", "12345678", "key_mgmt", "WPA-PSK")
	s.introspect(iface + "/Networks/0")
	s.getAll(iface+"/Networks/0", ifaceNetwork)
	s.call(iface, ifaceProperties, "Get", ifaceInterface, "Networks")
	n := 0
	for _, pairs := range [][]any{
		{}, {"ssid", `"x"`}, {"ssid", []byte{0xff, 0}}, {"nosuch", "x"}, {"psk", "short"}, {"psk", []byte{1}}, {"psk", make([]byte, 32)},
		{"priority", int32(-3), "scan_ssid", uint32(1)}, {"priority", "3"}, {"priority", 3.0}, {"ssid", true}, {"ssid", []byte{}}, {"ssid", ""},
		{"ssid", strings.Repeat("a", 33)}, {"key_mgmt", "XX"}, {"key_mgmt", "WPA-EAP SAE"}, {"proto", "RSN"}, {"proto", "WPA3"},
		{"pairwise", "CCMP"}, {"pairwise", "XOR"}, {"group", "TKIP CCMP"}, {"auth_alg", "OPEN SHARED"}, {"bssid", "02:00:00:00:00:01"},
		{"bssid", "02:00"}, {"bssid", "any"}, {"scan_freq", "2412 2437"}, {"scan_freq", "x"}, {"freq_list", "5180"}, {"scan_ssid", "1"},
		{"eap", "PEAP", "identity", `u"x`, "password", "pw", "phase2", "auth=MSCHAPV2"}, {"eap", "NOSUCH"}, {"mode", int32(1)}, {"mode", int32(9)},
		{"ieee80211w", int32(2)}, {"ieee80211w", int32(3)}, {"psk", "12\n45678"}, {"ssid", "a\nb"}, {"identity", "a\nb"}, {"id_str", "home"},
		{"wep_key0", "abcde"}, {"wep_key0", []byte{1, 2, 3}}, {"wep_tx_keyidx", int32(4)}, {"mac_addr", int32(3)},
		{"bssid_ignore", "02:00:00:00:00:01 02:00:00:00:00:02/ff:ff:ff:00:00:00"}, {"ignore_broadcast_ssid", "1"}, {"bgscan", "simple:30:-45:300"},
		{"sae_password", "p"}, {"group_mgmt", "AES-128-CMAC"}, {"disabled", int32(1)}, {"eapol_flags", int32(4)}, {"ca_cert", "/etc/ca.pem"},
	} {
		add(pairs...)
		if nets, err := s.c.Get(Name, iface, ifaceInterface, "Networks"); err == nil {
			if list := nets.([]bus.ObjectPath); len(list) > 1 {
				p := list[len(list)-1]
				d, _ := s.c.Get(Name, p, ifaceNetwork, "Properties")
				for i := 0; i+1 < len(pairs); i += 2 {
					v, ok := d.(bus.Dict).Get(pairs[i].(string))
					s.note(fmt.Sprintf("network %d reads %s", n, pairs[i]), fmt.Sprint(bustest.Text(v), ok))
				}
				s.c.Call(bus.Target{Dest: Name, Path: iface, Interface: ifaceInterface, Member: "RemoveNetwork"}, p)
			}
		}
		n++
	}
	s.call(iface, ifaceInterface, "AddNetwork", "x")
	net := iface + "/Networks/0"
	for _, v := range []any{false, int32(1), "x"} {
		s.set(net, ifaceNetwork, "Enabled", v)
		s.call(net, ifaceProperties, "Get", ifaceNetwork, "Enabled")
	}
	for _, v := range []any{dict("ssid", "yy"), dict("bad", "x"), dict("psk", "12"), dict("priority", int32(5)), dict(), "x", dict("priority", 1.0)} {
		s.set(net, ifaceNetwork, "Properties", v)
	}
	s.getAll(net, ifaceNetwork)
	for _, p := range []bus.ObjectPath{"/", "/x", rootPath, iface, iface + "/Networks/9", iface + "/BSSs/0", rootPath + "/Interfaces/1/Networks/0", iface + "/Networks/0/x"} {
		s.call(iface, ifaceInterface, "SelectNetwork", p)
		s.call(iface, ifaceInterface, "RemoveNetwork", p)
	}
	s.call(iface, ifaceInterface, "RemoveNetwork", net)
	s.call(net, ifaceProperties, "GetAll", ifaceNetwork)
}

func (s *script) paths(iface bus.ObjectPath) {
	s.call(iface, ifaceRoot, "GetInterface", "lo")
	s.call(rootPath, ifaceInterface, "Scan", dict())
	s.call(rootPath, ifaceIntrospectable, "Nope")
	s.call(rootPath, ifaceIntrospectable, "Introspect", "x")
	s.call(rootPath, ifacePeer, "Ping")
	s.call("/x", ifacePeer, "Ping")
	s.call(rootPath, ifacePeer, "Nope")
	s.call("/x", "a.b", "Nope", int32(1))
	for _, p := range []bus.ObjectPath{"/", "/fi", "/fi/w1", "/x", rootPath + "/Interfaces", iface + "/Networks"} {
		s.call(p, ifaceIntrospectable, "Introspect")
	}
	s.call(rootPath, ifaceRoot, "RemoveInterface", iface)
	s.call(iface, ifaceProperties, "GetAll", ifaceInterface)
}

const upstreamFile = "parity/upstream.golden"

// record writes observations as lines, tab separated.
func record(list []observation) string {
	var b strings.Builder
	for _, o := range list {
		fmt.Fprintf(&b, "%s\t%s\n", strings.ReplaceAll(o.asked, "\n", `\n`), strings.ReplaceAll(o.got, "\n", `\n`))
	}
	return b.String()
}

func readPairs(t *testing.T, name string) [][2]string {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out [][2]string
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<20)
	for sc.Scan() {
		a, b, _ := strings.Cut(sc.Text(), "\t")
		out = append(out, [2]string{a, b})
	}
	return out
}

// difference allows what a pattern matches (path.Match, * also matches /) to
// differ.
type difference struct {
	pattern, reason string
	used            bool
}

func (d *difference) matches(asked string) bool {
	flat := strings.NewReplacer("/", "|", "[", "(", "]", ")", `\`, "!")
	ok, err := path.Match(flat.Replace(d.pattern), flat.Replace(asked))
	return ok && err == nil
}

func TestParityWithUpstream(t *testing.T) {
	w := newWorld(t, "")
	s := &script{t: t, c: w.c}
	s.run()
	ours := map[string]string{}
	for _, o := range s.seen {
		ours[strings.ReplaceAll(o.asked, "\n", `\n`)] = strings.ReplaceAll(o.got, "\n", `\n`)
	}
	var allowed []*difference
	for _, p := range readPairs(t, "parity/differences.tsv") {
		allowed = append(allowed, &difference{pattern: p[0], reason: p[1]})
	}
	explained := func(asked string) bool {
		found := false
		for _, d := range allowed {
			if d.matches(asked) {
				d.used, found = true, true
			}
		}
		return found
	}
	const absent = "(absent)"
	theirs := map[string]string{}
	same := 0
	for _, p := range readPairs(t, upstreamFile) {
		theirs[p[0]] = p[1]
		got, ok := ours[p[0]]
		if !ok {
			got = absent
		}
		if got == p[1] {
			same++
		} else if !explained(p[0]) {
			t.Errorf("%s\n upstream %s\n     ours %s", p[0], p[1], got)
		}
	}
	for _, o := range s.seen {
		asked := strings.ReplaceAll(o.asked, "\n", `\n`)
		if _, ok := theirs[asked]; !ok && !explained(asked) {
			t.Errorf("%s\n upstream %s\n     ours %s", asked, absent, o.got)
		}
	}
	for _, d := range allowed {
		if !d.used {
			t.Errorf("listed as different but is not: %s", d.pattern)
		}
		if d.reason == "" {
			t.Errorf("no reason given: %s", d.pattern)
		}
	}
	t.Logf("%d of %d observations of upstream are the same here", same, len(theirs))
	if !slices.ContainsFunc(s.seen, func(o observation) bool { return strings.Contains(o.asked, "GetAll") }) {
		t.Error("the script saw no properties")
	}
}

package ctrl

import (
	"bytes"
	"encoding/hex"
	"flag"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gosupplicant/conf"
	"gosupplicant/drivers"
	"gosupplicant/drivers/sim"
	"gosupplicant/engine"
	"gosupplicant/engine/logs"
	"gosupplicant/engine/loop/looptest"
)

var golden = flag.Bool("golden", false, "write the golden files anew")

// seeded is the randomness of virtual time: the same each time.
func seeded(n byte) io.Reader { return rand.NewChaCha8([32]byte{n}) }

// virtual is the front end without sockets, in virtual time on a simulated air.
type virtual struct {
	t    testing.TB
	loop *looptest.Loop
	sup  *engine.Supervisor
	srv  *Server
	air  *sim.Driver
	log  bytes.Buffer
}

const testAir = `country DE
radio phy0 interfaces=sim0,sim1
ap "open net" bssid=02:11:00:00:00:01 channel=1 signal=-40 security=open phy=legacy
ap "wpa2" bssid=02:11:00:00:00:02 channel=6 signal=-50 security=wpa2 phy=ht
ap "wpa3" bssid=02:11:00:00:00:03 channel=36 signal=-60 security=wpa3 phy=he width=80
ap "mixed" bssid=02:11:00:00:00:04 channel=11 signal=-70 security=wpa-wpa2
ap "enterprise" bssid=02:11:00:00:00:05 channel=44 signal=-71 security=wpa2-eap phy=vht width=80
ap "\xc3\xa4\"\\\n" bssid=02:11:00:00:00:06 channel=1 signal=-72 security=wep
ap "secret" bssid=02:11:00:00:00:07 channel=6 signal=-73 security=wpa2-wpa3 hidden
owe "cafe" bssid=02:11:00:00:00:08 twin=02:11:00:00:00:09 channel=1 signal=-74
ap "later" bssid=02:11:00:00:00:0a channel=11 signal=-55 security=wpa2-pmf wps=pbc
`

func newVirtual(t testing.TB, air string) *virtual {
	t.Helper()
	v := &virtual{t: t, loop: looptest.New()}
	var err error
	if v.air, err = sim.New(v.loop, seeded(1)); err != nil {
		t.Fatal(err)
	}
	hub := logs.New(logs.LevelInfo)
	hub.AddSink(logs.NewWriter(&v.log))
	v.sup = engine.New(engine.Options{Loop: v.loop, Logs: hub, Rand: seeded(2), Version: "v2.12", Drivers: []drivers.Driver{v.air}})
	if v.srv, err = New(v.sup, Options{}); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "air")
	if err := os.WriteFile(file, []byte(air), 0o600); err != nil {
		t.Fatal(err)
	}
	var failed error
	v.sup.AddInterface(engine.InterfaceConfig{Ifname: "sim0", Driver: "sim", DriverParam: "air=" + file},
		func(_ *engine.Interface, err error) { failed = err })
	v.loop.Drain()
	if failed != nil {
		t.Fatal(failed)
	}
	return v
}

// ask runs a command as if it had come by a socket of sim0.
func (v *virtual) ask(cmd string) string {
	reply := "(no reply)"
	r := &request{srv: v.srv, iface: v.srv.find(v.sup.InterfaceByName("sim0")), reply: func(s string) { reply = s }}
	v.srv.dispatch(r, cmd, onIface)
	v.loop.Drain()
	return reply
}

// scan waits for the results of a scan.
func (v *virtual) scan(cmd string) {
	v.t.Helper()
	if got := v.ask(cmd); got != replyOK {
		v.t.Fatalf("%s: %q", cmd, got)
	}
	i := v.sup.InterfaceByName("sim0")
	if !v.loop.Until(time.Minute, func() bool { return !i.ScanPending() }) {
		v.t.Fatal("the scan does not end")
	}
}

// TestGolden: every format of the BSS table and of capabilities, on an air with
// one network of each kind.
func TestGolden(t *testing.T) {
	v := newVirtual(t, testAir)
	v.scan("SCAN")
	var b strings.Builder
	for _, cmd := range []string{
		"STATUS", "SCAN_RESULTS", "BSS 0", "BSS 02:11:00:00:00:03", "BSS 02:11:00:00:00:0a MASK=0x3800", "BSS ID-2 MASK=0x0", "BSS FIRST MASK=0x1", "BSS MASK=1 LAST", "BSS NEXT-3 MASK=0x1003",
		"BSS RANGE=ALL MASK=0x21887", "BSS RANGE=2-4 MASK=0x20001", "BSS RANGE=7- MASK=0x20001", "BSS RANGE=-1 MASK=0x20001",
		"BSS NEXT-99", "BSS 99", "BSS RANGE=-", "BSS RANGE=x-2", "BSS 02:11:00:00:00:06 MASK=0x1000",
		"GET_CAPABILITY pairwise", "GET_CAPABILITY group", "GET_CAPABILITY group_mgmt", "GET_CAPABILITY key_mgmt strict", "GET_CAPABILITY proto",
		"GET_CAPABILITY auth_alg", "GET_CAPABILITY modes", "GET_CAPABILITY channels", "GET_CAPABILITY freq", "GET_CAPABILITY beacon_prot",
		"DRIVER_FLAGS", "DRIVER_FLAGS2", "GET version", "DUMP",
	} {
		b.WriteString("# " + cmd + "\n" + withoutAir(v.ask(cmd)) + "\n")
	}
	const file = "testdata/golden_sim.txt"
	if *golden {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		got, wanted := strings.Split(b.String(), "\n"), strings.Split(string(want), "\n")
		for k := range got {
			if k >= len(wanted) || got[k] != wanted[k] {
				t.Fatalf("line %d of %s: %q", k+1, file, got[k])
			}
		}
		t.Fatalf("%s has more than %d lines", file, len(got))
	}
}

// withoutAir replaces what the simulated access points chose.
func withoutAir(reply string) string {
	var b strings.Builder
	for line := range strings.Lines(reply) {
		key, value, _ := strings.Cut(line, "=")
		_, err := hex.DecodeString(strings.TrimSpace(value))
		switch {
		case (key == "ie" || key == "beacon_ie") && err == nil && len(value) > 20:
			line = key + "=$HEX\n"
		case key == "tsf" && len(value) == 17:
			line = "tsf=$16DIGITS\n"
		case key == "est_throughput":
			line = "est_throughput=$KBPS\n"
		}
		b.WriteString(line)
	}
	return b.String()
}

func TestScanOptions(t *testing.T) {
	v := newVirtual(t, testAir)
	v.scan("SCAN")
	if got := v.ask("BSS_FLUSH 0"); got != replyOK || strings.Count(v.ask("SCAN_RESULTS"), "\n") != 1 {
		t.Fatalf("BSS_FLUSH: %q, %q", got, v.ask("SCAN_RESULTS"))
	}
	v.scan("SCAN freq=2412 only_new=1")
	if got := v.ask("SCAN_RESULTS"); strings.Contains(got, "\t2437\t") || !strings.Contains(got, "open net") {
		t.Errorf("scan of channel 1 only:\n%s", got)
	}
	v.ask("BSS_FLUSH 0")
	v.scan("SCAN freq=5100-5300 TYPE=ONLY only_new=1")
	if got := v.ask("SCAN_RESULTS"); !strings.Contains(got, "\t5180\t") || strings.Contains(got, "\t24") {
		t.Errorf("scan of a range:\n%s", got)
	}
	v.scan("SCAN ssid 736563726574 freq=2437") // "secret"
	if got := v.ask("SCAN_RESULTS"); !strings.Contains(got, "\tsecret\n") {
		t.Errorf("directed scan:\n%s", got)
	}
	if got := v.ask("SCAN use_id=1 passive=1"); got != "1\n" {
		t.Errorf("use_id: %q", got)
	}
	if got := v.ask("SCAN"); got != replyBusy {
		t.Errorf("second scan: %q", got)
	}
	if got := v.ask("ABORT_SCAN"); got != replyOK {
		t.Errorf("ABORT_SCAN: %q", got)
	}
	for _, bad := range []string{"SCAN freq=", "SCAN freq=x", "SCAN freq=2412-", "SCAN freq=9000-9001", "SCAN ssid 0", "SCAN ssid zz",
		"SCAN ssid " + strings.Repeat("61", 33), "SCAN bssid=x", "SCAN scan_id=x", "SCAN freq=" + strings.Repeat("2412,", 600) + "2412"} {
		if got := v.ask(bad); got != replyFail {
			t.Errorf("%.40s: %q", bad, got)
		}
	}
}

func TestRestrictions(t *testing.T) {
	v := newVirtual(t, testAir)
	for _, tt := range [][2]string{
		{"SET setband 2G,7G", replyFail}, {"SET setband ", replyFail}, {"SET disallow_aps bssid", replyFail}, {"SET disallow_aps ssid zz", replyFail},
		{"SET disallow_aps x 02:11:00:00:00:01", replyFail}, {"SET bssid_filter 02:11:00:00:00:01 x", replyFail},
		{"SET setband 5G,6G", replyOK},
	} {
		if got := v.ask(tt[0]); got != tt[1] {
			t.Errorf("%s: %q, want %q", tt[0], got, tt[1])
		}
	}
	v.scan("SCAN")
	if got := v.ask("SCAN_RESULTS"); strings.Contains(got, "\t24") || !strings.Contains(got, "\t5180\t") {
		t.Errorf("scan of 5 and 6 GHz:\n%s", got)
	}
	v.ask("SET setband AUTO")
	v.ask("SET bssid_filter 02:11:00:00:00:02 02:11:00:00:00:05")
	v.ask("BSS_FLUSH 0")
	v.scan("SCAN only_new=1")
	if got := v.ask("BSS RANGE=ALL MASK=0x2"); got != "bssid=02:11:00:00:00:02\nbssid=02:11:00:00:00:05\n" && got != "bssid=02:11:00:00:00:05\nbssid=02:11:00:00:00:02\n" {
		t.Errorf("filtered scan: %q", got)
	}
	v.ask("SET bssid_filter ")
	v.scan("SCAN")
	if got := v.sup.InterfaceByName("sim0").BSSs().Len(); got < 8 {
		t.Errorf("%d BSSs without the filter", got)
	}
}

// TestLongListings: replies end at a whole entry below the limit, and what is left
// out can be asked for.
func TestLongListings(t *testing.T) {
	v := newVirtual(t, "country DE\nradio phy0 interfaces=sim0\nmany count=300 ssid=\"net-%d\" channels=1,6,11 signal=-80..-40 security=wpa2\n")
	v.scan("SCAN")
	table := v.sup.InterfaceByName("sim0").BSSs()
	if table.Len() < 200 {
		t.Fatalf("%d BSSs only", table.Len())
	}
	results := v.ask("SCAN_RESULTS")
	if len(results) > maxIfaceReply || len(results) < maxIfaceReply-100 || !strings.HasSuffix(results, "\n") {
		t.Errorf("SCAN_RESULTS has %d bytes", len(results))
	}
	seen, from := 0, "0"
	for range table.Len() {
		reply := v.ask("BSS RANGE=" + from + "- MASK=0x20001")
		if len(reply) > maxIfaceReply {
			t.Fatalf("BSS has %d bytes", len(reply))
		}
		seen += strings.Count(reply, "id=")
		if strings.HasSuffix(reply, "####\n") {
			break
		}
		last := reply[strings.LastIndex(reply, "id=")+3:]
		last, _, _ = strings.Cut(last, "\n")
		n, err := id(last)
		if err != nil {
			t.Fatal(err)
		}
		from = itoa(n + 1)
	}
	if seen != table.Len() {
		t.Errorf("%d BSSs seen in pieces, the table has %d", seen, table.Len())
	}
	for range 300 {
		v.ask("ADD_NETWORK")
	}
	list := v.ask("LIST_NETWORKS")
	if len(list) > maxIfaceReply || !strings.HasSuffix(list, "\n") {
		t.Errorf("LIST_NETWORKS has %d bytes", len(list))
	}
	last := list[strings.LastIndex(strings.TrimSuffix(list, "\n"), "\n")+1:]
	last, _, _ = strings.Cut(last, "\t")
	n, err := id(last)
	if err != nil {
		t.Fatal(err)
	}
	if next := v.ask("LIST_NETWORKS LAST_ID=" + last); !strings.Contains(next, "\n"+itoa(n+1)+"\t") {
		t.Errorf("LAST_ID=%s: %.100q", last, next)
	}
}

func itoa(n int) string { return strings.TrimSpace(string(appendInt(nil, n))) }

func appendInt(dst []byte, n int) []byte {
	if n >= 10 {
		dst = appendInt(dst, n/10)
	}
	return append(dst, byte('0'+n%10))
}

// TestNoInjection: no command adds a line to the saved configuration.
func TestNoInjection(t *testing.T) {
	v := newVirtual(t, testAir)
	v.ask("ADD_NETWORK")
	v.ask("ADD_CRED")
	for _, cmd := range []string{
		"SET_NETWORK 0 ssid \"a\"\nnetwork={\nx", "SET_NETWORK 0 ssid \"b\nevil=1\"", "SET_NETWORK 0 psk \"12345678\nevil=1\"",
		"SET_NETWORK 0 id_str \"a\nevil=1\"", "SET_NETWORK 0 bssid 02:00:00:00:00:01\nevil=0", "SET country DE\nevil=1",
		"SET device_name x\nevil=1", "SET driver_param a\rb\nevil=1", "SET_CRED 0 realm \"a\nevil=1\"", "SET blob a\nevil=1 00",
		"SET autoscan periodic:3\nevil=1", "BSSID 0 02:00:00:00:00:01\nevil=1", "SET_NETWORK 0 identity \"a\x00b\"\nevil=1",
		"SET ctrl_interface /x\nevil=1", "SET_CRED 0 phase1 \"}\"\nevil=1", "SET_NETWORK 0 phase2 \"a\"}\nevil=1",
	} {
		v.ask(cmd)
	}
	saved := v.sup.InterfaceByName("sim0").Config().Encode()
	for line := range strings.Lines(string(saved)) {
		if strings.HasPrefix(strings.TrimSpace(line), "evil") {
			t.Errorf("a command added the line %q to\n%s", line, saved)
		}
	}
	again, err := conf.Parse("saved", saved)
	if err != nil || string(again.Encode()) != string(saved) {
		t.Errorf("the saved configuration does not read back: %v\n%s", err, saved)
	}
	v.ask("NOTE a\nsim0: CTRL-EVENT-CONNECTED forged")
	if strings.Contains(v.log.String(), "\nsim0: CTRL-EVENT-CONNECTED") {
		t.Errorf("a note forged a line of the log:\n%s", v.log.String())
	}
}

func TestSettings(t *testing.T) {
	v := newVirtual(t, testAir)
	for _, tt := range [][2]string{
		{"SET dot11rsnaconfigpmklifetime 77", replyOK}, {"GET dot11RSNAConfigPMKLifetime", "77"},
		{"SET blob name 0aff", replyOK}, {"SET blob other", replyFail},
		{"REMOVE_NETWORK x", replyFail}, {"RADIO_WORK done x", replyFail}, {"BSSID 0 x", replyFail},
		{"ADD_NETWORK", "0\n"}, {"SET_NETWORK 0 psk \"secret secret\"", replyOK}, {"GET_NETWORK 0 psk", "*"},
		{"ADD_NETWORK", "1\n"}, {"DUP_NETWORK 0 1 psk", replyOK}, {"GET_NETWORK 1 psk", "*"},
		{"SET_NETWORK 0 ssid \"secret\"", replyOK}, {"ENABLE_NETWORK 0", replyOK}, {"DISABLE_NETWORK 0", replyOK},
		{"MAC_RAND_SCAN scan enable=2", replyFail}, {"MAC_RAND_SCAN scan enable=1 addr=x", replyFail}, {"MAC_RAND_SCAN scan enable=0", replyOK},
		{"RECONFIGURE", replyFail}, {"SAVE_CONFIG", replyFail}, {"INTERFACE_ADD x", replyUnknown}, {"ATTACH", replyUnknown},
		{"FLUSH", replyOK}, {"LIST_NETWORKS", "network id / ssid / bssid / flags\n"},
	} {
		if got := v.ask(tt[0]); got != tt[1] {
			t.Errorf("%s: %q, want %q", tt[0], got, tt[1])
		}
	}
	if data, ok := v.sup.InterfaceByName("sim0").Blob("name"); ok || data != nil {
		t.Error("FLUSH left a blob")
	}
}

// FuzzCommand: no text panics, each gets exactly one reply within the limit.
func FuzzCommand(f *testing.F) {
	for c := range commands {
		f.Add(c.name)
		f.Add(c.name + " 0 x=1 02:00:00:00:00:01 freq=2412-5825")
	}
	for _, file := range []string{"testdata/commands_iface.txt", "testdata/commands_global.txt"} {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			f.Add(strings.TrimSuffix(line, "\n"))
		}
	}
	v := newVirtual(f, testAir)
	v.scan("SCAN")
	f.Fuzz(func(t *testing.T, cmd string) {
		if len(cmd) > maxRequest {
			return
		}
		if strings.HasPrefix(cmd, "INTERFACE_ADD") {
			parseInterface(cmd) // opening files and devices is not fuzzed
			return
		}
		for _, on := range []scope{onIface, onGlobal} {
			replies := 0
			r := &request{srv: v.srv, reply: func(text string) {
				replies++
				if len(text) > maxIfaceReply {
					t.Errorf("%q: reply of %d bytes", cmd, len(text))
				}
			}}
			if on == onIface {
				r.iface = v.srv.find(v.sup.InterfaceByName("sim0"))
				if r.iface == nil {
					v.sup.AddInterface(engine.InterfaceConfig{Ifname: "sim0", Driver: "sim"}, func(*engine.Interface, error) {})
					v.loop.Drain()
					r.iface = v.srv.find(v.sup.InterfaceByName("sim0"))
				}
			}
			v.srv.dispatch(r, cmd, on)
			v.loop.Drain()
			if replies != 1 {
				t.Errorf("%q got %d replies", cmd, replies)
			}
		}
		v.log.Reset()
	})
}

package rsn

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"hash"
	"testing"

	"gosupplicant/engine/dot11"
	"gosupplicant/engine/keys"
)

var (
	testAA  = dot11.MAC{0x02, 0, 0, 0, 1, 0}
	testSPA = dot11.MAC{0x02, 0, 0, 0, 2, 0}
)

// counterRand is a source of bytes that never repeats itself within a test.
type counterRand struct{ n byte }

func (r *counterRand) Read(p []byte) (int, error) {
	r.n++
	copy(p, fill(fmt.Sprint("random", r.n), len(p)))
	return len(p), nil
}

// world is a machine and its authenticator.
type world struct {
	t testing.TB
	m *Machine
	a *authenticator
	s Association

	outs     []Output
	installs map[string]int
}

// mode is one row of the table of AKMs (table 12-11), written down here again.
type mode struct {
	name          string
	proto         dot11.Proto
	akm           dot11.AKM
	pairwise      dot11.Cipher
	group         dot11.Cipher
	mgmt          dot11.Cipher
	version       byte
	h             func() hash.Hash
	mic           string
	kck, kek, pmk int
	tk, gtk       int
	igtk          int
	oweSHA256     bool
}

const (
	rsnP = dot11.ProtoRSN
	wpaP = dot11.ProtoWPA
)

var modes = []mode{
	{"WPA2-PSK", rsnP, dot11.AKMPSK, dot11.CipherCCMP, dot11.CipherCCMP, 0, 2, sha1.New, "sha1", 16, 16, 32, 16, 16, 0, false},
	{"WPA2-PSK TKIP group", rsnP, dot11.AKMPSK, dot11.CipherCCMP, dot11.CipherTKIP, 0, 2, sha1.New, "sha1", 16, 16, 32, 16, 32, 0, false},
	{"WPA2-PSK TKIP", rsnP, dot11.AKMPSK, dot11.CipherTKIP, dot11.CipherTKIP, 0, 1, sha1.New, "md5", 16, 16, 32, 32, 32, 0, false},
	{"WPA2-PSK PMF", rsnP, dot11.AKMPSK, dot11.CipherCCMP, dot11.CipherCCMP, dot11.CipherBIPCMAC128, 2, sha1.New, "sha1", 16, 16, 32, 16, 16, 16, false},
	{"WPA-PSK TKIP", wpaP, dot11.AKMPSK, dot11.CipherTKIP, dot11.CipherTKIP, 0, 1, sha1.New, "md5", 16, 16, 32, 32, 32, 0, false},
	{"WPA-PSK CCMP", wpaP, dot11.AKMPSK, dot11.CipherCCMP, dot11.CipherCCMP, 0, 2, sha1.New, "sha1", 16, 16, 32, 16, 16, 0, false},
	{"WPA-PSK CCMP TKIP group", wpaP, dot11.AKMPSK, dot11.CipherCCMP, dot11.CipherTKIP, 0, 2, sha1.New, "sha1", 16, 16, 32, 16, 32, 0, false},
	{"PSK-SHA256", rsnP, dot11.AKMPSKSHA256, dot11.CipherCCMP, dot11.CipherCCMP, dot11.CipherBIPCMAC128, 3, sha256.New, "cmac", 16, 16, 32, 16, 16, 16, false},
	{"SAE", rsnP, dot11.AKMSAE, dot11.CipherCCMP, dot11.CipherCCMP, dot11.CipherBIPCMAC128, 0, sha256.New, "cmac", 16, 16, 32, 16, 16, 16, false},
	{"SAE GCMP-256", rsnP, dot11.AKMSAE, dot11.CipherGCMP256, dot11.CipherGCMP256, dot11.CipherBIPGMAC256, 0, sha256.New, "cmac", 16, 16, 32, 32, 32, 32, false},
	{"SAE-EXT-KEY 19", rsnP, dot11.AKMSAEExtKey, dot11.CipherGCMP256, dot11.CipherGCMP256, dot11.CipherBIPCMAC256, 0, sha256.New, "sha256", 16, 16, 32, 32, 32, 32, false},
	{"SAE-EXT-KEY 20", rsnP, dot11.AKMSAEExtKey, dot11.CipherGCMP256, dot11.CipherGCMP256, dot11.CipherBIPGMAC256, 0, sha512.New384, "sha384", 24, 32, 48, 32, 32, 32, false},
	{"SAE-EXT-KEY 21", rsnP, dot11.AKMSAEExtKey, dot11.CipherCCMP256, dot11.CipherCCMP256, dot11.CipherBIPGMAC128, 0, sha512.New, "sha512", 32, 32, 64, 32, 32, 16, false},
	{"OWE 19", rsnP, dot11.AKMOWE, dot11.CipherGCMP, dot11.CipherGCMP, dot11.CipherBIPGMAC128, 0, sha256.New, "sha256", 16, 16, 32, 16, 16, 16, false},
	{"OWE 20", rsnP, dot11.AKMOWE, dot11.CipherCCMP, dot11.CipherCCMP, dot11.CipherBIPCMAC128, 0, sha512.New384, "sha384", 24, 32, 48, 16, 16, 16, false},
	{"OWE 20 old", rsnP, dot11.AKMOWE, dot11.CipherCCMP, dot11.CipherCCMP, dot11.CipherBIPCMAC128, 0, sha256.New, "sha384", 24, 32, 48, 16, 16, 16, true},
	{"OWE 21", rsnP, dot11.AKMOWE, dot11.CipherCCMP, dot11.CipherCCMP, dot11.CipherBIPCMAC128, 0, sha512.New, "sha512", 32, 32, 64, 16, 16, 16, false},
	{"EAP", rsnP, dot11.AKMEAP, dot11.CipherCCMP, dot11.CipherCCMP, 0, 2, sha1.New, "sha1", 16, 16, 32, 16, 16, 0, false},
	{"WPA EAP TKIP", wpaP, dot11.AKMEAP, dot11.CipherTKIP, dot11.CipherTKIP, 0, 1, sha1.New, "md5", 16, 16, 32, 32, 32, 0, false},
	{"EAP-SHA256", rsnP, dot11.AKMEAPSHA256, dot11.CipherCCMP, dot11.CipherCCMP, dot11.CipherBIPCMAC128, 3, sha256.New, "cmac", 16, 16, 32, 16, 16, 16, false},
	{"Suite B", rsnP, dot11.AKMSuiteB, dot11.CipherGCMP, dot11.CipherGCMP, dot11.CipherBIPGMAC128, 0, sha256.New, "sha256", 16, 16, 32, 16, 16, 16, false},
	{"Suite B 192", rsnP, dot11.AKMSuiteB192, dot11.CipherGCMP256, dot11.CipherGCMP256, dot11.CipherBIPGMAC256, 0, sha512.New384, "sha384", 24, 32, 48, 32, 32, 32, false},
	{"EAP-SHA384", rsnP, dot11.AKMEAPSHA384, dot11.CipherGCMP256, dot11.CipherGCMP256, dot11.CipherBIPGMAC256, 0, sha512.New384, "sha384", 24, 32, 48, 32, 32, 32, false},
	{"PSK-SHA384", rsnP, dot11.AKMPSKSHA384, dot11.CipherGCMP256, dot11.CipherGCMP256, dot11.CipherBIPGMAC256, 0, sha512.New384, "sha384", 24, 32, 32, 32, 32, 32, false},
	{"no group traffic", rsnP, dot11.AKMPSK, dot11.CipherCCMP, dot11.CipherGTKNotUsed, dot11.CipherBIPCMAC128, 2, sha1.New, "sha1", 16, 16, 32, 16, 0, 16, false},
	{"FT-PSK", rsnP, dot11.AKMFTPSK, dot11.CipherCCMP, dot11.CipherCCMP, dot11.CipherBIPCMAC128, 3, sha256.New, "cmac", 16, 16, 32, 16, 16, 16, false},
	{"FT-SAE", rsnP, dot11.AKMFTSAE, dot11.CipherCCMP, dot11.CipherCCMP, dot11.CipherBIPCMAC128, 0, sha256.New, "cmac", 16, 16, 32, 16, 16, 16, false},
	{"FT-SAE-EXT-KEY 20", rsnP, dot11.AKMFTSAEExtKey, dot11.CipherGCMP256, dot11.CipherGCMP256, dot11.CipherBIPGMAC256, 0, sha512.New384, "sha384", 24, 32, 48, 32, 32, 32, false},
}

func modeNamed(t testing.TB, name string) mode {
	for _, m := range modes {
		if m.name == name {
			return m
		}
	}
	t.Fatalf("no mode %q", name)
	return mode{}
}

// apElements returns beacon elements for a mode.
func (v *mode) apElements() (rsne, wpa []byte) {
	if v.proto == wpaP {
		g, _ := v.group.WPASuite()
		p, _ := v.pairwise.WPASuite()
		k, _ := v.akm.WPASuite()
		return nil, (&dot11.WPAIE{Version: 1, Group: g, Pairwise: []dot11.Suite{p}, AKMs: []dot11.Suite{k}}).Append(nil)
	}
	g, _ := v.group.RSNSuite()
	p, _ := v.pairwise.RSNSuite()
	k, _ := v.akm.RSNSuite()
	e := dot11.RSNE{Version: 1, Group: g, Pairwise: []dot11.Suite{p}, AKMs: []dot11.Suite{k}, Caps: 0x000c}
	if v.mgmt != 0 {
		e.Caps |= dot11.RSNCapMFPC
		e.GroupMgmt, _ = v.mgmt.RSNSuite()
	}
	return e.Append(nil), nil
}

// newWorld returns both sides of a mode, associated; change may alter them before.
func newWorld(t testing.TB, v mode, change func(*world)) *world {
	t.Helper()
	rsne, wpa := v.apElements()
	w := &world{t: t, installs: map[string]int{}}
	sel := Selection{Proto: v.proto, AKM: v.akm, Pairwise: v.pairwise, Group: v.group, MgmtGroup: v.mgmt, PMF: v.mgmt != 0}
	w.a = &authenticator{t: t, aa: testAA, spa: testSPA, wpa: v.proto == wpaP, version: v.version, pmk: fill("pmk", v.pmk),
		h: v.h, mic: v.mic, kckLen: v.kck, kekLen: v.kek, tkLen: v.tk, rsne: rsne, wpaIE: wpa, counter: 7,
		anonce: [32]byte(fill("anonce", 32)), gtk: fill("gtk", v.gtk), gtkIndex: 1, keyID: -1, noGTK: v.gtk == 0}
	if v.igtk != 0 {
		w.a.igtk, w.a.bigtk = fill("igtk", v.igtk), fill("bigtk", v.igtk)
	}
	w.s = Association{Own: testSPA, BSSID: testAA, SSID: dot11.SSID("test"), Proto: v.proto, AKM: v.akm,
		Pairwise: v.pairwise, Group: v.group, MgmtGroup: v.mgmt, PMK: w.a.pmk, OwnElement: sel.Element(),
		APRSNE: rsne, APWPA: wpa, BeaconProtection: v.mgmt != 0, OWESHA256: v.oweSHA256}
	if bringsPMKID(v.akm) {
		id := keys.PMKID(fill("pmkid", 16))
		w.s.PMKID = &id
	}
	w.a.wantM2 = w.s.OwnElement
	if v.akm.IsFT() {
		w.joinFT()
	}
	if change != nil {
		change(w)
	}
	w.m = New(Config{Rand: &counterRand{}})
	outs, err := w.m.Associated(w.s)
	if err != nil {
		t.Fatal(err)
	}
	w.take(outs)
	return w
}

// take files outputs and counts installed keys by use and value.
func (w *world) take(outs []Output) []Output {
	w.outs = append(w.outs, outs...)
	for _, o := range outs {
		if k, ok := o.(InstallKey); ok {
			w.installs[fmt.Sprintf("%v %x", k.Use, []byte(k.Key))]++
		}
	}
	return outs
}

func (w *world) rx(pdu []byte, p Protection) []Output {
	return w.take(w.m.Receive(testAA, pdu, p))
}

// all returns the outputs of one type.
func all[T Output](outs []Output) []T {
	var r []T
	for _, o := range outs {
		if v, ok := o.(T); ok {
			r = append(r, v)
		}
	}
	return r
}

// one returns the only output of a type.
func one[T Output](t testing.TB, outs []Output) T {
	t.Helper()
	r := all[T](outs)
	if len(r) != 1 {
		t.Fatalf("%d outputs of type %T, want 1, among %v", len(r), *new(T), describe(outs))
	}
	return r[0]
}

func describe(outs []Output) string {
	s := ""
	for _, o := range outs {
		s += fmt.Sprintf("\n  %T%+v", o, o)
	}
	return s
}

// quiet fails unless there are only notes among the outputs.
func quiet(t testing.TB, outs []Output) {
	t.Helper()
	for _, o := range outs {
		if _, ok := o.(Note); !ok {
			t.Fatalf("not dropped: %v", describe(outs))
		}
	}
}

// handshake runs messages 1 and 2.
func (w *world) begin(p Protection) {
	w.t.Helper()
	outs := w.rx(w.a.m1(nil), p)
	m2 := one[Send](w.t, outs)
	if err := w.a.onM2(m2.PDU); err != nil || m2.Message != MessageM2 || m2.To != testAA {
		w.t.Fatal(m2.Message, m2.To, err)
	}
}

// connect runs all messages of a first handshake and checks the order of outputs.
func (w *world) connect() {
	w.t.Helper()
	w.begin(ProtectionNone)
	outs := w.rx(w.a.m3(), ProtectionNone)
	m4 := one[Send](w.t, outs)
	if err := w.a.check(m4.PDU, 0x0108); err != nil || m4.Message != MessageM4 || m4.Encrypt {
		w.t.Fatal("message 4:", err, m4.Encrypt)
	}
	if w.s.Proto == dot11.ProtoWPA {
		if w.m.State() != StateGroup {
			w.t.Fatal("state", w.m.State())
		}
		outs = w.rx(w.a.g1(), ProtectionEncrypted)
		g2 := one[Send](w.t, outs)
		if err := w.a.check(g2.PDU, 0x0100|uint16(w.a.gtkIndex)<<4); err != nil || !g2.Encrypt {
			w.t.Fatal("group message 2:", err, g2.Encrypt)
		}
	}
	one[Authorized](w.t, outs)
	if k := one[KeysDone](w.t, outs); !k.Pairwise || k.Rekey {
		w.t.Fatalf("%+v", k)
	}
	if w.m.State() != StateDone {
		w.t.Fatal("state", w.m.State())
	}
}

// swapped is a TKIP key as drivers take it.
func swapped(c dot11.Cipher, k []byte) []byte {
	if c == dot11.CipherTKIP {
		return bytes.Join([][]byte{k[:16], k[24:32], k[16:24]}, nil)
	}
	return k
}

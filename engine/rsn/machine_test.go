package rsn

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"hash"
	"io"
	"testing"
	"time"

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

// TestEveryMode: each AKM and cipher gets the keys that the authenticator made.
func TestEveryMode(t *testing.T) {
	for _, v := range modes {
		t.Run(v.name, func(t *testing.T) {
			w := newWorld(t, v, nil)
			w.connect()
			ks := all[InstallKey](w.outs)
			tk := ks[0]
			if tk.Use != KeyPairwise || !bytes.Equal(tk.Key, swapped(v.pairwise, w.a.tk)) || tk.Addr != testAA || tk.Cipher != v.pairwise || !tk.Tx || tk.Index != 0 {
				t.Errorf("TK: %+v", tk)
			}
			want := 1
			if v.gtk > 0 {
				want++
				if k := ks[1]; k.Use != KeyGroup || !bytes.Equal(k.Key, swapped(v.group, w.a.gtk)) || k.Index != 1 || k.Tx || !bytes.Equal(k.RSC, rscForTest[:6]) || k.Addr != dot11.Broadcast {
					t.Errorf("GTK: %+v", k)
				}
			}
			if v.igtk > 0 {
				if k := ks[want]; k.Use != KeyMgmtGroup || !bytes.Equal(k.Key, w.a.igtk) || k.Index != 4 || k.Cipher != v.mgmt || !bytes.Equal(k.RSC, []byte{1, 2, 3, 4, 5, 6}) {
					t.Errorf("IGTK: %+v", k)
				}
				if k := ks[want+1]; k.Use != KeyBeacon || !bytes.Equal(k.Key, w.a.bigtk) || k.Index != 6 || !bytes.Equal(k.RSC, []byte{9, 8, 7, 6, 5, 4}) {
					t.Errorf("BIGTK: %+v", k)
				}
				want += 2
			}
			if len(ks) != want {
				t.Errorf("%d keys installed, want %d", len(ks), want)
			}
			w.checkPMKSA(v)
			w.rekeyBoth()
		})
	}
}

func (w *world) checkPMKSA(v mode) {
	w.t.Helper()
	adds := all[AddPMKSA](w.outs)
	wantAdd := !dot11.AKMSetPSK.Has(v.akm) && !v.akm.IsFT()
	if len(adds) > 0 != wantAdd {
		w.t.Fatalf("%d PMKSAs added, wanted: %v", len(adds), wantAdd)
	}
	if wantAdd && (!adds[0].PMK.Equal(w.a.pmk) || adds[0].AA != testAA || adds[0].SPA != testSPA || adds[0].AKM != v.akm) {
		w.t.Errorf("%+v", adds[0])
	}
	if wantAdd && w.s.PMKID != nil && adds[0].PMKID != *w.s.PMKID {
		w.t.Errorf("PMKID %x, want %x", adds[0].PMKID, *w.s.PMKID)
	}
}

// rekeyBoth renews GTK, then PTK and GTK.
func (w *world) rekeyBoth() {
	w.t.Helper()
	if !w.a.noGTK {
		w.a.gtk, w.a.gtkIndex = fill("gtk2", len(w.a.gtk)), 2
		outs := w.rx(w.a.g1(), ProtectionEncrypted)
		if n := len(all[InstallKey](outs)); n != 1 {
			w.t.Fatalf("group rekey installed %d keys, want the GTK", n)
		}
		if k := one[KeysDone](w.t, outs); k.Pairwise || !k.Rekey {
			w.t.Errorf("%+v", k)
		}
		if !one[Send](w.t, outs).Encrypt {
			w.t.Error("answer would go unencrypted")
		}
	}
	oldTK := w.a.tk
	oldM2 := one[Send](w.t, w.outs[:len(w.outs):len(w.outs)][:firstSend(w.outs)+1]).PDU[17:49]
	w.a.anonce = [32]byte(fill("anonce2", 32))
	kck := w.a.kck
	outs := w.rx(w.a.m1(nil), ProtectionEncrypted)
	m2 := one[Send](w.t, outs)
	if err := w.a.onM2(m2.PDU); err != nil || !m2.Encrypt {
		w.t.Fatal("rekey:", err, m2.Encrypt)
	}
	if bytes.Equal(m2.PDU[17:49], oldM2) {
		w.t.Error("SNonce used again in a new handshake")
	}
	if w.m.State() != State4Way {
		w.t.Error("state", w.m.State())
	}
	outs = w.rx(w.a.m3(), ProtectionEncrypted)
	ks := all[InstallKey](outs)
	if len(ks) != 1 || ks[0].Use != KeyPairwise || bytes.Equal(ks[0].Key, oldTK) || bytes.Equal(kck, w.a.kck) {
		w.t.Fatalf("rekey: %v", describe(outs))
	}
	if len(all[Authorized](outs)) != 0 || !one[KeysDone](w.t, outs).Rekey || w.m.State() != StateDone {
		w.t.Error("after rekey:", describe(outs))
	}
}

func firstSend(outs []Output) int {
	for i, o := range outs {
		if _, ok := o.(Send); ok {
			return i
		}
	}
	return -1
}

// TestNoKeyInstalledTwice (KRACK, CVE-2017-13077 to 13081, CVE-2020-17497): every
// sequence of five events out of new, repeated and replayed messages, encrypted or
// not, gives out each key at most once, opens the port at most once, and never
// before message 3.
func TestNoKeyInstalledTwice(t *testing.T) {
	for _, name := range []string{"WPA2-PSK PMF", "WPA-PSK CCMP"} {
		v := modeNamed(t, name)
		var walk func(path []int)
		walk = func(path []int) {
			if len(path) == 5 {
				playPath(t, v, path)
				return
			}
			for e := range events {
				walk(append(path, e))
			}
		}
		walk(nil)
	}
}

var events = []string{"m1", "m3", "g1", "new gtk", "new anonce", "replay"}

func playPath(t *testing.T, v mode, path []int) {
	t.Helper()
	w := newWorld(t, v, nil)
	var sent [][]byte
	authorized := 0
	have := false // the authenticator has a PTK
	deliver := func(pdu []byte) {
		sent = append(sent, pdu)
		for _, p := range []Protection{ProtectionUnknown, ProtectionEncrypted, ProtectionNone} {
			outs := w.rx(pdu, p)
			authorized += len(all[Authorized](outs))
			for _, s := range all[Send](outs) {
				if s.Message == MessageM2 && w.a.onM2(s.PDU) == nil {
					have = true
				}
			}
		}
	}
	for _, e := range path {
		switch events[e] {
		case "m1":
			deliver(w.a.m1(nil))
		case "m3":
			if have {
				deliver(w.a.m3())
			}
		case "g1":
			if have {
				deliver(w.a.g1())
			}
		case "new gtk":
			w.a.gtk = fill(fmt.Sprint("gtk", w.a.counter), len(w.a.gtk))
		case "new anonce":
			w.a.anonce = [32]byte(fill(fmt.Sprint("anonce", w.a.counter), 32))
		case "replay":
			for _, pdu := range sent {
				deliver(pdu)
			}
			sent = sent[:min(len(sent), 6)]
		}
	}
	for k, n := range w.installs {
		if n > 1 {
			t.Fatalf("path %v: key %s installed %d times", path, k, n)
		}
	}
	if authorized > 1 {
		t.Fatalf("path %v: port opened %d times", path, authorized)
	}
	if !have && len(w.installs) > 0 {
		t.Fatalf("path %v: keys without message 3", path)
	}
}

// TestKRACK counts SET_KEY by hand for the classic sequence: message 3 again with a
// higher counter, plain and encrypted, then the group message again.
func TestKRACK(t *testing.T) {
	w := newWorld(t, modeNamed(t, "WPA2-PSK PMF"), nil)
	w.connect()
	n := len(all[InstallKey](w.outs))
	outs := w.rx(w.a.m3(), ProtectionNone)
	if s := one[Send](t, outs); s.Message != MessageM4 || s.Encrypt {
		t.Errorf("lost message 4 is not sent again in the clear: %+v", s)
	}
	outs = w.rx(w.a.m3(), ProtectionEncrypted)
	if s := one[Send](t, outs); s.Message != MessageM4 || !s.Encrypt {
		t.Errorf("%+v", s)
	}
	quiet(t, w.rx(w.a.m3(), ProtectionNone)) // the access point has been heard encrypted
	g := w.a.g1()
	one[Send](t, w.rx(g, ProtectionEncrypted))
	quiet(t, w.rx(g, ProtectionEncrypted))
	one[Send](t, w.rx(w.a.g1(), ProtectionEncrypted))
	w.a.gtkIndex = 2 // the same key under another index
	one[Send](t, w.rx(w.a.g1(), ProtectionEncrypted))
	if got := len(all[InstallKey](w.outs)); got != n {
		t.Errorf("%d keys installed, want %d", got, n)
	}
}

// TestUnencryptedAfterKeys (iwd 5b42cb6c, ccdea73d): once keys are in use,
// unencrypted message 1 and group message change nothing.
func TestUnencryptedAfterKeys(t *testing.T) {
	w := newWorld(t, modeNamed(t, "SAE"), nil)
	w.connect()
	if !w.m.InUse() {
		t.Error("keys not in use")
	}
	quiet(t, w.rx(w.a.m1(nil), ProtectionNone))
	w.a.gtk = fill("other", 16)
	quiet(t, w.rx(w.a.g1(), ProtectionNone))
	if w.m.State() != StateDone {
		t.Error("state", w.m.State())
	}
	// Where the way is not known, a forged message 1 is answered but moves no state.
	outs := w.rx(w.a.m1(nil), ProtectionUnknown)
	one[Send](t, outs)
	if len(all[StateChanged](outs)) > 0 {
		t.Error("unproven message 1 moved the state")
	}
	outs = w.take(w.m.Timeout(TimerHandshake))
	quiet(t, outs)
	if w.m.State() != StateDone {
		t.Error("state", w.m.State())
	}
}

// TestDamagedMessage3: each strict prefix, and each bit flipped, is dropped; no Key
// Data are believed before the MIC holds (CVE-2018-14526); then the true message
// still works.
func TestDamagedMessage3(t *testing.T) {
	for _, name := range []string{"WPA2-PSK PMF", "WPA2-PSK TKIP", "WPA-PSK TKIP", "Suite B 192", "OWE 21"} {
		w := newWorld(t, modeNamed(t, name), nil)
		w.begin(ProtectionNone)
		m3 := w.a.m3()
		for n := range m3 {
			quiet(t, w.rx(m3[:n], ProtectionNone))
		}
		for i := range m3 {
			for bit := range 8 {
				bad := bytes.Clone(m3)
				bad[i] ^= 1 << bit
				outs := w.m.Receive(testAA, bad, ProtectionNone)
				// A message 3 that became a message 1 by its flags is answered with
				// message 2 and leaves the handshake as it was.
				if s := all[Send](outs); len(s) == 1 && s[0].Message == MessageM2 {
					continue
				}
				quiet(t, outs)
			}
		}
		quiet(t, w.take(w.m.Receive(testSPA, m3, ProtectionNone))) // from somebody else
		outs := w.rx(m3, ProtectionNone)
		if len(all[InstallKey](outs)) == 0 {
			t.Errorf("%s: the true message 3 does not work any more: %v", name, describe(outs))
		}
		quiet(t, w.rx(m3, ProtectionNone))
	}
}

// TestDamagedGroupMessage: the same of the group message; with RC4 nothing but the
// MIC protects its Key Data.
func TestDamagedGroupMessage(t *testing.T) {
	for _, name := range []string{"WPA2-PSK PMF", "WPA2-PSK TKIP", "WPA-PSK TKIP", "Suite B 192"} {
		w := newWorld(t, modeNamed(t, name), nil)
		w.connect()
		w.a.gtk = fill("fresh", len(w.a.gtk))
		g1 := w.a.g1()
		for n := range g1 {
			quiet(t, w.rx(g1[:n], ProtectionEncrypted))
		}
		for i := range g1 {
			if i == 0 || i == 1 {
				continue // protocol version and packet type: covered by the MIC too, tested below
			}
			bad := bytes.Clone(g1)
			bad[i] ^= 0x01
			for _, o := range w.rx(bad, ProtectionEncrypted) {
				if _, ok := o.(InstallKey); ok {
					t.Fatalf("%s: byte %d damaged: %v", name, i, o)
				}
			}
		}
		g1[0] ^= 1
		quiet(t, w.rx(g1, ProtectionEncrypted))
		g1[0] ^= 1
		if n := len(all[InstallKey](w.rx(g1, ProtectionEncrypted))); n != 1 {
			t.Errorf("%s: true group message gives %d keys", name, n)
		}
	}
}

// TestForgedMessage1: an attacker's message 1 between the authenticator's does not
// break the handshake.
func TestForgedMessage1(t *testing.T) {
	w := newWorld(t, modeNamed(t, "WPA2-PSK"), nil)
	w.begin(ProtectionNone)
	snonce := bytes.Clone(all[Send](w.outs)[0].PDU[17:49])
	evil := *w.a
	for i := range 3 {
		evil.anonce, evil.counter = [32]byte(fill(fmt.Sprint("evil", i), 32)), 1<<63
		s := one[Send](t, w.rx(evil.m1(nil), ProtectionNone))
		if !bytes.Equal(s.PDU[17:49], snonce) {
			t.Error("SNonce changed within a handshake")
		}
	}
	// The authenticator's repeated message 1 keeps its ANonce among those remembered.
	one[Send](t, w.rx(w.a.m1(nil), ProtectionNone))
	for i := range 3 {
		evil.anonce = [32]byte(fill(fmt.Sprint("more evil", i), 32))
		one[Send](t, w.rx(evil.m1(nil), ProtectionNone))
	}
	if len(w.m.hs.anonces) > maxANonces {
		t.Errorf("%d ANonces remembered", len(w.m.hs.anonces))
	}
	outs := w.rx(w.a.m3(), ProtectionNone)
	one[Authorized](t, outs)
	evil.anonce = [32]byte{}
	quiet(t, w.rx(evil.m1(nil), ProtectionUnknown))
}

// TestOutOfOrder: messages that do not fit the state are dropped in silence.
func TestOutOfOrder(t *testing.T) {
	v := modeNamed(t, "WPA2-PSK PMF")
	fresh := func() *world {
		w := newWorld(t, v, nil)
		w.a.derive(fill("x", 32)) // keys of nobody
		return w
	}
	w := fresh()
	quiet(t, w.rx(w.a.m3(), ProtectionNone))
	quiet(t, w.rx(w.a.g1(), ProtectionNone))
	w.begin(ProtectionNone)
	quiet(t, w.rx(w.a.g1(), ProtectionNone)) // before message 3
	for name, info := range map[string]uint16{
		"message 2": 0x0108, "message 4": 0x0308, "request": 0x0b08, "error": 0x17c8, "SMK": 0x33c8,
		"not encrypted": 0x03c8, "not secure": 0x11c8, "no install": 0x1388, "group without MIC": 0x1280,
	} {
		if outs := w.rx(w.a.m3With(info, append(bytes.Clone(w.a.rsne), w.a.groupData()...)), ProtectionNone); len(all[Send](outs)) > 0 {
			t.Errorf("%s is answered", name)
		}
	}
	for ver := byte(0); ver < 8; ver++ {
		if ver == 2 {
			continue
		}
		w.a.version = ver
		quiet(t, w.rx(w.a.m1(nil), ProtectionNone))
		quiet(t, w.rx(w.a.m3(), ProtectionNone))
	}
	w.a.version, w.a.wpa = 2, true
	quiet(t, w.rx(w.a.m1(nil), ProtectionNone))
	w.a.wpa = false
	w.rx(w.a.m3(), ProtectionNone)
	if w.m.State() != StateDone {
		t.Error("state", w.m.State())
	}
	outs := w.take(w.m.Disassociated(dot11.ReasonInactivity, false))
	one[RemoveKeys](t, outs)
	if len(all[Failed](outs)) > 0 {
		t.Error("leaving after success is not a failure of the handshake")
	}
	quiet(t, w.rx(w.a.m1(nil), ProtectionNone))
	quiet(t, w.m.Timeout(TimerHandshake))
	quiet(t, w.m.Timeout(TimerRekey))
}

// TestBadKeyData: authentic frames with Key Data that do not fit are dropped.
func TestBadKeyData(t *testing.T) {
	for name, make := range map[string]func(a *authenticator) []byte{
		"GTK too short":    func(a *authenticator) []byte { a.gtk = a.gtk[:15]; return a.groupData() },
		"GTK too long":     func(a *authenticator) []byte { a.gtk = fill("gtk", 32); return a.groupData() },
		"GTK index 0":      func(a *authenticator) []byte { a.gtkIndex = 0; return a.groupData() },
		"GTK twice":        func(a *authenticator) []byte { return append(a.groupData(), kdeForTest(1, fill("g", 18)...)...) },
		"GTK empty":        func(a *authenticator) []byte { return kdeForTest(1, 1, 0) },
		"IGTK index 3":     func(a *authenticator) []byte { d := a.groupData(); d[bytes.Index(d, []byte{4, 0, 1})] = 3; return d },
		"IGTK short":       func(a *authenticator) []byte { a.igtk = a.igtk[:8]; return a.groupData() },
		"BIGTK index 5":    func(a *authenticator) []byte { d := a.groupData(); d[bytes.Index(d, []byte{6, 0, 9})] = 5; return d },
		"KDE beyond end":   func(a *authenticator) []byte { return append(a.groupData(), 0xdd, 200, 0, 15, 0xac, 9, 1, 2) },
		"vendor too short": func(a *authenticator) []byte { return append(a.groupData(), 0xdd, 3, 0, 15, 0xac, 1) },
	} {
		w := newWorld(t, modeNamed(t, "WPA2-PSK PMF"), nil)
		w.begin(ProtectionNone)
		rsne := bytes.Clone(w.a.rsne)
		gtk, igtk, index := w.a.gtk, w.a.igtk, w.a.gtkIndex
		outs := w.rx(w.a.m3With(0x13c8, append(rsne, make(w.a)...)), ProtectionNone)
		for _, o := range outs {
			if _, ok := o.(Note); !ok {
				t.Errorf("%s: %v", name, describe(outs))
				break
			}
		}
		w.a.gtk, w.a.igtk, w.a.gtkIndex = gtk, igtk, index
		if outs = w.rx(w.a.m3(), ProtectionNone); len(all[Authorized](outs)) != 1 {
			t.Errorf("%s: the next message 3 does not work", name)
		}
	}
}

// TestElementMismatch: message 3 must show the elements that beacon or probe
// response had.
func TestElementMismatch(t *testing.T) {
	rsne2 := func(b []byte) []byte { c := bytes.Clone(b); c[len(c)-1] ^= 1; return c }
	for name, change := range map[string]func(w *world){
		"other RSNE":         func(w *world) { w.a.rsne = rsne2(w.a.rsne) },
		"no RSNE":            func(w *world) { w.a.rsne = nil },
		"RSNE was not heard": func(w *world) { w.s.APRSNE = nil },
		"RSNXE hidden":       func(w *world) { w.a.rsnxe = []byte{244, 1, 0x20} },
		"RSNXE missing":      func(w *world) { w.s.APRSNXE = []byte{244, 1, 0x20} },
		"RSNXE other":        func(w *world) { w.s.APRSNXE, w.a.rsnxe = []byte{244, 1, 0x20}, []byte{244, 1, 0x60} },
		"WPA element differs": func(w *world) {
			_, wpa := (&mode{proto: wpaP, akm: dot11.AKMPSK, pairwise: dot11.CipherTKIP, group: dot11.CipherTKIP}).apElements()
			w.s.APWPA, w.a.extra = wpa, rsne2(wpa)
		},
	} {
		w := newWorld(t, modeNamed(t, "WPA2-PSK"), change)
		w.begin(ProtectionNone)
		outs := w.rx(w.a.m3(), ProtectionNone)
		f := one[Failed](t, outs)
		if f.Cause != CauseElementMismatch || f.Reason != dot11.ReasonElementMismatch || len(all[InstallKey](outs))+len(all[Send](outs)) != 0 {
			t.Errorf("%s: %v", name, describe(outs))
		}
	}
	// Protocol downgrade: an access point whose RSNE was hidden from us tells in WPA's message 3.
	w := newWorld(t, modeNamed(t, "WPA-PSK CCMP"), func(w *world) {
		v := modeNamed(t, "WPA2-PSK")
		w.a.extra, _ = v.apElements()
	})
	w.begin(ProtectionNone)
	if f := one[Failed](t, w.rx(w.a.m3(), ProtectionNone)); f.Cause != CauseElementMismatch {
		t.Errorf("%+v", f)
	}
	w = newWorld(t, modeNamed(t, "WPA2-PSK"), func(w *world) { w.s.APRSNXE, w.a.rsnxe = []byte{244, 1, 0x20}, []byte{244, 1, 0x20} })
	w.connect()
}

// TestWrongPSK: nothing but silence or a deauthentication follows message 2.
func TestWrongPSK(t *testing.T) {
	wrong := func(name string) *world {
		w := newWorld(t, modeNamed(t, name), func(w *world) { w.s.PMK = fill("other", len(w.a.pmk)) })
		for range 3 {
			if w.a.onM2(one[Send](t, w.rx(w.a.m1(nil), ProtectionNone)).PDU) == nil {
				t.Fatal("authenticator accepts a wrong PSK")
			}
		}
		return w
	}
	for _, r := range []dot11.Reason{dot11.Reason4WayTimeout, dot11.ReasonPrevAuthInvalid} {
		w := wrong("WPA2-PSK")
		f := one[Failed](t, w.take(w.m.Disassociated(r, false)))
		if f.Cause != CausePossiblyWrongPSK || f.M2Sent != 3 || f.PeerReason != r {
			t.Errorf("%+v", f)
		}
	}
	w := wrong("PSK-SHA256")
	if f := one[Failed](t, w.take(w.m.Timeout(TimerHandshake))); f.Cause != CausePossiblyWrongPSK {
		t.Errorf("%+v", f)
	}
	w = wrong("SAE") // the key was proven by SAE itself
	if f := one[Failed](t, w.take(w.m.Disassociated(15, false))); f.Cause != CausePeerLeft {
		t.Errorf("%+v", f)
	}
	w = wrong("WPA2-PSK") // our own doing
	if len(all[Failed](w.m.Disassociated(3, true))) != 0 {
		t.Error("own leaving reported as failure")
	}
	w = newWorld(t, modeNamed(t, "WPA2-PSK"), nil)
	if f := one[Failed](t, w.m.Timeout(TimerHandshake)); f.Cause != CauseNoAnswer {
		t.Errorf("%+v", f)
	}
	w = newWorld(t, modeNamed(t, "WPA2-PSK"), nil)
	w.begin(ProtectionNone)
	if f := one[Failed](t, w.m.Timeout(TimerHandshake)); f.Cause != CauseStopped {
		t.Errorf("%+v", f)
	}
	w = newWorld(t, modeNamed(t, "WPA-PSK TKIP"), nil)
	w.begin(ProtectionNone)
	w.rx(w.a.m3(), ProtectionNone)
	if f := one[Failed](t, w.m.Timeout(TimerHandshake)); f.Cause != CauseStopped || f.Reason != dot11.ReasonGroupKeyTimeout {
		t.Errorf("%+v", f)
	}
	w = newWorld(t, modeNamed(t, "WPA2-PSK"), nil)
	if f := one[Failed](t, w.m.Disassociated(3, false)); f.Cause != CausePeerLeft {
		t.Errorf("%+v", f)
	}
}

type brokenRand struct{}

func (brokenRand) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestNoRandomness(t *testing.T) {
	w := newWorld(t, modeNamed(t, "WPA2-PSK"), nil)
	m := New(Config{Rand: brokenRand{}})
	if _, err := m.Associated(w.s); err != nil {
		t.Fatal(err)
	}
	outs := m.Receive(testAA, w.a.m1(nil), ProtectionNone)
	if f := one[Failed](t, outs); f.Cause != CauseRandom || len(all[Send](outs)) != 0 {
		t.Errorf("%+v", f)
	}
}

func TestPTKRekeyTimer(t *testing.T) {
	w := newWorld(t, modeNamed(t, "WPA2-PSK"), func(w *world) { w.s.PTKRekey = 600 * time.Second })
	w.connect()
	found := false
	for _, s := range all[SetTimer](w.outs) {
		found = found || s == SetTimer{TimerRekey, 600 * time.Second}
	}
	if !found {
		t.Error("no rekey timer")
	}
	var counters []uint64
	for range 2 {
		s := one[Send](t, w.m.Timeout(TimerRekey))
		if err := w.a.check(s.PDU, 0x0908); err != nil || s.Message != MessageRequest || !s.Encrypt {
			t.Errorf("%+v, %v", s, err)
		}
		f, err := ParseKeyFrame(s.PDU, 16)
		if err != nil {
			t.Fatal(err)
		}
		counters = append(counters, f.ReplayCounter)
	}
	if counters[1] <= counters[0] {
		t.Errorf("request counters %v", counters)
	}
	s := one[Send](t, w.m.RequestRekey(false))
	if err := w.a.check(s.PDU, 0x0900); err != nil {
		t.Error(err)
	}
	outs := w.m.Disassociated(3, true)
	if len(all[StopTimer](outs)) != 2 {
		t.Error(describe(outs))
	}
	if len(w.m.RequestRekey(true)) != 0 {
		t.Error("request without keys")
	}
}

func TestCountermeasures(t *testing.T) {
	w := newWorld(t, modeNamed(t, "WPA-PSK TKIP"), nil)
	quiet(t, w.m.MICFailure(true))
	w.connect()
	outs := w.m.MICFailure(true)
	if err := w.a.check(one[Send](t, outs).PDU, 0x0d08); err != nil {
		t.Error(err)
	}
	if s := one[SetTimer](t, outs); s != (SetTimer{TimerCountermeasures, 60 * time.Second}) {
		t.Errorf("%+v", s)
	}
	w.m.Timeout(TimerCountermeasures)
	outs = w.m.MICFailure(false) // the first one again
	if err := w.a.check(one[Send](t, outs).PDU, 0x0d00); err != nil {
		t.Error(err)
	}
	if len(all[Failed](outs)) != 0 {
		t.Error("failures more than 60 s apart")
	}
	// The memory outlives the association.
	w.m.Disassociated(3, true)
	if _, err := w.m.Associated(w.s); err != nil {
		t.Fatal(err)
	}
	w.a.anonce = [32]byte(fill("anonce3", 32))
	w.connectAgain()
	outs = w.m.MICFailure(true)
	if f := one[Failed](t, outs); f.Cause != CauseCountermeasures || f.Reason != dot11.ReasonMICFailure {
		t.Errorf("%+v", f)
	}
	if c := one[Countermeasures](t, outs); c.For != 60*time.Second {
		t.Errorf("%+v", c)
	}
	v := newWorld(t, modeNamed(t, "WPA2-PSK TKIP group"), nil)
	v.connect()
	quiet(t, v.m.MICFailure(true)) // pairwise is CCMP
	one[Send](t, v.m.MICFailure(false))
}

// connectAgain runs a handshake in a new association of the same machine.
func (w *world) connectAgain() {
	w.t.Helper()
	w.outs = nil
	w.connect()
}

func TestExtendedKeyID(t *testing.T) {
	w := newWorld(t, modeNamed(t, "WPA2-PSK PMF"), func(w *world) { w.s.ExtKeyID, w.a.keyID = true, 0 })
	w.begin(ProtectionNone)
	keyID := w.a.keyID
	w.a.keyID = -1
	quiet(t, w.rx(w.a.m3(), ProtectionNone)) // without the KDE
	w.a.keyID = 2
	quiet(t, w.rx(w.a.m3(), ProtectionNone))
	w.a.keyID = keyID
	w.checkExt(w.rx(w.a.m3(), ProtectionNone), 0)
	w.a.anonce, w.a.keyID = [32]byte(fill("anonce2", 32)), 1
	w.begin(ProtectionEncrypted)
	w.checkExt(w.rx(w.a.m3(), ProtectionEncrypted), 1)
}

// checkExt: the key for receiving, then message 4, then its use for sending.
func (w *world) checkExt(outs []Output, index int) {
	w.t.Helper()
	var order []string
	for _, o := range outs {
		switch v := o.(type) {
		case InstallKey:
			if v.Use == KeyPairwise {
				order = append(order, fmt.Sprint("install ", v.Index, v.Tx))
			}
		case Send:
			order = append(order, "send")
		case ActivateKey:
			order = append(order, fmt.Sprint("activate ", v.Index))
		}
	}
	want := fmt.Sprint([]string{fmt.Sprint("install ", index, false), "send", fmt.Sprint("activate ", index)})
	if fmt.Sprint(order) != want {
		w.t.Errorf("%v, want %v", order, want)
	}
}

func TestDenyPTK0Rekey(t *testing.T) {
	w := newWorld(t, modeNamed(t, "WPA2-PSK"), func(w *world) { w.s.DenyPTK0Rekey = true })
	w.connect()
	w.a.anonce = [32]byte(fill("anonce2", 32))
	quiet(t, w.rx(w.a.m1(nil), ProtectionUnknown))
	outs := w.rx(w.a.m1(nil), ProtectionEncrypted)
	if f := one[Failed](t, outs); f.Cause != CauseRekeyRefused {
		t.Errorf("%+v", f)
	}
	one[RemoveKeys](t, outs)
}

// TestOCV: operating channel information is sent and checked.
func TestOCV(t *testing.T) {
	own := OCI{128, 36, 0}
	setup := func(oci []byte) *world {
		w := newWorld(t, modeNamed(t, "SAE"), func(w *world) {
			w.s.OCV, w.s.Channel, w.a.extra = true, own, oci
			w.a.wantM2 = append(bytes.Clone(w.s.OwnElement), kdeForTest(13, 128, 36, 0)...)
		})
		w.begin(ProtectionNone)
		return w
	}
	for name, oci := range map[string][]byte{
		"none": nil, "other channel": kdeForTest(13, 128, 40, 0), "narrower": kdeForTest(13, 115, 36, 0), "unknown class": kdeForTest(13, 250, 36, 0),
	} {
		w := setup(oci)
		f := one[Failed](t, w.rx(w.a.m3(), ProtectionNone))
		if f.Cause != CauseChannelMismatch || f.Frame != "eapol-key-m3" {
			t.Errorf("%s: %+v", name, f)
		}
	}
	w := setup(kdeForTest(13, 128, 36, 0))
	one[Authorized](t, w.rx(w.a.m3(), ProtectionNone))
	s := one[Send](t, w.rx(w.a.g1(), ProtectionEncrypted))
	if !bytes.HasSuffix(s.PDU, kdeForTest(13, 128, 36, 0)) {
		t.Error("group message 2 has no OCI")
	}
	w.m.ChannelChanged(OCI{128, 149, 0})
	outs := w.rx(w.a.g1(), ProtectionEncrypted)
	if f := one[Failed](t, outs); f.Cause != CauseChannelMismatch || f.Frame != "eapol-key-g1" {
		t.Errorf("%+v", f)
	}
	one[RemoveKeys](t, outs)
}

// TestSSIDConfusion (CVE-2023-52424): with SSID protection the SSID is bound in
// messages 2 and 3.
func TestSSIDConfusion(t *testing.T) {
	for _, v := range []struct {
		m3 []byte
		ok bool
	}{{[]byte("\x00\x04test"), true}, {[]byte("\x00\x04evil"), false}, {nil, false}} {
		w := newWorld(t, modeNamed(t, "SAE"), func(w *world) {
			w.s.SSIDProtection, w.a.extra = true, v.m3
			w.a.wantM2 = append(bytes.Clone(w.s.OwnElement), "\x00\x04test"...)
		})
		w.begin(ProtectionNone)
		outs := w.rx(w.a.m3(), ProtectionNone)
		if v.ok {
			one[Authorized](t, outs)
		} else if f := one[Failed](t, outs); f.Cause != CauseSSIDMismatch {
			t.Errorf("%+v", f)
		}
	}
}

func TestTransitionDisable(t *testing.T) {
	w := newWorld(t, modeNamed(t, "SAE"), func(w *world) { w.a.extra = []byte{0xdd, 5, 0x50, 0x6f, 0x9a, 0x20, 0x09} })
	w.connect()
	if d := one[TransitionDisable](t, w.outs); d.Bitmap != TransitionDisablePersonal|TransitionDisableOWE {
		t.Errorf("%+v", d)
	}
}

// TestEAP: message 1 may come before the MSK; a cached PMK that the access point
// does not know leads back to EAP.
func TestEAP(t *testing.T) {
	v := modeNamed(t, "EAP")
	w := newWorld(t, v, func(w *world) { w.s.PMK = nil })
	if w.m.State() != StateWaitPMK {
		t.Fatal("state", w.m.State())
	}
	quiet(t, w.rx(w.a.m1(nil), ProtectionNone))
	if _, err := w.m.SetMSK(make(keys.Secret, 31)); err == nil {
		t.Error("MSK of 31 bytes accepted")
	}
	outs, err := w.m.SetMSK(append(bytes.Clone(w.a.pmk), fill("rest", 32)...))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.a.onM2(one[Send](t, outs).PDU); err != nil {
		t.Fatal(err)
	}
	outs = w.rx(w.a.m3(), ProtectionNone)
	one[Authorized](t, outs)
	p := one[AddPMKSA](t, outs)
	if p.PMKID != keys.NewPMKID(keys.HashSHA1, w.a.pmk, testAA, testSPA) {
		t.Errorf("PMKID %x", p.PMKID)
	}

	cached := func(w *world) { w.s.Cached = true; w.s.PMKID = &p.PMKID }
	w = newWorld(t, v, cached)
	if outs := w.rx(w.a.m1(kdeForTest(4, p.PMKID[:]...)), ProtectionNone); len(all[Send](outs)) != 1 {
		t.Error("own PMKID not accepted")
	}
	w = newWorld(t, v, cached)
	outs = w.rx(w.a.m1(kdeForTest(4, fill("other", 16)...)), ProtectionNone)
	one[RequestEAP](t, outs)
	if w.m.State() != StateWaitPMK || len(all[Send](outs)) != 0 {
		t.Error(describe(outs))
	}
	if _, err := w.m.SetMSK(append(bytes.Clone(w.a.pmk), fill("rest", 32)...)); err != nil {
		t.Fatal(err)
	}
	w.connect()
	w = newWorld(t, v, cached)
	w.rx(w.a.m1(nil), ProtectionNone)
	if d := one[DropPMKSA](t, w.m.Disassociated(15, false)); d.PMKID != p.PMKID || d.AA != testAA {
		t.Errorf("%+v", d)
	}
	// SAE: another PMKID in message 1 is no reason to do anything.
	w = newWorld(t, modeNamed(t, "SAE"), nil)
	quiet(t, w.rx(w.a.m1(kdeForTest(4, fill("other", 16)...)), ProtectionNone))
	w.connect()
}

func TestAssociationChecked(t *testing.T) {
	good := newWorld(t, modeNamed(t, "WPA2-PSK"), nil).s
	m := New(Config{Rand: &counterRand{}})
	for name, change := range map[string]func(*Association){
		"no protocol":   func(a *Association) { a.Proto = 0 },
		"both":          func(a *Association) { a.Proto = 3 },
		"pairwise":      func(a *Association) { a.Pairwise = dot11.CipherBIPCMAC128 },
		"group":         func(a *Association) { a.Group = dot11.CipherNone },
		"mgmt":          func(a *Association) { a.MgmtGroup = dot11.CipherCCMP },
		"no element":    func(a *Association) { a.OwnElement = nil },
		"no FT":         func(a *Association) { a.AKM = dot11.AKMFTPSK },
		"no PMK":        func(a *Association) { a.PMK = nil },
		"PMK length":    func(a *Association) { a.PMK = a.PMK[:31] },
		"no handshake":  func(a *Association) { a.AKM = dot11.AKMFILSSHA256 },
		"SAE in WPA":    func(a *Association) { a.Proto, a.AKM = dot11.ProtoWPA, dot11.AKMSAE },
		"OWE PMK of 40": func(a *Association) { a.AKM, a.PMK = dot11.AKMOWE, make(keys.Secret, 40) },
	} {
		a := good
		change(&a)
		if outs, err := m.Associated(a); err == nil || outs != nil || m.State() != StateIdle {
			t.Errorf("%s accepted", name)
		}
	}
	if _, err := m.SetMSK(make(keys.Secret, 64)); err == nil {
		t.Error("MSK without an association")
	}
}

// TestTooManyKeys: the record of keys is bounded, and its end is the association's.
func TestTooManyKeys(t *testing.T) {
	w := newWorld(t, modeNamed(t, "WPA2-PSK"), nil)
	w.connect()
	for i := len(w.m.seen); i < maxSeen; i++ {
		w.m.seen[keyDigest{byte(i), byte(i >> 8), 1}] = struct{}{}
	}
	w.a.gtk = fill("one more", 16)
	outs := w.rx(w.a.g1(), ProtectionEncrypted)
	if f := one[Failed](t, outs); f.Cause != CauseTooManyKeys || len(all[InstallKey](outs)) != 0 {
		t.Errorf("%+v", f)
	}
}

// TestGroupKeysElsewhere (CVE-2017-13087, 13088): keys of a WNM sleep response obey
// the same rule.
func TestGroupKeysElsewhere(t *testing.T) {
	w := newWorld(t, modeNamed(t, "WPA2-PSK PMF"), nil)
	ks := []GroupKey{{Use: KeyGroup, Index: 1, Key: w.a.gtk}, {Use: KeyMgmtGroup, Index: 4, Key: w.a.igtk}}
	if _, err := w.m.GroupKeys(ks); err == nil {
		t.Error("group keys without a PTK")
	}
	w.connect()
	outs, err := w.m.GroupKeys(ks)
	if err != nil {
		t.Fatal(err)
	}
	quiet(t, outs)
	ks[0].Key, ks[0].Index = fill("new", 16), 2
	if outs, err = w.m.GroupKeys(ks); err != nil || len(all[InstallKey](outs)) != 1 {
		t.Error(err, describe(outs))
	}
	if _, err := w.m.GroupKeys([]GroupKey{{Use: KeyGroup, Index: 1, Key: fill("n", 5)}}); err == nil {
		t.Error("GTK of 5 bytes accepted")
	}
	if _, err := w.m.GroupKeys([]GroupKey{{Use: KeyPairwise}}); err == nil {
		t.Error("pairwise key accepted")
	}
}

func TestMachineDoesNotPrintKeys(t *testing.T) {
	w := newWorld(t, modeNamed(t, "WPA2-PSK"), nil)
	w.connect()
	s := fmt.Sprintf("%v %+v %#v %s", w.m, w.m, w.m, w.m) + describe(w.outs)
	for _, secret := range [][]byte{w.a.pmk, w.a.tk, w.a.gtk} {
		for _, form := range []string{fmt.Sprintf("%x", secret), fmt.Sprintf("%v", secret), string(secret)} {
			if bytes.Contains([]byte(s), []byte(form)) {
				t.Errorf("%q leaks", form)
			}
		}
	}
}

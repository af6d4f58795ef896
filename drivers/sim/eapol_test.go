package sim

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"

	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
	"gosupplicant/engine/keys"
	"gosupplicant/engine/owe"
	"gosupplicant/engine/sae"
)

// supplicant is the least that answers the authenticator, with offsets counted
// by hand from 12.7.2: a codec apart from simap's.
type supplicant struct {
	b      *bench
	h      *handle
	rsne   []byte
	pmk    []byte
	ptk    keys.PTK
	hash   keys.Hash
	mic    keys.MIC
	ver    byte
	noM4   int // messages 4 not to be sent
	anonce keys.Nonce
	got    []string
	sae    *sae.Machine
	done   *sae.Done
	owe    *owe.Key
}

const wpaAir = `
delay 1ms
radio phy0 interfaces=sim0 addr=02:00:00:00:00:00 bands=2
ap "wpa2" bssid=02:00:00:00:aa:03 channel=11 signal=-60 security=wpa2 passphrase="correct horse"
ap "pmf"  bssid=02:00:00:00:aa:04 channel=11 signal=-60 security=wpa2-pmf passphrase="correct horse"
ap "owe"  bssid=02:00:00:00:aa:06 channel=11 signal=-60 security=owe
ap "sae"  bssid=02:00:00:00:aa:05 channel=11 signal=-60 security=wpa3 passphrase="correct horse"
`

var apPMF = dot11.MAC{2, 0, 0, 0, 0xaa, 4}

// newSupplicant opens sim0 and answers EAPOL frames as they come.
func newSupplicant(t *testing.T, ssid, passphrase string, akm dot11.AKM, pmf bool) *supplicant {
	t.Helper()
	b := newBench(t, wpaAir)
	s := &supplicant{b: b, hash: keys.HashSHA1, mic: keys.MICHMACSHA1, ver: 2}
	switch akm {
	case dot11.AKMPSKSHA256:
		s.hash, s.mic, s.ver = keys.HashSHA256, keys.MICAESCMAC, 3
	case dot11.AKMOWE:
		s.hash, s.mic, s.ver = keys.HashSHA256, keys.MICHMACSHA256, 0
	case dot11.AKMSAE:
		s.hash, s.mic, s.ver = keys.HashSHA256, keys.MICAESCMAC, 0
	}
	ccmp, _ := dot11.CipherCCMP.RSNSuite()
	suite, _ := akm.RSNSuite()
	e := dot11.RSNE{Version: 1, Group: ccmp, Pairwise: []dot11.Suite{ccmp}, AKMs: []dot11.Suite{suite}}
	if pmf {
		e.Caps = dot11.RSNCapMFPC
	}
	s.rsne = e.Append(nil)
	pmk, err := keys.PSK([]byte(passphrase), []byte(ssid))
	must(t, err)
	s.pmk = pmk
	i, err := b.drv.Open(drivers.Config{Ifname: "sim0", Events: func(ev drivers.Event) {
		switch ev := ev.(type) {
		case drivers.EventEAPOL:
			s.receive(t, ev)
		case drivers.EventAssoc:
			if s.owe != nil {
				res, err := s.owe.Finish(ev.RespIEs)
				must(t, err)
				s.pmk = res.PMK
			}
			b.log = append(b.log, fmt.Sprintf("0s sim0 %s", describe(ev)))
		case drivers.EventAuth:
			if ev.Alg == dot11.AuthAlgSAE {
				s.saeOutputs(t, ev.BSSID, s.sae.Receive(ev.Transaction, dot11.Status(ev.Status), ev.IEs))
			}
		case drivers.EventState:
		default:
			b.log = append(b.log, fmt.Sprintf("0s sim0 %s", describe(ev)))
		}
	}})
	must(t, err)
	s.h = i.(*handle)
	b.scan(s.h, drivers.ScanParams{})
	b.trace()
	return s
}

// join authenticates and associates, and lets the handshake run.
func (s *supplicant) join(t *testing.T, bssid dot11.MAC, ssid string) []string {
	t.Helper()
	must(t, s.h.Authenticate(&drivers.AuthParams{BSSID: bssid, SSID: []byte(ssid), Alg: dot11.AuthAlgOpen}))
	s.b.step(5 * time.Millisecond)
	must(t, s.h.Associate(&drivers.AssocParams{BSSID: bssid, SSID: []byte(ssid), Freq: 2462, IEs: s.rsne, Crypto: drivers.Crypto{Privacy: true}}))
	return s.b.step(10 * time.Millisecond)
}

func (s *supplicant) receive(t *testing.T, ev drivers.EventEAPOL) {
	p := ev.PDU
	info := binary.BigEndian.Uint16(p[5:])
	s.got = append(s.got, fmt.Sprintf("%04x enc=%d", info, ev.Encrypted))
	data := p[99:]
	reply := make([]byte, 99)
	reply[0], reply[1], reply[4] = 1, 3, 2
	copy(reply[9:17], p[9:17])
	switch {
	case info&(1<<3) != 0 && info&(1<<8) == 0: // message 1
		copy(s.anonce[:], p[17:49])
		snonce := keys.Nonce{7, 7, 7}
		s.ptk = keys.DerivePTK(s.hash, s.pmk, ev.Src, dot11.MAC{2}, s.anonce, snonce, keys.PTKLengths{KCK: 16, KEK: 16, TK: 16})
		copy(reply[17:], snonce[:])
		reply = append(reply, s.rsne...)
		binary.BigEndian.PutUint16(reply[5:], uint16(s.ver)|1<<3|1<<8)
		s.send(t, ev.Src, reply, ev.Encrypted == drivers.EncryptionYes)
	case info&(1<<3) != 0: // message 3
		s.verify(t, p)
		if s.noM4 > 0 {
			s.noM4--
			return
		}
		binary.BigEndian.PutUint16(reply[5:], uint16(s.ver)|1<<3|1<<8|1<<9)
		s.send(t, ev.Src, reply, ev.Encrypted == drivers.EncryptionYes)
		s.install(t, ev.Src, data)
	default: // group message 1
		s.verify(t, p)
		binary.BigEndian.PutUint16(reply[5:], uint16(s.ver)|1<<8|1<<9)
		s.send(t, ev.Src, reply, true)
		s.installGroup(t, data)
	}
}

func (s *supplicant) send(t *testing.T, to dot11.MAC, b []byte, encrypt bool) {
	binary.BigEndian.PutUint16(b[2:], uint16(len(b)-4))
	binary.BigEndian.PutUint16(b[97:], uint16(len(b)-99))
	mic, err := s.mic.Sum(s.ptk.KCK, b)
	must(t, err)
	copy(b[81:97], mic)
	must(t, s.h.SendEAPOL(to, b, encrypt))
}

func (s *supplicant) verify(t *testing.T, p []byte) {
	b := bytes.Clone(p)
	clear(b[81:97])
	mic, err := s.mic.Sum(s.ptk.KCK, b)
	if err != nil || !bytes.Equal(mic, p[81:97]) {
		t.Errorf("MIC % x, want % x, %v", p[81:97], mic, err)
	}
}

func (s *supplicant) install(t *testing.T, ap dot11.MAC, data []byte) {
	must(t, s.h.SetKey(&drivers.Key{Use: drivers.KeyPairwise, Addr: ap, Key: s.ptk.TK, Tx: true}))
	es := s.installGroup(t, data)
	if !es.Has(dot11.ElementRSN) {
		t.Error("message 3 has no RSNE")
	}
}

func (s *supplicant) installGroup(t *testing.T, data []byte) dot11.Elements {
	plain, err := keys.Unwrap(s.ptk.KEK, data)
	must(t, err)
	es := dot11.Elements(plain)
	gtk, ok := es.FindVendor(dot11.OUIIEEE, 1)
	if !ok || len(gtk) != 2+16 {
		t.Fatalf("GTK KDE % x", gtk)
	}
	must(t, s.h.SetKey(&drivers.Key{Use: drivers.KeyGroup, Index: int(gtk[0] & 3), Key: gtk[2:]}))
	if igtk, ok := es.FindVendor(dot11.OUIIEEE, 9); ok {
		must(t, s.h.SetKey(&drivers.Key{Use: drivers.KeyIGTK, Index: int(igtk[0]), Key: igtk[8:]}))
	}
	return es
}

func (s *supplicant) secure(t *testing.T, want bool) {
	t.Helper()
	if ok, err := s.b.air.Secure("sim0"); err != nil || ok != want {
		t.Errorf("secure: %v, %v, want %v; messages %q", ok, err, want, s.got)
	}
}

func TestHandshakePSK(t *testing.T) {
	s := newSupplicant(t, "wpa2", "correct horse", dot11.AKMPSK, false)
	s.join(t, apWPA, "wpa2")
	s.secure(t, true)
	if got := strings.Join(s.got, ","); got != "008a enc=1,13ca enc=1" {
		t.Errorf("messages %s", got)
	}
	if k, _ := s.b.air.Keys("sim0"); len(k) != 2 {
		t.Errorf("%d keys", len(k))
	}
	// Group rekey: protected, another index.
	s.got = nil
	must(t, s.b.air.Rekey(apWPA, false))
	s.b.step(10 * time.Millisecond)
	s.secure(t, true)
	must(t, s.b.air.Rekey(apWPA, true))
	s.b.step(10 * time.Millisecond)
	s.secure(t, true)
	if got := strings.Join(s.got, ","); got != "1382 enc=2,008a enc=2,13ca enc=2" {
		t.Errorf("messages of rekeying %s", got)
	}
	s.b.loop.Advance(time.Minute)
	if st, _ := s.h.State(); !st.Associated || !s.b.air.find("sim0").link.timer.Pending() {
		t.Error("the association did not last")
	}
}

func TestHandshakePSKSHA256(t *testing.T) {
	s := newSupplicant(t, "pmf", "correct horse", dot11.AKMPSKSHA256, true)
	s.join(t, apPMF, "pmf")
	s.secure(t, true)
	igtk := 0
	list, _ := s.b.air.Keys("sim0")
	for _, k := range list {
		if k.Use == drivers.KeyIGTK && k.Index == 4 && len(k.Key) == 16 {
			igtk++
		}
	}
	if igtk != 1 {
		t.Errorf("no IGTK among %d keys", len(list))
	}
}

// TestHandshakeWrongPassphrase: the AP hears a MIC that does not fit, asks four
// times and gives up.
func TestHandshakeWrongPassphrase(t *testing.T) {
	s := newSupplicant(t, "wpa2", "battery staple", dot11.AKMPSK, false)
	s.join(t, apWPA, "wpa2")
	got := s.b.step(10 * time.Second)
	if len(s.got) != 4 || len(got) != 1 || !strings.HasPrefix(got[0], "drivers.EventDisconnected{BSSID:02:00:00:00:aa:03 Reason:15 ") {
		t.Errorf("messages %q, events %q", s.got, got)
	}
	s.secure(t, false)
	if !s.b.loop.Idle() {
		t.Error("timers are left")
	}
}

// TestHandshakeLosses: message 4 is missing twice; message 3 comes again.
func TestHandshakeLosses(t *testing.T) {
	s := newSupplicant(t, "wpa2", "correct horse", dot11.AKMPSK, false)
	s.noM4 = 2
	s.join(t, apWPA, "wpa2")
	s.secure(t, false)
	s.b.step(3 * time.Second)
	s.secure(t, true)
	if got := strings.Join(s.got, ","); got != "008a enc=1,13ca enc=1,13ca enc=1,13ca enc=1" {
		t.Errorf("messages %s", got)
	}
	// A replayed message 1 or 2 of the past changes nothing.
	must(t, s.h.SendEAPOL(apWPA, make([]byte, 99), false))
	s.b.step(time.Second)
	s.secure(t, true)
}

func TestHandshakeRefused(t *testing.T) {
	s := newSupplicant(t, "wpa2", "correct horse", dot11.AKMPSK, false)
	for name, tc := range map[string]struct {
		bssid dot11.MAC
		ssid  string
		rsne  func(*dot11.RSNE)
		want  int
	}{
		"no RSNE":           {apWPA, "wpa2", nil, 40},
		"group":             {apWPA, "wpa2", func(e *dot11.RSNE) { e.Group, _ = dot11.CipherTKIP.RSNSuite() }, 41},
		"pairwise":          {apWPA, "wpa2", func(e *dot11.RSNE) { e.Pairwise[0], _ = dot11.CipherGCMP.RSNSuite() }, 42},
		"AKM":               {apWPA, "wpa2", func(e *dot11.RSNE) { e.AKMs[0], _ = dot11.AKMPSKSHA256.RSNSuite() }, 43},
		"SAE":               {dot11.MAC{2, 0, 0, 0, 0xaa, 5}, "sae", func(e *dot11.RSNE) { e.AKMs[0], _ = dot11.AKMSAE.RSNSuite() }, 31},
		"SAE without PMKSA": {dot11.MAC{2, 0, 0, 0, 0xaa, 5}, "sae", func(e *dot11.RSNE) { e.AKMs[0], _ = dot11.AKMSAE.RSNSuite(); e.Caps = dot11.RSNCapMFPC }, 53},
	} {
		body := s.rsne[2:]
		e, err := dot11.ParseRSNE(body)
		must(t, err)
		keep := s.rsne
		s.rsne = nil
		if tc.rsne != nil {
			tc.rsne(e)
			s.rsne = e.Append(nil)
		}
		got := s.join(t, tc.bssid, tc.ssid)
		s.rsne = keep
		if want := fmt.Sprintf("drivers.EventAssocReject{BSSID:%v Status:%d ", tc.bssid, tc.want); len(got) != 1 || !strings.HasPrefix(got[0], want) {
			t.Errorf("%s: %q, want %s", name, got, want)
		}
	}
}

// TestHandshakeFaults runs many handshakes through loss, doubling and delay:
// each ends secure or disconnected, and no key is ever half right.
func TestHandshakeFaults(t *testing.T) {
	secured := 0
	for seed := range 25 {
		s := newSupplicant(t, "wpa2", "correct horse", dot11.AKMPSK, false)
		n := seed
		s.b.air.OnFrame(func(f Frame) Fate {
			if !f.EAPOL {
				return Fate{}
			}
			n = n*1103515245 + 12345
			switch n >> 16 & 7 {
			case 0:
				return Fate{Drop: true}
			case 1:
				return Fate{Copies: 1}
			case 2:
				return Fate{Delay: 150 * time.Millisecond}
			case 3:
				b := bytes.Clone(f.Bytes)
				b[len(b)-1] ^= 1
				if !f.ToAP {
					return Fate{} // the test's supplicant trusts its AP
				}
				return Fate{Bytes: b}
			}
			return Fate{}
		})
		s.join(t, apWPA, "wpa2")
		s.b.loop.Advance(20 * time.Second)
		ok, _ := s.b.air.Secure("sim0")
		st, _ := s.h.State()
		if ok {
			secured++
		} else if st.Associated {
			// The AP waits for a message 4 that it will never be able to read: only a
			// station that installed the key too early gets here.
			if _, _, _, done := s.b.air.findAP(apWPA).ap.Keys(dot11.MAC{2}); done {
				t.Errorf("seed %d: keys differ; messages %q", seed, s.got)
			}
		}
	}
	if secured < 16 {
		t.Errorf("%d of 25 handshakes succeed", secured)
	}
}

var apSAE = dot11.MAC{2, 0, 0, 0, 0xaa, 5}

// startSAE begins an exchange with apSAE.
func (s *supplicant) startSAE(t *testing.T, password string, h2e bool) {
	t.Helper()
	m, err := sae.New(sae.Config{Rand: rand.Reader, Own: dot11.MAC{2}, Peer: apSAE, H2E: h2e, SSID: []byte("sae"), Password: keys.Secret(password)})
	must(t, err)
	s.sae, s.done = m, nil
	s.saeOutputs(t, apSAE, m.Start())
}

func (s *supplicant) saeOutputs(t *testing.T, bssid dot11.MAC, outs []sae.Output) {
	for _, o := range outs {
		switch o := o.(type) {
		case sae.Send:
			data := binary.LittleEndian.AppendUint16(nil, o.Transaction)
			data = binary.LittleEndian.AppendUint16(data, uint16(o.Status))
			must(t, s.h.Authenticate(&drivers.AuthParams{BSSID: bssid, SSID: []byte("sae"), Alg: dot11.AuthAlgSAE, SAEData: append(data, o.Body...)}))
		case sae.Done:
			s.done, s.pmk = &o, o.PMK
		}
	}
}

// associateSAE associates after an exchange, or with the cached PMKSA.
func (s *supplicant) associateSAE(t *testing.T, pmkids ...[16]byte) []string {
	t.Helper()
	e, err := dot11.ParseRSNE(s.rsne[2:])
	must(t, err)
	e.PMKIDs = pmkids
	s.rsne = e.Append(nil)
	must(t, s.h.Associate(&drivers.AssocParams{BSSID: apSAE, SSID: []byte("sae"), Freq: 2462, IEs: s.rsne, Crypto: drivers.Crypto{Privacy: true}}))
	return s.b.step(10 * time.Millisecond)
}

func TestHandshakeSAE(t *testing.T) {
	for _, h2e := range []bool{true, false} {
		s := newSupplicant(t, "sae", "unused here", dot11.AKMSAE, true)
		s.startSAE(t, "correct horse", h2e)
		s.b.step(20 * time.Millisecond)
		if s.done == nil {
			t.Fatalf("H2E %v: the exchange does not end", h2e)
		}
		s.associateSAE(t)
		s.secure(t, true)
		if got := strings.Join(s.got, ","); got != "0088 enc=1,13c8 enc=1" {
			t.Errorf("messages %s", got)
		}
		// Back with the PMKSA, without another exchange.
		must(t, s.h.Deauthenticate(apSAE, 3))
		s.b.step(10 * time.Millisecond)
		must(t, s.h.Authenticate(&drivers.AuthParams{BSSID: apSAE, SSID: []byte("sae"), Alg: dot11.AuthAlgOpen}))
		s.b.step(10 * time.Millisecond)
		s.associateSAE(t, s.done.PMKID)
		s.secure(t, true)
	}
}

func TestHandshakeSAEWrongPassword(t *testing.T) {
	s := newSupplicant(t, "sae", "unused here", dot11.AKMSAE, true)
	s.startSAE(t, "battery staple", true)
	s.b.step(time.Minute)
	if s.done != nil {
		t.Error("the exchange succeeds")
	}
	if !s.b.loop.Idle() {
		t.Error("timers are left")
	}
}

// TestCommitKeepsAssociation: a commit in the name of an associated station,
// which anybody can send, ends nothing.
func TestCommitKeepsAssociation(t *testing.T) {
	s := newSupplicant(t, "sae", "unused here", dot11.AKMSAE, true)
	s.startSAE(t, "correct horse", true)
	s.b.step(20 * time.Millisecond)
	s.associateSAE(t)
	h := dot11.MgmtHeader{Subtype: dot11.SubtypeAuth, DA: apSAE, SA: dot11.MAC{2}, BSSID: apSAE}
	for _, body := range [][]byte{{3, 0, 1, 0, 126, 0, 19, 0}, {3, 0, 1, 0, 0, 0}, {3, 0, 2, 0, 0, 0}} {
		s.b.air.findAP(apSAE).ap.Receive(append(h.Append(nil), body...), nil)
	}
	s.b.step(time.Minute)
	s.secure(t, true)
}

func TestHandshakeOWE(t *testing.T) {
	apOWE := dot11.MAC{2, 0, 0, 0, 0xaa, 6}
	s := newSupplicant(t, "owe", "unused here", dot11.AKMOWE, true)
	rsne := s.rsne
	for _, group := range []byte{25, 19} {
		key, err := owe.NewKey(rand.Reader, 19)
		must(t, err)
		element := key.Element()
		element[3] = group
		s.owe, s.rsne = key, append(rsne[:len(rsne):len(rsne)], element...)
		got := s.join(t, apOWE, "owe")
		if refused := "drivers.EventAssocReject{BSSID:02:00:00:00:aa:06 Status:77 "; group == 25 && (len(got) != 1 || !strings.HasPrefix(got[0], refused)) {
			t.Errorf("group 25: %q, want %s", got, refused)
		}
	}
	s.secure(t, true)
	must(t, s.h.Deauthenticate(apOWE, 3))
	for want, dh := range map[int][]byte{
		40:  nil,
		136: dot11.AppendExtElement(nil, dot11.ExtIDDHParameter, append([]byte{19, 0}, bytes.Repeat([]byte{0xff}, 32)...)...),
	} {
		s.rsne = append(rsne[:len(rsne):len(rsne)], dh...)
		got := s.join(t, apOWE, "owe")
		if refused := fmt.Sprintf("drivers.EventAssocReject{BSSID:02:00:00:00:aa:06 Status:%d ", want); len(got) != 1 || !strings.HasPrefix(got[0], refused) {
			t.Errorf("%q, want %s", got, refused)
		}
	}
}

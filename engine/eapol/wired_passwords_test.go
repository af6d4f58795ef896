//go:build wired

package eapol_test

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/eap/psk"
	"gosupplicant/engine/eap/pwd"
	"gosupplicant/engine/eap/sim"
	"gosupplicant/engine/eapol"
)

func init() {
	registry = append(registry, pwd.Kind(), psk.Kind(), sim.KindSIM(), sim.KindAKA(), sim.KindAKAPrime())
}

// passwordUsers: the hashes are those of "secret", the salted ones with the salt
// "salt" behind them.
const passwordUsers = `"pwd" PWD "secret"
"nt" PWD hash:878d8014606cda29677a44efa1353fc7
"ssha1" PWD ssha1:8152bc582f58c854f580cb101d3182813dec4afe73616c74
"mschap" MSCHAPV2 "secret"
"gtc" GTC "secret"
"md5" MD5 "secret"
"psk" PSK 30313233343536373839616263646566
"0"* AKA
"1"* SIM
"2"* AKA
"3"* SIM
"4"* AKA
"5"* SIM
"6"* AKA'
"7"* AKA'
"8"* AKA'
`

func password(method eap.Type, id, pw string) *eap.Config {
	return &eap.Config{Methods: []eap.Type{method}, Identity: []byte(id), Password: eap.Password{Value: []byte(pw)}}
}

func TestWiredPasswordMethods(t *testing.T) {
	l := newLab(t, "", passwordUsers)
	for name, c := range map[string]*eap.Config{
		"MD5":      password(eap.TypeMD5, "md5", "secret"),
		"GTC":      password(eap.TypeGTC, "gtc", "secret"),
		"MSCHAPV2": password(eap.TypeMSCHAPv2, "mschap", "secret"),
		"PSK":      password(eap.TypePSK, "psk", "0123456789abcdef"),
	} {
		o := l.succeeds(station(c, &eap.Memory{}), nil)
		t.Logf("%s: %v, %d messages", name, o.took, o.rounds)
	}
	hash, _ := hex.DecodeString("878d8014606cda29677a44efa1353fc7")
	c := password(eap.TypeMSCHAPv2, "mschap", "")
	c.Password = eap.Password{Value: hash, Hash: true}
	l.succeeds(station(c, nil), nil)
	// A password that is asked for.
	c = password(eap.TypeMSCHAPv2, "mschap", "")
	c.Password = eap.Password{}
	l.succeeds(station(c, nil), map[eap.Field]string{eap.FieldPassword: "secret"})
}

func TestWiredWrongPasswords(t *testing.T) {
	for check, c := range map[string]*eap.Config{
		"server refused": password(eap.TypeMD5, "md5", "wrong"),
		"password":       password(eap.TypeMSCHAPv2, "mschap", "wrong"),
		"server proof":   password(eap.TypePWD, "pwd", "wrong"),
	} {
		l := newLab(t, "", passwordUsers) // a station that failed is kept waiting
		l.fails(station(c, nil), check)
	}
	l := newLab(t, "", passwordUsers)
	l.fails(station(password(eap.TypePSK, "psk", "wrong 16 bytes !"), nil), "server refused")
}

// agrees runs and insists on success and on the Session-Id at the other end.
func (l *lab) agrees(m *eapol.Machine) *outcome {
	l.t.Helper()
	o := l.run(m, nil)
	if o.failure != nil {
		l.t.Fatalf("failed: %+v", o.failure.Reason)
	}
	l.waitLog("Session-Id - hexdump(len=33): " + hexdump(o.success.Keys.SessionID))
	return o
}

func TestWiredPWDGroups(t *testing.T) {
	for _, g := range []int{19, 20, 21} {
		for _, size := range []int{0, 40} {
			l := newLab(t, fmt.Sprintf("pwd_group=%d\nfragment_size=%d\n", g, 1400-size*33), passwordUsers)
			c := password(eap.TypePWD, "pwd", "secret")
			c.FragmentSize = size
			o := l.agrees(station(c, nil))
			if few := o.rounds < 6; few != (size == 0) {
				t.Errorf("group %d, fragments of %d: %d messages", g, size, o.rounds)
			}
		}
	}
	l := newLab(t, "pwd_group=20\n", passwordUsers)
	c := password(eap.TypePWD, "pwd", "secret")
	c.Phase1 = "eap_pwd_groups=19"
	l.fails(station(c, nil), "group")
}

func TestWiredPWDPreparations(t *testing.T) {
	l := newLab(t, "", passwordUsers)
	l.agrees(station(password(eap.TypePWD, "nt", "secret"), nil))
	l.agrees(station(password(eap.TypePWD, "ssha1", "secret"), nil))
	hash, _ := hex.DecodeString("878d8014606cda29677a44efa1353fc7")
	c := password(eap.TypePWD, "nt", "")
	c.Password = eap.Password{Value: hash, Hash: true}
	l.agrees(station(c, nil))
}

// TestWiredPWDInside binds the tunnel to the MSK of EAP-pwd, which hostapd does
// not print.
func TestWiredPWDInside(t *testing.T) {
	w := buildWith(t, "", "\"peap\" PEAP\n\"inner\" PWD \"secret\" [2]\n", ecKey(t), nil)
	c := w.peapConfig("inner", "auth=PWD")
	c.Phase1 = "crypto_binding=2"
	w.succeeds(station(c, nil), nil)
}

const (
	wiredKi  = "90dca4eda45b53cf0f12d7c9c3bc6a89"
	wiredOPc = "cb9cccc4b9258e6dca4760379fb82581"
)

// hlr answers hostapd's requests for authentication data, with one subscriber key
// for everybody and one sequence number.
type hlr struct {
	t    *testing.T
	conn *net.UnixConn
	m    *sim.Milenage
	sqn  uint64
	done chan struct{}
}

func newHLR(t *testing.T, sqn uint64) *hlr {
	t.Helper()
	ki, _ := hex.DecodeString(wiredKi)
	opc, _ := hex.DecodeString(wiredOPc)
	m, err := sim.NewMilenage(ki, opc)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: filepath.Join(t.TempDir(), "hlr"), Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	h := &hlr{t: t, conn: conn, m: m, sqn: sqn, done: make(chan struct{})}
	go h.serve()
	t.Cleanup(func() { conn.Close(); <-h.done })
	return h
}

func (h *hlr) conf() string { return "eap_sim_db=unix:" + h.conn.LocalAddr().String() + "\n" }

func (h *hlr) serve() {
	defer close(h.done)
	buf := make([]byte, 1000)
	for {
		n, from, err := h.conn.ReadFromUnix(buf)
		if err != nil {
			return
		}
		if a := h.answer(strings.Fields(string(bytes.TrimRight(buf[:n], "\x00")))); a != "" {
			h.conn.WriteToUnix([]byte(a), from)
		}
	}
}

func (h *hlr) answer(req []string) string {
	switch {
	case len(req) == 3 && req[0] == "SIM-REQ-AUTH":
		out := "SIM-RESP-AUTH " + req[1]
		for range 3 {
			r := make([]byte, 16)
			rand.Read(r)
			kc, sres := h.m.GSM(r)
			out += fmt.Sprintf(" %x:%x:%x", kc, sres, r)
		}
		return out
	case len(req) == 2 && req[0] == "AKA-REQ-AUTH":
		r := make([]byte, 16)
		rand.Read(r)
		h.sqn++
		autn := h.m.AUTN(r, binary.BigEndian.AppendUint64(nil, h.sqn)[2:], []byte{0x80, 0})
		res, ck, ik, _, _ := h.m.F2345(r)
		return fmt.Sprintf("AKA-RESP-AUTH %s %x %x %x %x %x", req[1], r, autn, ik, ck, res)
	case len(req) == 4 && req[0] == "AKA-AUTS":
		auts, _ := hex.DecodeString(req[2])
		r, _ := hex.DecodeString(req[3])
		if sqn, ok := h.m.Resync(r, auts); ok {
			h.sqn = binary.BigEndian.Uint64(append([]byte{0, 0}, sqn...))
		}
	}
	return ""
}

func card(method eap.Type, imsi string) *eap.Config {
	return password(method, imsi+"@wlan.example", wiredKi+":"+wiredOPc+":000000000020")
}

// TestWiredSIM: full authentication, then a fast one, then with a pseudonym.
func TestWiredSIM(t *testing.T) {
	for _, result := range []string{"", "result_ind=1"} {
		h := newHLR(t, 0x30)
		conf := h.conf()
		if result != "" {
			conf += "eap_sim_aka_result_ind=1\n"
		}
		l := newLab(t, conf, passwordUsers)
		for prefix, method := range map[string]eap.Type{"1": eap.TypeSIM, "0": eap.TypeAKA, "6": eap.TypeAKAPrime} {
			mem := &eap.Memory{}
			c := card(method, prefix+"232010000000000")
			c.Phase1 = result
			l.succeeds(station(c, mem), nil)
			l.succeeds(station(c, mem), nil)
			if log := l.log.String(); !strings.Contains(log, "Using fast re-authentication") {
				t.Errorf("%v: no fast reauthentication", method)
			}
			l.succeeds(station(c, mem), nil)
			m := station(c, mem)
			c.FastReauth = false
			l.succeeds(m, nil)
			if !strings.Contains(l.log.String(), "Pseudonym username '") {
				t.Errorf("%v: no pseudonym", method)
			}
		}
	}
}

// TestWiredAKAResync: the operator's sequence number is behind the card's.
func TestWiredAKAResync(t *testing.T) {
	for prefix, method := range map[string]eap.Type{"0": eap.TypeAKA, "6": eap.TypeAKAPrime} {
		h := newHLR(t, 1)
		l := newLab(t, h.conf(), passwordUsers)
		l.succeeds(station(card(method, prefix+"232010000000000"), nil), nil)
		l.waitLog("Synchronization-Failure")
	}
}

// TestWiredExternalSIM: somebody else does the sums.
func TestWiredExternalSIM(t *testing.T) {
	h := newHLR(t, 0x30)
	l := newLab(t, h.conf(), passwordUsers)
	ki, _ := hex.DecodeString(wiredKi)
	opc, _ := hex.DecodeString(wiredOPc)
	m, err := sim.NewMilenage(ki, opc)
	if err != nil {
		t.Fatal(err)
	}
	for prefix, method := range map[string]eap.Type{"1": eap.TypeSIM, "0": eap.TypeAKA, "6": eap.TypeAKAPrime} {
		c := card(method, prefix+"232010000000000")
		c.Password, c.ExternalSIM = eap.Password{}, true
		answers := map[eap.Field]string{}
		st := station(c, nil)
		l.ask = func(n eap.Need) string { return sums(t, m, n.Text) }
		o := l.succeeds(st, answers)
		if _, ok := of[eap.NeedCredential](o); !ok {
			t.Errorf("%v: nobody was asked", method)
		}
	}
}

// sums is a card outside.
func sums(t *testing.T, m *sim.Milenage, prompt string) string {
	parts := strings.Split(prompt, ":")
	first, err := hex.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	if parts[0] == "UMTS-AUTH" {
		res, ck, ik, _, _ := m.F2345(first)
		return fmt.Sprintf("UMTS-AUTH:%x:%x:%x", ik, ck, res)
	}
	out := "GSM-AUTH"
	for _, p := range parts[1:] {
		r, _ := hex.DecodeString(p)
		kc, sres := m.GSM(r)
		out += fmt.Sprintf(":%x:%x", kc, sres)
	}
	return out
}

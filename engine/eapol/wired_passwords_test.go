//go:build wired

package eapol_test

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/eap/psk"
	"gosupplicant/engine/eap/pwd"
	"gosupplicant/engine/eap/sim"
	"gosupplicant/engine/eap/sim/simtest"
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

func card(method eap.Type, imsi string) *eap.Config {
	return password(method, imsi+"@wlan.example", simtest.Key+":"+simtest.OPc+":000000000020")
}

// TestWiredSIM: full authentication, then a fast one, then with a pseudonym.
func TestWiredSIM(t *testing.T) {
	for _, result := range []string{"", "result_ind=1"} {
		conf := simtest.Operator(t, 0x30)
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
		l := newLab(t, simtest.Operator(t, 1), passwordUsers)
		l.succeeds(station(card(method, prefix+"232010000000000"), nil), nil)
		l.waitLog("Synchronization-Failure")
	}
}

// TestWiredExternalSIM: somebody else does the sums.
func TestWiredExternalSIM(t *testing.T) {
	l, m := newLab(t, simtest.Operator(t, 0x30), passwordUsers), simtest.Milenage(t)
	for prefix, method := range map[string]eap.Type{"1": eap.TypeSIM, "0": eap.TypeAKA, "6": eap.TypeAKAPrime} {
		c := card(method, prefix+"232010000000000")
		c.Password, c.ExternalSIM = eap.Password{}, true
		answers := map[eap.Field]string{}
		st := station(c, nil)
		l.ask = func(n eap.Need) string { return simtest.Sums(t, m, n.Text) }
		o := l.succeeds(st, answers)
		if _, ok := of[eap.NeedCredential](o); !ok {
			t.Errorf("%v: nobody was asked", method)
		}
	}
}

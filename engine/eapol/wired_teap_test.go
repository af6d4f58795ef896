//go:build wired

package eapol_test

import (
	"bytes"
	"os"
	"os/exec"
	"testing"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/eap/teap"
)

func init() { registry = append(registry, teap.Kind()) }

const teapUsers = `"teap" TEAP
"user" MSCHAPV2 "secret" [2]
"host/machine" MSCHAPV2 "machine secret" [2]
"pwd" PWD "secret" [2]
"tls" TLS [2]
`

// teapWorld skips unless hostapd was built with TEAP, which Debian's is not; nor has
// Debian's FreeRADIUS (3.2.1) that module. What a server of RFC 7170 does is in the
// tests of package teap.
func teapWorld(t *testing.T, conf string) *world {
	t.Helper()
	path, err := exec.LookPath("hostapd")
	if err != nil {
		t.Skip("needs hostapd")
	}
	if b, err := os.ReadFile(path); err != nil || !bytes.Contains(b, []byte("EAP-TEAP:")) {
		t.Skip("this hostapd has no TEAP, and FreeRADIUS 3.2.1 has none either")
	}
	return buildWith(t, "eap_fast_a_id=101112131415161718191a1b1c1d1e1f\neap_fast_a_id_info=test\n"+
		"pac_opaque_encr_key=000102030405060708090a0b0c0d0e0f\n"+conf, teapUsers, ecKey(t), nil)
}

func (w *world) teapConfig(id, phase2 string) *eap.Config {
	c := w.peapConfig(id, phase2)
	c.Methods, c.AnonymousIdentity = []eap.Type{eap.TypeTEAP}, []byte("teap")
	return c
}

func TestWiredTEAP(t *testing.T) {
	for name, c := range map[string]struct{ conf, id, phase2, phase1 string }{
		"MSCHAPV2":        {"eap_teap_auth=0\n", "user", "auth=MSCHAPV2", ""},
		"separate result": {"eap_teap_auth=0\neap_teap_separate_result=1\n", "user", "auth=MSCHAPV2", ""},
		"PWD":             {"eap_teap_auth=0\n", "pwd", "auth=PWD", "teap_compat=freeradius"},
		"user":            {"eap_teap_auth=0\neap_teap_id=1\n", "user", "auth=MSCHAPV2", ""},
		"machine asked":   {"eap_teap_auth=0\neap_teap_id=2\n", "user", "auth=MSCHAPV2", ""},
		"user or machine": {"eap_teap_auth=0\neap_teap_id=3\n", "user", "auth=MSCHAPV2", ""},
		"user, machine":   {"eap_teap_auth=0\neap_teap_id=5\n", "user", "auth=MSCHAPV2", ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := teapWorld(t, c.conf)
			cfg := w.teapConfig(c.id, c.phase2)
			cfg.MachineIdentity, cfg.MachinePassword.Value, cfg.MachinePhase2 = []byte("host/machine"), []byte("machine secret"), "auth=MSCHAPV2"
			cfg.Phase1 = c.phase1
			w.succeeds(station(cfg, nil), nil)
		})
	}
}

// TestWiredTEAPAgrees has what hostapd 2.10 binds as RFC 7170 says and then takes
// other keys from: a method bound by EMSK, and a bare password.
func TestWiredTEAPAgrees(t *testing.T) {
	for auth, phase2 := range map[string]string{"0": "auth=PWD", "1": ""} {
		w := teapWorld(t, "eap_teap_auth="+auth+"\n")
		id := map[string]string{"0": "pwd", "1": "user"}[auth]
		o := w.run(station(w.teapConfig(id, phase2), nil), nil)
		if o.failure != nil {
			t.Fatalf("failed: %+v", o.failure.Reason)
		}
		w.waitLog("Valid Crypto-Binding TLV received")
		w.waitLog("Derived Session-Id - hexdump(len=13): " + hexdump(o.success.Keys.SessionID))
	}
}

func TestWiredTEAPWrong(t *testing.T) {
	w := teapWorld(t, "eap_teap_auth=0\n")
	c := w.teapConfig("user", "auth=MSCHAPV2")
	c.Password.Value = []byte("wrong")
	w.fails(station(c, nil), "password")
	w = teapWorld(t, "eap_teap_auth=1\n")
	w.fails(station(w.teapConfig("user", "auth=MSCHAPV2"), nil), "server refused") // the password is not told
}

// TestWiredTEAPResumption comes back with what the first time left.
func TestWiredTEAPResumption(t *testing.T) {
	w := teapWorld(t, "eap_teap_auth=0\ntls_session_lifetime=3600\n")
	c := w.teapConfig("user", "auth=MSCHAPV2")
	mem := &eap.Memory{}
	w.succeeds(station(c, mem), nil)
	o := w.run(station(c, mem), nil)
	if o.failure != nil {
		t.Fatalf("failed: %+v", o.failure.Reason)
	}
	w.waitLog(hexdump(o.success.Keys.MSK))
	t.Logf("resumed: %s, %d messages", o.statusOf("tls_session_reused"), o.rounds)
}

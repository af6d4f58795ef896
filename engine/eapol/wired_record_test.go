//go:build wired

package eapol_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/eap/eaptest"
	"gosupplicant/engine/eap/psk"
	"gosupplicant/engine/eap/pwd"
	"gosupplicant/engine/eap/sim"
	"gosupplicant/engine/eap/sim/simtest"
	"gosupplicant/engine/eapol"
)

// TestWiredRecord plays the conversations that the methods' own tests replay. With
// EAP_RECORD=1 they are written down:
//
//	EAP_RECORD=1 go test -tags wired ./engine/eapol -run TestWiredRecord
func TestWiredRecord(t *testing.T) {
	hlr := simtest.Operator(t, 0x30)
	for name, c := range map[string]struct {
		kind eap.Kind
		conf string
		cfg  *eap.Config
		msk  bool // hostapd prints it
	}{
		"psk/hostapd":           {psk.Kind(), "", password(eap.TypePSK, "psk", "0123456789abcdef"), true},
		"pwd/hostapd-19":        {pwd.Kind(), "pwd_group=19\n", password(eap.TypePWD, "pwd", "secret"), false},
		"pwd/hostapd-20":        {pwd.Kind(), "pwd_group=20\n", password(eap.TypePWD, "pwd", "secret"), false},
		"pwd/hostapd-21":        {pwd.Kind(), "pwd_group=21\n", password(eap.TypePWD, "pwd", "secret"), false},
		"sim/hostapd-sim":       {sim.KindSIM(), hlr, card(eap.TypeSIM, "1232010000000000"), true},
		"sim/hostapd-aka":       {sim.KindAKA(), hlr, card(eap.TypeAKA, "0232010000000000"), true},
		"sim/hostapd-aka-prime": {sim.KindAKAPrime(), hlr, card(eap.TypeAKAPrime, "6232010000000000"), true},
	} {
		l := newLab(t, c.conf, passwordUsers)
		var out bytes.Buffer
		kind, method := c.kind, c.kind.New
		kind.New = func(env *eap.Env) (eap.Method, error) {
			m, err := method(env)
			return &eaptest.Recorder{Method: m, Out: &out}, err
		}
		c.cfg.Wired = true
		m := eapol.New(eapol.Config{EAP: eap.MachineConfig{Config: c.cfg, Registry: eap.Registry{kind}, Rand: new(eaptest.Stream), Now: time.Now}})
		m.PortValid(true)
		var o *outcome
		if c.msk {
			o = l.succeeds(m, nil)
		} else {
			o = l.agrees(m)
		}
		if c.msk {
			fmt.Fprintf(&out, "= %x\n", []byte(o.success.Keys.MSK))
		}
		if os.Getenv("EAP_RECORD") == "" {
			continue
		}
		path := filepath.Join("../eap", filepath.Dir(name), "testdata", filepath.Base(name)+".txt")
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

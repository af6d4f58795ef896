//go:build wired

package wired

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

	"gosupplicant/engine/eap/sim"
)

// The one subscriber of the operator, for all identities.
const (
	cardKey   = "90dca4eda45b53cf0f12d7c9c3bc6a89"
	cardOPc   = "cb9cccc4b9258e6dca4760379fb82581"
	imsi      = "232010000000000@wlan.example" // behind the digit of the method
	otherCard = "00000000000000000000000000000001"
)

// milenage is what card and operator share.
func milenage(t *testing.T) *sim.Milenage {
	t.Helper()
	key, _ := hex.DecodeString(cardKey)
	opc, _ := hex.DecodeString(cardOPc)
	m, err := sim.NewMilenage(key, opc)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// hlr is the operator: it answers hostapd's requests for authentication data.
type hlr struct {
	conn *net.UnixConn
	m    *sim.Milenage
	sqn  uint64
	done chan struct{}
}

// operator starts one, and returns the line of hostapd's configuration.
func operator(t *testing.T) string {
	t.Helper()
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: filepath.Join(t.TempDir(), "hlr"), Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	h := &hlr{conn: conn, m: milenage(t), sqn: 0x30, done: make(chan struct{})}
	go h.serve()
	t.Cleanup(func() { conn.Close(); <-h.done })
	return "eap_sim_db=unix:" + conn.LocalAddr().String() + "\n"
}

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
	r := make([]byte, 16)
	rand.Read(r)
	switch {
	case len(req) == 3 && req[0] == "SIM-REQ-AUTH":
		out := "SIM-RESP-AUTH " + req[1]
		for range 3 {
			rand.Read(r)
			kc, sres := h.m.GSM(r)
			out += fmt.Sprintf(" %x:%x:%x", kc, sres, r)
		}
		return out
	case len(req) == 2 && req[0] == "AKA-REQ-AUTH":
		h.sqn++
		autn := h.m.AUTN(r, binary.BigEndian.AppendUint64(nil, h.sqn)[2:], []byte{0x80, 0})
		res, ck, ik, _, _ := h.m.F2345(r)
		return fmt.Sprintf("AKA-RESP-AUTH %s %x %x %x %x %x", req[1], r, autn, ik, ck, res)
	}
	return ""
}

// sums is a card that is asked with CTRL-REQ-SIM: what it answers to that text.
func sums(t *testing.T, m *sim.Milenage, text string) string {
	t.Helper()
	parts := strings.Split(text, ":")
	var challenges [][]byte
	for _, p := range parts[1:] {
		b, err := hex.DecodeString(p)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		challenges = append(challenges, b)
	}
	if parts[0] == "UMTS-AUTH" {
		res, ck, ik, _, _ := m.F2345(challenges[0])
		return fmt.Sprintf("UMTS-AUTH:%x:%x:%x", ik, ck, res)
	}
	out := "GSM-AUTH"
	for _, r := range challenges {
		kc, sres := m.GSM(r)
		out += fmt.Sprintf(":%x:%x", kc, sres)
	}
	return out
}

// TestExternalSIM: another program does the sums of the card.
func TestExternalSIM(t *testing.T) {
	conf, m := operator(t), milenage(t)
	var captures []capture
	for _, tt := range []struct{ method, digit, kind string }{{"SIM", "1", "GSM-AUTH:"}, {"AKA", "0", "UMTS-AUTH:"}, {"AKA'", "6", "UMTS-AUTH:"}} {
		t.Run(tt.method, func(t *testing.T) {
			c := plug(t, options{hostapd: conf, louder: "ddd", globals: "external_sim=1", network: "eap=" + tt.method + "\nidentity=\"" + tt.digit + imsi + "\""})
			events := c.until("CTRL-REQ-SIM-0:", "CTRL-EVENT-EAP-FAILURE")
			text, _, ok := strings.Cut(strings.TrimPrefix(events[len(events)-1], "CTRL-REQ-SIM-0:"), " needed for SSID ")
			if !ok || !strings.HasPrefix(text, tt.kind) {
				t.Fatalf("%q", events[len(events)-1])
			}
			answer := sums(t, m, text)
			if got := c.ask("CTRL-RSP-SIM-0:" + answer); got != "OK\n" {
				t.Fatalf("CTRL-RSP-SIM: %q", got)
			}
			has(t, "events", c.until("CTRL-EVENT-CONNECTED", "CTRL-EVENT-EAP-FAILURE"), "CTRL-EVENT-CONNECTED")
			c.log.await(t, "CTRL-EVENT-CONNECTED")
			_, keys, _ := strings.Cut(answer, ":")
			c.keepsSecrets(true, strings.Split(keys, ":")...)
			captures = append(captures, capture{tt.method, c.tap.frames(t), types(tt.method), numbers[tt.method], true})
		})
	}
	decoded(t, captures)
}

// TestFastReauthentication: the second conversation builds on the keys of the first
// one, without the card.
func TestFastReauthentication(t *testing.T) {
	conf := operator(t)
	var captures []capture
	for _, tt := range []struct{ method, digit string }{{"SIM", "1"}, {"AKA", "0"}, {"AKA'", "6"}} {
		t.Run(tt.method, func(t *testing.T) {
			c := plug(t, options{hostapd: conf, network: simCard(tt.method, tt.digit, cardKey)})
			has(t, "events", c.until("CTRL-EVENT-CONNECTED", "CTRL-EVENT-EAP-FAILURE"), "CTRL-EVENT-CONNECTED")
			if log := c.ap.String(); strings.Contains(log, "Using fast re-authentication") {
				t.Error("the first one was a fast one")
			}
			if got := c.ask("REAUTHENTICATE"); got != "OK\n" {
				t.Errorf("REAUTHENTICATE: %q", got)
			}
			has(t, "events", c.until("CTRL-EVENT-EAP-SUCCESS", "CTRL-EVENT-EAP-FAILURE"), "CTRL-EVENT-EAP-SUCCESS")
			c.ap.await(t, "Using fast re-authentication")
			captures = append(captures, capture{tt.method, c.tap.frames(t), types(tt.method), numbers[tt.method], true})
		})
	}
	decoded(t, captures)
}

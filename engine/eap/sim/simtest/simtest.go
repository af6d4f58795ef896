// Package simtest is the rest of a mobile network for tests of EAP-SIM, AKA and
// AKA': an operator that answers hostapd's requests for authentication data, and a
// card that somebody else reads.
package simtest

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

// The one subscriber, whatever the identity: Ki and OPc of test set 1 of 3GPP TS
// 35.207, in hexadecimal digits.
const (
	Key = "90dca4eda45b53cf0f12d7c9c3bc6a89"
	OPc = "cb9cccc4b9258e6dca4760379fb82581"
)

// Milenage is what card and operator share.
func Milenage(t testing.TB) *sim.Milenage {
	t.Helper()
	key, _ := hex.DecodeString(Key)
	opc, _ := hex.DecodeString(OPc)
	m, err := sim.NewMilenage(key, opc)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// operator is the home location register behind hostapd's eap_sim_db.
type operator struct {
	conn *net.UnixConn
	m    *sim.Milenage
	sqn  uint64
}

// Operator starts one that lives as long as the test, with its sequence number,
// and returns the line of hostapd's configuration that leads to it.
func Operator(t testing.TB, sqn uint64) string {
	t.Helper()
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: filepath.Join(t.TempDir(), "hlr"), Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	o := &operator{conn: conn, m: Milenage(t), sqn: sqn}
	done := make(chan struct{})
	go func() {
		defer close(done)
		o.serve()
	}()
	t.Cleanup(func() { conn.Close(); <-done })
	return "eap_sim_db=unix:" + conn.LocalAddr().String() + "\n"
}

func (o *operator) serve() {
	buf := make([]byte, 1000)
	for {
		n, from, err := o.conn.ReadFromUnix(buf)
		if err != nil {
			return
		}
		if a := o.answer(strings.Fields(string(bytes.TrimRight(buf[:n], "\x00")))); a != "" {
			o.conn.WriteToUnix([]byte(a), from)
		}
	}
}

func (o *operator) answer(req []string) string {
	switch {
	case len(req) == 3 && req[0] == "SIM-REQ-AUTH":
		out := "SIM-RESP-AUTH " + req[1]
		for range 3 {
			r := challenge()
			kc, sres := o.m.GSM(r)
			out += fmt.Sprintf(" %x:%x:%x", kc, sres, r)
		}
		return out
	case len(req) == 2 && req[0] == "AKA-REQ-AUTH":
		r := challenge()
		o.sqn++
		autn := o.m.AUTN(r, binary.BigEndian.AppendUint64(nil, o.sqn)[2:], []byte{0x80, 0})
		res, ck, ik, _, _ := o.m.F2345(r)
		return fmt.Sprintf("AKA-RESP-AUTH %s %x %x %x %x %x", req[1], r, autn, ik, ck, res)
	case len(req) == 4 && req[0] == "AKA-AUTS":
		o.resync(req[2], req[3])
	}
	return ""
}

// resync takes the card's sequence number.
func (o *operator) resync(auts, challenge string) {
	a, _ := hex.DecodeString(auts)
	r, _ := hex.DecodeString(challenge)
	if sqn, ok := o.m.Resync(r, a); ok {
		o.sqn = binary.BigEndian.Uint64(append([]byte{0, 0}, sqn...))
	}
}

func challenge() []byte {
	r := make([]byte, 16)
	rand.Read(r)
	return r
}

// Sums is a card that another program reads: what it answers to the text of
// CTRL-REQ-SIM.
func Sums(t testing.TB, m *sim.Milenage, text string) string {
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

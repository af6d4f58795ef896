package sae

import (
	"bytes"
	"encoding/hex"
	"math/big"
	"os"
	"strconv"
	"strings"
	"testing"

	"gosupplicant/engine/keys"
)

// recorded are the values that hostapd 2.10 derives for networks of ours; the
// oracle test recorded them and compares them again.
const recorded = "testdata/pt-hostapd.txt"

// foreignPT is a line of the record: a network, and the PT as hostapd sees it,
// of a curve in two points whose sum it is.
type foreignPT struct {
	group                      uint16
	ssid, password, identifier string
	parts                      [][]byte
}

// line writes group, network in hexadecimal, and parts, separated by spaces.
func (p *foreignPT) line() string {
	f := []string{strconv.Itoa(int(p.group)), hex.EncodeToString([]byte(p.ssid)), hex.EncodeToString([]byte(p.password)), hex.EncodeToString([]byte(p.identifier)) + "."}
	for _, b := range p.parts {
		f = append(f, hex.EncodeToString(b))
	}
	return strings.Join(f, " ")
}

func readForeign(t *testing.T, text string) (all []foreignPT) {
	t.Helper()
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) < 5 {
			t.Fatalf("line %q", line)
		}
		id, err := strconv.ParseUint(f[0], 10, 16)
		if err != nil {
			t.Fatal(err)
		}
		p := foreignPT{group: uint16(id), ssid: string(unhex(t, f[1])), password: string(unhex(t, f[2])), identifier: string(unhex(t, strings.TrimSuffix(f[3], ".")))}
		for _, h := range f[4:] {
			p.parts = append(p.parts, unhex(t, h))
		}
		all = append(all, p)
	}
	return all
}

// check compares our PT with hostapd's.
func (p *foreignPT) check(t *testing.T) {
	t.Helper()
	pt, err := DerivePT(p.group, []byte(p.ssid), keys.Secret(p.password), []byte(p.identifier))
	if err != nil {
		t.Fatal(err)
	}
	r := referenceOf(p.group)
	var want *refElement
	if r.b == nil {
		want = &refElement{x: new(big.Int).SetBytes(p.parts[0])}
	} else {
		num := func(n int) *big.Int { return new(big.Int).SetBytes(p.parts[n]) }
		want = r.add(&refElement{num(0), num(1)}, &refElement{num(2), num(3)})
	}
	if got := r.encode(want); !bytes.Equal(pt.elem, got) {
		t.Errorf("group %d, %q, %q, %q: PT %x, hostapd has %x", p.group, p.ssid, p.password, p.identifier, []byte(pt.elem), got)
	}
}

func TestForeignPT(t *testing.T) {
	text, err := os.ReadFile(recorded)
	if err != nil {
		t.Fatal(err)
	}
	groups := map[uint16]int{}
	for _, p := range readForeign(t, string(text)) {
		p.check(t)
		groups[p.group]++
	}
	for _, id := range []uint16{15, 16, 19, 20, 21} {
		if groups[id] < 6 {
			t.Errorf("group %d: %d records", id, groups[id])
		}
	}
}

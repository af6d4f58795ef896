package sae

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"gosupplicant/engine/dot11"
)

// unhex reads hexadecimal digits, ignoring white space.
func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func mac(t testing.TB, s string) dot11.MAC {
	t.Helper()
	m, err := dot11.ParseMAC(s)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// The values of IEEE Std 802.11-2020, J.10 (SAE test vectors).
const (
	annexSSID       = "byteme"
	annexPassword   = "mekmitasdigoat"
	annexIdentifier = "psk4internet"
)

// TestAnnexLoop is J.10 "SAE with hunting-and-pecking": group 19, from the two
// random numbers of one side to the PMKID.
func TestAnnexLoop(t *testing.T) {
	own, peerAddr := mac(t, "4d:3f:2f:ff:e3:87"), mac(t, "a5:d8:aa:95:8e:3c")
	rand := unhex(t, "992465fd3daa3c60aa6565b7f62a2a7f2e12dd12f198faf4fbed89d7ff1ace94")
	mask := unhex(t, "9507a90f777a044d6a0830b91ea3d5dd70bece44e1acffb86983b5e1bf9fb322")
	commitOwn := unhex(t, `1300
		2e2c0f0db52440ad146d967114ce005ce1eab0aa2c2e5c2871b774f6c2575c
		65d5ad9e00829707aa36ba8b859738fc961d08243505f47c035376d7ac4bc8d7
		b95083bf43827d0fc31ed778dd3671fd21a46d1091d64b6f9a1e1272621325dbe1`)
	commitPeer := unhex(t, `1300
		591b96f3397fb945100848e7b550543b6720d88337ee93fc49fd6df7e08b5223
		e71b9bb048d3873f20556953a96c91536fd8ee6ca9b4a68a148b056a909be03e
		83ae208f60f8ef5537858074db06687032399862999b511e0a1552a5fea317c2`)
	g, err := newGroup(19)
	if err != nil {
		t.Fatal(err)
	}
	f, _ := g.field()
	pwe, err := hunted(g, f, own, peerAddr, []byte(annexPassword))
	if err != nil {
		t.Fatal(err)
	}
	p, err := g.commitTo(pwe, rand, mask)
	if err != nil {
		t.Fatal(err)
	}
	c := &commit{group: 19, scalar: p.scalar, element: p.element}
	if got := c.append(nil, false); !bytes.Equal(got, commitOwn) {
		t.Errorf("commit\n%x, want\n%x", got, commitOwn)
	}
	peer, err := parseCommit(g, commitPeer, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	k, sum, err := g.sharedWith(p, pwe, peer)
	if err != nil {
		t.Fatal(err)
	}
	s, err := g.secretsFrom(k, sum, schedule{})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []struct {
		name      string
		got, want []byte
	}{
		{"KCK", s.kck, unhex(t, "1e733f6d9bd53256287304338831b09a39406d121017073a5c30db36f36cb81a")},
		{"PMK", s.pmk, unhex(t, "4e4dfab1a2dd8ac1a91790f953faaa452ae5c6873ab75b63605ba663f8a7fe59")},
		{"PMKID", s.pmkid[:], unhex(t, "8747a600eea3f9f22475df58ca1e5498")},
	} {
		if !bytes.Equal(v.got, v.want) {
			t.Errorf("%s %x, want %x", v.name, v.got, v.want)
		}
	}
}

// TestAnnexHashToElement is J.10 "SAE H2E": the password elements, as far as they are given here.
func TestAnnexHashToElement(t *testing.T) {
	a, b := mac(t, "00:09:5b:66:ec:1e"), mac(t, "00:0b:6b:d9:02:46")
	for _, v := range []struct {
		group uint16
		want  string // beginning of the element
	}{
		{19, `c93049b9e64000f848201649e999f2b5c22dea69b5632c9df4d633b8aa1f6c1e
		      73634e94b53d82e7383a8d258199d9dc1a5ee8269d060382ccbf33e614ff59a0`},
		{15, `696873658f6531429f97396fb85f89e1fcd2f69219a90e822ff7f4bc0bd8a79f`},
	} {
		pt, err := DerivePT(v.group, []byte(annexSSID), []byte(annexPassword), []byte(annexIdentifier))
		if err != nil {
			t.Fatal(err)
		}
		pwe, err := pt.pwe(a, b)
		if err != nil {
			t.Fatal(err)
		}
		if want := unhex(t, v.want); !bytes.HasPrefix(pwe, want) {
			t.Errorf("group %d: %x, want %x", v.group, []byte(pwe), want)
		}
	}
}

package owe

import (
	"bytes"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"gosupplicant/engine/dot11"
	"gosupplicant/engine/keys"
)

// seeded is a repeatable source of random bytes.
func seeded(seed uint64) io.Reader {
	var key [32]byte
	binary.BigEndian.PutUint64(key[:], seed)
	return rand.NewChaCha8(key)
}

// TestAgainstText derives the keys step by step after the text of RFC 8110, 4.3
// and 4.4, with crypto/hkdf and whole points.
func TestAgainstText(t *testing.T) {
	for _, v := range []struct {
		group uint16
		curve ecdh.Curve
		hash  func() hash.Hash
	}{{19, ecdh.P256(), sha256.New}, {20, ecdh.P384(), sha512.New384}, {21, ecdh.P521(), sha512.New}} {
		for seed := range uint64(20) {
			c, err := NewKey(seeded(seed), v.group)
			if err != nil {
				t.Fatal(err)
			}
			client, err := v.curve.NewPrivateKey(c.priv.Bytes())
			if err != nil {
				t.Fatal(err)
			}
			size := len(c.priv.Bytes())
			x := func(k *ecdh.PrivateKey) []byte { return k.PublicKey().Bytes()[1 : 1+size] }
			other, err := NewKey(seeded(1000+seed), v.group)
			if err != nil {
				t.Fatal(err)
			}
			ap, err := v.curve.NewPrivateKey(other.priv.Bytes())
			if err != nil {
				t.Fatal(err)
			}
			z, err := client.ECDH(ap.PublicKey())
			if err != nil {
				t.Fatal(err)
			}
			both := append(bytes.Clone(x(client)), x(ap)...)
			prk, err := hkdf.Extract(v.hash, z, append(bytes.Clone(both), byte(v.group), 0))
			if err != nil {
				t.Fatal(err)
			}
			pmk, err := hkdf.Expand(v.hash, prk, "OWE Key Generation", v.hash().Size())
			if err != nil {
				t.Fatal(err)
			}
			h := v.hash()
			h.Write(both)
			got, err := c.Finish(dot11.AppendExtElement(nil, dot11.ExtIDDHParameter, append([]byte{byte(v.group), 0}, x(ap)...)...))
			if err != nil {
				t.Fatal(err)
			}
			if !got.PMK.Equal(pmk) || !bytes.Equal(got.PMKID[:], h.Sum(nil)[:16]) {
				t.Errorf("group %d, seed %d: %x, want %x", v.group, seed, []byte(got.PMK), pmk)
			}
			if e := c.Element(); !bytes.Equal(e, append([]byte{255, byte(3 + size), 32, byte(v.group), 0}, x(client)...)) {
				t.Errorf("group %d: element %x", v.group, e)
			}
		}
	}
}

func TestReflection(t *testing.T) {
	k, err := NewKey(seeded(1), 20)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Finish(k.Element()); !errors.Is(err, ErrReflection) {
		t.Errorf("station: %v", err)
	}
	if _, err := k.FinishAP(k.Element()); !errors.Is(err, ErrReflection) {
		t.Errorf("AP: %v", err)
	}
}

// TestNotOnCurve sends an abscissa below the prime that no point has.
func TestNotOnCurve(t *testing.T) {
	k, err := NewKey(seeded(1), 19)
	if err != nil {
		t.Fatal(err)
	}
	refused := 0
	for x := range byte(40) {
		b := append([]byte{19, 0}, make([]byte, 32)...)
		b[33] = x
		if _, err := k.Finish(dot11.AppendExtElement(nil, dot11.ExtIDDHParameter, b...)); err != nil {
			refused++
		}
	}
	if refused < 8 || refused > 32 { // about half of the numbers are no abscissa
		t.Errorf("%d of 40 refused", refused)
	}
}

func TestRandomness(t *testing.T) {
	for _, r := range []io.Reader{strings.NewReader("short"), constant(0), constant(0xff)} {
		for _, id := range []uint16{19, 20, 21} {
			if _, err := NewKey(r, id); err == nil {
				t.Errorf("group %d: a key from %v", id, r)
			}
		}
	}
	a, err1 := NewKey(seeded(1), 21)
	b, err2 := NewKey(seeded(2), 21)
	again, err3 := NewKey(seeded(1), 21)
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(a.x(), b.x()) || !bytes.Equal(a.x(), again.x()) {
		t.Error("the key is not made of what is read")
	}
	if got := fmt.Sprintf("%v %+v %#v", a, a, a); strings.Count(got, "OWE key of group 21") != 3 || len(got) > 70 {
		t.Errorf("prints as %s", got)
	}
	if a.Hash() != keys.HashSHA512 {
		t.Errorf("hash %v", a.Hash())
	}
}

// constant reads as one byte for ever.
type constant byte

func (c constant) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(c)
	}
	return len(p), nil
}

package owe

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"testing"

	"gosupplicant/engine/dot11"
)

func TestBothSidesAgree(t *testing.T) {
	for _, id := range []uint16{19, 20, 21} {
		sta, err := NewKey(rand.Reader, id)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Group(sta.Element())
		if err != nil || got != id {
			t.Fatalf("group %d, %v", got, err)
		}
		ap, err := NewKey(rand.Reader, id)
		if err != nil {
			t.Fatal(err)
		}
		a, err := sta.Finish(ap.Element())
		if err != nil {
			t.Fatal(err)
		}
		b, err := ap.FinishAP(sta.Element())
		if err != nil {
			t.Fatal(err)
		}
		if !a.PMK.Equal(b.PMK) || a.PMKID != b.PMKID || len(a.PMK) != map[uint16]int{19: 32, 20: 48, 21: 64}[id] {
			t.Errorf("group %d: the sides differ", id)
		}
		if id == 19 {
			// The PMKID is Truncate-128(Hash(C | A)) (RFC 8110 section 4.4).
			sum := sha256.Sum256(append(bytes.Clone(sta.x()), ap.x()...))
			if !bytes.Equal(sum[:16], a.PMKID[:]) {
				t.Error("PMKID is not the hash of the public keys")
			}
		}
	}
}

func TestBadAnswers(t *testing.T) {
	k, err := NewKey(rand.Reader, 19)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Finish(nil); !errors.Is(err, ErrNoElement) {
		t.Errorf("no element: %v", err)
	}
	good, _ := NewKey(rand.Reader, 19)
	e := good.Element()
	for n := 2; n < len(e); n++ {
		short := append([]byte{255, byte(n - 2)}, e[2:n]...)
		if _, err := k.Finish(short); err == nil {
			t.Errorf("element cut to %d bytes was taken", n)
		}
	}
	other, _ := NewKey(rand.Reader, 20)
	if _, err := k.Finish(other.Element()); err == nil {
		t.Error("an answer in another group was taken")
	}
	bad := dot11.AppendExtElement(nil, dot11.ExtIDDHParameter, append([]byte{19, 0}, bytes.Repeat([]byte{0xff}, 32)...)...)
	if _, err := k.Finish(bad); err == nil {
		t.Error("an abscissa beyond the field was taken")
	}
	for _, id := range []uint16{0, 15, 22, 25} {
		if _, err := NewKey(rand.Reader, id); err == nil || Supported(id) {
			t.Errorf("group %d is taken", id)
		}
	}
}

func FuzzFinish(f *testing.F) {
	k, err := NewKey(rand.Reader, 19)
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(k.Element()))
	f.Add([]byte{255, 3, 32, 19, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := k.Finish(b); (r == nil) == (err == nil) {
			t.Errorf("result %v with error %v", r, err)
		}
	})
}

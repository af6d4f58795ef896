package sae

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"

	"gosupplicant/engine/dot11"
	"gosupplicant/engine/ecc"
	"gosupplicant/engine/keys"
)

// TestSIV is RFC 5297, A.1.
func TestSIV(t *testing.T) {
	key := unhex(t, "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff")
	ad := unhex(t, "101112131415161718191a1b1c1d1e1f2021222324252627")
	text := unhex(t, "112233445566778899aabbccddee")
	sealed, err := sivSeal(key, text, ad)
	if err != nil {
		t.Fatal(err)
	}
	if want := unhex(t, "85632d07c6e8f37f950acd320a2ecc9340c02b9690c4dc04daef7f6afe5c"); !bytes.Equal(sealed, want) {
		t.Errorf("%x, want %x", sealed, want)
	}
	if got, err := sivOpen(key, sealed, ad); err != nil || !bytes.Equal(got, text) {
		t.Errorf("opened %x, %v", got, err)
	}
	for i := range sealed {
		bad := bytes.Clone(sealed)
		bad[i] ^= 1
		if _, err := sivOpen(key, bad, ad); err == nil {
			t.Errorf("opened with byte %d changed", i)
		}
		if _, err := sivOpen(key, sealed[:i], ad); err == nil {
			t.Errorf("opened %d bytes", i)
		}
	}
}

func TestPKPasswordForm(t *testing.T) {
	// Passwords of hostapd's own tests: foreign check characters.
	for _, good := range []string{"r6em-rya4-tqfa", "aaaa-aaaa-aaaj", "hbbi-f4xq-b45g"} {
		if !ValidPKPassword(keys.Secret(good)) {
			t.Errorf("%s refused", good)
		}
		for i, c := range []byte(good) {
			for _, other := range []byte("abcdefghijklmnopqrstuvwxyz234567-A1 \x00\xff") {
				bad := []byte(good)
				bad[i] = other
				if other != c && ValidPKPassword(bad) {
					t.Errorf("%q accepted", bad)
				}
			}
			if ValidPKPassword(keys.Secret(good[:i])) {
				t.Errorf("%q accepted", good[:i])
			}
		}
	}
	for _, bad := range []string{"", "-", "aaaa-aaaa-aaaj-", "aaaa-aaaa", strings.Repeat("aaaa-", 40) + "aaaj"} {
		if ValidPKPassword(keys.Secret(bad)) {
			t.Errorf("%q accepted", bad)
		}
	}
}

// TestPKVector is a key of hostapd's own tests (tests/hwsim/test_sae_pk.py) with
// its passwords of three lengths: 5 zero bytes, the point compressed.
func TestPKVector(t *testing.T) {
	scalar := unhex(t, "02481a57e7b5ea270dbeeb4323ff486423c33ad90277eb5c89b8dbcd1559a8d8")
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar)
	if err != nil {
		t.Fatal(err)
	}
	k := &PKKey{Key: key, Modifier: [16]byte(unhex(t, "d2e5fa27d1be8897f987f2d480d2af6b"))}
	for _, want := range []string{"hbbi-f4xq-b45g", "hbbi-f4xq-b457-jje4", "hbbi-f4xq-b457-jjew-muey-fod3"} {
		chars := len(want) - len(want)/5
		if got, ok := k.PKPassword([]byte("SAE-PK test"), chars); !ok || string(got) != want {
			t.Errorf("%q, %v, want %q", []byte(got), ok, want)
		}
		p, ok := pkWanted(keys.Secret(want))
		if der, h, err := marshalPKKey(&key.PublicKey); !ok || err != nil || !p.begins(digest(h, []byte("SAE-PK test"), k.Modifier[:], der)) {
			t.Errorf("%q is not the key's: %v, %v", want, ok, err)
		}
	}
	if _, ok := k.PKPassword([]byte("SAE-PK tesu"), 12); ok {
		t.Error("a password for another network")
	}
}

func TestPKKeyEncodings(t *testing.T) {
	for _, c := range []elliptic.Curve{elliptic.P256(), elliptic.P384(), elliptic.P521()} {
		size := (c.Params().BitSize + 7) / 8
		key, err := ecdsa.ParseRawPrivateKey(c, append([]byte{0}, bytes.Repeat([]byte{0x42}, size-1)...))
		if err != nil {
			t.Fatal(err)
		}
		der, h, err := marshalPKKey(&key.PublicKey)
		if err != nil {
			t.Fatal(err)
		}
		whole, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
		if err != nil {
			t.Fatal(err)
		}
		if len(der) >= len(whole) {
			t.Errorf("%d bytes, not compressed", len(der))
		}
		for _, b := range [][]byte{der, whole} {
			if got, gotHash, err := parsePKKey(b); err != nil || !got.Equal(&key.PublicKey) || gotHash != h {
				t.Errorf("%s: %v", c.Params().Name, err)
			}
			for n := range b {
				if _, _, err := parsePKKey(b[:n]); !errors.Is(err, ErrMalformed) {
					t.Errorf("%d bytes: %v", n, err)
				}
			}
			if _, _, err := parsePKKey(append(bytes.Clone(b), 0)); !errors.Is(err, ErrMalformed) {
				t.Errorf("one byte more: %v", err)
			}
		}
	}
}

func FuzzPKKey(f *testing.F) {
	for _, c := range []elliptic.Curve{elliptic.P256(), elliptic.P384()} {
		key, err := ecdsa.ParseRawPrivateKey(c, bytes.Repeat([]byte{0x42}, c.Params().BitSize/8))
		if err != nil {
			f.Fatal(err)
		}
		der, _, err := marshalPKKey(&key.PublicKey)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(der)
	}
	f.Fuzz(func(t *testing.T, der []byte) {
		key, h, err := parsePKKey(der)
		if err != nil {
			if !errors.Is(err, ErrMalformed) {
				t.Errorf("%v", err)
			}
			return
		}
		again, _, err := marshalPKKey(key)
		if err != nil {
			t.Fatal(err)
		}
		if same, hash, err := parsePKKey(again); err != nil || !same.Equal(key) || hash != h {
			t.Errorf("%x came back as %x, %v", der, again, err)
		}
	})
}

// TestDihedral holds the multiplication against the laws of a group.
func TestDihedral(t *testing.T) {
	for a := range byte(32) {
		seen := map[byte]bool{}
		for b := range byte(32) {
			seen[dihedral(a, b)] = true
			for c := range byte(32) {
				if dihedral(dihedral(a, b), c) != dihedral(a, dihedral(b, c)) {
					t.Fatalf("(%d %d) %d", a, b, c)
				}
			}
		}
		if len(seen) != 32 || seen[32] || dihedral(a, 0) != a || dihedral(0, a) != a {
			t.Fatalf("row of %d: %v", a, seen)
		}
	}
}

func TestPKFingerprint(t *testing.T) {
	// 0x10 in the first value: 3 zero bytes; 4+5+5+5 bits a group; check character out.
	f, ok := pkWanted(keys.Secret("r6em-rya4-tqfa"))
	if !ok || f.bits != 8*3+19*12/4-5 || len(f.bytes) != (f.bits+7)/8 {
		t.Fatalf("%v, %d bits, %d bytes", ok, f.bits, len(f.bytes))
	}
	// r=17 6=30 e=4 m=12: 0001 11110 00100 01100
	if want := []byte{0, 0, 0, 0b00011111, 0b00010001, 0b10000000 | 0b0001<<1 | 0b1}; !bytes.Equal(f.bytes[:5], want[:5]) || f.bytes[5]>>5 != 0b100 {
		t.Errorf("%08b", f.bytes[:6])
	}
	f, ok = pkWanted(keys.Secret("aaaa-aaaa-aaaj"))
	if !ok || f.bits != 8*5+19*12/4-5 {
		t.Fatalf("%v, %d bits", ok, f.bits)
	}
	sum := make([]byte, 32)
	if !f.begins(sum) {
		t.Error("zeros refused")
	}
	for bit := range 8 * len(sum) {
		changed := bytes.Clone(sum)
		changed[bit/8] ^= 0x80 >> (bit % 8)
		if got, want := f.begins(changed), bit >= f.bits; got != want {
			t.Errorf("bit %d changed: %v, want %v", bit, got, want)
		}
		if f.begins(sum[:bit/8]) && bit/8 < len(f.bytes) {
			t.Errorf("%d bytes accepted", bit/8)
		}
	}
}

const pkSSID = "SAE-PK test"

// pkModifier was searched for: the lowest number that gives three zero bytes.
const pkModifier = 9584482

// testPK is a key with a modifier that gives three zero bytes.
func testPK(t testing.TB) *PKKey {
	t.Helper()
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), bytes.Repeat([]byte{0x42}, 32))
	if err != nil {
		t.Fatal(err)
	}
	k := &PKKey{Key: key}
	binary.BigEndian.PutUint64(k.Modifier[8:], pkModifier)
	return k
}

func pkPassword(t testing.TB, k *PKKey) keys.Secret {
	t.Helper()
	pw, ok := k.PKPassword([]byte(pkSSID), 16)
	if !ok || !ValidPKPassword(pw) {
		t.Fatalf("password of the key: %v", ok)
	}
	return pw
}

func TestPKExchange(t *testing.T) {
	k := testPK(t)
	pw := pkPassword(t, k)
	for _, group := range []uint16{19, 20, 21} {
		x := newExchange(t, func(sta, ap *Config) {
			sta.SSID, ap.SSID = []byte(pkSSID), []byte(pkSSID)
			sta.Password, ap.Password = pw, pw
			sta.Groups, ap.Groups = []uint16{group}, []uint16{group}
			sta.H2E, ap.H2E, sta.PK, ap.PKKey = true, true, true, k
		})
		x.run()
		if s, a := x.sta.success(), x.ap.success(); !s.PK || !a.PK || !s.PMK.Equal(a.PMK) {
			t.Errorf("group %d: %+v, %+v", group, s, a)
		}
	}
}

// TestPKForged has everything right but one thing.
func TestPKForged(t *testing.T) {
	k := testPK(t)
	pw := pkPassword(t, k)
	other, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), bytes.Repeat([]byte{0x43}, 32))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		key    *PKKey
		change func(body []byte) []byte
		want   error
	}{
		"another key":       {&PKKey{Key: other, Modifier: k.Modifier}, nil, ErrFingerprint},
		"another modifier":  {&PKKey{Key: k.Key}, nil, ErrFingerprint},
		"no proof":          {k, func(b []byte) []byte { return b[:2+32] }, ErrMalformed},
		"signature changed": {k, func(b []byte) []byte { b[len(b)-1] ^= 1; return b }, ErrKeyAuth},
		"modifier changed":  {k, func(b []byte) []byte { b[2+32+6] ^= 1; return b }, errSIV},
		"proof cut":         {k, func(b []byte) []byte { return b[:2+32+38] }, ErrMalformed},
	} {
		x := newExchange(t, func(sta, ap *Config) {
			sta.SSID, ap.SSID = []byte(pkSSID), []byte(pkSSID)
			sta.Password, ap.Password = pw, pw
			sta.H2E, ap.H2E, sta.PK, ap.PKKey = true, true, true, c.key
		})
		x.tamper = func(from *side, s Send) *Send {
			if from == x.ap && s.Transaction == TransactionConfirm && c.change != nil {
				s.Body = c.change(s.Body)
			}
			return &s
		}
		x.run()
		f := x.sta.failure()
		if f == nil || f.Cause != CausePublicKey || !errors.Is(f.Err, c.want) {
			t.Errorf("%s: %v, want %v", name, f, c.want)
		}
	}
}

func FuzzPKPassword(f *testing.F) {
	f.Add([]byte("r6em-rya4-tqfa"))
	f.Add([]byte("aaaa-aaaa-aaaj"))
	f.Fuzz(func(t *testing.T, pw []byte) {
		p, ok := pkWanted(pw)
		if !ok {
			return
		}
		chars := len(pw) - len(pw)/5
		if rest := p.bits - 19*chars/4 + 5; rest != 24 && rest != 40 || len(p.bytes) != (p.bits+7)/8 {
			t.Errorf("%d characters: %d bits in %d bytes", chars, p.bits, len(p.bytes))
		}
		sec := p.bytes[:(p.bits-19*chars/4+5)/8]
		first := byte(0x10)
		if len(sec) == 5 {
			first = 0
		}
		if ecc.ZeroBytes(sec) != 1 {
			t.Errorf("%x does not begin with zeros", p.bytes)
		}
		same := pkSpell(append(slices.Clone(p.bytes[len(sec):]), 0), first, chars)
		for i := 0; i < len(pw); i += 5 { // each group repeats the first bit; only the first one's counts
			v, _ := base32Value(pw[i])
			s, _ := base32Value(same[i])
			if v&0x0f != s&0x0f {
				t.Errorf("%q came back as %q", pw, []byte(same))
			}
		}
	})
}

func FuzzPKProof(f *testing.F) {
	k := &PKKey{}
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), bytes.Repeat([]byte{0x42}, 32))
	if err != nil {
		f.Fatal(err)
	}
	k.Key = key
	tr := &transcript{ssid: []byte(pkSSID), ap: element("a"), sta: element("b")}
	proof, err := k.prove(seeded(0), make([]byte, 32), tr)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(proof.append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := parsePKProof(dot11.Elements(b))
		if err != nil {
			return
		}
		want, _ := pkWanted(keys.Secret("r6em-rya4-tqfa"))
		if p.verify(make([]byte, 32), want, tr) == nil {
			t.Error("a forgery was accepted")
		}
	})
}

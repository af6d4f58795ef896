package keys

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(strings.ReplaceAll(s, " ", ""), "\n", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func rep(b byte, n int) []byte { return bytes.Repeat([]byte{b}, n) }

// IEEE Std 802.11-2016, J.3.2, test cases 1 to 3 of the PRF.
func TestPRFVectors(t *testing.T) {
	for _, v := range []struct {
		key    []byte
		prefix string
		data   []byte
		want   string
	}{
		{rep(0x0b, 20), "prefix", []byte("Hi There"),
			"bcd4c650b30b9684951829e0d75f9d54b862175ed9f00606e17d8da35402ffee75df78c3d31e0f889f012120c0862beb67753e7439ae242edb8373698356cf5a"},
		{[]byte("Jefe"), "prefix", []byte("what do ya want for nothing?"),
			"51f4de5b33f249adf81aeb713a3c20f4fe631446fabdfa58244759ae58ef9009a99abf4eac2ca5fa87e692c440eb40023e7babb206d61de7b92f41529092b8fc"},
		{rep(0xaa, 20), "prefix", rep(0xdd, 50),
			"e1ac546ec4cb636f9976487be5c86be17a0252ca5d8d8df12cfb0473525249ce9dd8d177ead710bc9b590547239107aef7b4abd43d87f0a68f1cbd9e2b6f7607"},
	} {
		want := unhex(t, v.want)
		if got := PRF(v.key, v.prefix, 64, v.data); !got.Equal(want) {
			t.Errorf("PRF(%q): %x, want %x", v.data, []byte(got), want)
		}
		for n := range 64 {
			if got := PRF(v.key, v.prefix, n, v.data[:1], v.data[1:]); !got.Equal(want[:n]) {
				t.Errorf("PRF of %d bytes is not the beginning of the longer one", n)
			}
		}
	}
}

// IEEE Std 802.11-2016, J.4.2.
func TestPSKVectors(t *testing.T) {
	for _, v := range []struct{ pass, ssid, want string }{
		{"password", "IEEE", "f42c6fc52df0ebef9ebb4b90b38a5f902e83fe1b135a70e23aed762e9710a12e"},
		{"ThisIsAPassword", "ThisIsASSID", "0dc0d6eb90555ed6419756b9a15ec3e3209b63df707dd508d14581f8982721af"},
		{strings.Repeat("a", 32), strings.Repeat("Z", 32), "becb93866bb8c3832cb777c2f559807c8c59afcb6eae734885001300a981cc62"},
	} {
		got, err := PSK([]byte(v.pass), []byte(v.ssid))
		if err != nil || !got.Equal(unhex(t, v.want)) {
			t.Errorf("PSK(%q, %q) = %x, %v", v.pass, v.ssid, []byte(got), err)
		}
	}
	for _, v := range [][2]string{{"7 bytes", "x"}, {strings.Repeat("a", 64), "x"}, {"password", ""}, {"password", strings.Repeat("a", 33)}} {
		if _, err := PSK([]byte(v[0]), []byte(v[1])); err == nil {
			t.Errorf("PSK(%q, %q) accepted", v[0], v[1])
		}
	}
}

// IEEE Std 802.11i-2004, annex H.7.1: the pairwise key derivation example, CCMP.
func TestPTKVector(t *testing.T) {
	pmk := unhex(t, "0dc0d6eb90555ed6419756b9a15ec3e3209b63df707dd508d14581f8982721af")
	aa, spa := Addr(unhex(t, "a0a1a1a3a4a5")), Addr(unhex(t, "b0b1b2b3b4b5"))
	snonce := Nonce(unhex(t, "c0c1c2c3c4c5c6c7c8c9d0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5"))
	anonce := Nonce(unhex(t, "e0e1e2e3e4e5e6e7e8e9f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff000102030405"))
	p := DerivePTK(HashSHA1, pmk, aa, spa, anonce, snonce, PTKLengths{16, 16, 16, 0})
	want := []string{"379f9852d0199236b94e407ce4c00ec8", "47c9edc01c2c6e5b4910caddfb3e51a7", "b2360c79e9710fdd58bea93deaf06599"}
	for i, got := range []Secret{p.KCK, p.KEK, p.TK} {
		if !got.Equal(unhex(t, want[i])) {
			t.Errorf("part %d: %x, want %s", i, []byte(got), want[i])
		}
	}
	// Both sides derive the same whatever the order of addresses and nonces.
	q := DerivePTK(HashSHA1, pmk, spa, aa, snonce, anonce, PTKLengths{16, 16, 16, 0})
	if !q.TK.Equal(p.TK) {
		t.Error("exchanging the sides changes the key")
	}
}

// RFC 3394, 4.1 to 4.6.
func TestWrapVectors(t *testing.T) {
	kek := unhex(t, "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")
	for _, v := range []struct {
		kek        int
		data, want string
	}{
		{16, "00112233445566778899aabbccddeeff", "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5"},
		{24, "00112233445566778899aabbccddeeff", "96778b25ae6ca435f92b5b97c050aed2468ab8a17ad84e5d"},
		{32, "00112233445566778899aabbccddeeff", "64e8c3f9ce0f5ba263e9777905818a2a93c8191e7d6e8ae7"},
		{24, "00112233445566778899aabbccddeeff0001020304050607", "031d33264e15d33268f24ec260743edce1c6c7ddee725a936ba814915c6762d2"},
		{32, "00112233445566778899aabbccddeeff0001020304050607", "a8f9bc1612c68b3ff6e6f4fbe30e71e4769c8b80a32cb8958cd5d17d6b254da1"},
		{32, "00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f", "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21"},
	} {
		data, want := unhex(t, v.data), unhex(t, v.want)
		got, err := Wrap(kek[:v.kek], data)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("Wrap: %x, %v, want %x", got, err, want)
		}
		back, err := Unwrap(kek[:v.kek], want)
		if err != nil || !back.Equal(data) {
			t.Errorf("Unwrap: %x, %v", []byte(back), err)
		}
		for i := range want {
			bad := bytes.Clone(want)
			bad[i] ^= 0x10
			if _, err := Unwrap(kek[:v.kek], bad); !errors.Is(err, ErrUnwrap) {
				t.Errorf("byte %d changed: %v", i, err)
			}
		}
	}
	for n := range 40 {
		_, err := Unwrap(kek[:16], make([]byte, n))
		if wantLen := n >= 24 && n%8 == 0; errors.Is(err, ErrUnwrap) != wantLen || err == nil {
			t.Errorf("Unwrap of %d bytes: %v", n, err)
		}
		if _, err := Wrap(kek[:16], make([]byte, n)); (err == nil) != (n >= 16 && n%8 == 0) {
			t.Errorf("Wrap of %d bytes: %v", n, err)
		}
	}
	if _, err := Wrap(kek[:5], make([]byte, 16)); err == nil {
		t.Error("Wrap with a KEK of 5 bytes")
	}
	if _, err := Unwrap(kek[:5], make([]byte, 24)); err == nil || errors.Is(err, ErrUnwrap) {
		t.Error("Unwrap with a KEK of 5 bytes")
	}
}

// RFC 4493, section 4; for AES-256 NIST SP 800-38B, D.3.
func TestCMACVectors(t *testing.T) {
	k128 := unhex(t, "2b7e151628aed2a6abf7158809cf4f3c")
	k256 := unhex(t, "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4")
	msg := unhex(t, "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710")
	for _, v := range []struct {
		key  []byte
		n    int
		want string
	}{
		{k128, 0, "bb1d6929e95937287fa37d129b756746"}, {k128, 16, "070a16b46b4d4144f79bdd9dd04a287c"},
		{k128, 40, "dfa66747de9ae63030ca32611497c827"}, {k128, 64, "51f0bebf7e3b9d92fc49741779363cfe"},
		{k256, 0, "028962f61b7bf89efc6b551f4667d983"}, {k256, 16, "28a7023f452e8f82bd4bf28d8c37c35c"},
		{k256, 40, "aaf3d8f1de5640c232f5b169b9c911e6"}, {k256, 64, "e1992190549f6ed5696a2c056c315410"},
	} {
		for cut := 0; cut <= v.n; cut++ {
			got, err := CMAC(v.key, msg[:cut], msg[cut:v.n])
			if err != nil || !bytes.Equal(got, unhex(t, v.want)) {
				t.Errorf("CMAC of %d bytes cut at %d: %x, %v", v.n, cut, got, err)
			}
		}
	}
	if _, err := CMAC(k128[:15], msg); err == nil {
		t.Error("CMAC with a key of 15 bytes")
	}
}

// Lengths of MICs (table 12-11), RFC 2202 case 2 for MD5 and SHA-1, RFC 4231 case
// 2 for the others.
func TestMIC(t *testing.T) {
	key, data := []byte("Jefe"), []byte("what do ya want for nothing?")
	for m, want := range map[MIC]string{
		MICHMACMD5:    "750c783e6ab0b503eaa86e310a5db738",
		MICHMACSHA1:   "effcdf6ae5eb2fa2d27416d5f184df9c",
		MICHMACSHA256: "5bdcc146bf60754e6a042426089575c7",
		MICHMACSHA384: "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47",
		MICHMACSHA512: "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554",
	} {
		got, err := m.Sum(key, data)
		if err != nil || !bytes.Equal(got, unhex(t, want)) || len(got) != m.Len() {
			t.Errorf("%v: %x, %v, want %s", m, got, err, want)
		}
	}
	if _, err := MICNone.Sum(key, data); err == nil || MICNone.Len() != 0 {
		t.Error("MICNone has a sum")
	}
	if _, err := MICAESCMAC.Sum(key, data); err == nil {
		t.Error("AES-CMAC with a key of 4 bytes")
	}
}

// RFC 6229, section 2, 256 bit key 0x0102...20 at offset 256, which is what is
// left when the first 256 bytes are thrown away; IV and KEK are the halves of it.
func TestRC4Vector(t *testing.T) {
	k := make([]byte, 32)
	for i := range k {
		k[i] = byte(i + 1)
	}
	want := unhex(t, "02e1e7056b0f623900496422943e97b6")
	got, err := RC4([16]byte(k[:16]), k[16:], make([]byte, 16))
	if err != nil || !got.Equal(want) {
		t.Errorf("key stream %x, %v, want %x", []byte(got), err, want)
	}
	if _, err := RC4([16]byte{}, k, nil); err == nil {
		t.Error("RC4 with a KEK of 32 bytes")
	}
}

func TestSecretDoesNotPrint(t *testing.T) {
	s := Secret("hunter2hunter2")
	type holder struct{ Key Secret }
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "key", s, "holder", fmt.Sprint(holder{s}))
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "key", s, "holder", holder{s})
	js, err := json.Marshal(holder{s})
	if err != nil {
		t.Fatal(err)
	}
	all := log.String() + string(js)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		all += fmt.Sprintf(verb, s) + fmt.Sprintf(verb, holder{s}) + fmt.Sprintf(verb, &holder{s})
	}
	for _, leak := range []string{"hunter", hex.EncodeToString(s), strings.ToUpper(hex.EncodeToString(s)), "104 117", "0x68", "aHVudGVy"} {
		if strings.Contains(all, leak) {
			t.Errorf("%q leaks in %s", leak, all)
		}
	}
	c := s.Clone()
	s.Zero()
	if !s.Equal(make([]byte, 14)) || !c.Equal([]byte("hunter2hunter2")) {
		t.Error("Zero or Clone")
	}
	if Secret(nil).Clone() != nil || !Secret(nil).Equal(nil) || c.Equal(c[:13]) {
		t.Error("Equal or Clone of nothing")
	}
}

// seq returns the bytes 0, 1, ... n-1.
func seq(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i)
	}
	return b
}

// parties are addresses and nonces of the derivation tests, those of 802.11i H.7.1.
func parties(t *testing.T) (aa, spa Addr, anonce, snonce Nonce) {
	return Addr(unhex(t, "a0a1a1a3a4a5")), Addr(unhex(t, "b0b1b2b3b4b5")),
		Nonce(unhex(t, "e0e1e2e3e4e5e6e7e8e9f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff000102030405")),
		Nonce(unhex(t, "c0c1c2c3c4c5c6c7c8c9d0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5"))
}

// No vectors are published for these: the values were computed from the formulas
// of 12.7.1 by a separate program in another language (Python's hmac); the
// handshakes made with them are besides decrypted by tshark in engine/rsn.
func TestDerivationsOfOtherHashes(t *testing.T) {
	aa, spa, anonce, snonce := parties(t)
	for _, v := range []struct {
		h    Hash
		l    PTKLengths
		want string
	}{
		{HashSHA256, PTKLengths{16, 16, 16, 0}, "95e181cb97cc109b8b2d3c9278091af2c053b77498145c0925ea9db94249dac70129f4180d5aa599c4adc311e3d47eb9"},
		{HashSHA384, PTKLengths{24, 32, 32, 32}, "27f5b36698fc10f5eadfbeaec887a341d14ce15843a610bc71ef57f0541d4c3c09ee54096403fd13eef20e4b58899beeb3327d1c7f6c78514adceae9ad1b7d1eae6b091a117adaef6183b3f2ddcd76a702c5a9ebc810857abd813ce8fd0f122c111b60bf3a82ea46c97eab9ee68a579f3c17317109422aa4"},
		{HashSHA512, PTKLengths{32, 32, 32, 0}, "f73d69e857f1c56190e8db71b6b9f8ef8dd215fce569789af6b9854cd1813e5d9d58746b2cbf47e726ae9b5db2f92a9912c92eeab53157039f6be7ff85a6738fbdf26b16169885808c4cfa293b70f98f36065bd70506de6a06f66a3de7fa4ad4"},
	} {
		pmk := seq(v.h.Size())
		p := DerivePTK(v.h, pmk, aa, spa, anonce, snonce, v.l)
		got := bytes.Join([][]byte{p.KCK, p.KEK, p.TK, p.KDK}, nil)
		if !bytes.Equal(got, unhex(t, v.want)) {
			t.Errorf("%v: %x", v.h, got)
		}
		if len(p.KCK) != v.l.KCK || len(p.KEK) != v.l.KEK || len(p.TK) != v.l.TK || len(p.KDK) != v.l.KDK {
			t.Errorf("%v: lengths of the parts", v.h)
		}
		p.Zero()
		if p.TK != nil {
			t.Error("Zero leaves a part")
		}
	}
	for h, want := range map[Hash]string{
		HashSHA1: "8811df9b2d205c9de86691e55c4daaa1", HashSHA256: "056f2e84658cb0dd7c4a819b5e729acb", HashSHA384: "addfd2aec9dab6e1947731f7fd81d7e6",
	} {
		if id := NewPMKID(h, seq(32), aa, spa); !bytes.Equal(id[:], unhex(t, want)) {
			t.Errorf("PMKID with %v: %x", h, id)
		}
	}
}

// As above.
func TestFTHierarchy(t *testing.T) {
	aa, spa, anonce, snonce := parties(t)
	r1kh := Addr(unhex(t, "020000000100"))
	for h, want := range map[Hash][6]string{
		HashSHA256: {"33e482b6df040f95822b4d24b8e3b2868eac907028a74b30c94e08a5f2c6e0c4", "92988732921d0c6e7c2022c59b791e77", "714129fae3e72342a53a4ec29c2af24e198a823ea1ccd0a63be567b1cf8287c6", "f1e6bccdb03f339997cb684365aa8b22", "147f696958b2deb6185b05340c5f18bed36102c6954117ba5f20cb33f2075f05399c6a4e0c706a1f3e8bdd4cafccde86", "23df6c494c797d32e60106e035cdb809"},
		HashSHA384: {"7ba1e8d5eedad1880932f2d64c073620f5cad973f3e5388fd20226c3fc73db8362a61009087270961fd3740ddd1d9c6e", "efc5cae566202b30324218bf14f10a24", "25a80eaf893972eb57eaaa1f3802609817712e982055667f274752e95d69d79dd76214a678760ffddec4c666143549fb", "d3ed38fbec2a96a956055f022f19aebf", "d7a84782e38609250c305f05ab064d5d88340d06bda22ee7b50313b2645ffadae1ae140a28a6e385b22c420e88e7b654", "ed2668c1cab5851d92251cb0a375fca3"},
	} {
		r0, n0 := PMKR0(h, seq(32), []byte("mobility"), MDID{0xa1, 0xb2}, []byte("nas.example"), spa)
		r1, n1 := PMKR1(h, r0, n0, r1kh, spa)
		p, pn := DeriveFTPTK(h, r1, n1, snonce, anonce, aa, spa, PTKLengths{16, 16, 16, 0})
		got := [][]byte{r0, n0[:], r1, n1[:], bytes.Join([][]byte{p.KCK, p.KEK, p.TK}, nil), pn[:]}
		for i := range got {
			if !bytes.Equal(got[i], unhex(t, want[i])) {
				t.Errorf("%v, value %d: %x", h, i, got[i])
			}
		}
	}
}

func FuzzUnwrap(f *testing.F) {
	f.Add(make([]byte, 16), make([]byte, 24))
	f.Add(seq(32), seq(40))
	f.Add(seq(3), seq(24))
	f.Fuzz(func(t *testing.T, kek, data []byte) {
		plain, err := Unwrap(kek, data)
		if err != nil {
			return
		}
		again, err := Wrap(kek, plain)
		if err != nil || !bytes.Equal(again, data) {
			t.Errorf("wrapping what was unwrapped: %x, %v", again, err)
		}
	})
}

func TestNames(t *testing.T) {
	for _, v := range []struct{ got, want string }{
		{HashSHA1.String(), "SHA-1"}, {HashSHA256.String(), "SHA-256"}, {HashSHA384.String(), "SHA-384"}, {HashSHA512.String(), "SHA-512"},
		{Hash(0).String(), "unknown hash"}, {MICAESCMAC.String(), "AES-128-CMAC"}, {MICNone.String(), "AEAD"}, {MIC(50).String(), "unknown MIC"},
		{Secret("x").String(), "[redacted]"},
	} {
		if v.got != v.want {
			t.Errorf("%q, want %q", v.got, v.want)
		}
	}
	if !Equal([]byte{1, 2}, []byte{1, 2}) || Equal([]byte{1, 2}, []byte{1, 3}) || Equal([]byte{1}, []byte{1, 1}) {
		t.Error("Equal")
	}
}

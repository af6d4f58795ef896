package sim

import (
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"strings"
	"testing"

	"gosupplicant/engine/eap"
)

func unhex(s string) []byte {
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		panic(err)
	}
	return b
}

func check(t *testing.T, what string, got []byte, want string) {
	t.Helper()
	if !bytes.Equal(got, unhex(want)) {
		t.Errorf("%s: %x, want %s", what, got, want)
	}
}

// TestCompress: a message of less than 56 bytes, padded by hand, is one block.
func TestCompress(t *testing.T) {
	for _, msg := range []string{"", "abc", strings.Repeat("x", 55)} {
		var block [64]byte
		copy(block[:], msg)
		block[len(msg)] = 0x80
		block[62], block[63] = byte(len(msg)*8>>8), byte(len(msg)*8)
		if got, want := compress(block), sha1.Sum([]byte(msg)); got != want {
			t.Errorf("%q: %x, want %x", msg, got, want)
		}
	}
}

// TestPRF is the example of FIPS 186-2, change notice 1 (RFC 4186, appendix B
// drops the reduction): its XKEY and the first output before it is reduced.
func TestPRF(t *testing.T) {
	check(t, "x", prf(unhex("bd029bbe7f51960bcf9edb2b61f06f0feb5a38b6"), 40),
		"2070b3223dba372fde1c0ffc7b2e3b498b2606143c6c18bacb0f6c55babb13788e20d737a3275116")
}

// RFC 4186, appendix A.
const (
	rfcIdentity = "1244070100000001@eapsim.foo"
	rfcReauthID = "Y24fNSrz8BP274jOJaF17WfxI8YO7QX00pMXk9XMMVOw7broaNhTczuFq53aEpOkk3L0dm@eapsim.foo"
)

var (
	rfcNonceMT  = unhex("0123456789abcdeffedcba9876543210")
	rfcTriplets = []triplet{
		{kc: [8]byte(unhex("a0a1a2a3a4a5a6a7")), sres: [4]byte(unhex("d1d2d3d4"))},
		{kc: [8]byte(unhex("b0b1b2b3b4b5b6b7")), sres: [4]byte(unhex("e1e2e3e4"))},
		{kc: [8]byte(unhex("c0c1c2c3c4c5c6c7")), sres: [4]byte(unhex("f1f2f3f4"))},
	}
)

func TestRFC4186(t *testing.T) {
	mk := simMaster([]byte(rfcIdentity), rfcTriplets, rfcNonceMT, []byte{0, 1}, 1)
	check(t, "MK", mk, "e576d5ca332e9930018bf1baee2763c795b3c712")
	k, out := fromMaster(mk)
	check(t, "K_encr", k.encr, "536e5ebc4465582aa6a8ec9986ebb620")
	check(t, "K_aut", k.aut, "25af1942efcbf4bc72b3943421f2a974")
	check(t, "MSK", out.MSK, "39d45aeaf4e30601983e972b6cfd46d1c363773365690d09cd44976b525f47d3"+
		"a60a985e955c53b090b2e4b73719196a402542968fd14a888f46b9a7886e4488")
	check(t, "EMSK", out.EMSK, "5949eab0fff69d52315c6c634fd14a7f0d52023d56f79698fa6596abeed4f93f"+
		"bb48eb534d985414ceed0d9a8ed33c387c9dfdab92ffbdf240fcecf65a2c93b9")
	again := k.reauthKeys([]byte(rfcReauthID), 1, unhex("0123456789abcdeffedcba9876543210"))
	check(t, "MSK of reauthentication", again.MSK, "6263f614973895e1335f7e30cff028ee2176f519002c9abe732fe0ef00cf167c"+
		"756d9e4ced6d5ed640eb3fe38565ca076e7fb8a817cfe8d9adbce441d47c4f5e")
	check(t, "EMSK of reauthentication", again.EMSK, "3d8ff7863a630b2b06e2cf209684c13f6b82f992f2b06f1b54bf51ef237f2a40"+
		"1ef5e0d7e098a34c533eaebf34578854b772152620a777f0e0340884a294fb73")
}

// TestMilenage is test set 1 of 3GPP TS 35.208, and 19, which RFC 9048 goes on with.
func TestMilenage(t *testing.T) {
	m, err := NewMilenage(unhex("465b5ce8b199b49faa5f0a2ee238a6bc"), unhex("cd63cb71954a9f4e48a5994e37a02baf"))
	if err != nil {
		t.Fatal(err)
	}
	rand := unhex("23553cbe9637a89d218ae64dae47bf35")
	macA, macS := m.F1(rand, unhex("ff9bb4d0b607"), unhex("b9b9"))
	check(t, "f1", macA, "4a9ffac354dfafb3")
	check(t, "f1*", macS, "01cfaf9ec4e871e9")
	res, ck, ik, ak, akStar := m.F2345(rand)
	check(t, "f2", res, "a54211d5e3ba50bf")
	check(t, "f3", ck, "b40ba9a3c58b2a05bbf0d987b21bf8cb")
	check(t, "f4", ik, "f769bcd751044604127672711c6d3441")
	check(t, "f5", ak, "aa689c648370")
	check(t, "f5*", akStar, "451e8beca43b")
	kc, sres := m.GSM(rand) // 3GPP TS 55.205, set 1
	check(t, "Kc", kc[:], "eae4be823af9a08b")
	check(t, "SRES", sres[:], "46f8416a")

	m, err = NewMilenage(unhex("5122250214c33e723a5dd523fc145fc0"), unhex("981d464c7c52eb6e5036234984ad0bcf"))
	if err != nil {
		t.Fatal(err)
	}
	check(t, "AUTN", m.AUTN(unhex("81e92b6c0ee0e12ebceba8d92a99dfa5"), unhex("16f3b3f70fc2"), unhex("c3ab")), "bb52e91c747ac3ab2a5c23d15ee351d5")
}

// TestRFC9048 is RFC 5448 and RFC 9048, appendix C/D, case 1.
func TestRFC9048(t *testing.T) {
	ckPrime, ikPrime := bindNetwork(unhex("5349fbe098649f948f5d2e973a81c00f"), unhex("9744871ad32bf9bbd1dd5ce54e3e2e5a"),
		[]byte("WLAN"), unhex("bb52e91c747ac3ab2a5c23d15ee351d5"))
	check(t, "CK'", ckPrime, "0093962d0dd84aa5684b045c9edffa04")
	check(t, "IK'", ikPrime, "ccfc230ca74fcc96c0a5d61164f5a76c")
	k, out := fromPrime([]byte("0555444333222111"), ckPrime, ikPrime)
	check(t, "K_encr", k.encr, "766fa0a6c317174b812d52fbcd11a179")
	check(t, "K_aut", k.aut, "0842ea722ff6835bfa2032499fc3ec23c2f0e388b4f07543ffc677f1696d71ea")
	check(t, "K_re", k.again, "cf83aa8bc7e0aced892acc98e76a9b2095b558c7795c7094715cb3393aa7d17a")
	check(t, "MSK", out.MSK, "67c42d9aa56c1b79e295e3459fc3d187d42be0bf818d3070e362c5e967a4d544"+
		"e8ecfe19358ab3039aff03b7c930588c055babee58a02650b067ec4e9347c75a")
	check(t, "EMSK", out.EMSK, "f861703cd775590e16c7679ea3874ada866311de290764d760cf76df647ea01c"+
		"313f69924bdd7650ca9bac141ea075c4ef9e8029c0e290cdbad5638b63bc23fb")
}

func TestResync(t *testing.T) {
	m, _ := NewMilenage(unhex("465b5ce8b199b49faa5f0a2ee238a6bc"), unhex("cd63cb71954a9f4e48a5994e37a02baf"))
	rand, sqn := unhex("23553cbe9637a89d218ae64dae47bf35"), unhex("ff9bb4d0b607")
	auts := m.auts(rand, sqn)
	if got, ok := m.Resync(rand, auts); !ok || !bytes.Equal(got, sqn) || len(auts) != autsLen {
		t.Errorf("%x, %v", got, ok)
	}
	auts[3] ^= 1
	if _, ok := m.Resync(rand, auts); ok {
		t.Error("a changed AUTS verifies")
	}
}

func TestPrinting(t *testing.T) {
	m, _ := NewMilenage(bytes.Repeat([]byte{0x41}, 16), bytes.Repeat([]byte{0x42}, 16))
	mem := &memory{pseudonym: []byte("secret"), keys: transient{encr: []byte("secret")}}
	b := &base{kind: eap.TypeAKAPrime, keys: mem.keys}
	s := m.String() + m.GoString() + mem.String() + mem.GoString() + b.String() + b.GoString()
	if strings.Contains(s, "AA") || strings.Contains(s, "65") || strings.Contains(s, "secret") {
		t.Error(s)
	}
}

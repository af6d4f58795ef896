package rsn

import (
	"bytes"
	"crypto/aes"
	"crypto/hmac"
	"crypto/md5"
	"crypto/rc4"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"fmt"
	"hash"
	"testing"

	"gosupplicant/engine/dot11"
	"gosupplicant/engine/keys"
)

// authenticator is the access point's side, written from the standard for these
// tests: frames are laid out by hand and keys derived by its own code; only
// AES-CMAC and AES key wrap are shared, which RFC vectors prove.
type authenticator struct {
	t        testing.TB
	aa, spa  dot11.MAC
	wpa      bool
	version  byte
	pmk      []byte
	h        func() hash.Hash // of the KDF; sha1.New stands for the PRF
	mic      string           // md5, sha1, cmac, sha256, sha384, sha512
	kckLen   int
	kekLen   int
	tkLen    int
	ft       *ftPeer
	rsne     []byte // of the beacon
	rsnxe    []byte
	wpaIE    []byte
	extra    []byte // more Key Data of message 3 and of the group message
	wantM2   []byte // Key Data of message 2
	counter  uint64
	rsc      []byte // of group messages; nil for rscForTest
	anonce   [32]byte
	gtk      []byte
	gtkIndex byte
	igtk     []byte
	bigtk    []byte
	keyID    int // extended key ID, -1 without
	noGTK    bool

	kck, kek, tk []byte
}

func (a *authenticator) micLen() int {
	switch a.mic {
	case "sha384":
		return 24
	case "sha512":
		return 32
	}
	return 16
}

// frame lays out an EAPOL-Key frame (figure 12-33).
func (a *authenticator) frame(info uint16, keyLen int, nonce []byte, rsc []byte, data []byte, sign bool) []byte {
	n := a.micLen()
	b := make([]byte, 4+77+n+2+len(data))
	b[0], b[1] = 2, 3
	binary.BigEndian.PutUint16(b[2:], uint16(len(b)-4))
	b[4] = 2
	if a.wpa {
		b[4] = 254
	}
	binary.BigEndian.PutUint16(b[5:], info|uint16(a.version))
	binary.BigEndian.PutUint16(b[7:], uint16(keyLen))
	binary.BigEndian.PutUint64(b[9:], a.counter)
	copy(b[17:49], nonce)
	if a.version == 1 {
		copy(b[49:65], a.iv())
	}
	copy(b[65:73], rsc)
	binary.BigEndian.PutUint16(b[81+n:], uint16(len(data)))
	copy(b[83+n:], data)
	if sign {
		copy(b[81:81+n], a.sum(b))
	}
	return b
}

func (a *authenticator) iv() []byte {
	iv := sha256.Sum256(binary.BigEndian.AppendUint64(nil, a.counter))
	return iv[:16]
}

// sum is the MIC of a frame whose MIC field is zero.
func (a *authenticator) sum(b []byte) []byte {
	mac := func(h func() hash.Hash) []byte {
		m := hmac.New(h, a.kck)
		m.Write(b)
		return m.Sum(nil)[:a.micLen()]
	}
	switch a.mic {
	case "md5":
		return mac(md5.New)
	case "sha1":
		return mac(sha1.New)
	case "sha256":
		return mac(sha256.New)
	case "sha384":
		return mac(sha512.New384)
	case "sha512":
		return mac(sha512.New)
	}
	s, err := keys.CMAC(a.kck, b)
	if err != nil {
		a.t.Fatal(err)
	}
	return s
}

func (a *authenticator) next() { a.counter++ }

// m1 begins or repeats a handshake; kde may be nil.
func (a *authenticator) m1(kde []byte) []byte {
	a.next()
	return a.frame(0x0088, a.tkLen, a.anonce[:], nil, kde, false)
}

// onM2 checks message 2 and derives the PTK.
func (a *authenticator) onM2(b []byte) error {
	n := a.micLen()
	if len(b) < 83+n || b[1] != 3 {
		return fmt.Errorf("message 2 is %x", b)
	}
	if c := binary.BigEndian.Uint64(b[9:]); c != a.counter {
		return fmt.Errorf("message 2 has counter %d, message 1 had %d", c, a.counter)
	}
	a.derive(b[17:49])
	if err := a.check(b, 0x0108); err != nil {
		return fmt.Errorf("message 2: %w", err)
	}
	if data := b[83+n:]; a.wantM2 != nil && !bytes.Equal(data, a.wantM2) {
		return fmt.Errorf("message 2 has Key Data %x, want %x", data, a.wantM2)
	}
	return nil
}

// check verifies MIC and Key Information, secure bit aside.
func (a *authenticator) check(b []byte, info uint16) error {
	n := a.micLen()
	c := bytes.Clone(b)
	copy(c[81:], make([]byte, n))
	if !bytes.Equal(a.sum(c), b[81:81+n]) {
		return fmt.Errorf("MIC is wrong")
	}
	if got := binary.BigEndian.Uint16(b[5:]) &^ 0x0200; got != info|uint16(a.version) {
		return fmt.Errorf("Key Information %04x, want %04x", got, info|uint16(a.version))
	}
	if got := int(binary.BigEndian.Uint16(b[2:])); got != len(b)-4 {
		return fmt.Errorf("length %d of %d", got, len(b)-4)
	}
	return nil
}

func ordered(x, y []byte) []byte {
	if bytes.Compare(x, y) > 0 {
		x, y = y, x
	}
	return append(bytes.Clone(x), y...)
}

// derive is 12.7.1.3, or 12.7.1.6.5 for FT.
func (a *authenticator) derive(snonce []byte) {
	n := a.kckLen + a.kekLen + a.tkLen
	label, ctx, key := "Pairwise key expansion", append(ordered(a.aa[:], a.spa[:]), ordered(a.anonce[:], snonce)...), a.pmk
	if a.ft != nil {
		label, key = "FT-PTK", a.ft.r1
		ctx = bytes.Join([][]byte{snonce, a.anonce[:], a.aa[:], a.spa[:]}, nil)
	}
	var k []byte
	if a.ft == nil && a.h().Size() == sha1.Size {
		for i := byte(0); len(k) < n; i++ {
			m := hmac.New(sha1.New, key)
			m.Write(bytes.Join([][]byte{[]byte(label), {0}, ctx, {i}}, nil))
			k = m.Sum(k)
		}
	} else {
		k = kdfForTest(a.h, key, label, ctx, n)
	}
	a.kck, a.kek, a.tk = k[:a.kckLen], k[a.kckLen:a.kckLen+a.kekLen], k[a.kckLen+a.kekLen:n]
}

func kdfForTest(h func() hash.Hash, key []byte, label string, ctx []byte, n int) []byte {
	var k []byte
	for i := 1; len(k) < n; i++ {
		m := hmac.New(h, key)
		m.Write([]byte{byte(i), byte(i >> 8)})
		m.Write([]byte(label))
		m.Write(ctx)
		m.Write([]byte{byte(n * 8), byte(n * 8 >> 8)})
		k = m.Sum(k)
	}
	return k[:n]
}

func kdeForTest(typ byte, body ...byte) []byte {
	return append([]byte{0xdd, byte(4 + len(body)), 0x00, 0x0f, 0xac, typ}, body...)
}

// groupData are the KDEs of the group keys.
func (a *authenticator) groupData() []byte {
	var d []byte
	if !a.noGTK {
		d = append(d, kdeForTest(1, append([]byte{a.gtkIndex, 0}, a.gtk...)...)...)
	}
	if a.igtk != nil {
		d = append(d, kdeForTest(9, append([]byte{4, 0, 1, 2, 3, 4, 5, 6}, a.igtk...)...)...)
	}
	if a.bigtk != nil {
		d = append(d, kdeForTest(14, append([]byte{6, 0, 9, 8, 7, 6, 5, 4}, a.bigtk...)...)...)
	}
	return append(d, a.extra...)
}

// seal encrypts Key Data.
func (a *authenticator) seal(d []byte) []byte {
	if a.version == 1 {
		c, err := rc4.NewCipher(append(bytes.Clone(a.iv()), a.kek...))
		if err != nil {
			a.t.Fatal(err)
		}
		skip := make([]byte, 256)
		c.XORKeyStream(skip, skip)
		out := make([]byte, len(d))
		c.XORKeyStream(out, d)
		return out
	}
	if len(d)%8 != 0 || len(d) < 16 {
		d = append(d, 0xdd)
		for len(d)%8 != 0 || len(d) < 16 {
			d = append(d, 0)
		}
	}
	return wrapForTest(a.t, a.kek, d)
}

// wrapForTest is RFC 3394, 2.2.1, in its index-free form.
func wrapForTest(t testing.TB, kek, d []byte) []byte {
	c, err := aes.NewCipher(kek)
	if err != nil {
		t.Fatal(err)
	}
	reg := bytes.Repeat([]byte{0xa6}, 8)
	rows := make([][]byte, len(d)/8)
	for i := range rows {
		rows[i] = bytes.Clone(d[8*i : 8*i+8])
	}
	for step := 1; step <= 6*len(rows); step++ {
		i := (step - 1) % len(rows)
		blk := append(bytes.Clone(reg), rows[i]...)
		c.Encrypt(blk, blk)
		reg, rows[i] = blk[:8], blk[8:]
		reg[7] ^= byte(step)
		reg[6] ^= byte(step >> 8)
	}
	return append(bytes.Clone(reg), bytes.Join(rows, nil)...)
}

var rscForTest = []byte{0x11, 0x22, 0x33, 0, 0, 0, 0, 0}

func (a *authenticator) m3() []byte {
	a.next()
	if a.wpa {
		return a.frame(0x01c8, a.tkLen, a.anonce[:], nil, append(bytes.Clone(a.wpaIE), a.extra...), true)
	}
	d := append(bytes.Clone(a.rsne), a.rsnxe...)
	if a.ft != nil {
		d = a.ft.m3Elements(a.rsne)
	}
	d = append(d, a.groupData()...)
	if a.keyID >= 0 {
		d = append(d, kdeForTest(10, byte(a.keyID), 0)...)
	}
	return a.frame(0x13c8, a.tkLen, a.anonce[:], rscForTest, a.seal(d), true)
}

// m3With is message 3 with the given plain Key Data and Key Information.
func (a *authenticator) m3With(info uint16, d []byte) []byte {
	a.next()
	return a.frame(info, a.tkLen, a.anonce[:], rscForTest, a.seal(d), true)
}

func (a *authenticator) g1() []byte {
	a.next()
	if a.wpa {
		return a.frame(0x0380|uint16(a.gtkIndex)<<4, len(a.gtk), nil, a.groupRSC(), a.seal(bytes.Clone(a.gtk)), true)
	}
	return a.frame(0x1380, 0, nil, a.groupRSC(), a.seal(a.groupData()), true)
}

// fill returns n bytes made from a word.
func fill(word string, n int) []byte {
	var out []byte
	for i := byte(0); len(out) < n; i++ {
		s := sha256.Sum256(append([]byte(word), i))
		out = append(out, s[:]...)
	}
	return out[:n]
}

func (a *authenticator) groupRSC() []byte {
	if a.rsc != nil {
		return a.rsc
	}
	return rscForTest
}

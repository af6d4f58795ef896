package mschapv2

import (
	"bytes"
	"crypto/rc4"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"testing"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/keys"
)

func unhex(s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic(err)
	}
	return b
}

// RFC 2759, 9.2.
var (
	vecAuth = unhex("5B5D7C7D7B3F2F3E3C2C602132262628")
	vecPeer = unhex("21402324255E262A28295F2B3A337C7E")
	vecHash = unhex("44EBBA8D5312B8D611474411F56989AE")
	vecResp = [ResponseLen]byte(unhex("82309ECD8D708B5EA08FAA3981CD83544233114A3D85D6DF"))
)

func TestRFC2759(t *testing.T) {
	hash, err := NTHash([]byte("clientPass"))
	if err != nil || !bytes.Equal(hash, vecHash) {
		t.Fatalf("NT hash %x, %v", []byte(hash), err)
	}
	if got := hashMD4(hash); !bytes.Equal(got, unhex("41C00C584BD2D91C4017A2A12FA59F3F")) {
		t.Errorf("hash of the hash %x", []byte(got))
	}
	if got := ChallengeHash(vecPeer, vecAuth, []byte("User")); !bytes.Equal(got[:], unhex("D02E4386BCE91226")) {
		t.Errorf("challenge hash %x", got)
	}
	if got := NTResponse(vecAuth, vecPeer, []byte("User"), hash); got != vecResp {
		t.Errorf("response %x", got)
	}
	got := AuthenticatorResponse(hash, vecResp, vecPeer, vecAuth, []byte("User"))
	if !bytes.Equal(got[:], unhex("407A5589115FD0D6209F510FE9C04566932CDA56")) {
		t.Errorf("server's proof %x", got)
	}
}

// RFC 3079, 3.5.3.
func TestRFC3079(t *testing.T) {
	master := MasterKey(vecHash, vecResp)
	if !bytes.Equal(master, unhex("FDECE3717A8C838CB388E527AE3CDD31")) {
		t.Errorf("master key %x", []byte(master))
	}
	send := StartKey(master, true, true)
	if !bytes.Equal(send, unhex("8B7CDC149B993A1BA118CB153F56DCCB")) {
		t.Errorf("server's send key %x", []byte(send))
	}
	msk := MSK(vecHash, vecResp)
	if len(msk) != 32 || !msk[16:].Equal(send) || !msk[:16].Equal(StartKey(master, false, true)) {
		t.Errorf("MSK %x", []byte(msk))
	}
}

func TestPasswords(t *testing.T) {
	if _, err := NTHash([]byte("\xff")); err == nil {
		t.Error("a password that is not UTF-8 has a hash")
	}
	if _, err := NTHash(bytes.Repeat([]byte("ä"), 257)); err == nil {
		t.Error("257 characters have a hash")
	}
	empty, err := NTHash(nil) // the well-known hash of no password
	if err != nil || !bytes.Equal(empty, unhex("31D6CFE0D16AE931B73C59D7E0C089C0")) {
		t.Errorf("empty password: %x, %v", []byte(empty), err)
	}
	wide, err := utf16le([]byte("ä€😀"))
	if err != nil || !bytes.Equal(wide, unhex("e400 ac20 3dd8 00de")) {
		t.Errorf("UTF-16: %x, %v", []byte(wide), err)
	}
	if got, err := HashOf(eap.Password{Value: vecHash, Hash: true}); err != nil || !got.Equal(vecHash) {
		t.Errorf("hash:%x, %v", []byte(got), err)
	}
	if _, err := HashOf(eap.Password{Value: vecHash[1:], Hash: true}); err == nil {
		t.Error("a hash of 15 bytes is taken")
	}
	for in, want := range map[string]string{"user": "user", `DOM\user`: "user", `a\b\c`: "c", `\`: ""} {
		if got := User([]byte(in)); string(got) != want {
			t.Errorf("user of %q: %q", in, got)
		}
	}
}

// TestPasswordChangeBlocks undoes RFC 2759, 8.9 and 8.12 as a server does.
func TestPasswordChangeBlocks(t *testing.T) {
	wide, _ := utf16le([]byte("new password"))
	block, err := newPasswordBlock(bytes.NewReader(make([]byte, 512)), wide, vecHash)
	if err != nil || len(block) != 516 {
		t.Fatalf("%d bytes, %v", len(block), err)
	}
	c, _ := rc4.NewCipher(vecHash)
	c.XORKeyStream(block, block)
	n := int(binary.LittleEndian.Uint32(block[512:]))
	if n != 24 || !bytes.Equal(block[512-n:512], wide) {
		t.Errorf("length %d, password %x", n, block[512-n:512])
	}
	newHash := hashMD4(wide)
	old := oldHashBlock(vecHash, newHash)
	again := make([]byte, 16)
	encryptDES(again, vecHash[:8], newHash[:7])
	encryptDES(again[8:], vecHash[8:], newHash[7:14])
	if !bytes.Equal(old, again) || bytes.Equal(old, vecHash) {
		t.Errorf("old hash %x", old)
	}
	if _, err := newPasswordBlock(bytes.NewReader(nil), wide, vecHash); !errors.Is(err, io.EOF) {
		t.Errorf("no randomness: %v", err)
	}
}

// TestDES is the plaintext/ciphertext pair of FIPS 46 that everybody uses, with
// the parity bits left out of the key.
func TestDES(t *testing.T) {
	// 0123456789ABCDEF without its lowest bits.
	var bits uint64
	for _, b := range unhex("133457799BBCDFF1") {
		bits = bits<<7 | uint64(b>>1)
	}
	key := binary.BigEndian.AppendUint64(nil, bits<<8)[:7]
	got := make([]byte, 8)
	encryptDES(got, unhex("0123456789ABCDEF"), key)
	if !bytes.Equal(got, unhex("85E813540F0AB405")) {
		t.Errorf("%x", got)
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	m := &method{hash: keys.Secret(vecHash)}
	if s := m.String() + m.GoString(); strings.Contains(s, "44") || strings.Contains(s, "hash") {
		t.Error(s)
	}
}

package mschapv2

import (
	"crypto/des"
	"crypto/rc4"
	"crypto/sha1"
	"encoding/binary"
	"fmt"
	"io"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/crypto/md4"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/keys"
)

// Lengths in bytes.
const (
	ChallengeLen  = 16 // of either side
	HashLen       = 16 // NT hash
	ResponseLen   = 24 // NT-Response
	StartKeyLen   = 16 // each half of the key material
	maxPassword   = 256
	passwordBlock = 2*maxPassword + 4
)

// utf16le returns a UTF-8 password in the encoding of Windows.
func utf16le(password []byte) (keys.Secret, error) {
	if !utf8.Valid(password) {
		return nil, fmt.Errorf("mschapv2: the password is not UTF-8")
	}
	units := utf16.Encode([]rune(string(password)))
	if len(units) > maxPassword {
		return nil, fmt.Errorf("mschapv2: the password has %d characters, at most %d", len(units), maxPassword)
	}
	out := make(keys.Secret, 0, 2*len(units))
	for _, u := range units {
		out = binary.LittleEndian.AppendUint16(out, u)
	}
	return out, nil
}

// NTHash returns the NT hash of a password in UTF-8 (RFC 2759, 8.3): 16 bytes.
// The error is about a password that is not UTF-8 or has more than 256 characters.
func NTHash(password []byte) (keys.Secret, error) {
	wide, err := utf16le(password)
	if err != nil {
		return nil, err
	}
	defer wide.Zero()
	return hashMD4(wide), nil
}

func hashMD4(b []byte) keys.Secret {
	h := md4.New()
	h.Write(b)
	return h.Sum(nil)
}

// HashOf returns the NT hash of a configured or answered password.
func HashOf(p eap.Password) (keys.Secret, error) {
	if !p.Hash {
		return NTHash(p.Value)
	}
	if len(p.Value) != HashLen {
		return nil, fmt.Errorf("mschapv2: NT hash of %d bytes, want %d", len(p.Value), HashLen)
	}
	return p.Value.Clone(), nil
}

// User returns the name that enters the computations: what follows the last
// backslash of DOMAIN\user.
func User(identity []byte) []byte {
	for i := len(identity) - 1; i >= 0; i-- {
		if identity[i] == '\\' {
			return identity[i+1:]
		}
	}
	return identity
}

// ChallengeHash folds both challenges and the user's name into one (RFC 2759, 8.2).
func ChallengeHash(peer, auth, user []byte) [8]byte {
	h := sha1.New()
	h.Write(peer)
	h.Write(auth)
	h.Write(user)
	return [8]byte(h.Sum(nil))
}

// desKey spreads 7 bytes over 8, leaving out the parity bits, which DES ignores.
func desKey(k []byte) []byte {
	var bits uint64
	for _, b := range k[:7] {
		bits = bits<<8 | uint64(b)
	}
	out := make([]byte, 8)
	for i := range out {
		out[i] = byte(bits>>(49-7*i)) << 1
	}
	return out
}

func encryptDES(dst, src, key7 []byte) {
	c, err := des.NewCipher(desKey(key7))
	if err != nil {
		panic("mschapv2: " + err.Error()) // 8 bytes are a key
	}
	c.Encrypt(dst, src)
}

// ChallengeResponse is the answer to an 8-byte challenge (RFC 2759, 8.5), which is
// also the NT response of MS-CHAP (RFC 2433).
func ChallengeResponse(challenge [8]byte, ntHash []byte) [ResponseLen]byte {
	var padded [21]byte
	copy(padded[:], ntHash)
	var out [ResponseLen]byte
	for i := range 3 {
		encryptDES(out[8*i:], challenge[:], padded[7*i:])
	}
	return out
}

// NTResponse is the peer's proof (RFC 2759, 8.1).
func NTResponse(auth, peer, user, ntHash []byte) [ResponseLen]byte {
	return ChallengeResponse(ChallengeHash(peer, auth, user), ntHash)
}

// AuthenticatorResponse is the server's proof, which "S=" shows in hexadecimal
// (RFC 2759, 8.7).
func AuthenticatorResponse(ntHash []byte, response [ResponseLen]byte, peer, auth, user []byte) [sha1.Size]byte {
	h := sha1.New()
	h.Write(hashMD4(ntHash))
	h.Write(response[:])
	io.WriteString(h, "Magic server to client signing constant")
	digest := h.Sum(nil)
	challenge := ChallengeHash(peer, auth, user)
	h.Reset()
	h.Write(digest)
	h.Write(challenge[:])
	io.WriteString(h, "Pad to make it do more than one iteration")
	return [sha1.Size]byte(h.Sum(nil))
}

// MasterKey is RFC 3079, 3.4 GetMasterKey: 16 bytes.
func MasterKey(ntHash []byte, response [ResponseLen]byte) keys.Secret {
	h := sha1.New()
	h.Write(hashMD4(ntHash))
	h.Write(response[:])
	io.WriteString(h, "This is the MPPE Master Key")
	return keys.Secret(h.Sum(nil)[:16])
}

// StartKey is RFC 3079, 3.4 GetAsymmetricStartKey of 16 bytes: the key of one
// direction, as seen by the server or the peer.
func StartKey(master []byte, send, server bool) keys.Secret {
	text := "On the client side, this is the receive key; on the server side, it is the send key."
	if send != server {
		text = "On the client side, this is the send key; on the server side, it is the receive key."
	}
	var pad1, pad2 [40]byte
	for i := range pad2 {
		pad2[i] = 0xf2
	}
	h := sha1.New()
	h.Write(master)
	h.Write(pad1[:])
	io.WriteString(h, text)
	h.Write(pad2[:])
	return keys.Secret(h.Sum(nil)[:StartKeyLen])
}

// MSK returns the 32 bytes of key material of EAP-MSCHAPv2: what the server
// receives with, then what it sends with.
func MSK(ntHash []byte, response [ResponseLen]byte) keys.Secret {
	master := MasterKey(ntHash, response)
	defer master.Zero()
	return append(StartKey(master, true, false), StartKey(master, false, false)...)
}

// newPasswordBlock is NewPasswordEncryptedWithOldNtPasswordHash (RFC 2759, 8.9):
// 516 bytes.
func newPasswordBlock(rand io.Reader, wide, oldHash []byte) ([]byte, error) {
	block := make([]byte, passwordBlock)
	if _, err := io.ReadFull(rand, block[:2*maxPassword-len(wide)]); err != nil {
		return nil, fmt.Errorf("mschapv2: randomness: %w", err)
	}
	copy(block[2*maxPassword-len(wide):], wide)
	binary.LittleEndian.PutUint32(block[2*maxPassword:], uint32(len(wide)))
	c, err := rc4.NewCipher(oldHash)
	if err != nil {
		return nil, fmt.Errorf("mschapv2: %w", err)
	}
	c.XORKeyStream(block, block)
	return block, nil
}

// oldHashBlock is OldNtPasswordHashEncryptedWithNewNtPasswordHash (RFC 2759,
// 8.12): 16 bytes.
func oldHashBlock(oldHash, newHash []byte) []byte {
	out := make([]byte, HashLen)
	encryptDES(out, oldHash, newHash)
	encryptDES(out[8:], oldHash[8:], newHash[7:])
	return out
}

package keys

import (
	"crypto/aes"
	"crypto/rc4"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
)

// ErrUnwrap tells that wrapped data fail the integrity check of RFC 3394: wrong
// key, or changed on the way.
var ErrUnwrap = errors.New("keys: AES key unwrap: integrity check failed")

// wrapIV is the initial value of RFC 3394, 2.2.3.1.
const wrapIV = 0xa6a6a6a6a6a6a6a6

// WrapOverhead is by how many bytes wrapping makes data longer.
const WrapOverhead = 8

// Wrap encrypts data, whose length is a multiple of 8 bytes and at least 16, with
// AES key wrap (RFC 3394). The kek has 16, 24 or 32 bytes.
func Wrap(kek, data []byte) ([]byte, error) {
	block, err := aes.NewCipher(kek)
	if err != nil {
		return nil, fmt.Errorf("keys: AES key wrap: %w", err)
	}
	if len(data) < 16 || len(data)%8 != 0 {
		return nil, fmt.Errorf("keys: AES key wrap: %d bytes, want a multiple of 8 and at least 16", len(data))
	}
	out := make([]byte, 8+len(data))
	copy(out[8:], data)
	n := uint64(len(data) / 8)
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], wrapIV)
	for j := range uint64(6) {
		for i := uint64(1); i <= n; i++ {
			copy(b[8:], out[8*i:])
			block.Encrypt(b[:], b[:])
			binary.BigEndian.PutUint64(b[:8], binary.BigEndian.Uint64(b[:8])^(n*j+i))
			copy(out[8*i:8*i+8], b[8:])
		}
	}
	copy(out, b[:8])
	return out, nil
}

// Unwrap reverses Wrap. Wrapped data has a multiple of 8 bytes and at least 24;
// it returns ErrUnwrap when the integrity check fails.
func Unwrap(kek, wrapped []byte) (Secret, error) {
	block, err := aes.NewCipher(kek)
	if err != nil {
		return nil, fmt.Errorf("keys: AES key unwrap: %w", err)
	}
	if len(wrapped) < 24 || len(wrapped)%8 != 0 {
		return nil, fmt.Errorf("keys: AES key unwrap: %d bytes, want a multiple of 8 and at least 24", len(wrapped))
	}
	out := append(Secret(nil), wrapped[8:]...)
	n := uint64(len(out) / 8)
	var b [16]byte
	copy(b[:8], wrapped)
	for j := uint64(6); j > 0; j-- {
		for i := n; i > 0; i-- {
			binary.BigEndian.PutUint64(b[:8], binary.BigEndian.Uint64(b[:8])^(n*(j-1)+i))
			copy(b[8:], out[8*(i-1):])
			block.Decrypt(b[:], b[:])
			copy(out[8*(i-1):8*i], b[8:])
		}
	}
	var want [8]byte
	binary.BigEndian.PutUint64(want[:], wrapIV)
	if subtle.ConstantTimeCompare(b[:8], want[:]) != 1 {
		out.Zero()
		return nil, ErrUnwrap
	}
	return out, nil
}

// rc4Skip is how much of the key stream EAPOL-Key descriptor version 1 throws
// away (12.7.2).
const rc4Skip = 256

// RC4 en- or decrypts the Key Data of descriptor version 1 (TKIP): RC4 under the
// EAPOL-Key IV (16 bytes) and the KEK (16 bytes), its first 256 bytes unused.
func RC4(iv [16]byte, kek, data []byte) (Secret, error) {
	if len(kek) != 16 {
		return nil, fmt.Errorf("keys: RC4: KEK of %d bytes, want 16", len(kek))
	}
	c, err := rc4.NewCipher(append(iv[:], kek...))
	if err != nil {
		return nil, fmt.Errorf("keys: RC4: %w", err)
	}
	var skip [rc4Skip]byte
	c.XORKeyStream(skip[:], skip[:])
	out := make(Secret, len(data))
	c.XORKeyStream(out, data)
	return out, nil
}

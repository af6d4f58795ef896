package keys

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"hash"
)

// Hash names the hash function of an AKM suite.
type Hash uint8

// Hash functions.
const (
	HashSHA1 Hash = iota + 1
	HashSHA256
	HashSHA384
	HashSHA512
)

// New returns the hash's constructor result, for crypto/hmac and the like.
// An unknown Hash is a programming error and panics.
func (h Hash) New() hash.Hash {
	switch h {
	case HashSHA1:
		return sha1.New()
	case HashSHA256:
		return sha256.New()
	case HashSHA384:
		return sha512.New384()
	case HashSHA512:
		return sha512.New()
	}
	panic("keys: unknown hash")
}

// Size returns the length of a digest in bytes.
func (h Hash) Size() int { return h.New().Size() }

// String returns e.g. "SHA-256".
func (h Hash) String() string {
	switch h {
	case HashSHA1:
		return "SHA-1"
	case HashSHA256:
		return "SHA-256"
	case HashSHA384:
		return "SHA-384"
	case HashSHA512:
		return "SHA-512"
	}
	return "unknown hash"
}

// HMAC returns HMAC-Hash(key, parts concatenated).
func (h Hash) HMAC(key []byte, parts ...[]byte) []byte {
	m := hmac.New(h.New, key)
	for _, p := range parts {
		m.Write(p)
	}
	return m.Sum(nil)
}

// maxDerived bounds the output of PRF and KDF: their length in bits is a 16-bit
// number in the KDF, and the PRF's counter is one byte.
const maxDerived = 255 * sha1.Size

// PRF returns n bytes of PRF-(8n) (12.7.1.2), which is built on HMAC-SHA-1. The
// context parts are concatenated. n beyond 5100 is a programming error and
// panics.
func PRF(key []byte, label string, n int, context ...[]byte) Secret {
	if n < 0 || n > maxDerived {
		panic("keys: PRF length out of range")
	}
	out := make(Secret, 0, n+sha1.Size)
	m := hmac.New(sha1.New, key)
	for i := byte(0); len(out) < n; i++ {
		m.Reset()
		m.Write([]byte(label))
		m.Write([]byte{0})
		for _, c := range context {
			m.Write(c)
		}
		m.Write([]byte{i})
		out = m.Sum(out)
	}
	return out[:n]
}

// KDF returns n bytes of KDF-Hash-(8n) (12.7.1.6.2): iterated HMAC over a counter,
// the label, the context and the length in bits, counter and length being
// little-endian 16-bit numbers. The context parts are concatenated. n beyond
// 5100 is a programming error and panics.
func KDF(h Hash, key []byte, label string, n int, context ...[]byte) Secret {
	if n < 0 || n > maxDerived {
		panic("keys: KDF length out of range")
	}
	m := hmac.New(h.New, key)
	out := make(Secret, 0, n+m.Size())
	var num [2]byte
	for i := uint16(1); len(out) < n; i++ {
		m.Reset()
		binary.LittleEndian.PutUint16(num[:], i)
		m.Write(num[:])
		m.Write([]byte(label))
		for _, c := range context {
			m.Write(c)
		}
		binary.LittleEndian.PutUint16(num[:], uint16(8*n))
		m.Write(num[:])
		out = m.Sum(out)
	}
	return out[:n]
}

// derive is the function that an AKM with hash h uses for its PTK: PRF for
// SHA-1, KDF for the others.
func derive(h Hash, key []byte, label string, n int, context ...[]byte) Secret {
	if h == HashSHA1 {
		return PRF(key, label, n, context...)
	}
	return KDF(h, key, label, n, context...)
}

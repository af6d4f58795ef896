package sim

import (
	"encoding/binary"
	"math/bits"

	"gosupplicant/engine/keys"
)

// compress is the compression function of SHA-1 (FIPS 180-4, 6.1.2), from the
// initial value: the function G of FIPS 186-2, which crypto/sha1 does not give
// away.
func compress(block [64]byte) [20]byte {
	var w [80]uint32
	for i := range 16 {
		w[i] = binary.BigEndian.Uint32(block[4*i:])
	}
	for i := 16; i < 80; i++ {
		w[i] = bits.RotateLeft32(w[i-3]^w[i-8]^w[i-14]^w[i-16], 1)
	}
	h := [5]uint32{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0}
	a, b, c, d, e := h[0], h[1], h[2], h[3], h[4]
	for i, x := range w {
		var f, k uint32
		switch i / 20 {
		case 0:
			f, k = b&c|^b&d, 0x5a827999
		case 1:
			f, k = b^c^d, 0x6ed9eba1
		case 2:
			f, k = b&c|b&d|c&d, 0x8f1bbcdc
		case 3:
			f, k = b^c^d, 0xca62c1d6
		}
		a, b, c, d, e = bits.RotateLeft32(a, 5)+f+e+k+x, a, bits.RotateLeft32(b, 30), c, d
	}
	var out [20]byte
	for i, v := range [5]uint32{a, b, c, d, e} {
		binary.BigEndian.PutUint32(out[4*i:], h[i]+v)
	}
	return out
}

// prf is the generator of FIPS 186-2, change notice 1, without the reduction
// (RFC 4186, appendix B): n bytes from a 20-byte seed.
func prf(seed []byte, n int) keys.Secret {
	var key [20]byte
	copy(key[:], seed)
	out := make(keys.Secret, 0, n+20)
	for len(out) < n {
		var block [64]byte
		copy(block[:], key[:])
		w := compress(block)
		out = append(out, w[:]...)
		carry := uint(1) // key + w + 1
		for i := 19; i >= 0; i-- {
			carry += uint(key[i]) + uint(w[i])
			key[i] = byte(carry)
			carry >>= 8
		}
	}
	return out[:n:n]
}

// prfPrime is PRF' (RFC 9048, 3.4.1): n bytes with HMAC-SHA-256.
func prfPrime(key []byte, n int, seed ...[]byte) keys.Secret {
	var out, last []byte
	for i := byte(1); len(out) < n; i++ {
		parts := append(append([][]byte{last}, seed...), []byte{i})
		last = keys.HashSHA256.HMAC(key, parts...)
		out = append(out, last...)
	}
	return out[:n:n]
}

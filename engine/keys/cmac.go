package keys

import (
	"crypto/aes"
	"crypto/subtle"
	"fmt"
)

// CMAC returns the 16 bytes of AES-CMAC (RFC 4493; with the longer keys NIST SP
// 800-38B) over the concatenation of the parts. The key has 16, 24 or 32 bytes;
// any other length is an error.
func CMAC(key []byte, parts ...[]byte) ([]byte, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("keys: AES-CMAC: %w", err)
	}
	var l, x [16]byte
	block.Encrypt(l[:], l[:])
	k1 := double(l)
	var last [16]byte // bytes not yet known to be followed by others
	n := 0
	for _, p := range parts {
		for len(p) > 0 {
			if n == 16 {
				subtle.XORBytes(x[:], x[:], last[:])
				block.Encrypt(x[:], x[:])
				n = 0
			}
			c := copy(last[n:], p)
			n += c
			p = p[c:]
		}
	}
	k := k1
	if n < 16 {
		clear(last[n:])
		last[n] = 0x80
		k = double(k1)
	}
	subtle.XORBytes(x[:], x[:], last[:])
	subtle.XORBytes(x[:], x[:], k[:])
	block.Encrypt(x[:], x[:])
	return x[:], nil
}

// double multiplies by x in GF(2^128), without a branch on the secret.
func double(in [16]byte) [16]byte {
	var out [16]byte
	carry := in[0] >> 7
	for i := range out {
		out[i] = in[i] << 1
		if i < 15 {
			out[i] |= in[i+1] >> 7
		}
	}
	out[15] ^= 0x87 & -carry
	return out
}

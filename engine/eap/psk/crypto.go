package psk

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
	"fmt"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/keys"
)

// Lengths in bytes.
const (
	keyLen  = 16
	randLen = 16
	macLen  = 16
)

// modifiedCounter is the expansion of RFC 4764, 2.1: the input is encrypted, and
// n blocks are made of it with a counter that begins at first.
func modifiedCounter(block cipher.Block, input []byte, first, n int) keys.Secret {
	var base [16]byte
	block.Encrypt(base[:], input)
	out := make(keys.Secret, 16*n)
	for i := range n {
		x := base
		x[15] ^= byte(first + i)
		block.Encrypt(out[16*i:], x[:])
	}
	return out
}

// setup derives AK and KDK of the shared key (2.3).
func setup(psk []byte) (ak, kdk keys.Secret, err error) {
	block, err := aes.NewCipher(psk)
	if err != nil {
		return nil, nil, fmt.Errorf("psk: %w", err)
	}
	both := modifiedCounter(block, make([]byte, 16), 1, 2)
	return both[:16:16], both[16:], nil
}

// derive makes TEK and the keys that leave the method of the peer's random
// number (2.4).
func derive(kdk, randP []byte) (tek keys.Secret, out *eap.Keys, err error) {
	block, err := aes.NewCipher(kdk)
	if err != nil {
		return nil, nil, fmt.Errorf("psk: %w", err)
	}
	all := modifiedCounter(block, randP, 1, 9)
	return all[:16:16], &eap.Keys{MSK: all[16:80:80], EMSK: all[80:144:144]}, nil
}

// omac is OMAC with its number in a block before the message.
func omac(key []byte, n byte, parts ...[]byte) ([]byte, error) {
	var prefix [16]byte
	prefix[15] = n
	return keys.CMAC(key, append([][]byte{prefix[:]}, parts...)...)
}

// eax is EAX (Bellare, Rogaway, Wagner) with AES: the text, in the clear or
// encrypted, is turned into the other; the tag belongs to the encrypted one.
func eax(key, nonce, header, text []byte, encrypt bool) (out, tag []byte, err error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, nil, fmt.Errorf("psk: %w", err)
	}
	n, err := omac(key, 0, nonce)
	if err != nil {
		return nil, nil, err
	}
	h, err := omac(key, 1, header)
	if err != nil {
		return nil, nil, err
	}
	out = make([]byte, len(text))
	cipher.NewCTR(block, n).XORKeyStream(out, text)
	sealed := text
	if encrypt {
		sealed = out
	}
	tag, err = omac(key, 2, sealed)
	if err != nil {
		return nil, nil, err
	}
	subtle.XORBytes(tag, tag, n)
	subtle.XORBytes(tag, tag, h)
	return out, tag, nil
}

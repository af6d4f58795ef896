package sae

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
	"errors"
	"fmt"

	"gosupplicant/engine/keys"
)

// sivSize is the length of the synthetic IV that a sealed text begins with.
const sivSize = aes.BlockSize

var errSIV = errors.New("sealed text does not verify")

// sivSeal is AES-SIV (RFC 5297) with associated data. The key has 32, 48 or 64 bytes.
func sivSeal(key, text []byte, ad ...[]byte) ([]byte, error) {
	v, err := sivVector(key[:len(key)/2], text, ad)
	if err != nil {
		return nil, err
	}
	return sivStream(key[len(key)/2:], v, text)
}

// sivOpen undoes sivSeal.
func sivOpen(key, sealed []byte, ad ...[]byte) ([]byte, error) {
	if len(sealed) < sivSize {
		return nil, errSIV
	}
	out, err := sivStream(key[len(key)/2:], sealed[:sivSize], sealed[sivSize:])
	if err != nil {
		return nil, err
	}
	text := out[sivSize:]
	v, err := sivVector(key[:len(key)/2], text, ad)
	if err != nil {
		return nil, err
	}
	if !equal(v, sealed[:sivSize]) {
		return nil, errSIV
	}
	return text, nil
}

// sivVector is S2V (RFC 5297, 2.4).
func sivVector(key, text []byte, ad [][]byte) ([]byte, error) {
	d, err := keys.CMAC(key, make([]byte, aes.BlockSize))
	for _, a := range ad {
		var mac []byte
		if err == nil {
			mac, err = keys.CMAC(key, a)
		}
		if err == nil {
			d = sivDouble(d)
			subtle.XORBytes(d, d, mac)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("sae: %w", err)
	}
	t := append([]byte(nil), text...)
	if len(t) < aes.BlockSize {
		t = append(append(t, 0x80), make([]byte, aes.BlockSize-1-len(text))...)
		d = sivDouble(d)
	}
	end := t[len(t)-aes.BlockSize:]
	subtle.XORBytes(end, end, d)
	v, err := keys.CMAC(key, t)
	if err != nil {
		return nil, fmt.Errorf("sae: %w", err)
	}
	return v, nil
}

// sivDouble multiplies by x in GF(2^128).
func sivDouble(b []byte) []byte {
	out := make([]byte, len(b))
	carry := byte(0)
	for i := len(b) - 1; i >= 0; i-- {
		out[i] = b[i]<<1 | carry
		carry = b[i] >> 7
	}
	out[len(b)-1] ^= -carry & 0x87
	return out
}

// sivStream returns v, and the text run through counter mode from v with bits 31
// and 63 cleared.
func sivStream(key, v, text []byte) ([]byte, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("sae: %w", err)
	}
	iv := append([]byte(nil), v...)
	iv[8] &= 0x7f
	iv[12] &= 0x7f
	out := append(append([]byte(nil), v...), text...)
	cipher.NewCTR(block, iv).XORKeyStream(out[sivSize:], text)
	return out, nil
}

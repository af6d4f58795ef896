package sae

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"

	"gosupplicant/engine/keys"
)

// sivSize is the length of the synthetic IV that a sealed text begins with.
const sivSize = 16

var errSIV = errors.New("sealed text does not verify")

// sivSeal is AES-SIV (RFC 5297) without associated data, for a text of one AES
// block or more. The key has 32, 48 or 64 bytes.
func sivSeal(key, text []byte) ([]byte, error) {
	v, err := sivVector(key, text)
	if err != nil {
		return nil, err
	}
	return sivStream(key, v, text)
}

// sivOpen undoes sivSeal.
func sivOpen(key, sealed []byte) ([]byte, error) {
	if len(sealed) < 2*sivSize {
		return nil, errSIV
	}
	out, err := sivStream(key, sealed[:sivSize], sealed[sivSize:])
	if err != nil {
		return nil, err
	}
	text := out[sivSize:]
	v, err := sivVector(key, text)
	if err != nil {
		return nil, err
	}
	if !equal(v, sealed[:sivSize]) {
		return nil, errSIV
	}
	return text, nil
}

// sivVector is S2V of one string: CMAC over it with CMAC(0) xored onto its end.
func sivVector(key, text []byte) ([]byte, error) {
	mac := key[:len(key)/2]
	d, err := keys.CMAC(mac, make([]byte, aes.BlockSize))
	if err != nil {
		return nil, fmt.Errorf("sae: %w", err)
	}
	t := append([]byte(nil), text...)
	end := t[len(t)-aes.BlockSize:]
	for i := range end {
		end[i] ^= d[i]
	}
	v, err := keys.CMAC(mac, t)
	if err != nil {
		return nil, fmt.Errorf("sae: %w", err)
	}
	return v, nil
}

// sivStream returns v and the text run through counter mode from v, with bits 31
// and 63 cleared.
func sivStream(key, v, text []byte) ([]byte, error) {
	block, err := aes.NewCipher(key[len(key)/2:])
	if err != nil {
		return nil, fmt.Errorf("sae: %w", err)
	}
	iv := append([]byte(nil), v...)
	iv[8] &= 0x7f
	iv[12] &= 0x7f
	out := append([]byte(nil), v...)
	out = append(out, text...)
	cipher.NewCTR(block, iv).XORKeyStream(out[sivSize:], text)
	return out, nil
}

package eaptls

import (
	"crypto/sha1"
	"encoding/asn1"
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"
	"unicode/utf16"

	"gosupplicant/engine/keys"
)

// oidPBE3DES is pbeWithSHAAnd3-KeyTripleDES-CBC (RFC 7292, appendix C), what
// "openssl pkcs8 -v1 PBE-SHA1-3DES" and many tools of its time write.
var oidPBE3DES = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 12, 1, 3}

type pbes1Params struct {
	Salt  []byte
	Count int
}

// decryptPBE3DES opens a key encrypted that way.
func decryptPBE3DES(e *encryptedKey, pass keys.Secret) ([]byte, error) {
	var p pbes1Params
	if rest, err := asn1.Unmarshal(e.Algo.Parameters.FullBytes, &p); err != nil || len(rest) > 0 {
		return nil, errors.New("encrypted PKCS#8: malformed PBE parameters")
	}
	if p.Count < 1 || p.Count > maxIterations || len(p.Salt) == 0 {
		return nil, fmt.Errorf("encrypted PKCS#8: %d iterations with %d bytes of salt", p.Count, len(p.Salt))
	}
	if len(pass) == 0 {
		return nil, ErrPassphrase
	}
	mode := blockModes["1.2.840.113549.3.7"]
	key := pkcs12KDF(pass, p.Salt, p.Count, 1, mode.keyLen)
	return decryptCBC(mode, key, pkcs12KDF(pass, p.Salt, p.Count, 2, 8), e.Data)
}

// pkcs12KDF derives n bytes with SHA-1 (RFC 7292, appendix B.2); purpose is 1 for
// keys and 2 for IVs.
func pkcs12KDF(pass keys.Secret, salt []byte, count int, purpose byte, n int) keys.Secret {
	const v = 64 // block of SHA-1
	var bmp []byte
	for _, u := range utf16.Encode([]rune(string(pass))) {
		bmp = binary.BigEndian.AppendUint16(bmp, u)
	}
	bmp = append(bmp, 0, 0)
	d := make([]byte, v)
	for i := range d {
		d[i] = purpose
	}
	i := append(fillBlocks(salt, v), fillBlocks(bmp, v)...)
	var out keys.Secret
	for {
		a := sha1.Sum(append(d[:v:v], i...))
		for range count - 1 {
			a = sha1.Sum(a[:])
		}
		if out = append(out, a[:]...); len(out) >= n {
			return out[:n]
		}
		// I_j = (I_j + B + 1) mod 2^512, with B the hash repeated.
		b := new(big.Int).Add(new(big.Int).SetBytes(fillBlocks(a[:], v)), big.NewInt(1))
		for j := 0; j < len(i); j += v {
			sum := new(big.Int).Add(new(big.Int).SetBytes(i[j:j+v]), b).Bytes()
			sum = sum[max(0, len(sum)-v):]
			clear(i[j : j+v])
			copy(i[j+v-len(sum):j+v], sum)
		}
	}
}

// fillBlocks repeats b up to the next multiple of v bytes.
func fillBlocks(b []byte, v int) []byte {
	if len(b) == 0 {
		return nil
	}
	out := make([]byte, (len(b)+v-1)/v*v)
	for k := range out {
		out[k] = b[k%len(b)]
	}
	return out
}

package eaptls

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"hash"

	"golang.org/x/crypto/scrypt"

	"gosupplicant/engine/keys"
)

// Bounds of what a file may ask of the machine.
const (
	maxIterations = 10_000_000
	maxScryptMem  = 64 << 20 // bytes
	maxScryptP    = 16
)

var (
	oidPBES2  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}
	oidPBKDF2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}
	oidScrypt = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11591, 4, 11}
)

// encryptedKey is EncryptedPrivateKeyInfo (RFC 5958, 3).
type encryptedKey struct {
	Algo pkix.AlgorithmIdentifier
	Data []byte
}

// pbes2Params, pbkdf2Params and scryptParams are those of RFC 8018 and RFC 7914.
type pbes2Params struct{ KDF, Cipher pkix.AlgorithmIdentifier }

type pbkdf2Params struct {
	Salt      []byte
	Count     int
	KeyLength int                      `asn1:"optional"`
	PRF       pkix.AlgorithmIdentifier `asn1:"optional"`
}

type scryptParams struct {
	Salt      []byte
	N, R, P   int
	KeyLength int `asn1:"optional"`
}

// blockMode is a cipher that keys are encrypted with.
type blockMode struct {
	keyLen int
	block  func([]byte) (cipher.Block, error)
}

var blockModes = map[string]blockMode{
	"2.16.840.1.101.3.4.1.2":  {16, aes.NewCipher},
	"2.16.840.1.101.3.4.1.22": {24, aes.NewCipher},
	"2.16.840.1.101.3.4.1.42": {32, aes.NewCipher},
	"1.2.840.113549.3.7":      {24, des.NewTripleDESCipher},
}

var prfs = map[string]func() hash.Hash{
	"":                    sha1.New, // the default
	"1.2.840.113549.2.7":  sha1.New,
	"1.2.840.113549.2.8":  sha256.New224,
	"1.2.840.113549.2.9":  sha256.New,
	"1.2.840.113549.2.10": sha512.New384,
	"1.2.840.113549.2.11": sha512.New,
}

// decryptPKCS8 opens an encrypted PKCS#8 key (PBES2 with PBKDF2 or scrypt, AES or
// 3DES in CBC mode; the 3DES scheme of PKCS#12) and returns the key's PKCS#8.
func decryptPKCS8(der []byte, pass keys.Secret) ([]byte, error) {
	var e encryptedKey
	if rest, err := asn1.Unmarshal(der, &e); err != nil || len(rest) > 0 {
		return nil, errors.New("encrypted PKCS#8: malformed")
	}
	if e.Algo.Algorithm.Equal(oidPBE3DES) {
		return decryptPBE3DES(&e, pass)
	}
	if !e.Algo.Algorithm.Equal(oidPBES2) {
		return nil, fmt.Errorf("encrypted PKCS#8: scheme %v is not built, PBES2 is (openssl pkcs8 -topk8 -v2 aes256)", e.Algo.Algorithm)
	}
	var p pbes2Params
	if rest, err := asn1.Unmarshal(e.Algo.Parameters.FullBytes, &p); err != nil || len(rest) > 0 {
		return nil, errors.New("encrypted PKCS#8: malformed PBES2 parameters")
	}
	mode, ok := blockModes[p.Cipher.Algorithm.String()]
	if !ok {
		return nil, fmt.Errorf("encrypted PKCS#8: cipher %v is not built", p.Cipher.Algorithm)
	}
	var iv []byte
	if rest, err := asn1.Unmarshal(p.Cipher.Parameters.FullBytes, &iv); err != nil || len(rest) > 0 {
		return nil, errors.New("encrypted PKCS#8: malformed IV")
	}
	if len(pass) == 0 {
		return nil, ErrPassphrase
	}
	key, err := deriveKey(p.KDF, pass, mode.keyLen)
	if err != nil {
		return nil, err
	}
	return decryptCBC(mode, key, iv, e.Data)
}

func deriveKey(kdf pkix.AlgorithmIdentifier, pass keys.Secret, n int) ([]byte, error) {
	switch {
	case kdf.Algorithm.Equal(oidPBKDF2):
		var p pbkdf2Params
		if rest, err := asn1.Unmarshal(kdf.Parameters.FullBytes, &p); err != nil || len(rest) > 0 {
			return nil, errors.New("encrypted PKCS#8: malformed PBKDF2 parameters")
		}
		h, ok := prfs[p.PRF.Algorithm.String()]
		if !ok {
			return nil, fmt.Errorf("encrypted PKCS#8: PRF %v is not built", p.PRF.Algorithm)
		}
		if p.Count < 1 || p.Count > maxIterations {
			return nil, fmt.Errorf("encrypted PKCS#8: %d iterations, 1 to %d are taken", p.Count, maxIterations)
		}
		return pbkdf2.Key(h, string(pass), p.Salt, p.Count, n)
	case kdf.Algorithm.Equal(oidScrypt):
		var p scryptParams
		if rest, err := asn1.Unmarshal(kdf.Parameters.FullBytes, &p); err != nil || len(rest) > 0 {
			return nil, errors.New("encrypted PKCS#8: malformed scrypt parameters")
		}
		if p.N < 2 || p.R < 1 || p.P < 1 || p.P > maxScryptP || p.N > maxScryptMem/128 || p.R > maxScryptMem/128/p.N {
			return nil, fmt.Errorf("encrypted PKCS#8: scrypt parameters N=%d r=%d p=%d are out of bounds", p.N, p.R, p.P)
		}
		return scrypt.Key(pass, p.Salt, p.N, p.R, p.P, n)
	}
	return nil, fmt.Errorf("encrypted PKCS#8: key derivation %v is not built", kdf.Algorithm)
}

func decryptCBC(mode blockMode, key, iv, data []byte) ([]byte, error) {
	b, err := mode.block(key)
	if err != nil {
		return nil, err
	}
	bs := b.BlockSize()
	if len(iv) != bs || len(data) == 0 || len(data)%bs != 0 {
		return nil, errors.New("encrypted PKCS#8: IV or data of a wrong length")
	}
	out := make([]byte, len(data))
	cipher.NewCBCDecrypter(b, iv).CryptBlocks(out, data)
	pad := int(out[len(out)-1])
	if pad == 0 || pad > bs {
		return nil, ErrPassphrase
	}
	for _, x := range out[len(out)-pad:] {
		if int(x) != pad {
			return nil, ErrPassphrase
		}
	}
	out = out[:len(out)-pad]
	var inner asn1.RawValue
	if rest, err := asn1.Unmarshal(out, &inner); err != nil || len(rest) > 0 || inner.Tag != asn1.TagSequence {
		return nil, ErrPassphrase // padding that fits by chance
	}
	return out, nil
}

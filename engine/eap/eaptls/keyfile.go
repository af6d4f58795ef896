package eaptls

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"math"
	"strings"

	"software.sslmate.com/src/go-pkcs12"

	"gosupplicant/engine/keys"
)

// parseKey reads a private key out of PEM or DER, with the certificates that
// PKCS#12 holds beside it.
func parseKey(b []byte, pass keys.Secret) (crypto.Signer, []*x509.Certificate, error) {
	if !looksPEM(b) {
		return parseKeyDER(b, pass)
	}
	for rest := b; ; {
		var blk *pem.Block
		if blk, rest = pem.Decode(rest); blk == nil {
			return nil, nil, errors.New("the file holds no private key")
		}
		switch {
		case blk.Type == "ENCRYPTED PRIVATE KEY":
			der, err := decryptPKCS8(blk.Bytes, pass)
			if err != nil {
				return nil, nil, err
			}
			return plainKey(der)
		case strings.HasSuffix(blk.Type, "PRIVATE KEY"):
			der := blk.Bytes
			if x509.IsEncryptedPEMBlock(blk) {
				var err error
				if der, err = decryptPEM(blk, pass); err != nil {
					return nil, nil, err
				}
			}
			return plainKey(der)
		}
	}
}

// decryptPEM opens a block encrypted the way of RFC 1423, as old files are.
func decryptPEM(blk *pem.Block, pass keys.Secret) ([]byte, error) {
	if len(pass) == 0 {
		return nil, ErrPassphrase
	}
	der, err := x509.DecryptPEMBlock(blk, pass)
	if errors.Is(err, x509.IncorrectPasswordError) {
		return nil, ErrPassphrase
	}
	return der, err
}

func parseKeyDER(b []byte, pass keys.Secret) (crypto.Signer, []*x509.Certificate, error) {
	if k, _, err := plainKey(b); err == nil {
		return k, nil, nil
	}
	if isPKCS8Encrypted(b) {
		der, err := decryptPKCS8(b, pass)
		if err != nil {
			return nil, nil, err
		}
		return plainKey(der)
	}
	if !isPKCS12(b) {
		return nil, nil, errors.New("neither PEM, nor a DER key, nor PKCS#12")
	}
	return parsePKCS12(b, pass)
}

func parsePKCS12(b []byte, pass keys.Secret) (crypto.Signer, []*x509.Certificate, error) {
	if n := iterations(b, 0); n > maxIterations {
		return nil, nil, fmt.Errorf("PKCS#12: %d iterations, at most %d are taken", n, maxIterations)
	}
	priv, cert, cas, err := pkcs12.DecodeChain(b, string(pass))
	if errors.Is(err, pkcs12.ErrIncorrectPassword) || errors.Is(err, pkcs12.ErrDecryption) {
		return nil, nil, ErrPassphrase
	}
	if err != nil {
		return nil, nil, fmt.Errorf("PKCS#12: %w", err)
	}
	signer, ok := priv.(crypto.Signer)
	if !ok {
		return nil, nil, fmt.Errorf("PKCS#12: keys of type %T are not built", priv)
	}
	return signer, append([]*x509.Certificate{cert}, cas...), nil
}

// plainKey reads an unencrypted key in DER.
func plainKey(der []byte) (crypto.Signer, []*x509.Certificate, error) {
	if k, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		s, ok := k.(crypto.Signer)
		if !ok {
			return nil, nil, fmt.Errorf("keys of type %T are not built", k)
		}
		return s, nil, nil
	}
	if k, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return k, nil, nil
	}
	k, err := x509.ParseECPrivateKey(der)
	if err != nil {
		return nil, nil, fmt.Errorf("not a key in PKCS#8, PKCS#1 or SEC 1: %w", err)
	}
	return k, nil, nil
}

// isPKCS8Encrypted tells EncryptedPrivateKeyInfo by its shape: a sequence of an
// algorithm (a sequence) and an octet string.
func isPKCS8Encrypted(b []byte) bool {
	var e encryptedKey
	rest, err := asn1.Unmarshal(b, &e)
	return err == nil && len(rest) == 0
}

// isPKCS12 tells a PFX by its shape: a sequence that begins with version 3.
func isPKCS12(b []byte) bool {
	var outer asn1.RawValue
	if _, err := asn1.Unmarshal(b, &outer); err != nil || outer.Tag != asn1.TagSequence {
		return false
	}
	return bytes.HasPrefix(outer.Bytes, []byte{2, 1, 3})
}

// iterations returns the greatest iteration count that PKCS#12 asks for, without
// deriving anything: in its structures a count is the integer behind a salt.
func iterations(b []byte, depth int) int64 {
	var most int64
	salt := false
	for len(b) > 0 && depth < 32 {
		var v asn1.RawValue
		rest, err := asn1.Unmarshal(b, &v)
		if err != nil {
			return most
		}
		var n int64
		switch {
		case v.Class == asn1.ClassUniversal && v.Tag == asn1.TagInteger && salt:
			if _, err := asn1.Unmarshal(v.FullBytes, &n); err != nil {
				n = math.MaxInt64
			}
		case v.IsCompound || v.Tag == asn1.TagOctetString:
			n = iterations(v.Bytes, depth+1)
		}
		most = max(most, n)
		salt = v.Class == asn1.ClassUniversal && v.Tag == asn1.TagOctetString
		b = rest
	}
	return most
}

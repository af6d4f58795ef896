package pwd

import (
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"

	"golang.org/x/crypto/md4"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/eap/mschapv2"
	"gosupplicant/engine/keys"
)

// prep is how the password is prepared (RFC 5931, 3.2.1; RFC 8146, 4).
type prep uint8

const (
	prepNone     prep = 0
	prepNTHash   prep = 1
	prepSASLprep prep = 2
	prepSHA1     prep = 3
	prepSHA256   prep = 4
	prepSHA512   prep = 5
)

// String returns the name in the registry of EAP-pwd.
func (p prep) String() string {
	names := [...]string{"none", "RFC 2759", "SASLprep", "salted SHA-1", "salted SHA-256", "salted SHA-512", "crypt",
		"scrypt", "PBKDF2 with SHA-256", "PBKDF2 with SHA-512", "SASLprep and salted SHA-1", "SASLprep and salted SHA-256",
		"SASLprep and salted SHA-512", "SASLprep and crypt", "SASLprep and scrypt", "SASLprep and PBKDF2 with SHA-256", "SASLprep and PBKDF2 with SHA-512"}
	if int(p) < len(names) {
		return names[p]
	}
	return fmt.Sprintf("preparation %d", uint8(p))
}

func (p prep) salted() bool { return p >= prepSHA1 && p <= prepSHA512 }

func (p prep) supported() bool { return p <= prepSHA512 }

// apply prepares a password.
func (p prep) apply(pw eap.Password, salt []byte) (keys.Secret, error) {
	if pw.Hash && p != prepNTHash {
		return nil, fmt.Errorf("pwd: the server prepares passwords by %q, which an NT hash cannot serve", p)
	}
	switch p {
	case prepNone:
		return pw.Value.Clone(), nil
	case prepNTHash:
		hash, err := mschapv2.HashOf(pw)
		if err != nil {
			return nil, fmt.Errorf("pwd: %w", err)
		}
		defer hash.Zero()
		h := md4.New()
		h.Write(hash)
		return h.Sum(nil), nil
	case prepSASLprep:
		for _, c := range pw.Value {
			if c < 0x20 || c > 0x7e {
				return nil, fmt.Errorf("pwd: the server wants SASLprep, which is built for printable ASCII only")
			}
		}
		return pw.Value.Clone(), nil
	case prepSHA1, prepSHA256, prepSHA512:
		both := append(pw.Value.Clone(), salt...)
		defer both.Zero()
		return salted(p, both), nil
	}
	return nil, fmt.Errorf("pwd: password preparation %q is not supported", p)
}

func salted(p prep, both []byte) keys.Secret {
	switch p {
	case prepSHA1:
		s := sha1.Sum(both)
		return s[:]
	case prepSHA256:
		s := sha256.Sum256(both)
		return s[:]
	}
	s := sha512.Sum512(both)
	return s[:]
}

package sae

import (
	"crypto/subtle"

	"gosupplicant/engine/keys"
)

// An SAE-PK password is made of groups of four characters of base 32 between
// hyphens, the last character being a check character (WPA3 3.1, 6.3.3). Each
// character is worth 5 bits; the first bit of each group repeats Sec, and
// the rest is the beginning of the fingerprint behind Sec zero bytes.
const (
	pkGroup   = 4
	pkMinChar = 12  // the least number of characters
	pkMaxChar = 100 // 510 bits of fingerprint: what the longest hash has room for
)

// pkFingerprint is the beginning that a key's hash must have.
type pkFingerprint struct {
	bytes []byte // padded with zero bits
	bits  int
}

// ValidPKPassword reports whether the password has the form of an SAE-PK
// password: "xxxx-xxxx-xxxx" or longer, with the right check character.
func ValidPKPassword(password keys.Secret) bool {
	_, ok := pkValues(password)
	return ok
}

// pkValues returns the values 0 to 31 of the characters.
func pkValues(password []byte) ([]byte, bool) {
	n := len(password)
	if n%(pkGroup+1) != pkGroup || n > pkMaxChar/pkGroup*(pkGroup+1)-1 {
		return nil, false
	}
	values := make([]byte, 0, n)
	for i, c := range password {
		if i%(pkGroup+1) == pkGroup {
			if c != '-' {
				return nil, false
			}
			continue
		}
		v, ok := base32Value(c)
		if !ok {
			return nil, false
		}
		values = append(values, v)
	}
	last := len(values) - 1
	if len(values) < pkMinChar || checkValue(values[:last]) != values[last] {
		return nil, false
	}
	return values, true
}

// base32Value is the alphabet of RFC 4648 in lower case.
func base32Value(c byte) (byte, bool) {
	switch {
	case 'a' <= c && c <= 'z':
		return c - 'a', true
	case '2' <= c && c <= '7':
		return c - '2' + 26, true
	}
	return 0, false
}

func base32Char(v byte) byte {
	if v < 26 {
		return 'a' + v
	}
	return '2' + v - 26
}

// checkPermutation is the permutation of Verhoeff's scheme on 32 values.
var checkPermutation = [32]byte{
	7, 2, 1, 30, 16, 20, 27, 11, 31, 6, 8, 13, 29, 5, 10, 21,
	22, 3, 24, 0, 23, 25, 12, 9, 28, 14, 4, 15, 17, 18, 19, 26,
}

// checkValue is Verhoeff's check digit over the dihedral group of 32 elements:
// 0 to 15 are rotations, 16 to 31 reflections.
func checkValue(values []byte) byte {
	var sum byte
	for i := range values {
		v := values[len(values)-1-i]
		for range i + 1 {
			v = checkPermutation[v]
		}
		sum = dihedral(sum, v)
	}
	if sum > 0 && sum < 16 { // the inverse of a rotation; a reflection is its own
		return 16 - sum
	}
	return sum
}

// dihedral composes two symmetries of the 16-gon.
func dihedral(a, b byte) byte {
	turn := b % 16
	if a >= 16 {
		turn = 16 - turn
	}
	return (a%16+turn)%16 + (a/16^b/16)*16
}

// pkWanted returns the fingerprint that an SAE-PK password stands for.
func pkWanted(password keys.Secret) (pkFingerprint, bool) {
	values, ok := pkValues(password)
	if !ok {
		return pkFingerprint{}, false
	}
	sec := 5
	if values[0]&0x10 != 0 {
		sec = 3
	}
	p := pkFingerprint{bits: 8 * sec}
	p.bytes = make([]byte, sec, sec+len(values))
	for i, v := range values[:len(values)-1] { // without the check character
		if i%pkGroup == 0 {
			p.push(v&0x0f, 4)
		} else {
			p.push(v, 5)
		}
	}
	return p, true
}

// push appends the lowest n bits of v.
func (p *pkFingerprint) push(v byte, n int) {
	for n--; n >= 0; n-- {
		if p.bits%8 == 0 {
			p.bytes = append(p.bytes, 0)
		}
		p.bytes[p.bits/8] |= v >> n & 1 << (7 - p.bits%8)
		p.bits++
	}
}

// begins reports whether sum begins with the fingerprint.
func (p pkFingerprint) begins(sum []byte) bool {
	if len(sum) < len(p.bytes) {
		return false
	}
	cut := append([]byte(nil), sum[:len(p.bytes)]...)
	if rest := p.bits % 8; rest != 0 {
		cut[len(cut)-1] &= 0xff << (8 - rest)
	}
	return subtle.ConstantTimeCompare(cut, p.bytes) == 1
}

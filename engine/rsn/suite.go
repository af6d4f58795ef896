package rsn

import (
	"fmt"

	"gosupplicant/engine/dot11"
	"gosupplicant/engine/keys"
)

// Suite is what an AKM, together with the pairwise cipher and the length of the
// PMK, prescribes for the handshake (table 12-11).
type Suite struct {
	Hash    keys.Hash // of the PTK derivation
	MIC     keys.MIC
	Version uint8 // key descriptor version of EAPOL-Key frames
	KCK     int   // bytes
	KEK     int   // bytes
}

// PMKLen returns the length in bytes of the PMK that IEEE 802.1X or a PSK yields
// for akm. SAE, OWE and DPP have theirs by group; 32 is returned for them.
func PMKLen(akm dot11.AKM) int {
	switch akm {
	case dot11.AKMSuiteB192, dot11.AKMFTEAPSHA384, dot11.AKMEAPSHA384:
		return 48
	}
	return 32
}

// SuiteOf returns the Suite for an AKM, a pairwise cipher and a PMK of pmkLen
// bytes. oweSHA256 makes OWE with groups 20 and 21 derive the PTK with SHA-256, as
// early access points do. An AKM without 4-way handshake here, or a length that
// does not fit, is an error.
func SuiteOf(akm dot11.AKM, pairwise dot11.Cipher, pmkLen int, oweSHA256 bool) (Suite, error) {
	sha1 := Suite{keys.HashSHA1, keys.MICHMACSHA1, 2, 16, 16}
	if pairwise == dot11.CipherTKIP {
		sha1 = Suite{keys.HashSHA1, keys.MICHMACMD5, 1, 16, 16}
	}
	var s Suite
	byLength := false
	switch akm {
	case dot11.AKMEAP, dot11.AKMPSK:
		s = sha1
	case dot11.AKMFTEAP, dot11.AKMFTPSK, dot11.AKMEAPSHA256, dot11.AKMPSKSHA256:
		s = Suite{keys.HashSHA256, keys.MICAESCMAC, 3, 16, 16}
	case dot11.AKMSAE, dot11.AKMFTSAE:
		s = Suite{keys.HashSHA256, keys.MICAESCMAC, 0, 16, 16}
	case dot11.AKMSuiteB:
		s = Suite{keys.HashSHA256, keys.MICHMACSHA256, 0, 16, 16}
	case dot11.AKMSuiteB192, dot11.AKMFTEAPSHA384, dot11.AKMEAPSHA384, dot11.AKMPSKSHA384, dot11.AKMFTPSKSHA384:
		s = Suite{keys.HashSHA384, keys.MICHMACSHA384, 0, 24, 32}
	case dot11.AKMOWE, dot11.AKMSAEExtKey, dot11.AKMFTSAEExtKey, dot11.AKMDPP:
		byLength = true
	default:
		return Suite{}, fmt.Errorf("rsn: no 4-way handshake for AKM %v", akm)
	}
	if !byLength {
		if want := PMKLen(akm); pmkLen != want {
			return Suite{}, fmt.Errorf("rsn: PMK of %d bytes, AKM %v wants %d", pmkLen, akm, want)
		}
		return s, nil
	}
	switch pmkLen {
	case 32:
		s = Suite{keys.HashSHA256, keys.MICHMACSHA256, 0, 16, 16}
	case 48:
		s = Suite{keys.HashSHA384, keys.MICHMACSHA384, 0, 24, 32}
	case 64:
		s = Suite{keys.HashSHA512, keys.MICHMACSHA512, 0, 32, 32}
	default:
		return Suite{}, fmt.Errorf("rsn: PMK of %d bytes for AKM %v, want 32, 48 or 64", pmkLen, akm)
	}
	if akm == dot11.AKMOWE && oweSHA256 {
		s.Hash = keys.HashSHA256
	}
	return s, nil
}

// PTKLengths returns the lengths of the PTK's parts with the given cipher.
func (s Suite) PTKLengths(pairwise dot11.Cipher) keys.PTKLengths {
	return keys.PTKLengths{KCK: s.KCK, KEK: s.KEK, TK: pairwise.KeyLen()}
}

// pmkidHash is the hash of PMKIDs that are computed from the PMK (12.7.1.3).
func pmkidHash(akm dot11.AKM) keys.Hash {
	switch akm {
	case dot11.AKMFTEAP, dot11.AKMFTPSK, dot11.AKMEAPSHA256, dot11.AKMPSKSHA256, dot11.AKMSuiteB:
		return keys.HashSHA256
	case dot11.AKMSuiteB192, dot11.AKMFTEAPSHA384, dot11.AKMEAPSHA384, dot11.AKMPSKSHA384, dot11.AKMFTPSKSHA384:
		return keys.HashSHA384
	}
	return keys.HashSHA1
}

// pmkidFromKCK tells that the PMKID is made from the KCK instead of the PMK.
func pmkidFromKCK(akm dot11.AKM) bool {
	return akm == dot11.AKMSuiteB || akm == dot11.AKMSuiteB192
}

// bringsPMKID tells that the protocol that made the PMK made the PMKID too.
func bringsPMKID(akm dot11.AKM) bool {
	return akm.IsSAE() || akm == dot11.AKMOWE || akm == dot11.AKMDPP
}

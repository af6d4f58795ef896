package keys

import (
	"crypto/hmac"
	"crypto/md5"
	"fmt"
)

// MIC names a message integrity function of EAPOL-Key frames (table 12-11).
type MIC uint8

// MIC functions.
const (
	MICNone       MIC = iota // AEAD: the Key Data carry their own proof
	MICHMACMD5               // descriptor version 1, 16 bytes
	MICHMACSHA1              // descriptor version 2, 16 bytes
	MICAESCMAC               // descriptor version 3 and SAE, 16 bytes
	MICHMACSHA256            // 16 bytes
	MICHMACSHA384            // 24 bytes
	MICHMACSHA512            // 32 bytes
)

// Len returns the length of the MIC field in bytes.
func (m MIC) Len() int {
	switch m {
	case MICNone:
		return 0
	case MICHMACSHA384:
		return 24
	case MICHMACSHA512:
		return 32
	}
	return 16
}

// Sum returns the MIC of frame, whose MIC field must hold zeros. It fails for a
// key that the function cannot use, and for MICNone.
func (m MIC) Sum(kck, frame []byte) ([]byte, error) {
	switch m {
	case MICHMACMD5:
		h := hmac.New(md5.New, kck)
		h.Write(frame)
		return h.Sum(nil), nil
	case MICHMACSHA1:
		return HashSHA1.HMAC(kck, frame)[:16], nil
	case MICAESCMAC:
		return CMAC(kck, frame)
	case MICHMACSHA256:
		return HashSHA256.HMAC(kck, frame)[:16], nil
	case MICHMACSHA384:
		return HashSHA384.HMAC(kck, frame)[:24], nil
	case MICHMACSHA512:
		return HashSHA512.HMAC(kck, frame)[:32], nil
	}
	return nil, fmt.Errorf("keys: MIC function %d does not exist", m)
}

// String returns e.g. "HMAC-SHA-384".
func (m MIC) String() string {
	names := [...]string{"AEAD", "HMAC-MD5", "HMAC-SHA-1-128", "AES-128-CMAC", "HMAC-SHA-256", "HMAC-SHA-384", "HMAC-SHA-512"}
	if int(m) < len(names) {
		return names[m]
	}
	return "unknown MIC"
}

package keys

import (
	"bytes"
	"crypto/pbkdf2"
	"crypto/sha1"
	"fmt"
)

// Addr is a MAC address in transmission order.
type Addr = [6]byte

// Nonce is an ANonce or SNonce.
type Nonce = [32]byte

// PTKLengths are the lengths in bytes of a PTK's parts; table 12-11 gives those
// of KCK and KEK for each AKM, table 12-8 that of TK for each cipher.
type PTKLengths struct {
	KCK, KEK, TK, KDK int
}

func (l PTKLengths) sum() int { return l.KCK + l.KEK + l.TK + l.KDK }

// PTK is a pairwise transient key in its parts (12.7.1.3).
type PTK struct {
	KCK Secret // key confirmation key: MICs of EAPOL-Key frames
	KEK Secret // key encryption key: their Key Data
	TK  Secret // temporal key: data frames
	KDK Secret // key derivation key, empty unless asked for
}

// Zero overwrites all parts.
func (p *PTK) Zero() {
	p.KCK.Zero()
	p.KEK.Zero()
	p.TK.Zero()
	p.KDK.Zero()
	*p = PTK{}
}

func (l PTKLengths) split(b Secret) PTK {
	cut := func(n int) Secret {
		part := b[:n:n]
		b = b[n:]
		return part
	}
	return PTK{KCK: cut(l.KCK), KEK: cut(l.KEK), TK: cut(l.TK), KDK: cut(l.KDK)}
}

// DerivePTK derives a PTK from a PMK, both addresses (authenticator's and
// supplicant's) and both nonces (12.7.1.3); h is HashSHA1 for the AKMs that use
// the PRF.
func DerivePTK(h Hash, pmk []byte, aa, spa Addr, anonce, snonce Nonce, l PTKLengths) PTK {
	a1, a2 := aa[:], spa[:]
	if bytes.Compare(a1, a2) > 0 {
		a1, a2 = a2, a1
	}
	n1, n2 := anonce[:], snonce[:]
	if bytes.Compare(n1, n2) > 0 {
		n1, n2 = n2, n1
	}
	return l.split(derive(h, pmk, "Pairwise key expansion", l.sum(), a1, a2, n1, n2))
}

// PSK lengths.
const (
	PSKLen           = 32 // bytes
	MinPassphraseLen = 8
	MaxPassphraseLen = 63
)

// PSK stretches a passphrase of 8 to 63 bytes with an SSID of 1 to 32 bytes to
// the 32 bytes of a PSK (annex J.4): PBKDF2 with HMAC-SHA-1 and 4096 rounds. It
// takes milliseconds; callers run it off the loop.
func PSK(passphrase, ssid []byte) (Secret, error) {
	if n := len(passphrase); n < MinPassphraseLen || n > MaxPassphraseLen {
		return nil, fmt.Errorf("keys: passphrase of %d bytes, want %d to %d", n, MinPassphraseLen, MaxPassphraseLen)
	}
	if n := len(ssid); n < 1 || n > 32 {
		return nil, fmt.Errorf("keys: SSID of %d bytes, want 1 to 32", n)
	}
	k, err := pbkdf2.Key(sha1.New, string(passphrase), ssid, 4096, PSKLen)
	if err != nil {
		return nil, fmt.Errorf("keys: stretching a passphrase: %w", err)
	}
	return k, nil
}

// PMKID is the identifier of a PMKSA.
type PMKID = [16]byte

// NewPMKID returns the identifier of a PMK between authenticator aa and
// supplicant spa (12.7.1.3), with the hash of the AKM. The two Suite B AKMs put
// the KCK in the place of the PMK.
func NewPMKID(h Hash, key []byte, aa, spa Addr) PMKID {
	return PMKID(h.HMAC(key, []byte("PMK Name"), aa[:], spa[:])[:16])
}

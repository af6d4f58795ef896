package eaptls

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"hash"
	"strings"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/keys"
)

// Labels of key derivation (RFC 5216, 2.3; RFC 5281, 8 and 11.1; RFC 9190, 2.3).
const (
	LabelClientEAP = "client EAP encryption" // EAP-TLS and PEAP, TLS 1.2 and older
	LabelPEAP      = "client PEAP encryption"
	LabelTTLS      = "ttls keying material"
	LabelChallenge = "ttls challenge"
	Label13Key     = "EXPORTER_EAP_TLS_Key_Material" // TLS 1.3, with the type as context
	label13Method  = "EXPORTER_EAP_TLS_Method-Id"
)

// Keys returns MSK, EMSK and Session-Id. Label is that of TLS 1.2 and older;
// with TLS 1.3 the labels of RFC 9190 and RFC 9427 are used, with the type as
// context.
func (s *Session) Keys(label string) (*eap.Keys, error) {
	if !s.established {
		return nil, errors.New("eaptls: no keys before the handshake is done")
	}
	typ := []byte{byte(s.opt.Type.Number)}
	k := &eap.Keys{}
	var km keys.Secret
	var err error
	if s.state.Version >= tls.VersionTLS13 {
		if km, err = s.Export(Label13Key, typ, 128); err != nil {
			return nil, err
		}
		id, err := s.Export(label13Method, typ, 64)
		if err != nil {
			return nil, err
		}
		k.SessionID = append(typ, id...)
	} else {
		if km, err = s.Export(label, nil, 128); err != nil {
			return nil, err
		}
		if len(s.clientRandom) == 32 && len(s.serverRandom) == 32 {
			k.SessionID = append(append(typ, s.clientRandom...), s.serverRandom...)
		}
	}
	k.MSK, k.EMSK = km[:64:64], km[64:]
	return k, nil
}

// Export derives n bytes after RFC 5705 (without context for nil), RFC 8446, 7.5.
func (s *Session) Export(label string, context []byte, n int) (keys.Secret, error) {
	if !s.established {
		return nil, errors.New("eaptls: no keys before the handshake is done")
	}
	if s.state.Version >= tls.VersionTLS13 {
		return s.state.ExportKeyingMaterial(label, context, n)
	}
	if len(s.master) == 0 || len(s.clientRandom) != 32 || len(s.serverRandom) != 32 {
		// A resumed session whose master secret was not kept: crypto/tls derives
		// when the extended master secret is in use.
		return s.state.ExportKeyingMaterial(label, context, n)
	}
	seed := append(append([]byte{}, s.clientRandom...), s.serverRandom...)
	if context != nil {
		seed = append(seed, byte(len(context)>>8), byte(len(context)))
		seed = append(seed, context...)
	}
	return prf(s.state.Version, s.state.CipherSuite, s.master, label, seed, n), nil
}

// Master returns the master secret of TLS 1.2 and older and the two randoms, for
// the derivations of TEAP and FAST that predate exporters.
func (s *Session) Master() (master keys.Secret, client, server []byte) {
	return s.master, s.clientRandom, s.serverRandom
}

// prf is the PRF of TLS 1.2 (RFC 5246, 5) or of TLS 1.0 and 1.1 (RFC 2246, 5).
func prf(version, suite uint16, secret []byte, label string, seed []byte, n int) keys.Secret {
	ls := append([]byte(label), seed...)
	if version >= tls.VersionTLS12 {
		if strings.HasSuffix(tls.CipherSuiteName(suite), "SHA384") {
			return pHash(sha512.New384, secret, ls, n)
		}
		return pHash(sha256.New, secret, ls, n)
	}
	half := (len(secret) + 1) / 2
	out := pHash(md5.New, secret[:half], ls, n)
	for i, b := range pHash(sha1.New, secret[len(secret)-half:], ls, n) {
		out[i] ^= b
	}
	return out
}

// pHash is P_hash (RFC 5246, 5).
func pHash(h func() hash.Hash, secret, seed []byte, n int) keys.Secret {
	m := hmac.New(h, secret)
	out := make(keys.Secret, 0, n+m.Size())
	m.Write(seed)
	a := m.Sum(nil)
	for len(out) < n {
		m.Reset()
		m.Write(a)
		m.Write(seed)
		out = m.Sum(out)
		m.Reset()
		m.Write(a)
		a = m.Sum(nil)
	}
	return out[:n]
}

// PRF10 is the PRF of TLS 1.0 and 1.1, PRF12 the one of TLS 1.2 with SHA-256; for
// methods that build on them.
func PRF10(secret []byte, label string, seed []byte, n int) keys.Secret {
	return prf(tls.VersionTLS10, 0, secret, label, seed, n)
}

// PRF12 returns n bytes of P_SHA256(secret, label + seed).
func PRF12(secret []byte, label string, seed []byte, n int) keys.Secret {
	return prf(tls.VersionTLS12, 0, secret, label, seed, n)
}

// keyLog takes the master secret out of the lines that crypto/tls writes for
// debuggers ("CLIENT_RANDOM <random> <master secret>"). Nothing is kept of the
// lines of TLS 1.3.
type keyLog struct{ s *Session }

func (k keyLog) Write(line []byte) (int, error) {
	f := strings.Fields(string(line))
	if len(f) == 3 && f[0] == "CLIENT_RANDOM" {
		if m, err := hex.DecodeString(f[2]); err == nil {
			k.s.master = m
		}
	}
	return len(line), nil
}

// PRF returns n bytes of the PRF that the session negotiated, TLS 1.2 and older
// (RFC 5246, 5): what TEAP derives with.
func (s *Session) PRF(secret []byte, label string, seed []byte, n int) keys.Secret {
	return prf(s.state.Version, s.state.CipherSuite, secret, label, seed, n)
}

// Hash returns the hash of that PRF in TLS 1.2: SHA-256 or SHA-384.
func (s *Session) Hash() keys.Hash {
	if strings.HasSuffix(tls.CipherSuiteName(s.state.CipherSuite), "SHA384") {
		return keys.HashSHA384
	}
	return keys.HashSHA256
}

// Unique returns tls-unique (RFC 5929), nil where it does not exist: with TLS 1.3,
// and after resumption without extended master secret.
func (s *Session) Unique() []byte { return s.state.TLSUnique }

package eaptls

import (
	"crypto/tls"
	"fmt"
	"time"

	"gosupplicant/engine/eap"
)

// tlsConfig maps the settings of the network to crypto/tls; what cannot be done
// is refused by name.
func (s *Session) tlsConfig(o eap.Options) (*tls.Config, error) {
	minV, maxV, err := s.versions(o)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"allow_unsafe_renegotiation", "tls_suiteb_no_ecdh"} {
		if v, ok := o.Get(name); ok && v != "0" {
			return nil, fmt.Errorf("%w: %s=%s is not built: %s", eap.ErrConfig, name, v, notBuilt[name])
		}
	}
	rules, err := parseCiphers(s.env.Config.OpenSSLCiphers)
	if err != nil {
		return nil, err
	}
	s.cred.allowSHA1 = rules.allowSHA1
	c := &tls.Config{
		Rand: s.env.Rand,
		Time: s.now,
		// The chain is checked in VerifyConnection, after the network's settings.
		InsecureSkipVerify:     true,
		VerifyConnection:       s.verify,
		MinVersion:             minV,
		MaxVersion:             maxV,
		CipherSuites:           rules.suites,
		CurvePreferences:       []tls.CurveID{tls.X25519, tls.CurveP256, tls.CurveP384, tls.CurveP521},
		KeyLogWriter:           keyLog{s},
		SessionTicketsDisabled: !s.tickets.usable,
		GetClientCertificate:   s.cred.clientCertificate,
	}
	if s.tickets.usable {
		c.ClientSessionCache = s.tickets
	}
	if s.offered = s.tickets.identifier(s.now()); s.offered != nil {
		c.Rand = &identifierRand{from: s.env.Rand, id: s.offered}
	}
	if o.Int("tls_suiteb", 0) == 1 || rules.suiteB {
		s.cred.suiteB = true
		c.MinVersion, c.MaxVersion = tls.VersionTLS12, tls.VersionTLS12
		c.CipherSuites = []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384}
		c.CurvePreferences = []tls.CurveID{tls.CurveP384}
	}
	return c, nil
}

var notBuilt = map[string]string{
	"allow_unsafe_renegotiation": "renegotiation is never done",
	"tls_suiteb_no_ecdh":         "crypto/tls has no DHE; tls_suiteb=1 uses ECDHE",
}

func (s *Session) now() time.Time {
	if s.env.Now == nil {
		return time.Time{}
	}
	return s.env.Now()
}

// versions returns the least and the greatest TLS version. crypto/tls takes a
// range, so a hole in it is refused.
func (s *Session) versions(o eap.Options) (lo, hi uint16, err error) {
	off := func(name string, def int) bool { return o.Int(name, def) != 0 }
	d13 := 1
	if s.opt.TLS13 {
		d13 = 0
	}
	on := map[uint16]bool{
		tls.VersionTLS10: !off("tls_disable_tlsv1_0", 1) && !s.opt.NoVersion10,
		tls.VersionTLS11: !off("tls_disable_tlsv1_1", 1) && !s.opt.NoVersion10,
		tls.VersionTLS12: !off("tls_disable_tlsv1_2", 0),
		tls.VersionTLS13: !off("tls_disable_tlsv1_3", d13),
	}
	for v := uint16(tls.VersionTLS10); v <= tls.VersionTLS13; v++ {
		if !on[v] {
			continue
		}
		if lo == 0 {
			lo = v
		}
		hi = v
	}
	if lo == 0 {
		return 0, 0, fmt.Errorf("%w: every TLS version is disabled in %q", eap.ErrConfig, string(o))
	}
	// With 1.0 on and 1.1 left at its default, 1.1 comes along: only a version
	// that is switched off by name between two that are on is a contradiction.
	for v := lo; v <= hi; v++ {
		if name := versionOption[v]; !on[v] && off(name, 0) {
			return 0, 0, fmt.Errorf("%w: %s is disabled between versions that are not, which crypto/tls cannot do", eap.ErrConfig, tls.VersionName(v))
		}
	}
	return lo, hi, nil
}

var versionOption = map[uint16]string{
	tls.VersionTLS10: "tls_disable_tlsv1_0", tls.VersionTLS11: "tls_disable_tlsv1_1",
	tls.VersionTLS12: "tls_disable_tlsv1_2", tls.VersionTLS13: "tls_disable_tlsv1_3",
}

// Status returns the lines of a status report.
func (s *Session) Status() []eap.KeyValue {
	if !s.established {
		return nil
	}
	version := map[uint16]string{tls.VersionTLS10: "TLSv1", tls.VersionTLS11: "TLSv1.1",
		tls.VersionTLS12: "TLSv1.2", tls.VersionTLS13: "TLSv1.3"}[s.state.Version]
	reused := "0"
	if s.state.DidResume {
		reused = "1"
	}
	return []eap.KeyValue{
		{Key: "eap_tls_version", Value: version},
		{Key: "EAP TLS cipher", Value: opensslName(s.state.CipherSuite)},
		{Key: "tls_session_reused", Value: reused},
	}
}

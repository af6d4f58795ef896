package eaptls

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"time"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/keys"
)

// failure is why the server's certificate was refused.
type failure struct {
	check   string // "certificate", "server name", "ocsp"
	reason  eap.CertReason
	depth   int
	subject string
	errText string // OpenSSL's words
	text    string // a sentence
	cert    []byte
	usage   bool // the certificate is for something else
}

// Error implements error.
func (f *failure) Error() string { return f.text }

// alert returns the TLS alert that tells the server: those that OpenSSL and the
// original send.
func (f *failure) alert() uint8 {
	switch {
	case f.usage:
		return alertUnsupportedCertificate
	case f.check == "server name":
		return alertInternalError
	case f.check == "ocsp" && f.reason != eap.CertReasonRevoked:
		return alertBadStatusResponse
	}
	switch f.reason {
	case eap.CertReasonUntrusted, eap.CertReasonServerProbe:
		return alertUnknownCA
	case eap.CertReasonRevoked:
		return alertRevoked
	case eap.CertReasonNotYetValid, eap.CertReasonExpired:
		return alertExpired
	case eap.CertReasonShortKey:
		return alertInternalError
	}
	return alertBadCertificate
}

func (f *failure) certError() eap.CertError {
	return eap.CertError{Reason: f.reason, Depth: f.depth, Subject: f.subject, Text: f.errText, Cert: f.cert}
}

var (
	todStrict = "1.3.6.1.4.1.40808.1.3.1"
	todTOFU   = "1.3.6.1.4.1.40808.1.3.2"
)

// verify is crypto/tls's VerifyConnection: it runs in the coroutine, for resumed
// sessions too.
func (s *Session) verify(cs tls.ConnectionState) error {
	if len(cs.PeerCertificates) == 0 {
		s.failure = &failure{check: "certificate", reason: eap.CertReasonBad, errText: "no certificate", text: "the server showed no certificate"}
		return s.failure
	}
	chain, f := s.check(cs.PeerCertificates, cs.DidResume)
	if !cs.DidResume {
		s.report(chain)
	}
	if f == nil && !cs.DidResume {
		f = s.checkOCSP(chain, cs.OCSPResponse)
	}
	if f == nil && s.cred.extCheck && !cs.DidResume {
		f = s.askOthers(chain[0])
	}
	if f != nil {
		s.failure = f
		return f
	}
	if s.cred.verifies() && !cs.DidResume { // the server showed none this time
		s.outputs = append(s.outputs, eap.CertVerified{})
	}
	return nil
}

// askOthers waits for the word of whoever checks certificates outside.
func (s *Session) askOthers(leaf *x509.Certificate) *failure {
	if s.tunnel.yield(signalCheck) && s.checkGood {
		return nil
	}
	return &failure{check: "certificate", reason: eap.CertReasonUnspecified, subject: SubjectText(leaf), cert: leaf.Raw,
		errText: "External validation failed", text: "the server's certificate was refused by external validation"}
}

// report tells every certificate, the top of the chain first.
func (s *Session) report(chain []*x509.Certificate) {
	for depth := len(chain) - 1; depth >= 0; depth-- {
		c := chain[depth]
		p := eap.PeerCert{Depth: depth, Subject: SubjectText(c), AltSubjects: altNames(c), Hash: sha256.Sum256(c.Raw)}
		if s.env.Config.CertData {
			p.DER = c.Raw
		}
		for _, oid := range c.PolicyIdentifiers {
			p.TODStrict = p.TODStrict || oid.String() == todStrict
			p.TODTOFU = p.TODTOFU || oid.String() == todTOFU
		}
		s.outputs = append(s.outputs, p)
	}
}

// check decides about a chain as presented. It returns the chain to report: with
// its root where there is a way to one.
func (s *Session) check(presented []*x509.Certificate, resumed bool) ([]*x509.Certificate, *failure) {
	leaf := presented[0]
	c := s.cred
	switch {
	case c.probe:
		return presented, &failure{check: "certificate", reason: eap.CertReasonServerProbe, subject: SubjectText(leaf), cert: leaf.Raw,
			errText: "Server certificate chain probe", text: "the server's certificates were only asked for (probe://)"}
	case c.pin != nil:
		if h := sha256.Sum256(leaf.Raw); !keys.Equal(h[:], c.pin) {
			return presented, &failure{check: "certificate", reason: eap.CertReasonUntrusted, subject: SubjectText(leaf), cert: leaf.Raw,
				errText: "Server certificate mismatch", text: "the server's certificate has another hash than ca_cert asks for"}
		}
	case c.roots != nil:
		chain, err := s.buildChain(presented, resumed)
		if err != nil {
			return presented, s.classify(presented, err)
		}
		presented = chain
	}
	if f := s.keyStrength(leaf); f != nil {
		return presented, f
	}
	return presented, matchNames(s.env.Certs(), leaf)
}

// buildChain finds the way from the server's certificate to a trusted one. That of a
// session that is resumed is known.
func (s *Session) buildChain(presented []*x509.Certificate, resumed bool) ([]*x509.Certificate, error) {
	if t := s.tickets.offer; resumed && t != nil && t.verified.holds(presented[0], s.cred.rootList, s.now()) {
		s.verified = t.verified
		return t.verified.chain, nil
	}
	pool := x509.NewCertPool()
	for _, c := range presented[1:] {
		pool.AddCert(c)
	}
	chains, err := presented[0].Verify(x509.VerifyOptions{
		Roots: s.cred.roots, Intermediates: pool, CurrentTime: s.now(),
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	})
	if err == nil {
		s.verified = &verified{chain: chains[0], roots: s.cred.rootList}
		return chains[0], nil
	}
	if s.cred.allowSHA1 || s.cred.allowMD5 || s.cred.noTime {
		if chain := s.legacyChain(presented); chain != nil {
			return chain, nil
		}
	}
	return nil, err
}

// verified is a chain whose signatures and usages were found good.
type verified struct {
	chain []*x509.Certificate // from the server's certificate to a root
	roots []*x509.Certificate // what was trusted
}

// holds reports whether another look at a certificate would come to the same chain:
// the same roots are trusted, and no certificate of the chain is out of its time. A
// nil *verified does not hold.
func (v *verified) holds(leaf *x509.Certificate, roots []*x509.Certificate, now time.Time) bool {
	if v == nil || !leaf.Equal(v.chain[0]) || !slices.EqualFunc(roots, v.roots, (*x509.Certificate).Equal) {
		return false
	}
	return !slices.ContainsFunc(v.chain, func(c *x509.Certificate) bool { return now.Before(c.NotBefore) || now.After(c.NotAfter) })
}

// keyStrength holds the server's key to what the settings ask.
func (s *Session) keyStrength(leaf *x509.Certificate) *failure {
	bits, least := 0, 1024
	switch k := leaf.PublicKey.(type) {
	case *rsa.PublicKey:
		bits = k.N.BitLen()
		if s.cred.suiteB {
			least = 3072
		}
	case *ecdsa.PublicKey:
		bits, least = k.Curve.Params().BitSize, 224
		if s.cred.suiteB {
			least = 384
		}
	default:
		return nil
	}
	if bits >= least {
		return nil
	}
	return &failure{check: "certificate", reason: eap.CertReasonShortKey, subject: SubjectText(leaf), cert: leaf.Raw,
		errText: "Insufficient public key strength", text: fmt.Sprintf("the server's key has %d bits, at least %d are asked for", bits, least)}
}

// classify turns an error of crypto/x509 into a failure with OpenSSL's words.
func (s *Session) classify(presented []*x509.Certificate, err error) *failure {
	f := &failure{check: "certificate", reason: eap.CertReasonUnspecified, errText: err.Error(), text: "the server's certificate was refused: " + err.Error()}
	bad := presented[0]
	var invalid x509.CertificateInvalidError
	var unknown x509.UnknownAuthorityError
	switch {
	case errors.As(err, &invalid):
		if invalid.Cert != nil {
			bad = invalid.Cert
		}
		s.classifyInvalid(f, invalid, bad)
	case errors.As(err, &unknown):
		f.reason, f.errText = eap.CertReasonUntrusted, "unable to get local issuer certificate"
		f.text = "the server's certificate comes from an unknown CA"
		if weak := weakSignature(presented); weak != "" {
			f.text += "; " + weak
		}
		if len(presented) > 1 || selfSigned(bad) {
			bad = presented[len(presented)-1]
			switch {
			case selfSigned(bad) && len(presented) == 1:
				f.errText = "self-signed certificate"
			case selfSigned(bad):
				f.errText = "self-signed certificate in certificate chain"
			}
		}
	}
	f.subject, f.cert = SubjectText(bad), bad.Raw
	f.depth = max(slices.IndexFunc(presented, bad.Equal), 0)
	return f
}

func (s *Session) classifyInvalid(f *failure, invalid x509.CertificateInvalidError, bad *x509.Certificate) {
	switch invalid.Reason {
	case x509.Expired:
		const day = time.DateOnly
		if s.now().Before(bad.NotBefore) {
			f.reason, f.errText = eap.CertReasonNotYetValid, "certificate is not yet valid"
			f.text = "the certificate is valid from " + bad.NotBefore.Format(day) + " on, and the clock says " + s.now().Format(day)
			return
		}
		f.reason, f.errText = eap.CertReasonExpired, "certificate has expired"
		f.text = "the certificate expired on " + bad.NotAfter.Format(day) + ", and the clock says " + s.now().Format(day)
	case x509.IncompatibleUsage:
		f.errText, f.usage = "unsuitable certificate purpose", true
		f.text = "the certificate is not for servers (no serverAuth among its extended key usages)"
	case x509.NotAuthorizedToSign:
		f.reason, f.errText = eap.CertReasonUntrusted, "invalid CA certificate"
	}
}

func selfSigned(c *x509.Certificate) bool { return string(c.RawSubject) == string(c.RawIssuer) }

// weakSignature tells which certificate is signed in a way that is not taken.
func weakSignature(chain []*x509.Certificate) string {
	for _, c := range chain {
		switch c.SignatureAlgorithm {
		case x509.SHA1WithRSA, x509.ECDSAWithSHA1, x509.DSAWithSHA1:
			if !selfSigned(c) {
				return SubjectText(c) + " is signed with SHA-1, which is taken only with openssl_ciphers=\"DEFAULT@SECLEVEL=0\""
			}
		case x509.MD5WithRSA, x509.MD2WithRSA:
			if !selfSigned(c) {
				return SubjectText(c) + " is signed with MD5, which is taken only with tls_allow_md5=1 in phase1"
			}
		}
	}
	return ""
}

package eaptls

import (
	"crypto/x509"
	"slices"
	"time"

	"golang.org/x/crypto/ocsp"

	"gosupplicant/engine/eap"
)

// ocspSlack is how far clocks may be apart.
const ocspSlack = 5 * time.Minute

// checkOCSP holds the stapled OCSP response to the level of the settings: 0
// ignores it, 1 takes its word when it is there, 2 insists on it.
func (s *Session) checkOCSP(chain []*x509.Certificate, staple []byte) *failure {
	level := s.env.Certs().OCSP
	if level == 0 || s.cred.roots == nil && len(staple) == 0 && level < 2 {
		return nil
	}
	leaf := chain[0]
	fail := func(r eap.CertReason, words, text string) *failure {
		return &failure{check: "ocsp", reason: r, subject: SubjectText(leaf), cert: leaf.Raw, errText: words, text: text}
	}
	undecided := func(text string) *failure {
		if level < 2 {
			return nil
		}
		return fail(eap.CertReasonUnspecified, "bad certificate status response", text)
	}
	if len(staple) == 0 {
		return undecided("the server stapled no OCSP response and ocsp=2 asks for one")
	}
	if len(chain) < 2 {
		return undecided("the OCSP response cannot be checked: the certificate's issuer is not known")
	}
	resp, err := ocsp.ParseResponseForCert(staple, leaf, chain[1])
	if err != nil {
		return undecided("the OCSP response is not valid: " + err.Error())
	}
	if c := resp.Certificate; c != nil && !c.Equal(chain[1]) && !slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageOCSPSigning) {
		return undecided("the OCSP response is signed by a certificate that may not do so")
	}
	now := s.now()
	if c := resp.Certificate; c != nil && (now.Before(c.NotBefore) || now.After(c.NotAfter)) {
		return undecided("the OCSP response is signed by a certificate out of its time")
	}
	if resp.ThisUpdate.After(now.Add(ocspSlack)) || !resp.NextUpdate.IsZero() && resp.NextUpdate.Before(now.Add(-ocspSlack)) {
		return undecided("the OCSP response is out of its time")
	}
	switch resp.Status {
	case ocsp.Good:
		return nil
	case ocsp.Revoked:
		return fail(eap.CertReasonRevoked, "certificate revoked", "the server's certificate was revoked (OCSP)")
	}
	return undecided("the OCSP responder does not know the certificate")
}

package eaptls

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/md5"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"slices"
)

// maxDepth bounds a chain.
const maxDepth = 10

// legacyChain looks for a chain with what the network opted in to: signatures
// with SHA-1 or MD5, or certificates out of their time. It is asked only after
// crypto/x509 refused, and holds to the rest of its rules; certificates with name
// constraints or unknown critical extensions find no way through here.
func (s *Session) legacyChain(presented []*x509.Certificate) []*x509.Certificate {
	leaf := presented[0]
	if !slices.Contains(leaf.ExtKeyUsage, x509.ExtKeyUsageServerAuth) && !slices.Contains(leaf.ExtKeyUsage, x509.ExtKeyUsageAny) &&
		len(leaf.ExtKeyUsage)+len(leaf.UnknownExtKeyUsage) > 0 {
		return nil
	}
	chain := []*x509.Certificate{leaf}
	for len(chain) <= maxDepth {
		top := chain[len(chain)-1]
		if !s.inTime(top) || len(top.UnhandledCriticalExtensions) > 0 || constrained(top) {
			return nil
		}
		if slices.ContainsFunc(s.cred.rootList, top.Equal) {
			return chain
		}
		up := s.issuer(top, s.cred.rootList, len(chain)-1)
		if up == nil {
			up = s.issuer(top, presented[1:], len(chain)-1)
		}
		if up == nil || slices.ContainsFunc(chain, up.Equal) {
			return nil
		}
		chain = append(chain, up)
	}
	return nil
}

func constrained(c *x509.Certificate) bool {
	return len(c.PermittedDNSDomains)+len(c.ExcludedDNSDomains)+len(c.PermittedIPRanges)+len(c.ExcludedIPRanges)+
		len(c.PermittedEmailAddresses)+len(c.ExcludedEmailAddresses)+len(c.PermittedURIDomains)+len(c.ExcludedURIDomains) > 0
}

func (s *Session) inTime(c *x509.Certificate) bool {
	now := s.now()
	return s.cred.noTime || !now.Before(c.NotBefore) && !now.After(c.NotAfter)
}

// issuer returns the one of list that signed c and may sign; below is how many
// CAs the chain has under it.
func (s *Session) issuer(c *x509.Certificate, list []*x509.Certificate, below int) *x509.Certificate {
	for _, up := range list {
		if string(up.RawSubject) != string(c.RawIssuer) {
			continue
		}
		if up.Version == 3 && (!up.BasicConstraintsValid || !up.IsCA) {
			continue
		}
		if up.KeyUsage != 0 && up.KeyUsage&x509.KeyUsageCertSign == 0 {
			continue
		}
		if up.BasicConstraintsValid && (up.MaxPathLen > 0 || up.MaxPathLenZero) && below > up.MaxPathLen {
			continue
		}
		if s.signed(c, up) {
			return up
		}
	}
	return nil
}

// signed reports whether up's key made c's signature, in a way that is allowed.
func (s *Session) signed(c, up *x509.Certificate) bool {
	var h crypto.Hash
	var sum []byte
	switch c.SignatureAlgorithm {
	case x509.SHA1WithRSA, x509.ECDSAWithSHA1:
		d := sha1.Sum(c.RawTBSCertificate)
		h, sum = crypto.SHA1, d[:]
		if !s.cred.allowSHA1 {
			return false
		}
	case x509.MD5WithRSA:
		d := md5.Sum(c.RawTBSCertificate)
		h, sum = crypto.MD5, d[:]
		if !s.cred.allowMD5 {
			return false
		}
	default:
		return up.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature) == nil
	}
	switch k := up.PublicKey.(type) {
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(k, h, sum, c.Signature) == nil
	case *ecdsa.PublicKey:
		return ecdsa.VerifyASN1(k, sum, c.Signature)
	}
	return false
}

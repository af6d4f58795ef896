// Package eaptest is what tests of EAP methods and the simulated air need:
// authorities and certificates made on the spot, and a method that does as it is
// told.
package eaptest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"time"
)

// Authority signs certificates.
type Authority struct {
	Cert *x509.Certificate
	Key  crypto.Signer

	n   int64
	now time.Time
}

// Key returns a new P-256 key.
func Key() crypto.Signer {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(fmt.Sprintf("eaptest: %v", err)) // no randomness, no tests
	}
	return k
}

// NewAuthority makes a root whose certificates are valid around now.
func NewAuthority(name string, now time.Time) *Authority {
	a := &Authority{Key: Key(), n: 1, now: now}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: subject(name), NotBefore: now.Add(-48 * time.Hour), NotAfter: now.Add(48 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign}
	a.Cert = a.sign(tmpl, tmpl, a.Key.Public())
	return a
}

func subject(name string) pkix.Name {
	return pkix.Name{Country: []string{"FI"}, Organization: []string{"Example"}, CommonName: name}
}

func (a *Authority) sign(tmpl, parent *x509.Certificate, pub crypto.PublicKey) *x509.Certificate {
	der, err := x509.CreateCertificate(rand.Reader, tmpl, parent, pub, a.Key)
	if err != nil {
		panic(fmt.Sprintf("eaptest: %v", err))
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		panic(fmt.Sprintf("eaptest: %v", err))
	}
	return c
}

// Issue signs a certificate for servers and clients; change may alter the template.
func (a *Authority) Issue(name string, pub crypto.PublicKey, change func(*x509.Certificate)) *x509.Certificate {
	a.n++
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(a.n), Subject: subject(name), NotBefore: a.now.Add(-time.Hour), NotAfter: a.now.Add(12 * time.Hour),
		DNSNames: []string{name}, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	if change != nil {
		change(tmpl)
	}
	return a.sign(tmpl, a.Cert, pub)
}

// Pair issues a certificate with a new key.
func (a *Authority) Pair(name string, change func(*x509.Certificate)) tls.Certificate {
	k := Key()
	c := a.Issue(name, k.Public(), change)
	return tls.Certificate{Certificate: [][]byte{c.Raw}, PrivateKey: k, Leaf: c}
}

// Pool returns a pool of the authority alone.
func (a *Authority) Pool() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.Cert)
	return p
}

// CertPEM encodes certificates.
func CertPEM(list ...*x509.Certificate) []byte {
	var out []byte
	for _, c := range list {
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
	}
	return out
}

// KeyPEM encodes a key in PKCS#8.
func KeyPEM(k crypto.PrivateKey) []byte {
	der, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		panic(fmt.Sprintf("eaptest: %v", err))
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

// Sub makes an intermediate authority; change may alter the template.
func (a *Authority) Sub(name string, change func(*x509.Certificate)) *Authority {
	k := Key()
	c := a.Issue(name, k.Public(), func(t *x509.Certificate) {
		t.IsCA, t.BasicConstraintsValid, t.DNSNames, t.ExtKeyUsage = true, true, nil, nil
		t.KeyUsage = x509.KeyUsageCertSign
		if change != nil {
			change(t)
		}
	})
	return &Authority{Cert: c, Key: k, n: 100, now: a.now}
}

package eaptls

import (
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/keys"
)

// credentials is what this side shows, and checks the other with.
type credentials struct {
	roots    *x509.CertPool
	rootList []*x509.Certificate
	pin      []byte // SHA-256 of the server's certificate
	probe    bool
	own      *tls.Certificate
	certSent bool

	allowSHA1, allowMD5, suiteB, noTime, extCheck bool
}

// verifies reports whether the server is checked.
func (c *credentials) verifies() bool { return c.roots != nil || c.pin != nil || c.probe }

const hashSpec = "hash://server/sha256/"

// loadCredentials reads the certificates and keys of the configuration.
func loadCredentials(env *eap.Env, opt Options) (*credentials, error) {
	set, o := env.Certs(), env.Options()
	c := &credentials{
		allowMD5: o.Int("tls_allow_md5", 0) == 1,
		noTime:   o.Int("tls_disable_time_checks", 0) == 1,
		extCheck: o.Int("tls_ext_cert_check", 0) == 1,
	}
	if set.Engine {
		return nil, fmt.Errorf("%w: keys and certificates of engines and tokens are never loaded", eap.ErrConfig)
	}
	if set.OCSP == 3 {
		return nil, fmt.Errorf("%w: ocsp=3 is not built: crypto/tls reads the stapled response of the server's own certificate only", eap.ErrConfig)
	}
	if err := c.loadRoots(set); err != nil {
		return nil, err
	}
	if set.KeyPair != nil {
		c.own = set.KeyPair
		return c, nil
	}
	if len(set.PrivateKey) == 0 && len(set.ClientCert) == 0 {
		if opt.ClientCert {
			return nil, fmt.Errorf("%w: no private_key", eap.ErrConfig)
		}
		return c, nil
	}
	pass, configured := set.PrivateKeyPassword, true
	if v, ok := env.Answers.Get(eap.FieldPassphrase); ok {
		pass, configured = v, false
	}
	own, err := ParseKeyPair(set.ClientCert, set.PrivateKey, pass)
	if errors.Is(err, ErrPassphrase) {
		if !configured {
			env.Answers.Drop(eap.FieldPassphrase)
		}
		return nil, &eap.NeedError{Need: eap.Need{Field: eap.FieldPassphrase}}
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", eap.ErrConfig, err)
	}
	c.own = own
	return c, nil
}

func (c *credentials) loadRoots(set *eap.Certs) error {
	switch spec := set.CASpec; {
	case spec == "":
	case spec == "probe://":
		c.probe = true
		return nil
	case strings.HasPrefix(spec, hashSpec):
		pin, err := hex.DecodeString(spec[len(hashSpec):])
		if err != nil || len(pin) != 32 {
			return fmt.Errorf("%w: ca_cert: %q has no SHA-256 hash", eap.ErrConfig, spec)
		}
		c.pin = pin
		return nil
	default:
		return fmt.Errorf("%w: ca_cert: %q is not built", eap.ErrConfig, spec)
	}
	var err error
	if c.rootList = set.Roots; c.rootList == nil {
		if c.rootList, err = readRoots(set); err != nil {
			return err
		}
	}
	if len(c.rootList) > 0 {
		c.roots = x509.NewCertPool()
		for _, r := range c.rootList {
			c.roots.AddCert(r)
		}
	}
	return nil
}

// readRoots parses what the settings trust.
func readRoots(set *eap.Certs) ([]*x509.Certificate, error) {
	var out []*x509.Certificate
	if len(set.CACert) > 0 {
		list, err := ParseCertificates(set.CACert)
		if err != nil {
			return nil, fmt.Errorf("%w: ca_cert: %w", eap.ErrConfig, err)
		}
		out = list
	}
	for _, file := range set.CAPath {
		// A directory holds other things as well: what is no certificate is skipped.
		if list, err := ParseCertificates(file); err == nil {
			out = append(out, list...)
		}
	}
	if len(set.CAPath) > 0 && len(out) == 0 {
		return nil, fmt.Errorf("%w: ca_path: no file holds a certificate", eap.ErrConfig)
	}
	return out, nil
}

// Load does ahead of time what takes long when a method begins: it parses the
// trusted certificates, and opens the key with its configured passphrase, which
// may take seconds. It is for the worker that reads the files. What cannot be
// loaded is left for the method to report, or to ask for a passphrase.
func Load(set *eap.Certs) {
	if set.CASpec == "" {
		if list, err := readRoots(set); err == nil {
			set.Roots = list
		}
	}
	if len(set.PrivateKey) > 0 && !set.Engine {
		if pair, err := ParseKeyPair(set.ClientCert, set.PrivateKey, set.PrivateKeyPassword); err == nil {
			set.KeyPair = pair
		}
	}
}

// clientCertificate answers the server's request; without a certificate the
// answer is an empty one, as TLS has it.
func (c *credentials) clientCertificate(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
	if c.own == nil {
		return &tls.Certificate{}, nil
	}
	c.certSent = true
	return c.own, nil
}

// maxCerts bounds how many certificates one file may hold.
const maxCerts = 1024

// ParseCertificates reads every certificate of a PEM file (blocks of other kinds
// are skipped), or of DER.
func ParseCertificates(b []byte) ([]*x509.Certificate, error) {
	if !looksPEM(b) {
		list, err := x509.ParseCertificates(b)
		if err != nil || len(list) == 0 {
			return nil, fmt.Errorf("neither PEM nor a DER certificate: %v", err)
		}
		return list, nil
	}
	var out []*x509.Certificate
	for len(out) < maxCerts {
		var blk *pem.Block
		if blk, b = pem.Decode(b); blk == nil {
			break
		}
		if blk.Type != "CERTIFICATE" && blk.Type != "TRUSTED CERTIFICATE" && blk.Type != "X509 CERTIFICATE" {
			continue
		}
		var first asn1.RawValue // OpenSSL's trusted certificates have more behind it
		if _, err := asn1.Unmarshal(blk.Bytes, &first); err != nil {
			return nil, fmt.Errorf("certificate %d of the file: %w", len(out)+1, err)
		}
		cert, err := x509.ParseCertificate(first.FullBytes)
		if err != nil {
			return nil, fmt.Errorf("certificate %d of the file: %w", len(out)+1, err)
		}
		out = append(out, cert)
	}
	if len(out) == 0 {
		return nil, errors.New("the file holds no certificate")
	}
	return out, nil
}

func looksPEM(b []byte) bool { return strings.Contains(string(b[:min(len(b), 1<<16)]), "-----BEGIN ") }

// ErrPassphrase tells that a key is encrypted and the passphrase is missing or wrong.
var ErrPassphrase = errors.New("the private key's passphrase is missing or wrong")

// ParseKeyPair reads a client's certificate chain and key: PEM or DER, the key in
// PKCS#8 (encrypted or not), PKCS#1 or SEC 1, or both in key as PKCS#12. An error
// that wraps ErrPassphrase asks for another passphrase.
func ParseKeyPair(cert, key []byte, pass keys.Secret) (*tls.Certificate, error) {
	if len(key) == 0 {
		key = cert // one file may hold both
	}
	priv, chain, err := parseKey(key, pass)
	if err != nil {
		return nil, fmt.Errorf("private_key: %w", err)
	}
	if len(cert) > 0 {
		if chain, err = ParseCertificates(cert); err != nil {
			return nil, fmt.Errorf("client_cert: %w", err)
		}
	} else if len(chain) == 0 {
		if chain, err = ParseCertificates(key); err != nil {
			return nil, errors.New("no client_cert, and private_key holds no certificate")
		}
	}
	chain, err = leafFirst(chain, priv)
	if err != nil {
		return nil, err
	}
	out := &tls.Certificate{PrivateKey: priv, Leaf: chain[0]}
	for _, c := range chain {
		out.Certificate = append(out.Certificate, c.Raw)
	}
	return out, nil
}

// leafFirst puts the certificate of the key first.
func leafFirst(chain []*x509.Certificate, priv crypto.Signer) ([]*x509.Certificate, error) {
	pub, ok := priv.Public().(interface{ Equal(crypto.PublicKey) bool })
	if !ok {
		return nil, fmt.Errorf("private_key: keys of type %T are not built", priv)
	}
	for i, c := range chain {
		if pub.Equal(c.PublicKey) {
			out := []*x509.Certificate{c}
			out = append(out, chain[:i]...)
			return append(out, chain[i+1:]...), nil
		}
	}
	return nil, errors.New("client_cert and private_key do not belong together")
}

//go:build wired

package wired

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// pki is a folder of certificates: ca.pem and other-ca.pem; server.pem and .key;
// expired.pem of the same key; client.pem, client.key and client.p12 (password
// "p12pass"), locked.key (client.key under the password "keypass").
type pki struct{ dir string }

var shared struct {
	once sync.Once
	p    pki
}

// serverName is the name in the server's certificates.
const serverName = "radius.example.org"

// certificates returns the folder, which all tests share.
func certificates(t *testing.T) pki {
	t.Helper()
	shared.once.Do(func() {
		dir, err := os.MkdirTemp("", "pki")
		if err != nil {
			t.Fatal(err)
		}
		shared.p = pki{dir}
		shared.p.make(t)
	})
	return shared.p
}

func (p pki) path(name string) string { return filepath.Join(p.dir, name) }

func (p pki) make(t *testing.T) {
	ca, other := newCA(t, "Test CA"), newCA(t, "Other CA")
	serverKey, clientKey := newKey(t), newKey(t)
	now := time.Now()
	server := ca.issue(t, serverName, serverKey, now.Add(-time.Hour), now.Add(time.Hour))
	expired := ca.issue(t, serverName, serverKey, now.Add(-48*time.Hour), now.Add(-24*time.Hour))
	client := ca.issue(t, "client@example.org", clientKey, now.Add(-time.Hour), now.Add(time.Hour))
	for name, der := range map[string][]byte{"ca.pem": ca.cert.Raw, "other-ca.pem": other.cert.Raw, "server.pem": server, "expired.pem": expired, "client.pem": client} {
		p.write(t, name, "CERTIFICATE", der)
	}
	for name, k := range map[string]crypto.Signer{"server.key": serverKey, "client.key": clientKey} {
		der, err := x509.MarshalPKCS8PrivateKey(k)
		if err != nil {
			t.Fatal(err)
		}
		p.write(t, name, "PRIVATE KEY", der)
	}
	p.openssl(t, "pkcs12", "-export", "-in", "client.pem", "-inkey", "client.key", "-certfile", "ca.pem", "-passout", "pass:p12pass", "-out", "client.p12")
	p.openssl(t, "pkcs8", "-topk8", "-in", "client.key", "-passout", "pass:keypass", "-out", "locked.key")
}

func (p pki) write(t *testing.T, name, kind string, der []byte) {
	if err := os.WriteFile(p.path(name), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (p pki) openssl(t *testing.T, args ...string) {
	cmd := exec.Command("openssl", args...)
	cmd.Dir = p.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("openssl %v: %v: %s", args, err, out)
	}
}

// authority signs certificates.
type authority struct {
	cert *x509.Certificate
	key  crypto.Signer
}

func newKey(t *testing.T) crypto.Signer {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func subject(name string) pkix.Name {
	return pkix.Name{Country: []string{"FI"}, Organization: []string{"Example"}, CommonName: name}
}

func newCA(t *testing.T, name string) authority {
	key := newKey(t)
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: subject(name), NotBefore: time.Now().Add(-72 * time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return authority{cert, key}
}

func (a authority) issue(t *testing.T, name string, key crypto.Signer, from, until time.Time) []byte {
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(from.UnixNano()), Subject: subject(name), NotBefore: from, NotAfter: until, DNSNames: []string{name},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, a.cert, key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

//go:build wired

package wired

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"
)

// pki is a folder of certificates.
//
//	ca, other-ca                    roots
//	server, expired, future, client-only, rsa-server, chain
//	                                the server's, signed by ca; chain has three more
//	                                authorities between them, with a key of 3072 bits
//	server.key, rsa-server.key      their keys, chain's is rsa-server.key
//	good.ocsp, revoked.ocsp         what a responder says of server.pem
//	client, stranger, late          a client's: stranger is signed by other-ca, late
//	                                has expired; client.key is the key of all three
//	rsa-client, deep-client         with rsa-client.key; deep-client as chain is
//	roots/                          ca.pem beside something else
//
// Containers: client.der, key.der (PKCS#8), sec1.pem, pkcs1.pem (of rsa-client), both.pem,
// client.p12 and old.p12 (password "p12pass"), locked.key, locked.der, locked-old.key
// (client.key under the password "keypass").
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
	now := time.Now()
	from, until := now.Add(-time.Hour), now.Add(time.Hour)
	keys := map[string]crypto.Signer{"server.key": newKey(t), "client.key": newKey(t), "rsa-server.key": rsaKey(t, 3072), "rsa-client.key": rsaKey(t, 3072)}
	certs := map[string][][]byte{"ca.pem": {ca.cert.Raw}, "other-ca.pem": {other.cert.Raw}}
	issue := func(file string, by authority, name, key string, from, until time.Time, change func(*x509.Certificate)) {
		certs[file] = append([][]byte{by.issue(t, name, keys[key], from, until, change)}, by.chain...)
	}
	issue("server.pem", ca, serverName, "server.key", from, until, nil)
	issue("expired.pem", ca, serverName, "server.key", now.Add(-48*time.Hour), now.Add(-24*time.Hour), nil)
	issue("future.pem", ca, serverName, "server.key", now.Add(24*time.Hour), now.Add(48*time.Hour), nil)
	issue("client-only.pem", ca, serverName, "server.key", from, until, func(x *x509.Certificate) { x.ExtKeyUsage = x.ExtKeyUsage[1:] })
	issue("rsa-server.pem", ca, serverName, "rsa-server.key", from, until, nil)
	large := keys["rsa-server.key"]
	deep := ca.sub(t, "One", large).sub(t, "Two", large).sub(t, "Three", large)
	issue("chain.pem", deep, serverName, "rsa-server.key", from, until, nil)
	issue("client.pem", ca, "client@example.org", "client.key", from, until, nil)
	issue("stranger.pem", other, "client@example.org", "client.key", from, until, nil)
	issue("late.pem", ca, "client@example.org", "client.key", now.Add(-48*time.Hour), now.Add(-24*time.Hour), nil)
	issue("rsa-client.pem", ca, "client@example.org", "rsa-client.key", from, until, nil)
	issue("deep-client.pem", deep, "client@example.org", "rsa-client.key", from, until, nil)
	for name, list := range certs {
		p.write(t, name, "CERTIFICATE", list...)
	}
	for name, k := range keys {
		der, err := x509.MarshalPKCS8PrivateKey(k)
		if err != nil {
			t.Fatal(err)
		}
		p.write(t, name, "PRIVATE KEY", der)
	}
	p.staples(t, ca, certs["server.pem"][0])
	p.containers(t)
}

// staples are what an OCSP responder says.
func (p pki) staples(t *testing.T, ca authority, server []byte) {
	cert, err := x509.ParseCertificate(server)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	for name, status := range map[string]int{"good.ocsp": ocsp.Good, "revoked.ocsp": ocsp.Revoked} {
		der, err := ocsp.CreateResponse(ca.cert, ca.cert, ocsp.Response{Status: status, SerialNumber: cert.SerialNumber,
			ThisUpdate: now.Add(-time.Hour), NextUpdate: now.Add(time.Hour), RevokedAt: now.Add(-time.Hour)}, ca.key)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p.path(name), der, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// containers has openssl wrap the client's certificate and key in each way.
func (p pki) containers(t *testing.T) {
	for _, args := range []string{
		"pkcs12 -export -in client.pem -inkey client.key -certfile ca.pem -passout pass:p12pass -out client.p12",
		"pkcs12 -export -legacy -in client.pem -inkey client.key -certfile ca.pem -passout pass:p12pass -out old.p12",
		"pkcs8 -topk8 -in client.key -passout pass:keypass -out locked.key",
		"pkcs8 -topk8 -in client.key -passout pass:keypass -outform DER -out locked.der",
		"ec -aes128 -in client.key -passout pass:keypass -out locked-old.key",
		"ec -in client.key -out sec1.pem",
		"rsa -traditional -in rsa-client.key -out pkcs1.pem",
		"x509 -in client.pem -outform DER -out client.der",
		"pkcs8 -topk8 -nocrypt -in client.key -outform DER -out key.der",
	} {
		p.openssl(t, strings.Fields(args)...)
	}
	var both []byte
	for _, name := range []string{"client.key", "client.pem"} {
		b, err := os.ReadFile(p.path(name))
		if err != nil {
			t.Fatal(err)
		}
		both = append(both, b...)
	}
	ca, err := os.ReadFile(p.path("ca.pem"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(p.path("roots"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{"both.pem": both, "roots/readme": []byte("no certificate"), "roots/9a2b3c4d.0": ca} {
		if err := os.WriteFile(p.path(name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func (p pki) write(t *testing.T, name, kind string, list ...[]byte) {
	var text []byte
	for _, der := range list {
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})...)
	}
	if err := os.WriteFile(p.path(name), text, 0o600); err != nil {
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

// authority signs certificates; chain are those between a root and what it signs.
type authority struct {
	cert  *x509.Certificate
	key   crypto.Signer
	chain [][]byte
}

func newKey(t *testing.T) crypto.Signer {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func rsaKey(t *testing.T, bits int) crypto.Signer {
	k, err := rsa.GenerateKey(rand.Reader, bits)
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
	return authority{cert: cert, key: key}
}

// issue signs a certificate for servers and clients; change may alter the template.
func (a authority) issue(t *testing.T, name string, key crypto.Signer, from, until time.Time, change func(*x509.Certificate)) []byte {
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: serial, Subject: subject(name), NotBefore: from, NotAfter: until, DNSNames: []string{name},
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	if _, ok := key.(*ecdsa.PrivateKey); ok {
		tmpl.KeyUsage = x509.KeyUsageDigitalSignature
	}
	if change != nil {
		change(tmpl)
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, a.cert, key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// sub makes an authority below this one.
func (a authority) sub(t *testing.T, name string, key crypto.Signer) authority {
	der := a.issue(t, name, key, time.Now().Add(-time.Hour), time.Now().Add(time.Hour), func(x *x509.Certificate) {
		x.IsCA, x.BasicConstraintsValid, x.DNSNames, x.ExtKeyUsage, x.KeyUsage = true, true, nil, nil, x509.KeyUsageCertSign
	})
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return authority{cert: cert, key: key, chain: append([][]byte{der}, a.chain...)}
}

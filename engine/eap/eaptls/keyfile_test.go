package eaptls

import (
	"bytes"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gosupplicant/engine/keys"
)

func keyFile(t testing.TB, name string) []byte {
	t.Helper()
	if name == "" {
		return nil
	}
	b, err := os.ReadFile(filepath.Join("testdata/keys", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestContainers(t *testing.T) {
	for _, c := range []struct {
		cert, key string
		encrypted bool
	}{
		{"cert.pem", "ec.pem", false}, {"cert.der", "pkcs8.der", false}, {"cert.pem", "pkcs8.pem", false}, {"cert.der", "sec1.der", false},
		{"cert.pem", "sec1-aes128.pem", true}, {"cert.pem", "pbes2-aes256-sha256.pem", true}, {"cert.pem", "pbes2-aes128-sha1.der", true},
		{"cert.pem", "pbes2-des3.pem", true}, {"cert.pem", "pbes2-scrypt.pem", true}, {"cert.pem", "pbes1-3des.pem", true}, {"", "modern.p12", true}, {"", "legacy.p12", true},
		{"cert.pem", "modern.p12", true}, {"rsacert.pem", "rsa.pem", false}, {"rsacert.pem", "pkcs1-des3.pem", true},
	} {
		cert, key := keyFile(t, c.cert), keyFile(t, c.key)
		pass := keys.Secret("secret")
		if !c.encrypted {
			pass = nil
		}
		pair, err := ParseKeyPair(cert, key, pass)
		if err != nil {
			t.Errorf("%s with %s: %v", c.key, c.cert, err)
			continue
		}
		if pair.Leaf == nil || pair.PrivateKey == nil || len(pair.Certificate) != 1 {
			t.Errorf("%s: %d certificates", c.key, len(pair.Certificate))
		}
		for _, wrong := range []keys.Secret{nil, keys.Secret("wrong")} {
			if _, err := ParseKeyPair(cert, key, wrong); c.encrypted && !errors.Is(err, ErrPassphrase) {
				t.Errorf("%s with passphrase %q: %v, want ErrPassphrase", c.key, string(wrong), err)
			}
		}
	}
}

func TestKeyAndCertificateInOneFile(t *testing.T) {
	both := append(keyFile(t, "ec.pem"), keyFile(t, "cert.pem")...)
	for _, c := range [][2][]byte{{nil, both}, {both, nil}, {both, both}} {
		if _, err := ParseKeyPair(c[0], c[1], nil); err != nil {
			t.Error(err)
		}
	}
	chain := append(keyFile(t, "rsacert.pem"), keyFile(t, "cert.pem")...)
	pair, err := ParseKeyPair(chain, keyFile(t, "ec.pem"), nil)
	if err != nil || pair.Leaf.Subject.CommonName != "client" || len(pair.Certificate) != 2 {
		t.Errorf("a chain in another order: %v", err)
	}
}

func TestKeysRefused(t *testing.T) {
	for name, c := range map[string]struct {
		cert, key []byte
		want      string
	}{
		"another key":    {keyFile(t, "cert.pem"), keyFile(t, "rsa.pem"), "belong together"},
		"PBES1":          {keyFile(t, "cert.pem"), keyFile(t, "pbes1-des.pem"), "PBES2"},
		"no certificate": {nil, keyFile(t, "ec.pem"), "no client_cert"},
		"nothing":        {nil, nil, "private_key"},
		"garbage":        {keyFile(t, "cert.pem"), []byte("garbage"), "neither PEM"},
		"a certificate":  {keyFile(t, "cert.pem"), keyFile(t, "cert.pem"), "no private key"},
		"cut PEM":        {keyFile(t, "cert.pem"), keyFile(t, "ec.pem")[:90], "no private key"},
	} {
		if _, err := ParseKeyPair(c.cert, c.key, keys.Secret("secret")); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// TestPBKDFBounds: a file cannot make the daemon work for hours.
func TestPBKDFBounds(t *testing.T) {
	der := keyFile(t, "pbes2-aes128-sha1.der")
	at := bytes.Index(der, []byte{0x02, 0x02, 0x08, 0x00}) // 2048 iterations
	if at < 0 {
		t.Fatal("the iteration count is not where it was")
	}
	for _, n := range [][]byte{{0x00, 0x00}, {0xff, 0xff}} {
		bad := bytes.Clone(der)
		copy(bad[at+2:], n)
		if _, err := decryptPKCS8(bad, keys.Secret("secret")); err == nil || errors.Is(err, ErrPassphrase) {
			t.Errorf("iterations %x: %v", n, err)
		}
	}
}

func TestScryptBounds(t *testing.T) {
	for _, c := range []struct {
		n, r, p int
		ok      bool
	}{{1024, 8, 1, true}, {16384, 8, 1, true}, {1 << 20, 8, 1, false}, {1 << 40, 1, 1, false}, {1024, 1 << 30, 1, false}, {1024, 8, 1000, false}, {0, 8, 1, false}, {1024, -1, 1, false}} {
		params, err := asn1.Marshal(scryptParams{Salt: []byte("salt"), N: c.n, R: c.r, P: c.p})
		if err != nil {
			t.Fatal(err)
		}
		kdf := pkix.AlgorithmIdentifier{Algorithm: oidScrypt, Parameters: asn1.RawValue{FullBytes: params}}
		if _, err := deriveKey(kdf, keys.Secret("x"), 32); (err == nil) != c.ok {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestPKCS12Bounds(t *testing.T) {
	for _, name := range []string{"modern.p12", "legacy.p12"} {
		p12 := keyFile(t, name)
		if n := iterations(p12, 0); n != 2048 {
			t.Errorf("%s: %d iterations", name, n)
		}
		n := 0
		for i := range len(p12) - 4 {
			if !bytes.Equal(p12[i:i+4], []byte{0x02, 0x02, 0x08, 0x00}) {
				continue
			}
			// The same length, with the greatest count that fits; then one that is no number.
			n++
			bad := bytes.Clone(p12)
			copy(bad[i:], []byte{0x02, 0x02, 0x7f, 0xff})
			if got := iterations(bad, 0); got != 0x7fff {
				t.Errorf("%s: count at %d read as %d", name, i, got)
			}
		}
		if n < 2 {
			t.Errorf("%s: %d counts found", name, n)
		}
	}
	huge := []byte{0x30, 0x0a, 0x04, 0x01, 0xaa, 0x02, 0x05, 0x10, 0, 0, 0, 0}
	if n := iterations(huge, 0); n <= maxIterations {
		t.Errorf("%d", n)
	}
}

func FuzzKeyPair(f *testing.F) {
	for _, n := range []string{"ec.pem", "pkcs8.der", "sec1.der", "pbes2-aes128-sha1.der", "pbes2-scrypt.pem", "pbes1-3des.pem", "modern.p12", "legacy.p12", "pkcs1-des3.pem"} {
		f.Add(keyFile(f, n))
	}
	cert := keyFile(f, "cert.pem")
	f.Fuzz(func(t *testing.T, key []byte) {
		if len(key) > 1<<14 {
			return
		}
		if pair, err := ParseKeyPair(cert, key, keys.Secret("x")); err == nil && pair.PrivateKey == nil {
			t.Error("a pair without a key")
		}
	})
}

func FuzzCertificates(f *testing.F) {
	for _, n := range []string{"cert.pem", "cert.der", "ec.pem"} {
		f.Add(keyFile(f, n))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		list, err := ParseCertificates(b)
		if err == nil && len(list) == 0 {
			t.Error("neither certificates nor an error")
		}
		for _, c := range list {
			SubjectText(c)
			altNames(c)
			matchDN("CN=x*/O=y", c)
		}
	})
}

// FuzzPKCS12 knows the password, so that what is under the MAC is reached.
func FuzzPKCS12(f *testing.F) {
	for _, n := range []string{"modern.p12", "legacy.p12"} {
		f.Add(keyFile(f, n), []byte("secret"))
	}
	f.Add([]byte{0x30, 0x0a, 2, 1, 3, 0x30, 0x05, 0x04, 1, 0xaa, 2, 0}, []byte{})
	f.Fuzz(func(t *testing.T, b, pass []byte) {
		if len(b) > 1<<14 || len(pass) > 100 || iterations(b, 0) > 5000 {
			return // a count that takes long is refused elsewhere
		}
		k, chain, err := parsePKCS12(b, pass)
		if err == nil && (k == nil || len(chain) == 0) {
			t.Errorf("key %T, %d certificates", k, len(chain))
		}
	})
}

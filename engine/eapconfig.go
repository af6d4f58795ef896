package engine

import (
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gosupplicant/conf"
	"gosupplicant/engine/eap"
	"gosupplicant/engine/eap/eaptls"
	"gosupplicant/engine/keys"
)

// maxCredentialFile bounds a certificate or key file, in bytes.
const maxCredentialFile = 4 << 20

// maxCAFiles bounds the files of ca_path.
const maxCAFiles = 512

// eapConfig makes what the EAP peer needs of a network block. It runs on a worker:
// certificates and keys are files. n and blobs are copies.
func eapConfig(n *conf.Network, g *conf.Globals, blobs map[string][]byte, wired bool) (*eap.Config, error) {
	e := &n.EAP
	c := &eap.Config{
		Identity: e.Identity, AnonymousIdentity: e.AnonymousIdentity, IMSIIdentity: e.IMSIIdentity, MachineIdentity: e.MachineIdentity,
		Phase1: string(e.Phase1), Phase2: string(e.Phase2), MachinePhase2: string(e.MachinePhase2),
		ExternalSIM: g.ExternalSIM != 0, PCSC: string(e.PCSC), FragmentSize: e.FragmentSize,
		OpenSSLCiphers: string(e.OpenSSLCiphers), Workaround: e.EAPWorkaround != 0, FastReauth: g.FastReauth != 0,
		CertData: g.CertInCB, Wired: wired,
	}
	if c.OpenSSLCiphers == "" {
		c.OpenSSLCiphers = string(g.OpenSSLCiphers)
	}
	for _, m := range e.Methods {
		c.Methods = append(c.Methods, eap.Type{Vendor: m.Vendor, Number: m.Type})
	}
	var errs [7]error
	errs[5] = methodsBuilt(c.Methods)
	c.Password, errs[0] = eapPassword(e.Password, string(g.ExtPasswordBackend))
	c.MachinePassword, errs[1] = eapPassword(e.MachinePassword, string(g.ExtPasswordBackend))
	c.Certs, errs[2] = eapCerts(&e.Certs, blobs)
	c.Certs2, errs[3] = eapCerts(&e.Certs2, blobs)
	c.MachineCerts, errs[4] = eapCerts(&e.MachineCerts, blobs)
	if len(e.IMSIPrivacyCert) > 0 || len(e.IMSIPrivacyAttr) > 0 {
		errs[6] = errors.New("imsi_privacy_cert: encryption of the IMSI is not built, and without it the IMSI would be sent in the clear")
	}
	return c, errors.Join(errs[:]...)
}

// whyNotBuilt tells of methods that people ask for.
var whyNotBuilt = map[eap.Type]string{
	eap.TypeLEAP: ": whoever listens to it learns the password; PEAP with MSCHAPV2 takes the same one",
	eap.TypeFAST: ": crypto/tls cannot begin a session with a PAC; TEAP, PEAP and TTLS do what it was for",
}

// methodsBuilt refuses a list (eap=) of which nothing is in this build. A server must
// not be blamed for that.
func methodsBuilt(list []eap.Type) error {
	for _, t := range list {
		if eapMethods.Find(t) != nil {
			return nil
		}
	}
	if len(list) == 0 {
		return nil
	}
	return fmt.Errorf("eap: EAP-%v is not built%s", list[0], whyNotBuilt[list[0]])
}

func eapPassword(p conf.Password, backend string) (eap.Password, error) {
	switch p.Kind {
	case conf.PasswordNTHash:
		return eap.Password{Value: p.Value.Reveal(), Hash: true}, nil
	case conf.PasswordExternal:
		v, err := externalPassword(backend, string(p.Value.Reveal()))
		return eap.Password{Value: v}, err
	}
	return eap.Password{Value: p.Value.Reveal()}, nil
}

// externalPassword looks a name up in an external store (ext_password_backend):
// "file:PATH" with lines name=value, or "test:name=value|name=value".
func externalPassword(backend, name string) (keys.Secret, error) {
	kind, where, _ := strings.Cut(backend, ":")
	var lines []string
	switch kind {
	case "test":
		lines = strings.Split(where, "|")
	case "file":
		b, err := readCredential(where)
		if err != nil {
			return nil, fmt.Errorf("external passwords: %w", err)
		}
		lines = strings.Split(string(b), "\n")
	default:
		return nil, fmt.Errorf("external password %q: no ext_password_backend that can be used", name)
	}
	for _, l := range lines {
		if k, v, ok := strings.Cut(strings.TrimRight(l, "\r"), "="); ok && k == name {
			return keys.Secret(v), nil
		}
	}
	return nil, fmt.Errorf("external password %q is not in the store", name)
}

// externalPSK looks up a passphrase (8 to 63 characters) or a key (64 hexadecimal
// digits) in an external store.
func externalPSK(backend, name string) (conf.PSK, error) {
	v, err := externalPassword(backend, name)
	if err != nil {
		return conf.PSK{}, err
	}
	defer v.Zero()
	if len(v) == 2*keys.PSKLen {
		key := make([]byte, keys.PSKLen)
		if _, err := hex.Decode(key, v); err != nil {
			return conf.PSK{}, fmt.Errorf("external password %q: 64 characters that are no key in hexadecimal", name)
		}
		return conf.PSK{Key: conf.NewSecret(key)}, nil
	}
	if len(v) < minPassphrase || len(v) > maxPassphrase {
		return conf.PSK{}, fmt.Errorf("external password %q: a passphrase has %d to %d characters, this one %d", name, minPassphrase, maxPassphrase, len(v))
	}
	return conf.PSK{Passphrase: conf.NewSecret(v)}, nil
}

// Lengths of a passphrase, in bytes (IEEE Std 802.11, J.4.1).
const (
	minPassphrase = 8
	maxPassphrase = 63
)

// eapCerts reads one set of certificates and keys.
func eapCerts(c *conf.EAPCerts, blobs map[string][]byte) (out eap.Certs, err error) {
	out = eap.Certs{
		PrivateKeyPassword: c.PrivateKeyPasswd.Reveal(), SubjectMatch: string(c.SubjectMatch),
		CheckCertSubject: string(c.CheckCertSubject), AltSubjectMatch: string(c.AltSubjectMatch),
		DomainSuffixMatch: string(c.DomainSuffixMatch), DomainMatch: string(c.DomainMatch), OCSP: c.OCSP,
		Engine: c.Engine != 0,
	}
	ca := string(c.CACert)
	switch {
	case strings.HasPrefix(ca, "hash://"), strings.HasPrefix(ca, "probe://"):
		out.CASpec = ca
	case ca != "":
		if out.CACert, err = credential("ca_cert", ca, blobs); err != nil {
			return out, err
		}
	}
	if out.CAPath, err = caPath(string(c.CAPath)); err != nil {
		return out, err
	}
	if out.ClientCert, err = credential("client_cert", string(c.ClientCert), blobs); err != nil {
		return out, err
	}
	if out.PrivateKey, err = credential("private_key", string(c.PrivateKey), blobs); err == nil {
		eaptls.Load(&out)
	}
	return out, err
}

// credential reads a file or blob; an empty name is nothing.
func credential(field, name string, blobs map[string][]byte) ([]byte, error) {
	if name == "" {
		return nil, nil
	}
	if blob, ok := strings.CutPrefix(name, "blob://"); ok {
		b, ok := blobs[blob]
		if !ok {
			return nil, fmt.Errorf("%s: no blob %q", field, blob)
		}
		return b, nil
	}
	for _, scheme := range []string{"pkcs11:", "keystore://", "keystores://"} {
		if strings.HasPrefix(name, scheme) {
			return nil, fmt.Errorf("%s: %s is not supported: keys and certificates are files or blobs", field, scheme)
		}
	}
	b, err := readCredential(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", field, err)
	}
	return b, nil
}

// readCredential reads a regular file of bounded size.
func readCredential(path string) ([]byte, error) {
	st, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !st.Mode().IsRegular():
		return nil, fmt.Errorf("%s is no file", path)
	case st.Size() > maxCredentialFile:
		return nil, fmt.Errorf("%s has %d bytes, at most %d are read", path, st.Size(), maxCredentialFile)
	}
	return os.ReadFile(path)
}

// caPath reads the files of a folder of certificates.
func caPath(dir string) ([][]byte, error) {
	if dir == "" {
		return nil, nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("ca_path: %w", err)
	}
	slices.SortFunc(entries, func(a, b os.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	var out [][]byte
	for _, e := range entries {
		if len(out) >= maxCAFiles {
			return nil, fmt.Errorf("ca_path: more than %d files in %s", maxCAFiles, dir)
		}
		if b, err := readCredential(filepath.Join(dir, e.Name())); err == nil {
			out = append(out, b)
		}
	}
	return out, nil
}

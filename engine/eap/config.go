package eap

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"strconv"
	"strings"

	"gosupplicant/engine/keys"
)

// Password is a password, or its NT hash.
type Password struct {
	Value keys.Secret
	// Hash tells that Value is the 16-byte NT hash ("hash:" in configuration).
	Hash bool
}

// Set reports whether there is a password, be it an empty one.
func (p Password) Set() bool { return p.Value != nil }

// Format, String: a Password prints as its secret does.
func (p Password) String() string { return p.Value.String() }

// GoString prints as String does.
func (p Password) GoString() string { return p.Value.String() }

// Config is what a network block says about EAP. It is read only to this
// package; files are given as their contents, which the caller reads.
type Config struct {
	Methods []Type // allowed outer methods, the preferred one first; all when empty

	// Identity is nil when not configured.
	Identity          []byte
	AnonymousIdentity []byte
	IMSIIdentity      []byte
	MachineIdentity   []byte
	Password          Password
	MachinePassword   Password

	Phase1, Phase2, MachinePhase2 string
	Certs, Certs2, MachineCerts   Certs

	// ExternalSIM asks for SIM computations with FieldSIM; PCSC names a reader
	// (not built: the methods refuse).
	ExternalSIM bool
	PCSC        string

	FragmentSize   int    // bytes; 0 for the default
	OpenSSLCiphers string // empty for the default
	Workaround     bool   // eap_workaround
	FastReauth     bool   // TLS session resumption, SIM and AKA fast reauthentication
	CertData       bool   // cert_in_cb: PeerCert carries the certificate
	// Wired tells that the port is a cable: MD5 may be the outer method there.
	Wired bool
}

// Canned reports whether success and failure count without a method
// (allow_canned_success=1, for authenticators on a cable).
func (c *Config) Canned() bool {
	v, _ := Options(c.Phase1).Get("allow_canned_success")
	return v == "1" && c.Wired
}

// Certs is one set of TLS credentials and server checks, with files as contents.
type Certs struct {
	// CACert is the contents of the file or blob (PEM or DER, any number of
	// certificates), CAPath those of the files of the directory.
	CACert []byte
	CAPath [][]byte
	// CASpec is the setting itself when it is no file: "hash://server/sha256/…" or
	// "probe://".
	CASpec string
	// ClientCert and PrivateKey are PEM, DER or PKCS#12 (PrivateKey alone).
	ClientCert         []byte
	PrivateKey         []byte
	PrivateKeyPassword keys.Secret

	SubjectMatch      string
	CheckCertSubject  string
	AltSubjectMatch   string
	DomainSuffixMatch string
	DomainMatch       string
	OCSP              int // 0 no, 1 try, 2 require, 3 require for the whole chain
	// Roots and KeyPair are what eaptls.Load made of the files, ahead of time; nil
	// where it did not, and then the files are read when a method begins.
	Roots   []*x509.Certificate
	KeyPair *tls.Certificate
	// Engine tells that the key is to come from an engine or token, which is
	// never loaded: TLS methods with a key from there refuse to start.
	Engine bool
}

// HasCA reports whether anything is there to check the server's certificate with.
func (c *Certs) HasCA() bool {
	return len(c.CACert) > 0 || len(c.CAPath) > 0 || len(c.Roots) > 0 || c.CASpec != ""
}

// Options is a phase1 or phase2 string: words, most of the form name=value.
type Options string

// Get returns the value of the first word name=value.
func (o Options) Get(name string) (string, bool) {
	for _, w := range strings.Fields(string(o)) {
		if v, ok := strings.CutPrefix(w, name+"="); ok {
			return v, true
		}
	}
	return "", false
}

// All returns the values of all words name=value, in order.
func (o Options) All(name string) []string {
	var out []string
	for _, w := range strings.Fields(string(o)) {
		if v, ok := strings.CutPrefix(w, name+"="); ok {
			out = append(out, v)
		}
	}
	return out
}

// Int returns the number of name=value, or def without such a word or with one
// that is no number.
func (o Options) Int(name string, def int) int {
	if v, ok := o.Get(name); ok {
		if n, err := strconv.Atoi(v); err == nil {
			return n
		}
	}
	return def
}

// Field names a credential or decision to ask for.
type Field uint8

// Fields.
const (
	FieldIdentity Field = iota + 1
	FieldPassword
	FieldNewPassword
	FieldPIN
	FieldOTP
	FieldPassphrase   // of the private key
	FieldSIM          // a computation of the SIM
	FieldExtCertCheck // "good" or "bad"
	// FieldPSKPassphrase belongs to no method: a personal network's PSK, in memory only.
	FieldPSKPassphrase
)

// String returns the spelling of CTRL-REQ and NetworkRequest, e.g. "NEW_PASSWORD".
func (f Field) String() string {
	names := [...]string{"", "IDENTITY", "PASSWORD", "NEW_PASSWORD", "PIN", "OTP", "PASSPHRASE", "SIM", "EXT_CERT_CHECK", "PSK_PASSPHRASE"}
	if f >= 1 && int(f) < len(names) {
		return names[f]
	}
	return "UNKNOWN"
}

// FieldByName returns the field of that spelling; ok is false for none.
func FieldByName(name string) (f Field, ok bool) {
	for f := FieldIdentity; f <= FieldPSKPassphrase; f++ {
		if f.String() == name {
			return f, true
		}
	}
	return 0, false
}

// Need is a request for a credential.
type Need struct {
	Field Field
	// Text is the challenge of FieldOTP or the computation of FieldSIM
	// ("GSM-AUTH:…"); empty for the others, whose prompts never change.
	Text string
}

// Prompt returns the text to show.
func (n Need) Prompt() string {
	switch n.Field {
	case FieldIdentity:
		return "Identity"
	case FieldPassword:
		return "Password"
	case FieldNewPassword:
		return "New Password"
	case FieldPIN:
		return "PIN"
	case FieldOTP:
		return "[" + n.Text + "]"
	case FieldPassphrase:
		return "Private key passphrase"
	case FieldExtCertCheck:
		return "External server certificate validation"
	case FieldPSKPassphrase:
		return "PSK or passphrase"
	}
	return n.Text
}

// Answers holds what the user answered, until it is taken, cleared or replaced.
// A nil *Answers holds nothing.
type Answers struct{ m map[Field]keys.Secret }

// Format implements fmt.Formatter for every verb: answers do not print.
func (a *Answers) Format(f fmt.State, _ rune) { io.WriteString(f, "[redacted]") }

// Get returns an answer and leaves it.
func (a *Answers) Get(f Field) (keys.Secret, bool) {
	if a == nil {
		return nil, false
	}
	v, ok := a.m[f]
	return v, ok
}

// Take returns an answer and removes it: for those of a single use (OTP, SIM,
// NEW_PASSWORD, EXT_CERT_CHECK).
func (a *Answers) Take(f Field) (keys.Secret, bool) {
	v, ok := a.Get(f)
	if ok {
		delete(a.m, f)
	}
	return v, ok
}

// Put stores an answer.
func (a *Answers) Put(f Field, v keys.Secret) {
	if a.m == nil {
		a.m = make(map[Field]keys.Secret)
	}
	a.m[f] = append(keys.Secret{}, v...)
}

// Drop forgets an answer, e.g. a password that was refused.
func (a *Answers) Drop(f Field) {
	if v, ok := a.Get(f); ok {
		v.Zero()
		delete(a.m, f)
	}
}

// Memory is what the methods remember of a network from one conversation to the
// next: TLS sessions, pseudonyms, keys of fast reauthentication. The caller keeps
// one a network, and makes a new one when the network's settings change. A nil
// *Memory remembers nothing.
type Memory struct{ m map[any]any }

// Format implements fmt.Formatter for every verb: what is remembered does not print.
func (m *Memory) Format(f fmt.State, _ rune) { io.WriteString(f, "[redacted]") }

// Load returns what was stored under that key, or nil.
func (m *Memory) Load(key any) any {
	if m == nil {
		return nil
	}
	return m.m[key]
}

// Store remembers v under key; nil forgets. Keys are values of a type of the
// method's own package.
func (m *Memory) Store(key, v any) {
	if m == nil {
		return
	}
	if v == nil {
		delete(m.m, key)
		return
	}
	if m.m == nil {
		m.m = make(map[any]any)
	}
	m.m[key] = v
}

package eap

import (
	"log/slog"
	"time"
)

// Output is something the caller of a Machine has to do, or may want to know. It
// is one of Respond, SetTimer, StopTimer, Started, ProposedMethod, MethodSelected,
// MethodRefused, Notification, NeedCredential, PeerCert, CertError, CertVerified,
// TLSAlert, Unverified, ErrorCode, PasswordChanged, ServerMessage, Success,
// Failure and Note. Outputs are carried out in the order given.
type Output interface{ output() }

// Respond asks to send an EAP packet.
type Respond struct{ Packet []byte }

// SetTimer asks to call Machine.Timeout after that time; it replaces the timer
// when running.
type SetTimer struct{ After time.Duration }

// StopTimer asks to forget the timer.
type StopTimer struct{}

// Started tells that the server asked for the identity.
type Started struct{}

// ProposedMethod tells that the server proposed a method, and whether it was refused.
type ProposedMethod struct {
	Type Type
	Nak  bool
}

// MethodSelected tells that a method begins.
type MethodSelected struct {
	Type Type
	Name string
}

// MethodRefused tells that a method could not begin.
type MethodRefused struct {
	Type Type
	Err  error
}

// Notification is a text of the server for the user (5.2), as it came.
type Notification struct{ Text []byte }

// NeedCredential asks for a credential; Machine.Answer goes on.
type NeedCredential struct{ Need }

// PeerCert is a certificate of the server's chain; Depth 0 is the server's own.
type PeerCert struct {
	Depth       int
	Subject     string   // as in "/C=FI/O=Example/CN=server"
	AltSubjects []string // "DNS:host", "EMAIL:…", "URI:…"
	Hash        [32]byte // SHA-256 of the certificate
	DER         []byte   // when asked for with Config.CertData, else nil
	// TODStrict and TODTOFU tell the trust override disable policies in it.
	TODStrict, TODTOFU bool
}

// CertReason tells why a certificate was refused; the numbers are those of
// CTRL-EVENT-EAP-TLS-CERT-ERROR.
type CertReason uint8

// Reasons.
const (
	CertReasonUnspecified     CertReason = 0
	CertReasonUntrusted       CertReason = 1
	CertReasonRevoked         CertReason = 2
	CertReasonNotYetValid     CertReason = 3
	CertReasonExpired         CertReason = 4
	CertReasonSubjectMismatch CertReason = 5
	CertReasonAltMismatch     CertReason = 6
	CertReasonBad             CertReason = 7
	CertReasonServerProbe     CertReason = 8
	CertReasonSuffixMismatch  CertReason = 9
	CertReasonDomainMismatch  CertReason = 10
	CertReasonShortKey        CertReason = 11
	CertReasonDNMismatch      CertReason = 12
)

// String returns a phrase for logs.
func (r CertReason) String() string {
	names := [...]string{"certificate refused", "unknown CA", "certificate revoked", "certificate not yet valid",
		"certificate expired", "subject mismatch", "alternative subject mismatch", "bad certificate",
		"server chain probe", "domain suffix mismatch", "domain mismatch", "key too short", "subject DN mismatch"}
	if int(r) < len(names) {
		return names[r]
	}
	return "unknown reason"
}

// CertError tells that the server's certificate was refused.
type CertError struct {
	Reason  CertReason
	Depth   int
	Subject string
	Text    string
	Cert    []byte // DER, or nil
}

// CertVerified tells that the server's certificate was accepted.
type CertVerified struct{}

// TLSAlert tells an alert of TLS, sent (Local) or received.
type TLSAlert struct {
	Local       bool
	Description uint8
	Text        string // OpenSSL's words, e.g. "unknown CA"
}

// Unverified tells that the server is not authenticated: no CA, hash or probe
// was configured, and credentials may go to anybody.
type Unverified struct{ Type Type }

// ErrorCode is an error number that a method received (SIM and AKA notifications).
type ErrorCode struct{ Code int }

// PasswordChanged tells that the server took the new password.
type PasswordChanged struct{ New Password }

// ServerMessage is a text from the server about a failed authentication.
type ServerMessage struct {
	Text  string
	Code  int // e.g. 691
	Retry bool
}

// Success tells that EAP ended well.
type Success struct {
	Type Type
	Keys *Keys // nil of methods that make none
	// LowerLayer tells that no EAP-Success came and the lower layer's word was taken.
	LowerLayer bool
	// Reauthentication tells that this machine succeeded before.
	Reauthentication bool
}

// Reason tells what made a conversation fail.
type Reason struct {
	// Check names what failed: "timeout", "nak", "certificate", "client certificate", "server name",
	// "tls", "password", "crypto-binding", "server refused", "configuration", …
	Check   string
	Detail  string // a sentence
	Inner   Type   // the method inside the tunnel when it failed there
	Alert   string // TLS alert, or empty
	Remote  bool   // the server, not this side, gave up
	Subject string // of the certificate in question
}

// Failure tells that EAP ended without success.
type Failure struct {
	Type   Type // TypeNone before a method was selected
	Reason Reason
}

// Note is a line for the log.
type Note struct {
	Level slog.Level
	Text  string
	Attrs []slog.Attr
}

func (Respond) output()         {}
func (SetTimer) output()        {}
func (StopTimer) output()       {}
func (Started) output()         {}
func (ProposedMethod) output()  {}
func (MethodSelected) output()  {}
func (MethodRefused) output()   {}
func (Notification) output()    {}
func (NeedCredential) output()  {}
func (PeerCert) output()        {}
func (CertError) output()       {}
func (CertVerified) output()    {}
func (TLSAlert) output()        {}
func (Unverified) output()      {}
func (ErrorCode) output()       {}
func (PasswordChanged) output() {}
func (ServerMessage) output()   {}
func (Success) output()         {}
func (Failure) output()         {}
func (Note) output()            {}

package eap

import (
	"bytes"
	"errors"
	"io"
	"time"

	"gosupplicant/engine/keys"
)

// MethodState is where a method stands (RFC 4137, 4.2).
type MethodState uint8

// Method states.
const (
	MethodStateNone    MethodState = iota // no method
	MethodStateInit                       // no request was processed
	MethodStateCont                       // the method has to go on
	MethodStateMayCont                    // it may go on, or the server may end it
	MethodStateDone                       // it is over for this side
)

// String returns the spelling of status reports, e.g. "MAY_CONT".
func (s MethodState) String() string {
	names := [...]string{"NONE", "INIT", "CONT", "MAY_CONT", "DONE"}
	if int(s) < len(names) {
		return names[s]
	}
	return "UNKNOWN"
}

// Decision tells whether the peer would accept a success now (RFC 4137, 4.2).
type Decision uint8

// Decisions.
const (
	DecisionFail       Decision = iota // a success is refused
	DecisionCondSucc                   // content if the server is
	DecisionUncondSucc                 // content, and the server is known to be
)

// String returns the spelling of status reports, e.g. "COND_SUCC".
func (d Decision) String() string {
	names := [...]string{"FAIL", "COND_SUCC", "UNCOND_SUCC"}
	if int(d) < len(names) {
		return names[d]
	}
	return "UNKNOWN"
}

// Request is a request for a method. Its bytes are valid until Process returns.
type Request struct {
	ID     uint8
	Data   []byte // what follows the type
	Packet []byte // the whole EAP packet, for methods that protect its header
}

// Result is what a method makes of a request. Exactly one of Response, Need and
// Ignore is set, but a method that is done with DecisionFail may have none: EAP
// fails at once then, and otherwise when the server has seen the response.
type Result struct {
	// Response is the whole EAP packet to send (see [Response]).
	Response []byte
	// Need asks for a credential. The method has not changed: the same request
	// comes again once the answer can be read from the Env. State and Decision
	// are not looked at.
	Need *Need
	// Ignore tells why the request is dropped without an answer (RFC 4137's
	// "ignore"). State and Decision are not looked at.
	Ignore error

	State    MethodState
	Decision Decision
	// Complete ends the conversation with success once the response is sent: the
	// server will not send EAP-Success (PEAPv1, peap_outer_success=0).
	Complete bool
	// Why tells what went wrong, when Decision is DecisionFail with
	// MethodStateDone or a response reports an error.
	Why *Reason
	// Outputs are reports to pass on: PeerCert, CertError, CertVerified, TLSAlert,
	// ErrorCode, PasswordChanged, ServerMessage, Unverified and Note.
	Outputs []Output
}

// Keys is the key material of a finished method. MSK is 64 bytes (or 16 and 32
// of methods older than RFC 3748, which are given as they are), EMSK 64 or nil;
// SessionID is the EAP Session-Id of RFC 5247 or nil.
type Keys struct {
	MSK, EMSK keys.Secret
	SessionID []byte
}

// Clone returns a copy that lives on when the method is closed; nil of nil.
func (k *Keys) Clone() *Keys {
	if k == nil {
		return nil
	}
	return &Keys{MSK: k.MSK.Clone(), EMSK: k.EMSK.Clone(), SessionID: bytes.Clone(k.SessionID)}
}

// Method is one method in one conversation. It is not used after Close.
type Method interface {
	// Process takes one request. The machine has checked that its type is the
	// method's own and that it is not a repetition.
	Process(Request) Result
	// Keys returns the key material: nil of methods that make none, and before
	// the method is done with a decision other than DecisionFail.
	Keys() *Keys
	// Status returns lines for status reports, e.g. "eap_tls_version".
	Status() []KeyValue
	// Close frees what the method holds and overwrites its secrets.
	Close()
}

// Ender is what a method implements that wants to know how the conversation
// ended, to remember what the next one can build on. End comes before Close.
type Ender interface{ End(success bool) }

// Refuser is what a method implements that can tell what an EAP-Failure in its
// present state is about, the server having given no reason. It may return nil.
type Refuser interface{ Refused() *Reason }

// KeyValue is a line of a status report.
type KeyValue struct{ Key, Value string }

// Kind describes a method to the machine.
type Kind struct {
	Type Type
	Name string // as in configuration: "MSCHAPV2"
	// Outer tells that it may be the outer method, Inner that it may run in a tunnel.
	Outer, Inner bool
	// New begins a conversation; an error tells what the configuration lacks or
	// has that cannot be used. It may be a *NeedError to ask for a
	// credential first.
	New func(*Env) (Method, error)
	// Identity returns the identity to answer an Identity request with when the
	// method, being the first configured one, has its own idea of it (a pseudonym
	// or a reauthentication identity); nil for none. May be nil.
	Identity func(*Env) []byte
}

// NeedError is the error of Kind.New for a missing credential: it is called
// again once the answer is there.
type NeedError struct{ Need Need }

// Error implements error.
func (e *NeedError) Error() string { return "eap: needs " + e.Need.Field.String() }

// Registry holds the methods that are built, in the order of listings.
type Registry []Kind

// Find returns the method of that type, or nil.
func (r Registry) Find(t Type) *Kind {
	for i := range r {
		if r[i].Type == t {
			return &r[i]
		}
	}
	return nil
}

// ByName returns the method that configuration calls so, or nil.
func (r Registry) ByName(name string) *Kind {
	for i := range r {
		if r[i].Name == name {
			return &r[i]
		}
	}
	return nil
}

// Env is what a method is lent for a conversation. A method keeps the pointer
// and reads credentials when it needs them, for answers change them.
type Env struct {
	Config   *Config
	Rand     io.Reader
	Now      func() time.Time // wall clock, for the validity of certificates
	Memory   *Memory
	Registry Registry
	// Phase2 tells that the method runs in a tunnel: Options and Certs are those
	// of the inner method then.
	Phase2 bool
	// Answers holds what the user answered in this conversation.
	Answers *Answers
	// PeerChallenge and AuthChallenge, of 16 bytes, replace those of MSCHAPv2 when
	// the tunnel supplies them (TTLS, FAST); else nil.
	PeerChallenge, AuthChallenge []byte
}

// Options returns the option string that concerns the method: phase1, or phase2
// in a tunnel.
func (e *Env) Options() Options {
	if e.Phase2 {
		return Options(e.Config.Phase2)
	}
	return Options(e.Config.Phase1)
}

// Certs returns the certificates that concern the method.
func (e *Env) Certs() *Certs {
	if e.Phase2 {
		return &e.Config.Certs2
	}
	return &e.Config.Certs
}

// FragmentLimit returns how many bytes of type data a message may have.
func (e *Env) FragmentLimit() int {
	n := e.Config.FragmentSize
	if n <= 0 {
		n = DefaultFragmentSize
	}
	if e.Phase2 {
		n = max(n-100, 100)
	}
	return n
}

// DefaultFragmentSize is used where fragment_size is not set, in bytes.
const DefaultFragmentSize = 1398

// Identity returns the identity of the user, asking when there is none.
func (e *Env) Identity() ([]byte, *Need) {
	if v, ok := e.Answers.Get(FieldIdentity); ok {
		return v, nil
	}
	if e.Config.Identity != nil {
		return e.Config.Identity, nil
	}
	return nil, &Need{Field: FieldIdentity}
}

// Password returns the password of the user, asking when there is none.
func (e *Env) Password() (Password, *Need) {
	if v, ok := e.Answers.Get(FieldPassword); ok {
		return Password{Value: v}, nil
	}
	if e.Config.Password.Set() {
		return e.Config.Password, nil
	}
	return Password{}, &Need{Field: FieldPassword}
}

// ErrConfig is what the errors of Kind.New wrap.
var ErrConfig = errors.New("eap: configuration")

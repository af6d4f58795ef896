package bus

import (
	"errors"
	"fmt"
)

// Event is something the bus delivered: *Call, *Answer, *Gone, *NameLost or
// *Signal.
type Event interface{ isEvent() }

// Call is a method call for us. It may be kept and answered later; it belongs
// to the goroutine that received it.
type Call struct {
	Sender    string // unique name of the caller, set by the bus
	Path      ObjectPath
	Interface string // may be empty: the caller did not say
	Member    string
	Signature Signature
	Serial    uint32
	NoReply   bool // the caller wants no answer; Reply and Error send none

	msg      message
	answered bool
}

// Args decodes the body, one value for each complete type of Signature. The
// error wraps [ErrMalformed].
func (c *Call) Args() ([]any, error) { return c.msg.args() }

// Answered reports whether a reply or an error was already queued.
func (c *Call) Answered() bool { return c.answered }

// String names the call for logs.
func (c *Call) String() string {
	return fmt.Sprintf("%s.%s(%s) on %s from %s", c.Interface, c.Member, c.Signature, c.Path, c.Sender)
}

// Answer is the outcome of a call made with [Conn.Call].
type Answer struct {
	// Err is nil for a reply, a *RemoteError for an error reply, and the
	// cause of the end of the connection otherwise.
	Err error

	msg  message
	done func(*Answer)
}

// Args decodes the body of a reply; for an answer that is an error it returns
// that error.
func (a *Answer) Args() ([]any, error) {
	if a.Err != nil {
		return nil, a.Err
	}
	return a.msg.args()
}

// Signature returns the signature of the reply's body.
func (a *Answer) Signature() Signature { return a.msg.sig }

// Deliver runs the callback given to [Conn.Call] in the caller's goroutine.
func (a *Answer) Deliver() { a.done(a) }

// Gone tells that a peer named to [Conn.Watch] has left the bus, or was not
// there. The watch has ended.
type Gone struct{ Name string }

// NameLost tells that the name asked for in [Options] is no longer ours,
// though the connection stands.
type NameLost struct{ Name string }

// Signal is a signal that matched a rule given to [Conn.AddMatch].
type Signal struct {
	Sender    string
	Path      ObjectPath
	Interface string
	Member    string
	Signature Signature

	msg message
}

// Args decodes the body.
func (s *Signal) Args() ([]any, error) { return s.msg.args() }

func (*Call) isEvent()     {}
func (*Answer) isEvent()   {}
func (*Gone) isEvent()     {}
func (*NameLost) isEvent() {}
func (*Signal) isEvent()   {}

// RemoteError is an error reply of a peer.
type RemoteError struct {
	Name    string // "org.freedesktop.DBus.Error.UnknownMethod"
	Message string // first string of the body, if any
	Args    []any  // the whole body
}

func (e *RemoteError) Error() string {
	if e.Message == "" {
		return "bus: " + e.Name
	}
	return "bus: " + e.Name + ": " + e.Message
}

func remoteError(m *message) error {
	e := &RemoteError{Name: m.errorName}
	if args, err := m.args(); err == nil && len(args) > 0 {
		e.Args = args
		e.Message, _ = args[0].(string)
	}
	return e
}

// Why a connection ended or could not be made.
var (
	ErrClosed      = errors.New("bus: connection closed")
	ErrQueueFull   = errors.New("bus: the bus does not read and the queue is full")
	ErrNameTaken   = errors.New("bus: name is owned by another connection")
	ErrTooManyOpen = errors.New("bus: too many calls await an answer")
	ErrAnswered    = errors.New("bus: call was already answered")
)

// Error names of the D-Bus specification that this package sends.
const (
	nameLimitsExceeded = "org.freedesktop.DBus.Error.LimitsExceeded"
	nameInvalidArgs    = "org.freedesktop.DBus.Error.InvalidArgs"
	nameNotSupported   = "org.freedesktop.DBus.Error.NotSupported"
)

package keys

import (
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// Secret is key material or a passphrase. Whatever prints it, be it fmt with any
// verb, slog, or an encoder of text or JSON, gets the word "[redacted]".
// (fmt cannot call methods on unexported struct fields: types that keep a Secret
// in one have a String and a GoString of their own.)
type Secret []byte

// Format implements fmt.Formatter for every verb.
func (s Secret) Format(f fmt.State, _ rune) { io.WriteString(f, redacted) }

// String returns "[redacted]".
func (s Secret) String() string { return redacted }

// LogValue implements slog.LogValuer.
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText implements encoding.TextMarshaler, and so covers JSON.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// Equal reports whether both hold the same bytes, in time that depends on the
// lengths only.
func (s Secret) Equal(o []byte) bool { return subtle.ConstantTimeCompare(s, o) == 1 }

// Zero overwrites the bytes.
func (s Secret) Zero() { clear(s) }

// Clone returns a copy; nil of an empty Secret.
func (s Secret) Clone() Secret {
	if len(s) == 0 {
		return nil
	}
	return append(make(Secret, 0, len(s)), s...)
}

// Equal reports whether a and b hold the same bytes, in time that depends on
// the lengths only.
func Equal(a, b []byte) bool { return subtle.ConstantTimeCompare(a, b) == 1 }

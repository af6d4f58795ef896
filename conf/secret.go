package conf

import (
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// A Secret is a value that no log, error or format verb shows. The zero value
// is unset; an empty secret that was set is different from it.
type Secret struct{ octets []byte }

// NewSecret returns a set secret with a copy of b.
func NewSecret(b []byte) Secret { return Secret{append([]byte{}, b...)} }

// IsSet reports whether a value was given, even an empty one.
func (s Secret) IsSet() bool { return s.octets != nil }

// Len is the length in octets.
func (s Secret) Len() int { return len(s.octets) }

// Reveal returns the octets themselves, not a copy: do not change them.
func (s Secret) Reveal() []byte { return s.octets }

// Equal compares two secrets in time that depends on their lengths only.
func (s Secret) Equal(o Secret) bool {
	return s.IsSet() == o.IsSet() && subtle.ConstantTimeCompare(s.octets, o.octets) == 1
}

// String returns "[redacted]", or nothing when the secret is unset.
func (s Secret) String() string {
	if !s.IsSet() {
		return ""
	}
	return redacted
}

// GoString is String; it keeps %#v from showing the octets.
func (s Secret) GoString() string { return "conf.Secret(" + s.String() + ")" }

// Format keeps every verb, %x and %q too, from showing the octets.
func (s Secret) Format(f fmt.State, verb rune) {
	if verb == 'v' && f.Flag('#') {
		io.WriteString(f, s.GoString())
		return
	}
	io.WriteString(f, s.String())
}

// LogValue redacts the secret in structured logs.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText redacts the secret in JSON and other encodings.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

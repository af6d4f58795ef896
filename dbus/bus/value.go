package bus

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// ObjectPath is the name of an object ("/", "/fi/w1/wpa_supplicant1"), type o.
type ObjectPath string

// Signature is a sequence of complete types in D-Bus spelling ("sa{sv}"), type
// g. At most 255 bytes.
type Signature string

// Variant is a value that carries its own type, type v. Sig must be a single
// complete type and must fit Value; [MakeVariant] sees to both.
type Variant struct {
	Sig   Signature
	Value any
}

// Entry is one member of a [Dict].
type Entry struct {
	Key   string
	Value Variant
}

// Dict is an a{sv}: entries in wire order, repeated keys kept.
type Dict []Entry

// Struct is a value in parentheses, its fields in order.
type Struct []any

// Array is an array of a type for which no Go slice is listed in the package
// documentation. Elem is the element type; the elements of a dictionary
// (Elem "{su}") are Struct values of two fields, key and value.
type Array struct {
	Elem  Signature
	Items []any
}

// MakeVariant wraps v, one of the types in the package documentation. An
// unlisted type gives a Variant with an empty Sig, which no encoder accepts.
func MakeVariant(v any) Variant {
	sig, err := SignatureOf(v)
	if err != nil {
		return Variant{Value: v}
	}
	return Variant{Sig: sig, Value: v}
}

// Add appends an entry to the dictionary.
func (d *Dict) Add(key string, value any) {
	*d = append(*d, Entry{Key: key, Value: MakeVariant(value)})
}

// Get returns the last value stored under key.
func (d Dict) Get(key string) (Variant, bool) {
	for i := len(d) - 1; i >= 0; i-- {
		if d[i].Key == key {
			return d[i].Value, true
		}
	}
	return Variant{}, false
}

// SignatureOf returns the signature of values in sequence, or an error naming
// the first whose type is not listed in the package documentation.
func SignatureOf(values ...any) (Signature, error) {
	if len(values) == 1 {
		if s := plainSignature(values[0]); s != "" {
			return s, nil
		}
	}
	var b strings.Builder
	for i, v := range values {
		if err := writeSignature(&b, v, 0); err != nil {
			return "", fmt.Errorf("bus: value %d: %w", i, err)
		}
	}
	if b.Len() > maxSignature {
		return "", fmt.Errorf("bus: signature of %d bytes, at most %d are allowed", b.Len(), maxSignature)
	}
	return Signature(b.String()), nil
}

// plainSignature returns the signature of the types whose signature does not
// depend on their content, "" for all others.
func plainSignature(v any) Signature {
	switch v.(type) {
	case byte:
		return "y"
	case bool:
		return "b"
	case int16:
		return "n"
	case uint16:
		return "q"
	case int32:
		return "i"
	case uint32:
		return "u"
	case int64:
		return "x"
	case uint64:
		return "t"
	case float64:
		return "d"
	case string:
		return "s"
	case ObjectPath:
		return "o"
	case Signature:
		return "g"
	case Variant:
		return "v"
	case Dict:
		return "a{sv}"
	case []byte:
		return "ay"
	case [][]byte:
		return "aay"
	case []string:
		return "as"
	case []ObjectPath:
		return "ao"
	case []uint16:
		return "aq"
	case []int32:
		return "ai"
	case []uint32:
		return "au"
	}
	return ""
}

func writeSignature(b *strings.Builder, v any, depth int) error {
	if s := plainSignature(v); s != "" {
		b.WriteString(string(s))
		return nil
	}
	if depth > maxDepth {
		return fmt.Errorf("nested deeper than %d", maxDepth)
	}
	switch v := v.(type) {
	case Array:
		b.WriteByte('a')
		b.WriteString(string(v.Elem))
		return nil
	case Struct:
		b.WriteByte('(')
		for _, f := range v {
			if err := writeSignature(b, f, depth+1); err != nil {
				return err
			}
		}
		b.WriteByte(')')
		return nil
	}
	return fmt.Errorf("type %T cannot be sent", v)
}

// Valid reports whether p is a well-formed object path.
func (p ObjectPath) Valid() bool {
	if p == "/" {
		return true
	}
	if len(p) == 0 || p[0] != '/' || p[len(p)-1] == '/' {
		return false
	}
	for i := 1; i < len(p); i++ {
		c := p[i]
		if c == '/' {
			if p[i-1] == '/' {
				return false
			}
		} else if !isNameByte(c) {
			return false
		}
	}
	return true
}

// Valid reports whether s is a sequence of complete types within the limits
// of the D-Bus specification: 255 bytes, 32 nested arrays, 32 nested structs.
func (s Signature) Valid() bool {
	if len(s) > maxSignature {
		return false
	}
	for rest := string(s); rest != ""; {
		n := completeType(rest)
		if n == 0 {
			return false
		}
		rest = rest[n:]
	}
	return true
}

// Single reports whether s is exactly one complete type.
func (s Signature) Single() bool {
	return s != "" && len(s) <= maxSignature && completeType(string(s)) == len(s)
}

const (
	maxSignature   = 255
	maxTypeNesting = 32      // of arrays, and separately of structs
	maxDepth       = 64      // of containers of any kind, variants included
	maxArray       = 1 << 26 // bytes
)

// completeType returns the length of the first complete type in s, 0 if there
// is none.
func completeType(s string) int {
	return scanType(s, 0, 0)
}

func scanType(s string, arrays, structs int) int {
	if s == "" {
		return 0
	}
	switch s[0] {
	case 'y', 'b', 'n', 'q', 'i', 'u', 'x', 't', 'd', 's', 'o', 'g', 'v', 'h':
		return 1
	case 'a':
		if arrays >= maxTypeNesting {
			return 0
		}
		var n int
		if len(s) > 1 && s[1] == '{' {
			n = scanDictEntry(s[1:], arrays+1, structs)
		} else {
			n = scanType(s[1:], arrays+1, structs)
		}
		if n == 0 {
			return 0
		}
		return 1 + n
	case '(':
		return scanStruct(s, arrays, structs)
	}
	return 0
}

func scanStruct(s string, arrays, structs int) int {
	if structs >= maxTypeNesting {
		return 0
	}
	i := 1
	for i < len(s) && s[i] != ')' {
		n := scanType(s[i:], arrays, structs+1)
		if n == 0 {
			return 0
		}
		i += n
	}
	if i >= len(s) || i == 1 {
		return 0
	}
	return i + 1
}

func scanDictEntry(s string, arrays, structs int) int {
	if structs >= maxTypeNesting || len(s) < 4 {
		return 0
	}
	if !isBasicType(s[1]) {
		return 0
	}
	n := scanType(s[2:], arrays, structs+1)
	if n == 0 || 2+n >= len(s) || s[2+n] != '}' {
		return 0
	}
	return 3 + n
}

func isBasicType(c byte) bool {
	return strings.IndexByte("ybnqiuxtdsogh", c) >= 0
}

// alignment returns the alignment in bytes of the type that starts with c.
func alignment(c byte) int {
	switch c {
	case 'n', 'q':
		return 2
	case 'b', 'i', 'u', 's', 'o', 'a', 'h':
		return 4
	case 'x', 't', 'd', '(', '{':
		return 8
	}
	return 1
}

func isNameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_'
}

// validString reports whether s may travel as type s: UTF-8 without NUL.
func validString(s string) bool {
	return strings.IndexByte(s, 0) < 0 && utf8.ValidString(s)
}

// validMember reports whether s is a method or signal name.
func validMember(s string) bool {
	if s == "" || len(s) > 255 || s[0] >= '0' && s[0] <= '9' {
		return false
	}
	for i := 0; i < len(s); i++ {
		if !isNameByte(s[i]) {
			return false
		}
	}
	return true
}

// validInterface reports whether s is an interface or error name: two or more
// elements separated by dots.
func validInterface(s string) bool {
	if len(s) > 255 || strings.IndexByte(s, '.') < 0 {
		return false
	}
	for elem := range strings.SplitSeq(s, ".") {
		if !validMember(elem) {
			return false
		}
	}
	return true
}

// validBusName reports whether s is a unique (":1.5") or well-known name.
func validBusName(s string) bool {
	if len(s) > 255 || strings.IndexByte(s, '.') < 0 {
		return false
	}
	unique := s[0] == ':'
	for elem := range strings.SplitSeq(strings.TrimPrefix(s, ":"), ".") {
		if elem == "" || !unique && elem[0] >= '0' && elem[0] <= '9' {
			return false
		}
		for i := 0; i < len(elem); i++ {
			if !isNameByte(elem[i]) && elem[i] != '-' {
				return false
			}
		}
	}
	return true
}

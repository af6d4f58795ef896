package conf

import (
	"encoding/hex"
	"errors"
	"strings"
)

var errString = errors.New(`not a string: want "text", P"escaped text" or an even number of hex digits`)

// parseString reads the string syntax of the file: "text" up to the last quote,
// P"text" with printf escapes, or hex digits. The result is never nil.
func parseString(s string) ([]byte, error) {
	switch {
	case strings.HasPrefix(s, `"`):
		body, ok := strings.CutSuffix(s[1:], `"`)
		if !ok {
			return nil, errors.New("the closing quote is missing or not the last character")
		}
		return []byte(body), nil
	case strings.HasPrefix(s, `P"`):
		body, ok := strings.CutSuffix(s[2:], `"`)
		if !ok {
			return nil, errors.New("the closing quote is missing or not the last character")
		}
		return unescape(body), nil
	}
	b, err := hex.DecodeString(s)
	if err != nil {
		return nil, errString
	}
	return b, nil
}

// printString is the inverse of parseString: quoted when every octet is
// printable ASCII, otherwise hex.
func printString(b []byte) string {
	for _, c := range b {
		if c < 0x20 || c >= 0x7f {
			return hex.EncodeToString(b)
		}
	}
	return `"` + string(b) + `"`
}

// unescape decodes \\ \" \n \r \t \e, \xHH (one or two digits) and octal \ooo.
// Before any other character the backslash is dropped.
func unescape(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); {
		if s[i] != '\\' || i+1 == len(s) {
			if s[i] != '\\' {
				out = append(out, s[i])
			}
			i++
			continue
		}
		i++
		if c, ok := simpleEscapes[s[i]]; ok {
			out, i = append(out, c), i+1
			continue
		}
		base, most := uint(8), 3
		if s[i] == 'x' {
			base, most, i = 16, 2, i+1
		} else if s[i] < '0' || s[i] > '7' {
			continue // the character itself comes next
		}
		v, n := uint(0), 0
		for ; n < most && i < len(s); n, i = n+1, i+1 {
			d, ok := digit(s[i], base)
			if !ok {
				break
			}
			v = v*base + d
		}
		if n > 0 {
			out = append(out, byte(v))
		}
	}
	return out
}

var simpleEscapes = map[byte]byte{'\\': '\\', '"': '"', 'n': '\n', 'r': '\r', 't': '\t', 'e': 0x1b}

// digit returns the value of c in base 8 or 16.
func digit(c byte, base uint) (uint, bool) {
	var v uint
	switch {
	case c >= '0' && c <= '9':
		v = uint(c - '0')
	case c >= 'a' && c <= 'f':
		v = uint(c-'a') + 10
	case c >= 'A' && c <= 'F':
		v = uint(c-'A') + 10
	default:
		return 0, false
	}
	return v, v < base
}

// hasControl reports a control character.
func hasControl(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < 0x20 || s[i] == 0x7f {
			return true
		}
	}
	return false
}

// breaksLine reports a control character that must not stand in a line of the
// file or of an answer: any but the tab.
func breaksLine(s string) bool {
	return hasControl(strings.ReplaceAll(s, "\t", ""))
}

// words splits at blanks and tabs, as every list of the file.
func words(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '\t' })
}

package dot11

import (
	"fmt"
)

// MaxSSIDLen is the length limit of an SSID in bytes (9.4.2.2).
const MaxSSIDLen = 32

// SSID is a network name: 0 to 32 bytes of any value, not necessarily text.
type SSID []byte

// String returns the escaped text of [EscapeText].
func (s SSID) String() string { return EscapeText(s) }

// IsHidden reports whether the name is withheld: empty, or only zero bytes.
func (s SSID) IsHidden() bool {
	for _, b := range s {
		if b != 0 {
			return false
		}
	}
	return true
}

// EscapeText renders bytes as the control interface prints SSIDs: bytes 32 to
// 126 stand for themselves but for \" and \\; \e, \n, \r and \t name their
// control characters; every other byte is \x and two lower-case digits.
func EscapeText(b []byte) string {
	return string(AppendEscaped(make([]byte, 0, len(b)), b))
}

// AppendEscaped appends the text of EscapeText to dst.
func AppendEscaped(dst, b []byte) []byte {
	for _, c := range b {
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case 0x1b:
			dst = append(dst, '\\', 'e')
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			if c >= 32 && c <= 126 {
				dst = append(dst, c)
			} else {
				dst = append(dst, '\\', 'x', lowerHex[c>>4], lowerHex[c&15])
			}
		}
	}
	return dst
}

// ParseEscaped decodes what EscapeText made, which is also the inside of the
// P"..." form of configuration files. Accepted besides: \x with one digit
// when no second follows, and \0 to \7 with up to three octal digits. An
// unknown escape, or a backslash at the end, is an error.
func ParseEscaped(s string) ([]byte, error) {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); {
		if s[i] != '\\' {
			out = append(out, s[i])
			i++
			continue
		}
		b, n, err := parseEscape(s[i+1:])
		if err != nil {
			return nil, fmt.Errorf("dot11: escape at byte %d of %q: %w", i, s, err)
		}
		out = append(out, b)
		i += 1 + n
	}
	return out, nil
}

// parseEscape decodes one escape, s beginning behind the backslash, and
// returns the byte and the number of characters used.
func parseEscape(s string) (byte, int, error) {
	if s == "" {
		return 0, 0, fmt.Errorf("nothing follows the backslash")
	}
	switch c := s[0]; c {
	case '"', '\\':
		return c, 1, nil
	case 'n':
		return '\n', 1, nil
	case 'r':
		return '\r', 1, nil
	case 't':
		return '\t', 1, nil
	case 'e':
		return 0x1b, 1, nil
	case 'x':
		return parseHexEscape(s)
	case '0', '1', '2', '3', '4', '5', '6', '7':
		v, n := 0, 0
		for n < 3 && n < len(s) && s[n] >= '0' && s[n] <= '7' {
			v = v*8 + int(s[n]-'0')
			n++
		}
		if v > 255 {
			return 0, 0, fmt.Errorf("octal value %d exceeds a byte", v)
		}
		return byte(v), n, nil
	default:
		return 0, 0, fmt.Errorf("unknown escape \\%c", c)
	}
}

func parseHexEscape(s string) (byte, int, error) {
	if len(s) < 2 {
		return 0, 0, fmt.Errorf("\\x without a digit")
	}
	hi, ok := hexDigit(s[1])
	if !ok {
		return 0, 0, fmt.Errorf("\\x without a digit")
	}
	if len(s) > 2 {
		if lo, ok := hexDigit(s[2]); ok {
			return hi<<4 | lo, 3, nil
		}
	}
	return hi, 2, nil
}

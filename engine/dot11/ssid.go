package dot11

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
// P"..." form of configuration files. It accepts any text, in the way users
// of that form know: \x takes one or two hexadecimal digits and is dropped
// without any, \0 to \7 take up to three octal digits of which the lower
// eight bits count, the backslash of an unknown escape is dropped, and so is
// one at the end.
func ParseEscaped(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); {
		if s[i] != '\\' {
			out = append(out, s[i])
			i++
			continue
		}
		var n int
		out, n = appendEscape(out, s[i+1:])
		i += 1 + n
	}
	return out
}

// appendEscape appends the byte of one escape, s beginning behind the
// backslash, and returns the number of characters used.
func appendEscape(out []byte, s string) ([]byte, int) {
	if s == "" {
		return out, 0
	}
	switch c := s[0]; c {
	case 'n':
		return append(out, '\n'), 1
	case 'r':
		return append(out, '\r'), 1
	case 't':
		return append(out, '\t'), 1
	case 'e':
		return append(out, 0x1b), 1
	case 'x':
		return appendHexEscape(out, s)
	case '0', '1', '2', '3', '4', '5', '6', '7':
		v, n := 0, 0
		for n < 3 && n < len(s) && s[n] >= '0' && s[n] <= '7' {
			v = v*8 + int(s[n]-'0')
			n++
		}
		return append(out, byte(v)), n
	default:
		return append(out, c), 1
	}
}

func appendHexEscape(out []byte, s string) ([]byte, int) {
	v, n := byte(0), 1
	for n < 3 && n < len(s) {
		d, ok := hexDigit(s[n])
		if !ok {
			break
		}
		v = v<<4 | d
		n++
	}
	if n == 1 {
		return out, 1
	}
	return append(out, v), n
}

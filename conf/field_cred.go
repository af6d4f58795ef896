package conf

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// credText is a value in string syntax; GET_CRED answers with the bare octets.
func credText(name string, at func(*Cred) *Text, opts ...option) field[Cred] {
	f := bind(name, at, codec[Text]{
		parse: parseCredText,
		print: func(t Text) (string, bool) { return printString(t), t != nil },
	}, opts)
	f.getBy = func(c *Cred) (string, bool) { return string(*at(c)), at(c).IsSet() }
	return f
}

// credSecret is a secret in string syntax; the cred section has no NULL.
func credSecret(name string, at func(*Cred) *Secret, opts ...option) field[Cred] {
	return bind(name, at, codec[Secret]{
		parse: func(i *FieldInfo, s string) (Secret, error) {
			b, err := parseCredText(i, s)
			return Secret{b}, err
		},
		print: func(s Secret) (string, bool) { return printString(s.octets), s.IsSet() },
	}, opts)
}

// credPassword is the password of a credential: no hash: form.
func credPassword(name string, at func(*Cred) *Password, opts ...option) field[Cred] {
	return bind(name, at, codec[Password]{
		parse: func(i *FieldInfo, s string) (Password, error) {
			if strings.HasPrefix(s, "ext:") {
				return parsePassword(i, s)
			}
			b, err := parseString(s)
			return Password{PasswordPlain, Secret{b}}, err
		},
		print: printPassword,
	}, opts)
}

func bareText(t Text) string { return string(t) }

func parseCredText(i *FieldInfo, s string) (Text, error) {
	b, err := parseString(s)
	if err != nil {
		return nil, err
	}
	return b, i.checkLen(len(b))
}

// domains is a list of names; each line adds one.
func domains(name string, at func(*Cred) *[]Text, opts ...option) field[Cred] {
	return repeated(name, at, parseCredText, func(t Text) string { return printString(t) }, bareText, opts)
}

// excludedSSIDs is a list of network names; each line adds one. GET_CRED answers
// with printf escapes, the file has hex.
func excludedSSIDs(name string, at func(*Cred) *[]Text, opts ...option) field[Cred] {
	opts = append(opts, length(0, 32))
	return repeated(name, at, parseCredText,
		func(t Text) string { return hex.EncodeToString(t) },
		func(t Text) string { return escape(t) }, opts)
}

// escape is the inverse of unescape.
func escape(b []byte) string {
	var sb strings.Builder
	for _, c := range b {
		switch {
		case c == '"' || c == '\\':
			sb.WriteByte('\\')
			sb.WriteByte(c)
		case c == 0x1b:
			sb.WriteString(`\e`)
		case c == '\n':
			sb.WriteString(`\n`)
		case c == '\r':
			sb.WriteString(`\r`)
		case c == '\t':
			sb.WriteString(`\t`)
		case c >= 0x20 && c < 0x7f:
			sb.WriteByte(c)
		default:
			fmt.Fprintf(&sb, `\x%02x`, c)
		}
	}
	return sb.String()
}

// connCapabilities is <protocol>[:<port>,...]; each line adds one.
func connCapabilities(name string, at func(*Cred) *[]ConnCapability, opts ...option) field[Cred] {
	parse := func(_ *FieldInfo, s string) (ConnCapability, error) {
		proto, ports, more := strings.Cut(s, ":")
		p, err := strconv.ParseUint(proto, 10, 8)
		if err != nil {
			return ConnCapability{}, errors.New("the protocol is not a number of 0..255")
		}
		c := ConnCapability{Protocol: uint8(p)}
		if !more {
			return c, nil
		}
		for _, w := range strings.Split(ports, ",") {
			n, err := strconv.ParseUint(w, 10, 16)
			if err != nil {
				return ConnCapability{}, fmt.Errorf("port %q is not a number of 0..65535", shorten(w))
			}
			c.Ports = append(c.Ports, uint16(n))
		}
		return c, nil
	}
	print := func(c ConnCapability) string {
		s := strconv.Itoa(int(c.Protocol))
		for i, p := range c.Ports {
			sep := ","
			if i == 0 {
				sep = ":"
			}
			s += sep + strconv.Itoa(int(p))
		}
		return s
	}
	return repeated(name, at, parse, print, print, opts)
}

const (
	minOI  = 3  // IEEE 802.11-2020 9.4.1.31
	maxOI  = 15 // upstream's limit
	maxOIs = 36
)

func parseOI(b []byte) ([]byte, error) {
	if len(b) < minOI || len(b) > maxOI {
		return nil, fmt.Errorf("an OI of %d octets, must be %d..%d", len(b), minOI, maxOI)
	}
	return b, nil
}

// ois is "<hex>,<hex>...": organization identifiers.
func ois(name string, at func(*Cred) *[][]byte, opts ...option) field[Cred] {
	bare := func(l [][]byte) string {
		parts := make([]string, len(l))
		for i, b := range l {
			parts[i] = hex.EncodeToString(b)
		}
		return strings.Join(parts, ",")
	}
	f := bind(name, at, codec[[][]byte]{
		parse: func(_ *FieldInfo, s string) ([][]byte, error) {
			list, err := parseString(s)
			if err != nil {
				return nil, err
			}
			var out [][]byte
			for _, w := range strings.Split(string(list), ",") {
				if w == "" {
					continue
				}
				b, err := hex.DecodeString(w)
				if err != nil {
					return nil, fmt.Errorf("%q is not an even number of hex digits", shorten(w))
				}
				if b, err = parseOI(b); err != nil {
					return nil, err
				}
				if len(out) == maxOIs {
					return nil, fmt.Errorf("more than %d OIs", maxOIs)
				}
				out = append(out, b)
			}
			return out, nil
		},
		print: func(l [][]byte) (string, bool) { return `"` + bare(l) + `"`, len(l) > 0 },
	}, opts)
	f.getBy = func(c *Cred) (string, bool) { return bare(*at(c)), len(*at(c)) > 0 }
	return f
}

// firstOI is the first one of a list of OIs.
type firstOI struct{ of func(*Cred) *[][]byte }

func (m firstOI) set(_ *FieldInfo, c *Cred, s string) error {
	b, err := parseString(s)
	if err != nil {
		return err
	}
	if b, err = parseOI(b); err != nil {
		return err
	}
	*m.of(c) = [][]byte{b}
	return nil
}

func (m firstOI) get(c *Cred) (string, bool) {
	if len(*m.of(c)) == 0 {
		return "", false
	}
	return hex.EncodeToString((*m.of(c))[0]), true
}

func (m firstOI) lines(c *Cred) []string {
	if s, ok := m.get(c); ok {
		return []string{s}
	}
	return nil
}

func (m firstOI) copy(dst, src *Cred) { *m.of(dst) = *m.of(src) }

// oneOI is the old form of a list of OIs: a single one, which replaces the list.
func oneOI(name string, at func(*Cred) *[][]byte, opts ...option) field[Cred] {
	return field[Cred]{FieldInfo: describe(name, opts), at: firstOI{at}}
}

// roamingPartners is "<fqdn>,<exact>,<priority>,<country>"; each line adds one.
func roamingPartners(name string, at func(*Cred) *[]RoamingPartner, opts ...option) field[Cred] {
	bare := func(p RoamingPartner) string {
		exact := "0"
		if p.Exact {
			exact = "1"
		}
		return p.FQDN + "," + exact + "," + strconv.Itoa(int(p.Priority)) + "," + p.Country
	}
	return repeated(name, at, parseRoamingPartner, func(p RoamingPartner) string { return `"` + bare(p) + `"` }, bare, opts)
}

func parseRoamingPartner(_ *FieldInfo, s string) (RoamingPartner, error) {
	b, err := parseString(s)
	if err != nil {
		return RoamingPartner{}, err
	}
	if hasControl(string(b)) {
		return RoamingPartner{}, errors.New("control character")
	}
	parts := strings.Split(string(b), ",")
	if len(parts) != 4 {
		return RoamingPartner{}, errors.New("want <fqdn>,<exact 0|1>,<priority>,<country>")
	}
	prio, err := strconv.ParseUint(parts[2], 10, 8)
	switch {
	case len(parts[0]) == 0 || len(parts[0]) > 127:
		return RoamingPartner{}, errors.New("the FQDN must have 1..127 characters")
	case parts[1] != "0" && parts[1] != "1":
		return RoamingPartner{}, errors.New("exact must be 0 or 1")
	case err != nil:
		return RoamingPartner{}, errors.New("the priority must be 0..255")
	case len(parts[3]) > 2:
		return RoamingPartner{}, errors.New("the country must have 2 letters or be *")
	}
	return RoamingPartner{parts[0], parts[1] == "1", uint8(prio), parts[3]}, nil
}

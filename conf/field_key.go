package conf

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

const (
	minPassphrase = 8  // IEEE 802.11-2020 J.4
	maxPassphrase = 63 // J.4
	pskLen        = 32
	ntHashLen     = 16
)

func parsePSK(_ *FieldInfo, s string) (PSK, error) {
	if name, ok := strings.CutPrefix(s, "ext:"); ok {
		if name == "" || hasControl(name) {
			return PSK{}, errors.New("ext: needs the name of an external password")
		}
		return PSK{External: name}, nil
	}
	if strings.HasPrefix(s, `"`) {
		b, err := parseString(s)
		switch {
		case err != nil:
			return PSK{}, err
		case len(b) < minPassphrase || len(b) > maxPassphrase:
			return PSK{}, fmt.Errorf("passphrase of %d characters, must be %d..%d", len(b), minPassphrase, maxPassphrase)
		case hasControl(string(b)):
			return PSK{}, errors.New("control character in the passphrase")
		}
		return PSK{Passphrase: Secret{b}}, nil
	}
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != pskLen {
		return PSK{}, errors.New("want a quoted passphrase, 64 hex digits or ext:<name>")
	}
	return PSK{Key: Secret{b}}, nil
}

func printPSK(p PSK) (string, bool) {
	switch {
	case p.External != "":
		return "ext:" + p.External, true
	case p.Passphrase.IsSet():
		return `"` + string(p.Passphrase.octets) + `"`, true
	case p.Key.IsSet():
		return hex.EncodeToString(p.Key.octets), true
	}
	return "", false
}

// psk is the key of a WPA-Personal network.
func psk(name string, at func(*Network) *PSK, opts ...option) field[Network] {
	return bind(name, at, codec[PSK]{parse: parsePSK, print: printPSK}, opts)
}

// parsePassword reads hash:, ext:, NULL and string syntax.
func parsePassword(i *FieldInfo, s string) (Password, error) {
	if h, ok := strings.CutPrefix(s, "hash:"); ok {
		b, err := hex.DecodeString(h)
		if err != nil || len(b) != ntHashLen {
			return Password{}, errors.New("hash: needs 32 hex digits")
		}
		return Password{PasswordNTHash, Secret{b}}, nil
	}
	if name, ok := strings.CutPrefix(s, "ext:"); ok {
		if name == "" || hasControl(name) {
			return Password{}, errors.New("ext: needs the name of an external password")
		}
		return Password{PasswordExternal, NewSecret([]byte(name))}, nil
	}
	b, err := parseText(i, s)
	return Password{PasswordPlain, Secret{b}}, err
}

func printPassword(p Password) (string, bool) {
	if !p.IsSet() {
		return "", false
	}
	switch p.Kind {
	case PasswordNTHash:
		return "hash:" + hex.EncodeToString(p.Value.octets), true
	case PasswordExternal:
		return "ext:" + string(p.Value.octets), true
	}
	return printString(p.Value.octets), true
}

// password is the password of an EAP method.
func password(name string, at func(*Network) *Password, opts ...option) field[Network] {
	return bind(name, at, codec[Password]{parse: parsePassword, print: printPassword}, opts)
}

// maxRepeats bounds how many lines of one repeatable field are kept.
const maxRepeats = 256

// list is a member of T whose every line in the file adds one entry.
type list[T, V any] struct {
	of          func(*T) *[]V
	parse       func(i *FieldInfo, s string) (V, error)
	print, show func(V) string // for the file, and for GET
}

func (m *list[T, V]) set(i *FieldInfo, t *T, s string) error {
	v, err := m.parse(i, s)
	if err != nil {
		return err
	}
	l := *m.of(t)
	if len(l) == maxRepeats {
		return fmt.Errorf("more than %d entries", maxRepeats)
	}
	*m.of(t) = append(l[:len(l):len(l)], v)
	return nil
}

func (m *list[T, V]) each(t *T, form func(V) string) (out []string) {
	for _, v := range *m.of(t) {
		out = append(out, form(v))
	}
	return out
}

func (m *list[T, V]) get(t *T) (string, bool) {
	return strings.Join(m.each(t, m.show), "\n"), len(*m.of(t)) > 0
}

func (m *list[T, V]) lines(t *T) []string { return m.each(t, m.print) }
func (m *list[T, V]) copy(dst, src *T)    { *m.of(dst) = *m.of(src) }

// repeated makes the row of a list.
func repeated[T, V any](name string, at func(*T) *[]V, parse func(i *FieldInfo, s string) (V, error), print, show func(V) string, opts []option) field[T] {
	return field[T]{FieldInfo: describe(name, opts), at: &list[T, V]{at, parse, print, show}}
}

// clientPSKs is [P2P-]<MAC>-<64 hex>; each line adds one.
func clientPSKs(name string, at func(*Network) *[]ClientPSK, opts ...option) field[Network] {
	print := func(c ClientPSK) string {
		s := c.Addr.String() + "-" + hex.EncodeToString(c.PSK.octets)
		if c.P2P {
			return "P2P-" + s
		}
		return s
	}
	parse := func(_ *FieldInfo, s string) (ClientPSK, error) {
		rest, p2p := strings.CutPrefix(s, "P2P-")
		addr, key, ok := strings.Cut(rest, "-")
		m, err := parseMAC(addr)
		if err != nil {
			return ClientPSK{}, err
		}
		b, err := hex.DecodeString(key)
		if !ok || err != nil || len(b) != pskLen {
			return ClientPSK{}, errors.New("want [P2P-]<MAC>-<64 hex digits>")
		}
		return ClientPSK{p2p, m, Secret{b}}, nil
	}
	return repeated(name, at, parse, print, print, opts)
}

// hexList is hex; each line adds one, an empty line clears the list.
func hexList(name string, at func(*Network) *[][]byte, opts ...option) field[Network] {
	f := repeated(name, at, parseHex, hex.EncodeToString, hex.EncodeToString, opts)
	info, all := f.FieldInfo, f.at
	f.setBy = func(n *Network, s string) error {
		if s == "" {
			*at(n) = nil
			return nil
		}
		return all.set(&info, n, s)
	}
	f.getBy = func(n *Network) (string, bool) {
		return strings.Join(all.lines(n), " "), len(*at(n)) > 0
	}
	return f
}

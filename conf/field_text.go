package conf

import (
	"encoding/hex"
	"errors"
)

// raw is text to the end of the line, without quotes.
func raw[T any](name string, at func(*T) *Text, opts ...option) field[T] {
	return bind(name, at, codec[Text]{parseRaw, printRaw}, opts)
}

func parseRaw(i *FieldInfo, s string) (Text, error) {
	if breaksLine(s) {
		return nil, errors.New("control character")
	}
	return Text(s), i.checkLen(len(s))
}

func printRaw(t Text) (string, bool) { return string(t), t != nil }

// quoted is a global in string syntax; GET answers with the bare text, which is one
// line of DUMP: text with control characters stays in the syntax of the file.
func quoted(name string, at func(*Globals) *Text, opts ...option) field[Globals] {
	f := bind(name, at, codec[Text]{
		parse: func(i *FieldInfo, s string) (Text, error) {
			b, err := parseString(s)
			if err != nil {
				return nil, err
			}
			return b, i.checkLen(len(b))
		},
		print: func(t Text) (string, bool) { return printString(t), t != nil },
	}, opts)
	f.getBy = func(g *Globals) (string, bool) {
		if bare := string(*at(g)); !hasControl(bare) {
			return bare, at(g).IsSet()
		}
		return printString(*at(g)), true
	}
	return f
}

// parseText reads string syntax and NULL.
func parseText(i *FieldInfo, s string) ([]byte, error) {
	if s == "NULL" {
		return nil, nil
	}
	b, err := parseString(s)
	if err != nil {
		return nil, err
	}
	return b, i.checkLen(len(b))
}

// text is a value in string syntax.
func text(name string, at func(*Network) *Text, opts ...option) field[Network] {
	return bind(name, at, codec[Text]{
		parse: func(i *FieldInfo, s string) (Text, error) { return parseText(i, s) },
		print: func(t Text) (string, bool) { return printString(t), t != nil },
	}, opts)
}

// hidden is a secret in string syntax.
func hidden(name string, at func(*Network) *Secret, opts ...option) field[Network] {
	return bind(name, at, codec[Secret]{
		parse: func(i *FieldInfo, s string) (Secret, error) {
			b, err := parseText(i, s)
			return Secret{b}, err
		},
		print: func(s Secret) (string, bool) { return printString(s.octets), s.IsSet() },
	}, opts)
}

// wepKey is a secret in string syntax of up to 16 octets; an empty one unsets it.
func wepKey(name string, at func(*Network) *Secret, opts ...option) field[Network] {
	f := hidden(name, at, append(opts, length(0, 16))...)
	info, key := f.FieldInfo, f.at
	f.setBy = func(n *Network, s string) error {
		if s == "NULL" {
			return errString
		}
		if err := key.set(&info, n, s); err != nil {
			return err
		}
		if at(n).Len() == 0 {
			*at(n) = Secret{}
		}
		return nil
	}
	return f
}

func parseHex(i *FieldInfo, s string) ([]byte, error) {
	b, err := hex.DecodeString(s)
	if err != nil {
		return nil, errors.New("not an even number of hex digits")
	}
	if len(b) == 0 && i.MinLen == 0 {
		return nil, nil
	}
	return b, i.checkLen(len(b))
}

// hexBytes is octets in hex; an empty value unsets it where the row allows it.
func hexBytes[T any](name string, at func(*T) *[]byte, opts ...option) field[T] {
	return bind(name, at, codec[[]byte]{
		parse: parseHex,
		print: func(b []byte) (string, bool) { return hex.EncodeToString(b), len(b) > 0 },
	}, opts)
}

// hexSecret is a secret in hex; an empty value unsets it where the row allows it.
func hexSecret[T any](name string, at func(*T) *Secret, opts ...option) field[T] {
	return bind(name, at, codec[Secret]{
		parse: func(i *FieldInfo, s string) (Secret, error) {
			b, err := parseHex(i, s)
			return Secret{b}, err
		},
		print: func(s Secret) (string, bool) { return hex.EncodeToString(s.octets), s.IsSet() },
	}, opts)
}

package conf

import (
	"errors"
	"fmt"
	"strings"
)

// maxAddrs bounds the lists of addresses.
const maxAddrs = 1024

// parseMAC reads six pairs of hex digits, separated by colons.
func parseMAC(s string) (MAC, error) {
	var m MAC
	if len(s) != 17 {
		return m, errors.New("not a MAC address: want xx:xx:xx:xx:xx:xx")
	}
	for i := range m {
		hi, ok1 := digit(s[i*3], 16)
		lo, ok2 := digit(s[i*3+1], 16)
		if !ok1 || !ok2 || i < 5 && s[i*3+2] != ':' {
			return m, errors.New("not a MAC address: want xx:xx:xx:xx:xx:xx")
		}
		m[i] = byte(hi<<4 | lo)
	}
	return m, nil
}

func printMAC(m *MAC) (string, bool) {
	if m == nil {
		return "", false
	}
	return m.String(), true
}

// mac is one address.
func mac[T any](name string, at func(*T) **MAC, opts ...option) field[T] {
	return bind(name, at, codec[*MAC]{
		parse: func(_ *FieldInfo, s string) (*MAC, error) {
			m, err := parseMAC(s)
			return &m, err
		},
		print: printMAC,
	}, opts)
}

// anyMAC is one address; nothing, "" and any unset it.
func anyMAC(name string, at func(*Network) **MAC, opts ...option) field[Network] {
	return bind(name, at, codec[*MAC]{
		parse: func(_ *FieldInfo, s string) (*MAC, error) {
			if s == "" || s == `""` || s == "any" {
				return nil, nil
			}
			m, err := parseMAC(s)
			return &m, err
		},
		print: printMAC,
	}, opts)
}

// addrMasks is a list of addresses, each with an optional mask.
func addrMasks(name string, at func(*Network) *[]AddrMask, opts ...option) field[Network] {
	all := MAC{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
	return bind(name, at, codec[[]AddrMask]{
		parse: func(_ *FieldInfo, s string) ([]AddrMask, error) {
			var out []AddrMask
			for _, w := range words(s) {
				addr, mask, masked := strings.Cut(w, "/")
				e := AddrMask{Mask: all}
				var err error
				if e.Addr, err = parseMAC(addr); err == nil && masked {
					e.Mask, err = parseMAC(mask)
				}
				if err != nil {
					return nil, fmt.Errorf("%q: %w", shorten(w), err)
				}
				if len(out) == maxAddrs {
					return nil, fmt.Errorf("more than %d addresses", maxAddrs)
				}
				out = append(out, e)
			}
			return out, nil
		},
		print: func(l []AddrMask) (string, bool) {
			parts := make([]string, len(l))
			for i, e := range l {
				parts[i] = e.Addr.String()
				if e.Mask != all {
					parts[i] += "/" + e.Mask.String()
				}
			}
			return strings.Join(parts, " "), len(l) > 0
		},
	}, opts)
}

// maxClients is how many entries of p2p_client_list are kept.
const maxClients = 100

// macList is a list of addresses; only the first 100 are kept.
func macList(name string, at func(*Network) *[]MAC, opts ...option) field[Network] {
	return bind(name, at, codec[[]MAC]{
		parse: func(_ *FieldInfo, s string) ([]MAC, error) {
			var out []MAC
			for _, w := range words(s) {
				m, err := parseMAC(w)
				if err != nil {
					return nil, fmt.Errorf("%q: %w", shorten(w), err)
				}
				if len(out) < maxClients {
					out = append(out, m)
				}
			}
			return out, nil
		},
		print: func(l []MAC) (string, bool) {
			parts := make([]string, len(l))
			for i, m := range l {
				parts[i] = m.String()
			}
			return strings.Join(parts, " "), len(l) > 0
		},
	}, opts)
}

package conf

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// parseInt reads a number as strtol does with base 0: blanks, a sign, 0x or 0 in
// front; nothing is 0. Numbers from 2^31 to 2^32-1 are taken as the negative
// number with the same 32 bits, which is how upstream stores them.
func parseInt(s string) (int, error) {
	t := strings.TrimLeft(s, " \t\r\v\f")
	if t == "" {
		return 0, nil
	}
	neg := false
	if t[0] == '-' || t[0] == '+' {
		neg, t = t[0] == '-', t[1:]
	}
	base := 10
	if len(t) > 1 && t[0] == '0' {
		base, t = 8, t[1:]
		if t[0] == 'x' || t[0] == 'X' {
			base, t = 16, t[1:]
		}
	}
	u, err := strconv.ParseUint(t, base, 64)
	switch {
	case errors.Is(err, strconv.ErrRange) || err == nil && (u > 1<<32-1 || neg && u > 1<<31):
		return 0, errors.New("number does not fit in 32 bits")
	case err != nil:
		return 0, errors.New("not a number")
	case neg:
		return -int(u), nil
	}
	return int(int32(uint32(u))), nil
}

// checkRange applies the range of the row, from which one value is exempt.
func (i *FieldInfo) checkRange(v, exempt int) error {
	if i.Ranged && v != exempt && (v < i.Min || v > i.Max) {
		return fmt.Errorf("out of range: %d, must be %d..%d", v, i.Min, i.Max)
	}
	return nil
}

// number is a member with base prefixes.
type number[T any] struct{ member[T, int] }

func (m *number[T]) set(i *FieldInfo, t *T, text string) error {
	v, err := parseInt(text)
	if err != nil {
		return err
	}
	// What the field has already can be said again, be it a default out of range.
	if err := i.checkRange(v, *m.of(t)); err != nil {
		return err
	}
	*m.of(t) = v
	return nil
}

func printInt(v int) (string, bool) { return strconv.Itoa(v), true }

// num is a number with base prefixes.
func num[T any](name string, at func(*T) *int, opts ...option) field[T] {
	return field[T]{FieldInfo: describe(name, opts), at: &number[T]{member[T, int]{of: at, codec: codec[int]{print: printInt}}}}
}

// decimal is a number of the cred section, which knows no base prefixes; 0 is always
// in range.
func decimal[T any](name string, at func(*T) *int, opts ...option) field[T] {
	return bind(name, at, codec[int]{
		parse: func(i *FieldInfo, s string) (int, error) {
			v, err := strconv.ParseInt(strings.TrimLeft(s, " \t"), 10, 32)
			if err != nil {
				return 0, errors.New("not a decimal number of 32 bits")
			}
			return int(v), i.checkRange(int(v), 0)
		},
		print: printInt,
	}, opts)
}

// flag is a number that may be 0 or 1.
func flag[T any](name string, at func(*T) *bool, opts ...option) field[T] {
	return bind(name, at, codec[bool]{parseFlag, printFlag}, append(opts, within(0, 1)))
}

func parseFlag(i *FieldInfo, s string) (bool, error) {
	v, err := parseInt(s)
	if err != nil {
		return false, err
	}
	return v == 1, i.checkRange(v, 0)
}

func printFlag(v bool) (string, bool) {
	if v {
		return "1", true
	}
	return "0", true
}

// maxNumbers bounds the length of a list of numbers.
const maxNumbers = 1024

// numbers is a list of positive numbers separated by blanks. An empty list and a
// leading 0 unset it; a later 0 ends it.
func numbers[T any](name string, at func(*T) *[]int, opts ...option) field[T] {
	return bind(name, at, codec[[]int]{
		parse: func(_ *FieldInfo, s string) ([]int, error) {
			var out []int
			for _, w := range words(s) {
				v, err := strconv.ParseUint(w, 10, 31)
				if err != nil {
					return nil, fmt.Errorf("%q is not a positive number", shorten(w))
				}
				if v == 0 {
					break
				}
				if len(out) == maxNumbers {
					return nil, fmt.Errorf("more than %d numbers", maxNumbers)
				}
				out = append(out, int(v))
			}
			return out, nil
		},
		print: func(v []int) (string, bool) {
			parts := make([]string, len(v))
			for i, n := range v {
				parts[i] = strconv.Itoa(n)
			}
			return strings.Join(parts, " "), len(v) > 0
		},
	}, opts)
}

// ipv4 is a dotted IPv4 address.
func ipv4[T any](name string, at func(*T) *netip.Addr, opts ...option) field[T] {
	return bind(name, at, codec[netip.Addr]{
		parse: func(_ *FieldInfo, s string) (netip.Addr, error) {
			a, err := netip.ParseAddr(s)
			if err != nil || !a.Is4() {
				return netip.Addr{}, errors.New("not a dotted IPv4 address")
			}
			return a, nil
		},
		print: func(a netip.Addr) (string, bool) { return a.String(), true },
	}, opts)
}

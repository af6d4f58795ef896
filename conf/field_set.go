package conf

import (
	"errors"
	"fmt"
	"strings"
)

// bits is a set of named bits out of allowed. Bits of dropped are understood and
// left out.
func bits[B ~uint32](name string, at func(*Network) *B, names []bitName[B], allowed, dropped B, opts []option) field[Network] {
	f := bind(name, at, codec[B]{
		parse: func(_ *FieldInfo, s string) (B, error) {
			var set B
			for _, w := range words(s) {
				bit, ok := bitOf(names, w)
				switch {
				case !ok:
					return 0, fmt.Errorf("unknown word %q", shorten(w))
				case bit&(allowed|dropped) == 0:
					return 0, fmt.Errorf("%q is not allowed here", w)
				}
				set |= bit
			}
			if set == 0 {
				return 0, errors.New("no value given")
			}
			return set & allowed, nil
		},
		print: func(set B) (string, bool) { return spell(set, names), true },
	}, opts)
	f.linesBy = func(n *Network) []string {
		if *at(n) == 0 {
			return nil
		}
		return []string{spell(*at(n), names)}
	}
	return f
}

func bitOf[B ~uint32](names []bitName[B], word string) (B, bool) {
	for _, n := range names {
		if n.name == word {
			return n.bit, true
		}
	}
	return 0, false
}

func protos(name string, at func(*Network) *Proto, opts ...option) field[Network] {
	return bits(name, at, protoNames, ProtoWPA|ProtoRSN, 0, opts)
}

func keyMgmts(name string, at func(*Network) *KeyMgmt, opts ...option) field[Network] {
	return bits(name, at, keyMgmtNames, ^KeyMgmt(0), 0, opts)
}

func pairwiseCiphers(name string, at func(*Network) *Cipher, opts ...option) field[Network] {
	return bits(name, at, cipherNames, pairwiseAllowed, 0, opts)
}

func groupCiphers(name string, at func(*Network) *Cipher, opts ...option) field[Network] {
	return bits(name, at, cipherNames, groupAllowed, groupDropped, opts)
}

func groupMgmtCiphers(name string, at func(*Network) *Cipher, opts ...option) field[Network] {
	return bits(name, at, cipherNames, groupMgmtAllowed, 0, opts)
}

// authAlgs answers GET only when something was set.
func authAlgs(name string, at func(*Network) *AuthAlg, opts ...option) field[Network] {
	f := bits(name, at, authAlgNames, ^AuthAlg(0), 0, opts)
	f.getBy = func(n *Network) (string, bool) { return at(n).String(), *at(n) != 0 }
	return f
}

func parseEAPMethods(_ *FieldInfo, s string) ([]EAPMethod, error) {
	out := []EAPMethod{}
	for _, w := range words(s) {
		m, ok := EAPMethodByName(w)
		if !ok {
			return nil, fmt.Errorf("unknown EAP method %q", shorten(w))
		}
		if len(out) == len(eapMethodNames) {
			return nil, fmt.Errorf("more than %d EAP methods", len(eapMethodNames))
		}
		out = append(out, m)
	}
	return out, nil
}

// eapMethods is a list of EAP method names; an empty one means all, like unset.
func eapMethods(name string, at func(*Network) *[]EAPMethod, opts ...option) field[Network] {
	f := bind(name, at, codec[[]EAPMethod]{
		parse: parseEAPMethods,
		print: func(l []EAPMethod) (string, bool) {
			parts := make([]string, len(l))
			for i, m := range l {
				parts[i] = m.String()
			}
			return strings.Join(parts, " "), l != nil
		},
	}, opts)
	methods := f.at
	f.linesBy = func(n *Network) []string {
		if len(*at(n)) == 0 {
			return nil
		}
		return methods.lines(n)
	}
	return f
}

// eapMethod is the one EAP method of a credential.
func eapMethod(name string, at func(*Cred) *EAPMethod, opts ...option) field[Cred] {
	return bind(name, at, codec[EAPMethod]{
		parse: func(_ *FieldInfo, s string) (EAPMethod, error) {
			m, ok := EAPMethodByName(s)
			if !ok {
				return m, errors.New("unknown EAP method")
			}
			return m, nil
		},
		print: func(m EAPMethod) (string, bool) { return m.String(), m != EAPMethod{} },
	}, opts)
}

package conf

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// dropCtrlInterface is a file of its own wish not to have a control interface: it
// removes what came before it.
func dropCtrlInterface(name string) field[Globals] {
	f := ignored[Globals](name)
	f.Ignored = false
	f.setBy = func(g *Globals, _ string) error {
		g.CtrlInterface = nil
		return nil
	}
	return f
}

// country keeps the first two characters.
func country(name string, at func(*Globals) *Text, opts ...option) field[Globals] {
	return bind(name, at, codec[Text]{
		parse: func(_ *FieldInfo, s string) (Text, error) {
			if len(s) < 2 || hasControl(s[:2]) || strings.ContainsAny(s[:2], " #\"") {
				return nil, errors.New("want two letters")
			}
			return Text(s[:2]), nil
		},
		print: func(t Text) (string, bool) { return string(t), t != nil },
	}, opts)
}

// uuidField is 8-4-4-4-12 hex digits; the zero UUID is unset.
func uuidField(name string, at func(*Globals) *UUID, opts ...option) field[Globals] {
	cuts := []int{8, 13, 18, 23}
	return bind(name, at, codec[UUID]{
		parse: func(_ *FieldInfo, s string) (UUID, error) {
			var u UUID
			bad := errors.New("want xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx")
			if len(s) != 36 {
				return u, bad
			}
			for _, c := range cuts {
				if s[c] != '-' {
					return u, bad
				}
			}
			b, err := hex.DecodeString(s[:8] + s[9:13] + s[14:18] + s[19:23] + s[24:])
			if err != nil {
				return u, bad
			}
			return UUID(b), nil
		},
		print: func(u UUID) (string, bool) { return u.String(), u != UUID{} },
	}, opts)
}

// String returns the 8-4-4-4-12 form.
func (u UUID) String() string {
	h := hex.EncodeToString(u[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

func parseDeviceType(_ *FieldInfo, s string) (DeviceType, error) {
	var d DeviceType
	parts := strings.Split(s, "-")
	if len(parts) != 3 || len(parts[1]) != 8 {
		return d, errors.New("want <category>-<8 hex digits>-<subcategory>")
	}
	categ, err1 := strconv.ParseUint(parts[0], 10, 16)
	oui, err2 := hex.DecodeString(parts[1])
	sub, err3 := strconv.ParseUint(parts[2], 10, 16)
	if err1 != nil || err2 != nil || err3 != nil {
		return d, errors.New("want <category>-<8 hex digits>-<subcategory>")
	}
	binary.BigEndian.PutUint16(d[:], uint16(categ))
	copy(d[2:], oui)
	binary.BigEndian.PutUint16(d[6:], uint16(sub))
	return d, nil
}

// String returns <category>-<OUI and subtype>-<subcategory>.
func (d DeviceType) String() string {
	return fmt.Sprintf("%d-%X-%d", binary.BigEndian.Uint16(d[:]), d[2:6], binary.BigEndian.Uint16(d[6:]))
}

// deviceType is the primary device type; all zero is unset.
func deviceType(name string, at func(*Globals) *DeviceType, opts ...option) field[Globals] {
	return bind(name, at, codec[DeviceType]{
		parse: parseDeviceType,
		print: func(d DeviceType) (string, bool) { return d.String(), d != DeviceType{} },
	}, opts)
}

// maxSecDeviceTypes is how many secondary device types there may be.
const maxSecDeviceTypes = 5

// deviceTypes is a list of device types; each line adds one, up to five.
func deviceTypes(name string, at func(*Globals) *[]DeviceType, opts ...option) field[Globals] {
	f := repeated(name, at, parseDeviceType, DeviceType.String, DeviceType.String, opts)
	info, list := f.FieldInfo, f.at
	f.setBy = func(g *Globals, s string) error {
		if len(*at(g)) == maxSecDeviceTypes {
			return fmt.Errorf("more than %d device types", maxSecDeviceTypes)
		}
		return list.set(&info, g, s)
	}
	return f
}

// osVersion is 8 hex digits.
func osVersion(name string, at func(*Globals) *[]byte, opts ...option) field[Globals] {
	return hexBytes(name, at, append(opts, sizes(4))...)
}

// maxChannels bounds lists of channels and ranges.
const maxChannels = 256

// opChannels is <operating class>:<channel>,...
func opChannels(name string, at func(*Globals) *[]OpChannel, opts ...option) field[Globals] {
	return bind(name, at, codec[[]OpChannel]{
		parse: func(_ *FieldInfo, s string) ([]OpChannel, error) {
			var out []OpChannel
			for _, w := range splitList(s) {
				class, channel, _ := strings.Cut(w, ":")
				c, err1 := strconv.ParseUint(class, 10, 8)
				n, err2 := strconv.ParseUint(channel, 10, 8)
				if err1 != nil || err2 != nil {
					return nil, fmt.Errorf("%q is not <operating class>:<channel>", shorten(w))
				}
				if len(out) == maxChannels {
					return nil, fmt.Errorf("more than %d channels", maxChannels)
				}
				out = append(out, OpChannel{uint8(c), uint8(n)})
			}
			return out, nil
		},
		print: func(l []OpChannel) (string, bool) {
			parts := make([]string, len(l))
			for i, c := range l {
				parts[i] = fmt.Sprintf("%d:%d", c.OpClass, c.Channel)
			}
			return strings.Join(parts, ","), len(l) > 0
		},
	}, opts)
}

// freqRanges is a,b-c,... in MHz.
func freqRanges(name string, at func(*Globals) *[]FreqRange, opts ...option) field[Globals] {
	return bind(name, at, codec[[]FreqRange]{
		parse: func(_ *FieldInfo, s string) ([]FreqRange, error) {
			var out []FreqRange
			for _, w := range splitList(s) {
				lo, hi, two := strings.Cut(w, "-")
				if !two {
					hi = lo
				}
				a, err1 := strconv.ParseUint(lo, 10, 31)
				b, err2 := strconv.ParseUint(hi, 10, 31)
				if err1 != nil || err2 != nil || b < a {
					return nil, fmt.Errorf("%q is not a range of frequencies", shorten(w))
				}
				if len(out) == maxChannels {
					return nil, fmt.Errorf("more than %d ranges", maxChannels)
				}
				out = append(out, FreqRange{int(a), int(b)})
			}
			return out, nil
		},
		print: func(l []FreqRange) (string, bool) {
			parts := make([]string, len(l))
			for i, r := range l {
				parts[i] = strconv.Itoa(r.Min)
				if r.Max != r.Min {
					parts[i] += "-" + strconv.Itoa(r.Max)
				}
			}
			return strings.Join(parts, ","), len(l) > 0
		},
	}, opts)
}

// splitList splits at commas; an empty text has no parts.
func splitList(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}

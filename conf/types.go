package conf

import (
	"gosupplicant/engine/dot11"
)

// MAC is a six octet hardware address.
type MAC = dot11.MAC

// Text is a string value of any octets. Nil means that it was never set or was
// set to NULL; an empty value that was set is not nil.
type Text []byte

// IsSet reports whether a value was given, even an empty one.
func (t Text) IsSet() bool { return t != nil }

// String returns the octets as a string, "" when unset.
func (t Text) String() string { return string(t) }

// A PSK is the key of a WPA-Personal network. At most one member is set.
type PSK struct {
	Passphrase Secret // 8 to 63 octets
	Key        Secret // the 32 octet pairwise master key
	External   string // name in ext_password_backend, without "ext:"
}

// IsSet reports whether any form of the key was given.
func (p PSK) IsSet() bool { return p.Passphrase.IsSet() || p.Key.IsSet() || p.External != "" }

// PasswordKind says what the octets of a Password are.
type PasswordKind int

// The kinds of password.
const (
	PasswordPlain    PasswordKind = iota // the password itself
	PasswordNTHash                       // MD4 of the UTF-16LE password, 16 octets
	PasswordExternal                     // name to look up in ext_password_backend
)

// A Password is an EAP or credential password.
type Password struct {
	Kind  PasswordKind
	Value Secret
}

// IsSet reports whether a password was given, even an empty one.
func (p Password) IsSet() bool { return p.Value.IsSet() }

// An AddrMask matches the addresses that equal Addr in the bits set in Mask.
type AddrMask struct{ Addr, Mask MAC }

// Matches reports whether a is covered.
func (m AddrMask) Matches(a MAC) bool {
	for i := range a {
		if (a[i]^m.Addr[i])&m.Mask[i] != 0 {
			return false
		}
	}
	return true
}

// A ClientPSK is one entry of psk_list: the key of one client or P2P device.
type ClientPSK struct {
	P2P  bool // Addr is a P2P device address
	Addr MAC
	PSK  Secret // 32 octets
}

// UUID is a 16 octet identifier in network order.
type UUID [16]byte

// DeviceType is a WPS device type: category, OUI with subtype, subcategory, all
// big endian as in the attribute.
type DeviceType [8]byte

// An OpChannel names a channel by its global operating class.
type OpChannel struct{ OpClass, Channel uint8 }

// A FreqRange is an inclusive range in MHz.
type FreqRange struct{ Min, Max int }

// A ConnCapability asks that a network lets a protocol through.
type ConnCapability struct {
	Protocol uint8    // IP protocol number
	Ports    []uint16 // empty: any
}

// A RoamingPartner is the preference for one partner of a home provider.
type RoamingPartner struct {
	FQDN     string
	Exact    bool // the name itself only, no subdomain
	Priority uint8
	Country  string // two letters, or "*" for any
}

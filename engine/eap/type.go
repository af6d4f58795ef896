package eap

import (
	"fmt"
	"strconv"
)

// Type is the type of an EAP method. For the types of the IETF Vendor is 0 and
// Number below 254; expanded types (5.7) have a 24-bit vendor and a 32-bit number.
type Type struct {
	Vendor uint32
	Number uint32
}

// Types of RFC 3748 and of the methods.
var (
	TypeNone         = Type{}
	TypeIdentity     = Type{Number: 1}
	TypeNotification = Type{Number: 2}
	TypeNak          = Type{Number: 3}
	TypeMD5          = Type{Number: 4}
	TypeOTP          = Type{Number: 5}
	TypeGTC          = Type{Number: 6}
	TypeTLS          = Type{Number: 13}
	TypeLEAP         = Type{Number: 17}
	TypeSIM          = Type{Number: 18}
	TypeTTLS         = Type{Number: 21}
	TypeAKA          = Type{Number: 23}
	TypePEAP         = Type{Number: 25}
	TypeMSCHAPv2     = Type{Number: 26}
	TypeTLV          = Type{Number: 33} // inside PEAP and FAST
	TypeFAST         = Type{Number: 43}
	TypePSK          = Type{Number: 47}
	TypeAKAPrime     = Type{Number: 50}
	TypePWD          = Type{Number: 52}
	TypeTEAP         = Type{Number: 55}
)

// typeExpanded announces the vendor and number that follow.
const typeExpanded = 254

// typeNames holds the names that configuration and reports use.
var typeNames = map[Type]string{
	TypeIdentity: "Identity", TypeNotification: "Notification", TypeNak: "NAK",
	TypeMD5: "MD5", TypeOTP: "OTP", TypeGTC: "GTC", TypeTLS: "TLS", TypeLEAP: "LEAP",
	TypeSIM: "SIM", TypeTTLS: "TTLS", TypeAKA: "AKA", TypePEAP: "PEAP",
	TypeMSCHAPv2: "MSCHAPV2", TypeTLV: "TLV", TypeFAST: "FAST", TypePSK: "PSK",
	TypeAKAPrime: "AKA'", TypePWD: "PWD", TypeTEAP: "TEAP",
	{Number: 38}: "TNC", {Number: 46}: "PAX", {Number: 48}: "SAKE", {Number: 49}: "IKEV2",
	{Number: 51}: "GPSK", {Number: 53}: "EKE",
	{Vendor: 14122, Number: 1}: "WSC",
}

// String returns the name that configuration uses ("PEAP", "AKA'"), or the
// number, "vendor:number" for expanded types.
func (t Type) String() string {
	if n, ok := typeNames[t]; ok {
		return n
	}
	if t.Vendor == 0 {
		return strconv.FormatUint(uint64(t.Number), 10)
	}
	return fmt.Sprintf("%d:%d", t.Vendor, t.Number)
}

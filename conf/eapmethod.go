package conf

// An EAPMethod is an EAP type: Vendor 0 for an IANA type (RFC 3748 section 5),
// otherwise the vendor id of the expanded type (section 5.7).
type EAPMethod struct {
	Vendor uint32
	Type   uint32
}

const (
	eapVendorHostap = 39068
	eapVendorWFA    = 14122
	eapVendorWFANew = 40808
)

var eapMethodNames = []struct {
	method EAPMethod
	name   string
}{
	{EAPMethod{0, 4}, "MD5"},
	{EAPMethod{0, 13}, "TLS"},
	{EAPMethod{eapVendorWFANew, 13}, "WFA-UNAUTH-TLS"},
	{EAPMethod{eapVendorHostap, 1}, "UNAUTH-TLS"},
	{EAPMethod{0, 26}, "MSCHAPV2"},
	{EAPMethod{0, 25}, "PEAP"},
	{EAPMethod{0, 21}, "TTLS"},
	{EAPMethod{0, 6}, "GTC"},
	{EAPMethod{0, 5}, "OTP"},
	{EAPMethod{0, 18}, "SIM"},
	{EAPMethod{0, 17}, "LEAP"},
	{EAPMethod{0, 47}, "PSK"},
	{EAPMethod{0, 23}, "AKA"},
	{EAPMethod{0, 50}, "AKA'"},
	{EAPMethod{0, 43}, "FAST"},
	{EAPMethod{0, 55}, "TEAP"},
	{EAPMethod{0, 46}, "PAX"},
	{EAPMethod{0, 48}, "SAKE"},
	{EAPMethod{0, 51}, "GPSK"},
	{EAPMethod{eapVendorWFA, 1}, "WSC"},
	{EAPMethod{0, 49}, "IKEV2"},
	{EAPMethod{eapVendorHostap, 0xfcfbfaf9}, "VENDOR-TEST"},
	{EAPMethod{0, 38}, "TNC"},
	{EAPMethod{0, 52}, "PWD"},
	{EAPMethod{0, 53}, "EKE"},
}

// EAPMethodByName finds a method by its exact name in the file.
func EAPMethodByName(name string) (EAPMethod, bool) {
	for _, m := range eapMethodNames {
		if m.name == name {
			return m.method, true
		}
	}
	return EAPMethod{}, false
}

// String returns the name of the method in the file, "" for an unknown type.
func (m EAPMethod) String() string {
	for _, n := range eapMethodNames {
		if n.method == m {
			return n.name
		}
	}
	return ""
}

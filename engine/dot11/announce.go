package dot11

import "time"

// OWETransition is the OWE Transition Mode element (Wi-Fi Alliance,
// Opportunistic Wireless Encryption 1.1, section 2.2): where the other half of
// a transition pair is found.
type OWETransition struct {
	BSSID   MAC
	SSID    SSID
	Band    uint8 // operating class and channel of the other half, 0 when
	Channel uint8 // it is on the same channel
}

// ParseOWETransition parses what follows OUI and type.
func ParseOWETransition(body []byte) (*OWETransition, error) {
	r := newReader("OWE Transition Mode", body)
	o := &OWETransition{BSSID: r.mac("BSSID")}
	n := int(r.u8("SSID length"))
	if r.err == nil && n > MaxSSIDLen {
		r.off--
		r.fail("SSID length %d exceeds %d", n, MaxSSIDLen)
	}
	o.SSID = r.bytes(n, "SSID")
	if r.more() {
		o.Band, o.Channel = r.u8("operating class"), r.u8("channel")
	}
	return checked(o, r)
}

// Append appends the whole vendor element to dst.
func (o *OWETransition) Append(dst []byte) []byte {
	b := append([]byte(nil), o.BSSID[:]...)
	b = append(append(b, byte(len(o.SSID))), o.SSID...)
	if o.Band != 0 || o.Channel != 0 {
		b = append(b, o.Band, o.Channel)
	}
	return AppendVendorElement(dst, OUIWFA, WFAOWETransition, b...)
}

// FILSIndication is the FILS Indication element (9.4.2.180), without its
// public key identifiers.
type FILSIndication struct {
	Info    uint16   // FILS Information
	CacheID *[2]byte // nil when absent
	HESSID  *MAC     // nil when absent
	Realms  [][2]byte
}

// ParseFILSIndication parses the body. Public key identifiers at the end are
// not looked at.
func ParseFILSIndication(body []byte) (*FILSIndication, error) {
	r := newReader("FILS Indication", body)
	f := &FILSIndication{Info: r.u16("information")}
	if f.Info&(1<<7) != 0 {
		if b := r.bytes(2, "cache identifier"); b != nil {
			f.CacheID = (*[2]byte)(b)
		}
	}
	if f.Info&(1<<8) != 0 {
		m := r.mac("HESSID")
		f.HESSID = &m
	}
	for range f.Info >> 3 & 7 {
		if b := r.bytes(2, "realm identifier"); b != nil {
			f.Realms = append(f.Realms, [2]byte(b))
		}
	}
	return checked(f, r)
}

// MeshConfiguration is the Mesh Configuration element (9.4.2.96).
type MeshConfiguration struct {
	PathProtocol      uint8
	PathMetric        uint8
	CongestionControl uint8
	Synchronization   uint8
	Authentication    uint8
	FormationInfo     uint8
	Capability        uint8
}

// ParseMeshConfiguration parses the body, at least 7 bytes.
func ParseMeshConfiguration(body []byte) (*MeshConfiguration, error) {
	r := newReader("Mesh Configuration", body)
	m := &MeshConfiguration{r.u8("path selection protocol"), r.u8("path selection metric"), r.u8("congestion control"),
		r.u8("synchronization"), r.u8("authentication"), r.u8("formation information"), r.u8("capability")}
	return checked(m, r)
}

// Types of a Timeout Interval element (table 9-236).
const (
	TimeoutReassociation uint8 = 1 // TU
	TimeoutKeyLifetime   uint8 = 2 // s
	TimeoutComeback      uint8 = 3 // association comeback time, TU
)

// TimeoutInterval is the Timeout Interval element (9.4.2.47).
type TimeoutInterval struct {
	Type  uint8
	Value uint32 // unit by type
}

// ParseTimeoutInterval parses the body of 5 bytes.
func ParseTimeoutInterval(body []byte) (*TimeoutInterval, error) {
	r := newReader("Timeout Interval", body)
	t := &TimeoutInterval{r.u8("type"), r.u32("value")}
	return checked(t, r)
}

// TU is the time unit of the standard.
const TU = 1024 * time.Microsecond

// Comeback returns the time after which an access point that has refused for now
// (StatusAssocTryAgain) wants to be asked again; 0 where it tells none.
func (es Elements) Comeback() time.Duration {
	body, _ := es.Find(ElementTimeoutInterval)
	t, err := ParseTimeoutInterval(body)
	if err != nil || t.Type != TimeoutComeback {
		return 0
	}
	return time.Duration(t.Value) * TU
}

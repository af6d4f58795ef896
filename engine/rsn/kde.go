package rsn

import (
	"encoding/binary"
	"fmt"

	"gosupplicant/engine/dot11"
	"gosupplicant/engine/keys"
)

// KDE data types under OUI 00-0f-ac (table 12-10).
const (
	KDEGTK      uint8 = 1
	KDEMAC      uint8 = 3
	KDEPMKID    uint8 = 4
	KDENonce    uint8 = 6
	KDELifetime uint8 = 7
	KDEError    uint8 = 8
	KDEIGTK     uint8 = 9
	KDEKeyID    uint8 = 10
	KDEOCI      uint8 = 13
	KDEBIGTK    uint8 = 14
	KDEMLOGTK   uint8 = 16
	KDEMLOIGTK  uint8 = 17
	KDEMLOBIGTK uint8 = 18
	KDEMLOLink  uint8 = 19
)

// KDEs of the Wi-Fi Alliance, OUI 50-6f-9a.
const KDETransitionDisable uint8 = 32

// GroupKey is a key from a GTK, IGTK or BIGTK KDE, or from one of their
// multi-link forms.
type GroupKey struct {
	Use    KeyUse
	Link   uint8 // link identifier of the multi-link forms, else 0
	Index  int
	Tx     bool    // GTK only
	PN     [6]byte // last packet number, least significant byte first; a GTK's is the frame's RSC unless multi-link
	Key    keys.Secret
	hasPN  bool
	isLink bool
}

// MLOLink is a MLO Link KDE: an access point's link and its elements.
type MLOLink struct {
	Link  uint8
	Addr  dot11.MAC
	RSNE  []byte // whole elements, nil when absent
	RSNXE []byte
}

// KeyData are the parsed Key Data of an EAPOL-Key frame. Whole elements are kept
// with their two bytes of header. Slices alias the input.
type KeyData struct {
	RSNE  []byte
	WPA   []byte // WPA vendor element
	RSNXE []byte
	MDE   []byte
	FTE   []byte
	SSID  []byte   // body of the SSID element (SSID protection); HasSSID tells presence
	TIEs  [][]byte // Timeout Interval elements, of FT

	HasSSID bool
	PMKID   *keys.PMKID
	MAC     *dot11.MAC
	GTK     *GroupKey
	IGTK    *GroupKey
	BIGTK   *GroupKey
	OCI     *OCI
	KeyID   *uint8 // extended key ID, 0 or 1
	// Lifetime is in seconds.
	Lifetime          *uint32
	TransitionDisable *uint8

	MLOKeys  []GroupKey
	MLOLinks []MLOLink
}

type kdeError struct {
	off int
	why string
}

func (e *kdeError) Error() string { return fmt.Sprintf("rsn: Key Data: offset %d: %s", e.off, e.why) }

// ParseKeyData parses decrypted Key Data: a sequence of elements and KDEs, and
// the padding of key wrap (a byte 0xdd and zeros). A length beyond the end, a
// known KDE with contents of another size than the standard's, and one that comes
// twice are errors; unknown ones are skipped.
func ParseKeyData(b []byte) (*KeyData, error) {
	d := &KeyData{}
	for off := 0; off < len(b); {
		if isPadding(b[off:]) {
			return d, nil
		}
		if len(b)-off < 2 {
			return nil, &kdeError{off, "1 byte left, header needs 2"}
		}
		n := int(b[off+1])
		if n > len(b)-off-2 {
			return nil, &kdeError{off, fmt.Sprintf("identifier %d: length %d, %d bytes left", b[off], n, len(b)-off-2)}
		}
		end := off + 2 + n
		if err := d.add(b[off:end:end]); err != "" {
			return nil, &kdeError{off, err}
		}
		off = end
	}
	return d, nil
}

// isPadding recognises 0xdd followed by zeros only, up to 15 of them, and (a few
// access points) nothing but zeros.
func isPadding(b []byte) bool {
	if len(b) > 16 || b[0] != byte(dot11.ElementVendorSpecific) && b[0] != 0 {
		return false
	}
	for _, c := range b[1:] {
		if c != 0 {
			return false
		}
	}
	return b[0] != 0 || len(b) != 2 // two zeros are an empty SSID element
}

// add takes one element or KDE; it returns what is wrong with it.
func (d *KeyData) add(e []byte) string {
	switch dot11.ElementID(e[0]) {
	case dot11.ElementRSN:
		return once(&d.RSNE, e, "RSNE")
	case dot11.ElementRSNX:
		return once(&d.RSNXE, e, "RSNXE")
	case dot11.ElementMobilityDomain:
		return once(&d.MDE, e, "MDE")
	case dot11.ElementFastBSSTransition:
		return once(&d.FTE, e, "FTE")
	case dot11.ElementTimeoutInterval:
		if len(d.TIEs) == 4 {
			return "too many Timeout Interval elements"
		}
		d.TIEs = append(d.TIEs, e)
	case dot11.ElementSSID:
		if d.HasSSID || len(e)-2 > dot11.MaxSSIDLen {
			return "SSID element twice or too long"
		}
		d.SSID, d.HasSSID = e[2:], true
	case dot11.ElementVendorSpecific:
		return d.addVendor(e)
	}
	return ""
}

func once(field *[]byte, e []byte, name string) string {
	if *field != nil && string(*field) != string(e) {
		return name + " twice, with different contents"
	}
	*field = e
	return ""
}

func (d *KeyData) addVendor(e []byte) string {
	if len(e) < 6 {
		return "" // nobody's: too short for an OUI and a type
	}
	body := e[6:]
	switch oui, typ := dot11.OUI(e[2:5]), e[5]; oui {
	case dot11.OUIIEEE:
		return d.addKDE(typ, body)
	case dot11.OUIMicrosoft:
		if typ == dot11.MicrosoftWPA {
			return once(&d.WPA, e, "WPA element")
		}
	case dot11.OUIWFA:
		if typ == KDETransitionDisable {
			if len(body) < 1 || d.TransitionDisable != nil {
				return "Transition Disable KDE empty or twice"
			}
			v := body[0]
			d.TransitionDisable = &v
		}
	}
	return ""
}

// addKDE takes a KDE of the standard's own OUI.
func (d *KeyData) addKDE(typ uint8, b []byte) string {
	size := func(name string, n int, seen bool) string {
		if len(b) != n {
			return fmt.Sprintf("%s KDE of %d bytes, want %d", name, len(b), n)
		}
		if seen {
			return name + " KDE twice"
		}
		return ""
	}
	why := ""
	switch typ {
	case KDEGTK, KDEIGTK, KDEBIGTK, KDEMLOGTK, KDEMLOIGTK, KDEMLOBIGTK:
		return d.addGroupKey(typ, b)
	case KDEMLOLink:
		return d.addMLOLink(b)
	case KDEMAC:
		if why = size("MAC address", 6, d.MAC != nil); why == "" {
			m := dot11.MAC(b)
			d.MAC = &m
		}
	case KDEPMKID:
		if why = size("PMKID", 16, d.PMKID != nil); why == "" {
			p := keys.PMKID(b)
			d.PMKID = &p
		}
	case KDELifetime:
		if why = size("Lifetime", 4, d.Lifetime != nil); why == "" {
			v := binary.BigEndian.Uint32(b)
			d.Lifetime = &v
		}
	case KDEKeyID:
		if why = size("Key ID", 2, d.KeyID != nil); why == "" {
			v := b[0] & 3
			d.KeyID = &v
		}
	case KDEOCI:
		if len(b) < 3 || d.OCI != nil { // later revisions may add fields
			return fmt.Sprintf("OCI KDE of %d bytes, want at least 3, or twice", len(b))
		}
		d.OCI = &OCI{b[0], b[1], b[2]}
	}
	return why
}

// maxGroupKey is the longest group key in bytes.
const maxGroupKey = 32

// addGroupKey parses the six KDEs that carry a group key (12.7.2, figures 12-37
// and following): key identifier, for multi-link forms mixed with the link
// identifier, a packet number where there is one, and the key.
func (d *KeyData) addGroupKey(typ uint8, b []byte) string {
	k := &GroupKey{isLink: typ >= KDEMLOGTK}
	head, name, slot := 8, "", (**GroupKey)(nil)
	switch typ {
	case KDEGTK:
		k.Use, name, slot, head = KeyGroup, "GTK", &d.GTK, 2
	case KDEIGTK:
		k.Use, name, slot = KeyMgmtGroup, "IGTK", &d.IGTK
	case KDEBIGTK:
		k.Use, name, slot = KeyBeacon, "BIGTK", &d.BIGTK
	case KDEMLOGTK:
		k.Use, name, head = KeyGroup, "MLO GTK", 7
	case KDEMLOIGTK:
		k.Use, name, head = KeyMgmtGroup, "MLO IGTK", 9
	case KDEMLOBIGTK:
		k.Use, name, head = KeyBeacon, "MLO BIGTK", 9
	}
	if n := len(b) - head; n < 1 || n > maxGroupKey {
		return fmt.Sprintf("%s KDE of %d bytes, want %d to %d", name, len(b), head+1, head+maxGroupKey)
	}
	k.Key = keys.Secret(b[head:])
	switch typ {
	case KDEGTK:
		k.Index, k.Tx = int(b[0]&3), b[0]&4 != 0
	case KDEMLOGTK:
		k.Index, k.Tx, k.Link = int(b[0]&3), b[0]&4 != 0, b[0]>>4
		k.PN, k.hasPN = [6]byte(b[1:7]), true
	default:
		k.Index = int(binary.LittleEndian.Uint16(b))
		k.PN, k.hasPN = [6]byte(b[2:8]), true
		if k.isLink {
			k.Link = b[8] >> 4
		}
	}
	if !k.isLink {
		if *slot != nil {
			return name + " KDE twice"
		}
		*slot = k
		return ""
	}
	if len(d.MLOKeys) == 3*15 {
		return "too many multi-link keys"
	}
	d.MLOKeys = append(d.MLOKeys, *k)
	return ""
}

// addMLOLink parses a MLO Link KDE: link identifier and presence bits, address,
// and the elements that are present.
func (d *KeyData) addMLOLink(b []byte) string {
	if len(b) < 7 {
		return fmt.Sprintf("MLO Link KDE of %d bytes, want at least 7", len(b))
	}
	if len(d.MLOLinks) == 15 {
		return "too many MLO Link KDEs"
	}
	l := MLOLink{Link: b[0] & 15, Addr: dot11.MAC(b[1:7])}
	es := dot11.Elements(b[7:])
	if err := es.Check(); err != nil {
		return "MLO Link KDE: " + err.Error()
	}
	for e := range es.All() {
		switch {
		case e.ID == dot11.ElementRSN && b[0]&0x10 != 0 && l.RSNE == nil:
			l.RSNE = e.Raw()
		case e.ID == dot11.ElementRSNX && b[0]&0x20 != 0 && l.RSNXE == nil:
			l.RSNXE = e.Raw()
		}
	}
	d.MLOLinks = append(d.MLOLinks, l)
	return ""
}

// AppendKDE appends a KDE of the standard's OUI. A body beyond 251 bytes is a
// programming error and panics.
func AppendKDE(dst []byte, typ uint8, body ...byte) []byte {
	return appendVendorKDE(dst, dot11.OUIIEEE, typ, body)
}

func appendVendorKDE(dst []byte, oui dot11.OUI, typ uint8, body []byte) []byte {
	if len(body) > 251 {
		panic("rsn: KDE body too long")
	}
	dst = append(dst, byte(dot11.ElementVendorSpecific), byte(4+len(body)), oui[0], oui[1], oui[2], typ)
	return append(dst, body...)
}

// AppendGroupKey appends the KDE of a key that is not for one link of several.
func AppendGroupKey(dst []byte, k *GroupKey) []byte {
	var b []byte
	switch k.Use {
	case KeyGroup:
		tx := byte(0)
		if k.Tx {
			tx = 4
		}
		return AppendKDE(dst, KDEGTK, append([]byte{byte(k.Index&3) | tx, 0}, k.Key...)...)
	case KeyMgmtGroup, KeyBeacon:
		b = binary.LittleEndian.AppendUint16(nil, uint16(k.Index))
		b = append(b, k.PN[:]...)
		b = append(b, k.Key...)
	}
	typ := KDEIGTK
	if k.Use == KeyBeacon {
		typ = KDEBIGTK
	}
	return AppendKDE(dst, typ, b...)
}

// AppendTransitionDisable appends the KDE of that name.
func AppendTransitionDisable(dst []byte, bitmap uint8) []byte {
	return appendVendorKDE(dst, dot11.OUIWFA, KDETransitionDisable, []byte{bitmap})
}

// PadKeyData pads Key Data for AES key wrap (12.7.2): to 16 bytes at least and a
// multiple of 8.
func PadKeyData(b []byte) []byte {
	if len(b) >= 16 && len(b)%8 == 0 {
		return b
	}
	b = append(b, byte(dot11.ElementVendorSpecific))
	for len(b) < 16 || len(b)%8 != 0 {
		b = append(b, 0)
	}
	return b
}

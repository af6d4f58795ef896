package dot11

import "encoding/binary"

// WPS holds the attributes of Wi-Fi Simple Configuration elements that a scan
// shows (Wi-Fi Simple Configuration 2.0.8, section 12). A pointer is nil when
// its attribute is absent or of the wrong length.
type WPS struct {
	State               *uint8 // 1 unconfigured, 2 configured
	APSetupLocked       *bool
	SelectedRegistrar   *bool
	DevicePasswordID    *uint16
	SelRegConfigMethods *uint16
	ConfigMethods       *uint16
	PrimaryDeviceType   *[8]byte
	DeviceName          []byte // nil when absent, at most 32 bytes
	AuthorizedMACs      []MAC  // version 2, at most 5
	Version2            uint8  // 0x20 and up, 0 when absent
	UUID                *[16]byte
}

// wpsPasswordPBC is the Device Password ID of push button configuration.
const wpsPasswordPBC = 4

// FindWPS joins and parses the WPS elements; false without any. Attributes
// behind a malformed one are not looked at.
func FindWPS(es Elements) (*WPS, bool) {
	body, ok := es.JoinVendor(OUIMicrosoft, MicrosoftWPS)
	if !ok {
		return nil, false
	}
	w, _ := ParseWPS(body)
	return w, true
}

// ParseWPS parses attributes: type and length of two bytes each, big-endian,
// and value. On error it returns what was read before.
func ParseWPS(body []byte) (*WPS, error) {
	w := &WPS{}
	r := newReader("WPS attributes", body)
	for r.more() {
		hdr := r.bytes(4, "attribute header")
		if hdr == nil {
			break
		}
		typ := binary.BigEndian.Uint16(hdr)
		val := r.bytes(int(binary.BigEndian.Uint16(hdr[2:])), "attribute value")
		if r.err != nil {
			break
		}
		w.set(typ, val)
	}
	return w, r.err
}

// set stores one attribute.
func (w *WPS) set(typ uint16, val []byte) {
	switch typ {
	case 0x1044:
		w.State = wpsU8(val)
	case 0x1057:
		w.APSetupLocked = wpsBool(val)
	case 0x1041:
		w.SelectedRegistrar = wpsBool(val)
	case 0x1012:
		w.DevicePasswordID = wpsU16(val)
	case 0x1053:
		w.SelRegConfigMethods = wpsU16(val)
	case 0x1008:
		w.ConfigMethods = wpsU16(val)
	case 0x1054:
		if len(val) == 8 {
			w.PrimaryDeviceType = (*[8]byte)(val)
		}
	case 0x1011:
		if len(val) <= 32 {
			w.DeviceName = val
		}
	case 0x1047:
		if len(val) == 16 {
			w.UUID = (*[16]byte)(val)
		}
	case 0x1049:
		w.setVendorExtension(val)
	}
}

// setVendorExtension reads the subelements of the Wi-Fi Alliance's extension:
// identifier, length, value.
func (w *WPS) setVendorExtension(val []byte) {
	if len(val) < 3 || val[0] != 0x00 || val[1] != 0x37 || val[2] != 0x2a {
		return
	}
	for val = val[3:]; len(val) >= 2; {
		n := int(val[1])
		if n > len(val)-2 {
			return
		}
		body := val[2 : 2+n]
		switch {
		case val[0] == 0 && n == 1:
			w.Version2 = body[0]
		case val[0] == 1:
			for ; len(body) >= 6 && len(w.AuthorizedMACs) < 5; body = body[6:] {
				w.AuthorizedMACs = append(w.AuthorizedMACs, MAC(body[:6]))
			}
		}
		val = val[2+n:]
	}
}

func wpsU8(val []byte) *uint8 {
	if len(val) != 1 {
		return nil
	}
	return &val[0]
}

func wpsBool(val []byte) *bool {
	if len(val) != 1 {
		return nil
	}
	b := val[0] != 0
	return &b
}

func wpsU16(val []byte) *uint16 {
	if len(val) != 2 {
		return nil
	}
	v := binary.BigEndian.Uint16(val)
	return &v
}

// active reports whether a registrar has been selected.
func (w *WPS) active() bool { return w.SelectedRegistrar != nil && *w.SelectedRegistrar }

// ActivePBC reports whether a push button session is active.
func (w *WPS) ActivePBC() bool {
	return w.active() && w.DevicePasswordID != nil && *w.DevicePasswordID == wpsPasswordPBC
}

// ActivePIN reports whether a registrar waits for a PIN.
func (w *WPS) ActivePIN() bool { return w.active() && !w.ActivePBC() }

// Type returns the value of Type in the D-Bus property BSS.WPS: "pbc", "pin"
// or empty.
func (w *WPS) Type() string {
	switch {
	case w.ActivePBC():
		return "pbc"
	case w.ActivePIN():
		return "pin"
	}
	return ""
}

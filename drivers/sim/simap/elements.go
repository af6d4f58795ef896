package simap

import (
	"encoding/binary"
	"hash/crc32"

	"gosupplicant/engine/dot11"
)

// frame is the kind of frame that elements are made for.
type frame uint8

const (
	frameBeacon frame = iota
	frameProbeResponse
)

const dtimPeriod = 2

// elements returns the elements of one kind of frame, in the order of the
// standard's tables.
func (c *Config) elements(f frame) dot11.Elements {
	band, ch := dot11.Channel(c.Freq)
	b := make([]byte, 0, 320)
	b = dot11.AppendElement(b, dot11.ElementSSID, c.shownSSID(f)...)
	rates, ext := legacyRates(band)
	b = dot11.AppendElement(b, dot11.ElementSupportedRates, rates...)
	if band == dot11.Band2GHz {
		b = dot11.AppendElement(b, dot11.ElementDSSSParameterSet, byte(ch))
	}
	if f == frameBeacon {
		b = dot11.AppendElement(b, dot11.ElementTIM, 0, dtimPeriod, 0, 0)
	}
	if c.Country != "" {
		b = dot11.AppendElement(b, dot11.ElementCountry, c.country(band)...)
	}
	if c.Load != nil {
		load := binary.LittleEndian.AppendUint16(nil, c.Load.Stations)
		b = dot11.AppendElement(b, dot11.ElementBSSLoad, append(load, c.Load.Utilization, 0, 0)...)
	}
	if band == dot11.Band2GHz {
		b = dot11.AppendElement(b, dot11.ElementERP, 0)
	}
	if len(ext) > 0 {
		b = dot11.AppendElement(b, dot11.ElementExtendedSupportedRates, ext...)
	}
	if e, ok := profiles[c.Security].rsne(c.Mobility != nil); ok {
		b = e.Append(b)
	}
	if c.Mobility != nil {
		b = dot11.AppendElement(b, dot11.ElementMobilityDomain, c.Mobility[0], c.Mobility[1], 0)
	}
	if len(c.Members) > 0 {
		b = c.multipleBSSID(b, f)
	}
	b = c.appendHT(b, band, ch)
	b = dot11.AppendElement(b, dot11.ElementExtendedCapabilities, c.extendedCapabilities()...)
	b = c.appendVHT(b, band, ch)
	for _, n := range c.Near {
		b = appendNeighbor(b, n)
	}
	if profiles[c.Security].h2e {
		b = dot11.NewRSNXE(dot11.RSNXSAEH2E).Append(b)
	}
	b = c.appendHE(b, band, ch)
	b = c.appendEHT(b, band)
	return append(c.appendVendor(b, f), c.Extra...)
}

// shownSSID is the SSID as the frame carries it; probe responses always tell.
func (c *Config) shownSSID(f frame) []byte {
	if f == frameBeacon {
		switch c.Hide {
		case HidingEmpty:
			return nil
		case HidingZeros:
			return make([]byte, len(c.SSID))
		case HidingNone:
		}
	}
	return c.SSID
}

// legacyRates returns the bodies of Supported Rates and Extended Supported
// Rates, in 500 kbit/s with bit 7 marking basic rates.
func legacyRates(band dot11.Band) (rates, ext []byte) {
	if band == dot11.Band2GHz {
		return []byte{0x82, 0x84, 0x8b, 0x96, 0x0c, 0x12, 0x18, 0x24}, []byte{0x30, 0x48, 0x60, 0x6c}
	}
	return []byte{0x8c, 0x12, 0x98, 0x24, 0xb0, 0x48, 0x60, 0x6c}, nil
}

// country returns the body of the Country element: letters, environment (any),
// then triplets of first channel, number of channels, limit in dBm.
func (c *Config) country(band dot11.Band) []byte {
	b := append([]byte(c.Country), ' ')
	switch band {
	case dot11.Band2GHz:
		return append(b, 1, 13, 20)
	case dot11.Band5GHz:
		return append(b, 36, 8, 23, 100, 11, 30, 0) // padded to an even length
	default:
		return append(b, 1, 24, 23)
	}
}

func (c *Config) caps() dot11.Caps {
	caps := dot11.CapESS
	if band, _ := dot11.Channel(c.Freq); band == dot11.Band2GHz {
		caps |= dot11.CapShortSlotTime
	} else if c.Country != "" {
		caps |= dot11.CapSpectrumMgmt
	}
	if profiles[c.Security].privacy {
		caps |= dot11.CapPrivacy
	}
	return caps
}

// extendedCapabilities returns the body: BSS transition (bit 19), operating
// mode notification (62) and, for a set, multiple BSSID (22).
func (c *Config) extendedCapabilities() []byte {
	b := make([]byte, 8)
	b[2] |= 1 << 3
	if c.Phy >= PhyVHT {
		b[7] |= 1 << 6
	}
	if len(c.Members) > 0 {
		b[2] |= 1 << 6
	}
	return b
}

// appendSecurity appends RSN, RSNX and WPA elements in the order of frames
// that have nothing in between.
func appendSecurity(b []byte, s Security, ft bool) []byte {
	p := &profiles[s]
	if e, ok := p.rsne(ft); ok {
		b = e.Append(b)
	}
	if p.h2e {
		b = dot11.NewRSNXE(dot11.RSNXSAEH2E).Append(b)
	}
	if e, ok := p.wpa(); ok {
		b = e.Append(b)
	}
	return b
}

// appendVendor appends the vendor specific elements.
func (c *Config) appendVendor(b []byte, f frame) []byte {
	if e, ok := profiles[c.Security].wpa(); ok {
		b = e.Append(b)
	}
	if c.Phy >= PhyHT {
		b = dot11.AppendVendorElement(b, dot11.OUIMicrosoft, dot11.MicrosoftWMM, wmmParameters...)
	}
	if c.WPS != WPSNone {
		b = dot11.AppendVendorElement(b, dot11.OUIMicrosoft, dot11.MicrosoftWPS, c.wps(f)...)
	}
	if c.Twin != nil {
		body := append(append([]byte(nil), c.Twin.BSSID[:]...), byte(len(c.Twin.SSID)))
		b = dot11.AppendVendorElement(b, dot11.OUIWFA, dot11.WFAOWETransition, append(body, c.Twin.SSID...)...)
	}
	return b
}

// wmmParameters is the WMM Parameter element behind OUI and type: subtype,
// version, QoS info, reserved, then ACI/AIFSN, ECW and TXOP limit for best
// effort, background, video and voice (Wi-Fi Alliance, WMM 1.2, table 11).
var wmmParameters = []byte{
	1, 1, 0, 0,
	0x03, 0xa4, 0, 0,
	0x27, 0xa4, 0, 0,
	0x42, 0x43, 0x5e, 0,
	0x62, 0x32, 0x2f, 0,
}

// appendNeighbor appends a Reduced Neighbor Report with one TBTT entry of 13
// bytes: offset, BSSID, short SSID, BSS parameters, 20 MHz PSD (9.4.2.168).
func appendNeighbor(b []byte, n Neighbor) []byte {
	band, ch := dot11.Channel(n.Freq)
	class := byte(81)
	switch band {
	case dot11.Band5GHz:
		class = 115
	case dot11.Band6GHz:
		class = 131
	}
	body := []byte{0, 13, class, byte(ch), 255}
	body = append(body, n.BSSID[:]...)
	body = binary.LittleEndian.AppendUint32(body, crc32.ChecksumIEEE(n.SSID))
	body = append(body, 1<<6, 0xfe) // co-located AP; -1 dBm/MHz
	return dot11.AppendElement(b, dot11.ElementReducedNeighborReport, body...)
}

// WPS attribute types (Wi-Fi Simple Configuration 2.0.8, section 12).
const (
	wpsVersion          = 0x104a
	wpsState            = 0x1044
	wpsSelected         = 0x1041
	wpsPasswordID       = 0x1012
	wpsSelectedMethods  = 0x1053
	wpsResponseType     = 0x103b
	wpsUUIDE            = 0x1047
	wpsManufacturer     = 0x1021
	wpsModelName        = 0x1023
	wpsModelNumber      = 0x1024
	wpsSerialNumber     = 0x1042
	wpsPrimaryType      = 0x1054
	wpsDeviceName       = 0x1011
	wpsConfigMethods    = 0x1008
	wpsVendorExtension  = 0x1049
	wpsPasswordPIN      = 0x0000
	wpsPasswordPBC      = 0x0004
	wpsMethodsPINAndPBC = 0x2388
)

// wps returns the body of the WPS element, big-endian attributes.
func (c *Config) wps(f frame) []byte {
	attr := func(b []byte, typ uint16, v ...byte) []byte {
		b = binary.BigEndian.AppendUint16(b, typ)
		b = binary.BigEndian.AppendUint16(b, uint16(len(v)))
		return append(b, v...)
	}
	u16 := func(v uint16) []byte { return []byte{byte(v >> 8), byte(v)} }
	state := byte(2)
	if c.WPS == WPSUnconfigured {
		state = 1
	}
	b := attr(nil, wpsVersion, 0x10)
	b = attr(b, wpsState, state)
	if c.WPS == WPSPBC || c.WPS == WPSPIN {
		id := uint16(wpsPasswordPBC)
		if c.WPS == WPSPIN {
			id = wpsPasswordPIN
		}
		b = attr(b, wpsSelected, 1)
		b = attr(b, wpsPasswordID, u16(id)...)
		b = attr(b, wpsSelectedMethods, u16(wpsMethodsPINAndPBC)...)
	}
	if f == frameProbeResponse {
		b = attr(b, wpsResponseType, 3)
		uuid := append([]byte("simap-uuid"), c.BSSID[:]...)
		b = attr(b, wpsUUIDE, uuid...)
		b = attr(b, wpsManufacturer, []byte("Simulated")...)
		b = attr(b, wpsModelName, []byte("simap")...)
		b = attr(b, wpsModelNumber, []byte("1")...)
		b = attr(b, wpsSerialNumber, []byte("1")...)
		b = attr(b, wpsPrimaryType, 0, 6, 0x00, 0x50, 0xf2, 0x04, 0, 1)
		b = attr(b, wpsDeviceName, []byte("simap")...)
		b = attr(b, wpsConfigMethods, u16(wpsMethodsPINAndPBC)...)
	}
	return attr(b, wpsVendorExtension, 0x00, 0x37, 0x2a, 0x00, 0x01, 0x20)
}

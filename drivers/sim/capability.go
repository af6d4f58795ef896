package sim

import (
	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
)

// channel is one channel of a radio as a scan sees it.
type channel struct {
	freq  int // MHz
	band  dot11.Band
	num   int
	flags drivers.ChannelFlags
}

// psc reports whether a 6 GHz channel is a preferred scanning channel
// (26.17.2.3.3): 5, 21, 37, …
func (c channel) psc() bool { return c.band == dot11.Band6GHz && c.num%16 == 5 }

// domain is a simplified regulatory domain.
type domain uint8

const (
	domainWorld domain = iota
	domainFCC
	domainETSI
	domainJapan
)

func domainOf(country string) domain {
	switch country {
	case "00":
		return domainWorld
	case "US", "CA", "PR", "TW", "MX", "CO":
		return domainFCC
	case "JP":
		return domainJapan
	}
	return domainETSI
}

func validCountry(cc string) bool {
	letter := func(b byte) bool { return b >= 'A' && b <= 'Z' }
	return cc == "00" || len(cc) == 2 && letter(cc[0]) && letter(cc[1])
}

// channelFlags says what the domain allows on a channel, coarsely as the
// wireless regulatory database has it.
func (d domain) channelFlags(band dot11.Band, ch int) drivers.ChannelFlags {
	const noIR, radar, off = drivers.ChanNoIR, drivers.ChanRadar, drivers.ChanDisabled
	switch band {
	case dot11.Band2GHz:
		switch {
		case ch == 14 && d != domainJapan, ch >= 12 && d == domainFCC:
			return off
		case ch >= 12 && d == domainWorld:
			return noIR
		}
		return 0
	case dot11.Band5GHz:
		switch {
		case d == domainWorld && ch >= 52 && ch <= 144:
			return noIR | radar
		case d == domainWorld:
			return noIR
		case ch >= 52 && ch <= 144:
			return radar
		case ch >= 149 && d == domainJapan:
			return off
		case ch >= 169 && d == domainETSI:
			return drivers.ChanIndoorOnly
		}
		return 0
	case dot11.Band6GHz:
		switch {
		case d == domainWorld:
			return noIR
		case ch > 93 && d != domainFCC:
			return off
		}
		return drivers.ChanIndoorOnly
	}
	return off
}

// plans of the channels a modern device has.
func bandChannels(band dot11.Band) []int {
	var out []int
	add := func(from, to, step int) {
		for ch := from; ch <= to; ch += step {
			out = append(out, ch)
		}
	}
	switch band {
	case dot11.Band2GHz:
		add(1, 14, 1)
	case dot11.Band5GHz:
		add(36, 64, 4)
		add(100, 144, 4)
		add(149, 177, 4)
	case dot11.Band6GHz:
		add(1, 233, 4)
	}
	return out
}

// capability returns what the radio can do in a country, and its channels in
// scan order.
func capability(p *RadioPlan, country string) (*drivers.Capability, []channel) {
	c := &drivers.Capability{
		Flags: drivers.FlagSME | drivers.FlagSetKeysAfterAssocDone | drivers.FlagValidErrorCodes | drivers.FlagSAE |
			drivers.FlagMFPOptional | drivers.FlagHECapabilities | drivers.FlagControlPort |
			drivers.FlagBeaconProtection | drivers.FlagExtendedKeyID,
		Modes:        drivers.ModeStation,
		Ciphers:      cipherSelectors(),
		AKMs:         akmSelectors(),
		MaxScanSSIDs: p.ScanSSIDs, MaxScanIELen: 2048,
		MaxSchedScanSSIDs: 16, MaxMatchSets: 16, MaxSchedScanPlans: 2,
		MaxSchedScanIntervalSec: 65535, MaxSchedScanIterations: 254, MaxSchedScanIELen: 2048,
		MaxRemainOnChannel: 5000, MaxPMKIDs: 16,
		RandomMACScan: true, RandomMACSchedScan: true,
		ScanFlush: true, ScanLowPriority: true, ScanDwell: true, AbortScan: true, ScanInPlace: p.InPlace, ScanProbe: p.InPlace,
		SAE: true, SMEInUser: true, ControlPort: true, ExtendedKeyID: true, BeaconProtection: true,
		// BSS transition, multiple BSSID, operating mode notification
		ExtendedCapa: []byte{0, 0, 1<<3 | 1<<6, 0, 0, 0, 0, 1 << 6},
	}
	c.ExtendedCapaMask = c.ExtendedCapa
	if p.FullMAC {
		c.Flags &^= drivers.FlagSME
		c.SMEInUser = false
	}
	d := domainOf(country)
	var chans []channel
	for _, band := range p.Bands {
		b := bandCapability(band)
		for _, ch := range bandChannels(band) {
			f := d.channelFlags(band, ch)
			freq := dot11.Freq(band, ch)
			b.Channels = append(b.Channels, drivers.Channel{Freq: freq, Flags: f, MaxPower: 2000})
			chans = append(chans, channel{freq: freq, band: band, num: ch, flags: f})
		}
		c.Bands = append(c.Bands, b)
	}
	return c, chans
}

func bandCapability(band dot11.Band) drivers.Band {
	ofdm := []int{60, 90, 120, 180, 240, 360, 480, 540}
	b := drivers.Band{Rates: ofdm, HE: true, EHT: true, HECapa: make([]byte, 6+11)}
	copy(b.HECapa, []byte{0x01, 0x00, 0x08, 0x9a, 0x00, 0x10})
	ht := func() {
		b.HT, b.HTCapa = true, 0x01ee
		b.HTMCS[0], b.HTMCS[1] = 0xff, 0xff
	}
	switch band {
	case dot11.Band2GHz:
		b.ID, b.MaxWidth = drivers.Band2GHz, 40
		b.Rates = append([]int{10, 20, 55, 110}, ofdm...)
		b.HECapa[6] = 1 << 1
		ht()
	case dot11.Band5GHz:
		b.ID, b.MaxWidth = drivers.Band5GHz, 160
		b.HECapa[6] = 1<<2 | 1<<3
		b.VHT, b.VHTCapa = true, 0x0f8001f6
		b.VHTMCS = [8]byte{0xfa, 0xff, 0, 0, 0xfa, 0xff, 0, 0}
		ht()
	case dot11.Band6GHz:
		b.ID, b.MaxWidth = drivers.Band6GHz, 320
		b.HECapa[6] = 1<<2 | 1<<3
	}
	return b
}

func cipherSelectors() []uint32 {
	var out []uint32
	for _, c := range []dot11.Cipher{dot11.CipherWEP40, dot11.CipherWEP104, dot11.CipherTKIP, dot11.CipherCCMP,
		dot11.CipherCCMP256, dot11.CipherGCMP, dot11.CipherGCMP256, dot11.CipherBIPCMAC128,
		dot11.CipherBIPGMAC128, dot11.CipherBIPGMAC256, dot11.CipherBIPCMAC256} {
		s, _ := c.RSNSuite()
		out = append(out, uint32(s))
	}
	return out
}

// akmSelectors lists what a device with its SME in user space leaves to it.
func akmSelectors() []uint32 {
	var out []uint32
	for _, a := range []dot11.AKM{dot11.AKMEAP, dot11.AKMPSK, dot11.AKMFTEAP, dot11.AKMFTPSK, dot11.AKMEAPSHA256,
		dot11.AKMPSKSHA256, dot11.AKMSAE, dot11.AKMFTSAE, dot11.AKMSuiteB, dot11.AKMSuiteB192,
		dot11.AKMFILSSHA256, dot11.AKMFILSSHA384, dot11.AKMFTEAPSHA384, dot11.AKMOWE,
		dot11.AKMSAEExtKey, dot11.AKMFTSAEExtKey} {
		s, _ := a.RSNSuite()
		out = append(out, uint32(s))
	}
	return out
}

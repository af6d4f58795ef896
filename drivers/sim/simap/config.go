package simap

import (
	"errors"
	"fmt"
	"io"

	"gosupplicant/engine/dot11"
	"gosupplicant/engine/keys"
)

// Config describes an access point.
type Config struct {
	BSSID dot11.MAC
	SSID  []byte // 1 to 32 bytes
	Freq  int    // primary 20 MHz channel, centre in MHz
	// Hide withholds the SSID in beacons and leaves wildcard probes unanswered.
	Hide     Hiding
	Security Security
	Phy      Phy
	Width    int    // MHz: 20, 40, 80, 160 or 320; 0 = 20
	Country  string // two letters, empty for no Country element
	Interval uint16 // beacon interval in TU of 1024 µs; 0 = 100

	// Passphrase lets stations associate with the PSK kinds of network: 8 to 63
	// bytes. Without it, or without Random, they are refused.
	Passphrase string
	PSK        []byte    // 32 bytes in place of the passphrase's, nil to stretch that
	Random     io.Reader // nonces and group keys

	WPS      WPS
	Mobility []byte         // mobility domain identifier, 2 bytes, and FT AKMs; nil for none
	Load     *Load          // BSS Load element, nil for none
	Twin     *Twin          // other half of an OWE transition pair
	Near     []Neighbor     // co-located APs named in a Reduced Neighbor Report
	Members  []Member       // nontransmitted BSSs of a multiple BSSID set
	Extra    dot11.Elements // appended to beacon and probe response
}

// Hiding is the way a BSS withholds its SSID.
type Hiding uint8

const (
	HidingNone  Hiding = iota
	HidingEmpty        // SSID element of length 0
	HidingZeros        // SSID element of true length, all zero
)

// Phy is the newest generation that an AP speaks.
type Phy uint8

const (
	PhyLegacy Phy = iota // 802.11b/g or a
	PhyHT
	PhyVHT
	PhyHE
	PhyEHT
)

// WPS is what the WPS element says.
type WPS uint8

const (
	WPSNone         WPS = iota
	WPSConfigured       // configured, no registrar active
	WPSUnconfigured     // out of the box
	WPSPBC              // button pressed
	WPSPIN              // PIN registrar active
)

// Load is the content of a BSS Load element (9.4.2.26).
type Load struct {
	Stations    uint16
	Utilization uint8 // 255 = channel always busy
}

// Twin names the other BSS of an OWE transition pair (Wi-Fi Alliance,
// Opportunistic Wireless Encryption 1.1, section 2.2).
type Twin struct {
	BSSID dot11.MAC
	SSID  []byte
}

// Neighbor is one entry of the Reduced Neighbor Report (9.4.2.168).
type Neighbor struct {
	BSSID dot11.MAC
	SSID  []byte
	Freq  int // MHz
}

// Member is a nontransmitted BSS. Its BSSID follows from Index (9.4.2.45).
type Member struct {
	Index    uint8 // 1 to 2^MaxIndicator-1
	SSID     []byte
	Security Security
}

// MaxIndicator is the MaxBSSID Indicator of every set: BSSIDs differ in the
// lowest three bits, so a set has up to eight members.
const MaxIndicator = 3

// TU is the time unit, 1024 µs.
const TU = dot11.TU

func (c *Config) check() error {
	band, _ := dot11.Channel(c.Freq)
	switch {
	case c.BSSID.IsZero() || c.BSSID.IsGroup():
		return fmt.Errorf("BSSID %s is not an individual address", c.BSSID)
	case len(c.SSID) == 0 || len(c.SSID) > dot11.MaxSSIDLen:
		return fmt.Errorf("SSID of %d bytes, want 1 to %d", len(c.SSID), dot11.MaxSSIDLen)
	case band == dot11.BandUnknown || band == dot11.Band60GHz:
		return fmt.Errorf("%d MHz is no channel of 2.4, 5 or 6 GHz", c.Freq)
	case c.Security >= securityCount:
		return fmt.Errorf("security %d does not exist", c.Security)
	case len(c.Country) != 0 && len(c.Country) != 2:
		return fmt.Errorf("country %q, want two letters", c.Country)
	case len(c.Mobility) != 0 && len(c.Mobility) != 2:
		return fmt.Errorf("mobility domain of %d bytes, want 2", len(c.Mobility))
	case c.Phy > PhyEHT:
		return fmt.Errorf("phy %d does not exist", c.Phy)
	case band == dot11.Band6GHz && c.Phy < PhyHE:
		return errors.New("an AP on 6 GHz is HE or newer")
	case c.Passphrase != "" && (len(c.Passphrase) < keys.MinPassphraseLen || len(c.Passphrase) > keys.MaxPassphraseLen):
		return fmt.Errorf("passphrase of %d bytes, want %d to %d", len(c.Passphrase), keys.MinPassphraseLen, keys.MaxPassphraseLen)
	case c.PSK != nil && len(c.PSK) != 32:
		return fmt.Errorf("PSK of %d bytes, want 32", len(c.PSK))
	case c.Twin != nil && len(c.Twin.SSID) > dot11.MaxSSIDLen:
		return errors.New("SSID of the OWE twin is too long")
	}
	if err := c.checkWidth(band); err != nil {
		return err
	}
	if err := c.checkMembers(); err != nil {
		return err
	}
	return c.Extra.Check()
}

func (c *Config) checkWidth(band dot11.Band) error {
	limit := map[Phy]int{PhyLegacy: 20, PhyHT: 40, PhyVHT: 160, PhyHE: 160, PhyEHT: 320}[c.Phy]
	switch {
	case band == dot11.Band2GHz:
		limit = min(limit, 40)
	case band == dot11.Band5GHz:
		limit = min(limit, 160)
	}
	switch c.Width {
	case 0, 20, 40, 80, 160, 320:
	default:
		return fmt.Errorf("width %d MHz, want 20, 40, 80, 160 or 320", c.Width)
	}
	if c.Width > limit {
		return fmt.Errorf("width %d MHz, but at most %d here", c.Width, limit)
	}
	return nil
}

func (c *Config) checkMembers() error {
	seen := map[uint8]bool{}
	for _, m := range c.Members {
		switch {
		case m.Index == 0 || m.Index >= 1<<MaxIndicator || seen[m.Index]:
			return fmt.Errorf("index %d of a multiple BSSID member: want 1 to %d, each once", m.Index, 1<<MaxIndicator-1)
		case len(m.SSID) == 0 || len(m.SSID) > dot11.MaxSSIDLen:
			return fmt.Errorf("SSID of %d bytes, want 1 to %d", len(m.SSID), dot11.MaxSSIDLen)
		case m.Security >= securityCount:
			return fmt.Errorf("security %d does not exist", m.Security)
		}
		seen[m.Index] = true
	}
	return nil
}

// memberBSSID computes the BSSID of a set's member: the lowest n bits of the
// reference BSSID plus index, modulo 2^n (9.4.2.45).
func memberBSSID(ref dot11.MAC, index uint8) dot11.MAC {
	const mask = 1<<MaxIndicator - 1
	ref[5] = ref[5]&^mask | (ref[5]+index)&mask
	return ref
}

package simap

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"time"

	"gosupplicant/engine/dot11"
	"gosupplicant/engine/keys"
	"gosupplicant/engine/sae"
)

// AP is one BSS on the air. Nontransmitted members of a multiple BSSID set are
// APs of their own as far as a station's kernel reports them; they send no
// frames themselves.
type AP struct {
	cfg    Config
	caps   dot11.Caps
	beacon dot11.Elements
	probe  dot11.Elements
	phase  time.Duration // start of the TSF, also spreads beacons over the interval

	members []*AP
	parent  *AP // transmitting BSS of a member, else nil

	refuseAuth, refuseAssoc dot11.Status

	peers     map[dot11.MAC]*peer
	exchanges map[dot11.MAC]*exchange
	cache     map[dot11.MAC]pmksa
	seq       uint16 // sequence number of the next frame
	timers    uint64 // last timer asked for
	psk       keys.Secret
	pts       *sae.PTs
	group     groupKeys
}

// New builds an access point and its element bytes. Errors say what of the
// configuration cannot be.
func New(cfg Config) (*AP, error) {
	if cfg.Interval == 0 {
		cfg.Interval = 100
	}
	if cfg.Width == 0 {
		cfg.Width = 20
	}
	if err := cfg.check(); err != nil {
		return nil, fmt.Errorf("simap: %w", err)
	}
	a := &AP{cfg: cfg, caps: cfg.caps(), phase: phaseOf(cfg.BSSID)}
	a.beacon = cfg.elements(frameBeacon)
	a.probe = cfg.elements(frameProbeResponse)
	for _, m := range cfg.Members {
		a.members = append(a.members, a.member(m))
	}
	return a, nil
}

// phaseOf spreads TSF starts over some hours, the same each time for one BSSID.
func phaseOf(bssid dot11.MAC) time.Duration {
	h := fnv.New64a()
	h.Write(bssid[:])
	return time.Duration(h.Sum64()%(10_000_000_000)) * time.Microsecond
}

// BSSID returns the address of the BSS.
func (a *AP) BSSID() dot11.MAC { return a.cfg.BSSID }

// SSID returns the true name, hidden or not.
func (a *AP) SSID() dot11.SSID { return a.cfg.SSID }

// Freq returns the centre of the primary channel in MHz.
func (a *AP) Freq() int { return a.cfg.Freq }

// Security returns the kind of network.
func (a *AP) Security() Security { return a.cfg.Security }

// Hidden reports whether beacons withhold the name.
func (a *AP) Hidden() bool { return a.cfg.Hide != HidingNone }

// Interval returns the beacon interval in TU.
func (a *AP) Interval() uint16 { return a.cfg.Interval }

// Caps returns the capability information of beacons and probe responses.
func (a *AP) Caps() dot11.Caps { return a.caps }

// Beacon returns the elements of the beacon.
func (a *AP) Beacon() dot11.Elements { return a.beacon }

// ProbeResponse returns the elements of the probe response.
func (a *AP) ProbeResponse() dot11.Elements { return a.probe }

// Switch moves the BSS to another channel (MHz); stations stay associated. Sets
// of several BSSs do not move.
func (a *AP) Switch(freq int) error {
	if len(a.members) > 0 || a.parent != nil {
		return errors.New("simap: a multiple BSSID set does not switch channels")
	}
	cfg := a.cfg
	cfg.Freq = freq
	if err := cfg.check(); err != nil {
		return fmt.Errorf("simap: %w", err)
	}
	a.cfg, a.caps = cfg, cfg.caps()
	a.beacon, a.probe = cfg.elements(frameBeacon), cfg.elements(frameProbeResponse)
	return nil
}

// Forge replaces the elements of beacons and probe responses by any bytes.
func (a *AP) Forge(elements []byte) { a.beacon, a.probe = elements, elements }

// Members returns the nontransmitted BSSs of the set this AP transmits for.
func (a *AP) Members() []*AP { return a.members }

// Parent returns the transmitting BSS of a member, nil for others.
func (a *AP) Parent() *AP { return a.parent }

// Neighbors returns the co-located APs that the frames tell of.
func (a *AP) Neighbors() []Neighbor { return a.cfg.Near }

// Answers reports whether the AP answers a probe request for ssid (empty: the
// wildcard) sent to bssid (broadcast or one AP): 11.1.4.3.4. The transmitting
// BSS of a set answers for its members.
func (a *AP) Answers(ssid []byte, bssid dot11.MAC) bool {
	if a.parent != nil {
		return false
	}
	if bssid != dot11.Broadcast && bssid != a.cfg.BSSID {
		return false
	}
	if len(ssid) == 0 {
		return !a.Hidden()
	}
	if bytes.Equal(ssid, a.cfg.SSID) {
		return true
	}
	for _, m := range a.members {
		if bytes.Equal(ssid, m.cfg.SSID) {
			return true
		}
	}
	return false
}

// TSF returns the timer of the BSS in µs, up being the time since the air began.
func (a *AP) TSF(up time.Duration) uint64 { return uint64((a.phase + up) / time.Microsecond) }

// NextBeacon returns the time from up until the next target beacon
// transmission time, less than one interval.
func (a *AP) NextBeacon(up time.Duration) time.Duration {
	interval := time.Duration(a.cfg.Interval) * TU
	if r := (a.phase + up) % interval; r != 0 {
		return interval - r
	}
	return 0
}

// member derives what a station's kernel reports for a nontransmitted BSS: the
// elements of the transmitted beacon, replaced by those of the profile.
func (a *AP) member(m Member) *AP {
	cfg := a.cfg
	cfg.BSSID, cfg.SSID, cfg.Security = memberBSSID(a.cfg.BSSID, m.Index), m.SSID, m.Security
	cfg.Hide, cfg.Members, cfg.Twin, cfg.Passphrase, cfg.PSK = HidingNone, nil, nil, "", nil
	d := &AP{cfg: cfg, caps: cfg.caps(), phase: a.phase, parent: a}
	prof := m.profileElements(&a.cfg)
	d.beacon = inherit(a.beacon, prof)
	d.probe = inherit(a.probe, prof)
	return d
}

// profileElements returns what the nontransmitted profile says of m, without
// the elements that only frame the profile.
func (m *Member) profileElements(parent *Config) dot11.Elements {
	b := dot11.AppendElement(nil, dot11.ElementSSID, m.SSID...)
	return appendSecurity(b, m.Security, parent.Mobility != nil)
}

// notInherited lists the security elements of the transmitting BSS that m lacks.
func (m *Member) notInherited(parent *Config) []byte {
	own, theirs := m.profileElements(parent), dot11.Elements(appendSecurity(nil, parent.Security, parent.Mobility != nil))
	var ids []byte
	for _, id := range []dot11.ElementID{dot11.ElementRSN, dot11.ElementRSNX} {
		if theirs.Has(id) && !own.Has(id) {
			ids = append(ids, byte(id))
		}
	}
	return ids
}

// multipleBSSID returns the Multiple BSSID element with one profile a member.
func (c *Config) multipleBSSID(dst []byte, f frame) []byte {
	body := []byte{MaxIndicator}
	for i := range c.Members {
		m := &c.Members[i]
		mc := *c
		mc.Security = m.Security
		p := dot11.AppendElement(nil, dot11.ElementNontransmittedBSSIDCapability, binary.LittleEndian.AppendUint16(nil, uint16(mc.caps()))...)
		p = dot11.AppendElement(p, dot11.ElementSSID, m.SSID...)
		index := []byte{m.Index}
		if f == frameBeacon {
			index = append(index, dtimPeriod, 0)
		}
		p = dot11.AppendElement(p, dot11.ElementMultipleBSSIDIndex, index...)
		p = appendSecurity(p, m.Security, c.Mobility != nil)
		if ids := m.notInherited(c); len(ids) > 0 {
			p = dot11.AppendExtElement(p, dot11.ExtIDNonInheritance, append(append([]byte{byte(len(ids))}, ids...), 0)...)
		}
		body = append(append(body, 0, byte(len(p))), p...)
	}
	return dot11.AppendElement(dst, dot11.ElementMultipleBSSID, body...)
}

// inherit merges a profile into the elements of the transmitted frame: an
// element of the profile takes the place of the parent's (9.4.2.45, 11.1.3.8).
func inherit(parent, prof dot11.Elements) dot11.Elements {
	own := map[elementKey][]byte{}
	for e := range prof.All() {
		own[keyOf(e)] = e.Raw()
	}
	var out []byte
	for e := range parent.All() {
		k := keyOf(e)
		switch raw, ok := own[k]; {
		case ok:
			out = append(out, raw...)
			delete(own, k)
		case e.ID == dot11.ElementMultipleBSSID || e.ID == dot11.ElementRSN || e.ID == dot11.ElementRSNX || k == wpaKey:
		default:
			out = append(out, e.Raw()...)
		}
	}
	for e := range prof.All() {
		if _, left := own[keyOf(e)]; left {
			out = append(out, e.Raw()...)
		}
	}
	return out
}

// elementKey tells elements apart for inheritance.
type elementKey struct {
	id     dot11.ElementID
	ext    dot11.ExtID
	vendor [4]byte
}

var wpaKey = elementKey{id: dot11.ElementVendorSpecific, vendor: [4]byte{0x00, 0x50, 0xf2, dot11.MicrosoftWPA}}

func keyOf(e dot11.Element) elementKey {
	k := elementKey{id: e.ID, ext: e.Ext}
	if e.ID == dot11.ElementVendorSpecific {
		copy(k.vendor[:], e.Data)
	}
	return k
}

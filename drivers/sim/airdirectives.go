package sim

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"gosupplicant/drivers/sim/simap"
	"gosupplicant/engine/dot11"
)

// single reads the one plain word of a directive.
func single[T any](w *words, what string, dst *T, parse func(string) (T, error)) error {
	s, err := w.plain(what, false)
	if err != nil {
		return err
	}
	v, err := parse(s)
	if err != nil {
		return fmt.Errorf("%q: %w", s, err)
	}
	*dst = v
	return nil
}

func (p *planner) country(w *words) error {
	return single(w, "the country", &p.plan.Country, countryCode)
}

func (p *planner) dwell(w *words) error {
	d := durationBetween(time.Millisecond, 10*time.Second)
	return first(take(w, "active", &p.plan.ActiveDwell, d), take(w, "passive", &p.plan.PassiveDwell, d))
}

func (p *planner) loss(w *words) error { return single(w, "the share", &p.plan.Loss, percent) }

func (p *planner) delay(w *words) error {
	return single(w, "the time", &p.plan.Delay, durationBetween(0, 10*time.Second))
}

func (p *planner) noise(w *words) error {
	return single(w, "the level", &p.plan.Noise, intBetween(-120, -1))
}

func newRadioPlan(name string) RadioPlan {
	return RadioPlan{Name: name, Bands: []dot11.Band{dot11.Band2GHz, dot11.Band5GHz, dot11.Band6GHz}, Sensitivity: -92, ScanSSIDs: 16}
}

// check proves a radio plan that no file parser saw.
func (p *RadioPlan) check() error {
	if p.Name == "" || len(p.Bands) == 0 || p.ScanSSIDs < 1 {
		return fmt.Errorf("a radio needs a name, bands and at least one SSID in a scan")
	}
	for _, name := range p.Interfaces {
		if !validIfname(name) {
			return fmt.Errorf("%q is not an interface name", name)
		}
	}
	return nil
}

func (p *planner) radio(w *words) error {
	name, err := w.plain("the name", false)
	if err != nil {
		return err
	}
	r := newRadioPlan(name)
	var list, rfkill string
	err = first(need(w, "interfaces", &list, parseName), take(w, "addr", &r.Addr, individual),
		take(w, "bands", &r.Bands, parseBands), take(w, "rfkill", &rfkill, parseName),
		take(w, "sensitivity", &r.Sensitivity, intBetween(-120, 0)), take(w, "scan-ssids", &r.ScanSSIDs, intBetween(1, 64)))
	if err != nil {
		return err
	}
	r.Down, r.FullMAC, r.InPlace = w.flag("down"), w.flag("full-mac"), w.flag("scan-in-place")
	switch rfkill {
	case "":
	case "soft":
		r.SoftBlock = true
	case "hard":
		r.HardBlock = true
	default:
		return fmt.Errorf("rfkill=%s: want soft or hard", rfkill)
	}
	for _, n := range strings.Split(list, ",") {
		if !validIfname(n) || p.ifnames[n] {
			return fmt.Errorf("interfaces=%s: %q is no interface name, or already in use", list, n)
		}
		p.ifnames[n] = true
		r.Interfaces = append(r.Interfaces, n)
	}
	if len(p.plan.Radios) == maxRadios || len(p.ifnames) > maxInterfaces {
		return fmt.Errorf("more than %d radios or %d interfaces", maxRadios, maxInterfaces)
	}
	if slices.ContainsFunc(p.plan.Radios, func(o RadioPlan) bool { return o.Name == name }) {
		return fmt.Errorf("radio %q is there already", name)
	}
	p.plan.Radios = append(p.plan.Radios, r)
	return nil
}

// apOptions reads what ap and owe share, all but SSID and BSSID.
func (p *planner) apOptions(w *words) (APPlan, error) {
	ap := APPlan{Loss: -1}
	ap.Phy = simap.PhyHT
	var ch, interval int
	var band dot11.Band
	var near dot11.MAC
	var hidden string
	err := first(need(w, "channel", &ch, intBetween(1, 255)), take(w, "band", &band, parseBand),
		need(w, "signal", &ap.Signal, intBetween(-120, 0)), take(w, "security", &ap.Security, parseSecurity),
		take(w, "phy", &ap.Phy, parsePhy), take(w, "width", &ap.Width, intBetween(20, 320)),
		take(w, "jitter", &ap.Jitter, intBetween(0, 30)), take(w, "drift", &ap.Drift, parseDrift),
		take(w, "from", &ap.From, durationBetween(0, math.MaxInt64)), take(w, "until", &ap.Until, durationBetween(1, math.MaxInt64)),
		take(w, "loss", &ap.Loss, percent), take(w, "interval", &interval, intBetween(10, 65535)),
		take(w, "country", &ap.Country, countryCode), take(w, "wps", &ap.WPS, parseWPS),
		take(w, "load", &ap.Load, parseLoad), take(w, "mobility", &ap.Mobility, parseMobility),
		take(w, "colocated", &near, individual), take(w, "hidden", &hidden, parseName),
		take(w, "passphrase", &ap.Passphrase, parseName))
	if err != nil {
		return ap, err
	}
	ap.Interval = uint16(interval)
	if ap.Freq, err = channelFreq(ch, band); err != nil {
		return ap, err
	}
	switch {
	case w.flag("hidden"):
		ap.Hide = simap.HidingEmpty
	case hidden == "zeros":
		ap.Hide = simap.HidingZeros
	case hidden != "":
		return ap, fmt.Errorf("hidden=%s: want zeros, or hidden alone", hidden)
	}
	if !near.IsZero() {
		i, ok := p.bssids[near]
		if !ok || i < 0 {
			return ap, fmt.Errorf("colocated=%s: no such access point above", near)
		}
		o := &p.plan.APs[i]
		ap.Near = []simap.Neighbor{{BSSID: near, SSID: o.SSID, Freq: o.Freq}}
	}
	return ap, nil
}

// add checks an access point by making it once.
func (p *planner) add(ap APPlan) error {
	if _, dup := p.bssids[ap.BSSID]; dup {
		return fmt.Errorf("BSSID %s is in use already", ap.BSSID)
	}
	if len(p.bssids) >= maxAPs {
		return fmt.Errorf("more than %d access points", maxAPs)
	}
	if _, err := simap.New(ap.Config); err != nil {
		return err
	}
	p.bssids[ap.BSSID] = len(p.plan.APs)
	p.plan.APs = append(p.plan.APs, ap)
	return nil
}

func (p *planner) ap(w *words) error {
	ssid, err := w.plain(`the "SSID"`, true)
	if err != nil {
		return err
	}
	var bssid dot11.MAC
	if err := need(w, "bssid", &bssid, individual); err != nil {
		return err
	}
	ap, err := p.apOptions(w)
	if err != nil {
		return err
	}
	ap.SSID, ap.BSSID = []byte(ssid), bssid
	return p.add(ap)
}

func (p *planner) member(w *words) error {
	ssid, err := w.plain(`the "SSID"`, true)
	if err != nil {
		return err
	}
	var of dot11.MAC
	m := simap.Member{SSID: []byte(ssid)}
	var index int
	if err := first(need(w, "of", &of, individual), need(w, "index", &index, intBetween(1, 1<<simap.MaxIndicator-1)),
		take(w, "security", &m.Security, parseSecurity)); err != nil {
		return err
	}
	m.Index = uint8(index)
	i, ok := p.bssids[of]
	if !ok || i < 0 {
		return fmt.Errorf("of=%s: no such access point above", of)
	}
	ap := p.plan.APs[i]
	ap.Members = append(slices.Clone(ap.Members), m)
	made, err := simap.New(ap.Config)
	if err != nil {
		return err
	}
	bssid := made.Members()[len(ap.Members)-1].BSSID()
	if _, dup := p.bssids[bssid]; dup || len(p.bssids) >= maxAPs {
		return fmt.Errorf("BSSID %s of the member is in use already, or there are more than %d access points", bssid, maxAPs)
	}
	p.bssids[bssid] = -1
	p.plan.APs[i] = ap
	return nil
}

func (p *planner) owe(w *words) error {
	ssid, err := w.plain(`the "SSID"`, true)
	if err != nil {
		return err
	}
	var bssid, twin dot11.MAC
	if err := first(need(w, "bssid", &bssid, individual), need(w, "twin", &twin, individual)); err != nil {
		return err
	}
	open, err := p.apOptions(w)
	if err != nil {
		return err
	}
	if open.Security != simap.SecurityOpen || open.Hide != simap.HidingNone {
		return fmt.Errorf("the pair's security and hiding are given by its kind")
	}
	hidden := open
	hiddenSSID := slices.Concat([]byte("owe-"), []byte(ssid))
	hiddenSSID = hiddenSSID[:min(len(hiddenSSID), dot11.MaxSSIDLen)]
	open.SSID, open.BSSID = []byte(ssid), bssid
	open.Twin = &simap.Twin{BSSID: twin, SSID: hiddenSSID}
	hidden.SSID, hidden.BSSID = hiddenSSID, twin
	hidden.Security, hidden.Hide = simap.SecurityOWE, simap.HidingEmpty
	hidden.Twin = &simap.Twin{BSSID: bssid, SSID: []byte(ssid)}
	return first(p.add(open), p.add(hidden))
}

// crowd is what a many directive says.
type crowd struct {
	count    int
	ssid     string
	bssid    dot11.MAC
	freqs    []int
	signal   [2]int
	security []simap.Security
	phy      simap.Phy

	passphrase string
}

func (p *planner) many(w *words) error {
	c := crowd{ssid: "net-%d", bssid: dot11.MAC{2, 0x10}, freqs: []int{2412, 2437, 2462, 5180, 5200, 5220, 5240},
		signal: [2]int{-90, -40}, phy: simap.PhyHT,
		security: []simap.Security{simap.SecurityWPA2, simap.SecurityWPA2WPA3, simap.SecurityWPA3, simap.SecurityOpen}}
	if err := first(need(w, "count", &c.count, intBetween(1, maxAPs)), take(w, "ssid", &c.ssid, parseName),
		take(w, "bssid", &c.bssid, individual), take(w, "channels", &c.freqs, list(func(s string) (int, error) {
			ch, err := intBetween(1, 255)(s)
			if err != nil {
				return 0, err
			}
			return channelFreq(ch, dot11.BandUnknown)
		})), take(w, "signal", &c.signal, parseSpan), take(w, "security", &c.security, list(parseSecurity)), take(w, "passphrase", &c.passphrase, parseName),
		take(w, "phy", &c.phy, parsePhy)); err != nil {
		return err
	}
	bssid := c.bssid
	for n := range c.count {
		ap := APPlan{Loss: -1}
		ap.SSID, ap.BSSID = []byte(strings.ReplaceAll(c.ssid, "%d", fmt.Sprint(n))), bssid
		ap.Freq, ap.Security, ap.Phy = c.freqs[n%len(c.freqs)], c.security[n%len(c.security)], c.phy
		ap.Passphrase = c.passphrase
		ap.Signal = c.signal[1] - n%(c.signal[1]-c.signal[0]+1)
		if err := p.add(ap); err != nil {
			return fmt.Errorf("number %d: %w", n, err)
		}
		bssid = nextMAC(bssid)
	}
	return nil
}

// list reads values separated by commas.
func list[T any](parse func(string) (T, error)) func(string) ([]T, error) {
	return func(s string) ([]T, error) {
		var out []T
		for _, one := range strings.Split(s, ",") {
			v, err := parse(one)
			if err != nil {
				return nil, fmt.Errorf("%q: %w", one, err)
			}
			out = append(out, v)
		}
		return out, nil
	}
}

package engine

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gosupplicant/conf"
	"gosupplicant/engine/bss"
	"gosupplicant/engine/dot11"
	"gosupplicant/engine/logs"
	"gosupplicant/engine/rsn"
)

// candidate is a BSS and the network it fits.
type candidate struct {
	bss     *bss.BSS
	network *conf.Network
	ssid    dot11.SSID // to associate with: the BSS's own, unless it hides it
}

// selectNow picks the best BSS for the enabled networks out of the table and
// goes for it. It reports whether there was one.
func (i *Interface) selectNow() bool {
	c := i.choose()
	if c == nil {
		return false
	}
	if l := i.conn.link; l != nil && l.network.Priority >= c.network.Priority {
		return true // what stands is as good; roaming is somebody else's decision
	}
	i.emit(CandidateChosen{i, c.bss, c.network})
	i.join(c)
	return true
}

// choose decides, and when every candidate is on the ignore list it forgets the
// list: a BSS that failed is better than none.
func (i *Interface) choose() *candidate {
	c := i.pick(true)
	if c == nil && len(i.ignore.entries) > 0 {
		if c = i.pick(false); c != nil {
			i.log.Debug("Every candidate is on the ignore list; it is cleared")
			i.ClearIgnored()
		}
	}
	if c == nil {
		i.askPSKs()
	}
	return c
}

// pick is the decision alone: networks by priority, the highest first; within
// one priority the best BSS; for one BSS the first network of the file.
func (i *Interface) pick(heedIgnored bool) *candidate {
	order := slices.Collect(i.table.All())
	slices.SortStableFunc(order, compareBSS)
	device := deviceOf(i.capa)
	debug := i.log.Enabled(context.Background(), logs.LevelDebug)
	for _, group := range i.conf.PriorityGroups() {
		if debug {
			i.log.Debug("Selecting BSS from priority group", "priority", group[0].Priority, "networks", len(group))
		}
		var first *candidate
		wants := make([]*rsn.Wishes, len(group))
		for k, n := range group {
			wants[k] = wishesOf(n, &i.conf.Globals)
		}
		for _, b := range order {
			for k, n := range group {
				why := i.unfit(b, n, wants[k], device, heedIgnored)
				if debug && why != "" && n.Disabled == 0 {
					i.log.Debug(fmt.Sprintf("   %v ssid='%s' freq=%d level=%d: skip for network %d: %s", b.BSSID, b.SSID, b.Freq, b.Level, n.ID, why))
				}
				if why != "" {
					continue
				}
				c := &candidate{b, n, i.joinSSID(b, n)}
				if n.BSSIDHint == nil || *n.BSSIDHint == b.BSSID {
					return i.chosen(c)
				}
				if first == nil {
					first = c
				}
			}
		}
		if first != nil {
			return i.chosen(first)
		}
	}
	return nil
}

// unfit is why b is no candidate for n now, or empty.
func (i *Interface) unfit(b *bss.BSS, n *conf.Network, wants *rsn.Wishes, device *rsn.Device, heedIgnored bool) string {
	if why := i.reject(b, n, wants, device); why != "" {
		return why
	}
	if i.conn.search.unheard(b) {
		return "gave no answer and was not heard since"
	}
	if heedIgnored && i.ignore.ignored(b.BSSID, i.loop.Now()) {
		return "BSSID ignored after failures"
	}
	return ""
}

func (i *Interface) chosen(c *candidate) *candidate {
	b, n := c.bss, c.network
	i.log.Debug(fmt.Sprintf("   selected BSS %v ssid='%s' for network %d", b.BSSID, b.SSID, n.ID), "freq", b.Freq, "level", b.Level, "throughput", b.EstThroughput)
	return c
}

// joinSSID is the name to associate with at b.
func (i *Interface) joinSSID(b *bss.BSS, n *conf.Network) dot11.SSID {
	if !b.SSID.IsHidden() {
		return b.SSID
	}
	if ssid := i.oweHidden(b); ssid != nil {
		return ssid
	}
	return dot11.SSID(n.SSID)
}

// compareBSS puts the better BSS first: protected before open, then by the
// throughput to expect (in which the signal counts already), signal, quality.
func compareBSS(a, b *bss.BSS) int {
	for _, d := range [...]int{
		protection(b) - protection(a),
		b.EstThroughput - a.EstThroughput,
		b.SNR - a.SNR,
		b.Level - a.Level,
		b.Qual - a.Qual,
	} {
		if d != 0 {
			return d
		}
	}
	return int(a.ID) - int(b.ID)
}

func protection(b *bss.BSS) int {
	if rsne, err := b.RSN(); rsne != nil && err == nil {
		return 2
	}
	if wpa, err := b.WPA(); wpa != nil && err == nil {
		return 1
	}
	return 0
}

// reject tells why b is not a candidate for n, or "" when it is one.
func (i *Interface) reject(b *bss.BSS, n *conf.Network, w *rsn.Wishes, d *rsn.Device) string {
	if why := i.rejectNetwork(n); why != "" {
		return why
	}
	if why := i.rejectPlace(b, n, w); why != "" {
		return why
	}
	if why := i.restrict.reject(b); why != "" {
		return why
	}
	return rejectSecurity(b, n, &i.conf.Globals, w, d)
}

func (i *Interface) rejectNetwork(n *conf.Network) string {
	switch {
	case n.Disabled != 0:
		return "network disabled"
	case n.Mode != 0:
		return "not a station network"
	}
	if left, held := i.NetworkTempDisabled(n); held {
		return fmt.Sprintf("disabled temporarily for %d second(s)", int(left/time.Second))
	}
	if n.KeyMgmt&^(conf.KeyMgmtNone|conf.KeyMgmtWPS) == 0 && n.KeyMgmt&conf.KeyMgmtWPS != 0 {
		return "WPS enrolment is not supported"
	}
	return ""
}

// rejectPlace checks name, address, channel and kind.
func (i *Interface) rejectPlace(b *bss.BSS, n *conf.Network, w *rsn.Wishes) string {
	ssid := oweSSID(b, w.AKMs)
	switch {
	case ssid.IsHidden():
		return "SSID not known"
	case n.SSID.IsSet() && len(n.SSID) > 0 && string(n.SSID) != string(ssid):
		return "SSID mismatch"
	case n.BSSID != nil && *n.BSSID != b.BSSID:
		return "BSSID mismatch"
	case matchesAny(n.BSSIDIgnore, b.BSSID):
		return "BSSID in bssid_ignore"
	case len(n.BSSIDAccept) > 0 && !matchesAny(n.BSSIDAccept, b.BSSID):
		return "BSSID not in bssid_accept"
	case len(n.FreqList) > 0 && !slices.Contains(n.FreqList, b.Freq):
		return "frequency not in freq_list of the network"
	case len(i.conf.Globals.FreqList) > 0 && !slices.Contains(i.conf.Globals.FreqList, b.Freq):
		return "frequency not in freq_list"
	case len(i.want.freqs) > 0 && !slices.Contains(i.want.freqs, b.Freq):
		return "frequency not among those selected"
	case b.Mode() != dot11.ModeInfrastructure:
		return "not an infrastructure BSS"
	}
	return ""
}

func matchesAny(list []conf.AddrMask, a dot11.MAC) bool {
	return slices.ContainsFunc(list, func(m conf.AddrMask) bool { return m.Matches(a) })
}

package engine

import (
	"slices"

	"gosupplicant/conf"
	"gosupplicant/drivers"
	"gosupplicant/engine/bss"
	"gosupplicant/engine/dot11"
)

// A scan of our own that may cover everything is made in slices, the likeliest
// channels first: most of the time of a connection is scanning, and most of
// that is channels where nobody is. When a slice shows a good candidate the rest
// is not scanned. To observers it is one scan.

// goodLevel is the signal, in dBm, at which a candidate is joined without
// looking any further.
const goodLevel = -67

// slice plans the slices of a scan, once.
func (i *Interface) slice(j *scanJob) {
	if j.sliced || !j.own || j.narrow != narrowNo || len(j.req.Freqs) > 0 {
		return
	}
	j.sliced = true
	g := &i.conf.Globals
	if len(i.planFreqs(true)) > 0 || len(g.FreqList) > 0 || g.PassiveScan != 0 {
		return
	}
	allowed := i.restrict.freqs(i.capa)
	j.slices = planSlices(i.capa, i.likelyFreqs(), func(freq int) bool { return len(allowed) == 0 || slices.Contains(allowed, freq) })
	if len(j.slices) > 0 {
		j.req.Freqs, j.slices = j.slices[0], j.slices[1:]
	}
}

// nextSlice goes on with the scan when there is more of it and no good candidate
// yet; it reports whether it did.
func (i *Interface) nextSlice(j *scanJob, aborted bool) bool {
	if len(j.slices) == 0 || aborted || i.want.disconnected || i.state > StateScanning || i.goodCandidate() {
		return false
	}
	j.req.Freqs, j.slices = j.slices[0], j.slices[1:]
	i.scan.queue(j)
	return true
}

// goodCandidate reports whether the table holds one that is worth joining at once.
func (i *Interface) goodCandidate() bool {
	c := i.pick(true)
	return c != nil && c.bss.Flags&bss.FlagLevelDBm != 0 && c.bss.Level >= goodLevel && c.bss.UpdateIndex == i.table.UpdateIndex()
}

// likelyFreqs are channels where an enabled network was connected or heard.
func (i *Interface) likelyFreqs() []int {
	out := i.knownFreqs()
	for _, n := range i.conf.Networks {
		if p := i.places.find(n.SSID); p != nil && n.Disabled == 0 {
			out = append(out, p.freq)
		}
	}
	for b := range i.table.All() {
		if slices.ContainsFunc(i.conf.Networks, func(n *conf.Network) bool {
			return n.Disabled == 0 && len(n.SSID) > 0 && string(n.SSID) == string(b.SSID)
		}) {
			out = append(out, b.Freq)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// planSlices divides the channels of a device: first the likely ones, then those
// that access points use most, the rest of 2.4 GHz, 5 GHz where we may send, 5 GHz
// where we may only listen, and 6 GHz.
func planSlices(capa *drivers.Capability, likely []int, allowed func(int) bool) [][]int {
	var out [6][]int
	for k := range capa.Bands {
		for _, ch := range capa.Bands[k].Channels {
			if ch.Flags&drivers.ChanDisabled != 0 || !allowed(ch.Freq) {
				continue
			}
			at := 2
			passive := ch.Flags&(drivers.ChanNoIR|drivers.ChanRadar) != 0
			band, number := dot11.Channel(ch.Freq)
			switch {
			case slices.Contains(likely, ch.Freq):
				at = 0
			case band == dot11.Band2GHz && (number == 1 || number == 6 || number == 11):
				at = 1
			case band == dot11.Band6GHz:
				at = 5
			case passive:
				at = 4
			case band != dot11.Band2GHz:
				at = 3
			}
			out[at] = append(out[at], ch.Freq)
		}
	}
	return slices.DeleteFunc(out[:], func(s []int) bool { return len(s) == 0 })
}

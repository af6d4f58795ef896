package bss

import (
	"cmp"
	"slices"
)

// evictMargin is by how many dB a new BSS must be stronger than one heard in
// the same scan to take its place. Without it a table that is too small for
// its surroundings would be turned over by every scan.
const evictMargin = 10

// makeRoom removes entries, and leaves out new ones, until the results fit in.
//
// In order, those go first that the results do not have, oldest first, then
// the weakest; and entries of unknown networks always before those of known
// ones, be they new or old. Entries in use stay. When all are in use the table
// grows beyond its limit only by those.
func (u *update) makeRoom() {
	over := len(u.t.byID) + len(u.news) - u.opts.MaxCount
	if over <= 0 {
		return
	}
	victims := u.victims()
	arrivals := u.arrivals()
	// What the results do not have, of unknown networks, makes room first; it
	// goes also when the limit itself was lowered.
	for over > 0 && len(victims) > 0 && !victims[0].seen && !victims[0].known {
		victims = u.evict(victims)
		over--
	}
	for over > 0 && len(arrivals) > 0 {
		weakest := arrivals[len(arrivals)-1]
		if len(victims) > 0 && victims[0].yieldsTo(weakest) {
			victims = u.evict(victims)
		} else {
			arrivals = u.refuse(arrivals)
		}
		over--
	}
	for over > 0 && len(victims) > 0 {
		victims = u.evict(victims)
		over--
	}
	u.t.compact()
}

// victim is an entry that may be removed, or a result that may be left out.
type victim struct {
	bss   *BSS
	index int // of the result, for arrivals
	known bool
	seen  bool // among the results
	level int
	order int
}

// yieldsTo reports whether the entry makes room for the arrival.
func (v victim) yieldsTo(a victim) bool {
	if v.known != a.known {
		return a.known
	}
	return !v.seen || a.level >= v.level+evictMargin
}

// victims returns the entries that may go, the first to go first.
func (u *update) victims() []victim {
	var out []victim
	n := 0
	for b := u.t.oldest; b != nil; b = b.next {
		n++
		if u.opts.InUse.of(b) {
			continue
		}
		v := victim{bss: b, known: u.opts.Known.of(b), seen: b.pending != 0, order: n}
		if v.seen {
			v.level = u.results[b.pending-1].Level
		}
		out = append(out, v)
	}
	slices.SortFunc(out, func(a, b victim) int {
		return cmp.Or(compareBool(a.known, b.known), compareBool(a.seen, b.seen),
			cmp.Compare(a.level, b.level), cmp.Compare(a.order, b.order))
	})
	return out
}

// arrivals returns the results that need a new entry, the last to come in last.
func (u *update) arrivals() []victim {
	out := make([]victim, 0, len(u.news))
	for _, i := range u.news {
		r := &u.results[i]
		ssid, _ := ssidOf(r)
		probe := BSS{BSSID: r.BSSID, SSID: ssid, Freq: r.Freq, Caps: r.Caps, IEs: r.IEs}
		if u.opts.InUse.of(&probe) {
			continue // it comes in whatever the others do
		}
		out = append(out, victim{index: i, known: u.opts.Known.of(&probe), level: r.Level, order: i})
	}
	slices.SortFunc(out, func(a, b victim) int {
		return cmp.Or(compareBool(b.known, a.known), cmp.Compare(b.level, a.level), cmp.Compare(a.order, b.order))
	})
	return out
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// evict removes the first victim.
func (u *update) evict(victims []victim) []victim {
	b := victims[0].bss
	u.t.unlink(b)
	u.diff.Removed = append(u.diff.Removed, b)
	if b.pending != 0 {
		u.entries[b.pending-1].use = false
		b.pending = 0
	}
	return victims[1:]
}

// refuse leaves out the last arrival.
func (u *update) refuse(arrivals []victim) []victim {
	last := arrivals[len(arrivals)-1]
	u.entries[last.index].use = false
	u.diff.Ignored = append(u.diff.Ignored, Ignored{u.results[last.index].BSSID, "table is full"})
	return arrivals[:len(arrivals)-1]
}

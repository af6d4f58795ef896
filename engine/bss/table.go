package bss

import (
	"bytes"
	"iter"
	"slices"
	"sort"
	"time"

	"gosupplicant/engine/dot11"
)

// Defaults of the configuration.
const (
	DefaultMaxCount = 1000
	DefaultMaxMiss  = 2
	DefaultMaxAge   = 180 * time.Second
)

// Table holds the BSSs of one interface. The zero value is not usable; see New.
type Table struct {
	byBSSID     map[dot11.MAC]*BSS // heads of chains through sameBSSID
	byID        []*BSS             // ascending; removed ones are compacted at the end of each call
	oldest      *BSS               // order of update, oldest first
	newest      *BSS
	nextID      uint32
	updateIndex uint32
}

// New returns an empty table. The first entry gets the identifier 0.
func New() *Table { return &Table{byBSSID: make(map[dot11.MAC]*BSS)} }

// Len returns the number of entries.
func (t *Table) Len() int { return len(t.byID) }

// UpdateIndex returns the number of updates so far, the update_idx of an entry
// that the last one had.
func (t *Table) UpdateIndex() uint32 { return t.updateIndex }

// ByID returns the entry with the identifier, nil without one.
func (t *Table) ByID(id uint32) *BSS {
	if i := t.search(id); i < len(t.byID) && t.byID[i].ID == id {
		return t.byID[i]
	}
	return nil
}

// After returns the entry with the lowest identifier above id, nil without one.
func (t *Table) After(id uint32) *BSS {
	i := t.search(id)
	if i < len(t.byID) && t.byID[i].ID == id {
		i++
	}
	return t.At(i)
}

// search returns the position of the first entry whose identifier is id or more.
func (t *Table) search(id uint32) int {
	return sort.Search(len(t.byID), func(i int) bool { return t.byID[i].ID >= id })
}

// At returns the i-th entry in order of identifiers, nil when out of range.
func (t *Table) At(i int) *BSS {
	if i < 0 || i >= len(t.byID) {
		return nil
	}
	return t.byID[i]
}

// Get returns the entry of a BSSID and SSID, nil without one.
func (t *Table) Get(bssid dot11.MAC, ssid []byte) *BSS {
	for b := t.byBSSID[bssid]; b != nil; b = b.sameBSSID {
		if bytes.Equal(b.SSID, ssid) {
			return b
		}
	}
	return nil
}

// Latest returns the entry of a BSSID that was heard last, whatever its SSID;
// nil without one. Among equals the one with the later update, then the
// higher identifier.
func (t *Table) Latest(bssid dot11.MAC) *BSS {
	best := t.byBSSID[bssid]
	if best == nil {
		return nil
	}
	for b := best.sameBSSID; b != nil; b = b.sameBSSID {
		c := b.LastUpdate.Compare(best.LastUpdate)
		if c > 0 || c == 0 && (b.UpdateIndex > best.UpdateIndex || b.UpdateIndex == best.UpdateIndex && b.ID > best.ID) {
			best = b
		}
	}
	return best
}

// All yields the entries in order of identifiers. The table must not be
// changed meanwhile.
func (t *Table) All() iter.Seq[*BSS] { return slices.Values(t.byID) }

// ByUpdate yields the entries in order of their last update, oldest first. The
// table must not be changed meanwhile.
func (t *Table) ByUpdate() iter.Seq[*BSS] {
	return func(yield func(*BSS) bool) {
		for b := t.oldest; b != nil; b = b.next {
			if !yield(b) {
				return
			}
		}
	}
}

// Predicate answers a question about an entry; nil answers no.
type Predicate func(*BSS) bool

func (p Predicate) of(b *BSS) bool { return p != nil && p(b) }

// FlushAge removes entries last heard more than age before now, except those
// in use, and returns them in order of update. A zero or negative age removes
// all that are not in use.
func (t *Table) FlushAge(now time.Time, age time.Duration, inUse Predicate) []*BSS {
	limit := now.Add(-age)
	return t.removeIf(func(b *BSS) bool {
		return (age <= 0 || b.LastUpdate.Before(limit)) && !inUse.of(b)
	})
}

// FlushAll removes all entries, except those in use, and returns them in order
// of update.
func (t *Table) FlushAll(inUse Predicate) []*BSS {
	return t.removeIf(func(b *BSS) bool { return !inUse.of(b) })
}

// Remove removes one entry; one that is not in the table is left alone.
func (t *Table) Remove(b *BSS) {
	if b == nil || t.ByID(b.ID) != b {
		return
	}
	t.unlink(b)
	t.compact()
}

// NextExpiry returns when the first entry not in use will be older than age,
// so that the caller can sleep until then; false when none ever will be.
func (t *Table) NextExpiry(age time.Duration, inUse Predicate) (time.Time, bool) {
	var first time.Time
	found := false
	for b := t.oldest; b != nil; b = b.next {
		if (found && !b.LastUpdate.Before(first)) || inUse.of(b) {
			continue
		}
		first, found = b.LastUpdate, true
	}
	if !found {
		return time.Time{}, false
	}
	return first.Add(age), true
}

func (t *Table) removeIf(cond Predicate) []*BSS {
	var out []*BSS
	for b := t.oldest; b != nil; {
		next := b.next
		if cond(b) {
			t.unlink(b)
			out = append(out, b)
		}
		b = next
	}
	if out != nil {
		t.compact()
	}
	return out
}

// insert adds a new entry at the end of both orders.
func (t *Table) insert(b *BSS) {
	b.ID = t.nextID
	t.nextID++
	b.sameBSSID = t.byBSSID[b.BSSID]
	t.byBSSID[b.BSSID] = b
	t.byID = append(t.byID, b)
	t.pushNewest(b)
}

// unlink takes an entry out of the chain and the order of update and marks it;
// compact must follow.
func (t *Table) unlink(b *BSS) {
	head := t.byBSSID[b.BSSID]
	switch {
	case head == b && b.sameBSSID == nil:
		delete(t.byBSSID, b.BSSID)
	case head == b:
		t.byBSSID[b.BSSID] = b.sameBSSID
	default:
		for p := head; p != nil; p = p.sameBSSID {
			if p.sameBSSID == b {
				p.sameBSSID = b.sameBSSID
				break
			}
		}
	}
	b.sameBSSID = nil
	t.pull(b)
	b.removed = true
}

// compact drops marked entries from byID.
func (t *Table) compact() {
	t.byID = slices.DeleteFunc(t.byID, func(b *BSS) bool { return b.removed })
}

func (t *Table) pull(b *BSS) {
	if b.prev != nil {
		b.prev.next = b.next
	} else {
		t.oldest = b.next
	}
	if b.next != nil {
		b.next.prev = b.prev
	} else {
		t.newest = b.prev
	}
	b.prev, b.next = nil, nil
}

func (t *Table) pushNewest(b *BSS) {
	b.prev, b.next = t.newest, nil
	if t.newest != nil {
		t.newest.next = b
	} else {
		t.oldest = b
	}
	t.newest = b
}

func (t *Table) moveNewest(b *BSS) {
	if t.newest != b {
		t.pull(b)
		t.pushNewest(b)
	}
}

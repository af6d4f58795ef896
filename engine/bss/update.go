package bss

import (
	"bytes"
	"slices"
	"time"

	"gosupplicant/engine/dot11"
)

// Fields tells which properties of an entry an update changed.
type Fields uint16

// Properties.
const (
	FieldFreq Fields = 1 << iota
	FieldSignal
	FieldPrivacy
	FieldMode
	FieldWPA
	FieldRSN
	FieldWPS
	FieldIEs
	FieldRates
	FieldAge // it was heard again
)

// Change is an entry and what changed of it.
type Change struct {
	BSS    *BSS
	Fields Fields
}

// Ignored is a result that found no way into the table, and why.
type Ignored struct {
	BSSID  dot11.MAC
	Reason string
}

// Diff is what one update did. Added and Changed are in order of the results;
// Removed begins with those that had to make room. No entry is in two lists.
type Diff struct {
	Added   []*BSS
	Changed []Change
	Removed []*BSS
	Ignored []Ignored
}

// UpdateOpts describes the scan that led to the results, and the limits.
type UpdateOpts struct {
	Now time.Time // when the results were fetched
	// NewScan says that the results belong to a scan that has run to its end,
	// so that entries it covered and did not find may be counted as missed.
	NewScan bool
	// Freqs are the frequencies that were scanned, MHz; empty means all.
	Freqs []int
	// SSIDs are the names that were asked for; empty means all, and so does an
	// empty one among them. Entries with other names are not counted as missed.
	SSIDs []dot11.SSID
	// MaxCount and MaxMiss stand for their defaults when not positive.
	MaxCount int
	MaxMiss  int
	// InUse protects an entry from leaving. Known tells entries of configured
	// networks, which are the last to make room for others.
	InUse Predicate
	Known Predicate
	// Local returns what the own radio can do at a frequency in MHz; nil
	// stands for a radio with legacy rates only.
	Local func(freq int) dot11.LocalPHY
}

// maxElementBytes bounds the elements kept of one frame; no management frame
// is longer (9.2.4.7.1).
const maxElementBytes = 11454

// heardAgain is how far the time of hearing must move to count as heard again:
// drivers give the age in milliseconds, which makes the sum jitter.
const heardAgain = 50 * time.Millisecond

// Update takes in the results of one scan, or a driver's whole table fetched
// at another time (NewScan false), and returns what changed. When several
// results describe one BSS the most recently heard counts.
func (t *Table) Update(results []Result, opts UpdateOpts) Diff {
	if opts.MaxCount <= 0 {
		opts.MaxCount = DefaultMaxCount
	}
	if opts.MaxMiss <= 0 {
		opts.MaxMiss = DefaultMaxMiss
	}
	t.updateIndex++
	u := &update{t: t, opts: &opts, results: results}
	u.resolve()
	u.makeRoom()
	for i := range results {
		if u.entries[i].use {
			u.apply(i)
		}
	}
	if opts.NewScan {
		u.countMisses()
	}
	t.compact()
	return u.diff
}

// update is the work of one call of Update.
type update struct {
	t       *Table
	opts    *UpdateOpts
	results []Result
	entries []entry // one for each result
	diff    Diff
	local   map[int]dot11.LocalPHY
	news    []int // results that need a new entry
}

// entry is what resolve found out about one result.
type entry struct {
	use bool
	bss *BSS // existing entry, nil for a new one
}

// resolve validates the results, finds their entries and drops older
// duplicates.
func (u *update) resolve() {
	u.entries = make([]entry, len(u.results))
	var first map[newKey]int
	for i := range u.results {
		r, e := &u.results[i], &u.entries[i]
		ssid, reason := ssidOf(r)
		if reason != "" {
			u.diff.Ignored = append(u.diff.Ignored, Ignored{r.BSSID, reason})
			continue
		}
		e.use = true
		e.bss = u.t.Get(r.BSSID, ssid)
		if e.bss != nil {
			u.dedupe(i, &e.bss.pending)
			continue
		}
		if first == nil {
			first = make(map[newKey]int)
		}
		key := newKey{r.BSSID, string(ssid)}
		at := first[key]
		u.dedupe(i, &at)
		first[key] = at
		u.news = append(u.news, i)
	}
	u.news = slices.DeleteFunc(u.news, func(i int) bool { return !u.entries[i].use })
}

type newKey struct {
	bssid dot11.MAC
	ssid  string
}

// dedupe keeps the younger of result i and of the one that at remembers, as
// its position plus one.
func (u *update) dedupe(i int, at *int) {
	if *at == 0 {
		*at = i + 1
		return
	}
	other := *at - 1
	if u.results[i].Age < u.results[other].Age {
		u.entries[other].use = false
		*at = i + 1
	} else {
		u.entries[i].use = false
	}
}

// ssidOf returns the SSID of a result, or the reason why it is not used.
func ssidOf(r *Result) ([]byte, string) {
	if len(r.IEs) > maxElementBytes || len(r.BeaconIEs) > maxElementBytes {
		return nil, "more elements than a frame holds"
	}
	ssid, ok := dot11.Elements(r.IEs).Find(dot11.ElementSSID)
	switch {
	case !ok:
		return nil, "no SSID element"
	case len(ssid) > dot11.MaxSSIDLen:
		return nil, "SSID element too long"
	}
	return ssid, ""
}

// apply brings one result into its entry, made when there is none.
func (u *update) apply(i int) {
	r, e := &u.results[i], &u.entries[i]
	if e.bss == nil {
		ssid, _ := ssidOf(r)
		b := &BSS{BSSID: r.BSSID, SSID: bytes.Clone(ssid)}
		e.bss = b
		u.t.insert(b)
		u.store(b, r)
		b.LastUpdate = u.opts.Now.Add(-max(0, r.Age))
		u.diff.Added = append(u.diff.Added, b)
		return
	}
	b := e.bss
	b.pending = 0
	changed := u.compare(b, r)
	u.t.moveNewest(b)
	u.store(b, r)
	if heard := u.opts.Now.Add(-max(0, r.Age)); heard.After(b.LastUpdate) {
		if heard.Sub(b.LastUpdate) >= heardAgain {
			changed |= FieldAge
		}
		b.LastUpdate = heard
	}
	if changed != 0 {
		if u.diff.Changed == nil {
			u.diff.Changed = make([]Change, 0, len(u.results)-i)
		}
		u.diff.Changed = append(u.diff.Changed, Change{b, changed})
	}
}

// compare tells in which fields a result differs from the entry.
func (u *update) compare(b *BSS, r *Result) Fields {
	var f Fields
	if b.Freq != r.Freq {
		f |= FieldFreq
	}
	if b.Level != r.Level {
		f |= FieldSignal
	}
	if (b.Caps^r.Caps)&dot11.CapPrivacy != 0 {
		f |= FieldPrivacy
	}
	sameIEs := bytes.Equal(b.IEs, r.IEs)
	if !sameIEs || b.Caps != r.Caps || b.Freq != r.Freq {
		if b.Mode() != dot11.ModeOf(r.IEs, r.Caps, r.Freq) {
			f |= FieldMode
		}
	}
	if sameIEs {
		return f
	}
	return f | compareIEs(b.IEs, r.IEs) | FieldIEs
}

// compareIEs tells which properties made from elements differ.
func compareIEs(a, b dot11.Elements) Fields {
	var f Fields
	if !sameVendor(a, b, dot11.MicrosoftWPA) {
		f |= FieldWPA
	}
	if !sameVendor(a, b, dot11.MicrosoftWPS) {
		f |= FieldWPS
	}
	if !sameElement(a, b, dot11.ElementRSN) {
		f |= FieldRSN
	}
	if !sameElement(a, b, dot11.ElementSupportedRates) || !sameElement(a, b, dot11.ElementExtendedSupportedRates) {
		f |= FieldRates
	}
	return f
}

func sameElement(a, b dot11.Elements, id dot11.ElementID) bool {
	x, okX := a.Find(id)
	y, okY := b.Find(id)
	return okX == okY && bytes.Equal(x, y)
}

func sameVendor(a, b dot11.Elements, typ uint8) bool {
	x, okX := a.JoinVendor(dot11.OUIMicrosoft, typ)
	y, okY := b.JoinVendor(dot11.OUIMicrosoft, typ)
	return okX == okY && bytes.Equal(x, y)
}

// store copies a result into the entry, reusing what did not change.
func (u *update) store(b *BSS, r *Result) {
	sameIEs := bytes.Equal(b.IEs, r.IEs)
	if !sameIEs || !bytes.Equal(b.BeaconIEs, r.BeaconIEs) {
		buf := make([]byte, 0, len(r.IEs)+len(r.BeaconIEs))
		buf = append(append(buf, r.IEs...), r.BeaconIEs...)
		n := len(r.IEs)
		b.IEs, b.BeaconIEs = buf[:n:n], buf[n:]
	}
	snr := dot11.SNR(dot11.SNRInput{Level: r.Level, LevelDBm: r.Flags&FlagLevelDBm != 0,
		Noise: r.Noise, NoiseValid: r.Flags&FlagNoiseInvalid == 0, Freq: r.Freq})
	if !sameIEs {
		b.parsed = parsed{}
		b.MLDAddr, b.HasMLD = dot11.MLDAddress(b.IEs)
	}
	phy := u.localPHY(r.Freq)
	if !sameIEs || snr != b.SNR || r.Freq != b.Freq || phy != b.estimatedFor {
		b.SNR, b.estimatedFor = snr, phy
		b.EstThroughput = dot11.EstimateThroughput(b.IEs, r.Freq, snr, phy)
	}
	b.Freq, b.BeaconInt, b.Caps, b.Flags = r.Freq, r.BeaconInt, r.Caps, r.Flags
	b.Qual, b.Noise, b.Level = r.Qual, r.Noise, r.Level
	b.TSF, b.ParentTSF, b.ParentBSS = r.TSF, r.ParentTSF, r.ParentBSS
	b.BeaconNewer = r.BeaconNewer
	b.UpdateIndex = u.t.updateIndex
	b.SeenCount++
	b.ScanMissCount = 0
}

// localPHY asks the caller once for each frequency.
func (u *update) localPHY(freq int) dot11.LocalPHY {
	if u.opts.Local == nil {
		return dot11.LocalPHY{}
	}
	phy, ok := u.local[freq]
	if !ok {
		if u.local == nil {
			u.local = make(map[int]dot11.LocalPHY)
		}
		phy = u.opts.Local(freq)
		u.local[freq] = phy
	}
	return phy
}

// countMisses counts the scan against the entries that it covered and did not
// find, and removes those that were missed too often.
func (u *update) countMisses() {
	for b := u.t.oldest; b != nil; {
		next := b.next
		if b.UpdateIndex != u.t.updateIndex && u.covered(b) && !u.opts.InUse.of(b) {
			b.ScanMissCount++
			if b.ScanMissCount >= u.opts.MaxMiss {
				u.t.unlink(b)
				u.diff.Removed = append(u.diff.Removed, b)
			}
		}
		b = next
	}
}

// covered reports whether the scan would have found the entry.
func (u *update) covered(b *BSS) bool {
	if len(u.opts.Freqs) > 0 && !slices.Contains(u.opts.Freqs, b.Freq) {
		return false
	}
	if len(u.opts.SSIDs) == 0 {
		return true
	}
	return slices.ContainsFunc(u.opts.SSIDs, func(s dot11.SSID) bool {
		return len(s) == 0 || bytes.Equal(s, b.SSID)
	})
}

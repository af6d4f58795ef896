package engine

import (
	"slices"
	"time"

	"gosupplicant/engine/dot11"
	"gosupplicant/engine/loop"
)

// ignoreList keeps BSSIDs that failed out of selection for a while, longer
// with each failure, as upstream does.
type ignoreList struct {
	entries []*ignoreEntry // in order of addition
}

type ignoreEntry struct {
	bssid dot11.MAC
	count int
	until time.Time
	timer *loop.Timer
}

// ignoreFor is how long a BSSID with count failures is left alone.
func ignoreFor(count int) time.Duration {
	switch {
	case count >= 5:
		return 1800 * time.Second
	case count == 4:
		return 600 * time.Second
	case count == 3:
		return 120 * time.Second
	case count == 2:
		return 60 * time.Second
	}
	return 10 * time.Second
}

// ignoreForget drops the memory of an entry long after its time is over.
const ignoreForget = 3600 * time.Second

func (l *ignoreList) find(b dot11.MAC) *ignoreEntry {
	for _, e := range l.entries {
		if e.bssid == b {
			return e
		}
	}
	return nil
}

// ignored reports whether b is to be left alone now.
func (l *ignoreList) ignored(b dot11.MAC, now time.Time) bool {
	e := l.find(b)
	return e != nil && now.Before(e.until)
}

// IgnoreBSSID adds b to the ignore list or counts its entry up.
func (i *Interface) IgnoreBSSID(b dot11.MAC) error {
	if b.IsZero() {
		return &InvalidError{What: "BSSID"}
	}
	e := i.ignore.find(b)
	if e == nil {
		e = &ignoreEntry{bssid: b}
		i.ignore.entries = append(i.ignore.entries, e)
	}
	e.count++
	d := ignoreFor(e.count)
	e.until = i.loop.Now().Add(d)
	e.timer.Stop()
	e.timer = i.loop.After(d+ignoreForget, i.Name()+" ignore list", func() { i.unignore(e, "expired") })
	i.emit(BSSIDIgnored{i, b, e.count, int(d / time.Second)})
	return nil
}

func (i *Interface) unignore(e *ignoreEntry, why string) {
	e.timer.Stop()
	if k := slices.Index(i.ignore.entries, e); k >= 0 {
		i.ignore.entries = slices.Delete(i.ignore.entries, k, k+1)
		i.emit(BSSIDUnignored{i, e.bssid, why})
	}
}

// ClearIgnored empties the ignore list.
func (i *Interface) ClearIgnored() {
	for len(i.ignore.entries) > 0 {
		i.unignore(i.ignore.entries[0], "clear")
	}
}

// IgnoredBSSIDs lists the BSSIDs that are left alone now.
func (i *Interface) IgnoredBSSIDs() []dot11.MAC {
	var out []dot11.MAC
	for _, e := range i.ignore.entries {
		if i.loop.Now().Before(e.until) {
			out = append(out, e.bssid)
		}
	}
	return out
}

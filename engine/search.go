package engine

import (
	"time"

	"gosupplicant/engine/bss"
	"gosupplicant/engine/dot11"
)

// search is the hunt for the access point of a connection that was lost: its
// channel is looked at again and again, with pauses that grow with the time it is
// away, and everything else now and then.
type search struct {
	lostAt time.Time // zero while connected, or when the user left
	fullAt time.Time // of the last look at everything
	// silent are access points that gave no answer, and when: they are not tried
	// again before they are heard again.
	silent map[dot11.MAC]time.Time
	unsaid int // attempts without an answer in a row
	ahead  saeAhead
}

// Limits of a search.
const (
	searchWindow  = time.Minute
	searchFull    = 8 * time.Second // between looks at everything
	searchLeast   = 3 * time.Millisecond
	searchMost    = time.Second
	searchShare   = 100 // a pause is this part of the time since the loss
	silentGrace   = 3   // attempts without an answer that are nobody's fault yet
	maxSilentBSSs = 256
)

// markSilent notes that b did not answer.
func (s *search) markSilent(b *bss.BSS, now time.Time) {
	if s.silent == nil || len(s.silent) >= maxSilentBSSs {
		s.silent = map[dot11.MAC]time.Time{}
	}
	s.silent[b.BSSID] = now
}

// unheard reports whether b gave no answer and was not heard since.
func (s *search) unheard(b *bss.BSS) bool {
	at, ok := s.silent[b.BSSID]
	return ok && !b.LastUpdate.After(at)
}

// found ends the search.
func (s *search) found() {
	s.ahead.abandon()
	*s = search{}
}

// lose begins it.
func (s *search) lose(now time.Time) {
	if s.lostAt.IsZero() {
		s.lostAt, s.fullAt = now, now
	}
}

// active reports whether the loss is recent enough to hunt.
func (s *search) active(now time.Time) bool {
	return !s.lostAt.IsZero() && now.Sub(s.lostAt) < searchWindow
}

// pause is the time until the next look at the known channel.
func (s *search) pause(now time.Time) time.Duration {
	return min(max(now.Sub(s.lostAt)/searchShare, searchLeast), searchMost)
}

// fullDue reports whether it is time to look at everything, and notes that it is
// done.
func (s *search) fullDue(now time.Time) bool {
	if now.Sub(s.fullAt) < searchFull {
		return false
	}
	s.fullAt = now
	return true
}

// huntAgain plans the next look at the known channel, or tells that the hunt is over.
func (i *Interface) huntAgain() bool {
	s, now := &i.conn.search, i.loop.Now()
	if !s.active(now) || len(i.knownFreqs()) == 0 || i.state >= StateAuthenticating {
		return false
	}
	i.conn.retry.Stop()
	i.conn.retry = i.loop.After(s.pause(now), i.name+" search", func() {
		if i.conn.attempt == nil && i.conn.link == nil {
			i.tryKnown()
		}
	})
	return true
}

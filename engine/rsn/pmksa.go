package rsn

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gosupplicant/engine/dot11"
	"gosupplicant/engine/keys"
)

// Limits and defaults of the PMKSA cache.
const (
	MaxPMKSAs          = 32                  // entries of one interface
	DefaultPMKLifetime = 43200 * time.Second // dot11RSNAConfigPMKLifetime
	DefaultPMKReauth   = 70                  // dot11RSNAConfigPMKReauthThreshold, percent
)

// PMKSA is a cached PMK security association.
type PMKSA struct {
	AA, SPA       dot11.MAC
	PMKID         keys.PMKID
	PMK           keys.Secret
	AKM           dot11.AKM
	Network       int       // identifier of the configured network
	Expires       time.Time // from then on it may not be used
	Reauth        time.Time // from then on EAP should be run anew
	Opportunistic bool      // made from the PMK of another BSS of the network
	FILSCacheID   *[2]byte  // of FILS; only kept and shown
}

// PMKSAChange is one addition to or removal from the cache, in the order in which
// they happened.
type PMKSAChange struct {
	Added bool
	Entry PMKSA // without its PMK when removed
}

// Cache is the PMKSA cache of one interface. It has no clock: times are passed in.
// The PMKs in it are its own; callers that keep one clone it.
type Cache struct {
	entries  []*PMKSA
	lifetime time.Duration
	reauth   int         // percent
	loners   []dot11.MAC // access points that did not take a key made with another one
}

// maxLoners bounds the memory of access points that share no keys.
const maxLoners = MaxPMKSAs

// NewCache returns an empty cache with the default lifetime and threshold.
func NewCache() *Cache { return &Cache{lifetime: DefaultPMKLifetime, reauth: DefaultPMKReauth} }

// SetLifetime sets for how long new entries live, and after which share of that
// (1 to 100 percent) they ask for reauthentication.
func (c *Cache) SetLifetime(life time.Duration, percent int) error {
	if life < time.Second || percent < 1 || percent > 100 {
		return fmt.Errorf("rsn: PMK lifetime %v with threshold %d%%", life, percent)
	}
	c.lifetime, c.reauth = life, percent
	return nil
}

// Lifetime returns what SetLifetime set.
func (c *Cache) Lifetime() (time.Duration, int) { return c.lifetime, c.reauth }

// Len returns the number of entries.
func (c *Cache) Len() int { return len(c.entries) }

// Add puts an entry into the cache. A zero Expires or Reauth is computed from now
// and the cache's lifetime. An entry of the same network, AA, SPA and AKM is
// replaced; with the same PMK and PMKID it stays, and nothing changes but its times.
// When the cache is full, the entry that expires first goes, but not current.
func (c *Cache) Add(now time.Time, e PMKSA, current *keys.PMKID) []PMKSAChange {
	if e.Expires.IsZero() {
		e.Expires = now.Add(c.lifetime)
	}
	if e.Reauth.IsZero() {
		e.Reauth = now.Add(c.lifetime / 100 * time.Duration(c.reauth))
	}
	var ch []PMKSAChange
	for i, o := range c.entries {
		if o.Network != e.Network || o.AA != e.AA || o.SPA != e.SPA || o.AKM != e.AKM {
			continue
		}
		if o.PMKID == e.PMKID && o.PMK.Equal(e.PMK) {
			o.Expires, o.Reauth, o.Opportunistic = e.Expires, e.Reauth, e.Opportunistic
			c.sort()
			return nil
		}
		ch = append(ch, c.removeAt(i))
		break
	}
	if len(c.entries) >= MaxPMKSAs {
		victim := 0
		if current != nil && c.entries[0].PMKID == *current {
			victim = 1
		}
		ch = append(ch, c.removeAt(victim))
	}
	e.PMK = e.PMK.Clone()
	c.entries = append(c.entries, &e)
	c.sort()
	c.loners = slices.DeleteFunc(c.loners, func(aa dot11.MAC) bool { return aa == e.AA })
	return append(ch, PMKSAChange{Added: true, Entry: e})
}

// sort keeps the entries in order of expiry.
func (c *Cache) sort() {
	slices.SortStableFunc(c.entries, func(a, b *PMKSA) int { return a.Expires.Compare(b.Expires) })
}

func (c *Cache) removeAt(i int) PMKSAChange {
	e := c.entries[i]
	c.entries = slices.Delete(c.entries, i, i+1)
	e.PMK.Zero()
	gone := *e
	gone.PMK = nil
	return PMKSAChange{Entry: gone}
}

func (c *Cache) removeIf(f func(*PMKSA) bool) []PMKSAChange {
	var ch []PMKSAChange
	for i := 0; i < len(c.entries); {
		if f(c.entries[i]) {
			ch = append(ch, c.removeAt(i))
		} else {
			i++
		}
	}
	return ch
}

// Remove drops the entry of an access point with that PMKID.
func (c *Cache) Remove(aa dot11.MAC, id keys.PMKID) []PMKSAChange {
	return c.removeIf(func(e *PMKSA) bool { return e.AA == aa && e.PMKID == id })
}

// Forgotten drops the entries of an access point for some AKMs: it has lost its own.
func (c *Cache) Forgotten(aa dot11.MAC, akms dot11.AKMSet) []PMKSAChange {
	return c.removeIf(func(e *PMKSA) bool { return e.AA == aa && akms.Has(e.AKM) })
}

// FlushNetwork drops the entries of a network: it was changed or removed.
func (c *Cache) FlushNetwork(network int) []PMKSAChange {
	return c.removeIf(func(e *PMKSA) bool { return e.Network == network })
}

// Flush drops all entries.
func (c *Cache) Flush() []PMKSAChange {
	c.loners = nil
	return c.removeIf(func(*PMKSA) bool { return true })
}

// Expire drops the entries whose time is over at now.
func (c *Cache) Expire(now time.Time) []PMKSAChange {
	return c.removeIf(func(e *PMKSA) bool { return !e.Expires.After(now) })
}

// Next returns when Expire is to be called next; false for an empty cache.
func (c *Cache) Next() (time.Time, bool) {
	if len(c.entries) == 0 {
		return time.Time{}, false
	}
	return c.entries[0].Expires, true
}

// Query selects entries; zero fields select all.
type Query struct {
	AA, SPA dot11.MAC
	Network int // looked at when OnlyNetwork is set
	AKM     dot11.AKM
	PMKID   *keys.PMKID

	OnlyNetwork bool
}

func (q *Query) fits(e *PMKSA) bool {
	return (q.AA.IsZero() || q.AA == e.AA) && (q.SPA.IsZero() || q.SPA == e.SPA) &&
		(!q.OnlyNetwork || q.Network == e.Network) && (q.AKM == dot11.AKMUnknown || q.AKM == e.AKM) &&
		(q.PMKID == nil || *q.PMKID == e.PMKID)
}

// Find returns the entry that fits, is valid at now and lives longest; nil without.
func (c *Cache) Find(now time.Time, q Query) *PMKSA {
	for _, e := range slices.Backward(c.entries) {
		if q.fits(e) && e.Expires.After(now) {
			return e
		}
	}
	return nil
}

// FromMSKAlone reports whether the PMKSA of an AKM follows from the MSK and the
// addresses, so that it can be made before an association.
func FromMSKAlone(akm dot11.AKM) bool {
	return dot11.AKMSetEAP.Has(akm) && !akm.IsFT() && !pmkidFromKCK(akm) && !dot11.AKMSetFILS.Has(akm)
}

// NewPMKSA makes the entry that an MSK leads to between aa and spa with one of the
// AKMs of FromMSKAlone. It is not in a cache.
func NewPMKSA(akm dot11.AKM, msk keys.Secret, aa, spa dot11.MAC) (PMKSA, error) {
	n := PMKLen(akm)
	if !FromMSKAlone(akm) || len(msk) < n {
		return PMKSA{}, fmt.Errorf("rsn: no PMKSA of AKM %v from an MSK of %d bytes", akm, len(msk))
	}
	pmk := msk[:n].Clone()
	return PMKSA{AA: aa, SPA: spa, AKM: akm, PMK: pmk, PMKID: keys.NewPMKID(pmkidHash(akm), pmk, aa, spa)}, nil
}

// Opportunistic makes an entry for an access point that was not met yet from one
// of the same network and AKM (opportunistic key caching: the access points share
// the PMK). It works for the IEEE 802.1X AKMs whose PMKID follows from PMK and
// addresses; nil when there is nothing to make it from, or what there is should be
// renewed, or the access point was found not to share. The new entry, which ends
// with the one it is made from, is not in the cache; Add puts it there.
func (c *Cache) Opportunistic(now time.Time, network int, akm dot11.AKM, aa, spa dot11.MAC) *PMKSA {
	if !FromMSKAlone(akm) {
		return nil
	}
	e := c.Find(now, Query{SPA: spa, Network: network, OnlyNetwork: true, AKM: akm})
	if e == nil || !e.Reauth.After(now) || slices.Contains(c.loners, aa) {
		return nil
	}
	n := *e
	n.PMK = e.PMK.Clone()
	n.AA, n.Opportunistic = aa, true
	n.PMKID = keys.NewPMKID(pmkidHash(akm), n.PMK, aa, spa)
	return &n
}

// Refused tells that an access point did not take an opportunistic entry: none is
// made for it again until it has an entry of its own, or Flush.
func (c *Cache) Refused(aa dot11.MAC) {
	if slices.Contains(c.loners, aa) {
		return
	}
	if len(c.loners) == maxLoners {
		c.loners = c.loners[1:]
	}
	c.loners = append(c.loners, aa)
}

// NeedsReauth returns the first entry that asks for reauthentication at now; nil
// without.
func (c *Cache) NeedsReauth(now time.Time, aa dot11.MAC) *PMKSA {
	for _, e := range c.entries {
		if e.AA == aa && !e.Reauth.After(now) && e.Expires.After(now) {
			return e
		}
	}
	return nil
}

// Entries returns the entries in order of expiry, as the command PMKSA lists them.
func (c *Cache) Entries() []PMKSA {
	out := make([]PMKSA, len(c.entries))
	for i, e := range c.entries {
		out[i] = *e
	}
	return out
}

// akmBits are the numbers that PMKSA_GET and PMKSA_ADD use for AKMs: one bit each,
// an interface that external caches rely on.
var akmBits = []struct {
	akm dot11.AKM
	bit uint
}{
	{dot11.AKMEAP, 0}, {dot11.AKMPSK, 1}, {dot11.AKMNone, 2}, {dot11.AKMIEEE8021X, 3}, {dot11.AKMWPANone, 4},
	{dot11.AKMFTEAP, 5}, {dot11.AKMFTPSK, 6}, {dot11.AKMEAPSHA256, 7}, {dot11.AKMPSKSHA256, 8}, {dot11.AKMWPS, 9},
	{dot11.AKMSAE, 10}, {dot11.AKMFTSAE, 11}, {dot11.AKMSuiteB, 16}, {dot11.AKMSuiteB192, 17}, {dot11.AKMFILSSHA256, 18},
	{dot11.AKMFILSSHA384, 19}, {dot11.AKMFTFILSSHA256, 20}, {dot11.AKMFTFILSSHA384, 21}, {dot11.AKMOWE, 22}, {dot11.AKMDPP, 23},
	{dot11.AKMFTEAPSHA384, 24}, {dot11.AKMPASN, 25}, {dot11.AKMSAEExtKey, 26}, {dot11.AKMFTSAEExtKey, 27}, {dot11.AKMEAPSHA384, 28},
}

func akmBit(a dot11.AKM) uint {
	for _, b := range akmBits {
		if b.akm == a {
			return b.bit
		}
	}
	return 0
}

// Export writes an entry as PMKSA_GET prints it: AA, PMKID, PMK, seconds to
// reauthentication and to expiry, the AKM's bit, 1 when opportunistic, and the FILS
// cache identifier when there is one. This is the one place where a PMK is printed.
func (e *PMKSA) Export(now time.Time) string {
	secs := func(t time.Time) int64 { return max(0, int64(t.Sub(now)/time.Second)) }
	opp := 0
	if e.Opportunistic {
		opp = 1
	}
	s := fmt.Sprintf("%v %x %s %d %d %d %d", e.AA, e.PMKID, hex.EncodeToString(e.PMK), secs(e.Reauth), secs(e.Expires), uint64(1)<<akmBit(e.AKM), opp)
	if e.FILSCacheID != nil {
		s += fmt.Sprintf(" %x", *e.FILSCacheID)
	}
	return s
}

// maxPMKLen is the longest PMK in bytes.
const maxPMKLen = 64

// ImportPMKSA reads what Export wrote (PMKSA_ADD). SPA and Network are left to the
// caller.
func ImportPMKSA(now time.Time, line string) (PMKSA, error) {
	var e PMKSA
	f := strings.Fields(line)
	if len(f) != 7 && len(f) != 8 {
		return e, fmt.Errorf("rsn: PMKSA entry of %d fields, want 7 or 8", len(f))
	}
	var err error
	if e.AA, err = dot11.ParseMAC(f[0]); err != nil {
		return e, fmt.Errorf("rsn: PMKSA entry: %w", err)
	}
	id, err := hex.DecodeString(f[1])
	if err != nil || len(id) != 16 {
		return e, fmt.Errorf("rsn: PMKSA entry: PMKID is not 32 hexadecimal digits")
	}
	e.PMKID = keys.PMKID(id)
	if e.PMK, err = hex.DecodeString(f[2]); err != nil || len(e.PMK) < 32 || len(e.PMK) > maxPMKLen {
		return e, fmt.Errorf("rsn: PMKSA entry: PMK is not 64 to 128 hexadecimal digits")
	}
	var n [4]int64
	for i := range n {
		n[i], err = strconv.ParseInt(f[3+i], 0, 64)
		if err != nil || n[i] < 0 || n[i] > 1<<32 {
			return e, fmt.Errorf("rsn: PMKSA entry: field %d: %q is not a number in range", 4+i, f[3+i])
		}
	}
	e.Reauth, e.Expires = now.Add(time.Duration(n[0])*time.Second), now.Add(time.Duration(n[1])*time.Second)
	for _, b := range akmBits {
		if n[2] == 1<<b.bit {
			e.AKM = b.akm
		}
	}
	if e.AKM == dot11.AKMUnknown {
		return e, fmt.Errorf("rsn: PMKSA entry: AKM number %d is unknown", n[2])
	}
	e.Opportunistic = n[3] != 0
	if len(f) == 8 {
		id, err := hex.DecodeString(f[7])
		if err != nil || len(id) != 2 {
			return e, fmt.Errorf("rsn: PMKSA entry: FILS cache identifier is not 4 hexadecimal digits")
		}
		e.FILSCacheID = (*[2]byte)(id)
	}
	return e, nil
}

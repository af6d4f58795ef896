package sim

import (
	"sync/atomic"
	"time"

	"gosupplicant/drivers"
	"gosupplicant/drivers/sim/simap"
	"gosupplicant/engine/dot11"
)

// radio is one simulated wireless device; the air's lock guards it.
type radio struct {
	air        *Air
	name       string
	plan       RadioPlan
	soft, hard bool
	capa       atomic.Pointer[drivers.Capability]
	channels   []channel // of capa, in scan order
	scan       *scan     // running scan
	table      []heard   // BSS table: two entries for each station of the air
	spent      map[int]time.Duration
}

// rebuild makes the capability for a country.
func (r *radio) rebuild(country string) {
	c, chans := capability(&r.plan, country)
	r.channels = chans
	r.capa.Store(c)
}

func (r *radio) blocked() bool { return r.soft || r.hard }

func (r *radio) rfkill() drivers.RFKill {
	switch {
	case r.hard:
		return drivers.RFKillHard
	case r.soft:
		return drivers.RFKillSoft
	}
	return drivers.RFKillUnblocked
}

// freeAddr returns an address that no interface of the radio has: the locally
// administered one counted up.
func (r *radio) freeAddr() dot11.MAC {
	addr := r.plan.Addr
	if addr.IsZero() {
		addr = dot11.MAC{2, 0, 0, 1, 0, 0}
	}
	for n := 0; n <= maxInterfaces; n++ {
		used := false
		for _, i := range r.air.ifaces {
			used = used || i.mac == addr || i.perm == addr
		}
		if !used {
			break
		}
		addr = nextMAC(addr)
	}
	return addr
}

// nextMAC adds one to the last three bytes.
func nextMAC(m dot11.MAC) dot11.MAC {
	for i := 5; i >= 3; i-- {
		m[i]++
		if m[i] != 0 {
			break
		}
	}
	return m
}

func (r *radio) survey(freq int) []drivers.Survey {
	var out []drivers.Survey
	for _, c := range r.channels {
		spent, ok := r.spent[c.freq]
		if !ok || freq != 0 && freq != c.freq {
			continue
		}
		busy := min(255, 5*len(r.air.byFreq[c.freq]))
		for _, s := range r.air.byFreq[c.freq] {
			if s.plan.Load != nil {
				busy = max(busy, int(s.plan.Load.Utilization))
			}
		}
		b := spent * time.Duration(busy) / 255
		out = append(out, drivers.Survey{Freq: c.freq, Noise: r.air.plan.Noise, Time: spent, Busy: b, Receive: b})
	}
	return out
}

// expireAfter is how long cfg80211 keeps a BSS it no longer hears.
const expireAfter = 30 * time.Second

// heard is what the radio knows of one BSS. Stations that hide their name have
// two: what beacons say, and what probe responses say.
type heard struct {
	frames frames
	at     time.Duration // air time of the last frame; valid with frames != 0
	level  int           // dBm
	tsf    uint64
}

// frames is the set of frame kinds heard.
type frames uint8

const (
	heardBeacon frames = 1 << iota
	heardProbe
)

// slot returns the table entry of a station, named telling the probe response
// of a hidden station from its beacon.
func (r *radio) slot(s *station, named bool) *heard {
	n := 2 * s.index
	if named {
		n++
	}
	if n >= len(r.table) {
		r.table = append(r.table, make([]heard, 2*len(r.air.aps)-len(r.table))...)
	}
	return &r.table[n]
}

// note records a frame from s, and what follows for the members of its set.
func (r *radio) note(s *station, kind frames, at time.Duration, level int, p *drivers.ScanParams) {
	named := kind == heardProbe && s.ap.Hidden()
	r.noteOne(s, named, kind, at, level, p)
	for n := range s.ap.Members() {
		r.noteOne(r.air.aps[s.index+1+n], false, kind, at, level, p)
	}
}

func (r *radio) noteOne(s *station, named bool, kind frames, at time.Duration, level int, p *drivers.ScanParams) {
	if !wanted(s, named || !s.ap.Hidden(), level, p) {
		return
	}
	e := r.slot(s, named)
	e.frames |= kind
	if at >= e.at {
		e.at, e.level, e.tsf = at, level, s.ap.TSF(at)
	}
}

// wanted applies the filters of a scan.
func wanted(s *station, named bool, level int, p *drivers.ScanParams) bool {
	if p.FilterRSSI != 0 && level < p.FilterRSSI {
		return false
	}
	if len(p.FilterSSIDs) == 0 {
		return true
	}
	return named && containsSSID(p.FilterSSIDs, s.ap.SSID())
}

// expire forgets what was last heard before t.
func (r *radio) expire(t time.Duration) {
	for n := range r.table {
		if r.table[n].frames != 0 && r.table[n].at < t {
			r.table[n] = heard{}
		}
	}
}

// results lists the BSS table.
func (r *radio) results() []drivers.ScanResult {
	now := r.air.uptime()
	r.expire(now - expireAfter)
	n := 0
	for i := range r.table {
		if r.table[i].frames != 0 {
			n++
		}
	}
	out := make([]drivers.ScanResult, 0, n)
	for i := range r.table {
		if e := &r.table[i]; e.frames != 0 {
			out = append(out, r.result(r.air.aps[i/2], i%2 == 1, e, now))
		}
	}
	return out
}

// result turns a table entry into what a driver reports, sharing element bytes.
func (r *radio) result(s *station, named bool, e *heard, now time.Duration) drivers.ScanResult {
	res := drivers.ScanResult{
		BSSID: s.ap.BSSID(), Freq: s.ap.Freq(), BeaconInterval: s.ap.Interval(), Capability: uint16(s.ap.Caps()),
		Noise: r.air.plan.Noise, Level: e.level, TSF: e.tsf, Age: now - e.at,
		Flags: drivers.ResultQualInvalid | drivers.ResultLevelDBm,
	}
	if s.tx != nil {
		res.ParentBSSID, res.ParentTSF = s.tx.ap.BSSID(), e.tsf
	}
	beacon := e.frames&heardBeacon != 0
	if named { // cfg80211 links the nameless beacon to the answer
		beacon = r.slot(s, false).frames&heardBeacon != 0
	}
	switch {
	case e.frames&heardProbe == 0:
		res.IEs = s.ap.Beacon()
	case beacon:
		res.IEs, res.BeaconIEs = s.ap.ProbeResponse(), s.ap.Beacon()
	default:
		res.IEs = s.ap.ProbeResponse()
	}
	return res
}

// level is the strength of a frame of s at time t in dBm; ok is false when it
// cannot be heard or the station is off the air.
func (r *radio) level(s *station, t time.Duration) (dbm int, ok bool) {
	p := &s.plan
	if t < p.From || p.Until != 0 && t >= p.Until {
		return 0, false
	}
	dbm = p.Signal + p.Drift.at(t)
	if p.Jitter > 0 {
		dbm += int(r.air.drv.rng.Uint64()%uint64(2*p.Jitter+1)) - p.Jitter
	}
	return dbm, dbm >= r.plan.Sensitivity
}

// at is the deviation in dB at time t: a triangle that starts at 0, rises.
func (d Drift) at(t time.Duration) int {
	if d.Period <= 0 {
		return 0
	}
	x := 4 * float64(t%d.Period) / float64(d.Period) // 0 to 4
	switch {
	case x < 1:
	case x < 3:
		x = 2 - x
	default:
		x -= 4
	}
	return int(x * float64(d.DB))
}

// lost decides about one frame of s.
func (r *radio) lost(s *station) bool {
	p := s.plan.Loss
	if p < 0 {
		p = r.air.plan.Loss
	}
	if p <= 0 {
		return false
	}
	const scale = 1 << 53
	return float64(r.air.drv.rng.Uint64()>>11)/scale < p
}

// hear evaluates the part of a visit to one channel, begun at t, that is between from
// and to.
func (r *radio) hear(freq int, t, from, to time.Duration, probes []Probe, p *drivers.ScanParams) {
	for _, s := range r.air.byFreq[freq] {
		r.hearBeacons(s, t+from, to-from, p)
		for n := range probes {
			r.hearAnswer(s, &probes[n], t, from, to, p)
		}
	}
}

func (r *radio) hearBeacons(s *station, t, d time.Duration, p *drivers.ScanParams) {
	interval := time.Duration(s.ap.Interval()) * simap.TU
	for off := s.ap.NextBeacon(t); off < d; off += interval {
		if level, ok := r.level(s, t+off); ok && !r.lost(s) {
			r.note(s, heardBeacon, t+off, level, p)
		}
	}
}

// hearAnswer lets s answer a probe request: both frames may be lost, and the
// answer may come in another part of the dwell time, or too late.
func (r *radio) hearAnswer(s *station, q *Probe, t, from, to time.Duration, p *drivers.ScanParams) {
	delay := r.air.plan.Delay
	if !s.ap.Answers(q.SSID, q.BSSID) || delay < from || delay >= to || r.lost(s) {
		return
	}
	if level, ok := r.level(s, t+delay); ok && !r.lost(s) {
		r.note(s, heardProbe, t+delay, level, p)
	}
}

package engine

import (
	"context"
	"errors"
	"slices"
	"time"

	"gosupplicant/drivers"
	"gosupplicant/engine/bss"
	"gosupplicant/engine/dot11"
	"gosupplicant/engine/eap"
	"gosupplicant/engine/eapol"
	"gosupplicant/engine/logs"
	"gosupplicant/engine/loop"
	"gosupplicant/engine/rsn"
)

// RSN pre-authentication (IEEE 802.11-2020, 12.6.10.2): EAP with another access
// point of the network through the one in use, so that a key for it is in the cache
// when the station roams there.

// PreauthResult is how a pre-authentication ended.
type PreauthResult uint8

// Results.
const (
	PreauthSucceeded PreauthResult = iota
	PreauthFailed
	PreauthTimedOut
)

const (
	// preauthTimeout bounds one, where dot11RSNAConfigSATimeout does not.
	preauthTimeout = time.Minute
	// preauthPause is how long an access point is left alone after a failure.
	preauthPause = 5 * time.Minute
	// maxPreauth is how many access points are worth it: the strongest. There must
	// be room in the cache for more, or they would push each other out.
	maxPreauth = rsn.MaxPMKSAs / 4
	// maxInterrupted is how often one is begun again that EAP with the access point
	// in use has interrupted, before the next scan.
	maxInterrupted = 2
)

// preauthentication belongs to a link and ends with it.
type preauthentication struct {
	run    *preauthRun // one at a time
	failed map[dot11.MAC]time.Time
	named  []dot11.MAC // candidates that the device named

	interrupted int
}

// preauthRun is a conversation with one access point.
type preauthRun struct {
	port
	bssid   dot11.MAC
	timeout *loop.Timer
}

func (p *preauthentication) stop() {
	if r := p.run; r != nil {
		p.run = nil
		r.timeout.Stop()
		r.m.PortEnabled(false)
		r.port.stop()
	}
}

// interrupt stops what resumePreauth begins again.
func (p *preauthentication) interrupt() {
	if p.run != nil {
		p.interrupted++
		p.stop()
	}
}

// resumePreauth goes on when EAP with the access point in use is through.
func (i *Interface) resumePreauth(l *link) {
	if n := l.preauth.interrupted; n > 0 && n <= maxInterrupted {
		i.preauthenticate()
	}
}

// mayPreauthenticate reports whether a link leads to other access points, whose
// keys are of a kind that can be made ahead.
func (i *Interface) mayPreauthenticate(l *link) bool {
	_, able := i.drv.(drivers.Preauthenticator)
	return able && l != nil && l.port != nil && l.sec != nil && !l.authorized.IsZero() && !i.leaving(l) &&
		l.sec.Proto == dot11.ProtoRSN && rsn.FromMSKAlone(l.sec.AKM)
}

// preauthenticate begins with the best candidate, when there is one and nothing
// more urgent is going on.
func (i *Interface) preauthenticate() {
	l := i.conn.link
	if i.state != StateCompleted || i.conn.attempt != nil || !i.mayPreauthenticate(l) || l.preauth.run != nil {
		return
	}
	for _, bssid := range i.preauthCandidates(l) {
		if i.wantsPreauth(l, bssid) {
			i.beginPreauth(l, bssid)
			return
		}
	}
}

// preauthCandidates are the access points of the network that offer
// pre-authentication, the strongest first.
func (i *Interface) preauthCandidates(l *link) []dot11.MAC {
	out := slices.Clone(l.preauth.named)
	heard := slices.DeleteFunc(slices.Collect(i.table.All()), func(b *bss.BSS) bool {
		rsne, err := b.RSN()
		return err != nil || rsne == nil || rsne.Caps&dot11.RSNCapPreauth == 0 || !rsne.KeyMgmt().Has(l.sec.AKM) ||
			string(b.SSID) != string(l.ssid) || l.network.Disabled != 0
	})
	slices.SortStableFunc(heard, func(a, b *bss.BSS) int { return b.Level - a.Level })
	for _, b := range heard[:min(len(heard), maxPreauth)] {
		out = append(out, b.BSSID)
	}
	return out
}

func (i *Interface) wantsPreauth(l *link, bssid dot11.MAC) bool {
	now := i.loop.Now()
	if at, failed := l.preauth.failed[bssid]; bssid == l.bss.BSSID || failed && now.Sub(at) < preauthPause {
		return false
	}
	return i.conn.cache.Find(now, rsn.Query{AA: bssid, SPA: i.link.MAC, Network: l.network.ID, OnlyNetwork: true, AKM: l.sec.AKM}) == nil
}

// Preauthenticate begins with an access point that need not have been heard, in
// place of what is under way.
func (i *Interface) Preauthenticate(bssid dot11.MAC) error {
	l := i.conn.link
	switch {
	case l == nil || l.authorized.IsZero():
		return ErrNotConnected
	case !i.mayPreauthenticate(l):
		return ErrNotSupported
	case bssid == l.bss.BSSID || bssid.IsGroup() || bssid.IsZero():
		return &InvalidError{What: "BSSID for pre-authentication", Err: errors.New("it is that of the access point in use, or of none")}
	}
	l.preauth.stop()
	i.beginPreauth(l, bssid)
	return nil
}

// beginPreauth sends the first EAPOL-Start.
func (i *Interface) beginPreauth(l *link, bssid dot11.MAC) {
	i.log.Debug("Pre-authentication begins", "bssid", bssid)
	kept := i.remember8021X(l.network)
	r := &preauthRun{bssid: bssid}
	r.m = eapol.New(eapol.Config{
		EAP:     eap.MachineConfig{Config: l.eap, Registry: eapMethods, Rand: i.sup.opts.Rand, Now: i.loop.Now, Memory: kept.memory, Answers: kept.answers},
		Version: uint8(i.conf.Globals.EAPOLVersion),
	})
	r.timers = map[eapol.Timer]*loop.Timer{}
	limit := preauthTimeout
	if t := i.conf.Globals.Dot11RSNAConfigSATimeout; t > 0 {
		limit = seconds(t)
	}
	l.preauth.run = r
	r.timeout = i.loop.After(limit, i.name+" pre-authentication", func() { i.endPreauth(l, r, PreauthTimedOut) })
	i.runPreauth(l, r, r.m.PortEnabled(true))
}

// runPreauth carries out what the conversation wants, in order.
func (i *Interface) runPreauth(l *link, r *preauthRun, outs []eapol.Output) {
	for _, out := range outs {
		if l.preauth.run != r {
			return
		}
		i.runPreauthOutput(l, r, out)
	}
}

// Nothing of it is told to front ends but its end: they would take it for that of
// the connection. Nobody is asked for a password either.
func (i *Interface) runPreauthOutput(l *link, r *preauthRun, out eapol.Output) {
	switch out := out.(type) {
	case eapol.Send:
		d := i.drv.(drivers.Preauthenticator)
		to := r.bssid
		i.worker.Do(func() {
			if err := d.SendPreauth(to, out.PDU); err != nil {
				i.log.Debug("The device failed in sending for pre-authentication", "err", err)
			}
		}, nil)
	case eapol.SetTimer:
		r.timers[out.Timer].Stop()
		r.timers[out.Timer] = i.loop.After(out.After, i.name+" pre-authentication "+out.Timer.String(), func() {
			if l.preauth.run == r {
				i.runPreauth(l, r, r.m.Timeout(out.Timer))
			}
		})
	case eapol.StopTimer:
		r.timers[out.Timer].Stop()
	case eapol.Success:
		i.preauthSucceeded(l, r, out)
	case eapol.Failure:
		i.log.Debug("EAP failed in pre-authentication", "check", out.Reason.Check, "detail", out.Reason.Detail)
		i.endPreauth(l, r, PreauthFailed)
	case eapol.EAP:
		switch report := out.Output.(type) {
		case eap.NeedCredential:
			i.endPreauth(l, r, PreauthFailed)
		case eap.Note:
			logs.Log(i.log, report.Level, report.Text, report.Attrs...)
		}
	case eapol.Note:
		i.log.Log(context.Background(), out.Level, out.Text)
	case eapol.StateChanged, eapol.PortStatus:
	}
}

// preauthSucceeded puts the key into the cache.
func (i *Interface) preauthSucceeded(l *link, r *preauthRun, s eapol.Success) {
	if s.Keys == nil {
		i.endPreauth(l, r, PreauthFailed)
		return
	}
	entry, err := rsn.NewPMKSA(l.sec.AKM, s.Keys.MSK, r.bssid, i.link.MAC)
	if err != nil {
		i.log.Debug("Pre-authentication made no key", "err", err)
		i.endPreauth(l, r, PreauthFailed)
		return
	}
	entry.Network = l.network.ID
	var current *[16]byte
	if l.keys != nil {
		current = l.keys.PMKID()
	}
	i.tellPMKSAs(i.conn.cache.Add(i.loop.Now(), entry, current))
	entry.PMK.Zero() // the cache has its own copy
	i.endPreauth(l, r, PreauthSucceeded)
}

// endPreauth tells the result and goes on with the next candidate.
func (i *Interface) endPreauth(l *link, r *preauthRun, result PreauthResult) {
	if l.preauth.run != r {
		return
	}
	l.preauth.stop()
	if result != PreauthSucceeded {
		if l.preauth.failed == nil {
			l.preauth.failed = map[dot11.MAC]time.Time{}
		}
		l.preauth.failed[r.bssid] = i.loop.Now()
	}
	i.emit(Preauthenticated{i, r.bssid, result})
	i.preauthenticate()
}

// receivePreauth takes a frame of pre-authentication.
func (i *Interface) receivePreauth(ev drivers.EventPreauth) {
	l := i.conn.link
	if l == nil || l.preauth.run == nil || ev.Src != l.preauth.run.bssid {
		i.log.Debug("Frame of a pre-authentication that was not begun", "src", ev.Src)
		return
	}
	r := l.preauth.run
	i.runPreauth(l, r, r.m.Receive(ev.Src, ev.PDU))
}

// preauthCandidate takes the device's word for an access point to roam to.
func (i *Interface) preauthCandidate(ev drivers.EventPMKIDCandidate) {
	l := i.conn.link
	if l == nil || !ev.Preauth || slices.Contains(l.preauth.named, ev.BSSID) || len(l.preauth.named) >= maxPreauth {
		return
	}
	l.preauth.named = append(l.preauth.named, ev.BSSID)
	i.preauthenticate()
}

// PreauthStatus returns the lines of a status report about a pre-authentication
// under way, nil without.
func (i *Interface) PreauthStatus(verbose bool) []eap.KeyValue {
	if l := i.conn.link; l != nil && l.preauth.run != nil {
		return l.preauth.run.m.Status(verbose)
	}
	return nil
}

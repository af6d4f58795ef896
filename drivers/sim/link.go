package sim

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"gosupplicant/drivers"
	"gosupplicant/drivers/sim/simap"
	"gosupplicant/engine/dot11"
	"gosupplicant/engine/loop"
)

// linkPhase is how far a station has come with an access point.
type linkPhase uint8

const (
	phaseAuthenticating linkPhase = iota
	phaseAuthenticated
	phaseAssociating
	phaseAssociated
)

// staLink is the station's relation with one access point: what mac80211 keeps.
type staLink struct {
	ap         *station
	phase      linkPhase
	ssid       []byte
	alg        dot11.AuthAlg
	frame      []byte // request that waits for an answer
	reqIEs     []byte
	tries      int
	timer      *loop.Timer // loop only: retry, or watch over beacons
	authorized bool
	pmf        bool // management frames are protected once there are keys
	lost       bool // beacons were missed once
}

// Times as in mac80211: three tries of 200 ms; seven missed beacons, then half
// a second of probing.
const (
	linkTries     = 3
	linkTryTime   = 200 * time.Millisecond
	missedBeacons = 7
	probeTime     = 500 * time.Millisecond
)

var errNotAssociated = errors.New("not associated")

// Authenticate sends an authentication request to a BSS in the radio's table;
// a present association ends first.
func (h *handle) Authenticate(p *drivers.AuthParams) error {
	return h.locked("authenticate", func(i *iface) error {
		switch {
		case i.radio.plan.FullMAC:
			return drivers.ErrNotSupported
		case p.Local:
			i.endLink(nil)
			return nil
		}
		return i.authenticate(p)
	})
}

func (i *iface) authenticate(p *drivers.AuthParams) error {
	if err := i.reach(p); err != nil {
		return err
	}
	body := (&dot11.Auth{Alg: p.Alg, Seq: 1, Payload: p.IEs}).Append(nil)
	if len(p.SAEData) > 0 {
		body = append(append(body[:2:2], p.SAEData...), p.IEs...)
	}
	i.request(dot11.SubtypeAuth, body)
	return nil
}

// reach begins the relation with an AP, or goes on with the exchange that runs with it.
func (i *iface) reach(p *drivers.AuthParams) error {
	if !i.up {
		return drivers.ErrDown
	}
	ap := i.radio.known(p.BSSID, p.Freq)
	if ap == nil || ap.ap.Hidden() && i.radio.slot(ap, true).frames == 0 { // as cfg80211: by name
		return fmt.Errorf("BSS %s on %d MHz: %w", p.BSSID, p.Freq, drivers.ErrUnknownBSS)
	}
	if l := i.link; l != nil && l.ap == ap && l.phase <= phaseAuthenticated && l.alg == p.Alg && p.Alg == dot11.AuthAlgSAE {
		l.phase = phaseAuthenticating // the next frame of the same exchange
		return nil
	}
	i.endLink(&drivers.EventDisconnected{Reason: uint16(dot11.ReasonUnspecified), Local: true})
	i.link = &staLink{ap: ap, alg: p.Alg, ssid: append([]byte(nil), p.SSID...)}
	return nil
}

// Associate sends a (re)association request to the BSS authenticated with, or once
// more to the one associated with.
func (h *handle) Associate(p *drivers.AssocParams) error {
	return h.locked("associate", func(i *iface) error {
		if i.radio.plan.FullMAC {
			return drivers.ErrNotSupported
		}
		return i.associate(p)
	})
}

func (i *iface) associate(p *drivers.AssocParams) error {
	l := i.link
	again := l != nil && l.phase == phaseAssociated && p.PrevBSSID != nil && *p.PrevBSSID == p.BSSID
	if l == nil || l.phase != phaseAuthenticated && !again || l.ap.ap.BSSID() != p.BSSID {
		return fmt.Errorf("not authenticated with %s", p.BSSID)
	}
	if err := checkSelectors(&p.Crypto); err != nil {
		return err
	}
	if again {
		clear(i.keys)
	}
	req := dot11.AssocRequest{Caps: dot11.CapESS, ListenInterval: 10}
	if p.Crypto.Privacy {
		req.Caps |= dot11.CapPrivacy
	}
	kind := dot11.SubtypeAssocRequest
	if p.PrevBSSID != nil {
		kind, req.Reassoc, req.CurrentAP = dot11.SubtypeReassocRequest, true, *p.PrevBSSID
	}
	req.Elements = i.radio.requestElements(p)
	l.phase, l.tries, l.ssid, l.reqIEs = phaseAssociating, 0, append([]byte(nil), p.SSID...), req.Elements
	l.pmf = p.PMF != drivers.PMFNo
	i.request(kind, req.Append(nil))
	return nil
}

// checkSelectors refuses, as the kernel does, selectors that are not those of
// RSN.
func checkSelectors(c *drivers.Crypto) error {
	const rsn = 0x000fac
	for _, s := range append([]uint32{c.AKM, c.Group, c.GroupMgmt}, c.Pairwise...) {
		if s != 0 && s>>8 != rsn {
			return fmt.Errorf("selector %08x is not one of RSN", s)
		}
	}
	return nil
}

// requestElements puts what the kernel adds before the caller's elements.
func (r *radio) requestElements(p *drivers.AssocParams) []byte {
	b := dot11.AppendElement(nil, dot11.ElementSSID, p.SSID...)
	var rates []byte
	band := dot11.BandOf(p.Freq)
	for n, have := range r.plan.Bands {
		if have == band {
			for _, rate := range r.capa.Load().Bands[n].Rates {
				rates = append(rates, byte(rate/5))
			}
		}
	}
	b = dot11.AppendElement(b, dot11.ElementSupportedRates, rates[:min(8, len(rates))]...)
	if len(rates) > 8 {
		b = dot11.AppendElement(b, dot11.ElementExtendedSupportedRates, rates[8:]...)
	}
	return append(b, p.IEs...)
}

// known returns a BSS of the radio's table, on freq unless that is 0.
func (r *radio) known(bssid dot11.MAC, freq int) *station {
	var gone *station
	for _, s := range r.air.aps {
		if s.ap.BSSID() != bssid || freq != 0 && s.ap.Freq() != freq {
			continue
		}
		if r.slot(s, false).frames == 0 && r.slot(s, true).frames == 0 {
			continue
		}
		if !s.gone {
			return s
		}
		gone = s // unless its successor was heard
	}
	return gone
}

// request sends a frame to the AP of the link and waits for the answer.
func (i *iface) request(kind dot11.Subtype, body []byte) {
	l := i.link
	l.frame, l.tries = i.frame(kind, body), 0
	i.air.onLoop(func() { i.try(l) })
}

// frame makes a management frame to the AP of the link.
func (i *iface) frame(kind dot11.Subtype, body []byte) []byte {
	bssid := i.link.ap.ap.BSSID()
	h := dot11.MgmtHeader{Subtype: kind, DA: bssid, SA: i.mac, BSSID: bssid, Sequence: i.seq}
	i.seq = (i.seq + 1) & 0xfff
	return append(h.Append(nil), body...)
}

// try transmits the waiting request once more, or gives up. On the loop.
func (i *iface) try(l *staLink) {
	if i.link != l || l.frame == nil {
		return
	}
	if l.tries == linkTries {
		if i.joining != nil {
			i.joinEnds(drivers.EventAssocReject{Status: uint16(dot11.StatusUnspecifiedFailure), TimedOut: true})
			return
		}
		bssid, assoc := l.ap.ap.BSSID(), l.phase == phaseAssociating
		i.endLink(nil)
		i.emit(drivers.EventTimeout{BSSID: bssid, Assoc: assoc})
		return
	}
	l.tries++
	i.air.transmit(i, l.ap, l.frame, nil)
	i.arm(l, linkTryTime, i.try)
}

// arm starts the link's timer anew. On the loop.
func (i *iface) arm(l *staLink, d time.Duration, f func(*staLink)) {
	l.timer.Stop()
	l.timer = i.air.drv.loop.After(d, "sim link "+i.name, func() {
		i.air.mu.Lock()
		defer i.air.mu.Unlock()
		f(l)
	})
}

// endLink forgets the link. With gone, an association or authentication that
// ends is reported: BSSID filled in; so is that which a roaming radio has not left yet.
// mu held, on the loop or not.
func (i *iface) endLink(gone *drivers.EventDisconnected) {
	l := i.link
	if l == nil {
		return
	}
	was := l
	if i.joining != nil && i.joining.old != nil {
		was = i.joining.old
	}
	i.link, i.joining = nil, nil
	clear(i.keys)
	l.frame = nil
	i.air.onLoop(func() { l.timer.Stop() })
	if gone != nil && was.phase == phaseAssociated {
		gone.BSSID = was.ap.ap.BSSID()
		i.emit(*gone)
		i.emit(drivers.EventState{State: i.state()})
	}
}

// receive takes a frame from an AP. Only the AP of the link is listened to.
func (i *iface) receive(from *station, frame, tk []byte) {
	l := i.link
	head, body, err := dot11.ParseMgmt(frame)
	if err != nil || l == nil || l.ap != from || head.DA != i.mac || !i.unprotect(l, head, body, tk) {
		return
	}
	switch head.Subtype {
	case dot11.SubtypeAuth:
		i.receiveAuth(l, frame, body)
	case dot11.SubtypeAssocResponse, dot11.SubtypeReassocResponse:
		i.receiveAssoc(l, body)
	case dot11.SubtypeAction:
		if l.phase == phaseAssociated {
			i.emit(drivers.EventFrame{Frame: frame, Freq: l.ap.ap.Freq()})
		}
	case dot11.SubtypeDeauth, dot11.SubtypeDisassoc:
		f, err := dot11.ParseDisconnect(body)
		if err != nil {
			return
		}
		if l.phase == phaseAssociated {
			i.endLink(&drivers.EventDisconnected{Reason: uint16(f.Reason), Disassoc: head.Subtype == dot11.SubtypeDisassoc})
			return
		}
		if i.joining != nil {
			i.joinFailed(dot11.StatusUnspecifiedFailure)
			return
		}
		bssid := from.ap.BSSID()
		i.endLink(nil)
		i.emit(drivers.EventDisconnected{BSSID: bssid, Reason: uint16(f.Reason), Disassoc: head.Subtype == dot11.SubtypeDisassoc})
	}
}

// unprotect judges the protection of a frame: whether the station takes it.
// Disconnections in the clear are reported instead (11.13).
func (i *iface) unprotect(l *staLink, h dot11.MgmtHeader, body, tk []byte) bool {
	own, keyed := i.pairwiseKey(l.ap.ap.BSSID())
	robust := h.Subtype == dot11.SubtypeDeauth || h.Subtype == dot11.SubtypeDisassoc || h.Subtype == dot11.SubtypeAction
	switch {
	case tk != nil:
		return keyed && bytes.Equal(own.Key, tk)
	case !robust || !l.pmf || !keyed:
		return true
	case h.Subtype != dot11.SubtypeAction:
		if f, err := dot11.ParseDisconnect(body); err == nil {
			i.emit(drivers.EventUnprotDisconnect{Src: h.SA, Dst: h.DA, Reason: uint16(f.Reason), Disassoc: h.Subtype == dot11.SubtypeDisassoc})
		}
	}
	return false
}

func (i *iface) receiveAuth(l *staLink, frame, body []byte) {
	f, err := dot11.ParseAuth(body)
	if err == nil && i.joining != nil && f.Alg == l.alg {
		i.joinAuth(l, f, frame)
		return
	}
	if err != nil || l.phase != phaseAuthenticating || f.Alg != l.alg {
		return
	}
	l.frame = nil
	l.timer.Stop()
	ev := drivers.EventAuth{BSSID: l.ap.ap.BSSID(), Alg: f.Alg, Transaction: f.Seq, Status: uint16(f.Status), IEs: f.Payload}
	switch {
	case f.Status == dot11.StatusSuccess:
		l.phase = phaseAuthenticated
	case f.Alg != dot11.AuthAlgSAE: // SAE goes on after some statuses
		i.endLink(nil)
	}
	i.emit(ev)
}

func (i *iface) receiveAssoc(l *staLink, body []byte) {
	f, err := dot11.ParseAssocResponse(body)
	if err != nil || l.phase != phaseAssociating {
		return
	}
	if after := f.Elements.Comeback(); f.Status == dot11.StatusAssocTryAgain && after > 0 && l.frame != nil && l.tries < linkTries {
		i.emit(drivers.EventComeback{BSSID: l.ap.ap.BSSID(), After: after})
		i.arm(l, after, i.try) // as mac80211 does
		return
	}
	l.frame = nil
	l.timer.Stop()
	bssid, roamed := l.ap.ap.BSSID(), i.joining != nil && i.joining.old != nil
	if f.Status != dot11.StatusSuccess {
		no := drivers.EventAssocReject{BSSID: bssid, Status: uint16(f.Status), RespIEs: f.Elements}
		if i.joining != nil {
			i.joinEnds(no)
			return
		}
		i.endLink(nil)
		i.emit(no)
		return
	}
	l.phase, i.joining = phaseAssociated, nil
	i.emit(drivers.EventAssoc{BSSID: bssid, Freq: l.ap.ap.Freq(), ReqIEs: l.reqIEs, RespIEs: f.Elements, Roamed: roamed})
	i.emit(drivers.EventState{State: i.state()})
	i.arm(l, i.beaconWatch(l), i.watchBeacons)
}

func (i *iface) beaconWatch(l *staLink) time.Duration {
	return missedBeacons * time.Duration(l.ap.ap.Interval()) * simap.TU
}

// watchBeacons ends the association when the AP is not heard any more: once
// reported, once probed for, then gone.
func (i *iface) watchBeacons(l *staLink) {
	if i.link != l {
		return
	}
	_, heard := i.radio.level(l.ap, i.air.uptime())
	switch {
	case heard && !l.ap.gone:
		l.lost = false
		i.arm(l, i.beaconWatch(l), i.watchBeacons)
	case !l.lost:
		l.lost = true
		i.emit(drivers.EventBeaconLoss{})
		i.arm(l, probeTime, i.watchBeacons)
	default:
		i.endLink(&drivers.EventDisconnected{Reason: uint16(dot11.ReasonInactivity), Local: true})
	}
}

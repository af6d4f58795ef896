package engine

import (
	"encoding/binary"
	"errors"
	"io"
	"time"

	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
	"gosupplicant/engine/loop"
	"gosupplicant/engine/rsn"
)

// saQuery asks the AP whether it still knows our association, after a frame
// that pretends the contrary (11.13). Only a missing answer ends it.
type saQuery struct {
	active bool
	ids    []uint16 // transaction identifiers sent
	begun  time.Time
	timer  *loop.Timer
	last   time.Time // of the last unprotected frame that was acted on
}

// Times of the procedure (dot11AssociationSAQueryRetryTimeout and
// -MaximumTimeout, in time units of 1024 µs).
const (
	saQueryRetry = 201 * 1024 * time.Microsecond
	saQueryMax   = 1000 * 1024 * time.Microsecond
	saQueryPause = 10 * time.Second // between procedures, against floods
)

func (q *saQuery) stop() {
	q.timer.Stop()
	q.active, q.ids = false, nil
}

// unprotected takes a deauthentication or disassociation that came without
// protection: it is not believed, but the access point is asked. Not only when the
// reason is a frame out of place (6, 7): one that has begun anew says 2 or 3.
func (i *Interface) unprotected(ev drivers.EventUnprotDisconnect) {
	l := i.conn.link
	if l == nil || l.sec == nil || l.sec.PMF == drivers.PMFNo || ev.Src != l.bss.BSSID || l.authorized.IsZero() {
		return
	}
	reason := dot11.Reason(ev.Reason)
	i.log.Debug("Unprotected deauthentication or disassociation ignored", "src", ev.Src, "reason", reason, "disassoc", ev.Disassoc)
	i.emit(UnprotectedDisconnect{i, ev.Src, reason, ev.Disassoc})
	now := i.loop.Now()
	if !i.tamper.asks() || l.query.active || !l.query.last.IsZero() && now.Sub(l.query.last) < saQueryPause {
		return
	}
	l.query.last, l.query.active, l.query.begun = now, true, now
	i.sendSAQuery(l)
}

// sendSAQuery sends one request and plans the next step.
func (i *Interface) sendSAQuery(l *link) {
	q := &l.query
	if i.loop.Now().Sub(q.begun) >= saQueryMax {
		q.stop()
		i.linkFailed(l, &Failure{Phase: PhaseConnected, By: ByNobody, Cause: "the access point does not answer SA Query: it has forgotten us"}, dot11.ReasonPrevAuthInvalid)
		return
	}
	var id [2]byte
	sender, ok := i.drv.(drivers.FrameSender)
	if _, err := io.ReadFull(i.sup.opts.Rand, id[:]); err != nil || !ok {
		q.stop()
		return
	}
	i.log.Debug("Asking the access point by SA Query", "bssid", l.bss.BSSID, "attempt", len(q.ids)+1)
	q.ids = append(q.ids, binary.LittleEndian.Uint16(id[:]))
	frame := i.tamper.query(saQueryFrame(i.link.MAC, l, saQueryRequest, id), saQueryRequest)
	freq := l.freq
	i.worker.Do(func() {
		if err := sender.SendFrame(frame, freq, false); err != nil {
			i.log.Debug("Sending SA Query", "err", err)
		}
	}, nil)
	q.timer = i.loop.After(saQueryRetry, i.name+" SA Query", func() {
		if i.conn.link == l && q.active {
			i.sendSAQuery(l)
		}
	})
}

// SA Query actions (9.6.9).
const (
	saQueryRequest  = 0
	saQueryResponse = 1
)

// saQueryFrame makes one, with the channel in use where that is validated.
func saQueryFrame(own dot11.MAC, l *link, action byte, id [2]byte) []byte {
	bssid := l.bss.BSSID
	h := dot11.MgmtHeader{Subtype: dot11.SubtypeAction, DA: bssid, SA: own, BSSID: bssid}
	frame := append(h.Append(nil), byte(dot11.CategorySAQuery), action, id[0], id[1])
	if l.oci != nil {
		frame = dot11.AppendExtElement(frame, dot11.ExtIDOCI, l.oci.OpClass, l.oci.Primary, l.oci.Segment1)
	}
	return frame
}

// actionFrame takes an action frame of the AP.
func (i *Interface) actionFrame(h dot11.MgmtHeader, body []byte) {
	l := i.conn.link
	if l == nil || h.SA != l.bss.BSSID || len(body) < 4 || dot11.Category(body[0]) != dot11.CategorySAQuery {
		return
	}
	if err := l.checkOCI(dot11.Elements(body[4:])); err != nil {
		i.log.Debug("SA Query frame from another channel", "err", err)
		return
	}
	id := [2]byte{body[2], body[3]}
	switch body[1] {
	case saQueryRequest:
		sender, ok := i.drv.(drivers.FrameSender)
		if !ok || l.authorized.IsZero() {
			return
		}
		frame, freq := i.tamper.query(saQueryFrame(i.link.MAC, l, saQueryResponse, id), saQueryResponse), l.freq
		i.worker.Do(func() {
			if err := sender.SendFrame(frame, freq, false); err != nil {
				i.log.Debug("Answering SA Query", "err", err)
			}
		}, nil)
	case saQueryResponse:
		for _, sent := range l.query.ids {
			if l.query.active && sent == binary.LittleEndian.Uint16(id[:]) {
				i.log.Debug("SA Query answered: the association stands")
				l.query.stop()
				return
			}
		}
	}
}

// checkOCI compares the channel that a protected frame tells with the one in use,
// where both sides agreed to (12.2.9).
func (l *link) checkOCI(es dot11.Elements) error {
	if l.oci == nil {
		return nil
	}
	b, ok := es.FindExt(dot11.ExtIDOCI)
	if !ok || len(b) < 3 {
		return errors.New("no operating channel information")
	}
	return rsn.OCI{OpClass: b[0], Primary: b[1], Segment1: b[2]}.Validate(*l.oci)
}

//go:build testoptions

package rsn

import (
	"errors"
	"log/slog"
)

// Tamper is what a test program has a Machine send instead of what it should.
// The zero value changes nothing.
type Tamper struct {
	// ChannelM2 and ChannelG2 go into message 2 of the 4-way and of the group
	// handshake instead of the channel in use, where there is an OCI KDE.
	ChannelM2, ChannelG2 *OCI
	// InfoM2 is added to the Key Information bits of message 2.
	InfoM2 KeyInfo
	// ElementsM2 and ElementsM4 follow the Key Data of messages 2 and 4.
	ElementsM2, ElementsM4 []byte
}

type tamper struct{ *Tamper }

func (t tamper) channel(m Message, own OCI) OCI {
	switch {
	case t.Tamper == nil:
	case m == MessageM2 && t.ChannelM2 != nil:
		return *t.ChannelM2
	case m == MessageG2 && t.ChannelG2 != nil:
		return *t.ChannelG2
	}
	return own
}

// frame changes a frame before its MIC is made.
func (t tamper) frame(m Message, f *KeyFrame) {
	switch {
	case t.Tamper == nil:
	case m == MessageM2:
		f.Info |= t.InfoM2
		f.Data = append(f.Data, t.ElementsM2...)
	case m == MessageM4:
		f.Data = append(f.Data, t.ElementsM4...)
	}
}

// Tamper has the machine look at t, whose contents may change later, from now
// on; nil ends it.
func (m *Machine) Tamper(t *Tamper) { m.tamper = tamper{t} }

// KeyRequest sends a key request, or with failure a report of a failed Michael
// check, whatever the ciphers. Without a PTK it is refused.
func (m *Machine) KeyRequest(pairwise, failure bool) ([]Output, error) {
	if m.ptk == nil {
		return nil, errors.New("rsn: key request without a PTK")
	}
	m.request(pairwise, failure)
	return m.flush(), nil
}

// DropSA forgets all keys as if none had been agreed on, while the association
// stays: the next handshake is a first one. The keys leave the device too.
func (m *Machine) DropSA() []Output {
	if m.state == StateIdle || m.state == StateWaitPMK {
		return nil
	}
	if m.ptk != nil {
		m.ptk.kck.Zero()
		m.ptk.kek.Zero()
	}
	if m.a.PTKRekey > 0 && m.tkSet {
		m.emit(StopTimer{TimerRekey})
	}
	m.hs, m.ptk, m.tkSet, m.groupSet, m.protected, m.m2Sent = nil, nil, false, false, false, 0
	m.seen = make(map[keyDigest]struct{}) // the device has none of them any more
	m.note(slog.LevelDebug, "security association dropped without a word to the access point")
	m.emit(RemoveKeys{})
	m.enter(StateWaitM1)
	return m.flush()
}

//go:build testoptions

package engine

import (
	"bytes"
	"slices"

	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
	"gosupplicant/engine/keys"
	"gosupplicant/engine/rsn"
	"gosupplicant/engine/sae"
)

// Tamper is what test programs have an interface do otherwise than it should, to
// drive its peers and itself into hostile cases. The zero value changes nothing.
// Elements are whole ones, header included, unless said otherwise.
type Tamper struct {
	EAPOLByHand  bool // EAPOL frames to send become EAPOLToSend events
	FramesByHand bool // management frames received become FrameReceived events
	IgnoreAuth   bool // authentication frames of the AP are not heard
	NoSAQuery    bool // forged disconnections begin no SA Query
	EncryptM2    bool // message 2 of the 4-way handshake goes encrypted where there is a key
	EncryptM4    bool // message 4 likewise
	NoG2         bool // message 2 of the group handshake is not sent

	// FreqM2, FreqG2, FreqQuery and FreqAnswer (MHz) are the channel that an OCI
	// names in message 2 of both handshakes, where there is one, and in SA Query
	// requests and responses, which get one; 0 leaves them.
	FreqM2, FreqG2, FreqQuery, FreqAnswer int

	InfoM2                 uint16 // bits added to Key Information of message 2
	ElementsM2, ElementsM4 []byte // follow the Key Data

	RSNEM2     []byte  // the element of message 2; nil leaves it
	RSNXEM2    *[]byte // the RSNXE of message 2, empty for none; nil leaves it
	RSNXEAssoc *[]byte // the RSNXE of association requests, likewise
	AssocElems []byte  // follow the elements of association requests
	// RSNXEData replaces, in the body of the RSNXE everywhere, the bits that
	// RSNXEMask sets; both have the same length and extend a shorter body.
	RSNXEData, RSNXEMask []byte

	CommitBody     []byte   // of SAE commits, from the group on; nil leaves it
	RejectedGroups []uint16 // that the first SAE commit names

	Signals map[dot11.MAC]Levels // what BSSs are heard with
	// Preferred are the channels (MHz) that the driver prefers, by the kind of
	// interface.
	Preferred map[string][]int
}

// Levels are pretended measurements of a BSS, in dBm.
type Levels struct{ Signal, Average, Beacon, Noise, Scan int }

// tamper is the state behind Tamper and the test commands.
type tamper struct {
	Tamper
	keys    rsn.Tamper
	tk, gtk *drivers.Key // the last ones installed, copies
	params  *drivers.AssocParams
	sent    []FrameSent // whose fate is not known yet
	bodies  [][]byte    // of these
	byHand  []rsn.Send  // the last ones of EAPOLToSend
	data    dataTest
	results *drivers.ScanResults // of a pretended scan under way; nil without
}

// Tamper changes what is tampered with by f. Nothing is changed when f or what it
// has made is refused.
func (i *Interface) Tamper(f func(*Tamper) error) error {
	t := i.tamper.Tamper
	if err := f(&t); err != nil {
		return err
	}
	k, err := t.handshake()
	if err != nil {
		return err
	}
	i.tamper.Tamper, i.tamper.keys = t, k
	return nil
}

// handshake checks t and returns the part of the key machine.
func (t *Tamper) handshake() (k rsn.Tamper, err error) {
	if t.RSNEM2 != nil && len(t.RSNEM2) < 2 {
		return k, &InvalidError{What: "RSNE: no element"}
	}
	if len(t.RSNXEData) != len(t.RSNXEMask) {
		return k, &InvalidError{What: "RSNXE data and mask of different lengths"}
	}
	for _, f := range []int{t.FreqQuery, t.FreqAnswer} {
		if _, err := oci20(f); err != nil {
			return k, err
		}
	}
	k = rsn.Tamper{InfoM2: rsn.KeyInfo(t.InfoM2), ElementsM2: t.ElementsM2, ElementsM4: t.ElementsM4}
	if k.ChannelM2, err = oci20(t.FreqM2); err == nil {
		k.ChannelG2, err = oci20(t.FreqG2)
	}
	return k, err
}

// oci20 names a 20 MHz channel; nil for 0.
func oci20(freq int) (*rsn.OCI, error) {
	if freq == 0 {
		return nil, nil
	}
	oci, ok := ociOf(&drivers.Signal{Freq: freq, Width: 20, CenterFreq1: freq})
	if !ok {
		return nil, &InvalidError{What: "frequency: no channel of any operating class"}
	}
	return &oci, nil
}

func (t *tamper) close(i *Interface) { t.data.close(i) }

// reset forgets what was set; what was seen is kept.
func (t *tamper) reset() { t.Tamper, t.keys = Tamper{}, rsn.Tamper{} }

// hears looks at an event of the device first and reports whether it keeps it.
func (t *tamper) hears(i *Interface, ev drivers.Event) (taken bool) {
	switch ev := ev.(type) {
	case drivers.EventEAPOL:
		i.emit(EAPOLReceived{i, ev.Src, len(ev.PDU)})
	case drivers.EventAuth:
		return t.IgnoreAuth
	case drivers.EventFrame:
		if t.FramesByHand {
			i.emit(FrameReceived{i, ev.Freq, ev.Signal, ev.Frame})
		}
		return t.FramesByHand
	case drivers.EventFrameTxStatus:
		t.fate(i, ev)
	}
	return false
}

// fate finds the frame of SendTestFrame that a status is about: the kernel has
// filled in duration and sequence number.
func (t *tamper) fate(i *Interface, ev drivers.EventFrameTxStatus) {
	h, body, err := dot11.ParseMgmt(ev.Frame)
	if err != nil {
		return
	}
	for k, s := range t.sent {
		if s.DA == h.DA && s.BSSID == h.BSSID && bytes.Equal(t.bodies[k], body) {
			t.sent, t.bodies = slices.Delete(t.sent, k, k+1), slices.Delete(t.bodies, k, k+1)
			s.Acked = ev.Acked
			i.emit(s)
			return
		}
	}
}

// maxSent bounds the frames whose fate is awaited.
const maxSent = 64

func (t *tamper) await(s FrameSent, body []byte) {
	if len(t.sent) == maxSent {
		t.sent, t.bodies = t.sent[1:], t.bodies[1:]
	}
	t.sent, t.bodies = append(t.sent, s), append(t.bodies, body)
}

// level is the level of a scan result.
func (t *tamper) level(bssid dot11.MAC, dbm int) int {
	if l, ok := t.Signals[bssid]; ok {
		return l.Scan
	}
	return dbm
}

// signal changes the measurements of the present link.
func (t *tamper) signal(i *Interface, s *drivers.Signal) {
	if l := i.conn.link; l != nil {
		if v, ok := t.Signals[l.bss.BSSID]; ok {
			s.Signal, s.AvgSignal, s.AvgBeaconSignal, s.Noise = v.Signal, v.Average, v.Beacon, v.Noise
		}
	}
}

func (t *tamper) exchange(c *sae.Config) { c.Rejected = t.RejectedGroups }

func (t *tamper) commit(s sae.Send) sae.Send {
	if t.CommitBody != nil && s.Transaction == sae.TransactionCommit {
		s.Status, s.Body = dot11.StatusSuccess, t.CommitBody
	}
	return s
}

// rsnxe changes bits of the RSNXE that this station announces.
func (t *tamper) rsnxe(whole []byte) []byte {
	if len(t.RSNXEMask) == 0 {
		return whole
	}
	var body []byte
	if len(whole) > 2 {
		body = bytes.Clone(whole[2:])
	}
	for k, m := range t.RSNXEMask {
		if k == len(body) {
			body = append(body, 0)
		}
		body[k] = body[k]&^m | t.RSNXEData[k]&m
	}
	return dot11.AppendElement(nil, dot11.ElementRSNX, body...)
}

// request changes an association request and keeps it for ResendAssociation.
func (t *tamper) request(_ *attempt, p *drivers.AssocParams) {
	if t.RSNXEAssoc != nil {
		p.IEs = exchangeElement(p.IEs, dot11.ElementRSNX, dot11.ElementRSN, *t.RSNXEAssoc)
	}
	p.IEs = append(p.IEs, t.AssocElems...)
	c := *p
	c.IEs = bytes.Clone(p.IEs)
	t.params = &c
}

// exchangeElement takes the elements id out of es and puts by in their place, or
// where there is none behind the element after.
func exchangeElement(es []byte, id, after dot11.ElementID, by []byte) (out []byte) {
	rest, had := dot11.Elements(es), dot11.Elements(es).Has(id)
	placed := false
	for off := 0; off+1 < len(rest); {
		end := min(off+2+int(rest[off+1]), len(rest))
		this := dot11.ElementID(rest[off])
		if this != id {
			out = append(out, rest[off:end]...)
		}
		if !placed && (this == id || !had && this == after) {
			out, placed = append(out, by...), true
		}
		off = end
	}
	if !placed {
		out = append(out, by...)
	}
	return out
}

// association changes what the key machine is told to send in message 2.
func (t *tamper) association(a *rsn.Association) {
	if t.RSNEM2 != nil {
		a.OwnElement = t.RSNEM2
	}
	if t.RSNXEM2 != nil {
		a.OwnRSNXE = *t.RSNXEM2
	}
}

func (t *tamper) machine(m *rsn.Machine) { m.Tamper(&t.keys) }

// sends changes an EAPOL frame about to be sent, or keeps it.
func (t *tamper) sends(i *Interface, s rsn.Send) (out rsn.Send, ok bool) {
	switch {
	case s.Message == rsn.MessageG2 && t.NoG2:
		return s, false
	case s.Message == rsn.MessageM2 && t.EncryptM2, s.Message == rsn.MessageM4 && t.EncryptM4:
		s.Encrypt = true
	}
	if t.EAPOLByHand {
		if len(t.byHand) == maxByHand {
			t.byHand = t.byHand[1:]
		}
		t.byHand = append(t.byHand, s)
		i.emit(EAPOLToSend{i, s.To, s.PDU})
	}
	return s, !t.EAPOLByHand
}

// order has an encrypted message 4 follow the key that it is encrypted with.
func (t *tamper) order(outs []rsn.Output) []rsn.Output {
	if !t.EncryptM4 {
		return outs
	}
	late := func(o rsn.Output) bool { s, ok := o.(rsn.Send); return ok && s.Message == rsn.MessageM4 }
	pairwise := func(o rsn.Output) bool { k, ok := o.(rsn.InstallKey); return ok && k.Use == rsn.KeyPairwise }
	from, to := slices.IndexFunc(outs, late), slices.IndexFunc(outs, pairwise)
	if from < 0 || to < from {
		return outs
	}
	m4 := outs[from]
	return slices.Insert(slices.Delete(slices.Clone(outs), from, from+1), to, m4)
}

// maxByHand bounds the frames that are remembered.
const maxByHand = 8

// encrypts tells how a PDU is to be sent: as the machine wanted it where it made the
// PDU, else encrypted once there are keys.
func (t *tamper) encrypts(pdu []byte, keyed bool) bool {
	for _, s := range t.byHand {
		if bytes.Equal(s.PDU, pdu) {
			return s.Encrypt
		}
	}
	return keyed
}

// installs keeps copies of the keys that the device gets.
func (t *tamper) installs(k *drivers.Key) {
	c := *k
	c.Key = bytes.Clone(k.Key)
	last := map[drivers.KeyUse]**drivers.Key{drivers.KeyPairwise: &t.tk, drivers.KeyGroup: &t.gtk}[k.Use]
	if last == nil {
		return
	}
	if *last != nil {
		keys.Secret((*last).Key).Zero()
	}
	*last = &c
}

func (t *tamper) asks() bool { return !t.NoSAQuery }

// query adds the OCI element with the pretended channel to an SA Query frame.
func (t *tamper) query(frame []byte, action byte) []byte {
	freq := t.FreqQuery
	if action == saQueryResponse {
		freq = t.FreqAnswer
	}
	oci, err := oci20(freq)
	if oci == nil || err != nil {
		return frame
	}
	return dot11.AppendExtElement(frame, dot11.ExtIDOCI, oci.OpClass, oci.Primary, oci.Segment1)
}

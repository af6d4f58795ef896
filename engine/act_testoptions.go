//go:build testoptions

package engine

import (
	"bytes"
	"encoding/hex"
	"fmt"

	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
)

// What test programs do in the place of the device, the peer, or the machines of an
// interface.

// EAPOLHeard treats a PDU as if it had come from src; how it was protected is not
// known.
func (i *Interface) EAPOLHeard(src dot11.MAC, pdu []byte) {
	i.emit(EAPOLReceived{i, src, len(pdu)})
	i.receiveEAPOL(drivers.EventEAPOL{Src: src, PDU: pdu})
}

// SendTestEAPOL sends a PDU: one of EAPOLToSend as the key machine wanted it, any
// other encrypted once there are keys.
func (i *Interface) SendTestEAPOL(dst dot11.MAC, pdu []byte, done func(error)) {
	d, ok := i.drv.(drivers.Linker)
	if !ok {
		done(ErrNotSupported)
		return
	}
	l := i.conn.link
	encrypt := i.tamper.encrypts(pdu, l != nil && l.keys != nil && l.keys.InUse())
	var err error
	i.worker.Do(func() { err = d.SendEAPOL(dst, pdu, encrypt) }, func() { done(err) })
}

// ProcessFrame treats a management frame as if it had come from the device, which
// must hand its own over (Tamper.FramesByHand). Authentication, disconnection and
// action frames are known; a disconnection counts as protected when its header says
// so. freq is in MHz, signal in dBm.
func (i *Interface) ProcessFrame(frame []byte, freq, signal int) error {
	h, body, err := dot11.ParseMgmt(frame)
	switch {
	case !i.tamper.FramesByHand:
		return fmt.Errorf("engine: management frames are not handled by hand: %w", ErrNotSupported)
	case err != nil:
		return &InvalidError{What: "frame", Err: err}
	case h.DA != i.link.MAC && !h.DA.IsGroup():
		return &InvalidError{What: "frame: it is for another station"}
	}
	switch h.Subtype {
	case dot11.SubtypeAction:
		i.receiveFrame(drivers.EventFrame{Frame: frame, Freq: freq, Signal: signal})
	case dot11.SubtypeAuth:
		f, err := dot11.ParseAuth(body)
		if err != nil {
			return &InvalidError{What: "frame", Err: err}
		}
		i.authenticated(drivers.EventAuth{BSSID: h.BSSID, Alg: f.Alg, Transaction: f.Seq, Status: uint16(f.Status), IEs: f.Payload})
	case dot11.SubtypeDeauth, dot11.SubtypeDisassoc:
		return i.processDisconnect(h, body)
	default:
		return fmt.Errorf("engine: processing of %v: %w", h.Subtype, ErrNotSupported)
	}
	return nil
}

// processDisconnect does what the kernel does with a disconnection: believe it, or
// with PMF report one in the clear.
func (i *Interface) processDisconnect(h dot11.MgmtHeader, body []byte) error {
	f, err := dot11.ParseDisconnect(body)
	if err != nil {
		return &InvalidError{What: "frame", Err: err}
	}
	disassoc := h.Subtype == dot11.SubtypeDisassoc
	l := i.conn.link
	if l != nil && l.sec != nil && l.sec.PMF != drivers.PMFNo && l.keys != nil && l.keys.InUse() && h.Flags&dot11.FrameFlagProtected == 0 {
		i.unprotected(drivers.EventUnprotDisconnect{Src: h.SA, Dst: h.DA, Reason: uint16(f.Reason), Disassoc: disassoc})
		return nil
	}
	i.lost(drivers.EventDisconnected{BSSID: h.BSSID, Reason: uint16(f.Reason), Disassoc: disassoc})
	return nil
}

// SendTestFrame sends an action frame with this body; FrameSent tells its fate where
// the device does. freq is in MHz, 0 for the channel of the link.
func (i *Interface) SendTestFrame(da, bssid dot11.MAC, freq int, body []byte, done func(error)) {
	d, ok := i.drv.(drivers.FrameSender)
	if !ok {
		done(ErrNotSupported)
		return
	}
	h := dot11.MgmtHeader{Subtype: dot11.SubtypeAction, DA: da, SA: i.link.MAC, BSSID: bssid}
	frame := append(h.Append(nil), body...)
	told := freq
	if l := i.conn.link; told == 0 && l != nil {
		told = l.freq
	}
	i.tamper.await(FrameSent{Iface: i, Freq: told, DA: da, SA: i.link.MAC, BSSID: bssid}, bytes.Clone(body))
	var err error
	i.worker.Do(func() { err = d.SendFrame(frame, freq, da.IsGroup()) }, func() { done(err) })
}

// Pretend treats ev as if it had come from the device.
func (i *Interface) Pretend(ev drivers.Event) { i.driverEvent(ev) }

// Preferred are the channels that Tamper has the driver prefer for a kind of
// interface, in MHz.
func (i *Interface) Preferred(kind string) []int { return i.tamper.Preferred[kind] }

// maxPretended bounds the results of one pretended scan.
const maxPretended = 1000

// BeginResults begins a pretended scan, AddResult adds what it has heard.
func (i *Interface) BeginResults() { i.tamper.results = &drivers.ScanResults{} }

// AddResult adds a BSS to the pretended scan that has begun.
func (i *Interface) AddResult(r drivers.ScanResult) error {
	res := i.tamper.results
	switch {
	case res == nil:
		return ErrNotScanning
	case len(res.Results) == maxPretended:
		return ErrLimit
	}
	res.Results = append(res.Results, r)
	return nil
}

// EndResults takes the results in as those of a scan that the device made by itself.
func (i *Interface) EndResults() error {
	res := i.tamper.results
	if res == nil {
		return ErrNotScanning
	}
	i.tamper.results = nil
	i.takeResults(res, drivers.EventScanDone{}, nil)
	return nil
}

// KeyRequest sends a key request or, with failure, the report of a failed Michael
// check.
func (i *Interface) KeyRequest(pairwise, failure bool) error {
	l := i.conn.link
	if l == nil || l.keys == nil {
		return ErrNotConnected
	}
	outs, err := l.keys.KeyRequest(pairwise, failure)
	if err == nil {
		i.runKeys(l, outs)
	}
	return err
}

// DropSA forgets all keys here and in the device, without a word to the AP.
func (i *Interface) DropSA() error {
	l := i.conn.link
	if l == nil || l.keys == nil {
		return ErrNotConnected
	}
	i.runKeys(l, l.keys.DropSA())
	return nil
}

// ResetPN installs the last pairwise key anew, which begins its packet numbers from
// zero; another key before it keeps the device from seeing that it is the same.
func (i *Interface) ResetPN(done func(error)) {
	d, ok := i.drv.(drivers.Linker)
	k := i.tamper.tk
	if !ok || k == nil {
		done(ErrNotConnected)
		return
	}
	again, zero := *k, *k
	again.Key, zero.Key = bytes.Clone(k.Key), make([]byte, len(k.Key))
	var err error
	i.worker.Do(func() {
		if err = d.SetKey(&zero); err == nil {
			err = d.SetKey(&again)
		}
		clear(again.Key)
	}, func() { done(err) })
}

// ResendAssociation sends the last association request again, as a reassociation
// with the same AP, and goes on as after the first.
func (i *Interface) ResendAssociation(done func(error)) {
	l, s, p := i.conn.link, i.sme(), i.tamper.params
	switch {
	case l == nil || p == nil || l.authorized.IsZero():
		done(ErrNotConnected)
		return
	case i.conn.attempt != nil:
		done(ErrBusy)
		return
	case s == nil, l.sec != nil && l.sec.AKM == dot11.AKMOWE: // an exchange of OWE serves once
		done(ErrNotSupported)
		return
	}
	a := &attempt{c: &candidate{bss: l.bss, network: l.network, ssid: l.ssid}, sec: l.sec, phase: PhaseAssociation,
		begun: i.loop.Now(), roamed: true, from: &l.bss.BSSID, work: &radioWork{over: true}}
	i.conn.attempt = a
	again := *p
	again.PrevBSSID = a.from
	var err error
	i.worker.Do(func() { err = s.Associate(&again) }, func() {
		if err != nil && !a.over {
			i.endAttempt(a)
		} else if a.phase == PhaseAssociation && !a.over {
			i.guardStep(a, assocTimeout)
		}
		done(err)
	})
}

// UnprotectedDeauth treats the link as if an unprotected deauthentication of class 2
// had come from its AP.
func (i *Interface) UnprotectedDeauth() {
	if l := i.conn.link; l != nil {
		i.unprotected(drivers.EventUnprotDisconnect{Src: l.bss.BSSID, Dst: i.link.MAC, Reason: uint16(dot11.ReasonClass2FromNonauth)})
	}
}

// LastTK and LastGTK are the last keys of their kind that the device got, in its byte
// order, as hexadecimal digits; "" before any.
func (i *Interface) LastTK() string  { return hexKey(i.tamper.tk) }
func (i *Interface) LastGTK() string { return hexKey(i.tamper.gtk) }

// LastTKIndex is the index of the key of LastTK.
func (i *Interface) LastTKIndex() int {
	if i.tamper.tk == nil {
		return 0
	}
	return i.tamper.tk.Index
}

func hexKey(k *drivers.Key) string {
	if k == nil {
		return ""
	}
	return hex.EncodeToString(k.Key)
}

// ANonce is the authenticator's last nonce; all zero before message 1.
func (i *Interface) ANonce() (nonce [32]byte) {
	if m := i.conn.keys; m != nil {
		if n, ok := m.ANonce(); ok {
			nonce = n
		}
	}
	return nonce
}

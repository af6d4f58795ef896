package simap

import (
	"bytes"
	"io"
	"slices"
	"time"

	"gosupplicant/engine/dot11"
	"gosupplicant/engine/keys"
)

// SendEAPOL asks for the transmission of an EAPOL PDU to a station, protected
// with the pairwise key TK unless that is nil.
type SendEAPOL struct {
	To  dot11.MAC
	PDU []byte
	TK  []byte
}

// SetTimer asks for a call of Timeout(Sta, ID) after a time. Timers are not
// stopped: an ID that is no longer awaited does nothing.
type SetTimer struct {
	Sta   dot11.MAC
	ID    uint64
	After time.Duration
}

func (SendEAPOL) apOutput() {}
func (SetTimer) apOutput()  {}

// Message times of the authenticator: four tries, the first of them short.
const (
	keyFirstTry = 100 * time.Millisecond
	keyNextTry  = time.Second
	keyTries    = 4
)

// keyStep is what the authenticator waits for.
type keyStep uint8

const (
	stepNone   keyStep = iota
	stepM2             // message 1 was sent
	stepM4             // message 3 was sent
	stepDone           // keys are in use
	stepGroup2         // keys are in use, group message 1 was sent
)

// rsn is the security of one station.
type rsn struct {
	wpa       bool   // WPA, from before RSN
	element   []byte // RSNE or WPA element of the association request, whole
	akm       dot11.AKM
	pairwise  dot11.Cipher
	pmf       bool
	pmk       keys.Secret
	pmkid     *keys.PMKID // told in message 1, nil for none
	dh        []byte      // Diffie-Hellman Parameter element for the response, nil for none
	step      keyStep
	tries     int
	first     uint64 // replay counter of the first try of this step
	replay    uint64 // counter of the last frame sent
	timer     uint64 // awaited timer
	anonce    keys.Nonce
	ptk       keys.PTK // in use, valid with installed
	next      keys.PTK // of the handshake under way
	installed bool
	given     []byte // GTK of the last message that had one
}

// suite is what an AKM and the length of its PMK say of key derivation (table
// 12-11).
type suite struct {
	hash     keys.Hash
	mic      keys.MIC
	kck, kek int // bytes
}

func (r *rsn) suite() suite {
	switch {
	case r.pairwise == dot11.CipherTKIP:
		return suite{keys.HashSHA1, keys.MICHMACMD5, 16, 16}
	case r.akm == dot11.AKMPSK, r.akm == dot11.AKMEAP:
		return suite{keys.HashSHA1, keys.MICHMACSHA1, 16, 16}
	case r.akm == dot11.AKMPSKSHA256, r.akm == dot11.AKMEAPSHA256, r.akm == dot11.AKMSAE:
		return suite{keys.HashSHA256, keys.MICAESCMAC, 16, 16}
	case len(r.pmk) == 48:
		return suite{keys.HashSHA384, keys.MICHMACSHA384, 24, 32}
	case len(r.pmk) == 64:
		return suite{keys.HashSHA512, keys.MICHMACSHA512, 32, 32}
	default:
		return suite{keys.HashSHA256, keys.MICHMACSHA256, 16, 16}
	}
}

func (r *rsn) mic() keys.MIC { return r.suite().mic }

// version is the descriptor version (12.7.2).
func (r *rsn) version() uint16 {
	switch {
	case r.pairwise == dot11.CipherTKIP:
		return 1
	case r.akm == dot11.AKMPSK, r.akm == dot11.AKMEAP:
		return 2
	case r.akm == dot11.AKMPSKSHA256, r.akm == dot11.AKMEAPSHA256:
		return 3
	default:
		return 0
	}
}

// descriptor is the descriptor type.
func (r *rsn) descriptor() byte {
	if r.wpa {
		return keyTypeWPA
	}
	return keyTypeRSN
}

// groupKeys are the keys all stations share.
type groupKeys struct {
	index     int // 1 or 2
	gtk       []byte
	igtkIndex int // 4 or 5
	igtk      []byte
}

// startHandshake begins the 4-way handshake with an associated station.
func (a *AP) startHandshake(sta dot11.MAC, p *peer) []Output {
	if a.group.gtk == nil && a.newGroupKeys() != nil {
		return a.Deauthenticate(sta, dot11.ReasonUnspecified)
	}
	if _, err := io.ReadFull(a.cfg.Random, p.rsn.anonce[:]); err != nil {
		return a.Deauthenticate(sta, dot11.ReasonUnspecified)
	}
	p.rsn.enter(stepM2)
	return a.sendStep(sta, p)
}

func (r *rsn) enter(s keyStep) {
	r.step, r.tries, r.first = s, 0, r.replay+1
}

// igtkLen is the length of the key for management frames, in bytes.
func igtkLen(c dot11.Cipher) int {
	if c.IsMgmtGroup() {
		return c.KeyLen()
	}
	return dot11.CipherBIPCMAC128.KeyLen()
}

func (a *AP) newGroupKeys() error {
	g := groupKeys{index: 1 + a.group.index%2, igtkIndex: 4, gtk: make([]byte, profiles[a.cfg.Security].group.KeyLen()), igtk: make([]byte, igtkLen(profiles[a.cfg.Security].mgmt))}
	if a.group.igtkIndex == 4 {
		g.igtkIndex = 5
	}
	if _, err := io.ReadFull(a.cfg.Random, g.gtk); err != nil {
		return err
	}
	if _, err := io.ReadFull(a.cfg.Random, g.igtk); err != nil {
		return err
	}
	a.group = g
	return nil
}

// sendStep transmits the message of the present step, a first time or again.
func (a *AP) sendStep(sta dot11.MAC, p *peer) []Output {
	r := p.rsn
	if r.tries == keyTries {
		reason := dot11.Reason4WayTimeout
		if r.step == stepGroup2 {
			reason = dot11.ReasonGroupKeyTimeout
		}
		return a.Deauthenticate(sta, reason)
	}
	wait := keyNextTry
	if r.tries == 0 {
		wait = keyFirstTry
	}
	r.tries++
	r.replay++
	a.timers++
	r.timer = a.timers
	pdu, err := a.message(r)
	if err != nil {
		return a.Deauthenticate(sta, dot11.ReasonUnspecified)
	}
	out := SendEAPOL{To: sta, PDU: pdu}
	if r.installed {
		out.TK = r.ptk.TK
	}
	return []Output{out, SetTimer{Sta: sta, ID: r.timer, After: wait}}
}

// stepKeys are the keys that protect the Key Data of the present step.
func (r *rsn) stepKeys() *keys.PTK {
	if r.step == stepM4 {
		return &r.next
	}
	return &r.ptk
}

// message builds message 1 or 3, or group message 1.
func (a *AP) message(r *rsn) ([]byte, error) {
	f := keyFrame{kind: r.descriptor(), info: r.version() | keyAck, keyLen: uint16(r.pairwise.KeyLen()), replay: r.replay}
	if r.step == stepM2 {
		f.info |= keyPairwise
		f.nonce = r.anonce
		if r.pmkid != nil {
			f.data = appendKDE(nil, kdePMKID, r.pmkid[:]...)
		}
		return f.pdu(r.mic(), nil)
	}
	f.info |= keyMIC
	if r.step == stepM4 {
		f.info |= keyPairwise | keyInstall
		f.nonce = r.anonce
	}
	ptk := r.stepKeys()
	if err := a.fillData(&f, r, ptk.KEK); err != nil {
		return nil, err
	}
	return f.pdu(r.mic(), ptk.KCK)
}

// fillData adds the Key Data of message 3 or group message 1.
func (a *AP) fillData(f *keyFrame, r *rsn, kek []byte) error {
	var data []byte
	switch {
	case r.wpa && r.step == stepM4: // in the clear, without a group key
		e, _ := profiles[a.cfg.Security].wpa()
		f.data = e.Append(nil)
		return nil
	case r.wpa: // the bare key
		f.info |= keySecure | uint16(a.group.index)<<keyIndex
		f.keyLen = uint16(len(a.group.gtk))
		data, r.given = a.group.gtk, a.group.gtk
	default:
		f.info |= keySecure | keyEncrypted
		if r.step != stepM4 {
			f.keyLen = 0
		}
		data, r.given = a.keyData(r), a.group.gtk
	}
	if r.version() != 1 {
		wrapped, err := wrapKeyData(kek, data)
		f.data = wrapped
		return err
	}
	if _, err := io.ReadFull(a.cfg.Random, f.iv[:]); err != nil {
		return err
	}
	sealed, err := keys.RC4(f.iv, kek, data)
	f.data = sealed
	return err
}

// keyData is the Key Data of RSN in the clear.
func (a *AP) keyData(r *rsn) []byte {
	var data []byte
	if r.step == stepM4 {
		e, _ := profiles[a.cfg.Security].rsne(a.cfg.Mobility != nil)
		data = e.Append(nil)
		if profiles[a.cfg.Security].h2e {
			data = dot11.NewRSNXE(dot11.RSNXSAEH2E).Append(data)
		}
	}
	data = appendKDE(data, kdeGTK, append([]byte{byte(a.group.index), 0}, a.group.gtk...)...)
	if r.pmf {
		igtk := append([]byte{byte(a.group.igtkIndex), 0}, make([]byte, 6)...) // key ID, packet number
		data = appendKDE(data, kdeIGTK, append(igtk, a.group.igtk...)...)
	}
	return data
}

// kernelOrder puts a TKIP key in the order in which stations hand it to their
// kernel: the supplicant's Michael key before the authenticator's, as nl80211
// wants it. Keys of both ends can be compared then.
func kernelOrder(c dot11.Cipher, key []byte) []byte {
	if c != dot11.CipherTKIP || len(key) != 32 {
		return key
	}
	return slices.Concat(key[:16], key[24:], key[16:24])
}

// ReceiveEAPOL takes an EAPOL PDU from a station. tk is the key it was protected
// with, nil for none. What cannot be decrypted, parsed or verified is ignored.
func (a *AP) ReceiveEAPOL(sta dot11.MAC, pdu, tk []byte) []Output {
	p := a.peers[sta]
	if p == nil || p.rsn == nil || !p.associated {
		return nil
	}
	r := p.rsn
	if r.installed != (tk != nil) || tk != nil && !keys.Equal(tk, r.ptk.TK) {
		return nil
	}
	if len(pdu) > 1 && pdu[1] != eapolKeyType {
		return a.receivePAE(sta, p, pdu)
	}
	f, err := parseKeyFrame(r.mic(), pdu)
	if err != nil || f.kind != r.descriptor() || f.info&keyVersion != r.version() || f.info&(keyAck|keyError|keyRequest) != 0 || f.info&keyMIC == 0 ||
		f.replay < r.first || f.replay > r.replay {
		return nil
	}
	pairwise := f.info&keyPairwise != 0
	switch {
	case r.step == stepM2 && pairwise:
		return a.receiveM2(sta, p, f, pdu)
	case r.step == stepM4 && pairwise, r.step == stepGroup2 && !pairwise:
		if f.info&keySecure == 0 && !(r.wpa && pairwise) || !checkMIC(r.mic(), r.stepKeys().KCK, pdu) {
			return nil
		}
		if r.step == stepM4 {
			r.ptk, r.installed = r.next, true
			if !keys.Equal(r.given, a.group.gtk) { // renewed meanwhile; WPA gives it only now
				r.enter(stepGroup2)
				return a.sendStep(sta, p)
			}
		}
		r.step, r.timer = stepDone, 0
	}
	return nil
}

// receiveM2 derives the PTK that the station claims to have; a wrong one shows
// in the MIC, which is what a wrong passphrase looks like.
func (a *AP) receiveM2(sta dot11.MAC, p *peer, f *keyFrame, pdu []byte) []Output {
	r := p.rsn
	s := r.suite()
	ptk := keys.DerivePTK(s.hash, r.pmk, a.cfg.BSSID, sta, r.anonce, f.nonce, keys.PTKLengths{KCK: s.kck, KEK: s.kek, TK: r.pairwise.KeyLen()})
	if !checkMIC(r.mic(), ptk.KCK, pdu) {
		return nil
	}
	if !bytes.HasPrefix(f.data, r.element) {
		return a.Deauthenticate(sta, dot11.ReasonElementMismatch)
	}
	ptk.TK = kernelOrder(r.pairwise, ptk.TK)
	r.next = ptk
	r.enter(stepM4)
	return a.sendStep(sta, p)
}

// Timeout is the call that a SetTimer asked for.
func (a *AP) Timeout(sta dot11.MAC, id uint64) []Output {
	if x := a.exchanges[sta]; x != nil && x.timer == id {
		return a.saeOutputs(sta, x, x.machine.Timeout())
	}
	p := a.peers[sta]
	if p == nil || p.rsn == nil || p.rsn.timer != id {
		return nil
	}
	if p.eap != nil && p.eap.sent != nil {
		return a.askAgain(sta, p)
	}
	return a.sendStep(sta, p)
}

// RekeyGroup makes new group keys and hands them to the stations in order of
// their addresses.
func (a *AP) RekeyGroup() []Output {
	if a.group.gtk == nil || a.newGroupKeys() != nil {
		return nil
	}
	var out []Output
	for _, sta := range a.stations() {
		if p := a.peers[sta]; p.rsn != nil && p.rsn.installed {
			p.rsn.enter(stepGroup2)
			out = append(out, a.sendStep(sta, p)...)
		}
	}
	return out
}

// RekeyPairwise begins a new 4-way handshake with a station.
func (a *AP) RekeyPairwise(sta dot11.MAC) []Output {
	p := a.peers[sta]
	if p == nil || p.rsn == nil || p.rsn.step != stepDone {
		return nil
	}
	return a.startHandshake(sta, p)
}

// Keys returns the keys in use with a station: its pairwise key, and the group
// key with its index. ok is false before the handshake is through.
func (a *AP) Keys(sta dot11.MAC) (tk, gtk []byte, gtkIndex int, ok bool) {
	p := a.peers[sta]
	if p == nil || p.rsn == nil || !p.rsn.installed {
		return nil, nil, 0, false
	}
	return p.rsn.ptk.TK, kernelOrder(profiles[a.cfg.Security].group, a.group.gtk), a.group.index, true
}

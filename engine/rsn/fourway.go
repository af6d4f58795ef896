package rsn

import (
	"errors"
	"fmt"
	"io"
	"log/slog"

	"gosupplicant/engine/dot11"
	"gosupplicant/engine/keys"
)

// message1 answers message 1 with message 2 (12.7.6.2, 12.7.6.3).
func (m *Machine) message1(f *KeyFrame, p Protection) error {
	if f.Nonce == (keys.Nonce{}) {
		return errors.New("ANonce is zero")
	}
	if m.a.Proto == dot11.ProtoRSN {
		d, err := ParseKeyData(f.Data)
		if err != nil {
			return err
		}
		if err := m.checkPMKID(d.PMKID); err != nil {
			if dot11.AKMSetEAP.Has(m.a.AKM) {
				m.early(f.raw, p) // it may be that of a PMK about to come
			}
			return err
		}
		if m.a.OCV && d.OCI != nil {
			if err := d.OCI.Validate(m.a.Channel); err != nil {
				return err
			}
		}
	}
	if m.tkSet && m.a.DenyPTK0Rekey && !m.a.ExtKeyID {
		return m.refuseRekey(p)
	}
	if m.hs == nil {
		hs := &handshake{}
		if _, err := io.ReadFull(m.cfg.Rand, hs.snonce[:]); err != nil {
			m.fail(Failed{Cause: CauseRandom, Reason: dot11.ReasonUnspecified, Detail: "SNonce: " + err.Error()})
			return nil
		}
		m.hs, m.m2Sent = hs, 0
	}
	m.hs.remember(f.Nonce)
	ptk := m.derive(f.Nonce)
	defer ptk.Zero()
	pdu, err := m.message2(f, ptk.KCK)
	if err != nil {
		return err
	}
	m.m2Sent++
	if !m.opened || p == ProtectionEncrypted { // else anybody may have sent it
		m.enter(State4Way)
	}
	m.emit(SetTimer{TimerHandshake, m.a.HandshakeTimeout})
	m.send(MessageM2, pdu, p)
	return nil
}

// checkPMKID compares the PMKID of message 1 with that of our PMK. A PSK's is not
// compared: some access points send one that means nothing.
func (m *Machine) checkPMKID(id *keys.PMKID) error {
	if id == nil || m.pmkid == nil || *id == *m.pmkid || dot11.AKMSetPSK.Has(m.a.AKM) || m.a.AKM.IsFT() {
		return nil
	}
	err := fmt.Errorf("PMKID %x is not that of our PMK, %x", *id, *m.pmkid)
	if dot11.AKMSetEAP.Has(m.a.AKM) && m.a.Cached && !m.tkSet && m.hs == nil {
		m.abandonCached()
	}
	return err
}

// abandonCached goes back to waiting for a PMK: the access point has not the one
// that we found in the cache. The entry stays there, as message 1 proves nothing.
func (m *Machine) abandonCached() {
	m.pmk.Zero()
	m.pmk, m.pmkid, m.a.Cached, m.a.Opportunistic = nil, nil, false, false
	m.emit(StopTimer{TimerHandshake})
	m.enter(StateWaitPMK)
	m.emit(RequestEAP{Why: "the access point names another PMKSA"})
}

// refuseRekey: the PTK would have to be replaced under the same key index while
// frames are on their way. Only the authenticator itself may bring us to give up
// the association, so a message that anybody could have sent is dropped.
func (m *Machine) refuseRekey(p Protection) error {
	if p != ProtectionEncrypted {
		return errors.New("PTK rekey is forbidden and the frame is not proven to be the access point's")
	}
	m.fail(Failed{Cause: CauseRekeyRefused, Reason: dot11.ReasonUnspecified, Detail: "PTK rekey under the same key index is forbidden"})
	return nil
}

// remember keeps an ANonce, the latest last.
func (h *handshake) remember(n keys.Nonce) {
	for i, v := range h.anonces {
		if v == n {
			h.anonces = append(append(h.anonces[:i:i], h.anonces[i+1:]...), n)
			return
		}
	}
	if len(h.anonces) == maxANonces {
		h.anonces = h.anonces[1:]
	}
	h.anonces = append(h.anonces, n)
}

func (h *handshake) knows(n keys.Nonce) bool {
	for _, v := range h.anonces {
		if v == n {
			return true
		}
	}
	return false
}

// derive makes the PTK of the handshake in progress.
func (m *Machine) derive(anonce keys.Nonce) keys.PTK {
	l := m.suite.PTKLengths(m.a.Pairwise)
	if m.a.AKM.IsFT() {
		return m.ft.ptk(&m.a, m.suite.Hash, m.hs.snonce, anonce, l)
	}
	return keys.DerivePTK(m.suite.Hash, m.pmk, m.a.BSSID, m.a.Own, anonce, m.hs.snonce, l)
}

// message2 builds the answer to message 1.
func (m *Machine) message2(m1 *KeyFrame, kck keys.Secret) ([]byte, error) {
	f := m.reply(m1)
	f.Info |= KeyInfoPairwise
	if m.tkSet && m.a.Proto == dot11.ProtoRSN {
		f.Info |= KeyInfoSecure
	}
	f.Nonce = m.hs.snonce
	data, err := m.ft.element(&m.a)
	if err != nil {
		return nil, err
	}
	data = append(data, m.a.OwnRSNXE...)
	data = m.appendOCI(data, MessageM2)
	if m.a.SSIDProtection {
		data = dot11.AppendElement(data, dot11.ElementSSID, m.a.SSID...)
	}
	f.Data = data
	m.tamper.frame(MessageM2, f)
	return f.Seal(m.suite.MIC, kck)
}

// reply begins a frame that answers another one.
func (m *Machine) reply(to *KeyFrame) *KeyFrame {
	f := &KeyFrame{EAPOLVersion: m.cfg.EAPOLVersion, Descriptor: to.Descriptor,
		Info: KeyInfo(m.suite.Version) | KeyInfoMIC, ReplayCounter: to.ReplayCounter}
	if m.a.Proto == dot11.ProtoWPA {
		f.KeyLen = to.KeyLen
	}
	return f
}

func (m *Machine) appendOCI(dst []byte, msg Message) []byte {
	if !m.a.OCV {
		return dst
	}
	c := m.tamper.channel(msg, m.a.Channel)
	return AppendKDE(dst, KDEOCI, c.OpClass, c.Primary, c.Segment1)
}

// send outputs a frame; it goes encrypted when keys are in use, unless it answers
// one that came unencrypted.
func (m *Machine) send(msg Message, pdu []byte, p Protection) {
	m.emit(Send{To: m.a.BSSID, PDU: pdu, Message: msg, Encrypt: m.tkSet && p != ProtectionNone})
}

// message3 takes message 3 (12.7.6.4): of the handshake in progress, or a
// retransmission of the one that made the installed PTK.
func (m *Machine) message3(f *KeyFrame, p Protection) error {
	again := m.ptk != nil && f.Nonce == m.ptk.anonce
	var ptk keys.PTK
	kck, kek := keys.Secret(nil), keys.Secret(nil)
	switch {
	case m.hs != nil && m.hs.knows(f.Nonce):
		ptk = m.derive(f.Nonce)
		kck, kek = ptk.KCK, ptk.KEK
		if again && !f.Verify(m.suite.MIC, kck) {
			kck, kek = m.ptk.kck, m.ptk.kek
		} else {
			again = false
		}
	case again:
		kck, kek = m.ptk.kck, m.ptk.kek
	default:
		return errors.New("ANonce is of no message 1 answered")
	}
	defer ptk.Zero()
	if err := m.checkM3(f); err != nil {
		return err
	}
	if !f.Verify(m.suite.MIC, kck) {
		return errors.New("MIC is wrong")
	}
	m.proven(f, p)
	plain, err := m.openM3(f, kek)
	if err != nil {
		return err
	}
	defer plain.Zero()
	d, err := ParseKeyData(plain)
	if err != nil {
		return err
	}
	gk, err := m.groupKeys(d, f.RSC)
	if err != nil {
		return err
	}
	keyID, err := m.pairwiseIndex(d)
	if err != nil {
		return err
	}
	if fl := m.mismatch(d); fl != nil {
		m.fail(*fl)
		return nil
	}
	return m.complete(f, p, &ptk, again, keyID, gk, d)
}

// checkM3 looks at the parts of message 3 that are not encrypted, apart from the MIC.
func (m *Machine) checkM3(f *KeyFrame) error {
	if int(f.KeyLen) != m.a.Pairwise.KeyLen() {
		return fmt.Errorf("key length %d, %v has %d", f.KeyLen, m.a.Pairwise, m.a.Pairwise.KeyLen())
	}
	if f.Info&KeyInfoInstall == 0 {
		return errors.New("install bit not set")
	}
	if m.a.Proto == dot11.ProtoRSN && f.Info&(KeyInfoSecure|KeyInfoEncrypted) != KeyInfoSecure|KeyInfoEncrypted {
		return errors.New("not secure and encrypted")
	}
	return nil
}

// openM3 returns the Key Data in the clear; WPA's are not encrypted.
func (m *Machine) openM3(f *KeyFrame, kek keys.Secret) (keys.Secret, error) {
	if m.a.Proto == dot11.ProtoWPA {
		return append(keys.Secret(nil), f.Data...), nil
	}
	return m.decrypt(f, kek)
}

// decrypt opens the Key Data of a frame whose MIC holds (12.7.2).
func (m *Machine) decrypt(f *KeyFrame, kek keys.Secret) (keys.Secret, error) {
	if m.suite.Version == 1 {
		return keys.RC4(f.IV, kek, f.Data)
	}
	return keys.Unwrap(kek, f.Data)
}

// pairwiseIndex returns the index for the TK: the Key ID KDE's with extended key
// IDs, which then must be there, else 0.
func (m *Machine) pairwiseIndex(d *KeyData) (int, error) {
	if !m.a.ExtKeyID {
		return 0, nil
	}
	if d.KeyID == nil {
		return 0, errors.New("no Key ID KDE though extended key IDs were agreed on")
	}
	if *d.KeyID > 1 {
		return 0, fmt.Errorf("key ID %d, want 0 or 1", *d.KeyID)
	}
	return int(*d.KeyID), nil
}

// complete answers message 3 and gives out the keys.
func (m *Machine) complete(f *KeyFrame, p Protection, ptk *keys.PTK, again bool, keyID int, gk []InstallKey, d *KeyData) error {
	kck := ptk.KCK
	if again {
		kck = m.ptk.kck
	}
	r := m.reply(f)
	r.Info |= KeyInfoPairwise | f.Info&KeyInfoSecure
	m.tamper.frame(MessageM4, r)
	pdu, err := r.Seal(m.suite.MIC, kck)
	if err != nil {
		return err
	}
	rekey := m.tkSet
	tk := InstallKey{Use: KeyPairwise, Cipher: m.a.Pairwise, Index: keyID, Addr: m.a.BSSID, Tx: !m.a.ExtKeyID}
	install := false
	if !again {
		tk.Key = forDevice(m.a.Pairwise, ptk.TK)
		install = m.fresh(KeyPairwise, tk.Key)
	}
	if install && m.a.ExtKeyID && !m.give(tk) { // receive first, send after message 4
		return nil
	}
	m.emit(Send{To: m.a.BSSID, PDU: pdu, Message: MessageM4, Encrypt: rekey && p != ProtectionNone})
	if install && !m.a.ExtKeyID && !m.give(tk) {
		return nil
	}
	if install && m.a.ExtKeyID {
		m.emit(ActivateKey{Addr: m.a.BSSID, Index: keyID})
	}
	if !again {
		m.adopt(ptk, f.Nonce, keyID)
	}
	for _, k := range gk {
		if !m.give(k) {
			return nil
		}
	}
	if again {
		if m.state == StateGroup && m.groupSet {
			m.done(KeysDone{Pairwise: true})
		}
		return nil
	}
	if m.a.MgmtGroup.IsMgmtGroup() && d.IGTK == nil {
		m.note(slog.LevelWarn, "message 3 has no IGTK though management frames are protected")
	}
	if d.TransitionDisable != nil {
		m.emit(TransitionDisable{*d.TransitionDisable})
	}
	m.finish(rekey)
	return nil
}

// adopt makes the PTK of a finished handshake the installed one.
func (m *Machine) adopt(ptk *keys.PTK, anonce keys.Nonce, keyID int) {
	if m.ptk != nil {
		m.ptk.kck.Zero()
		m.ptk.kek.Zero()
	}
	m.ptk = &ptksa{kck: ptk.KCK.Clone(), kek: ptk.KEK.Clone(), anonce: anonce, snonce: m.hs.snonce, keyID: keyID}
	m.hs, m.m2Sent = nil, 0
	if pmkidFromKCK(m.a.AKM) && m.pmkid == nil {
		id := keys.NewPMKID(pmkidHash(m.a.AKM), m.ptk.kck, m.a.BSSID, m.a.Own)
		m.pmkid = &id
	}
	if m.a.PTKRekey > 0 {
		m.emit(SetTimer{TimerRekey, m.a.PTKRekey})
	}
}

// finish goes on after message 3: done, or waiting for the group key. What is to be
// remembered comes last: the device's copy of it is not what the connection waits for.
func (m *Machine) finish(rekey bool) {
	if !m.groupSet && m.a.Group != dot11.CipherGTKNotUsed {
		m.enter(StateGroup)
		m.emit(SetTimer{TimerHandshake, m.a.HandshakeTimeout})
	} else {
		m.done(KeysDone{Pairwise: true, Rekey: rekey})
	}
	if shared := m.a.Cached && m.a.Opportunistic; (shared || !m.a.Cached) && m.pmkid != nil && !dot11.AKMSetPSK.Has(m.a.AKM) && !m.a.AKM.IsFT() {
		m.a.Cached, m.a.Opportunistic = true, false
		m.emit(AddPMKSA{AA: m.a.BSSID, SPA: m.a.Own, AKM: m.a.AKM, PMK: m.pmk.Clone(), PMKID: *m.pmkid, Opportunistic: shared})
	}
}

func (m *Machine) done(k KeysDone) {
	m.emit(StopTimer{TimerHandshake})
	m.enter(StateDone)
	if !m.opened {
		m.opened = true
		m.emit(Authorized{})
	}
	m.emit(k)
}

// forDevice puts a TKIP key in the order that drivers take (the standard has the
// authenticator's MIC key in front of the supplicant's) and copies any other.
func forDevice(c dot11.Cipher, key keys.Secret) keys.Secret {
	k := key.Clone()
	if c == dot11.CipherTKIP && len(k) == 32 {
		copy(k[16:24], key[24:32])
		copy(k[24:32], key[16:24])
	}
	return k
}

// mismatch compares what message 3 says about the BSS with what was heard before
// and agreed on; nil when all is well.
func (m *Machine) mismatch(d *KeyData) *Failed {
	if why := m.elementMismatch(d); why != "" {
		return &Failed{Cause: CauseElementMismatch, Reason: dot11.ReasonElementMismatch, Frame: "eapol-key-m3", Detail: why}
	}
	if m.a.OCV {
		if err := m.validateOCI(d); err != nil {
			return &Failed{Cause: CauseChannelMismatch, Reason: dot11.ReasonUnspecified, Frame: "eapol-key-m3", Detail: err.Error()}
		}
	}
	if m.a.SSIDProtection && (!d.HasSSID || string(d.SSID) != string(m.a.SSID)) {
		return &Failed{Cause: CauseSSIDMismatch, Reason: dot11.ReasonElementMismatch, Frame: "eapol-key-m3",
			Detail: fmt.Sprintf("message 3 names SSID %q, associated with %q", dot11.SSID(d.SSID), m.a.SSID)}
	}
	return nil
}

func (m *Machine) validateOCI(d *KeyData) error {
	if d.OCI == nil {
		return errors.New("no OCI KDE though operating channel validation was agreed on")
	}
	return d.OCI.Validate(m.a.Channel)
}

// elementMismatch compares the elements of message 3 with those of beacon or probe
// response (12.7.6.4): the protocol's own element must be there, and whatever is
// there must be the same, byte by byte, so that no stronger protocol was hidden.
func (m *Machine) elementMismatch(d *KeyData) string {
	if m.a.AKM.IsFT() {
		if why := m.ft.mismatch(&m.a, d); why != "" {
			return why
		}
	} else if d.RSNE != nil && string(d.RSNE) != string(m.a.APRSNE) {
		return "RSNE of message 3 is not that of beacon and probe response"
	}
	switch {
	case m.a.Proto == dot11.ProtoRSN && d.RSNE == nil:
		return "message 3 has no RSNE"
	case m.a.Proto == dot11.ProtoWPA && d.WPA == nil:
		return "message 3 has no WPA element"
	case d.WPA != nil && (m.a.APWPA != nil || m.a.Proto == dot11.ProtoWPA) && string(d.WPA) != string(m.a.APWPA):
		return "WPA element of message 3 is not that of beacon and probe response"
	case m.a.Proto == dot11.ProtoRSN && string(d.RSNXE) != string(m.a.APRSNXE):
		return "RSNXE of message 3 is not that of beacon and probe response"
	}
	return ""
}

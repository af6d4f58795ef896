package rsn

import (
	"errors"
	"fmt"
	"log/slog"

	"gosupplicant/engine/dot11"
	"gosupplicant/engine/keys"
)

// group1 takes message 1 of the group key handshake (12.7.7.2) and answers it.
func (m *Machine) group1(f *KeyFrame, p Protection) error {
	if m.ptk == nil {
		return errors.New("no PTK yet")
	}
	if m.a.Proto == dot11.ProtoRSN && f.Info&(KeyInfoSecure|KeyInfoEncrypted) != KeyInfoSecure|KeyInfoEncrypted {
		return errors.New("not secure and encrypted")
	}
	if !f.Verify(m.suite.MIC, m.ptk.kck) {
		return errors.New("MIC is wrong")
	}
	m.proven(f, p)
	plain, err := m.decrypt(f, m.ptk.kek)
	if err != nil {
		return err
	}
	defer plain.Zero()
	gk, d, err := m.groupKeysOf(f, plain)
	if err != nil {
		return err
	}
	if m.a.OCV {
		if err := m.validateOCI(d); err != nil {
			m.fail(Failed{Cause: CauseChannelMismatch, Reason: dot11.ReasonUnspecified, Frame: "eapol-key-g1", Detail: err.Error()})
			return nil
		}
	}
	r := m.reply(f)
	r.Info |= KeyInfoSecure | f.Info&KeyInfoIndex
	r.Data = m.appendOCI(nil, MessageG2)
	pdu, err := r.Seal(m.suite.MIC, m.ptk.kck)
	if err != nil {
		return err
	}
	had := m.groupSet
	for _, k := range gk {
		if !m.give(k) {
			return nil
		}
	}
	m.send(MessageG2, pdu, p)
	switch m.state {
	case StateGroup:
		m.done(KeysDone{Pairwise: true})
	case StateDone, State4Way:
		m.emit(KeysDone{Rekey: had})
	}
	return nil
}

// groupKeysOf reads the keys of a group message: KDEs, in WPA the bare GTK.
func (m *Machine) groupKeysOf(f *KeyFrame, plain keys.Secret) ([]InstallKey, *KeyData, error) {
	d := &KeyData{}
	if m.a.Proto == dot11.ProtoWPA {
		n := int(f.KeyLen)
		if n > len(plain) {
			return nil, nil, fmt.Errorf("key length %d with %d bytes of Key Data", n, len(plain))
		}
		d.GTK = &GroupKey{Use: KeyGroup, Index: f.Info.Index(), Tx: f.Info&KeyInfoInstall != 0, Key: plain[:n]}
	} else {
		var err error
		if d, err = ParseKeyData(plain); err != nil {
			return nil, nil, err
		}
	}
	if d.GTK == nil && m.a.Group != dot11.CipherGTKNotUsed {
		return nil, nil, errors.New("no GTK")
	}
	gk, err := m.groupKeys(d, f.RSC)
	return gk, d, err
}

// groupKeys checks every group key in d that this association uses and returns
// them ready for the device. Keys that were not agreed on are passed over.
func (m *Machine) groupKeys(d *KeyData, rsc [8]byte) ([]InstallKey, error) {
	var out []InstallKey
	take := func(k *GroupKey, c dot11.Cipher, lo, hi int) error {
		if len(k.Key) != c.KeyLen() {
			return fmt.Errorf("%v of %d bytes, %v has %d", k.Use, len(k.Key), c, c.KeyLen())
		}
		if k.Index < lo || k.Index > hi {
			return fmt.Errorf("%v with index %d, want %d to %d", k.Use, k.Index, lo, hi)
		}
		pn := append([]byte(nil), k.PN[:]...)
		if k.Use == KeyGroup {
			pn = append([]byte(nil), rsc[:6]...)
			if m.a.RelaxRSC && bogusRSC(rsc) {
				m.note(slog.LevelDebug, "The sequence counter of the group key cannot be true; taking 0")
				clear(pn)
			}
		}
		out = append(out, InstallKey{Use: k.Use, Cipher: c, Index: k.Index, Addr: dot11.Broadcast, RSC: pn, Key: forDevice(c, k.Key)})
		return nil
	}
	if k := d.GTK; k != nil && m.a.Group != dot11.CipherGTKNotUsed {
		if err := take(k, m.a.Group, 1, 3); err != nil {
			return nil, err
		}
	}
	if k := d.IGTK; k != nil && m.a.MgmtGroup.IsMgmtGroup() {
		if err := take(k, m.a.MgmtGroup, 4, 5); err != nil {
			return nil, err
		}
	}
	if k := d.BIGTK; k != nil && m.a.BeaconProtection && m.a.MgmtGroup.IsMgmtGroup() {
		if err := take(k, m.a.MgmtGroup, 6, 7); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// bogusRSC reports whether a counter of 6 bytes, little-endian and small when it is new,
// looks as if it had been written the other way round, or 8 bytes long.
func bogusRSC(rsc [8]byte) bool {
	return rsc[5] != 0 && rsc[0] == 0 || rsc[6] != 0 || rsc[7] != 0
}

// GroupKeys takes group keys that came on another protected way (a WNM sleep mode
// response that was asked for): the same checks, and the same rule that no key is
// installed twice.
func (m *Machine) GroupKeys(ks []GroupKey) ([]Output, error) {
	if m.ptk == nil {
		return nil, errors.New("rsn: group keys without a PTK")
	}
	d := &KeyData{}
	var rsc [8]byte
	for i := range ks {
		switch k := &ks[i]; k.Use {
		case KeyGroup:
			d.GTK = k
			copy(rsc[:], k.PN[:])
		case KeyMgmtGroup:
			d.IGTK = k
		case KeyBeacon:
			d.BIGTK = k
		case KeyPairwise:
			return nil, errors.New("rsn: pairwise key among group keys")
		}
	}
	gk, err := m.groupKeys(d, rsc)
	if err != nil {
		return nil, fmt.Errorf("rsn: %w", err)
	}
	for _, k := range gk {
		if !m.give(k) {
			break
		}
	}
	return m.flush(), nil
}

// request sends a key request or, with failure, a Michael MIC failure report
// (12.7.2, 12.3.2.4).
func (m *Machine) request(pairwise, failure bool) {
	f := &KeyFrame{EAPOLVersion: m.cfg.EAPOLVersion, Descriptor: DescriptorRSN,
		Info: KeyInfo(m.suite.Version) | KeyInfoRequest | KeyInfoMIC | KeyInfoSecure, ReplayCounter: m.txCounter}
	if m.a.Proto == dot11.ProtoWPA {
		f.Descriptor = DescriptorWPA
	}
	if pairwise {
		f.Info |= KeyInfoPairwise
	}
	if failure {
		f.Info |= KeyInfoError
	}
	pdu, err := f.Seal(m.suite.MIC, m.ptk.kck)
	if err != nil {
		m.note(slog.LevelWarn, "key request not sent", slog.String("why", err.Error()))
		return
	}
	m.txCounter++
	m.send(MessageRequest, pdu, ProtectionUnknown)
}

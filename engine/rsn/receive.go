package rsn

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"

	"gosupplicant/engine/dot11"
	"gosupplicant/engine/keys"
)

// Protection tells how a frame came over the air.
type Protection uint8

// Protections.
const (
	ProtectionUnknown   Protection = iota // the way it came does not tell (packet socket)
	ProtectionNone                        // unencrypted
	ProtectionEncrypted                   // decrypted with the pairwise key
)

// String returns a word.
func (p Protection) String() string {
	names := [...]string{"unknown", "unencrypted", "encrypted"}
	if int(p) < len(names) {
		return names[p]
	}
	return "invalid"
}

// Receive takes an EAPOL-Key PDU (see IsKey) from src, beginning with the protocol
// version byte.
func (m *Machine) Receive(src dot11.MAC, pdu []byte, p Protection) []Output {
	if m.state == StateIdle {
		m.note(slog.LevelDebug, "EAPOL-Key dropped: not associated")
		return m.flush()
	}
	m.receive(src, pdu, p)
	return m.flush()
}

func (m *Machine) receive(src dot11.MAC, pdu []byte, p Protection) {
	if src != m.a.BSSID {
		m.note(slog.LevelDebug, "EAPOL-Key dropped: not from the access point", slog.String("src", src.String()))
		return
	}
	if m.pmk == nil {
		m.early(pdu, p)
		return
	}
	f, err := ParseKeyFrame(pdu, m.suite.MIC.Len())
	if err != nil {
		m.drop(MessageNone, err)
		return
	}
	msg, err := m.classify(f)
	if err == nil {
		err = m.admit(f, msg, p)
	}
	if err != nil {
		m.drop(msg, err)
		return
	}
	switch msg {
	case MessageM1:
		err = m.message1(f, p)
	case MessageM3:
		err = m.message3(f, p)
	case MessageG1:
		err = m.group1(f, p)
	}
	if err != nil {
		m.drop(msg, err)
	}
}

// early keeps the last message 1 that came before its PMK: the access point sends
// it right behind the EAP-Success.
func (m *Machine) early(pdu []byte, p Protection) {
	if !IsKey(pdu) || len(pdu) > maxEarly {
		m.note(slog.LevelDebug, "EAPOL-Key dropped: no PMK yet")
		return
	}
	m.pending, m.pendingP = append([]byte(nil), pdu...), p
	m.note(slog.LevelDebug, "EAPOL-Key kept until the PMK is known")
}

// maxEarly is the longest PDU kept, bytes.
const maxEarly = 1024

func (m *Machine) drop(msg Message, err error) {
	m.note(slog.LevelInfo, "EAPOL-Key dropped", slog.String("message", msg.String()), slog.String("why", err.Error()))
}

// classify tells which message a frame is by its Key Information alone (12.7.6.2,
// 12.7.6.4, 12.7.7.2), and refuses what no authenticator may send.
func (m *Machine) classify(f *KeyFrame) (Message, error) {
	want := DescriptorRSN
	if m.a.Proto == dot11.ProtoWPA {
		want = DescriptorWPA
	}
	i := f.Info
	switch {
	case f.Descriptor != want:
		return MessageNone, fmt.Errorf("descriptor type %d, want %d", f.Descriptor, want)
	case i.Version() != m.suite.Version:
		return MessageNone, fmt.Errorf("descriptor version %d, want %d", i.Version(), m.suite.Version)
	case i&KeyInfoSMK != 0:
		return MessageNone, errors.New("SMK bit set")
	case i&KeyInfoRequest != 0 || i&KeyInfoAck == 0:
		return MessageNone, errors.New("not a message of an authenticator")
	case i&KeyInfoError != 0:
		return MessageNone, errors.New("error bit set")
	case i&KeyInfoPairwise == 0 && i&KeyInfoMIC != 0:
		return MessageG1, nil
	case i&KeyInfoPairwise == 0:
		return MessageG1, errors.New("group message without MIC")
	case i&KeyInfoMIC == 0:
		return MessageM1, nil
	}
	return MessageM3, nil
}

// admit applies the rules that hold for every message: encryption once keys are in
// use, and the replay counter. Nothing changes here.
func (m *Machine) admit(f *KeyFrame, msg Message, p Protection) error {
	if m.rxSet && f.ReplayCounter <= m.rxCounter {
		return fmt.Errorf("replay counter %d, last was %d", f.ReplayCounter, m.rxCounter)
	}
	if p != ProtectionNone || !m.tkSet {
		return nil
	}
	if msg == MessageM3 && !m.protected && m.ptk != nil && f.Nonce == m.ptk.anonce {
		return nil // our message 4 was lost; see the package comment
	}
	return errors.New("unencrypted though keys are in use")
}

// proven records that the MIC of f holds.
func (m *Machine) proven(f *KeyFrame, p Protection) {
	m.rxCounter, m.rxSet = f.ReplayCounter, true
	if p == ProtectionEncrypted {
		m.protected = true
	}
}

func digest(use KeyUse, key keys.Secret) keyDigest {
	h := sha256.New()
	h.Write([]byte{byte(use)})
	h.Write(key)
	return keyDigest(h.Sum(nil))
}

// fresh reports whether a key was never output in this association.
func (m *Machine) fresh(use KeyUse, key keys.Secret) bool {
	_, ok := m.seen[digest(use, key)]
	return !ok
}

// give outputs a key unless it was ever output in this association, whatever its
// index. It reports false, after failing, when the record is full.
func (m *Machine) give(k InstallKey) bool {
	if !m.fresh(k.Use, k.Key) {
		k.Key.Zero()
		m.note(slog.LevelDebug, "key not installed again", slog.String("key", k.Use.String()), slog.Int("index", k.Index))
		return true
	}
	if len(m.seen) >= maxSeen {
		k.Key.Zero()
		m.fail(Failed{Cause: CauseTooManyKeys, Reason: dot11.ReasonUnspecified,
			Detail: fmt.Sprintf("%d keys in one association", maxSeen)})
		return false
	}
	m.seen[digest(k.Use, k.Key)] = struct{}{}
	if k.Use == KeyPairwise {
		m.tkSet = true
	} else {
		m.groupSet = true
	}
	m.emit(k)
	return true
}

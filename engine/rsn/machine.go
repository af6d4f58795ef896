package rsn

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"gosupplicant/engine/dot11"
	"gosupplicant/engine/keys"
)

// Config is what a Machine keeps for its life.
type Config struct {
	Rand io.Reader // of SNonces and IVs
	// EAPOLVersion is the protocol version in frames sent; 0 stands for 1, which
	// every access point takes.
	EAPOLVersion uint8
}

// DefaultHandshakeTimeout is how long a silent authenticator is waited for.
const DefaultHandshakeTimeout = 10 * time.Second

// Association tells what was agreed on when associating.
type Association struct {
	Own   dot11.MAC // SPA; the MLD address in a multi-link association
	BSSID dot11.MAC // AA, likewise
	SSID  dot11.SSID

	Proto     dot11.Proto // ProtoRSN or ProtoWPA
	AKM       dot11.AKM
	Pairwise  dot11.Cipher
	Group     dot11.Cipher
	MgmtGroup dot11.Cipher // CipherUnknown without management frame protection

	// PMK is nil while IEEE 802.1X has still to supply it.
	PMK keys.Secret
	// PMKID is that of PMK when it came from the cache or with it from SAE or OWE.
	PMKID *keys.PMKID
	// Cached tells that PMK came from the cache (or is there already): no AddPMKSA
	// when it works, DropPMKSA when it does not.
	Cached bool
	// Opportunistic tells of a cached PMK that it was made with another access
	// point, which may share it with this one: AddPMKSA when it works.
	Opportunistic bool

	// OwnElement is the RSNE or WPA element of the association request, OwnRSNXE
	// its RSNXE or nil: whole elements, as sent.
	OwnElement, OwnRSNXE []byte
	// APRSNE, APWPA and APRSNXE are the elements of beacon or probe response, nil
	// when it had none.
	APRSNE, APWPA, APRSNXE []byte

	// OCV makes operating channel validation part of the handshakes; Channel is
	// the channel in use.
	OCV     bool
	Channel OCI
	// SSIDProtection tells that both sides announced it.
	SSIDProtection bool
	// ExtKeyID tells that both sides announced extended key IDs.
	ExtKeyID bool
	// BeaconProtection tells that the device takes a BIGTK.
	BeaconProtection bool

	// HandshakeTimeout bounds the wait for the authenticator's next message; 0
	// stands for DefaultHandshakeTimeout.
	HandshakeTimeout time.Duration
	// PTKRekey is the age at which a new PTK is requested; 0 for never.
	PTKRekey time.Duration
	// DenyPTK0Rekey forbids to replace the PTK under the same key index.
	DenyPTK0Rekey bool
	// RelaxRSC takes 0 for a receive sequence counter of the group key that cannot be
	// true: there are access points that write it in the wrong order.
	RelaxRSC bool
	// OWESHA256 makes OWE with groups 20 and 21 derive the PTK with SHA-256.
	OWESHA256 bool

	// FT is required with an FT AKM.
	FT *FT
}

// maxANonces is how many different ANonces of one handshake are remembered: an
// attacker's message 1 must not displace the authenticator's.
const maxANonces = 4

// handshake is a 4-way handshake in progress: message 1 was answered.
type handshake struct {
	snonce  keys.Nonce
	anonces []keys.Nonce
	m2Sent  int
}

// ptksa is the installed pairwise security association.
type ptksa struct {
	kck, kek       keys.Secret
	anonce, snonce keys.Nonce
	keyID          int
}

// Machine is the supplicant's key management of one interface.
type Machine struct {
	cfg   Config
	out   []Output
	state State

	a     Association
	suite Suite
	pmk   keys.Secret
	pmkid *keys.PMKID
	ft    ftKeys

	pending  []byte // message 1 that came before its PMK
	pendingP Protection

	hs        *handshake
	ptk       *ptksa
	tkSet     bool // a TK was given out
	protected bool // the authenticator was heard encrypted
	opened    bool // Authorized was given out
	groupSet  bool

	rxCounter uint64
	rxSet     bool
	txCounter uint64 // of key requests

	seen     map[keyDigest]struct{} // of all keys given out in this association
	micTimer bool                   // within 60 s of a Michael failure
	m2Sent   int

	tamper tamper
}

type keyDigest [sha256.Size]byte

// maxSeen bounds the record of keys of one association.
const maxSeen = 1 << 14

// New returns a Machine that is not associated.
func New(cfg Config) *Machine {
	if cfg.EAPOLVersion == 0 {
		cfg.EAPOLVersion = 1
	}
	return &Machine{cfg: cfg}
}

// String returns the state: nothing of a Machine's contents is for printing.
func (m *Machine) String() string { return "rsn.Machine(" + m.state.String() + ")" }

// GoString returns String.
func (m *Machine) GoString() string { return m.String() }

// State returns where key management stands.
func (m *Machine) State() State { return m.state }

// InUse reports whether a pairwise key was given out: from then on unencrypted
// EAPOL frames of any kind from the access point are not to be believed.
func (m *Machine) InUse() bool { return m.tkSet }

// PMKID returns the identifier of the PMK in use; nil without.
func (m *Machine) PMKID() *keys.PMKID {
	if m.pmkid == nil {
		return nil
	}
	id := *m.pmkid
	return &id
}

// ANonce returns the authenticator's latest nonce; false before message 1.
func (m *Machine) ANonce() (keys.Nonce, bool) {
	switch {
	case m.hs != nil:
		return m.hs.anonces[len(m.hs.anonces)-1], true
	case m.ptk != nil:
		return m.ptk.anonce, true
	}
	return keys.Nonce{}, false
}

// Associated begins key management for a new association. What an earlier one
// left is forgotten; its keys are taken to be gone from the device, as drivers
// do. An error means that the parameters make no sense; nothing was begun.
func (m *Machine) Associated(a Association) ([]Output, error) {
	if err := a.check(); err != nil {
		return nil, err
	}
	if m.tkSet && m.a.PTKRekey > 0 {
		m.emit(StopTimer{TimerRekey})
	}
	was := m.state
	m.reset()
	m.state = was
	m.a = a
	m.a.PMK = nil
	m.seen = make(map[keyDigest]struct{})
	if m.a.HandshakeTimeout == 0 {
		m.a.HandshakeTimeout = DefaultHandshakeTimeout
	}
	if len(a.PMK) > 0 {
		m.usePMK(a.PMK, a.PMKID)
		m.enter(StateWaitM1)
		m.emit(SetTimer{TimerHandshake, m.a.HandshakeTimeout})
	} else {
		m.enter(StateWaitPMK)
	}
	return m.flush(), nil
}

func (a *Association) check() error {
	switch {
	case a.Proto != dot11.ProtoRSN && a.Proto != dot11.ProtoWPA:
		return fmt.Errorf("rsn: protocol %q is not one of WPA and RSN", a.Proto)
	case !a.Pairwise.IsPairwise():
		return fmt.Errorf("rsn: %v is no pairwise cipher", a.Pairwise)
	case !a.Group.IsGroup():
		return fmt.Errorf("rsn: %v is no group cipher", a.Group)
	case a.MgmtGroup != dot11.CipherUnknown && !a.MgmtGroup.IsMgmtGroup() && a.MgmtGroup != dot11.CipherGTKNotUsed:
		return fmt.Errorf("rsn: %v is no group management cipher", a.MgmtGroup)
	case len(a.OwnElement) < 2:
		return errors.New("rsn: no element of the association request")
	case a.AKM.IsFT() && a.FT == nil:
		return fmt.Errorf("rsn: AKM %v without FT parameters", a.AKM)
	case len(a.PMK) == 0 && !dot11.AKMSetEAP.Has(a.AKM):
		return fmt.Errorf("rsn: AKM %v without a PMK", a.AKM)
	case a.Proto == dot11.ProtoWPA && a.AKM != dot11.AKMPSK && a.AKM != dot11.AKMEAP:
		return fmt.Errorf("rsn: AKM %v does not exist in WPA", a.AKM)
	}
	n := len(a.PMK)
	if n == 0 {
		n = PMKLen(a.AKM)
	}
	_, err := SuiteOf(a.AKM, a.Pairwise, n, a.OWESHA256)
	return err
}

// usePMK takes a PMK (with an FT AKM: the key that PMK-R0 is made from).
// Its length fits: check has seen it, or SetMSK cut it.
func (m *Machine) usePMK(pmk keys.Secret, id *keys.PMKID) {
	suite, err := SuiteOf(m.a.AKM, m.a.Pairwise, len(pmk), m.a.OWESHA256)
	if err != nil {
		panic(err)
	}
	m.suite, m.pmk = suite, pmk.Clone()
	switch {
	case id != nil:
		v := *id
		m.pmkid = &v
	case !bringsPMKID(m.a.AKM) && !pmkidFromKCK(m.a.AKM):
		v := keys.NewPMKID(pmkidHash(m.a.AKM), pmk, m.a.BSSID, m.a.Own)
		m.pmkid = &v
	}
	if m.a.AKM.IsFT() {
		m.ft.derive(&m.a, suite.Hash, pmk)
	}
}

// SetMSK hands over the MSK of a finished EAP authentication: the PMK is its first
// 32 bytes, 48 with the SHA-384 AKMs, and for FT the key that the AKM prescribes. A
// message 1 that came earlier is answered now. With keys already installed (EAP
// reauthentication) the new PMK serves the next 4-way handshake.
func (m *Machine) SetMSK(msk keys.Secret) ([]Output, error) {
	if m.state == StateIdle || !dot11.AKMSetEAP.Has(m.a.AKM) {
		return nil, fmt.Errorf("rsn: MSK in state %v with AKM %v", m.state, m.a.AKM)
	}
	n := PMKLen(m.a.AKM)
	from := 0
	if m.a.AKM == dot11.AKMFTEAP { // 12.7.1.6.3: XXKey is the second half
		from = 32
	}
	if len(msk) < from+n {
		return nil, fmt.Errorf("rsn: MSK of %d bytes, AKM %v needs %d", len(msk), m.a.AKM, from+n)
	}
	m.pmk.Zero()
	m.pmkid = nil
	m.usePMK(msk[from:from+n], nil)
	m.a.Cached, m.a.Opportunistic = false, false
	if m.hs != nil { // begun with another PMK: what it derived is void
		m.hs = nil
	}
	if !m.tkSet {
		m.enter(StateWaitM1)
		m.emit(SetTimer{TimerHandshake, m.a.HandshakeTimeout})
	}
	if p := m.pending; p != nil {
		m.pending = nil
		m.receive(m.a.BSSID, p, m.pendingP)
	}
	return m.flush(), nil
}

// EAPBegan tells that the access point began EAP. When that is instead of a
// handshake with the cached PMK, the handshake comes when EAP is through, however
// long it may take; if message 1 comes all the same, it is answered.
func (m *Machine) EAPBegan() []Output {
	if m.a.Cached && m.state == StateWaitM1 {
		m.emit(StopTimer{TimerHandshake})
	}
	return m.flush()
}

// Disassociated ends the association: the peer's doing, with its reason code, or
// our own (local). In the middle of a first handshake Failed tells what that
// probably means.
func (m *Machine) Disassociated(reason dot11.Reason, local bool) []Output {
	if m.state == StateIdle {
		return nil
	}
	failed := !local && !m.opened
	f := Failed{Cause: CausePeerLeft, Reason: dot11.ReasonDeauthLeaving, PeerReason: reason, M2Sent: m.m2Sent,
		Detail: fmt.Sprintf("access point ended the association in state %q, reason %v", m.state, reason)}
	if m.couldBeWrongPSK() {
		f.Cause = CausePossiblyWrongPSK
		f.Detail = fmt.Sprintf("access point did not accept message 2 (sent %d times), reason %v: the passphrase is probably wrong", m.m2Sent, reason)
	}
	if failed && m.a.Cached && !m.tkSet {
		m.dropPMKSA()
	}
	m.stop()
	if failed {
		m.emit(f)
	}
	return m.flush()
}

// couldBeWrongPSK: message 2 went out, made from a PSK, and no valid message 3 came.
func (m *Machine) couldBeWrongPSK() bool {
	return m.m2Sent > 0 && !m.tkSet && dot11.AKMSetPSK.Has(m.a.AKM)
}

// Timeout tells that a timer fired.
func (m *Machine) Timeout(t Timer) []Output {
	switch t {
	case TimerHandshake:
		m.silent()
	case TimerRekey:
		if m.ptk != nil {
			m.request(true, false)
			m.emit(SetTimer{TimerRekey, m.a.PTKRekey})
		}
	case TimerCountermeasures:
		m.micTimer = false
	}
	return m.flush()
}

// silent ends a handshake in which the authenticator does not go on. A rekey that
// it began, or that somebody began in its name, is given up; the keys stay.
func (m *Machine) silent() {
	if m.opened {
		if m.hs != nil {
			m.note(slog.LevelInfo, "rekey given up: the authenticator does not go on")
			m.hs, m.m2Sent = nil, 0
			m.enter(StateDone)
		}
		return
	}
	if m.state == StateIdle || m.state == StateWaitPMK {
		return
	}
	f := Failed{Cause: CauseNoAnswer, Reason: dot11.Reason4WayTimeout, M2Sent: m.m2Sent, Detail: "no message 1 came"}
	switch {
	case m.couldBeWrongPSK() && m.m2Sent > 1:
		f.Cause, f.Detail = CausePossiblyWrongPSK, fmt.Sprintf("message 2 was sent %d times and not accepted: the passphrase is probably wrong", m.m2Sent)
	case m.m2Sent > 0:
		f.Cause, f.Detail = CauseStopped, "no message 3 came"
	case m.state == StateGroup:
		f.Cause, f.Detail, f.Reason = CauseStopped, "no group key came", dot11.ReasonGroupKeyTimeout
	}
	m.fail(f)
}

// ChannelChanged tells the channel now in use, for operating channel validation.
func (m *Machine) ChannelChanged(c OCI) { m.a.Channel = c }

// RequestRekey asks the authenticator for a new PTK (pairwise) or GTK. It does
// nothing without keys.
func (m *Machine) RequestRekey(pairwise bool) []Output {
	if m.ptk != nil {
		m.request(pairwise, false)
	}
	return m.flush()
}

// countermeasuresTime is how long TKIP countermeasures last, and within what time
// two failures start them (12.3.2.4).
const countermeasuresTime = 60 * time.Second

// MICFailure tells a Michael MIC failure on a frame to us (pairwise) or to the
// group. The first is reported to the authenticator; a second one within 60 s
// begins countermeasures.
func (m *Machine) MICFailure(pairwise bool) []Output {
	cipher := m.a.Group
	if pairwise {
		cipher = m.a.Pairwise
	}
	if m.ptk == nil || cipher != dot11.CipherTKIP {
		m.note(slog.LevelDebug, "Michael MIC failure without TKIP ignored")
		return m.flush()
	}
	m.request(pairwise, true)
	if !m.micTimer {
		m.micTimer = true
		m.emit(SetTimer{TimerCountermeasures, countermeasuresTime})
		return m.flush()
	}
	m.micTimer = false
	m.emit(StopTimer{TimerCountermeasures}, Countermeasures{For: countermeasuresTime})
	m.fail(Failed{Cause: CauseCountermeasures, Reason: dot11.ReasonMICFailure, Detail: "two Michael MIC failures within 60 s"})
	return m.flush()
}

// emit, note, enter and flush collect outputs.
func (m *Machine) emit(o ...Output) { m.out = append(m.out, o...) }

func (m *Machine) note(l slog.Level, text string, attrs ...slog.Attr) {
	m.emit(Note{Level: l, Text: text, Attrs: attrs})
}

func (m *Machine) enter(s State) {
	if s != m.state {
		m.emit(StateChanged{From: m.state, To: s})
		m.state = s
	}
}

func (m *Machine) flush() []Output {
	o := m.out
	m.out = nil
	return o
}

// fail ends key management and tells why.
func (m *Machine) fail(f Failed) {
	f.M2Sent = m.m2Sent
	if doubtful := f.Cause == CauseNoAnswer || f.Cause == CauseStopped; doubtful && m.a.Cached && !m.tkSet {
		m.dropPMKSA() // any other cause does not speak against the PMK
	}
	m.stop()
	m.emit(f)
}

func (m *Machine) dropPMKSA() {
	if m.pmkid != nil {
		m.emit(DropPMKSA{AA: m.a.BSSID, PMKID: *m.pmkid})
	}
}

// stop gives back everything and becomes idle.
func (m *Machine) stop() {
	m.emit(StopTimer{TimerHandshake})
	if m.a.PTKRekey > 0 && m.tkSet {
		m.emit(StopTimer{TimerRekey})
	}
	if m.tkSet || m.groupSet {
		m.emit(RemoveKeys{})
	}
	m.enter(StateIdle)
	m.reset()
}

// reset wipes all that belongs to an association. Outputs not yet fetched stay,
// and so does the memory of a Michael failure, which outlives associations.
func (m *Machine) reset() {
	m.pmk.Zero()
	if m.ptk != nil {
		m.ptk.kck.Zero()
		m.ptk.kek.Zero()
	}
	m.ft.zero()
	*m = Machine{cfg: m.cfg, out: m.out, micTimer: m.micTimer, tamper: m.tamper}
}

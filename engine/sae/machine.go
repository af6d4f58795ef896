package sae

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"time"

	"gosupplicant/engine/dot11"
	"gosupplicant/engine/ecc"
)

// State is a state of the protocol machine (12.4.8.2.2).
type State uint8

// States. A machine that failed is in StateNothing for good.
const (
	StateNothing State = iota
	StateCommitted
	StateConfirmed
	StateAccepted
)

// String returns the standard's name.
func (s State) String() string {
	switch s {
	case StateNothing:
		return "Nothing"
	case StateCommitted:
		return "Committed"
	case StateConfirmed:
		return "Confirmed"
	case StateAccepted:
		return "Accepted"
	}
	return fmt.Sprintf("state %d", uint8(s))
}

// Limits of one exchange.
const (
	maxTokenDemands = 3
	tokenSize       = 32         // bytes, of those we demand
	lastCounter     = 0xffff     // send-confirm of a confirm that is not to be answered (12.4.8.6.1)
	maxCounter      = 0xffff - 1 // of an ordinary one
)

// Machine is one side of one SAE exchange. See the package comment.
type Machine struct {
	cfg   Config
	state State
	over  bool // Failed has been output

	h2e, pk  bool
	akm      dot11.AKM
	group    *group
	next     int      // index into cfg.Groups of the group in use
	rejected []uint16 // groups that the peer refused
	token    []byte   // to send (station), or demanded (AP)
	demands  int

	pwe      element
	own      *private
	sent     []byte // body of our commit
	peer     *commit
	peerBody []byte // body of the peer's commit
	secrets  *secrets
	counter  uint16 // send-confirm of our last confirm
	seen     uint16 // send-confirm of the peer's last confirm
	proof    *pkProof

	sync    int
	ignored error // why the last frame was dropped
}

// New makes a machine. A configuration that cannot work is an error.
func New(c Config) (*Machine, error) {
	c, err := c.prepared()
	if err != nil {
		return nil, err
	}
	return &Machine{cfg: c, akm: c.AKM, h2e: c.H2E, pk: c.PK && c.Role == RoleStation, rejected: slices.Clone(c.Rejected)}, nil
}

// State returns the present state.
func (m *Machine) State() State { return m.state }

// Group returns the group in use, 0 before there is one.
func (m *Machine) Group() uint16 {
	if m.group == nil {
		return 0
	}
	return m.group.id
}

// String names role and state and nothing else.
func (m *Machine) String() string { return fmt.Sprintf("SAE %s in state %s", m.cfg.Role, m.state) }

// GoString is String.
func (m *Machine) GoString() string { return m.String() }

// Start sends a station's first commit. Called again, or on an access point,
// which waits, it does nothing.
func (m *Machine) Start() []Output {
	if m.cfg.Role != RoleStation || m.state != StateNothing || m.over {
		return nil
	}
	if err := m.Prepare(); err != nil {
		return m.fail(CauseInternal, 0, err)
	}
	m.state = StateCommitted
	return m.sendCommit()
}

// Prepare computes a station's first commit, which Start then only sends: nearly all
// of the time that Start takes. A machine that is not started after all is given up
// with Abandon.
func (m *Machine) Prepare() error {
	if m.cfg.Role != RoleStation || m.state != StateNothing || m.over || m.own != nil {
		return nil
	}
	return m.prepare(m.cfg.Groups[0])
}

// Abandon clears the secrets of an exchange that will not be gone on with. The machine
// does nothing any more.
func (m *Machine) Abandon() {
	m.over = true
	m.forget()
}

// Timeout tells that the time of the last SetTimer has passed.
func (m *Machine) Timeout() []Output {
	if m.over || m.state != StateCommitted && m.state != StateConfirmed {
		return nil
	}
	m.sync++
	if m.sync > m.cfg.Sync || m.cfg.Role == RoleAP {
		return m.giveUp()
	}
	if m.state == StateCommitted {
		return m.sendCommit()
	}
	return m.sendConfirm()
}

// giveUp fails with what the silence was filled with.
func (m *Machine) giveUp() []Output {
	err := m.ignored
	if err == nil {
		return m.fail(CauseNoAnswer, 0, errors.New("sae: no answer"))
	}
	cause := CauseNoAnswer
	switch {
	case errors.Is(err, ErrReflection):
		cause = CauseReflection
	case errors.Is(err, ErrScalarRange), errors.Is(err, ErrElement), errors.Is(err, ErrMalformed):
		cause = CauseInvalidCommit
	}
	return m.fail(cause, 0, err)
}

// Receive takes an authentication frame from the peer: its transaction sequence
// number, its status code and what follows that.
func (m *Machine) Receive(transaction uint16, status dot11.Status, body []byte) []Output {
	switch {
	case m.over:
		return m.ignore(fmt.Errorf("%w: the exchange is over", ErrOutOfOrder))
	case transaction == TransactionCommit && m.cfg.Role == RoleAP:
		return m.apCommit(status, body)
	case transaction == TransactionCommit:
		return m.stationCommit(status, body)
	case transaction == TransactionConfirm:
		return m.receiveConfirm(status, body)
	}
	return m.ignore(fmt.Errorf("%w: transaction %d", ErrOutOfOrder, transaction))
}

// prepare makes our commit for a group.
func (m *Machine) prepare(id uint16) error {
	g, pwe, err := m.passwordElement(id)
	if err != nil {
		return err
	}
	own, err := m.draw(g, pwe)
	if err != nil {
		return err
	}
	m.forget()
	m.group, m.pwe, m.own = g, pwe, own
	return nil
}

func (m *Machine) passwordElement(id uint16) (*group, element, error) {
	if m.h2e {
		pt, err := m.cfg.PTs.For(id)
		if err != nil {
			return nil, nil, err
		}
		pwe, err := pt.pwe(m.cfg.Own, m.cfg.Peer)
		return pt.group, pwe, err
	}
	g, err := newGroup(id)
	if err != nil {
		return nil, nil, err
	}
	f, err := g.field()
	if err != nil {
		return nil, nil, err
	}
	pwe, err := hunted(g, f, m.cfg.Own, m.cfg.Peer, m.cfg.Password)
	return g, pwe, err
}

// draw makes a commit from fresh random numbers.
func (m *Machine) draw(g *group, pwe element) (*private, error) {
	for range ecc.MaxDraws {
		rand, err := g.order.Random(m.cfg.Rand)
		if err != nil {
			return nil, err
		}
		mask, err := g.order.Random(m.cfg.Rand)
		if err != nil {
			return nil, err
		}
		own, err := g.commitTo(pwe, rand, mask)
		clear(mask)
		clear(rand)
		if err == nil || !errors.Is(err, ErrScalarRange) {
			return own, err
		}
	}
	return nil, fmt.Errorf("%w: no commit scalar in %d draws", ErrRandomness, ecc.MaxDraws)
}

// sendCommit sends our commit, the same bytes each time unless a token has come.
func (m *Machine) sendCommit() []Output {
	c := &commit{group: m.group.id, scalar: m.own.scalar, element: m.own.element, akm: m.akm}
	if len(m.cfg.Identifier) > 0 {
		c.identifier = m.cfg.Identifier
	}
	if m.cfg.Role == RoleStation {
		c.token = m.token
		if m.h2e {
			c.rejected = m.rejected
		}
	}
	m.sent = c.append(nil, m.h2e)
	return []Output{
		Send{Transaction: TransactionCommit, Status: m.commitStatus(), Body: bytes.Clone(m.sent)},
		SetTimer{After: m.patience()},
	}
}

// patience is how long to wait. An access point sends nothing again by itself:
// it waits as long as a station would try.
func (m *Machine) patience() time.Duration {
	if m.cfg.Role == RoleAP {
		return time.Duration(m.cfg.Sync+1) * m.cfg.Retransmit
	}
	return m.cfg.Retransmit
}

// commitStatus is the status code of commits with the method in use (12.4.7.4).
func (m *Machine) commitStatus() dot11.Status {
	switch {
	case m.pk:
		return dot11.StatusSAEPK
	case m.h2e:
		return dot11.StatusSAEHashToElement
	}
	return dot11.StatusSuccess
}

// sendConfirm sends our confirm with the next send-confirm number.
func (m *Machine) sendConfirm() []Output {
	if m.counter < maxCounter {
		m.counter++
	}
	return []Output{m.confirmWith(m.counter), SetTimer{After: m.patience()}}
}

func (m *Machine) confirmWith(counter uint16) Send {
	c := &confirm{counter: counter}
	c.verifier = m.secrets.verifier(counter, m.own.scalar, m.own.element, m.peer.scalar, m.peer.element)
	if m.proof != nil {
		c.elements = m.proof.append(nil)
	}
	return Send{Transaction: TransactionConfirm, Status: dot11.StatusSuccess, Body: c.append(nil)}
}

// accept checks a peer's commit and derives the secrets; it changes nothing
// unless it succeeds. body is kept.
func (m *Machine) accept(c *commit, body []byte) error {
	k, sum, err := m.group.sharedWith(m.own, m.pwe, c)
	if err != nil {
		return err
	}
	defer clear(k)
	how := schedule{h2e: m.h2e, extKey: extKey(m.akm), pk: m.pk}
	if m.h2e {
		how.salt = m.salt(c)
	}
	s, err := m.group.secretsFrom(k, sum, how)
	if err != nil {
		return err
	}
	m.secrets, m.peer, m.peerBody = s, c, bytes.Clone(body)
	c.scalar, c.element = bytes.Clone(c.scalar), slices.Clone(c.element)
	return nil
}

// salt concatenates the lists of rejected groups, that of the side with the
// greater address first (12.4.5.4).
func (m *Machine) salt(peer *commit) []byte {
	first, second := groupBytes(peer.rejected), groupBytes(m.rejected)
	if m.cfg.Own.Compare(m.cfg.Peer) > 0 {
		first, second = second, first
	}
	return append(first, second...)
}

// enabled reports whether the group is one of ours.
func (m *Machine) enabled(id uint16) bool { return slices.Contains(m.cfg.Groups, id) }

// forgedGroups returns an error if the peer says that we refused a group which
// we would never refuse: somebody forged our refusal.
func (m *Machine) forgedGroups(c *commit) error {
	for _, id := range c.rejected {
		if m.enabled(id) {
			return fmt.Errorf("%w: group %d", ErrForgedGroups, id)
		}
	}
	return nil
}

// done ends the exchange with success.
func (m *Machine) done() Done {
	m.state = StateAccepted
	m.sync = 0
	clear(m.own.rand)
	return Done{PMK: m.secrets.pmk.Clone(), PMKID: m.secrets.pmkid, Group: m.group.id, AKM: m.akm, H2E: m.h2e, PK: m.pk}
}

// fail ends the exchange.
func (m *Machine) fail(cause Cause, status dot11.Status, err error) []Output {
	m.over, m.state = true, StateNothing
	m.forget()
	return []Output{Failed{Cause: cause, Status: status, Err: err}}
}

// forget overwrites what is secret. The PT and its password are the caller's.
func (m *Machine) forget() {
	clear(m.pwe)
	if m.own != nil {
		clear(m.own.rand)
	}
	if m.secrets != nil {
		m.secrets.zero()
	}
	m.pwe, m.own, m.secrets = nil, nil, nil
}

// ignore drops a frame.
func (m *Machine) ignore(err error) []Output {
	m.ignored = err
	return []Output{Ignored{Err: err}}
}

package sae

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"gosupplicant/engine/dot11"
)

// apCommit is a commit from a station.
func (m *Machine) apCommit(status dot11.Status, body []byte) []Output {
	switch {
	case m.state == StateCommitted && status == m.commitStatus() && bytes.Equal(body, m.peerBody):
		return m.resync(m.sendCommit) // our commit was lost
	case m.state != StateNothing:
		return m.ignore(fmt.Errorf("sae: %w: commit in state %s", ErrOutOfOrder, m.state))
	}
	h2e, pk := false, false
	switch status {
	case dot11.StatusSuccess:
	case dot11.StatusSAEHashToElement:
		h2e = true
	case dot11.StatusSAEPK:
		h2e, pk = true, true
	default:
		return m.ignore(fmt.Errorf("sae: %w: commit with status %s", ErrMethod, status))
	}
	if h2e && !m.cfg.H2E || pk && m.cfg.PKKey == nil || !h2e && m.cfg.H2EOnly {
		return m.refuse(CauseRejected, dot11.StatusUnspecifiedFailure, fmt.Errorf("sae: %w: commit with status %s", ErrMethod, status))
	}
	m.h2e, m.pk = h2e, pk
	return m.apGroup(body)
}

// apGroup looks at the group of a station's commit, and at its token.
func (m *Machine) apGroup(body []byte) []Output {
	id, _, err := parseGroup(body)
	if err != nil {
		return m.ignore(fmt.Errorf("sae: %w", err))
	}
	if !m.enabled(id) {
		return []Output{
			Send{Transaction: TransactionCommit, Status: dot11.StatusUnsupportedGroup, Body: bytes.Clone(body[:2])},
		}
	}
	g, err := newGroup(id)
	if err != nil {
		return m.fail(CauseInternal, 0, err)
	}
	c, err := parseCommit(g, body, m.token, m.h2e)
	if err != nil {
		return m.ignore(fmt.Errorf("sae: %w", err))
	}
	if m.cfg.DemandToken && (m.token == nil || !equal(c.token, m.token)) {
		return m.demandToken(body[:2])
	}
	return m.apAccept(c, body)
}

// demandToken refuses a commit until it comes with our token (12.4.6).
func (m *Machine) demandToken(id []byte) []Output {
	if m.token == nil {
		m.token = make([]byte, tokenSize)
		if _, err := io.ReadFull(m.cfg.Rand, m.token); err != nil {
			return m.fail(CauseInternal, 0, fmt.Errorf("sae: %w: %w", ErrRandomness, err))
		}
	}
	body := bytes.Clone(id)
	if m.h2e {
		body = dot11.AppendExtElement(body, dot11.ExtIDAntiCloggingToken, m.token...)
	} else {
		body = append(body, m.token...)
	}
	return []Output{Send{Transaction: TransactionCommit, Status: dot11.StatusAntiCloggingToken, Body: body}}
}

// apAccept answers a station's commit with ours.
func (m *Machine) apAccept(c *commit, body []byte) []Output {
	if !bytes.Equal(c.identifier, m.cfg.Identifier) {
		return m.refuse(CauseUnknownIdentifier, dot11.StatusUnknownPasswordIdentifier, errors.New("sae: unknown password identifier"))
	}
	if err := m.forgedGroups(c); err != nil {
		return m.refuse(CauseDowngrade, dot11.StatusUnspecifiedFailure, fmt.Errorf("sae: %w", err))
	}
	switch {
	case c.akm == dot11.AKMUnknown && extKey(m.akm):
		m.akm = dot11.AKMSAE
	case c.akm != dot11.AKMUnknown && (!c.akm.IsSAE() || extKey(c.akm) && !m.h2e):
		return m.refuse(CauseRejected, dot11.StatusInvalidAKMP, fmt.Errorf("sae: commit for AKM %s", c.akm))
	case c.akm != dot11.AKMUnknown:
		m.akm = c.akm
	}
	if err := m.prepare(c.group); err != nil {
		return m.fail(CauseInternal, 0, err)
	}
	if err := m.accept(c, body); err != nil {
		return m.refuse(CauseInvalidCommit, dot11.StatusUnspecifiedFailure, fmt.Errorf("sae: commit: %w", err))
	}
	m.state = StateCommitted
	return m.sendCommit()
}

// refuse tells the station, and ends the exchange.
func (m *Machine) refuse(cause Cause, status dot11.Status, err error) []Output {
	out := Send{Transaction: TransactionCommit, Status: status}
	if m.state != StateNothing {
		out.Transaction = TransactionConfirm
	}
	return append([]Output{out}, m.fail(cause, 0, err)...)
}

// apConfirmed sends our confirm after the station's has been verified.
func (m *Machine) apConfirmed() []Output {
	if m.pk {
		proof, err := m.cfg.PKKey.prove(m.cfg.Rand, m.secrets.kek, m.transcript())
		if err != nil {
			return m.fail(CauseInternal, 0, err)
		}
		m.proof = proof
	}
	m.counter++
	return []Output{m.confirmWith(m.counter), m.done()}
}

// confirmAgain answers a station that has not heard our confirm (12.4.8.6.6).
func (m *Machine) confirmAgain(body []byte) []Output {
	if _, err := m.checkConfirm(body); err != nil {
		return m.ignore(fmt.Errorf("sae: %w", err))
	}
	return m.resyncAccepted()
}

// resyncAccepted repeats the confirm with the number that wants no answer.
func (m *Machine) resyncAccepted() []Output {
	m.sync++
	if m.sync > m.cfg.Sync {
		return m.ignore(fmt.Errorf("sae: %w: confirm repeated %d times", ErrOutOfOrder, m.sync))
	}
	return []Output{m.confirmWith(lastCounter)}
}

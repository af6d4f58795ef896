package sae

import (
	"bytes"
	"fmt"

	"gosupplicant/engine/dot11"
)

// stationCommit is a commit, or a refusal of ours, from the access point.
func (m *Machine) stationCommit(status dot11.Status, body []byte) []Output {
	switch {
	case m.state == StateConfirmed && status == m.commitStatus() && bytes.Equal(body, m.peerBody):
		return m.resync(m.sendConfirm) // our confirm was lost
	case m.state != StateCommitted:
		return m.ignore(fmt.Errorf("%w: commit in state %s", ErrOutOfOrder, m.state))
	}
	switch status {
	case m.commitStatus():
		return m.takeCommit(body)
	case dot11.StatusSuccess, dot11.StatusSAEHashToElement, dot11.StatusSAEPK:
		return m.ignore(fmt.Errorf("%w: commit with status %s, ours had %s", ErrMethod, status, m.commitStatus()))
	case dot11.StatusAntiCloggingToken:
		return m.takeToken(body)
	case dot11.StatusUnsupportedGroup:
		return m.groupRefused(status, body)
	case dot11.StatusUnknownPasswordIdentifier:
		return m.fail(CauseUnknownIdentifier, status, fmt.Errorf("sae: peer does not know the password identifier"))
	}
	return m.fail(CauseRejected, status, fmt.Errorf("sae: commit refused with status %s", status))
}

// resync repeats something, within the limit of repetitions.
func (m *Machine) resync(send func() []Output) []Output {
	m.sync++
	if m.sync > m.cfg.Sync {
		return m.fail(CauseNoAnswer, 0, fmt.Errorf("sae: out of step %d times", m.sync))
	}
	return send()
}

// takeCommit goes on with the access point's commit.
func (m *Machine) takeCommit(body []byte) []Output {
	if bytes.Equal(body, m.sent) {
		return m.ignore(fmt.Errorf("sae: %w", ErrReflection))
	}
	c, err := parseCommit(m.group, body, nil, m.h2e)
	if err != nil {
		return m.ignore(fmt.Errorf("sae: %w", err))
	}
	if c.akm != dot11.AKMUnknown && c.akm != m.akm {
		return m.ignore(fmt.Errorf("sae: %w: commit for AKM %s, ours is %s", ErrMethod, c.akm, m.akm))
	}
	if err := m.forgedGroups(c); err != nil {
		return m.fail(CauseDowngrade, 0, fmt.Errorf("sae: %w", err))
	}
	if err := m.accept(c, body); err != nil {
		return m.ignore(fmt.Errorf("sae: commit: %w", err))
	}
	m.state, m.sync, m.ignored = StateConfirmed, 0, nil
	return m.sendConfirm()
}

// takeToken sends our commit again with the token that is demanded (12.4.6).
func (m *Machine) takeToken(body []byte) []Output {
	id, rest, err := parseGroup(body)
	if err == nil && id != m.group.id {
		err = fmt.Errorf("%w: token demanded for group %d, ours is %d", ErrGroup, id, m.group.id)
	}
	var token []byte
	if err == nil {
		token, err = parseToken(rest, m.h2e)
	}
	if err != nil {
		return m.ignore(fmt.Errorf("sae: %w", err))
	}
	m.demands++
	if m.demands > maxTokenDemands {
		return m.fail(CauseClogged, dot11.StatusAntiCloggingToken, fmt.Errorf("sae: %d anti-clogging tokens demanded", m.demands))
	}
	m.token = bytes.Clone(token)
	return m.sendCommit()
}

// groupRefused tries the next group (12.4.7.4). Some access points leave out the
// group that they refuse.
func (m *Machine) groupRefused(status dot11.Status, body []byte) []Output {
	if len(body) > 0 {
		id, _, err := parseGroup(body)
		if err == nil && id != m.group.id {
			err = fmt.Errorf("%w: group %d refused, ours is %d", ErrGroup, id, m.group.id)
		}
		if err != nil {
			return m.ignore(fmt.Errorf("sae: %w", err))
		}
	}
	m.rejected = append(m.rejected, m.group.id)
	m.next++
	if m.next >= len(m.cfg.Groups) {
		return m.fail(CauseGroupsRejected, status, fmt.Errorf("sae: peer refused groups %v", m.rejected))
	}
	m.token, m.sync, m.ignored = nil, 0, nil
	if err := m.prepare(m.cfg.Groups[m.next]); err != nil {
		return m.fail(CauseInternal, 0, err)
	}
	return m.sendCommit()
}

// receiveConfirm is a confirm, or a refusal of ours, on either side.
func (m *Machine) receiveConfirm(status dot11.Status, body []byte) []Output {
	ap := m.cfg.Role == RoleAP
	switch {
	case m.state == StateAccepted && ap && status == dot11.StatusSuccess:
		return m.confirmAgain(body)
	case !(m.state == StateConfirmed && !ap) && !(m.state == StateCommitted && ap):
		return m.ignore(fmt.Errorf("sae: %w: confirm in state %s", ErrOutOfOrder, m.state))
	case status == dot11.StatusUnspecifiedFailure || status == dot11.StatusChallengeFail:
		return m.fail(CausePasswordMismatch, status, fmt.Errorf("sae: our confirm refused with status %s", status))
	case status != dot11.StatusSuccess:
		return m.fail(CauseRejected, status, fmt.Errorf("sae: confirm refused with status %s", status))
	}
	c, err := m.checkConfirm(body)
	if err != nil {
		return m.confirmFailed(err)
	}
	if !ap {
		if err := m.checkProof(c); err != nil {
			return m.fail(CausePublicKey, 0, fmt.Errorf("sae: %w", err))
		}
		return []Output{m.done()}
	}
	return m.apConfirmed()
}

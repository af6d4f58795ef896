package sae

import (
	"errors"
	"fmt"

	"gosupplicant/engine/dot11"
)

// checkConfirm parses and verifies the peer's confirm (12.4.5.6). In state
// Accepted its number must have grown.
func (m *Machine) checkConfirm(body []byte) (*confirm, error) {
	c, err := parseConfirm(body, m.secrets.hash.Size())
	if err != nil {
		return nil, err
	}
	if m.state == StateAccepted && (c.counter <= m.seen || c.counter == lastCounter) {
		return nil, fmt.Errorf("%w: number %d after %d", ErrReplay, c.counter, m.seen)
	}
	want := m.secrets.verifier(c.counter, m.peer.scalar, m.peer.element, m.own.scalar, m.own.element)
	if !equal(c.verifier, want) {
		return nil, ErrConfirm
	}
	m.seen = c.counter
	return c, nil
}

// confirmFailed ends the exchange if the confirm is well-formed and wrong.
func (m *Machine) confirmFailed(err error) []Output {
	err = fmt.Errorf("sae: %w", err)
	switch {
	case !errors.Is(err, ErrConfirm):
		return m.ignore(err)
	case m.cfg.Role == RoleAP:
		return m.refuse(CausePasswordMismatch, dot11.StatusChallengeFail, err)
	}
	return m.fail(CausePasswordMismatch, 0, err)
}

// checkProof verifies the access point's SAE-PK proof, where one is demanded.
func (m *Machine) checkProof(c *confirm) error {
	if !m.pk {
		return nil
	}
	proof, err := parsePKProof(c.elements)
	if err != nil {
		return err
	}
	want, ok := pkWanted(m.cfg.Password)
	if !ok {
		return ErrFingerprint
	}
	return proof.verify(m.secrets.kek, want, m.transcript())
}

// transcript collects what an SAE-PK signature covers.
func (m *Machine) transcript() *transcript {
	t := &transcript{
		ssid:     m.cfg.SSID,
		apScalar: m.peer.scalar, ap: m.peer.element, apAddr: m.cfg.Peer,
		staScalar: m.own.scalar, sta: m.own.element, staAddr: m.cfg.Own,
	}
	if m.cfg.Role == RoleAP {
		t.apScalar, t.staScalar = t.staScalar, t.apScalar
		t.ap, t.sta = t.sta, t.ap
		t.apAddr, t.staAddr = t.staAddr, t.apAddr
	}
	return t
}

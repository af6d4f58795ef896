package engine

import (
	"gosupplicant/engine/sae"
)

// saeAhead is an exchange with an access point that was lost: its commit is there
// before that is heard again.
type saeAhead struct {
	tried   bool // since the loss, or since the last one was sent
	cfg     sae.Config
	machine *sae.Machine
}

// abandon clears what was computed in vain.
func (s *saeAhead) abandon() {
	if s.machine != nil {
		s.machine.Abandon()
	}
	*s = saeAhead{}
}

// commitAhead computes, while the radio looks for the access point of a lost
// connection, the commit that it will be sent. What it takes milliseconds to compute
// would be waited for later. Points that are not derived yet are not derived for it.
func (i *Interface) commitAhead() {
	n, ahead := i.conn.last.network, &i.conn.search.ahead
	if ahead.tried || n == nil || n.Disabled != 0 || i.conf.Network(n.ID) != n || i.sme() == nil {
		return
	}
	ahead.tried = true
	for b := range i.table.All() {
		if b.BSSID == i.conn.last.bssid {
			i.commitAheadTo(&attempt{c: &candidate{b, n, i.joinSSID(b, n)}})
			return
		}
	}
}

func (i *Interface) commitAheadTo(a *attempt) {
	var err error
	if a.sec, err = i.chooseSecurity(a); err != nil || a.sec == nil || !a.sec.AKM.IsSAE() || a.pmksa != nil {
		return
	}
	if secrets, err := i.saeSecrets(a.c.network, a.c.ssid); err != nil ||
		a.sec.H2E && i.conn.psks.havePTs(a.c.network, secrets, ptsFrom(secrets)) == nil {
		return
	}
	cfg, err := i.saeConfig(a)
	if err != nil {
		return
	}
	m, err := sae.New(*cfg)
	if err == nil {
		err = m.Prepare()
	}
	if err != nil {
		i.log.Debug("No commit ahead", "err", err)
		return
	}
	i.conn.search.ahead = saeAhead{true, *cfg, m}
}

// saeExchange is a machine for an exchange: the one whose commit is there already, when
// it is for the same.
func (i *Interface) saeExchange(cfg *sae.Config) (*sae.Machine, error) {
	ahead := &i.conn.search.ahead
	if m := ahead.machine; m != nil && ahead.cfg.Same(*cfg) {
		*ahead = saeAhead{} // a commit is sent in one exchange only
		return m, nil
	}
	ahead.abandon()
	return sae.New(*cfg)
}

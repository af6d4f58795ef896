package engine

import "time"

// tryFresh looks for a network at once: in the table when it is young enough,
// else with a scan.
func (i *Interface) tryFresh() {
	if i.state == StateInterfaceDisabled {
		return
	}
	valid := time.Duration(i.conf.Globals.ScanResValidForConnect) * time.Second
	if i.scan.resultsAt.IsZero() || i.loop.Now().Sub(i.scan.resultsAt) > valid || !i.selectNow() {
		i.wantScan(0)
	}
}

// join begins the association with a candidate. Associating is not part of
// this version: the choice is told, and made again after the scan interval.
func (i *Interface) join(c *candidate) {
	i.log.Info("Candidate chosen; this version does not associate", "bssid", c.bss.BSSID, "ssid", c.bss.SSID.String(), "network", c.network.ID)
	i.setState(StateDisconnected, "association is not available")
	i.scan.later()
}

package engine

import "time"

// tryFresh looks for a network at once: in the table when it is young enough, or
// where the connection was until a moment ago, else with a scan.
func (i *Interface) tryFresh() {
	if i.state == StateInterfaceDisabled {
		return
	}
	if i.wiredDevice() != nil {
		i.wantScan(0)
		return
	}
	valid := time.Duration(i.conf.Globals.ScanResValidForConnect) * time.Second
	if !i.scan.resultsAt.IsZero() && i.loop.Now().Sub(i.scan.resultsAt) <= valid && i.selectNow() {
		return
	}
	if c := i.choose(); i.conn.link == nil && c != nil && i.leftLately(c) {
		i.emit(CandidateChosen{i, c.bss, c.network})
		i.join(c)
		return
	}
	i.wantScan(0)
}

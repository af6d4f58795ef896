package engine

import (
	"slices"
	"time"

	"gosupplicant/conf"
	"gosupplicant/drivers"
	"gosupplicant/engine/bss"
	"gosupplicant/engine/dot11"
)

// takeResults brings the BSS table up to date, tells observers of each
// difference and then of the end of the scan, and selects. j is nil for scans
// of the device's own or of other programs.
func (i *Interface) takeResults(res *drivers.ScanResults, ev drivers.EventScanDone, j *scanJob) {
	defer i.preauthenticate()
	g := &i.conf.Globals
	opts := bss.UpdateOpts{
		Now: i.loop.Now(), NewScan: !ev.Aborted && j != nil, Freqs: ev.Freqs,
		MaxCount: g.BSSMaxCount, MaxMiss: g.BSSExpirationScanCount,
		InUse: i.inUse, Known: i.known, Local: i.localPHY,
	}
	if opts.Freqs == nil && j != nil {
		opts.Freqs = j.params.Freqs
	}
	if j != nil && !j.params.Passive {
		for _, ssid := range j.params.SSIDs {
			opts.SSIDs = append(opts.SSIDs, ssid)
		}
	}
	if j != nil && !ev.Aborted {
		i.scan.resultsAt = opts.Now
	}
	diff := i.table.Update(i.convert(res, j), opts)
	gone := i.table.FlushAge(opts.Now, time.Duration(g.BSSExpirationAge)*time.Second, i.inUse)
	i.tell(diff, gone)
	i.expireLater()
	if j == nil {
		i.changed(PropScanning)
		i.emit(ScanDone{Iface: i, Success: true})
		if i.scan.job == nil && !ev.External && !ev.Aborted {
			i.afterScan(true, narrowNo)
		}
		return
	}
	if i.nextSlice(j, ev.Aborted) {
		return
	}
	waits := len(i.scan.waiting) > 0
	i.scan.end(j, true)
	if j.req.AllowRoam && !ev.Aborted {
		i.afterScan(!waits, j.narrow)
	} else {
		i.settle()
	}
}

// tell sends the events of one update; removals first, as they made room.
func (i *Interface) tell(diff bss.Diff, aged []*bss.BSS) {
	i.emitRemoved(diff.Removed)
	i.emitRemoved(aged)
	for _, b := range diff.Added {
		if !slices.Contains(aged, b) {
			i.emit(BSSAdded{i, b})
		}
	}
	if len(diff.Added) > 0 {
		i.changed(PropBSSs)
	}
	for _, c := range diff.Changed {
		if !slices.Contains(aged, c.BSS) {
			i.emit(BSSChanged{i, c.BSS, c.Fields})
		}
	}
	for _, ig := range diff.Ignored {
		i.log.Debug("Scan result not taken", "bssid", ig.BSSID, "reason", ig.Reason)
	}
}

// expireLater plans the removal of entries that grow too old without a scan.
func (i *Interface) expireLater() {
	age := time.Duration(i.conf.Globals.BSSExpirationAge) * time.Second
	at, ok := i.table.NextExpiry(age, i.inUse)
	i.scan.expiry.Stop()
	if !ok {
		return
	}
	// Entries of one scan go together: look again a little after the first is due.
	d := max(at.Sub(i.loop.Now()), 0) + time.Second
	i.scan.expiry = i.loop.After(d, i.name+" BSS expiry", func() {
		i.emitRemoved(i.table.FlushAge(i.loop.Now(), age, i.inUse))
		i.expireLater()
	})
}

// FlushBSS drops entries not heard for age seconds; 0 drops all.
func (i *Interface) FlushBSS(age int) {
	if age <= 0 {
		i.emitRemoved(i.table.FlushAll(i.inUse))
	} else {
		i.emitRemoved(i.table.FlushAge(i.loop.Now(), time.Duration(age)*time.Second, i.inUse))
	}
	i.expireLater()
}

// inUse keeps the entries that a link or an attempt stands on.
func (i *Interface) inUse(b *bss.BSS) bool {
	a := i.conn.attempt
	return b == i.current.bss || a != nil && a.c.bss == b
}

// known reports whether b may belong to a configured network.
func (i *Interface) known(b *bss.BSS) bool {
	return slices.ContainsFunc(i.conf.Networks, func(n *conf.Network) bool {
		return len(n.SSID) > 0 && string(n.SSID) == string(b.SSID)
	})
}

// convert filters results and gives them the table's form.
func (i *Interface) convert(res *drivers.ScanResults, j *scanJob) []bss.Result {
	g := &i.conf.Globals
	names := map[string]bool{}
	if g.FilterSSIDs {
		for _, ssid := range i.configuredSSIDs() {
			names[string(ssid)] = true
		}
	}
	out := make([]bss.Result, 0, len(res.Results))
	for k := range res.Results {
		r := &res.Results[k]
		if !i.restrict.taken(r.BSSID) {
			continue
		}
		if g.FilterSSIDs {
			ssid, _ := dot11.Elements(r.IEs).Find(dot11.ElementSSID)
			if !names[string(ssid)] {
				continue
			}
		}
		if g.FilterRSSI < 0 && r.Flags&drivers.ResultLevelDBm != 0 && r.Level < g.FilterRSSI {
			continue
		}
		if g.IgnoreOldScanRes && j != nil && r.Age > i.loop.Now().Sub(j.work.begunAt) {
			continue
		}
		out = append(out, bss.Result{
			BSSID: r.BSSID, Freq: r.Freq, BeaconInt: int(r.BeaconInterval), Caps: dot11.Caps(r.Capability),
			Qual: r.Qual, Noise: r.Noise, Level: i.tamper.level(r.BSSID, r.Level), Flags: resultFlags(r.Flags),
			TSF: r.TSF, ParentTSF: r.ParentTSF, ParentBSS: r.ParentBSSID, Age: r.Age,
			IEs: r.IEs, BeaconIEs: r.BeaconIEs,
		})
	}
	return out
}

func resultFlags(f drivers.ResultFlags) (out bss.Flags) {
	for _, p := range [...]struct {
		from drivers.ResultFlags
		to   bss.Flags
	}{
		{drivers.ResultQualInvalid, bss.FlagQualInvalid},
		{drivers.ResultNoiseInvalid, bss.FlagNoiseInvalid},
		{drivers.ResultLevelInvalid, bss.FlagLevelInvalid},
		{drivers.ResultLevelDBm, bss.FlagLevelDBm},
	} {
		if f&p.from != 0 {
			out |= p.to
		}
	}
	return out
}

// localPHY tells what the own radio can do at a frequency.
func (i *Interface) localPHY(freq int) dot11.LocalPHY {
	for k := range i.capa.Bands {
		b := &i.capa.Bands[k]
		if len(b.Channels) == 0 || dot11.BandOf(b.Channels[0].Freq) != dot11.BandOf(freq) {
			continue
		}
		return dot11.LocalPHY{
			HT: b.HT, HT40: b.HTCapa&(1<<1) != 0,
			VHT: b.VHT, VHT160: b.VHT && b.MaxWidth >= 160,
			HE: b.HE, HE40: b.HE && b.MaxWidth >= 40, HE80: b.HE && b.MaxWidth >= 80, HE160: b.HE && b.MaxWidth >= 160,
			EHT: b.EHT, EHT320: b.EHT && b.MaxWidth >= 320,
		}
	}
	return dot11.LocalPHY{}
}

// afterScan selects from the fresh table; retry plans another scan when
// nothing fits.
func (i *Interface) afterScan(retry bool, narrow narrowing) {
	switch {
	case i.want.disconnected:
		i.setState(StateDisconnected, "disconnect was asked for")
		return
	case i.state >= StateAuthenticating && i.state != StateCompleted:
		return
	}
	if i.selectNow() {
		return
	}
	if !i.anyEnabled() {
		i.settle()
		return
	}
	if ssids, freqs := i.oweSearch(); len(ssids) > 0 && narrow != narrowOWE && i.scan.job == nil && i.conn.link == nil {
		i.scan.submit(&scanJob{own: true, narrow: narrowOWE, req: ScanRequest{AllowRoam: true, SSIDs: ssids, Freqs: freqs}})
		return
	}
	if narrow == narrowKnown {
		if !i.huntAgain() {
			i.wantScan(0)
		}
		return
	}
	i.emit(NetworkNotFound{i})
	if retry && i.huntAgain() {
		return
	}
	if retry && i.state != StateCompleted {
		i.scan.later()
	}
}

// settle leaves the scanning state after a scan that leads to nothing more.
func (i *Interface) settle() {
	switch {
	case i.state != StateScanning || i.scan.job != nil:
	case i.want.disconnected:
		i.setState(StateDisconnected, "disconnect was asked for")
	case !i.anyEnabled():
		i.setState(StateInactive, "no enabled network")
	default:
		i.wantScan(time.Duration(i.scan.interval) * time.Second)
	}
}

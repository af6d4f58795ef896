package ctrl

import (
	"errors"
	"fmt"
	"gosupplicant/conf"
	"gosupplicant/engine"
	"gosupplicant/engine/dot11"
	"slices"
	"time"
)

var connectCommands = []command{
	{"DISCONNECT", exact, onIface, func(r *request) string { return r.result(r.iface.Disconnect()) }, "leaves the network and stays away"},
	{"REASSOCIATE", exact, onIface, func(r *request) string { return r.result(r.iface.Reassociate()) }, "begins a connection anew"},
	{"RECONNECT", exact, onIface, func(r *request) string { return r.result(r.iface.Reconnect()) }, "connects after DISCONNECT"},
	{"REATTACH", exact, onIface, func(r *request) string { return r.result(r.iface.Reattach()) }, "begins anew with the same BSS"},
	{"ROAM", withArg, onIface, (*request).roam, "goes to another BSS of the network"},
	{"FAILURES", exact | withArg, onIface, (*request).failures, "records of attempts that failed, the newest first"},
	{"PMKSA", exact, onIface, (*request).pmksa, "PMKSA cache"},
	{"PMKSA_FLUSH", exact, onIface, func(r *request) string { r.iface.FlushPMKSAs(); return replyOK }, "empties the PMKSA cache"},
	{"PMKSA_GET", withArg, onIface, (*request).pmksaGet, "PMKSA entries of a network with their keys"},
	{"PMKSA_ADD", withArg, onIface, (*request).pmksaAdd, "adds a PMKSA entry"},
	{"SIGNAL_MONITOR", exact | withArg, onIface, (*request).signalMonitor, "events when the signal crosses a threshold"},
}

func (r *request) roam() string {
	bssid, err := dot11.ParseMAC(r.arg)
	if err != nil {
		return r.result(invalid("BSSID"))
	}
	return r.result(r.iface.Roam(bssid))
}

// failures: [<network id>]. A line for each record: its age in seconds, then what
// CTRL-EVENT-ATTEMPT-FAILED said of it.
func (r *request) failures() string {
	nets := r.iface.Config().Networks
	if r.arg != "" {
		k, err := id(r.arg)
		if err != nil {
			return r.result(err)
		}
		n := r.iface.Config().Network(k)
		if n == nil {
			return r.result(engine.ErrUnknownNetwork)
		}
		nets = []*conf.Network{n}
	}
	var all []*engine.Failure
	for _, n := range nets {
		all = append(all, r.iface.Failures(n)...)
	}
	slices.SortStableFunc(all, func(a, b *engine.Failure) int { return b.At.Compare(a.At) })
	l, now := r.list(), r.srv.sup.Loop().Now()
	for _, f := range all {
		if !l.add(fmt.Sprintf("age=%d %s\n", int(now.Sub(f.At)/time.Second), failureText(f))) {
			break
		}
	}
	return l.String()
}

// pmksa shows the cache without keys.
func (r *request) pmksa() string {
	l, now := r.list(), r.srv.sup.Loop().Now()
	l.add("Index / AA / PMKID / expiration (in seconds) / opportunistic\n")
	for k, e := range r.iface.PMKSAs() {
		if !l.add(fmt.Sprintf("%d %v %x %d %d\n", k+1, e.AA, e.PMKID, max(0, int(e.Expires.Sub(now)/time.Second)), digit(e.Opportunistic))) {
			break
		}
	}
	return l.String()
}

// pmksaGet shows what an external cache needs, keys included.
func (r *request) pmksaGet() string {
	n, err := id(r.arg)
	if err != nil {
		return r.result(err)
	}
	if r.iface.Config().Network(n) == nil {
		return r.result(engine.ErrUnknownNetwork)
	}
	l, now := r.list(), r.srv.sup.Loop().Now()
	for _, e := range r.iface.PMKSAs() {
		if e.Network == n && !l.add(e.Export(now)+"\n") {
			break
		}
	}
	return l.String()
}

// pmksaAdd: <network id> and what PMKSA_GET showed.
func (r *request) pmksaAdd() string {
	n, rest, err := idAnd(r.arg)
	if err != nil {
		return r.result(err)
	}
	return r.result(r.iface.ImportPMKSA(n, rest))
}

// Bounds of SIGNAL_MONITOR: dBm and dB.
const (
	lowestThreshold = -127
	maxHysteresis   = 100
)

// signalMonitor: [THRESHOLD=<dBm>] [HYSTERESIS=<dB>]; without any it ends.
func (r *request) signalMonitor() string {
	o := parseOptions(r.arg)
	var threshold, hysteresis int
	var err1, err2 error
	if w, ok := o.get("THRESHOLD"); ok {
		threshold, err1 = number(w, lowestThreshold, 0)
	}
	if w, ok := o.get("HYSTERESIS"); ok {
		hysteresis, err2 = number(w, 0, maxHysteresis)
	}
	if err := errors.Join(err1, err2); err != nil {
		return r.result(err)
	}
	r.later = true
	r.iface.SetSignalMonitor(threshold, hysteresis, r.tell)
	return ""
}

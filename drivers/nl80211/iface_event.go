package nl80211

import (
	"errors"
	"time"

	"golang.org/x/sys/unix"

	"gosupplicant/drivers"
)

// abortGrace is how long the kernel may take to report the end of a scan that we
// asked it to abort.
const abortGrace = 5 * time.Second

// concerned tells whether a message is about this interface or its radio.
func (i *Interface) concerned(ev event) bool {
	switch {
	case ev.ifindex != 0:
		return ev.ifindex == i.info.Ifindex
	case ev.hasWdev:
		return ev.wdev == i.wdev
	case ev.hasWiphy:
		return ev.wiphy == i.wiphyIndex
	}
	return ev.cmd == unix.NL80211_CMD_REG_CHANGE
}

// eventHandlers holds what each kind of message does; nil for those that do nothing.
var eventHandlers = [256]func(*Interface, event) error{
	unix.NL80211_CMD_TRIGGER_SCAN:       (*Interface).onScanStarted,
	unix.NL80211_CMD_NEW_SCAN_RESULTS:   (*Interface).onScanEnded,
	unix.NL80211_CMD_SCAN_ABORTED:       (*Interface).onScanEnded,
	unix.NL80211_CMD_SCHED_SCAN_RESULTS: (*Interface).onSchedScan,
	unix.NL80211_CMD_SCHED_SCAN_STOPPED: (*Interface).onSchedScan,
	unix.NL80211_CMD_DEL_INTERFACE:      (*Interface).onDelete,
	unix.NL80211_CMD_DEL_WIPHY:          (*Interface).onDelete,
	unix.NL80211_CMD_REG_CHANGE:         (*Interface).onRegulatory,
	unix.NL80211_CMD_WIPHY_REG_CHANGE:   (*Interface).onRegulatory,
	unix.NL80211_CMD_REG_BEACON_HINT:    (*Interface).onBeaconHint,
	unix.NL80211_CMD_DEAUTHENTICATE:     (*Interface).onLost,
	unix.NL80211_CMD_DISASSOCIATE:       (*Interface).onLost,
	unix.NL80211_CMD_DISCONNECT:         (*Interface).onLost,
	unix.NL80211_CMD_NOTIFY_CQM:         (*Interface).onQuality,
	unix.NL80211_CMD_VENDOR:             (*Interface).onVendor,

	unix.NL80211_CMD_AUTHENTICATE:             (*Interface).onLink,
	unix.NL80211_CMD_ASSOCIATE:                (*Interface).onLink,
	unix.NL80211_CMD_CONNECT:                  (*Interface).onLink,
	unix.NL80211_CMD_ROAM:                     (*Interface).onLink,
	unix.NL80211_CMD_ASSOC_COMEBACK:           (*Interface).onLink,
	unix.NL80211_CMD_UNPROT_DEAUTHENTICATE:    (*Interface).onLink,
	unix.NL80211_CMD_UNPROT_DISASSOCIATE:      (*Interface).onLink,
	unix.NL80211_CMD_MICHAEL_MIC_FAILURE:      (*Interface).onLink,
	unix.NL80211_CMD_CH_SWITCH_NOTIFY:         (*Interface).onLink,
	unix.NL80211_CMD_CH_SWITCH_STARTED_NOTIFY: (*Interface).onLink,
	unix.NL80211_CMD_PMKSA_CANDIDATE:          (*Interface).onLink,
	unix.NL80211_CMD_PORT_AUTHORIZED:          (*Interface).onLink,
	unix.NL80211_CMD_SET_REKEY_OFFLOAD:        (*Interface).onLink,
	unix.NL80211_CMD_FRAME_TX_STATUS:          (*Interface).onTXStatus,
	unix.NL80211_CMD_FRAME_WAIT_CANCEL:        (*Interface).onProbeOver,
}

// event acts on a message. What cannot be decoded is logged: the kernel is not
// asked to repeat itself.
func (i *Interface) event(ev event) {
	handle := eventHandlers[ev.cmd]
	if handle == nil {
		return
	}
	if err := handle(i, ev); err != nil {
		i.log.Warn("event of the kernel not understood", "command", ev.cmd, "error", err)
	}
}

func (i *Interface) onScanStarted(event) error {
	i.mu.Lock()
	ours := i.scan.started()
	i.mu.Unlock()
	i.emit(drivers.EventScanStarted{External: !ours})
	return nil
}

func (i *Interface) onScanEnded(ev event) error {
	scope, err := decodeScanScope(ev.attrs)
	i.mu.Lock()
	ours := i.probing == 0 && i.scan.ended()
	if ours {
		i.watchdog.Stop()
		i.asked = false
	}
	i.mu.Unlock()
	i.emit(drivers.EventScanDone{
		Aborted: ev.cmd == unix.NL80211_CMD_SCAN_ABORTED, External: !ours,
		Freqs: scope.freqs, SSIDs: scope.ssids,
	})
	return err
}

// scanOverdue finds out what became of a scan of ours whose end was not
// reported, so that the engine is told of exactly one end. Asking the kernel to
// abort it is the only question whose answer tells whether it runs.
func (i *Interface) scanOverdue() {
	i.mu.Lock()
	if i.closed || i.gone || !i.scan.ours() {
		i.mu.Unlock()
		return
	}
	aborted := i.asked // it was asked before and did not come to an end
	if i.probing != 0 {
		err := i.endProbe()
		aborted = err != nil
		i.probeEnded()
	} else if !aborted {
		_, err := i.cmd.do("abort scan", unix.NL80211_CMD_ABORT_SCAN, i.ifindexAttr)
		if err == nil {
			// Its end is reported with the next event; the start may have been lost.
			i.scan, i.asked = scanRunning, true
			i.watchdog.Reset(abortGrace)
			i.mu.Unlock()
			return
		}
		aborted = !errors.Is(err, unix.ENOENT)
	}
	i.scan.lost()
	i.asked = false
	i.watchdog.Stop()
	i.mu.Unlock()
	i.emit(drivers.EventScanDone{Aborted: aborted})
}

func (i *Interface) onSchedScan(ev event) error {
	if ev.cmd == unix.NL80211_CMD_SCHED_SCAN_STOPPED {
		i.emit(drivers.EventSchedScanStopped{})
	} else {
		i.emit(drivers.EventSchedScanResults{})
	}
	return nil
}

func (i *Interface) onDelete(ev event) error {
	if ev.cmd == unix.NL80211_CMD_DEL_WIPHY {
		i.removed("radio removed")
	} else {
		i.removed("interface removed")
	}
	return nil
}

// onRegulatory reads the channels anew before the change is reported.
func (i *Interface) onRegulatory(ev event) error {
	reg, err := decodeRegChange(ev.attrs)
	if err != nil {
		return err
	}
	i.reload()
	i.emit(reg.event)
	return nil
}

// onBeaconHint tells of channels that were opened by hearing a beacon.
func (i *Interface) onBeaconHint(event) error {
	i.reload()
	i.emit(drivers.EventRegulatory{Initiator: "BEACON_HINT", Type: "UNKNOWN"})
	return nil
}

// reload reads the capabilities again; on failure the old ones stay.
func (i *Interface) reload() {
	w, err := i.cmd.getWiphy(i.info.Ifindex)
	if err != nil {
		i.log.Warn("capabilities not read again", "error", err)
		return
	}
	i.capa.Store(w.capability(i.params))
}

// onLost reports the end of an association once: devices whose SME is ours tell
// it by the frame, and again, without it, by the disconnect event.
func (i *Interface) onLost(ev event) error {
	if (ev.cmd == unix.NL80211_CMD_DISCONNECT) == i.Capability().SMEInUser {
		return nil
	}
	i.mu.Lock()
	own := i.ownAddress
	i.joining = association{}
	i.mu.Unlock()
	lost, err := decodeLost(ev.attrs, own)
	if err != nil {
		return err
	}
	i.emit(lost)
	return nil
}

// onQuality reports a crossed threshold with the statistics of the moment.
func (i *Interface) onQuality(ev event) error {
	q, err := decodeQuality(ev.attrs)
	if err == nil && q.beaconLoss {
		i.emit(drivers.EventBeaconLoss{})
	}
	if err != nil || !q.threshold {
		return err
	}
	sig, err := i.SignalPoll()
	if err != nil { // the association may have ended meanwhile
		sig = drivers.Signal{Signal: q.level, Noise: drivers.NoiseUnknown}
	}
	i.emit(drivers.EventSignal{Above: q.above, Signal: sig})
	return nil
}

func (i *Interface) onVendor(ev event) error {
	v, err := decodeVendor(ev.attrs)
	if err != nil || v.id != vendorQCA || v.subcmd != qcaAvoidFrequency {
		return err
	}
	ranges, err := decodeAvoid(v.data)
	if err != nil {
		return err
	}
	i.emit(drivers.EventAvoidFreqs{Freqs: channelsIn(ranges, i.Capability())})
	return nil
}

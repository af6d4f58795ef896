package nl80211

import (
	"fmt"
	"time"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
)

// A probe stands in for a scan of the one channel that the radio is tuned to
// (drivers.ScanParams.Probe): a frame that asks, and the time that the kernel stays
// where it was sent. What answers is among the scan results as after a scan. mac80211
// ends a scan by waiting for everything that may still look at it, 10 to 30 ms, with its
// lock held: what is heard meanwhile is looked at later, and an authentication, which
// ends the scan before it, is sent later. There is no such wait after a frame. A probe
// must have ended before the next one begins: the kernel queues what overlaps.

const (
	// probeTime is how long a probe listens. The device may answer in a few ms; an
	// access point that has just begun takes some 30 ms to.
	probeTime = 30 * time.Millisecond
	// probeGrace is when the end of a probe is overdue; kernels before 5.5 do not
	// tell it.
	probeGrace = 100 * time.Millisecond
)

// probe asks. i.mu is held.
func (i *Interface) probe(p *drivers.ScanParams) error {
	capa := i.Capability()
	frame, err := probeRequest(p, capa, i.last.mac)
	if err != nil {
		return err
	}
	msgs, err := i.cmd.do("probe", unix.NL80211_CMD_FRAME, func(ae *netlink.AttributeEncoder) {
		i.ifindexAttr(ae)
		ae.Uint32(unix.NL80211_ATTR_WIPHY_FREQ, uint32(p.Freqs[0]))
		ae.Flag(unix.NL80211_ATTR_OFFCHANNEL_TX_OK, true)
		ae.Uint32(unix.NL80211_ATTR_DURATION, uint32(probeTime.Milliseconds()))
		ae.Bytes(unix.NL80211_ATTR_FRAME, frame)
	})
	if err != nil {
		return err
	}
	cookie, ok, err := frameCookie(msgs)
	switch {
	case err != nil:
		return err
	case !ok:
		return fmt.Errorf("nl80211: probe: the kernel gave it no number")
	}
	i.probing, i.scan = cookie, scanRunning
	i.watchdog.Reset(probeTime + probeGrace)
	return nil
}

// probeRequest makes the frame.
func probeRequest(p *drivers.ScanParams, capa *drivers.Capability, own dot11.MAC) ([]byte, error) {
	switch {
	case !capa.ScanProbe || p.Passive || p.RandomMAC:
		return nil, fmt.Errorf("nl80211: probe: %w", drivers.ErrNotSupported)
	case len(p.Freqs) != 1 || len(p.SSIDs) > 1 || p.BSSID != nil:
		return nil, fmt.Errorf("nl80211: probe for %d names on %d channels: %w", len(p.SSIDs), len(p.Freqs), drivers.ErrNotSupported)
	}
	if err := checkScan(p.SSIDs, p, 1, capa.MaxScanIELen); err != nil {
		return nil, err
	}
	rates, err := probeRates(capa, p.Freqs[0])
	if err != nil {
		return nil, err
	}
	head := dot11.MgmtHeader{Subtype: dot11.SubtypeProbeRequest, DA: dot11.Broadcast, SA: own, BSSID: dot11.Broadcast}
	var ssid []byte
	if len(p.SSIDs) == 1 {
		ssid = p.SSIDs[0]
	}
	frame := dot11.AppendElement(head.Append(nil), dot11.ElementSSID, ssid...)
	first := rates[:min(len(rates), maxSupportedRates)]
	frame = dot11.AppendElement(frame, dot11.ElementSupportedRates, first...)
	if more := rates[len(first):]; len(more) > 0 {
		frame = dot11.AppendElement(frame, dot11.ElementExtendedSupportedRates, more...)
	}
	return append(frame, p.IEs...), nil
}

// maxSupportedRates is what a Supported Rates element holds (9.4.2.3).
const maxSupportedRates = 8

// probeRates lists the radio's rates on a channel, in units of 500 kbit/s. It is an
// error when nothing may be sent there without being asked.
func probeRates(capa *drivers.Capability, freq int) ([]byte, error) {
	for k := range capa.Bands {
		b := &capa.Bands[k]
		for _, ch := range b.Channels {
			if ch.Freq != freq {
				continue
			}
			if ch.Flags&(drivers.ChanDisabled|drivers.ChanNoIR|drivers.ChanRadar) != 0 || len(b.Rates) == 0 {
				return nil, fmt.Errorf("nl80211: probe on %d MHz, where we only listen: %w", freq, drivers.ErrNotSupported)
			}
			var out []byte
			for _, r := range b.Rates { // units of 100 kbit/s
				out = append(out, byte(r/5))
			}
			return out, nil
		}
	}
	return nil, fmt.Errorf("nl80211: probe on %d MHz, which is no channel of this radio", freq)
}

// onProbeOver hears that the kernel does not listen for answers any more.
func (i *Interface) onProbeOver(ev event) error {
	e, err := decodeLink(ev.attrs)
	if err != nil {
		return err
	}
	i.mu.Lock()
	ours := e.hasCookie && i.probing != 0 && e.cookie == i.probing
	cut := i.probeCut
	if ours {
		i.probeEnded()
	}
	i.mu.Unlock()
	if ours {
		i.emit(drivers.EventScanDone{Aborted: cut})
	}
	return nil
}

// probeEnded forgets the probe. i.mu is held.
func (i *Interface) probeEnded() {
	i.probing, i.probeCut = 0, false
	i.scan.lost()
	i.watchdog.Stop()
}

// endProbe has the kernel stop listening; what onProbeOver hears follows. i.mu is held.
func (i *Interface) endProbe() error {
	cookie := i.probing
	i.probeCut = true
	_, err := i.cmd.do("end probe", unix.NL80211_CMD_FRAME_WAIT_CANCEL, func(ae *netlink.AttributeEncoder) {
		i.ifindexAttr(ae)
		ae.Uint64(unix.NL80211_ATTR_COOKIE, cookie)
	})
	if isErrno(err, unix.ENOENT) { // it has just ended
		return nil
	}
	return err
}

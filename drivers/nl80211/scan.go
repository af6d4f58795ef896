package nl80211

import (
	"fmt"
	"time"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"gosupplicant/drivers"
)

// timeUnit is one TU (IEEE 802.11), the unit of dwell times.
const timeUnit = 1024 * time.Microsecond

// scanAttrs returns the attributes of a scan request, or why the device cannot
// do it.
func scanAttrs(p *drivers.ScanParams, capa *drivers.Capability) (encodeFunc, error) {
	ssids := p.SSIDs
	if p.Passive {
		ssids = nil
	} else if len(ssids) == 0 {
		ssids = [][]byte{nil}
	}
	if err := checkScan(ssids, p, capa.MaxScanSSIDs, capa.MaxScanIELen); err != nil {
		return nil, err
	}
	flags := scanFlags(p, capa)
	return func(ae *netlink.AttributeEncoder) {
		addScan(ae, ssids, p, flags)
		if p.BSSID != nil {
			ae.Bytes(unix.NL80211_ATTR_BSSID, p.BSSID[:])
			// Kernels that do not know this attribute read the address from the one
			// that randomisation uses too.
			if flags&unix.NL80211_SCAN_FLAG_RANDOM_ADDR == 0 {
				ae.Bytes(unix.NL80211_ATTR_MAC, p.BSSID[:])
			}
		}
		if p.NoCCK {
			ae.Flag(unix.NL80211_ATTR_TX_NO_CCK_RATE, true)
		}
		if p.Dwell > 0 && capa.ScanDwell {
			ae.Uint16(unix.NL80211_ATTR_MEASUREMENT_DURATION, uint16(min(p.Dwell/timeUnit, 0xffff)))
			ae.Flag(unix.NL80211_ATTR_MEASUREMENT_DURATION_MANDATORY, p.DwellFixed)
		}
	}, nil
}

// checkScan refuses what the kernel would refuse without saying which limit.
func checkScan(ssids [][]byte, p *drivers.ScanParams, maxSSIDs, maxIELen int) error {
	if len(ssids) > maxSSIDs {
		return fmt.Errorf("nl80211: scan for %d SSIDs, the device does %d at once: %w", len(ssids), maxSSIDs, drivers.ErrNotSupported)
	}
	for _, ssid := range append(ssids[:len(ssids):len(ssids)], p.FilterSSIDs...) {
		if len(ssid) > 32 {
			return fmt.Errorf("nl80211: scan for an SSID of %d bytes, 32 is the longest", len(ssid))
		}
	}
	if len(p.IEs) > maxIELen {
		return fmt.Errorf("nl80211: scan with %d bytes of elements, the device sends %d: %w", len(p.IEs), maxIELen, drivers.ErrNotSupported)
	}
	for _, f := range p.Freqs {
		if f <= 0 || f > 1<<20 {
			return fmt.Errorf("nl80211: scan on %d MHz, which is no frequency", f)
		}
	}
	return nil
}

// scanFlags are the wishes that the device can fulfil.
func scanFlags(p *drivers.ScanParams, capa *drivers.Capability) uint32 {
	var flags uint32
	if p.Flush && capa.ScanFlush {
		flags |= unix.NL80211_SCAN_FLAG_FLUSH
	}
	if p.LowPrio && capa.ScanLowPriority {
		flags |= unix.NL80211_SCAN_FLAG_LOW_PRIORITY
	}
	if p.RandomMAC && capa.RandomMACScan {
		flags |= unix.NL80211_SCAN_FLAG_RANDOM_ADDR
	}
	if p.OCEScan && capa.Flags&drivers.FlagOCESTA != 0 {
		flags |= unix.NL80211_SCAN_FLAG_FILS_MAX_CHANNEL_TIME | unix.NL80211_SCAN_FLAG_ACCEPT_BCAST_PROBE_RESP |
			unix.NL80211_SCAN_FLAG_OCE_PROBE_REQ_HIGH_TX_RATE | unix.NL80211_SCAN_FLAG_OCE_PROBE_REQ_DEFERRAL_SUPPRESSION
	}
	if !p.NonColoc6GHz && hasBand(capa, drivers.Band6GHz) {
		flags |= unix.NL80211_SCAN_FLAG_COLOCATED_6GHZ
	}
	return flags
}

func hasBand(capa *drivers.Capability, id drivers.BandID) bool {
	for i := range capa.Bands {
		if capa.Bands[i].ID == id {
			return true
		}
	}
	return false
}

// addScan adds what one-time and scheduled scans have in common.
func addScan(ae *netlink.AttributeEncoder, ssids [][]byte, p *drivers.ScanParams, flags uint32) {
	if len(ssids) > 0 {
		ae.Nested(unix.NL80211_ATTR_SCAN_SSIDS, func(ae *netlink.AttributeEncoder) error {
			for i, ssid := range ssids {
				ae.Bytes(uint16(i+1), ssid)
			}
			return nil
		})
	}
	if len(p.Freqs) > 0 {
		ae.Nested(unix.NL80211_ATTR_SCAN_FREQUENCIES, func(ae *netlink.AttributeEncoder) error {
			for i, f := range p.Freqs {
				ae.Uint32(uint16(i+1), uint32(f))
			}
			return nil
		})
	}
	if len(p.IEs) > 0 {
		ae.Bytes(unix.NL80211_ATTR_IE, p.IEs)
	}
	if flags&unix.NL80211_SCAN_FLAG_RANDOM_ADDR != 0 {
		ae.Bytes(unix.NL80211_ATTR_MAC, p.MACAddr[:])
		ae.Bytes(unix.NL80211_ATTR_MAC_MASK, p.MACMask[:])
	}
	if flags != 0 {
		ae.Uint32(unix.NL80211_ATTR_SCAN_FLAGS, flags)
	}
}

// Scan implements drivers.Interface. Scans are asked for only while none of
// ours runs; another program's scan makes the kernel answer busy.
func (i *Interface) Scan(p *drivers.ScanParams) error {
	// No event of an earlier scan may be taken for one of ours.
	i.hub.barrier()
	// The lock is held until the kernel has answered, so that the events of the
	// scan are looked at only when it is known whose they are.
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.closed {
		return fmt.Errorf("nl80211: scan: %w", drivers.ErrClosed)
	}
	if i.scan.ours() {
		return fmt.Errorf("nl80211: scan: one is running: %w", drivers.ErrBusy)
	}
	if p.Probe {
		return i.probe(p)
	}
	return i.triggerScan(p)
}

// triggerScan starts a scan of the kernel. i.mu is held.
func (i *Interface) triggerScan(p *drivers.ScanParams) error {
	attrs, err := scanAttrs(p, i.Capability())
	if err != nil {
		return err
	}
	_, err = i.cmd.do("start scan", unix.NL80211_CMD_TRIGGER_SCAN, func(ae *netlink.AttributeEncoder) {
		i.ifindexAttr(ae)
		attrs(ae)
	})
	if err != nil {
		return err
	}
	i.scan.accepted()
	i.watchdog.Reset(scanTimeout)
	return nil
}

// AbortScan implements drivers.ScanAborter. Without a running scan it does
// nothing.
func (i *Interface) AbortScan() error {
	i.mu.Lock()
	if i.probing != 0 {
		defer i.mu.Unlock()
		return i.endProbe()
	}
	i.mu.Unlock()
	_, err := i.cmd.do("abort scan", unix.NL80211_CMD_ABORT_SCAN, i.ifindexAttr)
	if isErrno(err, unix.ENOENT) {
		return nil
	}
	return err
}

// ScanResults implements drivers.Interface.
func (i *Interface) ScanResults() (*drivers.ScanResults, error) {
	msgs, err := i.cmd.dump("get scan results", unix.NL80211_CMD_GET_SCAN, i.ifindexAttr)
	if err != nil {
		return nil, err
	}
	res, bad := scanResults(msgs, boottime())
	if bad != nil {
		i.log.Warn("scan result not understood", "error", bad)
	}
	if surveys, err := i.cmd.survey(i.info.Ifindex, 0); err == nil {
		setNoise(res.Results, surveys)
	}
	return res, nil
}

// boottime reads CLOCK_BOOTTIME, the clock the kernel stamps results with.
func boottime() time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts); err != nil {
		return 0
	}
	return time.Duration(ts.Nano())
}

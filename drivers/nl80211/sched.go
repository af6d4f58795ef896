package nl80211

import (
	"fmt"
	"time"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"gosupplicant/drivers"
)

// schedAttrs returns the attributes of a scheduled scan, or why the device
// cannot do it.
func schedAttrs(p *drivers.SchedScanParams, capa *drivers.Capability) (encodeFunc, error) {
	if capa.MaxSchedScanPlans == 0 {
		return nil, fmt.Errorf("nl80211: scheduled scan: %w", drivers.ErrNotSupported)
	}
	ssids := p.SSIDs
	if p.Passive {
		ssids = nil
	}
	if err := checkScan(ssids, &p.ScanParams, capa.MaxSchedScanSSIDs, capa.MaxSchedScanIELen); err != nil {
		return nil, err
	}
	if err := checkPlans(p.Plans, capa); err != nil {
		return nil, err
	}
	if len(p.MatchSSIDs) > capa.MaxMatchSets {
		return nil, fmt.Errorf("nl80211: scheduled scan with %d match sets, the device does %d: %w",
			len(p.MatchSSIDs), capa.MaxMatchSets, drivers.ErrNotSupported)
	}
	params := p.ScanParams
	params.RandomMAC = p.RandomMAC && capa.RandomMACSchedScan
	flags := scanFlags(&params, capa)
	if params.RandomMAC {
		flags |= unix.NL80211_SCAN_FLAG_RANDOM_ADDR
	}
	return func(ae *netlink.AttributeEncoder) {
		addScan(ae, ssids, &params, flags)
		addPlans(ae, p.Plans, capa)
		if p.StartDelay > 0 {
			ae.Uint32(unix.NL80211_ATTR_SCHED_SCAN_DELAY, uint32(p.StartDelay/time.Second))
		}
		addMatches(ae, p)
	}, nil
}

func checkPlans(plans []drivers.SchedScanPlan, capa *drivers.Capability) error {
	if len(plans) == 0 || len(plans) > capa.MaxSchedScanPlans {
		return fmt.Errorf("nl80211: scheduled scan with %d plans, the device does 1 to %d: %w",
			len(plans), capa.MaxSchedScanPlans, drivers.ErrNotSupported)
	}
	for n, plan := range plans {
		if last := n == len(plans)-1; last != (plan.Iterations == 0) {
			return fmt.Errorf("nl80211: scheduled scan plan %d has %d iterations: the last plan, and no other, runs for ever", n+1, plan.Iterations)
		}
		if plan.Interval < time.Second || plan.Interval/time.Second > time.Duration(capa.MaxSchedScanIntervalSec) {
			return fmt.Errorf("nl80211: scheduled scan interval %v is outside 1 s to %d s", plan.Interval, capa.MaxSchedScanIntervalSec)
		}
	}
	return nil
}

// addPlans uses the older interval attribute where one plan is all there is.
func addPlans(ae *netlink.AttributeEncoder, plans []drivers.SchedScanPlan, capa *drivers.Capability) {
	if capa.MaxSchedScanPlans == 1 || len(plans) == 1 {
		ae.Uint32(unix.NL80211_ATTR_SCHED_SCAN_INTERVAL, uint32(plans[0].Interval/time.Millisecond))
		return
	}
	ae.Nested(unix.NL80211_ATTR_SCHED_SCAN_PLANS, func(ae *netlink.AttributeEncoder) error {
		for n, plan := range plans {
			ae.Nested(uint16(n+1), func(ae *netlink.AttributeEncoder) error {
				ae.Uint32(unix.NL80211_SCHED_SCAN_PLAN_INTERVAL, uint32(plan.Interval/time.Second))
				if plan.Iterations > 0 {
					ae.Uint32(unix.NL80211_SCHED_SCAN_PLAN_ITERATIONS, uint32(plan.Iterations))
				}
				return nil
			})
		}
		return nil
	})
}

func addMatches(ae *netlink.AttributeEncoder, p *drivers.SchedScanParams) {
	if len(p.MatchSSIDs) == 0 && p.FilterRSSI == 0 {
		return
	}
	ae.Nested(unix.NL80211_ATTR_SCHED_SCAN_MATCH, func(ae *netlink.AttributeEncoder) error {
		for n, ssid := range p.MatchSSIDs {
			ae.Nested(uint16(n+1), func(ae *netlink.AttributeEncoder) error {
				ae.Bytes(unix.NL80211_SCHED_SCAN_MATCH_ATTR_SSID, ssid)
				if p.FilterRSSI != 0 {
					ae.Int32(unix.NL80211_SCHED_SCAN_MATCH_ATTR_RSSI, int32(p.FilterRSSI))
				}
				return nil
			})
		}
		if len(p.MatchSSIDs) == 0 {
			ae.Nested(1, func(ae *netlink.AttributeEncoder) error {
				ae.Int32(unix.NL80211_SCHED_SCAN_MATCH_ATTR_RSSI, int32(p.FilterRSSI))
				return nil
			})
		}
		return nil
	})
}

// StartSchedScan implements drivers.SchedScanner.
func (i *Interface) StartSchedScan(p *drivers.SchedScanParams) error {
	attrs, err := schedAttrs(p, i.Capability())
	if err != nil {
		return err
	}
	_, err = i.cmd.do("start scheduled scan", unix.NL80211_CMD_START_SCHED_SCAN, func(ae *netlink.AttributeEncoder) {
		i.ifindexAttr(ae)
		attrs(ae)
	})
	return err
}

// StopSchedScan implements drivers.SchedScanner. Without one running it does
// nothing; EventSchedScanStopped follows otherwise.
func (i *Interface) StopSchedScan() error {
	_, err := i.cmd.do("stop scheduled scan", unix.NL80211_CMD_STOP_SCHED_SCAN, i.ifindexAttr)
	if isErrno(err, unix.ENOENT) {
		return nil
	}
	return err
}

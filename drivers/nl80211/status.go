package nl80211

import (
	"fmt"
	"math"
	"strconv"

	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
)

// DriverStatus implements drivers.StatusReporter: the lines of STATUS-DRIVER
// that this driver can know, in upstream's order.
func (i *Interface) DriverStatus() ([]drivers.KeyValue, error) {
	st, err := i.State()
	if err != nil {
		return nil, err
	}
	i.mu.Lock()
	name, scan, operUp := i.name, i.scan, i.operUp
	i.mu.Unlock()
	var out []drivers.KeyValue
	add := func(key, format string, args ...any) {
		out = append(out, drivers.KeyValue{Key: key, Value: fmt.Sprintf(format, args...)})
	}
	add("ifindex", "%d", i.info.Ifindex)
	add("ifname", "%s", name)
	add("brname", "%s", st.BridgedWith)
	add("addr", "%v", st.MAC)
	add("freq", "%d", st.Frequency)
	if i.wdev != 0 {
		add("wdev_id", "%d", i.wdev)
	}
	add("phyname", "%s", i.info.Radio)
	add("perm_addr", "%v", st.PermMAC)
	add("drv_ifindex", "%d", i.info.Ifindex)
	add("operstate", "%s", bit(operUp))
	add("scan_state", "%v", scan)
	bssid, freq := dot11.MAC{}, 0
	if st.Associated {
		bssid, freq = st.BSSID, st.Frequency
	}
	add("bssid", "%v", bssid)
	add("associated", "%s", bit(st.Associated))
	add("assoc_freq", "%d", freq)
	i.capaStatus(add)
	if country, err := i.Country(); err == nil {
		add("country", "%s", country)
	}
	return out, nil
}

func bit(b bool) string {
	if b {
		return "1"
	}
	return "0"
}

func (i *Interface) capaStatus(add func(key, format string, args ...any)) {
	c := i.Capability()
	num := func(key string, v uint64) { add(key, "%s", strconv.FormatUint(v, 10)) }
	add("capa.flags", "0x%x", uint64(c.Flags))
	add("capa.flags2", "0x%x", uint64(c.Flags2))
	num("capa.max_scan_ssids", uint64(c.MaxScanSSIDs))
	num("capa.max_sched_scan_ssids", uint64(c.MaxSchedScanSSIDs))
	add("capa.sched_scan_supported", "%s", bit(c.MaxSchedScanPlans > 0))
	num("capa.max_match_sets", uint64(c.MaxMatchSets))
	num("capa.max_remain_on_chan", uint64(c.MaxRemainOnChannel))
	num("capa.max_stations", uint64(c.MaxStations))
	add("capa.mac_addr_rand_sched_scan_supported", "%s", bit(c.RandomMACSchedScan))
	add("capa.mac_addr_rand_scan_supported", "%s", bit(c.RandomMACScan))
	plans, interval := c.MaxSchedScanPlans, c.MaxSchedScanIntervalSec
	if plans == 0 { // upstream's defaults, which stand where nothing is supported
		plans, interval = 1, math.MaxUint32
	}
	num("capa.max_sched_scan_plans", uint64(plans))
	num("capa.max_sched_scan_plan_interval", uint64(interval))
	num("capa.max_sched_scan_plan_iterations", uint64(c.MaxSchedScanIterations))
	num("capa.max_probe_req_ie_len", uint64(c.MaxScanIELen))
}

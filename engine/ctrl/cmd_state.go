package ctrl

import (
	"fmt"
	"net/netip"
	"strings"

	"golang.org/x/sys/unix"

	"gosupplicant/drivers"
	"gosupplicant/engine"
)

var stateCommands = []command{
	{"STATUS", exact, onGlobal, (*request).globalStatus, "interfaces and their addresses"},
	{"STATUS-DRIVER", exact, onIface, (*request).driverStatus, "what the driver tells of itself"},
	{"STATUS", prefix, onIface, (*request).status, "state of the interface"},
	{"MIB", exact, onIface, (*request).mib, "MIB variables of RSN and 802.1X"},
	{"SIGNAL_POLL", prefix, onIface, (*request).signalPoll, "signal and speed of the link"},
	{"PKTCNT_POLL", prefix, onIface, (*request).packetCounters, "packet counters of the link"},
	{"DRIVER_FLAGS", exact, onIface, (*request).driverFlags, "capabilities of the driver"},
	{"DRIVER_FLAGS2", exact, onIface, (*request).driverFlags2, "second word of them"},
}

// globalStatus shows the newest interface first, as upstream does.
func (r *request) globalStatus() string {
	l := r.list()
	all := r.srv.sup.Interfaces()
	for k := len(all) - 1; k >= 0; k-- {
		if !l.add(fmt.Sprintf("ifname=%s\naddress=%v\n", all[k].Name(), all[k].MACAddress())) {
			break
		}
	}
	return l.String()
}

// status: STATUS with any suffix but -DRIVER; -VERBOSE adds lines of 802.1X, -WPS
// those of a part that is not running.
func (r *request) status() string {
	i := r.iface
	l := r.list()
	if i.State() >= engine.StateAssociated {
		r.statusLink(l)
	}
	l.add(fmt.Sprintf("wpa_state=%v\n", i.State()))
	if ip, ok := ipv4(i.Name()); ok {
		l.add(fmt.Sprintf("ip_address=%v\n", ip))
	}
	l.add(fmt.Sprintf("address=%v\n", i.MACAddress()))
	r.statusEAP(l)
	u := i.device()
	l.add(fmt.Sprintf("uuid=%x-%x-%x-%x-%x\n", u[:4], u[4:6], u[6:8], u[8:10], u[10:]))
	r.statusTail(l)
	return l.String()
}

// ipv4 asks the kernel for the first address of the interface.
func ipv4(ifname string) (netip.Addr, bool) {
	ifr, err := unix.NewIfreq(ifname)
	if err != nil {
		return netip.Addr{}, false
	}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return netip.Addr{}, false
	}
	defer unix.Close(fd)
	if err := unix.IoctlIfreq(fd, unix.SIOCGIFADDR, ifr); err != nil {
		return netip.Addr{}, false
	}
	b, err := ifr.Inet4Addr()
	if err != nil {
		return netip.Addr{}, false
	}
	return netip.AddrFromSlice(b)
}

func (r *request) driverStatus() string {
	r.later = true
	l := r.list()
	r.iface.DriverStatus(func(kv []drivers.KeyValue, err error) {
		if err != nil {
			r.reply(r.result(err))
			return
		}
		for _, e := range kv {
			text := e.Key + "=" + printable(e.Value) + "\n"
			if e.Value == "" && strings.HasPrefix(e.Key, "ignore_next_local_") {
				text = e.Key + "\n"
			}
			if !l.add(text) {
				break
			}
		}
		r.reply(l.String())
	})
	return ""
}

func orDefault(v, def int) int {
	if v == 0 {
		return def
	}
	return v
}

// signalPoll asks the driver; without an association there is no signal.
func (r *request) signalPoll() string {
	return r.poll(func(s drivers.Signal) string {
		var b strings.Builder
		rssi := s.Signal
		if rssi == 0 {
			rssi = -9999
		}
		fmt.Fprintf(&b, "RSSI=%d\nLINKSPEED=%d\nNOISE=%d\nFREQUENCY=%d\n", rssi, s.TxRate/1000, s.Noise, s.Freq)
		fmt.Fprintf(&b, "WIDTH=%s\n", widthText(s.Width))
		if s.CenterFreq1 > 0 {
			fmt.Fprintf(&b, "CENTER_FRQ1=%d\n", s.CenterFreq1)
		}
		if s.CenterFreq2 > 0 {
			fmt.Fprintf(&b, "CENTER_FRQ2=%d\n", s.CenterFreq2)
		}
		if s.AvgSignal != 0 {
			fmt.Fprintf(&b, "AVG_RSSI=%d\n", s.AvgSignal)
		}
		if s.AvgBeaconSignal != 0 {
			fmt.Fprintf(&b, "AVG_BEACON_RSSI=%d\n", s.AvgBeaconSignal)
		}
		return b.String()
	})
}

func widthText(mhz int) string {
	if mhz == 0 {
		return "20 MHz (no HT)"
	}
	return fmt.Sprintf("%d MHz", mhz)
}

func (r *request) packetCounters() string {
	return r.poll(func(s drivers.Signal) string {
		return fmt.Sprintf("TXGOOD=%d\nTXBAD=%d\nRXGOOD=%d\n", s.TxPackets, s.TxFailed, s.RxPackets)
	})
}

func (r *request) poll(format func(drivers.Signal) string) string {
	r.later = true
	r.iface.SignalPoll(func(s drivers.Signal, err error) {
		if err != nil {
			r.reply(r.result(err))
			return
		}
		r.reply(format(s))
	})
	return ""
}

func (r *request) driverFlags() string {
	f := r.iface.Capability().Flags
	return flagText(uint64(f), f.Names())
}

func (r *request) driverFlags2() string {
	f := r.iface.Capability().Flags2
	return flagText(uint64(f), f.Names())
}

func flagText(word uint64, names []string) string {
	text := fmt.Sprintf("%016X:\n", word)
	for _, n := range names {
		text += n + "\n"
	}
	return text
}

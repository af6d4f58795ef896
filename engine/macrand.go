package engine

import (
	"io"
	"time"

	"gosupplicant/conf"
	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
)

// macRandomization is what was asked for the source address of probe requests.
type macRandomization struct {
	scan, sched, pno randMAC
	refused          bool      // the device said it could and could not
	own              dot11.MAC // random interface address in use (preassoc_mac_addr)
	ownAt            time.Time // since when
	networks         map[*conf.Network]networkMAC
}

type randMAC struct {
	enabled    bool
	addr, mask dot11.MAC
}

func (m *macRandomization) of(kind string) *randMAC {
	switch kind {
	case "scan":
		return &m.scan
	case "sched", "sched_scan":
		return &m.sched
	case "pno":
		return &m.pno
	}
	return nil
}

// SetMACRandomization switches the random source address of scans of a kind:
// "scan", "sched" or "pno". Without addr and mask every bit but the group bit is
// random and the address locally administered; mask bits that are set are taken
// from addr.
func (i *Interface) SetMACRandomization(kind string, enable bool, addr, mask *dot11.MAC) error {
	r := i.macRand.of(kind)
	if r == nil {
		return &InvalidError{What: "kind of scan"}
	}
	if !enable {
		*r = randMAC{}
		return nil
	}
	ok := i.capa.RandomMACScan
	if kind != "scan" {
		ok = i.capa.RandomMACSchedScan
	}
	if !ok {
		return ErrNotSupported
	}
	n := randMAC{enabled: true, addr: dot11.MAC{0x02}, mask: dot11.MAC{0x03}}
	if addr != nil && mask != nil {
		if mask[0]&1 == 0 || addr[0]&1 != 0 {
			return &InvalidError{What: "address mask: the group bit must be fixed to 0"}
		}
		n.addr, n.mask = *addr, *mask
	} else if addr != nil || mask != nil {
		return &InvalidError{What: "address without mask"}
	}
	*r, i.macRand.refused = n, false
	return nil
}

// MACRandomizationMask returns the mask in force for a kind of scan.
func (i *Interface) MACRandomizationMask(kind string) (dot11.MAC, bool) {
	r := i.macRand.of(kind)
	if r == nil || !r.enabled {
		return dot11.MAC{}, false
	}
	return r.mask, true
}

func (m *macRandomization) apply(p *drivers.ScanParams, i *Interface) {
	r := &m.scan
	if !r.enabled || m.refused || !i.capa.RandomMACScan || i.state > StateScanning || p.Passive {
		return
	}
	p.RandomMAC, p.MACAddr, p.MACMask = true, r.addr, r.mask
}

func (m *macRandomization) applySched(p *drivers.SchedScanParams, i *Interface) {
	if m.sched.enabled && !m.refused && i.capa.RandomMACSchedScan && i.state <= StateScanning {
		p.RandomMAC, p.MACAddr, p.MACMask = true, m.sched.addr, m.sched.mask
	}
}

// preassoc returns the address the interface shall take before the next scan
// (preassoc_mac_addr), or nil to leave it.
func (m *macRandomization) preassoc(i *Interface) *dot11.MAC {
	g := &i.conf.Globals
	if _, ok := i.drv.(drivers.AddressSetter); !ok || i.state > StateScanning {
		return nil
	}
	var want dot11.MAC
	switch g.PreassocMACAddr {
	case 0:
		if m.own.IsZero() || i.link.PermMAC == i.link.MAC {
			return nil
		}
		m.own = dot11.MAC{}
		want = i.link.PermMAC
		return &want
	case 1, 2:
		life := time.Duration(g.RandAddrLifetime) * time.Second
		if i.link.MAC == m.own && i.loop.Now().Sub(m.ownAt) < life {
			return nil
		}
		if _, err := io.ReadFull(i.sup.opts.Rand, want[:]); err != nil {
			i.log.Warn("No randomness for a MAC address", "err", err)
			return nil
		}
		if g.PreassocMACAddr == 2 {
			copy(want[:3], i.link.PermMAC[:3])
		}
		want[0] = want[0]&^1 | 2
	default:
		return nil
	}
	m.own, m.ownAt = want, i.loop.Now()
	return &want
}

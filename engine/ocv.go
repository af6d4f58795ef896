package engine

import (
	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
	"gosupplicant/engine/rsn"
)

// withChannel reads the channel in use, which operating channel validation
// proves to the AP, and then goes on. EAPOL frames that come meanwhile wait.
func (i *Interface) withChannel(l *link, next func(rsn.OCI, bool)) {
	p, ok := i.drv.(drivers.SignalPoller)
	if !ok {
		next(rsn.OCI{}, false)
		return
	}
	var sig drivers.Signal
	var err error
	i.worker.Do(func() { sig, err = p.SignalPoll() }, func() {
		if i.closed || i.conn.link != l {
			return
		}
		if err != nil {
			i.log.Warn("The channel in use cannot be read", "err", err)
			next(rsn.OCI{}, false)
			return
		}
		next(ociOf(&sig))
	})
}

// ociOf is the operating channel information of a channel definition (9.4.2.235,
// annex E table E-4).
func ociOf(s *drivers.Signal) (oci rsn.OCI, ok bool) {
	side := int8(0)
	if s.Width == 40 {
		side = 1
		if s.CenterFreq1 < s.Freq {
			side = -1
		}
	}
	class, channel, ok := dot11.OpClassOf(s.Freq, side)
	if !ok {
		return oci, false
	}
	oci = rsn.OCI{OpClass: class, Primary: uint8(channel)}
	six := dot11.BandOf(s.Freq) == dot11.Band6GHz
	wide := map[int][2]uint8{40: {class, 132}, 80: {128, 133}, 160: {129, 134}, 320: {0, 137}}
	if c, known := wide[s.Width]; known {
		oci.OpClass = c[0]
		if six {
			oci.OpClass = c[1]
		}
	}
	if s.Width == 80 && s.CenterFreq2 > 0 {
		oci.OpClass = 130
		if six {
			oci.OpClass = 135
		}
		_, segment := dot11.Channel(s.CenterFreq2)
		oci.Segment1 = uint8(segment)
	}
	return oci, oci.OpClass != 0
}

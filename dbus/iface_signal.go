package dbus

import (
	"gosupplicant/dbus/bus"
	"gosupplicant/drivers"
)

// signalPoll is answered when the driver has told.
func signalPoll(r *request) ([]any, error) {
	var out []any
	var refused error
	finished, later := false, false
	r.obj.iface.SignalPoll(func(sig drivers.Signal, err error) {
		if err != nil {
			refused = failed("Failed to read signal")
		} else {
			out = []any{bus.MakeVariant(signalDict(sig))}
		}
		finished = true
		if later {
			r.finish(out, refused)
		}
	})
	if finished {
		return out, refused
	}
	later = true
	return nil, errLater
}

var widthNames = map[int]string{
	0: "20 MHz (no HT)", 20: "20 MHz", 40: "40 MHz", 80: "80 MHz", 160: "160 MHz", 320: "320 MHz",
}

// signalDict is the value of SignalPoll: four keys always, the others when
// they are known, in upstream's order.
func signalDict(s drivers.Signal) bus.Dict {
	var d bus.Dict
	d.Add("rssi", int32(s.Signal))
	d.Add("linkspeed", uint32(s.TxRate/1000))
	d.Add("noise", int32(s.Noise))
	d.Add("frequency", uint32(s.Freq))
	if name, ok := widthNames[s.Width]; ok && s.CenterFreq2 == 0 {
		d.Add("width", name)
	} else if s.CenterFreq2 != 0 {
		d.Add("width", "80+80 MHz")
	}
	if s.CenterFreq1 > 0 && s.CenterFreq2 > 0 {
		d.Add("center-frq1", int32(s.CenterFreq1))
		d.Add("center-frq2", int32(s.CenterFreq2))
	}
	if s.AvgSignal != 0 {
		d.Add("avg-rssi", int32(s.AvgSignal))
	}
	addCount(&d, "rx-bytes", s.RxBytes)
	addCount(&d, "tx-bytes", s.TxBytes)
	addNumber(&d, "rx-packets", s.RxPackets)
	addNumber(&d, "tx-packets", s.TxPackets)
	addCount(&d, "beacons", s.BeaconsReceived)
	if s.RxRate > 0 {
		d.Add("linkrxspeed", uint32(s.RxRate))
		d.Add("linktxspeed", uint32(s.TxRate))
	}
	addNumber(&d, "inactive-time", uint64(s.Inactive.Milliseconds()))
	addNumber(&d, "retries-failed", s.TxFailed)
	addNumber(&d, "retries", s.TxRetries)
	addNumber(&d, "beacon-losses", s.BeaconLoss)
	addNumber(&d, "rx-drop-misc", s.RxDropped)
	if s.AvgBeaconSignal != 0 {
		d.Add("avg-beacon-rssi", int32(s.AvgBeaconSignal))
	}
	return d
}

// addCount adds a counter of 64 bits unless it is zero.
func addCount(d *bus.Dict, name string, v uint64) {
	if v != 0 {
		d.Add(name, v)
	}
}

// addNumber adds a counter of 32 bits unless it is zero.
func addNumber(d *bus.Dict, name string, v uint64) {
	if v != 0 {
		d.Add(name, uint32(v))
	}
}

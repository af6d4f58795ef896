package dbus

import (
	"gosupplicant/dbus/bus"
	"gosupplicant/engine"
)

// Records of attempts to connect that failed: names of ours beside upstream's.
// Interface.LastFailure is the newest of all, Network.Failures what is kept of one
// network, the newest last, until a connection with it succeeds.

var partyWords = map[engine.Party]string{
	engine.ByPeer: "ap", engine.ByNobody: "nobody", engine.ByDevice: "device", engine.ByUs: "station", engine.ByUser: "user",
}

// failureDict shows a record. Every key is there in every record.
func failureDict(i *engine.Interface, f *engine.Failure) bus.Dict {
	network := noPath
	if n := i.Config().Network(f.NetworkID); n != nil && visible(n) {
		network = networkObject(i, n).path()
	}
	var d bus.Dict
	d.Add("Time", f.At.UnixMilli()) // ms since 1970
	d.Add("Network", network)
	d.Add("SSID", append([]byte{}, f.SSID...))
	d.Add("BSSID", append([]byte{}, f.BSSID[:]...))
	d.Add("Frequency", uint32(f.Freq)) // MHz
	d.Add("Phase", f.Phase.String())
	d.Add("By", partyWords[f.By])
	d.Add("Code", int32(f.Code)) // status or reason code, 0 for none
	d.Add("CodeName", f.CodeName)
	d.Add("Cause", busText(f.Cause))
	d.Add("Tried", f.Tried)
	d.Add("Duration", uint32(f.Took.Milliseconds())) // ms
	d.Add("Count", uint32(f.Count))
	d.Add("Next", f.Next)
	d.Add("Advice", f.Advice)
	e := f.EAP
	if e == nil {
		e = &engine.EAPFailure{}
	}
	d.Add("EAPMethod", busText(e.Method)) // the rest: of failures in EAP
	d.Add("EAPInnerMethod", busText(e.Inner))
	d.Add("EAPCheck", busText(e.Check))
	d.Add("TLSAlert", busText(e.Alert))
	d.Add("CertSubject", busText(e.Subject))
	return d
}

// getLastFailure is empty before the first.
func getLastFailure(i *engine.Interface) any {
	if f := i.LastFailure(); f != nil {
		return failureDict(i, f)
	}
	return bus.Dict{}
}

func getFailures(_ *Server, o object) (any, error) {
	a := bus.Array{Elem: "a{sv}"}
	for _, f := range o.iface.Failures(o.network) {
		a.Items = append(a.Items, failureDict(o.iface, f))
	}
	return a, nil
}

// attemptFailed tells of a new record.
func (s *Server) attemptFailed(i *engine.Interface, f *engine.Failure) {
	if n := i.Config().Network(f.NetworkID); n != nil && visible(n) {
		s.mark(networkObject(i, n).key(), "Failures")
	}
	s.mark(interfaceObject(i).key(), "LastFailure")
}

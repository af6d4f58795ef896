package ctrl

import (
	"gosupplicant/engine/dot11"
)

var connectCommands = []command{
	{"DISCONNECT", exact, onIface, func(r *request) string { return r.result(r.iface.Disconnect()) }, "leaves the network and stays away"},
	{"REASSOCIATE", exact, onIface, func(r *request) string { return r.result(r.iface.Reassociate()) }, "begins a connection anew"},
	{"RECONNECT", exact, onIface, func(r *request) string { return r.result(r.iface.Reconnect()) }, "connects after DISCONNECT"},
	{"REATTACH", exact, onIface, func(r *request) string { return r.result(r.iface.Reattach()) }, "begins anew with the same BSS"},
	{"ROAM", withArg, onIface, (*request).roam, "goes to another BSS of the network"},
}

// roam needs an association, which no interface has yet: the BSSID is checked
// and the answer is that of an interface without one.
func (r *request) roam() string {
	if _, err := dot11.ParseMAC(r.arg); err != nil {
		return r.result(invalid("BSSID"))
	}
	return r.result(errNotConnected)
}

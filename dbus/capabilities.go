package dbus

import (
	"gosupplicant/dbus/bus"
	"gosupplicant/engine"
	"gosupplicant/engine/dot11"
)

// getCapabilities is the Interface property: what device and program can do
// together, in upstream's order. A driver that cannot tell gets upstream's
// fallback lists, without the words for what is not built (WEP, WPS, ad-hoc mode).
func getCapabilities(_ *Server, o object) (any, error) {
	a := o.iface.Abilities()
	lists := fallback
	if a.Known {
		lists = listsOf(&a)
	}
	var d bus.Dict
	d.Add("Pairwise", lists.pairwise)
	d.Add("Group", lists.group)
	d.Add("GroupMgmt", lists.mgmtGroup)
	d.Add("KeyMgmt", lists.keyMgmt)
	d.Add("Protocol", lists.protocols)
	d.Add("AuthAlg", lists.authAlgs)
	d.Add("Scan", []string{"active", "passive", "ssid"})
	d.Add("Modes", []string{"infrastructure"})
	if a.Known {
		d.Add("MaxScanSSID", int32(a.MaxScanSSIDs))
	}
	return d, nil
}

// capabilityLists are the values that differ between devices.
type capabilityLists struct {
	pairwise, group, mgmtGroup, keyMgmt, protocols, authAlgs []string
}

// fallback is for drivers that cannot tell.
var fallback = capabilityLists{
	pairwise: []string{"ccmp", "tkip"}, group: []string{"ccmp", "tkip"}, mgmtGroup: []string{},
	keyMgmt:   []string{"wpa-psk", "wpa-eap", "ieee8021x", "none"},
	protocols: []string{"rsn", "wpa"}, authAlgs: []string{"open"},
}

// Orders of the lists.
var (
	cipherOrder = []dot11.Cipher{dot11.CipherCCMP256, dot11.CipherGCMP256, dot11.CipherCCMP, dot11.CipherGCMP, dot11.CipherTKIP,
		dot11.CipherBIPCMAC128, dot11.CipherBIPGMAC128, dot11.CipherBIPGMAC256, dot11.CipherBIPCMAC256}
	keyMgmtOrder = []dot11.AKM{dot11.AKMNone, dot11.AKMIEEE8021X, dot11.AKMEAP, dot11.AKMFTEAP, dot11.AKMEAPSHA256,
		dot11.AKMPSK, dot11.AKMFTPSK, dot11.AKMPSKSHA256, dot11.AKMSAE, dot11.AKMOWE}
	authAlgWords = map[dot11.AuthAlg]string{dot11.AuthAlgOpen: "open", dot11.AuthAlgSharedKey: "shared"}
)

// listsOf spells what the engine says; what upstream has no word for is left out.
func listsOf(a *engine.Abilities) capabilityLists {
	l := capabilityLists{
		pairwise: cipherWords(a.Pairwise), group: cipherWords(a.Group), mgmtGroup: cipherWords(a.MgmtGroup),
		keyMgmt: []string{}, protocols: []string{}, authAlgs: []string{},
	}
	for _, akm := range keyMgmtOrder {
		if a.AKMs.Has(akm) {
			l.keyMgmt = append(l.keyMgmt, akm.DBusName())
		}
	}
	if a.Protos&dot11.ProtoRSN != 0 {
		l.protocols = append(l.protocols, "rsn")
	}
	if a.Protos&dot11.ProtoWPA != 0 {
		l.protocols = append(l.protocols, "wpa")
	}
	for _, alg := range a.AuthAlgs {
		if word, ok := authAlgWords[alg]; ok {
			l.authAlgs = append(l.authAlgs, word)
		}
	}
	return l
}

func cipherWords(set dot11.CipherSet) []string {
	out := []string{}
	for _, c := range cipherOrder {
		if set.Has(c) {
			out = append(out, c.DBusCapability())
		}
	}
	return out
}

// getGlobalCapabilities lists what the program can do whatever the device is,
// and what some device in use adds. WEP is not built, which clients learn from
// a word of its own.
func getGlobalCapabilities(s *Server, _ object) (any, error) {
	p := s.sup.Abilities()
	out := []string{}
	for _, w := range []struct {
		word string
		on   bool
	}{
		{"pmf", p.PMF}, {"fils", p.FILS}, {"ft", p.FT}, {"owe", p.OWE}, {"suiteb192", p.SuiteB192},
		{"extended_key_id", p.ExtKeyID}, {"wep_disabled", true},
	} {
		if w.on {
			out = append(out, w.word)
		}
	}
	return out, nil
}

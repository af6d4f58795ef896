package dbus

import (
	"time"

	"gosupplicant/dbus/bus"
	"gosupplicant/engine/bss"
	"gosupplicant/engine/dot11"
)

func bssTable() *descriptor {
	return &descriptor{
		name:    ifaceBSS,
		signals: []signal{changedSignal()},
		properties: []property{
			{name: "SSID", sig: "ay", get: ofBSS(func(b *bss.BSS) any { return []byte(b.SSID) })},
			{name: "BSSID", sig: "ay", get: ofBSS(func(b *bss.BSS) any { return b.BSSID[:] })},
			{name: "Privacy", sig: "b", get: ofBSS(func(b *bss.BSS) any { return b.Privacy() })},
			{name: "Mode", sig: "s", get: ofBSS(func(b *bss.BSS) any { return b.Mode().String() })},
			{name: "Signal", sig: "n", get: ofBSS(func(b *bss.BSS) any { return int16(b.Level) })},
			{name: "Frequency", sig: "q", get: ofBSS(func(b *bss.BSS) any { return uint16(b.Freq) })},
			{name: "Rates", sig: "au", get: ofBSS(func(b *bss.BSS) any { return append([]uint32{}, b.Rates()...) })},
			{name: "WPA", sig: "a{sv}", get: getWPA},
			{name: "RSN", sig: "a{sv}", get: getRSN},
			{name: "WPS", sig: "a{sv}", get: ofBSS(wpsOf)},
			{name: "IEs", sig: "ay", get: ofBSS(func(b *bss.BSS) any { return []byte(b.IEs) })},
			{name: "Age", sig: "u", get: func(s *Server, o object) (any, error) {
				return uint32(o.bss.Age(s.loop.Now()) / time.Second), nil
			}},
		},
	}
}

// ofBSS makes a getter from a function that cannot fail.
func ofBSS(f func(*bss.BSS) any) func(*Server, object) (any, error) {
	return func(_ *Server, o object) (any, error) { return f(o.bss), nil }
}

// security is the form of WPA and RSN; all keys are there when the element is
// not.
func security(akms dot11.AKMSet, group dot11.Cipher, pairwise dot11.CipherSet) bus.Dict {
	var d bus.Dict
	d.Add("KeyMgmt", akms.DBusNames())
	d.Add("Group", group.DBusName())
	d.Add("Pairwise", pairwiseNames(pairwise))
	return d
}

// pairwiseNames lists pairwise ciphers in upstream's order.
func pairwiseNames(set dot11.CipherSet) []string {
	out := []string{}
	for _, c := range []dot11.Cipher{dot11.CipherTKIP, dot11.CipherCCMP, dot11.CipherGCMP, dot11.CipherCCMP256, dot11.CipherGCMP256} {
		if set.Has(c) {
			out = append(out, c.DBusName())
		}
	}
	return out
}

func getWPA(_ *Server, o object) (any, error) {
	e, err := o.bss.WPA()
	switch {
	case err != nil:
		return nil, failed("failed to parse WPA IE")
	case e == nil:
		return security(0, dot11.CipherUnknown, 0), nil
	}
	return security(e.KeyMgmt(), e.GroupCipher(), e.PairwiseCiphers()), nil
}

func getRSN(_ *Server, o object) (any, error) {
	e, err := o.bss.RSN()
	switch {
	case err != nil:
		return nil, failed("failed to parse RSN IE")
	case e == nil:
		return security(0, dot11.CipherUnknown, 0), nil
	}
	d := security(e.KeyMgmt(), e.GroupCipher(), e.PairwiseCiphers())
	mgmt := e.MgmtGroupCipher()
	if e.Fields < dot11.RSNFieldGroupMgmt {
		mgmt = dot11.CipherBIPCMAC128 // the default of the element, whether or not frames are protected
	}
	name := ""
	if mgmt == dot11.CipherBIPCMAC128 { // upstream names no other
		name = mgmt.DBusName()
	}
	d.Add("MgmtGroup", name)
	return d, nil
}

// wpsOf is empty without WPS elements.
func wpsOf(b *bss.BSS) any {
	d := bus.Dict{}
	if w, ok := b.WPS(); ok {
		d.Add("Type", w.Type())
	}
	return d
}

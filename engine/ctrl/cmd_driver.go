package ctrl

import (
	"fmt"
	"strings"

	"gosupplicant/drivers"
	"gosupplicant/engine"
	"gosupplicant/engine/dot11"
)

var driverCommands = []command{
	{"GET_CAPABILITY", withArg, onIface, (*request).capability, "what device and program can do"},
}

// capabilityKinds is the table of GET_CAPABILITY: known is asked of a driver that
// can tell, unknown is the answer for one that cannot (an empty list with
// "strict").
var capabilityKinds = map[string]struct {
	known   func(*engine.Interface) string
	unknown string
}{
	"eap":         {eapOf, ""},
	"pairwise":    {ciphersOf(func(a *engine.Abilities) dot11.CipherSet { return a.Pairwise }, pairwiseOrder), "CCMP TKIP NONE"},
	"group":       {ciphersOf(func(a *engine.Abilities) dot11.CipherSet { return a.Group }, pairwiseOrder), "CCMP TKIP"},
	"group_mgmt":  {ciphersOf(func(a *engine.Abilities) dot11.CipherSet { return a.MgmtGroup }, mgmtOrder), ""},
	"key_mgmt":    {keyMgmtOf, "WPA-PSK WPA-EAP IEEE8021X WPA-NONE NONE"},
	"proto":       {protoOf, "RSN WPA"},
	"auth_alg":    {authAlgOf, "OPEN SHARED LEAP"},
	"modes":       {constant(""), "IBSS AP"},
	"channels":    {channelsOf, ""},
	"freq":        {freqsOf, ""},
	"tdls":        {constant("UNSUPPORTED\n"), "UNSUPPORTED\n"},
	"fils":        {filsOf, replyFail},
	"multibss":    {multiBSSOf, replyFail},
	"sae":         {saeOf, replyFail},
	"ocv":         {supported(func(a *engine.Abilities) bool { return a.OCV }), "not supported"},
	"beacon_prot": {supported(func(a *engine.Abilities) bool { return a.BeaconProtection }), "not supported"},
}

// constant is the answer that no device changes: the program has no mode but that
// of a station, and no TDLS.
func constant(text string) func(*engine.Interface) string {
	return func(*engine.Interface) string { return text }
}

func eapOf(*engine.Interface) string { return strings.Join(engine.EAPMethods(), " ") }

// maxCapabilityArg is what upstream's buffer holds.
const maxCapabilityArg = 50

// capability: <kind> [strict] [iftype=<type>].
func (r *request) capability() string {
	if len(r.arg) >= maxCapabilityArg {
		return replyFail
	}
	kind, rest, _ := strings.Cut(r.arg, " ")
	k, ok := capabilityKinds[kind]
	if !ok {
		return replyFail
	}
	if kind == "eap" || r.iface.Abilities().Known {
		return k.known(r.iface.Interface)
	}
	fixed := strings.HasSuffix(k.unknown, "\n") || strings.HasPrefix(k.unknown, "not ")
	if parseOptions(rest).has("strict") && !fixed {
		return ""
	}
	return k.unknown
}

// Orders of the lists.
var (
	pairwiseOrder = []dot11.Cipher{dot11.CipherCCMP256, dot11.CipherGCMP256, dot11.CipherCCMP, dot11.CipherGCMP, dot11.CipherTKIP}
	mgmtOrder     = []dot11.Cipher{dot11.CipherBIPCMAC128, dot11.CipherBIPGMAC128, dot11.CipherBIPGMAC256, dot11.CipherBIPCMAC256}
	keyMgmtOrder  = []dot11.AKM{dot11.AKMNone, dot11.AKMIEEE8021X, dot11.AKMEAP, dot11.AKMPSK, dot11.AKMSuiteB, dot11.AKMSuiteB192,
		dot11.AKMOWE, dot11.AKMDPP, dot11.AKMFILSSHA256, dot11.AKMFILSSHA384, dot11.AKMFTFILSSHA256, dot11.AKMFTFILSSHA384,
		dot11.AKMFTPSK, dot11.AKMFTEAP, dot11.AKMFTSAE, dot11.AKMFTSAEExtKey, dot11.AKMFTEAPSHA384,
		dot11.AKMSAE, dot11.AKMSAEExtKey, dot11.AKMEAPSHA256, dot11.AKMPSKSHA256}
)

func ciphersOf(set func(*engine.Abilities) dot11.CipherSet, order []dot11.Cipher) func(*engine.Interface) string {
	return func(i *engine.Interface) string {
		a := i.Abilities()
		var out []string
		for _, c := range order {
			if set(&a).Has(c) {
				out = append(out, c.ConfigName())
			}
		}
		return strings.Join(out, " ")
	}
}

func keyMgmtOf(i *engine.Interface) string {
	a := i.Abilities()
	var out []string
	for _, akm := range keyMgmtOrder {
		if a.AKMs.Has(akm) {
			out = append(out, akm.ConfigName())
		}
	}
	return strings.Join(out, " ")
}

func protoOf(i *engine.Interface) string {
	a := i.Abilities()
	var out []string
	if a.Protos&dot11.ProtoRSN != 0 {
		out = append(out, "RSN")
	}
	if a.Protos&dot11.ProtoWPA != 0 {
		out = append(out, "WPA")
	}
	return strings.Join(out, " ")
}

var authAlgNames = map[dot11.AuthAlg]string{dot11.AuthAlgOpen: "OPEN", dot11.AuthAlgSharedKey: "SHARED", dot11.AuthAlgSAE: "SAE"}

func authAlgOf(i *engine.Interface) string {
	var out []string
	for _, alg := range i.Abilities().AuthAlgs {
		out = append(out, authAlgNames[alg])
	}
	return strings.Join(out, " ")
}

func saeOf(i *engine.Interface) string {
	switch a := i.Abilities(); {
	case a.SAEPK:
		return "H2E PK"
	case a.SAEH2E:
		return "H2E"
	}
	return replyFail
}

func multiBSSOf(i *engine.Interface) string {
	if i.Abilities().MultiBSS {
		return "MULTIBSS-STA"
	}
	return replyFail
}

func filsOf(i *engine.Interface) string {
	if i.Abilities().FILS {
		return "FILS"
	}
	return replyFail
}

func supported(has func(*engine.Abilities) bool) func(*engine.Interface) string {
	return func(i *engine.Interface) string {
		if a := i.Abilities(); has(&a) {
			return "supported"
		}
		return "not supported"
	}
}

// mode is a band under upstream's name of its mode.
type mode struct {
	name string
	band drivers.Band
}

// modesOf lists modes as upstream does: G, A (5 and 6 GHz) and AD in the order
// of the bands, and at the end B, which every 2.4 GHz radio has besides.
func modesOf(c *drivers.Capability) []mode {
	var out, b []mode
	for _, band := range c.Bands {
		switch band.ID {
		case drivers.Band2GHz:
			out = append(out, mode{"G", band})
			b = append(b, mode{"B", band})
		case drivers.Band60GHz:
			out = append(out, mode{"AD", band})
		case drivers.Band5GHz, drivers.Band6GHz:
			out = append(out, mode{"A", band})
		}
	}
	return append(out, b...)
}

func usable(b drivers.Band) []drivers.Channel {
	var out []drivers.Channel
	for _, ch := range b.Channels {
		if ch.Flags&drivers.ChanDisabled == 0 {
			out = append(out, ch)
		}
	}
	return out
}

// channelsOf lists channel numbers, one line per band.
func channelsOf(i *engine.Interface) string {
	c := i.Capability()
	l := &list{limit: maxIfaceReply}
	for _, m := range modesOf(c) {
		text := "Mode[" + m.name + "] Channels:"
		for _, ch := range usable(m.band) {
			_, n := dot11.Channel(ch.Freq)
			text += fmt.Sprintf(" %d", n)
		}
		if !l.add(text + "\n") {
			break
		}
	}
	return l.String()
}

// freqsOf lists channels with their frequencies and restrictions.
func freqsOf(i *engine.Interface) string {
	c := i.Capability()
	l := &list{limit: maxIfaceReply}
	for _, m := range modesOf(c) {
		l.add("Mode[" + m.name + "] Channels:\n")
		for _, ch := range usable(m.band) {
			_, n := dot11.Channel(ch.Freq)
			text := fmt.Sprintf(" %d = %d MHz", n, ch.Freq)
			if ch.Flags&drivers.ChanNoIR != 0 {
				text += " (NO_IR)"
			}
			if ch.Flags&drivers.ChanRadar != 0 {
				text += " (DFS)"
			}
			l.add(text + "\n")
		}
		l.add("\n")
	}
	return l.String()
}

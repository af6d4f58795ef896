package ctrl

import (
	"fmt"
	"slices"
	"strings"

	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
)

var driverCommands = []command{
	{"GET_CAPABILITY", withArg, onIface, (*request).capability, "what device and program can do"},
}

// capabilityKinds is the table of GET_CAPABILITY: known is asked of a driver that
// can tell, unknown is the answer for one that cannot (an empty list with
// "strict").
var capabilityKinds = map[string]struct {
	known   func(*drivers.Capability) string
	unknown string
}{
	"eap":         {func(*drivers.Capability) string { return "" }, ""},
	"pairwise":    {pairwiseOf, "CCMP TKIP NONE"},
	"group":       {groupOf, "CCMP TKIP"},
	"group_mgmt":  {groupMgmtOf, ""},
	"key_mgmt":    {keyMgmtOf, "WPA-PSK WPA-EAP IEEE8021X WPA-NONE NONE"},
	"proto":       {protoOf, "RSN WPA"},
	"auth_alg":    {authAlgOf, "OPEN SHARED LEAP"},
	"modes":       {func(*drivers.Capability) string { return "" }, "IBSS AP"},
	"channels":    {channelsOf, ""},
	"freq":        {freqsOf, ""},
	"tdls":        {func(*drivers.Capability) string { return "UNSUPPORTED\n" }, "UNSUPPORTED\n"},
	"ocv":         {func(*drivers.Capability) string { return "not supported" }, "not supported"},
	"beacon_prot": {beaconProtectionOf, "not supported"},
}

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
	c := r.iface.Capability()
	if !c.Unknown {
		return k.known(c)
	}
	fixed := strings.HasSuffix(k.unknown, "\n") || strings.HasPrefix(k.unknown, "not ")
	if parseOptions(rest).has("strict") && !fixed {
		return ""
	}
	return k.unknown
}

// choice is a word of a list and whether it applies.
type choice struct {
	word string
	on   bool
}

func chosen(list ...choice) string {
	var out []string
	for _, c := range list {
		if c.on {
			out = append(out, c.word)
		}
	}
	return strings.Join(out, " ")
}

// hasCipher reports whether the device can use a cipher: by selector, or by the
// coarse set of drivers without.
func hasCipher(c *drivers.Capability, cipher dot11.Cipher) bool {
	if suite, ok := cipher.RSNSuite(); ok && slices.Contains(c.Ciphers, uint32(suite)) {
		return true
	}
	switch cipher {
	case dot11.CipherCCMP:
		return c.Enc&drivers.EncCCMP != 0
	case dot11.CipherTKIP:
		return c.Enc&drivers.EncTKIP != 0
	}
	return false
}

func ciphers(c *drivers.Capability, list ...dot11.Cipher) string {
	var out []string
	for _, cipher := range list {
		if hasCipher(c, cipher) {
			out = append(out, cipher.ConfigName())
		}
	}
	return strings.Join(out, " ")
}

func pairwiseOf(c *drivers.Capability) string {
	return ciphers(c, dot11.CipherCCMP256, dot11.CipherGCMP256, dot11.CipherCCMP, dot11.CipherGCMP, dot11.CipherTKIP)
}

func groupOf(c *drivers.Capability) string { return pairwiseOf(c) }

func groupMgmtOf(c *drivers.Capability) string {
	return ciphers(c, dot11.CipherBIPCMAC128, dot11.CipherBIPGMAC128, dot11.CipherBIPGMAC256, dot11.CipherBIPCMAC256)
}

// hasAKM reports whether the device can use a key management; one that lists
// none leaves it to us.
func hasAKM(c *drivers.Capability, akm dot11.AKM) bool {
	suite, ok := akm.RSNSuite()
	return ok && (c.AKMs == nil || slices.Contains(c.AKMs, uint32(suite)))
}

// keyMgmtOf lists what the program can choose networks by; suites whose machines
// are not built are left out.
func keyMgmtOf(c *drivers.Capability) string {
	rsn := hasCipher(c, dot11.CipherCCMP) || hasCipher(c, dot11.CipherTKIP)
	eap, psk := rsn && hasAKM(c, dot11.AKMEAP), rsn && hasAKM(c, dot11.AKMPSK)
	return chosen(
		choice{"NONE", true}, choice{"IEEE8021X", true},
		choice{"WPA-EAP", eap}, choice{"WPA-PSK", psk},
		choice{"WPA-EAP-SHA256", eap}, choice{"WPA-PSK-SHA256", psk},
	)
}

func protoOf(c *drivers.Capability) string {
	return chosen(
		choice{"RSN", hasCipher(c, dot11.CipherCCMP) || hasCipher(c, dot11.CipherTKIP)},
		choice{"WPA", hasCipher(c, dot11.CipherTKIP)},
	)
}

func authAlgOf(*drivers.Capability) string { return "OPEN" }

func beaconProtectionOf(c *drivers.Capability) string {
	if c.BeaconProtection {
		return "supported"
	}
	return "not supported"
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
func channelsOf(c *drivers.Capability) string {
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
func freqsOf(c *drivers.Capability) string {
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

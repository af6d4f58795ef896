package dbus

import (
	"slices"

	"gosupplicant/dbus/bus"
	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
)

// built says which optional parts the program has; a device's ability to use
// one that is not there is not shown.
var built = struct {
	wep, tkip, wps, sae, owe, ft, leap, ibss, ap, p2p, mesh bool
}{tkip: true}

// getCapabilities is the Interface property: what device and program can do
// together, in upstream's order. A driver that cannot tell gets upstream's
// fallback lists.
func getCapabilities(_ *Server, o object) (any, error) {
	c := o.iface.Capability()
	var d bus.Dict
	d.Add("Pairwise", pairwiseOf(c))
	d.Add("Group", groupOf(c))
	d.Add("GroupMgmt", groupMgmtOf(c))
	d.Add("KeyMgmt", keyMgmtOf(c))
	d.Add("Protocol", protocolsOf(c))
	d.Add("AuthAlg", authAlgsOf())
	d.Add("Scan", []string{"active", "passive", "ssid"})
	d.Add("Modes", modesOf(c))
	if !c.Unknown {
		d.Add("MaxScanSSID", int32(c.MaxScanSSIDs))
	}
	return d, nil
}

// choice is a word of a list and whether it applies.
type choice struct {
	word string
	on   bool
}

func chosen(list ...choice) []string {
	out := []string{}
	for _, c := range list {
		if c.on {
			out = append(out, c.word)
		}
	}
	return out
}

// hasCipher reports whether the device can use a cipher.
func hasCipher(c *drivers.Capability, cipher dot11.Cipher) bool {
	suite, ok := cipher.RSNSuite()
	if ok && slices.Contains(c.Ciphers, uint32(suite)) {
		return true
	}
	switch cipher {
	case dot11.CipherCCMP:
		return c.Unknown || c.Enc&drivers.EncCCMP != 0
	case dot11.CipherTKIP:
		return c.Unknown || c.Enc&drivers.EncTKIP != 0
	case dot11.CipherWEP40:
		return c.Unknown || c.Enc&drivers.EncWEP40 != 0
	case dot11.CipherWEP104:
		return c.Unknown || c.Enc&drivers.EncWEP104 != 0
	}
	return false
}

func cipherChoice(c *drivers.Capability, cipher dot11.Cipher, isBuilt bool) choice {
	return choice{cipher.DBusCapability(), isBuilt && hasCipher(c, cipher)}
}

func pairwiseOf(c *drivers.Capability) []string {
	return chosen(
		cipherChoice(c, dot11.CipherCCMP256, true),
		cipherChoice(c, dot11.CipherGCMP256, true),
		cipherChoice(c, dot11.CipherCCMP, true),
		cipherChoice(c, dot11.CipherGCMP, true),
		cipherChoice(c, dot11.CipherTKIP, built.tkip),
		choice{"none", built.ibss && c.Unknown},
	)
}

func groupOf(c *drivers.Capability) []string {
	return chosen(
		cipherChoice(c, dot11.CipherCCMP256, true),
		cipherChoice(c, dot11.CipherGCMP256, true),
		cipherChoice(c, dot11.CipherCCMP, true),
		cipherChoice(c, dot11.CipherGCMP, true),
		cipherChoice(c, dot11.CipherTKIP, built.tkip),
		cipherChoice(c, dot11.CipherWEP104, built.wep),
		cipherChoice(c, dot11.CipherWEP40, built.wep),
	)
}

func groupMgmtOf(c *drivers.Capability) []string {
	return chosen(
		cipherChoice(c, dot11.CipherBIPCMAC128, true),
		cipherChoice(c, dot11.CipherBIPGMAC128, true),
		cipherChoice(c, dot11.CipherBIPGMAC256, true),
		cipherChoice(c, dot11.CipherBIPCMAC256, true),
	)
}

// hasAKM reports whether the device can use a key management; one that lists
// none leaves it to us.
func hasAKM(c *drivers.Capability, akm dot11.AKM) bool {
	suite, ok := akm.RSNSuite()
	return ok && (c.AKMs == nil || slices.Contains(c.AKMs, uint32(suite)))
}

func keyMgmtOf(c *drivers.Capability) []string {
	if c.Unknown {
		return chosen(choice{"wpa-psk", true}, choice{"wpa-eap", true}, choice{"ieee8021x", true},
			choice{"wpa-none", built.ibss}, choice{"wps", built.wps}, choice{"none", true})
	}
	rsn := hasCipher(c, dot11.CipherCCMP) || hasCipher(c, dot11.CipherTKIP)
	eap, psk := rsn && hasAKM(c, dot11.AKMEAP), rsn && hasAKM(c, dot11.AKMPSK)
	return chosen(
		choice{"none", true},
		choice{"ieee8021x", true},
		choice{"wpa-eap", eap},
		choice{"wpa-ft-eap", eap && built.ft && hasAKM(c, dot11.AKMFTEAP)},
		choice{"wpa-eap-sha256", eap},
		choice{"wpa-psk", psk},
		choice{"wpa-ft-psk", psk && built.ft && hasAKM(c, dot11.AKMFTPSK)},
		choice{"wpa-psk-sha256", psk},
		choice{"wpa-none", built.ibss},
		choice{"wps", built.wps},
		choice{"sae", built.sae && c.SAE},
		choice{"owe", built.owe && hasAKM(c, dot11.AKMOWE)},
	)
}

func protocolsOf(c *drivers.Capability) []string {
	return chosen(
		choice{"rsn", hasCipher(c, dot11.CipherCCMP) || hasCipher(c, dot11.CipherTKIP)},
		choice{"wpa", built.tkip && hasCipher(c, dot11.CipherTKIP)},
	)
}

func authAlgsOf() []string {
	return chosen(choice{"open", true}, choice{"shared", built.wep}, choice{"leap", built.leap})
}

func modesOf(c *drivers.Capability) []string {
	can := func(m drivers.IfaceModes) bool { return c.Unknown || c.Modes&m != 0 }
	return chosen(
		choice{"infrastructure", true},
		choice{"ad-hoc", built.ibss && can(drivers.ModeIBSS)},
		choice{"ap", built.ap && can(drivers.ModeAP)},
		choice{"p2p", built.p2p && can(drivers.ModeP2PGO|drivers.ModeP2PClient)},
		choice{"mesh", built.mesh && can(drivers.ModeMesh)},
	)
}

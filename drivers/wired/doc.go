// Package wired is the driver "wired": 802.1X on Ethernet, where there is no
// radio to choose a network with. EAPOL frames travel by packet socket to and
// from the PAE group address (IEEE Std 802.1X-2020, 11.1.1); the state of the
// cable comes from rtnetlink.
//
// The interface counts as associated, with the PAE group address as its BSSID,
// while it is up and has a carrier. Scans are not supported. Any Ethernet-like
// device will do: VLANs (open the VLAN's device), and ports of a bridge, where
// unicast frames surface at the bridge and are taken from there; the bridge is
// the one of -b or the one found, also when the port joins it later.
//
// An interface that is down is set up, and down again by Close. The link mode is
// left alone until the engine calls SetOperState; Close undoes that too.
package wired

// Package nl80211 drives Linux Wi-Fi devices through the generic netlink family
// "nl80211": the driver that -D nl80211 selects.
//
// # Connections
//
// Every open interface has a command connection of its own, so that a long dump
// on one never delays another. Events are shared: the first interface (or
// Watch) of a Driver starts one hub that listens to the multicast groups of
// nl80211, to rtnetlink and to /dev/rfkill, and hands each event to the interface
// it concerns; the last one stops it. An interface that joins a network opens a
// third socket, its port.
//
// # Files
//
// wiphy*.go decode what a radio can do and flags.go turns that into the feature
// words of upstream; scan*.go, probe.go, bss.go and sched.go scan; survey.go, station.go and
// cqm.go measure; reg.go is the regulatory domain; event*.go decode what the
// kernel reports, hub.go distributes it and iface*.go acts on it; create.go adds
// and removes interfaces. connect.go joins networks, key.go installs keys, frame.go
// sends EAPOL and management frames, and event_connect.go decodes the answers; all
// that goes through port.go, the one socket that owns the association. leave.go ends
// one by an ioctl, which is quicker. Decoding never does I/O: every decoder takes the
// attributes of a message and is total, so that a lying length is an error.
//
// # What happens when the kernel drops messages
//
// An overrun of the event socket (ENOBUFS) becomes EventResync, and so does the
// end of a sleep of the system (package resume). If a scan of ours
// was running, the hub asks the kernel whether it still is, so that exactly one
// EventScanDone follows each accepted scan whatever was lost.
package nl80211

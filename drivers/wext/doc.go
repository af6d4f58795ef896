// Package wext is the driver for devices that speak Linux wireless extensions:
// old drivers of their own, and cfg80211 drivers through the kernel's
// compatibility layer. It is what `-D wext` selects.
//
// Requests are ioctls on an ordinary socket; what the device reports by itself
// (the end of a scan, a lost association) comes as iw_event streams inside
// rtnetlink link messages. Both use structures of the C ABI in native byte
// order whose layout depends on the size of a pointer; layout has the two that
// exist. Decoding is total and apart from I/O.
//
// What the interface of the kernel cannot do is not there: one SSID in a scan,
// at most 32 listed frequencies, no abort, no list of channels with flags (so
// Capability has no bands), and at most 64 KiB of results, more of which the
// kernel refuses to give as a whole.
//
// Association (SIOCSIWESSID, SIOCSIWGENIE, SIOCSIWAUTH, SIOCSIWENCODEEXT) is
// not part of the package yet; Open leaves a device unassociated, as Close does.
package wext

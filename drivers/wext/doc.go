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
// A connection is a row of requests (elements, SIOCSIWAUTH parameters, channel,
// BSS, name) of which the last one starts it; keys follow when EAPOL frames,
// which come over packet sockets, have made them. What these words cannot say
// is refused: SAE and the other AKMs but WPA-PSK and WPA-EAP, management frame
// protection, handshakes in the device. cfg80211 does not tell wireless
// extensions of a connection that failed, which shows only by the time it
// takes, nor of the reason for which a connection ended.
//
// Open leaves a device unassociated, as Close does.
package wext

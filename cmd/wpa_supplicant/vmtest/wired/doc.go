// Package wired tests the whole daemon on a cable: a veth pair in a network
// namespace, Debian's hostapd at the other end, with its EAP server or with
// FreeRADIUS behind it, a private dbus-daemon, wpa_cli. What goes over the cable is
// written down and given to tshark. The tests need root, hostapd, freeradius,
// tshark, ip, unshare and openssl.
//
//	go test -tags wired ./cmd/wpa_supplicant/vmtest/wired
//
// The test binary starts itself again in a namespace of its own. SUPPLICANT and
// WPACLI are the binaries under test (default: built from ./cmd).
package wired

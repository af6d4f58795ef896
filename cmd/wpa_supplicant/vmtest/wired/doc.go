// Package wired tests the whole daemon on a cable: a veth pair in a network
// namespace, Debian's hostapd with its EAP server at the other end, a private
// dbus-daemon, wpa_cli. The tests need root, hostapd, ip, unshare and openssl.
//
//	go test -tags wired ./cmd/wpa_supplicant/vmtest/wired
//
// The test binary starts itself again in a namespace of its own. SUPPLICANT and
// WPACLI are the binaries under test (default: built from ./cmd).
package wired

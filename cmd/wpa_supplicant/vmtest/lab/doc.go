// Package lab starts the foreign things a whole-daemon test needs and reads
// what they say: message buses, access points (hostapd), the supplicant binary
// under test or Debian's, clients (wpa_cli, busctl, gdbus, python3-dbus), the
// control socket.
//
// It knows nothing of the daemon's packages: what it starts is a path of a
// binary, and what it parses is text, so every test written on it runs against
// Debian's wpa_supplicant as well as against ours. Waiting is always for an
// event (a line printed, a signal on the bus, a file made, a process ended)
// with a limit, after which the test fails and shows what the process said.
package lab

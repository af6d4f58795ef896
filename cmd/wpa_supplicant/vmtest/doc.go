// Package vmtest tests the whole daemon on a real kernel: in a virtual machine
// with simulated radios, against Debian's hostapd as the access point, a real
// dbus-daemon, and clients that people use (python3-dbus, busctl, gdbus, both
// wpa_cli, NetworkManager), side by side with Debian's wpa_supplicant.
//
//	go test -tags vm ./cmd/wpa_supplicant/vmtest
//	go test -tags vm ./cmd/wpa_supplicant/vmtest -run TestVM/agree -v
//
// The cases of "connect" have access points in a network namespace of their own:
// pings between the two sides, to one and to all, have crossed the air.
//
// One machine is booted for all cases. The test binary starts it, runs itself
// inside, and reports what happened there as its own sub-tests; the same -run
// pattern selects cases. A tier that cannot run fails and says why.
//
// Environment of the host: SUPPLICANT and WPACLI are the binaries under test
// (default: built from ./cmd); REFERENCE and REFERENCE_CLI those they are
// compared with (default: Debian's); VM_CACHE and VM_ACCEL as in package vm;
// VM_RECORD=1 records the reference's answers of the case "recorded" anew;
// VM_KEEP is a folder in which the console and the guest's output are left.
package vmtest

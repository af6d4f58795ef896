// Package vm boots a throw-away virtual machine with simulated 802.11 radios
// and runs one command in it.
//
// The machine is Debian's own kernel under qemu's emulation (no /dev/kvm is
// needed), over the file tree of the host: the host's root is exported read
// only and covered with an overlay in the machine's memory, so a command finds
// every program of the host at its usual path and can change nothing there.
// One folder, the share, is writable from both sides (GuestShare in the
// machine). The radios are those of mac80211_hwsim, named wlan0, wlan1 ...
//
// [Run] is the host's side. The other side, [Guest], is the first process of
// the machine: the program vmrun, built without cgo and packed into the
// initial file system. Nothing here is for production use; the package serves
// the vm test tier and developers.
package vm

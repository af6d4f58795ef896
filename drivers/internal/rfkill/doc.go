// Package rfkill reads the block state of radios from /dev/rfkill.
//
// A Watcher knows, for every Wi-Fi radio (named as in sysfs, "phy0"), whether
// it is blocked by software or by a switch, and reports each change from a
// goroutine of its own. A system without the device has nothing to block: the
// watcher then says unblocked for ever. It never blocks or unblocks anything.
package rfkill

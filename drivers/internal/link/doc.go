// Package link reads, changes and watches the state of network interfaces
// through rtnetlink (RTM_NEWLINK and its relatives).
//
// It is shared by the drivers that talk to a real kernel. A Conn asks and
// sets; a Watcher reports every change from a goroutine of its own, beginning
// with what exists, and repairs itself when the kernel had to drop messages
// (ENOBUFS): it says Resync, lists the links anew and reports the difference.
//
// Messages of the bridge family are ignored: leaving a bridge is not leaving
// the system. Wireless extension events travel in the same messages and are
// handed on undecoded.
package link

// Package engine is the supplicant: a Supervisor with the interfaces it
// manages, and per interface the scan machine, the BSS table, the candidate
// selection and (with later work) the connection.
//
// # Owner
//
// Everything here belongs to the loop goroutine (package loop). Methods are
// called on it; callbacks named done run on it. A method that needs the kernel
// never waits for it: the driver is called by the interface's worker, and what
// came of it arrives as a callback or an event.
//
// # Front ends
//
// D-Bus and the control socket are observers: they get every Event of the
// closed set in events.go, synchronously and in order, and call the methods of
// Supervisor and Interface. They hold no state of the engine's: a getter reads
// it here. The engine never imports them.
//
// # Parts
//
// Interface is composed of parts that each own their fields: scanner (what to
// scan and when), radio work (turns on a radio that interfaces share),
// the BSS table, the ignore list, selection. Interface forwards and decides.
//
// It does not parse command lines, sockets or messages, and knows no spelling
// of the front ends except the state names and event texts that users see in
// logs.
package engine

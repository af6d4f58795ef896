// Package ctrl is the control interface: UNIX datagram sockets, one per
// interface and a global one, on which clients such as wpa_cli send a command
// per datagram and get one reply, and on which attached monitors hear events.
//
// The package translates. A row of the command table (commands.go) turns text
// into a call of package engine and the result into upstream's text; it holds no
// state but sockets and monitors. One observer turns every engine event into
// its line (events.go), for monitors and for the log, so that it exists even
// without a socket.
//
// Beside upstream there are one event and one command: attempts to connect that
// fail end with CTRL-EVENT-ATTEMPT-FAILED and words of the form key=value (id, ssid,
// bssid, freq in MHz, phase, by, code, code_name, cause, tried, took in ms, count,
// next, advice; texts are quoted and escaped like SSIDs), and FAILURES [<network
// id>] lists the records that are kept, a line each, the newest first, with their
// age in seconds in front.
//
// Threads: a reader goroutine per socket (reader.go) takes datagrams and has
// them handled on the loop with Call, one at a time: a client that floods waits
// for the loop, the loop waits for nobody. Everything else belongs to the loop.
// Sends never block: what a monitor does not take is queued and tried again, and
// a monitor that takes nothing for long is dropped.
//
// Limits: requests above 8192 bytes are ignored; data replies end at 4096 bytes
// (interface) or 2048 (global), cut at a whole entry as upstream cuts them.
// Numbers are read strictly: where upstream takes a word for 0 the answer here
// is FAIL. Commands of features that are not built answer UNKNOWN COMMAND, or
// FAIL where upstream does so without an association.
package ctrl

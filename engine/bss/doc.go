// Package bss keeps the BSS table of one interface: what was heard on the air,
// under identifiers that are never used twice, and what one update changed.
//
// The engine feeds it the results of each scan through [Table.Update] and
// hands the returned [Diff] to the front ends. An entry is known by BSSID and
// SSID together, so that a hidden beacon (empty or zeroed SSID) and the named
// probe response of the same AP are two entries, and an AP with several names
// on one BSSID has one for each. Entries leave when they are too old, when
// enough scans that covered them did not find them, when there are too many,
// or on request; never while the caller says that they are in use.
//
// The table belongs to one goroutine, keeps no clock of its own (time comes
// with each call) and does no input or output. Entries are updated in place:
// a *BSS stays valid, and keeps its last state, after it was removed.
//
// It does not choose among BSSs, and it does not know configured networks but
// through the predicates it is given.
package bss

// Package simap is an access point on the simulated air: what it is (Config),
// the frames it sends unasked (Beacon), whether and what it answers to a probe
// request, and what it does with the management frames of stations (Receive).
// It is a machine without I/O: the medium in package sim calls it, carries out
// the outputs, and it knows neither the loop nor the medium.
//
// Element bytes are made once, in New, and shared by every caller; nobody may
// modify them. An AP does not change after New except through its methods, and
// belongs to the goroutine that owns the medium.
//
// The elements follow the order of IEEE Std 802.11-2024 tables 9-60 (beacon)
// and 9-67 (probe response), with values as a real AP of that generation sends
// them; they are written through engine/dot11 but for the capability elements
// of HT, VHT, HE and EHT, whose bytes a station only receives.
package simap

// Command wpa_supplicant is the daemon: it parses upstream's flags, builds the
// loop, the engine, the drivers and the front ends, wires them, and turns
// signals into work for the loop. Nothing else happens here; it is the only
// place that knows every package.
//
// Exit status: 0 after a normal end, -h, -v or a usage error, 255 when
// initialisation fails.
package main

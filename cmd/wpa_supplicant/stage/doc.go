// Package stage sets up what the demonstration and the benchmarks need: a
// private message bus, a supplicant on it (ours or another with the same flags),
// and a client of its D-Bus interface.
package stage

// Package stage sets up what the demonstration and the benchmarks need: a
// private message bus, a daemon on it (our supplicant, another with the same
// flags, or something else), and a client of its D-Bus interface.
package stage

// Package none is the driver of `-D none`: it drives nothing. The network
// interface must exist, as its index and address identify it to front ends,
// but it is never touched: no scan, no events, no capabilities. It serves
// front-end tests, benchmarks and uses of the daemon that need no radio.
//
// It does not set the interface up and does not watch it: removal of the
// interface goes unnoticed.
package none

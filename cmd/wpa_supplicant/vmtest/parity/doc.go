// Package parity compares the daemon with Debian's wpa_supplicant 2.10, answer
// by answer, without a radio: driver "none", a private bus, the control
// sockets, the saved configuration file.
//
// testdata/script.txt is what a client asks, good and bad. What upstream
// answered was recorded once in testdata/upstream.golden; the replay needs no
// upstream binary. Each difference between that and our answers must stand in
// testdata/differences.tsv with its reason, and each row there must still be
// true: a difference that is not listed fails the test, as does a listed one
// that has vanished.
//
//	go test -tags parity ./cmd/wpa_supplicant/vmtest/parity            # ours (or $SUPPLICANT)
//	go test -tags parity ./cmd/wpa_supplicant/vmtest/parity -update    # record $REFERENCE anew
//
// An answer is kept as facts: one for a plain reply, one a key for replies
// made of key=value lines, one a property for GetAll, one a member for
// introspection data, one a line for configuration files. So a difference is
// about the one thing that differs.
package parity

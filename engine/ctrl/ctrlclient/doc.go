// Package ctrlclient speaks the client side of the control socket: UNIX
// datagrams, one request and one reply each, and unsolicited events for who
// asked for them (ATTACH). It is used by cmd/wpa_cli and by tests; it knows
// nothing of the engine and works against any daemon of this protocol.
//
// Requests and replies carry no identifiers. A Conn therefore has at most one
// request under way, and one that went unanswered makes the Conn unusable:
// its late reply would be taken for that of the next request.
//
// This is a client, not a part of the engine: it owns a reader goroutine and
// uses the machine's clock for its time limits.
package ctrlclient

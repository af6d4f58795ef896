// Package logs is where every line the daemon writes goes: log/slog inside,
// upstream's text outside.
//
// A Hub is a slog.Handler source with one level (what LOG_LEVEL, -d, -q and
// the D-Bus Debug properties control), any number of sinks (standard output, a
// file, syslog, the systemd journal), a ring of recent lines, and a rate limit
// per kind of message. A monitor function sees lines before the limit: that is
// how the control socket forwards them to attached clients.
//
// The attribute "ifname" becomes upstream's "wlan0: " prefix in text and the
// field WPA_IFNAME in the journal; other attributes are appended as key=value in
// text and become journal fields too. Secrets must have types that print as
// redacted; ShowKeys only tells other packages whether -K was given.
//
// The hub is the one object in engine/** that any goroutine may use, hence its
// lock.
package logs

// Package bustest gives tests a message bus of their own: a real dbus-daemon
// on a socket in a temporary folder, clients that keep what they saw in order,
// a transcript of calls, replies and signals that reads well and can be kept
// as a golden file, and a way to run foreign clients such as busctl against
// the same bus. Only tests import it.
package bustest

// Package dbus is the front end on the system bus: the service
// fi.w1.wpa_supplicant1 with its root, Interface, BSS and Network objects.
//
// # Shape
//
// Everything is data. A descriptor table per D-Bus interface (root.go,
// iface.go, bss.go, network.go) lists methods, properties and signals with
// their signatures; the files of package introspection are the contract, and a
// test fails when table and file differ. There is no registry of objects: an
// object path is parsed and the engine is asked whether the number in it is
// alive, so that nothing can leak or go stale. There is no mirrored state: a
// getter reads the engine.
//
// # Who runs where
//
// The reader of the connection (package dbus/bus) decodes a batch and hands it
// over with one loop.Call; everything else here runs on the loop. Replies and
// signals are queued by the connection in the order in which they are made and
// leave with one write at the end of the batch or turn. Nothing here waits: a
// method whose outcome needs the kernel (CreateInterface, SignalPoll) is
// answered by a callback; later calls of the same client wait their turn
// meanwhile, those of others do not.
//
// # Property changes
//
// Events of the engine mark properties as changed. Marks are folded per object
// and sent 5 ms after the first one, behind the reply to every method call, or
// at once for the few that clients need at once; values are read when sent.
// Each flush sends org.freedesktop.DBus.Properties.PropertiesChanged and then
// the deprecated PropertiesChanged of the interface itself.
//
// # Beside upstream
//
// Two properties are ours: Interface.LastFailure (a{sv}) and Network.Failures
// (aa{sv}) show records of attempts to connect that failed; see failureDict for
// their keys. Both have change signals. Interface.LastFailure is empty before the
// first failure and stays after a connection; Network.Failures holds the last
// eight, the newest last, and is emptied by a connection that succeeds.
//
// # Without a bus
//
// While no connection stands, events are dropped: a client that comes later
// reads the state as it is.
//
// It does not decide anything about networks or scans, and it does not know
// the control socket.
package dbus

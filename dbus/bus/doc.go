// Package bus is one connection to a D-Bus message bus, cut for a service
// that owns its state in a single goroutine.
//
// A [Conn] has one reader and one bounded queue of outgoing bytes. The reader
// runs in [Conn.Run]: it decodes everything one read of the socket brought and
// hands it over as one batch of [Event] values, in the order in which the bus
// delivered them. The owner works through the batch, answers with
// [Conn.Reply], [Conn.Error], [Conn.Emit] and their siblings, and calls
// [Conn.Flush] once: one read and one write for the whole batch, however many
// calls it held.
//
// The order of replies and signals on the wire is the order of the calls that
// queued them. None of these functions ever waits for the bus: they encode
// into the queue in the caller's goroutine, and what the socket does not take
// at once is left to a goroutine that lives only as long as the socket is
// full. A bus that stops reading until the queue passes [Options].MaxQueue
// costs the connection, not the service: the connection is closed with
// [ErrQueueFull], and [Supervise] builds a new one.
//
// # Events
//
//   - [*Call]: a method call for us. Its body is decoded when [Call.Args] asks.
//   - [*Answer]: the reply to a call made with [Conn.Call]; [Answer.Deliver]
//     runs the callback in the owner's goroutine.
//   - [*Gone]: a peer named to [Conn.Watch] has left the bus.
//   - [*NameLost]: our well-known name was taken away.
//   - [*Signal]: any other signal, for clients that asked with [Conn.AddMatch].
//
// # Values
//
// The codec is closed and needs no reflection. A value of a message body is
// one of these Go types, both when encoding and (first column only) when
// decoding:
//
//	y byte                b bool             n int16   q uint16
//	i int32    u uint32   x int64  t uint64  d float64
//	s string              o ObjectPath       g Signature
//	v Variant             a{sv} Dict         (...) Struct
//	ay []byte             aay [][]byte       as []string   ao []ObjectPath
//	aq []uint16  ai []int32  au []uint32     every other array: Array
//
// A [Dict] keeps the order of its entries and repeated keys, so that the first
// bad argument of a request is the one the caller named first, and GetAll
// lists properties in the order of its table. Strings that are not UTF-8,
// object paths that are not well formed, and the like are refused with an
// error when encoding, because the bus would answer them by closing the
// connection.
//
// # What it does not do
//
// It knows no objects, interfaces or properties: that is package dbus. It does
// not pass file descriptors and refuses messages that carry them. It speaks
// to unix sockets with the EXTERNAL mechanism only, which is what a system bus
// is.
package bus

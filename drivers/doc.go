// Package drivers is the boundary between the engine and whatever moves
// frames: the kernel through nl80211 or wireless extensions, nothing at all,
// or a simulated air.
//
// It holds types only: the small core interface every driver has, optional
// interfaces for what some can do, and the request, result and event types
// that cross the boundary. The engine asks with a type assertion
// (drv.(drivers.ScanAborter)) and treats a missing interface as "this device
// cannot".
//
// # Who calls what, where
//
// The engine calls a driver interface from one worker goroutine per interface,
// never from two at once, so methods may block for the kernel's
// acknowledgement (milliseconds) but never for the air: what the air does comes
// back as an Event. Info and Capability are pure reads and may be called from
// any goroutine at any time.
//
// Config.Events may be called from any goroutine the driver owns; it never
// blocks for long (it posts to the engine's loop) and may be called from inside a
// driver method too. Slices inside an Event belong to the engine from then on.
//
// A driver does not choose networks, keep a BSS table, or know configuration.
package drivers

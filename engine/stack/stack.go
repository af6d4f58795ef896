// Package stack makes room on the stack of a goroutine at once.
//
// A goroutine starts with 2 KiB and doubles when that is full. Each time, every frame
// is moved, with tables of the program that nothing else reads: for a goroutine that
// is known to go deep, four doublings cost more than what it was started for. Measured
// on a cable, from the start to an open port, they were a twelfth of the daemon's
// processor time.
package stack

// room is what [Grow] makes: 32 KiB with what is used already. Nothing of it is
// touched before it is needed.
const room = 20 << 10

// Grow makes room on the stack of the calling goroutine. It is worth its while as
// the first thing that a goroutine does.
//
//go:noinline
func Grow() { reserve(0) }

// reserve has a frame of that size. The frame is only written to when n is not 0,
// which nobody asks for.
//
//go:noinline
func reserve(n int) byte {
	if n == 0 {
		return 0
	}
	var frame [room]byte
	for k := range n {
		frame[k] = byte(k)
	}
	return frame[n/2]
}

// Package single contents the process with one processor, from its first package on.
//
// The daemon does one thing at a time; heavy jobs get a second processor while they
// run, see the heavy workers of engine/loop. To take a processor away later costs
// more: what it was given of the heap is handed back, on some seventy pages of memory
// that nothing else would have touched. Packages are initialised in the order of
// their paths as soon as what they import is, and this one needs nothing but the
// runtime: its turn comes before a second processor has had anything to do.
package single

import "runtime"

func init() { runtime.GOMAXPROCS(1) }

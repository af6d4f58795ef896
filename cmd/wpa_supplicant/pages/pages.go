// Package pages asks the kernel at once for the memory that the start will touch.
//
// Each page of the heap that is touched for the first time interrupts the program, at
// 0.5 to 14 µs (the most in a virtual machine whose page tables the host keeps); in one
// call of [unix.MADV_POPULATE_WRITE] a page costs a tenth of that. A heap that has just
// been made grows upwards with few gaps, so that the next pages are known: of the 190
// after the packages are initialised some 140 are touched before the first
// authentication is through. They are private zeroes whichever way they come: nothing
// is read or changed.
//
// A kernel before 5.14 does not know the call, and at the end of what the runtime has
// mapped the call ends early; the pages left out come one by one.
package pages

import (
	"reflect"

	"golang.org/x/sys/unix"
)

// ahead is how much of the heap is asked for, in bytes.
const ahead = 760 << 10

// mark is never looked at: an object that escapes, of a size that has a span of its
// own, shows how far the heap has come.
var mark *[16 << 10]byte

func init() {
	mark = new([16 << 10]byte)
	end := reflect.ValueOf(mark).Pointer() + uintptr(len(mark))
	mark = nil
	populate(end, ahead) // without it the pages come one by one
}

// populate makes the pages from the one of start present and writable, size bytes of
// them, as if each had been written to. The range is an address, not a slice: most of
// it belongs to no object yet.
func populate(start, size uintptr) error {
	page := uintptr(unix.Getpagesize())
	start &^= page - 1
	if _, _, errno := unix.RawSyscall(unix.SYS_MADVISE, start, size, unix.MADV_POPULATE_WRITE); errno != 0 {
		return errno
	}
	return nil
}

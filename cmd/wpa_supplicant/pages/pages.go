// Package pages asks the kernel at once for the memory that the start will touch.
//
// Each page that is touched for the first time interrupts the program, at 0.5 to 14 µs
// (the most in a virtual machine whose page tables the host keeps); in one call of
// madvise a page costs a tenth of that.
//
//   - Of the heap the next pages are known: one that has just been made grows upwards
//     with few gaps. Of the 190 after the packages are initialised some 140 are touched
//     before the first authentication is through. They are private zeroes whichever
//     way they come.
//   - Of the code nine tenths of what the kernel maps at a time are touched by then.
//     These are pages of the file, shared by all who run it. Only when all of them are
//     in memory are they asked for: nothing waits for a disk that need not.
//
// Nothing is read or changed. A kernel before 5.14 does not know the calls, and at the
// end of what the runtime has mapped one ends early; the pages left out come one by one.
package pages

import (
	"bytes"
	"reflect"
	"runtime"
	"slices"
	"strconv"

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
	populate(end, ahead, unix.MADV_POPULATE_WRITE) // without it the pages come one by one
	if start, size := code(head("/proc/self/maps")); size > 0 && present(start, size) {
		populate(start, size, unix.MADV_POPULATE_READ)
	}
}

// populate makes the pages from the one of start present, size bytes of them, as if
// each had been read or written, as advice says. The range is an address, not a slice:
// most of it belongs to no object.
func populate(start, size uintptr, advice uintptr) error {
	page := uintptr(unix.Getpagesize())
	start &^= page - 1
	if _, _, errno := unix.RawSyscall(unix.SYS_MADVISE, start, size, advice); errno != 0 {
		return errno
	}
	return nil
}

// present reports whether all pages of a mapping are in memory, be it mapped or not.
func present(start, size uintptr) bool {
	page := uintptr(unix.Getpagesize())
	there := make([]byte, (size+page-1)/page)
	vector := reflect.ValueOf(&there[0]).Pointer()
	_, _, errno := unix.RawSyscall(unix.SYS_MINCORE, start, size, vector)
	runtime.KeepAlive(there)
	return errno == 0 && !slices.ContainsFunc(there, func(b byte) bool { return b&1 == 0 })
}

// head is the first part of a file, or nothing.
func head(path string) []byte {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	defer unix.Close(fd)
	b := make([]byte, 256)
	n, err := unix.Read(fd, b)
	if err != nil {
		return nil
	}
	return b[:n]
}

// code is the first mapping of a list like /proc/self/maps, which is the program's
// code; its size is 0 where it is not.
func code(maps []byte) (start, size uintptr) {
	line, _, whole := bytes.Cut(maps, []byte("\n"))
	span, rest, _ := bytes.Cut(line, []byte(" "))
	from, to, _ := bytes.Cut(span, []byte("-"))
	a, err1 := strconv.ParseUint(string(from), 16, strconv.IntSize)
	b, err2 := strconv.ParseUint(string(to), 16, strconv.IntSize)
	if !whole || err1 != nil || err2 != nil || b < a || !bytes.HasPrefix(rest, []byte("r-xp ")) {
		return 0, 0
	}
	return uintptr(a), uintptr(b - a)
}

package pages

import (
	"bytes"
	"errors"
	"reflect"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// resident is one byte for each page of the memory, 1 for a page that is there.
func resident(t *testing.T, memory []byte) []byte {
	t.Helper()
	page := unix.Getpagesize()
	there := make([]byte, len(memory)/page)
	_, _, errno := unix.RawSyscall(unix.SYS_MINCORE, uintptr(unsafe.Pointer(&memory[0])),
		uintptr(len(memory)), uintptr(unsafe.Pointer(&there[0])))
	if errno != 0 {
		t.Fatal("mincore:", errno)
	}
	for i := range there {
		there[i] &= 1
	}
	return there
}

// mapping is so many new pages, of which the last is kept from being used.
func mapping(t *testing.T, pages int) []byte {
	t.Helper()
	page := unix.Getpagesize()
	memory, err := unix.Mmap(-1, 0, pages*page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Munmap(memory) })
	if err := unix.Madvise(memory, unix.MADV_NOHUGEPAGE); err != nil && !errors.Is(err, unix.EINVAL) {
		t.Fatal(err)
	}
	if err := unix.Mprotect(memory[(pages-1)*page:], unix.PROT_NONE); err != nil {
		t.Fatal(err)
	}
	return memory
}

// What is asked for is there, what is not asked for is not, and bytes that were
// written before stay.
func TestPopulate(t *testing.T) {
	page := unix.Getpagesize()
	memory := mapping(t, 8)
	memory[2*page+5] = 42
	start := uintptr(unsafe.Pointer(&memory[0]))
	if err := populate(start+uintptr(page)+100, uintptr(3*page), unix.MADV_POPULATE_WRITE); err != nil {
		t.Fatal(err)
	}
	if got, want := resident(t, memory), []byte{0, 1, 1, 1, 0, 0, 0, 0}; !bytes.Equal(got, want) {
		t.Errorf("pages there: %v, want %v", got, want)
	}
	if memory[2*page+5] != 42 {
		t.Error("a byte changed")
	}
}

// Nothing counts as present as long as one page is missing.
func TestPresent(t *testing.T) {
	page := unix.Getpagesize()
	memory := mapping(t, 4)
	start := uintptr(unsafe.Pointer(&memory[0]))
	for n := range 3 {
		if present(start, uintptr(3*page)) {
			t.Errorf("present with %d pages of 3", n)
		}
		memory[n*page] = 1
	}
	if !present(start, uintptr(3*page)) {
		t.Error("not present with all pages")
	}
	if present(start+1, uintptr(page)) {
		t.Error("an address that is no page is present")
	}
}

// Past the end of what can be written to, the pages before the end are there and
// nothing else happened.
func TestPopulatePastTheEnd(t *testing.T) {
	page := unix.Getpagesize()
	memory := mapping(t, 4)
	start := uintptr(unsafe.Pointer(&memory[0]))
	if err := populate(start+uintptr(page), uintptr(3*page), unix.MADV_POPULATE_WRITE); err == nil {
		t.Error("no error for a page that cannot be written to")
	}
	if got, want := resident(t, memory), []byte{0, 1, 1, 0}; !bytes.Equal(got, want) {
		t.Errorf("pages there: %v, want %v", got, want)
	}
}

// The list that the kernel makes, and others.
func TestCode(t *testing.T) {
	for _, c := range []struct {
		maps        string
		start, size uintptr
	}{
		{"00400000-00918000 r-xp 00000000 fe:01 12345                 /sbin/wpa_supplicant\n00918000-", 0x400000, 0x518000},
		{"00400000-00918000 r--p 00000000 fe:01 12345                 /sbin/wpa_supplicant\n", 0, 0},
		{"00918000-00400000 r-xp 00000000 fe:01 12345                 /sbin/wpa_supplicant\n", 0, 0},
		{"00400000-00918000 r-xp 00000000", 0, 0},
		{"00400000-00918", 0, 0},
		{"no-list r-xp\n", 0, 0},
		{"", 0, 0},
	} {
		if start, size := code([]byte(c.maps)); start != c.start || size != c.size {
			t.Errorf("%q: %x, %x", c.maps, start, size)
		}
	}
	start, size := code(head("/proc/self/maps"))
	if here := reflect.ValueOf(TestCode).Pointer(); here < start || here >= start+size {
		t.Errorf("%x is not in %x to %x", here, start, start+size)
	}
	if err := populate(start, size, unix.MADV_POPULATE_READ); err != nil {
		t.Error(err)
	}
	if b := head("/proc/no such file"); b != nil {
		t.Errorf("%q", b)
	}
}

func FuzzCode(f *testing.F) {
	f.Add([]byte("00400000-00918000 r-xp 00000000 fe:01 12345                 /sbin/wpa_supplicant\n00918000-"))
	f.Add([]byte("ffffffff00000000-fffffffffffff000 r-xp 0\n"))
	f.Add([]byte("- r-xp \n"))
	f.Fuzz(func(t *testing.T, maps []byte) {
		start, size := code(maps)
		if start+size < start || size > 0 && !bytes.Contains(maps, []byte("r-xp ")) {
			t.Errorf("%x, %x", start, size)
		}
	})
}

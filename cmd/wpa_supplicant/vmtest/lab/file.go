package lab

import (
	"errors"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// WaitFile waits until path exists (present) or does not (!present), woken by
// the kernel's notices about its folder, and fails the test after Patience.
// The folder itself may still have to appear.
func WaitFile(t T, path string, present bool) {
	t.Helper()
	if err := waitFile(path, present, Patience); err != nil {
		t.Fatalf("lab: waited for %s (present=%v): %v", path, present, err)
	}
}

func waitFile(path string, present bool, limit time.Duration) error {
	deadline := time.Now().Add(limit)
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	buf := make([]byte, 64<<10)
	for {
		dir := existingParent(path)
		if _, err := unix.InotifyAddWatch(fd, dir, unix.IN_CREATE|unix.IN_DELETE|unix.IN_MOVE|unix.IN_DELETE_SELF); err != nil && !errors.Is(err, unix.ENOENT) {
			return err
		}
		if _, err := os.Lstat(path); (err == nil) == present {
			return nil
		}
		// The folder may have come between the two looks.
		if existingParent(path) != dir {
			continue
		}
		left := time.Until(deadline)
		if left <= 0 {
			return os.ErrDeadlineExceeded
		}
		if _, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, int(left.Milliseconds())+1); err != nil && !errors.Is(err, unix.EINTR) {
			return err
		}
		for {
			if _, err := unix.Read(fd, buf); err != nil {
				break // EAGAIN: all notices are read
			}
		}
	}
}

// existingParent is the nearest folder above path that exists.
func existingParent(path string) string {
	dir := filepath.Dir(path)
	for {
		if st, err := os.Stat(dir); err == nil && st.IsDir() {
			return dir
		}
		dir = filepath.Dir(dir)
	}
}

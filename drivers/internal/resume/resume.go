// Package resume tells when the system has slept and woke up again.
//
// A Watcher costs nothing while the system runs: it waits for a timer that
// never fires, which the kernel cancels whenever the wall clock jumps
// (TFD_TIMER_CANCEL_ON_SET), as it does at resume. Whether it was a sleep or
// only a clock being set shows in the time that CLOCK_BOOTTIME counts and
// CLOCK_MONOTONIC does not.
package resume

import (
	"errors"
	"fmt"
	"math"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// jitter is the difference between two readings of the clocks that is no sleep.
const jitter = 100 * time.Millisecond

// Watcher waits for the system to wake up.
type Watcher struct {
	file  *os.File
	slept func() (time.Duration, error)
	fn    func(slept time.Duration)
	done  chan struct{}
}

// Watch starts a watcher. fn is called after each resume with how long the system
// slept, from a goroutine of the watcher, not after Close has returned; it must not
// call Close.
func Watch(fn func(slept time.Duration)) (*Watcher, error) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_REALTIME, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("resume: create timer: %w", err)
	}
	never := unix.ItimerSpec{Value: unix.Timespec{Sec: math.MaxInt32}}
	if err := unix.TimerfdSettime(fd, unix.TFD_TIMER_ABSTIME|unix.TFD_TIMER_CANCEL_ON_SET, &never, nil); err != nil {
		_ = unix.Close(fd)
		return nil, fmt.Errorf("resume: start timer: %w", err)
	}
	return watch(os.NewFile(uintptr(fd), "timer"), totalSleep, fn)
}

// watch is Watch on a given file and clock.
func watch(file *os.File, slept func() (time.Duration, error), fn func(time.Duration)) (*Watcher, error) {
	before, err := slept()
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	w := &Watcher{file: file, slept: slept, fn: fn, done: make(chan struct{})}
	go w.run(before)
	return w, nil
}

// Close ends the watch and waits for its goroutine.
func (w *Watcher) Close() error {
	err := w.file.Close()
	<-w.done
	return err
}

func (w *Watcher) run(before time.Duration) {
	defer close(w.done)
	b := make([]byte, 8)
	for {
		_, err := w.file.Read(b)
		if err != nil && !errors.Is(err, unix.ECANCELED) {
			return // closed
		}
		now, err := w.slept()
		if err != nil {
			return
		}
		if now-before > jitter {
			w.fn(now - before)
		}
		before = now
	}
}

// totalSleep is how long the system has slept since it was booted.
func totalSleep() (time.Duration, error) {
	var boot, mono unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &boot); err != nil {
		return 0, fmt.Errorf("resume: read clock: %w", err)
	}
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &mono); err != nil {
		return 0, fmt.Errorf("resume: read clock: %w", err)
	}
	return time.Duration(boot.Nano() - mono.Nano()), nil
}

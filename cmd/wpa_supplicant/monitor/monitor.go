// Package monitor has the runtime's monitor take its time.
//
// The runtime has a thread that looks whether a goroutine is stuck in a system call or
// runs for too long. It is woken by the first system call after a rest, and while
// anything runs it looks every 20 µs, which with the kernel's slack makes 70. Each look
// programs a timer and takes a processor away from whoever has it, the kernel's own
// threads and an access point on the same machine among them; and it hands the daemon's
// only processor to another thread whenever a system call takes that long, as all do in
// an emulated machine, where this was a tenth of a connection and a sixth of the
// daemon's processor time. What it finds is not that urgent: the daemon does one thing
// at a time, so a goroutine that waits for another's system call mostly waits for what
// that brings.
//
// So the timers of that one thread get as much slack as the runtime lets it sleep in
// the end, when nothing happens for a while. Setting it needs CAP_SYS_NICE; without, all
// stays as it was.
package monitor

import (
	"runtime"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// slack is how much later than asked the monitor may wake.
	slack = 10 * time.Millisecond
	// others is how many threads the daemon comes to need beside the first and the
	// monitor.
	others = 3
)

func init() {
	if tid := thread(); tid != 0 {
		relax(tid)
	}
}

// thread is the monitor's, or 0. The kernel lists threads as they were made, and the
// runtime makes this one first of all.
func thread() (tid int) {
	fd, err := unix.Open("/proc/self/task", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return 0
	}
	defer unix.Close(fd)
	b := make([]byte, 256)
	n, err := unix.ReadDirent(fd, b)
	if err != nil {
		return 0
	}
	if _, _, names := unix.ParseDirent(b[:n], 2, nil); len(names) == 2 {
		tid, _ = strconv.Atoi(names[1])
	}
	return tid
}

// makeThreads has the runtime make n threads, and keep them. Those that are missing
// later may be made by the monitor and inherit its slack, which is not meant for the
// daemon's own timers.
func makeThreads(n int) {
	var begun, ended sync.WaitGroup
	all := make(chan struct{})
	begun.Add(n)
	for range n {
		ended.Go(func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			begun.Done()
			<-all
		})
	}
	begun.Wait()
	close(all)
	ended.Wait()
}

// relax sets the slack of a thread's timers, once the other threads are there. Who may
// not set it may not read it.
func relax(tid int) {
	fd, err := unix.Open("/proc/"+strconv.Itoa(tid)+"/timerslack_ns", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return
	}
	defer unix.Close(fd)
	if _, err := unix.Read(fd, make([]byte, 32)); err != nil {
		return
	}
	makeThreads(others)
	_, _ = unix.Write(fd, strconv.AppendInt(nil, slack.Nanoseconds(), 10))
}

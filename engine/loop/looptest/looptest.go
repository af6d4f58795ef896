// Package looptest is the virtual-time twin of engine/loop: no goroutine, no
// clock. Advance drains the mailbox, jumps to the next deadline, and repeats,
// so that an hour of timers takes milliseconds and leaves the same trace each
// time. Worker jobs run inline, unless Late is set.
package looptest

import (
	"time"

	"gosupplicant/engine/loop"
)

// Loop implements loop.Loop. All methods belong to the test's goroutine.
type Loop struct {
	now     time.Time
	queue   loop.Queue
	posted  []func()
	running bool
	steps   int

	// Each is called after every function the loop ran, unless nil: the place to
	// check what must hold at any time.
	Each func()

	// Late makes a job of a worker wait until the present function is over, as
	// it does with a real worker.
	Late bool
}

// Start is the virtual time at which every Loop begins.
var Start = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)

// New makes a loop at Start.
func New() *Loop { return &Loop{now: Start} }

func (l *Loop) Now() time.Time { return l.now }

func (l *Loop) Post(f func()) bool { l.posted = append(l.posted, f); return true }

// Call runs f at once, and then everything it posted.
func (l *Loop) Call(f func()) bool {
	f()
	if !l.running {
		l.Drain()
	}
	return true
}

func (l *Loop) Soon(f func()) { l.posted = append(l.posted, f) }

func (l *Loop) After(d time.Duration, name string, f func()) *loop.Timer {
	return l.queue.Add(l.now.Add(max(d, 0)), name, f)
}

func (l *Loop) Timers() []loop.TimerInfo { return l.queue.List(l.now) }

func (l *Loop) NewWorker(string) loop.Worker { return worker{l} }

// NewHeavyWorker is NewWorker.
func (l *Loop) NewHeavyWorker(string) loop.Worker { return worker{l} }

type worker struct{ l *Loop }

func (w worker) Do(job, done func()) {
	run := func() {
		job()
		if done != nil {
			w.l.Soon(done)
		}
	}
	if w.l.Late {
		w.l.Soon(run)
		return
	}
	run()
}

func (w worker) Close() {}

// Drain runs what is posted and due, without moving the clock.
func (l *Loop) Drain() {
	l.running = true
	defer func() { l.running = false }()
	for {
		if len(l.posted) > 0 {
			f := l.posted[0]
			l.posted = l.posted[1:]
			f()
		} else if f := l.queue.Due(l.now); f != nil {
			f()
		} else {
			return
		}
		if l.Each != nil {
			l.Each()
		}
		if l.steps++; l.steps > 10_000_000 {
			panic("looptest: ten million steps: the engine spins")
		}
	}
}

// Advance moves the clock by d, running everything on the way.
func (l *Loop) Advance(d time.Duration) {
	l.Until(d, func() bool { return false })
}

// Until runs until cond holds (checked after each step at one instant), at most
// for d of virtual time, and reports whether it held.
func (l *Loop) Until(d time.Duration, cond func() bool) bool {
	end := l.now.Add(d)
	for {
		l.Drain()
		if cond() {
			return true
		}
		next, ok := l.queue.Next(l.now)
		if !ok || l.now.Add(next).After(end) {
			l.now = end
			l.Drain()
			return cond()
		}
		l.now = l.now.Add(next)
	}
}

// Idle reports whether nothing is posted and no timer is pending.
func (l *Loop) Idle() bool {
	_, ok := l.queue.Next(l.now)
	return !ok && len(l.posted) == 0
}

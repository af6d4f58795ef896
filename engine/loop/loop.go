package loop

import (
	"sync"
	"time"

	"gosupplicant/engine/stack"
)

// Loop is what the engine sees of either clock.
type Loop interface {
	// Now is the loop's time: constant during a turn.
	Now() time.Time
	// Post queues f from any goroutine. It never blocks; the order of posts from
	// one goroutine is kept. It reports false when the loop has stopped, and f
	// will then never run.
	Post(f func()) bool
	// Call posts f and waits until it has run. It must not be used on the loop.
	// It reports false when the loop stopped before f ran.
	Call(f func()) bool
	// Soon queues f from the loop itself: it runs after the present function
	// returns, before anything posted later.
	Soon(f func())
	// After runs f once d from now. Loop goroutine only.
	After(d time.Duration, name string, f func()) *Timer
	// NewWorker makes an ordered worker.
	NewWorker(name string) Worker
	// NewHeavyWorker makes one for jobs that compute for milliseconds: they do not
	// take the loop's processor, where the machine has another one.
	NewHeavyWorker(name string) Worker
	// Timers lists the pending timers in firing order, for inspection.
	Timers() []TimerInfo
}

// Worker runs jobs one after the other away from the loop.
type Worker interface {
	// Do queues job; when it has run, done (if not nil) runs on the loop.
	Do(job func(), done func())
	// Close lets queued jobs finish and then ends the worker.
	Close()
}

// TimerInfo describes a pending timer.
type TimerInfo struct {
	Name  string
	After time.Duration // until it fires; negative when overdue
}

// Real is the Loop over the machine's clock. Run owns the calling goroutine.
type Real struct {
	mu      sync.Mutex
	posted  []entry
	stopped bool
	wake    chan struct{} // capacity 1
	workers sync.WaitGroup
	heavy   processors

	// below: loop goroutine only
	queue Queue
	now   time.Time
	soon  []func()
	stop  bool
}

// New makes a loop; nothing runs before Run. The goroutine that calls it gets the
// room on its stack that Run will need there.
func New() *Real {
	stack.Grow()
	return &Real{wake: make(chan struct{}, 1), now: time.Now()}
}

func (l *Real) Now() time.Time { return l.now }

// entry is one posted function; ran, when not nil, learns whether it ran.
type entry struct {
	f   func()
	ran chan bool
}

func (l *Real) Post(f func()) bool { return l.put(entry{f: f}) }

func (l *Real) Call(f func()) bool {
	ran := make(chan bool, 1)
	return l.put(entry{f, ran}) && <-ran
}

func (l *Real) put(e entry) bool {
	l.mu.Lock()
	if l.stopped {
		l.mu.Unlock()
		return false
	}
	l.posted = append(l.posted, e)
	first := len(l.posted) == 1
	l.mu.Unlock()
	if first {
		select {
		case l.wake <- struct{}{}:
		default:
		}
	}
	return true
}

func (l *Real) Soon(f func()) { l.soon = append(l.soon, f) }

func (l *Real) After(d time.Duration, name string, f func()) *Timer {
	return l.queue.Add(l.now.Add(max(d, 0)), name, f)
}

func (l *Real) Timers() []TimerInfo { return l.queue.List(l.now) }

// Stop makes Run return after the present turn. Loop goroutine only; from
// elsewhere, Post it.
func (l *Real) Stop() { l.stop = true }

// Run runs the loop until Stop. Functions posted but not yet run are dropped,
// and callers waiting in Call are released. Workers are waited for by their
// owners' Close, not here.
func (l *Real) Run() {
	var idle *time.Timer
	for !l.stop {
		l.now = time.Now()
		l.turn()
		if l.stop {
			break
		}
		d, ok := l.queue.Next(time.Now())
		switch {
		case !ok:
			<-l.wake
		case d > 0:
			if idle == nil {
				idle = time.NewTimer(d)
			} else {
				idle.Reset(d)
			}
			select {
			case <-l.wake:
				idle.Stop()
			case <-idle.C:
			}
		}
	}
	l.mu.Lock()
	l.stopped = true
	rest := l.posted
	l.posted = nil
	l.mu.Unlock()
	for _, e := range rest {
		if e.ran != nil {
			e.ran <- false
		}
	}
}

// turn runs due timers and everything posted so far.
func (l *Real) turn() {
	for {
		t := l.queue.Due(l.now)
		if t == nil {
			break
		}
		t()
		l.drainSoon()
		if l.stop {
			return
		}
	}
	l.mu.Lock()
	batch := l.posted
	l.posted = nil
	l.mu.Unlock()
	for i, e := range batch {
		e.f()
		l.drainSoon()
		if e.ran != nil {
			e.ran <- true
		}
		if l.stop {
			l.mu.Lock()
			l.posted = append(batch[i+1:], l.posted...)
			l.mu.Unlock()
			return
		}
	}
}

func (l *Real) drainSoon() {
	for len(l.soon) > 0 {
		batch := l.soon
		l.soon = nil
		for _, f := range batch {
			f()
		}
	}
}

package loop

import (
	"runtime"
	"sync"

	"gosupplicant/engine/stack"
)

// NewWorker makes a worker; its goroutine lives only while there are jobs.
func (l *Real) NewWorker(name string) Worker { return &realWorker{loop: l, name: name} }

// NewHeavyWorker makes a worker whose jobs run beside the loop.
func (l *Real) NewHeavyWorker(name string) Worker {
	return &realWorker{loop: l, name: name, heavy: true}
}

// processors gives a process that contents itself with one processor a second one
// while there are heavy jobs.
type processors struct {
	mu    sync.Mutex
	jobs  int
	added bool
}

func (p *processors) begin() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.jobs++; p.jobs == 1 && runtime.NumCPU() > 1 && runtime.GOMAXPROCS(0) == 1 {
		runtime.GOMAXPROCS(2)
		p.added = true
	}
}

func (p *processors) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.jobs--; p.jobs == 0 && p.added {
		runtime.GOMAXPROCS(1)
		p.added = false
	}
}

type realWorker struct {
	loop  *Real
	name  string
	heavy bool

	mu      sync.Mutex
	jobs    []job
	running bool
	closed  bool
}

type job struct{ run, done func() }

func (w *realWorker) Do(run, done func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return
	}
	w.jobs = append(w.jobs, job{run, done})
	if !w.running {
		w.running = true
		w.loop.workers.Add(1)
		go w.work()
	}
}

func (w *realWorker) work() {
	defer w.loop.workers.Done()
	stack.Grow()
	if w.heavy {
		w.loop.heavy.begin()
		defer w.loop.heavy.end()
	}
	for {
		w.mu.Lock()
		if len(w.jobs) == 0 {
			w.running = false
			w.mu.Unlock()
			return
		}
		j := w.jobs[0]
		w.jobs = w.jobs[1:]
		w.mu.Unlock()
		j.run()
		if j.done != nil {
			w.loop.Post(j.done)
		}
	}
}

func (w *realWorker) Close() {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
}

// WaitWorkers waits until every job queued so far has run: used at exit, after
// Run has returned, so that devices are given back.
func (l *Real) WaitWorkers() { l.workers.Wait() }

package loop

import "sync"

// NewWorker makes a worker; its goroutine lives only while there are jobs.
func (l *Real) NewWorker(name string) Worker { return &realWorker{loop: l, name: name} }

type realWorker struct {
	loop *Real
	name string

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

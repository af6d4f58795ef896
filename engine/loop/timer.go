package loop

import (
	"container/heap"
	"sort"
	"time"
)

// Timer is a pending call. The nil Timer is stopped.
type Timer struct {
	at    time.Time
	seq   uint64
	name  string
	f     func()
	index int // in the heap, -1 when not pending
	queue *Queue
}

// Stop cancels the timer and reports whether it was pending.
func (t *Timer) Stop() bool {
	if t == nil || t.index < 0 {
		return false
	}
	heap.Remove(&t.queue.heap, t.index)
	t.f = nil
	return true
}

// Pending reports whether the timer has neither fired nor been stopped.
func (t *Timer) Pending() bool { return t != nil && t.index >= 0 }

// At is the deadline.
func (t *Timer) At() time.Time { return t.at }

// Queue holds timers in (deadline, creation) order. It is shared by the real
// loop and its virtual twin; the zero value is ready.
type Queue struct {
	heap timerHeap
	seq  uint64
}

// Add makes a timer.
func (q *Queue) Add(at time.Time, name string, f func()) *Timer {
	q.seq++
	t := &Timer{at: at, seq: q.seq, name: name, f: f, queue: q}
	heap.Push(&q.heap, t)
	return t
}

// Due removes the first timer whose deadline is not after now and returns its
// function, or nil.
func (q *Queue) Due(now time.Time) func() {
	if len(q.heap) == 0 || q.heap[0].at.After(now) {
		return nil
	}
	t := heap.Pop(&q.heap).(*Timer)
	f := t.f
	t.f = nil
	return f
}

// Next tells how long until the first deadline; ok is false without timers.
func (q *Queue) Next(now time.Time) (d time.Duration, ok bool) {
	if len(q.heap) == 0 {
		return 0, false
	}
	return q.heap[0].at.Sub(now), true
}

// List describes the pending timers in firing order.
func (q *Queue) List(now time.Time) []TimerInfo {
	ts := append(timerHeap(nil), q.heap...)
	sort.Slice(ts, func(i, j int) bool { return ts.before(i, j) })
	out := make([]TimerInfo, len(ts))
	for i, t := range ts {
		out[i] = TimerInfo{Name: t.name, After: t.at.Sub(now)}
	}
	return out
}

type timerHeap []*Timer

func (h timerHeap) before(i, j int) bool {
	if !h[i].at.Equal(h[j].at) {
		return h[i].at.Before(h[j].at)
	}
	return h[i].seq < h[j].seq
}

func (h timerHeap) Len() int           { return len(h) }
func (h timerHeap) Less(i, j int) bool { return h.before(i, j) }
func (h timerHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

func (h *timerHeap) Push(x any) {
	t := x.(*Timer)
	t.index = len(*h)
	*h = append(*h, t)
}

func (h *timerHeap) Pop() any {
	old := *h
	t := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	t.index = -1
	return t
}

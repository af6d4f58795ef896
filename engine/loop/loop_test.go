package loop_test

import (
	"runtime"
	"slices"
	"testing"
	"time"

	"gosupplicant/engine/loop"
	"gosupplicant/engine/loop/looptest"
)

func TestTimersFireInDeadlineThenCreationOrder(t *testing.T) {
	l := looptest.New()
	var got []string
	add := func(d time.Duration, n string) *loop.Timer {
		return l.After(d, n, func() { got = append(got, n) })
	}
	add(2*time.Second, "c")
	add(time.Second, "a")
	stopped := add(time.Second, "x")
	add(time.Second, "b")
	if !stopped.Stop() || stopped.Stop() || stopped.Pending() {
		t.Fatal("Stop must report true once")
	}
	var names []string
	for _, ti := range l.Timers() {
		names = append(names, ti.Name)
	}
	want := []string{"a", "b", "c"}
	if !slices.Equal(names, want) {
		t.Fatalf("listed %v, want %v", names, want)
	}
	l.Advance(3 * time.Second)
	if !slices.Equal(got, want) {
		t.Fatalf("fired %v, want %v", got, want)
	}
	if !l.Idle() || l.Now() != looptest.Start.Add(3*time.Second) {
		t.Fatal("loop not idle at the end of the advance")
	}
}

func TestRealRunsPostsInOrderAndReleasesCallers(t *testing.T) {
	l := loop.New()
	done := make(chan struct{})
	go func() { l.Run(); close(done) }()
	var got []int
	for i := range 1000 {
		l.Post(func() { got = append(got, i) })
	}
	fired := make(chan time.Duration, 1)
	l.Call(func() {
		start := l.Now()
		l.After(5*time.Millisecond, "t", func() { fired <- l.Now().Sub(start) })
	})
	if d := <-fired; d < 5*time.Millisecond {
		t.Errorf("timer fired after %v", d)
	}
	if !slices.IsSorted(got) || len(got) != 1000 {
		t.Fatalf("%d posts ran, sorted %v", len(got), slices.IsSorted(got))
	}
	w := l.NewWorker("w")
	order := make(chan string, 6)
	for _, n := range []string{"1", "2", "3"} {
		w.Do(func() { order <- "job" + n }, func() { order <- "done" + n })
	}
	var jobs, dones []string
	for range 6 {
		if s := <-order; s[0] == 'j' {
			jobs = append(jobs, s)
		} else {
			dones = append(dones, s)
		}
	}
	if !slices.Equal(jobs, []string{"job1", "job2", "job3"}) || !slices.Equal(dones, []string{"done1", "done2", "done3"}) {
		t.Fatalf("worker order %v %v", jobs, dones)
	}
	released := make(chan bool)
	l.Post(func() {
		l.Stop()
		l.Soon(func() {})
	})
	go func() { released <- l.Call(func() {}) }()
	<-done
	<-released
	if l.Post(func() {}) || l.Call(func() {}) {
		t.Fatal("a stopped loop must refuse work")
	}
	l.WaitWorkers()
}

func TestSoonRunsBeforeLaterPosts(t *testing.T) {
	l := loop.New()
	var got []string
	l.Post(func() { l.Soon(func() { got = append(got, "soon") }) })
	l.Post(func() { got = append(got, "post"); l.Stop() })
	l.Run()
	if !slices.Equal(got, []string{"soon", "post"}) {
		t.Fatalf("order %v", got)
	}
}

// TestHeavyWorker: a process with one processor has two while a heavy job runs.
func TestHeavyWorker(t *testing.T) {
	if runtime.NumCPU() == 1 {
		t.Log("this machine has one processor: none can be added")
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	l := loop.New()
	w := l.NewHeavyWorker("heavy")
	var during int
	w.Do(func() { during = runtime.GOMAXPROCS(0) }, l.Stop)
	l.Run()
	l.WaitWorkers()
	if want := min(2, runtime.NumCPU()); during != want {
		t.Errorf("%d processors during the job, want %d", during, want)
	}
	if n := runtime.GOMAXPROCS(0); n != 1 {
		t.Errorf("%d processors afterwards", n)
	}
}

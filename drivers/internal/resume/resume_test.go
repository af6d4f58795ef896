package resume

import (
	"os"
	"testing"
	"time"
)

// TestRun lets a pipe stand for the timer: each byte is a jump of the clock.
func TestRun(t *testing.T) {
	r, jump, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer jump.Close()
	readings := make(chan time.Duration, 8)
	for _, d := range []time.Duration{time.Hour, time.Hour + jitter/2, time.Hour + time.Minute, time.Hour + time.Minute} {
		readings <- d
	}
	asked := make(chan struct{}, 8)
	sleeps := make(chan time.Duration, 8)
	w, err := watch(r, func() (time.Duration, error) { asked <- struct{}{}; return <-readings, nil },
		func(d time.Duration) { sleeps <- d })
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		<-asked
		if _, err := jump.Write([]byte{1}); err != nil {
			t.Fatal(err)
		}
	}
	<-asked
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	close(sleeps)
	var got []time.Duration
	for d := range sleeps {
		got = append(got, d)
	}
	if len(got) != 1 || got[0] != time.Minute-jitter/2 {
		t.Errorf("sleeps %v", got)
	}
}

func TestWatchReal(t *testing.T) {
	w, err := Watch(func(d time.Duration) { t.Errorf("slept %v", d) })
	if err != nil {
		t.Fatal(err)
	}
	closed := make(chan error, 1)
	go func() { closed <- w.Close() }()
	select {
	case err := <-closed:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("Close does not return")
	}
}

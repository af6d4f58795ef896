package stack

import (
	"runtime"
	"testing"
)

//go:noinline
func deep(n int) int {
	var pad [128]byte
	if n == 0 {
		return int(pad[0])
	}
	pad[n%len(pad)] = byte(n)
	return deep(n-1) + int(pad[(n+1)%len(pad)])
}

// TestGrow: after it, going deep takes no more stack from the runtime.
func TestGrow(t *testing.T) {
	const goroutines = 64
	inUse := func(grow bool) (before, after uint64) {
		var m runtime.MemStats
		ready, dive, done, end := make(chan bool), make(chan bool), make(chan bool), make(chan bool)
		for range goroutines {
			go func() {
				if grow {
					Grow()
				}
				ready <- true
				<-dive
				deep(50)
				done <- true
				<-end
			}()
		}
		for range goroutines {
			<-ready
		}
		runtime.ReadMemStats(&m)
		before = m.StackInuse
		close(dive)
		for range goroutines {
			<-done
		}
		runtime.ReadMemStats(&m)
		close(end)
		return before, m.StackInuse
	}
	if before, after := inUse(false); after-before < goroutines*8<<10 {
		t.Fatalf("without it: %d bytes, then %d: this test shows nothing", before, after)
	}
	if before, after := inUse(true); after-before > goroutines<<10 {
		t.Errorf("%d bytes of stacks, then %d", before, after)
	}
}

package engine_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// The campaign: scenarios made from seeds, each an interface on a simulated air
// that suffers random faults while users give random commands, all in virtual
// time. campaign_checks_test.go says what must hold after every step of the
// loop, campaign_faults_test.go what can happen.
//
//	go test ./engine -run Campaign                 a few hundred scenarios
//	CAMPAIGN=12000 go test ./engine -run Campaign  as many as that
//	go test ./engine -run Campaign -seed 17        one of them, with its trace
//
// CAMPAIGN_FIRST is the seed to begin with, else 1.

var oneSeed = flag.Uint64("seed", 0, "run only this scenario of the campaign and print its trace")

// campaignDefault is the number of scenarios of an ordinary test run.
const campaignDefault = 200

// fromEnv reads a number of at least 1.
func fromEnv(t *testing.T, name string, otherwise uint64) uint64 {
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil || n < 1 {
		t.Fatalf("%s=%q: want a number", name, text)
	}
	return n
}

func TestCampaign(t *testing.T) {
	if *oneSeed != 0 {
		s := runScenario(*oneSeed, scratch(t, 0), true)
		t.Logf("seed %d, %s:\n%s", s.seed, s.kind.name, strings.Join(s.trace, "\n"))
		if s.err != nil {
			t.Fatalf("seed %d: %v", s.seed, s.err)
		}
		return
	}
	first := fromEnv(t, "CAMPAIGN_FIRST", 1)
	last := first + fromEnv(t, "CAMPAIGN", campaignDefault) - 1
	var next atomic.Uint64
	next.Store(first - 1)
	var all tally
	var wg sync.WaitGroup
	for w := range runtime.GOMAXPROCS(0) {
		conf := scratch(t, w)
		wg.Go(func() {
			for {
				seed := next.Add(1)
				if seed > last || all.enough() {
					return
				}
				all.add(runScenario(seed, conf, false))
			}
		})
	}
	wg.Wait()
	for _, seed := range all.failed {
		s := runScenario(seed, scratch(t, 0), true)
		t.Errorf("seed %d, %s: %v\n%s\nreplay: go test ./engine -run Campaign -seed %d", seed, s.kind.name, s.err, tail(s.trace, 80), seed)
	}
	t.Logf("%d scenarios: %d connections, %d frames of which %d were tampered with, %d acts, %d keys, %d steps checked",
		all.scenarios, all.connections, all.frames, all.tampered, all.acts, all.keys, all.steps)
	if all.connections < all.scenarios-len(all.failed) || all.tampered == 0 {
		t.Error("the campaign did not exercise what it should")
	}
}

// tally sums scenarios up.
type tally struct {
	mu     sync.Mutex
	failed []uint64
	totals
	scenarios int
}

// totals counts what a scenario did.
type totals struct{ connections, frames, tampered, acts, keys, steps int }

func (t *tally) enough() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.failed) >= 5
}

func (t *tally) add(s *scenario) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.scenarios++
	t.connections += s.connections
	t.frames += s.frames
	t.tampered += s.tampered
	t.acts += s.acts
	t.keys += s.keys
	t.steps += s.steps
	if s.err != nil {
		t.failed = append(t.failed, s.seed)
	}
}

// scratch names the configuration file of one worker.
func scratch(t *testing.T, worker int) string {
	return filepath.Join(t.TempDir(), fmt.Sprintf("campaign%d.conf", worker))
}

func tail(lines []string, n int) string {
	if len(lines) > n {
		lines = append([]string{fmt.Sprintf("… %d lines before", len(lines)-n)}, lines[len(lines)-n:]...)
	}
	return strings.Join(lines, "\n")
}

// TestCampaignReplays proves that a seed leads to the same trace each time.
func TestCampaignReplays(t *testing.T) {
	for seed := uint64(1); seed <= 12; seed++ {
		conf := scratch(t, 0)
		one, two := runScenario(seed, conf, true), runScenario(seed, conf, true)
		if len(one.trace) < 20 {
			t.Errorf("seed %d: a trace of %d lines", seed, len(one.trace))
		}
		for k := range min(len(one.trace), len(two.trace)) {
			if one.trace[k] != two.trace[k] {
				t.Fatalf("seed %d differs in line %d:\n%s\n%s", seed, k, one.trace[k], two.trace[k])
			}
		}
		if len(one.trace) != len(two.trace) {
			t.Errorf("seed %d: %d and %d lines", seed, len(one.trace), len(two.trace))
		}
	}
}

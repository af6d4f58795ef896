package main

import (
	"strings"
	"testing"
	"time"

	"gosupplicant/cmd/wpa_supplicant/bench/figures"
)

// TestTable prints three programs, of which one cannot do everything.
func TestTable(t *testing.T) {
	const iwd = figures.Theirs + 1
	tab := table{air: silence{}, contestants: []contestant{{"ours", nil, nil}, {"theirs", nil, goal}, {"iwd", nil, iwdGoal}}}
	from := time.Unix(1000, 0)
	span := func(name string, who int, from, to time.Time) {
		if err := tab.addSpan(name, who, from, to); err != nil {
			t.Fatal(err)
		}
	}
	for who, ms := range map[int]int{figures.Ours: 10, figures.Theirs: 100, iwd: 5} {
		span("SAE cold", who, from, from.Add(time.Duration(ms)*time.Millisecond))
	}
	span("SAE roam", figures.Ours, from, from.Add(time.Millisecond))
	span("SAE roam", figures.Theirs, from, from.Add(time.Millisecond))
	for range 2 {
		tab.leaveOut(iwd, "SAE roam", "it has no command for it")
	}
	tab.figures.Add("SAE RSS (MiB)", figures.Ours, 12)
	tab.figures.Add("SAE RSS (MiB)", figures.Theirs, 10)
	tab.figures.Add("SAE RSS (MiB)", iwd, 6)
	var b strings.Builder
	if err := tab.print(&b); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"situation (ms) ours p95 theirs p95 ours/theirs goal iwd p95 ours/iwd goal",
		"SAE cold 10.0 10.0 100.0 100.0 0.100 ≤ 0.35 met 5.0 5.0 2.000 ≤ 1.00 MISSED",
		"SAE roam 1.0 1.0 1.0 1.0 1.000 ≤ 0.80 MISSED - - -",
		"SAE RSS (MiB) 12.0 12.0 10.0 10.0 1.200 6.0 6.0 2.000",
		"left out: SAE roam with iwd: it has no command for it",
		"",
		"where the time goes (median ms) before auth (AP) assoc (AP) keys (AP) after",
		"SAE cold ours 0.0 0.0 0.0 0.0 0.0 0.0 0.0 10.0",
		"SAE cold theirs 0.0 0.0 0.0 0.0 0.0 0.0 0.0 100.0",
		"SAE cold iwd 0.0 0.0 0.0 0.0 0.0 0.0 0.0 5.0",
		"SAE roam ours 0.0 0.0 0.0 0.0 0.0 0.0 0.0 1.0",
		"SAE roam theirs 0.0 0.0 0.0 0.0 0.0 0.0 0.0 1.0",
	}
	lines := strings.Split(strings.TrimRight(b.String(), "\n"), "\n")
	if len(lines) != len(want) {
		t.Fatalf("printed:\n%s", &b)
	}
	for k, l := range lines {
		if got := strings.Join(strings.Fields(l), " "); got != want[k] {
			t.Errorf("line %d: %q, want %q", k, got, want[k])
		}
	}
}

// silence is an air on which nothing is heard.
type silence struct{}

func (silence) take() ([]heard, error) { return nil, nil }

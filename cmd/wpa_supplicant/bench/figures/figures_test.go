package figures

import (
	"os"
	"strings"
	"testing"
	"time"
)

func TestTable(t *testing.T) {
	var tab Table
	for k := range 20 {
		tab.Add("fast", Ours, float64(k+1))
		tab.Add("fast", Theirs, 100)
		tab.Add("slow", Ours, 9)
		tab.Add("slow", Theirs, 3)
		tab.Add("shown", Ours, 1)
		tab.Add("shown", Theirs, 2)
	}
	tab.Add("alone", Ours, 5)
	theirs := Rival{"theirs", func(name string) float64 { return map[string]float64{"fast": 0.2, "slow": 1, "alone": 1}[name] }}
	expectPrinted(t, &tab, []Rival{theirs}, []string{
		"situation (ms) ours p95 theirs p95 ours/theirs goal",
		"fast 11.0 20.0 100.0 100.0 0.110 ≤ 0.20 met",
		"slow 9.0 9.0 3.0 3.0 3.000 ≤ 1.00 MISSED",
		"shown 1.0 1.0 2.0 2.0 0.500",
		"alone 5.0 5.0 - - - ≤ 1.00 MISSED",
	})
	tab.Add("fast", Theirs+1, 10)
	tab.Add("slow", Theirs+1, 10)
	other := Rival{"other", func(name string) float64 { return map[string]float64{"fast": 1, "slow": 1}[name] }}
	expectPrinted(t, &tab, []Rival{theirs, other}, []string{
		"situation (ms) ours p95 theirs p95 ours/theirs goal other p95 ours/other goal",
		"fast 11.0 20.0 100.0 100.0 0.110 ≤ 0.20 met 10.0 10.0 1.100 ≤ 1.00 MISSED",
		"slow 9.0 9.0 3.0 3.0 3.000 ≤ 1.00 MISSED 10.0 10.0 0.900 ≤ 1.00 met",
		"shown 1.0 1.0 2.0 2.0 0.500 - - -",
		"alone 5.0 5.0 - - - ≤ 1.00 MISSED - - -",
	})
}

// expectPrinted compares a table's words, whatever their distances.
func expectPrinted(t *testing.T, tab *Table, rivals []Rival, want []string) {
	t.Helper()
	var b strings.Builder
	if err := tab.Print(&b, rivals...); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if len(lines) != len(want) {
		t.Fatalf("printed:\n%s", &b)
	}
	for k, l := range lines {
		if got := strings.Join(strings.Fields(l), " "); got != want[k] {
			t.Errorf("line %d: %q, want %q", k, got, want[k])
		}
	}
}

func TestCPU(t *testing.T) {
	before, err := CPU(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	for begun := time.Now(); time.Since(begun) < 30*time.Millisecond; {
	}
	after, err := CPU(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if after <= before {
		t.Errorf("processor time went from %v to %v ms", before, after)
	}
	if _, err := CPU(-1); err == nil {
		t.Error("a process that does not exist has run")
	}
}

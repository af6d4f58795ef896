// Command bench measures the daemon beside Debian's wpa_supplicant, in one run
// and in turns, and prints each figure with its ratio (below 1.0 is better for
// times, processor time and memory; above 1.0 for rates).
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"text/tabwriter"
)

func main() {
	bin := flag.String("bin", "build", "folder of our programs")
	theirs := flag.String("theirs", "/sbin/wpa_supplicant", "the program to compare with")
	rounds := flag.Int("rounds", 5, "rounds, the two programs in turns")
	flag.Parse()
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	if err := run(ctx, *bin, *theirs, *rounds); err != nil {
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		os.Exit(1)
	}
}

// figure is one thing measured, over the rounds.
type figure struct {
	name, unit string
	rate       bool // more is better
	values     [2][]float64
}

// table collects figures in order of first appearance.
type table struct{ figures []*figure }

// add notes a value of program who (0 ours, 1 theirs).
func (t *table) add(who int, name, unit string, rate bool, v float64) {
	for _, f := range t.figures {
		if f.name == name {
			f.values[who] = append(f.values[who], v)
			return
		}
	}
	f := &figure{name: name, unit: unit, rate: rate}
	f.values[who] = append(f.values[who], v)
	t.figures = append(t.figures, f)
}

func median(v []float64) float64 {
	s := slices.Sorted(slices.Values(v))
	if len(s) == 0 {
		return 0
	}
	return s[len(s)/2]
}

func (t *table) print() {
	w := tabwriter.NewWriter(os.Stdout, 2, 8, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "figure (median)\tours\ttheirs\tunit\tratio\tgoal\t")
	for _, f := range t.figures {
		ours, theirs := median(f.values[0]), median(f.values[1])
		if len(f.values[1]) == 0 {
			fmt.Fprintf(w, "%s\t%.4g\t-\t%s\t\t\t\n", f.name, ours, f.unit)
			continue
		}
		ratio, goal := ours/theirs, "≤ 1"
		met := ratio <= 1
		if f.rate {
			goal, met = "≥ 1", ratio >= 1
		}
		mark := "met"
		if !met {
			mark = "MISSED"
		}
		fmt.Fprintf(w, "%s\t%.4g\t%.4g\t%s\t%.2f\t%s %s\t\n", f.name, ours, theirs, f.unit, ratio, goal, mark)
	}
	w.Flush()
}

func run(ctx context.Context, bin, theirs string, rounds int) error {
	programs := [2]string{filepath.Join(bin, "wpa_supplicant"), theirs}
	for _, p := range programs {
		if _, err := os.Stat(p); err != nil {
			return err
		}
	}
	var t table
	for r := range rounds {
		for k := range 2 {
			who := (r + k) % 2
			if err := measure(ctx, &t, who, programs[who]); err != nil {
				return fmt.Errorf("%s: %w", programs[who], err)
			}
		}
	}
	fmt.Printf("Ours: %s   Theirs: %s   %d rounds in turns, driver none\n\n", programs[0], programs[1], rounds)
	t.print()
	fmt.Println("\nThe simulated air in one process (no counterpart): scans of 5,000 BSSs")
	return benchBSS()
}

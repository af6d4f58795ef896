// Package figures collects what a benchmark of our program and its rivals
// measured, in turns, and prints medians, 95th percentiles and the ratios of ours
// to each rival beside a goal. Commands below bench use it.
package figures

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// Who was measured: ours, then the rivals in the order in which Print is given
// them. Each benchmark has Debian's wpa_supplicant as the first.
const (
	Ours = iota
	Theirs
)

// Rival is a program that ours is compared with. The goal of a figure is the ratio
// of ours to it not to go above, and 0 when it has none; a figure that ours or the
// rival has no value of misses it.
type Rival struct {
	Name string
	Goal func(figure string) float64
}

// figure is what was measured in one situation, by program.
type figure struct {
	name   string
	values map[int][]float64
}

// Table collects figures in order of first appearance.
type Table struct{ figures []*figure }

// Add notes a value of program who.
func (t *Table) Add(name string, who int, v float64) {
	k := slices.IndexFunc(t.figures, func(f *figure) bool { return f.name == name })
	if k < 0 {
		k = len(t.figures)
		t.figures = append(t.figures, &figure{name, map[int][]float64{}})
	}
	f := t.figures[k]
	f.values[who] = append(f.values[who], v)
}

// At is the value below which a share of the values lies.
func At(v []float64, share float64) float64 {
	if len(v) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(v))
	return s[min(int(share*float64(len(s))), len(s)-1)]
}

// Print writes the table, with four columns for each rival.
func (t *Table) Print(to io.Writer, rivals ...Rival) error {
	w := tabwriter.NewWriter(to, 2, 8, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "situation (ms)\tours\tp95\t")
	for _, r := range rivals {
		fmt.Fprintf(w, "%s\tp95\tours/%[1]s\tgoal\t", r.Name)
	}
	fmt.Fprintln(w)
	for _, f := range t.figures {
		ours := f.values[Ours]
		fmt.Fprintf(w, "%s\t%s\t", f.name, pair(ours))
		for k, r := range rivals {
			its := f.values[Ours+1+k]
			fmt.Fprintf(w, "%s\t%s\t%s\t", pair(its), ratio(ours, its), verdict(ours, its, r.Goal(f.name)))
		}
		fmt.Fprintln(w)
	}
	return w.Flush()
}

// pair is a median and a 95th percentile.
func pair(v []float64) string {
	if len(v) == 0 {
		return "-\t-"
	}
	return fmt.Sprintf("%.1f\t%.1f", At(v, 0.5), At(v, 0.95))
}

func ratio(ours, its []float64) string {
	if len(ours) == 0 || len(its) == 0 {
		return "-"
	}
	return fmt.Sprintf("%.3f", At(ours, 0.5)/At(its, 0.5))
}

func verdict(ours, its []float64, goal float64) string {
	switch {
	case goal == 0:
		return ""
	case len(ours) == 0 || len(its) == 0 || At(ours, 0.5) > goal*At(its, 0.5):
		return fmt.Sprintf("≤ %.2f MISSED", goal)
	}
	return fmt.Sprintf("≤ %.2f met", goal)
}

// CPU is what the threads of a process have run, in ms. Threads that ended are
// lost; no program ends any while it is measured.
func CPU(pid int) (float64, error) {
	dir := fmt.Sprintf("/proc/%d/task", pid)
	tasks, err := os.ReadDir(dir)
	if err != nil {
		return 0, err
	}
	var sum float64
	for _, task := range tasks {
		b, err := os.ReadFile(filepath.Join(dir, task.Name(), "schedstat"))
		if err != nil {
			return 0, err
		}
		ns, _, _ := strings.Cut(string(b), " ")
		n, err := strconv.ParseFloat(ns, 64)
		if err != nil {
			return 0, fmt.Errorf("%s of thread %s: %w", "schedstat", task.Name(), err)
		}
		sum += n / 1e6
	}
	return sum, nil
}

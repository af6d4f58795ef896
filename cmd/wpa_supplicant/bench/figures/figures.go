// Package figures collects what a benchmark of two programs measured, in turns,
// and prints medians, 95th percentiles and their ratios beside a goal. Commands
// below bench use it.
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

// The two programs.
const (
	Ours = iota
	Theirs
)

// figure is what was measured in one situation, ours and theirs.
type figure struct {
	name   string
	values [2][]float64
}

// Table collects figures in order of first appearance.
type Table struct{ figures []*figure }

// Add notes a value of program who.
func (t *Table) Add(name string, who int, v float64) {
	k := slices.IndexFunc(t.figures, func(f *figure) bool { return f.name == name })
	if k < 0 {
		k = len(t.figures)
		t.figures = append(t.figures, &figure{name: name})
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

// Print writes the table. The goal of a figure is the ratio not to go above, and
// 0 when it has none; a figure that one program has no value of misses it.
func (t *Table) Print(to io.Writer, goal func(name string) float64) error {
	w := tabwriter.NewWriter(to, 2, 8, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "situation (ms)\tours\tp95\ttheirs\tp95\tratio\tgoal\t")
	for _, f := range t.figures {
		o, th := f.values[Ours], f.values[Theirs]
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", f.name, pair(o), pair(th), ratio(o, th), verdict(o, th, goal(f.name)))
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

func ratio(ours, theirs []float64) string {
	if len(ours) == 0 || len(theirs) == 0 {
		return "-"
	}
	return fmt.Sprintf("%.3f", At(ours, 0.5)/At(theirs, 0.5))
}

func verdict(ours, theirs []float64, goal float64) string {
	switch {
	case goal == 0:
		return "\t"
	case len(ours) == 0 || len(theirs) == 0 || At(ours, 0.5) > goal*At(theirs, 0.5):
		return fmt.Sprintf("≤ %.2f MISSED\t", goal)
	}
	return fmt.Sprintf("≤ %.2f met\t", goal)
}

// CPU is what the threads of a process have run, in ms. Threads that ended are
// lost; neither program ends any while it is measured.
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

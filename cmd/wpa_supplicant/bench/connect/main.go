// Command connect measures, in a machine with simulated radios, how long two
// supplicants take to connect in several situations, in turns, and prints
// medians, 95th percentiles and ratios. It is run by `make bench` inside the
// virtual machine:
//
//	connect -ours build/wpa_supplicant -theirs /sbin/wpa_supplicant
//
// It needs interfaces wlan0 and wlan1 (access points of one network) and wlan2
// (the station), hostapd and hostapd_cli.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"text/tabwriter"
	"time"
)

func main() {
	ours := flag.String("ours", "build/wpa_supplicant", "our program")
	theirs := flag.String("theirs", "/sbin/wpa_supplicant", "the program to compare with")
	rounds := flag.Int("rounds", 5, "rounds, in turns")
	only := flag.String("only", "", "situations to measure, with commas between; all of them when empty")
	flag.Parse()
	if err := run(*ours, *theirs, *rounds, *only); err != nil {
		fmt.Fprintf(os.Stderr, "connect: %v\n", err)
		os.Exit(1)
	}
}

// goal is the ratio to reach in a situation.
var goals = map[string]float64{
	"cold": 0.35, "deauth": 0.05, "deauth at once": 1, "old results": 0.05, "AP restart": 0.05, "roam": 0.8, "daemon CPU": 1,
}

func goal(security, what string) float64 {
	if what == "fresh results" {
		if security == "SAE" {
			return 0.9
		}
		return 0.6
	}
	return goals[what]
}

// figure is what was measured in one situation: times in ms, ours and theirs.
type figure struct {
	security, what string
	values         [2][]float64
}

type table struct {
	figures []*figure
	phases  phaseTable
	air     *monitor
	only    string
}

func (t *table) add(security, what string, who int, v float64) {
	for _, f := range t.figures {
		if f.security == security && f.what == what {
			f.values[who] = append(f.values[who], v)
			return
		}
	}
	f := &figure{security: security, what: what}
	f.values[who] = append(f.values[who], v)
	t.figures = append(t.figures, f)
}

// at is the value below which a share of the sorted values lies.
func at(v []float64, share float64) float64 {
	if len(v) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(v))
	return s[min(int(share*float64(len(s))), len(s)-1)]
}

func (t *table) print() {
	w := tabwriter.NewWriter(os.Stdout, 2, 8, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "situation (ms)\tours\tp95\ttheirs\tp95\tratio\tgoal\t")
	for _, f := range t.figures {
		o, th := at(f.values[0], 0.5), at(f.values[1], 0.5)
		mark := "met"
		g := goal(f.security, f.what)
		if len(f.values[0]) == 0 || len(f.values[1]) == 0 || o > g*th {
			mark = "MISSED"
		}
		goalText := fmt.Sprintf("≤ %.2f %s", g, mark)
		if g == 0 {
			goalText = ""
		}
		fmt.Fprintf(w, "%s %s\t%.1f\t%.1f\t%.1f\t%.1f\t%.3f\t%s\t\n", f.security, f.what, o, at(f.values[0], 0.95), th, at(f.values[1], 0.95), o/th, goalText)
	}
	w.Flush()
	fmt.Println()
	t.phases.print()
}

// warm has a program and its libraries read from disk, so that the first round
// does not measure that.
func warm(program string) error {
	if err := exec.Command(program, "-v").Run(); err != nil {
		return fmt.Errorf("%s -v: %w", program, err)
	}
	return nil
}

func run(ours, theirs string, rounds int, only string) error {
	programs := [2]string{ours, theirs}
	air, err := startMonitor()
	if err != nil {
		return err
	}
	t := table{air: air, only: only}
	for _, p := range programs {
		if err := warm(p); err != nil {
			return err
		}
	}
	for _, sec := range securities {
		aps, err := startAPs(sec)
		if err != nil {
			return err
		}
		for r := range rounds {
			for k := range 2 {
				who := (r + k) % 2
				begun := time.Now()
				if err := measure(&t, who, programs[who], sec, aps); err != nil {
					fmt.Printf("%s, %s, round %d: %v\n", sec.name, programs[who], r, err)
				}
				fmt.Fprintf(os.Stderr, "%s %s round %d: %v\n", sec.name, programs[who], r, time.Since(begun).Round(time.Millisecond))
			}
		}
		aps.stop()
	}
	fmt.Printf("\nConnecting in the virtual machine, %d rounds in turns; theirs is %s\n\n", rounds, theirs)
	t.print()
	return nil
}

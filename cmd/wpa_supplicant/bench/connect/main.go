// Command connect measures, in a machine with simulated radios, how long two
// supplicants take to connect in several situations, in turns, and prints
// medians, 95th percentiles, ratios and where the time of each goes, as the frames
// on the air tell. It is run by `make bench` inside the
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
	"strings"
	"time"

	"gosupplicant/cmd/wpa_supplicant/bench/figures"
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

// goals are the ratios to reach in a situation.
var goals = map[string]float64{
	"cold": 0.35, "daemon CPU": 1, "deauth": 0.05, "AP restart": 0.05, "old results": 0.05, "roam": 0.8,
	"deauth beside another AP": 1, "fresh results again": 1,
}

func goal(name string) float64 {
	security, what, _ := strings.Cut(name, " ")
	if what == "fresh results" {
		if security == "SAE" {
			return 0.9
		}
		return 0.6
	}
	return goals[what]
}

// table is what was measured, with the phases of each situation.
type table struct {
	figures figures.Table
	phases  phaseTable
	air     *monitor
	only    string
}

func (t *table) add(security, what string, who int, v float64) {
	t.figures.Add(security+" "+what, who, v)
}

func (t *table) print() error {
	if err := t.figures.Print(os.Stdout, figures.Rival{Name: "theirs", Goal: goal}); err != nil {
		return err
	}
	fmt.Println()
	return t.phases.print()
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
	return t.print()
}

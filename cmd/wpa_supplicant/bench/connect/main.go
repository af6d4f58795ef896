// Command connect measures, in a machine with simulated radios, how long our
// supplicant, Debian's and iwd take to connect in several situations, in turns, and
// prints medians, 95th percentiles, ratios and where the time of each goes, as the
// frames on the air tell. It is run by `make bench` inside the virtual machine:
//
//	connect -ours build/wpa_supplicant -theirs /sbin/wpa_supplicant -iwd /usr/libexec/iwd
//
// It needs interfaces wlan0 and wlan1 (access points of one network) and wlan2
// (the station), hostapd, hostapd_cli and iw; for iwd also dbus-daemon and modprobe.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"gosupplicant/cmd/wpa_supplicant/bench/figures"
)

func main() {
	ours := flag.String("ours", "build/wpa_supplicant", "our program")
	theirs := flag.String("theirs", "/sbin/wpa_supplicant", "the program to compare with")
	iwdPath := flag.String("iwd", "/usr/libexec/iwd", "the iwd to compare with; none when empty")
	rounds := flag.Int("rounds", 5, "rounds, in turns")
	only := flag.String("only", "", "situations to measure, with commas between; all of them when empty")
	flag.Parse()
	t := table{only: *only}
	if err := t.run([]string{*ours, *theirs, *iwdPath}, *rounds); err != nil {
		fmt.Fprintf(os.Stderr, "connect: %v\n", err)
		os.Exit(1)
	}
}

// goals are the ratios to reach in a situation.
var goals = map[string]float64{
	"cold": 0.35, "daemon CPU": 1, "deauth": 0.05, "AP restart": 0.05, "old results": 0.05, roaming: 0.8, roamingAgain: 0.8,
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

// iwdGoal is never to be slower. That of processor time is theirs: iwd has the kernel
// calculate and no start of a runtime to pay, and needs about as much as ours.
func iwdGoal(name string) float64 {
	if strings.Contains(name, "RSS") || strings.Contains(name, "CPU") {
		return 0
	}
	return 1
}

// contestant is a program under its name in the tables, with the ratios that ours
// is to reach beside it.
type contestant struct {
	label   string
	program program
	goal    func(name string) float64
}

// table is what was measured, with the phases of each situation.
type table struct {
	contestants []contestant // ours first
	only        string
	air         interface{ take() ([]heard, error) }
	figures     figures.Table
	phases      phaseTable
	left        []leftOut
}

// leftOut is a situation that a program is not able to run.
type leftOut struct {
	who  int
	name string
	why  cannot
}

// addSpan notes a connection and where its time went.
func (t *table) addSpan(name string, who int, from, to time.Time) error {
	frames, err := t.air.take()
	if err != nil {
		return err
	}
	t.figures.Add(name, who, float64(to.Sub(from))/float64(time.Millisecond))
	t.phases.add(name, who, phasesOf(frames, from, to))
	return nil
}

// leaveOut notes a situation that was left out, once.
func (t *table) leaveOut(who int, name string, why cannot) {
	if l := (leftOut{who, name, why}); !slices.Contains(t.left, l) {
		t.left = append(t.left, l)
	}
}

// goalOf is the goal beside program who: none in what it is not able to run.
func (t *table) goalOf(who int) func(name string) float64 {
	return func(name string) float64 {
		if slices.ContainsFunc(t.left, func(l leftOut) bool { return l.who == who && l.name == name }) {
			return 0
		}
		return t.contestants[who].goal(name)
	}
}

func (t *table) print(to io.Writer) error {
	var rivals []figures.Rival
	var labels []string
	for who, c := range t.contestants {
		labels = append(labels, c.label)
		if who != figures.Ours {
			rivals = append(rivals, figures.Rival{Name: c.label, Goal: t.goalOf(who)})
		}
	}
	if err := t.figures.Print(to, rivals...); err != nil {
		return err
	}
	for _, l := range t.left {
		fmt.Fprintf(to, "left out: %s with %s: %v\n", l.name, labels[l.who], l.why)
	}
	fmt.Fprintln(to)
	return t.phases.print(to, labels)
}

// readVersion runs a program for its version, which has it and its libraries read.
func readVersion(path string) error {
	if err := exec.Command(path, "-v").Run(); err != nil {
		return fmt.Errorf("%s -v: %w", path, err)
	}
	return nil
}

// run measures our program, theirs and, unless its path is empty, iwd, and prints.
func (t *table) run(paths []string, rounds int) (err error) {
	dir, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := t.enter(paths, dir); err != nil {
		return err
	}
	if t.air, err = startMonitor(); err != nil {
		return err
	}
	for _, c := range t.contestants {
		if err := c.program.warm(); err != nil {
			return err
		}
	}
	for _, sec := range securities {
		if err := t.inTurns(sec, rounds); err != nil {
			return err
		}
	}
	fmt.Printf("\nConnecting in the virtual machine, %d rounds in turns\n", rounds)
	for _, c := range t.contestants {
		fmt.Printf("  %s is %s\n", c.label, c.program.name())
	}
	fmt.Println()
	return t.print(os.Stdout)
}

// enter names the contestants, with folders below dir.
func (t *table) enter(paths []string, dir string) error {
	t.contestants = []contestant{
		{"ours", wpaSupplicant{paths[0], filepath.Join(dir, "ours")}, nil},
		{"theirs", wpaSupplicant{paths[1], filepath.Join(dir, "theirs")}, goal},
	}
	if paths[2] == "" {
		return nil
	}
	iwd, err := newIWD(paths[2], filepath.Join(dir, "iwd"))
	if err == nil {
		t.contestants = append(t.contestants, contestant{"iwd", iwd, iwdGoal})
	}
	return err
}

// inTurns measures every program in every round, each time another one first.
func (t *table) inTurns(sec security, rounds int) error {
	aps, err := startAPs(sec)
	if err != nil {
		return err
	}
	defer aps.stop()
	for r := range rounds {
		for k := range t.contestants {
			who := (r + k) % len(t.contestants)
			c, begun := t.contestants[who], time.Now()
			if err := t.measure(who, sec, aps); err != nil {
				fmt.Printf("%s, %s, round %d: %v\n", sec.name, c.label, r, err)
			}
			fmt.Fprintf(os.Stderr, "%s %s round %d: %v\n", sec.name, c.label, r, time.Since(begun).Round(time.Millisecond))
		}
	}
	return nil
}

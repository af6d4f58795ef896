// Command eap measures, on a cable between network namespaces with Debian's
// hostapd and its EAP server at the other end, how long two supplicants take
// from their start to an open port, how much processor time that costs them,
// how long the exchange itself takes on the wire, and the same for a second
// exchange that builds on the session of the first. The programs take turns; it
// prints medians, 95th percentiles and ratios. `make bench` runs it, as root:
//
//	eap -ours build/wpa_supplicant -theirs /sbin/wpa_supplicant
//
// It starts itself again in a network namespace of its own, and needs hostapd,
// ip and unshare.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"gosupplicant/cmd/wpa_supplicant/bench/figures"
)

// inside marks the process that runs in the namespace.
const inside = "GOSUPPLICANT_BENCH_NAMESPACE"

func main() {
	ours := flag.String("ours", "build/wpa_supplicant", "our program")
	theirs := flag.String("theirs", "/sbin/wpa_supplicant", "the program to compare with")
	rounds := flag.Int("rounds", 5, "rounds, in turns")
	only := flag.String("only", "", "cases whose name contains this")
	flag.Parse()
	if os.Getenv(inside) == "" {
		os.Exit(outside())
	}
	if err := run([2]string{*ours, *theirs}, *rounds, *only); err != nil {
		fmt.Fprintf(os.Stderr, "eap: %v\n", err)
		os.Exit(1)
	}
}

// outside runs this program in a network namespace; the result is its status.
func outside() int {
	self, err := os.Executable()
	if err == nil {
		cmd := exec.Command("unshare", append([]string{"-n", "--", self}, os.Args[1:]...)...)
		cmd.Env, cmd.Stdout, cmd.Stderr = append(os.Environ(), inside+"=1"), os.Stdout, os.Stderr
		cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		err = cmd.Run()
	}
	if ee := (*exec.ExitError)(nil); errors.As(err, &ee) {
		return ee.ExitCode()
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "eap: %v\n", err)
		return 1
	}
	return 0
}

// testCase is a method under one version of TLS.
type testCase struct {
	name    string
	server  string // lines of hostapd's configuration
	network string // lines of the network block; $PKI is the folder of certificates
}

const (
	trust  = "\tca_cert=\"$PKI/ca.pem\"\n\tdomain_match=\"" + serverName + "\"\n"
	client = "\teap=TLS\n\tidentity=\"tls\"\n\tclient_cert=\"$PKI/client.pem\"\n\tprivate_key=\"$PKI/client.key\"\n" + trust
	peap   = "\teap=PEAP\n\tanonymous_identity=\"peap\"\n\tidentity=\"user\"\n\tpassword=\"secret\"\n\tphase2=\"auth=MSCHAPV2\"\n" + trust
	ttls   = "\teap=TTLS\n\tanonymous_identity=\"ttls\"\n\tidentity=\"user\"\n\tpassword=\"secret\"\n\tphase2=\"auth=PAP\"\n" + trust
	tls13  = "\tphase1=\"tls_disable_tlsv1_3=0\"\n"
)

var testCases = []testCase{
	{"TLS", "", client},
	{"PEAP-MSCHAPv2", "", peap},
	{"TTLS-PAP", "", ttls},
	{"TLS, TLS 1.3", "tls_flags=[ENABLE-TLSv1.3]\n", client + tls13},
}

// goals are the ratios to reach.
var goals = map[string]float64{
	"start to authenticated": 0.05, "daemon CPU": 1, "exchange": 1,
	"again: time": 1, "again: daemon CPU": 1, "again: exchange": 1,
}

func goal(name string) float64 {
	_, what, _ := strings.Cut(name, ": ")
	return goals[what]
}

func run(programs [2]string, rounds int, only string) error {
	for _, p := range programs {
		if _, err := os.Stat(p); err != nil {
			return err
		}
	}
	dir, err := os.MkdirTemp("", "bench-eap-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := writeCertificates(dir); err != nil {
		return err
	}
	var t figures.Table
	resumed := map[string]*[2]int{}
	for _, tc := range testCases {
		if !strings.Contains(tc.name, only) {
			continue
		}
		resumed[tc.name] = new([2]int)
		if err := runCase(&t, programs, rounds, tc, dir, resumed[tc.name]); err != nil {
			return fmt.Errorf("%s: %w", tc.name, err)
		}
	}
	fmt.Printf("\n802.1X on a cable, %d rounds in turns; ours is %s, theirs %s\n\n", rounds, filepath.Clean(programs[0]), programs[1])
	if err := t.Print(os.Stdout, figures.Rival{Name: "theirs", Goal: goal}); err != nil {
		return err
	}
	fmt.Println("\nTLS sessions resumed in the second exchange (ours, theirs; of the rounds):")
	for _, tc := range testCases {
		if r := resumed[tc.name]; r != nil {
			fmt.Printf("  %s: %d, %d of %d\n", tc.name, r[figures.Ours], r[figures.Theirs], rounds)
		}
	}
	return nil
}

// runCase measures both programs in turns on one cable.
func runCase(t *figures.Table, programs [2]string, rounds int, tc testCase, certificates string, resumed *[2]int) error {
	c, err := plug(tc, certificates)
	if err != nil {
		return err
	}
	defer c.unplug()
	for r := range rounds {
		for k := range 2 {
			who := (r + k) % 2
			m, err := c.measure(programs[who])
			if err != nil {
				return fmt.Errorf("%s, round %d: %w", programs[who], r+1, err)
			}
			for _, v := range m.values {
				t.Add(tc.name+": "+v.name, who, v.ms)
			}
			if m.resumed {
				resumed[who]++
			}
		}
	}
	return nil
}

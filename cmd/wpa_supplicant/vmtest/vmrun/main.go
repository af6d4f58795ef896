// Command vmrun runs a command in a throw-away virtual machine with simulated
// radios (see package vm), or gives a shell there.
//
//	go run ./cmd/wpa_supplicant/vmtest/vmrun -radios 2 -- iw dev
//	go run ./cmd/wpa_supplicant/vmtest/vmrun -shell
//
// Its exit status is the command's; 125 means that the machine failed.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"time"

	"gosupplicant/cmd/wpa_supplicant/vmtest/vm"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// machineFailed is the exit status for trouble with the machine itself.
const machineFailed = 125

func main() {
	if os.Getpid() == 1 {
		vm.Guest()
	}
	code, err := run()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

func run() (int, error) {
	c := vm.Config{Output: os.Stdout}
	flag.IntVar(&c.Radios, "radios", 4, "number of simulated radios")
	flag.IntVar(&c.MemoryMiB, "memory", 1024, "memory in MiB")
	flag.DurationVar(&c.Timeout, "timeout", 10*time.Minute, "for boot and command together")
	flag.StringVar(&c.Share, "share", "", "folder seen as "+vm.GuestShare+" in the machine, writable")
	flag.StringVar(&c.Dir, "dir", "", "working folder in the machine")
	hwsim := flag.String("hwsim", "", "more parameters of mac80211_hwsim")
	flag.BoolVar(&c.Shell, "shell", false, "run a shell on this terminal")
	flag.Parse()
	c.Command, c.HWSimArgs = flag.Args(), strings.Fields(*hwsim)
	if c.Shell && len(c.Command) == 0 {
		c.Command = []string{"/bin/bash", "-i"}
	}
	if len(c.Command) == 0 {
		return machineFailed, errors.New("vmrun: no command (or -shell)")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, unix.SIGTERM)
	defer stop()
	tmp, err := os.MkdirTemp("", "vmrun")
	if err != nil {
		return machineFailed, err
	}
	defer os.RemoveAll(tmp)
	if c.Init, err = vm.BuildInit(ctx, tmp); err != nil {
		return machineFailed, err
	}
	if c.Shell && term.IsTerminal(int(os.Stdin.Fd())) {
		c.Timeout = 24 * time.Hour
		old, err := term.MakeRaw(int(os.Stdin.Fd()))
		if err != nil {
			return machineFailed, err
		}
		defer term.Restore(int(os.Stdin.Fd()), old)
	}
	r, err := vm.Run(ctx, c)
	if err != nil {
		return machineFailed, err
	}
	return r.ExitCode, nil
}

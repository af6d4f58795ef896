// Command wpa_cli talks to wpa_supplicant over its control socket: one command
// given as arguments, an interactive prompt with live events, or a program run
// on events (-a).
//
// The exit status is 0 for any reply, even FAIL; 255 when the daemon cannot be
// reached or arguments are missing; 254 when no reply came; 1 for an unknown
// command.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
)

// version is that of the tables this client follows.
const version = "v2.12"

const banner = "a client of wpa_supplicant's control socket\n" +
	"BSD-3-Clause licence; the command license shows it"

// Exit statuses.
const (
	exitOK      = 0
	exitUnknown = 1
	exitTimeout = 254
	exitFailed  = 255
)

func main() {
	os.Exit(run(os.Args, os.Stdin, os.Stdout, os.Stderr))
}

// connectFailure says what could not be reached in the words scripts look for.
func (s *session) connectFailure(err error) string {
	reason := err.Error()
	var no syscall.Errno
	if errors.As(err, &no) {
		reason = no.Error()
		reason = strings.ToUpper(reason[:1]) + reason[1:]
	}
	if s.options.global != "" {
		return fmt.Sprintf("Failed to connect to wpa_supplicant global interface: %s  error: %s", s.options.global, reason)
	}
	name := s.options.ifname
	if name == "" {
		name = "(nil)"
	}
	return fmt.Sprintf("Failed to connect to non-global ctrl_ifname: %s  error: %s", name, reason)
}

func run(argv []string, stdin io.Reader, stdout, stderr io.Writer) int {
	o, err := parseOptions(argv[1:])
	switch {
	case err != nil:
		fmt.Fprintf(stderr, "%s: %v\n", argv[0], err)
		usage(stdout)
		return exitFailed
	case o.help:
		usage(stdout)
		return exitOK
	case o.version:
		fmt.Fprintf(stdout, "wpa_cli %s\n%s\n", version, banner)
		return exitOK
	}
	if o.background && len(o.args) == 0 && o.action == "" {
		fmt.Fprintf(stderr, "%s: -B needs -a or a command\n", argv[0])
		return exitFailed
	}
	if o.background {
		if err := o.absolute(); err != nil {
			fmt.Fprintf(stderr, "%s: %v\n", argv[0], err)
			return exitFailed
		}
	}
	s := &session{options: o, out: stdout, errs: stderr}
	defer s.close()
	if o.action == "" && len(o.args) == 0 {
		s.interactive = true
		return s.runInteractive(stdin)
	}
	if o.background && !isDaemon() {
		return startDaemon(argv, stderr)
	}
	if err := s.open(); err != nil {
		fmt.Fprintln(stderr, s.connectFailure(err))
		return exitFailed
	}
	if o.action != "" {
		return s.runAction()
	}
	if o.background {
		if err := daemonReady(o.pidFile); err != nil {
			fmt.Fprintf(stderr, "%s: %v\n", argv[0], err)
			return exitFailed
		}
	}
	return s.command(o.args)
}

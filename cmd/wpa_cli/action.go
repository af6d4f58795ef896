package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"gosupplicant/engine/ctrl/ctrlclient"
)

// maxActionWords is how many words of an event the program gets.
const maxActionWords = 28

// unknownNetwork is the network id before the first connection.
const unknownNetwork = -1

// actions follows the connection and decides which events call the program.
type actions struct {
	ifname    string // of -i, or "global"
	dir       string // for WPA_CTRL_DIR
	connected int    // 1 connected, 0 disconnected, -1 not known yet
	network   int
	env       []string
}

// call is one run of the program.
type call struct {
	args []string // behind the program's name: interface, event
	env  []string // added to the environment
}

// Events that are passed on whole. The first have the interface of -i even on
// the global socket, as upstream's have.
var (
	ownNameEvents = []string{
		"CTRL-EVENT-STARTED-CHANNEL-SWITCH ", "CTRL-EVENT-CHANNEL-SWITCH ", "AP-ENABLED ", "AP-DISABLED ",
		"MESH-GROUP-STARTED ", "MESH-GROUP-REMOVED ", "MESH-PEER-CONNECTED ", "MESH-PEER-DISCONNECTED ",
	}
	passedEvents = []string{
		"P2P-GROUP-STARTED ", "P2P-GROUP-REMOVED ", "P2P-CROSS-CONNECT-ENABLE ", "P2P-CROSS-CONNECT-DISABLE ",
		"P2P-GO-NEG-FAILURE ", "WPS-SUCCESS ", "WPS-PBC-ACTIVE ", "WPS-OVERLAP-DETECTED ", "WPS-PIN-ACTIVE ",
		"WPS-CANCEL ", "WPS-TIMEOUT ", "WPS-FAIL ", "AP-STA-CONNECTED ", "AP-STA-DISCONNECTED ",
		"ESS-DISASSOC-IMMINENT ", "HS20-DEAUTH-IMMINENT-NOTICE ", "HS20-T-C-ACCEPTANCE ", "DPP-CONF-RECEIVED ",
		"DPP-CONFOBJ-AKM ", "DPP-CONFOBJ-SSID ", "DPP-CONNECTOR ", "DPP-CONFOBJ-PASS ", "DPP-CONFOBJ-PSK ",
		"DPP-C-SIGN-KEY ", "DPP-NET-ACCESS-KEY ",
	}
)

func newActions(ifname, dir string) *actions {
	if ifname == "" {
		ifname = "global"
	}
	return &actions{ifname: ifname, dir: dir, connected: -1, network: unknownNetwork}
}

// event returns the call an event asks for, nil for none.
func (a *actions) event(e ctrlclient.Event) *call {
	name := a.ifname
	if e.Ifname != "" {
		name = e.Ifname
	}
	if rest, ok := strings.CutPrefix(e.Text, "CTRL-EVENT-CONNECTED "); ok {
		return a.connect(name, rest)
	}
	if strings.HasPrefix(e.Text, "CTRL-EVENT-DISCONNECTED ") {
		if a.connected == 0 {
			return nil
		}
		a.connected = 0
		return &call{[]string{name, "DISCONNECTED"}, a.env}
	}
	for _, p := range ownNameEvents {
		if strings.HasPrefix(e.Text, p) {
			return a.pass(a.ifname, e.Text)
		}
	}
	for _, p := range passedEvents {
		if strings.HasPrefix(e.Text, p) {
			return a.pass(name, e.Text)
		}
	}
	return nil
}

// pass hands the text over as words. What is in them came from the air in
// part: they are arguments, never parsed by a shell.
func (a *actions) pass(name, text string) *call {
	words := strings.Split(strings.TrimRight(text, " "), " ")
	words = words[:min(len(words), maxActionWords)]
	return &call{append([]string{name}, words...), a.env}
}

// connect reads "- Connection to <bssid> completed [id=<id> id_str=<text>...]".
func (a *actions) connect(name, rest string) *call {
	id, idStr := unknownNetwork, ""
	if _, list, ok := strings.Cut(rest, "["); ok {
		if end := strings.LastIndexByte(list, ']'); end >= 0 {
			list = list[:end]
		}
		if v, ok := field(list, "id="); ok {
			id = number(v)
		}
		if _, v, ok := strings.Cut(list, " id_str="); ok {
			idStr = strings.TrimSuffix(v, " FILS_HLP_SENT")
		}
	}
	if a.connected == 1 && a.network == id {
		return nil
	}
	a.connected, a.network = 1, id
	a.env = []string{
		fmt.Sprintf("WPA_ID=%d", id), "WPA_ID_STR=" + idStr, "WPA_CTRL_DIR=" + a.dir,
	}
	return &call{[]string{name, "CONNECTED"}, a.env}
}

// field finds a blank separated word with the prefix and returns its rest.
func field(list, prefix string) (string, bool) {
	for w := range strings.SplitSeq(list, " ") {
		if v, ok := strings.CutPrefix(w, prefix); ok {
			return v, true
		}
	}
	return "", false
}

// number reads up to nine digits; anything else is the unknown network.
func number(s string) int {
	if s == "" || len(s) > 9 {
		return unknownNetwork
	}
	n := 0
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return unknownNetwork
		}
		n = n*10 + int(c-'0')
	}
	return n
}

// runAction is -a: the program is run for each event, one after the other.
func (s *session) runAction() int {
	if err := s.current().Attach(); err != nil {
		fmt.Fprintf(s.errs, "Warning: Failed to attach to wpa_supplicant: %v\n", err)
		return exitFailed
	}
	if s.options.background {
		if err := daemonReady(s.options.pidFile); err != nil {
			fmt.Fprintf(s.errs, "wpa_cli: %v\n", err)
			return exitFailed
		}
		if s.options.pidFile != "" {
			defer os.Remove(s.options.pidFile)
		}
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	defer signal.Stop(signals)
	a := newActions(s.options.ifname, s.options.dir)
	for s.follow(a, signals) {
		if !s.options.reconnect || !s.reopen(signals) {
			return exitOK
		}
	}
	return exitOK
}

// follow serves one connection and reports whether it was lost, rather than
// left because of a signal.
func (s *session) follow(a *actions, signals <-chan os.Signal) (lost bool) {
	defer s.close()
	ping := time.NewTicker(s.options.ping)
	defer ping.Stop()
	conn := s.current()
	for {
		select {
		case <-signals:
			return false
		case <-ping.C:
			if reply, err := conn.Request("PING", 0); err != nil || reply != "PONG\n" {
				fmt.Fprintln(s.errs, "wpa_supplicant did not reply to PING command - exiting")
				return true
			}
		case <-conn.Ready():
			events, err := conn.Events()
			for _, e := range events {
				if c := a.event(e); c != nil {
					s.runProgram(c)
				}
				if strings.HasPrefix(e.Text, "CTRL-EVENT-TERMINATING") {
					err = ctrlclient.ErrClosed
				}
			}
			if err != nil {
				fmt.Fprintln(s.errs, "wpa_supplicant is terminating - stop monitoring")
				return true
			}
		}
	}
}

// reopen waits for the daemon to come back.
func (s *session) reopen(signals <-chan os.Signal) bool {
	retry := time.NewTicker(retryEvery)
	defer retry.Stop()
	for {
		select {
		case <-signals:
			return false
		case <-retry.C:
			if s.open() != nil {
				continue
			}
			if err := s.current().Attach(); err == nil {
				return true
			}
			s.close()
		}
	}
}

func (s *session) runProgram(c *call) {
	cmd := exec.Command(s.options.action, c.args...)
	cmd.Env = append(os.Environ(), c.env...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		fmt.Fprintf(s.errs, "wpa_cli: %v\n", err)
	}
}

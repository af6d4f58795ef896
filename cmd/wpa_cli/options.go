package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	defaultDir  = "/var/run/wpa_supplicant"
	defaultPing = 5 * time.Second
)

// options is the parsed command line.
type options struct {
	dir        string        // -p
	ifname     string        // -i
	global     string        // -g
	clientDir  string        // -s
	action     string        // -a, absolute
	pidFile    string        // -P, absolute
	ping       time.Duration // -G
	background bool          // -B
	reconnect  bool          // -r
	help       bool          // -h
	version    bool          // -v
	args       []string      // the command
}

// parseOptions reads flags getopt style: letters may be grouped, and a value is
// attached or the next word. The first word that is no flag begins the command.
func parseOptions(args []string) (options, error) {
	o := options{dir: defaultDir, ping: defaultPing}
	for len(args) > 0 {
		word := args[0]
		if word == "--" {
			args = args[1:]
			break
		}
		if len(word) < 2 || word[0] != '-' {
			break
		}
		args = args[1:]
		for i := 1; i < len(word); i++ {
			c := word[i]
			if !strings.ContainsRune("agGipPs", rune(c)) {
				if err := o.set(c, ""); err != nil {
					return o, err
				}
				continue
			}
			value := word[i+1:]
			if value == "" {
				if len(args) == 0 {
					return o, fmt.Errorf("option requires an argument -- '%c'", c)
				}
				value, args = args[0], args[1:]
			}
			if err := o.set(c, value); err != nil {
				return o, err
			}
			break
		}
	}
	o.args = args
	return o, nil
}

func (o *options) set(flag byte, value string) (err error) {
	switch flag {
	case 'a':
		o.action, err = filepath.Abs(value)
	case 'B':
		o.background = true
	case 'g':
		o.global = value
	case 'G':
		n, bad := strconv.Atoi(value)
		if bad != nil || n < 1 || n > 1<<20 {
			return fmt.Errorf("-G: %q is no number of seconds from 1", value)
		}
		o.ping = time.Duration(n) * time.Second
	case 'h':
		o.help = true
	case 'i':
		o.ifname = value
	case 'p':
		o.dir = value
	case 'P':
		o.pidFile, err = filepath.Abs(value)
	case 'r':
		o.reconnect = true
	case 's':
		o.clientDir = value
	case 'v':
		o.version = true
	default:
		return fmt.Errorf("invalid option -- '%c'", flag)
	}
	return err
}

// absolute makes the paths independent of the working folder, which a daemon
// leaves.
func (o *options) absolute() error {
	for _, p := range []*string{&o.dir, &o.global, &o.clientDir} {
		if *p == "" || strings.HasPrefix(*p, "@") {
			continue
		}
		abs, err := filepath.Abs(*p)
		if err != nil {
			return err
		}
		*p = abs
	}
	return nil
}

func usage(w io.Writer) {
	fmt.Fprint(w, `wpa_cli [-p<path to ctrl sockets>] [-i<ifname>] [-hvBr] [-a<action file>] \
        [-P<pid file>] [-g<global ctrl>] [-G<ping interval>] \
        [-s<wpa_client_socket_file_path>] [command..]
  -h = show this text
  -v = show the version
  -a = run the program on events, with the interface and the event as arguments
  -r = with -a: connect again when the daemon went away
  -B = go to the background
  default path: `+defaultDir+`
  default interface: the first socket in the path
commands:
`)
	printHelp(w, "")
}

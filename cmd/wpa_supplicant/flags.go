package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"gosupplicant/drivers"
	"gosupplicant/engine"
)

// version is what -v and GET version say: the release of the original whose
// surface this program has.
const version = "v2.12"

// release is this program's own number.
const release = "gosupplicant 0.1.0"

// options is the command line, parsed.
type options struct {
	ifaces  []engine.InterfaceConfig
	matches []engine.InterfaceConfig

	background              bool
	quieter, louder         int
	logFile                 string
	syslog, timestamp, keys bool
	globalCtrl, globalGroup string
	overrideDriver          string
	overrideCtrl            string
	pidFile                 string
	dbus                    bool
	waitMonitor             bool
	parseDetails            bool
	action                  action
	incomplete              bool // an interface description lacks something: usage, and a failure
}

// action is what to do instead of, or as, running.
type action int

const (
	actionRun action = iota
	actionUsage
	actionVersion
	actionLicense
	actionCheckConfig
)

// flag is one row of the flag table.
type flag struct {
	letter byte
	value  bool // takes a value, attached or as the next word
	set    func(o *options, cur *engine.InterfaceConfig, v string)
}

// flags is every flag a station build has. The rest is unknown, as in an
// original that was built without it.
var flags = []flag{
	{'b', true, func(_ *options, c *engine.InterfaceConfig, v string) { c.BridgeIfname = v }},
	{'B', false, func(o *options, _ *engine.InterfaceConfig, _ string) { o.background = true }},
	{'c', true, func(_ *options, c *engine.InterfaceConfig, v string) { c.ConfigFile = absolute(v) }},
	{'C', true, func(_ *options, c *engine.InterfaceConfig, v string) { c.CtrlInterface = v }},
	{'d', false, func(o *options, _ *engine.InterfaceConfig, _ string) { o.louder++ }},
	{'D', true, func(_ *options, c *engine.InterfaceConfig, v string) { c.Driver = v }},
	{'e', true, func(*options, *engine.InterfaceConfig, string) {}}, // the kernel's generator needs no seed file
	{'f', true, func(o *options, _ *engine.InterfaceConfig, v string) { o.logFile = absolute(v) }},
	{'g', true, func(o *options, _ *engine.InterfaceConfig, v string) { o.globalCtrl = socketName(v) }},
	{'G', true, func(o *options, _ *engine.InterfaceConfig, v string) { o.globalGroup = v }},
	{'h', false, func(o *options, _ *engine.InterfaceConfig, _ string) { o.action = actionUsage }},
	{'i', true, func(_ *options, c *engine.InterfaceConfig, v string) { c.Ifname = v }},
	{'I', true, func(_ *options, c *engine.InterfaceConfig, v string) { c.ExtraConfigFile = absolute(v) }},
	{'K', false, func(o *options, _ *engine.InterfaceConfig, _ string) { o.keys = true }},
	{'L', false, func(o *options, _ *engine.InterfaceConfig, _ string) { o.action = actionLicense }},
	{'o', true, func(o *options, _ *engine.InterfaceConfig, v string) { o.overrideDriver = v }},
	{'O', true, func(o *options, _ *engine.InterfaceConfig, v string) { o.overrideCtrl = v }},
	{'p', true, func(_ *options, c *engine.InterfaceConfig, v string) { c.DriverParam = v }},
	{'P', true, func(o *options, _ *engine.InterfaceConfig, v string) { o.pidFile = absolute(v) }},
	{'q', false, func(o *options, _ *engine.InterfaceConfig, _ string) { o.quieter++ }},
	{'s', false, func(o *options, _ *engine.InterfaceConfig, _ string) { o.syslog = true }},
	{'t', false, func(o *options, _ *engine.InterfaceConfig, _ string) { o.timestamp = true }},
	{'u', false, func(o *options, _ *engine.InterfaceConfig, _ string) { o.dbus = true }},
	{'v', false, func(o *options, _ *engine.InterfaceConfig, _ string) { o.action = actionVersion }},
	{'W', false, func(o *options, _ *engine.InterfaceConfig, _ string) { o.waitMonitor = true }},
	{'y', false, func(o *options, _ *engine.InterfaceConfig, _ string) { o.parseDetails = true }},
}

// absolute keeps a path meaning the same after the daemon left its folder. The
// empty one stays.
func absolute(path string) string {
	if path == "" {
		return path
	}
	if a, err := filepath.Abs(path); err == nil {
		return a
	}
	return path
}

// socketName is absolute for -g, whose values need not be paths: @abstract:name,
// udp:port.
func socketName(v string) string {
	if strings.HasPrefix(v, "@") || strings.HasPrefix(v, "udp:") {
		return v
	}
	return absolute(v)
}

func findFlag(letter byte) *flag {
	for k := range flags {
		if flags[k].letter == letter {
			return &flags[k]
		}
	}
	return nil
}

// parse reads the arguments getopt style: letters may be grouped and values
// attached. Words that are not flags are passed over. An error is a usage error.
func parse(args []string) (*options, error) {
	o := &options{}
	all := []*engine.InterfaceConfig{{Startup: true}}
	isMatch := []bool{false}
	for k := 0; k < len(args); k++ {
		a := args[k]
		if a == "--" {
			break
		}
		if len(a) < 2 || a[0] != '-' {
			continue
		}
		for j := 1; j < len(a); j++ {
			letter := a[j]
			if letter == 'N' || letter == 'M' {
				all = append(all, &engine.InterfaceConfig{Startup: true})
				isMatch = append(isMatch, letter == 'M')
				continue
			}
			f := findFlag(letter)
			if f == nil {
				return nil, fmt.Errorf("invalid option -- '%c'", letter)
			}
			v := ""
			if f.value {
				if v = a[j+1:]; v == "" {
					if k++; k >= len(args) {
						return nil, fmt.Errorf("option requires an argument -- '%c'", letter)
					}
					v = args[k]
				}
				j = len(a)
			}
			f.set(o, all[len(all)-1], v)
			if o.action != actionRun {
				return o, nil
			}
		}
	}
	for k, c := range all {
		if isMatch[k] {
			o.matches = append(o.matches, *c)
		} else {
			o.ifaces = append(o.ifaces, *c)
		}
	}
	o.settle()
	return o, nil
}

// settle decides what the interface descriptions come to.
func (o *options) settle() {
	first := o.ifaces[0]
	incomplete := func(c engine.InterfaceConfig) bool {
		return c.Ifname == "" || c.ConfigFile == "" && c.CtrlInterface == ""
	}
	if len(o.ifaces) == 1 && first.ConfigFile != "" && first.Ifname == "" && first.CtrlInterface == "" && len(o.matches) == 0 && !o.dbus {
		o.action = actionCheckConfig
		return
	}
	if len(o.ifaces) == 1 && incomplete(first) && (o.globalCtrl != "" || o.dbus || len(o.matches) > 0) {
		o.ifaces = nil
		return
	}
	for _, c := range o.ifaces {
		if incomplete(c) {
			o.action, o.incomplete = actionUsage, true
			return
		}
	}
}

const copyright = "wpa_supplicant " + version + " (" + release + ")\n" +
	"Copyright (c) 2026, the gosupplicant authors\n"

const usageHead = `
This software may be distributed under the terms of the BSD license.

usage:
  wpa_supplicant [-BddhKLqqstuvWy] [-P<pid file>] [-g<global ctrl>] \
        [-G<group>] \
        -i<ifname> -c<config file> [-C<ctrl>] [-D<driver>] [-p<driver_param>] \
        [-b<br_ifname>] [-e<entropy file>] [-f<debug file>] \
        [-o<override driver>] [-O<override ctrl>] \
        [-N -i<ifname> -c<conf> [-C<ctrl>] [-D<driver>] \
        [-p<driver_param>] [-b<br_ifname>] [-I<config file>] ...] \
        [-M -i<pattern> -c<conf> ...]

drivers:
`

const usageTail = `options:
  -b = bridge that EAPOL frames may come from
  -B = run in the background, once the interfaces are ready
  -c = configuration file
  -C = ctrl_interface value (used instead of the one in the file)
  -d = more log output (-dd even more)
  -D = driver name, or several to try in order: nl80211,wext
  -e = accepted for compatibility; the kernel's random generator is used
  -f = write the log to a file instead of standard output
  -g = global control socket
  -G = group of the global control socket
  -h = show this text
  -i = interface name (a pattern after -M)
  -I = second configuration file, never written
  -K = include keys and passwords in the log
  -L = show the licence
  -M = start describing interfaces to take when their name matches -i
  -N = start describing another interface
  -o = driver for interfaces that are added later
  -O = ctrl_interface value for interfaces that are added later
  -p = driver parameters
  -P = PID file (with -B)
  -q = less log output (-qq even less)
  -s = write the log to syslog instead of standard output
  -t = put timestamps in the log
  -u = enable the D-Bus interface
  -v = show the version
  -W = wait for a control interface monitor before starting
  -y = report details of configuration errors
example:
  wpa_supplicant -Dnl80211 -iwlan0 -c/etc/wpa_supplicant.conf
`

func printUsage(w io.Writer, ds []drivers.Driver) {
	var b strings.Builder
	b.WriteString(copyright + usageHead)
	for _, d := range ds {
		fmt.Fprintf(&b, "  %s = %s\n", d.Name(), d.Description())
	}
	b.WriteString(usageTail)
	io.WriteString(w, b.String())
}

const license = copyright + `
Redistribution and use in source and binary forms, with or without
modification, are permitted under the terms of the 3-clause BSD license; see
the file LICENSE that comes with the source.
`

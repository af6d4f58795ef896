package main

import (
	"fmt"
	"strings"
)

const networkVariables = `variables of a network, the usual ones:
  ssid      name of the network
  psk       passphrase in quotes, or key of 64 hex digits
  key_mgmt  key management
  identity  EAP identity
  password  EAP password
Values are written as in the configuration file: text stands in quotes, as in
  set_network 1 ssid "network name"
wpa_supplicant.conf(5) lists all variables.
`

func localHelp(s *session, c *command, args []string) int {
	prefix := ""
	if len(args) > 0 {
		prefix = args[0]
	}
	fmt.Fprintln(s.out, "commands:")
	printHelp(s.out, prefix)
	return exitOK
}

func localQuit(s *session, c *command, args []string) int {
	s.ended = true
	return exitOK
}

func localRaw(s *session, c *command, args []string) int {
	if len(args) == 0 {
		return exitFailed
	}
	return s.send(strings.Join(args, " "))
}

// localInterface lists the interfaces or goes to another one.
func localInterface(s *session, c *command, args []string) int {
	if len(args) == 0 {
		fmt.Fprintln(s.out, "Available interfaces:")
		if s.options.global != "" {
			return s.send("INTERFACES")
		}
		names, err := sockets(s.options.dir)
		if err != nil {
			fmt.Fprintf(s.out, "Control interface directory '%s' could not be opened: %v\n", s.options.dir, err)
			return exitFailed
		}
		for _, n := range names {
			fmt.Fprintln(s.out, printable(n))
		}
		return exitOK
	}
	s.close()
	s.options.ifname, s.options.global = args[0], ""
	err := s.open()
	if err == nil && s.interactive {
		err = s.attach()
	}
	if err != nil {
		s.close()
		fmt.Fprintf(s.out, "Could not connect to interface '%s' - re-trying\n", args[0])
		return exitOK
	}
	fmt.Fprintf(s.out, "Connected to interface '%s'.\n", args[0])
	return exitOK
}

func localSetNetwork(s *session, c *command, args []string) int {
	return networkCommand(s, c, args, 3, "(network id, variable name, and value)")
}

func localGetNetwork(s *session, c *command, args []string) int {
	const which = "(network id and variable name)"
	if len(args) > 2 {
		return s.refuse(usageError("Invalid GET_NETWORK command: needs two arguments\n" + which))
	}
	return networkCommand(s, c, args, 2, which)
}

func localDupNetwork(s *session, c *command, args []string) int {
	return networkCommand(s, c, args, 3, "(src netid, dest netid, and variable name)")
}

// networkCommand shows the variables when called without arguments.
func networkCommand(s *session, c *command, args []string, want int, which string) int {
	if len(args) == 0 {
		fmt.Fprint(s.out, networkVariables)
		return exitOK
	}
	plain := *c
	plain.local, plain.min, plain.what = nil, want, "\n"+which
	req, err := plain.request(args)
	if err != nil {
		return s.refuse(err)
	}
	return s.send(req)
}

// walk asks for entries one by one: first, then the one behind the last that
// came, until nothing or a failure comes. next makes the request from the
// reply, "" to stop. It ends after as many as any table holds.
func walk(s *session, first string, next func(reply string) string, show func(reply string)) int {
	const most = 20000
	req := first
	for range most {
		reply, rc := s.ask(req)
		if rc != exitOK {
			return rc
		}
		if reply == "" || strings.HasPrefix(reply, "FAIL") || strings.HasPrefix(reply, "UNKNOWN COMMAND") {
			break
		}
		show(reply)
		if req = next(reply); req == "" {
			break
		}
	}
	return exitOK
}

// values reads the key=value lines of a reply.
func values(reply string) map[string]string {
	m := map[string]string{}
	for line := range strings.Lines(reply) {
		if k, v, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "="); ok {
			m[k] = v
		}
	}
	return m
}

// localAllBSS prints the table of scan_results without its limit of length.
func localAllBSS(s *session, c *command, args []string) int {
	const mask = " MASK=0x1887" // id, bssid, freq, level, flags, ssid
	fmt.Fprintln(s.out, "bssid / frequency / signal level / flags / ssid")
	return walk(s, "BSS FIRST"+mask, func(reply string) string {
		id := values(reply)["id"]
		if id == "" {
			return ""
		}
		return "BSS NEXT-" + id + mask
	}, func(reply string) {
		v := values(reply)
		fmt.Fprintf(s.out, "%s\t%s\t%s\t%s\t%s\n", v["bssid"], v["freq"], v["level"], v["flags"], v["ssid"])
	})
}

func firstLine(reply string) string {
	line, _, _ := strings.Cut(reply, "\n")
	return line
}

// localStations prints all stations, or their addresses only (list_sta).
func localStations(s *session, c *command, args []string) int {
	return walk(s, "STA-FIRST", func(reply string) string { return "STA-NEXT " + firstLine(reply) },
		func(reply string) {
			if c.name == "list_sta" {
				reply = firstLine(reply) + "\n"
			}
			s.print(reply)
		})
}

// localPeers prints the addresses of P2P peers.
func localPeers(s *session, c *command, args []string) int {
	discovered := len(args) > 0 && args[0] == "discovered"
	found := false
	rc := walk(s, "P2P_PEER FIRST", func(reply string) string { return "P2P_PEER NEXT-" + firstLine(reply) },
		func(reply string) {
			found = true
			if !discovered || !strings.Contains(reply, "[PROBE_REQ_ONLY]") {
				fmt.Fprintln(s.out, firstLine(reply))
			}
		})
	if !found {
		return exitFailed
	}
	return rc
}

func localLicense(s *session, c *command, args []string) int {
	fmt.Fprintf(s.out, "wpa_cli %s\nCopyright (c) 2026, the gosupplicant authors\n"+
		"SPDX-License-Identifier: BSD-3-Clause\n"+
		"The text is in the file LICENSE of the source and of the installed documentation.\n", version)
	return exitOK
}

package main

import (
	"slices"
	"strings"
)

// completer completes command names and the arguments whose values are known:
// interfaces, network ids, BSSIDs, capability and variable names.
type completer struct{ s *session }

// Do implements readline.AutoCompleter: the endings of the word before pos.
func (c *completer) Do(line []rune, pos int) (endings [][]rune, length int) {
	words := strings.Fields(string(line[:pos]))
	if pos == 0 || line[pos-1] == ' ' {
		words = append(words, "")
	}
	if len(words) > 1 && hasFold(words[0], "IFNAME=") {
		words = words[1:]
	}
	word := words[len(words)-1]
	for _, candidate := range c.candidates(words) {
		if rest, ok := strings.CutPrefix(candidate, word); ok {
			endings = append(endings, []rune(rest+" "))
		}
	}
	return endings, len([]rune(word))
}

// candidates are all values of the last of words.
func (c *completer) candidates(words []string) []string {
	if len(words) == 1 {
		var names []string
		for _, cmd := range allCommands() {
			names = append(names, cmd.name)
		}
		return names
	}
	cmd, _ := find(words[0])
	if cmd == nil {
		return nil
	}
	switch pos := len(words) - 1; {
	case cmd.name == "status" && pos == 1:
		return []string{"verbose", "driver", "wps"}
	case cmd.name == "interface" && pos == 1, cmd.name == "interface_remove" && pos == 1:
		names, _ := sockets(c.s.options.dir)
		return names
	case cmd.name == "get_capability" && pos == 1:
		return strings.Fields("eap pairwise group group_mgmt key_mgmt proto auth_alg modes channels freq sae fils acs tdls")
	case cmd.name == "log_level" && pos == 1:
		return strings.Fields("EXCESSIVE MSGDUMP DEBUG INFO WARNING ERROR")
	case cmd.name == "help" && pos == 1:
		return c.candidates([]string{""})
	case takesNetwork(cmd.name, pos):
		return c.networks(cmd.name)
	case takesVariable(cmd.name, pos):
		return strings.Fields("ssid psk key_mgmt proto pairwise group bssid priority scan_ssid disabled ieee80211w sae_password identity password eap phase1 phase2 ca_cert client_cert private_key anonymous_identity id_str")
	case takesBSSID(cmd.name, pos):
		return c.bssids(cmd.name)
	}
	return nil
}

func takesNetwork(name string, pos int) bool {
	switch name {
	case "select_network", "enable_network", "disable_network", "remove_network", "set_network", "get_network", "bssid", "pmksa_get", "pmksa_add", "failures":
		return pos == 1
	case "dup_network":
		return pos <= 2
	}
	return false
}

func takesVariable(name string, pos int) bool {
	return (name == "set_network" || name == "get_network") && pos == 2 || name == "dup_network" && pos == 3
}

func takesBSSID(name string, pos int) bool {
	switch name {
	case "bss", "roam", "bssid_ignore", "preauthenticate", "wps_pbc", "ft_ds":
		return pos == 1
	case "bssid":
		return pos == 2
	}
	return false
}

// reply asks without showing anything.
func (c *completer) reply(req string) string {
	conn := c.s.current()
	if conn == nil {
		return ""
	}
	reply, err := conn.Request(req, 0)
	if err != nil {
		return ""
	}
	return reply
}

func (c *completer) networks(name string) []string {
	var ids []string
	for line := range strings.Lines(c.reply("LIST_NETWORKS")) {
		if id, _, ok := strings.Cut(line, "\t"); ok {
			ids = append(ids, id)
		}
	}
	switch name {
	case "select_network":
		ids = append(ids, "any")
	case "enable_network", "disable_network", "remove_network":
		ids = append(ids, "all")
	}
	return ids
}

func (c *completer) bssids(name string) []string {
	var all []string
	for line := range strings.Lines(c.reply("BSS RANGE=ALL MASK=0x2")) {
		if mac, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "bssid="); ok {
			all = append(all, mac)
		}
	}
	switch name {
	case "bss":
		all = append(all, "FIRST", "LAST", "CURRENT", "RANGE=ALL")
	case "bssid_ignore":
		all = append(all, "clear")
	}
	slices.Sort(all)
	return slices.Compact(all)
}

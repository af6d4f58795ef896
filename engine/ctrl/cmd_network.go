package ctrl

import (
	"fmt"
	"slices"
	"strings"

	"gosupplicant/conf"
	"gosupplicant/engine"
	"gosupplicant/engine/dot11"
)

var networkCommands = []command{
	{"LIST_NETWORKS", exact | withArg, onIface, (*request).listNetworks, "configured networks"},
	{"ADD_NETWORK", exact, onIface, (*request).addNetwork, "makes a disabled network"},
	{"REMOVE_NETWORK", withArg, onIface, allOr("all", (*engine.Interface).RemoveAllNetworks, (*engine.Interface).RemoveNetwork), "removes networks"},
	{"SET_NETWORK", withArg, onIface, (*request).setNetwork, "sets a variable of a network"},
	{"GET_NETWORK", withArg, onIface, (*request).getNetwork, "shows a variable of a network"},
	{"DUP_NETWORK", withArg, onIface, (*request).dupNetwork, "copies a variable, secrets too"},
	{"DUP_NETWORK", withArg, onGlobal, (*request).dupNetworkBetween, "copies a variable between interfaces"},
	{"ENABLE_NETWORK", withArg, onIface, (*request).enableNetwork, "allows networks"},
	{"DISABLE_NETWORK", withArg, onIface, allOr("all", (*engine.Interface).DisableAllNetworks, (*engine.Interface).DisableNetwork), "forbids networks"},
	{"SELECT_NETWORK", withArg, onIface, (*request).selectNetwork, "allows one network alone"},
	{"BSSID", withArg, onIface, (*request).setBSSID, "ties a network to a BSSID"},
}

// allOr makes a handler for a word that means all, or an identifier.
func allOr(word string, all func(*engine.Interface), one func(*engine.Interface, int) error) func(*request) string {
	return func(r *request) string {
		if r.arg == word {
			all(r.iface.Interface)
			return replyOK
		}
		n, err := id(r.arg)
		if err != nil {
			return r.result(err)
		}
		return r.result(one(r.iface.Interface, n))
	}
}

// listNetworks: [LAST_ID=<id>] continues behind that network.
func (r *request) listNetworks() string {
	l := r.list()
	l.add("network id / ssid / bssid / flags\n")
	nets := r.iface.Config().Networks
	if word, ok := strings.CutPrefix(r.arg, "LAST_ID="); ok {
		last, err := id(word)
		if err != nil {
			return r.result(err)
		}
		k := slices.IndexFunc(nets, func(n *conf.Network) bool { return n.ID == last })
		if k < 0 {
			return l.String() // nothing is behind what is not there
		}
		nets = nets[k+1:]
	}
	for _, n := range nets {
		bssid := "any"
		if n.BSSID != nil {
			bssid = n.BSSID.String()
		}
		if !l.add(fmt.Sprintf("%d\t%s\t%s\t%s\n", n.ID, dot11.EscapeText(n.SSID), bssid, r.networkFlags(n))) {
			break
		}
	}
	return l.String()
}

func (r *request) networkFlags(n *conf.Network) string {
	flags := ""
	if r.iface.NetworkInUse() == n {
		flags += "[CURRENT]"
	}
	if n.Disabled == 1 {
		flags += "[DISABLED]"
	}
	if _, ok := r.iface.NetworkTempDisabled(n); ok {
		flags += "[TEMP-DISABLED]"
	}
	if n.Disabled == 2 {
		flags += "[P2P-PERSISTENT]"
	}
	return flags
}

func (r *request) addNetwork() string {
	n, err := r.iface.AddNetwork()
	if err != nil {
		return r.result(err)
	}
	return fmt.Sprintf("%d\n", n.ID)
}

func (r *request) setNetwork() string {
	n, rest, err := idAnd(r.arg)
	name, value, ok := strings.Cut(rest, " ")
	if err != nil || !ok {
		return r.result(invalid("SET_NETWORK arguments"))
	}
	return r.result(r.iface.SetNetwork(n, name, value))
}

func (r *request) getNetwork() string {
	k, name, err := idAnd(r.arg)
	n := r.iface.Config().Network(k)
	if err != nil || n == nil {
		return replyFail
	}
	return r.value(n.Get(name))
}

func (r *request) dupNetwork() string {
	words := strings.Split(r.arg, " ")
	if len(words) != 3 {
		return r.result(invalid("DUP_NETWORK arguments"))
	}
	return r.result(copyField(r.iface.Interface, r.iface.Interface, words[0], words[1], words[2]))
}

// dupNetworkBetween: <src ifname> <dst ifname> <src id> <dst id> <variable>.
func (r *request) dupNetworkBetween() string {
	words := strings.Split(r.arg, " ")
	if len(words) != 5 {
		return r.result(invalid("DUP_NETWORK arguments"))
	}
	src, dst := r.srv.sup.InterfaceByName(words[0]), r.srv.sup.InterfaceByName(words[1])
	if src == nil || dst == nil {
		return r.result(engine.ErrUnknownInterface)
	}
	return r.result(copyField(src, dst, words[2], words[3], words[4]))
}

func copyField(src, dst *engine.Interface, from, to, name string) error {
	a, err := id(from)
	if err != nil {
		return err
	}
	b, err := id(to)
	if err != nil {
		return err
	}
	n := src.Config().Network(a)
	if n == nil {
		return engine.ErrUnknownNetwork
	}
	return dst.CopyNetworkField(b, n, name)
}

// enableNetwork: <id>|all [no-connect].
func (r *request) enableNetwork() string {
	if word, rest, _ := strings.Cut(r.arg, " "); word == "all" {
		r.iface.EnableAllNetworks(rest != "no-connect")
		return replyOK
	}
	n, rest, err := idAnd(r.arg)
	if err != nil {
		return r.result(err)
	}
	return r.result(r.iface.EnableNetwork(n, rest != "no-connect"))
}

// selectNetwork: <id>|any [freq=<list>].
func (r *request) selectNetwork() string {
	word, rest, _ := strings.Cut(r.arg, " ")
	var freqs []int
	if list, ok := parseOptions(rest).get("freq"); ok {
		var err error
		if freqs, err = parseFreqs(list, r.iface.Capability()); err != nil {
			return r.result(err)
		}
	}
	if word == "any" {
		r.iface.SelectAny(freqs)
		return replyOK
	}
	n, err := id(word)
	if err != nil {
		return r.result(err)
	}
	return r.result(r.iface.SelectNetwork(n, freqs))
}

// setBSSID: <id> <bssid>; zero takes the tie away.
func (r *request) setBSSID() string {
	n, word, err := idAnd(r.arg)
	if err != nil {
		return r.result(err)
	}
	mac, err := dot11.ParseMAC(word)
	if err != nil {
		return r.result(invalid("BSSID"))
	}
	value := mac.String()
	if mac.IsZero() {
		value = "any"
	}
	return r.result(r.iface.SetNetwork(n, "bssid", value))
}

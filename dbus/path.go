package dbus

import (
	"strconv"
	"strings"

	"gosupplicant/conf"
	"gosupplicant/dbus/bus"
	"gosupplicant/engine"
	"gosupplicant/engine/bss"
)

const (
	rootPath = bus.ObjectPath("/fi/w1/wpa_supplicant1")
	noPath   = bus.ObjectPath("/") // "none" where a property wants a path

	dirInterfaces  = "Interfaces"
	dirBSSs        = "BSSs"
	dirNetworks    = "Networks"
	dirCredentials = "Credentials"
)

// kind is the kind of an object.
type kind uint8

const (
	kindRoot kind = iota
	kindInterface
	kindBSS
	kindNetwork
	kindCount
)

// object is an object that exists now. It holds for one turn of the loop.
type object struct {
	kind    kind
	iface   *engine.Interface // nil for the root
	bss     *bss.BSS
	network *conf.Network
}

// descriptor returns the table of the object's own interface.
func (o object) descriptor() *descriptor { return descriptors()[o.kind] }

// key names an object without holding it.
type key struct {
	kind  kind
	iface int // engine.Interface.ID
	id    int // of the BSS or network
}

func (o object) key() key {
	switch o.kind {
	case kindInterface:
		return key{kindInterface, o.iface.ID(), 0}
	case kindBSS:
		return key{kindBSS, o.iface.ID(), int(o.bss.ID)}
	case kindNetwork:
		return key{kindNetwork, o.iface.ID(), o.network.ID}
	}
	return key{}
}

func (k key) path() bus.ObjectPath {
	if k.kind == kindRoot {
		return rootPath
	}
	b := make([]byte, 0, 64)
	b = append(b, rootPath...)
	b = append(b, '/')
	b = append(b, dirInterfaces...)
	b = append(b, '/')
	b = strconv.AppendInt(b, int64(k.iface), 10)
	if dir := childDir(k.kind); dir != "" {
		b = append(b, '/')
		b = append(b, dir...)
		b = append(b, '/')
		b = strconv.AppendInt(b, int64(k.id), 10)
	}
	return bus.ObjectPath(b)
}

func childDir(k kind) string {
	switch k {
	case kindBSS:
		return dirBSSs
	case kindNetwork:
		return dirNetworks
	}
	return ""
}

func (o object) path() bus.ObjectPath { return o.key().path() }

func interfaceObject(i *engine.Interface) object { return object{kind: kindInterface, iface: i} }

func bssObject(i *engine.Interface, b *bss.BSS) object {
	return object{kind: kindBSS, iface: i, bss: b}
}

func networkObject(i *engine.Interface, n *conf.Network) object {
	return object{kind: kindNetwork, iface: i, network: n}
}

// parsePath reads the name of an object; false for a path that can never name
// one. Numbers are decimal without leading zeros.
func parsePath(p bus.ObjectPath) (key, bool) {
	if p == rootPath {
		return key{}, true
	}
	number, dir, id, ok := splitPath(p)
	if !ok {
		return key{}, false
	}
	switch dir {
	case "":
		return key{kindInterface, number, 0}, true
	case dirBSSs:
		return key{kindBSS, number, id}, true
	case dirNetworks:
		return key{kindNetwork, number, id}, true
	}
	return key{}, false
}

// splitPath takes an interface path or a path two levels below one apart.
func splitPath(p bus.ObjectPath) (iface int, dir string, id int, ok bool) {
	rest, ok := strings.CutPrefix(string(p), string(rootPath)+"/"+dirInterfaces+"/")
	if !ok {
		return 0, "", 0, false
	}
	first, rest, deep := strings.Cut(rest, "/")
	if iface, ok = parseNumber(first); !ok || !deep {
		return iface, "", 0, ok
	}
	dir, last, ok := strings.Cut(rest, "/")
	if !ok || dir == "" {
		return 0, "", 0, false
	}
	id, ok = parseNumber(last)
	return iface, dir, id, ok
}

// parseNumber reads a decimal number of at most 32 bits, as we print them.
func parseNumber(s string) (int, bool) {
	if s == "" || len(s) > 10 || s[0] == '0' && s != "0" {
		return 0, false
	}
	n := 0
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, n <= 1<<32-1
}

// lookup finds the object of a key; false when the engine has none.
func (s *Server) lookup(k key) (object, bool) {
	if k.kind == kindRoot {
		return object{kind: kindRoot}, true
	}
	i := s.interfaceByID(k.iface)
	if i == nil {
		return object{}, false
	}
	switch k.kind {
	case kindBSS:
		b := i.BSSs().ByID(uint32(k.id))
		return bssObject(i, b), b != nil
	case kindNetwork:
		n := i.Config().Network(k.id)
		return networkObject(i, n), n != nil
	}
	return interfaceObject(i), true
}

func (s *Server) interfaceByID(id int) *engine.Interface {
	for _, i := range s.sup.Interfaces() {
		if i.ID() == id {
			return i
		}
	}
	return nil
}

// object finds the object at a path; false when there is none.
func (s *Server) object(p bus.ObjectPath) (object, bool) {
	k, ok := parsePath(p)
	if !ok {
		return object{}, false
	}
	return s.lookup(k)
}

// networkArg finds the network of interface i that a path argument names.
func (s *Server) networkArg(i *engine.Interface, p bus.ObjectPath) (*conf.Network, error) {
	n, dir, id, ok := splitPath(p)
	if !ok || dir != dirNetworks || n != i.ID() {
		return nil, invalidArgs(string(p))
	}
	if net := i.Config().Network(id); net != nil {
		return net, nil
	}
	return nil, errNetworkUnknown()
}

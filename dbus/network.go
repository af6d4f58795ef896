package dbus

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"

	"gosupplicant/conf"
	"gosupplicant/dbus/bus"
	"gosupplicant/engine"
)

func networkTable() *descriptor {
	return &descriptor{
		name:    ifaceNetwork,
		signals: []signal{changedSignal()},
		properties: []property{
			{name: "Properties", sig: "a{sv}",
				get: func(_ *Server, o object) (any, error) { return propertyDict(o.network), nil },
				set: setProperties},
			{name: "Enabled", sig: "b",
				get: func(_ *Server, o object) (any, error) { return o.network.Disabled == 0, nil },
				set: setEnabled},
			{name: "Failures", sig: "aa{sv}", get: getFailures},
		},
	}
}

// visible reports whether a block has a Network object: stored P2P groups have
// objects of their own kind.
func visible(n *conf.Network) bool { return n.Disabled != 2 }

// propertyDict is the value of Network.Properties: every field that has a
// value, as text in the syntax of the configuration file, without secrets.
func propertyDict(n *conf.Network) bus.Dict {
	fields := n.Properties()
	d := make(bus.Dict, 0, len(fields))
	for _, f := range fields {
		d = append(d, bus.Entry{Key: f.Name, Value: bus.Variant{Sig: "s", Value: f.Value}})
	}
	return d
}

// announcement is the second argument of NetworkAdded.
func announcement(n *conf.Network) bus.Dict {
	var d bus.Dict
	if slices.Equal(n.Properties(), freshNetwork()) {
		d.Add("Properties", blankNetwork())
		d.Add("Enabled", true)
		return d
	}
	d.Add("Properties", propertyDict(n))
	d.Add("Enabled", n.Disabled == 0)
	return d
}

func setEnabled(_ *Server, o object, v bus.Variant) error {
	return setBool(v, func(on bool) error {
		if on {
			return o.iface.EnableNetwork(o.network.ID, true)
		}
		return o.iface.DisableNetwork(o.network.ID)
	})
}

func setProperties(s *Server, o object, v bus.Variant) error {
	d, ok := v.Value.(bus.Dict)
	if !ok {
		return wire(nameStdInvalidArgs, "unexpected message argument types")
	}
	list, err := decodeSettings(d, unquotedNetworkField, false)
	if err != nil {
		return s.refuse(o.iface, "network", err)
	}
	if err := tryNetwork(o.network.Clone(), list); err != nil {
		return s.refuse(o.iface, "network", err)
	}
	return applyNetwork(o.iface, o.network.ID, list)
}

// setting is one field and its value in the syntax of the file.
type setting struct{ name, value string }

// decodeSettings turns a dictionary of AddNetwork, AddCred or
// Network.Properties into settings. Strings are quoted unless unquoted says
// otherwise, bytes become hex, numbers decimal text. Lists of strings, which
// only credentials have, give one setting for each element.
func decodeSettings(d bus.Dict, unquoted func(string) bool, lists bool) ([]setting, error) {
	list := make([]setting, 0, len(d))
	for _, e := range d {
		switch v := e.Value.Value.(type) {
		case string:
			list = append(list, setting{e.Key, quote(e.Key, v, unquoted)})
		case []byte:
			if len(v) == 0 {
				return nil, fmt.Errorf("%s: empty byte array", e.Key)
			}
			list = append(list, setting{e.Key, hex.EncodeToString(v)})
		case uint32:
			list = append(list, setting{e.Key, strconv.FormatUint(uint64(v), 10)})
		case int32:
			list = append(list, setting{e.Key, strconv.FormatInt(int64(v), 10)})
		case []string:
			if !lists {
				return nil, fmt.Errorf("%s: list of strings", e.Key)
			}
			for _, s := range v {
				list = append(list, setting{e.Key, quote(e.Key, s, unquoted)})
			}
		default:
			return nil, fmt.Errorf("%s: value of type %.40q", e.Key, string(e.Value.Sig))
		}
	}
	return list, nil
}

func quote(name, value string, unquoted func(string) bool) string {
	if unquoted(name) {
		return value
	}
	return `"` + value + `"`
}

func unquotedNetworkField(name string) bool {
	f, ok := conf.NetworkField(name)
	return ok && f.Unquoted
}

// tryNetwork applies settings to a copy of a block that nobody else sees, so
// that a request is taken as a whole or not at all.
func tryNetwork(n *conf.Network, list []setting) error {
	for _, s := range list {
		if _, err := n.Set(s.name, s.value); err != nil {
			return err
		}
	}
	if n.MissingMACValue() {
		return fmt.Errorf("mac_addr=3 without mac_value")
	}
	return nil
}

// applyNetwork stores settings that tryNetwork accepted.
func applyNetwork(i *engine.Interface, id int, list []setting) error {
	for _, s := range list {
		if err := i.SetNetwork(id, s.name, s.value); err != nil {
			return err
		}
	}
	return nil
}

// refuse tells the log why settings were refused, and the caller in the words
// it knows. The errors of package conf do not hold secrets.
func (s *Server) refuse(i *engine.Interface, what string, err error) error {
	i.Log().Warn("dbus: properties refused", "object", what, "err", err)
	return errMessageFormat()
}

// addNetwork makes a disabled block with the settings of the caller.
func addNetwork(r *request) ([]any, error) {
	i := r.obj.iface
	list, err := decodeSettings(r.args[0].(bus.Dict), unquotedNetworkField, false)
	if err == nil {
		err = tryNetwork(conf.NewNetwork(), list)
	}
	if err != nil {
		return nil, r.s.refuse(i, "network", err)
	}
	cannot := unknownError("wpa_supplicant could not add a network on this interface.")
	if len(i.Config().Networks) >= maxNetworks {
		i.Log().Warn("dbus: too many networks", "limit", maxNetworks)
		return nil, cannot
	}
	n, err := i.AddNetwork()
	if err != nil {
		return nil, toWire(err, cannot)
	}
	if err := applyNetwork(i, n.ID, list); err != nil {
		i.RemoveNetwork(n.ID)
		return nil, r.s.refuse(i, "network", err)
	}
	return []any{networkObject(i, n).path()}, nil
}

func removeNetwork(r *request) ([]any, error) {
	n, err := r.s.networkArg(r.obj.iface, r.args[0].(bus.ObjectPath))
	if err != nil {
		return nil, err
	}
	if err := r.obj.iface.RemoveNetwork(n.ID); err != nil {
		return nil, toWire(err, unknownError("error removing the specified network on is interface."))
	}
	return nil, nil
}

func removeAllNetworks(r *request) ([]any, error) {
	r.obj.iface.RemoveAllNetworks()
	return nil, nil
}

func selectNetwork(r *request) ([]any, error) {
	n, err := r.s.networkArg(r.obj.iface, r.args[0].(bus.ObjectPath))
	if err != nil {
		return nil, err
	}
	return nil, nilOr(r.obj.iface.SelectNetwork(n.ID, nil))
}

// nilOr keeps an error of the engine for the table of errors.
func nilOr(err error) error {
	if err == nil {
		return nil
	}
	return toWire(err, nil)
}

package dbus

import (
	"log/slog"
	"slices"
	"strings"

	"gosupplicant/dbus/bus"
	"gosupplicant/drivers"
	"gosupplicant/engine"
	"gosupplicant/engine/dot11"
	"gosupplicant/engine/logs"
)

func rootTable() *descriptor {
	return &descriptor{
		name: ifaceRoot,
		methods: []method{
			{name: "CreateInterface", in: args("args", "a{sv}"), out: args("path", "o"), call: createInterface},
			{name: "RemoveInterface", in: args("path", "o"), call: removeInterface},
			{name: "GetInterface", in: args("ifname", "s"), out: args("path", "o"), call: getInterface},
		},
		signals: []signal{
			{"InterfaceAdded", args("path", "o", "properties", "a{sv}")},
			{"InterfaceRemoved", args("path", "o")},
			changedSignal(),
		},
		properties: []property{
			{name: "DebugLevel", sig: "s", get: getDebugLevel, set: setDebugLevel},
			{name: "DebugTimestamp", sig: "b",
				get: func(s *Server, _ object) (any, error) { return s.sup.Logs().Timestamp(), nil },
				set: func(s *Server, _ object, v bus.Variant) error {
					return setBool(v, func(on bool) error { s.sup.SetDebug(nil, &on, nil); return nil })
				}},
			{name: "DebugShowKeys", sig: "b",
				get: func(s *Server, _ object) (any, error) { return s.sup.Logs().ShowKeys(), nil },
				set: func(s *Server, _ object, v bus.Variant) error {
					return setBool(v, func(on bool) error { s.sup.SetDebug(nil, nil, &on); return nil })
				}},
			{name: "Interfaces", sig: "ao", get: getInterfaces},
			{name: "EapMethods", sig: "as", get: func(*Server, object) (any, error) { return engine.EAPMethods(), nil }},
			{name: "Capabilities", sig: "as", get: getGlobalCapabilities},
		},
	}
}

func setBool(v bus.Variant, set func(bool) error) error {
	on, ok := v.Value.(bool)
	if !ok {
		return errWrongType()
	}
	return set(on)
}

func getDebugLevel(s *Server, _ object) (any, error) {
	return strings.ToLower(logs.Name(s.sup.Logs().Level())), nil
}

func setDebugLevel(s *Server, _ object, v bus.Variant) error {
	name, ok := v.Value.(string)
	if !ok {
		return errWrongType()
	}
	level, ok := logs.ParseLevel(name)
	if !ok || name != strings.ToLower(name) {
		return failed("wrong debug level value")
	}
	s.sup.SetDebug(ptr[slog.Level](level), nil, nil)
	return nil
}

func ptr[T any](v T) *T { return &v }

// getInterfaces lists the newest first, as upstream does.
func getInterfaces(s *Server, _ object) (any, error) {
	paths := []bus.ObjectPath{}
	for _, i := range slices.Backward(s.sup.Interfaces()) {
		paths = append(paths, interfaceObject(i).path())
	}
	return paths, nil
}

func getInterface(r *request) ([]any, error) {
	i := r.s.sup.InterfaceByName(r.args[0].(string))
	if i == nil {
		return nil, errInterfaceUnknown()
	}
	return []any{interfaceObject(i).path()}, nil
}

func removeInterface(r *request) ([]any, error) {
	k, ok := parsePath(r.args[0].(bus.ObjectPath))
	if !ok || k.kind != kindInterface {
		return nil, errInterfaceUnknown()
	}
	i := r.s.interfaceByID(k.iface)
	if i == nil {
		return nil, errInterfaceUnknown()
	}
	if err := r.s.sup.RemoveInterface(i); err != nil {
		return nil, toWire(err, unknownError("wpa_supplicant couldn't remove this interface."))
	}
	return nil, nil
}

// createInterface is answered when the device is open or was refused.
func createInterface(r *request) ([]any, error) {
	cfg, err := decodeCreate(r.args[0].(bus.Dict))
	if err != nil {
		return nil, err
	}
	later := false
	var out []any
	var refused error
	finished := false
	r.s.sup.AddInterface(cfg, func(i *engine.Interface, err error) {
		if err != nil {
			refused = toWire(err, unknownError("wpa_supplicant couldn't grab this interface."))
		} else {
			out = []any{interfaceObject(i).path()}
		}
		finished = true
		if later {
			r.finish(out, refused)
		}
	})
	if finished {
		return out, refused
	}
	later = true
	return nil, errLater
}

// decodeCreate reads the argument of CreateInterface.
func decodeCreate(d bus.Dict) (cfg engine.InterfaceConfig, err error) {
	named := false
	for _, e := range d {
		ok := true
		switch e.Key {
		case "Ifname":
			cfg.Ifname, ok = e.Value.Value.(string)
			named = ok
		case "Driver":
			cfg.Driver, ok = e.Value.Value.(string)
		case "ConfigFile":
			cfg.ConfigFile, ok = e.Value.Value.(string)
		case "BridgeIfname":
			cfg.BridgeIfname, ok = e.Value.Value.(string)
		case "Create":
			cfg.Create, ok = e.Value.Value.(bool)
		case "Type":
			var t string
			t, ok = e.Value.Value.(string)
			switch t {
			case "sta":
				cfg.CreateType = drivers.IfaceStation
			case "ap":
				cfg.CreateType = drivers.IfaceAP
			default:
				ok = false
			}
		case "Address":
			var text string
			text, ok = e.Value.Value.(string)
			mac, err := dot11.ParseMAC(text)
			if ok = ok && err == nil; ok {
				cfg.CreateAddr = &mac
			}
		default:
			ok = false
		}
		if !ok {
			return engine.InterfaceConfig{}, invalidArgs()
		}
	}
	if !named {
		return engine.InterfaceConfig{}, invalidArgs()
	}
	return cfg, nil
}

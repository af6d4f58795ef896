package main

import (
	"fmt"

	"gosupplicant/dbus/bus"
)

// Names of iwd on the bus.
const (
	iwdService    = "net.connman.iwd"
	iwdRoot       = bus.ObjectPath("/net/connman/iwd")
	iwdDevice     = iwdService + ".Station"
	iwdDebug      = iwdService + ".StationDebug"
	iwdDiagnostic = iwdService + ".StationDiagnostic"
	iwdNetwork    = iwdService + ".Network"
	iwdKnown      = iwdService + ".KnownNetwork"
	iwdAgents     = iwdService + ".AgentManager"
	properties    = "org.freedesktop.DBus.Properties"
	objectManager = "org.freedesktop.DBus.ObjectManager"
)

// object is an object on the bus, with the properties of each of its interfaces.
type object struct {
	path   bus.ObjectPath
	ifaces map[string]bus.Dict
}

// managed reads the answer of GetManagedObjects, a{oa{sa{sv}}}.
func managed(answer []any) ([]object, error) {
	if len(answer) != 1 {
		return nil, fmt.Errorf("GetManagedObjects answered %d values", len(answer))
	}
	list, ok := answer[0].(bus.Array)
	if !ok {
		return nil, fmt.Errorf("GetManagedObjects answered a %T", answer[0])
	}
	var objects []object
	for _, item := range list.Items {
		pair, ok := item.(bus.Struct)
		if !ok || len(pair) != 2 {
			return nil, fmt.Errorf("an object is a %T", item)
		}
		o, err := objectOf(pair)
		if err != nil {
			return nil, err
		}
		objects = append(objects, o)
	}
	return objects, nil
}

// objectOf reads a path and an a{sa{sv}}: an entry of the above, or the body of
// InterfacesAdded.
func objectOf(pair []any) (object, error) {
	if len(pair) != 2 {
		return object{}, fmt.Errorf("an object of %d values", len(pair))
	}
	path, ok := pair[0].(bus.ObjectPath)
	list, ok2 := pair[1].(bus.Array)
	if !ok || !ok2 {
		return object{}, fmt.Errorf("an object of a %T and a %T", pair[0], pair[1])
	}
	o := object{path, map[string]bus.Dict{}}
	for _, item := range list.Items {
		entry, ok := item.(bus.Struct)
		if !ok || len(entry) != 2 {
			return object{}, fmt.Errorf("%s: an interface is a %T", path, item)
		}
		name, ok := entry[0].(string)
		values, ok2 := entry[1].(bus.Dict)
		if !ok || !ok2 {
			return object{}, fmt.Errorf("%s: an interface of a %T and a %T", path, entry[0], entry[1])
		}
		o.ifaces[name] = values
	}
	return o, nil
}

// find returns the object that has an interface, and in it that name unless it is
// empty.
func find(objects []object, iface, name string) (bus.ObjectPath, bool) {
	for _, o := range objects {
		values, ok := o.ifaces[iface]
		if !ok {
			continue
		}
		if v, _ := values.Get("Name"); name == "" || v.Value == any(name) {
			return o.path, true
		}
	}
	return "", false
}

// added tells whether a signal says that an object has got an interface, and which.
func added(sig *bus.Signal, iface string) (bus.ObjectPath, bool) {
	if sig.Interface != objectManager || sig.Member != "InterfacesAdded" {
		return "", false
	}
	args, err := sig.Args()
	if err != nil {
		return "", false
	}
	o, err := objectOf(args)
	if err != nil {
		return "", false
	}
	return find([]object{o}, iface, "")
}

// changed returns the new value of a property when a signal tells of one.
func changed(sig *bus.Signal, iface, property string) (any, bool) {
	if sig.Interface != properties || sig.Member != "PropertiesChanged" {
		return nil, false
	}
	args, err := sig.Args()
	if err != nil {
		return nil, false
	}
	return valueOf(args, iface, property)
}

// valueOf looks a property up in the body of PropertiesChanged, sa{sv}as.
func valueOf(args []any, iface, property string) (any, bool) {
	if len(args) < 2 || args[0] != any(iface) {
		return nil, false
	}
	values, _ := args[1].(bus.Dict)
	v, ok := values.Get(property)
	return v.Value, ok
}

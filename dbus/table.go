package dbus

import (
	"errors"
	"sync"

	"gosupplicant/dbus/bus"
)

// arg is one argument of a method or signal: its name and one complete type.
type arg struct{ name, sig string }

// method is one row of a method table.
type method struct {
	name string
	in   []arg
	out  []arg
	// call runs on the loop. It returns the values of the reply, or an error
	// (see toWire), or errLater after arranging that request.finish is called.
	call func(*request) ([]any, error)

	insig bus.Signature // of in, joined
}

// signal is one row of a signal table.
type signal struct {
	name string
	args []arg
}

// property is one row of a property table.
type property struct {
	name string
	sig  bus.Signature
	// get returns a value of type sig.
	get func(*Server, object) (any, error)
	// set is nil for a read-only property. The variant may hold any type.
	set func(*Server, object, bus.Variant) error
	// urgent changes are sent at once.
	urgent bool
}

// descriptor is one D-Bus interface of an object.
type descriptor struct {
	name       string
	methods    []method
	signals    []signal
	properties []property

	methodIndex   map[string]*method
	propertyIndex map[string]int
}

// errLater says that the reply comes by request.finish.
var errLater = errors.New("dbus: the reply comes later")

// maxMarked is how many properties of an interface can be marked as changed:
// the bits of a change set. Those that emit changes come first in the tables.
const maxMarked = 64

// index completes a table after it was written down.
func (d *descriptor) index() *descriptor {
	d.methodIndex = make(map[string]*method, len(d.methods))
	for i := range d.methods {
		m := &d.methods[i]
		for _, a := range m.in {
			m.insig += bus.Signature(a.sig)
		}
		d.methodIndex[m.name] = m
	}
	d.propertyIndex = make(map[string]int, len(d.properties))
	for i := range d.properties {
		d.propertyIndex[d.properties[i].name] = i
	}
	return d
}

// property returns the row of a name, nil without one.
func (d *descriptor) property(name string) *property {
	if i, ok := d.propertyIndex[name]; ok {
		return &d.properties[i]
	}
	return nil
}

// descriptors are the tables by kind of object, made when the first is needed: a
// daemon without a bus needs none. It is set by init, since handlers refer back to it.
var descriptors func() *[kindCount]*descriptor

func init() {
	descriptors = sync.OnceValue(func() *[kindCount]*descriptor {
		return &[kindCount]*descriptor{
			kindRoot: rootTable().index(), kindInterface: interfaceTable().index(),
			kindBSS: bssTable().index(), kindNetwork: networkTable().index(),
		}
	})
}

const (
	ifaceRoot      = service
	ifaceInterface = service + ".Interface"
	ifaceBSS       = service + ".BSS"
	ifaceNetwork   = service + ".Network"

	ifaceProperties     = "org.freedesktop.DBus.Properties"
	ifaceIntrospectable = "org.freedesktop.DBus.Introspectable"
	ifacePeer           = "org.freedesktop.DBus.Peer"
)

// args makes an argument list: pairs of name and type.
func args(pairs ...string) []arg {
	list := make([]arg, 0, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		list = append(list, arg{pairs[i], pairs[i+1]})
	}
	return list
}

// changedSignal is the deprecated signal that every interface with properties
// has.
func changedSignal() signal {
	return signal{name: "PropertiesChanged", args: args("properties", "a{sv}")}
}

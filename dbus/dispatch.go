package dbus

import (
	"fmt"
	"os"
	"strings"

	"gosupplicant/dbus/bus"
)

// dispatch finds the handler of a call and runs it.
func (s *Server) dispatch(conn *bus.Conn, call *bus.Call) (out []any, err error) {
	defer s.guard(call, &err)
	if call.Interface == ifacePeer {
		return s.peer(call)
	}
	obj, found := s.object(call.Path)
	if !found || call.Interface == "" {
		return s.noObject(call)
	}
	switch call.Interface {
	case ifaceIntrospectable:
		if call.Member != "Introspect" {
			return nil, wire(nameUnknownMethod)
		}
		return s.introspect(obj)
	case ifaceProperties:
		return s.properties(call, obj)
	}
	d := obj.descriptor()
	m := d.methodIndex[call.Member]
	if d.name != call.Interface || m == nil {
		return nil, wire(nameUnknownMethod)
	}
	if call.Signature != m.insig {
		return nil, wire(nameStdInvalidArgs)
	}
	values, err := call.Args()
	if err != nil {
		return nil, wire(nameStdInvalidArgs)
	}
	return m.call(&request{s: s, conn: conn, call: call, obj: obj, args: values})
}

// noObject answers calls that no object of ours takes, as libdbus does.
func (s *Server) noObject(call *bus.Call) ([]any, error) {
	if call.Member == "Introspect" && (call.Interface == ifaceIntrospectable || call.Interface == "") {
		return []any{s.listing(call.Path)}, nil
	}
	iface := call.Interface
	if iface == "" {
		iface = "(null)"
	}
	return nil, wire(nameUnknownMethod, fmt.Sprintf("Method \"%s\" with signature \"%s\" on interface \"%s\" doesn't exist\n",
		call.Member, call.Signature, iface))
}

// peer is org.freedesktop.DBus.Peer, which every path answers.
func (s *Server) peer(call *bus.Call) ([]any, error) {
	switch call.Member {
	case "Ping":
		return nil, nil
	case "GetMachineId":
		if s.machine == "" {
			return nil, failed("no machine id is known")
		}
		return []any{s.machine}, nil
	}
	return nil, wire(nameUnknownMethod, "Unknown method invoked on org.freedesktop.DBus.Peer interface")
}

// machineID reads the id of the machine; empty when there is none.
func machineID() string {
	for _, path := range []string{"/var/lib/dbus/machine-id", "/etc/machine-id"} {
		b, err := os.ReadFile(path)
		if id := strings.TrimSpace(string(b)); err == nil && len(id) == 32 {
			return id
		}
	}
	return ""
}

// properties is org.freedesktop.DBus.Properties of an object.
func (s *Server) properties(call *bus.Call, obj object) ([]any, error) {
	switch call.Member {
	case "Get":
		if call.Signature != "ss" {
			return nil, wire(nameStdInvalidArgs)
		}
	case "GetAll":
		if call.Signature != "s" {
			return nil, wire(nameStdInvalidArgs)
		}
	case "Set":
		// The type of the value is looked at last.
		if !strings.HasPrefix(string(call.Signature), "ss") || call.Signature == "ss" {
			return nil, wire(nameStdInvalidArgs)
		}
	default:
		return nil, wire(nameUnknownMethod)
	}
	values, err := call.Args()
	if err != nil {
		return nil, wire(nameStdInvalidArgs)
	}
	iface := values[0].(string)
	if call.Member == "GetAll" {
		d, err := s.getAll(obj, iface)
		if err != nil {
			return nil, err
		}
		return []any{d}, nil
	}
	d := obj.descriptor()
	if d.name != iface {
		return nil, wire(nameStdInvalidArgs, "No such property")
	}
	p := d.property(values[1].(string))
	if p == nil {
		return nil, wire(nameStdInvalidArgs, "No such property")
	}
	if call.Member == "Get" {
		v, err := s.get(obj, p)
		if err != nil {
			return nil, err
		}
		return []any{v}, nil
	}
	if p.set == nil {
		return nil, wire(nameStdInvalidArgs, "Property is read-only")
	}
	v, ok := values[2].(bus.Variant)
	if !ok {
		return nil, errWrongType()
	}
	if err := p.set(s, obj, v); err != nil {
		return nil, toWire(err, failed("Failed to set property"))
	}
	return nil, nil
}

func (s *Server) get(obj object, p *property) (bus.Variant, error) {
	v, err := p.get(s, obj)
	if err != nil {
		return bus.Variant{}, toWire(err, failed("Failed to read property"))
	}
	return bus.Variant{Sig: p.sig, Value: v}, nil
}

// getAll reads every property; an interface the object does not have has none.
// One getter that fails fails the call.
func (s *Server) getAll(obj object, iface string) (bus.Dict, error) {
	d := obj.descriptor()
	if d.name != iface {
		return bus.Dict{}, nil
	}
	out := make(bus.Dict, 0, len(d.properties))
	for i := range d.properties {
		p := &d.properties[i]
		v, err := s.get(obj, p)
		if err != nil {
			return nil, err
		}
		out = append(out, bus.Entry{Key: p.name, Value: v})
	}
	return out, nil
}

// readable reads every property that can be read: what signals announce
// objects with. What a peer's malformed element makes unreadable is left out,
// so that it cannot hide the object.
func (s *Server) readable(obj object) bus.Dict {
	d := obj.descriptor()
	out := make(bus.Dict, 0, len(d.properties))
	for i := range d.properties {
		p := &d.properties[i]
		if v, err := s.get(obj, p); err == nil {
			out = append(out, bus.Entry{Key: p.name, Value: v})
		}
	}
	return out
}

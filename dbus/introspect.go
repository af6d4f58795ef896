package dbus

import (
	"slices"
	"strconv"
	"strings"

	"gosupplicant/dbus/bus"
	"gosupplicant/introspection"
)

const (
	docType = "<!DOCTYPE node PUBLIC \"-//freedesktop//DTD D-BUS Object Introspection 1.0//EN\"\n" +
		"\"http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd\">\n"
	xmlHead = "<?xml version=\"1.0\"?>\n" + docType
)

// introspections caches the encoded answers: one per kind of object and set of
// children, of which there are few.
type introspections map[introspectionKey][]byte

type introspectionKey struct {
	kind     kind
	children string // names, blank separated
}

// introspect answers Introspect of an object. Arguments are ignored, as
// upstream does.
func (s *Server) introspect(obj object) ([]any, error) {
	k := introspectionKey{obj.kind, s.childNames(obj)}
	body := s.intro[k]
	if body == nil {
		_, made, err := bus.EncodeBody(describe(k))
		if err != nil {
			return nil, err
		}
		if s.intro == nil {
			s.intro = introspections{}
		}
		s.intro[k], body = made, made
	}
	return []any{encoded{"s", body}}, nil
}

// describe writes the description of a kind of object.
func describe(k introspectionKey) string {
	var b strings.Builder
	b.WriteString(xmlHead + "<node>")
	for _, iface := range []string{ifaceIntrospectable, ifaceProperties, descriptors()[k.kind].name} {
		text, _ := introspection.Compact(iface)
		b.WriteString(text)
	}
	for name := range strings.FieldsSeq(k.children) {
		b.WriteString("<node name=\"" + name + "\"/>")
	}
	b.WriteString("</node>")
	return b.String()
}

// childNames lists the directories below an object that have something in them.
func (s *Server) childNames(obj object) string {
	switch obj.kind {
	case kindRoot:
		if len(s.sup.Interfaces()) > 0 {
			return dirInterfaces
		}
	case kindInterface:
		bsss, networks := obj.iface.BSSs().Len() > 0, len(obj.iface.Config().Networks) > 0
		switch {
		case bsss && networks:
			return dirBSSs + " " + dirNetworks
		case bsss:
			return dirBSSs
		case networks:
			return dirNetworks
		}
	}
	return ""
}

// listing describes a path without an object: its children, so that tools can
// walk down to the objects.
func (s *Server) listing(p bus.ObjectPath) string {
	var b strings.Builder
	b.WriteString(docType + "<node>\n")
	for _, name := range s.below(p) {
		b.WriteString("  <node name=\"" + name + "\"/>\n")
	}
	b.WriteString("</node>\n")
	return b.String()
}

// below lists the names one level below a path, sorted as text.
func (s *Server) below(p bus.ObjectPath) []string {
	path := string(p)
	if obj, ok := s.object(p); ok {
		return strings.Fields(s.childNames(obj))
	}
	if rest, ok := strings.CutPrefix(string(rootPath), strings.TrimSuffix(path, "/")+"/"); ok {
		name, _, _ := strings.Cut(rest, "/")
		return []string{name}
	}
	var names []string
	if path == string(rootPath)+"/"+dirInterfaces {
		for _, i := range s.sup.Interfaces() {
			names = append(names, strconv.Itoa(i.ID()))
		}
	} else if parent, ok := strings.CutSuffix(path, "/"+dirBSSs); ok {
		if obj, ok := s.object(bus.ObjectPath(parent)); ok && obj.kind == kindInterface {
			for b := range obj.iface.BSSs().All() {
				names = append(names, strconv.Itoa(int(b.ID)))
			}
		}
	} else if parent, ok := strings.CutSuffix(path, "/"+dirNetworks); ok {
		if obj, ok := s.object(bus.ObjectPath(parent)); ok && obj.kind == kindInterface {
			for _, n := range obj.iface.Config().Networks {
				names = append(names, strconv.Itoa(n.ID))
			}
		}
	}
	slices.Sort(names)
	return names
}

package introspection

import (
	"embed"
	"encoding/xml"
	"fmt"
	"strings"
)

//go:embed *.xml
var files embed.FS

// Source returns the file of an interface as it stands, with line ends and
// indentation; false when there is none.
func Source(iface string) (string, bool) {
	b, err := files.ReadFile(iface + ".xml")
	return string(b), err == nil
}

// Compact returns the file of an interface without white space between tags,
// as it goes over the bus; false when there is none.
func Compact(iface string) (string, bool) {
	src, ok := Source(iface)
	var b strings.Builder
	for line := range strings.Lines(src) {
		b.WriteString(strings.TrimSpace(line))
	}
	return b.String(), ok
}

// Names lists the interfaces that have a file, sorted.
func Names() []string {
	entries, err := files.ReadDir(".")
	if err != nil {
		return nil
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".xml"))
	}
	return names
}

// Interface is a parsed file.
type Interface struct {
	Name       string     `xml:"name,attr"`
	Methods    []Method   `xml:"method"`
	Signals    []Signal   `xml:"signal"`
	Properties []Property `xml:"property"`
}

// Method is one method, its arguments in order, both directions mixed.
type Method struct {
	Name string `xml:"name,attr"`
	Args []Arg  `xml:"arg"`
}

// Signal is one signal.
type Signal struct {
	Name string `xml:"name,attr"`
	Args []Arg  `xml:"arg"`
}

// Arg is an argument; Direction is "in", "out" or, for signals, empty.
type Arg struct {
	Name      string `xml:"name,attr"`
	Type      string `xml:"type,attr"` // one complete D-Bus type
	Direction string `xml:"direction,attr"`
}

// Property is one property; Access is "read" or "readwrite".
type Property struct {
	Name   string `xml:"name,attr"`
	Type   string `xml:"type,attr"`
	Access string `xml:"access,attr"`
}

// Node is an introspected object: what an object answers to Introspect.
type Node struct {
	Interfaces []Interface `xml:"interface"`
	Nodes      []struct {
		Name string `xml:"name,attr"`
	} `xml:"node"`
}

// Parse reads the file of one interface.
func Parse(text string) (*Interface, error) {
	i := new(Interface)
	if err := xml.Unmarshal([]byte(text), i); err != nil {
		return nil, fmt.Errorf("introspection: %w", err)
	}
	return i, nil
}

// ParseNode reads the answer of an object to Introspect.
func ParseNode(text string) (*Node, error) {
	n := new(Node)
	if err := xml.Unmarshal([]byte(text), n); err != nil {
		return nil, fmt.Errorf("introspection: %w", err)
	}
	return n, nil
}

// Package tree reads introspection data, files of the contract as well as the answers
// of objects, for those who compare them. The daemon itself sends the files as they
// are and does without a reader of XML.
package tree

import (
	"encoding/xml"
	"fmt"
)

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
		return nil, fmt.Errorf("introspection/tree: %w", err)
	}
	return i, nil
}

// ParseNode reads the answer of an object to Introspect.
func ParseNode(text string) (*Node, error) {
	n := new(Node)
	if err := xml.Unmarshal([]byte(text), n); err != nil {
		return nil, fmt.Errorf("introspection/tree: %w", err)
	}
	return n, nil
}

package introspection_test

import (
	"strings"
	"testing"

	"gosupplicant/introspection"
	"gosupplicant/introspection/tree"
)

func TestFilesAreWellFormedAndNamedAfterTheirInterface(t *testing.T) {
	if len(introspection.Names()) < 6 {
		t.Fatalf("files: %v", introspection.Names())
	}
	for _, name := range introspection.Names() {
		src, ok := introspection.Source(name)
		if !ok {
			t.Fatalf("%s: no source", name)
		}
		i, err := tree.Parse(src)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if i.Name != name {
			t.Errorf("file %s describes %q", name, i.Name)
		}
		seen := map[string]bool{}
		for _, m := range i.Methods {
			if seen["m"+m.Name] {
				t.Errorf("%s.%s is listed twice", name, m.Name)
			}
			seen["m"+m.Name] = true
			for _, a := range m.Args {
				if a.Direction != "in" && a.Direction != "out" || a.Type == "" || a.Name == "" {
					t.Errorf("%s.%s: argument %+v", name, m.Name, a)
				}
			}
		}
		for _, p := range i.Properties {
			if p.Access != "read" && p.Access != "readwrite" {
				t.Errorf("%s.%s: access %q", name, p.Name, p.Access)
			}
			if seen["p"+p.Name] {
				t.Errorf("%s.%s is listed twice", name, p.Name)
			}
			seen["p"+p.Name] = true
		}
	}
}

func TestCompactKeepsEverythingButSpace(t *testing.T) {
	for _, name := range introspection.Names() {
		src, _ := introspection.Source(name)
		short, ok := introspection.Compact(name)
		if !ok || strings.Contains(short, "\n") || strings.Contains(short, "> ") {
			t.Errorf("%s is not compact", name)
		}
		a, _ := tree.Parse(src)
		b, err := tree.Parse(short)
		if err != nil || len(a.Properties) != len(b.Properties) || len(a.Methods) != len(b.Methods) || len(a.Signals) != len(b.Signals) {
			t.Errorf("%s: compact form differs: %v", name, err)
		}
	}
	if _, ok := introspection.Compact("no.such"); ok {
		t.Error("a file that does not exist was found")
	}
}

package dbus

import (
	"slices"
	"testing"

	"gosupplicant/introspection"
	"gosupplicant/introspection/tree"
)

func arguments(list []tree.Arg, direction string) []arg {
	var out []arg
	for _, a := range list {
		if a.Direction == direction {
			out = append(out, arg{a.Name, a.Type})
		}
	}
	return out
}

// TestTablesMatchTheContract compares every table with its XML file, both ways
// and in order.
func TestTablesMatchTheContract(t *testing.T) {
	for _, d := range descriptors() {
		src, ok := introspection.Source(d.name)
		if !ok {
			t.Fatalf("%s has no file", d.name)
		}
		want, err := tree.Parse(src)
		if err != nil {
			t.Fatal(err)
		}
		compare(t, d.name+" methods", names(d.methods, func(m method) string { return m.name }),
			names(want.Methods, func(m tree.Method) string { return m.Name }))
		compare(t, d.name+" signals", names(d.signals, func(s signal) string { return s.name }),
			names(want.Signals, func(s tree.Signal) string { return s.Name }))
		compare(t, d.name+" properties", names(d.properties, func(p property) string { return p.name }),
			names(want.Properties, func(p tree.Property) string { return p.Name }))
		if t.Failed() {
			continue
		}
		for i, m := range want.Methods {
			if !slices.Equal(d.methods[i].in, arguments(m.Args, "in")) || !slices.Equal(d.methods[i].out, arguments(m.Args, "out")) {
				t.Errorf("%s.%s: arguments differ from the file", d.name, m.Name)
			}
		}
		for i, s := range want.Signals {
			if !slices.Equal(d.signals[i].args, arguments(s.Args, "")) {
				t.Errorf("%s.%s: arguments differ from the file", d.name, s.Name)
			}
		}
		for i, p := range want.Properties {
			access := "read"
			if d.properties[i].set != nil {
				access = "readwrite"
			}
			if string(d.properties[i].sig) != p.Type || access != p.Access {
				t.Errorf("%s.%s: %s %s, file says %s %s", d.name, p.Name, d.properties[i].sig, access, p.Type, p.Access)
			}
		}
	}
}

func names[T any](list []T, name func(T) string) []string {
	var out []string
	for _, x := range list {
		out = append(out, name(x))
	}
	return out
}

func compare(t *testing.T, what string, got, want []string) {
	t.Helper()
	for _, n := range got {
		if !slices.Contains(want, n) {
			t.Errorf("%s: %s is in the table only", what, n)
		}
	}
	for _, n := range want {
		if !slices.Contains(got, n) {
			t.Errorf("%s: %s is in the file only", what, n)
		}
	}
	if !t.Failed() && !slices.Equal(got, want) {
		t.Errorf("%s: order differs:\n%v\n%v", what, got, want)
	}
}

// TestWhatIsMarkedFitsTheSet: changes are bits of a word.
func TestWhatIsMarkedFitsTheSet(t *testing.T) {
	for _, list := range propNames {
		for _, n := range list {
			if i, ok := descriptors()[kindInterface].propertyIndex[n]; !ok || i >= maxMarked {
				t.Errorf("%s cannot be marked: row %d, %v", n, i, ok)
			}
		}
	}
	for _, row := range fieldNames {
		if i, ok := descriptors()[kindBSS].propertyIndex[row.name]; !ok || i >= maxMarked {
			t.Errorf("%s cannot be marked: row %d, %v", row.name, i, ok)
		}
	}
}

// TestEveryFileIsServed: no interface is described that nobody has.
func TestEveryFileIsServed(t *testing.T) {
	served := []string{ifaceProperties, ifaceIntrospectable}
	for _, d := range descriptors() {
		served = append(served, d.name)
	}
	for _, n := range introspection.Names() {
		if !slices.Contains(served, n) {
			t.Errorf("%s is described and not served", n)
		}
	}
}

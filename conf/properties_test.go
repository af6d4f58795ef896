package conf

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"
)

// propertyRecording is what Network.Properties of the 2.10 program answered after
// AddNetwork over D-Bus.
type propertyRecording struct {
	Defaults map[string]string // of AddNetwork without arguments
	Cases    []struct {
		Set     [][3]string // name, D-Bus type, value (hex for ay)
		Error   string      // the D-Bus error of AddNetwork
		Differs map[string]string
	}
}

// fileText turns a recorded argument into the syntax of the file, as the D-Bus
// front end does.
func fileText(t *testing.T, arg [3]string) string {
	t.Helper()
	switch arg[1] {
	case "s":
		return NetworkString(arg[0], arg[2])
	case "ay":
		b, err := hex.DecodeString(arg[2])
		if err != nil {
			t.Fatal(err)
		}
		return NetworkOctets(b)
	}
	return arg[2]
}

func TestPropertiesAgainstUpstream(t *testing.T) {
	data, err := os.ReadFile("testdata/upstream/properties.json")
	if err != nil {
		t.Fatal(err)
	}
	var rec propertyRecording
	if err := json.Unmarshal(data, &rec); err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, c := range readSetCases(t, "set_network.tsv") {
		known[c.field] = true
	}
	compareProperties(t, "defaults", New().AddNetwork(), rec.Defaults, nil, known)
	for _, c := range rec.Cases {
		n := New().AddNetwork()
		var err error
		for _, arg := range c.Set {
			if _, e := n.Set(arg[0], fileText(t, arg)); e != nil {
				err = e
			}
		}
		if (err != nil) != (c.Error != "") {
			t.Errorf("%v: error %v, upstream %q", c.Set, err, c.Error)
		} else if err == nil {
			compareProperties(t, c.Set, n, rec.Defaults, c.Differs, known)
		}
	}
}

// compareProperties wants every property of upstream with its value, and beyond
// those only fields that 2.10 does not know.
func compareProperties(t *testing.T, what any, n *Network, defaults, differs map[string]string, known map[string]bool) {
	t.Helper()
	want := map[string]string{}
	for _, m := range []map[string]string{defaults, differs} {
		for k, v := range m {
			want[k] = v
		}
	}
	for _, p := range n.Properties() {
		if v, ok := want[p.Name]; ok && v != p.Value || !ok && known[p.Name] {
			t.Errorf("%v: %s is %q, upstream %q", what, p.Name, p.Value, v)
		}
		delete(want, p.Name)
	}
	for k, v := range want {
		t.Errorf("%v: %s is missing, upstream %q", what, k, v)
	}
}

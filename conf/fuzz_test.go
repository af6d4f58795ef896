package conf

import (
	"slices"
	"strings"
	"testing"
)

// sameLines compares what two sections say, field by field.
func sameLines[T any](t *testing.T, tb *table[T], a, b *T) {
	t.Helper()
	for _, f := range tb.rows() {
		if f.Saved && !slices.Equal(f.lines(a), f.lines(b)) {
			t.Errorf("%s: %q became %q", f.Name, f.lines(a), f.lines(b))
		}
	}
}

// reload saves and loads again.
func reload(t *testing.T, c *Config) *Config {
	t.Helper()
	text := c.Encode()
	d, err := Parse("saved", text)
	if err != nil {
		t.Fatalf("what was written cannot be read: %v\n%q", err, text)
	}
	if len(d.Warnings) > 0 {
		t.Errorf("what was written is not read as it stands: %v\n%q", d.Warnings, text)
	}
	return d
}

// volatile reports what a file cannot keep: a key that is memory only, and a set
// of ciphers with nothing in it.
func volatile(n *Network) bool {
	return n.MemOnlyPSK != 0 || n.Group == 0
}

func FuzzFile(f *testing.F) {
	f.Add([]byte("ctrl_interface=DIR=/run/wpa GROUP=netdev # x\nupdate_config=1\nnetwork={\n\tssid=\"a#b\"\n\tpsk=\"12345678\"\n}\n"))
	f.Add([]byte("cred={\n\trealm=\"r\"\n\tdomain=\"d\"\n\troaming_partner=\"a,1,2,*\"\n}\nidentity={\n\tdik=00\n}\n"))
	f.Add([]byte("blob-base64-b={\nQUJD\n}\nnetwork={\n\tssid=P\"\\x00\\n\"\n\tkey_mgmt=SAE\n\tsae_password=00\n\teap=TLS PEAP\n}\n"))
	f.Add([]byte("network={\n\tbssid_ignore=02:00:00:00:00:01/ff:ff:ff:00:00:00\n\tscan_freq=2412 0 1\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := Parse("fuzz", data)
		if err != nil {
			if err.Error() == "" {
				t.Error("an error without words")
			}
			return
		}
		if slices.ContainsFunc(c.Networks, volatile) {
			return
		}
		d := reload(t, c)
		sameLines(t, globalTable(), &c.Globals, &d.Globals)
		kept := slices.DeleteFunc(slices.Clone(c.Networks), func(n *Network) bool { return !n.saved() })
		if len(d.Networks) != len(kept) {
			t.Fatalf("%d networks became %d", len(kept), len(d.Networks))
		}
		for i, n := range kept {
			sameLines(t, networkTable(), n, d.Networks[i])
		}
		if len(d.Blobs) != len(c.Blobs) || len(d.Identities) != len(c.Identities) {
			t.Errorf("%d blobs, %d identities became %d, %d", len(c.Blobs), len(c.Identities), len(d.Blobs), len(d.Identities))
		}
		if again := d.Encode(); string(again) != string(c.Encode()) {
			t.Errorf("written a second time it differs:\n%s\n%s", c.Encode(), again)
		}
	})
}

// seed gives every field the value that TestXSurface finds for it, and one that
// tries to leave its line.
func seed(f *testing.F, fields []FieldInfo, set func(name, v string) (bool, error)) {
	for i, info := range fields {
		if v, ok := trySample(func(v string) (bool, error) { return set(info.Name, v) }); ok {
			f.Add(uint16(i), v)
		}
		f.Add(uint16(i), "\"x\n}\n\"")
	}
}

func FuzzNetworkField(f *testing.F) {
	fields := NetworkFields()
	seed(f, fields, func(name, v string) (bool, error) { return NewNetwork().Set(name, v) })
	f.Fuzz(func(t *testing.T, which uint16, value string) {
		name := fields[int(which)%len(fields)].Name
		c := New()
		n := c.AddNetwork()
		n.KeyMgmt = KeyMgmtNone
		if changed, err := n.Set(name, value); err != nil {
			if changed {
				t.Error("an error and a change")
			}
			sameLines(t, networkTable(), n, func() *Network {
				m := NewNetwork()
				m.KeyMgmt, m.Disabled = KeyMgmtNone, 1
				return m
			}())
			return
		}
		n.Get(name)
		n.Properties()
		if !n.saved() || volatile(n) {
			return
		}
		d := reload(t, c)
		if len(d.Networks) != 1 || len(d.Creds)+len(d.Blobs) != 0 {
			t.Fatalf("one network became %d, with %d other blocks", len(d.Networks), len(d.Creds)+len(d.Blobs))
		}
		sameLines(t, networkTable(), n, d.Networks[0])
		sameLines(t, globalTable(), &c.Globals, &d.Globals)
	})
}

func FuzzGlobal(f *testing.F) {
	fields := GlobalFields()
	seed(f, fields, func(name, v string) (bool, error) { return New().Set(name, v) })
	f.Fuzz(func(t *testing.T, which uint16, value string) {
		name := fields[int(which)%len(fields)].Name
		c := New()
		if _, err := c.Set(name, value); err != nil {
			sameLines(t, globalTable(), &c.Globals, &New().Globals)
			return
		}
		c.Get(name)
		if lines := strings.Count(c.Dump(), "\n"); lines != strings.Count(New().Dump(), "\n") {
			t.Errorf("the dump has %d lines", lines)
		}
		d := reload(t, c)
		sameLines(t, globalTable(), &c.Globals, &d.Globals)
		if len(d.Networks)+len(d.Creds)+len(d.Blobs) != 0 {
			t.Error("a global became a block")
		}
	})
}

func FuzzCredField(f *testing.F) {
	fields := CredFields()
	seed(f, fields, func(name, v string) (bool, error) { return NewCred().Set(name, v) })
	f.Fuzz(func(t *testing.T, which uint16, value string) {
		name := fields[int(which)%len(fields)].Name
		c := New()
		cr := c.AddCred()
		if _, err := cr.Set(name, value); err != nil {
			sameLines(t, credTable(), cr, NewCred())
			return
		}
		cr.Get(name)
		if cr.Temporary != 0 {
			return
		}
		d := reload(t, c)
		if len(d.Creds) != 1 || len(d.Networks)+len(d.Blobs) != 0 {
			t.Fatalf("one credential became %d", len(d.Creds))
		}
		sameLines(t, credTable(), cr, d.Creds[0])
	})
}

// TestNoInjection gives every field values that try to add a line.
func TestNoInjection(t *testing.T) {
	evil := []string{"x\nap_scan=0", "x\rap_scan=0", "\"x\"\n\tkey_mgmt=NONE", "\"x\n}\nnetwork={\n\tkey_mgmt=NONE\"",
		"P\"x\\n\\tdisabled=1\"", "780a6461", "1\n", "02:00:00:00:00:01\n", "ext:a\nb", "x\x00y", "\"x\x00y\"", "TLS\nPEAP",
		"\"12345678\n\"", "DE\nx", "a #b", "a\x7f", "\"a\" # \"b\"", "# x", "x ", "\t"}
	c := New()
	for _, v := range evil {
		for _, f := range GlobalFields() {
			c.Set(f.Name, v)
		}
		for _, f := range NetworkFields() {
			n := NewNetwork()
			n.KeyMgmt = KeyMgmtNone
			if _, err := n.Set(f.Name, v); err == nil && n.saved() && !volatile(n) {
				d := New()
				d.Networks = []*Network{n}
				got := reload(t, d)
				if len(got.Networks) != 1 {
					t.Fatalf("%s=%q: %d networks", f.Name, v, len(got.Networks))
				}
				sameLines(t, networkTable(), n, got.Networks[0])
			}
		}
		for _, f := range CredFields() {
			d := New()
			cr := d.AddCred()
			if _, err := cr.Set(f.Name, v); err == nil && cr.Temporary == 0 {
				sameLines(t, credTable(), cr, reload(t, d).Creds[0])
			}
		}
		if err := c.SetBlob(v, []byte("x")); err == nil && strings.ContainsAny(v, "\n\r=") {
			t.Errorf("%q became the name of a blob", v)
		}
		if got := reload(t, c); len(got.Blobs) != len(c.Blobs) {
			t.Errorf("blob %q: %d blobs became %d", v, len(c.Blobs), len(got.Blobs))
		}
	}
	sameLines(t, globalTable(), &c.Globals, &reload(t, c).Globals)
}

package bustest_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"gosupplicant/dbus/bus"
	"gosupplicant/dbus/bustest"
)

func TestText(t *testing.T) {
	for _, tc := range []struct {
		v    any
		want string
	}{
		{"a\n", `"a\n"`},
		{bus.ObjectPath("/a"), `o"/a"`},
		{bus.Signature("as"), `g"as"`},
		{true, "true"},
		{uint32(7), "u:7"},
		{int16(-7), "n:-7"},
		{[]byte{1, 0xff}, "ay:01ff"},
		{bus.Dict{{Key: "z", Value: bus.MakeVariant([]string{"a"})}, {Key: "b", Value: bus.MakeVariant([]uint32{1, 2})}}, `{"b": <[u:1, u:2]>, "z": <["a"]>}`},
		{bus.Struct{byte(1), "x"}, `(y:1, "x")`},
		{bus.Array{Elem: "b", Items: []any{false}}, "[false]"},
		{[][]byte{{1}, {}}, "[ay:01, ay:]"},
		{[]bus.ObjectPath{"/"}, `[o"/"]`},
		{struct{}{}, "?struct {}"},
	} {
		if got := bustest.Text(tc.v); got != tc.want {
			t.Errorf("%#v is written %s, want %s", tc.v, got, tc.want)
		}
	}
	if got := bustest.DictText(bus.Dict{{Key: "b", Value: bus.MakeVariant("2")}, {Key: "a", Value: bus.MakeVariant("1")}}); got != "\"a\": <\"1\">\n\"b\": <\"2\">\n" {
		t.Errorf("DictText gives %q", got)
	}
}

func TestTranscriptOfTheBusItself(t *testing.T) {
	b := bustest.Start(t, bustest.Config{})
	c := b.Connect()
	tr := c.Transcript("org.freedesktop.DBus", c.Name(), "ME")
	tr.Note("the bus knows %s", c.Name())
	tr.Call("/org/freedesktop/DBus", "org.freedesktop.DBus", "NameHasOwner", c.Name())
	tr.Call("/org/freedesktop/DBus", "org.freedesktop.DBus", "NoSuchMethod")
	want := `# the bus knows ME
> /org/freedesktop/DBus org.freedesktop.DBus.NameHasOwner("ME")
< (true)
> /org/freedesktop/DBus org.freedesktop.DBus.NoSuchMethod()
< error org.freedesktop.DBus.Error.UnknownMethod("org.freedesktop.DBus does not understand message NoSuchMethod")
`
	if tr.String() != want {
		t.Errorf("got\n%s\nwant\n%s", tr, want)
	}
	if xml, err := c.Introspect("org.freedesktop.DBus", "/org/freedesktop/DBus"); err != nil || !strings.Contains(xml, "<interface name=\"org.freedesktop.DBus\">") {
		t.Errorf("Introspect: %q, %v", xml, err)
	}
	if v, err := c.Get("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "Features"); err != nil || len(v.([]string)) == 0 {
		t.Errorf("Get: %v, %v", v, err)
	}
	if d, err := c.GetAll("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus"); err != nil || len(d) < 2 {
		t.Errorf("GetAll: %v, %v", d, err)
	}
	if err := c.Set("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "Features", "x"); err == nil {
		t.Error("a read-only property was set")
	}
}

// TestPolicy takes the form a service file has: root may, others may not.
func TestPolicy(t *testing.T) {
	file := filepath.Join(t.TempDir(), "policy.conf")
	if err := os.WriteFile(file, []byte(`<busconfig>
  <policy user="root"><allow own="a.b"/><allow send_destination="a.b"/></policy>
</busconfig>`), 0o644); err != nil {
		t.Fatal(err)
	}
	if os.Getuid() != 0 {
		t.Skip("the policy speaks of root")
	}
	b := bustest.Start(t, bustest.Config{Policy: file})
	svc, c := b.ConnectAs("a.b"), b.Connect()
	c.Send(bus.Target{Dest: "a.b", Path: "/", Interface: "a.b", Member: "M"}, "x")
	c.Flush()
	svc.Until("the call", func([]bustest.Arrival) bool { return len(svc.Requests()) == 1 })
	if call := svc.Requests()[0]; call.Sender != c.Name() || call.Member != "M" {
		t.Errorf("got %v", call)
	}
}

func TestStopAndLaunch(t *testing.T) {
	b := bustest.Start(t, bustest.Config{})
	first := b.PID()
	b.Connect().Sync()
	b.Stop()
	if err := syscall.Kill(first, 0); err != syscall.ESRCH {
		t.Errorf("the daemon is still there: %v", err)
	}
	b.Launch()
	b.Connect().Sync()
	if out, err := b.Run("dbus-send", "--bus=$BUS", "--print-reply", "--dest=org.freedesktop.DBus", "/", "org.freedesktop.DBus.ListNames"); err != nil || !strings.Contains(out, "org.freedesktop.DBus") {
		t.Errorf("dbus-send: %q, %v", out, err)
	}
}

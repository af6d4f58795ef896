package main

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"gosupplicant/engine"
)

func TestFlagsGetoptStyle(t *testing.T) {
	o, err := parse(strings.Fields("-Bddt -iwlan0 -Dnl80211,wext -c/etc/a.conf -b br0 -N -i eth0 -c /etc/b.conf -Dnone -px=1 -P /run/x.pid -O/run/w -o none -M -iwl* -C/run/w -uW"))
	if err != nil {
		t.Fatal(err)
	}
	want := &options{
		ifaces: []engine.InterfaceConfig{
			{Ifname: "wlan0", Driver: "nl80211,wext", ConfigFile: "/etc/a.conf", BridgeIfname: "br0", Startup: true},
			{Ifname: "eth0", Driver: "none", ConfigFile: "/etc/b.conf", DriverParam: "x=1", Startup: true},
		},
		matches:    []engine.InterfaceConfig{{Ifname: "wl*", CtrlInterface: "/run/w", Startup: true}},
		background: true, louder: 2, timestamp: true, pidFile: "/run/x.pid", overrideCtrl: "/run/w", overrideDriver: "none",
		dbus: true, waitMonitor: true,
	}
	if !reflect.DeepEqual(o, want) {
		t.Errorf("got  %+v\nwant %+v", o, want)
	}
}

func TestFlagsDecideWhatToDo(t *testing.T) {
	for _, c := range []struct {
		args   string
		action action
		fails  bool // usage with status 255
	}{
		{"", actionUsage, true},
		{"-h", actionUsage, false},
		{"-v -x", actionVersion, false},
		{"-dL", actionLicense, false},
		{"-c x.conf", actionCheckConfig, false},
		{"-g/run/g -c x.conf", actionCheckConfig, false},
		{"-i wlan0", actionUsage, true},
		{"-u", actionRun, false},
		{"-g /run/g", actionRun, false},
		{"-M -iwlan*", actionRun, false},
		{"-i wlan0 -C /run/w", actionRun, false},
		{"-i wlan0 -C /run/w -N -i wlan1", actionUsage, true},
	} {
		o, err := parse(strings.Fields(c.args))
		if err != nil {
			t.Errorf("%q: %v", c.args, err)
			continue
		}
		if o.action != c.action || o.incomplete != c.fails {
			t.Errorf("%q: action %d incomplete %v, want %d %v", c.args, o.action, o.incomplete, c.action, c.fails)
		}
	}
}

func TestFlagsUnknownOrWithoutValue(t *testing.T) {
	for args, want := range map[string]string{
		"-x":     "invalid option -- 'x'",
		"-dx":    "invalid option -- 'x'",
		"-i":     "option requires an argument -- 'i'",
		"-u -T":  "invalid option -- 'T'",
		"-m foo": "invalid option -- 'm'",
	} {
		if _, err := parse(strings.Fields(args)); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", args, err, want)
		}
	}
}

func FuzzFlags(f *testing.F) {
	f.Add("-Bddt\x00-iwlan0\x00-c\x00x")
	f.Add("-N\x00-M\x00--\x00-x")
	f.Fuzz(func(t *testing.T, s string) {
		o, err := parse(strings.Split(s, "\x00"))
		if (o == nil) == (err == nil) {
			t.Fatalf("options %v with error %v", o, err)
		}
		if o == nil {
			return
		}
		for _, c := range append(o.ifaces, o.matches...) {
			for _, path := range []string{c.ConfigFile, c.ExtraConfigFile} {
				if path != "" && !filepath.IsAbs(path) {
					t.Errorf("%q stays relative", path)
				}
			}
			if o.action == actionRun && len(o.matches) == 0 && !c.Startup {
				t.Errorf("%q is not marked as one of the command line", c.Ifname)
			}
		}
	})
}

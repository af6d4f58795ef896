package main

import (
	"encoding/binary"
	"strings"
	"testing"

	"gosupplicant/dbus/bus"
)

// overTheBus encodes values and decodes them again, as the bus does.
func overTheBus(t *testing.T, values ...any) []any {
	t.Helper()
	sig, body, err := bus.EncodeBody(values...)
	if err != nil {
		t.Fatal(err)
	}
	args, err := bus.DecodeBody(binary.LittleEndian, sig, body)
	if err != nil {
		t.Fatal(err)
	}
	return args
}

func dict(pairs ...any) bus.Dict {
	var d bus.Dict
	for k := 0; k < len(pairs); k += 2 {
		d.Add(pairs[k].(string), pairs[k+1])
	}
	return d
}

func ifaces(entries ...any) bus.Array { return bus.Array{Elem: "{sa{sv}}", Items: entries} }

// TestManaged finds objects among those that iwd has.
func TestManaged(t *testing.T) {
	answer := overTheBus(t, bus.Array{Elem: "{oa{sa{sv}}}", Items: []any{
		bus.Struct{iwdRoot, ifaces(bus.Struct{iwdAgents, dict()})},
		bus.Struct{iwdRoot + "/2/4", ifaces(bus.Struct{iwdDevice, dict("Scanning", false, "State", "connected")})},
		bus.Struct{iwdRoot + "/2/4/6e6f_psk", ifaces(bus.Struct{iwdNetwork, dict("Name", "no")})},
		bus.Struct{iwdRoot + "/2/4/62656e6368_psk", ifaces(bus.Struct{iwdNetwork, dict("Name", "bench", "Connected", true)})},
	}})
	objects, err := managed(answer)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		iface, name string
		want        bus.ObjectPath // none when empty
	}{
		{iwdDevice, "", iwdRoot + "/2/4"},
		{iwdNetwork, "bench", iwdRoot + "/2/4/62656e6368_psk"},
		{iwdNetwork, "", iwdRoot + "/2/4/6e6f_psk"},
		{iwdNetwork, "other", ""},
		{iwdKnown, "bench", ""},
	} {
		if got, ok := find(objects, c.iface, c.name); got != c.want || ok != (c.want != "") {
			t.Errorf("%s %q: %q, %v", c.iface, c.name, got, ok)
		}
	}
	for _, bad := range [][]any{
		nil, {"text"}, {objects}, answer[:0],
		{bus.Array{Items: []any{"text"}}},
		{bus.Array{Items: []any{bus.Struct{"text", ifaces()}}}},
		{bus.Array{Items: []any{bus.Struct{iwdRoot, "text"}}}},
		{bus.Array{Items: []any{bus.Struct{iwdRoot, ifaces("text")}}}},
		{bus.Array{Items: []any{bus.Struct{iwdRoot, ifaces(bus.Struct{iwdDevice, "text"})}}}},
	} {
		if _, err := managed(bad); err == nil {
			t.Errorf("%v was accepted", bad)
		}
	}
}

// TestSignals takes properties and interfaces out of signals' bodies.
func TestSignals(t *testing.T) {
	args := overTheBus(t, iwdDevice, dict("State", "roaming", "Scanning", true), []string{"ConnectedNetwork"})
	if v, ok := valueOf(args, iwdDevice, "State"); v != any("roaming") || !ok {
		t.Errorf("State is %v, %v", v, ok)
	}
	for _, c := range []struct {
		args            []any
		iface, property string
	}{{args, iwdDevice, "ConnectedNetwork"}, {args, iwdDebug, "State"}, {args[:1], iwdDevice, "State"}, {nil, iwdDevice, "State"}} {
		if v, ok := valueOf(c.args, c.iface, c.property); ok {
			t.Errorf("%s of %s in %v is %v", c.property, c.iface, c.args, v)
		}
	}
	o, err := objectOf(overTheBus(t, iwdRoot+"/2/4", ifaces(bus.Struct{iwdDebug, dict("AutoConnect", false)})))
	if err != nil || o.path != iwdRoot+"/2/4" || len(o.ifaces[iwdDebug]) != 1 {
		t.Errorf("%+v, %v", o, err)
	}
	if _, err := objectOf(nil); err == nil {
		t.Error("an object of nothing was accepted")
	}
}

// TestNoIWD says what to do.
func TestNoIWD(t *testing.T) {
	_, err := newIWD("/no/such/iwd", t.TempDir())
	if err == nil || !strings.Contains(err.Error(), "install the package iwd") || !strings.Contains(err.Error(), "-iwd ''") {
		t.Errorf("%v", err)
	}
}

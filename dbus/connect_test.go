package dbus

import (
	"slices"
	"strings"
	"testing"

	"gosupplicant/dbus/bus"
	"gosupplicant/dbus/bustest"
	"gosupplicant/drivers/sim"
	"gosupplicant/engine"
)

const connectAir = `dwell active=1ms passive=1ms
radio phy0 interfaces=sim0 bands=2
ap "plain" bssid=02:00:00:00:02:01 channel=1 signal=-40
ap "two" bssid=02:00:00:00:02:02 channel=6 signal=-50 security=wpa2 passphrase="right right"
ap "two" bssid=02:00:00:00:02:03 channel=11 signal=-60 security=wpa2 passphrase="right right"
ap "three" bssid=02:00:00:00:02:04 channel=11 signal=-60 security=wpa3 passphrase="right right"
`

// changesOf lists the values that a property of the interface was told to have.
func changesOf(seen []bustest.Arrival, name string) []any {
	var out []any
	for _, a := range seen {
		if a.Signal == nil || a.Signal.Member != "PropertiesChanged" || a.Signal.Interface != ifaceProperties {
			continue
		}
		args, err := a.Signal.Args()
		if err != nil || args[0] != ifaceInterface {
			continue
		}
		if v, ok := args[1].(bus.Dict).Get(name); ok {
			out = append(out, v.Value)
		}
	}
	return out
}

// untilState waits for a state to be told, and returns all that arrived till then.
func (w *world) untilState(state string) []bustest.Arrival {
	w.t.Helper()
	var all []bustest.Arrival
	w.c.Until("state "+state, func(seen []bustest.Arrival) bool {
		all = slices.Clone(seen)
		return slices.Contains(changesOf(seen, "State"), any(state))
	})
	return all
}

// join adds a network as NetworkManager does, and selects it.
func (w *world) join(iface bus.ObjectPath, pairs ...any) bus.ObjectPath {
	w.t.Helper()
	w.c.Sync()
	w.c.Take()
	n := w.call(iface, ifaceInterface, "AddNetwork", dict(pairs...))[0].(bus.ObjectPath)
	w.call(iface, ifaceInterface, "SelectNetwork", n)
	return n
}

// TestConnecting: from AddNetwork to a connection, a roam, and away.
func TestConnecting(t *testing.T) {
	w := newWorld(t, connectAir)
	w.listen()
	iface := w.create("Ifname", "sim0", "Driver", "sim")
	w.idle(iface)
	n := w.join(iface, "ssid", []byte("two"), "key_mgmt", "WPA-PSK WPA-PSK-SHA256", "psk", "right right", "bssid", "02:00:00:00:02:02")
	seen := w.untilState("completed")
	states := changesOf(seen, "State")
	for k, s := range states[1:] {
		if s == states[k] {
			t.Errorf("state %v is told twice: %v", s, states)
		}
	}
	bsss, networks := changesOf(seen, "CurrentBSS"), changesOf(seen, "CurrentNetwork")
	if len(bsss) == 0 || len(networks) == 0 || networks[len(networks)-1] != n {
		t.Fatalf("CurrentBSS %v, CurrentNetwork %v before completed", bsss, networks)
	}
	first := bsss[len(bsss)-1].(bus.ObjectPath)
	if bssid := w.get(first, ifaceBSS, "BSSID").([]byte); bssid[5] != 2 {
		t.Errorf("CurrentBSS has the address %x", bssid)
	}
	if mode := w.get(iface, ifaceInterface, "CurrentAuthMode"); mode != "WPA2-PSK+WPA-PSK" {
		t.Errorf("CurrentAuthMode %v", mode)
	}
	w.call(n, ifaceProperties, "Set", ifaceNetwork, "Properties", bus.MakeVariant(dict("bssid", "any")))
	w.c.Take()
	w.call(iface, ifaceInterface, "Roam", "02:00:00:00:02:03")
	seen = w.untilState("completed")
	w.c.Until("the roam", func(seen []bustest.Arrival) bool { return slices.Contains(changesOf(seen, "RoamComplete"), any(true)) })
	if now := w.get(iface, ifaceInterface, "CurrentBSS"); now == first {
		t.Errorf("still at %v after %d signals", now, len(seen))
	}
	for _, bad := range []struct{ addr, want string }{
		{"x", nameInvalidArgs}, {"02:00:00:00:02:77", nameUnknownError}, {"02:00:00:00:02:01", nameUnknownError},
	} {
		if got := w.refused(iface, ifaceInterface, "Roam", bad.addr); !strings.Contains(got, bad.want) {
			t.Errorf("Roam(%q): %s", bad.addr, got)
		}
	}
	w.c.Take()
	w.call(iface, ifaceInterface, "Disconnect")
	w.c.Until("the end", func(seen []bustest.Arrival) bool {
		return slices.Contains(changesOf(seen, "DisconnectReason"), any(int32(-3))) &&
			slices.Contains(changesOf(seen, "CurrentBSS"), any(noPath)) &&
			slices.Contains(changesOf(seen, "State"), any("disconnected")) && len(changesOf(seen, "SessionLength")) > 0
	})
	for _, call := range []struct{ member, want string }{{"Disconnect", nameNotConnected}, {"Reattach", nameNotConnected}} {
		if got := w.refused(iface, ifaceInterface, call.member); !strings.Contains(got, call.want) {
			t.Errorf("%s: %s", call.member, got)
		}
	}
	if got := w.refused(iface, ifaceInterface, "Roam", "02:00:00:00:02:02"); !strings.Contains(got, nameNotConnected) {
		t.Errorf("Roam without a connection: %s", got)
	}
}

// TestAuthModes: what CurrentAuthMode says of networks without PSK.
func TestAuthModes(t *testing.T) {
	w := newWorld(t, connectAir)
	w.listen()
	iface := w.create("Ifname", "sim0", "Driver", "sim")
	w.idle(iface)
	for _, tt := range []struct {
		mode  string
		pairs []any
	}{
		{"NONE", []any{"ssid", "plain", "key_mgmt", "NONE"}},
		{"SAE", []any{"ssid", "three", "key_mgmt", "SAE", "sae_password", "right right", "ieee80211w", int32(2)}},
	} {
		if got := w.get(iface, ifaceInterface, "CurrentAuthMode"); got != "INACTIVE" {
			t.Errorf("CurrentAuthMode %v without a connection", got)
		}
		w.join(iface, tt.pairs...)
		w.untilState("completed")
		if got := w.get(iface, ifaceInterface, "CurrentAuthMode"); got != tt.mode {
			t.Errorf("CurrentAuthMode %v, want %s", got, tt.mode)
		}
		w.call(iface, ifaceInterface, "Disconnect")
	}
}

// TestWrongPassword: the signals that clients ask for a new password on, and the
// record of the attempt.
func TestWrongPassword(t *testing.T) {
	w := newWorld(t, connectAir)
	w.listen()
	iface := w.create("Ifname", "sim0", "Driver", "sim")
	w.idle(iface)
	if d := w.get(iface, ifaceInterface, "LastFailure").(bus.Dict); len(d) != 0 {
		t.Errorf("LastFailure %v before any", d)
	}
	n := w.join(iface, "ssid", "three", "key_mgmt", "SAE", "sae_password", "wrong wrong", "ieee80211w", uint32(2))
	w.c.AwaitSignal("SaePasswordMismatch")
	var last bus.Dict
	w.c.Until("LastFailure", func(seen []bustest.Arrival) bool {
		if v := changesOf(seen, "LastFailure"); len(v) > 0 {
			last = v[0].(bus.Dict)
		}
		return last != nil
	})
	for name, want := range map[string]any{"Network": n, "SSID": []byte("three"), "Phase": "authentication", "By": "station",
		"Code": int32(15), "Count": uint32(1), "Advice": "check the password", "Frequency": uint32(2462)} {
		if v, ok := last.Get(name); !ok || bustest.Text(v.Value) != bustest.Text(want) {
			t.Errorf("LastFailure %s: %s, want %s", name, bustest.Text(v.Value), bustest.Text(want))
		}
	}
	if v := w.get(iface, ifaceInterface, "AuthStatusCode"); v != int32(15) {
		t.Errorf("AuthStatusCode %v", v)
	}
	records := w.get(n, ifaceNetwork, "Failures").(bus.Array)
	if len(records.Items) != 1 {
		t.Errorf("Failures %s", bustest.Text(records))
	}
	// The right password: the network connects, and its records are dropped.
	w.call(n, ifaceProperties, "Set", ifaceNetwork, "Properties", bus.MakeVariant(dict("sae_password", "right right")))
	w.c.Take()
	w.call(iface, ifaceInterface, "SelectNetwork", n)
	w.untilState("completed")
	if records := w.get(n, ifaceNetwork, "Failures").(bus.Array); len(records.Items) != 0 {
		t.Errorf("Failures %s after a connection", bustest.Text(records))
	}
	w.c.Take()
	w.loop.Call(func() {
		i := w.sup.Interfaces()[0]
		w.srv.observe(engine.WrongKey{Iface: i, Network: i.Config().Networks[0]})
	})
	w.c.AwaitSignal("PskMismatch")
}

// TestCapabilities: what the lists say can be joined, and nothing else.
func TestCapabilities(t *testing.T) {
	w := newWorld(t, connectAir)
	iface := w.create("Ifname", "sim0", "Driver", "sim")
	d := w.get(iface, ifaceInterface, "Capabilities").(bus.Dict)
	for name, want := range map[string][]string{
		"KeyMgmt":  {"none", "wpa-eap", "wpa-eap-sha256", "wpa-psk", "wpa-psk-sha256", "sae", "owe"},
		"Pairwise": {"ccmp-256", "gcmp-256", "ccmp", "gcmp", "tkip"}, "Protocol": {"rsn", "wpa"}, "AuthAlg": {"open"},
	} {
		if v, _ := d.Get(name); !slices.Equal(v.Value.([]string), want) {
			t.Errorf("%s: %v, want %v", name, v.Value, want)
		}
	}
	if got := w.get(rootPath, ifaceRoot, "Capabilities").([]string); !slices.Equal(got, []string{"pmf", "owe", "suiteb192", "extended_key_id", "wep_disabled"}) {
		t.Errorf("Capabilities of the program: %v", got)
	}
}

// TestDisconnectDuringAnAttempt: an attempt can be given up before it has become
// an association; upstream's NotConnected is for when there is none.
func TestDisconnectDuringAnAttempt(t *testing.T) {
	w := newWorld(t, connectAir)
	w.listen()
	iface := w.create("Ifname", "sim0", "Driver", "sim")
	w.idle(iface)
	w.air.Air().OnFrame(func(f sim.Frame) sim.Fate { return sim.Fate{Drop: true} })
	n := w.join(iface, "ssid", "plain", "key_mgmt", "NONE")
	w.untilState("authenticating")
	for property, want := range map[string]any{"CurrentNetwork": n, "CurrentBSS": noPath} {
		if got := w.get(iface, ifaceInterface, property); got != want {
			t.Errorf("%s %v during authentication, want %v", property, got, want)
		}
	}
	w.c.Take()
	w.call(iface, ifaceInterface, "Disconnect")
	w.untilState("disconnected")
	w.c.Until("no network", func(seen []bustest.Arrival) bool {
		return slices.Contains(changesOf(seen, "CurrentNetwork"), any(noPath))
	})
	if got := w.get(iface, ifaceInterface, "LastFailure").(bus.Dict); len(got) != 0 {
		t.Errorf("an attempt that was given up left the record %s", bustest.Text(got))
	}
	w.call(iface, ifaceInterface, "RemoveNetwork", n)
}

//go:build wired

package wired

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"gosupplicant/dbus/bus"
	"gosupplicant/dbus/bustest"
)

// ip runs ip in the namespace.
func ip(t *testing.T, args string) {
	t.Helper()
	if out, err := exec.Command("ip", strings.Fields(args)...).CombinedOutput(); err != nil {
		t.Fatalf("ip %s: %v: %s", args, err, out)
	}
}

// TestAskedForPassphrase: a key that is locked is asked about.
func TestAskedForPassphrase(t *testing.T) {
	c := plug(t, options{network: client + "client_cert=\"$PKI/client.pem\"\nprivate_key=\"$PKI/locked.key\""})
	has(t, "events", c.until("CTRL-REQ-", "CTRL-EVENT-EAP-FAILURE"), "CTRL-REQ-PASSPHRASE-0:Private key passphrase needed for SSID ")
	if got := c.cli("passphrase", "0", "keypass"); got != "OK\n" {
		t.Errorf("wpa_cli: %q", got)
	}
	has(t, "events", c.until("CTRL-EVENT-CONNECTED", "CTRL-EVENT-EAP-FAILURE"), "CTRL-EVENT-CONNECTED")
}

// TestAskedForToken: GTC without a password asks with the server's text.
func TestAskedForToken(t *testing.T) {
	c := plug(t, options{network: "eap=PEAP\nanonymous_identity=\"peap\"\nidentity=\"gtc\"\nca_cert=\"$PKI/ca.pem\"\nphase2=\"auth=GTC\""})
	events := c.until("CTRL-REQ-", "CTRL-EVENT-EAP-FAILURE")
	request := events[len(events)-1]
	field, _, ok := strings.Cut(strings.TrimPrefix(request, "CTRL-REQ-"), "-0:")
	if !ok || field != "OTP" && field != "PASSWORD" {
		t.Fatalf("%q", request)
	}
	if got := c.cli(strings.ToLower(field), "0", "secret"); got != "OK\n" {
		t.Errorf("wpa_cli: %q", got)
	}
	has(t, "events", c.until("CTRL-EVENT-CONNECTED", "CTRL-EVENT-EAP-FAILURE"), "CTRL-EVENT-CONNECTED")
}

// TestResumption: the second conversation builds on the session of the first one,
// with TLS 1.3, whose tickets the server gives out, and with TLS 1.2, where it knows
// sessions by their identifiers.
func TestResumption(t *testing.T) {
	const tls = client + "client_cert=\"$PKI/client.pem\"\nprivate_key=\"$PKI/client.key\""
	var captures []capture
	for _, tt := range []struct{ name, hostapd, network, version string }{
		{"TLS-1.3", "tls_flags=[ENABLE-TLSv1.3]\n", "phase1=\"tls_disable_tlsv1_3=0\"\n" + tls, "TLSv1.3"},
		{"TLS-1.2", "", tls, "TLSv1.2"},
		{"PEAP", "", "eap=PEAP\nanonymous_identity=\"peap\"\nphase2=\"auth=MSCHAPV2\"\n" + inner, "TLSv1.2"},
		{"TTLS", "", "eap=TTLS\nanonymous_identity=\"ttls\"\nphase2=\"auth=PAP\"\n" + inner, "TLSv1.2"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := plug(t, options{hostapd: "tls_session_lifetime=3600\n" + tt.hostapd, network: tt.network})
			c.until("CTRL-EVENT-CONNECTED")
			status := strings.Split(c.ask("STATUS"), "\n")
			has(t, "STATUS", status, "tls_session_reused=0")
			has(t, "STATUS", status, "eap_tls_version="+tt.version)
			if got := c.cli("reauthenticate"); got != "OK\n" {
				t.Errorf("wpa_cli: %q", got)
			}
			has(t, "events", c.until("CTRL-EVENT-EAP-SUCCESS", "CTRL-EVENT-EAP-FAILURE"), "CTRL-EVENT-EAP-SUCCESS")
			has(t, "STATUS", strings.Split(c.ask("STATUS"), "\n"), "tls_session_reused=1")
			method, _, _ := strings.Cut(tt.name, "-")
			captures = append(captures, capture{tt.name, c.tap.frames(t), types(method), numbers[method], true})
		})
	}
	decoded(t, captures)
}

// TestCarrier: the port closes with the carrier and opens again with it.
func TestCarrier(t *testing.T) {
	c := plug(t, options{network: "eap=MD5\nidentity=\"md5\"\npassword=\"secret\""})
	c.until("CTRL-EVENT-CONNECTED")
	peer := "ap" + strings.TrimPrefix(c.name, "sta")
	ip(t, "link set "+peer+" down")
	has(t, "events", c.until("CTRL-EVENT-DISCONNECTED"), "CTRL-EVENT-DISCONNECTED bssid=01:80:c2:00:00:03 reason=")
	has(t, "STATUS", strings.Split(c.ask("STATUS"), "\n"), "wpa_state=DISCONNECTED")
	ip(t, "link set "+peer+" up")
	has(t, "events", c.until("CTRL-EVENT-CONNECTED", "CTRL-EVENT-EAP-FAILURE"), "CTRL-EVENT-CONNECTED")
}

// TestOverBusAlone: what network managers do: an interface by CreateInterface, a
// network by AddNetwork with a blob, SelectNetwork; and away again.
func TestOverBusAlone(t *testing.T) {
	c := plug(t, options{network: "disabled=1"})
	call := func(path bus.ObjectPath, iface, member string, args ...any) []any {
		t.Helper()
		out, err := c.bus.Call(bus.Target{Dest: busName, Path: path, Interface: iface, Member: member}, args...)
		if err != nil {
			t.Fatalf("%s: %s", member, bustest.ErrorText(err))
		}
		return out
	}
	call("/fi/w1/wpa_supplicant1", busName, "RemoveInterface", ifacePath)
	var d bus.Dict
	d.Add("Ifname", c.name)
	d.Add("Driver", "wired")
	iface := call("/fi/w1/wpa_supplicant1", busName, "CreateInterface", d)[0].(bus.ObjectPath)
	if err := c.bus.Set(busName, iface, busIface, "ApScan", uint32(0)); err != nil {
		t.Fatal(err)
	}
	ca, err := os.ReadFile(certificates(t).path("ca.pem"))
	if err != nil {
		t.Fatal(err)
	}
	call(iface, busIface, "AddBlob", "ca", ca)
	var n bus.Dict
	for _, kv := range [][2]string{{"key_mgmt", "IEEE8021X"}, {"eap", "PEAP"}, {"anonymous_identity", "peap"}, {"identity", "user"}, {"password", "secret"},
		{"ca_cert", "blob://ca"}, {"phase2", "auth=MSCHAPV2"}, {"domain_match", serverName}} {
		n.Add(kv[0], kv[1])
	}
	network := call(iface, busIface, "AddNetwork", n)[0].(bus.ObjectPath)
	c.bus.Sync()
	c.bus.Take()
	call(iface, busIface, "SelectNetwork", network)
	state := func(want string) {
		t.Helper()
		c.bus.Until("state "+want, func(seen []bustest.Arrival) bool {
			return slices.ContainsFunc(seen, func(a bustest.Arrival) bool {
				if a.Signal == nil || a.Signal.Member != "PropertiesChanged" {
					return false
				}
				args, err := a.Signal.Args()
				return err == nil && strings.Contains(bustest.Text(args...), `"State": <"`+want+`">`)
			})
		})
	}
	state("completed")
	if mode, err := c.bus.Get(busName, iface, busIface, "CurrentAuthMode"); err != nil || mode != "EAP-PEAP" {
		t.Errorf("CurrentAuthMode %v, %v", mode, err)
	}
	call(iface, busIface, "Disconnect")
	state("disconnected")
	c.bus.Take()
	call(iface, busIface, "Reassociate")
	state("completed")
	call("/fi/w1/wpa_supplicant1", busName, "RemoveInterface", iface)
}

// TestCommands: the usual commands on a cable.
func TestCommands(t *testing.T) {
	c := plug(t, options{network: "eap=MD5\nidentity=\"md5\"\npassword=\"secret\""})
	connected := func(after string) {
		t.Helper()
		if got := c.ask(after); got != "OK\n" {
			t.Errorf("%s: %q", after, got)
		}
		has(t, "events after "+after, c.until("CTRL-EVENT-CONNECTED", "CTRL-EVENT-EAP-FAILURE"), "CTRL-EVENT-CONNECTED")
	}
	away := func(after string) {
		t.Helper()
		if got := c.ask(after); got != "OK\n" {
			t.Errorf("%s: %q", after, got)
		}
		has(t, "events after "+after, c.until("CTRL-EVENT-DISCONNECTED"), "locally_generated=1")
	}
	c.until("CTRL-EVENT-CONNECTED")
	connected("REASSOCIATE")
	away("DISCONNECT")
	connected("RECONNECT")
	away("DISABLE_NETWORK 0")
	connected("ENABLE_NETWORK 0")
	if got := c.ask("SELECT_NETWORK 0"); got != "OK\n" { // is in use: nothing to do
		t.Errorf("SELECT_NETWORK: %q", got)
	}
	away("REMOVE_NETWORK 0")
	has(t, "STATUS", strings.Split(c.ask("STATUS"), "\n"), "wpa_state=INACTIVE")
	if got := c.ask("ADD_NETWORK"); got == "FAIL\n" {
		t.Fatal(got)
	}
	for _, kv := range []string{"key_mgmt IEEE8021X", "eap PWD", "identity \"pwd\"", "password \"secret\""} {
		if got := c.ask("SET_NETWORK 0 " + kv); got != "OK\n" {
			t.Errorf("%s: %q", kv, got)
		}
	}
	connected("ENABLE_NETWORK 0")
	connected("RECONFIGURE")
	has(t, "STATUS", strings.Split(c.ask("STATUS"), "\n"), "(EAP-MD5)")
}

// TestRepaired: a network that lacked a file connects when the file is there.
func TestRepaired(t *testing.T) {
	c := plug(t, options{network: "eap=PEAP\nanonymous_identity=\"peap\"\n" + strings.ReplaceAll(inner, "$PKI/ca.pem", "/nonexistent/ca.pem")})
	has(t, "events", c.until("CTRL-EVENT-ATTEMPT-FAILED"), "/nonexistent/ca.pem")
	if got := c.ask("SET_NETWORK 0 ca_cert \"" + certificates(t).path("ca.pem") + "\""); got != "OK\n" {
		t.Fatal(got)
	}
	c.ask("REASSOCIATE")
	has(t, "events", c.until("CTRL-EVENT-CONNECTED", "CTRL-EVENT-EAP-FAILURE"), "CTRL-EVENT-CONNECTED")
}

// TestAgainAfterFailure: who changed the password need not wait for the held period.
func TestAgainAfterFailure(t *testing.T) {
	c := plug(t, options{network: "eap=MD5\nidentity=\"md5\"\npassword=\"wrong\""})
	c.until("CTRL-EVENT-EAP-FAILURE")
	has(t, "STATUS", strings.Split(c.ask("STATUS"), "\n"), "Supplicant PAE state=HELD")
	c.ask("SET_NETWORK 0 password \"secret\"")
	c.ask("REASSOCIATE")
	c.until("Associated with")
	has(t, "STATUS", strings.Split(c.ask("STATUS"), "\n"), "Supplicant PAE state=CONNECTING")
}

// TestTiming: the parameters of 802.1X can be set, for now and for later.
func TestTiming(t *testing.T) {
	c := plug(t, options{network: "eap=MD5\nidentity=\"md5\"\npassword=\"wrong\""})
	c.until("CTRL-EVENT-EAP-FAILURE")
	for _, v := range []string{"heldPeriod 1", "authPeriod 7", "startPeriod 8", "maxStart 9"} {
		if got := c.ask("SET EAPOL::" + v); got != "OK\n" {
			t.Errorf("%s: %q", v, got)
		}
	}
	for _, v := range []string{"heldPeriod 0", "heldPeriod x", "maxStart -1", "authPeriod 99999999999"} {
		if got := c.ask("SET EAPOL::" + v); got != "FAIL\n" {
			t.Errorf("%s: %q", v, got)
		}
	}
	for _, after := range []string{"", "REASSOCIATE"} {
		if after != "" {
			c.ask(after)
			c.until("Associated with")
		}
		status := strings.Split(c.ask("STATUS-VERBOSE"), "\n")
		for _, want := range []string{"heldPeriod=1", "authPeriod=7", "startPeriod=8", "maxStart=9"} {
			has(t, "STATUS-VERBOSE after "+after, status, want)
		}
	}
}

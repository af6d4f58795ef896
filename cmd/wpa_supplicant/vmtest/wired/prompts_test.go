//go:build wired

package wired

import (
	"strings"
	"testing"

	"gosupplicant/dbus/bus"
	"gosupplicant/dbus/bustest"
)

func textOf(v any) string { return bustest.Text(v) }

// noPassword are networks whose user is asked.
const noPassword = "anonymous_identity=\"ttls\"\nca_cert=\"$PKI/ca.pem\"\nphase2=\"auth=PAP\"\neap=TTLS\n"

// TestAskedThroughCLI: the password is asked for on the control socket, and
// answered with wpa_cli.
func TestAskedThroughCLI(t *testing.T) {
	c := plug(t, options{network: noPassword + "identity=\"user\""})
	events := c.until("CTRL-REQ-")
	has(t, "events", events, "CTRL-REQ-PASSWORD-0:Password needed for SSID ")
	has(t, "events", events, "CTRL-EVENT-EAP-STATUS status='eap parameter needed' parameter='PASSWORD'")
	if got := c.cli("password", "0", "secret"); got != "OK\n" {
		t.Errorf("wpa_cli: %q", got)
	}
	has(t, "events", c.until("CTRL-EVENT-CONNECTED", "CTRL-EVENT-EAP-FAILURE"), "CTRL-EVENT-CONNECTED")
	// The answer is good for the next time, too, and is in no configuration.
	if got := c.cli("reauthenticate"); got != "OK\n" {
		t.Errorf("wpa_cli: %q", got)
	}
	has(t, "events", c.until("CTRL-EVENT-EAP-SUCCESS", "CTRL-EVENT-EAP-FAILURE", "CTRL-REQ-"), "CTRL-EVENT-EAP-SUCCESS")
	if got := c.ask("GET_NETWORK 0 password"); got != "FAIL\n" {
		t.Errorf("password in the configuration: %q", got)
	}
}

// TestAskedThroughBus: identity and password are asked for on D-Bus.
func TestAskedThroughBus(t *testing.T) {
	c := plug(t, options{network: noPassword})
	network := ifacePath + "/Networks/0"
	for _, want := range []struct{ field, text, answer string }{{"IDENTITY", "Identity", "user"}, {"PASSWORD", "Password", "secret"}} {
		var args []any
		c.bus.Until("NetworkRequest "+want.field, func(seen []bustest.Arrival) bool {
			for _, a := range seen {
				if a.Signal != nil && a.Signal.Member == "NetworkRequest" {
					if args, _ = a.Signal.Args(); args[1] == want.field {
						return true
					}
				}
			}
			return false
		})
		if args[0] != network || args[2] != want.text {
			t.Errorf("NetworkRequest %s", bustest.Text(args...))
		}
		if _, err := c.bus.Call(bus.Target{Dest: busName, Path: ifacePath, Interface: busIface, Member: "NetworkReply"}, network, want.field, want.answer); err != nil {
			t.Fatal(err)
		}
	}
	has(t, "events", c.until("CTRL-EVENT-CONNECTED", "CTRL-EVENT-EAP-FAILURE"), "CTRL-EVENT-CONNECTED")
}

// TestWrongAnswer: a password that was refused is told as such.
func TestWrongAnswer(t *testing.T) {
	c := plug(t, options{network: noPassword + "identity=\"user\""})
	c.until("CTRL-REQ-PASSWORD-0:")
	if got := c.cli("password", "0", "wrong"); got != "OK\n" {
		t.Errorf("wpa_cli: %q", got)
	}
	has(t, "events", c.until("CTRL-EVENT-CONNECTED", "CTRL-EVENT-EAP-FAILURE"), "CTRL-EVENT-EAP-FAILURE")
}

// TestLogoff: LOGOFF closes the port, LOGON opens it again; on both front doors.
func TestLogoff(t *testing.T) {
	c := plug(t, options{network: "eap=MD5\nidentity=\"md5\"\npassword=\"secret\""})
	c.until("CTRL-EVENT-CONNECTED")
	state := func(want string) {
		t.Helper()
		status := strings.Split(c.ask("STATUS"), "\n")
		has(t, "STATUS", status, "Supplicant PAE state="+want)
		port := "Unauthorized"
		if want == "AUTHENTICATED" {
			port = "Authorized"
		}
		has(t, "STATUS", status, "suppPortStatus="+port)
	}
	call := func(member string) {
		t.Helper()
		if _, err := c.bus.Call(bus.Target{Dest: busName, Path: ifacePath, Interface: busIface, Member: member}); err != nil {
			t.Fatal(err)
		}
	}
	cli := func(command string) {
		t.Helper()
		if got := c.cli(command); got != "OK\n" {
			t.Errorf("wpa_cli %s: %q", command, got)
		}
	}
	state("AUTHENTICATED")
	cli("logoff")
	state("LOGOFF")
	// hostapd forgets a station only some seconds after it left, and until then
	// may cut it off in the middle of a new conversation.
	c.ap.await(t, "EAP: Server state machine removed")
	call("EAPLogon")
	has(t, "events", c.until("CTRL-EVENT-EAP-SUCCESS", "CTRL-EVENT-EAP-FAILURE"), "CTRL-EVENT-EAP-SUCCESS")
	state("AUTHENTICATED")
	call("EAPLogoff")
	state("LOGOFF")
	cli("logon")
	if status := c.ask("STATUS"); strings.Contains(status, "state=LOGOFF") {
		t.Errorf("still logged off:\n%s", status)
	}
}

// TestSecretsStayOut: no log shows a secret, however much it tells.
func TestSecretsStayOut(t *testing.T) {
	c := plug(t, options{louder: "ddd", network: noPassword + "identity=\"user\""})
	c.until("CTRL-REQ-PASSWORD-0:")
	c.cli("password", "0", "secret")
	c.until("CTRL-EVENT-CONNECTED")
	k := plug(t, options{louder: "ddd", network: client + "private_key=\"$PKI/client.p12\"\nprivate_key_passwd=\"p12pass\""})
	k.until("CTRL-EVENT-CONNECTED")
	for _, field := range []string{"password", "private_key_passwd", "pin"} {
		if got := k.ask("SET_NETWORK 0 " + field + " \"secret\""); got != "OK\n" {
			t.Errorf("%s: %q", field, got)
		}
	}
	var d bus.Dict
	d.Add("key_mgmt", "IEEE8021X")
	d.Add("eap", "MD5")
	d.Add("password", "secret")
	if _, err := k.bus.Call(bus.Target{Dest: busName, Path: ifacePath, Interface: busIface, Member: "AddNetwork"}, d); err != nil {
		t.Fatal(err)
	}
	if got := k.ask("PING"); got != "PONG\n" { // what came before is in the log then
		t.Errorf("PING: %q", got)
	}
	k.log.await(t, "AddNetwork")
	for _, l := range []*output{c.log, k.log} {
		l.await(t, "CTRL-EVENT-CONNECTED")
		for _, secret := range []string{"secret", "p12pass", "736563726574", "73 65 63 72 65 74"} {
			if strings.Contains(l.String(), secret) {
				t.Errorf("%q is in the log", secret)
			}
		}
		if !strings.Contains(l.String(), "EAPOL: ") {
			t.Error("the log is not loud")
		}
	}
}

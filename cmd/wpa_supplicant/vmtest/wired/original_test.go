//go:build wired

package wired

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// reference is the program that ours is compared with.
func reference(t *testing.T) string {
	path := os.Getenv("REFERENCE")
	if path == "" {
		path = "/sbin/wpa_supplicant"
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestAsTheOriginal: the same cases with Debian's program. The events of the control
// socket, the signals and the lines of STATUS-VERBOSE are the same, in the same
// order, but for the differences that are listed.
func TestAsTheOriginal(t *testing.T) {
	peap := "eap=PEAP\nanonymous_identity=\"peap\"\nphase2=\"auth=MSCHAPV2\"\nidentity=\"user\"\n"
	for _, tt := range []struct {
		name string
		o    options
	}{
		{"MD5", options{network: "eap=MD5\nidentity=\"md5\"\npassword=\"secret\""}},
		{"PWD", options{network: "eap=PWD\nidentity=\"pwd\"\npassword=\"secret\""}},
		{"PEAP", options{network: peap + "password=\"secret\"\nca_cert=\"$PKI/ca.pem\""}},
		{"TTLS", options{network: noPassword + "identity=\"user\"\npassword=\"secret\""}},
		{"TLS", options{network: client + "client_cert=\"$PKI/client.pem\"\nprivate_key=\"$PKI/client.key\""}},
		{"wrong-password", options{network: peap + "password=\"wrong\"\nca_cert=\"$PKI/ca.pem\""}},
		{"unknown-CA", options{network: peap + "password=\"secret\"\nca_cert=\"$PKI/other-ca.pem\""}},
		{"wrong-domain", options{network: peap + "password=\"secret\"\nca_cert=\"$PKI/ca.pem\"\ndomain_match=\"radius.example.com\""}},
		{"expired", options{server: "expired.pem", network: peap + "password=\"secret\"\nca_cert=\"$PKI/ca.pem\""}},
		{"no-common-method", options{network: "eap=PWD\nidentity=\"md5\"\npassword=\"secret\""}},
		{"no-CA", options{network: peap + "password=\"secret\""}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ours, fast := told(t, tt.o)
			tt.o.program = reference(t)
			theirs, slow := told(t, tt.o)
			differ(t, tt.name, ours, theirs)
			t.Logf("%s: %.1f ms from the start to the end of EAP, the original %.1f ms", tt.name, 1e3*fast.Seconds(), 1e3*slow.Seconds())
			if fast > slow/4 { // 1/300 on an idle machine
				t.Errorf("took %v, the original %v", fast, slow)
			}
		})
	}
}

// told runs a case and returns what was told, as lines, and how long it took.
func told(t *testing.T, o options) (out []string, took time.Duration) {
	t.Helper()
	c := plug(t, o)
	events := c.until("CTRL-EVENT-CONNECTED", "CTRL-EVENT-EAP-FAILURE")
	took = time.Since(c.t0)
	for _, e := range events {
		out = append(out, "event "+e)
	}
	for _, s := range c.signals("completion") {
		if strings.HasPrefix(s, "EAP ") || strings.HasPrefix(s, "Certification ") {
			out = append(out, "signal "+s)
		}
	}
	for l := range strings.Lines(c.ask("STATUS-VERBOSE")) {
		if k, _, _ := strings.Cut(l, "="); !slices.Contains([]string{"address", "uuid", "eap_session_id"}, k) {
			out = append(out, "status "+strings.TrimSpace(l))
		}
	}
	if strings.HasPrefix(o.network, "eap=MD5") {
		out = append(out, device(c)...)
	}
	return out, took
}

// device is what is told of the device, and of the frames of a conversation.
func device(c *cable) (out []string) {
	for _, kind := range []string{"pairwise", "group", "group_mgmt", "key_mgmt", "proto", "auth_alg", "modes", "channels", "freq", "tdls", "sae", "beacon_prot"} {
		out = append(out, "GET_CAPABILITY "+kind+" "+c.ask("GET_CAPABILITY "+kind))
	}
	for l := range strings.Lines(c.ask("MIB")) {
		if !strings.HasPrefix(l, "dot1xSuppLastEapolFrameSource=") {
			out = append(out, "MIB "+strings.TrimSpace(l))
		}
	}
	for _, property := range []string{"Capabilities", "State", "Driver", "ApScan", "CurrentAuthMode", "CurrentBSS", "CurrentNetwork", "BSSs", "Scanning"} {
		v, err := c.bus.Get(busName, ifacePath, busIface, property)
		if err != nil {
			c.t.Fatal(err)
		}
		out = append(out, "property "+property+" "+textOf(v))
	}
	return out
}

// difference is a line, by its beginning, that one side alone has, and why.
type difference struct {
	test string // empty for all
	line string
	why  string
}

var differences = []difference{
	{"", "theirs event CTRL-EVENT-SUBNET-STATUS-UPDATE status=0", "it tells of roaming that the device does by itself; on a cable it says nothing"},
	{"", "ours   status EAP TLS cipher=ECDHE-ECDSA-AES128-GCM-SHA256", "crypto/tls offers the suites of TLS 1.2 in an order of its own"},
	{"", "theirs status EAP TLS cipher=ECDHE-ECDSA-AES256-GCM-SHA384", "crypto/tls offers the suites of TLS 1.2 in an order of its own"},
	{"", "ours   status decision=COND_SUCC", "the server's word is awaited in any case"},
	{"", "theirs status decision=UNCOND_SUCC", "the server's word is awaited in any case"},
	{"", "theirs status eap_tls_version=TLSv1.2", "a handshake that failed has no state to show"},
	{"", "theirs status EAP TLS cipher=(NONE)", "a handshake that failed has no state to show"},
	{"", "theirs status tls_session_reused=0", "a handshake that failed has no state to show"},
	{"commands", "theirs event CTRL-EVENT-DSCP-POLICY clear_all", "DSCP policies, which are Wi-Fi's, are not built"},
	{"commands", "ours   wpa_state=INACTIVE", "no network is enabled any more, which is told at once"},
	{"commands", "theirs wpa_state=DISCONNECTED", "no network is enabled any more, which is told at once"},
	{"MD5", "ours   property Capabilities {\"AuthAlg\": <[]>, \"Group\": <[]>, \"GroupMgmt\": <[]>, \"KeyMgmt\": <[\"none\", \"ieee8021x\"]>, \"MaxScanSSID\": <i:0>, \"Modes\": <[\"infrastructure\"]>, \"Pairwise\": <[]>, \"Protocol\": <[]>, \"Scan\": <[\"active\", \"passive\", \"ssid\"]>}", "WPS is not built"},
	{"MD5", "theirs property Capabilities {\"AuthAlg\": <[]>, \"Group\": <[]>, \"GroupMgmt\": <[]>, \"KeyMgmt\": <[\"none\", \"ieee8021x\", \"wps\"]>, \"MaxScanSSID\": <i:0>, \"Modes\": <[\"infrastructure\"]>, \"Pairwise\": <[]>, \"Protocol\": <[]>, \"Scan\": <[\"active\", \"passive\", \"ssid\"]>}", "WPS is not built"},
	{"no-CA", "ours   event CTRL-EVENT-EAP-STATUS status='server not authenticated' parameter='PEAP'", "a name of ours: nobody checked the server"},
	{"no-CA", "ours   event The server is not authenticated", "a name of ours: nobody checked the server"},
	{"no-CA", "ours   signal EAP \"server not authenticated\", \"PEAP\"", "a name of ours: nobody checked the server"},
	{"no-CA", "theirs event CTRL-EVENT-EAP-STATUS status='remote certificate verification' parameter='success'", "what was not verified is not told as verified"},
	{"no-CA", "theirs signal EAP \"remote certificate verification\", \"success\"", "what was not verified is not told as verified"},
	{"no-CA", "theirs event CTRL-EVENT-EAP-PEER-CERT depth=1", "each certificate is told once"},
	{"no-CA", "theirs signal Certification", "each certificate is told once"},
}

// differ compares line by line.
func differ(t *testing.T, name string, ours, theirs []string) {
	t.Helper()
	left := slices.DeleteFunc(diff(ours, theirs), func(line string) bool {
		return slices.ContainsFunc(differences, func(d difference) bool {
			return (d.test == "" || d.test == name) && strings.HasPrefix(line, d.line)
		})
	})
	if len(left) > 0 {
		t.Errorf("differs:\n%s", strings.Join(left, "\n"))
	}
}

// diff lists the lines that one side alone has, in order, by the longest common
// subsequence.
func diff(a, b []string) (out []string) {
	common := make([][]int, len(a)+1) // of a[i:] and b[j:]
	for i := range common {
		common[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if common[i][j] = max(common[i+1][j], common[i][j+1]); a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			}
		}
	}
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && common[i+1][j] >= common[i][j+1]:
			out = append(out, "ours   "+a[i])
			i++
		default:
			out = append(out, "theirs "+b[j])
			j++
		}
	}
	return out
}

// TestCommandsAsTheOriginal: what commands lead to on a cable, beside Debian's program.
func TestCommandsAsTheOriginal(t *testing.T) {
	play := func(program string) (out []string) {
		c := plug(t, options{program: program, network: "eap=MD5\nidentity=\"md5\"\npassword=\"secret\""})
		c.until("CTRL-EVENT-CONNECTED")
		for _, step := range []struct{ cmd, until string }{
			{"REASSOCIATE", "CTRL-EVENT-CONNECTED"}, {"REAUTHENTICATE", "CTRL-EVENT-EAP-SUCCESS"}, {"DISCONNECT", "CTRL-EVENT-DISCONNECTED"},
			{"RECONNECT", "CTRL-EVENT-CONNECTED"}, {"DISABLE_NETWORK 0", "CTRL-EVENT-DISCONNECTED"}, {"ENABLE_NETWORK 0", "CTRL-EVENT-CONNECTED"},
		} {
			out = append(out, "> "+step.cmd, c.ask(step.cmd))
			for _, e := range c.until(step.until) {
				out = append(out, "event "+e)
			}
			out = append(out, strings.Split(c.ask("STATUS"), "\n")[0])
		}
		return out
	}
	differ(t, "commands", play(""), play(reference(t)))
}

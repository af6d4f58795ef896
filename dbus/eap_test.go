package dbus

import (
	"slices"
	"strings"
	"testing"

	"gosupplicant/dbus/bus"
	"gosupplicant/dbus/bustest"
	"gosupplicant/engine"
	"gosupplicant/engine/eap"
)

// TestEAPSignals: what reports of the EAP peer become on the bus, also those with
// texts that no D-Bus string can hold.
func TestEAPSignals(t *testing.T) {
	w := newWorld(t, connectAir)
	w.listen()
	iface := w.create("Ifname", "sim0", "Driver", "sim")
	n := w.call(iface, ifaceInterface, "AddNetwork", dict("ssid", "x", "key_mgmt", "WPA-EAP"))[0].(bus.ObjectPath)
	w.c.Sync()
	for _, tt := range []struct {
		report eap.Output
		want   []string // member and arguments
	}{
		{eap.Started{}, []string{`EAP "started", ""`}},
		{eap.ProposedMethod{Type: eap.TypePEAP}, []string{`EAP "accept proposed method", "PEAP"`}},
		{eap.ProposedMethod{Type: eap.TypeMD5, Nak: true}, []string{`EAP "refuse proposed method", "MD5"`}},
		{eap.MethodSelected{Type: eap.TypePEAP, Name: "PEAP"}, nil},
		{eap.PeerCert{Depth: 1, Subject: "/CN=\xffa\x00", AltSubjects: []string{"DNS:x"}, DER: []byte{0x30}},
			[]string{`Certification {"altsubject": <["DNS:x"]>, "cert": <ay:30>, "cert_hash": <"` + strings.Repeat("0", 64) + `">, "depth": <u:1>, "subject": <"/CN=` + "\ufffda\ufffd" + `">}`}},
		{eap.PeerCert{Subject: "/CN=s"}, []string{`Certification {"cert_hash": <"` + strings.Repeat("0", 64) + `">, "depth": <u:0>, "subject": <"/CN=s">}`}},
		{eap.CertVerified{}, []string{`EAP "remote certificate verification", "success"`}},
		{eap.CertError{Text: "Domain mismatch"}, []string{`EAP "remote certificate verification", "Domain mismatch"`}},
		{eap.TLSAlert{Local: true, Text: "unknown CA"}, []string{`EAP "local TLS alert", "unknown CA"`}},
		{eap.TLSAlert{Text: "unknown CA"}, []string{`EAP "remote TLS alert", "unknown CA"`}},
		{eap.Unverified{Type: eap.TypePEAP}, []string{`EAP "server not authenticated", "PEAP"`}},
		{eap.NeedCredential{Need: eap.Need{Field: eap.FieldOTP, Text: "code\xfe"}},
			[]string{`EAP "eap parameter needed", "OTP"`, `NetworkRequest o"` + string(n) + `", "OTP", "[code` + "\ufffd" + `]"`}},
		{eap.NeedCredential{Need: eap.Need{Field: eap.FieldNewPassword}},
			[]string{`EAP "eap parameter needed", "NEW_PASSWORD"`, `NetworkRequest o"` + string(n) + `", "NEW_PASSWORD", "New Password"`}},
		{eap.Success{}, []string{`EAP "completion", "success"`}},
		{eap.Failure{}, []string{`EAP "completion", "failure"`}},
	} {
		w.c.Take()
		w.loop.Call(func() {
			i := w.sup.Interfaces()[0]
			w.srv.observe(engine.EAPReport{Iface: i, Network: i.Config().Networks[0], Report: tt.report})
		})
		w.call(rootPath, ifaceProperties, "Get", ifaceRoot, "DebugLevel") // comes behind the signals
		if got := eapSignals(t, w.c.Take()); !slices.Equal(got, tt.want) {
			t.Errorf("%T:\n%q, want\n%q", tt.report, got, tt.want)
		}
	}
}

// eapSignals lists the signals of the interface that are no changes of properties.
func eapSignals(t *testing.T, seen []bustest.Arrival) []string {
	t.Helper()
	var out []string
	for _, a := range seen {
		if a.Signal == nil || a.Signal.Interface != ifaceInterface || a.Signal.Member == "PropertiesChanged" {
			continue
		}
		args, err := a.Signal.Args()
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, a.Signal.Member+" "+bustest.Text(args...))
	}
	return out
}

// TestNetworkReply: an answer is taken at any time, for fields and networks that
// there are. The errors are the original's.
func TestNetworkReply(t *testing.T) {
	w := newWorld(t, connectAir)
	iface := w.create("Ifname", "sim0", "Driver", "sim")
	n := w.call(iface, ifaceInterface, "AddNetwork", dict("ssid", "x", "key_mgmt", "WPA-EAP"))[0].(bus.ObjectPath)
	for _, field := range []string{"IDENTITY", "PASSWORD", "NEW_PASSWORD", "PIN", "OTP", "PASSPHRASE", "SIM"} {
		if out := w.call(iface, ifaceInterface, "NetworkReply", n, field, "x"); len(out) != 0 {
			t.Errorf("%s: %v", field, out)
		}
	}
	for _, tt := range []struct {
		path  bus.ObjectPath
		field string
		want  string
	}{
		{n, "NOPE", nameInvalidArgs}, {n, "identity", nameInvalidArgs}, {n, "", nameInvalidArgs},
		{iface + "/Networks/9", "IDENTITY", nameNetworkUnknown}, {iface, "IDENTITY", nameInvalidArgs},
		{"/", "IDENTITY", nameInvalidArgs}, {iface + "/BSSs/0", "IDENTITY", nameInvalidArgs}, {iface + "9/Networks/0", "IDENTITY", nameInvalidArgs},
	} {
		got := w.refused(iface, ifaceInterface, "NetworkReply", tt.path, tt.field, "secret")
		if !strings.Contains(got, tt.want) || strings.Contains(got, "secret") {
			t.Errorf("%s, %q: %s, want %s", tt.path, tt.field, got, tt.want)
		}
	}
	w.call(iface, ifaceInterface, "EAPLogoff")
	w.call(iface, ifaceInterface, "EAPLogon")
	if got := w.get(rootPath, ifaceRoot, "EapMethods"); !slices.Equal(got.([]string), engine.EAPMethods()) {
		t.Errorf("EapMethods %v", got)
	}
}

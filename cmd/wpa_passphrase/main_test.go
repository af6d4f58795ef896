package main

import (
	"strings"
	"testing"
)

// The keys are those of IEEE 802.11-2020, J.4.2.
func TestPublishedKeys(t *testing.T) {
	for _, tt := range []struct{ ssid, passphrase, key string }{
		{"IEEE", "password", "f42c6fc52df0ebef9ebb4b90b38a5f902e83fe1b135a70e23aed762e9710a12e"},
		{"ThisIsASSID", "ThisIsAPassword", "0dc0d6eb90555ed6419756b9a15ec3e3209b63df707dd508d14581f8982721af"},
		{strings.Repeat("Z", 32), strings.Repeat("a", 32), "becb93866bb8c3832cb777c2f559807c8c59afcb6eae734885001300a981cc62"},
	} {
		want := "network={\n\tssid=\"" + tt.ssid + "\"\n\t#psk=\"" + tt.passphrase + "\"\n\tpsk=" + tt.key + "\n}\n"
		var out, errs strings.Builder
		if rc := run([]string{tt.ssid, tt.passphrase}, nil, &out, &errs); rc != 0 || out.String() != want || errs.String() != "" {
			t.Errorf("%s: status %d\n%s%swant\n%s", tt.ssid, rc, out.String(), errs.String(), want)
		}
	}
}

func TestInput(t *testing.T) {
	for _, tt := range []struct {
		name  string
		args  []string
		stdin string
		rc    int
		out   string // prefix
		errs  string
	}{
		{"no arguments", nil, "", 1, "usage: wpa_passphrase <ssid> [passphrase]\n", ""},
		{"short", []string{"x", "1234567"}, "", 1, "", "Passphrase must be 8..63 characters\n"},
		{"long", []string{"x", strings.Repeat("a", 64)}, "", 1, "", "Passphrase must be 8..63 characters\n"},
		{"control character", []string{"x", "12345678\x1b"}, "", 1, "", "Invalid passphrase character\n"},
		{"delete", []string{"x", "12345678\x7f"}, "", 1, "", "Invalid passphrase character\n"},
		{"stdin", []string{"x"}, "12345678\n", 0, "network={\n\tssid=\"x\"\n\t#psk=\"12345678\"\n", "# reading passphrase from stdin\n"},
		{"stdin, no line end", []string{"x"}, "12345678", 0, "network={\n\tssid=\"x\"\n\t#psk=\"12345678\"\n", "# reading passphrase from stdin\n"},
		{"stdin, DOS line end", []string{"x"}, "12345678\r\n9", 0, "network={\n\tssid=\"x\"\n\t#psk=\"12345678\"\n", "# reading passphrase from stdin\n"},
		{"stdin empty", []string{"x"}, "", 1, "", "# reading passphrase from stdin\nFailed to read passphrase\n"},
		{"stdin too long", []string{"x"}, strings.Repeat("a", 64) + "\n", 1, "", "# reading passphrase from stdin\nPassphrase must be 8..63 characters\n"},
		{"line break in SSID", []string{"x\ny", "12345678"}, "", 0, "network={\n\tssid=780a79\n", ""},
	} {
		var out, errs strings.Builder
		rc := run(tt.args, strings.NewReader(tt.stdin), &out, &errs)
		if rc != tt.rc || !strings.HasPrefix(out.String(), tt.out) || (tt.out == "") != (out.Len() == 0) || errs.String() != tt.errs {
			t.Errorf("%s: status %d, out %q, err %q", tt.name, rc, out.String(), errs.String())
		}
	}
}

func FuzzNetworkBlock(f *testing.F) {
	f.Add("ssid", "passphrase")
	f.Add("a\nb", "12345678\n9")
	f.Fuzz(func(t *testing.T, ssid, passphrase string) {
		if len(passphrase) > 70 {
			return
		}
		block, err := networkBlock(ssid, passphrase)
		if err == nil && strings.Count(block, "\n") != 5 {
			t.Fatalf("%q, %q made %q", ssid, passphrase, block)
		}
	})
}

package dot11

import (
	"bytes"
	"testing"
)

func TestMAC(t *testing.T) {
	m := MAC{0x02, 0xAB, 0xcd, 0, 0x0f, 0xf0}
	for _, s := range []string{"02:ab:cd:00:0f:f0", "02:AB:CD:00:0F:F0", "02-ab-cd-00-0f-f0", "02abcd000ff0"} {
		got, err := ParseMAC(s)
		if err != nil || got != m {
			t.Errorf("ParseMAC(%q) = %v, %v", s, got, err)
		}
	}
	if m.String() != "02:ab:cd:00:0f:f0" {
		t.Errorf("String: %s", m)
	}
	for _, s := range []string{"", "02:ab:cd:00:0f", "02:ab:cd:00:0f:f", "02:ab:cd:00:0f:f0:", "02:ab-cd:00:0f:f0",
		"02 ab cd 00 0f f0", "g2:ab:cd:00:0f:f0", "02abcd000ff", "0x02abcd000f", "02:ab:cd:00:0f:f0 "} {
		if got, err := ParseMAC(s); err == nil {
			t.Errorf("ParseMAC(%q) = %v, want error", s, got)
		}
	}
	if !Broadcast.IsGroup() || m.IsGroup() || !m.IsLocal() || m.IsZero() || !(MAC{}).IsZero() {
		t.Error("address properties")
	}
	if _, err := MACFromBytes(m[:5]); err == nil {
		t.Error("five bytes taken for an address")
	}
	if got, err := MACFromBytes(m[:]); err != nil || got != m {
		t.Errorf("MACFromBytes: %v %v", got, err)
	}
}

func TestEscape(t *testing.T) {
	tests := []struct{ raw, text string }{
		{"plain name", "plain name"},
		{`a"b\c`, `a\"b\\c`},
		{"\x1b\n\r\t", `\e\n\r\t`},
		{"\x00\x1f\x7f\xff", `\x00\x1f\x7f\xff`},
		{"\xc3\xbcber~ ", `\xc3\xbcber~ `},
		{"", ""},
	}
	for _, tt := range tests {
		if got := SSID(tt.raw).String(); got != tt.text {
			t.Errorf("%q: got %q want %q", tt.raw, got, tt.text)
		}
		if got := ParseEscaped(tt.text); string(got) != tt.raw {
			t.Errorf("ParseEscaped(%q) = %q, want %q", tt.text, got, tt.raw)
		}
	}
	// What wpa_supplicant 2.10 makes of P"..." (seen with -dd).
	for text, want := range map[string]string{
		`a\zb`: "azb", `a\xzzb`: "azzb", `a\777\8b`: "a\xff8b", `a\x1`: "a\x01", `a\`: "a", `a\'b\"c`: `a'b"c`,
		`\0`: "\x00", `\1234`: "S4", `\x1g`: "\x01g",
	} {
		if got := ParseEscaped(text); string(got) != want {
			t.Errorf("ParseEscaped(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestSSIDHidden(t *testing.T) {
	for s, want := range map[string]bool{"": true, "\x00": true, "\x00\x00\x00": true, "\x00a": false, "a": false} {
		if got := SSID(s).IsHidden(); got != want {
			t.Errorf("%q: %v", s, got)
		}
	}
}

func FuzzEscape(f *testing.F) {
	f.Add([]byte("caf\xc3\xa9 \"x\" \\ \x00\x1b"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		text := EscapeText(raw)
		for _, c := range []byte(text) {
			if c < 32 || c > 126 {
				t.Fatalf("text %q has an unprintable byte", text)
			}
		}
		if got := ParseEscaped(text); !bytes.Equal(got, raw) {
			t.Fatalf("%q came back as %q", raw, got)
		}
		if n := len(ParseEscaped(string(raw))); n > len(raw) {
			t.Fatalf("%d bytes decoded to %d", len(raw), n)
		}
	})
}

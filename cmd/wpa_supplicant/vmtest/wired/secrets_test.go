//go:build wired

package wired

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// secretLine is a line of hostapd -dd -K that has a secret: its label and its bytes.
var secretLine = regexp.MustCompile(`(?m)^(.*(?:MSK\)?|[Dd]erived key|Master Key|MPPE-Send-Key|MPPE-Recv-Key|K_aut|K_encr|K_re|XKEY'?|\bMK|\bCK'?|\bIK'?|\bKDK|\bAK|\bTEK|\bTK|\bISK|IPMKj\)|IMCK \(IPMKj\)|\bCMK|CMKj\)|\bCSK|TempKey|PWE|password|CK' \|\| IK'\))) - hexdump\(len=\d+\): ([0-9a-f ]+)$`)

// authenticated is what hostapd says last of a conversation, after its keys.
const authenticated = "IEEE 802.1X: authenticated - EAP type"

// window is how many bytes of a secret in a row are a leak.
const window = 8

// secretsOf returns the secrets that hostapd printed, by label.
func secretsOf(t *testing.T, hostapd string) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for k, m := range secretLine.FindAllStringSubmatch(hostapd, -1) {
		b, err := hex.DecodeString(strings.ReplaceAll(strings.TrimSpace(m[2]), " ", ""))
		if err != nil {
			t.Fatalf("%q: %v", m[0], err)
		}
		if len(b) >= window {
			out[fmt.Sprintf("%s (%d)", m[1], k)] = b
		}
	}
	return out
}

var separators = strings.NewReplacer(" ", "", ":", "", ",", "", "-", "", "0x", "")

// leaks tells whether a log has any eight bytes of a secret, in one of the ways that
// bytes are printed.
func leaks(log string, secret []byte) bool {
	dense := separators.Replace(strings.ToLower(log))
	for at := 0; at+window <= len(secret); at++ {
		part := secret[at : at+window]
		decimal := strings.Trim(fmt.Sprint(part), "[]")
		if strings.Contains(dense, hex.EncodeToString(part)) || strings.Contains(log, decimal) || strings.Contains(log, strings.ReplaceAll(decimal, " ", ", ")) ||
			strings.Contains(log, string(part)) || strings.Contains(log, strings.Trim(fmt.Sprintf("%q", part), `"`)) {
			return true
		}
	}
	return strings.Contains(log, base64.StdEncoding.EncodeToString(secret)[:window])
}

// keepsSecrets checks that the daemon's log has none of the keys that hostapd had of
// this conversation, nor the passwords.
func (c *cable) keepsSecrets(keyed bool, passwords ...string) {
	c.t.Helper()
	log := c.log.String()
	if !strings.Contains(log, "EAPOL: ") {
		c.t.Error("the log is not loud")
	}
	if keyed { // what hostapd printed may reach the test later than the daemon's events
		c.ap.await(c.t, authenticated)
	}
	found := secretsOf(c.t, c.ap.String())
	if keyed && len(found) == 0 {
		c.t.Error("hostapd printed no key: nothing was compared")
	}
	for label, secret := range found {
		if leaks(log, secret) {
			c.t.Errorf("the log has %s: %x", label, secret)
		}
	}
	for _, p := range passwords {
		if strings.Contains(log, p) || strings.Contains(separators.Replace(strings.ToLower(log)), hex.EncodeToString([]byte(p))) {
			c.t.Errorf("%q is in the log", p)
		}
	}
}

// TestLeaksAreFound: the way the logs are searched finds keys.
func TestLeaksAreFound(t *testing.T) {
	key := []byte("\x00\x01\x02\x83\xa4\xb5\xc6\xd7\xe8\xf9")
	for _, log := range []string{"MSK 00010283a4b5c6d7e8f9", "x 83 a4 b5 c6 d7 e8 f9", "MSK: 02 83 A4 B5 C6 D7 E8 F9", "02:83:a4:b5:c6:d7:e8:f9", "[0 1 2 131 164 181 198 215 232]",
		"0x00, 0x01, 0x02, 0x83, 0xa4, 0xb5, 0xc6, 0xd7", "AAECg6S1xtfo+Q==", string(key), fmt.Sprintf("%q", key), "[]byte{0, 1, 2, 131, 164, 181, 198, 215}"} {
		if got, want := leaks("before "+log+" behind", key), log != "x 83 a4 b5 c6 d7 e8 f9"; got != want {
			t.Errorf("%q: %v", log, got)
		}
	}
	log := "EAP-TLS: Derived key - hexdump(len=10): 00 01 02 83 a4 b5 c6 d7 e8 f9\nEAP: Session-Id - hexdump(len=9): 0d 01 02 03 04 05 06 07 08\n"
	if got := secretsOf(t, log); len(got) != 1 || string(got["EAP-TLS: Derived key (0)"]) != string(key) {
		t.Errorf("%x", got)
	}
}

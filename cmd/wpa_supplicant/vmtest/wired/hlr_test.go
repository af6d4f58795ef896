//go:build wired

package wired

import (
	"strings"
	"testing"

	"gosupplicant/engine/eap/sim/simtest"
)

// What a SIM card says and does in these tests.
const (
	imsi      = "232010000000000@wlan.example" // behind the digit of the method
	otherCard = "00000000000000000000000000000001"
)

// operator starts one, and returns the line of hostapd's configuration.
func operator(t *testing.T) string { return simtest.Operator(t, 0x30) }

// TestExternalSIM: another program does the sums of the card.
func TestExternalSIM(t *testing.T) {
	conf, m := operator(t), simtest.Milenage(t)
	var captures []capture
	for _, tt := range []struct{ method, digit, kind string }{{"SIM", "1", "GSM-AUTH:"}, {"AKA", "0", "UMTS-AUTH:"}, {"AKA'", "6", "UMTS-AUTH:"}} {
		t.Run(tt.method, func(t *testing.T) {
			c := plug(t, options{hostapd: conf, louder: "ddd", globals: "external_sim=1", network: "eap=" + tt.method + "\nidentity=\"" + tt.digit + imsi + "\""})
			events := c.until("CTRL-REQ-SIM-0:", "CTRL-EVENT-EAP-FAILURE")
			text, _, ok := strings.Cut(strings.TrimPrefix(events[len(events)-1], "CTRL-REQ-SIM-0:"), " needed for SSID ")
			if !ok || !strings.HasPrefix(text, tt.kind) {
				t.Fatalf("%q", events[len(events)-1])
			}
			answer := simtest.Sums(t, m, text)
			if got := c.ask("CTRL-RSP-SIM-0:" + answer); got != "OK\n" {
				t.Fatalf("CTRL-RSP-SIM: %q", got)
			}
			has(t, "events", c.until("CTRL-EVENT-CONNECTED", "CTRL-EVENT-EAP-FAILURE"), "CTRL-EVENT-CONNECTED")
			c.log.await(t, "CTRL-EVENT-CONNECTED")
			_, keys, _ := strings.Cut(answer, ":")
			c.keepsSecrets(true, strings.Split(keys, ":")...)
			captures = append(captures, capture{tt.method, c.tap.frames(t), types(tt.method), numbers[tt.method], true})
		})
	}
	decoded(t, captures)
}

// TestFastReauthentication: the second conversation builds on the keys of the first
// one, without the card.
func TestFastReauthentication(t *testing.T) {
	conf := operator(t)
	var captures []capture
	for _, tt := range []struct{ method, digit string }{{"SIM", "1"}, {"AKA", "0"}, {"AKA'", "6"}} {
		t.Run(tt.method, func(t *testing.T) {
			c := plug(t, options{hostapd: conf, network: simCard(tt.method, tt.digit, simtest.Key)})
			has(t, "events", c.until("CTRL-EVENT-CONNECTED", "CTRL-EVENT-EAP-FAILURE"), "CTRL-EVENT-CONNECTED")
			c.ap.await(t, authenticated)
			if log := c.ap.String(); strings.Contains(log, "Using fast re-authentication") {
				t.Error("the first one was a fast one")
			}
			if got := c.ask("REAUTHENTICATE"); got != "OK\n" {
				t.Errorf("REAUTHENTICATE: %q", got)
			}
			has(t, "events", c.until("CTRL-EVENT-EAP-SUCCESS", "CTRL-EVENT-EAP-FAILURE"), "CTRL-EVENT-EAP-SUCCESS")
			c.ap.await(t, "Using fast re-authentication")
			captures = append(captures, capture{tt.method, c.tap.frames(t), types(tt.method), numbers[tt.method], true})
		})
	}
	decoded(t, captures)
}

//go:build !testoptions

package main

import (
	"bytes"
	"os"
	"testing"
)

// TestShippedWithoutTestCommands: the daemon as it is built for users does not even
// contain the names of what binaries with the tag testoptions let test programs do.
func TestShippedWithoutTestCommands(t *testing.T) {
	b, err := os.ReadFile(program(t))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(b, []byte("SCAN_RESULTS")) {
		t.Fatal("not even a command that is there can be found in the binary")
	}
	for _, s := range []string{"DATA_TEST_CONFIG", "DATA-TEST-RX", "MGMT_RX_PROCESS", "ext_eapol_frame_io", "rsne_override_eapol", "UNPROT_DEAUTH"} {
		if bytes.Contains(b, []byte(s)) {
			t.Errorf("the binary contains %q", s)
		}
	}
}

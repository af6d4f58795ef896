//go:build !testoptions

package ctrl

import "testing"

// testNames are commands of binaries built with the tag testoptions.
var testNames = []string{
	"DATA_TEST_CONFIG", "DATA_TEST_TX", "DATA_TEST_FRAME", "EAPOL_RX", "EAPOL_TX", "MGMT_TX", "MGMT_TX_DONE", "MGMT_RX_PROCESS",
	"DRIVER_EVENT", "RESET_PN", "KEY_REQUEST", "RESEND_ASSOC", "UNPROT_DEAUTH", "DROP_SA", "TEST_ASSOC_IE", "TEST_RSNXE_DATA",
	"TEST_EAPOL_M2_ELEMS", "TEST_EAPOL_M4_ELEMS", "GET_TK", "TEST_FAIL", "TEST_ALLOC_FAIL", "GET_FAIL", "GET_ALLOC_FAIL", "EVENT_TEST",
}

// TestNoTestCommands: the shipped binary answers none of them.
func TestNoTestCommands(t *testing.T) {
	for _, name := range testNames {
		for _, on := range []scope{onIface, onGlobal} {
			for _, text := range []string{name, name + " 1", name + " 02:00:00:00:00:01 00"} {
				if c, _ := lookup(text, on); c != nil {
					t.Errorf("%q is the command %s", text, c.name)
				}
			}
		}
	}
	v := newVirtual(t, testAir)
	for _, c := range [][2]string{
		{"SET ext_eapol_frame_io 1", replyFail}, {"SET disable_sa_query 1", replyFail}, {"SET rsne_override_eapol NULL", replyFail},
		{"GET gtk", replyFail}, {"GET anonce", replyFail}, {"GET last_tk_key_idx", replyFail},
	} {
		if got := v.ask(c[0]); got != c[1] {
			t.Errorf("%s: %q", c[0], got)
		}
	}
}

package engine

import (
	"strings"
	"testing"

	"gosupplicant/conf"
	"gosupplicant/engine/eap"
)

// TestMethodsNotBuilt: a network that has no method left is refused by the name of
// the first one, and one that has another goes with that.
func TestMethodsNotBuilt(t *testing.T) {
	for list, want := range map[string]string{"": "", "PEAP": "", "FAST TTLS": "", "LEAP": "EAP-LEAP is not built: ", "FAST LEAP": "EAP-FAST is not built: ", "PAX": "is not built"} {
		n := &conf.Network{}
		for name := range strings.FieldsSeq(list) {
			m, ok := conf.EAPMethodByName(name)
			if !ok {
				t.Fatal(name)
			}
			n.EAP.Methods = append(n.EAP.Methods, m)
		}
		cfg, err := eapConfig(n, &conf.Globals{}, nil, true)
		if (err != nil) != (want != "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", list, err)
		}
		if list == "PEAP" && (len(cfg.Methods) != 1 || cfg.Methods[0] != eap.TypePEAP) {
			t.Errorf("%+v", cfg.Methods)
		}
	}
}

// TestIMSIPrivacyIsRefused: whoever wants the IMSI encrypted does not send it in the clear.
func TestIMSIPrivacyIsRefused(t *testing.T) {
	for _, field := range []string{"imsi_privacy_cert", "imsi_privacy_attr"} {
		n := conf.NewNetwork()
		if _, err := n.Set(field, `"x"`); err != nil {
			t.Fatal(err)
		}
		if _, err := eapConfig(n, &conf.Globals{}, nil, false); err == nil || !strings.Contains(err.Error(), "imsi_privacy_cert") {
			t.Errorf("%s: %v", field, err)
		}
	}
}

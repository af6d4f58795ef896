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

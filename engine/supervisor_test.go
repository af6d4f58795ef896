package engine_test

import (
	"strings"
	"testing"

	"gosupplicant/engine"
)

// TestDriversThatAreNotBuilt are refused by name, with what to do instead.
func TestDriversThatAreNotBuilt(t *testing.T) {
	for name, want := range map[string]string{
		"macsec_linux": "Unsupported driver 'macsec_linux': MACsec is not built",
		"roboswitch":   "Unsupported driver 'roboswitch': ",
		"foo":          "Unsupported driver 'foo'",
	} {
		w := newWorld(t)
		var got error
		w.sup.AddInterface(engine.InterfaceConfig{Ifname: "sim0", Driver: name}, func(_ *engine.Interface, err error) { got = err })
		w.loop.Drain()
		if got == nil || !strings.Contains(got.Error(), want) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

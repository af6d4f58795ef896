//go:build vm

package nl80211

import (
	"errors"
	"testing"

	"gosupplicant/drivers"
)

// TestVMZRadioGone is the last, and its file, too: it takes the radios away.
func TestVMZRadioGone(t *testing.T) {
	o := open(t, New(), station)
	run(t, "modprobe", "-r", "mac80211_hwsim")
	ev := next[drivers.EventRemoved](o, nil)
	t.Log(ev.Reason)
	if _, err := o.State(); !errors.Is(err, drivers.ErrClosed) {
		t.Errorf("state of a radio that has gone: %v", err)
	}
	if err := o.Scan(&drivers.ScanParams{}); err == nil {
		t.Error("scan of a radio that has gone")
	}
}

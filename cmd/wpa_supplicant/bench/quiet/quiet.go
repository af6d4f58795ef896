// Package quiet keeps a benchmark out of the way of what it measures and shares the
// processors with: the tool contents itself with one of them, and its runtime's monitor
// takes its time.
package quiet

import (
	"os/exec"
	"runtime"

	"golang.org/x/sys/unix"

	_ "gosupplicant/cmd/wpa_supplicant/monitor"
	_ "gosupplicant/cmd/wpa_supplicant/single"
)

// usualSlack is what the timers of a process have, in nanoseconds, when nobody says
// otherwise.
const usualSlack = 50_000

// Start starts a command that is measured, or its peer, with the slack that a service
// manager would give it: it would inherit that of the thread that starts it, and
// those that the monitor has made have its own.
func Start(cmd *exec.Cmd) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.Prctl(unix.PR_SET_TIMERSLACK, usualSlack, 0, 0, 0); err != nil {
		return err
	}
	return cmd.Start()
}

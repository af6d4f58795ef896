package figures

import (
	"encoding/binary"
	"errors"
	"time"

	"golang.org/x/sys/unix"
)

// HeardAt is when the kernel has heard a frame, from the control messages that a socket
// with SO_TIMESTAMPNS gives with it.
func HeardAt(control []byte) (time.Time, error) {
	messages, err := unix.ParseSocketControlMessage(control)
	if err != nil {
		return time.Time{}, err
	}
	for _, m := range messages {
		if m.Header.Level == unix.SOL_SOCKET && m.Header.Type == unix.SCM_TIMESTAMPNS && len(m.Data) >= 16 {
			return time.Unix(int64(binary.NativeEndian.Uint64(m.Data)), int64(binary.NativeEndian.Uint64(m.Data[8:]))), nil
		}
	}
	return time.Time{}, errors.New("a frame has no time")
}

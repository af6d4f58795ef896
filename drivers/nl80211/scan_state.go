package nl80211

import "time"

// scanTimeout is how long a scan may take before the kernel is asked whether it
// still runs.
const scanTimeout = 30 * time.Second

// scanState follows whose scan runs on an interface.
//
//	none     --accepted--> awaited   the kernel took our request
//	awaited  --started---> running   its start event came
//	running  --ended-----> none
//
// An end that comes while the start is still awaited belongs to a scan before
// ours; a start that comes in any other state belongs to another program.
type scanState uint8

const (
	scanNone scanState = iota
	scanAwaited
	scanRunning
)

// ours tells whether a scan of ours was accepted and has not ended.
func (s scanState) ours() bool { return s != scanNone }

// accepted notes that the kernel took our request.
func (s *scanState) accepted() { *s = scanAwaited }

// started takes a start event in and tells whether it is ours.
func (s *scanState) started() bool {
	if *s != scanAwaited {
		return false
	}
	*s = scanRunning
	return true
}

// ended takes an end event in and tells whether it is ours.
func (s *scanState) ended() bool {
	if *s != scanRunning {
		return false
	}
	*s = scanNone
	return true
}

// lost gives up on ours and tells whether there was one.
func (s *scanState) lost() bool {
	was := s.ours()
	*s = scanNone
	return was
}

// String names the state as STATUS-DRIVER does.
func (s scanState) String() string {
	switch s {
	case scanNone:
		return "NO_SCAN"
	case scanAwaited:
		return "SCAN_REQUESTED"
	case scanRunning:
		return "SCAN_STARTED"
	}
	return "??"
}

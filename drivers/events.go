package drivers

// Event is the closed set of what a driver interface reports by itself.
type Event interface{ driverEvent() }

// EventScanStarted: a scan began, ours (External false) or another program's.
type EventScanStarted struct{ External bool }

// EventScanDone ends a scan. Results are fetched with ScanResults.
type EventScanDone struct {
	Aborted  bool
	External bool
	Freqs    []int    // MHz actually scanned, nil if unknown (= all)
	SSIDs    [][]byte // names probed for, nil if unknown
}

// EventSchedScanResults: the device found something during a scheduled scan.
type EventSchedScanResults struct{}

// EventSchedScanStopped: the device ended the scheduled scan.
type EventSchedScanStopped struct{}

// EventState: link state changed (up/down, carrier, rfkill, MAC address). The
// state is complete, not a difference.
type EventState struct{ State State }

// EventRemoved: the interface or its radio has gone. Only Close may follow.
type EventRemoved struct{ Reason string }

// EventRenamed: the interface has a new name; it stays open.
type EventRenamed struct{ Ifname string }

// EventRegulatory: the regulatory domain changed; Capability has new channels.
type EventRegulatory struct {
	Initiator string // CORE, USER, DRIVER, COUNTRY_IE, BEACON_HINT as upstream prints them
	Type      string // UNKNOWN, COUNTRY, WORLD, CUSTOM_WORLD, INTERSECTION
	Alpha2    string // empty unless Type is COUNTRY
}

// EventResync: events were lost (socket overrun, resume). The engine asks for
// State and, if a scan of its own was running, for results.
type EventResync struct{ Why string }

// EventSignal: the link's signal crossed the monitored threshold.
type EventSignal struct {
	Above  bool
	Signal Signal
}

// EventAvoidFreqs: the device asks to keep off these channels.
type EventAvoidFreqs struct{ Freqs []int }

func (EventScanStarted) driverEvent()      {}
func (EventScanDone) driverEvent()         {}
func (EventSchedScanResults) driverEvent() {}
func (EventSchedScanStopped) driverEvent() {}
func (EventState) driverEvent()            {}
func (EventRemoved) driverEvent()          {}
func (EventRenamed) driverEvent()          {}
func (EventRegulatory) driverEvent()       {}
func (EventResync) driverEvent()           {}
func (EventSignal) driverEvent()           {}
func (EventAvoidFreqs) driverEvent()       {}

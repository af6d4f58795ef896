package drivers

import (
	"errors"
	"log/slog"
	"time"

	"gosupplicant/engine/dot11"
)

// Errors that drivers return (possibly wrapped); the engine maps them to what
// front ends say. Kernel errors stay reachable with errors.As (unix.Errno).
var (
	// ErrNoInterface: the named interface does not exist.
	ErrNoInterface = errors.New("drivers: no such interface")
	// ErrNotSupported: the driver or device cannot do this.
	ErrNotSupported = errors.New("drivers: not supported")
	// ErrBusy: the device is busy with the same kind of request.
	ErrBusy = errors.New("drivers: busy")
	// ErrDown: the interface is administratively down or its radio is blocked.
	ErrDown = errors.New("drivers: interface is down")
	// ErrUnknownBSS: the device has not heard this BSS lately, or not under that
	// name: a scan for the name helps.
	ErrUnknownBSS = errors.New("drivers: BSS is not known")
	// ErrClosed: the interface was closed or its device has gone.
	ErrClosed = errors.New("drivers: closed")
)

// Driver is one way to reach devices: what `-D name` selects.
type Driver interface {
	// Name is the word used with -D and shown as the D-Bus Driver property.
	Name() string
	// Description is the text printed in the usage message.
	Description() string
	// Open takes the interface into use, setting it up (IFF_UP) when the device
	// allows. It fails without side effects when this driver cannot serve the
	// interface, so that the next name of -D can be tried.
	Open(cfg Config) (Interface, error)
}

// Config is what Open needs to know.
type Config struct {
	Ifname       string // network interface name, e.g. "wlan0"
	Params       string // driver parameters of -p, space separated words
	BridgeIfname string // bridge of -b, empty for none
	Log          *slog.Logger
	Events       func(Event) // receives every event of this interface; see the package comment
}

// Watcher is implemented by drivers that see interfaces come and go; it serves
// interface matching (-M).
type Watcher interface {
	// Watch reports every interface that exists now and each change after, until
	// stop is called. events is called from a goroutine of the driver.
	Watch(events func(LinkEvent)) (stop func(), err error)
}

// LinkEvent tells Watch's caller of one interface.
type LinkEvent struct {
	Ifname  string
	Ifindex int
	Present bool // false: the interface has gone (or was renamed away)
}

// Creator is implemented by drivers that can add and delete network devices
// (D-Bus CreateInterface with Create, control command INTERFACE_ADD … create).
type Creator interface {
	// CreateInterface adds a virtual interface named name to the radio of parent
	// (an existing interface name), of type t; addr is the MAC address or nil.
	CreateInterface(parent, name string, t IfaceType, addr *dot11.MAC) error
	// DeleteInterface removes it again.
	DeleteInterface(name string) error
}

// IfaceType is the type of a virtual interface.
type IfaceType uint8

const (
	IfaceStation IfaceType = iota
	IfaceAP
)

// Interface is one network interface in use: the core every driver has.
type Interface interface {
	Info() Info
	Capability() *Capability
	// State asks the device for its present state; the engine calls it after open
	// and on EventResync.
	State() (State, error)
	// Scan starts a scan. nil means accepted: exactly one EventScanDone follows.
	Scan(p *ScanParams) error
	// ScanResults returns everything the device knows now.
	ScanResults() (*ScanResults, error)
	// Close gives the device back as it was found where possible, stops events
	// (none is delivered after Close has returned) and frees everything.
	Close() error
}

// Info does not change while the interface is open.
type Info struct {
	Driver  string // driver name
	Ifname  string // name at open time; EventRenamed tells of a change
	Ifindex int    // 0 where there is none
	Radio   string // name of the radio ("phy0"), shared by interfaces of one radio; empty if unknown
}

// State is the link state of an interface.
type State struct {
	MAC         dot11.MAC
	PermMAC     dot11.MAC // permanent address; equal to MAC where unknown
	Up          bool      // administratively up (IFF_UP)
	Running     bool      // carrier (IFF_LOWER_UP): a station has one while associated
	RFKill      RFKill    // block state of the radio
	Associated  bool      // the device holds an association
	BSSID       dot11.MAC // valid when Associated
	SSID        []byte    // valid when Associated
	Frequency   int       // MHz, 0 if unknown
	BridgedWith string    // bridge master, empty for none
}

// RFKill is the block state of a radio.
type RFKill uint8

const (
	RFKillUnblocked RFKill = iota
	RFKillSoft
	RFKillHard
)

// ScanAborter can stop a running scan; EventScanDone{Aborted: true} follows.
type ScanAborter interface{ AbortScan() error }

// SchedScanner offloads periodic scans to the device.
type SchedScanner interface {
	StartSchedScan(p *SchedScanParams) error
	StopSchedScan() error
}

// Surveyor reads channel statistics.
type Surveyor interface {
	// Survey returns what the device measured; freq 0 means every channel.
	Survey(freq int) ([]Survey, error)
}

// SignalPoller reads the statistics of the present link.
type SignalPoller interface{ SignalPoll() (Signal, error) }

// SignalMonitor asks the device for EventSignal when the signal crosses the threshold.
type SignalMonitor interface {
	SetSignalMonitor(thresholdDBm, hysteresisDB int) error
}

// CountryControl reads and sets the regulatory domain.
type CountryControl interface {
	Country() (string, error)       // two letters, "00" for world
	SetCountry(alpha2 string) error // two letters
}

// LinkControl sets link mode and operational state (RFC 2863) so that upper
// layers wait for authentication.
type LinkControl interface {
	// SetOperState: dormant link mode, and operstate up or dormant.
	SetOperState(up bool) error
}

// BridgeSetter changes what Config.BridgeIfname said, between associations.
type BridgeSetter interface {
	// SetBridge names the bridge that the interface is a port of, or none ("").
	SetBridge(ifname string)
}

// AddressSetter changes the MAC address while no connection exists.
type AddressSetter interface {
	SetMACAddress(addr dot11.MAC) error
}

// ScanMACRandomizer is implemented when Capability.RandomMACScan or
// RandomMACSchedScan may hold; the addresses go with ScanParams.
//
// StatusReporter adds driver lines to STATUS-DRIVER ("key=value").
type StatusReporter interface{ DriverStatus() ([]KeyValue, error) }

// KeyValue is one line of StatusReporter.
type KeyValue struct{ Key, Value string }

// ScanParams describes one scan. The zero value is a wildcard active scan of
// every allowed channel.
type ScanParams struct {
	SSIDs     [][]byte // at most Capability.MaxScanSSIDs; an empty entry is the wildcard; none with Passive
	Freqs     []int    // MHz; empty = all
	IEs       []byte   // extra elements for probe requests
	Passive   bool     // send no probe request (SSIDs ignored)
	BSSID     *dot11.MAC
	Flush     bool // drop cached results first (only_new)
	LowPrio   bool
	RandomMAC bool // randomise the source address with the two fields below
	MACAddr   dot11.MAC
	MACMask   dot11.MAC // a set bit is taken from MACAddr, a clear one is random
	// FilterSSIDs limits results to these names where the device can (else ignored).
	FilterSSIDs  [][]byte
	FilterRSSI   int           // dBm, 0 = no filter
	Dwell        time.Duration // per channel, 0 = driver's choice; ignored where not supported
	DwellFixed   bool
	NonColoc6GHz bool // probe all 6 GHz PSC channels, not just co-located ones
	NoCCK        bool
	OCEScan      bool
	// Probe asks for no more than one request for the one name on the one channel given,
	// which is the one in use, and some 30 ms of listening: with Capability.ScanProbe
	// only, and where sending is allowed.
	Probe bool
}

// SchedScanParams describes a scheduled scan.
type SchedScanParams struct {
	ScanParams
	Plans      []SchedScanPlan // one plan with Iterations 0 (for ever) at least
	StartDelay time.Duration
	MatchSSIDs [][]byte // report only these; empty = all
}

// SchedScanPlan is one leg of a scheduled scan.
type SchedScanPlan struct {
	Interval   time.Duration // whole seconds
	Iterations int           // 0 = for ever, only in the last plan
}

// ScanResults is what the device knows after a scan.
type ScanResults struct {
	Results []ScanResult
}

// ResultFlags qualify numbers of a ScanResult.
type ResultFlags uint8

const (
	ResultQualInvalid  ResultFlags = 1 << iota // Qual carries no meaning
	ResultNoiseInvalid                         // Noise carries no meaning
	ResultLevelInvalid                         // Level carries no meaning
	ResultLevelDBm                             // Level is in dBm
	ResultAssociated                           // the device is associated with this BSS
)

// ScanResult is one BSS as the device reports it.
type ScanResult struct {
	BSSID          dot11.MAC
	Freq           int // MHz
	BeaconInterval uint16
	Capability     uint16 // capability information field
	Qual           int
	Noise          int // dBm
	Level          int // dBm with ResultLevelDBm, else driver units
	TSF            uint64
	ParentTSF      uint64
	ParentBSSID    dot11.MAC     // reporting BSS of ParentTSF
	Age            time.Duration // since last heard, at the time of the call
	Flags          ResultFlags
	IEs            []byte // elements of the probe response, or of the beacon when no probe response was heard
	BeaconIEs      []byte // elements of the beacon, empty when none was heard; may be the very slice of IEs
}

// Survey is the measured use of one channel.
type Survey struct {
	Freq                                   int // MHz
	Noise                                  int // dBm, 0 = unknown
	InUse                                  bool
	Time, Busy, ExtBusy, Receive, Transmit time.Duration
}

// Signal is the state of the present link.
type Signal struct {
	Freq                                                 int // MHz
	Width                                                int // MHz, 0 = 20 no HT
	CenterFreq1, CenterFreq2                             int
	Signal, AvgSignal                                    int // dBm
	AvgBeaconSignal                                      int // dBm, 0 = unknown
	Noise                                                int // dBm; NoiseUnknown when not measured
	TxRate, RxRate                                       int // kbit/s
	TxPackets, TxFailed, TxRetries, RxPackets, RxDropped uint64
	TxBytes, RxBytes                                     uint64
	BeaconsReceived, BeaconLoss                          uint64
	Inactive                                             time.Duration
}

// NoiseUnknown marks an unmeasured noise floor.
const NoiseUnknown = 9999

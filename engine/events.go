package engine

import (
	"log/slog"

	"gosupplicant/conf"
	"gosupplicant/drivers"
	"gosupplicant/engine/bss"
	"gosupplicant/engine/dot11"
)

// Event is the closed set of what the engine tells its observers. Observers run
// on the loop, in registration order, and must not change the engine from
// inside (use Loop().Soon).
type Event interface{ engineEvent() }

// Observer receives every event.
type Observer func(Event)

// InterfaceAdded: the interface is in the list and ready to use.
type InterfaceAdded struct{ Iface *Interface }

// InterfaceRemoved: the interface left the list; its BSSs and networks go with
// it without events of their own. Nothing more follows for it.
type InterfaceRemoved struct{ Iface *Interface }

// InterfaceRenamed: the kernel gave the device another name.
type InterfaceRenamed struct {
	Iface *Interface
	Old   string
}

// Reconfigured: the configuration file was read again; the events about its
// parts were sent before.
type Reconfigured struct{ Iface *Interface }

// StateChanged: Iface.State() has the new value already.
type StateChanged struct {
	Iface    *Interface
	Old, New State
}

// ScanStarted: the radio has begun; ID is not 0 for a request that asked for
// an id.
type ScanStarted struct {
	Iface *Interface
	ID    int
}

// ScanFailed: the driver refused the scan; ScanDone{Success: false} follows
// unless it will be retried.
type ScanFailed struct {
	Iface *Interface
	Errno int // positive
	Retry bool
}

// ScanDone: the BSS table was brought up to date (Success) or the scan failed
// or was aborted. It follows the BSS events of the update.
type ScanDone struct {
	Iface      *Interface
	Success    bool
	ID         int
	OwnRequest bool // false for another program's scan
}

// BSSAdded, BSSChanged and BSSRemoved are the differences one update made.
type BSSAdded struct {
	Iface *Interface
	BSS   *bss.BSS
}

// BSSChanged carries the fields that differ.
type BSSChanged struct {
	Iface  *Interface
	BSS    *bss.BSS
	Fields bss.Fields
}

// BSSRemoved: the entry is out of the table; the value is its last state.
type BSSRemoved struct {
	Iface *Interface
	BSS   *bss.BSS
}

// NetworkAdded is sent before values are set in the new block.
type NetworkAdded struct {
	Iface   *Interface
	Network *conf.Network
}

// NetworkRemoved: the block is out of the list.
type NetworkRemoved struct {
	Iface   *Interface
	Network *conf.Network
}

// NetworkEnabled: the block's disabled state changed.
type NetworkEnabled struct {
	Iface   *Interface
	Network *conf.Network
}

// NetworkSelected: chosen by SelectNetwork.
type NetworkSelected struct {
	Iface   *Interface
	Network *conf.Network
}

// NetworkNotFound: a scan ended and no enabled network was in it.
type NetworkNotFound struct{ Iface *Interface }

// NetworkReenabled: a temporary hold was removed.
type NetworkReenabled struct {
	Iface   *Interface
	Network *conf.Network
}

// CandidateChosen: selection ended with a BSS to join; the step after it is
// the association.
type CandidateChosen struct {
	Iface   *Interface
	BSS     *bss.BSS
	Network *conf.Network
}

// BSSIDIgnored: an entry was added to the ignore list or counted up.
type BSSIDIgnored struct {
	Iface   *Interface
	BSSID   dot11.MAC
	Count   int
	Seconds int
}

// BSSIDUnignored: an entry left the ignore list.
type BSSIDUnignored struct {
	Iface *Interface
	BSSID dot11.MAC
	Why   string // "", "clear" or "expired"
}

// BlobAdded and BlobRemoved tell of named blobs.
type BlobAdded struct {
	Iface *Interface
	Name  string
}

// BlobRemoved: the named blob is gone.
type BlobRemoved struct {
	Iface *Interface
	Name  string
}

// CredAdded, CredChanged and CredRemoved tell of credential blocks.
type CredAdded struct {
	Iface *Interface
	ID    int
}

// CredRemoved: the credential block is gone.
type CredRemoved struct {
	Iface *Interface
	ID    int
}

// Prop names an interface value that front ends show as a property.
type Prop uint8

// Interface values with change events.
const (
	PropState Prop = iota
	PropScanning
	PropAPScan
	PropCountry
	PropCurrentBSS
	PropCurrentNetwork
	PropCurrentAuthMode
	PropBSSs
	PropNetworks
	PropMACAddress
	PropFastReauth
	PropScanInterval
	PropBSSExpireAge
	PropBSSExpireCount
	PropBridgeIfname
	PropDisconnectReason
	PropAuthStatusCode
	PropAssocStatusCode
	PropSignalChange
	PropPKCS11
	PropCapabilities
	PropRoam // RoamTime and RoamComplete
	PropSessionLength
)

// PropChanged: the value of Prop is another now.
type PropChanged struct {
	Iface *Interface
	Prop  Prop
}

// GlobalChanged: the configuration global Name of the interface was set to a
// new value.
type GlobalChanged struct {
	Iface *Interface
	Name  string
}

// DebugChanged: the log level, timestamps or key display changed (any front end).
type DebugChanged struct{}

// RegulatoryChanged is sent once per interface.
type RegulatoryChanged struct {
	Iface  *Interface
	Change drivers.EventRegulatory
}

// SignalChanged: the monitored threshold was crossed.
type SignalChanged struct {
	Iface  *Interface
	Signal drivers.EventSignal
}

// RadioWorkStarted and RadioWorkTimeout tell the owner of external radio work
// (command RADIO_WORK).
type RadioWorkStarted struct {
	Iface *Interface
	ID    int
}

// RadioWorkTimeout: the work was not finished in time and lost its turn.
type RadioWorkTimeout struct {
	Iface *Interface
	ID    int
}

// Terminating is sent once per interface before it is removed at exit.
type Terminating struct{ Iface *Interface }

// Message is a line for the log and for control monitors that has no other
// meaning (upstream's free text).
type Message struct {
	Iface *Interface // nil outside interface context
	Level slog.Level
	Text  string
}

func (InterfaceAdded) engineEvent()    {}
func (InterfaceRemoved) engineEvent()  {}
func (InterfaceRenamed) engineEvent()  {}
func (Reconfigured) engineEvent()      {}
func (StateChanged) engineEvent()      {}
func (ScanStarted) engineEvent()       {}
func (ScanFailed) engineEvent()        {}
func (ScanDone) engineEvent()          {}
func (BSSAdded) engineEvent()          {}
func (BSSChanged) engineEvent()        {}
func (BSSRemoved) engineEvent()        {}
func (NetworkAdded) engineEvent()      {}
func (NetworkRemoved) engineEvent()    {}
func (NetworkEnabled) engineEvent()    {}
func (NetworkSelected) engineEvent()   {}
func (NetworkNotFound) engineEvent()   {}
func (NetworkReenabled) engineEvent()  {}
func (CandidateChosen) engineEvent()   {}
func (BSSIDIgnored) engineEvent()      {}
func (BSSIDUnignored) engineEvent()    {}
func (BlobAdded) engineEvent()         {}
func (BlobRemoved) engineEvent()       {}
func (CredAdded) engineEvent()         {}
func (CredRemoved) engineEvent()       {}
func (PropChanged) engineEvent()       {}
func (GlobalChanged) engineEvent()     {}
func (DebugChanged) engineEvent()      {}
func (RegulatoryChanged) engineEvent() {}
func (SignalChanged) engineEvent()     {}
func (RadioWorkStarted) engineEvent()  {}
func (RadioWorkTimeout) engineEvent()  {}
func (Terminating) engineEvent()       {}
func (Message) engineEvent()           {}

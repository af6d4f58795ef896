package bss

import (
	"time"

	"gosupplicant/engine/dot11"
)

// Flags tell how to read the numbers of a result.
type Flags uint8

// Result flags.
const (
	FlagQualInvalid  Flags = 1 << iota // Qual is not known
	FlagNoiseInvalid                   // Noise is not known
	FlagLevelInvalid                   // Level is not known
	FlagLevelDBm                       // Level is in dBm
)

// Result is one BSS as a driver reports it after a scan.
type Result struct {
	BSSID     dot11.MAC
	Freq      int // MHz
	BeaconInt int // TU
	Caps      dot11.Caps
	Qual      int
	Noise     int // dBm
	Level     int // dBm with FlagLevelDBm, else in the driver's unit
	Flags     Flags
	TSF       uint64        // µs
	ParentTSF uint64        // µs of the BSS we were associated with, 0 unknown
	ParentBSS dot11.MAC     // to which ParentTSF belongs
	Age       time.Duration // since it was heard, counted from UpdateOpts.Now
	// IEs holds the elements of the probe response, or of the beacon when no
	// probe response was heard; BeaconIEs those of the beacon when both are
	// known. Update copies what it keeps.
	IEs         []byte
	BeaconIEs   []byte
	BeaconNewer bool // the beacon was heard after the probe response
}

// BSS is one entry of the table. Callers only read it.
type BSS struct {
	ID        uint32 // from 0, growing, never reused
	BSSID     dot11.MAC
	SSID      dot11.SSID // as heard: empty or zeroed when hidden
	Freq      int        // MHz
	BeaconInt int        // TU
	Caps      dot11.Caps
	Qual      int
	Noise     int // dBm
	Level     int // dBm with FlagLevelDBm
	Flags     Flags
	TSF       uint64 // µs
	ParentTSF uint64 // µs
	ParentBSS dot11.MAC

	LastUpdate    time.Time // when it was last heard
	UpdateIndex   uint32    // Table.UpdateIndex of the last update that had it
	SeenCount     uint32    // updates that had it
	ScanMissCount int       // scans since then that covered it and did not

	IEs         dot11.Elements
	BeaconIEs   dot11.Elements
	BeaconNewer bool

	SNR           int // dB
	EstThroughput int // kbit/s
	MLDAddr       dot11.MAC
	HasMLD        bool // MLDAddr is known

	parsed     parsed
	prev, next *BSS // order of update
	sameBSSID  *BSS // other SSIDs of this BSSID
	removed    bool

	pending      int            // during an update: position of its result plus one
	estimatedFor dot11.LocalPHY // radio for which EstThroughput holds
}

// parsed caches what is derived from IEs, on first use.
type parsed struct {
	rsnDone, wpaDone bool
	rsn              *dot11.RSNE
	wpa              *dot11.WPAIE
	rsnErr, wpaErr   error
}

// RSN returns the parsed RSN element; nil and nil without one.
func (b *BSS) RSN() (*dot11.RSNE, error) {
	if !b.parsed.rsnDone {
		b.parsed.rsnDone = true
		if body, ok := b.IEs.Find(dot11.ElementRSN); ok {
			b.parsed.rsn, b.parsed.rsnErr = dot11.ParseRSNE(body)
		}
	}
	return b.parsed.rsn, b.parsed.rsnErr
}

// WPA returns the parsed WPA vendor element; nil and nil without one.
func (b *BSS) WPA() (*dot11.WPAIE, error) {
	if !b.parsed.wpaDone {
		b.parsed.wpaDone = true
		if body, ok := b.IEs.FindVendor(dot11.OUIMicrosoft, dot11.MicrosoftWPA); ok {
			b.parsed.wpa, b.parsed.wpaErr = dot11.ParseWPAIE(body)
		}
	}
	return b.parsed.wpa, b.parsed.wpaErr
}

// WPS returns the WPS attributes; false without WPS elements.
func (b *BSS) WPS() (*dot11.WPS, bool) { return dot11.FindWPS(b.IEs) }

// Mode returns the kind of the BSS.
func (b *BSS) Mode() dot11.Mode { return dot11.ModeOf(b.IEs, b.Caps, b.Freq) }

// Privacy reports whether the capability bit is set.
func (b *BSS) Privacy() bool { return b.Caps&dot11.CapPrivacy != 0 }

// Rates returns the rates in bit/s, highest first.
func (b *BSS) Rates() []uint32 { return b.IEs.Rates() }

// Age returns the time since it was last heard, not negative.
func (b *BSS) Age(now time.Time) time.Duration { return max(0, now.Sub(b.LastUpdate)) }

// AppendFlags appends the flags column. own is the address of the interface;
// scanResults selects the form of SCAN_RESULTS over that of the BSS command.
func (b *BSS) AppendFlags(dst []byte, own dot11.MAC, scanResults bool) []byte {
	return dot11.AppendFlags(dst, dot11.FlagsInput{Elements: b.IEs, Beacon: b.BeaconIEs,
		Caps: b.Caps, Freq: b.Freq, Own: own, ScanResults: scanResults})
}

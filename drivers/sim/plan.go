package sim

import (
	_ "embed"
	"time"

	"gosupplicant/drivers/sim/simap"
	"gosupplicant/engine/dot11"
)

// Plan describes an air before it is set up: what an air file says.
type Plan struct {
	Name         string // shown in errors; the file's name
	Country      string // two letters
	ActiveDwell  time.Duration
	PassiveDwell time.Duration
	Loss         float64 // 0 to 1
	Delay        time.Duration
	Noise        int // dBm
	Radios       []RadioPlan
	APs          []APPlan
}

// RadioPlan describes a radio and its interfaces.
type RadioPlan struct {
	Name        string
	Interfaces  []string
	Addr        dot11.MAC // of the first interface; further ones count up
	Bands       []dot11.Band
	SoftBlock   bool
	HardBlock   bool
	Down        bool // interfaces begin administratively down and cannot be set up by Open
	Sensitivity int  // dBm; weaker frames are not heard
	ScanSSIDs   int  // SSIDs in one scan
	FullMAC     bool // authenticates and associates by itself
	InPlace     bool // attempts may begin during scans of one channel, which may be probes
}

// APPlan is an access point and how it is received.
type APPlan struct {
	simap.Config
	Signal int     // dBm
	Jitter int     // dB, largest random deviation of a frame
	Loss   float64 // 0 to 1; negative: the air's
	Drift  Drift
	From   time.Duration // on the air from this time on
	Until  time.Duration // 0 = for ever
}

// Drift is a slow triangular swing of the signal by ±DB in Period.
type Drift struct {
	DB     int
	Period time.Duration
}

// NewPlan returns an empty air with the default times and country DE.
func NewPlan(name string) *Plan {
	return &Plan{Name: name, Country: "DE", ActiveDwell: 30 * time.Millisecond, PassiveDwell: 110 * time.Millisecond, Noise: -95}
}

//go:embed default.air
var defaultAir []byte

// DefaultPlan returns the air used when no file is given.
func DefaultPlan() *Plan {
	p, err := ParsePlan("default.air", defaultAir)
	if err != nil {
		panic(err) // TestDefaultPlan proves that it does not happen
	}
	return p
}

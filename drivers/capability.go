package drivers

// Capability is what a device can do, read once at open and again after a
// regulatory change. Callers do not modify it.
type Capability struct {
	// Unknown: the driver cannot tell (-D none); everything else here is zero
	// and front ends answer with their fallback lists.
	Unknown bool

	Flags   Flags  // what DRIVER_FLAGS prints
	Flags2  Flags2 // what DRIVER_FLAGS2 prints
	Bands   []Band
	Modes   IfaceModes
	Ciphers []uint32 // cipher suite selectors (OUI<<8 | type), e.g. 0x000fac04
	AKMs    []uint32 // AKM suite selectors for station use; nil = unknown, assume by Flags

	MaxScanSSIDs            int // SSIDs in one scan, at least 1 when active scans work
	MaxScanIELen            int
	MaxSchedScanSSIDs       int // 0 = no scheduled scan
	MaxMatchSets            int
	MaxSchedScanPlans       int
	MaxSchedScanIntervalSec uint32
	MaxSchedScanIterations  uint32
	MaxSchedScanIELen       int
	MaxRemainOnChannel      uint32 // ms
	MaxStations             int
	MaxCSACounters          int
	MaxPMKIDs               int

	RandomMACScan                                               bool
	RandomMACSchedScan                                          bool
	ScanFlush, ScanLowPriority, ScanDwell                       bool
	AbortScan                                                   bool
	ScanInPlace                                                 bool // an attempt may begin during a scan of nothing but the channel in use
	ScanProbe                                                   bool // ScanParams.Probe works
	SAE                                                         bool // SAE in this program's SME works with the device
	SMEInUser                                                   bool // authenticate and associate are separate commands
	OffloadPSK, OffloadSAE, Offload8021X                        bool // 4-way handshake in firmware
	ControlPort                                                 bool
	ExtendedKeyID, BeaconProtection, OperatingChannelValidation bool
	FILS                                                        bool
	FeatureFlags                                                uint32 // NL80211_ATTR_FEATURE_FLAGS, 0 elsewhere
	ExtFeatures                                                 []byte // NL80211_ATTR_EXT_FEATURES bit string, nil elsewhere
	ExtendedCapa, ExtendedCapaMask                              []byte // extended capabilities for the (re)association request
	Enc                                                         EncCapability
	RegulatorySelfManaged                                       bool
}

// IfaceModes is a bit set of interface types the radio can take.
type IfaceModes uint32

const (
	ModeStation IfaceModes = 1 << iota
	ModeAP
	ModeIBSS
	ModeMesh
	ModeMonitor
	ModeP2PClient
	ModeP2PGO
	ModeP2PDevice
	ModeNAN
	ModeAPVLAN
)

// EncCapability is a coarse cipher set for drivers that know no selectors (wext).
type EncCapability uint32

const (
	EncWEP40 EncCapability = 1 << iota
	EncWEP104
	EncTKIP
	EncCCMP
)

// BandID names a frequency band.
type BandID uint8

const (
	Band2GHz BandID = iota
	Band5GHz
	Band60GHz
	Band6GHz
)

// Band is one band of a radio.
type Band struct {
	ID               BandID
	Channels         []Channel
	Rates            []int  // legacy rates in units of 100 kbit/s
	HTCapa           uint16 // 0 with HT false
	HT, VHT, HE, EHT bool
	HTMCS            [16]byte
	VHTCapa          uint32
	VHTMCS           [8]byte
	HECapa           []byte // HE MAC capabilities (6 bytes) followed by PHY capabilities (11) of station mode, nil without
	MaxWidth         int    // MHz: 20, 40, 80, 160, 320
}

// ChannelFlags restrict the use of a channel.
type ChannelFlags uint32

const (
	ChanDisabled ChannelFlags = 1 << iota
	ChanNoIR                  // no initiating radiation: passive scan only
	ChanRadar
	ChanNoHT40Plus
	ChanNoHT40Minus
	ChanNo80
	ChanNo160
	ChanIndoorOnly
	ChanNo20MHz // below the band's ordinary width only
	ChanNoHE
	ChanNo320
	ChanNoEHT
)

// Channel is one channel of a band.
type Channel struct {
	Freq     int // centre, MHz
	Flags    ChannelFlags
	MaxPower int // 0.01 dBm
}

// Flags are the driver feature bits that the DRIVER_FLAGS command prints. The
// bit positions and names are upstream's (see FlagNames).
type Flags uint64

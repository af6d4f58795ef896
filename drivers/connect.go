package drivers

import (
	"time"

	"gosupplicant/engine/dot11"
)

// What a device needs to be a station of a network. A driver interface that
// can connect implements Linker and one or both of SME and Connector.

// SME is implemented by devices that leave authentication and association to
// us (mac80211: Capability.SMEInUser). Both return on the kernel's
// acknowledgement; the air's answer is an event.
type SME interface {
	// Authenticate sends an authentication frame, EventAuth or EventTimeout follows.
	// SAE commits and confirms are sent one call each.
	Authenticate(p *AuthParams) error
	// Associate sends a (re)association request to the BSS authenticated with;
	// EventAssoc, EventAssocReject or EventTimeout follows.
	Associate(p *AssocParams) error
}

// Connector is implemented by devices (or kernels) that authenticate and
// associate by themselves; EventAssoc, EventAssocReject or EventTimeout follows.
type Connector interface {
	Connect(p *ConnectParams) error
}

// Linker is what every connected device can do.
type Linker interface {
	// Deauthenticate leaves bssid with a reason code. EventDisconnected{Local} may follow.
	Deauthenticate(bssid dot11.MAC, reason uint16) error
	// SetKey installs or removes (Key.Key nil) one key.
	SetKey(k *Key) error
	// SendEAPOL sends an EAPOL PDU (from the protocol version octet on) to dst;
	// encrypt false sends in the clear where the device can choose. It goes out before
	// what is asked of the device next; a device's refusal may come to its log only.
	SendEAPOL(dst dot11.MAC, pdu []byte, encrypt bool) error
	// SetAuthorized opens or closes the controlled port of the kernel.
	SetAuthorized(bssid dot11.MAC, authorized bool) error
}

// Leaver is implemented by devices that have a quicker way to leave than
// Deauthenticate. There is an association with bssid; it ends with reason 3, and
// EventDisconnected{Local} follows.
type Leaver interface {
	Leave(bssid dot11.MAC) error
}

// FrameSender sends raw management frames (SA Query, WNM, SAE for external
// authentication).
type FrameSender interface {
	// SendFrame sends a whole management frame, header included, on freq (MHz, 0 = channel
	// of the link). noAck is for group addresses.
	SendFrame(frame []byte, freq int, noAck bool) error
}

// Preauthenticator carries frames of pre-authentication (EtherType 0x88c7), which go
// to another access point of the network by way of the one that is associated with.
// Those that come back are told by EventPreauth.
type Preauthenticator interface {
	SendPreauth(dst dot11.MAC, pdu []byte) error
}

// PMKSACacher keeps PMKSAs in the device, for devices that build association
// requests themselves.
type PMKSACacher interface {
	SetPMKSA(e *PMKSA) error
	DeletePMKSA(e *PMKSA) error
	FlushPMKSA() error
}

// RekeyOffloader lets the device answer group handshakes while the host sleeps;
// EventRekeyed tells of each.
type RekeyOffloader interface {
	SetRekeyData(d *RekeyData) error
}

// RekeyData is what group handshakes are answered with. The keys may be overwritten when
// SetRekeyData has returned.
type RekeyData struct {
	KEK, KCK      []byte
	ReplayCounter [8]byte // big-endian, of the last frame that was valid
	AKM           uint32  // selector
}

// ExternalAuthenticator is implemented by devices that connect by themselves but leave
// SAE to us. Its frames are sent by FrameSender and received as EventFrame.
type ExternalAuthenticator interface {
	// ExternalAuthDone answers EventExternalAuth, with a status code of 0 or the reason
	// why not, and the identifier of the PMK that came of it.
	ExternalAuthDone(bssid dot11.MAC, ssid []byte, status uint16, pmkid []byte) error
}

// PowerSaver switches power save, for now and for the associations to come.
type PowerSaver interface{ SetPowerSave(on bool) error }

// FourAddresser sends and receives data frames with four addresses, which lets a station
// be the port of a bridge; the association must exist.
type FourAddresser interface{ SetFourAddress(on bool) error }

// Countermeasurer tells the device of TKIP countermeasures.
type Countermeasurer interface{ SetCountermeasures(on bool) error }

// AuthParams is one authentication frame.
type AuthParams struct {
	BSSID dot11.MAC
	SSID  []byte
	Freq  int // MHz
	Alg   dot11.AuthAlg
	IEs   []byte // extra elements behind the fixed fields
	// SAEData is what follows the authentication algorithm number in SAE, FILS
	// and PASN frames: transaction sequence, status code, then the fields.
	SAEData []byte
	// Local drops a state the kernel may still have, without a frame.
	Local bool
}

// Crypto is the security of an association.
//
// Selectors are those of RSN (00-0F-AC) with WPA, too: the kernel takes no others.
type Crypto struct {
	Versions  WPAVersions
	Pairwise  []uint32 // cipher selectors
	Group     uint32
	GroupMgmt uint32
	AKM       uint32 // AKM selector, 0 without RSN/WPA
	Privacy   bool   // RSN, WPA or WEP in use
	// ControlPort: frames of EtherType 0x888e only, until SetAuthorized.
	ControlPort bool
	// ControlPortOverNetlink: EAPOL by nl80211 where the device can.
	ControlPortOverNetlink bool
	ControlPortNoEncrypt   bool
}

// WPAVersions is a bit set of protocol versions.
type WPAVersions uint8

const (
	WPAVersion1 WPAVersions = 1 << iota
	WPAVersion2
	WPAVersion3
)

// PMFUse is how management frame protection is asked for.
type PMFUse uint8

const (
	PMFNo PMFUse = iota
	PMFOptional
	PMFRequired
)

// AssocParams is a (re)association request.
type AssocParams struct {
	BSSID                                        dot11.MAC
	PrevBSSID                                    *dot11.MAC // reassociation within the ESS
	SSID                                         []byte
	Freq                                         int
	IEs                                          []byte // RSNE and others, in order
	Crypto                                       Crypto
	PMF                                          PMFUse
	DisableHT, DisableVHT, DisableHE, DisableEHT bool
	HTCapa, HTCapaMask                           []byte // 26 octets each, nil to leave
	VHTCapa, VHTCapaMask                         []byte // 12 octets each, nil to leave
	UseRRM                                       bool
	FILSKEK, FILSNonces                          []byte
}

// ConnectParams is a connection the device makes by itself.
type ConnectParams struct {
	AssocParams
	BSSIDHint     *dot11.MAC // AssocParams.BSSID zero: the device may choose
	FreqHint      int
	AuthAlgs      []dot11.AuthAlg // to try; empty = automatic
	PSK           []byte          // 32 octets for 4-way handshake offload
	SAEPassword   []byte          // for SAE offload
	ExternalAuth  bool            // EventExternalAuth will be answered
	Want1XOffload bool
	BGScanPeriod  *time.Duration // of the device's own scans; nil leaves it alone
}

// KeyUse says what a key is for.
type KeyUse uint8

const (
	KeyPairwise KeyUse = iota
	KeyGroup           // GTK
	KeyIGTK            // group management
	KeyBIGTK           // beacons
)

// Key is one key for the device.
type Key struct {
	Use    KeyUse
	Cipher uint32    // selector
	Addr   dot11.MAC // peer of a pairwise key
	Index  int
	// Seq is the receive sequence counter (RSC, IPN, BIPN), least significant octet first;
	// 6 octets or nil for zero.
	Seq []byte
	Key []byte // temporal key; nil removes. TKIP: TK, then MIC keys in the kernel's order (Tx, Rx)
	// Tx makes it the key to send with (default key of its kind).
	Tx bool
	// RxOnly and the later switch to Tx are for extended key ids.
	RxOnly bool
	// Activate switches sending to the key at Index, which was given before; Key is nil.
	Activate bool
}

// PMKSA is one entry of the cache.
type PMKSA struct {
	BSSID           dot11.MAC // or, for FILS, the cache identifier and SSID
	SSID            []byte
	PMKID           [16]byte
	PMK             []byte
	AKM             uint32
	Lifetime        time.Duration
	ReauthThreshold int // percent
}

// EventAuth is an authentication frame of the AP.
type EventAuth struct {
	BSSID       dot11.MAC
	Alg         dot11.AuthAlg
	Transaction uint16
	Status      uint16
	IEs         []byte // all behind the fixed fields: SAE fields or elements
}

// EventAssoc: the device is associated.
type EventAssoc struct {
	BSSID   dot11.MAC
	Freq    int    // MHz, 0 if unknown
	ReqIEs  []byte // as sent
	RespIEs []byte // of the response
	// Authorized: the device ran the 4-way handshake (offload).
	Authorized bool
	// Roamed: the device went to BSSID by itself.
	Roamed         bool
	PTKKCK, PTKKEK []byte // of offload, for later group handshakes
}

// EventAssocReject: the AP, or the device, refused.
type EventAssocReject struct {
	BSSID    dot11.MAC
	Status   uint16
	RespIEs  []byte
	TimedOut bool // no answer at all
	Reason   string
}

// EventTimeout: the AP did not answer.
type EventTimeout struct {
	BSSID dot11.MAC
	Assoc bool // false: authentication
}

// EventDisconnected ends an association or an authentication.
type EventDisconnected struct {
	BSSID    dot11.MAC
	Reason   uint16 // reason code, 0 unknown
	Local    bool   // ended on this side
	Disassoc bool   // disassociation rather than deauthentication
}

// EventUnprotDisconnect: an unprotected deauthentication or disassociation came
// from the AP of a protected association; the kernel ignored it.
type EventUnprotDisconnect struct {
	Src, Dst dot11.MAC
	Reason   uint16
	Disassoc bool
}

// EventPreauth is an EAPOL PDU of pre-authentication that arrived.
type EventPreauth struct {
	Src dot11.MAC
	PDU []byte
}

// EventEAPOL is an EAPOL PDU that arrived.
type EventEAPOL struct {
	Src       dot11.MAC
	PDU       []byte // from the protocol version octet on
	Encrypted EncryptionKnown
}

// EncryptionKnown tells whether a frame was protected on the air.
type EncryptionKnown uint8

const (
	EncryptionUnknown EncryptionKnown = iota
	EncryptionNo
	EncryptionYes
)

// EventFrame is a management frame the driver was asked to pass on.
type EventFrame struct {
	Frame  []byte // header included
	Freq   int    // MHz
	Signal int    // dBm, 0 unknown
}

// EventFrameTxStatus tells whether a frame of SendFrame was acknowledged.
type EventFrameTxStatus struct {
	Frame []byte
	Acked bool
}

// EventMICFailure: a TKIP Michael check failed.
type EventMICFailure struct {
	Src      dot11.MAC
	Pairwise bool
}

// EventBeaconLoss: the device hears no beacons.
type EventBeaconLoss struct{}

// EventChannelSwitch: the AP moves, or (Done) has moved.
type EventChannelSwitch struct {
	Freq, CenterFreq1, CenterFreq2, Width int // MHz
	Done                                  bool
}

// EventComeback: the AP has refused for now, and the device will ask again after that
// time (association comeback time, 11.13).
type EventComeback struct {
	BSSID dot11.MAC
	After time.Duration
}

// EventExternalAuth asks to run SAE for the device.
type EventExternalAuth struct {
	BSSID dot11.MAC
	SSID  []byte
	AKM   uint32
	Start bool // false: abort
}

// EventPMKIDCandidate: the device saw an AP worth pre-authenticating with.
type EventPMKIDCandidate struct {
	BSSID   dot11.MAC
	Index   int
	Preauth bool
}

// EventRekeyed: the device ran a group handshake by itself.
type EventRekeyed struct {
	BSSID         dot11.MAC
	ReplayCounter [8]byte
}

// EventPortAuthorized: the device finished the handshake it was given.
type EventPortAuthorized struct{ BSSID dot11.MAC }

func (EventAuth) driverEvent()             {}
func (EventAssoc) driverEvent()            {}
func (EventAssocReject) driverEvent()      {}
func (EventTimeout) driverEvent()          {}
func (EventDisconnected) driverEvent()     {}
func (EventUnprotDisconnect) driverEvent() {}
func (EventPreauth) driverEvent()          {}
func (EventEAPOL) driverEvent()            {}
func (EventFrame) driverEvent()            {}
func (EventFrameTxStatus) driverEvent()    {}
func (EventMICFailure) driverEvent()       {}
func (EventBeaconLoss) driverEvent()       {}
func (EventChannelSwitch) driverEvent()    {}
func (EventComeback) driverEvent()         {}
func (EventExternalAuth) driverEvent()     {}
func (EventPMKIDCandidate) driverEvent()   {}
func (EventRekeyed) driverEvent()          {}
func (EventPortAuthorized) driverEvent()   {}

// Wired marks devices without an air: the link is the association, EAPOL goes to
// the PAE group address, and there is nothing to scan.
type Wired interface {
	// PAEAddress is where EAPOL frames go.
	PAEAddress() dot11.MAC
}

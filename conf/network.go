package conf

import (
	"encoding/hex"
	"slices"
)

// A Network is one network block. Each member is named after its field; the
// comment gives the name in the file. A bool is a field of 0 or 1. Frequencies
// are in MHz.
type Network struct {
	ID int // the id front ends use; stable for the life of the block

	ReadOnly   bool // came from an overlay or an included file: never written back
	Temporary  bool // made by the program for one purpose: never written back
	ExportKeys bool // made by WPS: D-Bus may read its secrets

	EAP EAP

	SSID                       Text        // ssid: network name (0..32 octets); empty/unset = any for wired or wildcard
	ScanSSID                   bool        // scan_ssid: 1 = directed probe (hidden network)
	BSSID                      *MAC        // bssid: only this AP
	BSSIDHint                  *MAC        // bssid_hint: AP to try first
	BSSIDIgnore                []AddrMask  // bssid_ignore: APs never used
	BSSIDAccept                []AddrMask  // bssid_accept: only APs matching
	PSK                        PSK         // psk: WPA-Personal passphrase (8..63 chars) or 256-bit key; ext: looks name up in ext_password_backend; also used as SAE password when sae_password unset
	MemOnlyPSK                 int         // mem_only_psk: 1 = do not store psk; ask with CTRL-REQ-PSK_PASSPHRASE
	SAEPassword                Secret      // sae_password: SAE password (any length)
	SAEPasswordID              Text        // sae_password_id: SAE password identifier
	AltSAEPasswordIDs          [][]byte    // alt_sae_password_ids: alternative identifiers received from AP
	SAEPWE                     int         // sae_pwe: 0 loop 1 H2E 2 both 3 force loop 4 use global
	Proto                      Proto       // proto: security versions allowed (WPA2 = RSN)
	KeyMgmt                    KeyMgmt     // key_mgmt: allowed AKMs
	BgScanPeriod               int         // bg_scan_period: driver background scan, s (-1 leave, 0 off)
	Pairwise                   Cipher      // pairwise: allowed pairwise ciphers
	Group                      Cipher      // group: allowed group ciphers
	GroupMgmt                  Cipher      // group_mgmt: allowed group management ciphers
	AuthAlg                    AuthAlg     // auth_alg: 802.11 authentication algorithms
	ScanFreq                   []int       // scan_freq: scan only these for this block
	FreqList                   []int       // freq_list: use only BSSs on these
	HT                         bool        // ht: AP/IBSS/mesh HT
	VHT                        bool        // vht: AP/IBSS/mesh VHT
	HE                         bool        // he: AP/mesh HE
	HT40                       int         // ht40: -1 below 0 off 1 above (AP/IBSS)
	MaxOperChwidth             int         // max_oper_chwidth: 0 20/40, 1 80, 2 160, 3 80+80, 4 2160, 5 4320, 6 6480, 7 8640, 8 6GHz 40, 9 320 MHz
	VHTCenterFreq1             int         // vht_center_freq1: segment 0 centre, MHz
	VHTCenterFreq2             int         // vht_center_freq2: segment 1 centre, MHz
	EAPOLFlags                 int         // eapol_flags: 802.1X dynamic WEP: bit0 need unicast key, bit1 need broadcast key (0 for wired)
	WEPKey                     [4]Secret   // wep_key0..3: static WEP keys
	WEPTXKeyIdx                int         // wep_tx_keyidx: default WEP key
	Priority                   int         // priority: higher is tried first
	Mode                       int         // mode: 0 station 1 IBSS 2 AP 3 P2P GO 4 P2P group formation (internal) 5 mesh
	NoAutoPeer                 bool        // no_auto_peer: 1 = no automatic mesh peering
	MeshFwding                 bool        // mesh_fwding: mesh forwarding
	MeshRSSIThreshold          int         // mesh_rssi_threshold: mesh RSSI limit dBm; 0 off; 1 driver default
	ProactiveKeyCaching        int         // proactive_key_caching: opportunistic key caching
	Disabled                   int         // disabled: 0 enabled 1 disabled 2 persistent P2P group storage
	IDStr                      Text        // id_str: free text given to action scripts and CTRL-EVENT-CONNECTED
	IEEE80211W                 int         // ieee80211w: PMF 0 off 1 optional 2 required
	OCV                        bool        // ocv: operating channel validation (turns PMF to optional when off)
	MixedCell                  bool        // mixed_cell: allow plain and encrypted mix
	Frequency                  int         // frequency: AP/IBSS/mesh channel, MHz
	FixedFreq                  bool        // fixed_freq: IBSS stays on frequency
	EnableEDMG                 bool        // enable_edmg: 60 GHz bonding
	EDMGChannel                int         // edmg_channel: EDMG channel
	ACS                        bool        // acs: AP automatic channel
	MeshBasicRates             []int       // mesh_basic_rates: mesh basic rates
	Dot11MeshMaxRetries        int         // dot11MeshMaxRetries: mesh peering retries
	Dot11MeshRetryTimeout      int         // dot11MeshRetryTimeout: ms
	Dot11MeshConfirmTimeout    int         // dot11MeshConfirmTimeout: ms
	Dot11MeshHoldingTimeout    int         // dot11MeshHoldingTimeout: ms
	WpaPTKRekey                int         // wpa_ptk_rekey: PTK rekey, s
	WpaDenyPTK0Rekey           int         // wpa_deny_ptk0_rekey: 0 always rekey 1 only if driver safe 2 never
	GroupRekey                 int         // group_rekey: IBSS/AP group rekey, s
	Bgscan                     Text        // bgscan: background scan: "simple:<short s>[:<rssi dBm>:<long s>[:<btm queries>]]" or "learn:<short s>[:<rssi dBm>:<long s>[:<database file>]]"; empty text disables the global default
	IgnoreBroadcastSSID        int         // ignore_broadcast_ssid: AP: 1 empty SSID 2 zeroed SSID
	GOP2PDevAddr               *MAC        // go_p2p_dev_addr: P2P2 group owner device address
	P2PClientList              []MAC       // p2p_client_list: persistent group clients
	P2P2ClientList             []int       // p2p2_client_list: persistent group paired clients
	PSKList                    []ClientPSK // psk_list: per client PSK
	GODIKID                    int         // go_dik_id: identity index of group owner
	DisableHT                  bool        // disable_ht: no 11n
	DisableHT40                bool        // disable_ht40: no 40 MHz
	DisableSGI                 bool        // disable_sgi: no short GI
	DisableLDPC                bool        // disable_ldpc: no LDPC
	HT40Intolerant             bool        // ht40_intolerant: set 40 MHz intolerant
	TXSTBC                     int         // tx_stbc: TX STBC
	RXSTBC                     int         // rx_stbc: RX STBC
	DisableMaxAMSDU            int         // disable_max_amsdu: limit A-MSDU to 3839
	AMPDUFactor                int         // ampdu_factor: A-MPDU length exponent
	AMPDUDensity               int         // ampdu_density: A-MPDU spacing
	HTMCS                      Text        // ht_mcs: allowed HT MCS bitmap, hex text
	DisableVHT                 bool        // disable_vht: no 11ac
	VHTCapa                    int         // vht_capa: VHT capability bits to force
	VHTCapaMask                int         // vht_capa_mask: mask of vht_capa
	VHTRXMCS                   [8]int      // vht_rx_mcs_nss_1..8: VHT MCS limit per stream count (-1 leave, 3 none)
	VHTTXMCS                   [8]int      // vht_tx_mcs_nss_1..8: VHT MCS limit per stream count (-1 leave, 3 none)
	DisableHE                  bool        // disable_he: no 11ax
	APMaxInactivity            int         // ap_max_inactivity: AP station timeout, s
	DTIMPeriod                 int         // dtim_period: AP DTIM
	BeaconInt                  int         // beacon_int: AP beacon interval, TU
	MACsecPolicy               bool        // macsec_policy: 1 = MACsec with MKA
	MACsecIntegOnly            bool        // macsec_integ_only: 1 = no encryption
	MACsecReplayProtect        bool        // macsec_replay_protect: 1 = replay check
	MACsecReplayWindow         int         // macsec_replay_window: window packets
	MACsecOffload              int         // macsec_offload: 0 off 1 PHY 2 MAC
	MACsecPort                 int         // macsec_port: SCI port
	MKAPriority                int         // mka_priority: key server priority (255 never)
	MACsecCSIndex              bool        // macsec_csindex: 0 GCM-AES-128 1 GCM-AES-256
	MACsecICVIndicator         bool        // macsec_icv_indicator: always add ICV indicator
	MKACAK                     Secret      // mka_cak: pre-shared CAK
	MKACKN                     Secret      // mka_ckn: pre-shared CKN
	UpdateIdentifier           int         // update_identifier: Passpoint PPS id
	RoamingConsortiumSelection Text        // roaming_consortium_selection: OI used for the profile
	MACAddr                    int         // mac_addr: 0 permanent 1 random per ESS 2 random keeping OUI 3 mac_value
	MACValue                   *MAC        // mac_value: MAC for mac_addr=3
	PBSS                       int         // pbss: 60 GHz: 0 no 1 PBSS 2 either
	WPSDisabled                bool        // wps_disabled: AP without WPS
	FILSDHGroup                int         // fils_dh_group: FILS PFS group, 0 none
	DPPConnector               Text        // dpp_connector: DPP connector text
	DPPNetAccessKey            Secret      // dpp_netaccesskey: DPP private key
	DPPNetAccessKeyExpiry      int         // dpp_netaccesskey_expiry: UNIX time, 0 never
	DPPCSign                   Text        // dpp_csign: DPP signing key
	DPPPpKey                   Text        // dpp_pp_key: DPP privacy key
	DPPPFS                     int         // dpp_pfs: 0 allow 1 require 2 forbid PFS
	DPPConnectorPrivacy        bool        // dpp_connector_privacy: 1 = encrypted introduction
	OWEGroup                   int         // owe_group: 0 try 19,20,21; else only this group
	OWEOnly                    bool        // owe_only: 1 = no open fallback
	OWEPTKWorkaround           bool        // owe_ptk_workaround: old PTK hash for groups 20/21
	MultiAPBackhaulSTA         bool        // multi_ap_backhaul_sta: 1 = Multi-AP backhaul
	FTEAPPMKSACaching          bool        // ft_eap_pmksa_caching: PMKSA caching for FT-EAP
	MultiAPProfile             int         // multi_ap_profile: Multi-AP profile
	BeaconProt                 bool        // beacon_prot: beacon protection
	TransitionDisable          int         // transition_disable: bits: 1 no WPA2-PSK, 2 SAE-PK only, 4 WPA3-Enterprise, 8 no open with OWE
	SAEPK                      int         // sae_pk: 0 automatic 1 only 2 off
	DisableEHT                 bool        // disable_eht: no 11be
	DisableUHR                 bool        // disable_uhr: no 11bn
	Enable4addrMode            bool        // enable_4addr_mode: 4-address mode after association
	MaxIdle                    int         // max_idle: requested BSS max idle, 1000 TU
	SSIDProtection             bool        // ssid_protection: SSID protection in 4-way handshake
	RSNOverriding              int         // rsn_overriding: 0 off 1 auto 2 on
	SAEPasswordIDChange        bool        // sae_password_id_change: use changing identifiers
	PMKSAPrivacy               bool        // pmksa_privacy: PMKSA privacy (1 enables)
	EAPOverAuthFrame           bool        // eap_over_auth_frame: EAP in authentication frames
	DropUnicastIPInL2Multicast bool        // drop_unicast_ip_in_l2_multicast: drop unicast IP in group frames
	AlwaysUseProxyARP          int         // always_use_proxy_arp: 0 no 1 when AP says 2 always
	PASNGroups                 []int       // pasn_groups: PASN groups
}

// NewNetwork returns a block with every default, enabled, with id 0.
func NewNetwork() *Network { return defaultNetwork() }

// Clone returns a copy; no Set on one shows in the other.
func (n *Network) Clone() *Network {
	c := *n
	return &c
}

// Set stores a value in the syntax of the file and reports whether it changed.
// Errors are *ValueError and leave the block as it was.
func (n *Network) Set(name, value string) (changed bool, err error) {
	changed, _, err = networkTable().set(n, name, value)
	return changed, err
}

// Get returns what GET_NETWORK answers, secrets as "*": false when the field is
// unset, unknown or not readable.
func (n *Network) Get(name string) (string, bool) { return networkTable().get(n, name, false) }

// GetUnmasked returns the value in the syntax of the file, secrets in the clear.
func (n *Network) GetUnmasked(name string) (string, bool) { return networkTable().get(n, name, true) }

// CopyField copies one field of another block, secrets too, and reports whether
// anything changed. It is what DUP_NETWORK does; an unset field is an error.
func (n *Network) CopyField(from *Network, name string) (changed bool, err error) {
	f := networkTable().find(name)
	if f == nil {
		return false, &ValueError{Name: shorten(name), Reason: ErrUnknownField.Error(), Err: ErrUnknownField}
	}
	if _, ok := f.get(from); !ok {
		return false, &ValueError{Name: name, Reason: "not set in the other network"}
	}
	before := f.lines(n)
	f.copy(n, from)
	return !slices.Equal(before, f.lines(n)), nil
}

// A Property is one entry of the D-Bus Properties of a network.
type Property struct{ Name, Value string }

// Properties lists every field that has a value, defaults included, in the
// syntax of the file. Secrets are left out unless the block came from WPS.
func (n *Network) Properties() []Property {
	var out []Property
	for _, f := range networkTable().rows() {
		if !f.Readable || f.Secret && !n.ExportKeys {
			continue
		}
		if v, ok := f.get(n); ok && v != "" {
			out = append(out, Property{f.Name, v})
		}
	}
	return out
}

// NetworkString returns what Set wants for a D-Bus string: the string in quotes,
// or as it is for the fields that D-Bus leaves unquoted.
func NetworkString(name, s string) string {
	if f := networkTable().find(name); f != nil && f.Unquoted {
		return s
	}
	return `"` + s + `"`
}

// NetworkOctets returns what Set wants for a D-Bus byte array: hex.
func NetworkOctets(b []byte) string { return hex.EncodeToString(b) }

// MissingMACValue reports mac_addr=3 without mac_value.
func (n *Network) MissingMACValue() bool { return n.MACAddr == 3 && n.MACValue == nil }

// The modes of a network block.
const (
	ModeStation      = 0
	ModeIBSS         = 1
	ModeAP           = 2
	ModeP2PGO        = 3
	ModeP2PFormation = 4
	ModeMesh         = 5
)

// settle applies the rules between fields that hold for blocks of a file. It
// returns what it changed and what is wrong.
func (n *Network) settle() (warning string, faults []string) {
	strong := CipherCCMP | CipherCCMP256 | CipherGCMP | CipherGCMP256 | CipherNone
	if n.Group&CipherCCMP != 0 && n.Pairwise&strong == 0 {
		n.Group &^= CipherCCMP
		warning = "removed CCMP from group: not allowed for the pairwise ciphers"
	}
	if n.Mode == ModeMesh && n.KeyMgmt != KeyMgmtNone && n.KeyMgmt != KeyMgmtSAE {
		faults = append(faults, "key_mgmt of a mesh network must be NONE or SAE")
	}
	if n.Mode == ModeMesh && n.Frequency >= 5955 && n.Frequency <= 7115 && n.KeyMgmt == KeyMgmtNone {
		faults = append(faults, "a mesh network at 6 GHz needs key_mgmt=SAE")
	}
	if n.OCV && n.IEEE80211W == 0 {
		faults = append(faults, "ocv=1 needs ieee80211w")
	}
	return warning, faults
}

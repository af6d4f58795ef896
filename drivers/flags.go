package drivers

// Bits of Flags, at the positions that DRIVER_FLAGS prints in hexadecimal.
const (
	FlagDriverIE Flags = 1 << iota
	FlagSetKeysAfterAssoc
	FlagDFSOffload
	FlagFourWayHandshake8021X
	FlagWired
	FlagSME
	FlagAP
	FlagSetKeysAfterAssocDone
	FlagHT2040Coex
	FlagP2PConcurrent
	FlagP2PDedicatedInterface
	FlagP2PCapable
	FlagAPTeardownSupport
	FlagP2PMgmtAndNonP2P
	FlagValidErrorCodes
	FlagOffchannelTX
	FlagEAPOLTXStatus
	FlagDeauthTXStatus
	FlagBSSSelection
	FlagTDLSSupport
	FlagTDLSExternalSetup
	FlagProbeRespOffload
	FlagAPUAPSD
	FlagInactivityTimer
	FlagAPMLME
	FlagSAE
	FlagOBSSScan
	FlagIBSS
	FlagRadar
	FlagDedicatedP2PDevice
	FlagQoSMapping
	FlagAPCSA
	FlagMesh
	FlagACSOffload
	FlagKeyMgmtOffload
	FlagTDLSChannelSwitch
	FlagHTIBSS
	FlagVHTIBSS
	FlagSupportHWModeAny
	FlagOffchannelSimultaneous
	FlagFullAPClientState
	FlagP2PListenOffload
	FlagFILS
	FlagBeaconRateLegacy
	FlagBeaconRateHT
	FlagBeaconRateVHT
	FlagMgmtTXRandomTA
	FlagMgmtTXRandomTAConnected
	FlagSchedScanRelativeRSSI
	FlagHECapabilities
	FlagFILSSKOffload
	FlagOCESTA
	FlagOCEAP
	FlagOCESTACFON
	FlagMFPOptional
	FlagSelfManagedRegulatory
	FlagFTMResponder
	FlagFourWayHandshakePSK
	FlagControlPort
	FlagVLANOffload
	FlagUpdateFTIEs
	FlagSafePTK0Rekeys
	FlagBeaconProtection
	FlagExtendedKeyID
)

var flagNames = [64]string{
	"DRIVER_IE",
	"SET_KEYS_AFTER_ASSOC",
	"DFS_OFFLOAD",
	"4WAY_HANDSHAKE_8021X",
	"WIRED",
	"SME",
	"AP",
	"SET_KEYS_AFTER_ASSOC_DONE",
	"HT_2040_COEX",
	"P2P_CONCURRENT",
	"P2P_DEDICATED_INTERFACE",
	"P2P_CAPABLE",
	"AP_TEARDOWN_SUPPORT",
	"P2P_MGMT_AND_NON_P2P",
	"VALID_ERROR_CODES",
	"OFFCHANNEL_TX",
	"EAPOL_TX_STATUS",
	"DEAUTH_TX_STATUS",
	"BSS_SELECTION",
	"TDLS_SUPPORT",
	"TDLS_EXTERNAL_SETUP",
	"PROBE_RESP_OFFLOAD",
	"AP_UAPSD",
	"INACTIVITY_TIMER",
	"AP_MLME",
	"SAE",
	"OBSS_SCAN",
	"IBSS",
	"RADAR",
	"DEDICATED_P2P_DEVICE",
	"QOS_MAPPING",
	"AP_CSA",
	"MESH",
	"ACS_OFFLOAD",
	"KEY_MGMT_OFFLOAD",
	"TDLS_CHANNEL_SWITCH",
	"HT_IBSS",
	"VHT_IBSS",
	"SUPPORT_HW_MODE_ANY",
	"OFFCHANNEL_SIMULTANEOUS",
	"FULL_AP_CLIENT_STATE",
	"P2P_LISTEN_OFFLOAD",
	"SUPPORT_FILS",
	"BEACON_RATE_LEGACY",
	"BEACON_RATE_HT",
	"BEACON_RATE_VHT",
	"MGMT_TX_RANDOM_TA",
	"MGMT_TX_RANDOM_TA_CONNECTED",
	"SCHED_SCAN_RELATIVE_RSSI",
	"HE_CAPABILITIES",
	"FILS_SK_OFFLOAD",
	"OCE_STA",
	"OCE_AP",
	"OCE_STA_CFON",
	"MFP_OPTIONAL",
	"SELF_MANAGED_REGULATORY",
	"FTM_RESPONDER",
	"4WAY_HANDSHAKE_PSK",
	"CONTROL_PORT",
	"VLAN_OFFLOAD",
	"UPDATE_FT_IES",
	"SAFE_PTK0_REKEYS",
	"BEACON_PROTECTION",
	"EXTENDED_KEY_ID",
}

// Names returns the names of the set bits, lowest first, as DRIVER_FLAGS spells
// them.
func (f Flags) Names() []string { return bitNames(uint64(f), flagNames[:]) }

// Flags2 is the second word of driver features, which DRIVER_FLAGS2 prints. Of
// its bits wpa_supplicant 2.10 has the first two; it has no such command.
type Flags2 uint64

// Bits of Flags2.
const (
	Flag2ControlPortRX Flags2 = 1 << iota
	Flag2ControlPortTXStatus
	Flag2SecureLTFSTA
	Flag2SecureLTFAP
	Flag2SecureRTTSTA
	Flag2SecureRTTAP
	Flag2ProtRangeNegSTA
	Flag2ProtRangeNegAP
	Flag2BeaconRateHE
	Flag2BeaconProtectionClient
	Flag2OCV
	Flag2APSME
	Flag2SAQueryOffloadAP
	Flag2RadarBackground
	Flag2MLO
	Flag2ScanMinPReq
	Flag2SAEOffloadSTA
	Flag2FourWayHandshakeAPPSK
	Flag2OWEOffloadSTA
	Flag2OWEOffloadAP
	Flag2SAEOffloadAP
)

var flag2Names = []string{
	"CONTROL_PORT_RX",
	"CONTROL_PORT_TX_STATUS",
	"SEC_LTF_STA",
	"SEC_LTF_AP",
	"SEC_RTT_STA",
	"SEC_RTT_AP",
	"PROT_RANGE_NEG_STA",
	"PROT_RANGE_NEG_AP",
	"BEACON_RATE_HE",
	"BEACON_PROTECTION_CLIENT",
	"OCV",
	"AP_SME",
	"SA_QUERY_OFFLOAD_AP",
	"RADAR_BACKGROUND",
	"MLO",
	"SCAN_MIN_PREQ",
	"SAE_OFFLOAD_STA",
	"4WAY_HANDSHAKE_AP_PSK",
	"OWE_OFFLOAD_STA",
	"OWE_OFFLOAD_AP",
	"SAE_OFFLOAD_AP",
}

// Names returns the names of the set bits, lowest first.
func (f Flags2) Names() []string { return bitNames(uint64(f), flag2Names) }

// bitNames names the set bits; a bit beyond the table is UNKNOWN.
func bitNames(bits uint64, table []string) []string {
	var names []string
	for i := 0; bits != 0; i, bits = i+1, bits>>1 {
		switch {
		case bits&1 == 0:
		case i < len(table):
			names = append(names, table[i])
		default:
			names = append(names, "UNKNOWN")
		}
	}
	return names
}

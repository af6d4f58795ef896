package nl80211

import (
	"golang.org/x/sys/unix"

	"gosupplicant/drivers"
)

// flagRule sets a feature bit when its condition holds.
type flagRule struct {
	flag drivers.Flags
	when func(w *wiphy) bool
}

func always(*wiphy) bool { return true }

func ifType(t int) func(*wiphy) bool { return func(w *wiphy) bool { return w.iftypes.has(t) } }

func ifCommand(cmd uint32) func(*wiphy) bool { return func(w *wiphy) bool { return w.commands[cmd] } }

func ifFeature(bit uint32) func(*wiphy) bool { return func(w *wiphy) bool { return w.hasFeature(bit) } }

func ifExt(feature int) func(*wiphy) bool { return func(w *wiphy) bool { return w.hasExt(feature) } }

// ifAPMLME holds where the daemon, not the device, would be the access point's
// MLME.
func ifAPMLME(w *wiphy) bool { return w.iftypes.has(unix.NL80211_IFTYPE_AP) && !w.apSME }

// ifP2P holds where a radio can be a group owner and a client of one.
func ifP2P(w *wiphy) bool {
	return w.iftypes.has(unix.NL80211_IFTYPE_P2P_GO) && w.iftypes.has(unix.NL80211_IFTYPE_P2P_CLIENT)
}

// ifP2PConcurrent holds where a station and a P2P interface may exist together.
func ifP2PConcurrent(w *wiphy) bool {
	for _, c := range w.combos {
		var station, p2p bool
		for _, l := range c.limits {
			station = station || l.types.has(unix.NL80211_IFTYPE_STATION)
			p2p = p2p || l.types.has(unix.NL80211_IFTYPE_P2P_GO) || l.types.has(unix.NL80211_IFTYPE_P2P_CLIENT)
		}
		if station && p2p && c.maxTotal > 1 {
			return ifP2P(w)
		}
	}
	return false
}

func ifRadar(w *wiphy) bool {
	for _, c := range w.combos {
		if c.radar != 0 {
			return true
		}
	}
	return false
}

var flagRules = []flagRule{
	{drivers.FlagDFSOffload, ifExt(unix.NL80211_EXT_FEATURE_DFS_OFFLOAD)},
	{drivers.FlagFourWayHandshake8021X, ifExt(unix.NL80211_EXT_FEATURE_4WAY_HANDSHAKE_STA_1X)},
	{drivers.FlagFourWayHandshakePSK, ifExt(unix.NL80211_EXT_FEATURE_4WAY_HANDSHAKE_STA_PSK)},
	{drivers.FlagSME, (*wiphy).userSME},
	{drivers.FlagAP, ifType(unix.NL80211_IFTYPE_AP)},
	{drivers.FlagSetKeysAfterAssocDone, always},
	{drivers.FlagHT2040Coex, ifAPMLME},
	{drivers.FlagP2PConcurrent, ifP2PConcurrent},
	{drivers.FlagP2PCapable, ifP2P},
	{drivers.FlagAPTeardownSupport, always},
	{drivers.FlagP2PMgmtAndNonP2P, ifP2PConcurrent},
	{drivers.FlagValidErrorCodes, always},
	{drivers.FlagOffchannelTX, func(w *wiphy) bool { return w.offchannelTX }},
	{drivers.FlagEAPOLTXStatus, ifFeature(unix.NL80211_FEATURE_SK_TX_STATUS)},
	{drivers.FlagDeauthTXStatus, ifAPMLME},
	{drivers.FlagBSSSelection, func(w *wiphy) bool { return w.roam && !w.userSME() }},
	{drivers.FlagTDLSSupport, func(w *wiphy) bool { return w.tdls }},
	{drivers.FlagTDLSExternalSetup, func(w *wiphy) bool { return w.tdls && w.tdlsExternal }},
	{drivers.FlagProbeRespOffload, func(w *wiphy) bool { return w.probeRespOffload }},
	{drivers.FlagAPUAPSD, func(w *wiphy) bool { return w.apUAPSD }},
	{drivers.FlagInactivityTimer, ifFeature(unix.NL80211_FEATURE_INACTIVITY_TIMER)},
	{drivers.FlagAPMLME, ifAPMLME},
	{drivers.FlagSAE, ifFeature(unix.NL80211_FEATURE_SAE)},
	{drivers.FlagOBSSScan, ifFeature(unix.NL80211_FEATURE_NEED_OBSS_SCAN)},
	{drivers.FlagIBSS, ifType(unix.NL80211_IFTYPE_ADHOC)},
	{drivers.FlagRadar, ifRadar},
	{drivers.FlagDedicatedP2PDevice, ifType(unix.NL80211_IFTYPE_P2P_DEVICE)},
	{drivers.FlagQoSMapping, ifCommand(unix.NL80211_CMD_SET_QOS_MAP)},
	{drivers.FlagAPCSA, ifCommand(unix.NL80211_CMD_CHANNEL_SWITCH)},
	{drivers.FlagMesh, ifType(unix.NL80211_IFTYPE_MESH_POINT)},
	{drivers.FlagTDLSChannelSwitch, ifFeature(unix.NL80211_FEATURE_TDLS_CHANNEL_SWITCH)},
	{drivers.FlagHTIBSS, ifFeature(unix.NL80211_FEATURE_HT_IBSS)},
	{drivers.FlagVHTIBSS, ifExt(unix.NL80211_EXT_FEATURE_VHT_IBSS)},
	{drivers.FlagFullAPClientState, ifFeature(unix.NL80211_FEATURE_FULL_AP_CLIENT_STATE)},
	{drivers.FlagFILS, ifExt(unix.NL80211_EXT_FEATURE_FILS_STA)},
	{drivers.FlagBeaconRateLegacy, ifExt(unix.NL80211_EXT_FEATURE_BEACON_RATE_LEGACY)},
	{drivers.FlagBeaconRateHT, ifExt(unix.NL80211_EXT_FEATURE_BEACON_RATE_HT)},
	{drivers.FlagBeaconRateVHT, ifExt(unix.NL80211_EXT_FEATURE_BEACON_RATE_VHT)},
	{drivers.FlagMgmtTXRandomTA, ifExt(unix.NL80211_EXT_FEATURE_MGMT_TX_RANDOM_TA)},
	{drivers.FlagMgmtTXRandomTAConnected, ifExt(unix.NL80211_EXT_FEATURE_MGMT_TX_RANDOM_TA_CONNECTED)},
	{drivers.FlagSchedScanRelativeRSSI, ifExt(unix.NL80211_EXT_FEATURE_SCHED_SCAN_RELATIVE_RSSI)},
	{drivers.FlagFILSSKOffload, ifExt(unix.NL80211_EXT_FEATURE_FILS_SK_OFFLOAD)},
	{drivers.FlagOCESTA, (*wiphy).oce},
	{drivers.FlagMFPOptional, ifExt(unix.NL80211_EXT_FEATURE_MFP_OPTIONAL)},
	{drivers.FlagSelfManagedRegulatory, func(w *wiphy) bool { return w.selfManaged }},
	{drivers.FlagFTMResponder, func(w *wiphy) bool { return w.ftmResponder }},
	{drivers.FlagControlPort, ifExt(unix.NL80211_EXT_FEATURE_CONTROL_PORT_OVER_NL80211)},
	{drivers.FlagVLANOffload, ifExt(unix.NL80211_EXT_FEATURE_VLAN_OFFLOAD)},
	{drivers.FlagUpdateFTIEs, ifCommand(unix.NL80211_CMD_UPDATE_FT_IES)},
	{drivers.FlagSafePTK0Rekeys, ifExt(unix.NL80211_EXT_FEATURE_CAN_REPLACE_PTK0)},
	{drivers.FlagBeaconProtection, ifExt(unix.NL80211_EXT_FEATURE_BEACON_PROTECTION)},
	{drivers.FlagExtendedKeyID, ifExt(unix.NL80211_EXT_FEATURE_EXT_KEY_ID)},
}

var flag2Rules = []struct {
	flag drivers.Flags2
	when func(w *wiphy) bool
}{
	{drivers.Flag2ControlPortRX, ifExt(unix.NL80211_EXT_FEATURE_CONTROL_PORT_NO_PREAUTH)},
	{drivers.Flag2ControlPortTXStatus, ifExt(unix.NL80211_EXT_FEATURE_CONTROL_PORT_OVER_NL80211_TX_STATUS)},
	{drivers.Flag2BeaconRateHE, ifExt(unix.NL80211_EXT_FEATURE_BEACON_RATE_HE)},
	{drivers.Flag2BeaconProtectionClient, ifExt(unix.NL80211_EXT_FEATURE_BEACON_PROTECTION_CLIENT)},
	{drivers.Flag2OCV, ifExt(unix.NL80211_EXT_FEATURE_OPERATING_CHANNEL_VALIDATION)},
	{drivers.Flag2APSME, func(w *wiphy) bool { return w.apSME }},
	{drivers.Flag2RadarBackground, ifExt(unix.NL80211_EXT_FEATURE_RADAR_BACKGROUND)},
	{drivers.Flag2MLO, func(w *wiphy) bool { return w.mlo }},
	{drivers.Flag2ScanMinPReq, ifExt(unix.NL80211_EXT_FEATURE_SCAN_MIN_PREQ_CONTENT)},
	{drivers.Flag2SAEOffloadSTA, ifExt(unix.NL80211_EXT_FEATURE_SAE_OFFLOAD)},
	{drivers.Flag2FourWayHandshakeAPPSK, ifExt(unix.NL80211_EXT_FEATURE_4WAY_HANDSHAKE_AP_PSK)},
	{drivers.Flag2OWEOffloadSTA, ifExt(unix.NL80211_EXT_FEATURE_OWE_OFFLOAD)},
	{drivers.Flag2OWEOffloadAP, ifExt(unix.NL80211_EXT_FEATURE_OWE_OFFLOAD_AP)},
	{drivers.Flag2SAEOffloadAP, ifExt(unix.NL80211_EXT_FEATURE_SAE_OFFLOAD_AP)},
}

// userSME holds where authentication and association are commands of their own.
func (w *wiphy) userSME() bool { return w.commands[unix.NL80211_CMD_AUTHENTICATE] }

// oce holds where the device does all that an OCE station must.
func (w *wiphy) oce() bool {
	return w.hasExt(unix.NL80211_EXT_FEATURE_FILS_MAX_CHANNEL_TIME) &&
		w.hasExt(unix.NL80211_EXT_FEATURE_ACCEPT_BCAST_PROBE_RESP) &&
		w.hasExt(unix.NL80211_EXT_FEATURE_OCE_PROBE_REQ_HIGH_TX_RATE) &&
		w.hasExt(unix.NL80211_EXT_FEATURE_OCE_PROBE_REQ_DEFERRAL_SUPPRESSION)
}

// flags computes the feature words, with the driver parameters applied.
func (w *wiphy) flags(p params) (drivers.Flags, drivers.Flags2) {
	var f drivers.Flags
	for _, r := range flagRules {
		if r.when(w) {
			f |= r.flag
		}
	}
	var f2 drivers.Flags2
	for _, r := range flag2Rules {
		if r.when(w) {
			f2 |= r.flag
		}
	}
	return p.apply(f, f2)
}

// apply lets parameters take away or force what the device says.
func (p params) apply(f drivers.Flags, f2 drivers.Flags2) (drivers.Flags, drivers.Flags2) {
	if p.p2pGroupIface {
		f |= drivers.FlagP2PConcurrent | drivers.FlagP2PMgmtAndNonP2P
	}
	if p.forceConnect {
		f &^= drivers.FlagSME | drivers.FlagSAE
	}
	if p.forceBSSSelect {
		f |= drivers.FlagBSSSelection
	}
	if p.noOffchannelTX {
		f &^= drivers.FlagOffchannelTX
	}
	if p.noControlPort {
		f &^= drivers.FlagControlPort
		f2 &^= drivers.Flag2ControlPortRX | drivers.Flag2ControlPortTXStatus
	}
	if p.noFullAPClient {
		f &^= drivers.FlagFullAPClientState
	}
	if p.secureLTF {
		f2 |= drivers.Flag2SecureLTFSTA | drivers.Flag2SecureLTFAP | drivers.Flag2SecureRTTSTA | drivers.Flag2SecureRTTAP |
			drivers.Flag2ProtRangeNegSTA | drivers.Flag2ProtRangeNegAP
	}
	return f, f2
}

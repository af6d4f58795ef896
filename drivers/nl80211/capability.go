package nl80211

import (
	"golang.org/x/sys/unix"

	"gosupplicant/drivers"
)

var ifaceModes = []struct {
	iftype int
	mode   drivers.IfaceModes
}{
	{unix.NL80211_IFTYPE_STATION, drivers.ModeStation},
	{unix.NL80211_IFTYPE_AP, drivers.ModeAP},
	{unix.NL80211_IFTYPE_ADHOC, drivers.ModeIBSS},
	{unix.NL80211_IFTYPE_MESH_POINT, drivers.ModeMesh},
	{unix.NL80211_IFTYPE_MONITOR, drivers.ModeMonitor},
	{unix.NL80211_IFTYPE_P2P_CLIENT, drivers.ModeP2PClient},
	{unix.NL80211_IFTYPE_P2P_GO, drivers.ModeP2PGO},
	{unix.NL80211_IFTYPE_P2P_DEVICE, drivers.ModeP2PDevice},
	{unix.NL80211_IFTYPE_NAN, drivers.ModeNAN},
	{unix.NL80211_IFTYPE_AP_VLAN, drivers.ModeAPVLAN},
}

// capability is what the engine is told of a radio.
func (w *wiphy) capability(p params) *drivers.Capability {
	c := &drivers.Capability{
		Bands:                 w.bands,
		Ciphers:               w.ciphers,
		AKMs:                  w.akms,
		MaxScanSSIDs:          int(w.maxScanSSIDs),
		MaxScanIELen:          int(w.maxScanIELen),
		MaxRemainOnChannel:    w.maxRemainOnChannel,
		MaxStations:           int(w.maxStations),
		MaxCSACounters:        int(w.maxCSACounters),
		MaxPMKIDs:             int(w.maxPMKIDs),
		RandomMACScan:         w.hasFeature(unix.NL80211_FEATURE_SCAN_RANDOM_MAC_ADDR),
		RandomMACSchedScan:    w.hasFeature(unix.NL80211_FEATURE_SCHED_SCAN_RANDOM_MAC_ADDR),
		ScanFlush:             w.hasFeature(unix.NL80211_FEATURE_SCAN_FLUSH),
		ScanLowPriority:       w.hasFeature(unix.NL80211_FEATURE_LOW_PRIORITY_SCAN),
		ScanDwell:             w.hasExt(unix.NL80211_EXT_FEATURE_SET_SCAN_DWELL),
		AbortScan:             true, // the kernel does not list this command; a device without it refuses it
		OffloadPSK:            w.hasExt(unix.NL80211_EXT_FEATURE_4WAY_HANDSHAKE_STA_PSK),
		OffloadSAE:            w.hasExt(unix.NL80211_EXT_FEATURE_SAE_OFFLOAD),
		Offload8021X:          w.hasExt(unix.NL80211_EXT_FEATURE_4WAY_HANDSHAKE_STA_1X),
		FeatureFlags:          w.features,
		ExtFeatures:           w.extFeatures,
		ExtendedCapa:          w.extCapa,
		ExtendedCapaMask:      w.extCapaMask,
		Enc:                   w.enc(),
		RegulatorySelfManaged: w.selfManaged,
	}
	c.Flags, c.Flags2 = w.flags(p)
	c.SMEInUser = c.Flags&drivers.FlagSME != 0
	// mac80211 announces these two, of which the first alone means little, for devices
	// that leave scans to it. It does not leave the channel for a scan of just that.
	c.ScanInPlace = c.SMEInUser && w.hasFeature(unix.NL80211_FEATURE_LOW_PRIORITY_SCAN) && w.hasFeature(unix.NL80211_FEATURE_AP_SCAN)
	c.ScanProbe = c.ScanInPlace && c.Flags&drivers.FlagOffchannelTX != 0 && w.maxRemainOnChannel >= uint32(probeTime.Milliseconds())
	c.SAE = c.Flags&drivers.FlagSAE != 0 || c.OffloadSAE
	c.ControlPort = c.Flags&drivers.FlagControlPort != 0
	c.ExtendedKeyID = c.Flags&drivers.FlagExtendedKeyID != 0
	c.FILS = c.Flags&drivers.FlagFILS != 0
	// A device that protects beacons as an access point checks them as a station too.
	c.BeaconProtection = c.Flags&drivers.FlagBeaconProtection != 0 || c.Flags2&drivers.Flag2BeaconProtectionClient != 0
	// With the SME here the channel is known and can be validated; else the device must say so.
	c.OperatingChannelValidation = c.SMEInUser || c.Flags2&drivers.Flag2OCV != 0
	if w.stationAKMs != nil {
		c.AKMs = w.stationAKMs
	}
	if w.stationExtCapa != nil {
		c.ExtendedCapa, c.ExtendedCapaMask = w.stationExtCapa, w.stationExtCapaMask
	}
	for _, m := range ifaceModes {
		if w.iftypes.has(m.iftype) {
			c.Modes |= m.mode
		}
	}
	w.schedScan(c)
	return c
}

// schedScan fills the limits of scheduled scans, all zero where there are none.
func (w *wiphy) schedScan(c *drivers.Capability) {
	if !w.commands[unix.NL80211_CMD_START_SCHED_SCAN] {
		return
	}
	c.MaxSchedScanSSIDs = int(w.maxSchedSSIDs)
	c.MaxMatchSets = int(w.maxMatchSets)
	c.MaxSchedScanIELen = int(w.maxSchedIELen)
	c.MaxSchedScanPlans = max(1, int(w.maxPlans))
	c.MaxSchedScanIntervalSec = w.maxPlanInterval
	if w.maxPlanInterval == 0 {
		c.MaxSchedScanIntervalSec = ^uint32(0)
	}
	c.MaxSchedScanIterations = w.maxPlanIteration
}

const (
	cipherWEP40  = 0x000fac01
	cipherTKIP   = 0x000fac02
	cipherCCMP   = 0x000fac04
	cipherWEP104 = 0x000fac05
)

func (w *wiphy) enc() drivers.EncCapability {
	var e drivers.EncCapability
	for _, c := range []struct {
		suite uint32
		bit   drivers.EncCapability
	}{
		{cipherWEP40, drivers.EncWEP40}, {cipherWEP104, drivers.EncWEP104},
		{cipherTKIP, drivers.EncTKIP}, {cipherCCMP, drivers.EncCCMP},
	} {
		if w.hasCipher(c.suite) {
			e |= c.bit
		}
	}
	return e
}

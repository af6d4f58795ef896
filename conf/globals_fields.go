package conf

import (
	"net/netip"
)

// globalRows are the rows of the global table, in the order in which values are listed.
var globalRows = []row[Globals]{
	{"ctrl_interface", func(n string) field[Globals] { return raw(n, func(g *Globals) *Text { return &g.CtrlInterface }) }},
	{"no_ctrl_interface", dropCtrlInterface},
	{"ctrl_interface_group", func(n string) field[Globals] { return raw(n, func(g *Globals) *Text { return &g.CtrlInterfaceGroup }) }},
	{"eapol_version", func(n string) field[Globals] {
		return num(n, func(g *Globals) *int { return &g.EAPOLVersion }, within(1, 3))
	}},
	{"ap_scan", func(n string) field[Globals] { return num(n, func(g *Globals) *int { return &g.APScan }) }},
	{"bgscan", func(n string) field[Globals] {
		return quoted(n, func(g *Globals) *Text { return &g.Bgscan }, raises(ChangedBgscan))
	}},
	{"user_mpm", func(n string) field[Globals] { return num(n, func(g *Globals) *int { return &g.UserMpm }) }},
	{"max_peer_links", func(n string) field[Globals] {
		return num(n, func(g *Globals) *int { return &g.MaxPeerLinks }, within(0, 255))
	}},
	{"mesh_max_inactivity", func(n string) field[Globals] { return num(n, func(g *Globals) *int { return &g.MeshMaxInactivity }) }},
	{"mesh_fwding", func(n string) field[Globals] { return flag(n, func(g *Globals) *bool { return &g.MeshFwding }) }},
	{"dot11RSNASAERetransPeriod", func(n string) field[Globals] {
		return num(n, func(g *Globals) *int { return &g.Dot11RSNASAERetransPeriod })
	}},
	{"disable_scan_offload", func(n string) field[Globals] { return num(n, func(g *Globals) *int { return &g.DisableScanOffload }) }},
	{"fast_reauth", func(n string) field[Globals] { return num(n, func(g *Globals) *int { return &g.FastReauth }) }},
	{"opensc_engine_path", func(n string) field[Globals] { return raw(n, func(g *Globals) *Text { return &g.OpenSCEnginePath }) }},
	{"pkcs11_engine_path", func(n string) field[Globals] { return raw(n, func(g *Globals) *Text { return &g.PKCS11EnginePath }) }},
	{"pkcs11_module_path", func(n string) field[Globals] { return raw(n, func(g *Globals) *Text { return &g.PKCS11ModulePath }) }},
	{"openssl_ciphers", func(n string) field[Globals] { return raw(n, func(g *Globals) *Text { return &g.OpenSSLCiphers }) }},
	{"pcsc_reader", func(n string) field[Globals] { return raw(n, func(g *Globals) *Text { return &g.PCSCReader }) }},
	{"pcsc_pin", func(n string) field[Globals] {
		return raw(n, func(g *Globals) *Text { return &g.PCSCPIN }, sensitive())
	}},
	{"external_sim", func(n string) field[Globals] { return num(n, func(g *Globals) *int { return &g.ExternalSIM }) }},
	{"driver_param", func(n string) field[Globals] { return raw(n, func(g *Globals) *Text { return &g.DriverParam }) }},
	{"dot11RSNAConfigPMKLifetime", func(n string) field[Globals] {
		return num(n, func(g *Globals) *int { return &g.Dot11RSNAConfigPMKLifetime }, raises(ChangedRSNTimers))
	}},
	{"dot11RSNAConfigPMKReauthThreshold", func(n string) field[Globals] {
		return num(n, func(g *Globals) *int { return &g.Dot11RSNAConfigPMKReauthThreshold }, raises(ChangedRSNTimers))
	}},
	{"dot11RSNAConfigSATimeout", func(n string) field[Globals] {
		return num(n, func(g *Globals) *int { return &g.Dot11RSNAConfigSATimeout }, raises(ChangedRSNTimers))
	}},
	{"update_config", func(n string) field[Globals] { return num(n, func(g *Globals) *int { return &g.UpdateConfig }) }},
	{"load_dynamic_eap", func(n string) field[Globals] {
		return raw(n, func(g *Globals) *Text { return &g.LoadDynamicEAP }, unsaved(), noGet())
	}},
	{"uuid", func(n string) field[Globals] { return uuidField(n, func(g *Globals) *UUID { return &g.UUID }, noGet()) }},
	{"auto_uuid", func(n string) field[Globals] { return flag(n, func(g *Globals) *bool { return &g.AutoUUID }) }},
	{"device_name", func(n string) field[Globals] {
		return raw(n, func(g *Globals) *Text { return &g.DeviceName }, length(0, 32), raises(ChangedWPS))
	}},
	{"manufacturer", func(n string) field[Globals] {
		return raw(n, func(g *Globals) *Text { return &g.Manufacturer }, length(0, 64), raises(ChangedWPS))
	}},
	{"model_name", func(n string) field[Globals] {
		return raw(n, func(g *Globals) *Text { return &g.ModelName }, length(0, 32), raises(ChangedWPS))
	}},
	{"model_number", func(n string) field[Globals] {
		return raw(n, func(g *Globals) *Text { return &g.ModelNumber }, length(0, 32), raises(ChangedWPS))
	}},
	{"serial_number", func(n string) field[Globals] {
		return raw(n, func(g *Globals) *Text { return &g.SerialNumber }, length(0, 32), raises(ChangedWPS))
	}},
	{"device_type", func(n string) field[Globals] {
		return deviceType(n, func(g *Globals) *DeviceType { return &g.DeviceType }, noGet(), raises(ChangedWPS))
	}},
	{"os_version", func(n string) field[Globals] {
		return osVersion(n, func(g *Globals) *[]byte { return &g.OsVersion }, noGet(), raises(ChangedWPS))
	}},
	{"config_methods", func(n string) field[Globals] {
		return raw(n, func(g *Globals) *Text { return &g.ConfigMethods }, raises(ChangedWPS))
	}},
	{"wps_cred_processing", func(n string) field[Globals] {
		return num(n, func(g *Globals) *int { return &g.WPSCredProcessing }, within(0, 2))
	}},
	{"wps_cred_add_sae", func(n string) field[Globals] { return flag(n, func(g *Globals) *bool { return &g.WPSCredAddSAE }) }},
	{"wps_vendor_ext_m1", func(n string) field[Globals] {
		return hexBytes(n, func(g *Globals) *[]byte { return &g.WPSVendorExtM1 }, noGet(), raises(ChangedWPS))
	}},
	{"sec_device_type", func(n string) field[Globals] {
		return deviceTypes(n, func(g *Globals) *[]DeviceType { return &g.SecDeviceType }, noGet(), raises(ChangedP2P))
	}},
	{"p2p_listen_reg_class", func(n string) field[Globals] {
		return num(n, func(g *Globals) *int { return &g.P2PListenRegClass }, raises(ChangedP2P))
	}},
	{"p2p_listen_channel", func(n string) field[Globals] {
		return num(n, func(g *Globals) *int { return &g.P2PListenChannel }, raises(ChangedP2P))
	}},
	{"p2p_oper_reg_class", func(n string) field[Globals] {
		return num(n, func(g *Globals) *int { return &g.P2POperRegClass }, raises(ChangedP2P))
	}},
	{"p2p_oper_channel", func(n string) field[Globals] {
		return num(n, func(g *Globals) *int { return &g.P2POperChannel }, raises(ChangedP2P))
	}},
	{"p2p_go_intent", func(n string) field[Globals] {
		return num(n, func(g *Globals) *int { return &g.P2PGOIntent }, within(0, 15))
	}},
	{"p2p_ssid_postfix", func(n string) field[Globals] {
		return raw(n, func(g *Globals) *Text { return &g.P2PSSIDPostfix }, raises(ChangedP2P))
	}},
	{"persistent_reconnect", func(n string) field[Globals] {
		return flag(n, func(g *Globals) *bool { return &g.PersistentReconnect })
	}},
	{"p2p_intra_bss", func(n string) field[Globals] {
		return flag(n, func(g *Globals) *bool { return &g.P2PIntraBSS }, raises(ChangedP2P))
	}},
	{"p2p_group_idle", func(n string) field[Globals] { return num(n, func(g *Globals) *int { return &g.P2PGroupIdle }) }},
	{"p2p_go_freq_change_policy", func(n string) field[Globals] {
		return num(n, func(g *Globals) *int { return &g.P2PGOFreqChangePolicy }, within(0, 3))
	}},
	{"p2p_passphrase_len", func(n string) field[Globals] {
		return num(n, func(g *Globals) *int { return &g.P2PPassphraseLen }, within(8, 63), raises(ChangedP2P))
	}},
	{"p2p_pref_chan", func(n string) field[Globals] {
		return opChannels(n, func(g *Globals) *[]OpChannel { return &g.P2PPrefChan }, noGet(), raises(ChangedP2P))
	}},
	{"p2p_no_go_freq", func(n string) field[Globals] {
		return freqRanges(n, func(g *Globals) *[]FreqRange { return &g.P2PNoGOFreq }, noGet(), raises(ChangedP2P))
	}},
	{"p2p_add_cli_chan", func(n string) field[Globals] { return flag(n, func(g *Globals) *bool { return &g.P2PAddCliChan }) }},
	{"p2p_optimize_listen_chan", func(n string) field[Globals] {
		return flag(n, func(g *Globals) *bool { return &g.P2POptimizeListenChan })
	}},
	{"p2p_go_ht40", func(n string) field[Globals] { return num(n, func(g *Globals) *int { return &g.P2PGOHT40 }) }},
	{"p2p_go_vht", func(n string) field[Globals] { return num(n, func(g *Globals) *int { return &g.P2PGOVHT }) }},
	{"p2p_go_he", func(n string) field[Globals] { return num(n, func(g *Globals) *int { return &g.P2PGOHE }) }},
	{"p2p_go_edmg", func(n string) field[Globals] { return num(n, func(g *Globals) *int { return &g.P2PGOEDMG }) }},
	{"p2p_disabled", func(n string) field[Globals] {
		return num(n, func(g *Globals) *int { return &g.P2PDisabled }, raises(ChangedP2P))
	}},
	{"p2p_go_ctwindow", func(n string) field[Globals] {
		return num(n, func(g *Globals) *int { return &g.P2PGOCTWindow }, within(0, 127))
	}},
	{"p2p_no_group_iface", func(n string) field[Globals] { return num(n, func(g *Globals) *int { return &g.P2PNoGroupIface }) }},
	{"p2p_ignore_shared_freq", func(n string) field[Globals] {
		return flag(n, func(g *Globals) *bool { return &g.P2PIgnoreSharedFreq })
	}},
	{"ip_addr_go", func(n string) field[Globals] { return ipv4(n, func(g *Globals) *netip.Addr { return &g.IPAddrGO }) }},
	{"ip_addr_mask", func(n string) field[Globals] { return ipv4(n, func(g *Globals) *netip.Addr { return &g.IPAddrMask }) }},
	{"ip_addr_start", func(n string) field[Globals] { return ipv4(n, func(g *Globals) *netip.Addr { return &g.IPAddrStart }) }},
	{"ip_addr_end", func(n string) field[Globals] { return ipv4(n, func(g *Globals) *netip.Addr { return &g.IPAddrEnd }) }},
	{"p2p_cli_probe", func(n string) field[Globals] { return flag(n, func(g *Globals) *bool { return &g.P2PCliProbe }) }},
	{"p2p_device_random_mac_addr", func(n string) field[Globals] {
		return num(n, func(g *Globals) *int { return &g.P2PDeviceRandomMACAddr })
	}},
	{"p2p_device_persistent_mac_addr", func(n string) field[Globals] {
		return mac(n, func(g *Globals) **MAC { return &g.P2PDevicePersistentMACAddr }, noGet())
	}},
	{"p2p_interface_random_mac_addr", func(n string) field[Globals] {
		return num(n, func(g *Globals) *int { return &g.P2PInterfaceRandomMACAddr })
	}},
	{"p2p_6ghz_disable", func(n string) field[Globals] { return num(n, func(g *Globals) *int { return &g.P2P6ghzDisable }) }},
	{"p2p_bootstrap_methods", func(n string) field[Globals] { return num(n, func(g *Globals) *int { return &g.P2PBootstrapMethods }) }},
	{"p2p_pasn_type", func(n string) field[Globals] { return num(n, func(g *Globals) *int { return &g.P2PPASNType }) }},
	{"p2p_comeback_after", func(n string) field[Globals] { return num(n, func(g *Globals) *int { return &g.P2PComebackAfter }) }},
	{"p2p_twt_power_mgmt", func(n string) field[Globals] { return flag(n, func(g *Globals) *bool { return &g.P2PTWTPowerMgmt }) }},
	{"p2p_chan_switch_req_enable", func(n string) field[Globals] {
		return flag(n, func(g *Globals) *bool { return &g.P2PChanSwitchReqEnable })
	}},
	{"p2p_reg_info", func(n string) field[Globals] { return num(n, func(g *Globals) *int { return &g.P2PRegInfo }) }},
	{"p2p_assisted_dfs_chan_enable", func(n string) field[Globals] {
		return num(n, func(g *Globals) *int { return &g.P2PAssistedDFSChanEnable })
	}},
	{"dik_cipher", func(n string) field[Globals] { return num(n, func(g *Globals) *int { return &g.DIKCipher }) }},
	{"dik", func(n string) field[Globals] {
		return hexSecret(n, func(g *Globals) *Secret { return &g.DIK }, sensitive(), noGet())
	}},
	{"country", func(n string) field[Globals] {
		return country(n, func(g *Globals) *Text { return &g.Country }, raises(ChangedCountry))
	}},
	{"bss_max_count", func(n string) field[Globals] { return num(n, func(g *Globals) *int { return &g.BSSMaxCount }) }},
	{"bss_expiration_age", func(n string) field[Globals] { return num(n, func(g *Globals) *int { return &g.BSSExpirationAge }) }},
	{"bss_expiration_scan_count", func(n string) field[Globals] {
		return num(n, func(g *Globals) *int { return &g.BSSExpirationScanCount })
	}},
	{"filter_ssids", func(n string) field[Globals] { return flag(n, func(g *Globals) *bool { return &g.FilterSSIDs }) }},
	{"filter_rssi", func(n string) field[Globals] {
		return num(n, func(g *Globals) *int { return &g.FilterRSSI }, within(-100, 0))
	}},
	{"max_num_sta", func(n string) field[Globals] { return num(n, func(g *Globals) *int { return &g.MaxNumSTA }) }},
	{"ap_isolate", func(n string) field[Globals] { return flag(n, func(g *Globals) *bool { return &g.APIsolate }) }},
	{"disassoc_low_ack", func(n string) field[Globals] { return flag(n, func(g *Globals) *bool { return &g.DisassocLowAck }) }},
	{"hs20", func(n string) field[Globals] { return flag(n, func(g *Globals) *bool { return &g.HS20 }) }},
	{"interworking", func(n string) field[Globals] { return flag(n, func(g *Globals) *bool { return &g.Interworking }) }},
	{"hessid", func(n string) field[Globals] { return mac(n, func(g *Globals) **MAC { return &g.HESSID }, noGet()) }},
	{"access_network_type", func(n string) field[Globals] {
		return num(n, func(g *Globals) *int { return &g.AccessNetworkType }, within(0, 15))
	}},
	{"go_interworking", func(n string) field[Globals] { return flag(n, func(g *Globals) *bool { return &g.GOInterworking }) }},
	{"go_access_network_type", func(n string) field[Globals] {
		return num(n, func(g *Globals) *int { return &g.GOAccessNetworkType }, within(0, 15))
	}},
	{"go_internet", func(n string) field[Globals] { return flag(n, func(g *Globals) *bool { return &g.GOInternet }) }},
	{"go_venue_group", func(n string) field[Globals] {
		return num(n, func(g *Globals) *int { return &g.GOVenueGroup }, within(0, 255))
	}},
	{"go_venue_type", func(n string) field[Globals] {
		return num(n, func(g *Globals) *int { return &g.GOVenueType }, within(0, 255))
	}},
	{"pbc_in_m1", func(n string) field[Globals] { return flag(n, func(g *Globals) *bool { return &g.PBCInM1 }) }},
	{"autoscan", func(n string) field[Globals] { return raw(n, func(g *Globals) *Text { return &g.Autoscan }) }},
	{"wps_nfc_dev_pw_id", func(n string) field[Globals] {
		return num(n, func(g *Globals) *int { return &g.WPSNFCDevPwID }, within(16, 65535))
	}},
	{"wps_nfc_dh_pubkey", func(n string) field[Globals] {
		return hexBytes(n, func(g *Globals) *[]byte { return &g.WPSNFCDHPubkey }, noGet())
	}},
	{"wps_nfc_dh_privkey", func(n string) field[Globals] {
		return hexSecret(n, func(g *Globals) *Secret { return &g.WPSNFCDHPrivkey }, sensitive(), noGet())
	}},
	{"wps_nfc_dev_pw", func(n string) field[Globals] {
		return hexSecret(n, func(g *Globals) *Secret { return &g.WPSNFCDevPw }, sensitive(), noGet())
	}},
	{"ext_password_backend", func(n string) field[Globals] {
		return raw(n, func(g *Globals) *Text { return &g.ExtPasswordBackend }, sensitive(), raises(ChangedExtPassword))
	}},
	{"p2p_go_max_inactivity", func(n string) field[Globals] { return num(n, func(g *Globals) *int { return &g.P2PGOMaxInactivity }) }},
	{"auto_interworking", func(n string) field[Globals] { return flag(n, func(g *Globals) *bool { return &g.AutoInterworking }) }},
	{"okc", func(n string) field[Globals] { return num(n, func(g *Globals) *int { return &g.OKC }) }},
	{"pmf", func(n string) field[Globals] { return num(n, func(g *Globals) *int { return &g.PMF }) }},
	{"sae_check_mfp", func(n string) field[Globals] { return flag(n, func(g *Globals) *bool { return &g.SAECheckMFP }) }},
	{"sae_groups", func(n string) field[Globals] {
		return numbers(n, func(g *Globals) *[]int { return &g.SAEGroups }, noGet())
	}},
	{"sae_pwe", func(n string) field[Globals] { return num(n, func(g *Globals) *int { return &g.SAEPWE }, within(0, 3)) }},
	{"sae_pmkid_in_assoc", func(n string) field[Globals] { return flag(n, func(g *Globals) *bool { return &g.SAEPMKIDInAssoc }) }},
	{"dtim_period", func(n string) field[Globals] { return num(n, func(g *Globals) *int { return &g.DTIMPeriod }) }},
	{"beacon_int", func(n string) field[Globals] { return num(n, func(g *Globals) *int { return &g.BeaconInt }) }},
	{"ap_assocresp_elements", func(n string) field[Globals] {
		return hexBytes(n, func(g *Globals) *[]byte { return &g.APAssocrespElements }, noGet())
	}},
	{"ap_vendor_elements", func(n string) field[Globals] {
		return hexBytes(n, func(g *Globals) *[]byte { return &g.APVendorElements }, noGet())
	}},
	{"ignore_old_scan_res", func(n string) field[Globals] { return flag(n, func(g *Globals) *bool { return &g.IgnoreOldScanRes }) }},
	{"freq_list", func(n string) field[Globals] { return numbers(n, func(g *Globals) *[]int { return &g.FreqList }) }},
	{"initial_freq_list", func(n string) field[Globals] {
		return numbers(n, func(g *Globals) *[]int { return &g.InitialFreqList }, noGet())
	}},
	{"scan_cur_freq", func(n string) field[Globals] { return num(n, func(g *Globals) *int { return &g.ScanCurFreq }) }},
	{"scan_res_valid_for_connect", func(n string) field[Globals] {
		return num(n, func(g *Globals) *int { return &g.ScanResValidForConnect })
	}},
	{"sched_scan_interval", func(n string) field[Globals] { return num(n, func(g *Globals) *int { return &g.SchedScanInterval }) }},
	{"sched_scan_start_delay", func(n string) field[Globals] { return num(n, func(g *Globals) *int { return &g.SchedScanStartDelay }) }},
	{"tdls_external_control", func(n string) field[Globals] { return num(n, func(g *Globals) *int { return &g.TDLSExternalControl }) }},
	{"wowlan_triggers", func(n string) field[Globals] {
		return raw(n, func(g *Globals) *Text { return &g.WoWLANTriggers }, raises(ChangedWoWLAN))
	}},
	{"p2p_search_delay", func(n string) field[Globals] { return num(n, func(g *Globals) *int { return &g.P2PSearchDelay }) }},
	{"mac_addr", func(n string) field[Globals] {
		return num(n, func(g *Globals) *int { return &g.MACAddr }, within(0, 2))
	}},
	{"rand_addr_lifetime", func(n string) field[Globals] { return num(n, func(g *Globals) *int { return &g.RandAddrLifetime }) }},
	{"preassoc_mac_addr", func(n string) field[Globals] {
		return num(n, func(g *Globals) *int { return &g.PreassocMACAddr }, within(0, 2))
	}},
	{"key_mgmt_offload", func(n string) field[Globals] { return num(n, func(g *Globals) *int { return &g.KeyMgmtOffload }) }},
	{"passive_scan", func(n string) field[Globals] { return num(n, func(g *Globals) *int { return &g.PassiveScan }) }},
	{"reassoc_same_bss_optim", func(n string) field[Globals] { return num(n, func(g *Globals) *int { return &g.ReassocSameBSSOptim }) }},
	{"wps_priority", func(n string) field[Globals] { return num(n, func(g *Globals) *int { return &g.WPSPriority }) }},
	{"fst_group_id", func(n string) field[Globals] {
		return raw(n, func(g *Globals) *Text { return &g.FSTGroupID }, length(1, 16))
	}},
	{"fst_priority", func(n string) field[Globals] {
		return num(n, func(g *Globals) *int { return &g.FSTPriority }, within(1, 255))
	}},
	{"fst_llt", func(n string) field[Globals] {
		return num(n, func(g *Globals) *int { return &g.FSTLLT }, within(1, 1073741823))
	}},
	{"cert_in_cb", func(n string) field[Globals] { return flag(n, func(g *Globals) *bool { return &g.CertInCB }) }},
	{"wpa_rsc_relaxation", func(n string) field[Globals] { return flag(n, func(g *Globals) *bool { return &g.WpaRSCRelaxation }) }},
	{"sched_scan_plans", func(n string) field[Globals] {
		return raw(n, func(g *Globals) *Text { return &g.SchedScanPlans }, raises(ChangedSchedScanPlans))
	}},
	{"non_pref_chan", func(n string) field[Globals] { return raw(n, func(g *Globals) *Text { return &g.NonPrefChan }) }},
	{"mbo_cell_capa", func(n string) field[Globals] {
		return num(n, func(g *Globals) *int { return &g.MBOCellCapa }, within(1, 3))
	}},
	{"disassoc_imminent_rssi_threshold", func(n string) field[Globals] {
		return num(n, func(g *Globals) *int { return &g.DisassocImminentRSSIThreshold }, within(-120, 0))
	}},
	{"oce", func(n string) field[Globals] { return num(n, func(g *Globals) *int { return &g.OCE }, within(0, 3)) }},
	{"gas_address3", func(n string) field[Globals] { return num(n, func(g *Globals) *int { return &g.GASAddress3 }) }},
	{"ftm_responder", func(n string) field[Globals] { return flag(n, func(g *Globals) *bool { return &g.FTMResponder }) }},
	{"ftm_initiator", func(n string) field[Globals] { return flag(n, func(g *Globals) *bool { return &g.FTMInitiator }) }},
	{"twt_requester", func(n string) field[Globals] { return flag(n, func(g *Globals) *bool { return &g.TWTRequester }) }},
	{"gas_rand_addr_lifetime", func(n string) field[Globals] { return num(n, func(g *Globals) *int { return &g.GASRandAddrLifetime }) }},
	{"gas_rand_mac_addr", func(n string) field[Globals] {
		return num(n, func(g *Globals) *int { return &g.GASRandMACAddr }, within(0, 2))
	}},
	{"dpp_config_processing", func(n string) field[Globals] {
		return num(n, func(g *Globals) *int { return &g.DPPConfigProcessing }, within(0, 2))
	}},
	{"dpp_name", func(n string) field[Globals] { return raw(n, func(g *Globals) *Text { return &g.DPPName }) }},
	{"dpp_mud_url", func(n string) field[Globals] { return raw(n, func(g *Globals) *Text { return &g.DPPMUDURL }) }},
	{"dpp_extra_conf_req_name", func(n string) field[Globals] { return raw(n, func(g *Globals) *Text { return &g.DPPExtraConfReqName }) }},
	{"dpp_extra_conf_req_value", func(n string) field[Globals] {
		return raw(n, func(g *Globals) *Text { return &g.DPPExtraConfReqValue })
	}},
	{"dpp_connector_privacy_default", func(n string) field[Globals] {
		return flag(n, func(g *Globals) *bool { return &g.DPPConnectorPrivacyDefault })
	}},
	{"coloc_intf_reporting", func(n string) field[Globals] { return flag(n, func(g *Globals) *bool { return &g.ColocIntfReporting }) }},
	{"disable_btm", func(n string) field[Globals] {
		return flag(n, func(g *Globals) *bool { return &g.DisableBTM }, raises(ChangedDisableBTM))
	}},
	{"extended_key_id", func(n string) field[Globals] { return flag(n, func(g *Globals) *bool { return &g.ExtendedKeyID }) }},
	{"wowlan_disconnect_on_deinit", func(n string) field[Globals] {
		return flag(n, func(g *Globals) *bool { return &g.WoWLANDisconnectOnDeinit })
	}},
	{"rsn_overriding", func(n string) field[Globals] {
		return num(n, func(g *Globals) *int { return &g.RSNOverriding }, within(0, 2))
	}},
	{"pasn_groups", func(n string) field[Globals] {
		return numbers(n, func(g *Globals) *[]int { return &g.PASNGroups }, noGet())
	}},
	{"force_kdk_derivation", func(n string) field[Globals] {
		return flag(n, func(g *Globals) *bool { return &g.ForceKDKDerivation }, unsaved())
	}},
	{"pasn_corrupt_mic", func(n string) field[Globals] {
		return flag(n, func(g *Globals) *bool { return &g.PASNCorruptMIC }, unsaved())
	}},
	{"mld_force_single_link", func(n string) field[Globals] { return flag(n, func(g *Globals) *bool { return &g.MLDForceSingleLink }) }},
	{"mld_connect_band_pref", func(n string) field[Globals] {
		return num(n, func(g *Globals) *int { return &g.MLDConnectBandPref }, within(0, 4))
	}},
	{"mld_connect_bssid_pref", func(n string) field[Globals] {
		return mac(n, func(g *Globals) **MAC { return &g.MLDConnectBSSIDPref }, noGet())
	}},
	{"ft_prepend_pmkid", func(n string) field[Globals] {
		return flag(n, func(g *Globals) *bool { return &g.FTPrependPMKID }, raises(ChangedFTPrependPMKID))
	}},
	{"wfa_gen_capa", func(n string) field[Globals] {
		return num(n, func(g *Globals) *int { return &g.WfaGenCapa }, within(0, 2))
	}},
	{"wfa_gen_capa_supp", func(n string) field[Globals] {
		return hexBytes(n, func(g *Globals) *[]byte { return &g.WfaGenCapaSupp }, noGet())
	}},
	{"disable_op_classes_80_80_mhz", func(n string) field[Globals] {
		return flag(n, func(g *Globals) *bool { return &g.DisableOpClasses8080Mhz })
	}},
	{"pr_pasn_type", func(n string) field[Globals] { return num(n, func(g *Globals) *int { return &g.PrPASNType }) }},
	{"pr_preferred_role", func(n string) field[Globals] { return flag(n, func(g *Globals) *bool { return &g.PrPreferredRole }) }},
}

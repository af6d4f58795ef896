package conf

// networkRows are the rows of the network table that concern the link.
var networkRows = []row[Network]{
	{"ssid", func(n string) field[Network] {
		return text(n, func(n *Network) *Text { return &n.SSID }, length(0, 32))
	}},
	{"scan_ssid", func(n string) field[Network] {
		return flag(n, func(n *Network) *bool { return &n.ScanSSID }, unquoted())
	}},
	{"bssid", func(n string) field[Network] {
		return anyMAC(n, func(n *Network) **MAC { return &n.BSSID }, unquoted(), keepsCaches())
	}},
	{"bssid_hint", func(n string) field[Network] {
		return anyMAC(n, func(n *Network) **MAC { return &n.BSSIDHint }, unquoted(), keepsCaches())
	}},
	{"bssid_ignore", func(n string) field[Network] {
		return addrMasks(n, func(n *Network) *[]AddrMask { return &n.BSSIDIgnore }, unquoted(), keepsCaches())
	}},
	{"bssid_accept", func(n string) field[Network] {
		return addrMasks(n, func(n *Network) *[]AddrMask { return &n.BSSIDAccept }, unquoted(), keepsCaches())
	}},
	{"bssid_blacklist", func(n string) field[Network] {
		return alias[Network](n, "bssid_ignore", unsaved(), unquoted(), keepsCaches())
	}},
	{"bssid_whitelist", func(n string) field[Network] {
		return alias[Network](n, "bssid_accept", unsaved(), unquoted(), keepsCaches())
	}},
	{"psk", func(n string) field[Network] { return psk(n, func(n *Network) *PSK { return &n.PSK }, secret()) }},
	{"mem_only_psk", func(n string) field[Network] { return num(n, func(n *Network) *int { return &n.MemOnlyPSK }) }},
	{"sae_password", func(n string) field[Network] {
		return hidden(n, func(n *Network) *Secret { return &n.SAEPassword }, secret())
	}},
	{"sae_password_id", func(n string) field[Network] { return text(n, func(n *Network) *Text { return &n.SAEPasswordID }) }},
	{"alt_sae_password_ids", func(n string) field[Network] {
		return hexList(n, func(n *Network) *[][]byte { return &n.AltSAEPasswordIDs })
	}},
	{"sae_pwe", func(n string) field[Network] { return num(n, func(n *Network) *int { return &n.SAEPWE }) }},
	{"proto", func(n string) field[Network] {
		return protos(n, func(n *Network) *Proto { return &n.Proto }, unquoted())
	}},
	{"key_mgmt", func(n string) field[Network] {
		return keyMgmts(n, func(n *Network) *KeyMgmt { return &n.KeyMgmt }, unquoted())
	}},
	{"bg_scan_period", func(n string) field[Network] { return num(n, func(n *Network) *int { return &n.BgScanPeriod }) }},
	{"pairwise", func(n string) field[Network] {
		return pairwiseCiphers(n, func(n *Network) *Cipher { return &n.Pairwise }, unquoted())
	}},
	{"group", func(n string) field[Network] {
		return groupCiphers(n, func(n *Network) *Cipher { return &n.Group }, unquoted())
	}},
	{"group_mgmt", func(n string) field[Network] {
		return groupMgmtCiphers(n, func(n *Network) *Cipher { return &n.GroupMgmt }, unquoted())
	}},
	{"auth_alg", func(n string) field[Network] {
		return authAlgs(n, func(n *Network) *AuthAlg { return &n.AuthAlg }, unquoted())
	}},
	{"scan_freq", func(n string) field[Network] {
		return numbers(n, func(n *Network) *[]int { return &n.ScanFreq }, unquoted(), keepsCaches())
	}},
	{"freq_list", func(n string) field[Network] {
		return numbers(n, func(n *Network) *[]int { return &n.FreqList }, unquoted())
	}},
	{"ht", func(n string) field[Network] { return flag(n, func(n *Network) *bool { return &n.HT }) }},
	{"vht", func(n string) field[Network] { return flag(n, func(n *Network) *bool { return &n.VHT }) }},
	{"he", func(n string) field[Network] { return flag(n, func(n *Network) *bool { return &n.HE }) }},
	{"ht40", func(n string) field[Network] { return num(n, func(n *Network) *int { return &n.HT40 }, within(-1, 1)) }},
	{"max_oper_chwidth", func(n string) field[Network] {
		return num(n, func(n *Network) *int { return &n.MaxOperChwidth }, within(0, 9))
	}},
	{"vht_center_freq1", func(n string) field[Network] { return num(n, func(n *Network) *int { return &n.VHTCenterFreq1 }) }},
	{"vht_center_freq2", func(n string) field[Network] { return num(n, func(n *Network) *int { return &n.VHTCenterFreq2 }) }},
	{"eapol_flags", func(n string) field[Network] { return num(n, func(n *Network) *int { return &n.EAPOLFlags }) }},
	{"wep_key0", func(n string) field[Network] {
		return wepKey(n, func(n *Network) *Secret { return &n.WEPKey[0] }, secret())
	}},
	{"wep_key1", func(n string) field[Network] {
		return wepKey(n, func(n *Network) *Secret { return &n.WEPKey[1] }, secret())
	}},
	{"wep_key2", func(n string) field[Network] {
		return wepKey(n, func(n *Network) *Secret { return &n.WEPKey[2] }, secret())
	}},
	{"wep_key3", func(n string) field[Network] {
		return wepKey(n, func(n *Network) *Secret { return &n.WEPKey[3] }, secret())
	}},
	{"wep_tx_keyidx", func(n string) field[Network] { return num(n, func(n *Network) *int { return &n.WEPTXKeyIdx }) }},
	{"priority", func(n string) field[Network] {
		return num(n, func(n *Network) *int { return &n.Priority }, keepsCaches())
	}},
	{"mode", func(n string) field[Network] { return num(n, func(n *Network) *int { return &n.Mode }, within(0, 5)) }},
	{"no_auto_peer", func(n string) field[Network] { return flag(n, func(n *Network) *bool { return &n.NoAutoPeer }) }},
	{"mesh_fwding", func(n string) field[Network] { return flag(n, func(n *Network) *bool { return &n.MeshFwding }) }},
	{"mesh_rssi_threshold", func(n string) field[Network] {
		return num(n, func(n *Network) *int { return &n.MeshRSSIThreshold }, within(-255, 1))
	}},
	{"proactive_key_caching", func(n string) field[Network] {
		return num(n, func(n *Network) *int { return &n.ProactiveKeyCaching }, within(0, 1))
	}},
	{"disabled", func(n string) field[Network] {
		return num(n, func(n *Network) *int { return &n.Disabled }, within(0, 2))
	}},
	{"id_str", func(n string) field[Network] { return text(n, func(n *Network) *Text { return &n.IDStr }) }},
	{"ieee80211w", func(n string) field[Network] {
		return num(n, func(n *Network) *int { return &n.IEEE80211W }, within(0, 2))
	}},
	{"ocv", func(n string) field[Network] { return flag(n, func(n *Network) *bool { return &n.OCV }, unsaved()) }},
	{"peerkey", func(n string) field[Network] { return ignored[Network](n) }},
	{"mixed_cell", func(n string) field[Network] { return flag(n, func(n *Network) *bool { return &n.MixedCell }) }},
	{"frequency", func(n string) field[Network] {
		return num(n, func(n *Network) *int { return &n.Frequency }, within(0, 70200))
	}},
	{"fixed_freq", func(n string) field[Network] { return flag(n, func(n *Network) *bool { return &n.FixedFreq }) }},
	{"enable_edmg", func(n string) field[Network] { return flag(n, func(n *Network) *bool { return &n.EnableEDMG }) }},
	{"edmg_channel", func(n string) field[Network] {
		return num(n, func(n *Network) *int { return &n.EDMGChannel }, within(9, 13))
	}},
	{"acs", func(n string) field[Network] { return flag(n, func(n *Network) *bool { return &n.ACS }) }},
	{"mesh_basic_rates", func(n string) field[Network] {
		return numbers(n, func(n *Network) *[]int { return &n.MeshBasicRates }, unquoted())
	}},
	{"dot11MeshMaxRetries", func(n string) field[Network] { return num(n, func(n *Network) *int { return &n.Dot11MeshMaxRetries }) }},
	{"dot11MeshRetryTimeout", func(n string) field[Network] {
		return num(n, func(n *Network) *int { return &n.Dot11MeshRetryTimeout })
	}},
	{"dot11MeshConfirmTimeout", func(n string) field[Network] {
		return num(n, func(n *Network) *int { return &n.Dot11MeshConfirmTimeout })
	}},
	{"dot11MeshHoldingTimeout", func(n string) field[Network] {
		return num(n, func(n *Network) *int { return &n.Dot11MeshHoldingTimeout })
	}},
	{"wpa_ptk_rekey", func(n string) field[Network] { return num(n, func(n *Network) *int { return &n.WpaPTKRekey }) }},
	{"wpa_deny_ptk0_rekey", func(n string) field[Network] {
		return num(n, func(n *Network) *int { return &n.WpaDenyPTK0Rekey }, within(0, 2))
	}},
	{"group_rekey", func(n string) field[Network] { return num(n, func(n *Network) *int { return &n.GroupRekey }) }},
	{"bgscan", func(n string) field[Network] {
		return text(n, func(n *Network) *Text { return &n.Bgscan }, keepsCaches())
	}},
	{"ignore_broadcast_ssid", func(n string) field[Network] {
		return num(n, func(n *Network) *int { return &n.IgnoreBroadcastSSID }, within(0, 2), unquoted())
	}},
	{"go_p2p_dev_addr", func(n string) field[Network] {
		return anyMAC(n, func(n *Network) **MAC { return &n.GOP2PDevAddr }, unquoted())
	}},
	{"p2p_client_list", func(n string) field[Network] {
		return macList(n, func(n *Network) *[]MAC { return &n.P2PClientList }, unquoted())
	}},
	{"p2p2_client_list", func(n string) field[Network] { return numbers(n, func(n *Network) *[]int { return &n.P2P2ClientList }) }},
	{"psk_list", func(n string) field[Network] {
		return clientPSKs(n, func(n *Network) *[]ClientPSK { return &n.PSKList }, sensitive(), unquoted(), noGet())
	}},
	{"go_dik_id", func(n string) field[Network] { return num(n, func(n *Network) *int { return &n.GODIKID }) }},
	{"disable_ht", func(n string) field[Network] { return flag(n, func(n *Network) *bool { return &n.DisableHT }) }},
	{"disable_ht40", func(n string) field[Network] { return flag(n, func(n *Network) *bool { return &n.DisableHT40 }) }},
	{"disable_sgi", func(n string) field[Network] { return flag(n, func(n *Network) *bool { return &n.DisableSGI }) }},
	{"disable_ldpc", func(n string) field[Network] { return flag(n, func(n *Network) *bool { return &n.DisableLDPC }) }},
	{"ht40_intolerant", func(n string) field[Network] { return flag(n, func(n *Network) *bool { return &n.HT40Intolerant }) }},
	{"tx_stbc", func(n string) field[Network] {
		return num(n, func(n *Network) *int { return &n.TXSTBC }, within(-1, 1))
	}},
	{"rx_stbc", func(n string) field[Network] {
		return num(n, func(n *Network) *int { return &n.RXSTBC }, within(-1, 3))
	}},
	{"disable_max_amsdu", func(n string) field[Network] {
		return num(n, func(n *Network) *int { return &n.DisableMaxAMSDU }, within(-1, 1))
	}},
	{"ampdu_factor", func(n string) field[Network] {
		return num(n, func(n *Network) *int { return &n.AMPDUFactor }, within(-1, 3))
	}},
	{"ampdu_density", func(n string) field[Network] {
		return num(n, func(n *Network) *int { return &n.AMPDUDensity }, within(-1, 7))
	}},
	{"ht_mcs", func(n string) field[Network] { return text(n, func(n *Network) *Text { return &n.HTMCS }) }},
	{"disable_vht", func(n string) field[Network] { return flag(n, func(n *Network) *bool { return &n.DisableVHT }) }},
	{"vht_capa", func(n string) field[Network] { return num(n, func(n *Network) *int { return &n.VHTCapa }) }},
	{"vht_capa_mask", func(n string) field[Network] { return num(n, func(n *Network) *int { return &n.VHTCapaMask }) }},
	{"vht_rx_mcs_nss_1", func(n string) field[Network] {
		return num(n, func(n *Network) *int { return &n.VHTRXMCS[0] }, within(-1, 3))
	}},
	{"vht_rx_mcs_nss_2", func(n string) field[Network] {
		return num(n, func(n *Network) *int { return &n.VHTRXMCS[1] }, within(-1, 3))
	}},
	{"vht_rx_mcs_nss_3", func(n string) field[Network] {
		return num(n, func(n *Network) *int { return &n.VHTRXMCS[2] }, within(-1, 3))
	}},
	{"vht_rx_mcs_nss_4", func(n string) field[Network] {
		return num(n, func(n *Network) *int { return &n.VHTRXMCS[3] }, within(-1, 3))
	}},
	{"vht_rx_mcs_nss_5", func(n string) field[Network] {
		return num(n, func(n *Network) *int { return &n.VHTRXMCS[4] }, within(-1, 3))
	}},
	{"vht_rx_mcs_nss_6", func(n string) field[Network] {
		return num(n, func(n *Network) *int { return &n.VHTRXMCS[5] }, within(-1, 3))
	}},
	{"vht_rx_mcs_nss_7", func(n string) field[Network] {
		return num(n, func(n *Network) *int { return &n.VHTRXMCS[6] }, within(-1, 3))
	}},
	{"vht_rx_mcs_nss_8", func(n string) field[Network] {
		return num(n, func(n *Network) *int { return &n.VHTRXMCS[7] }, within(-1, 3))
	}},
	{"vht_tx_mcs_nss_1", func(n string) field[Network] {
		return num(n, func(n *Network) *int { return &n.VHTTXMCS[0] }, within(-1, 3))
	}},
	{"vht_tx_mcs_nss_2", func(n string) field[Network] {
		return num(n, func(n *Network) *int { return &n.VHTTXMCS[1] }, within(-1, 3))
	}},
	{"vht_tx_mcs_nss_3", func(n string) field[Network] {
		return num(n, func(n *Network) *int { return &n.VHTTXMCS[2] }, within(-1, 3))
	}},
	{"vht_tx_mcs_nss_4", func(n string) field[Network] {
		return num(n, func(n *Network) *int { return &n.VHTTXMCS[3] }, within(-1, 3))
	}},
	{"vht_tx_mcs_nss_5", func(n string) field[Network] {
		return num(n, func(n *Network) *int { return &n.VHTTXMCS[4] }, within(-1, 3))
	}},
	{"vht_tx_mcs_nss_6", func(n string) field[Network] {
		return num(n, func(n *Network) *int { return &n.VHTTXMCS[5] }, within(-1, 3))
	}},
	{"vht_tx_mcs_nss_7", func(n string) field[Network] {
		return num(n, func(n *Network) *int { return &n.VHTTXMCS[6] }, within(-1, 3))
	}},
	{"vht_tx_mcs_nss_8", func(n string) field[Network] {
		return num(n, func(n *Network) *int { return &n.VHTTXMCS[7] }, within(-1, 3))
	}},
	{"disable_he", func(n string) field[Network] { return flag(n, func(n *Network) *bool { return &n.DisableHE }) }},
	{"ap_max_inactivity", func(n string) field[Network] { return num(n, func(n *Network) *int { return &n.APMaxInactivity }) }},
	{"dtim_period", func(n string) field[Network] { return num(n, func(n *Network) *int { return &n.DTIMPeriod }) }},
	{"beacon_int", func(n string) field[Network] { return num(n, func(n *Network) *int { return &n.BeaconInt }) }},
	{"macsec_policy", func(n string) field[Network] { return flag(n, func(n *Network) *bool { return &n.MACsecPolicy }) }},
	{"macsec_integ_only", func(n string) field[Network] { return flag(n, func(n *Network) *bool { return &n.MACsecIntegOnly }) }},
	{"macsec_replay_protect", func(n string) field[Network] {
		return flag(n, func(n *Network) *bool { return &n.MACsecReplayProtect })
	}},
	{"macsec_replay_window", func(n string) field[Network] { return num(n, func(n *Network) *int { return &n.MACsecReplayWindow }) }},
	{"macsec_offload", func(n string) field[Network] {
		return num(n, func(n *Network) *int { return &n.MACsecOffload }, within(0, 2))
	}},
	{"macsec_port", func(n string) field[Network] {
		return num(n, func(n *Network) *int { return &n.MACsecPort }, within(1, 65534))
	}},
	{"mka_priority", func(n string) field[Network] {
		return num(n, func(n *Network) *int { return &n.MKAPriority }, within(0, 255))
	}},
	{"macsec_csindex", func(n string) field[Network] { return flag(n, func(n *Network) *bool { return &n.MACsecCSIndex }) }},
	{"macsec_icv_indicator", func(n string) field[Network] { return flag(n, func(n *Network) *bool { return &n.MACsecICVIndicator }) }},
	{"mka_cak", func(n string) field[Network] {
		return hexSecret(n, func(n *Network) *Secret { return &n.MKACAK }, sizes(16, 32), secret())
	}},
	{"mka_ckn", func(n string) field[Network] {
		return hexSecret(n, func(n *Network) *Secret { return &n.MKACKN }, length(1, 32), secret())
	}},
	{"update_identifier", func(n string) field[Network] { return num(n, func(n *Network) *int { return &n.UpdateIdentifier }) }},
	{"roaming_consortium_selection", func(n string) field[Network] {
		return text(n, func(n *Network) *Text { return &n.RoamingConsortiumSelection }, length(0, 15))
	}},
	{"mac_addr", func(n string) field[Network] {
		return num(n, func(n *Network) *int { return &n.MACAddr }, within(0, 3))
	}},
	{"mac_value", func(n string) field[Network] {
		return mac(n, func(n *Network) **MAC { return &n.MACValue }, secret(), unsaved(), unquoted())
	}},
	{"pbss", func(n string) field[Network] { return num(n, func(n *Network) *int { return &n.PBSS }, within(0, 2)) }},
	{"wps_disabled", func(n string) field[Network] { return flag(n, func(n *Network) *bool { return &n.WPSDisabled }) }},
	{"fils_dh_group", func(n string) field[Network] {
		return num(n, func(n *Network) *int { return &n.FILSDHGroup }, within(0, 65535))
	}},
	{"dpp_connector", func(n string) field[Network] { return text(n, func(n *Network) *Text { return &n.DPPConnector }) }},
	{"dpp_netaccesskey", func(n string) field[Network] {
		return hidden(n, func(n *Network) *Secret { return &n.DPPNetAccessKey }, sensitive())
	}},
	{"dpp_netaccesskey_expiry", func(n string) field[Network] {
		return num(n, func(n *Network) *int { return &n.DPPNetAccessKeyExpiry })
	}},
	{"dpp_csign", func(n string) field[Network] { return text(n, func(n *Network) *Text { return &n.DPPCSign }) }},
	{"dpp_pp_key", func(n string) field[Network] { return text(n, func(n *Network) *Text { return &n.DPPPpKey }) }},
	{"dpp_pfs", func(n string) field[Network] { return num(n, func(n *Network) *int { return &n.DPPPFS }, within(0, 2)) }},
	{"dpp_connector_privacy", func(n string) field[Network] {
		return flag(n, func(n *Network) *bool { return &n.DPPConnectorPrivacy })
	}},
	{"owe_group", func(n string) field[Network] {
		return num(n, func(n *Network) *int { return &n.OWEGroup }, within(0, 65535))
	}},
	{"owe_only", func(n string) field[Network] { return flag(n, func(n *Network) *bool { return &n.OWEOnly }) }},
	{"owe_ptk_workaround", func(n string) field[Network] { return flag(n, func(n *Network) *bool { return &n.OWEPTKWorkaround }) }},
	{"multi_ap_backhaul_sta", func(n string) field[Network] { return flag(n, func(n *Network) *bool { return &n.MultiAPBackhaulSTA }) }},
	{"ft_eap_pmksa_caching", func(n string) field[Network] { return flag(n, func(n *Network) *bool { return &n.FTEAPPMKSACaching }) }},
	{"multi_ap_profile", func(n string) field[Network] {
		return num(n, func(n *Network) *int { return &n.MultiAPProfile }, within(1, 6))
	}},
	{"beacon_prot", func(n string) field[Network] { return flag(n, func(n *Network) *bool { return &n.BeaconProt }) }},
	{"transition_disable", func(n string) field[Network] {
		return num(n, func(n *Network) *int { return &n.TransitionDisable }, within(0, 255))
	}},
	{"sae_pk", func(n string) field[Network] { return num(n, func(n *Network) *int { return &n.SAEPK }, within(0, 2)) }},
	{"disable_eht", func(n string) field[Network] { return flag(n, func(n *Network) *bool { return &n.DisableEHT }) }},
	{"disable_uhr", func(n string) field[Network] { return flag(n, func(n *Network) *bool { return &n.DisableUHR }) }},
	{"enable_4addr_mode", func(n string) field[Network] { return flag(n, func(n *Network) *bool { return &n.Enable4addrMode }) }},
	{"max_idle", func(n string) field[Network] {
		return num(n, func(n *Network) *int { return &n.MaxIdle }, within(0, 65535))
	}},
	{"ssid_protection", func(n string) field[Network] { return flag(n, func(n *Network) *bool { return &n.SSIDProtection }) }},
	{"rsn_overriding", func(n string) field[Network] {
		return num(n, func(n *Network) *int { return &n.RSNOverriding }, within(0, 2))
	}},
	{"sae_password_id_change", func(n string) field[Network] {
		return flag(n, func(n *Network) *bool { return &n.SAEPasswordIDChange })
	}},
	{"pmksa_privacy", func(n string) field[Network] { return flag(n, func(n *Network) *bool { return &n.PMKSAPrivacy }) }},
	{"eap_over_auth_frame", func(n string) field[Network] { return flag(n, func(n *Network) *bool { return &n.EAPOverAuthFrame }) }},
	{"drop_unicast_ip_in_l2_multicast", func(n string) field[Network] {
		return flag(n, func(n *Network) *bool { return &n.DropUnicastIPInL2Multicast })
	}},
	{"always_use_proxy_arp", func(n string) field[Network] {
		return num(n, func(n *Network) *int { return &n.AlwaysUseProxyARP }, within(0, 2))
	}},
	{"pasn_groups", func(n string) field[Network] {
		return numbers(n, func(n *Network) *[]int { return &n.PASNGroups }, unsaved())
	}},
	{"dh_file", func(n string) field[Network] { return ignored[Network](n) }},
	{"dh_file2", func(n string) field[Network] { return ignored[Network](n) }},
	{"machine_dh_file", func(n string) field[Network] { return ignored[Network](n) }},
}

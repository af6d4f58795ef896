package conf

import "net/netip"

// Globals are the settings outside of any block. Each member is named after its
// field; the comment gives the name in the file. A bool is a field of 0 or 1.
type Globals struct {
	CtrlInterface                     Text         // ctrl_interface: socket directory, "DIR=<dir> GROUP=<name|gid>", or "udp"/"udp6"; presence enables control interface
	CtrlInterfaceGroup                Text         // ctrl_interface_group: old way to name socket group (name or gid)
	EAPOLVersion                      int          // eapol_version: version octet in sent EAPOL frames
	APScan                            int          // ap_scan: 0 driver selects AP / wired; 1 we scan and select; 2 associate by SSID without scan
	Bgscan                            Text         // bgscan: default background-scan module and parameters for all networks (simple or learn)
	UserMpm                           int          // user_mpm: mesh peering handled here (1) or driver (0)
	MaxPeerLinks                      int          // max_peer_links: max mesh peers
	MeshMaxInactivity                 int          // mesh_max_inactivity: mesh peer timeout, s
	MeshFwding                        bool         // mesh_fwding: mesh layer-2 forwarding
	Dot11RSNASAERetransPeriod         int          // dot11RSNASAERetransPeriod: mesh SAE retransmit, ms
	DisableScanOffload                int          // disable_scan_offload: 1 = never use driver scheduled scan automatically
	FastReauth                        int          // fast_reauth: allow EAP session resumption
	OpenSCEnginePath                  Text         // opensc_engine_path: OpenSSL opensc engine library
	PKCS11EnginePath                  Text         // pkcs11_engine_path: OpenSSL PKCS#11 engine library
	PKCS11ModulePath                  Text         // pkcs11_module_path: PKCS#11 module library
	OpenSSLCiphers                    Text         // openssl_ciphers: TLS cipher list (OpenSSL syntax)
	PCSCReader                        Text         // pcsc_reader: smartcard reader name prefix for SIM; empty = first
	PCSCPIN                           Text         // pcsc_pin: SIM PIN
	ExternalSIM                       int          // external_sim: 1 = SIM operations done by control client (CTRL-REQ-SIM)
	DriverParam                       Text         // driver_param: text handed to driver at init
	Dot11RSNAConfigPMKLifetime        int          // dot11RSNAConfigPMKLifetime: PMK cache life, s
	Dot11RSNAConfigPMKReauthThreshold int          // dot11RSNAConfigPMKReauthThreshold: percent of PMK life before reauthentication
	Dot11RSNAConfigSATimeout          int          // dot11RSNAConfigSATimeout: max time for key handshake, s
	UpdateConfig                      int          // update_config: 1 = SAVE_CONFIG/auto writes may rewrite the file
	LoadDynamicEAP                    Text         // load_dynamic_eap: load EAP method plug-in (only if built so)
	UUID                              UUID         // uuid: device UUID for WPS
	AutoUUID                          bool         // auto_uuid: 0 derive UUID from MAC, 1 random at start
	DeviceName                        Text         // device_name: WPS device name
	Manufacturer                      Text         // manufacturer: WPS manufacturer
	ModelName                         Text         // model_name: WPS model name
	ModelNumber                       Text         // model_number: WPS model number
	SerialNumber                      Text         // serial_number: WPS serial number
	DeviceType                        DeviceType   // device_type: WPS primary device type
	OsVersion                         []byte       // os_version: WPS OS version
	ConfigMethods                     Text         // config_methods: WPS methods list: usba ethernet label display ext_nfc_token int_nfc_token nfc_interface push_button keypad virtual_display physical_display virtual_push_button physical_push_button p2ps
	WPSCredProcessing                 int          // wps_cred_processing: 0 store credential; 1 only report; 2 store and report
	WPSCredAddSAE                     bool         // wps_cred_add_sae: 1 = WPS PSK profile also gets SAE + PMF
	WPSVendorExtM1                    []byte       // wps_vendor_ext_m1: vendor extension for WPS M1
	SecDeviceType                     []DeviceType // sec_device_type: secondary device type
	P2PListenRegClass                 int          // p2p_listen_reg_class: listen operating class
	P2PListenChannel                  int          // p2p_listen_channel: listen channel
	P2POperRegClass                   int          // p2p_oper_reg_class: preferred operating class
	P2POperChannel                    int          // p2p_oper_channel: preferred channel
	P2PGOIntent                       int          // p2p_go_intent: group owner wish (15 = must)
	P2PSSIDPostfix                    Text         // p2p_ssid_postfix: text added to group SSID
	PersistentReconnect               bool         // persistent_reconnect: 1 = accept persistent group reinvoke automatically
	P2PIntraBSS                       bool         // p2p_intra_bss: clients of group may talk to each other
	P2PGroupIdle                      int          // p2p_group_idle: idle time before group removal, s (0 never; -1 client leaves at once)
	P2PGOFreqChangePolicy             int          // p2p_go_freq_change_policy: 0 single channel; 1 only if peer supports; 2 stay; 3 as 1 with eCSA
	P2PPassphraseLen                  int          // p2p_passphrase_len: length of generated passphrase
	P2PPrefChan                       []OpChannel  // p2p_pref_chan: preferred channels
	P2PNoGOFreq                       []FreqRange  // p2p_no_go_freq: frequencies not allowed for group owner
	P2PAddCliChan                     bool         // p2p_add_cli_chan: 1 = client-only channels too
	P2POptimizeListenChan             bool         // p2p_optimize_listen_chan: 1 = listen on operating channel
	P2PGOHT40                         int          // p2p_go_ht40: default HT40
	P2PGOVHT                          int          // p2p_go_vht: default VHT
	P2PGOHE                           int          // p2p_go_he: default HE
	P2PGOEDMG                         int          // p2p_go_edmg: default EDMG
	P2PDisabled                       int          // p2p_disabled: 1 = no P2P on interface
	P2PGOCTWindow                     int          // p2p_go_ctwindow: CTWindow, TU
	P2PNoGroupIface                   int          // p2p_no_group_iface: 1 = no separate group interface
	P2PIgnoreSharedFreq               bool         // p2p_ignore_shared_freq: 1 = ignore other interface channel
	IPAddrGO                          netip.Addr   // ip_addr_go: group owner IPv4 for EAPOL-Key address assignment
	IPAddrMask                        netip.Addr   // ip_addr_mask: netmask
	IPAddrStart                       netip.Addr   // ip_addr_start: first client address
	IPAddrEnd                         netip.Addr   // ip_addr_end: last client address
	P2PCliProbe                       bool         // p2p_cli_probe: client handles probe requests
	P2PDeviceRandomMACAddr            int          // p2p_device_random_mac_addr: 0 permanent; 1 random; 2 driver random
	P2PDevicePersistentMACAddr        *MAC         // p2p_device_persistent_mac_addr: last random device MAC (stored automatically)
	P2PInterfaceRandomMACAddr         int          // p2p_interface_random_mac_addr: 1 = random group interface MAC
	P2P6ghzDisable                    int          // p2p_6ghz_disable: 1 = no 6 GHz for P2P
	P2PBootstrapMethods               int          // p2p_bootstrap_methods: P2P2 bootstrap method bits
	P2PPASNType                       int          // p2p_pasn_type: P2P2 PASN type bits
	P2PComebackAfter                  int          // p2p_comeback_after: P2P2 comeback time, TU
	P2PTWTPowerMgmt                   bool         // p2p_twt_power_mgmt: P2P2 TWT power management
	P2PChanSwitchReqEnable            bool         // p2p_chan_switch_req_enable: P2P2 channel switch requests
	P2PRegInfo                        int          // p2p_reg_info: P2P2 regulatory info octet
	P2PAssistedDFSChanEnable          int          // p2p_assisted_dfs_chan_enable: allow AP-assisted DFS channels
	DIKCipher                         int          // dik_cipher: device identity key cipher version
	DIK                               Secret       // dik: device identity key
	Country                           Text         // country: regulatory country; pushed to driver when set at runtime or start
	BSSMaxCount                       int          // bss_max_count: max BSS table entries
	BSSExpirationAge                  int          // bss_expiration_age: drop BSS not updated for, s
	BSSExpirationScanCount            int          // bss_expiration_scan_count: drop BSS not seen in n scans
	FilterSSIDs                       bool         // filter_ssids: 1 = keep only configured SSIDs in results
	FilterRSSI                        int          // filter_rssi: drop results below dBm (0 off)
	MaxNumSTA                         int          // max_num_sta: AP/GO station limit
	APIsolate                         bool         // ap_isolate: AP client isolation
	DisassocLowAck                    bool         // disassoc_low_ack: AP drops stations with many lost frames
	HS20                              bool         // hs20: Hotspot 2.0 on
	Interworking                      bool         // interworking: 802.11u on
	HESSID                            *MAC         // hessid: limit scans to HESSID
	AccessNetworkType                 int          // access_network_type: limit scans to access network type (15 any)
	GOInterworking                    bool         // go_interworking: 802.11u element in GO
	GOAccessNetworkType               int          // go_access_network_type: GO access network type
	GOInternet                        bool         // go_internet: GO internet bit
	GOVenueGroup                      int          // go_venue_group: GO venue group
	GOVenueType                       int          // go_venue_type: GO venue type
	PBCInM1                           bool         // pbc_in_m1: keep PushButton in M1 (Windows 7)
	Autoscan                          Text         // autoscan: automatic scan pacing: exponential:<base>:<limit> or periodic:<s>
	WPSNFCDevPwID                     int          // wps_nfc_dev_pw_id: NFC token password id
	WPSNFCDHPubkey                    []byte       // wps_nfc_dh_pubkey: NFC DH public key
	WPSNFCDHPrivkey                   Secret       // wps_nfc_dh_privkey: NFC DH private key
	WPSNFCDevPw                       Secret       // wps_nfc_dev_pw: NFC device password
	ExtPasswordBackend                Text         // ext_password_backend: external secret store: test:<k=v|k=v> or file:<path>
	P2PGOMaxInactivity                int          // p2p_go_max_inactivity: GO station inactivity, s
	AutoInterworking                  bool         // auto_interworking: 1 = pick network by credentials when no block matches
	OKC                               int          // okc: default for proactive_key_caching
	PMF                               int          // pmf: default for ieee80211w: 0 off 1 optional 2 required
	SAECheckMFP                       bool         // sae_check_mfp: 1 = no SAE without PMF
	SAEGroups                         []int        // sae_groups: SAE groups in order of preference
	SAEPWE                            int          // sae_pwe: 0 hunting-and-pecking; 1 hash-to-element; 2 both; 3 force hunting-and-pecking (test)
	SAEPMKIDInAssoc                   bool         // sae_pmkid_in_assoc: include PMKID in SAE association
	DTIMPeriod                        int          // dtim_period: default AP DTIM period
	BeaconInt                         int          // beacon_int: default AP beacon interval, TU
	APAssocrespElements               []byte       // ap_assocresp_elements: extra elements in AP association response
	APVendorElements                  []byte       // ap_vendor_elements: extra elements in AP beacon/probe response
	IgnoreOldScanRes                  bool         // ignore_old_scan_res: drop results older than the trigger
	FreqList                          []int        // freq_list: only scan these
	InitialFreqList                   []int        // initial_freq_list: first scan only on these
	ScanCurFreq                       int          // scan_cur_freq: 1 = scan only channel in use by another interface
	ScanResValidForConnect            int          // scan_res_valid_for_connect: age limit of results for connecting, s
	SchedScanInterval                 int          // sched_scan_interval: scheduled scan interval, s
	SchedScanStartDelay               int          // sched_scan_start_delay: scheduled scan start delay, s
	TDLSExternalControl               int          // tdls_external_control: TDLS peers chosen by external program
	WoWLANTriggers                    Text         // wowlan_triggers: wake triggers: any disconnect magic_pkt gtk_rekey_failure eap_identity_req four_way_handshake rfkill_release
	P2PSearchDelay                    int          // p2p_search_delay: extra find delay with concurrent use, ms
	MACAddr                           int          // mac_addr: connection MAC: 0 permanent 1 random per ESS 2 random keeping OUI
	RandAddrLifetime                  int          // rand_addr_lifetime: life of random MAC, s
	PreassocMACAddr                   int          // preassoc_mac_addr: MAC before association/scan: 0,1,2 as mac_addr
	KeyMgmtOffload                    int          // key_mgmt_offload: use driver key management offload
	PassiveScan                       int          // passive_scan: 1 = passive scans for connecting
	ReassocSameBSSOptim               int          // reassoc_same_bss_optim: 1 = skip authentication when reassociating to same BSS
	WPSPriority                       int          // wps_priority: priority of WPS-made blocks
	FSTGroupID                        Text         // fst_group_id: FST group
	FSTPriority                       int          // fst_priority: FST priority
	FSTLLT                            int          // fst_llt: FST link-lost timeout, ms
	CertInCB                          bool         // cert_in_cb: 1 = certificate bytes included in events/D-Bus Certification
	WpaRSCRelaxation                  bool         // wpa_rsc_relaxation: use zero RSC when received one looks bogus
	SchedScanPlans                    Text         // sched_scan_plans: "<interval>:<iterations> ... <interval>"
	NonPrefChan                       Text         // non_pref_chan: MBO list "<opclass>:<chan>:<pref>:<reason> ..."
	MBOCellCapa                       int          // mbo_cell_capa: 1 available 2 not available 3 not supported
	DisassocImminentRSSIThreshold     int          // disassoc_imminent_rssi_threshold: candidate RSSI limit, dBm
	OCE                               int          // oce: bit0 STA, bit1 STA-CFON
	GASAddress3                       int          // gas_address3: 1 = wildcard BSSID rule in GAS
	FTMResponder                      bool         // ftm_responder: advertise FTM responder bit
	FTMInitiator                      bool         // ftm_initiator: advertise FTM initiator bit
	TWTRequester                      bool         // twt_requester: advertise TWT requester
	GASRandAddrLifetime               int          // gas_rand_addr_lifetime: life of random MAC for GAS, s
	GASRandMACAddr                    int          // gas_rand_mac_addr: GAS MAC: 0,1,2 as mac_addr
	DPPConfigProcessing               int          // dpp_config_processing: 0 report only; 1 create disabled profile; 2 create and connect
	DPPName                           Text         // dpp_name: name in DPP config request
	DPPMUDURL                         Text         // dpp_mud_url: MUD URL
	DPPExtraConfReqName               Text         // dpp_extra_conf_req_name: extra JSON node name
	DPPExtraConfReqValue              Text         // dpp_extra_conf_req_value: extra JSON node value
	DPPConnectorPrivacyDefault        bool         // dpp_connector_privacy_default: default dpp_connector_privacy
	ColocIntfReporting                bool         // coloc_intf_reporting: collocated interference reporting
	DisableBTM                        bool         // disable_btm: 1 = no BSS transition management
	ExtendedKeyID                     bool         // extended_key_id: use extended key id for PTK
	WoWLANDisconnectOnDeinit          bool         // wowlan_disconnect_on_deinit: disconnect at exit even with WoWLAN
	RSNOverriding                     int          // rsn_overriding: 0 off 1 auto 2 on
	PASNGroups                        []int        // pasn_groups: PASN groups
	ForceKDKDerivation                bool         // force_kdk_derivation: test only
	PASNCorruptMIC                    bool         // pasn_corrupt_mic: test only
	MLDForceSingleLink                bool         // mld_force_single_link: use one link even with MLD AP
	MLDConnectBandPref                int          // mld_connect_band_pref: 0 auto 1 2.4 GHz 2 5 GHz 3 6 GHz (test builds)
	MLDConnectBSSIDPref               *MAC         // mld_connect_bssid_pref: preferred link BSSID (test builds)
	FTPrependPMKID                    bool         // ft_prepend_pmkid: FT: put PMKR1Name before the PMKID list
	WfaGenCapa                        int          // wfa_gen_capa: 0 off 1 protected action frame 2 in association
	WfaGenCapaSupp                    []byte       // wfa_gen_capa_supp: supported generation bits
	DisableOpClasses8080Mhz           bool         // disable_op_classes_80_80_mhz: do not list 80+80 classes
	PrPASNType                        int          // pr_pasn_type: proximity ranging PASN types
	PrPreferredRole                   bool         // pr_preferred_role: 0 initiator 1 responder

	TxQueue [4]TxQueue   // tx_queue_data0..3_*: AP transmit queues VO, VI, BE, BK
	WMM     [4]WMMAccess // wmm_ac_be|bk|vi|vo_*: AP WMM access categories BE, BK, VI, VO
}

package conf

// A Cred is one credential block for Interworking selection. Each member is
// named after its field; the comment gives the name in the file.
type Cred struct {
	ID       int  // the id front ends use; stable for the life of the block
	ReadOnly bool // came from an overlay or an included file: never written back

	Temporary             int              // temporary: 1 = not saved to file
	Priority              int              // priority: higher preferred, shared scale with network priority
	SpPriority            int              // sp_priority: order within one provisioning_sp, 0 best
	PCSC                  int              // pcsc: 1 = use SIM card
	EAP                   EAPMethod        // eap: fixed EAP method
	Password              Password         // password: password
	UpdateIdentifier      int              // update_identifier: Passpoint subscription id
	MinDlBandwidthHome    int              // min_dl_bandwidth_home: min downlink of home AP backhaul
	MinUlBandwidthHome    int              // min_ul_bandwidth_home: min uplink of home AP backhaul
	MinDlBandwidthRoaming int              // min_dl_bandwidth_roaming: min downlink when roaming
	MinUlBandwidthRoaming int              // min_ul_bandwidth_roaming: min uplink when roaming
	MaxBSSLoad            int              // max_bss_load: max channel utilisation of home AP
	ReqConnCapab          []ConnCapability // req_conn_capab: protocol/port that network must allow
	OCSP                  int              // ocsp: OCSP: 0 no 1 try 2 require
	SIMNum                int              // sim_num: SIM slot
	Engine                int              // engine: 1 = key on engine
	Realm                 Text             // realm: home realm
	Username              Text             // username: user name
	CACert                Text             // ca_cert: trusted CA
	ClientCert            Text             // client_cert: client certificate
	PrivateKey            Text             // private_key: private key
	PrivateKeyPasswd      Secret           // private_key_passwd: key password
	EngineID              Text             // engine_id: engine name
	CACertID              Text             // ca_cert_id: CA id on engine
	CertID                Text             // cert_id: certificate id on engine
	KeyID                 Text             // key_id: key id on engine
	IMSI                  Text             // imsi: MCC+MNC, "-", MSIN
	Milenage              Secret           // milenage: Ki:OPc:SQN for simulated SIM
	DomainSuffixMatch     Text             // domain_suffix_match: server name suffix
	Domain                []Text           // domain: home provider FQDN
	Phase1                Text             // phase1: outer EAP options
	Phase2                Text             // phase2: inner EAP options
	HomeOIs               [][]byte         // home_ois: home OIs; any match
	RequiredHomeOIs       [][]byte         // required_home_ois: home OIs that must be present
	RoamingConsortiums    [][]byte         // roaming_consortiums: partner consortium OIs
	ExcludedSSID          []Text           // excluded_ssid: SSID not to use
	RoamingPartner        []RoamingPartner // roaming_partner: roaming partner preference
	ProvisioningSp        Text             // provisioning_sp: FQDN of provider that issued it
	IMSIPrivacyCert       Text             // imsi_privacy_cert: PEM for IMSI encryption
	IMSIPrivacyAttr       Text             // imsi_privacy_attr: attribute sent with encrypted IMSI
}

// NewCred returns a credential with every default and id 0.
func NewCred() *Cred { return defaultCred() }

// Set stores a value in the syntax of the file and reports whether it changed.
// Errors are *ValueError and leave the credential as it was.
func (c *Cred) Set(name, value string) (changed bool, err error) {
	changed, _, err = credTable().set(c, name, value)
	return changed, err
}

// Get returns what GET_CRED answers: bare text, secrets as "*". False when the
// field is unset, unknown or not readable.
func (c *Cred) Get(name string) (string, bool) { return credTable().get(c, name, false) }

package conf

// EAP is the part of a network block that EAP methods read.
type EAP struct {
	Certs        EAPCerts // the outer method: ca_cert, client_cert, ...
	Certs2       EAPCerts // the inner TLS method: ca_cert2, client_cert2, ...
	MachineCerts EAPCerts // the TEAP machine credential: machine_ca_cert, ...

	Methods           []EAPMethod // eap: allowed EAP methods (all when unset)
	Identity          Text        // identity: EAP identity
	AnonymousIdentity Text        // anonymous_identity: outer identity; also stored SIM pseudonym
	IMSIIdentity      Text        // imsi_identity: IMSI identity
	MachineIdentity   Text        // machine_identity: TEAP machine identity
	Password          Password    // password: EAP password / NT hash / key for shared key methods
	MachinePassword   Password    // machine_password: TEAP machine password
	Phase1            Text        // phase1: outer method options, space separated key=value (see eap.tsv)
	Phase2            Text        // phase2: inner method options: auth=, autheap= ... (see eap.tsv)
	MachinePhase2     Text        // machine_phase2: inner options for machine credential
	PCSC              Text        // pcsc: any value = use PC/SC SIM reader
	SIMNum            int         // sim_num: SIM slot number
	IMSIPrivacyCert   Text        // imsi_privacy_cert: PEM for IMSI encryption
	IMSIPrivacyAttr   Text        // imsi_privacy_attr: name=value sent with encrypted IMSI
	OpenSSLCiphers    Text        // openssl_ciphers: TLS cipher list for this block
	ERP               int         // erp: 1 = EAP re-authentication protocol
	EAPWorkaround     int         // eap_workaround: EAP server workarounds (0 strict)
	PACFile           Text        // pac_file: EAP-FAST PAC file or blob://
	FragmentSize      int         // fragment_size: EAP fragment limit, bytes
}

// EAPCerts is one set of TLS credentials and server checks.
type EAPCerts struct {
	CACert            Text   // ca_cert: trusted CA file (PEM/DER), blob://name, hash://server/sha256/<hex>, probe://, keystore(s)://, pkcs11:
	CAPath            Text   // ca_path: directory of CA certificates
	ClientCert        Text   // client_cert: client certificate file, blob:// or pkcs11:
	PrivateKey        Text   // private_key: private key or PKCS#12 file, blob:// or pkcs11:
	PrivateKeyPasswd  Secret // private_key_passwd: key password
	SubjectMatch      Text   // subject_match: substring of server subject
	CheckCertSubject  Text   // check_cert_subject: server DN fields, in order, * wildcard at end
	AltSubjectMatch   Text   // altsubject_match: list TYPE:value; TYPE in EMAIL DNS URI; ; separated, any matches
	DomainSuffixMatch Text   // domain_suffix_match: server name suffix list, ; separated
	DomainMatch       Text   // domain_match: server full name list, ; separated
	PIN               Secret // pin: PIN of smartcard/SIM
	EngineID          Text   // engine_id: crypto engine name (pkcs11, opensc)
	KeyID             Text   // key_id: key id on engine
	CertID            Text   // cert_id: certificate id on engine
	CACertID          Text   // ca_cert_id: CA id on engine
	Engine            int    // engine: 1 = private key on engine
	OCSP              int    // ocsp: OCSP stapling: 0 no 1 try 2 require 3 require for whole chain
}

package conf

// eapRows are the rows of the network table that concern EAP.
var eapRows = []row[Network]{
	{"eap", func(n string) field[Network] {
		return eapMethods(n, func(n *Network) *[]EAPMethod { return &n.EAP.Methods }, unquoted())
	}},
	{"identity", func(n string) field[Network] { return text(n, func(n *Network) *Text { return &n.EAP.Identity }) }},
	{"anonymous_identity", func(n string) field[Network] {
		return text(n, func(n *Network) *Text { return &n.EAP.AnonymousIdentity })
	}},
	{"imsi_identity", func(n string) field[Network] { return text(n, func(n *Network) *Text { return &n.EAP.IMSIIdentity }) }},
	{"machine_identity", func(n string) field[Network] {
		return text(n, func(n *Network) *Text { return &n.EAP.MachineIdentity })
	}},
	{"password", func(n string) field[Network] {
		return password(n, func(n *Network) *Password { return &n.EAP.Password }, secret())
	}},
	{"machine_password", func(n string) field[Network] {
		return password(n, func(n *Network) *Password { return &n.EAP.MachinePassword }, secret())
	}},
	{"ca_cert", func(n string) field[Network] { return text(n, func(n *Network) *Text { return &n.EAP.Certs.CACert }) }},
	{"ca_path", func(n string) field[Network] { return text(n, func(n *Network) *Text { return &n.EAP.Certs.CAPath }) }},
	{"client_cert", func(n string) field[Network] {
		return text(n, func(n *Network) *Text { return &n.EAP.Certs.ClientCert })
	}},
	{"private_key", func(n string) field[Network] {
		return text(n, func(n *Network) *Text { return &n.EAP.Certs.PrivateKey })
	}},
	{"private_key_passwd", func(n string) field[Network] {
		return hidden(n, func(n *Network) *Secret { return &n.EAP.Certs.PrivateKeyPasswd }, secret())
	}},
	{"subject_match", func(n string) field[Network] {
		return text(n, func(n *Network) *Text { return &n.EAP.Certs.SubjectMatch })
	}},
	{"check_cert_subject", func(n string) field[Network] {
		return text(n, func(n *Network) *Text { return &n.EAP.Certs.CheckCertSubject })
	}},
	{"altsubject_match", func(n string) field[Network] {
		return text(n, func(n *Network) *Text { return &n.EAP.Certs.AltSubjectMatch })
	}},
	{"domain_suffix_match", func(n string) field[Network] {
		return text(n, func(n *Network) *Text { return &n.EAP.Certs.DomainSuffixMatch })
	}},
	{"domain_match", func(n string) field[Network] {
		return text(n, func(n *Network) *Text { return &n.EAP.Certs.DomainMatch })
	}},
	{"ca_cert2", func(n string) field[Network] { return text(n, func(n *Network) *Text { return &n.EAP.Certs2.CACert }) }},
	{"ca_path2", func(n string) field[Network] { return text(n, func(n *Network) *Text { return &n.EAP.Certs2.CAPath }) }},
	{"client_cert2", func(n string) field[Network] {
		return text(n, func(n *Network) *Text { return &n.EAP.Certs2.ClientCert })
	}},
	{"private_key2", func(n string) field[Network] {
		return text(n, func(n *Network) *Text { return &n.EAP.Certs2.PrivateKey })
	}},
	{"private_key2_passwd", func(n string) field[Network] {
		return hidden(n, func(n *Network) *Secret { return &n.EAP.Certs2.PrivateKeyPasswd }, secret())
	}},
	{"subject_match2", func(n string) field[Network] {
		return text(n, func(n *Network) *Text { return &n.EAP.Certs2.SubjectMatch })
	}},
	{"check_cert_subject2", func(n string) field[Network] {
		return text(n, func(n *Network) *Text { return &n.EAP.Certs2.CheckCertSubject })
	}},
	{"altsubject_match2", func(n string) field[Network] {
		return text(n, func(n *Network) *Text { return &n.EAP.Certs2.AltSubjectMatch })
	}},
	{"domain_suffix_match2", func(n string) field[Network] {
		return text(n, func(n *Network) *Text { return &n.EAP.Certs2.DomainSuffixMatch })
	}},
	{"domain_match2", func(n string) field[Network] {
		return text(n, func(n *Network) *Text { return &n.EAP.Certs2.DomainMatch })
	}},
	{"phase1", func(n string) field[Network] { return text(n, func(n *Network) *Text { return &n.EAP.Phase1 }) }},
	{"phase2", func(n string) field[Network] { return text(n, func(n *Network) *Text { return &n.EAP.Phase2 }) }},
	{"machine_phase2", func(n string) field[Network] { return text(n, func(n *Network) *Text { return &n.EAP.MachinePhase2 }) }},
	{"pcsc", func(n string) field[Network] { return text(n, func(n *Network) *Text { return &n.EAP.PCSC }) }},
	{"pin", func(n string) field[Network] {
		return hidden(n, func(n *Network) *Secret { return &n.EAP.Certs.PIN }, secret())
	}},
	{"engine_id", func(n string) field[Network] { return text(n, func(n *Network) *Text { return &n.EAP.Certs.EngineID }) }},
	{"key_id", func(n string) field[Network] { return text(n, func(n *Network) *Text { return &n.EAP.Certs.KeyID }) }},
	{"cert_id", func(n string) field[Network] { return text(n, func(n *Network) *Text { return &n.EAP.Certs.CertID }) }},
	{"ca_cert_id", func(n string) field[Network] { return text(n, func(n *Network) *Text { return &n.EAP.Certs.CACertID }) }},
	{"pin2", func(n string) field[Network] {
		return hidden(n, func(n *Network) *Secret { return &n.EAP.Certs2.PIN }, secret())
	}},
	{"engine_id2", func(n string) field[Network] {
		return text(n, func(n *Network) *Text { return &n.EAP.Certs2.EngineID }, unsaved())
	}},
	{"key_id2", func(n string) field[Network] {
		return text(n, func(n *Network) *Text { return &n.EAP.Certs2.KeyID }, unsaved())
	}},
	{"cert_id2", func(n string) field[Network] {
		return text(n, func(n *Network) *Text { return &n.EAP.Certs2.CertID }, unsaved())
	}},
	{"ca_cert_id2", func(n string) field[Network] {
		return text(n, func(n *Network) *Text { return &n.EAP.Certs2.CACertID }, unsaved())
	}},
	{"engine", func(n string) field[Network] { return num(n, func(n *Network) *int { return &n.EAP.Certs.Engine }) }},
	{"engine2", func(n string) field[Network] { return num(n, func(n *Network) *int { return &n.EAP.Certs2.Engine }) }},
	{"machine_ca_cert", func(n string) field[Network] {
		return text(n, func(n *Network) *Text { return &n.EAP.MachineCerts.CACert })
	}},
	{"machine_ca_path", func(n string) field[Network] {
		return text(n, func(n *Network) *Text { return &n.EAP.MachineCerts.CAPath })
	}},
	{"machine_client_cert", func(n string) field[Network] {
		return text(n, func(n *Network) *Text { return &n.EAP.MachineCerts.ClientCert })
	}},
	{"machine_private_key", func(n string) field[Network] {
		return text(n, func(n *Network) *Text { return &n.EAP.MachineCerts.PrivateKey })
	}},
	{"machine_private_key_passwd", func(n string) field[Network] {
		return hidden(n, func(n *Network) *Secret { return &n.EAP.MachineCerts.PrivateKeyPasswd }, secret())
	}},
	{"machine_subject_match", func(n string) field[Network] {
		return text(n, func(n *Network) *Text { return &n.EAP.MachineCerts.SubjectMatch })
	}},
	{"machine_check_cert_subject", func(n string) field[Network] {
		return text(n, func(n *Network) *Text { return &n.EAP.MachineCerts.CheckCertSubject })
	}},
	{"machine_altsubject_match", func(n string) field[Network] {
		return text(n, func(n *Network) *Text { return &n.EAP.MachineCerts.AltSubjectMatch })
	}},
	{"machine_domain_suffix_match", func(n string) field[Network] {
		return text(n, func(n *Network) *Text { return &n.EAP.MachineCerts.DomainSuffixMatch })
	}},
	{"machine_domain_match", func(n string) field[Network] {
		return text(n, func(n *Network) *Text { return &n.EAP.MachineCerts.DomainMatch })
	}},
	{"machine_pin", func(n string) field[Network] {
		return hidden(n, func(n *Network) *Secret { return &n.EAP.MachineCerts.PIN }, secret(), unsaved())
	}},
	{"machine_engine_id", func(n string) field[Network] {
		return text(n, func(n *Network) *Text { return &n.EAP.MachineCerts.EngineID }, unsaved())
	}},
	{"machine_key_id", func(n string) field[Network] {
		return text(n, func(n *Network) *Text { return &n.EAP.MachineCerts.KeyID }, unsaved())
	}},
	{"machine_cert_id", func(n string) field[Network] {
		return text(n, func(n *Network) *Text { return &n.EAP.MachineCerts.CertID }, unsaved())
	}},
	{"machine_ca_cert_id", func(n string) field[Network] {
		return text(n, func(n *Network) *Text { return &n.EAP.MachineCerts.CACertID }, unsaved())
	}},
	{"machine_engine", func(n string) field[Network] {
		return num(n, func(n *Network) *int { return &n.EAP.MachineCerts.Engine })
	}},
	{"machine_ocsp", func(n string) field[Network] {
		return num(n, func(n *Network) *int { return &n.EAP.MachineCerts.OCSP })
	}},
	{"sim_num", func(n string) field[Network] { return num(n, func(n *Network) *int { return &n.EAP.SIMNum }) }},
	{"imsi_privacy_cert", func(n string) field[Network] {
		return text(n, func(n *Network) *Text { return &n.EAP.IMSIPrivacyCert }, unsaved())
	}},
	{"imsi_privacy_attr", func(n string) field[Network] {
		return text(n, func(n *Network) *Text { return &n.EAP.IMSIPrivacyAttr }, unsaved())
	}},
	{"openssl_ciphers", func(n string) field[Network] { return text(n, func(n *Network) *Text { return &n.EAP.OpenSSLCiphers }) }},
	{"erp", func(n string) field[Network] { return num(n, func(n *Network) *int { return &n.EAP.ERP }) }},
	{"eap_workaround", func(n string) field[Network] { return num(n, func(n *Network) *int { return &n.EAP.EAPWorkaround }) }},
	{"pac_file", func(n string) field[Network] { return text(n, func(n *Network) *Text { return &n.EAP.PACFile }) }},
	{"fragment_size", func(n string) field[Network] { return num(n, func(n *Network) *int { return &n.EAP.FragmentSize }) }},
	{"ocsp", func(n string) field[Network] { return num(n, func(n *Network) *int { return &n.EAP.Certs.OCSP }) }},
	{"ocsp2", func(n string) field[Network] { return num(n, func(n *Network) *int { return &n.EAP.Certs2.OCSP }) }},
}

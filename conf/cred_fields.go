package conf

// credRows are the rows of the credential table.
var credRows = []row[Cred]{
	{"temporary", func(n string) field[Cred] { return decimal(n, func(c *Cred) *int { return &c.Temporary }, unsaved()) }},
	{"priority", func(n string) field[Cred] { return decimal(n, func(c *Cred) *int { return &c.Priority }) }},
	{"sp_priority", func(n string) field[Cred] {
		return decimal(n, func(c *Cred) *int { return &c.SpPriority }, within(0, 255))
	}},
	{"pcsc", func(n string) field[Cred] { return decimal(n, func(c *Cred) *int { return &c.PCSC }) }},
	{"eap", func(n string) field[Cred] { return eapMethod(n, func(c *Cred) *EAPMethod { return &c.EAP }) }},
	{"password", func(n string) field[Cred] {
		return credPassword(n, func(c *Cred) *Password { return &c.Password }, secret())
	}},
	{"update_identifier", func(n string) field[Cred] { return decimal(n, func(c *Cred) *int { return &c.UpdateIdentifier }) }},
	{"min_dl_bandwidth_home", func(n string) field[Cred] { return decimal(n, func(c *Cred) *int { return &c.MinDlBandwidthHome }) }},
	{"min_ul_bandwidth_home", func(n string) field[Cred] { return decimal(n, func(c *Cred) *int { return &c.MinUlBandwidthHome }) }},
	{"min_dl_bandwidth_roaming", func(n string) field[Cred] { return decimal(n, func(c *Cred) *int { return &c.MinDlBandwidthRoaming }) }},
	{"min_ul_bandwidth_roaming", func(n string) field[Cred] { return decimal(n, func(c *Cred) *int { return &c.MinUlBandwidthRoaming }) }},
	{"max_bss_load", func(n string) field[Cred] {
		return decimal(n, func(c *Cred) *int { return &c.MaxBSSLoad }, within(1, 255))
	}},
	{"req_conn_capab", func(n string) field[Cred] {
		return connCapabilities(n, func(c *Cred) *[]ConnCapability { return &c.ReqConnCapab })
	}},
	{"ocsp", func(n string) field[Cred] { return decimal(n, func(c *Cred) *int { return &c.OCSP }, within(0, 2)) }},
	{"sim_num", func(n string) field[Cred] { return decimal(n, func(c *Cred) *int { return &c.SIMNum }, noGet()) }},
	{"engine", func(n string) field[Cred] { return decimal(n, func(c *Cred) *int { return &c.Engine }, noGet()) }},
	{"realm", func(n string) field[Cred] { return credText(n, func(c *Cred) *Text { return &c.Realm }) }},
	{"username", func(n string) field[Cred] { return credText(n, func(c *Cred) *Text { return &c.Username }) }},
	{"ca_cert", func(n string) field[Cred] { return credText(n, func(c *Cred) *Text { return &c.CACert }) }},
	{"client_cert", func(n string) field[Cred] { return credText(n, func(c *Cred) *Text { return &c.ClientCert }) }},
	{"private_key", func(n string) field[Cred] { return credText(n, func(c *Cred) *Text { return &c.PrivateKey }) }},
	{"private_key_passwd", func(n string) field[Cred] {
		return credSecret(n, func(c *Cred) *Secret { return &c.PrivateKeyPasswd }, secret())
	}},
	{"engine_id", func(n string) field[Cred] { return credText(n, func(c *Cred) *Text { return &c.EngineID }, noGet()) }},
	{"ca_cert_id", func(n string) field[Cred] { return credText(n, func(c *Cred) *Text { return &c.CACertID }, noGet()) }},
	{"cert_id", func(n string) field[Cred] { return credText(n, func(c *Cred) *Text { return &c.CertID }, noGet()) }},
	{"key_id", func(n string) field[Cred] { return credText(n, func(c *Cred) *Text { return &c.KeyID }, noGet()) }},
	{"imsi", func(n string) field[Cred] { return credText(n, func(c *Cred) *Text { return &c.IMSI }) }},
	{"milenage", func(n string) field[Cred] {
		return credSecret(n, func(c *Cred) *Secret { return &c.Milenage }, secret())
	}},
	{"domain_suffix_match", func(n string) field[Cred] { return credText(n, func(c *Cred) *Text { return &c.DomainSuffixMatch }) }},
	{"domain", func(n string) field[Cred] { return domains(n, func(c *Cred) *[]Text { return &c.Domain }) }},
	{"phase1", func(n string) field[Cred] { return credText(n, func(c *Cred) *Text { return &c.Phase1 }) }},
	{"phase2", func(n string) field[Cred] { return credText(n, func(c *Cred) *Text { return &c.Phase2 }) }},
	{"roaming_consortium", func(n string) field[Cred] { return oneOI(n, func(c *Cred) *[][]byte { return &c.HomeOIs }, unsaved()) }},
	{"required_roaming_consortium", func(n string) field[Cred] {
		return oneOI(n, func(c *Cred) *[][]byte { return &c.RequiredHomeOIs }, unsaved())
	}},
	{"home_ois", func(n string) field[Cred] { return ois(n, func(c *Cred) *[][]byte { return &c.HomeOIs }) }},
	{"required_home_ois", func(n string) field[Cred] { return ois(n, func(c *Cred) *[][]byte { return &c.RequiredHomeOIs }) }},
	{"roaming_consortiums", func(n string) field[Cred] { return ois(n, func(c *Cred) *[][]byte { return &c.RoamingConsortiums }) }},
	{"excluded_ssid", func(n string) field[Cred] { return excludedSSIDs(n, func(c *Cred) *[]Text { return &c.ExcludedSSID }) }},
	{"roaming_partner", func(n string) field[Cred] {
		return roamingPartners(n, func(c *Cred) *[]RoamingPartner { return &c.RoamingPartner })
	}},
	{"provisioning_sp", func(n string) field[Cred] { return credText(n, func(c *Cred) *Text { return &c.ProvisioningSp }) }},
	{"imsi_privacy_cert", func(n string) field[Cred] { return credText(n, func(c *Cred) *Text { return &c.IMSIPrivacyCert }) }},
	{"imsi_privacy_attr", func(n string) field[Cred] { return credText(n, func(c *Cred) *Text { return &c.IMSIPrivacyAttr }) }},
}

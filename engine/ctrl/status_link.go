package ctrl

import (
	"fmt"

	"gosupplicant/engine"
	"gosupplicant/engine/dot11"
)

// statusLink shows the association.
func (r *request) statusLink(l *list) {
	i := r.iface
	k := i.Link()
	if k == nil {
		return
	}
	l.add(fmt.Sprintf("bssid=%v\nfreq=%d\n", k.BSSID, k.Freq))
	ssid := []byte(k.Network.SSID) // upstream's choice: the other half of an OWE pair has another name
	if len(ssid) == 0 {
		ssid = k.SSID
	}
	l.add(fmt.Sprintf("ssid=%s\nid=%d\n", dot11.EscapeText(ssid), k.Network.ID))
	if k.Network.IDStr.IsSet() {
		l.add(fmt.Sprintf("id_str=%s\n", printable(k.Network.IDStr.String())))
	}
	l.add("mode=station\n")
	if p, ok := phyOf(k); ok {
		if p.generation > 0 {
			l.add(fmt.Sprintf("wifi_generation=%d\n", p.generation))
		}
		l.add(fmt.Sprintf("max_nss_rx=%d\nmax_nss_tx=%d\nchannel_width=%d\n", p.rx, p.tx, p.width))
	}
	r.statusSecurity(l, k)
}

// statusSecurity shows how the association is protected.
func (r *request) statusSecurity(l *list, k *engine.LinkInfo) {
	s := k.Security
	if s == nil {
		l.add("pairwise_cipher=NONE\ngroup_cipher=NONE\n")
		akm := dot11.AKMNone
		if r.iface.EAPStatus(false) != nil {
			akm = dot11.AKMIEEE8021X // a cable, or an access point without WPA
		}
		l.add(fmt.Sprintf("key_mgmt=%s\n", akm.StatusName(0)))
		return
	}
	l.add(fmt.Sprintf("pairwise_cipher=%v\ngroup_cipher=%v\nkey_mgmt=%s\n", s.Pairwise, s.Group, s.AKM.StatusName(s.Proto)))
	if s.PMF {
		l.add(fmt.Sprintf("pmf=%d\nmgmt_group_cipher=%v\n", 1+digit(k.PMFMust), s.MgmtGroup))
	}
	if k.SAEGroup != 0 {
		l.add(fmt.Sprintf("sae_group=%d\nsae_h2e=%d\nsae_pk=%d\n", k.SAEGroup, digit(s.H2E), digit(k.SAEPK)))
	}
}

// statusTail are the lines behind uuid that tell of the association.
func (r *request) statusTail(l *list) {
	k := r.iface.Link()
	if k == nil || r.iface.State() < engine.StateAssociated {
		return
	}
	vht := dot11.Elements(k.ReqIEs).Has(dot11.ElementVHTCapabilities) && dot11.Elements(k.RespIEs).Has(dot11.ElementVHTCapabilities)
	if vht {
		l.add("ieee80211ac=1\n")
	}
	if k.Security != nil && k.Security.SSIDProtection && !k.Since.IsZero() {
		l.add("ssid_verified=1\n") // else the handshake had failed
	}
	if k.BIGTK {
		l.add("bigtk_set=1\n")
	}
}

// mib shows the variables of RSN and 802.1X.
func (r *request) mib() string {
	g := &r.iface.Config().Globals
	l := r.list()
	k := r.iface.Link()
	m := mibOf(k)
	eap := r.iface.EAPMIB()
	if eap != nil && k.Security == nil { // a cable
		m.pairwise, m.group = noCipher, noCipher
	}
	l.add(fmt.Sprintf("dot11RSNAOptionImplemented=TRUE\ndot11RSNAPreauthenticationImplemented=TRUE\n"+
		"dot11RSNAEnabled=%[1]s\ndot11RSNAPreauthenticationEnabled=%[1]s\n"+
		"dot11RSNAConfigVersion=1\ndot11RSNAConfigPairwiseKeysSupported=5\ndot11RSNAConfigGroupCipherSize=%[2]d\n", m.enabled, m.groupBits))
	l.add(fmt.Sprintf("dot11RSNAConfigPMKLifetime=%d\ndot11RSNAConfigPMKReauthThreshold=%d\n"+
		"dot11RSNAConfigNumberOfPTKSAReplayCounters=1\ndot11RSNAConfigSATimeout=%d\n",
		orDefault(g.Dot11RSNAConfigPMKLifetime, 43200), orDefault(g.Dot11RSNAConfigPMKReauthThreshold, 70), orDefault(g.Dot11RSNAConfigSATimeout, 60)))
	for _, which := range []string{"Selected", "Requested"} {
		l.add(fmt.Sprintf("dot11RSNAAuthenticationSuite%[1]s=%[2]s\ndot11RSNAPairwiseCipher%[1]s=%[3]s\ndot11RSNAGroupCipher%[1]s=%[4]s\n",
			which, m.akm, m.pairwise, m.group))
		if which == "Selected" {
			l.add(fmt.Sprintf("dot11RSNAPMKIDUsed=%s\n", m.pmkid))
		}
	}
	l.add(fmt.Sprintf("dot11RSNAConfigNumberOfGTKSAReplayCounters=0\ndot11RSNA4WayHandshakeFailures=%d\n", r.iface.HandshakeFailures()))
	if eap != nil {
		addEAP(l, eap)
	} else {
		mibNoEAP(l, paeOf(r.iface.Interface, k))
	}
	return l.String()
}

// mibNoEAP shows the variables of 802.1X where no EAP frame is sent or taken.
func mibNoEAP(l *list, pae paeValues) {
	l.add(fmt.Sprintf("dot1xSuppPaeState=%d\ndot1xSuppHeldPeriod=60\ndot1xSuppAuthPeriod=30\ndot1xSuppStartPeriod=30\n"+
		"dot1xSuppMaxStart=3\ndot1xSuppSuppControlledPortStatus=%s\ndot1xSuppBackendPaeState=%d\n", pae.state, pae.port, pae.backend))
	for _, name := range []string{"EapolFramesRx", "EapolFramesTx", "EapolStartFramesTx", "EapolLogoffFramesTx", "EapolRespFramesTx",
		"EapolReqIdFramesRx", "EapolReqFramesRx", "InvalidEapolFramesRx", "EapLengthErrorFramesRx", "LastEapolFrameVersion"} {
		l.add("dot1xSupp" + name + "=0\n")
	}
	l.add("dot1xSuppLastEapolFrameSource=00:00:00:00:00:00\n")
}

// mibValues are the RSN variables that an association has.
type mibValues struct {
	enabled                     string
	groupBits                   int
	akm, pairwise, group, pmkid string
}

// Suites of none, and of a cable.
const (
	noSuite  = "00-00-00-0"
	noCipher = "00-50-f2-0"
)

func mibOf(k *engine.LinkInfo) mibValues {
	m := mibValues{enabled: "FALSE", akm: noSuite, pairwise: noSuite, group: noSuite}
	if k == nil || k.Security == nil {
		return m
	}
	s := k.Security
	akm, _ := s.AKM.RSNSuite()
	pairwise, _ := s.Pairwise.RSNSuite()
	group, _ := s.Group.RSNSuite()
	if s.Proto == dot11.ProtoWPA {
		akm, _ = s.AKM.WPASuite()
		pairwise, _ = s.Pairwise.WPASuite()
		group, _ = s.Group.WPASuite()
	} else if dot11.AKMSetPSK.Has(s.AKM) || s.AKM.IsSAE() || dot11.AKMSetEAP.Has(s.AKM) {
		m.enabled = "TRUE"
	}
	m.akm, m.pairwise, m.group = suiteText(akm), suiteText(pairwise), suiteText(group)
	m.groupBits = 8 * s.Group.KeyLen()
	if k.PMKID != nil {
		m.pmkid = fmt.Sprintf("%x", k.PMKID[:])
	}
	return m
}

// suiteText writes a selector as the MIB does.
func suiteText(s dot11.Suite) string {
	return fmt.Sprintf("%02x-%02x-%02x-%d", byte(s>>24), byte(s>>16), byte(s>>8), byte(s))
}

// paeValues are the 802.1X variables: of the supplicant port access entity
// (IEEE 802.1X-2004, 8.2.11), which a network without EAP only passes through.
type paeValues struct {
	state   int
	port    string
	backend int
}

func paeOf(i *engine.Interface, k *engine.LinkInfo) paeValues {
	switch {
	case k == nil || i.State() != engine.StateCompleted:
		return paeValues{1, "Unauthorized", 1}
	case k.Security == nil:
		return paeValues{9, "Authorized", 1} // the port is forced open
	}
	return paeValues{5, "Authorized", 2}
}

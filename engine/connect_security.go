package engine

import (
	"errors"
	"fmt"
	"time"

	"gosupplicant/conf"
	"gosupplicant/drivers"
	"gosupplicant/engine/bss"
	"gosupplicant/engine/dot11"
	"gosupplicant/engine/keys"
	"gosupplicant/engine/rsn"
	"gosupplicant/engine/sae"
)

// security is how an attempt protects itself: what rsn.Choose found, the
// elements made from it, and the key.
type security struct {
	rsn.Selection
	element, rsnxe []byte // of the association request, whole
	PMF            drivers.PMFUse
	pmk            keys.Secret // nil until SAE or OWE has made it
	pmkid          *keys.PMKID
	cached         bool
	opportunistic  bool      // cached, but made with another access point
	expires        time.Time // of the opportunistic key
	reauth         time.Time // likewise
}

// String tells the way of protection, for records and logs.
func (s *security) String() string {
	if s == nil {
		return "no encryption"
	}
	text := fmt.Sprintf("%v with %v/%v", s.AKM, s.Pairwise, s.Group)
	if s.AKM.IsSAE() && s.H2E {
		text += ", hash-to-element"
	}
	if s.Selection.PMF {
		text += ", PMF"
	}
	if s.cached {
		text += ", cached key"
	}
	return text
}

// joinable are the AKMs that this version can join with.
var joinable = dot11.AKMs(dot11.AKMPSK, dot11.AKMPSKSHA256, dot11.AKMSAE, dot11.AKMSAEExtKey, dot11.AKMOWE,
	dot11.AKMEAP, dot11.AKMEAPSHA256, dot11.AKMSuiteB, dot11.AKMSuiteB192, dot11.AKMEAPSHA384)

// wishesOf turns a network block into what rsn.Choose asks for.
func wishesOf(n *conf.Network, g *conf.Globals) *rsn.Wishes {
	// The spellings come from conf's own tables and are all known to dot11.
	akms, _ := dot11.ParseAKMs(n.KeyMgmt.String())
	pairwise, _ := dot11.ParseCiphers(n.Pairwise.String())
	group, _ := dot11.ParseCiphers(n.Group.String())
	mgmt, _ := dot11.ParseCiphers(n.GroupMgmt.String())
	want, _ := pmf(n, g)
	w := &rsn.Wishes{
		AKMs: akms, Pairwise: pairwise, Group: group, MgmtGroup: mgmt, PMF: rsn.PMF(want),
		HavePSK:         n.PSK.IsSet(),
		HaveSAEPassword: n.SAEPassword.IsSet() || n.PSK.Passphrase.IsSet() || n.PSK.External != "",
		SAENeedsPMF:     g.SAECheckMFP,
		SAEH2E:          saePWE(n, g) != sae3Loop,
		OCV:             n.OCV, BeaconProtection: n.BeaconProt, ExtKeyID: g.ExtendedKeyID, SSIDProtection: n.SSIDProtection,
		TransitionDisabled: transitionDisabled(n.TransitionDisable),
	}
	if n.Proto&conf.ProtoRSN != 0 {
		w.Protos |= dot11.ProtoRSN
	}
	if n.Proto&conf.ProtoWPA != 0 {
		w.Protos |= dot11.ProtoWPA
	}
	return w
}

// sae3Loop is the value of sae_pwe that forces hunting-and-pecking.
const sae3Loop = 3

// saePWE is sae_pwe of the network, or the global one (value 4).
func saePWE(n *conf.Network, g *conf.Globals) int {
	if n.SAEPWE == 4 {
		return g.SAEPWE
	}
	return n.SAEPWE
}

// transitionDisabled turns the network field (1 personal, 2 SAE-PK, 4
// enterprise, 8 OWE) into the bits of the key data element.
func transitionDisabled(v int) uint8 { return uint8(v) & 0x0f }

// applyTransitionDisable keeps what the AP asked for in the block.
func applyTransitionDisable(n *conf.Network, bitmap uint8) bool {
	want := n.TransitionDisable | int(bitmap&0x0f)
	if want == n.TransitionDisable {
		return false
	}
	n.TransitionDisable = want
	return true
}

// offerOf is what a BSS announces. The errors of malformed elements come back.
func offerOf(b *bss.BSS) (o rsn.Offer, err error) {
	rsne, rerr := b.RSN()
	wpa, werr := b.WPA()
	o.RSNE, o.WPA = rsne, wpa
	if rerr != nil {
		o.RSNE = nil
		err = fmt.Errorf("RSN element is malformed: %w", rerr)
	} else if werr != nil {
		o.WPA = nil
		err = fmt.Errorf("WPA element is malformed: %w", werr)
	}
	if body, ok := b.IEs.Find(dot11.ElementRSNX); ok {
		if x, xerr := dot11.ParseRSNXE(body); xerr == nil {
			o.RSNXE = x
		}
	}
	o.MobilityDomain = b.IEs.Has(dot11.ElementMobilityDomain)
	o.BeaconProtection = extendedCapability(b.IEs, extCapBeaconProtection)
	return o, err
}

// extCapBeaconProtection is the bit in Extended Capabilities (9.4.2.25).
const extCapBeaconProtection = 84

func extendedCapability(es dot11.Elements, bit int) bool {
	body, ok := es.Find(dot11.ElementExtendedCapabilities)
	return ok && bit/8 < len(body) && body[bit/8]>>(bit%8)&1 != 0
}

// deviceOf is what the own device can.
func deviceOf(c *drivers.Capability) *rsn.Device {
	d := &rsn.Device{SAE: c.SAE, OCV: c.OperatingChannelValidation, ExtKeyID: c.ExtendedKeyID, BeaconProtection: c.BeaconProtection}
	for _, s := range c.Ciphers {
		if x := dot11.CipherOf(dot11.Suite(s)); x != dot11.CipherUnknown {
			d.Ciphers |= dot11.Ciphers(x)
			d.PMF = d.PMF || x.IsMgmtGroup()
		}
	}
	if len(c.Ciphers) == 0 {
		d.Ciphers = coarseCiphers(c.Enc)
	}
	for _, s := range c.AKMs {
		if x := dot11.AKMOf(dot11.Suite(s)); x != dot11.AKMUnknown {
			d.AKMs |= dot11.AKMs(x)
		}
	}
	return d
}

// coarseCiphers are the ciphers of a driver that knows no selectors; one that
// tells nothing is believed able.
func coarseCiphers(enc drivers.EncCapability) (set dot11.CipherSet) {
	if enc == 0 || enc&drivers.EncCCMP != 0 {
		set |= dot11.Ciphers(dot11.CipherCCMP)
	}
	if enc == 0 || enc&drivers.EncTKIP != 0 {
		set |= dot11.Ciphers(dot11.CipherTKIP)
	}
	return set
}

// chooseSecurity settles how an attempt protects itself; nil is an open network.
func (i *Interface) chooseSecurity(a *attempt) (*security, error) {
	b, n := a.c.bss, a.c.network
	offer, err := offerOf(b)
	w := wishesFor(wishesOf(n, &i.conf.Globals), n, &i.conf.Globals, &offer)
	if offer.RSNE == nil && offer.WPA == nil {
		// Asked again here: the BSS may come from a command, or have changed since it
		// was chosen.
		if why := rejectPlain(b, n, w.AKMs); err == nil && why != "" {
			err = errors.New(why)
		}
		return nil, err
	}
	w.AKMs &= joinable
	sel, err := i.chooseSelection(a, w, offer)
	if err != nil {
		return nil, err
	}
	s := &security{Selection: *sel}
	switch {
	case sel.PMFRequired:
		s.PMF = drivers.PMFRequired
	case sel.PMF:
		s.PMF = drivers.PMFOptional
	}
	var ids []keys.PMKID
	if e := i.cachedPMK(a, s); e != nil {
		a.pmksa = e
		s.useCached(e)
		ids = append(ids, e.PMKID)
	} else if dot11.AKMSetPSK.Has(sel.AKM) {
		// What is not there yet is derived while the first frames are exchanged.
		if s.pmk, err = i.conn.psks.ready(n, a.c.ssid); err != nil {
			return nil, err
		}
		if s.pmk == nil {
			i.preparePSK(n, a.c.ssid, nil)
		}
	}
	s.element, s.rsnxe = sel.Element(ids...), i.tamper.rsnxe(sel.RSNXE())
	return s, nil
}

// useCached takes the key of a cached PMKSA.
func (s *security) useCached(e *rsn.PMKSA) {
	s.pmk, s.pmkid, s.cached = e.PMK.Clone(), &e.PMKID, true
	s.opportunistic, s.expires, s.reauth = e.Opportunistic, e.Expires, e.Reauth
}

// cachedPMK finds a PMK that this AP still knows, for AKMs that make one in an
// exchange of their own.
func (i *Interface) cachedPMK(a *attempt, s *security) *rsn.PMKSA {
	if dot11.AKMSetPSK.Has(s.AKM) {
		return nil
	}
	now := i.loop.Now()
	q := rsn.Query{Network: a.c.network.ID, OnlyNetwork: true, AKM: s.AKM, AA: a.c.bss.BSSID, SPA: i.link.MAC}
	if e := i.conn.cache.Find(now, q); e != nil {
		return e
	}
	if a.c.network.ProactiveKeyCaching == 1 || a.c.network.ProactiveKeyCaching < 0 && i.conf.Globals.OKC != 0 {
		return i.conn.cache.Opportunistic(now, a.c.network.ID, s.AKM, a.c.bss.BSSID, i.link.MAC)
	}
	return nil
}

// fill puts the security into an association request.
func (s *security) fill(p *drivers.AssocParams, capa *drivers.Capability) {
	p.IEs = append(append(p.IEs, s.element...), s.rsnxe...)
	p.PMF = s.PMF
	c := drivers.Crypto{Privacy: true, ControlPort: true, ControlPortOverNetlink: capa.ControlPort, Versions: drivers.WPAVersion2}
	selector := func(x dot11.Cipher) uint32 {
		suite, _ := x.RSNSuite() // zero where the cipher has none
		return uint32(suite)
	}
	akm, _ := s.AKM.RSNSuite()
	switch {
	case s.Proto == dot11.ProtoWPA:
		c.Versions = drivers.WPAVersion1
	case s.AKM.IsSAE() || s.AKM == dot11.AKMOWE:
		c.Versions |= drivers.WPAVersion3
	}
	c.AKM, c.Pairwise, c.Group = uint32(akm), []uint32{selector(s.Pairwise)}, selector(s.Group)
	if s.Selection.PMF {
		c.GroupMgmt = selector(s.MgmtGroup)
	}
	p.Crypto = c
}

// association describes the fresh association to the key machine.
func (i *Interface) association(a *attempt, ev drivers.EventAssoc) (*rsn.Association, error) {
	s, l, n := a.sec, i.conn.link, a.c.network
	switch {
	case a.saeDone != nil:
		s.pmk, s.pmkid = a.saeDone.PMK.Clone(), &a.saeDone.PMKID
	case s.AKM == dot11.AKMOWE:
		if err := i.finishOWE(a, ev); err != nil {
			return nil, err
		}
	}
	out := &rsn.Association{
		Own: i.link.MAC, BSSID: l.bss.BSSID, SSID: a.c.ssid,
		Proto: s.Proto, AKM: s.AKM, Pairwise: s.Pairwise, Group: s.Group, MgmtGroup: s.MgmtGroup,
		PMK: s.pmk, PMKID: s.pmkid, Cached: s.cached, Opportunistic: s.opportunistic,
		OwnElement: s.element, OwnRSNXE: s.rsnxe,
		OCV: s.OCV, SSIDProtection: s.SSIDProtection, ExtKeyID: s.ExtKeyID, BeaconProtection: s.BeaconProtection,
		PTKRekey: seconds(n.WpaPTKRekey), DenyPTK0Rekey: n.WpaDenyPTK0Rekey == 2,
		RelaxRSC: i.conf.Globals.WpaRSCRelaxation, OWESHA256: n.OWEPTKWorkaround,
	}
	if t := i.conf.Globals.Dot11RSNAConfigSATimeout; t > 0 && t < 60 {
		out.HandshakeTimeout = seconds(t)
	}
	out.APRSNE = wholeElement(l.bss.IEs, dot11.ElementRSN)
	out.APRSNXE = wholeElement(l.bss.IEs, dot11.ElementRSNX)
	out.APWPA = wholeWPA(l.bss.IEs)
	if i.sme() == nil {
		takeOwnElements(out, ev.ReqIEs)
	}
	i.tamper.association(out)
	return out, nil
}

// takeOwnElements takes the security elements from the association request that a
// device with its own SME has made, to which it may have added a PMKID: message 2 of the
// handshake must repeat them as they were sent.
func takeOwnElements(out *rsn.Association, request dot11.Elements) {
	whole := wholeElement(request, dot11.ElementRSN)
	if out.Proto == dot11.ProtoWPA {
		whole = wholeWPA(request)
	}
	if whole != nil {
		out.OwnElement, out.OwnRSNXE = whole, wholeElement(request, dot11.ElementRSNX)
	}
}

// wholeWPA is the WPA element with its header, or nil.
func wholeWPA(es dot11.Elements) []byte {
	body, ok := es.FindVendor(dot11.OUIMicrosoft, dot11.MicrosoftWPA)
	if !ok {
		return nil
	}
	return dot11.AppendVendorElement(nil, dot11.OUIMicrosoft, dot11.MicrosoftWPA, body...)
}

// wholeElement is an element with its header, or nil.
func wholeElement(es dot11.Elements, id dot11.ElementID) []byte {
	body, ok := es.Find(id)
	if !ok {
		return nil
	}
	return dot11.AppendElement(nil, id, body...)
}

// saeSecrets fills what an SAE exchange takes from the network.
func (i *Interface) saeSecrets(n *conf.Network, ssid dot11.SSID) (*sae.Config, error) {
	password := n.SAEPassword
	if !password.IsSet() {
		password = i.conn.psks.secret(n).Passphrase
	}
	if !password.IsSet() {
		return nil, fmt.Errorf("SAE: no password in the network")
	}
	c := &sae.Config{SSID: ssid, Password: keys.Secret(password.Reveal()).Clone(), Identifier: n.SAEPasswordID}
	for _, g := range i.conf.Globals.SAEGroups {
		if sae.GroupSupported(uint16(g)) {
			c.Groups = append(c.Groups, uint16(g))
		}
	}
	return c, nil
}

// saeConfig fills the parameters of an SAE exchange.
func (i *Interface) saeConfig(a *attempt) (*sae.Config, error) {
	n := a.c.network
	c, err := i.saeSecrets(n, a.c.ssid)
	if err != nil {
		return nil, err
	}
	c.Rand, c.Own, c.Peer, c.AKM, c.H2E = i.sup.opts.Rand, i.link.MAC, a.c.bss.BSSID, a.sec.AKM, a.sec.H2E
	c.PK = c.H2E && n.SAEPK != saePKOff && sae.ValidPKPassword(c.Password) && announces(a.c.bss, dot11.RSNXSAEPK)
	if n.SAEPK == saePKOnly && !c.PK {
		return nil, fmt.Errorf("SAE-PK is required: the access point does not announce it, or the password is none for it")
	}
	i.tamper.exchange(c)
	if c.H2E {
		c.PTs = i.conn.psks.pts(n, c)
	}
	return c, nil
}

// Values of sae_pk.
const (
	saePKOnly = 1
	saePKOff  = 2
)

// announces reports whether a BSS sets a bit of its RSN extension element.
func announces(b *bss.BSS, bit dot11.RSNXBit) bool {
	o, err := offerOf(b)
	return err == nil && o.RSNXE.Has(bit)
}

// fillOffload adds what a device with its own SME needs to run the handshake.
func (i *Interface) fillOffload(a *attempt, p *drivers.ConnectParams) {
	if a.sec == nil {
		return
	}
	if a.sec.AKM.IsSAE() && !a.sec.cached {
		p.AuthAlgs = []dot11.AuthAlg{dot11.AuthAlgSAE}
	}
	if i.capa.OffloadPSK && dot11.AKMSetPSK.Has(a.sec.AKM) {
		p.PSK = a.sec.pmk
	}
	if i.capa.OffloadSAE && a.sec.AKM.IsSAE() {
		n := a.c.network
		p.SAEPassword = n.SAEPassword.Reveal()
		if !n.SAEPassword.IsSet() {
			p.SAEPassword = i.conn.psks.secret(n).Passphrase.Reveal()
		}
	}
}

package engine

import (
	"errors"
	"time"

	"gosupplicant/conf"
	"gosupplicant/drivers"
	"gosupplicant/engine/bss"
	"gosupplicant/engine/dot11"
	"gosupplicant/engine/eap"
	"gosupplicant/engine/logs"
	"gosupplicant/engine/loop"
	"gosupplicant/engine/rsn"
	"gosupplicant/engine/sae"
)

// Connecting, for a device that leaves the SME to us:
//
//	join ── turn on the radio ──> authenticate ──> associate ──> handshake ──> connected
//	  ^                              │ refused        │ refused      │ wrong key   │ lost
//	  │      after a pause           v                v              v             │
//	  └────────────────────────── failed <─────────────────────────────────────────┘
//
// A device with its own SME goes from join to handshake in one step (Connect).
// There is at most one attempt; a link may stand while an attempt to roam runs.

// connection is the association part of an interface.
type connection struct {
	iface          *Interface
	attempt        *attempt // from join until connected or failed
	link           *link    // an association that stands
	cache          *rsn.Cache
	keys           *rsn.Machine
	psks           pskCache
	oweRefused     int // OWE groups the AP refused in a row
	fails          int // attempts in a row that failed, of any network
	retry          *loop.Timer
	search         search
	eap            map[*conf.Network]*remembered8021X
	deriver        loop.Worker // of keys, made when needed
	shorts         int         // sessions in a row that ended at once
	last           remembered
	searched       searched
	tuned          int         // frequency that the radio was brought to last, by us; 0 unknown
	expiry         *loop.Timer // of PMKSAs
	parting        *loop.Timer // from what is left of removed networks
	counter        *loop.Timer // TKIP countermeasures
	noRekeyOffload bool        // the device cannot answer group handshakes
	fourAddress    bool        // 4-address mode was switched on
	pskAsked       uint32      // update of the table that passphrases were asked for at
	akms           akmRefusals
	device         *deviceAuth   // the last exchange that the device asked for, or nil
	doubted        *conf.Network // refused our confirm of SAE since it was connected last
	anew           bool          // the next exchange of SAE is the one that confirmAnew asked for

	// What front ends show of the past.
	disconnectReason int // negative when local
	authStatus       dot11.Status
	assocStatus      dot11.Status
	roamTime         time.Duration
	roamComplete     bool
	sessionLength    time.Duration
	handshakesFailed int
}

// remembered is where the interface was connected last: looked for first.
type remembered struct {
	network *conf.Network
	bssid   dot11.MAC
	freq    int
	left    time.Time // when it ended, with the access point still there; else zero
}

// searched is the BSS that was last looked for by name, and when.
type searched struct {
	bssid dot11.MAC
	at    time.Time
}

// attempt is one try to connect; everything in it dies with it.
type attempt struct {
	c       *candidate
	sec     *security // nil without RSN or WPA
	work    *radioWork
	phase   Phase
	begun   time.Time
	timer   *loop.Timer
	sae     *sae.Machine
	saeDone *sae.Done
	owe     oweExchange
	capa    overrides
	pmksa   *rsn.PMKSA // a cached PMK in use
	roamed  bool
	from    *dot11.MAC // BSS we come from when roaming
	over    bool
	wired   bool                 // on a cable: no air, no keys
	eap     *eap.Config          // with 802.1X
	early   []drivers.EventEAPOL // came before the association was told
}

// link is an association that stands.
type link struct {
	bss        *bss.BSS
	network    *conf.Network
	ssid       dot11.SSID // associated with: the BSS may hide it
	sec        *security
	keys       *rsn.Machine // nil without RSN or WPA
	port       *port        // nil without 802.1X
	eap        *eap.Config  // with a port
	preauth    preauthentication
	timers     map[rsn.Timer]*loop.Timer
	begun      time.Time // associated
	authorized time.Time // zero before
	freq       int
	reqIEs     []byte
	respIEs    []byte
	query      saQuery
	oci        *rsn.OCI // channel in use, with operating channel validation
	saeGroup   uint16
	saePK      bool
	bigtk      bool // a beacon protection key is installed
	told       bool // Disconnected was emitted
	left       bool // the device left it by itself while roaming
}

// canConnect reports whether the driver can join networks at all.
func (i *Interface) canConnect() bool {
	_, linker := i.drv.(drivers.Linker)
	return linker && (i.sme() != nil || i.connector() != nil)
}

// sme is the driver's interface for our own SME, or nil.
func (i *Interface) sme() drivers.SME {
	if s, ok := i.drv.(drivers.SME); ok && i.capa.SMEInUser {
		return s
	}
	return nil
}

func (i *Interface) connector() drivers.Connector {
	c, _ := i.drv.(drivers.Connector)
	return c
}

// join begins an attempt with a candidate, giving up one that is under way.
func (i *Interface) join(c *candidate) {
	if a := i.conn.attempt; a != nil {
		if a.c.bss == c.bss && a.c.network == c.network {
			return
		}
		i.endAttempt(a)
	}
	if !i.canConnect() {
		i.log.Warn("Candidate chosen, but this driver cannot connect", "bssid", c.bss.BSSID, "ssid", c.ssid.String(), "driver", i.DriverName())
		i.setState(StateDisconnected, "the driver cannot connect")
		return
	}
	i.conn.retry.Stop()
	i.scan.timer.Stop()
	i.scan.stopSched()
	a := &attempt{c: c, begun: i.loop.Now()}
	if l := i.conn.link; l != nil {
		if l.network == c.network {
			a.roamed, a.from = true, &l.bss.BSSID
		} else {
			i.dropLink(dot11.ReasonDeauthLeaving, "another network was chosen")
		}
	}
	i.conn.attempt = a
	a.work = i.radio.add(&radioWork{iface: i, kind: "connect", freq: c.bss.Freq,
		start:   func() { i.startAttempt(a) },
		dropped: func() { i.endAttempt(a) },
	}, true)
	i.makeWay()
}

// startAttempt has the radio; a secret that is kept elsewhere is looked up first.
func (i *Interface) startAttempt(a *attempt) {
	if a.c.network.PSK.External != "" {
		i.lookUpPSK(a)
		return
	}
	i.beginAttempt(a)
}

// lookUpPSK asks the external store for the passphrase or key of a network
// (psk=ext:NAME), anew in each attempt: the store may have changed.
func (i *Interface) lookUpPSK(a *attempt) {
	n, backend := a.c.network, string(i.conf.Globals.ExtPasswordBackend)
	name := n.PSK.External
	var psk conf.PSK
	var err error
	i.worker.Do(func() { psk, err = externalPSK(backend, name) }, func() {
		switch {
		case a.over || i.closed:
		case err != nil:
			i.failAttempt(a, &Failure{Phase: PhaseSelection, By: ByUs, Cause: err.Error(), Advice: "check ext_password_backend"})
		default:
			i.conn.psks.keepExternal(n, psk)
			i.beginAttempt(a)
		}
	})
}

// beginAttempt settles the security and sends the first frame.
func (i *Interface) beginAttempt(a *attempt) {
	sec, err := i.chooseSecurity(a)
	if err == nil {
		a.capa, err = capaOverrides(a.c.network)
	}
	if err != nil {
		i.failAttempt(a, &Failure{Phase: PhaseSelection, By: ByUs, Cause: err.Error()})
		return
	}
	a.sec = sec
	if a.uses8021X() {
		i.loadEAP(a, func() { i.approach(a) })
		return
	}
	i.approach(a)
}

// approach sends the first frame of an attempt.
func (i *Interface) approach(a *attempt) {
	switch {
	case i.sme() == nil:
		i.connectByDevice(a)
	case i.knownThere(a):
		i.associate(a)
	default:
		i.authenticate(a)
	}
}

// knownThere reports whether an attempt may associate at once: with the access point
// that it is associated with (reassoc_same_bss_optim), and with a key that needs no new
// exchange.
func (i *Interface) knownThere(a *attempt) bool {
	l := i.conn.link
	if i.conf.Globals.ReassocSameBSSOptim == 0 || l == nil || l.left || l.authorized.IsZero() || l.bss != a.c.bss || !a.roamed {
		return false
	}
	return a.sec == nil || dot11.AKMSetPSK.Has(a.sec.AKM) || a.pmksa != nil && a.sec.AKM != dot11.AKMOWE
}

// connectByDevice hands the whole attempt to a device with its own SME, with the
// PSK where the device runs the handshake.
func (i *Interface) connectByDevice(a *attempt) {
	if i.capa.OffloadPSK && a.sec != nil && a.sec.pmk == nil && dot11.AKMSetPSK.Has(a.sec.AKM) {
		i.withPSK(a, func() { i.connectByDevice(a) })
		return
	}
	a.phase = PhaseAssociation
	i.emit(Joining{i, JoinAssociate, a.c.bss.BSSID, a.c.ssid, a.c.bss.Freq})
	i.setState(StateAssociating, "connecting")
	i.attemptIsCurrent()
	i.takeAddress(a)
	if !i.addOWE(a) {
		return
	}
	i.holdPower()
	p := &drivers.ConnectParams{AssocParams: *i.assocParams(a), FreqHint: a.c.bss.Freq}
	i.fillOffload(a, p)
	p.ExternalAuth = i.asksDevice(a)
	if n := a.c.network; n.BgScanPeriod >= 0 {
		period := seconds(n.BgScanPeriod)
		p.BGScanPeriod = &period
	}
	c := i.connector()
	var err error
	i.worker.Do(func() { err = c.Connect(p) }, func() { i.stepTaken(a, err) })
	i.guardStep(a, connectTimeout)
}

// stepTaken hears whether the device took a request of the attempt.
func (i *Interface) stepTaken(a *attempt, err error) {
	if err == nil || a.over || i.closed {
		return
	}
	unheard := errors.Is(err, drivers.ErrUnknownBSS)
	if unheard && i.searchAgain(a) {
		return
	}
	i.emit(Message{i, logs.LevelInfo, i.refusedStep(a.phase)})
	i.failAttempt(a, &Failure{Phase: a.phase, By: ByDevice, Code: errnoOf(err), CodeName: "errno", Cause: err.Error(), unheard: unheard})
}

// searchAgain gives an attempt up for a scan that asks for the BSS by its name,
// when the device does not know it any more, or knows it only as one that hides
// its name. It is false when that was done just before.
func (i *Interface) searchAgain(a *attempt) bool {
	b, now := a.c.bss, i.loop.Now()
	s := &i.conn.searched
	if a.from != nil || i.scan.job != nil || s.bssid == b.BSSID && now.Sub(s.at) < searchPause {
		return false
	}
	s.bssid, s.at = b.BSSID, now
	i.log.Debug("The device does not know the BSS: looking for it by name", "bssid", b.BSSID, "ssid", a.c.ssid.String())
	i.endAttempt(a)
	i.setState(StateDisconnected, "the BSS is not known to the device")
	i.setState(StateScanning, "looking for a BSS by name")
	i.scan.submit(&scanJob{own: true, narrow: narrowKnown, req: ScanRequest{AllowRoam: true, SSIDs: [][]byte{a.c.ssid}, Freqs: []int{b.Freq}}})
	return true
}

// searchPause is the least time between two searches for one BSS.
const searchPause = 5 * time.Second

// refusedStep is upstream's line about a request that the driver did not take.
func (i *Interface) refusedStep(p Phase) string {
	switch {
	case p == PhaseAuthentication:
		return "SME: Authentication request to the driver failed"
	case i.sme() != nil:
		return "SME: Association request to the driver failed"
	}
	return "Association request to the driver failed"
}

// Bounds of steps; the kernel's own are shorter, these catch a silent driver.
const (
	authTimeout    = 5 * time.Second
	assocTimeout   = 5 * time.Second
	connectTimeout = 20 * time.Second
)

// guardStep bounds the step that begins now.
func (i *Interface) guardStep(a *attempt, d time.Duration) {
	a.timer.Stop()
	a.timer = i.loop.After(d, i.name+" "+a.phase.String(), func() { i.stepTimeout(a) })
}

func (i *Interface) stepTimeout(a *attempt) {
	if a.over {
		return
	}
	i.emit(ConnectTimeout{i, a.c.bss.BSSID, a.phase})
	i.failAttempt(a, &Failure{Phase: a.phase, By: ByNobody, Cause: "no answer"})
}

// endAttempt forgets an attempt without judging it.
func (i *Interface) endAttempt(a *attempt) {
	if a.over {
		return
	}
	a.over = true
	a.timer.Stop()
	i.endDeviceAuth(a, false)
	a.work.finish()
	if i.conn.attempt == a {
		i.conn.attempt = nil
		if a.phase >= PhaseAuthentication {
			i.attemptIsCurrent()
		}
		i.releasePower()
	}
}

// attemptIsCurrent tells that the network of an attempt is the current one, or
// no longer; with an association the current one does not change.
func (i *Interface) attemptIsCurrent() {
	if i.conn.link == nil {
		i.changed(PropCurrentNetwork)
	}
}

// associated takes the news of an association, of either kind of device.
func (i *Interface) associated(ev drivers.EventAssoc) {
	a := i.conn.attempt
	if a == nil || a.phase != PhaseAssociation || !ev.BSSID.IsZero() && ev.BSSID != a.c.bss.BSSID && i.sme() != nil {
		if ev.Roamed && i.conn.link != nil {
			i.roamedByDevice(ev)
		} else if a == nil && i.conn.link == nil && i.sme() != nil {
			i.log.Debug("Leaving an association that nobody waits for", "bssid", ev.BSSID)
			i.driverDo("leaving", func(d drivers.Linker) error {
				return d.Deauthenticate(ev.BSSID, uint16(dot11.ReasonDeauthLeaving))
			})
		}
		return
	}
	a.timer.Stop()
	a.phase = PhaseHandshake
	b := a.c.bss
	if ev.BSSID != b.BSSID && !ev.BSSID.IsZero() {
		if at := i.table.Get(ev.BSSID, a.c.ssid); at != nil {
			b = at
		}
	}
	l := &link{bss: b, network: a.c.network, ssid: a.c.ssid, sec: a.sec, begun: i.loop.Now(), freq: b.Freq,
		reqIEs: ev.ReqIEs, respIEs: ev.RespIEs, timers: map[rsn.Timer]*loop.Timer{}}
	if a.saeDone != nil {
		l.saeGroup, l.saePK = a.saeDone.Group, a.saeDone.PK
	}
	i.replaceLink(l)
	if i.conn.assocStatus != dot11.StatusSuccess {
		i.conn.assocStatus = dot11.StatusSuccess
		i.changed(PropAssocStatusCode)
	}
	i.fourAddress(l.network.Enable4addrMode)
	i.emit(Joining{i, JoinAssociated, b.BSSID, a.c.ssid, b.Freq})
	i.setState(StateAssociated, "associated")
	i.beginKeys(a, ev)
}

// replaceLink puts a new association in the place of what was there.
func (i *Interface) replaceLink(l *link) {
	if old := i.conn.link; old != nil {
		old.stop()
	}
	before := i.NetworkInUse()
	i.conn.link = l
	i.current = current{l.bss, l.network}
	i.changed(PropCurrentBSS)
	if before != l.network {
		i.changed(PropCurrentNetwork)
	}
	i.changed(PropCurrentAuthMode)
}

func (l *link) stop() {
	for _, t := range l.timers {
		t.Stop()
	}
	if l.port != nil {
		l.port.stop()
	}
	l.preauth.stop()
	l.query.stop()
}

// connected ends the attempt well: the port is open.
func (i *Interface) connected() {
	l, a := i.conn.link, i.conn.attempt
	first := l.authorized.IsZero()
	l.authorized = i.loop.Now()
	roamed := a != nil && a.roamed
	if a != nil {
		i.conn.roamComplete = roamed
		if roamed {
			i.conn.roamTime = l.authorized.Sub(a.begun)
			i.changed(PropRoam)
		}
		i.endAttempt(a)
	}
	i.conn.fails = 0
	i.conn.search.found()
	i.conn.last = remembered{network: l.network, bssid: l.bss.BSSID, freq: l.bss.Freq}
	i.rememberPlace(l)
	if e := i.ignore.find(l.bss.BSSID); e != nil {
		i.unignore(e, "")
	}
	if l.sec != nil {
		i.conn.akms.works(l.network, l.bss.BSSID, l.sec.AKM)
	}
	if i.conn.doubted == l.network {
		i.conn.doubted = nil
	}
	i.unhold(l.network)
	i.forgetFailures(l.network)
	i.setOperState(true)
	i.setState(StateCompleted, "connected")
	i.changed(PropCurrentAuthMode) // it is told as inactive until now
	if first {
		i.emit(Connected{i, l.bss.BSSID, l.network, roamed})
	}
	i.preauthenticate()
}

// fourAddress switches 4-address mode on for networks that want it (enable_4addr_mode),
// and off again when there is no association any more.
func (i *Interface) fourAddress(on bool) {
	f, ok := i.drv.(drivers.FourAddresser)
	switch {
	case on && !ok:
		i.log.Warn("This driver has no 4-address mode")
		return
	case on == i.conn.fourAddress:
		return
	}
	i.conn.fourAddress = on
	i.worker.Do(func() {
		if err := f.SetFourAddress(on); err != nil && !errors.Is(err, drivers.ErrClosed) {
			i.log.Warn("Failed to set 4addr mode", "on", on, "err", err)
		}
	}, nil)
}

// setOperState tells the kernel whether traffic may flow.
func (i *Interface) setOperState(up bool) {
	lc, ok := i.drv.(drivers.LinkControl)
	if !ok {
		return
	}
	i.worker.Do(func() {
		if err := lc.SetOperState(up); err != nil && !errors.Is(err, drivers.ErrClosed) {
			i.log.Debug("Setting the operational state", "err", err)
		}
	}, nil)
}

// roamedByDevice follows a device that changed its BSS by itself.
func (i *Interface) roamedByDevice(ev drivers.EventAssoc) {
	l := i.conn.link
	b := i.table.Get(ev.BSSID, l.bss.SSID)
	if b == nil {
		i.log.Debug("Device roamed to a BSS that was never heard", "bssid", ev.BSSID)
		b = l.bss
	}
	n := &link{bss: b, network: l.network, ssid: l.ssid, sec: l.sec, begun: i.loop.Now(), freq: b.Freq,
		reqIEs: ev.ReqIEs, respIEs: ev.RespIEs, timers: map[rsn.Timer]*loop.Timer{}}
	if before := i.conn.attempt; before != nil {
		i.endAttempt(before)
	}
	a := &attempt{c: &candidate{bss: b, network: l.network, ssid: b.SSID}, phase: PhaseHandshake, begun: i.loop.Now(), roamed: true, eap: l.eap}
	a.work = &radioWork{over: true}
	a.sec = i.roamSecurity(l, a)
	n.sec = a.sec
	if a.saeDone != nil {
		n.saeGroup, n.saePK = a.saeDone.Group, a.saeDone.PK
	}
	i.replaceLink(n)
	i.conn.attempt = a
	i.emit(Joining{i, JoinAssociated, b.BSSID, b.SSID, b.Freq})
	i.setState(StateAssociated, "the device roamed")
	i.beginKeys(a, ev)
}

// roamSecurity is how a link is protected after the device has roamed: as before, with
// the key of the new access point where each has its own.
func (i *Interface) roamSecurity(l *link, a *attempt) *security {
	if l.sec == nil || dot11.AKMSetPSK.Has(l.sec.AKM) {
		return l.sec
	}
	if x := i.conn.device; x != nil && x.done != nil && x.a.c.bss == a.c.bss {
		a.saeDone = x.done
		i.endDeviceAuth(x.a, false)
		return x.a.sec
	}
	s := *l.sec
	s.pmk, s.pmkid, s.cached, s.opportunistic = nil, nil, false, false
	if e := i.cachedPMK(a, &s); e != nil {
		a.pmksa = e
		s.useCached(e)
	}
	return &s
}

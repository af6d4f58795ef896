package engine

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"time"

	"gosupplicant/conf"
	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
	"gosupplicant/engine/eap"
	"gosupplicant/engine/eapol"
	"gosupplicant/engine/keys"
	"gosupplicant/engine/logs"
	"gosupplicant/engine/loop"
)

// port is the 802.1X side of an association.
type port struct {
	m      *eapol.Machine
	timers map[eapol.Timer]*loop.Timer
	last   *eap.Reason // why EAP failed
}

func (p *port) stop() {
	for _, t := range p.timers {
		t.Stop()
	}
}

// remembered8021X is what is kept of a network between conversations.
type remembered8021X struct {
	memory  *eap.Memory
	answers *eap.Answers
	method  string // that made the last key
}

// uses8021X reports whether an attempt needs EAP.
func (a *attempt) uses8021X() bool {
	if a.sec == nil {
		return a.wired || a.plain8021X()
	}
	return dot11.AKMSetEAP.Has(a.sec.AKM)
}

// plain8021X reports whether an attempt is one with 802.1X over the air and no keys
// (key_mgmt=IEEE8021X, eapol_flags=0).
func (a *attempt) plain8021X() bool {
	return a.sec == nil && !a.wired && a.c.network.KeyMgmt&(conf.KeyMgmtIEEE8021X|conf.KeyMgmtNone) == conf.KeyMgmtIEEE8021X
}

// loadEAP reads what EAP needs of the network, away from the loop, and goes on.
func (i *Interface) loadEAP(a *attempt, next func()) {
	n, g, blobs := a.c.network.Clone(), i.conf.Globals, maps.Clone(i.conf.Blobs)
	if n.EAP.ERP != 0 {
		i.log.Info("erp: EAP re-authentication (RFC 6696) is not built; each authentication is a whole one")
	}
	var cfg *eap.Config
	var err error
	i.loader.Do(func() { cfg, err = eapConfig(n, &g, blobs, a.wired) }, func() {
		switch {
		case a.over || i.closed:
		case err != nil:
			i.failAttempt(a, &Failure{Phase: PhaseSelection, By: ByUs, Cause: "EAP configuration: " + err.Error(), Advice: "check the files and passwords of the network"})
		default:
			a.eap = cfg
			next()
		}
	})
}

// wifiStartDelay is how long the AP may begin EAP by itself.
const wifiStartDelay = 2 * time.Second

// openPort makes the port of a link.
func (i *Interface) openPort(a *attempt, l *link) {
	n := l.network
	r := i.remember8021X(n)
	cfg := eapol.Config{
		EAP:     eap.MachineConfig{Config: a.eap, Registry: eapMethods, Rand: i.sup.opts.Rand, Now: i.loop.Now, Memory: r.memory, Answers: r.answers},
		Version: uint8(i.conf.Globals.EAPOLVersion),
	}
	timing := &i.eapolTiming
	cfg.HeldPeriod, cfg.AuthPeriod, cfg.StartPeriod, cfg.MaxStart = timing.Held, timing.Auth, timing.Start, timing.MaxStart
	if !a.wired {
		cfg.StartDelay = wifiStartDelay
	}
	l.port, l.eap = &port{m: eapol.New(cfg), timers: map[eapol.Timer]*loop.Timer{}}, a.eap
	i.runPort(l, l.port.m.PortEnabled(true))
}

// runPort carries out what the port wants, in order.
func (i *Interface) runPort(l *link, outs []eapol.Output) {
	for _, out := range outs {
		if i.conn.link != l {
			return
		}
		i.runPortOutput(l, out)
	}
}

func (i *Interface) runPortOutput(l *link, out eapol.Output) {
	p := l.port
	switch out := out.(type) {
	case eapol.Send:
		to, encrypt := l.bss.BSSID, l.keys != nil && l.keys.InUse()
		i.driverDo("sending EAPOL", func(d drivers.Linker) error { return d.SendEAPOL(to, out.PDU, encrypt) })
	case eapol.SetTimer:
		p.timers[out.Timer].Stop()
		p.timers[out.Timer] = i.loop.After(out.After, i.name+" "+out.Timer.String(), func() {
			if i.conn.link == l {
				i.runPort(l, p.m.Timeout(out.Timer))
			}
		})
	case eapol.StopTimer:
		p.timers[out.Timer].Stop()
	case eapol.StateChanged:
		i.log.Debug(fmt.Sprintf("EAPOL: %v -> %v", out.From, out.To))
		switch out.To {
		case eapol.StateRestart:
			i.eapBegan(l)
		case eapol.StateAuthenticated:
			i.resumePreauth(l)
		case eapol.StateHeld:
			i.nobodyAsked(l)
		}
	case eapol.Success:
		i.eapSucceeded(l, out)
	case eapol.Failure:
		i.eapFailed(l, out)
	case eapol.EAP:
		i.eapReport(l, out.Output)
	case eapol.Note:
		i.log.Log(context.Background(), out.Level, out.Text)
	case eapol.PortStatus:
		i.log.Debug("EAPOL: controlled port", "authorized", out.Authorized)
	}
}

// nobodyAsked gives an access point up that does not answer EAPOL-Start: it may have
// forgotten the association. A cable has nothing else to try.
func (i *Interface) nobodyAsked(l *link) {
	a := i.conn.attempt
	if i.wiredDevice() != nil || a == nil || !l.authorized.IsZero() {
		return
	}
	i.emit(ConnectTimeout{i, l.bss.BSSID, PhaseHandshake})
	i.failAttempt(a, &Failure{Phase: PhaseHandshake, By: ByNobody, Cause: "EAP: the access point does not begin it", Tried: "EAP"})
}

// eapBegan makes way for a conversation.
func (i *Interface) eapBegan(l *link) {
	l.preauth.interrupt() // of two at once, each would spoil what the other one remembers
	if l.keys != nil {
		i.runKeys(l, l.keys.EAPBegan())
	}
}

// eapReport passes a report of the EAP peer on. Keys never leave that way.
func (i *Interface) eapReport(l *link, out eap.Output) {
	if n, ok := out.(eap.Note); ok {
		logs.Log(i.log, n.Level, n.Text, n.Attrs...)
		return
	}
	if u, ok := out.(eap.Unverified); ok {
		i.log.Warn("The server is not authenticated: anybody may get the credentials; configure ca_cert or domain_match", "method", u.Type.String(), "network", l.network.ID)
	}
	i.emit(EAPReport{i, l.network, out})
	if s, ok := out.(eap.MethodSelected); ok && s.Name != "" {
		i.remember8021X(l.network).method = s.Name
		i.changed(PropCurrentAuthMode)
	}
}

// eapSucceeded hands the key of EAP to the handshake, or opens a wired port.
func (i *Interface) eapSucceeded(l *link, s eapol.Success) {
	k := s.Keys
	s.Keys = nil
	i.emit(EAPReport{i, l.network, s.Success})
	if l.keys == nil {
		i.runPort(l, l.port.m.PortValid(true))
		i.letThrough(l)
		return
	}
	if k == nil || len(k.MSK) == 0 {
		i.linkFailed(l, &Failure{Phase: PhaseHandshake, By: ByUs, Cause: "the EAP method made no key"}, dot11.ReasonUnspecified)
		return
	}
	outs, err := l.keys.SetMSK(k.MSK)
	if err != nil {
		i.linkFailed(l, &Failure{Phase: PhaseHandshake, By: ByUs, Cause: err.Error()}, dot11.ReasonUnspecified)
		return
	}
	i.runKeys(l, outs)
}

// eapFailed judges the end of a conversation.
func (i *Interface) eapFailed(l *link, f eapol.Failure) {
	i.emit(EAPReport{i, l.network, f.Failure})
	r := f.Reason
	l.port.last = &r
	rec := &Failure{Phase: PhaseHandshake, By: ByUs, Tried: "EAP", Cause: "EAP: " + r.Check, EAP: eapRecord(f.Failure)}
	if rec.EAP.Method != "" {
		rec.Tried = "EAP " + rec.EAP.Method
	}
	if r.Detail != "" {
		rec.Cause = "EAP: " + r.Detail
	}
	switch {
	case r.Remote:
		rec.By = ByPeer
	case r.Check == "timeout":
		rec.By = ByNobody
	}
	if r.Alert != "" {
		rec.Cause += " (TLS alert: " + r.Alert + ")"
	}
	if r.Subject != "" {
		rec.Cause += " (certificate " + r.Subject + ")"
	}
	rec.Advice = eapAdvice(r.Check)
	if i.wiredDevice() != nil {
		// On a cable the port holds by itself and tries again.
		rec.At, rec.NetworkID, rec.Took = i.loop.Now(), l.network.ID, i.loop.Now().Sub(l.begun)
		i.setOperState(false)
		if !l.authorized.IsZero() {
			l.authorized = time.Time{}
		}
		i.setState(StateAssociated, "EAP failed")
		i.tellFailure(l.network, rec, "EAP again after the held period")
		return
	}
	a := i.conn.attempt
	if a == nil {
		i.linkFailed(l, rec, dot11.ReasonDeauthLeaving)
		return
	}
	i.closeAttempt(a, rec)
	i.hold(l.network, "AUTH_FAILED")
	i.tellFailure(l.network, rec, i.tryAgain())
}

func eapRecord(f eap.Failure) *EAPFailure {
	e := &EAPFailure{Check: f.Reason.Check, Alert: f.Reason.Alert, Subject: f.Reason.Subject}
	if f.Type != eap.TypeNone {
		e.Method = f.Type.String()
	}
	if f.Reason.Inner != eap.TypeNone {
		e.Inner = f.Reason.Inner.String()
	}
	return e
}

// eapAdvice is what the user could do about a failed check.
func eapAdvice(check string) string {
	switch check {
	case "password", "server refused":
		return "check identity and password"
	case "server proof":
		return "check the password; or somebody poses as the server"
	case "certificate":
		return "check ca_cert, and the clock"
	case "client certificate":
		return "check client_cert and private_key: the server may not know their CA, or they may have expired"
	case "server name":
		return "check domain_match, domain_suffix_match and altsubject_match"
	case "timeout":
		return "the authentication server may be down"
	case "nak":
		return "the server offers none of the configured methods (eap=)"
	}
	return ""
}

// keysInPlace tells the port that the handshake is through.
func (i *Interface) keysInPlace(l *link) {
	if l.port == nil {
		return
	}
	// Also when a request that anybody can send began EAP anew between its success and
	// the first keys, which are made of that.
	if l.sec != nil && (l.sec.cached || l.authorized.IsZero()) && !l.port.m.Authorized() {
		i.runPort(l, l.port.m.Cached())
	}
	i.runPort(l, l.port.m.PortValid(true))
}

// requestEAP begins EAP because the AP does not take the cached key.
func (i *Interface) requestEAP(l *link, why string) {
	i.log.Debug("EAP is needed", "why", why)
	if l.port != nil {
		i.runPort(l, l.port.m.Reauthenticate())
	}
}

// remember8021X returns what is kept of a network, and begins to keep it.
func (i *Interface) remember8021X(n *conf.Network) *remembered8021X {
	r := i.conn.eap[n]
	if r == nil {
		r = &remembered8021X{memory: &eap.Memory{}, answers: &eap.Answers{}}
		if i.conn.eap == nil {
			i.conn.eap = map[*conf.Network]*remembered8021X{}
		}
		i.conn.eap[n] = r
	}
	return r
}

// Credential answers a question of EAPReport (eap.NeedCredential); field is its
// spelling, e.g. "PASSWORD". An answer that nobody asked for is kept for the next
// conversation with the network.
func (i *Interface) Credential(network int, field string, value []byte) error {
	n := i.conf.Network(network)
	if n == nil {
		return ErrUnknownNetwork
	}
	f, ok := eap.FieldByName(field)
	if !ok {
		return &InvalidError{What: "field " + field}
	}
	if f == eap.FieldPSKPassphrase {
		return i.givePSK(n, value)
	}
	l := i.conn.link
	if l == nil || l.network != n || l.port == nil {
		i.remember8021X(n).answers.Put(f, value)
		return nil
	}
	i.runPort(l, l.port.m.Answer(f, keys.Secret(value).Clone()))
	return nil
}

// EAPOLTiming are the parameters of 802.1X that can be set at run time; what is
// zero is not set.
type EAPOLTiming struct {
	Held, Auth, Start time.Duration
	MaxStart          int // EAPOL-Starts without an answer
}

// TuneEAPOL sets parameters, for the connection in use and those to come.
func (i *Interface) TuneEAPOL(t EAPOLTiming) {
	have := &i.eapolTiming
	have.Held, have.Auth, have.Start = cmp.Or(t.Held, have.Held), cmp.Or(t.Auth, have.Auth), cmp.Or(t.Start, have.Start)
	have.MaxStart = cmp.Or(t.MaxStart, have.MaxStart)
	if l := i.conn.link; l != nil && l.port != nil {
		l.port.m.Tune(t.Held, t.Auth, t.Start, t.MaxStart)
	}
}

// Logoff ends 802.1X by the user's wish, Logon takes that back.
func (i *Interface) Logoff() { i.portAct((*eapol.Machine).Logoff) }

// Logon takes Logoff back.
func (i *Interface) Logon() { i.portAct((*eapol.Machine).Logon) }

// Reauthenticate drops the cached key in use and runs EAP anew.
func (i *Interface) Reauthenticate() {
	if l := i.conn.link; l != nil && l.keys != nil {
		if id := l.keys.PMKID(); id != nil {
			i.forgetPMKSA(l.bss.BSSID, *id)
		}
	}
	i.portAct((*eapol.Machine).Reauthenticate)
}

func (i *Interface) portAct(f func(*eapol.Machine) []eapol.Output) {
	if l := i.conn.link; l != nil && l.port != nil {
		i.runPort(l, f(l.port.m))
	}
}

// EAPStatus returns the 802.1X lines of a status report, nil without 802.1X.
func (i *Interface) EAPStatus(verbose bool) []eap.KeyValue {
	if l := i.conn.link; l != nil && l.port != nil {
		return l.port.m.Status(verbose)
	}
	return nil
}

// EAPMIB returns the 802.1X variables of MIB, nil without 802.1X.
func (i *Interface) EAPMIB() []eap.KeyValue {
	if l := i.conn.link; l != nil && l.port != nil {
		return l.port.m.MIB()
	}
	return nil
}

// EAPSessionID is the Session-Id of RFC 5247 once a method has made keys, nil
// otherwise.
func (i *Interface) EAPSessionID() []byte {
	if l := i.conn.link; l != nil && l.port != nil {
		if k := l.port.m.Keys(); k != nil {
			return k.SessionID
		}
	}
	return nil
}

// EAPMethod is the name of the selected EAP method, with a cached key that of the
// conversation with the network before; empty without one.
func (i *Interface) EAPMethod() string {
	l := i.conn.link
	if l == nil || l.port == nil {
		return ""
	}
	_, name := l.port.m.Method()
	if name == "" && l.sec != nil && l.sec.cached {
		name = i.remember8021X(l.network).method
	}
	return name
}

// notKey handles an EAPOL PDU that is none of the key machine's.
func (i *Interface) notKey(l *link, ev drivers.EventEAPOL) {
	switch {
	case l.port == nil:
		i.log.Debug("EAPOL frame that is no EAPOL-Key frame", "src", ev.Src, "length", len(ev.PDU))
	case l.keys != nil && l.keys.InUse() && ev.Encrypted == drivers.EncryptionNo:
		i.log.Debug("Unencrypted EAPOL frame while keys are in use", "src", ev.Src)
	default:
		i.runPort(l, l.port.m.Receive(ev.Src, ev.PDU))
	}
}

package wext

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"gosupplicant/drivers"
	"gosupplicant/drivers/internal/link"
	"gosupplicant/engine/dot11"
)

const (
	rsnCCMP, rsnTKIP, rsnPSK = 0x000fac04, 0x000fac02, 0x000fac02
	wpaTKIP, wpaPSK          = 0x0050f202, 0x0050f202
)

// wpa2 is a connection to macA with WPA2-PSK.
func wpa2() *drivers.ConnectParams {
	return &drivers.ConnectParams{AssocParams: drivers.AssocParams{
		BSSID: macA, SSID: []byte("net"), Freq: 2437, IEs: []byte{0x30, 2, 1, 0},
		Crypto: drivers.Crypto{Versions: drivers.WPAVersion2, Pairwise: []uint32{rsnCCMP}, Group: rsnTKIP, AKM: rsnPSK, Privacy: true},
	}}
}

func auths(pairs ...int) (list []string) {
	for n := 0; n < len(pairs); n += 2 {
		list = append(list, fmt.Sprintf("SIOCSIWAUTH wlan0 %02x 00 00 00 00 00 %02x 00", pairs[n+1], pairs[n]))
	}
	return list
}

const (
	noSSID    = "SIOCSIWESSID wlan0 0 bytes flags 0x0"
	anyAP     = "SIOCSIWAP wlan0 01 00 00 00 00 00 00 00"
	atA       = "SIOCSIWAP wlan0 01 00 02 00 00 00 aa 01"
	named     = "SIOCSIWESSID wlan0 3 bytes flags 0x1"
	onChannel = "SIOCSIWFREQ wlan0 85 09 00 00 06 00 00 01"
)

func TestConnectRequests(t *testing.T) {
	if order.Uint16([]byte{1, 0}) != 1 {
		t.Skip("the bytes below are little-endian")
	}
	f := newFake()
	i, events := setup(t, f)
	f.take()
	if err := i.Connect(wpa2()); err != nil {
		t.Fatal(err)
	}
	want := append([]string{"EAPOL socket on 7", noSSID, "SIOCSIWGENIE wlan0 30020100 flags 0x0"},
		auths(authWPAEnabled, 1, authCountermeasures, 0, authRoamingControl, 1, authDropUnencrypted, 1, authAlgorithms, 1, authWPAVersion, 4,
			authPairwise, 8, authGroup, 4, authKeyMgmt, 2, authPrivacyInvoked, 1, authRxUnencryptedEAPOL, 0, authMFP, 0)...)
	check(t, "WPA2 on cfg80211", f.take(), append(want, onChannel, atA, named)...)
	// WPA, without pinning, on a driver of its own.
	f.radio = ""
	i, _ = setup(t, f)
	f.take()
	p := wpa2()
	p.BSSID, p.Freq, p.AuthAlgs = dot11.MAC{}, 0, []dot11.AuthAlg{dot11.AuthAlgOpen, dot11.AuthAlgSharedKey}
	p.Crypto = drivers.Crypto{Versions: drivers.WPAVersion1, Pairwise: []uint32{wpaTKIP}, Group: wpaTKIP, AKM: wpaPSK, Privacy: true}
	if err := i.Connect(p); err != nil {
		t.Fatal(err)
	}
	want = append([]string{"EAPOL socket on 7", "SIOCSIWGENIE wlan0 30020100 flags 0x0"},
		auths(authWPAEnabled, 1, authCountermeasures, 0, authRoamingControl, 1, authDropUnencrypted, 1, authAlgorithms, 3, authWPAVersion, 2,
			authPairwise, 4, authGroup, 4, authKeyMgmt, 2, authPrivacyInvoked, 1, authRxUnencryptedEAPOL, 0, authMFP, 0)...)
	check(t, "WPA elsewhere", f.take(), append(want, named, anyAP)...)
	// An open network opens no socket; management frames protected.
	p.Crypto, p.IEs, p.PMF, p.AuthAlgs = drivers.Crypto{GroupMgmt: 0x000fac06}, nil, drivers.PMFRequired, nil
	i, _ = setup(t, f)
	f.take()
	if err := i.Connect(p); err != nil {
		t.Fatal(err)
	}
	want = append([]string{"SIOCSIWGENIE wlan0  flags 0x0"},
		auths(authWPAEnabled, 0, authCountermeasures, 0, authRoamingControl, 1, authDropUnencrypted, 0, authAlgorithms, 1, authWPAVersion, 1,
			authPairwise, 1, authGroup, 1, authKeyMgmt, 0, authPrivacyInvoked, 0, authRxUnencryptedEAPOL, 1, authGroupMgmt, 0x20, authMFP, 2)...)
	check(t, "open", f.take(), append(want, named, anyAP)...)
	check(t, "events", events())
}

// TestSSIDEndsInZero: cfg80211 drops one zero at the end of a name.
func TestSSIDEndsInZero(t *testing.T) {
	f := newFake()
	i, _ := setup(t, f)
	for n, want := range map[string]int{"ab\x00": 4, "\x00": 2, strings.Repeat("\x00", 32): 32, "ab": 2} {
		f.take()
		if err := i.dev.setSSID([]byte(n)); err != nil {
			t.Fatal(err)
		}
		check(t, fmt.Sprintf("%q", n), f.take(), fmt.Sprintf("SIOCSIWESSID wlan0 %d bytes flags 0x1", want))
	}
}

func TestConnectRefused(t *testing.T) {
	f := newFake()
	i, events := setup(t, f)
	f.take()
	for name, change := range map[string]func(p *drivers.ConnectParams){
		"no SSID":           func(p *drivers.ConnectParams) { p.SSID = nil },
		"long SSID":         func(p *drivers.ConnectParams) { p.SSID = make([]byte, 33) },
		"frequency":         func(p *drivers.ConnectParams) { p.Freq = -1 },
		"elements":          func(p *drivers.ConnectParams) { p.IEs = make([]byte, 1025) },
		"PMF":               func(p *drivers.ConnectParams) { p.PMF = drivers.PMFRequired },
		"PMF with GCMP":     func(p *drivers.ConnectParams) { p.PMF, p.Crypto.GroupMgmt = drivers.PMFOptional, 0x000fac0b },
		"offload of PSK":    func(p *drivers.ConnectParams) { p.PSK = make([]byte, 32) },
		"offload of SAE":    func(p *drivers.ConnectParams) { p.SAEPassword = []byte("x") },
		"offload of 802.1X": func(p *drivers.ConnectParams) { p.Want1XOffload = true },
		"SAE":               func(p *drivers.ConnectParams) { p.Crypto.AKM = 0x000fac08 },
		"another AKM":       func(p *drivers.ConnectParams) { p.Crypto.AKM = 0x00112202 },
		"GCMP":              func(p *drivers.ConnectParams) { p.Crypto.Pairwise = []uint32{0x000fac08} },
		"no pairwise":       func(p *drivers.ConnectParams) { p.Crypto.Pairwise = nil },
		"group":             func(p *drivers.ConnectParams) { p.Crypto.Group = 0x00112204 },
		"no version":        func(p *drivers.ConnectParams) { p.Crypto.Versions = 0 },
		"SAE frames":        func(p *drivers.ConnectParams) { p.AuthAlgs = []dot11.AuthAlg{dot11.AuthAlgSAE} },
	} {
		p := wpa2()
		change(p)
		if err := i.Connect(p); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	check(t, "requests of refused connections", f.take())
	f.link.Flags = 0
	if err := i.Connect(wpa2()); !errors.Is(err, drivers.ErrDown) {
		t.Errorf("down: %v", err)
	}
	f.link.Flags = unix.IFF_UP
	check(t, "requests while down", f.take())
	f.errs[0] = unix.EPERM
	if err := i.Connect(wpa2()); !errors.Is(err, unix.EPERM) {
		t.Errorf("no EAPOL socket: %v", err)
	}
	delete(f.errs, 0)
	for cmd, errno := range map[command]error{cmdSetESSID: unix.ENETDOWN, cmdSetAuth: unix.EOPNOTSUPP, cmdSetGenIE: unix.EOPNOTSUPP, cmdSetAP: unix.ENODEV, cmdSetFreq: unix.EINVAL} {
		f.errs[cmd] = errno
		if err := i.Connect(wpa2()); !errors.Is(err, errno) || !strings.Contains(err.Error(), cmd.String()+" on wlan0") {
			t.Errorf("%v fails: %v", cmd, err)
		}
		delete(f.errs, cmd)
		f.timers[len(f.timers)-1].f()
	}
	check(t, "a refusal is no event", events())
	// A device without WPA is good for open networks.
	f.errs[cmdSetAuth], f.errs[cmdSetGenIE], f.errs[cmdSetFreq] = unix.EOPNOTSUPP, unix.EOPNOTSUPP, unix.EOPNOTSUPP
	p := wpa2()
	p.Crypto, p.IEs = drivers.Crypto{}, nil
	if err := i.Connect(p); err != nil {
		t.Error(err)
	}
}

const (
	joinedA = "Assoc{BSSID:02:00:00:00:aa:01 Freq:0 ReqIEs:[] RespIEs:[] Authorized:false Roamed:false PTKKCK:[] PTKKEK:[]}"
	lostA   = "Disconnected{BSSID:02:00:00:00:aa:01 Reason:0 Local:%v Disassoc:false}"
	lateA   = "Timeout{BSSID:02:00:00:00:aa:01 Assoc:true}"
)

func connect(t *testing.T, i *iface, p *drivers.ConnectParams) {
	t.Helper()
	if err := i.Connect(p); err != nil {
		t.Fatal(err)
	}
}

func (f *fake) at(m dot11.MAC) { f.wireless((&stream{l: native}).ap(m)) }

func TestConnectReports(t *testing.T) {
	f := newFake()
	i, events := setup(t, f)
	connect(t, i, wpa2())
	f.at(dot11.MAC{}) // of something before
	f.at(macB)        // nor is this what was asked for
	check(t, "events of the past", events())
	f.wireless((&stream{l: native}).point(evAssocReqIE, 0, 0, 1, 'a'))
	f.wireless((&stream{l: native}).point(evAssocRespIE, 0, 1, 1, 2))
	f.at(macA)
	check(t, "associated", events(), "Assoc{BSSID:02:00:00:00:aa:01 Freq:0 ReqIEs:[0 1 97] RespIEs:[1 1 2] Authorized:false Roamed:false PTKKCK:[] PTKKEK:[]}")
	timer := f.timers[len(f.timers)-1]
	if timer.d != connectWait || !timer.stopped {
		t.Errorf("timer %+v", timer)
	}
	timer.f() // it was on its way when it was stopped
	f.eapol(macA, []byte{2, 3})
	f.at(macA) // again
	f.at(macB)
	check(t, "roamed by itself", events(), "EAPOL{Src:02:00:00:00:aa:01 PDU:[2 3] Encrypted:0}",
		"Assoc{BSSID:02:00:00:00:aa:02 Freq:0 ReqIEs:[] RespIEs:[] Authorized:false Roamed:true PTKKCK:[] PTKKEK:[]}")
	f.at(macA)
	f.at(dot11.MAC{})
	f.at(dot11.MAC{})
	if got := events(); !strings.HasSuffix(got, fmt.Sprintf(lostA, false)) || strings.Count(got, "Disconnected") != 1 {
		t.Errorf("lost: %s", got)
	}
	// We leave, and come back before that is told.
	connect(t, i, wpa2())
	f.at(macA)
	if err := i.Deauthenticate(macA, 3); err != nil {
		t.Fatal(err)
	}
	connect(t, i, wpa2())
	f.at(dot11.MAC{})
	f.at(macA)
	f.at(dot11.MAC{})
	check(t, "left and came back", events(), joinedA, fmt.Sprintf(lostA, true), joinedA, fmt.Sprintf(lostA, false))
}

func TestConnectOverdue(t *testing.T) {
	f := newFake()
	i, events := setup(t, f)
	connect(t, i, wpa2())
	first := f.timers[len(f.timers)-1]
	connect(t, i, wpa2())
	first.f() // nothing to do with the second
	check(t, "timer of an earlier attempt", events())
	f.timers[len(f.timers)-1].f()
	f.timers[len(f.timers)-1].f()
	check(t, "no answer", events(), lateA)
	// The device got there, but did not say so.
	connect(t, i, wpa2())
	f.ap = macA
	f.timers[len(f.timers)-1].f()
	check(t, "silent success", events(), joinedA)
	// Given up before.
	connect(t, i, wpa2())
	if err := i.Deauthenticate(macA, 3); err != nil {
		t.Fatal(err)
	}
	f.timers[len(f.timers)-1].f()
	check(t, "given up", events())
	// The interface goes down; later reports concern nobody.
	connect(t, i, wpa2())
	f.at(macA)
	connect(t, i, wpa2())
	f.onLink(link.Event{Kind: link.EventChanged, Link: link.Link{Index: 7, Name: "wlan0", Addr: f.link.Addr}})
	f.timers[len(f.timers)-1].f()
	f.at(dot11.MAC{})
	if got := events(); strings.Contains(got, "Timeout") || strings.Contains(got, "Disconnected") || !strings.Contains(got, "up=false") {
		t.Errorf("down: %s", got)
	}
}

// TestConnectFailsElsewhere: drivers of their own tell that they are nowhere.
func TestConnectFailsElsewhere(t *testing.T) {
	f := newFake()
	f.radio = ""
	i, events := setup(t, f)
	connect(t, i, wpa2())
	if d := f.timers[len(f.timers)-1].d; d != connectWaitOther {
		t.Errorf("waits %v", d)
	}
	f.at(dot11.MAC{})
	f.at(dot11.MAC{})
	check(t, "refused", events(), "AssocReject{BSSID:02:00:00:00:aa:01 Status:1 RespIEs:[] TimedOut:false Reason:}")
}

func TestResyncFindsTheAssociation(t *testing.T) {
	f := newFake()
	i, events := setup(t, f)
	connect(t, i, wpa2())
	f.ap = macA
	f.onLink(link.Event{Kind: link.EventResync})
	f.onLink(link.Event{Kind: link.EventResync})
	f.ap = dot11.MAC{}
	f.onLink(link.Event{Kind: link.EventResync})
	const again = "Resync{Why:link messages were lost}"
	check(t, "events", events(), again, joinedA, again, again, fmt.Sprintf(lostA, false))
}

func TestMICFailureAndCandidates(t *testing.T) {
	f := newFake()
	i, events := setup(t, f)
	connect(t, i, wpa2())
	f.at(macA)
	events()
	f.wireless((&stream{l: native}).point(evMICFailure, 0, append(append(words(4), address(macB)...), make([]byte, 8)...)...).
		custom("MLME-MICHAELMICFAILURE.indication(keyid=0 unicast addr=00:00:00:00:00:00)").
		point(evPMKIDCand, 0, append(words(1, 3), address(macB)...)...))
	check(t, "events", events(), "MICFailure{Src:02:00:00:00:aa:02 Pairwise:false}", "MICFailure{Src:02:00:00:00:aa:01 Pairwise:true}",
		"PMKIDCandidate{BSSID:02:00:00:00:aa:02 Index:3 Preauth:true}")
}

func TestLeaveAndSend(t *testing.T) {
	if order.Uint16([]byte{1, 0}) != 1 {
		t.Skip("the bytes below are little-endian")
	}
	f := newFake()
	i, _ := setup(t, f)
	if err := i.SendEAPOL(macA, []byte{2, 3}, true); err == nil {
		t.Error("EAPOL without association")
	}
	connect(t, i, wpa2())
	connect(t, i, wpa2()) // one socket is enough
	f.take()
	pmksa := &drivers.PMKSA{BSSID: macA, PMKID: [16]byte{9, 8}}
	if err := errors.Join(i.SendEAPOL(macA, []byte{2, 3}, true), i.Deauthenticate(macA, 8), i.SetPMKSA(pmksa), i.DeletePMKSA(pmksa),
		i.FlushPMKSA(), i.SetAuthorized(macA, true), i.SetCountermeasures(true)); err != nil {
		t.Fatal(err)
	}
	const tail = "010002000000aa01000000000000000009080000000000000000000000000000 flags 0x0"
	check(t, "calls", f.take(), "EAPOL to 02:00:00:00:aa:01: 02 03",
		"SIOCSIWMLME wlan0 00000800010002000000aa010000000000000000 flags 0x0", noSSID, anyAP,
		"SIOCSIWPMKSA wlan0 01000000"+tail, "SIOCSIWPMKSA wlan0 02000000"+tail,
		"SIOCSIWPMKSA wlan0 030000000100"+strings.Repeat("00", 30)+" flags 0x0", auths(authCountermeasures, 1)[0])
	f.errs[cmdMLME] = unix.EOPNOTSUPP
	if err := i.Deauthenticate(macA, 8); err != nil {
		t.Errorf("without MLME: %v", err)
	}
	f.errs[cmdSetESSID] = unix.ENODEV
	f.errs[cmdSetPMKSA] = unix.EOPNOTSUPP
	f.errs[cmdSetAuth] = unix.EOPNOTSUPP
	if err := i.Deauthenticate(macA, 8); !errors.Is(err, drivers.ErrClosed) {
		t.Errorf("gone: %v", err)
	}
	for _, err := range []error{i.FlushPMKSA(), i.SetCountermeasures(true)} {
		if !errors.Is(err, drivers.ErrNotSupported) {
			t.Errorf("not there: %v", err)
		}
	}
	if err := i.Close(); err != nil || f.open != 0 {
		t.Errorf("close: %v, %d handles", err, f.open)
	}
	for n, err := range []error{i.Connect(wpa2()), i.Deauthenticate(macA, 3), i.SetKey(&drivers.Key{}), i.SendEAPOL(macA, nil, false),
		i.SetAuthorized(macA, true), i.SetCountermeasures(false), i.SetPMKSA(pmksa)} {
		if !errors.Is(err, drivers.ErrClosed) {
			t.Errorf("call %d after Close: %v", n, err)
		}
	}
}

func TestBridgeGetsASocket(t *testing.T) {
	f := newFake()
	i, _ := setup(t, f)
	i.bridge = "wlan0" // the only link there is
	connect(t, i, wpa2())
	if n := strings.Count(f.take(), "EAPOL socket"); n != 2 || len(i.eapol) != 2 {
		t.Errorf("%d sockets", n)
	}
	i, _ = setup(t, f)
	i.bridge = "br9"
	if err := i.Connect(wpa2()); !errors.Is(err, link.ErrNotFound) {
		t.Errorf("no such bridge: %v", err)
	}
}

func TestKeys(t *testing.T) {
	if order.Uint16([]byte{1, 0}) != 1 {
		t.Skip("the bytes below are little-endian")
	}
	f := newFake()
	i, _ := setup(t, f)
	const zeros8, sock, bcast = "0000000000000000", "010002000000aa010000000000000000", "0100ffffffffffff0000000000000000"
	tk, tkip := []byte("0123456789abcdef"), []byte("0123456789abcdefTxTxTxTxRxRxRxRx")
	for name, tc := range map[string]struct {
		key  drivers.Key
		want string
	}{
		"CCMP": {drivers.Key{Cipher: rsnCCMP, Addr: macA, Key: tk, Tx: true},
			"08000000" + zeros8 + zeros8 + sock + "03001000" + fmt.Sprintf("%x", tk) + " flags 0x1"},
		"TKIP group": {drivers.Key{Use: drivers.KeyGroup, Cipher: wpaTKIP, Index: 2, Key: tkip, Seq: []byte{1, 2, 3, 4, 5, 6}},
			"06000000" + zeros8 + "0102030405060000" + bcast + "02002000" + fmt.Sprintf("%x", tkip) + " flags 0x3"},
		"WEP":             {drivers.Key{Use: drivers.KeyGroup, Cipher: 0x000fac01, Key: tk[:5], Tx: true}, "0c000000" + zeros8 + zeros8 + bcast + "01000500" + fmt.Sprintf("%x", tk[:5]) + " flags 0x1"},
		"remove pairwise": {drivers.Key{Addr: macA}, "00000000" + zeros8 + zeros8 + sock + "00000000 flags 0x8001"},
		"remove group":    {drivers.Key{Use: drivers.KeyGroup, Index: 3}, "04000000" + zeros8 + zeros8 + bcast + "00000000 flags 0x8004"},
	} {
		f.take()
		if err := i.SetKey(&tc.key); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		check(t, name, f.take(), "SIOCSIWENCODEEXT wlan0 "+tc.want)
	}
	f.take()
	for name, k := range map[string]drivers.Key{
		"IGTK":       {Use: drivers.KeyIGTK, Index: 4},
		"BIGTK":      {Use: drivers.KeyBIGTK, Index: 6},
		"activation": {Activate: true},
		"for later":  {Cipher: rsnCCMP, Key: tk, RxOnly: true},
		"index":      {Cipher: rsnCCMP, Key: tk, Index: 4},
		"below":      {Cipher: rsnCCMP, Key: tk, Index: -1},
		"sequence":   {Cipher: rsnCCMP, Key: tk, Seq: make([]byte, 9)},
		"cipher":     {Cipher: 0x000fac08, Key: tk},
		"vendor":     {Cipher: 0x00112204, Key: tk},
		"short key":  {Cipher: rsnCCMP, Key: tk[:15]},
		"long key":   {Cipher: rsnCCMP, Key: tkip},
	} {
		if err := i.SetKey(&k); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	check(t, "requests of refused keys", f.take())
	f.errs[cmdSetEncExt] = unix.ENETDOWN
	if err := i.SetKey(&drivers.Key{Addr: macA}); !errors.Is(err, drivers.ErrDown) {
		t.Errorf("down: %v", err)
	}
}

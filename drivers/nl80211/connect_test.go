package nl80211

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/mdlayher/genetlink"
	"github.com/mdlayher/netlink"
	"github.com/mdlayher/netlink/nltest"
	"golang.org/x/sys/unix"

	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
)

func TestAuthAttrs(t *testing.T) {
	p := &drivers.AuthParams{
		BSSID: testBSSID, SSID: []byte("net"), Freq: 2412, Alg: dot11.AuthAlgSAE,
		IEs: []byte{1, 0}, SAEData: []byte{1, 0, 0, 0, 19, 0},
	}
	fn, err := authAttrs(p)
	if err != nil {
		t.Fatal(err)
	}
	got := top(t, attrs(t, fn))
	for typ, want := range map[uint16][]byte{
		unix.NL80211_ATTR_MAC:        testBSSID[:],
		unix.NL80211_ATTR_WIPHY_FREQ: {0x6c, 9, 0, 0},
		unix.NL80211_ATTR_SSID:       []byte("net"),
		unix.NL80211_ATTR_AUTH_TYPE:  {4, 0, 0, 0},
		unix.NL80211_ATTR_IE:         {1, 0},
		unix.NL80211_ATTR_AUTH_DATA:  p.SAEData,
	} {
		if !bytes.Equal(got[typ], want) {
			t.Errorf("attribute %d is %v, want %v", typ, got[typ], want)
		}
	}
	for name, bad := range map[string]drivers.AuthParams{
		"unknown algorithm": {Alg: 99},
		"long SSID":         {SSID: make([]byte, 33)},
		"no frequency":      {Freq: -5},
	} {
		if _, err := authAttrs(&bad); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestAssocAttrs(t *testing.T) {
	prev := dot11.MAC{2, 5}
	p := &drivers.AssocParams{
		BSSID: testBSSID, SSID: []byte("net"), PrevBSSID: &prev, IEs: []byte{48, 0}, PMF: drivers.PMFRequired, UseRRM: true,
		DisableVHT: true,
		Crypto: drivers.Crypto{
			Versions: drivers.WPAVersion2, Pairwise: []uint32{0x000fac04, 0x000fac02}, Group: 0x000fac02, AKM: 0x000fac08,
			Privacy: true, ControlPort: true, ControlPortOverNetlink: true,
		},
	}
	fn, err := assocAttrs(p, &drivers.Capability{ControlPort: true}, params{})
	if err != nil {
		t.Fatal(err)
	}
	got := top(t, attrs(t, fn))
	for typ, want := range map[uint16][]byte{
		unix.NL80211_ATTR_SSID:                      []byte("net"),
		unix.NL80211_ATTR_IE:                        {48, 0},
		unix.NL80211_ATTR_PREV_BSSID:                prev[:],
		unix.NL80211_ATTR_USE_MFP:                   {1, 0, 0, 0},
		unix.NL80211_ATTR_USE_RRM:                   {},
		unix.NL80211_ATTR_DISABLE_VHT:               {},
		unix.NL80211_ATTR_SOCKET_OWNER:              {},
		unix.NL80211_ATTR_PRIVACY:                   {},
		unix.NL80211_ATTR_WPA_VERSIONS:              {2, 0, 0, 0},
		unix.NL80211_ATTR_CIPHER_SUITES_PAIRWISE:    {4, 0xac, 0x0f, 0, 2, 0xac, 0x0f, 0},
		unix.NL80211_ATTR_CIPHER_SUITE_GROUP:        {2, 0xac, 0x0f, 0},
		unix.NL80211_ATTR_AKM_SUITES:                {8, 0xac, 0x0f, 0},
		unix.NL80211_ATTR_CONTROL_PORT:              {},
		unix.NL80211_ATTR_CONTROL_PORT_ETHERTYPE:    {0x8e, 0x88},
		unix.NL80211_ATTR_CONTROL_PORT_OVER_NL80211: {},
	} {
		if v, ok := got[typ]; !ok || !bytes.Equal(v, want) {
			t.Errorf("attribute %d is %v, want %v", typ, v, want)
		}
		delete(got, typ)
	}
	if len(got) != 0 {
		t.Errorf("more attributes: %v", got)
	}
}

func TestAssocWithoutRRM(t *testing.T) {
	fn, err := assocAttrs(&drivers.AssocParams{UseRRM: true}, &drivers.Capability{}, params{noRRM: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := top(t, attrs(t, fn))[unix.NL80211_ATTR_USE_RRM]; ok {
		t.Error("no_rrm=1 has no effect")
	}
}

func TestConnectRefused(t *testing.T) {
	for name, p := range map[string]drivers.ConnectParams{
		"handshake in the device": {PSK: make([]byte, 32)},
		"SAE in the device":       {SAEPassword: []byte("secret")},
		"802.1X in the device":    {Want1XOffload: true},
		"unknown algorithm":       {AuthAlgs: []dot11.AuthAlg{77}},
	} {
		if _, err := connectAttrs(&p, &drivers.Capability{}); !errors.Is(err, drivers.ErrNotSupported) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := connectAttrs(&drivers.ConnectParams{PSK: make([]byte, 31)}, &drivers.Capability{OffloadPSK: true}); err == nil {
		t.Error("a PSK of 31 bytes was accepted")
	}
}

func TestAuthenticateAnew(t *testing.T) {
	for _, tc := range []struct {
		name  string
		first error // of the first try
		leave error
		want  error
		steps string
	}{
		{"fresh", nil, nil, nil, "try"},
		{"refused", unix.EBUSY, nil, unix.EBUSY, "try"},
		{"forgotten", unix.ENOENT, nil, drivers.ErrUnknownBSS, "try"},
		{"associated", unix.EALREADY, nil, nil, "try leave try"},
		{"cannot leave", unix.EALREADY, unix.ENETDOWN, unix.ENETDOWN, "try leave"},
	} {
		var steps []string
		err := anew(func() error {
			steps = append(steps, "try")
			if len(steps) == 1 {
				return tc.first
			}
			return nil
		}, func() error { steps = append(steps, "leave"); return tc.leave })
		if got := strings.Join(steps, " "); got != tc.steps || !errors.Is(err, tc.want) {
			t.Errorf("%s: %s, %v", tc.name, got, err)
		}
	}
}

func TestConnectHints(t *testing.T) {
	hint := dot11.MAC{2, 7}
	fn, err := connectAttrs(&drivers.ConnectParams{BSSIDHint: &hint, FreqHint: 5180, AuthAlgs: []dot11.AuthAlg{dot11.AuthAlgOpen}}, &drivers.Capability{})
	if err != nil {
		t.Fatal(err)
	}
	got := top(t, attrs(t, fn))
	if !bytes.Equal(got[unix.NL80211_ATTR_MAC_HINT], hint[:]) || got[unix.NL80211_ATTR_WIPHY_FREQ_HINT] == nil ||
		!bytes.Equal(got[unix.NL80211_ATTR_AUTH_TYPE], []byte{0, 0, 0, 0}) || len(got) != 3 {
		t.Errorf("attributes %v", got)
	}
}

func TestKeyCommands(t *testing.T) {
	tk := bytes.Repeat([]byte{0x55}, 16)
	const ccmp, bip = 0x000fac04, 0x000fac06
	for _, tc := range []struct {
		name string
		key  drivers.Key
		want []string // command and attributes in hexadecimal, spaces ignored
	}{
		{"pairwise", drivers.Key{Use: drivers.KeyPairwise, Cipher: ccmp, Addr: testBSSID, Key: tk, Tx: true}, []string{
			"0b 0a000600 020000000707 0000 30005080 14000100 55555555555555555555555555555555 08000300 04ac0f00 05000200 00000000 08000700 01000000",
		}},
		{"pairwise for receiving", drivers.Key{Use: drivers.KeyPairwise, Cipher: ccmp, Addr: testBSSID, Index: 1, Key: tk, RxOnly: true}, []string{
			"0b 0a000600 020000000707 0000 38005080 14000100 55555555555555555555555555555555 08000300 04ac0f00 05000200 01000000 05000900 01000000 08000700 01000000",
		}},
		{"group", drivers.Key{Use: drivers.KeyGroup, Cipher: ccmp, Index: 1, Key: tk, Seq: []byte{1, 2, 3, 4, 5, 6}, Tx: true}, []string{
			"0b 3c005080 14000100 55555555555555555555555555555555 08000300 04ac0f00 05000200 01000000 0a000400 010203040506 0000 08000700 00000000",
			"0a 18005080 05000200 01000000 04000500 08000880 04000200",
		}},
		{"IGTK", drivers.Key{Use: drivers.KeyIGTK, Cipher: bip, Index: 4, Key: tk, Tx: true}, []string{
			"0b 30005080 14000100 55555555555555555555555555555555 08000300 06ac0f00 05000200 04000000 08000700 00000000",
			"0a 10005080 05000200 04000000 04000600",
		}},
		{"removal", drivers.Key{Use: drivers.KeyGroup, Index: 2}, []string{"0c 0c005080 05000200 02000000"}},
	} {
		cmds, err := keyCommands(&tc.key)
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		var got []string
		for _, c := range cmds {
			got = append(got, hexOf(append([]byte{c.cmd}, attrs(t, c.attrs)...)))
		}
		if want := strings.ReplaceAll(strings.Join(tc.want, "|"), " ", ""); strings.Join(got, "|") != want {
			t.Errorf("%s:\n got %s\nwant %s", tc.name, strings.Join(got, "|"), want)
		}
	}
}

func hexOf(b []byte) string {
	const digits = "0123456789abcdef"
	var s strings.Builder
	for _, c := range b {
		s.WriteByte(digits[c>>4])
		s.WriteByte(digits[c&15])
	}
	return s.String()
}

func TestKeyRefused(t *testing.T) {
	tk := make([]byte, 16)
	for name, k := range map[string]drivers.Key{
		"pairwise index 4":     {Use: drivers.KeyPairwise, Addr: testBSSID, Index: 4, Key: tk},
		"group index 4":        {Use: drivers.KeyGroup, Index: 4, Key: tk},
		"IGTK index 3":         {Use: drivers.KeyIGTK, Index: 3, Key: tk},
		"BIGTK index 8":        {Use: drivers.KeyBIGTK, Index: 8, Key: tk},
		"unknown use":          {Use: 9, Key: tk},
		"key of 4 bytes":       {Use: drivers.KeyGroup, Key: make([]byte, 4)},
		"key of 33 bytes":      {Use: drivers.KeyGroup, Key: make([]byte, 33)},
		"counter of 9 bytes":   {Use: drivers.KeyGroup, Key: tk, Seq: make([]byte, 9)},
		"pairwise for nobody":  {Use: drivers.KeyPairwise, Key: tk},
		"pairwise for a group": {Use: drivers.KeyPairwise, Key: tk, Addr: dot11.MAC{1}},
	} {
		if _, err := keyCommands(&k); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// mgmt builds a management frame of the access point.
func mgmt(subtype dot11.Subtype, body ...byte) []byte {
	h := dot11.MgmtHeader{Subtype: subtype, DA: dot11.MAC{2}, SA: testBSSID, BSSID: testBSSID}
	return append(h.Append(nil), body...)
}

func TestLinkEvents80211(t *testing.T) {
	frame := func(b []byte) encodeFunc {
		return func(ae *netlink.AttributeEncoder) { ae.Bytes(unix.NL80211_ATTR_FRAME, b) }
	}
	timedOut := func(ae *netlink.AttributeEncoder) {
		ae.Bytes(unix.NL80211_ATTR_MAC, testBSSID[:])
		ae.Flag(unix.NL80211_ATTR_TIMED_OUT, true)
	}
	for _, tc := range []struct {
		name string
		cmd  uint8
		fn   encodeFunc
		want drivers.Event
	}{
		{"authentication", unix.NL80211_CMD_AUTHENTICATE, frame(mgmt(dot11.SubtypeAuth, 3, 0, 1, 0, 126, 0, 19, 0)),
			drivers.EventAuth{BSSID: testBSSID, Alg: dot11.AuthAlgSAE, Transaction: 1, Status: 126, IEs: []byte{19, 0}}},
		{"no authentication", unix.NL80211_CMD_AUTHENTICATE, timedOut, drivers.EventTimeout{BSSID: testBSSID}},
		{"association", unix.NL80211_CMD_ASSOCIATE, frame(mgmt(dot11.SubtypeAssocResponse, 1, 0, 0, 0, 1, 0xc0, 1, 0)),
			drivers.EventAssoc{BSSID: testBSSID, RespIEs: []byte{1, 0}}},
		{"refused association", unix.NL80211_CMD_ASSOCIATE, frame(mgmt(dot11.SubtypeAssocResponse, 1, 0, 17, 0, 0, 0)),
			drivers.EventAssocReject{BSSID: testBSSID, Status: 17, RespIEs: []byte{}}},
		{"no association", unix.NL80211_CMD_ASSOCIATE, timedOut, drivers.EventTimeout{BSSID: testBSSID, Assoc: true}},
		{"refused connection", unix.NL80211_CMD_CONNECT, func(ae *netlink.AttributeEncoder) {
			ae.Bytes(unix.NL80211_ATTR_MAC, testBSSID[:])
			ae.Uint16(unix.NL80211_ATTR_STATUS_CODE, 13)
		}, drivers.EventAssocReject{BSSID: testBSSID, Status: 13}},
		{"no connection", unix.NL80211_CMD_CONNECT, timedOut, drivers.EventAssocReject{BSSID: testBSSID, Status: 1, TimedOut: true}},
		{"roamed", unix.NL80211_CMD_ROAM, func(ae *netlink.AttributeEncoder) {
			ae.Bytes(unix.NL80211_ATTR_MAC, testBSSID[:])
			ae.Flag(unix.NL80211_ATTR_PORT_AUTHORIZED, true)
		}, drivers.EventAssoc{BSSID: testBSSID, Authorized: true, Roamed: true}},
		{"unprotected", unix.NL80211_CMD_UNPROT_DISASSOCIATE, frame(mgmt(dot11.SubtypeDisassoc, 8, 0)),
			drivers.EventUnprotDisconnect{Src: testBSSID, Dst: dot11.MAC{2}, Reason: 8, Disassoc: true}},
		{"EAPOL in the clear", unix.NL80211_CMD_CONTROL_PORT_FRAME, func(ae *netlink.AttributeEncoder) {
			ae.Bytes(unix.NL80211_ATTR_MAC, testBSSID[:])
			ae.Bytes(unix.NL80211_ATTR_FRAME, []byte{2, 3, 0, 0})
			ae.Flag(unix.NL80211_ATTR_CONTROL_PORT_NO_ENCRYPT, true)
		}, drivers.EventEAPOL{Src: testBSSID, PDU: []byte{2, 3, 0, 0}, Encrypted: drivers.EncryptionNo}},
		{"channel switch", unix.NL80211_CMD_CH_SWITCH_NOTIFY, func(ae *netlink.AttributeEncoder) {
			ae.Uint32(unix.NL80211_ATTR_WIPHY_FREQ, 5180)
			ae.Uint32(unix.NL80211_ATTR_CHANNEL_WIDTH, unix.NL80211_CHAN_WIDTH_80)
			ae.Uint32(unix.NL80211_ATTR_CENTER_FREQ1, 5210)
		}, drivers.EventChannelSwitch{Freq: 5180, Width: 80, CenterFreq1: 5210, Done: true}},
		{"candidate", unix.NL80211_CMD_PMKSA_CANDIDATE, func(ae *netlink.AttributeEncoder) {
			ae.Nested(unix.NL80211_ATTR_PMKSA_CANDIDATE, func(ae *netlink.AttributeEncoder) error {
				ae.Uint32(candidateIndex, 4)
				ae.Bytes(candidateBSSID, testBSSID[:])
				ae.Flag(candidatePreauth, true)
				return nil
			})
		}, drivers.EventPMKIDCandidate{BSSID: testBSSID, Index: 4, Preauth: true}},
		{"comeback", unix.NL80211_CMD_ASSOC_COMEBACK, func(ae *netlink.AttributeEncoder) {
			ae.Bytes(unix.NL80211_ATTR_MAC, testBSSID[:])
			ae.Uint32(unix.NL80211_ATTR_TIMEOUT, 1000)
		}, drivers.EventComeback{BSSID: testBSSID, After: 1000 * dot11.TU}},
		{"rekeyed", unix.NL80211_CMD_SET_REKEY_OFFLOAD, func(ae *netlink.AttributeEncoder) {
			ae.Bytes(unix.NL80211_ATTR_MAC, testBSSID[:])
			ae.Nested(unix.NL80211_ATTR_REKEY_DATA, func(ae *netlink.AttributeEncoder) error {
				ae.Bytes(rekeyReplay, []byte{0, 0, 0, 0, 0, 0, 0, 9})
				return nil
			})
		}, drivers.EventRekeyed{BSSID: testBSSID, ReplayCounter: [8]byte{7: 9}}},
		{"MIC failure", unix.NL80211_CMD_MICHAEL_MIC_FAILURE, func(ae *netlink.AttributeEncoder) {
			ae.Bytes(unix.NL80211_ATTR_MAC, testBSSID[:])
			ae.Uint32(unix.NL80211_ATTR_KEY_TYPE, unix.NL80211_KEYTYPE_PAIRWISE)
		}, drivers.EventMICFailure{Src: testBSSID, Pairwise: true}},
	} {
		got, err := linkEventOf(tc.cmd, attrs(t, tc.fn), false)
		if err != nil || printed(got) != printed(tc.want) {
			t.Errorf("%s: %+v, %v; want %+v", tc.name, got, err, tc.want)
		}
	}
	if got, err := linkEventOf(unix.NL80211_CMD_CONNECT, nil, true); got != nil || err != nil {
		t.Errorf("connection with the SME here: %+v, %v", got, err)
	}
}

// TestLinkEventsTruncated cuts frames everywhere.
func TestLinkEventsTruncated(t *testing.T) {
	for cmd, need := range map[uint8]int{
		unix.NL80211_CMD_AUTHENTICATE: 30, unix.NL80211_CMD_ASSOCIATE: 30, unix.NL80211_CMD_UNPROT_DEAUTHENTICATE: 26,
	} {
		full := mgmt(dot11.SubtypeAuth, 0, 0, 2, 0, 0, 0)
		for n := range need {
			b := attrs(t, func(ae *netlink.AttributeEncoder) { ae.Bytes(unix.NL80211_ATTR_FRAME, full[:n]) })
			if got, err := linkEventOf(cmd, b, true); err == nil {
				t.Errorf("command %d with a frame of %d bytes: %+v", cmd, n, got)
			}
		}
	}
}

// TestPort mixes answers, refusals and frames nobody asked for.
func TestPort(t *testing.T) {
	script := make(chan []netlink.Message, 16)
	nl := nltest.Dial(func([]netlink.Message) ([]netlink.Message, error) {
		msgs, ok := <-script
		if !ok {
			return nil, os.NewSyscallError("recvmsg", unix.EBADF)
		}
		return msgs, nil
	})
	var frames []uint8
	replies := map[uint32]portReply{}
	p := &port{
		nl: nl, family: genetlink.Family{ID: familyID}, done: make(chan struct{}), waiting: map[uint32]waiter{},
		unask: func(m message) { frames = append(frames, m.cmd) },
		lost:  func(why string) { t.Errorf("lost: %s", why) },
	}
	for seq := uint32(7); seq < 10; seq++ {
		p.waiting[seq] = waiter{done: func(r portReply) { replies[seq] = r }, unhurried: seq == 9}
	}
	p.forgetUnhurried()
	script <- answerMessages(t, netlink.Header{}, answer{msgs: []message{{cmd: 77}}})[:1]
	script <- answerMessages(t, netlink.Header{Sequence: 7}, answer{msgs: []message{{cmd: 11}}})
	script <- []netlink.Message{ack(netlink.Header{Sequence: 8}, unix.EBUSY)}
	script <- []netlink.Message{ack(netlink.Header{Sequence: 9}, unix.EBUSY)}
	close(script)
	p.run()
	if r := replies[7]; r.err != nil || len(r.msgs) != 1 || r.msgs[0].cmd != 11 {
		t.Errorf("answer %+v", r)
	}
	if r := replies[8]; !errors.Is(r.err, unix.EBUSY) {
		t.Errorf("refusal %+v", r)
	}
	if len(replies) != 2 || len(p.waiting) != 0 {
		t.Errorf("%d replies, still waiting for %d", len(replies), len(p.waiting))
	}
	if len(frames) != 1 || frames[0] != 77 {
		t.Errorf("frames %v", frames)
	}
	if _, err := p.do("test", 1, nil); err == nil {
		t.Error("a closed port answered")
	}
	clear(p.waiting) // of the request that got no answer
	if err := p.post("test", 1, nil, func(err error) { replies[0] = portReply{err: err} }); err != nil {
		t.Errorf("posting: %v", err)
	}
	for seq, w := range p.waiting {
		if !w.unhurried {
			t.Errorf("request %d is waited for", seq)
		}
		p.finish(seq, portReply{err: unix.ENOTCONN})
	}
	if r := replies[0]; !errors.Is(r.err, unix.ENOTCONN) {
		t.Errorf("refused: %+v", r)
	}
}

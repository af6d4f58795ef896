package nl80211

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
)

// linkEvent holds the attributes that messages about joining, being in and
// leaving a network have.
type linkEvent struct {
	mac              dot11.MAC
	frame            []byte
	reqIEs, respIEs  []byte
	ssid             []byte
	pmkid            []byte
	status           uint16
	timedOut         bool
	authorized       bool
	noEncrypt        bool
	acked            bool
	freq             uint32
	signal           int32
	akm              uint32
	action           uint32
	timeout          uint32
	width            uint32
	center1, center2 uint32
	keyType          uint32
	kck, kek         []byte
	replay           []byte
	candidate        candidate
	cookie           uint64
	hasCookie        bool
}

// candidate is an access point worth pre-authenticating with.
type candidate struct {
	bssid   dot11.MAC
	index   uint32
	preauth bool
}

func decodeLink(attrs []byte) (linkEvent, error) {
	var e linkEvent
	err := each("link event", attrs, func(ad *netlink.AttributeDecoder) error {
		if e.bytesAttr(ad) {
			return nil
		}
		if e.flagAttr(ad) {
			return nil
		}
		return e.attr(ad)
	})
	return e, err
}

func (e *linkEvent) bytesAttr(ad *netlink.AttributeDecoder) bool {
	switch ad.Type() {
	case unix.NL80211_ATTR_FRAME:
		e.frame = ad.Bytes()
	case unix.NL80211_ATTR_REQ_IE:
		e.reqIEs = ad.Bytes()
	case unix.NL80211_ATTR_RESP_IE:
		e.respIEs = ad.Bytes()
	case unix.NL80211_ATTR_SSID:
		e.ssid = ad.Bytes()
	case unix.NL80211_ATTR_PMKID:
		e.pmkid = ad.Bytes()
	default:
		return false
	}
	return true
}

func (e *linkEvent) flagAttr(ad *netlink.AttributeDecoder) bool {
	switch ad.Type() {
	case unix.NL80211_ATTR_TIMED_OUT:
		e.timedOut = true
	case unix.NL80211_ATTR_PORT_AUTHORIZED:
		e.authorized = true
	case unix.NL80211_ATTR_CONTROL_PORT_NO_ENCRYPT:
		e.noEncrypt = true
	case unix.NL80211_ATTR_ACK:
		e.acked = true
	default:
		return false
	}
	return true
}

func (e *linkEvent) attr(ad *netlink.AttributeDecoder) (err error) {
	switch ad.Type() {
	case unix.NL80211_ATTR_MAC, unix.NL80211_ATTR_BSSID:
		e.mac, err = mac(ad)
	case unix.NL80211_ATTR_COOKIE:
		e.cookie, e.hasCookie = ad.Uint64(), true
	case unix.NL80211_ATTR_STATUS_CODE:
		e.status = ad.Uint16()
	case unix.NL80211_ATTR_WIPHY_FREQ:
		e.freq = ad.Uint32()
	case unix.NL80211_ATTR_RX_SIGNAL_DBM:
		e.signal = ad.Int32()
	case unix.NL80211_ATTR_AKM_SUITES:
		e.akm = ad.Uint32()
	case unix.NL80211_ATTR_EXTERNAL_AUTH_ACTION:
		e.action = ad.Uint32()
	case unix.NL80211_ATTR_TIMEOUT:
		e.timeout = ad.Uint32()
	case unix.NL80211_ATTR_CHANNEL_WIDTH:
		e.width = ad.Uint32()
	case unix.NL80211_ATTR_CENTER_FREQ1:
		e.center1 = ad.Uint32()
	case unix.NL80211_ATTR_CENTER_FREQ2:
		e.center2 = ad.Uint32()
	case unix.NL80211_ATTR_KEY_TYPE:
		e.keyType = ad.Uint32()
	case unix.NL80211_ATTR_REKEY_DATA:
		err = nested(ad, func(ad *netlink.AttributeDecoder) error {
			switch ad.Type() {
			case rekeyKEK:
				e.kek = ad.Bytes()
			case rekeyKCK:
				e.kck = ad.Bytes()
			case rekeyReplay:
				e.replay = ad.Bytes()
			}
			return nil
		})
	case unix.NL80211_ATTR_PMKSA_CANDIDATE:
		err = nested(ad, e.candidate.attr)
	}
	return err
}

// Attributes inside NL80211_ATTR_PMKSA_CANDIDATE.
const (
	candidateIndex   = 1
	candidateBSSID   = 2
	candidatePreauth = 3
)

func (c *candidate) attr(ad *netlink.AttributeDecoder) (err error) {
	switch ad.Type() {
	case candidateIndex:
		c.index = ad.Uint32()
	case candidateBSSID:
		c.bssid, err = mac(ad)
	case candidatePreauth:
		c.preauth = true
	}
	return err
}

// authEvent is the outcome of an authentication frame of ours.
func (e *linkEvent) authEvent() (drivers.Event, error) {
	if e.timedOut {
		return drivers.EventTimeout{BSSID: e.mac}, nil
	}
	h, body, err := dot11.ParseMgmt(e.frame)
	if err != nil {
		return nil, err
	}
	f, err := dot11.ParseAuth(body)
	if err != nil {
		return nil, err
	}
	return drivers.EventAuth{BSSID: h.BSSID, Alg: f.Alg, Transaction: f.Seq, Status: uint16(f.Status), IEs: f.Payload}, nil
}

// assocFixedLen is capability, status code and association id.
const assocFixedLen = 6

// assocEvent is the outcome of an association request of ours. Elements are
// handed on as they are: the kernel has accepted them.
func (e *linkEvent) assocEvent() (drivers.Event, error) {
	if e.timedOut {
		return drivers.EventTimeout{BSSID: e.mac, Assoc: true}, nil
	}
	h, body, err := dot11.ParseMgmt(e.frame)
	if err != nil {
		return nil, err
	}
	if len(body) < assocFixedLen {
		return nil, fmt.Errorf("association response of %d bytes", len(body))
	}
	status := binary.LittleEndian.Uint16(body[2:])
	if status != 0 {
		return drivers.EventAssocReject{BSSID: h.BSSID, Status: status, RespIEs: body[assocFixedLen:]}, nil
	}
	return drivers.EventAssoc{BSSID: h.BSSID, Freq: int(e.freq), ReqIEs: e.reqIEs, RespIEs: body[assocFixedLen:]}, nil
}

// statusUnspecified is status code 1.
const statusUnspecified = 1

// connectEvent is the outcome of a connection made by the device.
func (e *linkEvent) connectEvent() drivers.Event {
	if e.status != 0 || e.timedOut {
		status := e.status
		if status == 0 {
			status = statusUnspecified
		}
		return drivers.EventAssocReject{BSSID: e.mac, Status: status, RespIEs: e.respIEs, TimedOut: e.timedOut}
	}
	return e.associated(false)
}

func (e *linkEvent) associated(roamed bool) drivers.Event {
	return drivers.EventAssoc{
		BSSID: e.mac, Freq: int(e.freq), ReqIEs: e.reqIEs, RespIEs: e.respIEs,
		Authorized: e.authorized, Roamed: roamed, PTKKCK: e.kck, PTKKEK: e.kek,
	}
}

// unprotEvent is an unprotected frame that the kernel did not act on.
func (e *linkEvent) unprotEvent(disassoc bool) (drivers.Event, error) {
	h, body, err := dot11.ParseMgmt(e.frame)
	if err != nil {
		return nil, err
	}
	if len(body) < 2 {
		return nil, fmt.Errorf("unprotected frame with %d bytes of body", len(body))
	}
	return drivers.EventUnprotDisconnect{
		Src: h.SA, Dst: h.DA, Reason: binary.LittleEndian.Uint16(body), Disassoc: disassoc,
	}, nil
}

// eapolEvent is a frame of the control port.
func (e *linkEvent) eapolEvent() drivers.Event {
	ev := drivers.EventEAPOL{Src: e.mac, PDU: e.frame, Encrypted: drivers.EncryptionYes}
	if e.noEncrypt {
		ev.Encrypted = drivers.EncryptionNo
	}
	return ev
}

// linkEventOf decodes the kinds of message that become one event of package
// drivers. A nil event means that the message says nothing new.
func linkEventOf(cmd uint8, attrs []byte, sme bool) (drivers.Event, error) {
	e, err := decodeLink(attrs)
	if err != nil {
		return nil, err
	}
	switch cmd {
	case unix.NL80211_CMD_AUTHENTICATE:
		return e.authEvent()
	case unix.NL80211_CMD_ASSOCIATE:
		return e.assocEvent()
	case unix.NL80211_CMD_CONNECT:
		if sme { // the association was reported with its frame
			return nil, nil
		}
		return e.connectEvent(), nil
	case unix.NL80211_CMD_ROAM:
		return e.associated(true), nil
	case unix.NL80211_CMD_UNPROT_DEAUTHENTICATE, unix.NL80211_CMD_UNPROT_DISASSOCIATE:
		return e.unprotEvent(cmd == unix.NL80211_CMD_UNPROT_DISASSOCIATE)
	}
	return e.otherEvent(cmd), nil
}

// otherEvent decodes what happens within an association.
func (e *linkEvent) otherEvent(cmd uint8) drivers.Event {
	switch cmd {
	case unix.NL80211_CMD_CONTROL_PORT_FRAME:
		return e.eapolEvent()
	case unix.NL80211_CMD_FRAME:
		return drivers.EventFrame{Frame: e.frame, Freq: int(e.freq), Signal: int(e.signal)}
	case unix.NL80211_CMD_ASSOC_COMEBACK:
		return drivers.EventComeback{BSSID: e.mac, After: time.Duration(e.timeout) * dot11.TU}
	case unix.NL80211_CMD_EXTERNAL_AUTH:
		return drivers.EventExternalAuth{BSSID: e.mac, SSID: e.ssid, AKM: e.akm, Start: e.action == 0}
	case unix.NL80211_CMD_MICHAEL_MIC_FAILURE:
		return drivers.EventMICFailure{Src: e.mac, Pairwise: e.keyType == unix.NL80211_KEYTYPE_PAIRWISE}
	case unix.NL80211_CMD_CH_SWITCH_NOTIFY, unix.NL80211_CMD_CH_SWITCH_STARTED_NOTIFY:
		return drivers.EventChannelSwitch{
			Freq: int(e.freq), CenterFreq1: int(e.center1), CenterFreq2: int(e.center2),
			Width: channelWidths[e.width], Done: cmd == unix.NL80211_CMD_CH_SWITCH_NOTIFY,
		}
	case unix.NL80211_CMD_PMKSA_CANDIDATE:
		return drivers.EventPMKIDCandidate{BSSID: e.candidate.bssid, Index: int(e.candidate.index), Preauth: e.candidate.preauth}
	case unix.NL80211_CMD_PORT_AUTHORIZED:
		return drivers.EventPortAuthorized{BSSID: e.mac}
	case unix.NL80211_CMD_SET_REKEY_OFFLOAD:
		ev := drivers.EventRekeyed{BSSID: e.mac}
		copy(ev.ReplayCounter[:], e.replay)
		return ev
	}
	return nil
}

// onLink hands a message about the link on.
func (i *Interface) onLink(ev event) error {
	out, err := linkEventOf(ev.cmd, ev.attrs, i.Capability().SMEInUser)
	if err != nil || out == nil {
		return err
	}
	i.emit(out)
	return nil
}

// unasked takes in what came to our port alone. Other multicast groups are not
// joined there, so nothing is seen twice.
func (i *Interface) unasked(m message) {
	ev, err := decodeEvent(m)
	if err != nil || !i.concerned(ev) {
		return
	}
	switch ev.cmd {
	case unix.NL80211_CMD_CONTROL_PORT_FRAME, unix.NL80211_CMD_FRAME, unix.NL80211_CMD_EXTERNAL_AUTH:
		if err := i.onLink(ev); err != nil {
			i.log.Warn("frame event not understood", "command", ev.cmd, "error", err)
		}
	}
}

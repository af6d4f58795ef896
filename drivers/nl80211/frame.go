package nl80211

import (
	"errors"
	"fmt"
	"slices"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"gosupplicant/drivers"
	"gosupplicant/drivers/internal/packet"
	"gosupplicant/engine/dot11"
)

// Frame control fields of frames that can be asked for.
const (
	frameAuth   = 0x00b0
	frameAction = 0x00d0
)

// stationFrames are the action frames of a station's partners that are asked
// for. What is asked for must be answered: the kernel returns an action frame
// nobody asked for to its sender as not supported.
var stationFrames = []struct {
	name  string
	match []byte
}{
	{"SA Query request", []byte{8, 0}},
	{"SA Query response", []byte{8, 1}},
}

// registerFrames asks for the frames that the engine handles.
func (i *Interface) registerFrames(p *port) error {
	for _, f := range stationFrames {
		if err := i.registerFrame(p, frameAction, f.match); err != nil {
			return fmt.Errorf("nl80211: ask for %s: %w", f.name, err)
		}
	}
	if i.Capability().SMEInUser {
		return nil
	}
	// External authentication: the device hands SAE frames over where it can.
	err := i.registerFrame(p, frameAuth, []byte{byte(dot11.AuthAlgSAE), 0})
	if err != nil && !errors.Is(err, unix.EINVAL) {
		return err
	}
	return nil
}

func (i *Interface) registerFrame(p *port, frameType uint16, match []byte) error {
	_, err := p.do("register frame", unix.NL80211_CMD_REGISTER_FRAME, func(ae *netlink.AttributeEncoder) {
		i.ifindexAttr(ae)
		ae.Uint16(unix.NL80211_ATTR_FRAME_TYPE, frameType)
		ae.Bytes(unix.NL80211_ATTR_FRAME_MATCH, match)
	})
	if isErrno(err, unix.EALREADY) { // another program of this system has asked
		return nil
	}
	return err
}

// SetBridge implements drivers.BridgeSetter: sockets that are open are opened
// anew for the next association.
func (i *Interface) SetBridge(ifname string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.bridge = ifname
	for _, c := range append(i.eapol, i.preauth...) {
		if err := c.Close(); err != nil {
			i.log.Debug("Closing an EAPOL socket", "err", err)
		}
	}
	i.eapol, i.preauth = nil, nil
}

// openEAPOL opens packet sockets for associations whose EAPOL frames do not come
// over netlink.
func (i *Interface) openEAPOL() error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.closed || len(i.eapol) > 0 {
		return nil
	}
	return i.openSockets(&i.eapol, packet.EtherType, func(src dot11.MAC, frame []byte) {
		i.emit(drivers.EventEAPOL{Src: src, PDU: frame})
	})
}

// openSockets opens one on the interface and, where there is one, on the bridge it
// is a port of, which takes the frames away. i.mu is held.
func (i *Interface) openSockets(socks *[]*packet.Conn, etherType uint16, fn func(dot11.MAC, []byte)) error {
	indices := []int{i.info.Ifindex}
	if i.bridge != "" {
		br, err := i.hub.ask.ByName(i.bridge)
		if err != nil {
			return fmt.Errorf("nl80211: %s: bridge: %w", i.info.Ifname, err)
		}
		indices = append(indices, br.Index)
	}
	for _, index := range indices {
		c, err := packet.OpenType(index, etherType, fn)
		if err != nil {
			return fmt.Errorf("nl80211: %s: EAPOL socket: %w", i.info.Ifname, err)
		}
		*socks = append(*socks, c)
	}
	return nil
}

// SendPreauth implements drivers.Preauthenticator: the frames are data to the
// kernel, also where it has a control port.
func (i *Interface) SendPreauth(dst dot11.MAC, pdu []byte) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.closed {
		return drivers.ErrClosed
	}
	if len(i.preauth) == 0 {
		err := i.openSockets(&i.preauth, packet.EtherTypePreauth, func(src dot11.MAC, frame []byte) {
			i.emit(drivers.EventPreauth{Src: src, PDU: frame})
		})
		if err != nil {
			return err
		}
	}
	return i.preauth[0].Send(dst, pdu)
}

// prepareEAPOL makes ready for the handshake of an association.
func (i *Interface) prepareEAPOL(c *drivers.Crypto) error {
	overNetlink := c.ControlPort && c.ControlPortOverNetlink && i.Capability().ControlPort
	i.mu.Lock()
	i.eapolOverNetlink = overNetlink
	i.mu.Unlock()
	if overNetlink || !c.ControlPort {
		return nil
	}
	return i.openEAPOL()
}

// SendEAPOL implements drivers.Linker. What comes next, keys above all, does not wait
// for the answer: frames and requests are carried out in their order.
func (i *Interface) SendEAPOL(dst dot11.MAC, pdu []byte, encrypt bool) error {
	i.mu.Lock()
	overNetlink, socks := i.eapolOverNetlink, i.eapol
	i.mu.Unlock()
	if !overNetlink {
		if len(socks) == 0 {
			return fmt.Errorf("nl80211: send EAPOL to %v: no association was asked for", dst)
		}
		return socks[0].Send(dst, pdu)
	}
	p, err := i.needFrames()
	if err != nil {
		return err
	}
	return p.post("send EAPOL to "+dst.String(), unix.NL80211_CMD_CONTROL_PORT_FRAME, func(ae *netlink.AttributeEncoder) {
		i.ifindexAttr(ae)
		ae.Uint16(unix.NL80211_ATTR_CONTROL_PORT_ETHERTYPE, etherTypeEAPOL)
		ae.Bytes(unix.NL80211_ATTR_MAC, dst[:])
		ae.Bytes(unix.NL80211_ATTR_FRAME, pdu)
		ae.Flag(unix.NL80211_ATTR_CONTROL_PORT_NO_ENCRYPT, !encrypt)
	}, func(err error) { i.log.Warn("EAPOL frame was not sent", "err", err) })
}

// SendFrame implements drivers.FrameSender.
func (i *Interface) SendFrame(frame []byte, freq int, noAck bool) error {
	if len(frame) < dot11.MgmtHeaderLen {
		return fmt.Errorf("nl80211: send frame of %d bytes, a header has %d", len(frame), dot11.MgmtHeaderLen)
	}
	// The status is looked at only when the cookie is known.
	i.txMu.Lock()
	defer i.txMu.Unlock()
	msgs, err := i.portDo("send frame", unix.NL80211_CMD_FRAME, func(ae *netlink.AttributeEncoder) {
		if freq != 0 {
			ae.Uint32(unix.NL80211_ATTR_WIPHY_FREQ, uint32(freq))
			ae.Flag(unix.NL80211_ATTR_OFFCHANNEL_TX_OK, i.Capability().Flags&drivers.FlagOffchannelTX != 0)
		}
		ae.Bytes(unix.NL80211_ATTR_FRAME, frame)
		ae.Flag(unix.NL80211_ATTR_DONT_WAIT_FOR_ACK, noAck)
	})
	if err != nil {
		return err
	}
	cookie, ok, err := frameCookie(msgs)
	if err != nil {
		return err
	}
	if ok {
		i.cookies = append(i.cookies, cookie)
	}
	if n := len(i.cookies) - maxCookies; n > 0 {
		i.cookies = i.cookies[n:]
	}
	return nil
}

// frameCookie is the number that the kernel gave a frame, in its answer; frames whose
// acknowledgement nobody waits for have none.
func frameCookie(msgs []message) (cookie uint64, ok bool, err error) {
	for _, m := range msgs {
		e, err := decodeLink(m.attrs)
		if err != nil {
			return 0, false, err
		}
		if e.hasCookie {
			cookie, ok = e.cookie, true
		}
	}
	return cookie, ok, nil
}

// maxCookies bounds the frames whose status is awaited.
const maxCookies = 64

// onTXStatus reports the fate of a frame of ours; other programs' are theirs.
func (i *Interface) onTXStatus(ev event) error {
	e, err := decodeLink(ev.attrs)
	if err != nil {
		return err
	}
	i.txMu.Lock()
	at := slices.Index(i.cookies, e.cookie)
	if at >= 0 {
		i.cookies = slices.Delete(i.cookies, at, at+1)
	}
	i.txMu.Unlock()
	if at >= 0 && e.hasCookie {
		i.emit(drivers.EventFrameTxStatus{Frame: e.frame, Acked: e.acked})
	}
	return nil
}

// ExternalAuthDone implements drivers.ExternalAuthenticator.
func (i *Interface) ExternalAuthDone(bssid dot11.MAC, ssid []byte, status uint16, pmkid []byte) error {
	if err := checkNetwork(ssid, 0); err != nil {
		return err
	}
	_, err := i.portDo("answer external authentication", unix.NL80211_CMD_EXTERNAL_AUTH, func(ae *netlink.AttributeEncoder) {
		ae.Uint16(unix.NL80211_ATTR_STATUS_CODE, status)
		ae.Bytes(unix.NL80211_ATTR_SSID, ssid)
		ae.Bytes(unix.NL80211_ATTR_BSSID, bssid[:])
		if len(pmkid) > 0 {
			ae.Bytes(unix.NL80211_ATTR_PMKID, pmkid)
		}
	})
	return err
}

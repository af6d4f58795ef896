package nl80211

import (
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
)

const etherTypeEAPOL = 0x888e

var authTypes = map[dot11.AuthAlg]uint32{
	dot11.AuthAlgOpen:      unix.NL80211_AUTHTYPE_OPEN_SYSTEM,
	dot11.AuthAlgSharedKey: unix.NL80211_AUTHTYPE_SHARED_KEY,
	dot11.AuthAlgFT:        unix.NL80211_AUTHTYPE_FT,
	dot11.AuthAlgLEAP:      unix.NL80211_AUTHTYPE_NETWORK_EAP,
	dot11.AuthAlgSAE:       unix.NL80211_AUTHTYPE_SAE,
	dot11.AuthAlgFILSSK:    unix.NL80211_AUTHTYPE_FILS_SK,
	dot11.AuthAlgFILSSKPFS: unix.NL80211_AUTHTYPE_FILS_SK_PFS,
	dot11.AuthAlgFILSPK:    unix.NL80211_AUTHTYPE_FILS_PK,
}

// needFrames opens the port on first use and returns it.
func (i *Interface) needFrames() (*port, error) {
	i.mu.Lock()
	closed := i.closed
	i.mu.Unlock()
	if closed {
		return nil, fmt.Errorf("nl80211: %s: %w", i.info.Ifname, drivers.ErrClosed)
	}
	i.framesMu.Lock()
	defer i.framesMu.Unlock()
	if i.frames != nil {
		return i.frames, nil
	}
	p, err := openPort(i.unasked, i.resync)
	if err != nil {
		return nil, err
	}
	if err := i.registerFrames(p); err != nil {
		_ = p.close()
		return nil, err
	}
	i.frames = p
	return p, nil
}

// portDo sends a request on the port.
func (i *Interface) portDo(what string, cmd uint8, attrs encodeFunc) ([]message, error) {
	p, err := i.needFrames()
	if err != nil {
		return nil, err
	}
	return p.do(what, cmd, func(ae *netlink.AttributeEncoder) {
		i.ifindexAttr(ae)
		if attrs != nil {
			attrs(ae)
		}
	})
}

// Authenticate implements drivers.SME.
func (i *Interface) Authenticate(p *drivers.AuthParams) error {
	attrs, err := authAttrs(p)
	if err != nil {
		return err
	}
	if !i.Capability().SMEInUser {
		return fmt.Errorf("nl80211: authenticate: %w", drivers.ErrNotSupported)
	}
	if p.Local {
		_, err = i.portDo("forget authentication", unix.NL80211_CMD_DEAUTHENTICATE, func(ae *netlink.AttributeEncoder) {
			ae.Bytes(unix.NL80211_ATTR_MAC, p.BSSID[:])
			ae.Uint16(unix.NL80211_ATTR_REASON_CODE, reasonPrevAuthInvalid)
			ae.Flag(unix.NL80211_ATTR_LOCAL_STATE_CHANGE, true)
		})
		return err
	}
	return anew(func() error {
		_, err := i.portDo("authenticate with "+p.BSSID.String(), unix.NL80211_CMD_AUTHENTICATE, attrs)
		return err
	}, func() error { return i.Deauthenticate(p.BSSID, reasonPrevAuthInvalid) })
}

// anew tries to authenticate. The kernel refuses at the access point that it is
// associated with (to associate again, or after a supplicant that was killed):
// then that association is left first.
func anew(try, leave func() error) error {
	err := try()
	switch {
	case isErrno(err, unix.ENOENT): // forgotten after 30 s, or heard without its name
		return fmt.Errorf("%w: %w", drivers.ErrUnknownBSS, err)
	case !isErrno(err, unix.EALREADY):
		return err
	}
	if err := leave(); err != nil {
		return err
	}
	return try()
}

// reasonPrevAuthInvalid is reason code 2 (IEEE 802.11-2024 Table 9-90).
const reasonPrevAuthInvalid = 2

func authAttrs(p *drivers.AuthParams) (encodeFunc, error) {
	typ, ok := authTypes[p.Alg]
	if !ok {
		return nil, fmt.Errorf("nl80211: authenticate: algorithm %d: %w", p.Alg, drivers.ErrNotSupported)
	}
	if err := checkNetwork(p.SSID, p.Freq); err != nil {
		return nil, err
	}
	return func(ae *netlink.AttributeEncoder) {
		ae.Bytes(unix.NL80211_ATTR_MAC, p.BSSID[:])
		ae.Uint32(unix.NL80211_ATTR_WIPHY_FREQ, uint32(p.Freq))
		ae.Bytes(unix.NL80211_ATTR_SSID, p.SSID)
		ae.Uint32(unix.NL80211_ATTR_AUTH_TYPE, typ)
		if len(p.IEs) > 0 {
			ae.Bytes(unix.NL80211_ATTR_IE, p.IEs)
		}
		if len(p.SAEData) > 0 {
			ae.Bytes(unix.NL80211_ATTR_AUTH_DATA, p.SAEData)
		}
	}, nil
}

func checkNetwork(ssid []byte, freq int) error {
	if len(ssid) > 32 {
		return fmt.Errorf("nl80211: SSID of %d bytes, 32 is the longest", len(ssid))
	}
	if freq < 0 || freq > 1<<20 {
		return fmt.Errorf("nl80211: %d MHz is no frequency", freq)
	}
	return nil
}

// Associate implements drivers.SME.
func (i *Interface) Associate(p *drivers.AssocParams) error {
	if !i.Capability().SMEInUser {
		return fmt.Errorf("nl80211: associate: %w", drivers.ErrNotSupported)
	}
	attrs, err := assocAttrs(p, i.Capability(), i.params)
	if err != nil {
		return err
	}
	if err := i.prepareEAPOL(&p.Crypto); err != nil {
		return err
	}
	i.mu.Lock()
	i.joining = association{associated: true, bssid: p.BSSID, ssid: slices.Clone(p.SSID), freq: p.Freq}
	i.mu.Unlock()
	_, err = i.portDo("associate with "+p.BSSID.String(), unix.NL80211_CMD_ASSOCIATE, func(ae *netlink.AttributeEncoder) {
		ae.Bytes(unix.NL80211_ATTR_MAC, p.BSSID[:])
		if p.Freq != 0 {
			ae.Uint32(unix.NL80211_ATTR_WIPHY_FREQ, uint32(p.Freq))
		}
		if len(p.FILSKEK) > 0 {
			ae.Bytes(unix.NL80211_ATTR_FILS_KEK, p.FILSKEK)
			ae.Bytes(unix.NL80211_ATTR_FILS_NONCES, p.FILSNonces)
		}
		attrs(ae)
	})
	return err
}

// assocAttrs are the attributes that association and connection share.
func assocAttrs(p *drivers.AssocParams, capa *drivers.Capability, with params) (encodeFunc, error) {
	if err := checkNetwork(p.SSID, p.Freq); err != nil {
		return nil, err
	}
	if len(p.IEs) > 0xff00 {
		return nil, fmt.Errorf("nl80211: association with %d bytes of elements", len(p.IEs))
	}
	return func(ae *netlink.AttributeEncoder) {
		ae.Bytes(unix.NL80211_ATTR_SSID, p.SSID)
		if len(p.IEs) > 0 {
			ae.Bytes(unix.NL80211_ATTR_IE, p.IEs)
		}
		if p.PrevBSSID != nil {
			ae.Bytes(unix.NL80211_ATTR_PREV_BSSID, p.PrevBSSID[:])
		}
		if p.PMF == drivers.PMFRequired {
			ae.Uint32(unix.NL80211_ATTR_USE_MFP, unix.NL80211_MFP_REQUIRED)
		} else if p.PMF == drivers.PMFOptional && capa.Flags&drivers.FlagMFPOptional != 0 {
			ae.Uint32(unix.NL80211_ATTR_USE_MFP, unix.NL80211_MFP_OPTIONAL)
		}
		if p.UseRRM && !with.noRRM {
			ae.Flag(unix.NL80211_ATTR_USE_RRM, true)
		}
		addOverrides(ae, p)
		addCrypto(ae, &p.Crypto, capa)
	}, nil
}

func addOverrides(ae *netlink.AttributeEncoder, p *drivers.AssocParams) {
	ae.Flag(unix.NL80211_ATTR_DISABLE_HT, p.DisableHT)
	ae.Flag(unix.NL80211_ATTR_DISABLE_VHT, p.DisableVHT)
	ae.Flag(unix.NL80211_ATTR_DISABLE_HE, p.DisableHE)
	ae.Flag(unix.NL80211_ATTR_DISABLE_EHT, p.DisableEHT)
	if len(p.HTCapa) > 0 && len(p.HTCapaMask) > 0 {
		ae.Bytes(unix.NL80211_ATTR_HT_CAPABILITY, p.HTCapa)
		ae.Bytes(unix.NL80211_ATTR_HT_CAPABILITY_MASK, p.HTCapaMask)
	}
	if len(p.VHTCapa) > 0 && len(p.VHTCapaMask) > 0 {
		ae.Bytes(unix.NL80211_ATTR_VHT_CAPABILITY, p.VHTCapa)
		ae.Bytes(unix.NL80211_ATTR_VHT_CAPABILITY_MASK, p.VHTCapaMask)
	}
}

// addCrypto describes the security. The socket owns the association: the
// frames of the control port come to it, and the association ends with it.
func addCrypto(ae *netlink.AttributeEncoder, c *drivers.Crypto, capa *drivers.Capability) {
	ae.Flag(unix.NL80211_ATTR_SOCKET_OWNER, true)
	ae.Flag(unix.NL80211_ATTR_PRIVACY, c.Privacy)
	if c.Versions != 0 {
		ae.Uint32(unix.NL80211_ATTR_WPA_VERSIONS, uint32(c.Versions))
	}
	if len(c.Pairwise) > 0 {
		ae.Bytes(unix.NL80211_ATTR_CIPHER_SUITES_PAIRWISE, suites(c.Pairwise))
	}
	if c.Group != 0 {
		ae.Uint32(unix.NL80211_ATTR_CIPHER_SUITE_GROUP, c.Group)
	}
	if c.AKM != 0 {
		ae.Bytes(unix.NL80211_ATTR_AKM_SUITES, suites([]uint32{c.AKM}))
	}
	if !c.ControlPort {
		return
	}
	ae.Flag(unix.NL80211_ATTR_CONTROL_PORT, true)
	if c.ControlPortNoEncrypt {
		ae.Uint16(unix.NL80211_ATTR_CONTROL_PORT_ETHERTYPE, etherTypeEAPOL)
		ae.Flag(unix.NL80211_ATTR_CONTROL_PORT_NO_ENCRYPT, true)
	}
	if c.ControlPortOverNetlink && capa.ControlPort {
		if !c.ControlPortNoEncrypt {
			ae.Uint16(unix.NL80211_ATTR_CONTROL_PORT_ETHERTYPE, etherTypeEAPOL)
		}
		ae.Flag(unix.NL80211_ATTR_CONTROL_PORT_OVER_NL80211, true)
		ae.Flag(unix.NL80211_ATTR_CONTROL_PORT_NO_PREAUTH, capa.Flags2&drivers.Flag2ControlPortRX != 0)
	}
}

// suites encodes selectors as an array in native byte order.
func suites(list []uint32) []byte {
	b := make([]byte, 0, 4*len(list))
	for _, s := range list {
		b = binary.NativeEndian.AppendUint32(b, s)
	}
	return b
}

// Connect implements drivers.Connector.
func (i *Interface) Connect(p *drivers.ConnectParams) error {
	capa := i.Capability()
	attrs, err := assocAttrs(&p.AssocParams, capa, i.params)
	if err != nil {
		return err
	}
	extra, err := connectAttrs(p, capa)
	if err != nil {
		return err
	}
	if err := i.prepareEAPOL(&p.Crypto); err != nil {
		return err
	}
	_, err = i.portDo("connect", unix.NL80211_CMD_CONNECT, func(ae *netlink.AttributeEncoder) {
		attrs(ae)
		extra(ae)
	})
	return err
}

// connectAttrs are the attributes of a connection that an association lacks.
func connectAttrs(p *drivers.ConnectParams, capa *drivers.Capability) (encodeFunc, error) {
	typ := uint32(unix.NL80211_AUTHTYPE_AUTOMATIC)
	if len(p.AuthAlgs) == 1 {
		var ok bool
		if typ, ok = authTypes[p.AuthAlgs[0]]; !ok {
			return nil, fmt.Errorf("nl80211: connect: algorithm %d: %w", p.AuthAlgs[0], drivers.ErrNotSupported)
		}
	}
	switch {
	case len(p.PSK) > 0 && !capa.OffloadPSK, len(p.SAEPassword) > 0 && !capa.OffloadSAE, p.Want1XOffload && !capa.Offload8021X:
		return nil, fmt.Errorf("nl80211: connect with a handshake in the device: %w", drivers.ErrNotSupported)
	case len(p.PSK) > 0 && len(p.PSK) != 32:
		return nil, fmt.Errorf("nl80211: connect: a PSK has 32 bytes, this one %d", len(p.PSK))
	}
	return func(ae *netlink.AttributeEncoder) {
		if !p.BSSID.IsZero() {
			ae.Bytes(unix.NL80211_ATTR_MAC, p.BSSID[:])
		} else if p.BSSIDHint != nil {
			ae.Bytes(unix.NL80211_ATTR_MAC_HINT, p.BSSIDHint[:])
		}
		if p.Freq != 0 {
			ae.Uint32(unix.NL80211_ATTR_WIPHY_FREQ, uint32(p.Freq))
		} else if p.FreqHint != 0 {
			ae.Uint32(unix.NL80211_ATTR_WIPHY_FREQ_HINT, uint32(p.FreqHint))
		}
		if typ != unix.NL80211_AUTHTYPE_AUTOMATIC {
			ae.Uint32(unix.NL80211_ATTR_AUTH_TYPE, typ)
		}
		if len(p.PSK) > 0 {
			ae.Bytes(unix.NL80211_ATTR_PMK, p.PSK)
		}
		if len(p.SAEPassword) > 0 {
			ae.Bytes(unix.NL80211_ATTR_SAE_PASSWORD, p.SAEPassword)
		}
		ae.Flag(unix.NL80211_ATTR_EXTERNAL_AUTH_SUPPORT, p.ExternalAuth)
		ae.Flag(unix.NL80211_ATTR_WANT_1X_4WAY_HS, p.Want1XOffload)
		if p.BGScanPeriod != nil {
			ae.Uint16(unix.NL80211_ATTR_BG_SCAN_PERIOD, uint16(max(0, min(*p.BGScanPeriod/time.Second, 0xffff))))
		}
	}, nil
}

// Deauthenticate implements drivers.Linker. Devices that connect by themselves
// are told to disconnect.
func (i *Interface) Deauthenticate(bssid dot11.MAC, reason uint16) error {
	if reason == 0 {
		return fmt.Errorf("nl80211: deauthenticate: reason code 0 is reserved")
	}
	if !i.Capability().SMEInUser {
		_, err := i.portDo("disconnect", unix.NL80211_CMD_DISCONNECT, func(ae *netlink.AttributeEncoder) {
			ae.Uint16(unix.NL80211_ATTR_REASON_CODE, reason)
		})
		return err
	}
	_, err := i.portDo("deauthenticate from "+bssid.String(), unix.NL80211_CMD_DEAUTHENTICATE, func(ae *netlink.AttributeEncoder) {
		ae.Bytes(unix.NL80211_ATTR_MAC, bssid[:])
		ae.Uint16(unix.NL80211_ATTR_REASON_CODE, reason)
	})
	return err
}

// SetAuthorized implements drivers.Linker.
func (i *Interface) SetAuthorized(bssid dot11.MAC, authorized bool) error {
	_, err := i.cmd.do("set port state", unix.NL80211_CMD_SET_STATION, func(ae *netlink.AttributeEncoder) {
		i.ifindexAttr(ae)
		ae.Bytes(unix.NL80211_ATTR_MAC, bssid[:])
		const bit = 1 << unix.NL80211_STA_FLAG_AUTHORIZED
		update := binary.NativeEndian.AppendUint32(nil, bit) // struct nl80211_sta_flag_update: mask, set
		set := uint32(0)
		if authorized {
			set = bit
		}
		ae.Bytes(unix.NL80211_ATTR_STA_FLAGS2, binary.NativeEndian.AppendUint32(update, set))
	})
	return err
}

// SetPowerSave implements drivers.PowerSaver.
func (i *Interface) SetPowerSave(on bool) error {
	_, err := i.cmd.do("set power save", unix.NL80211_CMD_SET_POWER_SAVE, func(ae *netlink.AttributeEncoder) {
		i.ifindexAttr(ae)
		state := uint32(0)
		if on {
			state = 1
		}
		ae.Uint32(unix.NL80211_ATTR_PS_STATE, state)
	})
	return err
}

// SetFourAddress implements drivers.FourAddresser.
func (i *Interface) SetFourAddress(on bool) error {
	_, err := i.cmd.do("set 4-address mode", unix.NL80211_CMD_SET_INTERFACE, func(ae *netlink.AttributeEncoder) {
		i.ifindexAttr(ae)
		ae.Uint32(unix.NL80211_ATTR_IFTYPE, unix.NL80211_IFTYPE_STATION)
		use := uint8(0)
		if on {
			use = 1
		}
		ae.Uint8(unix.NL80211_ATTR_4ADDR, use)
	})
	return err
}

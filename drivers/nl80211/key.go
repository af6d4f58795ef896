package nl80211

import (
	"fmt"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
)

// keyCommand is one request that SetKey makes.
type keyCommand struct {
	cmd   uint8
	attrs encodeFunc
}

// keyCommands turns a key into requests: remove it, or install it and, where it
// is the one to send with, make it the default.
func keyCommands(k *drivers.Key) ([]keyCommand, error) {
	if err := checkKey(k); err != nil {
		return nil, err
	}
	peer := func(ae *netlink.AttributeEncoder) {
		if k.Use == drivers.KeyPairwise {
			ae.Bytes(unix.NL80211_ATTR_MAC, k.Addr[:])
		}
	}
	if k.Key == nil {
		return []keyCommand{{unix.NL80211_CMD_DEL_KEY, func(ae *netlink.AttributeEncoder) {
			peer(ae)
			nestedKey(ae, func(ae *netlink.AttributeEncoder) { ae.Uint8(unix.NL80211_KEY_IDX, uint8(k.Index)) })
		}}}, nil
	}
	cmds := []keyCommand{{unix.NL80211_CMD_NEW_KEY, func(ae *netlink.AttributeEncoder) {
		peer(ae)
		nestedKey(ae, func(ae *netlink.AttributeEncoder) { newKeyAttrs(ae, k) })
	}}}
	if k.Use == drivers.KeyPairwise && !k.RxOnly && k.Tx && k.Index > 0 {
		return append(cmds, keyCommand{unix.NL80211_CMD_SET_KEY, func(ae *netlink.AttributeEncoder) {
			peer(ae)
			nestedKey(ae, func(ae *netlink.AttributeEncoder) {
				ae.Uint8(unix.NL80211_KEY_IDX, uint8(k.Index))
				ae.Uint8(unix.NL80211_KEY_MODE, unix.NL80211_KEY_SET_TX)
			})
		}}), nil
	}
	if k.Tx && k.Use != drivers.KeyPairwise {
		cmds = append(cmds, keyCommand{unix.NL80211_CMD_SET_KEY, func(ae *netlink.AttributeEncoder) { defaultKeyAttrs(ae, k) }})
	}
	return cmds, nil
}

// keyRanges are the indices each kind of key may have.
var keyRanges = map[drivers.KeyUse][2]int{
	drivers.KeyPairwise: {0, 3}, drivers.KeyGroup: {0, 3}, drivers.KeyIGTK: {4, 5}, drivers.KeyBIGTK: {6, 7},
}

func checkKey(k *drivers.Key) error {
	r, ok := keyRanges[k.Use]
	if !ok || k.Index < r[0] || k.Index > r[1] {
		return fmt.Errorf("nl80211: key kind %d with index %d", k.Use, k.Index)
	}
	if k.Key != nil && (len(k.Key) < 5 || len(k.Key) > 32) {
		return fmt.Errorf("nl80211: key of %d bytes", len(k.Key))
	}
	if len(k.Seq) != 0 && len(k.Seq) > 8 {
		return fmt.Errorf("nl80211: receive sequence counter of %d bytes", len(k.Seq))
	}
	if k.Use == drivers.KeyPairwise && (k.Addr.IsZero() || k.Addr.IsGroup()) {
		return fmt.Errorf("nl80211: pairwise key for %v, which is no station", k.Addr)
	}
	return nil
}

func nestedKey(ae *netlink.AttributeEncoder, fn func(ae *netlink.AttributeEncoder)) {
	ae.Nested(unix.NL80211_ATTR_KEY, func(ae *netlink.AttributeEncoder) error { fn(ae); return nil })
}

func newKeyAttrs(ae *netlink.AttributeEncoder, k *drivers.Key) {
	ae.Bytes(unix.NL80211_KEY_DATA, k.Key)
	ae.Uint32(unix.NL80211_KEY_CIPHER, k.Cipher)
	ae.Uint8(unix.NL80211_KEY_IDX, uint8(k.Index))
	if len(k.Seq) > 0 {
		ae.Bytes(unix.NL80211_KEY_SEQ, k.Seq)
	}
	typ := uint32(unix.NL80211_KEYTYPE_GROUP)
	if k.Use == drivers.KeyPairwise {
		typ = unix.NL80211_KEYTYPE_PAIRWISE
		if k.RxOnly {
			ae.Uint8(unix.NL80211_KEY_MODE, unix.NL80211_KEY_NO_TX)
		}
	}
	ae.Uint32(unix.NL80211_KEY_TYPE, typ)
}

// defaultKeyAttrs makes a group key the one to send with.
func defaultKeyAttrs(ae *netlink.AttributeEncoder, k *drivers.Key) {
	nestedKey(ae, func(ae *netlink.AttributeEncoder) {
		ae.Uint8(unix.NL80211_KEY_IDX, uint8(k.Index))
		switch k.Use {
		case drivers.KeyIGTK:
			ae.Flag(unix.NL80211_KEY_DEFAULT_MGMT, true)
		case drivers.KeyBIGTK:
			ae.Flag(unix.NL80211_KEY_DEFAULT_BEACON, true)
		case drivers.KeyGroup, drivers.KeyPairwise:
			ae.Flag(unix.NL80211_KEY_DEFAULT, true)
			ae.Nested(unix.NL80211_KEY_DEFAULT_TYPES, func(ae *netlink.AttributeEncoder) error {
				ae.Flag(unix.NL80211_KEY_DEFAULT_TYPE_MULTICAST, true)
				return nil
			})
		}
	})
}

// SetKey implements drivers.Linker. Removing a key that is not there is no
// error.
func (i *Interface) SetKey(k *drivers.Key) error {
	cmds, err := keyCommands(k)
	if err != nil {
		return err
	}
	for _, c := range cmds {
		_, err := i.cmd.do(fmt.Sprintf("key command %d for index %d", c.cmd, k.Index), c.cmd, func(ae *netlink.AttributeEncoder) {
			i.ifindexAttr(ae)
			c.attrs(ae)
		})
		if c.cmd == unix.NL80211_CMD_DEL_KEY && (isErrno(err, unix.ENOENT) || isErrno(err, unix.ENOLINK)) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// pmksaAttrs describe an entry of the device's cache.
func pmksaAttrs(e *drivers.PMKSA, withKey bool) encodeFunc {
	return func(ae *netlink.AttributeEncoder) {
		ae.Bytes(unix.NL80211_ATTR_PMKID, e.PMKID[:])
		if e.BSSID != (dot11.MAC{}) {
			ae.Bytes(unix.NL80211_ATTR_MAC, e.BSSID[:])
		}
		if e.BSSID == (dot11.MAC{}) && len(e.SSID) > 0 {
			ae.Bytes(unix.NL80211_ATTR_SSID, e.SSID)
		}
		if !withKey {
			return
		}
		if len(e.PMK) > 0 {
			ae.Bytes(unix.NL80211_ATTR_PMK, e.PMK)
		}
		if s := e.Lifetime.Seconds(); s >= 1 && s < 1<<32 {
			ae.Uint32(unix.NL80211_ATTR_PMK_LIFETIME, uint32(s))
		}
		if e.ReauthThreshold > 0 && e.ReauthThreshold <= 100 {
			ae.Uint8(unix.NL80211_ATTR_PMK_REAUTH_THRESHOLD, uint8(e.ReauthThreshold))
		}
	}
}

func (i *Interface) pmksa(what string, cmd uint8, attrs encodeFunc) error {
	_, err := i.cmd.do(what, cmd, func(ae *netlink.AttributeEncoder) {
		i.ifindexAttr(ae)
		if attrs != nil {
			attrs(ae)
		}
	})
	return err
}

// SetPMKSA implements drivers.PMKSACacher.
func (i *Interface) SetPMKSA(e *drivers.PMKSA) error {
	return i.pmksa("set PMKSA", unix.NL80211_CMD_SET_PMKSA, pmksaAttrs(e, true))
}

// DeletePMKSA implements drivers.PMKSACacher.
func (i *Interface) DeletePMKSA(e *drivers.PMKSA) error {
	return i.pmksa("delete PMKSA", unix.NL80211_CMD_DEL_PMKSA, pmksaAttrs(e, false))
}

// FlushPMKSA implements drivers.PMKSACacher.
func (i *Interface) FlushPMKSA() error {
	return i.pmksa("flush PMKSAs", unix.NL80211_CMD_FLUSH_PMKSA, nil)
}

// Attributes inside NL80211_ATTR_REKEY_DATA.
const (
	rekeyKEK    = 1
	rekeyKCK    = 2
	rekeyReplay = 3
	rekeyAKM    = 4
)

// SetRekeyData implements drivers.RekeyOffloader.
func (i *Interface) SetRekeyData(d *drivers.RekeyData) error {
	_, err := i.cmd.do("set rekey data", unix.NL80211_CMD_SET_REKEY_OFFLOAD, func(ae *netlink.AttributeEncoder) {
		i.ifindexAttr(ae)
		ae.Nested(unix.NL80211_ATTR_REKEY_DATA, func(ae *netlink.AttributeEncoder) error {
			ae.Bytes(rekeyKEK, d.KEK)
			ae.Bytes(rekeyKCK, d.KCK)
			ae.Bytes(rekeyReplay, d.ReplayCounter[:])
			ae.Uint32(rekeyAKM, d.AKM)
			return nil
		})
	})
	return err
}

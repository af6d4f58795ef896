package wext

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"gosupplicant/drivers"
	"gosupplicant/drivers/internal/wireless"
	"gosupplicant/engine/dot11"
)

// Indices of SIOCSIWAUTH.
const (
	authWPAVersion         = 0
	authPairwise           = 1
	authGroup              = 2
	authKeyMgmt            = 3
	authCountermeasures    = 4
	authDropUnencrypted    = 5
	authAlgorithms         = 6
	authWPAEnabled         = 7
	authRxUnencryptedEAPOL = 8
	authRoamingControl     = 9
	authPrivacyInvoked     = 10
	authGroupMgmt          = 11
	authMFP                = 12
)

// Values of SIOCSIWAUTH.
const (
	versionNone = 1
	versionWPA  = 2
	versionWPA2 = 4

	cipherNone   = 1
	cipherWEP40  = 2
	cipherTKIP   = 4
	cipherCCMP   = 8
	cipherWEP104 = 0x10
	cipherCMAC   = 0x20

	keyMgmt8021X = 1
	keyMgmtPSK   = 2

	algorithmOpen   = 1
	algorithmShared = 2
	algorithmLEAP   = 4

	roamingByUser = 1 // this program decides on BSSs

	mfpOff      = 0
	mfpOptional = 1
	mfpRequired = 2
)

// maxPairwise bounds the pairwise ciphers of a request.
const maxPairwise = 8

// authParam is one SIOCSIWAUTH. Refusals of those that are not must matter to
// nobody: many drivers do not know them.
type authParam struct {
	index uint16
	value uint32
	must  bool
}

// cipherBits are the ciphers of SIOCSIWAUTH by the suite type of RSN and WPA
// selectors, whose numbering is the same for what is known here.
var cipherBits = map[byte]uint32{1: cipherWEP40, 2: cipherTKIP, 4: cipherCCMP, 5: cipherWEP104, 6: cipherCMAC}

func cipherBit(selector uint32) (uint32, error) {
	bit, ok := cipherBits[byte(selector)]
	if oui := selector >> 8; !ok || oui != ouiRSN && oui != ouiWPA {
		return 0, fmt.Errorf("wext: cipher %08x: %w", selector, drivers.ErrNotSupported)
	}
	return bit, nil
}

// Organisations of suite selectors.
const (
	ouiRSN = 0x000fac
	ouiWPA = 0x0050f2
)

// authParams is the security of an association as SIOCSIWAUTH takes it, in
// order.
func authParams(p *drivers.ConnectParams) ([]authParam, error) {
	c := &p.Crypto
	wpa := c.AKM != 0
	version, pairwise, group, mgmt := uint32(versionNone), uint32(cipherNone), uint32(cipherNone), uint32(0)
	if wpa {
		var err error
		if version, err = wpaVersion(c.Versions); err != nil {
			return nil, err
		}
		if mgmt, err = keyMgmt(c.AKM); err != nil {
			return nil, err
		}
		if pairwise, err = pairwiseBits(c.Pairwise); err != nil {
			return nil, err
		}
		if group, err = cipherBit(c.Group); err != nil {
			return nil, err
		}
	}
	algs, err := algorithms(p.AuthAlgs)
	if err != nil {
		return nil, err
	}
	list := []authParam{
		{authWPAEnabled, flag(wpa), false},
		{authCountermeasures, 0, false},
		{authRoamingControl, roamingByUser, false},
		{authDropUnencrypted, flag(c.Privacy), false},
		{authAlgorithms, algs, false},
		{authWPAVersion, version, wpa},
		{authPairwise, pairwise, wpa},
		{authGroup, group, wpa},
		{authKeyMgmt, mgmt, wpa},
		{authPrivacyInvoked, flag(c.Privacy), c.Privacy},
		// WPA encrypts its EAPOL frames as soon as there is a key, 802.1X with
		// WEP does not.
		{authRxUnencryptedEAPOL, flag(!wpa), false},
	}
	switch p.PMF {
	case drivers.PMFNo:
		list = append(list, authParam{authMFP, mfpOff, false})
	case drivers.PMFOptional, drivers.PMFRequired:
		bit, err := cipherBit(c.GroupMgmt)
		if err != nil {
			return nil, err
		}
		want := uint32(mfpOptional)
		if p.PMF == drivers.PMFRequired {
			want = mfpRequired
		}
		list = append(list, authParam{authGroupMgmt, bit, true}, authParam{authMFP, want, true})
	}
	return list, nil
}

func flag(on bool) uint32 {
	if on {
		return 1
	}
	return 0
}

func wpaVersion(v drivers.WPAVersions) (uint32, error) {
	switch {
	case v&(drivers.WPAVersion2|drivers.WPAVersion3) != 0:
		return versionWPA2, nil
	case v&drivers.WPAVersion1 != 0:
		return versionWPA, nil
	}
	return 0, errors.New("wext: key management without a version of WPA")
}

// keyMgmt translates the AKMs that there is a word for.
func keyMgmt(selector uint32) (uint32, error) {
	if oui := selector >> 8; oui == ouiRSN || oui == ouiWPA {
		switch selector & 0xff {
		case 1:
			return keyMgmt8021X, nil
		case 2:
			return keyMgmtPSK, nil
		}
	}
	return 0, fmt.Errorf("wext: key management %08x: %w", selector, drivers.ErrNotSupported)
}

func pairwiseBits(selectors []uint32) (bits uint32, err error) {
	if len(selectors) == 0 || len(selectors) > maxPairwise {
		return 0, fmt.Errorf("wext: %d pairwise ciphers, 1 to %d", len(selectors), maxPairwise)
	}
	for _, s := range selectors {
		bit, err := cipherBit(s)
		if err != nil {
			return 0, err
		}
		bits |= bit
	}
	return bits, nil
}

// algorithms are those to try, open system by default.
func algorithms(list []dot11.AuthAlg) (bits uint32, err error) {
	for _, a := range list {
		switch a {
		case dot11.AuthAlgOpen:
			bits |= algorithmOpen
		case dot11.AuthAlgSharedKey:
			bits |= algorithmShared
		case dot11.AuthAlgLEAP:
			bits |= algorithmLEAP
		default:
			return 0, fmt.Errorf("wext: authentication algorithm %d: %w", a, drivers.ErrNotSupported)
		}
	}
	if bits == 0 {
		bits = algorithmOpen
	}
	return bits, nil
}

// setAuth sets one parameter: struct iw_param with the index in its flags.
func (d *device) setAuth(index uint16, value uint32) error {
	var u union
	order.PutUint32(u[:], value)
	order.PutUint16(u[6:], index)
	if err := d.kernel.Value(d.name(), cmdSetAuth, &u); err != nil {
		return fmt.Errorf("parameter %d: %w", index, err)
	}
	return nil
}

// setFreq pins the device to a channel, MHz.
func (d *device) setFreq(mhz int) error {
	var u union // struct iw_freq: mantissa, exponent, index, flags
	order.PutUint32(u[:], uint32(mhz))
	order.PutUint16(u[4:], 6)
	u[7] = 1 // fixed
	return d.kernel.Value(d.name(), cmdSetFreq, &u)
}

// setElements sets the elements of the next association request.
func (d *device) setElements(ies []byte) error {
	_, err := d.kernel.Point(d.name(), cmdSetGenIE, ies, 0)
	return err
}

// connect gives the device everything and, with the name, the start: cfg80211
// connects at the first request after which it has a name, other drivers at any
// time they like. No name is set when it begins.
func (d *device) connect(p *drivers.ConnectParams, auth []authParam) error {
	if d.cfg80211 {
		if err := d.setSSID(nil); err != nil {
			return err
		}
	}
	if err := d.setElements(p.IEs); err != nil && len(p.IEs) > 0 {
		return err
	}
	for _, a := range auth {
		if err := d.setAuth(a.index, a.value); err != nil && a.must {
			return err
		}
	}
	if p.Freq != 0 {
		// Some firmware looks for the name on every channel, whatever it is told.
		if err := d.setFreq(p.Freq); err != nil && !errors.Is(err, unix.EOPNOTSUPP) {
			return err
		}
	}
	if d.cfg80211 {
		return errors.Join(d.setBSSID(p.BSSID), d.setSSID(p.SSID))
	}
	// Here the name comes first: firmware takes an address for the one to use
	// within the network.
	return errors.Join(d.setSSID(p.SSID), d.setBSSID(p.BSSID))
}

// mlme makes the device say goodbye to bssid.
func (d *device) mlme(sub uint16, bssid dot11.MAC, reason uint16) error {
	_, err := d.kernel.Point(d.name(), cmdMLME, wireless.MLMERequest(sub, bssid, reason), 0)
	return err
}

// Subcommands of struct iw_pmksa.
const (
	pmksaAdd    = 1
	pmksaRemove = 2
	pmksaFlush  = 3
)

// pmksa changes the device's cache: struct iw_pmksa, 36 bytes.
func (d *device) pmksa(cmd uint32, e *drivers.PMKSA) error {
	req := make([]byte, 36)
	order.PutUint32(req, cmd)
	order.PutUint16(req[4:], familyEthernet)
	if e != nil {
		copy(req[6:], e.BSSID[:])
		copy(req[20:], e.PMKID[:])
	}
	_, err := d.kernel.Point(d.name(), cmdSetPMKSA, req, 0)
	return err
}

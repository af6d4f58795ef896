package wext

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"math"
	"slices"

	"golang.org/x/sys/unix"

	"gosupplicant/drivers"
	"gosupplicant/drivers/internal/wireless"
	"gosupplicant/engine/dot11"
)

// device speaks to one interface in words of the driver boundary. It has no
// state but names.
type device struct {
	kernel   kernel
	layout   layout
	name     func() string // present name of the interface
	cfg80211 bool
}

// isWireless reports whether the kernel knows the interface as wireless.
func (d *device) isWireless() error {
	var u union
	return d.kernel.Value(d.name(), cmdGetName, &u)
}

// deviceRange reads what the device can do.
func (d *device) deviceRange() (*deviceRange, error) {
	b := make([]byte, 2*rangeSize)
	n, err := d.kernel.Point(d.name(), cmdGetRange, b, 0)
	if err != nil {
		return nil, err
	}
	return parseRange(b[:n])
}

// setManaged makes the device a station of infrastructure networks.
func (d *device) setManaged() error {
	var u union
	if d.kernel.Value(d.name(), cmdGetMode, &u) == nil && order.Uint32(u[:]) == modeInfra {
		return nil
	}
	u = union{}
	order.PutUint32(u[:], modeInfra)
	return d.kernel.Value(d.name(), cmdSetMode, &u)
}

// setBSSID pins the device to a BSS; zero lets it go.
func (d *device) setBSSID(bssid dot11.MAC) error {
	var u union
	order.PutUint16(u[:], familyEthernet)
	copy(u[2:], bssid[:])
	return d.kernel.Value(d.name(), cmdSetAP, &u)
}

// setSSID sets the network that the device looks for; empty means any, or on
// cfg80211 none.
func (d *device) setSSID(ssid []byte) error {
	if len(ssid) > maxESSID {
		return fmt.Errorf("wext: SSID of %d bytes, at most %d", len(ssid), maxESSID)
	}
	var set uint16 // flags: 1 = this name, 0 = none in particular
	if len(ssid) > 0 {
		set = 1
		if d.cfg80211 && len(ssid) < maxESSID && ssid[len(ssid)-1] == 0 {
			ssid = append(bytes.Clone(ssid), 0) // it takes the last zero for iwconfig's terminator
		}
	}
	_, err := d.kernel.Point(d.name(), cmdSetESSID, ssid, set)
	return err
}

// disconnect makes the device leave its network, telling bssid (zero: whoever
// it is) so by an MLME command, and not join another. Drivers that associate by
// themselves as soon as they may are given a name nobody has.
func (d *device) disconnect(cmd uint16, bssid dot11.MAC, reason uint16) error {
	mlmeErr := d.mlme(cmd, bssid, reason)
	if d.cfg80211 {
		// The name goes first: with one, the other request would connect. An error
		// of the command only says that there was nothing to leave.
		return errors.Join(d.setSSID(nil), d.setBSSID(dot11.MAC{}))
	}
	nobody := make([]byte, maxESSID)
	if _, err := rand.Read(nobody); err != nil {
		return err
	}
	if err := errors.Join(d.setBSSID(dot11.MAC{}), d.setSSID(nobody)); err != nil {
		return errors.Join(mlmeErr, err)
	}
	return nil // devices without MLME are content with the name
}

// leave is disconnect for whatever the device is associated with.
func (d *device) leave() error {
	return d.disconnect(wireless.MLMEDisassoc, dot11.MAC{}, reasonLeaving)
}

// reasonLeaving is reason code 3 (IEEE 802.11-2024 Table 9-90).
const reasonLeaving = uint16(dot11.ReasonDeauthLeaving)

// clearWPA takes WPA off the device, so that others find it as it came.
func (d *device) clearWPA() error { return d.setAuth(authWPAEnabled, 0) }

// association tells where the device is; zero without association.
func (d *device) association() (bssid dot11.MAC, ssid []byte, freq int) {
	var u union
	if d.kernel.Value(d.name(), cmdGetAP, &u) != nil {
		return dot11.MAC{}, nil, 0
	}
	copy(bssid[:], u[2:8])
	if !isAssociation(bssid) {
		return dot11.MAC{}, nil, 0
	}
	buf := make([]byte, maxESSID)
	if n, err := d.kernel.Point(d.name(), cmdGetESSID, buf, 0); err == nil {
		ssid = buf[:n]
	}
	return bssid, ssid, d.freq()
}

// isAssociation tells an address from the ways of drivers to say "none".
func isAssociation(m dot11.MAC) bool {
	return !m.IsGroup() && !m.IsZero() && m != dot11.MAC{0x44, 0x44, 0x44, 0x44, 0x44, 0x44}
}

func (d *device) freq() int {
	var u union
	if d.kernel.Value(d.name(), cmdGetFreq, &u) != nil {
		return 0
	}
	return freqMHz(int32(order.Uint32(u[:])), int16(order.Uint16(u[4:])))
}

// startScan asks for a scan. Without SSID, frequencies and Passive the plain
// form is used, which every driver knows.
func (d *device) startScan(p *drivers.ScanParams) error {
	req, flags := scanRequest(p)
	_, err := d.kernel.Point(d.name(), cmdSetScan, req, flags)
	return err
}

// scanRequest makes struct iw_scan_req (316 bytes): type, SSID length, number
// of channels, flags, address (16), SSID (32), two times in TU, channels (8
// bytes each). nil stands for the plain request.
func scanRequest(p *drivers.ScanParams) (req []byte, flags uint16) {
	var ssid []byte
	if !p.Passive {
		for _, s := range p.SSIDs {
			if len(s) > 0 {
				ssid = s
				break
			}
		}
	}
	freqs := p.Freqs
	if len(freqs) > maxChannels {
		freqs = nil // all instead: results may be more than asked for, never less
	}
	if len(ssid) == 0 && len(freqs) == 0 && !p.Passive {
		return nil, 0
	}
	const sockaddr, essid, channels = 4, 20, 60
	req = make([]byte, channels+8*maxChannels)
	if p.Passive {
		req[0] = scanPassive
	}
	order.PutUint16(req[sockaddr:], familyEthernet)
	copy(req[sockaddr+2:], dot11.Broadcast[:])
	if len(ssid) > 0 {
		req[1] = byte(len(ssid))
		copy(req[essid:], ssid)
		flags |= scanThisESSID
	}
	if len(freqs) > 0 {
		req[2] = byte(len(freqs))
		flags |= scanThisFreq
	}
	for i, f := range freqs {
		order.PutUint32(req[channels+8*i:], uint32(f))
		order.PutUint16(req[channels+8*i+4:], 6) // exponent: MHz
	}
	return req, flags
}

// errTooMany: more results than the interface of the kernel can carry.
var errTooMany = errors.New("wext: scan results exceed 64 KiB, which the kernel does not give in parts")

// results reads the results with a buffer that grows until they fit.
func (d *device) results() ([]drivers.ScanResult, error) {
	for size := minScanData; ; size = min(2*size, maxScanData) {
		b := make([]byte, size)
		n, err := d.kernel.Point(d.name(), cmdGetScan, b, 0)
		switch {
		case err == nil:
			return d.layout.parseResults(b[:n])
		case !errors.Is(err, unix.E2BIG):
			return nil, err
		case size == maxScanData:
			return nil, errTooMany
		}
	}
}

// scanRunning reports whether the kernel refuses results because a scan goes on.
func (d *device) scanRunning() bool {
	_, err := d.kernel.Point(d.name(), cmdGetScan, make([]byte, minScanData), 0)
	return errors.Is(err, unix.EAGAIN)
}

// signal reads the statistics of the present link.
func (d *device) signal() (drivers.Signal, error) {
	stats := make([]byte, 32) // struct iw_statistics: status, quality, counters
	n, err := d.kernel.Point(d.name(), cmdGetStats, stats, 1)
	if err != nil {
		return drivers.Signal{}, err
	}
	if n < 6 {
		return drivers.Signal{}, fmt.Errorf("wext: statistics of %d bytes, at least 6", n)
	}
	_, level, noise, flags := (quality{stats[2], stats[3], stats[4], stats[5]}).values()
	s := drivers.Signal{Freq: d.freq(), Noise: drivers.NoiseUnknown}
	if flags&drivers.ResultLevelDBm != 0 && flags&drivers.ResultLevelInvalid == 0 {
		s.Signal = level
	}
	if flags&drivers.ResultLevelDBm != 0 && flags&drivers.ResultNoiseInvalid == 0 {
		s.Noise = noise
	}
	var u union
	if d.kernel.Value(d.name(), cmdGetRate, &u) == nil {
		if bps := int32(order.Uint32(u[:])); bps > 0 && bps < math.MaxInt32 {
			s.TxRate = int(bps / 1000)
		}
	}
	return s, nil
}

// checkScan refuses what the kernel cannot be asked for.
func checkScan(p *drivers.ScanParams) error {
	named := slices.DeleteFunc(slices.Clone(p.SSIDs), func(s []byte) bool { return len(s) == 0 })
	switch {
	case len(named) > 1 && !p.Passive:
		return fmt.Errorf("wext: scan for %d SSIDs: one at a time: %w", len(named), drivers.ErrNotSupported)
	case len(named) == 1 && len(named[0]) > maxESSID:
		return fmt.Errorf("wext: SSID of %d bytes, at most %d", len(named[0]), maxESSID)
	case len(p.IEs) > 0:
		return fmt.Errorf("wext: extra elements in probe requests: %w", drivers.ErrNotSupported)
	}
	for _, f := range p.Freqs {
		if f <= 0 || f > 100_000 {
			return fmt.Errorf("wext: frequency %d MHz", f)
		}
	}
	return nil
}

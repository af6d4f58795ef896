package nl80211

import (
	"gosupplicant/drivers/internal/wireless"
	"gosupplicant/engine/dot11"
)

// Leave implements drivers.Leaver. The kernel needs 40 to 90 ms to end an association
// on request of nl80211, nearly all of it in waiting for its processors, and 10 to 20
// on request of wireless extensions (measured in an emulated machine): see package
// wireless. A kernel without them, or a device that has several links (Wi-Fi 7), is
// asked in the ordinary way. Kernels from 6.3 on note in their log, once, that the
// program uses wireless extensions.
func (i *Interface) Leave(bssid dot11.MAC) error {
	if i.Capability().SMEInUser && i.leaveByIoctl(bssid) {
		return nil
	}
	return i.Deauthenticate(bssid, reasonLeaving)
}

// reasonLeaving is reason code 3 (IEEE 802.11-2024 Table 9-90), the only one that the
// kernel gives when it is asked by wireless extensions.
const reasonLeaving = 3

// leaveByIoctl reports whether the kernel took the request. It is not asked again when
// it once refused.
func (i *Interface) leaveByIoctl(bssid dot11.MAC) bool {
	i.mu.Lock()
	name, refused := i.name, i.noIoctl
	i.mu.Unlock()
	if refused {
		return false
	}
	err := askToLeave(name, bssid)
	if err != nil {
		i.log.Debug("Leaving by wireless extensions is refused", "err", err)
		i.mu.Lock()
		i.noIoctl = true
		i.mu.Unlock()
	}
	return err == nil
}

func askToLeave(ifname string, bssid dot11.MAC) error {
	s, err := wireless.Open()
	if err != nil {
		return err
	}
	defer s.Close()
	_, err = s.Point(ifname, wireless.MLME, wireless.MLMERequest(wireless.MLMEDeauth, bssid, reasonLeaving), 0)
	return err
}

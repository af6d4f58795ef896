package rsn

import (
	"gosupplicant/engine/dot11"
	"gosupplicant/engine/keys"
)

// RekeyData is what a device needs to answer group handshakes while the host sleeps.
type RekeyData struct {
	KEK, KCK      keys.Secret // copies
	ReplayCounter uint64      // of the last frame from the authenticator that was valid
	AKM           dot11.AKM
}

// RekeyData is for an association by RSN with a PTK; ok is false for others.
func (m *Machine) RekeyData() (d RekeyData, ok bool) {
	if m.ptk == nil || !m.rxSet || m.a.Proto != dot11.ProtoRSN || len(m.ptk.kek) == 0 || len(m.ptk.kck) == 0 {
		return RekeyData{}, false
	}
	return RekeyData{KEK: m.ptk.kek.Clone(), KCK: m.ptk.kck.Clone(), ReplayCounter: m.rxCounter, AKM: m.a.AKM}, true
}

// DeviceRekeyed takes the replay counter of a group handshake that the device has
// answered. It only grows.
func (m *Machine) DeviceRekeyed(counter uint64) {
	if m.ptk != nil && m.rxSet && counter > m.rxCounter {
		m.rxCounter = counter
	}
}

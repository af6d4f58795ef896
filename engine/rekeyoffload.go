package engine

import (
	"encoding/binary"
	"errors"

	"gosupplicant/drivers"
)

// offloadRekey gives a device what it needs to answer group handshakes while the machine
// sleeps; without that the access point throws a sleeping station out.
func (i *Interface) offloadRekey(l *link) {
	d, ok := i.drv.(drivers.RekeyOffloader)
	if !ok || l.keys == nil || i.conn.noRekeyOffload {
		return
	}
	k, ok := l.keys.RekeyData()
	if !ok {
		return
	}
	akm, _ := k.AKM.RSNSuite()
	p := &drivers.RekeyData{KEK: k.KEK, KCK: k.KCK, AKM: uint32(akm)}
	binary.BigEndian.PutUint64(p.ReplayCounter[:], k.ReplayCounter)
	var err error
	i.worker.Do(func() {
		err = d.SetRekeyData(p)
		k.KEK.Zero()
		k.KCK.Zero()
	}, func() {
		if err != nil {
			i.log.Debug("The device does not answer group handshakes", "err", err)
			i.conn.noRekeyOffload = i.conn.noRekeyOffload || errors.Is(err, drivers.ErrNotSupported)
		}
	})
}

// deviceRekeyed hears that the device has answered one.
func (i *Interface) deviceRekeyed(ev drivers.EventRekeyed) {
	if l := i.conn.link; l != nil && l.keys != nil && ev.BSSID == l.bss.BSSID {
		l.keys.DeviceRekeyed(binary.BigEndian.Uint64(ev.ReplayCounter[:]))
	}
}

package engine

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"gosupplicant/engine/dot11"
)

// Places are where networks were connected to, by name: kept over restarts so
// that the first scan after one looks there first. They hold no secrets.

// place is one network's last access point.
type place struct {
	ssid  string
	freq  int // MHz
	bssid dot11.MAC
}

// maxPlaces bounds the memory; the oldest go.
const maxPlaces = 64

// places is the memory of one interface, the newest last.
type places struct {
	list  []place
	saved []byte // what the file holds
}

// find returns where a network was last.
func (p *places) find(ssid []byte) *place {
	for k := range p.list {
		if p.list[k].ssid == string(ssid) {
			return &p.list[k]
		}
	}
	return nil
}

// put remembers a place as the newest.
func (p *places) put(n place) {
	p.list = slices.DeleteFunc(p.list, func(o place) bool { return o.ssid == n.ssid })
	p.list = append(p.list, n)
	if len(p.list) > maxPlaces {
		p.list = slices.Delete(p.list, 0, len(p.list)-maxPlaces)
	}
}

// encode writes one line a place: name in hexadecimal, MHz, address.
func (p *places) encode() []byte {
	var b bytes.Buffer
	for _, n := range p.list {
		fmt.Fprintf(&b, "%x %d %v\n", n.ssid, n.freq, n.bssid)
	}
	return b.Bytes()
}

// parsePlaces reads what encode wrote; lines that are not of that form are
// dropped, as the file is only a help.
func parsePlaces(b []byte) *places {
	p := &places{saved: b}
	for line := range strings.Lines(string(b)) {
		w := strings.Fields(line)
		if len(w) != 3 {
			continue
		}
		ssid, err1 := hex.DecodeString(w[0])
		freq, err2 := strconv.Atoi(w[1])
		bssid, err3 := dot11.ParseMAC(w[2])
		if err1 != nil || err2 != nil || err3 != nil || len(ssid) == 0 || len(ssid) > dot11.MaxSSIDLen || freq < 1000 || freq > 100000 {
			continue
		}
		p.put(place{string(ssid), freq, bssid})
	}
	return p
}

// placesFile is the path of the memory, or empty without one.
func (i *Interface) placesFile() string {
	if i.sup.opts.StateDir == "" {
		return ""
	}
	return filepath.Join(i.sup.opts.StateDir, i.cfg.Ifname+".places")
}

// maxPlacesFile bounds what is read of the file, in bytes.
const maxPlacesFile = 64 << 10

// loadPlaces runs on the worker.
func (i *Interface) loadPlaces() *places {
	path := i.placesFile()
	if path == "" {
		return &places{}
	}
	st, err := os.Lstat(path)
	if err != nil || !st.Mode().IsRegular() || st.Size() > maxPlacesFile {
		return &places{}
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return &places{}
	}
	return parsePlaces(b)
}

// rememberPlace keeps where the interface is connected now.
func (i *Interface) rememberPlace(l *link) {
	p := &i.places
	p.put(place{string(l.network.SSID), l.freq, l.bss.BSSID})
	path, b := i.placesFile(), p.encode()
	if path == "" || len(l.network.SSID) == 0 || bytes.Equal(b, p.saved) {
		return
	}
	p.saved = b
	i.worker.Do(func() {
		if err := writePlaces(path, b); err != nil {
			i.log.Debug("The place of the network is not kept over restarts", "err", err)
		}
	}, nil)
}

// writePlaces replaces the file in one step.
func writePlaces(path string, b []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	tmp := path + ".new"
	if err := os.WriteFile(tmp, b, 0o600); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}

package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"gosupplicant/cmd/wpa_supplicant/bench/figures"

	"golang.org/x/sys/unix"
)

// monitorIface hears every frame of the simulated radios, behind a radiotap header.
const monitorIface = "hwsim0"

// kind is a kind of frame of a connection.
type kind uint8

const (
	kindProbe kind = iota
	kindAuth
	kindAssoc
	kindEAPOL
)

// heard is a frame on the air.
type heard struct {
	at          time.Time
	kind        kind
	fromStation bool
}

// monitor keeps the frames of one station with the time when they were heard.
type monitor struct {
	fd      int
	station net.HardwareAddr
	mu      sync.Mutex
	frames  []heard
}

func startMonitor() (*monitor, error) {
	sta, err := net.InterfaceByName(stationIface)
	if err != nil {
		return nil, err
	}
	if err := setUp(monitorIface); err != nil {
		return nil, fmt.Errorf("%s: %w", monitorIface, err)
	}
	air, err := net.InterfaceByName(monitorIface)
	if err != nil {
		return nil, err
	}
	all := uint16(unix.ETH_P_ALL)
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	if err := unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: all<<8 | all>>8, Ifindex: air.Index}); err != nil {
		return nil, errors.Join(err, unix.Close(fd))
	}
	m := &monitor{fd: fd, station: sta.HardwareAddr}
	go m.listen()
	return m, nil
}

// setUp is `ip link set NAME up`.
func setUp(name string) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	r, err := unix.NewIfreq(name)
	if err != nil {
		return err
	}
	if err := unix.IoctlIfreq(fd, unix.SIOCGIFFLAGS, r); err != nil {
		return err
	}
	r.SetUint16(r.Uint16() | unix.IFF_UP)
	return unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, r)
}

func (m *monitor) listen() {
	buf := make([]byte, 4096)
	for {
		n, err := unix.Read(m.fd, buf)
		now := time.Now()
		if err != nil {
			fmt.Fprintf(os.Stderr, "connect: %s: %v\n", monitorIface, err)
			return
		}
		if h, ok := classify(buf[:n], m.station); ok {
			h.at = now
			m.mu.Lock()
			m.frames = append(m.frames, h)
			m.mu.Unlock()
		}
	}
}

// take returns the frames heard since the last call.
func (m *monitor) take() []heard {
	m.mu.Lock()
	defer m.mu.Unlock()
	f := m.frames
	m.frames = nil
	return f
}

// classify tells what a frame with a radiotap header is to a station.
func classify(b []byte, station net.HardwareAddr) (heard, bool) {
	const macHeader = 24
	if len(b) < 4 {
		return heard{}, false
	}
	skip := int(binary.LittleEndian.Uint16(b[2:]))
	if len(b) < skip+macHeader {
		return heard{}, false
	}
	f := b[skip:]
	h := heard{fromStation: bytes.Equal(f[10:16], station)}
	if !h.fromStation && !bytes.Equal(f[4:10], station) {
		return heard{}, false
	}
	switch f[0] & 0xfc {
	case 0x40:
		h.kind = kindProbe
	case 0xb0:
		h.kind = kindAuth
	case 0x00, 0x10, 0x20, 0x30:
		h.kind = kindAssoc
	case 0x08, 0x88:
		body := macHeader
		if f[0] == 0x88 {
			body += 2
		}
		if len(f) < body+8 || !bytes.Equal(f[body:body+8], []byte{0xaa, 0xaa, 3, 0, 0, 0, 0x88, 0x8e}) {
			return heard{}, false
		}
		h.kind = kindEAPOL
	default:
		return heard{}, false
	}
	return h, true
}

// phaseNames are the parts of a connection, in ms: what comes before the first
// frame of the authentication that led to it; then for each exchange the time
// the station took for its frames, and the access point for its; the rest until
// the event.
var phaseNames = []string{"before", "auth", "(AP)", "assoc", "(AP)", "keys", "(AP)", "after"}

// phasesOf divides the time between two moments.
func phasesOf(frames []heard, from, to time.Time) []float64 {
	frames = slices.DeleteFunc(slices.Clone(frames), func(h heard) bool {
		return h.kind == kindProbe || h.at.Before(from) || h.at.After(to)
	})
	const pause = 300 * time.Millisecond // within an attempt there is none as long
	first := 0
	for k, h := range frames { // the beginning of the last attempt
		if h.kind == kindAuth && h.fromStation && (k == 0 || frames[k-1].kind != kindAuth || h.at.Sub(frames[k-1].at) > pause) {
			first = k
		}
	}
	frames = frames[min(first, len(frames)):]
	p := make([]float64, len(phaseNames))
	last := from
	for k, h := range frames {
		d := float64(h.at.Sub(last)) / float64(time.Millisecond)
		last = h.at
		at := 1 + 2*int(h.kind-kindAuth)
		if k == 0 {
			at = 0
		} else if !h.fromStation {
			at++
		}
		p[at] += d
	}
	p[len(p)-1] = float64(to.Sub(last)) / float64(time.Millisecond)
	return p
}

// phaseTable keeps the phases of each situation, by program.
type phaseTable struct {
	names  []string
	values map[string]map[int][][]float64
}

func (t *phaseTable) add(name string, who int, p []float64) {
	if t.values == nil {
		t.values = map[string]map[int][][]float64{}
	}
	if t.values[name] == nil {
		t.names = append(t.names, name)
		t.values[name] = map[int][][]float64{}
	}
	t.values[name][who] = append(t.values[name][who], p)
}

// print writes a line for each program that was measured; labels are their names.
func (t *phaseTable) print(to io.Writer, labels []string) error {
	w := tabwriter.NewWriter(to, 2, 8, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "where the time goes (median ms)\t\t%s\t\n", strings.Join(phaseNames, "\t"))
	for _, name := range t.names {
		for who, label := range labels {
			rows := t.values[name][who]
			if len(rows) == 0 {
				continue
			}
			fmt.Fprintf(w, "%s\t%s\t", name, label)
			for k := range phaseNames {
				var column []float64
				for _, r := range rows {
					column = append(column, r[k])
				}
				fmt.Fprintf(w, "%.1f\t", figures.At(column, 0.5))
			}
			fmt.Fprintln(w)
		}
	}
	return w.Flush()
}

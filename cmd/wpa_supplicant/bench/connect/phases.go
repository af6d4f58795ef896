package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
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

// monitor hears the frames of one station. The kernel keeps them, with the time when
// they were heard, until somebody asks: reading each as it comes would take processor
// time from those who are measured.
type monitor struct {
	fd      int
	station net.HardwareAddr
}

func startMonitor() (*monitor, error) {
	sta, err := net.InterfaceByName(stationIface)
	if err != nil {
		return nil, err
	}
	if _, err := setUp(monitorIface, true); err != nil {
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
	const room = 16 << 20 // bytes, for what is heard in a minute
	err = errors.Join(unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, room),
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1),
		unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: all<<8 | all>>8, Ifindex: air.Index}))
	if err != nil {
		return nil, errors.Join(err, unix.Close(fd))
	}
	return &monitor{fd: fd, station: sta.HardwareAddr}, nil
}

// setUp is `ip link set NAME up`, or down, and tells whether it was up.
func setUp(name string, up bool) (was bool, err error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return false, err
	}
	defer unix.Close(fd)
	r, err := unix.NewIfreq(name)
	if err != nil {
		return false, err
	}
	if err := unix.IoctlIfreq(fd, unix.SIOCGIFFLAGS, r); err != nil {
		return false, err
	}
	flags := r.Uint16()
	was = flags&unix.IFF_UP != 0
	if flags &^= unix.IFF_UP; up {
		flags |= unix.IFF_UP
	}
	r.SetUint16(flags)
	return was, unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, r)
}

// take returns the frames heard since the last call.
func (m *monitor) take() ([]heard, error) {
	var frames []heard
	buf, control := make([]byte, 4096), make([]byte, 256)
	for {
		n, nc, _, _, err := unix.Recvmsg(m.fd, buf, control, unix.MSG_DONTWAIT)
		if errors.Is(err, unix.EAGAIN) {
			return frames, m.lost()
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", monitorIface, err)
		}
		if h, ok := classify(buf[:n], m.station); ok {
			if h.at, err = figures.HeardAt(control[:nc]); err != nil {
				return nil, err
			}
			frames = append(frames, h)
		}
	}
}

// lost tells of frames for which there was no room since it was called last.
func (m *monitor) lost() error {
	st, err := unix.GetsockoptTpacketStats(m.fd, unix.SOL_PACKET, unix.PACKET_STATISTICS)
	if err == nil && st.Drops > 0 {
		err = fmt.Errorf("%s: %d frames were lost", monitorIface, st.Drops)
	}
	return err
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
